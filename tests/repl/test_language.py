"""Command or Python? The rules of repl.md section 3, each by itself; `;;`; suggestions."""

from __future__ import annotations

import pytest

from lowdb.repl.commands import running  # noqa: F401 - registers
from lowdb.repl.language import distance, read, split, suggestion
from lowdb.repl.registry import commands


def is_command(text: str) -> bool:
    return bool(read(text, commands).word)


def test_an_exclamation_mark_makes_anything_python() -> None:
    assert read("!n", commands) == ("", "n")
    assert read("! c = 3", commands) == ("", "c = 3")


@pytest.mark.parametrize(
    "text", ["c", "n 5", "b 12", "p x", "l .", "b .", "p (a + b)", "p [1]", "u -1", "p -f x", "l -"]
)
def test_a_first_word_that_is_a_command_makes_a_command(text: str) -> None:
    assert is_command(text)


@pytest.mark.parametrize(
    "text", ["c = 3", "c=3", "n += 1", "n **= 2", "n //= 2", "s <<= 1", "a |= b", "w @= m", "b -=1", "p ^= 1"]
)
def test_an_assignment_to_a_command_word_is_python(text: str) -> None:
    assert not is_command(text)


def test_two_equal_signs_after_a_command_word_leave_it_a_command() -> None:
    assert read("n == 3", commands) == ("n", "== 3")


@pytest.mark.parametrize(
    "text", ["list(x)", "help(f)", "next(it)", "exit()", "n.bit_length()", "c[0]", "a.b = 3", "n+1"]
)
def test_an_expression_that_begins_with_a_command_word_is_python(text: str) -> None:
    assert not is_command(text)


def test_s_not_equal_is_a_comparison_and_s_bang_a_command() -> None:
    assert read("s!=3", commands).word == ""
    assert read("s! 3", commands) == ("s!", "3")
    assert read("q!", commands) == ("q!", "")


@pytest.mark.parametrize("word", ["c", "n", "s", "l", "a", "p", "list", "args", "w"])
def test_a_lone_command_word_is_the_command_whatever_the_program_calls_so(word: str) -> None:
    assert read(word, commands) == (word, "")


@pytest.mark.parametrize("text", ["del x", "set x", "set(x)", "e", "i", "x", "del", "set", "print(1)", "for x in y:"])
def test_words_that_are_never_commands(text: str) -> None:
    assert not is_command(text)


@pytest.mark.parametrize("prefix", ["brea", "con", "nex", "disa"])
def test_a_prefix_is_no_command_but_is_guessed(prefix: str) -> None:
    assert prefix not in commands
    guess = commands.suggest(prefix)
    assert guess is not None
    assert guess.startswith(prefix)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("frobnicate", "frame"), ("braek", "break"), ("contineu", "continue"), ("wehre", "where"), ("disply", "display")],
)
def test_a_mistyped_command_is_guessed(typed: str, meant: str) -> None:
    assert commands.suggest(typed) == meant


def test_nothing_is_guessed_for_a_word_like_no_command() -> None:
    assert suggestion("zzzzzzzz", commands.names()) is None
    assert suggestion("k", commands.names()) is None


def test_distance_counts_a_swap_of_neighbours_as_one() -> None:
    assert distance("braek", "break") == 1
    assert distance("", "abc") == 3
    assert distance("same", "same") == 0


@pytest.mark.parametrize(
    ("line", "first", "rest"),
    [
        ("n;; p x", "n", "p x"),
        ("n;;p x;; c", "n", "p x;; c"),
        ("p ';;'", "p ';;'", ""),
        ('p "a;;b";; c', 'p "a;;b"', "c"),
        ("p f(a, ';;');; n", "p f(a, ';;')", "n"),
        ("p [1,\n2];; n", "p [1,\n2]", "n"),
        ("p '''it's;;'''", "p '''it's;;'''", ""),
        (r"p 'it\';;'", r"p 'it\';;'", ""),
        ("x = 1; y = 2", "x = 1; y = 2", ""),
        ("p x) ;; n", "p x)", "n"),
        (";; n", "", "n"),
    ],
)
def test_two_semicolons_separate_commands_outside_quotes_and_brackets(line: str, first: str, rest: str) -> None:
    assert split(line) == (first, rest)


def test_a_command_may_keep_what_follows_its_semicolons() -> None:
    assert split("b 3 do p x;; c", lambda first: first.startswith("b 3 do")) == ("b 3 do p x;; c", "")
    assert split("n;; b 3 do p x;; c", lambda first: first.startswith("b ")) == ("n", "b 3 do p x;; c")
