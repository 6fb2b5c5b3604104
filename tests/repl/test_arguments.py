"""The grammar of locations and clauses, counts and options."""

from __future__ import annotations

import pytest

from lowdb.repl.arguments import ArgumentError, clauses, count, numbers, options, whole
from lowdb.repl.points import has_commands, quoted, read_catch, read_trap


def as_dict(text: str) -> dict[str, object]:
    found = clauses(text)
    kept = ("location", "condition", "hits", "thread", "task", "once", "commands")
    return {name: getattr(found, name) for name in kept if getattr(found, name)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12", {"location": "12"}),
        ("shop.py:59", {"location": "shop.py:59"}),
        ("+3", {"location": "+3"}),
        ("12 if rate > 0.05", {"location": "12", "condition": "rate > 0.05"}),
        ("12, rate > 0.05", {"location": "12", "condition": "rate > 0.05"}),
        ("f , x == 'a, b'", {"location": "f", "condition": "x == 'a, b'"}),
        ("12 hits >=3", {"location": "12", "hits": ">=3"}),
        ("12 hits >= 3", {"location": "12", "hits": ">=3"}),
        ("12 hits 5 once", {"location": "12", "hits": "5", "once": True}),
        ("12 every 10", {"location": "12", "hits": "%10"}),
        ("12 thread worker-1 task fetch", {"location": "12", "thread": "worker-1", "task": "fetch"}),
        ("12 thread 'worker 1' once", {"location": "12", "thread": "worker 1", "once": True}),
        ("12 if x > 3 hits >=5", {"location": "12", "condition": "x > 3", "hits": ">=5"}),
        ("12 if a if b else c once", {"location": "12", "condition": "a if b else c", "once": True}),
        ("12 if hits > 3", {"location": "12", "condition": "hits > 3"}),
        ("12 if thread == 'w' thread w", {"location": "12", "condition": "thread == 'w'", "thread": "w"}),
        ("12 if $hits > 3 and $thread == 'do it' once", {
            "location": "12", "condition": "$hits > 3 and $thread == 'do it'", "once": True}),
        ("12 do p x;; c", {"location": "12", "commands": "p x;; c"}),
        ("12 if x do p x;; c", {"location": "12", "condition": "x", "commands": "p x;; c"}),
        ("'my file.py':12 once", {"location": "my file.py:12", "once": True}),
        ("/^test_.* x/ if y", {"location": "/^test_.* x/", "condition": "y"}),
        ("/tmp/a.py:3 if y", {"location": "/tmp/a.py:3", "condition": "y"}),
        (".", {"location": "."}),
    ],
)  # fmt: skip
def test_clauses_are_read(text: str, expected: dict[str, object]) -> None:
    assert as_dict(text) == expected


@pytest.mark.parametrize(
    ("text", "message", "column"),
    [
        ("12 whenever", "not understood: 'whenever'", 3),
        ("12 hits x", "a count is missing after 'hits'", 8),
        ("12 every 0", "every 0 is never", 9),
        ("12 if", "a condition is missing after 'if'", 3),
        ("12 if   ", "a condition is missing after 'if'", 3),
        ("12,", "a condition is missing after the comma", 2),
        ("12 do", "commands are missing after 'do'", 3),
        ("12 hits 3 every 2", "only one of hits and every", 10),
        ("'shop.py:3", "the quote is not closed", 0),
    ],
)
def test_what_is_not_understood_is_pointed_at(text: str, message: str, column: int) -> None:
    with pytest.raises(ArgumentError) as caught:
        clauses(text)
    assert caught.value.message.startswith(message)
    assert caught.value.offset == column


def test_a_condition_that_does_not_compile_is_kept_whole_for_who_says_why() -> None:
    assert clauses("12 if x >").condition == "x >"


def test_traps_and_catches_are_read() -> None:
    found, exits, exception = read_trap("Cart.checkout unwinds PricingError if $exc.args once")
    assert (found.location, exits, exception, found.condition, found.once) == (
        "Cart.checkout", "unwinds", "PricingError", "$exc.args", True,
    )  # fmt: skip
    assert read_trap("f")[1:] == ("both", None)
    assert read_trap("f KeyError")[1:] == ("unwinds", "KeyError")
    with pytest.raises(ArgumentError, match="raises nothing"):
        read_trap("f returns KeyError")
    found, exception, raised, files = read_catch("OSError user in */net/* if $exc.errno == 2")
    assert (exception, raised, files, found.condition) == ("OSError", "user", "*/net/*", "$exc.errno == 2")
    assert read_catch("")[1:] == (None, "raised", None)
    with pytest.raises(ArgumentError, match="not understood: '12'"):
        read_catch("KeyError 12")


def test_a_do_clause_is_seen_outside_quotes_only() -> None:
    assert has_commands("12 do p x")
    assert has_commands("12 if x == ' do ' do c")
    assert not has_commands("12 if x == ' do '")
    assert not has_commands("do")  # a function of that name cannot be: it is the location


def test_a_quoted_message_ends_at_its_own_quote() -> None:
    assert quoted('12 "it\'s {x}" if y', 3) == ("it's {x}", 13)
    assert quoted(r'"a \"b\""', 0) == ('a "b"', 9)
    with pytest.raises(ArgumentError, match="not closed"):
        quoted('"abc', 0)


def test_counts_and_numbers() -> None:
    assert count("") == 1
    assert count("12") == 12
    for wrong in ("0", "-1", "x", "1.5", "²"):
        with pytest.raises(ArgumentError, match="not a count"):
            count(wrong)
    assert whole("-3") == -3
    assert numbers("1, 3-5 7") == [1, 3, 4, 5, 7]
    with pytest.raises(ArgumentError, match="not a number: x"):
        numbers("1 x")
    with pytest.raises(ArgumentError, match="not a range"):
        numbers("5-3")


def test_options_end_where_the_expression_begins() -> None:
    assert options("-f x", "frd:") == ({"f"}, {}, "x")
    assert options("-d 2 -f x", "frd:") == ({"f"}, {"d": 2}, "x")
    assert options("-x", "frd:") == (set(), {}, "-x")
    assert options("-f", "frd:") == (set(), {}, "-f")
    with pytest.raises(ArgumentError, match="number is missing"):
        options("-d x", "frd:")
