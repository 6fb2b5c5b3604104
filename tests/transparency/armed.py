"""Breakpoints for a whole module: conditions of every kind that are never true, on lines all over it, and traps."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from lowdb.program.codes import nested, stoppable_lines

if TYPE_CHECKING:
    from collections.abc import Iterable

NEVER = (
    "if 0",
    "if __name__ is None",  # a generated reader with a global name
    "if super is None",  # the general way, through the frame's namespaces
    "if $hits < 0",
    "if $thread == 'nobody'",
    "thread nobody",
    "task nobody",
    "hits >=1000000000",
    "if undefined_name if 0 else None",
)


def commands(path: Path, module: str | None, most: int, traps: int = 5) -> list[str]:
    """Commands for up to `most` lines of the file at `path`, evenly chosen, and traps on some of its functions."""
    code = compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
    codes = list(nested(code))
    lines = sorted({line for inner in codes for line in stoppable_lines(inner)})
    found = [f"b {path}:{line} {NEVER[i % len(NEVER)]}" for i, line in enumerate(evenly(lines, most))]
    if module is not None:
        functions = [inner.co_qualname for inner in codes if re.fullmatch(r"[A-Za-z_.]+", inner.co_qualname)]
        ends = ("", " returns", " unwinds", " LookupError")
        found += [f"trap {module}:{name}{ends[i % 4]} if 0" for i, name in enumerate(evenly(functions, traps))]
    return found


def evenly(things: Iterable, most: int) -> list:
    """At most `most` of `things`, from all over."""
    things = list(things)
    step = max(1.0, len(things) / most) if most else 0
    return [things[int(i * step)] for i in range(min(most, len(things)))]
