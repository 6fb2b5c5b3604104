"""Blocks as text for a terminal: in colour where that is wanted, cut and wrapped at its width.

What the program's values and files hold is data: none of it reaches the terminal as something that it would obey.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from lowdb.repl.blocks import (
    Displayed,
    Help,
    Note,
    Problem,
    SourceView,
    Stack,
    StopView,
    Table,
    Text,
    TreeNode,
    TreeView,
    Value,
    Values,
    text_of,
)
from lowdb.repl.colors import colored
from lowdb.terminal import highlight, tables, tree
from lowdb.terminal.source import SourceLines
from lowdb.terminal.theme import ANSI, MARK_ROLES, NONE, Theme, UnknownTheme, check, depth_of
from lowdb.terminal.width import columns, cut, cut_spans, spans_columns, visible, wrap_spans

if TYPE_CHECKING:
    from collections.abc import Callable

    from lowdb.repl.blocks import Block, Words
    from lowdb.repl.console import Choices
    from lowdb.terminal.width import Span

_DETAIL = 64  # the column where the detail of a stop stands if there is room
_NARROW = 20  # columns; a terminal that says it has fewer is taken to have so many
_LOW = 10  # lines
_PROMPT = 2  # lines that sticky leaves for the prompt and the toolbar
_LONGEST_REASON = 6  # lines
_READABLE = 100  # columns of a paragraph
_TITLE = re.compile(r"[A-Za-z][\w ]{2,28}: ")
_PROMPTED = re.compile(r"\(lowdb[^)]*\) ")  # the echo of a line that was given at the start
_CAUSE = re.compile(r"([a-z ]{2,20}: )([\w.]+:?)(.*)")
_BETWEEN = "  ·  "
_STUCK = "\N{NO-BREAK SPACE}"
_ROLES = {"word": "reason", "failure": "failure", "note": "dim", "exception": "error", "place": "place"}


class Renderer:
    """Renders blocks for one terminal, whose size (columns, lines) is asked for each time."""

    def __init__(self, choices: Choices, width: Callable[[], int], height: Callable[[], int]) -> None:
        self._choices = choices
        self._width = width
        self._height = height
        self._source = SourceLines()
        self._theme = Theme("default", ANSI)
        self._asked: tuple[object, object] | None = None
        checks = getattr(choices, "checks", None)
        if checks is not None:  # the prompt's `config theme = …` then refuses what is none
            checks["theme"] = check

    def render(self, block: Block) -> str:
        """`block` as text that ends with a newline (or the empty string)."""
        lines = self._choose()
        width = max(self._width(), _NARROW)
        before = ""
        if type(block) is StopView:
            sticky = bool(self._choices["sticky"])
            height = max(self._height(), _LOW)
            # What stood on the screen goes where one can scroll back to it.
            before = "\n" * (height - 1) + "\x1b[H\x1b[J" if sticky else ""
            lines += self._stop(block, width, height if sticky else 0)
        else:
            lines += self._lines(block, width)
        paint = self._theme.paint
        return before + "".join([f"{paint(line)}\n" for line in lines])

    def _choose(self) -> list[list[Span]]:
        """Take up what the settings say now; a line where there is no such theme."""
        asked = (self._choices["theme"], self._choices["color"])
        if asked == self._asked:
            return []
        self._asked = asked
        depth = depth_of(os.environ) if colored(asked[1], os.environ) else NONE
        try:
            self._theme = Theme(str(asked[0]), depth)
        except UnknownTheme as error:
            self._theme = Theme("default", depth)
            return [[("error", visible(str(error)))]]
        return []

    def _lines(self, block: Block, width: int) -> list[list[Span]]:
        match block:
            case SourceView():
                return self._source.lines(block, width)
            case Value():
                return _value(block)
            case Values():
                lines = [line for entry in block.entries for one in _value(entry) for line in wrap_spans(one, width, 4)]
                return lines + wrap_spans([("dim", visible(block.note))], width) if block.note else lines
            case Displayed():
                return _displayed(block, width)
            case Note():
                return _note(block, width)
            case Problem():
                return _problem(block, width)
            case Stack():
                return tables.stack(block, width)
            case Table():
                return tables.table(block, width)
            case TreeView() | TreeNode():
                return tree.lines(block, width)
            case Help():
                return _help(block.text, width, self._theme.depth != NONE)
            case Text():
                return _text(block.text, width)
            case _:
                return [[("", visible(repr(block)))]]

    def _stop(self, block: StopView, width: int, height: int) -> list[list[Span]]:
        """`height`: lines of the screen that the stop is to fill at most; 0 without a bound."""
        above = _reason(block, width)
        below = [line for extra in block.lines for line in self._below(extra, width)]
        if type(block.source) is SourceView:
            room = max(5, height - len(above) - len(below) - _PROMPT) if height else 0
            return [*above, *self._source.lines(block.source, width, room), *below]
        if block.source is not None:
            above += self._lines(block.source, width)
        return [*above, *below]

    def _below(self, block: Block, width: int) -> list[list[Span]]:
        return [[("", "  "), *line] for line in self._lines(block, width - 2)]


def _reason(block: StopView, width: int) -> list[list[Span]]:
    """The reason with the detail at its right where there is room, else below."""
    spans = _words(block.reason)
    if block.where:
        quiet = text_of(block.reason) == "step"
        spans = [("dim", text) for _, text in spans] if quiet else spans[:]
        spans.insert(1, ("dim" if quiet else "place", f"  {visible(block.where)}"))
    lines = wrap_spans(spans, width, 2, _LONGEST_REASON)
    detail = [(role or "dim", text) for role, text in _words(block.detail)]
    if not detail:
        return lines
    used = spans_columns(spans) if len(lines) == 1 else width
    start = min(max(used + 3, _DETAIL), width - spans_columns(detail))
    if start >= used + 3:
        lines[0] += [("", " " * (start - used)), *detail]
    else:
        lines += wrap_spans([("", "  "), *detail], width, 2, _LONGEST_REASON)
    return lines


def _words(words: Words) -> list[Span]:
    spans: list[Span] = []
    for kind, text in words:
        shown = visible(text)
        if kind in ("call", "value"):
            spans += highlight.value(shown)
        elif kind == "condition":
            spans += highlight.code(shown)
        elif kind == "exception":
            name, colon, message = shown.partition(":")
            spans += [("error", name + colon), ("text", message)]
        else:
            spans.append((_ROLES.get(kind, ""), shown))
    return spans


def _note(block: Note, width: int) -> list[list[Span]]:
    text = visible(block.text)
    if block.kind == "caller":
        whole = text.split(_BETWEEN)
        while len(whole) > 1 and columns(text) > width:  # better one caller whole than a bit of the next
            whole.pop()
            text = f"{_BETWEEN.join(whole)}{_BETWEEN}…"
        return [cut_spans([("dim", text)], width)]
    if block.kind == "values":
        return wrap_spans(highlight.value(text), width, 3, 3)
    cause = _CAUSE.match(text)
    if cause is None or block.kind != "cause":
        return wrap_spans([("", text)], width, 2, 4)
    how, name, message = cause.groups()
    message, bracket, hint = message.partition("   (")
    return wrap_spans([("dim", how), ("error", name), ("", message), ("dim", bracket + hint)], width, 2, 4)


def _displayed(block: Displayed, width: int) -> list[list[Span]]:
    """`name = old → new`, or `name = value`; over a few lines where it is long."""
    spans: list[Span] = [("", f"{visible(block.name)} = ")]
    if block.was:
        spans += [("was", cut(visible(block.was), max(10, width // 3))), ("dim", " → ")]
        spans.append(("changed", visible(block.text)))
    else:
        spans += highlight.value(visible(block.text))
    return wrap_spans(spans, width, 4, 4)


def _text(text: str, width: int) -> list[list[Span]]:
    """Words, wrapped with what goes on indented: below the words where they begin with a mark and a number."""
    lines: list[list[Span]] = []
    for line in text.removesuffix("\n").split("\n"):
        shown = visible(line.expandtabs())
        if prompt := _PROMPTED.match(shown):
            lines += wrap_spans([("bold", prompt.group()), ("", shown[prompt.end() :])], width, 2)
            continue
        role = MARK_ROLES.get(shown[:1], "")
        indent = len(shown) - len(shown[2:].lstrip(" 0123456789")) if role else len(shown) - len(shown.lstrip(" ")) + 2
        lines += wrap_spans([(role, shown[:1]), ("", shown[1:])], width, indent)
    return lines


def _value(block: Value) -> list[list[Span]]:
    name = f"{visible(block.name)} = " if block.name else ""
    text = "\n".join([visible(line.expandtabs()) for line in block.text.split("\n")])
    lines: list[list[Span]] = [[("", name)]]
    for role, piece in highlight.value(text):
        first, *others = piece.split("\n")
        lines[-1].append((role, first))
        lines += [[(role, other)] for other in others]
    return lines


def _problem(block: Problem, width: int) -> list[list[Span]]:
    lines: list[list[Span]] = []
    for line in visible_lines(block.message).split("\n"):
        what, bracket, hint = line.partition(" (")
        lines += wrap_spans([("error", what), ("", bracket + hint)], width, 2)
    if block.offset < 0:
        return lines
    room = width - 6
    start = max(0, block.offset - room * 2 // 3)  # a caret below a long line stands where the line is seen
    before = visible(block.text[start : block.offset].replace("\t", " ").replace("\n", " "))
    after = visible(block.text[block.offset :].replace("\t", " ").replace("\n", " "))
    typed: list[Span] = [("", "    "), *highlight.code(before + after)]
    return [*lines, cut_spans(typed, width), [("caret", f"{'':{4 + columns(before)}}^")]]


def visible_lines(text: str) -> str:
    """`visible`, with newlines kept and tabs laid out."""
    return "\n".join([visible(line.expandtabs()) for line in text.split("\n")])


def _help(text: str, width: int, coloured: bool) -> list[list[Span]]:
    """A page of help: usage and titles bold, examples and what stands in backticks as code, wrapped at the width."""
    lines: list[list[Span]] = []
    width = min(width, _READABLE)
    for number, line in enumerate(_paragraphs(visible_lines(text).split("\n"))):
        title = _TITLE.match(line)
        if number == 0 and not title:
            name, space, usage = line.partition(" ")
            spans: list[Span] = [("heading", name), ("", space + usage)]
        elif line.startswith("    "):
            spans = [("code", line)]
        elif title:
            kept = line[title.end() :].replace(" (", f"{_STUCK}(")
            spans = [("heading", title.group()), *_inline_code(kept, coloured)]
        else:
            spans = _inline_code(line, coloured)
        indent = len(line) - len(line.lstrip(" ")) + 2
        if not title and line[:1] != " ":
            indent = 0 if number else 4
        for wrapped in wrap_spans(spans, width, indent):
            lines.append([(role, piece.replace(_STUCK, " ")) for role, piece in wrapped])
    return lines


def _paragraphs(lines: list[str]) -> list[str]:
    """The lines with those of a paragraph joined; the first one and what is indented stay as they are."""
    found: list[str] = []
    for number, line in enumerate(lines):
        before = found[-1] if number > 1 else ""
        goes_on = line[:1] not in ("", " ") and not _TITLE.match(line)
        if goes_on and before[:1] not in ("", " ") and len(lines[number - 1]) > 80:
            found[-1] = f"{before} {line}"
        else:
            found.append(line)
    return found


def _inline_code(text: str, coloured: bool) -> list[Span]:
    spans: list[Span] = []
    for index, piece in enumerate(text.split("`")):
        if index % 2 == 0:
            spans.append(("", piece))
        else:
            spans.append(("code", piece if coloured else f"`{piece}`"))
    return spans
