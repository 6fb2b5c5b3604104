"""Runs of pytest as processes, with lowdb's plugin and no other, in a directory of their own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from tests.processes import run_python
from tests.terminal.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.processes import Completed

PLAIN = {"LOWDB_UI": "plain"}
BREAKPOINT = {"PYTHONBREAKPOINT": "lowdb.set_trace"}
ALONE = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
"""No plugin of this machine: starting is quicker, and what is seen is ours."""

OURS = ("-p", "lowdb.pytest_plugin")
THEIRS = ("-p", "no:cacheprovider", "--import-mode=importlib", "-o", "addopts=")


def files(place: Path, **sources: str) -> Path:
    """Write `name.py` for each name; the directory is a root for pytest."""
    (place / "pytest.ini").write_text("[pytest]\n")
    for name, source in sources.items():
        (place / f"{name}.py").write_text(source)
    return place


def pytest_run(
    place: Path, *arguments: str, commands: str = "", env: Mapping[str, str | None] = PLAIN, plugin: bool = True
) -> Completed:
    """`pytest` with `commands` as its standard input."""
    words = ["-m", "pytest", *(OURS if plugin else ()), *THEIRS, *arguments]
    return run_python(*words, input=commands, env=ALONE | dict(env), cwd=place, deadline=40)


def pytest_screen(
    place: Path, *arguments: str, env: Mapping[str, str | None] | None = None, plugin: bool = True, alone: bool = True
) -> Screen:
    """`pytest` in a terminal, with its output captured."""
    words = ["-m", "pytest", *(OURS if plugin and alone else ()), *THEIRS, *arguments]
    return Screen(*words, cwd=place, env={**(ALONE if alone else {}), **(env or {})}, deadline=40)


class Seen(NamedTuple):
    """One stop as plain text shows it."""

    place: str
    """`test_a.py(7)test_a`."""
    reason: str
    """The line with the reason, runs of spaces made one."""
    text: str
    """All up to the next stop."""


def stops(out: str) -> list[Seen]:
    """The stops in the output of plain text, in their order."""
    found = []
    for part in re.split(r"(?m)^(?:\(lowdb[^)]*\) )*> (?=[/<])", out)[1:]:
        place, reason, *_ = part.splitlines()
        found.append(Seen(place.rpartition("/")[2].removesuffix("()"), " ".join(reason.split()), part))
    return found
