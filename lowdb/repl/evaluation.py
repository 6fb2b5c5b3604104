"""Runs what the person typed as Python in the selected frame, and puts its failures into one line.

The program's code may do anything here: whatever it raises comes back as Failed, only Ctrl-C as KeyboardInterrupt.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from lowdb.program import awaiting
from lowdb.program import evaluate as program
from lowdb.program.tasks import task_name
from lowdb.program.threads import thread_name
from lowdb.repl.arguments import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from types import FrameType
    from typing import Any

    from lowdb.engine.debugger import Debugger
    from lowdb.engine.stops import Stop

NAMES = ("ret", "exc", "hits", "thread", "task", "frame", "bp", "old", "new")
PDB_NAMES = {"_retval": "ret", "_exception": "exc", "_frame": "frame"}
_DOLLAR = r"\$([A-Za-z_]\w*)"
_REWRITTEN = r"\b_lowdb_(\w+)"
_UNBOUND = r"cannot access free variable '(\w+)' where it is not associated with a value in enclosing scope"
_LONGEST = 400
_getpid = os.getpid


class Forked(BaseException):
    """What was evaluated forked, and this is the child: the prompt is the parent's."""


class Failed(Exception):
    """The program's code raised; the text is the exception in one line, `cause` the exception itself."""

    def __init__(self, cause: BaseException) -> None:
        super().__init__(describe(cause))
        self.cause = cause


def describe(error: BaseException) -> str:
    """`TypeName: message` in one line, as the last line of a traceback has it. Never raises."""
    kind = type(error)
    name = type.__getattribute__(kind, "__name__")
    try:
        message = str(error)
    except KeyboardInterrupt:
        raise
    except BaseException as inner:
        message = f"<str raised {type.__getattribute__(type(inner), '__name__')}>"
    if type(message) is not str:
        message = str.__str__(message)
    if kind is NameError and (unbound := re.fullmatch(_UNBOUND, message)):
        message = f"local variable {unbound[1]!r} has no value yet"  # in the person's terms, not the evaluator's
    message = " ".join(message.split())
    if len(message) > _LONGEST:
        message = f"{message[:_LONGEST]}… {len(message) - _LONGEST} more characters"
    return f"{name}: {message}" if message else str(name)


class Asker:
    """Evaluates and executes in frames of one stop."""

    def __init__(self, debugger: Debugger, say: awaiting.Say) -> None:
        self._debugger = debugger
        self._say = say

    def evaluate(self, text: str, frame: FrameType, stop: Stop) -> object:
        """The value of an expression. Raises ArgumentError for what does not compile, Failed, KeyboardInterrupt."""
        self._compiles(text, "expression")
        extra = self.names(text, frame, stop)
        return self._run(lambda: program.evaluate(text, frame, extra, self._wait), stop)

    def execute(self, text: str, frame: FrameType, stop: Stop) -> None:
        """Run statements. Raises as `evaluate`."""
        self._compiles(text, "statement")
        extra = self.names(text, frame, stop)
        self._run(lambda: program.execute(text, frame, extra, self._wait), stop)

    def _wait(self, coroutine: Coroutine[Any, Any, Any]) -> object:
        return awaiting.run(coroutine, self._say)

    def _run(self, run: Callable[[], object], stop: Stop) -> object:
        process = _getpid()
        try:
            with self._debugger.evaluating(stop):
                value = run()
        except KeyboardInterrupt:
            raise
        except awaiting.CannotAwait as refusal:
            raise ArgumentError(str(refusal)) from None
        except BaseException as error:
            if _getpid() != process:
                raise Forked from None
            raise Failed(error) from None
        if _getpid() != process:
            raise Forked
        return value

    def _compiles(self, text: str, wanted: str) -> None:
        kind = kind_of(text)
        if isinstance(kind, SyntaxError):
            raise syntax_problem(kind, text)
        if kind == "incomplete":
            raise ArgumentError("SyntaxError: unfinished", text, len(text))
        if wanted == "expression" and kind != "expression":
            raise ArgumentError("SyntaxError: an expression is wanted here, not a statement", text, 0)

    def names(self, text: str, frame: FrameType, stop: Stop) -> dict[str, object]:
        """The values of the $names in `text`, by the names that `dollar` gives them. Raises ArgumentError."""
        if "$" not in text:
            return {}
        extra: dict[str, object] = {}
        for name in set(re.findall(_REWRITTEN, program.dollar(text))):
            known = PDB_NAMES.get(name, name)
            if known not in NAMES:
                continue  # the program's own NameError says it
            extra[f"_lowdb_{name}"] = self._named(known, frame, stop)
        for match in re.finditer(_DOLLAR, text):
            if match[1] not in NAMES and match[1] not in PDB_NAMES and f"_lowdb_{match[1]}" in program.dollar(text):
                listed = ", ".join(f"${name}" for name in NAMES)
                raise ArgumentError(f"no name ${match[1]} ({listed})", text, match.start())
        return extra

    def _named(self, name: str, frame: FrameType, stop: Stop) -> object:
        finished = stop.finished
        hit = stop.hits[0] if stop.hits else None
        match name:
            case "ret" if stop.reason.name == "RETURNS":
                return stop.value
            case "ret" if finished is not None and finished.seen and finished.exception is None:
                return finished.value
            case "ret":
                raise ArgumentError("$ret is known where a function returns (r goes there)")
            case "exc" if stop.exception is not None:
                return stop.exception
            case "exc" if finished is not None and finished.exception is not None:
                return finished.exception
            case "exc":
                raise ArgumentError("$exc is known where an exception stopped the program")
            case "old" | "new":
                changes = [one.change for one in stop.hits if one.change is not None]
                if not changes:
                    raise ArgumentError(f"${name} is known where a watch stopped the program")
                return changes[0].before if name == "old" else changes[0].after
            case "hits":
                return None if hit is None else hit.hits
            case "bp":
                return None if hit is None else hit.breakpoint.number
            case "thread":
                return thread_name(stop.thread)
            case "task":
                return task_name()
            case _:
                return frame


def kind_of(text: str) -> str | SyntaxError:
    """What `program.is_expression` says, without the traceback of what it raised on the way.

    The traceback holds our frames, and one of them holds the error: a cycle that would keep the stopped frame alive.
    """
    kind = program.is_expression(text)
    if isinstance(kind, SyntaxError):
        kind.__traceback__ = kind.__context__ = None
    return kind


def syntax_problem(error: SyntaxError, text: str) -> ArgumentError:
    """What does not compile, with the caret where Python put it."""
    lines = text.splitlines() or [""]
    row = min(max((error.lineno or 1) - 1, 0), len(lines) - 1)
    column = program.column(lines[row], max((error.offset or 1) - 1, 0)) if len(lines) == 1 else (error.offset or 1) - 1
    column = min(max(column, 0), len(lines[row]))
    return ArgumentError(f"{type(error).__name__}: {error.msg}", lines[row], column)
