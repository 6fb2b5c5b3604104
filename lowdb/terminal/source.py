"""Source views as lines of spans: gutter, marks, the code in colour, values behind it; a window of a long one."""

from __future__ import annotations

import os
from itertools import groupby
from typing import TYPE_CHECKING

from lowdb.repl.plain import MARKS
from lowdb.terminal.highlight import Highlighter
from lowdb.terminal.width import columns, cut, cut_spans, spans_columns, visible

if TYPE_CHECKING:
    from lowdb.repl.blocks import SourceView
    from lowdb.terminal.width import Span

_BEHIND = "   ←  "  # between code and values
_LEAST_VALUE = 8  # columns; with fewer left no value is shown
_LONGEST_VALUE = 60
_MARGIN = 3  # lines that a window shows above and below the current one


class SourceLines:
    """Lays out source views; remembers which part of a long one was in view, so that it does not jump at each step."""

    def __init__(self) -> None:
        self._highlighter = Highlighter()
        self._window: tuple[str, int, int] = ("", 0, 0)  # file, first line of the view, first line of the window

    def lines(self, view: SourceView, width: int, room: int = 0) -> list[list[Span]]:
        """The view's lines, cut at `width` columns; at most `room` of them, the current one among them (0: all)."""
        if not view.lines:
            return []
        marks = dict(view.marks)
        values = {
            line: [(name, value) for _, name, value in found]
            for line, found in groupby(view.values, lambda entry: entry[0])
        }
        digits = max(4, len(str(view.lines[-1][0])))
        if _is_python(view.filename):
            code = self._highlighter.source(view.lines, view.inside)
        else:
            code = [[("", visible(text))] for _, text in view.lines]
        first, last = self._shown(view, room)
        shown = []
        for index in range(first, last):
            number = view.lines[index][0]
            kind = marks.get(number)
            gutter: list[Span] = [(f"mark.{kind}", MARKS[kind]) if kind else ("", " ")]
            if number == view.current:
                gutter += [("current", f"> {number:>{digits}} "), ("", " ")]
            else:
                gutter += [("dim", f"  {number:>{digits}} "), ("", " ")]
            line = cut_spans([*gutter, *code[index]], width)
            if number in values:
                line = [*line, *_behind(values[number], width - spans_columns(line))]
            shown.append(line)
        return shown

    def _shown(self, view: SourceView, room: int) -> tuple[int, int]:
        """First index, and the one after the last, of the lines that a window of `room` lines shows."""
        length = len(view.lines)
        if not room or length <= room:
            return 0, length
        start = view.lines[0][0]
        current = view.current - start if start <= view.current <= view.lines[-1][0] else 0
        margin = min(_MARGIN, (room - 1) // 2)
        top = self._window[2] if self._window[:2] == (view.filename, start) else -1
        if not (top >= 0 and top + margin <= current < top + room - margin):
            top = current - room // 3
        top = max(0, min(top, length - room))
        self._window = (view.filename, start, top)
        return top, top + room


def _is_python(filename: str) -> bool:
    """Templates and the like have code objects, too, with lines of another language."""
    suffix = os.path.splitext(filename)[1].lower()
    return not suffix or suffix.startswith(".py") or filename.startswith("<")


def _behind(values: list[tuple[str, str]], room: int) -> list[Span]:
    """`   ← name = value   other = value`, as many as there is room for."""
    text = ""
    for name, value in values:
        begin = _BEHIND if not text else "   "
        entry = f"{begin}{visible(name)} = {cut(visible(value), _LONGEST_VALUE)}"
        left = room - columns(text)
        if columns(entry) > left:
            if left >= len(begin) + columns(name) + 3 + _LEAST_VALUE:
                text += cut(entry, left)
            break
        text += entry
    return [("dim", text)] if text else []
