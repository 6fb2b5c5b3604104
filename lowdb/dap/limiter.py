"""Evaluations that can be ended from outside: by the request `cancel`, by `pause`, by a clock."""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # importing signal itself builds enums: 1 ms of the start
from _thread import allocate_lock, get_ident, start_new_thread
from typing import TYPE_CHECKING, Any, Final

from lowdb.dap.registry import Refused
from lowdb.engine.ending import raise_in_thread
from lowdb.program.threads import main_ident

if TYPE_CHECKING:
    from collections.abc import Callable

    from lowdb.dap.server import Server
    from lowdb.engine.stops import Stop

SECONDS: Final = {"hover": 2.0, "watch": 10.0, "variables": 10.0}
"""How long an evaluation may take that nobody asked for by hand, by its context."""


SHOWN_AFTER: Final = 1.0
"""Seconds after which a client that shows progress is told that an evaluation lasts."""
GRACE: Final = 5.0
"""Seconds that an evaluation which was ended may take to end, before nobody waits for it any more."""


class _Running:
    __slots__ = ("awaits", "done", "raised", "seconds", "seq", "shown", "thread", "why")

    def __init__(self, seq: int, seconds: float | None) -> None:
        self.seq = seq
        self.seconds = seconds
        self.shown = False
        """Whether the client shows that it lasts."""
        self.thread = get_ident()
        self.awaits = False
        """It waits for a coroutine: the main thread then takes SIGINT as the order to cancel that."""
        self.raised = False
        self.why = ""
        self.done = allocate_lock()


class Limiter:
    """Knows the evaluation that runs now; there is one at a time, and those inside which it came to be."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._lock = allocate_lock()
        self._running: list[_Running] = []

    def run[T](self, seq: int, stop: Stop | None, seconds: float | None, function: Callable[[], T]) -> T:
        """Call `function`, which runs the program's code. Raises what it raises, Refused where it was ended."""
        running = _Running(seq, seconds)
        with self._lock:
            self._running.append(running)
        watched = seconds is not None or self._server.client.progress
        if watched:
            running.done.acquire()
            start_new_thread(self._watch, (running,))
        error: BaseException | None = None
        try:
            with self._server.debugger.evaluating(stop):
                value = function()
        except BaseException as raised:
            error = raised
        self._over(running, watched)
        if running.raised and (error is None or type(error) is KeyboardInterrupt):
            error = Refused(running.why)
        if error is None:
            return value
        try:
            raise error from None
        finally:
            error = None  # this frame and the traceback would hold each other

    def awaiting[T](self, function: Callable[[], T]) -> T:
        """Call `function`, which waits for a coroutine, in an evaluation that `run` has begun."""
        running = self._running[-1]
        running.awaits = True
        try:
            return function()
        finally:
            running.awaits = False

    def cancel(self, seq: int | None, why: str) -> bool:
        """End the evaluation of the request `seq`, any with None. Returns whether there was one."""
        with self._lock:
            if not self._running:
                return False
            running = self._running[-1]
            if seq is not None and running.seq != seq:
                return False
            if running.raised:
                return True
            running.raised, running.why = True, why
            if running.awaits and running.thread == main_ident():
                _signal.pthread_kill(running.thread, _signal.SIGINT)
                return True
            raise_in_thread(running.thread, KeyboardInterrupt)
            if running.thread == main_ident() and _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
                # a sleep or a read that the main thread is in ends only for a signal
                _signal.pthread_kill(running.thread, _signal.SIGINT)
            return True

    def _over(self, running: _Running, watched: bool) -> None:
        """From now on it cannot be ended; an end that is on its way is waited for."""
        while True:
            try:
                with self._lock:
                    if running in self._running:
                        self._running.remove(running)
                if watched and running.done.locked():
                    running.done.release()
                if running.raised:
                    for _ in range(1000):  # an exception from outside comes at the next turn of a loop
                        pass
                return
            except KeyboardInterrupt:
                continue

    def _watch(self, running: _Running) -> None:
        """The clock of one evaluation, in a thread of its own: tells the client that it lasts, ends it in time."""
        server, me = self._server, get_ident()
        server.debugger.world.passed_over.add(me)
        left = running.seconds
        try:
            if server.client.progress and (left is None or left > SHOWN_AFTER):
                if running.done.acquire(timeout=SHOWN_AFTER):
                    return
                left = None if left is None else left - SHOWN_AFTER
                server.event("progressStart", self._progress(running))
            if not running.done.acquire(timeout=-1 if left is None else left):
                self.cancel(running.seq, f"ended: it took longer than {running.seconds:g} seconds")
                running.done.acquire(timeout=GRACE)
        finally:
            if running.shown:
                server.event("progressEnd", {"progressId": f"evaluation {running.seq}"})
            server.debugger.world.passed_over.discard(me)

    @staticmethod
    def _progress(running: _Running) -> dict[str, Any]:
        running.shown = True
        return {
            "progressId": f"evaluation {running.seq}",
            "title": "lowdb: evaluating",
            "requestId": running.seq,
            "cancellable": True,
        }
