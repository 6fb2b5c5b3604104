"""The asyncio tasks of the program. Never imports asyncio: where the program has not, there are none."""

from __future__ import annotations

import atexit
import os
import sys
from typing import TYPE_CHECKING

from lowdb.program.guard import attribute, clean, type_name
from lowdb.program.mycode import is_lowdb
from lowdb.program.scopes import locals_snapshot
from lowdb.program.threads import newest_frames

if TYPE_CHECKING:
    from types import CodeType, FrameType, ModuleType
    from typing import Any


class TaskInfo:
    """One task as it was when asked."""

    __slots__ = ("awaited_by", "current", "frame", "name", "stack", "state", "task", "title", "waiters", "waits_for")

    def __init__(self, task: Any, current: bool) -> None:
        self.task = task
        self.name = _name(task)
        self.current = current
        """Whether it is the one that runs in this thread now."""
        self.stack, self.waits_for = _chain(_coroutine(task))
        self.frame: FrameType | None = self.stack[0] if self.stack else None
        """Its innermost frame: suspended, or running where `current`."""
        self.title = _title(self.name, self.stack)
        """As others call it: its name; where asyncio has given it a number, its function and that."""
        self.waiters: list[TaskInfo] = []
        """The tasks that wait for it."""
        self.awaited_by: tuple[str, ...] = ()
        """Their titles."""
        self.state = _state(task, current, _waiting(self.stack) or self.waits_for)
        """"running", "await NAME", "ready", "done", "cancelled"."""

    def __repr__(self) -> str:
        return f"<TaskInfo {self.name} {self.state}>"


def current_task() -> Any | None:
    """Return the asyncio task that runs in this thread now, None where there is none."""
    asyncio = _asyncio()
    if asyncio is None:
        return None
    try:
        loop = asyncio.events._get_running_loop()
        return None if loop is None else asyncio.tasks.current_task(loop)
    except Exception:
        return None


def task_name() -> str | None:
    """Return the name of the task that runs in this thread now, None where there is none."""
    task = current_task()
    return None if task is None else _name(task)


def all_tasks() -> list[TaskInfo]:
    """Return the unfinished tasks of this thread's running loop, by name's number as made; empty where no loop runs."""
    asyncio = _asyncio()
    if asyncio is None:
        return []
    current = current_task()
    found: dict[int, Any] = {}
    for loop in _loops(asyncio):
        try:
            for task in asyncio.tasks.all_tasks(loop):
                found.setdefault(id(task), task)
        except Exception:
            continue
    if current is not None:
        found.setdefault(id(current), current)
    infos = {key: TaskInfo(task, task is current) for key, task in found.items()}
    for info in infos.values():
        for key in {id(task) for task in _waits_on(info.task, info.stack)}:
            if key in infos:
                infos[key].waiters.append(info)
    for info in infos.values():
        for task in _awaiters(info.task):  # asyncio's own knowledge, from 3.14 on
            waiter = infos.get(id(task))
            if waiter is not None and waiter not in info.waiters:
                info.waiters.append(waiter)
        info.awaited_by = tuple(sorted(waiter.title for waiter in info.waiters))
    return sorted(infos.values(), key=lambda info: (not info.current, _natural(info.name)))


def retrieve(error: BaseException) -> None:
    """See to it that asyncio complains of no task of this thread's loop that `error`, which ends the program, ends."""
    asyncio = _asyncio()
    loop = asyncio.events._get_running_loop() if asyncio is not None else None
    if asyncio is None or loop is None:
        return
    try:
        found = list(asyncio.tasks.all_tasks(loop))
    except Exception:  # tasks of the program's own making
        return

    def last() -> None:
        for task in found:
            if getattr(task, "_exception", None) is error:
                task.exception()  # asked for, it counts as handled

    # the loop does not turn any more; the tasks are held until then, since they complain as they die
    atexit.register(last)


def _asyncio() -> ModuleType | None:
    asyncio = sys.modules.get("asyncio")
    return asyncio if type(asyncio) is type(sys) and "asyncio.tasks" in sys.modules else None


def _loops(asyncio: Any) -> list[Any]:
    """Return the loops that run: this thread's, and those whose `run_forever` stands on another thread's stack."""
    loops = []
    try:
        own = asyncio.events._get_running_loop()
        if own is not None:
            loops.append(own)
    except Exception:
        pass
    for frame in list(newest_frames().values()):
        at: FrameType | None = frame
        while at is not None:
            code = at.f_code
            if code.co_name == "run_forever" and code.co_filename.endswith("base_events.py"):
                loop = None if _is_own(at) else locals_snapshot(at).get("self")
                if loop is not None and not any(loop is known for known in loops):
                    loops.append(loop)
            at = at.f_back
    return loops


def _is_own(frame: FrameType) -> bool:
    """Return whether lowdb itself runs this loop: the one of a prompt in a terminal."""
    directory = frame.f_code.co_filename.removesuffix("base_events.py")
    caller = frame.f_back
    while caller is not None and caller.f_code.co_filename.startswith(directory):
        caller = caller.f_back
    return caller is not None and is_lowdb(caller.f_code.co_filename)


def _name(task: Any) -> str:
    try:
        name = task.get_name()
    except Exception:
        return type_name(task)
    return clean(str.__str__(name)[:100]) if issubclass(type(name), str) else type_name(task)


def _coroutine(task: Any) -> Any:
    try:
        return task.get_coro()
    except Exception:
        return None


def _chain(coroutine: Any) -> tuple[list[FrameType], str]:
    """Follow the awaits inward: frames innermost first, and a word for what the last one waits for."""
    frames: list[FrameType] = []
    at = coroutine
    for _ in range(1000):
        frame = _part(at, "frame")
        if frame is None:
            break
        frames.append(frame)
        inner = _part(at, "await")
        if inner is None:
            return frames[::-1], ""
        at = inner
    word = "" if at is None or at is coroutine else type_name(at).removesuffix("Iter").removesuffix("Iterator")
    return frames[::-1], word


def _part(awaitable: Any, part: str) -> Any:
    """Return the frame or the awaited object of a coroutine, generator or async generator; exact types only."""
    prefix = _PREFIXES.get(type(awaitable).__name__)
    if prefix is None or type(awaitable).__module__ != "builtins":
        return None
    return getattr(awaitable, f"{prefix}_{'yieldfrom' if part == 'await' and prefix == 'gi' else part}", None)


_PREFIXES = {"coroutine": "cr", "generator": "gi", "async_generator": "ag"}


def _awaiters(task: Any) -> list[Any]:
    try:
        awaited_by = task._asyncio_awaited_by
    except Exception:
        return []
    return list(awaited_by) if type(awaited_by) in (set, frozenset) else []


def _waits_on(task: Any, stack: list[FrameType]) -> list[Any]:
    """The tasks that it waits for: directly, in a gather, a wait or a TaskGroup of asyncio's."""
    found: list[Any] = []
    waiter = _waiter(task)
    if type_name(waiter) == "_GatheringFuture":
        children = getattr(waiter, "_children", None)  # asyncio's own class, which shows no `__dict__`
        found += children if type(children) is list else []
    elif waiter is not None:
        found.append(waiter)
    for frame in stack:
        code = frame.f_code
        if not _is_asyncio(code):
            break
        if code.co_qualname.startswith("TaskGroup."):
            group = attribute(locals_snapshot(frame).get("self"), "_tasks")
            found += list(group) if type(group) is set else []
        elif code.co_name == "_wait":
            waited = locals_snapshot(frame).get("fs")
            found += list(waited) if type(waited) in (set, list, tuple) else []  # type: ignore[call-overload]
    return found


def _waiter(task: Any) -> Any:
    """The future that the task waits for, None where none."""
    try:
        return task._fut_waiter
    except Exception:
        return None


def _is_asyncio(code: CodeType) -> bool:
    return os.path.basename(os.path.dirname(code.co_filename)) == "asyncio"


def _title(name: str, stack: list[FrameType]) -> str:
    number = name.removeprefix("Task-")
    return f"{stack[-1].f_code.co_name} ({name})" if stack and number != name and number.isdecimal() else name


def _waiting(stack: list[FrameType]) -> str:
    """What the innermost frame of the program's own awaits, if that is asyncio's: `sleep`, `Queue.get`, `TaskGroup`."""
    word = ""
    for frame in stack:
        if not _is_asyncio(frame.f_code):
            break
        word = frame.f_code.co_qualname
    owner, _, method = word.rpartition(".")
    return owner if method in ("__aenter__", "__aexit__") else word.removeprefix("_")


def _state(task: Any, current: bool, waits_for: str) -> str:
    if current:
        return "running"
    try:
        if task.cancelled():
            return "cancelled"
        if task.done():
            return "done"
    except Exception:
        return "unknown"
    waiter = _waiter(task)
    if waiter is None:
        return "ready"
    kind = type_name(waiter)
    if kind == "Task":
        return f"await {_name(waiter)}"
    return f"await {'gather' if kind == '_GatheringFuture' else waits_for or kind}"


def _natural(name: str) -> list[tuple[int, str]]:
    """Sort `Task-10` after `Task-9`."""
    parts: list[tuple[int, str]] = []
    digits = text = ""
    for c in f"{name} ":
        if c.isdecimal():
            digits += c
            continue
        if digits:
            parts.append((int(digits), text))
            digits = text = ""
        text += c
    return [(0, part) if not number else (number, part) for number, part in parts] or [(0, name)]
