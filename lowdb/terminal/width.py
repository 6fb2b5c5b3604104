"""How many columns text takes on a terminal, and how it is cut to them; what a terminal would obey is made visible.

A span is a role (what it is, which a theme gives its colours) and its text; a line is a list of them.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING
from unicodedata import category, east_asian_width

if TYPE_CHECKING:
    from collections.abc import Iterable

type Span = tuple[str, str]

ELLIPSIS = "…"
_PIECES = re.compile(r" +|[^ ]+")
_JAMO = range(0x1160, 0x1200)  # vowels and finals that join the syllable before them


def visible(text: str) -> str:
    """`text` with everything that a terminal would obey, or show as nothing, as an escape: `\\x1b`, `\\u202e`.

    Tabs and newlines are escaped as well: lay them out before.
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _escape(char) for char in text)


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii") if char >= " " or char in "\t\n\r" else f"\\x{ord(char):02x}"


@lru_cache(maxsize=4096)
def _columns(char: str) -> int:
    if category(char) in ("Mn", "Me", "Cf") or ord(char) in _JAMO:
        return 0
    return 2 if east_asian_width(char) in "WF" else 1


def columns(text: str) -> int:
    """How many columns visible text takes."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def spans_columns(spans: Iterable[Span]) -> int:
    """How many columns a line of spans takes."""
    return sum(columns(text) for _, text in spans)


def head(text: str, room: int) -> str:
    """As much of visible text as fits `room` columns; a wide character is taken whole or not at all."""
    if text.isascii():
        return text[: max(room, 0)]
    used = 0
    for index, char in enumerate(text):
        used += _columns(char)
        if used > room:
            return text[:index]
    return text


def cut(text: str, room: int) -> str:
    """The text where it fits `room` columns, else as much of it as leaves room for the ellipsis at its end."""
    return text if columns(text) <= room else head(text, room - 1) + ELLIPSIS[: max(room, 0)]


def cut_spans(spans: list[Span], room: int, mark: str = "dim") -> list[Span]:
    """The line where it fits `room` columns, else its beginning with an ellipsis of the role `mark`."""
    if spans_columns(spans) <= room:
        return spans
    kept: list[Span] = []
    left = room - 1
    for role, text in spans:
        width = columns(text)
        if width > left:
            kept.append((role, head(text, left)))
            break
        kept.append((role, text))
        left -= width
    return [*kept, (mark, ELLIPSIS[: max(room, 0)])]


def pad(text: str, room: int) -> str:
    """The text with spaces behind it up to `room` columns."""
    return text + " " * (room - columns(text))


def wrap_spans(spans: list[Span], room: int, indent: int = 0, most: int = 1000) -> list[list[Span]]:
    """The line as lines of at most `room` columns, broken at spaces where there are some; those after the first are
    indented. Where there would be more than `most`, the last one ends with an ellipsis.
    """
    if spans_columns(spans) <= room:
        return [spans]
    margin: Span = ("", " " * min(indent, max(room // 2, 0)))
    lines: list[list[Span]] = [[]]
    left = room
    words = _words(spans)
    for index, word in enumerate(words):
        width = spans_columns(word)
        space = word[0][1].isspace()
        if width > left and not space:
            if len(lines[-1]) > (len(lines) > 1) and (width <= room - len(margin[1]) or left < room // 3):
                if len(lines) == most:
                    return [
                        *lines[:-1],
                        cut_spans([*lines[-1], *(span for one in words[index:] for span in one)], room),
                    ]
                lines.append([margin])
                left = room - len(margin[1])
            while width > left:  # longer than a line
                if len(lines) == most:
                    return [*lines[:-1], cut_spans([*lines[-1], *word, ("", "…")], room)]
                fits, word = _divided(word, left)
                lines[-1] += fits
                width = spans_columns(word)
                lines.append([margin])
                left = room - len(margin[1])
        if space and len(lines[-1]) == 1 and len(lines) > 1:
            continue  # none at the beginning of a line that was broken
        lines[-1] += word
        left -= width
    return [stripped(line) for line in lines]


def _words(spans: list[Span]) -> list[list[Span]]:
    """The line in words and the spaces between them; a word may have several roles."""
    words: list[list[Span]] = []
    for role, text in spans:
        for piece in _PIECES.findall(text):
            if words and not piece.isspace() and not words[-1][0][1].isspace():
                words[-1].append((role, piece))
            else:
                words.append([(role, piece)])
    return words


def _divided(word: list[Span], room: int) -> tuple[list[Span], list[Span]]:
    """As much of a word as fits `room` columns, one character at least, and the rest."""
    fits: list[Span] = []
    rest = list(word)
    while rest:
        role, text = rest.pop(0)
        begin = head(text, room) or ("" if fits else text[:1])
        fits.append((role, begin))
        room -= columns(begin)
        if len(begin) < len(text):
            return fits, [(role, text[len(begin) :]), *rest]
    return fits, rest


def stripped(line: list[Span]) -> list[Span]:
    """The line without the spaces at its end, which may stand beyond the last column."""
    while line and not line[-1][1].rstrip(" "):
        line = line[:-1]
    return [*line[:-1], (line[-1][0], line[-1][1].rstrip(" "))] if line else line
