"""An entry of several lines: the commands and pieces of Python in it, and whether it is at its end. Runs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lowdb.program.cursor import ending
from lowdb.repl.evaluation import kind_of
from lowdb.repl.python import in_block

if TYPE_CHECKING:
    from collections.abc import Callable

_GOES_ON = ("else", "elif", "except", "finally")
"""Words that go on with a block that an unindented line before them began."""
_LEAVES = ("return", "pass", "break", "continue", "raise")
_PROMPTS = (">>> ", "... ")
_STEP = "    "


def parts(entry: str, is_command: Callable[[str], bool]) -> list[str]:
    """The commands and pieces of Python of an entry, in their order; the last may be unfinished.

    `is_command`: whether a line by itself is a command. Indentation that all lines have is taken off, as are the
    prompts of a Python session.
    """
    lines = _bare(entry.expandtabs(8).split("\n"))
    found: list[str] = []
    piece: list[str] = []
    for number, line in enumerate(lines):
        if piece:
            if _is_empty(line) and not _inside(lines[number:]) and not _is_open(piece):
                found.append("\n".join(piece))
                piece = []
                continue
            if _is_empty(line) or line[0].isspace() or _word(line) in _GOES_ON or _is_open(piece):
                piece.append(line)
                continue
            found.append("\n".join(piece))
            piece = []
        if _is_empty(line):
            continue
        if is_command(line) and kind_of(line) != "incomplete":
            found.append(line.strip())
        else:
            piece = [line]
    if piece:
        found.append("\n".join(piece))
    return found


def next_indentation(entry: str, is_command: Callable[[str], bool]) -> str | None:
    """The indentation of the next line where Enter begins one; None where Enter ends the entry.

    A line without text ends a block, as at Python's own prompt.
    """
    pieces = parts(entry, is_command)
    if not pieces:
        return None
    last = pieces[-1]
    kind = kind_of(last)
    if kind == "incomplete":
        return _indentation(last)
    ended = not entry.rpartition("\n")[2].strip()
    if ended or kind != "statement" or not in_block(last) or is_command(last):
        return None
    return _indentation(last)


def _bare(lines: list[str]) -> list[str]:
    """The lines without the indentation of all of them, and without the prompts of a Python session."""
    first = next((line for line in lines if line.strip()), "")
    if first.lstrip().startswith(">>> "):
        shown = [line.lstrip() for line in lines]
        return [line[4:] if line.startswith(_PROMPTS) else "" for line in shown if line.startswith((">>>", "...", ""))]
    margin = first[: len(first) - len(first.lstrip())]
    if not margin or not all(line.startswith(margin) or not line.strip() for line in lines):
        return lines
    return [line[len(margin) :] for line in lines]


def _inside(lines: list[str]) -> bool:
    """Whether the next line that is not empty goes on with the block."""
    following = next((line for line in lines if not _is_empty(line)), "")
    return following[:1].isspace() or _word(following) in _GOES_ON


def _is_empty(line: str) -> bool:
    """Whether there is nothing in it, or a comment that belongs to nothing."""
    return not line.strip() or line[0] == "#"


def _is_open(piece: list[str]) -> bool:
    """Whether the lines so far cannot stand by themselves."""
    return kind_of("\n".join(piece)) == "incomplete"


def _word(line: str) -> str:
    return line.split(":", 1)[0].split(" ", 1)[0].strip()


def _indentation(text: str) -> str:
    last = [line for line in text.split("\n") if line.strip()][-1]
    indent = last[: len(last) - len(last.lstrip())]
    inside, token = ending(text)
    if inside == "string":
        return ""
    if token in ("(", "[", "{") or (token == ":" and not inside) or (inside and "\n" not in text):
        return indent + _STEP
    if not inside and _word(last.lstrip()) in _LEAVES:
        return indent[: -len(_STEP)]
    return indent
