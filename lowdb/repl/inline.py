"""Values behind the lines of a source view: what the lines of a frame have bound, and what its current line uses.

Runs none of the program's code: objects with a repr of their own are shown by their type.
"""

from __future__ import annotations

from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING

from lowdb.program.bindings import names_at
from lowdb.program.scopes import is_function, locals_snapshot
from lowdb.program.values import SHORT, summary
from lowdb.repl.blocks import SourceView

if TYPE_CHECKING:
    from types import FrameType

    from lowdb.program.sources import Source

_DULL = (FunctionType, BuiltinFunctionType, ModuleType)
_MOST = 40  # names of one view
_kept: dict[tuple[int, int], tuple[CodeType, Source, list[tuple[int, str]]]] = {}


def with_values(view: SourceView, frame: FrameType, line: int, text: Source, extent: tuple[int, int]) -> SourceView:
    """The view with values of `frame`, which stands at `line`; `extent`: the function's lines, (0, 0) for a module."""
    known = locals_snapshot(frame)
    values = []
    for number, name in _names(frame.f_code, line, text, extent):
        if name not in known or not view.lines[0][0] <= number <= view.lines[-1][0] or name.startswith("__"):
            continue
        value = known[name]
        kind = type(value)
        if kind in _DULL or issubclass(kind, type):
            continue
        values.append((number, name, summary(value, SHORT)))
        if len(values) == _MOST:
            break
    return SourceView(view.filename, view.lines, view.current, view.marks, view.inside, values) if values else view


def _names(code: CodeType, line: int, text: Source, extent: tuple[int, int]) -> list[tuple[int, str]]:
    key = (id(code), line)
    kept = _kept.get(key)
    if kept is not None and kept[0] is code and kept[1] is text:
        return kept[2]
    if is_function(code):
        first, last = extent
        found = names_at(text.lines[first - 1 : last], first, line)
    else:
        found = names_at(text.lines, 1, line, module=True) if code.co_name == "<module>" else []
    if len(_kept) > 500:
        _kept.clear()
    _kept[key] = (code, text, found)
    return found
