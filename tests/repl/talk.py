"""A conversation with a session whose debugger is a stand-in: the program's side is real, nothing is armed."""

from __future__ import annotations

import sys
from collections import deque
from contextlib import contextmanager
from threading import get_ident
from types import FrameType, SimpleNamespace
from typing import TYPE_CHECKING, Any

from lowdb.engine.breakpoints import Breakpoint, Place, Spec
from lowdb.engine.conditions import Condition
from lowdb.engine.locations import LocationError
from lowdb.engine.stops import Hit, Reason, Resume, Stop
from lowdb.program.mycode import MyCode
from lowdb.program.paths import canonical
from lowdb.repl.plain import MARKS, PlainText
from lowdb.repl.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lowdb.repl.blocks import Block
    from lowdb.repl.settings import Settings


END_OF_COMMANDS = "(end of the commands: the program runs on without lowdb)\n"


class ScriptedConsole:
    """Answers each prompt with the next line; an exception in the place of a line is raised."""

    def __init__(self, *lines: object, interactive: bool = False) -> None:
        self.lines = deque(lines)
        self.interactive = interactive
        self.prompts: list[str] = []
        self.blocks: list[Block] = []
        self.text = ""
        self.shared = False
        self.marks_interrupt = True

    def enter(self) -> bool:
        return True

    def leave(self) -> None:
        pass

    def read(self, prompt: str, assistant: object = None) -> str:
        self.prompts.append(prompt)
        if not self.lines:
            raise EOFError
        line = self.lines.popleft()
        if isinstance(line, BaseException):
            raise line
        if callable(line):  # something happens while the prompt is open
            line = line()
        assert isinstance(line, str)
        return line

    def show(self, block: Block) -> None:
        self.blocks.append(block)
        self.text += PlainText(MARKS).render(block)

    def flush(self) -> None:
        pass


class StandIn:
    """As much of a Debugger as commands call; breakpoints are kept in a list, one line is one place."""

    def __init__(self) -> None:
        self.mycode = MyCode()
        self.options = SimpleNamespace(stop_world=True, follow_forks=False)
        self.points: dict[int, Breakpoint] = {}
        self.can_restart = False
        self.restarted: list[object] = []
        self.locator = SimpleNamespace(locate=self._locate)

    @contextmanager
    def evaluating(self, stop: Stop) -> Iterator[None]:
        yield

    def nested(self, function: Any) -> object:
        return function()

    def breakpoints(self) -> list[Breakpoint]:
        return list(self.points.values())

    def _locate(self, text: str, frame: FrameType, line: int) -> SimpleNamespace:
        if not text.lstrip("+-.").isdigit() and text != ".":
            raise LocationError(f"no function {text!r}")
        number = line if text == "." else int(text) + (line if text[0] in "+-" else 0)
        filename = canonical(frame.f_code.co_filename)
        return SimpleNamespace(filename=filename, line=number, note=None, codes=[], qualname=None)

    def add(self, spec: Spec, frame: FrameType, line: int) -> Breakpoint:
        point = Breakpoint(max(self.points, default=0) + 1, spec)
        if spec.condition is not None:
            point.condition = Condition(spec.condition)
        if spec.kind != "raise":
            found = self._locate(spec.location, frame, line)
            point.places.append(Place(found.filename, found.line, frame.f_code.co_qualname))
        self.points[point.number] = point
        return point

    def get(self, number: int) -> Breakpoint:
        return self.points[number]

    def remove(self, number: int) -> None:
        del self.points[number]

    def enable(self, number: int) -> None:
        self.points[number].enabled = True

    def disable(self, number: int) -> None:
        self.points[number].enabled = False

    def set_condition(self, number: int, text: str | None) -> None:
        self.points[number].condition = None if text is None else Condition(text)

    def set_ignore(self, number: int, count: int) -> None:
        self.points[number].counts[3] = count

    def threads(self) -> list[object]:
        return []

    def hand_over(self, thread: int) -> bool:
        return False

    def restart(self, argv: list[str] | None) -> None:
        self.restarted.append(argv)


class Talk:
    """What was said in one conversation, and how it ended."""

    def __init__(self, session: Session, console: ScriptedConsole, debugger: StandIn) -> None:
        self.session = session
        self.console = console
        self.debugger = debugger
        self.resume: Resume | None = None
        self._told = 0

    def stop(self, *lines: object, frame: FrameType | None = None, **fields: Any) -> str:
        """One stop, by default a breakpoint() of the caller, with these lines typed; what was said since the last."""
        self.console.lines.extend(lines)
        fields.setdefault("reason", Reason.CALL)
        stop = Stop(frame=frame or sys._getframe(1), thread=get_ident(), **fields)
        self.resume = self.session.on_stop(stop)
        return self.told()

    def told(self) -> str:
        text, self._told = self.console.text[self._told :], len(self.console.text)
        return text.removesuffix(END_OF_COMMANDS)

    def hit(self, number: int, **fields: Any) -> Hit:
        """The part of breakpoint `number` in a stop."""
        point = self.debugger.points[number]
        point.counts[2] += 1
        return Hit(point, **({"hits": point.hits, "reached": point.hits, "condition": None} | fields))


def talk(
    *commands: str, interactive: bool = False, asks: bool = False, banner: str = "", settings: Settings | None = None
) -> Talk:
    """A session with these start-up commands."""
    console = ScriptedConsole(interactive=interactive)
    session = Session(console, settings, commands=commands, asks=asks, banner=banner)
    debugger = StandIn()
    session.debugger = debugger  # type: ignore[assignment]
    return Talk(session, console, debugger)


def answers(text: str) -> list[str]:
    """What was said after the stop block, without its source: for conversations of one command."""
    return text.splitlines()
