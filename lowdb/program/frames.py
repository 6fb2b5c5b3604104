"""Frames and stacks as a person reads them: newest first, lowdb left out, machinery marked."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from lowdb.program.limits import SHORT
from lowdb.program.mycode import LOWDB_DIRECTORY, PROMPT, is_lowdb
from lowdb.program.paths import canonical
from lowdb.program.scopes import arguments
from lowdb.program.values import summary

if TYPE_CHECKING:
    from types import CodeType, FrameType, TracebackType

    from lowdb.program.mycode import MyCode

# inspect.CO_GENERATOR, CO_COROUTINE, CO_ITERABLE_COROUTINE, CO_ASYNC_GENERATOR
_GENERATOR_LIKE = 0x20 | 0x80 | 0x100 | 0x200

# What runs the program: the frames below it (older) belong to the command `lowdb`, not to the program.
_RUNNERS = frozenset(LOWDB_DIRECTORY + name for name in (f"engine{os.sep}targets.py", "cli.py", "__main__.py"))

_CALL_BUDGET = 100

_get_traceback = BaseException.__dict__["__traceback__"].__get__
_get_cause = BaseException.__dict__["__cause__"].__get__
_get_context = BaseException.__dict__["__context__"].__get__
_get_suppress = BaseException.__dict__["__suppress_context__"].__get__
_get_members = BaseExceptionGroup.__dict__["exceptions"].__get__


class FrameInfo:
    """One frame of a stack as it was when asked."""

    __slots__ = ("filename", "frame", "function", "hidden", "line", "mine", "qualname")

    def __init__(self, frame: FrameType, line: int, mycode: MyCode) -> None:
        code = frame.f_code
        self.frame = frame
        self.filename = canonical(code.co_filename)
        """Canonical."""
        self.line = line
        """1-based."""
        self.function = code.co_name
        self.qualname = code.co_qualname
        self.mine = mycode.is_mine(code.co_filename)
        """Whether it is the user's own code."""
        self.hidden = None if self.mine else _machinery(code)
        """Why a short stack leaves it out: `importlib`, `threading`, `event loop`; None for one that is shown."""

    def __repr__(self) -> str:
        return f"<FrameInfo {self.qualname} {self.filename}:{self.line}>"


def stack(frame: FrameType, mycode: MyCode) -> list[FrameInfo]:
    """Return the frame and its callers, newest first; hidden frames are in the list and marked.

    Left out: lowdb's own frames, and those of the command that runs the program.
    """
    found = []
    at: FrameType | None = frame
    while at is not None:
        if not is_lowdb(at.f_code.co_filename):
            found.append(FrameInfo(at, _line(at), mycode))
        elif canonical(at.f_code.co_filename) in _RUNNERS:
            break
        at = at.f_back
    return found


def traceback_stack(exc: BaseException, mycode: MyCode) -> list[FrameInfo]:
    """Return the frames of the exception's traceback, newest first, each at the line it had then."""
    found: list[FrameInfo] = []
    at: TracebackType | None = _get_traceback(exc)
    while at is not None:
        frame = at.tb_frame
        if not is_lowdb(frame.f_code.co_filename):
            found.append(FrameInfo(frame, at.tb_lineno or frame.f_code.co_firstlineno, mycode))
        elif canonical(frame.f_code.co_filename) in _RUNNERS:
            found.clear()
        at = at.tb_next
    found.reverse()
    return found


def exception_chain(exc: BaseException) -> list[tuple[BaseException, str]]:
    """Return the exception and those it came with, each once, and how: "" (itself), "cause", "context", "in group"."""
    found: list[tuple[BaseException, str]] = []
    seen: set[int] = set()
    waiting: list[tuple[BaseException, str]] = [(exc, "")]
    while waiting:
        one, how = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        found.append((one, how))
        if issubclass(type(one), BaseExceptionGroup):
            waiting += [(member, "in group") for member in reversed(_get_members(one))]
        cause = _get_cause(one)
        if cause is not None:
            waiting.append((cause, "cause"))
        elif not _get_suppress(one) and (context := _get_context(one)) is not None:
            waiting.append((context, "context"))
    return found


def call_text(frame: FrameType) -> str:
    """Return `apply_discount(amount=119.5, rate=0.1)`, about 100 characters; `<module>` alone for a module's body.

    Runs none of the program's code: objects of its classes print as `<Cart>`.
    """
    name = frame.f_code.co_qualname.rpartition("<locals>.")[2]
    if name.startswith("<") and not name.startswith("<lambda"):
        return name
    parts = []
    left = _CALL_BUDGET - len(name)
    given = arguments(frame)
    for number, variable in enumerate(given):
        text = f"{variable.name}={summary(variable.value, SHORT)}"
        if len(text) > left:
            parts.append(f"… {len(given) - number} more" if number else f"{variable.name}=…")
            if number or len(given) == 1:
                break
            continue
        left -= len(text) + 2
        parts.append(text)
    return f"{name}({', '.join(parts)})" if given or frame.f_code.co_flags & 0x01 else name


def is_generator_like(code: CodeType) -> bool:
    """Return whether it is code of a generator or coroutine: another thread may go on with its frame."""
    return bool(code.co_flags & _GENERATOR_LIKE)


def trim(exc: BaseException) -> BaseException:
    """Cut lowdb's frames off the outer end of the exception's traceback; return the exception.

    What stays begins with what the person typed (`<prompt>`) or with the program's code.
    """
    begin: TracebackType | None = _get_traceback(exc)
    at = begin
    while at is not None and at.tb_frame.f_code.co_filename != PROMPT:
        at = at.tb_next
    if at is None:  # nothing typed in it
        at = begin
        while at is not None and is_lowdb(at.tb_frame.f_code.co_filename):
            at = at.tb_next
    BaseException.with_traceback(exc, at)
    return exc


def _line(frame: FrameType) -> int:
    return frame.f_lineno or frame.f_code.co_firstlineno  # f_lineno is None at an instruction without a line


def _machinery(code: CodeType) -> str | None:
    name = code.co_filename
    if name.startswith(("<frozen importlib", "<frozen zipimport")):
        return "importlib"
    directory, _, base = name.rpartition(os.sep)
    package = directory.rpartition(os.sep)[2]
    if package == "importlib" or name == "<frozen runpy>" or base == "runpy.py":
        return "importlib"
    if package in ("asyncio", "uvloop") or (package in ("trio", "_core") and "trio" in directory):
        return "event loop"
    if base == "threading.py" or (base == "thread.py" and package == "futures"):
        return "threading"
    return None
