"""Runs a coroutine in a thread of its own, on an event loop of its own, while the calling thread waits for it.

The thread is there as long as the coroutine. Knows no asyncio policy, no loop and no signal handler of the program's.
"""

from __future__ import annotations

from _queue import SimpleQueue
from _thread import allocate_lock, get_ident, start_new_thread
from asyncio import SelectorEventLoop, Task, get_running_loop
from contextvars import Context
from selectors import SelectSelector
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable, Coroutine
    from typing import Any

    from lowdb.repl.console import Host


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
        return self._value.pop()


class Meeting[T]:
    """A waiting thread and the one that serves it."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._waiting = get_ident()
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._loop: AbstractEventLoop | None = None
        self._busy = False

    def hold(self, make: Callable[[], Coroutine[object, object, T]], cancel: Callable[[], None]) -> T:
        """What the coroutine returns, run in a thread of its own. Raises what it raises.

        Where KeyboardInterrupt comes to the waiting thread, `cancel` is called in the other one: it has to make the
        coroutine end. Raises RuntimeError where no thread can be started any more.
        """
        outcome: Outcome[T] = Outcome()

        def serve() -> None:
            me = get_ident()
            self._host.own_thread(me, True)
            try:
                outcome.run(lambda: Context().run(self._run, make))
            finally:
                self._host.own_thread(me, False)
                self._jobs.put(None)

        start_new_thread(serve, ())
        while True:
            try:
                job = self._jobs.get()
                if job is None:
                    return outcome.take()
                job()
            except KeyboardInterrupt:
                self._call(cancel)

    def errand[R](self, function: Callable[[], R]) -> R:
        """Run `function` in the waiting thread, from any other one of lowdb's. Raises what it raises."""
        outcome: Outcome[R] = Outcome()
        done = allocate_lock()
        done.acquire()

        def job() -> None:
            self._busy = True
            outcome.run(function)
            self._busy = False
            done.release()

        self._jobs.put(job)
        done.acquire()
        return outcome.take()

    async def aside[R](self, function: Callable[[], R]) -> R:
        """Run `function` in a further thread of lowdb's own, awaited by the coroutine. Raises what it raises."""
        loop = get_running_loop()
        future = loop.create_future()
        outcome: Outcome[R] = Outcome()

        def work() -> None:
            me = get_ident()
            self._host.own_thread(me, True)
            try:
                outcome.run(function)
            finally:
                self._host.own_thread(me, False)
                self._call(lambda: None if future.done() else future.set_result(None))

        start_new_thread(work, ())
        await future
        return outcome.take()

    def interrupt(self) -> None:
        """Ctrl-C was typed: what an errand runs is to end."""
        if self._busy:
            self._host.interrupt(self._waiting)

    def _call(self, function: Callable[[], object]) -> None:
        loop = self._loop
        if loop is not None:
            try:
                loop.call_soon_threadsafe(function)
            except RuntimeError:  # it is closed
                pass

    def _run(self, make: Callable[[], Coroutine[object, object, T]]) -> T:
        loop = SelectorEventLoop(SelectSelector())
        loop.set_task_factory(_named)
        self._loop = loop
        try:
            return loop.run_until_complete(make())
        finally:
            self._loop = None
            loop.close()


def _named(loop: AbstractEventLoop, coroutine: Any, **options: Any) -> Task[Any]:
    """A task with a name of ours: a number would be missing in the names of the program's tasks."""
    return Task(coroutine, loop=loop, **{**options, "name": "lowdb"})
