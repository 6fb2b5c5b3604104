"""What lowdb must cost, against the clock: `pytest -m bench tests/bench`. Never part of the everyday suite."""

from __future__ import annotations

import sys

import pytest

from tests.bench import run

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1800)]


SHORT = {
    "function-exit trap while the rest raises": (
        1.9,
        "before 3.15 PY_UNWIND is global; an empty callback alone costs 1.2 to 1.4 in a program that only raises",
    ),
}
"""What is known to miss its target before 3.15: by how much at most, and why."""


def short_of(row: run.Row) -> bool:
    version = sys.version_info[:2]
    if row.met(version):
        return False
    return version >= (3, 15) or row.name not in SHORT or row.lowdb.middle > SHORT[row.name][0]


@pytest.mark.parametrize("part", run.ALL, ids=lambda part: part.__name__)
def test_the_targets_are_met(part):
    run.pinned()
    bench = run.Bench(5, [], quiet=True)
    part(bench)
    assert bench.rows
    missed = [row for row in bench.rows if short_of(row)]
    if missed:  # a neighbour on the machine is not a fault of ours: what is missed must be missed twice
        again = run.Bench(7, [], quiet=True)
        part(again)
        missed = [row for row in again.rows if short_of(row)]
    assert not missed, "\n".join(f"{row.name}: {row.lowdb.text(row.unit)}, target {row.target}" for row in missed)
