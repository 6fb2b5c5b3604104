"""Data watches as scenarios: through the engine's own contract and through the plain REPL."""

from __future__ import annotations

import pytest

from tests.scenario import DOORS, play

door = pytest.mark.parametrize("door", DOORS)


@door
def test_a_local_stops_at_each_change_and_is_over_with_its_call(door):
    play(
        "watched",
        "break @begin",
        "continue -> @begin",
        "watch due",
        "continue -> @append watch due: 0 → 3",
        "p due -> 3",
        "continue -> @append watch due: 3 → 12",
        "continue -> end 0",
        "prints done 2 48",
        door=door,
    )


@door
def test_an_attribute_of_one_object_stops_in_whatever_method_thread_or_task_changes_it(door):
    play(
        "watched",
        "break @calls",
        "continue -> @calls",
        "watch account.balance",
        "watch count if $new == 2",
        "continue -> @paid watch account.balance: 200 → 50",
        "up",
        "continue -> watch count: 1 → 2",
        "p times -> 1",
        "continue -> @paid watch account.balance: 50 → 49",
        "clear 2",
        "continue -> end 0",
        "prints done 2 48",
        door=door,
    )


@door
def test_what_changes_inside_a_list_or_at_a_key_stops(door):
    play(
        "watched",
        "break @begin",
        "continue -> @begin",
        "watch table['pot']",
        "next",
        "watch seen",
        "continue -> @append watch seen: [] → [3]",
        "disable 3",
        "continue -> @done watch table['pot']: 9 → 10",
        "end -> 0",
        door=door,
    )


@door
def test_what_cannot_be_watched_says_what_can(door):
    play(
        "watched",
        "break @calls",
        "continue -> @calls",
        "watch account.rich -> refused account.balance",
        "watch nobody -> refused there is no variable 'nobody' here",
        "watch account.pay(1) -> refused a NAME, OBJECT.NAME or OBJECT[KEY] can be watched",
        "watch count if ( -> refused unexpected",
        "p account.balance -> 200",
        "end -> 0",
        door=door,
    )


@door
def test_steps_go_on_from_where_a_watch_has_stopped(door):
    play(
        "watched",
        "break @calls",
        "continue -> @calls",
        "watch count once",
        "clear 1",
        "continue -> watch count: 0 → 1",
        "next -> step",
        "finish -> returns None",
        "end -> 0",
        door=door,
    )


@door
def test_detach_takes_watches_off(door):
    play(
        "watched",
        "break @begin",
        "continue -> @begin",
        "watch due",
        "watch count",
        "detach -> 0",
        "prints done 2 48",
        door=door,
    )
