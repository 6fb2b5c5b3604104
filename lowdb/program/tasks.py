"""The asyncio tasks of the program. Never imports asyncio: where the program has not, there are none."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from lowdb.program.guard import attribute, clean, type_name
from lowdb.program.scopes import locals_snapshot
from lowdb.program.threads import newest_frames

if TYPE_CHECKING:
    from types import FrameType, ModuleType
    from typing import Any


class TaskInfo:
    """One task as it was when asked."""

    __slots__ = ("awaited_by", "current", "frame", "name", "stack", "state", "task", "waits_for")

    def __init__(self, task: Any, current: bool) -> None:
        self.task = task
        self.name = _name(task)
        self.current = current
        """Whether it is the one that runs in this thread now."""
        self.stack, self.waits_for = _chain(_coroutine(task))
        self.frame: FrameType | None = self.stack[0] if self.stack else None
        """Its innermost frame: suspended, or running where `current`."""
        self.awaited_by: tuple[str, ...] = _awaiters(task)
        """Names of the tasks that wait for it (known from 3.14 on)."""
        self.state = _state(task, current, self.waits_for)
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
    infos = [TaskInfo(task, task is current) for task in found.values()]
    infos.sort(key=lambda info: (not info.current, _natural(info.name)))
    return infos


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
                loop = locals_snapshot(at).get("self")
                if loop is not None and not any(loop is known for known in loops):
                    loops.append(loop)
            at = at.f_back
    return loops


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


def _awaiters(task: Any) -> tuple[str, ...]:
    try:
        awaited_by = task._asyncio_awaited_by
    except Exception:
        return ()
    if type(awaited_by) not in (set, frozenset):
        return ()
    return tuple(sorted(_name(one) for one in awaited_by))


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
    waiter = attribute(task, "_fut_waiter")
    if type_name(task) == "Task" and type(waiter) is not object:
        try:
            waiter = task._fut_waiter
        except Exception:
            waiter = None
    if waiter is None:
        return "ready"
    return f"await {waits_for or type_name(waiter)}"


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
