"""Stacks for the client: a thread's frames, with the tasks that wait for the one that stopped as if they had called it.

Runs in the stopped thread. What lies between two tasks is a label, an entry without a place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lowdb.dap.registry import Refused
from lowdb.program.frames import FrameInfo, is_generator_like, stack, traceback_stack
from lowdb.program.tasks import TaskInfo, all_tasks, current_task
from lowdb.program.threads import newest_frames

if TYPE_CHECKING:
    from types import FrameType, TracebackType

    from lowdb.engine.debugger import Debugger
    from lowdb.engine.stops import Stop
    from lowdb.program.mycode import MyCode

    type Entry = FrameInfo | Label

_LONGEST = 50
"""Tasks of one chain; a longer one is as likely as not a circle that was missed."""


class Label:
    """A line among the frames that is none."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


def thread_stack(debugger: Debugger, ident: int, stop: Stop | None) -> list[Entry]:
    """Return the stack of a thread, newest first; `stop` where it is the stopped one. Raises Refused if it ended."""
    mycode = debugger.mycode
    if stop is None:
        frame = _frame_of(debugger, ident)
        return list(stack(frame, mycode))
    if stop.post_mortem:
        if stop.exception is not None:
            return list(traceback_stack(stop.exception, mycode))
        return _traceback(stop.traceback, mycode)
    found: list[Entry] = list(stack(stop.frame, mycode))
    try:
        _add_awaiting(found, mycode)
    except Exception:  # a task class of the program's own may do anything
        pass
    return found


def _frame_of(debugger: Debugger, ident: int) -> FrameType:
    waiting = debugger.delivery.waiting.get(ident)
    if waiting is not None:
        return waiting.frame
    frame: FrameType | None = newest_frames().get(ident)
    if frame is None:
        raise Refused("this thread has ended, or runs no Python code")
    return frame


def _traceback(at: TracebackType | None, mycode: MyCode) -> list[Entry]:
    found: list[Entry] = []
    while at is not None:
        found.append(FrameInfo(at.tb_frame, at.tb_lineno or at.tb_frame.f_code.co_firstlineno, mycode))
        at = at.tb_next
    found.reverse()
    return found


# --- tasks ----------------------------------------------------------------------------------------


def _add_awaiting(found: list[Entry], mycode: MyCode) -> None:
    """Put the chain of awaiting tasks behind the frames of the task that runs, before those of its event loop."""
    task = current_task()
    if task is None:
        return
    place = next(
        (i for i, entry in enumerate(found) if type(entry) is FrameInfo and entry.hidden == "event loop" and i), None
    )
    if place is None or not any(
        type(entry) is FrameInfo and is_generator_like(entry.frame.f_code) for entry in found[:place]
    ):
        return
    tasks = {id(info.task): info for info in all_tasks()}
    chain: list[Entry] = []
    seen = {id(task)}
    for _ in range(_LONGEST):
        awaiting = [info for info in tasks.values() if id(info.task) not in seen and _waits_for(info.task, task)]
        if not awaiting:
            break
        next_task = awaiting[0]
        more = f", and {len(awaiting) - 1} more" if len(awaiting) > 1 else ""
        chain.append(Label(f"{_name(tasks, task)} is awaited by {next_task.name}{more}"))
        chain += [FrameInfo(frame, frame.f_lineno or frame.f_code.co_firstlineno, mycode) for frame in next_task.stack]
        task = next_task.task
        seen.add(id(task))
    found[place:place] = chain


def _name(tasks: dict[int, TaskInfo], task: Any) -> str:
    info = tasks.get(id(task))
    return info.name if info is not None else "a task"


def _waits_for(task: Any, other: Any) -> bool:
    """Whether `task` waits for `other`: by its own word (3.14 on), or by what it waits for, a gathering included."""
    awaited_by = getattr(other, "_asyncio_awaited_by", None)
    if awaited_by is not None and type(awaited_by) in (set, frozenset):
        return any(one is task for one in awaited_by)
    waiter = getattr(task, "_fut_waiter", None)
    if waiter is other:
        return True
    gathered = getattr(waiter, "_children", None)
    return type(gathered) is list and any(one is other for one in gathered)
