"""Breakpoints in words, and the grammar of the kinds that are not a place: traps and caught exceptions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from lowdb.repl.arguments import CLAUSES, ArgumentError, Clauses, parse_clauses
from lowdb.repl.changes import watched
from lowdb.repl.language import suggestion, words_outside
from lowdb.repl.views import brief

if TYPE_CHECKING:
    from lowdb.engine.breakpoints import Breakpoint

    type Exits = Literal["both", "returns", "unwinds"]
    type Raised = Literal["raised", "uncaught", "user"]

_EXITS: dict[str, Exits] = {"returns": "returns", "unwinds": "unwinds", "return": "returns", "unwind": "unwinds"}
_RAISED: dict[str, Raised] = {"raised": "raised", "uncaught": "uncaught", "user": "user"}
_TYPE_NAME = r"[^\W\d]\w*(\.[^\W\d]\w*)*"


def has_commands(rest: str) -> bool:
    """Whether there is a `do` clause: then the `;;` after it belong to the breakpoint."""
    return any(word == "do" for index, word in words_outside(rest) if index)


def read_trap(text: str) -> tuple[Clauses, Exits, str | None]:
    """`FUNCTION [returns|unwinds] [EXCEPTION] [clauses]`. Raises ArgumentError."""
    exits: Exits = "both"
    exception: str | None = None
    found = Clauses()
    words = list(re.finditer(r"\S+", text))
    found.location = words[0].group()
    for word in words[1:]:
        name = word.group()
        if name in CLAUSES:
            parse_clauses(found, text, word.start())
            break
        if name in _EXITS and exits == "both":
            exits = _EXITS[name]
        elif re.fullmatch(_TYPE_NAME, name) and exception is None:
            exception = name
        else:
            raise ArgumentError(f"not understood: {name!r} (returns, unwinds, an exception or if)", text, word.start())
    if exception is not None and exits == "returns":
        raise ArgumentError("a function that returns raises nothing: leave the exception out or say unwinds", text, 0)
    if exception is not None:
        exits = "unwinds"
    return found, exits, exception


def read_catch(text: str) -> tuple[Clauses, str | None, Raised, str | None]:
    """`[EXCEPTION] [raised|uncaught|user] [in GLOB] [clauses]`. Raises ArgumentError."""
    raised: Raised | None = None
    exception: str | None = None
    files: str | None = None
    found = Clauses()
    words = list(re.finditer(r"\S+", text))
    while words:
        word = words.pop(0)
        name = word.group()
        if name in CLAUSES:
            parse_clauses(found, text, word.start())
            break
        if name == "in":
            if not words:
                raise ArgumentError("a file pattern is missing after 'in'", text, word.start())
            files = words.pop(0).group()
        elif name in _RAISED and raised is None:
            raised = _RAISED[name]
        elif re.fullmatch(_TYPE_NAME, name) and exception is None:
            exception = name
        else:
            raise ArgumentError(
                f"not understood: {name!r} (an exception, raised, uncaught, user, in GLOB or if)", text, word.start()
            )
    return found, exception, raised or "raised", files


def unknown_exception(name: str | None) -> str:
    """A remark where no exception type of this name is loaded, with the one that may be meant; else ""."""
    last = (name or "").rpartition(".")[2]
    names = set()
    kinds: list[type] = [BaseException]
    while kinds:
        kind = kinds.pop()
        names.add(type.__dict__["__name__"].__get__(kind))
        kinds += type.__subclasses__(kind)
    if not last or last in names:
        return ""
    guess = suggestion(last, sorted(names))
    return "  (no exception of that name so far" + (f"; did you mean {guess!r}?)" if guess else ")")


def quoted(text: str, start: int) -> tuple[str, int]:
    """The text in the quotes that begin at `start`, and where it goes on. Raises ArgumentError."""
    quote = text[start]
    end = start + 1
    while end < len(text) and text[end] != quote:
        end += 2 if text[end] == "\\" else 1
    if end >= len(text):
        raise ArgumentError("the quote is not closed", text, start)
    return text[start + 1 : end].replace("\\" + quote, quote), end + 1


def counted(hits: str) -> str:
    """A hit condition as it is typed: `every 10`, `hits >=3`."""
    return f"every {hits[1:]}" if hits.startswith("%") else f"hits {hits}"


def described(point: Breakpoint, commands: list[str] | None = None, value: str = "") -> str:
    """Where a breakpoint is and when it stops, in one line; `value`: of a watch, what it holds."""
    spec = point.spec
    parts = []
    if spec.kind == "watch":
        parts.append(watched(point) + value)
    elif spec.kind == "raise":
        parts.append(f"catch {spec.exception or 'any exception'} {spec.raised}")
        if spec.files:
            parts.append(f"in {spec.files}")
    else:
        places = sorted(point.places, key=lambda place: (place.filename, place.line))
        where = [f"{brief(place.filename)}:{place.line}  {place.function}" for place in places]
        extra = f"  and {len(where) - 3} more places" if len(where) > 3 else ""
        parts.append((", ".join(where[:3]) or spec.location) + extra)
    if spec.kind == "exit":
        parts.append("returns or unwinds" if spec.exits == "both" else spec.exits)
        if spec.exception:
            parts.append(spec.exception)
    condition = point.condition.text if point.condition is not None else None
    if condition is not None:
        parts.append(f"if {condition}")
    if spec.hits:
        parts.append(counted(spec.hits))
    if point.ignore:
        parts.append(f"ignore {point.ignore}")
    if spec.thread:
        parts.append(f"thread {spec.thread}")
    if spec.task:
        parts.append(f"task {spec.task}")
    if spec.log is not None:
        parts.append(f"log {spec.log!r}")
    if spec.temporary:
        parts.append("once")
    if commands:
        parts.append(f"do {';; '.join(commands)}")
    notes = [note for note in (point.note, point.pending) if note]
    if point.pending and notes[0].startswith("waits for "):
        del notes[1:]  # the same again
    if not point.enabled:
        notes.append("disabled")
    if notes:
        parts.append(f"({'; '.join(notes)})")
    return "  ".join(parts)
