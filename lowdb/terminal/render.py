"""Blocks as text for a terminal: in colour where that is wanted, cut and wrapped at its width.

What the program's values and files hold is data: none of it reaches the terminal as something that it would obey.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from lowdb.repl.blocks import Gap, Problem, SourceView, Stack, StackEntry, StopView, Table, Text, Value
from lowdb.terminal import highlight
from lowdb.terminal.theme import ANSI, NONE, Theme, UnknownTheme, depth_of
from lowdb.terminal.width import columns, cut, cut_spans, pad, visible, wrap_spans

if TYPE_CHECKING:
    from collections.abc import Callable

    from lowdb.repl.blocks import Block
    from lowdb.repl.console import Choices
    from lowdb.terminal.width import Span

MARKS = {"enabled": "●", "disabled": "○", "trap": "◆", "log": "◇"}
_MARK_ROLES = {sign: f"mark.{kind}" for kind, sign in MARKS.items()}
_DETAIL = 64  # the column where the detail of a stop stands if there is room
_FAILURES = ("uncaught", "user-uncaught", "raised", "unwinds", "post-mortem")
_NARROW = 20  # columns; a terminal that says it has fewer is taken to have so many


class Renderer:
    """Renders blocks for one terminal, whose width is asked for each time."""

    def __init__(self, choices: Choices, width: Callable[[], int]) -> None:
        self._choices = choices
        self._width = width
        self._highlighter = highlight.Highlighter()
        self._theme = Theme("default", ANSI)
        self._asked: tuple[object, object] | None = None

    def render(self, block: Block) -> str:
        """`block` as text that ends with a newline (or the empty string)."""
        problem = self._choose()
        width = max(self._width(), _NARROW)
        lines = [*problem, *self._lines(block, width)]
        paint = self._theme.paint
        return "".join(f"{paint(line)}\n" for line in lines)

    def _choose(self) -> list[list[Span]]:
        """Take up what the settings say now; a line where there is no such theme."""
        asked = (self._choices["theme"], self._choices["color"])
        if asked == self._asked:
            return []
        self._asked = asked
        depth = NONE if asked[1] == "never" else depth_of(os.environ)
        try:
            self._theme = Theme(str(asked[0]), depth)
        except UnknownTheme as error:
            self._theme = Theme("default", depth)
            return [[("error", visible(str(error)))]]
        return []

    def _lines(self, block: Block, width: int) -> list[list[Span]]:
        match block:
            case StopView():
                return self._stop(block, width)
            case SourceView():
                return self._source(block, width)
            case Value():
                return _value(block)
            case Problem():
                return _problem(block, width)
            case Stack():
                return self._stack(block, width)
            case Table():
                return _table(block.rows, width)
            case Text():
                return _text(block.text)
            case _:
                return [[("", visible(repr(block)))]]

    def _stop(self, block: StopView, width: int) -> list[list[Span]]:
        lines = _reason(block, width)
        if type(block.source) is SourceView:
            lines += self._source(block.source, width)
        elif block.source is not None:
            lines += self._lines(block.source, width)
        for line in block.lines:
            lines.append(cut_spans([("dim", f"  {visible(line)}")], width))
        return lines

    def _source(self, view: SourceView, width: int) -> list[list[Span]]:
        marks = dict(view.marks)
        digits = max(4, len(str(view.lines[-1][0]))) if view.lines else 4
        shown = []
        for (number, _), spans in zip(view.lines, self._highlighter.source(view.lines), strict=True):
            kind = marks.get(number)
            mark: Span = (f"mark.{kind}", MARKS[kind]) if kind else ("", " ")
            if number == view.current:
                gutter: list[Span] = [mark, ("current", f"> {number:>{digits}} "), ("", " ")]
            else:
                gutter = [mark, ("dim", f"  {number:>{digits}} "), ("", " ")]
            shown.append(cut_spans([*gutter, *spans], width))
        return shown

    def _stack(self, block: Stack, width: int) -> list[list[Span]]:
        entries = [entry for entry in block.entries if type(entry) is StackEntry]
        if not entries:
            return [[("", "no frames")]]
        index_width = max(len(str(entry.index)) for entry in entries)
        room = width - index_width - 8
        function_width = min(40, room // 3, max(columns(visible(entry.function)) for entry in entries))
        place_width = min(60, room // 3, max(columns(visible(entry.place)) for entry in entries))
        lines: list[list[Span]] = []
        for entry in block.entries:
            if type(entry) is Gap:
                words = f"  {'':>{index_width}}  … {entry.count} library frame{'s' * (entry.count > 1)} (bt full)"
                lines.append(cut_spans([("dim", words)], width))
            elif type(entry) is StackEntry:
                spans: list[Span] = [("current", ">") if entry.current else ("", " ")]
                spans.append(("", f" {entry.index:>{index_width}}  "))
                role = "dim" if entry.hidden else "reason" if entry.current else ""
                spans.append((role, pad(cut(visible(entry.function), function_width), function_width)))
                spans.append(("dim", f"  {pad(cut(visible(entry.place), place_width), place_width)}  "))
                spans += [("dim", entry.source)] if entry.hidden else highlight.lexed([entry.source])[0]
                if entry.hidden:
                    spans.append(("dim", f"   ({visible(entry.hidden)})"))
                lines.append(cut_spans(spans, width))
        return lines


def _reason(block: StopView, width: int) -> list[list[Span]]:
    word, gap, rest = visible(block.reason).partition("  ")
    role = "failure" if word.startswith(_FAILURES) else "reason"
    spans: list[Span] = [(role, word), *highlight.value(gap + rest)]
    lines = wrap_spans(spans, width, 2, 6)
    detail = visible(block.detail)
    if not detail:
        return lines
    used = columns(block.reason) if len(lines) == 1 else width
    start = min(max(used + 3, _DETAIL), width - columns(detail))
    if start >= used + 3:
        lines[0].append(("dim", f"{'':{start - used}}{detail}"))
    else:
        lines += wrap_spans([("dim", f"  {detail}")], width, 2, 6)
    return lines


def _text(text: str) -> list[list[Span]]:
    lines = []
    for line in text.removesuffix("\n").split("\n"):
        shown = visible(line.expandtabs())
        role = _MARK_ROLES.get(shown[:1], "")
        lines.append([(role, shown[:1]), ("", shown[1:])])
    return lines


def _value(block: Value) -> list[list[Span]]:
    name = f"{visible(block.name)} = " if block.name else ""
    text = "\n".join(visible(line.expandtabs()) for line in block.text.split("\n"))
    return _split([("", name), *highlight.value(text)])


def _split(spans: list[Span]) -> list[list[Span]]:
    """Spans that hold newlines as lines."""
    lines: list[list[Span]] = [[]]
    for role, text in spans:
        first, *others = text.split("\n")
        lines[-1].append((role, first))
        lines += [[(role, other)] for other in others]
    return lines


def _problem(block: Problem, width: int) -> list[list[Span]]:
    lines = [[("error", visible(line))] for line in block.message.split("\n")]
    if block.offset < 0:
        return lines
    room = width - 5
    start = max(0, block.offset - room * 2 // 3)
    before = visible(block.text[start : block.offset].replace("\t", " ").replace("\n", " "))
    after = visible(block.text[block.offset :].replace("\t", " ").replace("\n", " "))
    return [
        *lines,
        cut_spans([("", "    "), *highlight.lexed([before + after])[0]], width),
        [("caret", f"{'':{4 + columns(before)}}^")],
    ]


def _table(rows: tuple[tuple[str, ...], ...], width: int) -> list[list[Span]]:
    shown = [[visible(cell.expandtabs()) for cell in row] for row in rows]
    widths: list[int] = []
    for row in shown:
        for column, cell in enumerate(row[:-1]):
            if column == len(widths):
                widths.append(0)
            widths[column] = max(widths[column], min(columns(cell), 48))
    lines = []
    for row in shown:
        spans: list[Span] = []
        for column, cell in enumerate(row[:-1]):
            spans.append(("current" if cell == ">" else "", pad(cut(cell, widths[column]), widths[column])))
            spans.append(("", "  "))
        if row:
            spans.append(("", row[-1]))
        lines += wrap_spans(spans, width, min(sum(widths) + 2 * len(widths), width // 2))
    return lines
