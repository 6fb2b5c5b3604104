"""Stacks and tables as lines of spans: columns aligned, the widest made narrower where the terminal is too narrow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lowdb.repl.blocks import Gap, StackEntry
from lowdb.terminal import highlight
from lowdb.terminal.theme import MARK_ROLES
from lowdb.terminal.width import columns, cut, cut_spans, pad, spans_columns, stripped, visible, wrap_spans

if TYPE_CHECKING:
    from lowdb.repl.blocks import Stack, Table
    from lowdb.terminal.width import Span

_WIDEST = 48  # columns of a cell that is cut
_LEAST = {"mark": 1, "number": 4, "name": 12, "state": 10, "place": 14, "function": 8}
"""The kinds that are cut, and the columns that they keep as long as others can give some. The rest is wrapped."""
_LEAST_WORDS = 16
_ROLES = {"place": "dim", "number": "dim", "words": "dim"}


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
    """The rows with their columns aligned, two spaces apart. Where they are too wide, words are wrapped in their
    columns; names, places and the like are cut.
    """
    rows = [[visible(cell.expandtabs()) for cell in row] for row in block.rows]
    length = max(map(len, rows), default=0)
    kinds = [*block.columns, *[""] * length][:length]
    widths = [
        max(min(columns(row[i]), _WIDEST if kinds[i] in _LEAST else width) if i < len(row) else 0 for row in rows)
        for i in range(length)
    ]
    widths = _shrunk(widths, kinds, width - 2 * max(length - 1, 0))
    lines: list[list[Span]] = []
    for row in rows:
        if len(row) == 1 < length:
            lines.append(cut_spans([("heading", row[0])], width))
            continue
        current = bool(row) and row[0] == ">"
        cells = [_cell(text, kinds[i], widths[i], current) for i, text in enumerate(row)]
        for index in range(max(map(len, cells), default=0)):
            spans: list[Span] = []
            for i, cell in enumerate(cells):
                line = cell[index] if index < len(cell) else []
                spans += [*line, ("", " " * (widths[i] - spans_columns(line) + 2))]
            lines.append(stripped(cut_spans(stripped(spans), width)))
    return lines


def _cell(text: str, kind: str, width: int, current: bool) -> list[list[Span]]:
    """A cell as lines of at most `width` columns."""
    if text == ">":
        return [[("current", text)]]
    if kind in _LEAST:
        text = _cut_left(text, width) if kind == "place" else cut(text, width)
        return [[("reason" if kind == "name" and current else _ROLES.get(kind, ""), text)]]
    spans: list[Span] = [(_ROLES.get(kind, ""), text)]
    if text[:1] in MARK_ROLES:
        spans = [(MARK_ROLES[text[:1]], text[:1]), ("", text[1:])]
    elif kind == "value":
        spans = highlight.value(text)
    elif kind == "code":
        spans = [*highlight.code(text)]
    return wrap_spans(spans, max(width, 1))


def _cut_left(text: str, room: int) -> str:
    """A place keeps its end: the line's number."""
    return text if columns(text) <= room else "…" + cut(text[::-1], room)[:-1][::-1]


def _shrunk(widths: list[int], kinds: list[str], room: int) -> list[int]:
    """The widths, the greatest made smaller until all fit into `room`; what each should keep is given up last."""
    widths = list(widths)
    for least in ([_LEAST.get(kind, _LEAST_WORDS) for kind in kinds], [3] * len(kinds)):
        while sum(widths) > room:
            spare, index = max(((width - least[i], i) for i, width in enumerate(widths)), default=(0, 0))
            if spare <= 0:
                break
            widths[index] -= 1
    return widths
