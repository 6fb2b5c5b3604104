"""What a data watch costs, against the clock: `pytest -m bench tests/bench/test_watch.py -s` prints the figures of the
how-to page. With and without the watch in turns, the best of each."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from time import process_time

import pytest

from lowdb.engine.breakpoints import Spec
from lowdb.engine.stops import Stop
from tests.engine.inside import Inside

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]

TURNS = 12
STORES = 200_000
PROGRAM = """
    class Thing: pass
    thing, other = Thing(), Thing()
    thing.state = other.state = 0
    def elsewhere(n):
        i = s = 0
        while i < n:
            s += i & 3
            i += 1
        return s
    def stores(n):
        i = 0
        while i < n:
            other.state = i
            i += 1
    pass  # @here
"""


def best(function: Callable[[int], object]) -> float:
    begin = process_time()
    function(STORES)
    return (process_time() - begin) / STORES * 1e9


@pytest.mark.parametrize(("name", "ratio", "more"), [("elsewhere", 1.1, 10), ("stores", 1e9, 3000)])
def test_a_watch_costs_stores_of_its_name_and_nothing_else(tmp_path: Path, name: str, ratio: float, more: float):
    inside = Inside(tmp_path)
    program = inside.load(PROGRAM)
    frames = []
    inside.add(program, "here", temporary=True)

    def keep(stop: Stop) -> None:
        frames.append(stop.frame)

    inside.play(program, keep)
    function = program.names[name]
    bare, watched = [], []
    for _ in range(TURNS):
        bare.append(best(function))
        point = inside.debugger.add(Spec(kind="watch", location="thing.state"), frames[0])
        function(2)
        watched.append(best(function))
        inside.debugger.remove(point.number)
    inside.close()
    print(f"\n{sys.version.split()[0]} {name}: {min(bare):.0f} ns a turn, watched {min(watched):.0f} ns")
    assert min(watched) / min(bare) < ratio
    assert min(watched) - min(bare) < more
