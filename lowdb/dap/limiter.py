"""Evaluations that can be ended from outside: by the request `cancel`, by `pause`, by a clock."""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # importing signal itself builds enums: 1 ms of the start
from _thread import allocate_lock, get_ident, start_new_thread
from time import sleep
from typing import TYPE_CHECKING, Any, Final

from lowdb.dap.registry import Refused
from lowdb.engine.ending import raise_in_thread
from lowdb.program.threads import main_ident

if TYPE_CHECKING:
    from collections.abc import Callable

    from lowdb.dap.halt import Halt
    from lowdb.dap.server import Server
    from lowdb.engine.delivery import Evaluation
    from lowdb.engine.stops import Stop

SECONDS: Final = {"hover": 2.0, "watch": 10.0, "variables": 10.0}
"""How long an evaluation may take that nobody asked for by hand, by its context."""


SHOWN_AFTER: Final = 1.0
"""Seconds after which a client that shows progress is told that an evaluation lasts."""
GRACE: Final = 5.0
"""Seconds that an evaluation which was ended may take to end, before nobody waits for it any more."""


class _Running:
    __slots__ = ("awaits", "done", "halt", "raised", "seconds", "sent", "seq", "shown", "thread", "ticket", "why")

    def __init__(self, seq: int, seconds: float | None, halt: Halt | None) -> None:
        self.seq = seq
        self.seconds = seconds
        self.halt = halt
        self.thread = get_ident()
        self.ticket = [True]
        """Who takes it out decides: the evaluation, that it has ended; or who ends it, that an exception comes."""
        self.raised = False
        self.why = ""
        self.sent = False
        """Whether the exception is on its way."""
        self.awaits = False
        """It waits for a coroutine: the main thread then takes SIGINT as the order to cancel that."""
        self.shown = False
        """Whether the client shows that it lasts."""
        self.done = allocate_lock()


class Limiter:
    """Knows the evaluations that run now: one in the stopped thread, those inside which it came to be, one aside."""

    # An exception that is raised from outside comes between any two bytecodes of the evaluating thread, also right
    # after it took a lock: so that thread takes none here, it only takes a ticket out of a list.

    def __init__(self, server: Server) -> None:
        self._server = server
        self._running: list[_Running] = []

    def run[T](self, seq: int, stop: Stop | None, seconds: float | None, function: Callable[[], T]) -> T:
        """Call `function`, which runs the program's code. Raises what it raises, Refused where it was ended."""
        running = _Running(seq, seconds, self._server.halt)
        watched = seconds is not None or self._server.client.progress
        if watched:
            running.done.acquire()
            start_new_thread(self._watch, (running,))
        evaluation = self._server.debugger.evaluating(stop)
        error: BaseException | None = None
        try:
            evaluation.__enter__()
            self._running.append(running)
            value = function()
        except BaseException as raised:
            error = raised
        self._over(running, evaluation)
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
        me = get_ident()
        running = next(one for one in reversed(self._running) if one.thread == me)
        running.awaits = True
        try:
            return function()
        finally:
            running.awaits = False

    def cancel(self, seq: int | None, why: str) -> bool:
        """End the evaluation of the request `seq`, any with None. Returns whether there was one."""
        halt = self._server.halt
        for running in reversed(self._running.copy()):
            if seq is not None and running.seq != seq:
                continue
            if halt is not None and running.halt is not None and halt is not running.halt:
                return False  # it has come to a stop of its own: that has to go on first
            try:
                running.ticket.pop()
            except IndexError:
                return running.raised  # it is over, or ended already
            running.raised, running.why = True, why
            heard = running.awaits or _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler
            try:
                if heard and running.thread == main_ident():
                    # ends also a sleep or a read that it is in; one of the two only, or a second one is left over
                    _signal.pthread_kill(running.thread, _signal.SIGINT)
                else:
                    raise_in_thread(running.thread, KeyboardInterrupt)
            finally:
                running.sent = True
            return True
        return False

    def _over(self, running: _Running, evaluation: Evaluation) -> None:
        """From now on it cannot be ended; an end that is on its way is waited for."""
        while True:
            try:
                if running in self._running:
                    self._running.remove(running)
                if running.ticket:
                    try:
                        running.ticket.pop()
                        break
                    except IndexError:
                        pass  # just now
                while running.raised and not running.sent:
                    sleep(0)
                for _ in range(1000):  # it comes at the next turn of a loop
                    pass
                break
            except KeyboardInterrupt:
                continue
        if running.done.locked():
            try:
                running.done.release()
            except RuntimeError:
                pass
        try:
            evaluation.__exit__()
        except (AttributeError, RuntimeError):  # it was ended before it had begun
            pass

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
