"""Source around a line, with the marks of breakpoints; kept, because a stepping person sees the same lines often."""

from __future__ import annotations

import os
from types import CodeType
from typing import TYPE_CHECKING

from lowdb.program.paths import canonical, short
from lowdb.program.sources import source
from lowdb.repl.blocks import SourceView
from lowdb.repl.inline import with_values
from lowdb.repl.openings import opening_at

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

    from lowdb.engine.breakpoints import Breakpoint
    from lowdb.program.sources import Source

    type Marks = tuple[tuple[int, str], ...]

_LIBRARY = canonical(os.path.dirname(os.__file__)) + os.sep
_briefs: dict[str, str] = {}
_OPTIMIZED = 0x1  # CO_OPTIMIZED: a function's code
_PARTS = frozenset({"<lambda>", "<genexpr>"})  # parts of a line or two of what a person calls a function
_LONGEST = 300  # characters of a source line that are shown
_CONTROLS = dict.fromkeys([*range(9), *range(10, 32), 127, *range(128, 160)], "·")


class Views:
    """Makes source views; answers the same object as long as code, source and marks are the same."""

    def __init__(self) -> None:
        self._kept: dict[tuple[int, int], tuple[CodeType, Source | None, Marks, int, SourceView]] = {}
        self._extents: dict[int, tuple[CodeType, int, int]] = {}

    def around(
        self,
        frame: FrameType,
        line: int,
        points: Sequence[Breakpoint],
        context: int,
        trapped: bool = False,
        inline: bool = False,
    ) -> SourceView | None:
        """The lines around `line` of the frame's file: all of the function where it is short. None without source.

        `trapped`: a trap stopped here, at an exit of the function, and has its mark here only. `inline`: with the
        values of the frame's variables.
        """
        view = self._around(frame, line, points, context, trapped)
        if view is None or not inline:
            return view
        text = source(view.filename, frame.f_globals)
        return view if text is None else with_values(view, frame, line, text, self.extent(frame.f_code))

    def _around(
        self, frame: FrameType, line: int, points: Sequence[Breakpoint], context: int, trapped: bool
    ) -> SourceView | None:
        code = frame.f_code
        if trapped:
            points = [point for point in points if point.kind != "exit" or not _is_of(point, code)]
        filename = canonical(code.co_filename)
        text = source(filename, frame.f_globals)
        marks = marks_in(points, filename) if points else ()
        if trapped:
            marks = (*(mark for mark in marks if mark[0] != line), (line, "trap"))
        key = (id(code), line)
        kept = self._kept.get(key)
        if kept is not None and kept[1] is text and kept[2] == marks and kept[3] == context and kept[0] is code:
            return kept[4]
        if text is None or not text.lines:
            return None
        first, last = self.extent(code)
        if not (first <= line <= last and last - first <= 2 * context) or code.co_name in _PARTS:
            first, last = line - context, line + context
        view = lines_of(text, filename, first, last, line, marks)
        if len(self._kept) > 2000:
            self._kept.clear()
        self._kept[key] = (code, text, marks, context, view)
        return view

    def extent(self, code: CodeType) -> tuple[int, int]:
        """First and last line of a function, decorators and nested functions included; (0, 0) for modules, classes."""
        if not code.co_flags & _OPTIMIZED:
            return 0, 0
        kept = self._extents.get(id(code))
        if kept is None:
            kept = self._extents[id(code)] = (code, code.co_firstlineno, last_line(code))
        return kept[1], kept[2]


def brief(filename: str) -> str:
    """A canonical file name for a person: from where lowdb was started, else from its place in the library."""
    name = _briefs.get(filename)
    if name is None:
        name = short(filename)
        if name == filename:
            for part in (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}"):
                name = name.rpartition(part)[2]
            if name == filename and filename.startswith(_LIBRARY):
                name = filename[len(_LIBRARY) :]
        _briefs[filename] = name
    return name


def last_line(code: CodeType) -> int:
    """The greatest line of the code and of all code nested in it."""
    last = max((line for _, _, line in code.co_lines() if line is not None), default=code.co_firstlineno)
    return max([last, *(last_line(c) for c in code.co_consts if type(c) is CodeType)])


def lines_of(text: Source, filename: str, first: int, last: int, current: int = 0, marks: Marks = ()) -> SourceView:
    """Lines `first` to `last` (1-based, cut to what there is) of a source, ready for any screen."""
    first, last = max(1, first), min(last, len(text.lines))
    lines = [(number, clean(text.lines[number - 1])) for number in range(first, last + 1)]
    seen = [mark for mark in marks if first <= mark[0] <= last]
    return SourceView(filename, lines, current, seen, opening_at(text, first))


def clean(line: str) -> str:
    """A source line without tabs and control characters, cut where it is very long."""
    line = line.expandtabs(8)
    if not line.isprintable():
        line = line.translate(_CONTROLS)
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}… {len(line) - _LONGEST} more characters"


def marks_in(points: Sequence[Breakpoint], filename: str) -> Marks:
    """(line, kind) of every breakpoint in a file; where two share a line an enabled one is seen."""
    found: dict[int, str] = {}
    for point in points:
        for place in point.places:
            if place.filename == filename:
                kind = _kind(point)
                if kind != "disabled" or place.line not in found:
                    found[place.line] = kind
    return tuple(found.items())


def _is_of(point: Breakpoint, code: CodeType) -> bool:
    return any(place.function == code.co_qualname for place in point.places)


def _kind(point: Breakpoint) -> str:
    if not point.enabled:
        return "disabled"
    if point.spec.log is not None:
        return "log"
    return "trap" if point.spec.kind == "exit" else "enabled"
