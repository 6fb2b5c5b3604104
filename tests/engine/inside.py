"""A debugger inside the test's own process: programs from text, a front end that answers from a list, counters.

The interpreter is watched, not lowdb: what is counted are the callbacks that are registered with sys.monitoring and the
opcodes that it has put into the code.
"""

from __future__ import annotations

import functools
import opcode
import re
import sys
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType
from typing import Any

from lowdb.engine import stops
from lowdb.engine.breakpoints import Breakpoint, Spec
from lowdb.engine.debugger import Debugger, Options
from lowdb.engine.stops import Continue, Notice, Reason, Resume, Stop
from lowdb.program.codes import nested
from lowdb.program.paths import canonical

monitoring = sys.monitoring
EVENTS = {
    value: name for name, value in vars(monitoring.events).items() if not name.startswith("_") and name != "NO_EVENTS"
}

type Answer = Resume | Callable[[Stop], Resume | None]
"""How to go on; a function may look at the stop first (None: Continue)."""


@dataclass(slots=True)
class Program:
    """A module from text: its file, its code, its marks (`# @name` at the end of a line) and its namespace."""

    path: str
    code: CodeType
    marks: dict[str, int]
    names: dict[str, Any]
    text: str

    def codes(self) -> list[CodeType]:
        return list(nested(self.code))

    def function(self, qualname: str) -> CodeType:
        return next(code for code in nested(self.code) if code.co_qualname.replace(".<locals>", "") == qualname)

    def run(self) -> dict[str, Any]:
        exec(self.code, self.names)
        return self.names


@dataclass(slots=True)
class Seen:
    """A stop as it was; `at` is the mark of its line, or the line where it has none."""

    at: str | int
    function: str
    reason: Reason
    line: int
    numbers: tuple[int, ...]
    """The breakpoints that were hit."""
    value: object
    exception: BaseException | None
    thread: int
    filename: str
    problems: tuple[BaseException, ...] = ()


class Front:
    """The front end: answers from a list, afterwards Continue. What an answer raises is raised again by `Inside`."""

    def __init__(self, answers: tuple[Answer, ...] = ()) -> None:
        self.answers = list(answers)
        self.default: Answer = Continue()
        self.seen: list[Seen] = []
        self.notices: list[Notice] = []
        self.errors: list[BaseException] = []
        self.marks: dict[str, dict[int, str]] = {}

    def on_stop(self, stop: Stop) -> Resume:
        try:
            frame = stop.frame
            line = frame.f_lineno
            filename = canonical(frame.f_code.co_filename)
            self.seen.append(
                Seen(
                    self.marks.get(filename, {}).get(line, line),
                    frame.f_code.co_name,
                    stop.reason,
                    line,
                    tuple(hit.breakpoint.number for hit in stop.hits),
                    stop.value,
                    stop.exception,
                    stop.thread,
                    filename,
                    tuple(hit.problem for hit in stop.hits if hit.problem is not None),
                )
            )
            answer = self.answers.pop(0) if self.answers else self.default
            if callable(answer):
                answer = answer(stop)
            return Continue() if answer is None else answer
        except BaseException as error:
            self.errors.append(error)
            return Continue()

    def on_notice(self, notice: Notice) -> None:
        self.notices.append(notice)

    @property
    def problems(self) -> list[BaseException]:
        """The errors of lowdb's own that were told."""
        return [notice.error for notice in self.notices if isinstance(notice, stops.Problem)]

    @property
    def logged(self) -> list[str]:
        return [notice.text for notice in self.notices if isinstance(notice, stops.Logged)]


@dataclass(slots=True)
class Callbacks:
    """Counts each call of each callback registered with sys.monitoring, and each arming of a code object.

    The counter is `functools.lru_cache(maxsize=0)`: in C, so that the callback sees the frame that it would see.
    """

    made: list[tuple[int, int, Any]] = field(default_factory=list)
    arming: Any = None

    def install(self, monkeypatch: Any) -> None:
        real = monitoring.register_callback

        def register(tool: int, event: int, callback: Any) -> Any:
            if callback is not None:
                callback = functools.lru_cache(maxsize=0)(callback)
                self.made.append((tool, event, callback))
            return real(tool, event, callback)

        self.arming = functools.lru_cache(maxsize=0)(monitoring.set_local_events)
        monkeypatch.setattr(monitoring, "register_callback", register)
        monkeypatch.setattr(monitoring, "set_local_events", self.arming)

    def total(self) -> int:
        """Callbacks of all tools up to now."""
        return sum(callback.cache_info().misses for _, _, callback in self.made)

    def by_event(self) -> dict[str, int]:
        counts: dict[str, int] = {}
        for _, event, callback in self.made:
            if calls := callback.cache_info().misses:
                counts[EVENTS[event]] = counts.get(EVENTS[event], 0) + calls
        return counts

    def armings(self) -> int:
        """Calls of set_local_events up to now."""
        return self.arming.cache_info().misses


class Inside:
    """One debugger and the programs that run under it. `close` is idempotent and shows what went wrong in between."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.front = Front()
        self.use(self.front)

    def use(self, front_end: Any) -> None:
        """A debugger with this front end, instead of the one that there is."""
        self.debugger = Debugger(front_end, Options(post_mortem=False))
        # the tests' own frames are below the program's: a step that leaves the program does not land in them
        self.debugger.mycode.exclude(str(Path(__file__).parent / "*"))
        self.debugger.mycode.exclude("*/_pytest/*")

    def start(self, *answers: Answer) -> None:
        self.front.answers = list(answers)
        self.debugger.start()

    def load(self, text: str, name: str = "program", **names: Any) -> Program:
        """A program; not run, and nothing of it is known to the debugger."""
        text = textwrap.dedent(text).lstrip("\n")
        path = self.directory / f"{name}.py"
        path.write_text(text, encoding="utf-8")
        marks = {}
        for number, line in enumerate(text.splitlines(), 1):
            if found := re.search(r"# @(\w+)\s*$", line):
                marks[found[1]] = number
        filename = canonical(str(path))
        self.front.marks[filename] = {line: mark for mark, line in marks.items()}
        code = compile(text, filename, "exec", dont_inherit=True)
        return Program(filename, code, marks, {"__name__": name, "__file__": filename, **names}, text)

    def add(self, program: Program, mark: str, **fields: Any) -> Breakpoint:
        """A breakpoint at a mark of a program."""
        return self.debugger.add(Spec(filename=program.path, line=program.marks[mark], **fields))

    def play(self, program: Program, *answers: Answer, first: bool = False) -> list[Seen]:
        """Run the program to its end; the stops. With `first` it stops at its first line."""
        if not self.debugger.monitor.claimed:
            self.debugger.start()
        self.front.answers = list(answers)
        self.debugger.program(program.code)
        if first:
            self.debugger.start_at(program.code)
        program.run()
        self.check()
        return self.front.seen

    def at(self) -> list[str | int]:
        """The marks (or lines) of the stops so far."""
        return [seen.at for seen in self.front.seen]

    def check(self) -> None:
        """Raise what an answer raised, and fail where lowdb told of an error of its own."""
        if self.front.errors:
            raise self.front.errors[0]
        if self.front.problems:
            raise self.front.problems[0]

    def close(self) -> None:
        self.debugger.close()
        self.check()


# --- what the interpreter has in the code ----------------------------------------------------------


def _instrumented() -> dict[int, str]:
    try:
        from _opcode_metadata import opmap

        return {number: name for name, number in opmap.items() if name.startswith("INSTRUMENTED_")}
    except ImportError:
        return {number: name for number, name in enumerate(opcode.opname) if name.startswith("INSTRUMENTED_")}


INSTRUMENTED = _instrumented()


def instrumented(code: CodeType) -> dict[int, str]:
    """The instrumented opcodes of a code object as it stands: offset -> name without INSTRUMENTED_."""
    plain, real = code.co_code, code._co_code_adaptive
    caches = opcode._inline_cache_entries
    found = {}
    offset = 0
    while offset < len(plain):
        number = plain[offset]
        if name := INSTRUMENTED.get(real[offset]):
            found[offset] = name.removeprefix("INSTRUMENTED_")
        entries = caches[number] if isinstance(caches, list) else caches.get(opcode.opname[number], 0)
        offset += 2 + 2 * entries
    return found


def instrumented_lines(code: CodeType) -> set[int]:
    """The lines of a code object that have an instrumented opcode."""
    where = instrumented(code)
    return {line for start, end, line in code.co_lines() if line and any(start <= offset < end for offset in where)}


def armed(codes: list[CodeType]) -> list[str]:
    """What is armed on the code objects or globally for any tool id that is held, in words."""
    found = []
    for tool in range(6):
        if monitoring.get_tool(tool) is None:
            continue
        if events := monitoring.get_events(tool):
            found.append(f"tool {tool} globally {events:#x}")
        for code in codes:
            if events := monitoring.get_local_events(tool, code):
                found.append(f"tool {tool} {code.co_qualname} {events:#x}")
    return found
