"""Stacks and tables as lines of spans: columns aligned, the widest made narrower where the terminal is too narrow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lowdb.repl.blocks import Gap, StackEntry
from lowdb.repl.plain import MARKS
from lowdb.terminal import highlight
from lowdb.terminal.width import columns, cut, cut_spans, pad, visible, wrap_spans

if TYPE_CHECKING:
    from lowdb.repl.blocks import Stack, Table
    from lowdb.terminal.width import Span

_WIDEST = 48  # columns of a cell, the last one of a row aside
_LEAST = {"mark": 1, "number": 4, "name": 12, "state": 10, "place": 14, "function": 8}
"""Columns that a cell keeps as long as others can give some; 6 for what is not here."""
_LEAST_LAST = 16  # columns below which the last column is not wrapped but cut
_ROLES = {"place": "dim", "number": "dim", "words": "dim"}
_MARK_ROLES = {sign: f"mark.{kind}" for kind, sign in MARKS.items()}


def stack(block: Stack, width: int) -> list[list[Span]]:
    """The frames, one a line, the selected one marked; libraries' frames are dim."""
    entries = [entry for entry in block.entries if type(entry) is StackEntry]
    if not entries:
        return [[("", "no frames")]]
    index_width = max(len(str(entry.index)) for entry in entries)
    room = width - index_width - 8
    function_width, place_width = _shrunk(
        [
            min(40, max(columns(visible(entry.function)) for entry in entries)),
            min(60, max(columns(visible(entry.place)) for entry in entries)),
        ],
        ["function", "place"],
        room * 2 // 3,
    )
    lines: list[list[Span]] = []
    for entry in block.entries:
        if type(entry) is Gap:
            words = f"  {'':>{index_width}}  … {entry.count} library frame{'s' * (entry.count > 1)} (bt full)"
            lines.append(cut_spans([("dim", words)], width))
        elif type(entry) is StackEntry:
            spans: list[Span] = [("current", ">") if entry.current else ("", " ")]
            spans.append(("dim", f" {entry.index:>{index_width}}  "))
            role = "dim" if entry.hidden else "reason" if entry.current else ""
            spans.append((role, pad(cut(visible(entry.function), function_width), function_width)))
            spans.append(("dim", f"  {pad(_cut_left(visible(entry.place), place_width), place_width)}  "))
            if entry.hidden:
                spans.append(("dim", f"{visible(entry.source)}   ({visible(entry.hidden)})"))
            else:
                spans += highlight.code(entry.source)
            lines.append(cut_spans(spans, width))
    return lines


def table(block: Table, width: int) -> list[list[Span]]:
    """The rows with their columns aligned, two spaces apart; the last column is wrapped where it is too long."""
    rows = [[visible(cell.expandtabs()) for cell in row] for row in block.rows]
    widths: list[int] = []
    longest = 0
    for row in rows:
        for column, cell in enumerate(row[:-1]):
            if column == len(widths):
                widths.append(0)
            widths[column] = max(widths[column], min(columns(cell), _WIDEST))
        longest = max(longest, columns(row[-1]) if row else 0)
    gaps = 2 * len(widths)
    kinds = [*block.columns, *[""] * (len(widths) + 1 - len(block.columns))]
    widths = _shrunk(widths, kinds, width - gaps - min(longest, max(_LEAST_LAST, width // 4)))
    lines = []
    for row in rows:
        spans: list[Span] = []
        current = bool(row) and row[0] == ">"
        for column, cell in enumerate(row[:-1]):
            shorten = _cut_left if kinds[column] == "place" else cut
            shown = pad(shorten(cell, widths[column]), widths[column])
            spans += [*_cell(shown, kinds[column], current), ("", "  ")]
        if row:
            spans += _cell(row[-1], kinds[len(row) - 1], current)
        indent = sum(widths[: len(row) - 1]) + 2 * len(row) - 2
        if width - indent >= _LEAST_LAST:
            lines += wrap_spans(spans, width, indent)
        else:
            lines.append(cut_spans(spans, width))
    return lines


def _cell(text: str, kind: str, current: bool) -> list[Span]:
    if text.strip() == ">":
        return [("current", text.strip()), ("", text[len(text.strip()) :])]
    if text[:1] in _MARK_ROLES:
        return [(_MARK_ROLES[text[:1]], text[:1]), ("", text[1:])]
    if kind == "value":
        return highlight.value(text)
    if kind == "name" and current:
        return [("reason", text)]
    return [(_ROLES.get(kind, ""), text)]


def _cut_left(text: str, room: int) -> str:
    """A place keeps its end: the line's number."""
    return text if columns(text) <= room else "…" + cut(text[::-1], room)[:-1][::-1]


def _shrunk(widths: list[int], kinds: list[str], room: int) -> list[int]:
    """The widths, the greatest made smaller until all fit into `room`; what each should keep is given up last."""
    widths = list(widths)
    for least in ([_LEAST.get(kind, 6) for kind in kinds], [3] * len(kinds)):
        while sum(widths) > room:
            spare, index = max(((width - least[i], i) for i, width in enumerate(widths)), default=(0, 0))
            if spare <= 0:
                break
            widths[index] -= 1
    return widths
