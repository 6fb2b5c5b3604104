"""Blocks as plain text: no colour, no escape codes, nothing that a pipe or an editor's gud mode cannot read."""

from __future__ import annotations

from lowdb.repl.blocks import (
    Block,
    Displayed,
    Gap,
    Help,
    Note,
    Problem,
    SourceView,
    Stack,
    StackEntry,
    StopView,
    Table,
    Text,
    TreeView,
    Value,
    Values,
    text_of,
)

MARKS = {"enabled": "●", "disabled": "○", "trap": "◆", "log": "◇"}
ASCII_MARKS = {"enabled": "*", "disabled": "o", "trap": "#", "log": "."}
_TO_ASCII = str.maketrans({"·": "|", "→": ">", "←": "<", "…": "...", "●": "*", "○": "o", "◆": "#", "◇": ".", "◎": "@"})
_REASON_WIDTH = 64


def marks_for(encoding: str | None) -> dict[str, str]:
    """The gutter marks that `encoding` can hold (a stream's `encoding`, which may be None)."""
    try:
        "●○◆◇".encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return ASCII_MARKS
    return MARKS


class PlainText:
    """Renders blocks; keeps the text of source views, which a person stepping in a loop sees again and again."""

    __slots__ = ("_marks", "_views")

    def __init__(self, marks: dict[str, str]) -> None:
        self._marks = marks
        self._views: dict[SourceView, str] = {}  # by identity: a view never changes

    def render(self, block: Block) -> str:
        """`block` as text that ends with a newline (or the empty string)."""
        match block:
            case StopView():
                text = self._stop(block)
            case SourceView():
                text = self._source(block)
            case Text() if block.text.endswith("\n"):
                text = block.text
            case Text() | Note() | Help():
                text = block.text + "\n"
            case Value():
                text = f"{block.name} = {block.text}\n" if block.name else block.text + "\n"
            case Values():
                text = "".join(f"{value.name} = {value.text}\n" for value in block.entries)
                text += f"{block.note}\n" if block.note else ""
            case Displayed():
                text = f"{block.name} = {f'{block.was} → ' if block.was else ''}{block.text}\n"
            case Problem():
                text = _problem(block)
            case Stack():
                text = _stack(block)
            case Table():
                text = table(block.rows)
            case TreeView():
                text = _tree(block)
            case _:
                text = repr(block) + "\n"
        return text if self._marks is MARKS else text.translate(_TO_ASCII)

    def _stop(self, block: StopView) -> str:
        reason = text_of(block.reason)
        if block.detail:
            reason = f"{reason:<{_REASON_WIDTH}}  {text_of(block.detail)}"
        text = f"> {block.place}\n{reason}\n"
        if type(block.source) is SourceView:
            text += self._source(block.source)
        elif block.source is not None:
            text += self.render(block.source)
        for line in block.lines:
            text += f"  {self.render(line)}"
        return text

    def _source(self, view: SourceView) -> str:
        text = self._views.get(view)
        if text is None:
            marks = {line: self._marks[kind] for line, kind in view.marks}
            width = max(4, len(str(view.lines[-1][0]))) if view.lines else 4
            behind = _values(view)
            text = "".join(
                f"{marks.get(number, ' ')}{'>' if number == view.current else ' '} {number:>{width}}  {line}".rstrip()
                + f"{behind.get(number, '')}\n"
                for number, line in view.lines
            )
            if len(self._views) > 1000:
                self._views.clear()
            self._views[view] = text
        return text


def _values(view: SourceView) -> dict[int, str]:
    behind: dict[int, str] = {}
    for line, name, text in view.values:
        behind[line] = f"{behind.get(line, '   ←')}  {name} = {text}"
    return behind


def _problem(block: Problem) -> str:
    if block.offset < 0:
        return block.message + "\n"
    # A caret under a wide line helps only while both are in view.
    start = max(0, block.offset - 60)
    text = block.text[start : start + 100].replace("\t", " ").replace("\n", " ")
    return f"{block.message}\n    {text}\n    {' ' * (block.offset - start)}^\n"


def _tree(block: TreeView) -> str:
    width = max(len(str(node.number)) for node in block.nodes)
    text = ""
    for node in block.nodes:
        mark = {"open": "-", "closed": "+"}.get(node.state, " ")
        between = "" if node.kind == "more" else "  " if node.state == "open" or node.kind == "property" else " = "
        text += f"{node.number:>{width}} {'  ' * node.depth}{mark} {node.name}{between}{node.text}".rstrip() + "\n"
    return text


def _stack(block: Stack) -> str:
    if not block.entries:
        return "no frames\n"
    entries = [entry for entry in block.entries if type(entry) is StackEntry]
    index_width = max((len(str(entry.index)) for entry in entries), default=1)
    function_width = min(40, max((len(entry.function) for entry in entries), default=0))
    place_width = min(60, max((len(entry.place) for entry in entries), default=0))
    text = ""
    for entry in block.entries:
        if type(entry) is StackEntry:
            line = f"{'>' if entry.current else ' '} {entry.index:>{index_width}}  {entry.function:<{function_width}}"
            line += f"  {entry.place:<{place_width}}  {entry.source}"
            text += (f"{line}   ({entry.hidden})" if entry.hidden else line).rstrip() + "\n"
        elif type(entry) is Gap:
            text += f"  {'':>{index_width}}  … {entry.count} library frame{'s' * (entry.count > 1)} (bt full)\n"
    return text


def table(rows: tuple[tuple[str, ...], ...]) -> str:
    """The rows with their columns aligned, two spaces apart; the last column is not padded."""
    widths: list[int] = []
    for row in rows:
        for column, cell in enumerate(row[:-1]):
            if column == len(widths):
                widths.append(0)
            widths[column] = max(widths[column], min(len(cell), 48))
    return "".join(
        "  ".join([*(f"{cell:<{widths[i]}}" for i, cell in enumerate(row[:-1])), *row[-1:]]).rstrip() + "\n"
        for row in rows
    )
