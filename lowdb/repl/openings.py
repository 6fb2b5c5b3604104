"""In which string of several lines a line of a source begins, so that a screen can colour a part of a file alone."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lowdb.program.sources import Source

_STRINGS = re.compile(
    r"""
      \#[^\n]*
    | (?P<opening> (?:\b[A-Za-z]{1,2})? (?P<quotes> \"\"\"|''') ) (?:[^\\]|\\.)*? (?:(?P=quotes)|\Z)
    | "(?:[^"\\\n]|\\.)*"? | '(?:[^'\\\n]|\\.)*'?
    """,
    re.VERBOSE | re.DOTALL,
)
_BIGGEST = 1_500_000  # characters that are searched
_KEPT = 50
_kept: dict[str, tuple[Source, list[tuple[int, int, str]]]] = {}


def opening_at(text: Source, line: int) -> str:
    """How the string begins in which `line` (1-based) begins, `r\\"\\"\\"` say; "" where it begins in none."""
    if line < 2 or len(text.text) > _BIGGEST:
        return ""
    kept = _kept.get(text.filename)
    if kept is None or kept[0] is not text:
        if len(_kept) >= _KEPT:
            _kept.clear()
        kept = _kept[text.filename] = (text, long_strings(text.text))
    spans = kept[1]
    index = bisect_left(spans, (line,)) - 1  # the last that begins above the line
    return spans[index][2] if index >= 0 and spans[index][1] >= line else ""


def long_strings(text: str) -> list[tuple[int, int, str]]:
    """(first line, last line, opening) of each string that goes over several lines."""
    found = []
    line = 1
    counted = 0
    for match in _STRINGS.finditer(text):
        opening = match["opening"]
        if opening is None or "\n" not in match.group():
            continue
        line += text.count("\n", counted, match.start())
        last = line + match.group().count("\n")
        found.append((line, last, opening))
        line, counted = last, match.end()
    return found
