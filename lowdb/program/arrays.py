"""Arrays and tables of numpy, pandas and torch: shape, dtype and the first items, whatever their size.

Only where their library is loaded already; asks the library, never an object inside for more than its own look.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from lowdb.program.guard import class_place, clean, problem, type_name
from lowdb.program.limits import FULL

if TYPE_CHECKING:
    from typing import Any

    from lowdb.program.shapes import Shaper
    from lowdb.program.tree import Shape

_LIBRARIES = ("numpy", "pandas", "torch")
_DTYPE = 60  # characters
_HEAD = 5  # rows of a table, where it is not shown in full


def array(shaper: Shaper, value: Any, kind: type, depth: int) -> Shape | None:
    """Return the shape of an array or table; None for anything else. Where no code may run, without its items."""
    where = class_place(kind)
    library, _, name = where.partition(".")
    if library not in _LIBRARIES or library not in sys.modules:
        return None
    name = name.rpartition(".")[2]
    try:
        if where == "numpy.ndarray":
            return _ndarray(shaper, value, depth, f"ndarray {_size(value.shape)} {_dtype(value)}")
        if name in ("Tensor", "Parameter", "MaskedArray", "matrix", "memmap") and library != "pandas":
            return f"<{name} {_size(tuple(value.shape))} {_dtype(value)}>"
        if name == "DataFrame":
            return _frame(shaper, value, depth)
        if name in ("Series", "Index"):
            return _series(shaper, value, depth, f"{name} of {len(value):,} {_dtype(value)}")
    except Exception as error:
        return f"<{type_name(value)}: {problem(error)}>"
    return None


def _size(shape: tuple[int, ...]) -> str:
    return " x ".join(f"{length:,}" for length in shape) or "of no dimension"


def _dtype(value: Any) -> str:
    text = clean(str(value.dtype))
    return text if len(text) <= _DTYPE else f"{text[:_DTYPE]}…"


def _ndarray(shaper: Shaper, value: Any, depth: int, words: str = "") -> Shape:
    """An array of one class only: its items and rows are numpy's own views."""
    if not shaper.limits.own_repr:
        return f"<{words}>"
    opening = f"{words} [".lstrip()
    if not value.shape:
        return f"{words} [{_text(shaper, [value[()]], depth)}]"
    length, some = value.shape[0], shaper.limits.items
    if value.ndim > 1:
        # deeper only as far as the text has room
        rows = (("", _Row(value[number])) for number in range(min(length, some)))
        return shaper.parts(rows, length, depth, opening, "]")
    return shaper.parts([("", item) for item in _plain(value[:some])], length, depth, opening, "]")


class _Row:
    """A row of an array of several dimensions: shown without its dtype again."""

    __slots__ = ("values",)

    def __init__(self, values: Any) -> None:
        self.values = values


def row(shaper: Shaper, value: object, kind: type, depth: int) -> Shape | None:
    """Return the shape of a row that `array` handed on; None for anything else."""
    return _ndarray(shaper, value.values, depth) if kind is _Row else None  # type: ignore[attr-defined]


def _plain(values: Any) -> list[Any]:
    """The few items of a slice as Python's own numbers and strings, where they are such; times as text."""
    if values.dtype.kind in "mM":
        return [_Words(str(item)) for item in values]
    return list(values.tolist())


class _Words:
    """What stands for an item, without quotes."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


def _text(shaper: Shaper, items: list[Any], depth: int) -> str:
    from_numpy = [item.item() if hasattr(item, "item") else item for item in items]
    shape = shaper.parts([("", item) for item in from_numpy], len(from_numpy), depth, "", "")
    return shape if isinstance(shape, str) else shape.line()


def _frame(shaper: Shaper, value: Any, depth: int) -> Shape:
    rows, columns = len(value.index), len(value.columns)
    words = f"DataFrame of {rows:,} row{'s' if rows != 1 else ''} x {columns:,} column{'s' if columns != 1 else ''}"
    if not shaper.limits.own_repr:
        return f"<{words}>"
    names = value.columns[: shaper.limits.items].tolist()
    some = shaper.limits.items if shaper.limits is FULL else min(shaper.limits.items, _HEAD)
    shown = [(f"{_label(name)}: ", _Column(value.iloc[:some, at], rows)) for at, name in enumerate(names)]
    return shaper.parts(shown, columns, depth, f"{words} {{", "}")


class _Column:
    """The beginning of a column, and how long all of it is."""

    __slots__ = ("length", "values")

    def __init__(self, values: Any, length: int) -> None:
        self.values = values
        self.length = length


def column(shaper: Shaper, value: Any, kind: type, depth: int) -> Shape | None:
    """Return the shape of a column that `array` handed on; None for anything else."""
    if kind is not _Column:
        return None
    items = [("", item) for item in _items(value.values)]
    return shaper.parts(items, value.length, depth, f"{_dtype(value.values)} [", "]")


def _series(shaper: Shaper, value: Any, depth: int, words: str) -> Shape:
    if not shaper.limits.own_repr:
        return f"<{words}>"
    some = shaper.limits.items
    index = getattr(value, "index", None)
    if index is None:  # an Index
        return shaper.parts([("", item) for item in _items(value[:some])], len(value), depth, f"{words} [", "]")
    head = value.iloc[:some]
    items = _items(head)
    if type(index).__name__ == "RangeIndex":
        return shaper.parts([("", item) for item in items], len(value), depth, f"{words} [", "]")
    labels = [f"{_label(label)}: " for label in head.index.tolist()]
    return shaper.parts(list(zip(labels, items, strict=True)), len(value), depth, f"{words} {{", "}")


def _items(values: Any) -> list[Any]:
    if getattr(values.dtype, "kind", "O") in "mM":
        return [_Words(str(item)) for item in values.tolist()]
    return list(values.tolist())


def _label(label: object) -> str:
    return repr(label) if type(label) in (str, int, float, bool, tuple) else type_name(label)
