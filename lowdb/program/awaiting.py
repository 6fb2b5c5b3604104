"""Runs a coroutine to its end at a prompt, in the stopped thread: on the loop that stands still, else on a fresh one.

The loop of the stopped task is run on from inside that task, turn by turn (`_run_once`), until the coroutine is done.
Other tasks go on meanwhile; the task that stopped does not.
"""

from __future__ import annotations

import sys
from _thread import get_ident
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from lowdb.program.guard import class_place, mro
from lowdb.program.imports import standard
from lowdb.program.scopes import locals_snapshot
from lowdb.program.threads import main_ident

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from types import FrameType
    from typing import Any

    type Say = Callable[[str, bool], None]
    """Shows a remark; True: only once in a session."""

NAME: Final = "lowdb await"
"""The name of the task that the coroutine runs in."""
_PATIENCE: Final = 3.0
"""Seconds until the person is told how to give up."""


class CannotAwait(Exception):
    """The text says why nothing can be awaited here."""


def run(coroutine: Coroutine[Any, Any, Any], say: Say) -> object:
    """Run it as a task of its own and return its result; `say` gets remarks for the person.

    Raises CannotAwait (the coroutine is closed then), KeyboardInterrupt where Ctrl-C cancelled it, and whatever it
    raises. The task has a copy of the context variables of this point.
    """
    try:
        loop = _running_loop()
    except CannotAwait:
        coroutine.close()
        raise
    if loop is None:
        return _on_fresh_loop(coroutine, say)
    tasks: Any = sys.modules["asyncio.tasks"]
    current = tasks.current_task(loop)
    ready = loop._ready
    before = len(ready)
    busy, aside = _entered(), []
    if current is not None:
        tasks._leave_task(loop, current)
    try:
        waiting = _Waiting(loop, loop.create_task(coroutine, name=NAME), say)
        with waiting.interruptible():
            turns = 0
            while not waiting.task.done():
                aside += _take_out(ready, busy)
                loop._run_once()
                turns += 1
        if turns > 1 and not waiting.cancelled:
            waiting.remark("(other tasks of the loop ran meanwhile; breakpoints in them were passed over)", True)
    finally:
        ready.extendleft(reversed(aside))
        # The turn that is under way on the stack goes through as many callbacks as there were: it must find them.
        handle: Any = sys.modules["asyncio.events"].Handle
        while len(ready) < before:
            blank = handle(print, (), loop)
            blank.cancel()
            ready.append(blank)
        if current is not None:
            tasks._enter_task(loop, current)
    return waiting.result()


def _running_loop() -> Any:
    """The loop that runs in this thread, None for none. Raises CannotAwait for one that cannot be run on from here."""
    if _in_trio():
        raise CannotAwait("this thread runs trio, whose loop cannot be run on from inside a task: asyncio's can")
    asyncio = sys.modules.get("asyncio")
    if asyncio is None or "asyncio.tasks" not in sys.modules:
        return None
    loop = asyncio.events._get_running_loop()
    if loop is None or any(class_place(base) == "asyncio.base_events.BaseEventLoop" for base in mro(type(loop))):
        return loop
    raise CannotAwait(
        f"this thread runs {class_place(type(loop))}, which cannot be run on from inside a task: asyncio's own loop can"
        " (!t = asyncio.ensure_future(…) lets it run when the program goes on)"
    )


def _entered() -> set[int]:
    """The ids of the contexts that callbacks of the loop on this stack run in: nobody can enter them a second time."""
    found = set()
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        code = frame.f_code
        if code.co_name == "_run" and code.co_filename.endswith("events.py"):
            found.add(id(getattr(locals_snapshot(frame).get("self"), "_context", None)))
        frame = frame.f_back
    return found


def _take_out(ready: Any, busy: set[int]) -> list[Any]:
    """Take the callbacks that want one of these contexts out of the queue: asyncio would lose them."""
    found = [handle for handle in ready if id(getattr(handle, "_context", None)) in busy]
    for handle in found:
        ready.remove(handle)
    return found


def _in_trio() -> bool:
    trio = sys.modules.get("trio")
    if trio is None:
        return False
    try:
        trio.lowlevel.current_trio_token()
    except (RuntimeError, AttributeError):
        return False
    return True


def _on_fresh_loop(coroutine: Coroutine[Any, Any, Any], say: Say) -> object:
    """Where no loop runs: on one of lowdb's own, which nobody else sees. What it leaves behind is cancelled."""
    with standard("asyncio", "selectors", "socket", "ssl", "subprocess", "concurrent"):
        import asyncio  # start-up: only where somebody awaits in a program without a loop
    # neither a policy nor the thread's current loop is touched: run_until_complete needs neither
    loop = asyncio.SelectorEventLoop()
    try:
        waiting = _Waiting(loop, loop.create_task(coroutine, name=NAME), say)
        with waiting.interruptible():
            try:
                loop.run_until_complete(waiting.task)
            except BaseException:
                if not waiting.task.done():
                    raise
        return waiting.result()
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()


class _Waiting:
    """One coroutine that is waited for."""

    def __init__(self, loop: Any, task: Any, say: Say) -> None:
        self.loop = loop
        self.task = task
        self._say = say
        self.cancelled = False
        """Whether the person has given up."""

    def remark(self, text: str, once: bool = False) -> None:
        """Tell the person; whatever that does, the loop goes on."""
        try:
            self._say(text, once)
        except Exception:
            pass

    def result(self) -> object:
        """What the coroutine returned. Raises what it raised, KeyboardInterrupt where the person cancelled it."""
        if self.cancelled and self.task.cancelled():
            raise KeyboardInterrupt
        return self.task.result()

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """Ctrl-C cancels the task, and no other one; the second time it raises KeyboardInterrupt wherever it comes."""
        hint = self.loop.call_later(_PATIENCE, self.remark, "(still waiting; Ctrl-C gives up)")
        with standard("signal"):
            import signal  # start-up: only here
        theirs: Any = None
        try:
            if get_ident() == main_ident() and (theirs := signal.getsignal(signal.SIGINT)) is not None:
                signal.signal(signal.SIGINT, self._interrupted)
            yield
        finally:
            if theirs is not None:
                signal.signal(signal.SIGINT, theirs)
            hint.cancel()
            if not self.task.done():
                self.task.cancel()

    def _interrupted(self, number: int, frame: object) -> None:
        if self.cancelled:
            raise KeyboardInterrupt
        self.cancelled = True
        self.loop.call_soon_threadsafe(self.task.cancel)  # wakes a loop that waits
