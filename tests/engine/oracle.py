"""What a step means, told from a record of all that a program did: a model of design/stepping.md.

The record is taken by the test's own monitor in one undisturbed run; the model looks up in it where each command comes
to. It knows nothing of lowdb.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from types import CodeType, FrameType

from tests.engine.random_programs import Command

monitoring = sys.monitoring
events = monitoring.events

type Place = tuple[str, int, str]
"""Function, line, and "line" or "exit"."""


@dataclass(slots=True)
class Event:
    kind: str
    frame: int
    """A number of the frame, each its own."""
    function: str
    line: int
    stack: tuple[tuple[int, int], ...]
    """(frame, line) of the program's frames, this one first."""
    body: bool = False
    """In a class body, at its header line."""
    doubtful: bool = False
    """The line at which something was thrown into a generator, once more. Whether it comes depends on who watches:
    since 3.13 a close may run none of its code, and a PY_RESUME that is watched moves the place of the throw.
    """

    @property
    def ends(self) -> bool:
        return self.kind in ("return", "unwind")


class TooLong(Exception):
    """The program did more than a test has time for."""


class Record:
    """All lines, starts and ends of the frames of one file, in order."""

    def __init__(self, code: CodeType, names: dict[str, object], most: int) -> None:
        self.events: list[Event] = []
        self.path = code.co_filename
        self.most = most
        self._numbers: dict[int, int] = {}
        self._next = 0
        tool = monitoring.DEBUGGER_ID
        monitoring.use_tool_id(tool, "oracle")
        try:
            for event, kind in (
                (events.LINE, "line"),
                (events.PY_START, "start"),
                (events.PY_RESUME, "resume"),
                (events.PY_THROW, "throw"),
                (events.PY_YIELD, "yield"),
                (events.PY_RETURN, "return"),
                (events.PY_UNWIND, "unwind"),
            ):
                monitoring.register_callback(tool, event, self._callback(kind))
            mask = events.LINE | events.PY_START | events.PY_RESUME | events.PY_THROW
            monitoring.set_events(tool, mask | events.PY_YIELD | events.PY_RETURN | events.PY_UNWIND)
            try:
                exec(code, names)
            except Exception as error:
                self.died: str | None = type(error).__name__
            else:
                self.died = None
        finally:
            monitoring.set_events(tool, 0)
            for event in (
                events.LINE,
                events.PY_START,
                events.PY_RESUME,
                events.PY_THROW,
                events.PY_YIELD,
                events.PY_RETURN,
                events.PY_UNWIND,
            ):
                monitoring.register_callback(tool, event, None)
            monitoring.free_tool_id(tool)
        if len(self.events) > most:
            raise TooLong
        over = False
        for index, event in enumerate(self.events):
            if event.kind in ("close", "throw"):
                self._doubt(index)
            # what runs once the module has ended is not the program's course: who holds its exception decides when
            event.doubtful |= over
            over |= event.ends and event.frame == 1

    def _doubt(self, start: int) -> None:
        thrown = self.events[start]
        for event in self.events[start + 1 :]:
            if event.frame == thrown.frame:
                if event.kind != "line" or event.line != thrown.line:
                    return
                event.doubtful = True

    def _callback(self, kind: str):
        def callback(code: CodeType, where: int, *more: object) -> object:
            if code.co_filename != self.path:
                return None if kind in ("throw", "unwind") else monitoring.DISABLE
            if len(self.events) > self.most:
                return None
            frame = sys._getframe(1)
            if kind == "start" or id(frame) not in self._numbers:  # what is thrown into need not have started
                self._next += 1
                self._numbers[id(frame)] = self._next
            stack = []
            walk: FrameType | None = frame
            while walk is not None:
                if walk.f_code.co_filename == self.path:
                    stack.append((self._numbers.get(id(walk), 0), walk.f_lineno))
                walk = walk.f_back
            number = self._numbers[id(frame)]
            name = "close" if kind == "throw" and type(more[-1]) is GeneratorExit else kind
            header = not code.co_flags & 1 and code.co_name != "<module>" and frame.f_lineno == code.co_firstlineno
            self.events.append(Event(name, number, code.co_qualname, frame.f_lineno, tuple(stack), header))
            if kind in ("return", "unwind"):
                del self._numbers[id(frame)]
            return None

        return callback


def walk(record: Record, commands: Iterable[Command], breaks: set[int]) -> list[Place | None]:
    """Where the commands come to, the first line being the first stop. None: nobody can tell (a frame that is dropped
    without a trace); the list ends there.
    """
    happened = record.events
    at: int | None = next((i for i, event in enumerate(happened) if event.kind == "line"), None)
    found: list[Place | None] = []
    rest = iter(commands)
    while at is not None and at >= 0:
        event = happened[at]
        found.append((event.function, event.line, "exit" if event.ends else "line"))
        name, up = next(rest, ("continue", 0))
        at = _go(happened, at, name, min(up, len(event.stack) - 1), breaks)
    if at is not None:
        found.append(None)
    return found


def _go(happened: list[Event], at: int, name: str, up: int, breaks: set[int]) -> int | None:
    """The index of the event at which the command stops; None: nowhere, the program ends; -1: unknown."""
    event = happened[at]
    frame, line = event.stack[up]
    leaving = event.ends and up == 0
    aim: int | None = frame
    if leaving:
        aim = event.stack[1][0] if len(event.stack) > 1 else None
        if name == "until":
            name = "next"
    for index in range(at + 1, len(happened)):
        now = happened[index]
        if now.doubtful:
            return -1
        if now.kind == "line":
            if now.line in breaks or (name == "step" and not now.body):
                return _sure(happened, at, index, name, aim)
            if now.frame == aim and (name == "next" or (name == "until" and now.line > line)):
                return index
        elif now.ends and now.frame == aim:
            if name in ("return", "until"):
                return index
            if name == "next":
                aim = now.stack[1][0] if len(now.stack) > 1 else None
    return _sure(happened, at, None, name, aim)


def _sure(happened: list[Event], at: int, index: int | None, name: str, aim: int | None) -> int | None:
    """Whether the aim of a `next` may have been dropped on the way: its last sign of life is a yield."""
    if name != "next" or aim is None:
        return index
    signs = [event.kind for event in happened[at:] if event.frame == aim]
    if signs and signs[-1] == "yield":
        last = max(i for i, event in enumerate(happened) if event.frame == aim)
        return -1 if index is None or index > last else index
    return index
