"""A scenario that cannot fail proves nothing: each kind of step is shown what it must refuse."""

from __future__ import annotations

import pytest

from tests.scenario import DOORS, marks, play, program_path

pytestmark = pytest.mark.parametrize("door", DOORS, ids="through_{}".format)


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        (["break @total", "continue -> @for"], r"wanted @for \(line 6\), came to loops\.py:5 @total in total"),
        (["break @total", "continue -> @total step"], "wanted the reason 'step'"),
        (["break @total", "continue -> @total breakpoint 2"], "wanted breakpoint '2'"),
        (["break @total", "continue -> end"], r"wanted the end, came to loops\.py"),
        (["continue -> @total"], "came to its end with status 0"),
        (["end -> 3"], "exit status 0, wanted 3"),
        (["p 1 + 1 -> 3"], "wanted '3', got '2'"),
        (["break @total -> says moon"], "wanted 'moon' in the answer"),
        (["end", "prints never"], "'never' was not printed"),
        (["break @nowhere"], r"loops\.py has no line marked @nowhere"),
        (["end", "next"], "the program is at its end"),
        (["p 1 -> ~2"], "wanted '2' in it"),
    ],
)
def test_a_step_that_does_not_come_out_fails_and_shows_the_way_there(door, steps, words):
    with pytest.raises(AssertionError, match=f"(?s){words}.*so far.*start: loops\\.py:1 "):
        play("loops", *steps, door=door)


def test_a_refusal_that_does_not_come_fails(door):
    if door == "engine":
        with pytest.raises(AssertionError, match="not refused"):
            play("loops", "break @total -> refused", door=door)
    else:
        with pytest.raises(AssertionError, match="wanted a refusal with 'moon'"):
            play("loops", "break @total if ( -> refused moon", door=door)


def test_a_program_that_dies_at_once_fails(door, tmp_path):
    (tmp_path / "broken.py").write_text("def broken(:\n")
    with pytest.raises(AssertionError, match="did not stop at its start"):
        play(str(tmp_path / "broken.py"), "end", door=door)


def test_marks_are_found_where_they_stand(door):
    found = marks(program_path("loops"))
    lines = program_path("loops").read_text().splitlines()
    assert all(f"@{mark}" in lines[line - 1] for mark, line in found.items())
    assert len(found) > 20
