"""Where a test failed, for a person: the exception behind pytest's own, and the nearest frame of the person's code.

Looks only, but that a doctest's mismatch, which has no frame, gets one with the names of the doctest.
"""

from __future__ import annotations

import functools
from types import CodeType
from typing import TYPE_CHECKING, NamedTuple

import pytest

from lowdb.program import sources
from lowdb.program.paths import canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType
    from typing import Any

CAPTURED = 10
"""Lines of a test's captured output that are shown at its failure; all of it is in pytest's report."""

_PHASES = ("setup", "teardown")


class Failure(NamedTuple):
    """A failure that can be looked at."""

    exception: BaseException
    frame: FrameType
    """The one to look at first: of the person's code, as near to the failure as there is."""
    subject: str
    """The test's name for pytest: `tests/test_shop.py::test_total[2]`, `setup of …`."""


def found(node: Any, error: BaseException, report: Any, mine: Callable[[str], bool]) -> Failure | None:
    """What can be looked at of a failed test or collection; None where none of the person's code is in it.

    `mine`: whether a file (name as in `co_filename`) is the person's own.
    """
    exception = _behind(error)
    if exception is None:
        return None
    frame = _nearest(exception, node, mine)
    return None if frame is None else Failure(exception, frame, _subject(node, report))


def _behind(error: Any) -> BaseException | None:
    """The exception that the person's code raised."""
    behind: BaseException | None = error
    match type(error).__name__:  # by name: doctest is not imported for this
        case "MultipleDoctestFailures":
            behind = _behind(error.failures[0])
        case "UnexpectedException":
            _register(error)
            behind = error.exc_info[1]
        case "DocTestFailure":
            behind = _raised_in_doctest(error)
        case "ConftestImportFailure":
            behind = error.cause
        case "CollectError":
            behind = error.__cause__
    return behind


def _nearest(exception: BaseException, node: Any, mine: Callable[[str], bool]) -> FrameType | None:
    """The newest frame of the person's code that does not hide itself (__tracebackhide__), else of the test's file."""
    if exception.__traceback__ is None:
        return None
    info = pytest.ExceptionInfo.from_exception(exception)
    entries = [(entry.frame.raw, entry) for entry in info.traceback]
    home = canonical(str(getattr(node, "path", "")))
    own = [pair for pair in entries if mine(pair[0].f_code.co_filename)]
    own = own or [pair for pair in entries if canonical(pair[0].f_code.co_filename) == home]
    shown = [frame for frame, entry in own if not entry.ishidden(info)]
    return shown[-1] if shown else own[-1][0] if own else None


def _subject(node: Any, report: Any) -> str:
    name = str(getattr(node, "nodeid", "")) or str(getattr(report, "nodeid", ""))
    describe = getattr(report, "_sub_test_description", None)
    if describe is not None:
        name += f" {describe()}"
    when = getattr(report, "when", "")
    return f"{when} of {name}" if when in _PHASES else name


def captured(report: Any, wanted: str) -> Iterator[str]:
    """The ends of what the test printed and logged, for a screen; `wanted`: the value of --show-capture."""
    for name, text in (("stdout", report.capstdout), ("stderr", report.capstderr), ("log", report.caplog)):
        lines = text.splitlines()
        if not lines or wanted not in (name, "all"):
            continue
        left = len(lines) - CAPTURED
        title = f"captured {name}" + (f" (the last {CAPTURED} of {len(lines)} lines)" if left > 0 else "") + ":"
        yield "\n".join([title, *(f"  {line}" for line in lines[-CAPTURED:])])


def own_code(item: pytest.Item) -> CodeType | None:
    """The code of the test's own function, below what decorates it; None for an item that has none (a doctest)."""
    function = getattr(item, "obj", None)
    for _ in range(100):
        hypothesis = getattr(getattr(function, "hypothesis", None), "inner_test", None)
        inner = hypothesis or getattr(function, "__wrapped__", None) or getattr(function, "__func__", None)
        if inner is None and type(function) is functools.partial:
            inner = function.func
        if inner is None:
            break
        function = inner
    code = getattr(function, "__code__", None)
    return code if type(code) is CodeType else None


# --- doctests -------------------------------------------------------------------------------------


def _register(error: Any) -> None:
    """Keep the doctest's examples as the source of what they were compiled to; linecache has forgotten them."""
    for number, example in enumerate(error.test.examples):
        sources.register(f"<doctest {error.test.name}[{number}]>", example.source)


def _raised_in_doctest(error: Any) -> BaseException:
    """The mismatch, raised once more: at its line of the file, with the doctest's names as globals."""
    test, example = error.test, error.example
    said = f"expected {example.want.rstrip()!r}, got {error.got.rstrip()!r}"
    failure = AssertionError(said)
    line = (test.lineno or 0) + example.lineno + 1
    code = compile("\n" * (line - 1) + "raise failure", test.filename or "<doctest>", "exec", dont_inherit=True)
    try:
        exec(code, test.globs, {"failure": failure, "got": error.got, "want": example.want})
    except AssertionError as raised:
        return raised
    return failure
