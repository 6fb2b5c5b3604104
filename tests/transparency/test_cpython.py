"""CPython's own tests come out under lowdb as they do without it, with breakpoints all over what they run.

Each module is run twice by runner.py, bare and under `lowdb`, and each single test must have ended the same way.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.processes import Completed, run_python
from tests.transparency.armed import commands

RUNNER = str(Path(__file__).with_name("runner.py"))
MOST = 80
"""Breakpoints a file."""

EVERYDAY = {
    "test_asyncgen": (),
    "test_contextlib": ("contextlib",),
    "test_contextlib_async": ("contextlib",),
    "test_coroutines": (),
    "test_dataclasses": ("dataclasses",),
    "test_decorators": (),
    "test_except_star": (),
    "test_generators": (),
    "test_iter": (),
    "test_scope": (),
    "test_sys_setprofile": (),
    "test_sys_settrace": (),
    "test_with": (),
    "test_yield_from": (),
}
"""A test module and the modules that it is about: breakpoints go into all of them."""

LONG = {
    "test_asyncio.test_taskgroups": ("asyncio.taskgroups", "asyncio.tasks"),
    "test_asyncio.test_tasks": ("asyncio.tasks",),
    "test_atexit": (),
    "test_exceptions": (),
    "test_frame": (),
    "test_functools": ("functools",),
    "test_gc": (),
    "test_inspect.test_inspect": ("inspect",),
    "test_json": ("json.decoder", "json.encoder"),
    "test_logging": ("logging",),
    "test_queue": ("queue",),
    "test_sys": (),
    "test_threading": ("threading",),
    "test_traceback": ("traceback",),
    "test_warnings": ("warnings",),
    "test_weakref": ("weakref",),
}
"""Those that take their time: only with LOWDB_LONG=1, as .ci/run sets it for two of the interpreters."""

EXCEPTIONS = {
    "test.test_exceptions.ExceptionTests.test_recursion_error_cleanup": (
        "the callback of a raise breakpoint finds no frame left at the recursion limit; CPython then puts its "
        "RecursionError in place of the program's, without the deepest frame in the traceback"
    ),
    "test.test_frame.TestIncompleteFrameAreInvisible.test_sneaky_frame_object": (
        "it has the garbage collector run at its very next allocation, to look at the frame that is made there; with "
        "a breakpoint on one of its lines that allocation is lowdb's"
    ),
    "test.test_gc.GCTests.test_get_objects_arguments": (
        "it counts all objects of the process on two lines of one statement; a check that runs for the first time "
        "between them makes its function then"
    ),
    "test.test_inspect.test_inspect.TestSignatureDefinitions.test_threading_module_has_signatures": (
        "it looks at threading.excepthook, which lowdb sets for its post-mortem: there it fails bare (3.13) and passes"
    ),
}
"""Tests that lowdb cannot leave alone by its nature, and why."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What runner.py wrote, and how its process ended."""

    outcomes: Counter
    holder: str | None
    process: Completed


def ran(place: Path, name: str, *arguments: str, breakpoint: str) -> Ran:
    """Run a test module in a directory of its own."""
    place.mkdir(parents=True)
    result = place.with_suffix(".json")
    done = run_python(
        *arguments, RUNNER, str(result), f"test.{name}", cwd=place, deadline=280, env={"PYTHONBREAKPOINT": breakpoint}
    )
    assert result.exists(), f"{name} did not come to its end: {done}"
    found = json.loads(result.read_text())
    return Ran(Counter(map(tuple, found["outcomes"])), found["holder"], done)


def bare(place: Path, name: str) -> Ran:
    return ran(place, name, breakpoint="0")


def debugged(place: Path, name: str, subjects: tuple[str, ...]) -> Ran:
    script = place.with_suffix(".lowdb")
    lines = []
    for module in (f"test.{name}", *subjects):
        spec = find_spec(module)
        if spec is not None and spec.has_location:
            lines += commands(Path(spec.origin), module, MOST)
    lines += ["catch BufferError if 0", "c", "b", "c"]
    script.write_text("\n".join(lines) + "\n")
    return ran(place, name, "-m", "lowdb", "--ui", "plain", "-x", str(script), breakpoint="")


def differences(place: Path, name: str, subjects: tuple[str, ...]) -> tuple[set, Ran]:
    """The outcomes that only one of the two runs has, and the debugged run."""
    without, under = bare(place / "bare", name), debugged(place / "lowdb", name, subjects)
    assert sum(without.outcomes.values()) > 3
    only = [("bare only", *one) for one in (without.outcomes - under.outcomes)]
    only += [("lowdb only", *one) for one in (under.outcomes - without.outcomes)]
    assert under.process.status == without.process.status
    return {one for one in only if one[1].partition(" ")[0] not in EXCEPTIONS}, under


def check(place: Path, name: str, subjects: tuple[str, ...]) -> None:
    if find_spec("test") is None or find_spec(f"test.{name}") is None:
        pytest.skip(f"this interpreter ships no test.{name}")
    differ, under = differences(place / "1", name, subjects)
    if differ:
        # tests of threads and timeouts fail now and then on a busy machine: what differs must differ twice
        again, under = differences(place / "2", name, subjects)
        differ &= again
    assert not differ, "\n".join(map(str, sorted(differ)))
    out = under.process.out
    stops = re.findall(r"^> (.*)", out, re.MULTILINE)
    assert len(stops) == 2, f"it stopped where no condition was true:\n{out[-3000:]}"
    assert under.holder == "lowdb", "lowdb was not there to the end"
    reached = re.findall(r"hit 0 of (\d+)", out)
    assert len(reached) > 10, f"few breakpoints were reached: the proof is hollow\n{out[-3000:]}"


@pytest.mark.transparency
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", EVERYDAY)
def test_cpythons_own_tests_end_under_lowdb_as_they_do_without_it(name, tmp_path):
    check(tmp_path, name, EVERYDAY[name])


@pytest.mark.transparency
@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif("LOWDB_LONG" not in os.environ, reason="takes minutes: LOWDB_LONG=1, as .ci/run sets it")
@pytest.mark.parametrize("name", LONG)
def test_cpythons_longer_tests_end_under_lowdb_as_they_do_without_it(name, tmp_path):
    check(tmp_path, name, LONG[name])
