"""Arrays and tables: shape, dtype and head; with stand-ins, and with the real libraries where they are installed."""

from __future__ import annotations

import sys
import time
import types
from typing import Any

import pytest

from lowdb.program.values import FULL, SHORT, Limits, lines, summary


class Dtype:
    kind = "f"

    def __str__(self) -> str:
        return "float64"


def fail(self: object) -> str:
    raise AssertionError("the library's own repr was asked")


class Array:
    """As much of numpy.ndarray as is asked for."""

    dtype = Dtype()
    __repr__ = fail

    def __init__(self, items: list[Any], length: int | None = None) -> None:
        self.items = items
        inner = (len(items[0].items),) if items and type(items[0]) is Array else ()
        self.shape = (len(items) if length is None else length, *inner)
        self.ndim = len(self.shape)

    def __getitem__(self, key: Any) -> Any:
        return Array(self.items[key]) if type(key) is slice else self.items[key]

    def tolist(self) -> list[Any]:
        return self.items


Array.__module__, Array.__qualname__, Array.__name__ = "numpy", "ndarray", "ndarray"


@pytest.fixture
def numpy_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numpy", types.ModuleType("numpy"))


@pytest.mark.usefixtures("numpy_loaded")
def test_an_array_shows_shape_dtype_and_its_first_items():
    assert summary(Array([1.0, 2.0])) == "ndarray 2 float64 [1.0, 2.0]"
    assert summary(Array([0.0] * 10, 10**9)) == f"ndarray 1,000,000,000 float64 [{'0.0, ' * 10}… 999,999,990 more]"
    rows = Array([Array([1, 2]), Array([3, 4])])
    assert summary(rows) == "ndarray 2 x 2 float64 [[1, 2], [3, 4]]"
    assert summary([rows], Limits(depth=1)) == "[ndarray 2 x 2 float64 [… 2 items]]"
    assert lines(rows, Limits(width=20)) == ["ndarray 2 x 2 float64 [", "    [1, 2],", "    [3, 4],", "]"]


@pytest.mark.usefixtures("numpy_loaded")
def test_where_no_code_may_run_it_is_shape_and_dtype_only():
    assert summary(Array([1.0]), SHORT) == "<ndarray 1 float64>"


def test_without_the_library_it_is_an_object_like_others():
    assert summary(Array([1.0])).startswith("<ndarray: repr raised")


@pytest.mark.usefixtures("numpy_loaded")
def test_an_array_that_fails_says_so():
    broken = Array([1.0])
    broken.shape = None
    assert summary(broken).startswith("<ndarray: TypeError: ")


class Slow:
    def __repr__(self) -> str:
        time.sleep(0.2)
        return "slow"


def test_numpy():
    numpy = pytest.importorskip("numpy")
    assert summary(numpy.arange(6).reshape(2, 3)) == "ndarray 2 x 3 int64 [[0, 1, 2], [3, 4, 5]]"
    assert summary(numpy.array(5)) == "ndarray of no dimension int64 [5]"
    assert summary(numpy.zeros((0, 3))) == "ndarray 0 x 3 float64 []"
    assert summary(numpy.array(["2026-01-01"], "M8[D]")) == "ndarray 1 datetime64[D] [2026-01-01]"
    assert summary(numpy.array([(1, 2.0)], [("a", "i4"), ("b", "f8")])).endswith(" [(1, 2.0)]")
    huge = numpy.broadcast_to(numpy.int8(0), (10**9,))
    begin = time.monotonic()
    assert summary(huge).endswith("… 999,999,990 more]")
    assert len(summary(huge, FULL)) > 100_000
    hostile = numpy.array([Slow() for _ in range(100)], dtype=object)
    assert "<Slow at 0x" in summary(hostile)  # the budget of one look
    assert time.monotonic() - begin < 5


def test_pandas():
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"n": range(1000), "name": [f"n{k}" for k in range(1000)]})
    column = "'n': int64 [0, 1, 2, 3, 4, … 995 more]"
    assert summary(table).startswith(f"DataFrame of 1,000 rows x 2 columns {{{column}, 'name': ")
    assert lines(table)[1] == f"    {column},"
    assert summary(table, SHORT) == "<DataFrame of 1,000 rows x 2 columns>"
    assert summary(table["n"]).startswith("Series of 1,000 int64 [0, 1, 2")
    assert summary(pandas.Series({"x": 1.5, "y": 2})) == "Series of 2 float64 {'x': 1.5, 'y': 2.0}"
    assert summary(pandas.Series(pandas.to_datetime(["2026-01-01"]))).endswith("[2026-01-01 00:00:00]")
