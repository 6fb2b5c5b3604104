"""Runs a coroutine in a thread of its own, on an event loop of its own, while the calling thread waits for it.

The thread is there as long as the coroutine. Knows no asyncio policy, no loop and no signal handler of the program's.
"""

from __future__ import annotations

import os
import threading
from _queue import SimpleQueue
from _thread import allocate_lock, get_ident, get_native_id, start_new_thread
from asyncio import SelectorEventLoop, Task, get_running_loop
from asyncio.log import logger
from collections import deque
from contextvars import Context
from selectors import SelectSelector
from time import monotonic, sleep
from typing import TYPE_CHECKING

from lowdb.repl.console import Interrupted, NoThread

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable, Coroutine
    from typing import Any, NoReturn

    from lowdb.repl.console import Host


_ENDING = 0.25
"""Seconds that a thread gets to end after its last word."""


class Outcome[T]:
    """What a function has returned or raised in another thread."""

    __slots__ = ("_error", "_value")

    def __init__(self) -> None:
        self._value: list[T] = []
        self._error: BaseException | None = None

    def run(self, function: Callable[[], T]) -> None:
        """Call it and keep what comes of it."""
        try:
            self._value.append(function())
        except BaseException as error:
            self._error = error

    def take(self) -> T:
        """What it returned, once. Raises what it raised."""
        error, self._error = self._error, None
        if error is not None:
            try:
                raise error
            finally:
                del error
        if not self._value:
            raise RuntimeError("the thread ended without an answer")
        return self._value.pop()


class Meeting[T]:
    """A thread that waits, and the one that serves it meanwhile."""

    def __init__(self, host: Host, end: Callable[[BaseException], None]) -> None:
        self._host = host
        self._end = end
        self._waiting = get_ident()
        self._jobs: deque[Callable[..., None]] = deque()  # one leaves it when it is done: Ctrl-C may come any time
        self._wake: SimpleQueue[None] = SimpleQueue()
        self._served = False
        self._closing = allocate_lock()
        self._over = False
        self._loop: AbstractEventLoop | None = None
        self._busy = False
        self._threads: list[list[int]] = []  # of each thread the system's number, as soon as it runs
        self.strays: list[Exception] = []
        """What signal handlers of the program's have raised meanwhile."""

    def hold(self, make: Callable[[], Coroutine[object, object, T]]) -> T:
        """What the coroutine returns, run in a thread of its own. Raises what it raises.

        Where KeyboardInterrupt comes to the waiting thread, `end` is called with it in the other one: it has to make
        the coroutine raise it. Raises NoThread where none can be started.
        """
        outcome: Outcome[T] = Outcome()

        def run() -> T:
            try:
                with _OwnThread(self._host):
                    return Context().run(self._run, make)
            except (Exception, KeyboardInterrupt, Interrupted):
                raise
            except BaseException as error:  # a SystemExit here is a fault of ours and must end nothing
                raise RuntimeError(f"{type(error).__name__}: {error}") from None

        def serve() -> None:
            outcome.run(run)
            self._served = True
            self._wake.put(None)

        try:
            self._start(serve)
        except RuntimeError as error:
            raise NoThread from error
        ending = False
        while True:
            try:
                while self._jobs and not self._served:
                    self._jobs[0](not ending)
                    self._jobs.popleft()
                if self._served:
                    break
                self._wake.get()
            except KeyboardInterrupt as interrupt:
                ending = True  # what was just about to be done is not done any more
                self.end(interrupt)
            except Exception as error:  # of a signal handler
                self.strays.append(error)
            except BaseException as error:
                self.end(Interrupted(error))
        self._refuse()
        self._wait_for_threads()
        return outcome.take()

    def end(self, error: BaseException) -> None:
        """Make the coroutine raise `error`, from whatever thread."""
        self._soon(lambda: self._end(error))

    def errand[R](self, function: Callable[[], R]) -> R:
        """Run `function` in the waiting thread, from any other one of lowdb's. Raises what it raises.

        Raises RuntimeError where it waits no more.
        """
        outcome: Outcome[R] = Outcome()
        done = allocate_lock()
        done.acquire()

        ran = False

        def job(wanted: bool = True) -> None:
            nonlocal ran
            if not ran:
                self._busy = wanted
                outcome.run(function if wanted else _too_late)
                self._busy = False
                ran = True
            if done.locked():
                done.release()

        with self._closing:
            if self._over:
                _too_late()
            self._jobs.append(job)
            self._wake.put(None)
        done.acquire()
        return outcome.take()

    async def aside[R](self, function: Callable[[], R]) -> R:
        """Run `function` in a further thread of lowdb's own, awaited by the coroutine. Raises what it raises."""
        future = get_running_loop().create_future()
        outcome: Outcome[R] = Outcome()

        def work() -> None:
            with _OwnThread(self._host):
                outcome.run(function)
            self._soon(lambda: None if future.done() else future.set_result(None))

        self._start(work)
        await future
        return outcome.take()

    def interrupt(self) -> None:
        """Ctrl-C was typed: what an errand runs is to end."""
        if self._busy:
            self._host.interrupt(self._waiting)

    def _start(self, function: Callable[[], None]) -> None:
        native: list[int] = []

        def begin() -> None:
            try:
                native.append(get_native_id())
            finally:
                function()

        start_new_thread(begin, ())
        self._threads.append(native)

    def _refuse(self) -> None:
        """Nobody waits any more: what is still to be done for a completion, say, is not done."""
        with self._closing:
            self._over = True
        while self._jobs:
            self._jobs.popleft()(False)

    def _wait_for_threads(self) -> None:
        """Wait until the system has none of our threads any more, at most a moment: a fork would warn of them."""
        limit = monotonic() + _ENDING
        for native in self._threads:
            while (not native or os.path.exists(f"/proc/self/task/{native[0]}")) and monotonic() < limit:
                sleep(0.0001)

    def _soon(self, function: Callable[[], object]) -> None:
        loop = self._loop
        if loop is not None:
            try:
                loop.call_soon_threadsafe(function)
            except RuntimeError:  # it is closed
                pass

    def _run(self, make: Callable[[], Coroutine[object, object, T]]) -> T:
        loop = _new_loop()
        loop.set_exception_handler(lambda _, about: self._fail(about))
        self._loop = loop
        try:
            return loop.run_until_complete(make())
        finally:
            self._loop = None
            loop.close()

    def _fail(self, about: dict[str, Any]) -> None:
        """Something in the loop has raised and nobody awaits it: better no line than one that hangs."""
        error = about.get("exception")
        if error is not None:
            self._end(error)


def _too_late() -> NoReturn:
    raise RuntimeError("no line is being typed")


class _OwnThread:
    """While it lasts, the calling thread is lowdb's: the engine passes over it, `threading` has no number for it.

    `threading.current_thread()`, which prompt-toolkit calls, would make a dummy and count it, and the next thread of
    the program would be called Thread-2.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._ident = get_ident()

    def __enter__(self) -> None:
        self._host.own_thread(self._ident, True)
        vars(threading)["_active"][self._ident] = _StandIn(self._ident)

    def __exit__(self, *exc: object) -> None:
        vars(threading)["_active"].pop(self._ident, None)
        self._host.own_thread(self._ident, False)


class _StandIn:
    """A thread of lowdb's as the program's `threading` sees it. A real Thread would look at hooks of the program's."""

    name = "lowdb"
    daemon = True

    def __init__(self, ident: int) -> None:
        self.ident = self.native_id = ident

    def is_alive(self) -> bool:
        """It is gone as soon as anybody could wait for it."""
        return False

    def join(self, timeout: float | None = None) -> None:
        """Nobody has to wait for it."""

    def _after_fork(self, *_: object) -> None:
        """In a forked child; from 3.13 on."""

    _reset_internal_locks = _stop = _after_fork  # in 3.12


def _new_loop() -> AbstractEventLoop:
    disabled = logger.disabled
    logger.disabled = True  # a loop logs which selector it uses, into the program's log
    try:
        loop = SelectorEventLoop(SelectSelector())
    finally:
        logger.disabled = disabled
    loop.set_debug(False)
    loop.set_task_factory(_named)
    return loop


def _named(loop: AbstractEventLoop, coroutine: Any, **options: Any) -> Task[Any]:
    """A task with a name of ours: a number would be missing in the names of the program's tasks."""
    return Task(coroutine, loop=loop, **{**options, "name": "lowdb"})
