"""Names behind lines: what a line above has bound stands there as long as it is true; all else stands nowhere."""

from __future__ import annotations

import textwrap

import pytest

from lowdb.program.bindings import names_at


def at(source: str, mark: str = "# here") -> dict[str, int]:
    """name -> line, for the frame that stands at the line with the mark."""
    lines = textwrap.dedent(source).strip("\n").splitlines()
    line = next(number for number, text in enumerate(lines, 1) if mark in text)
    return {name: number for number, name in names_at(lines, 1, line)}


def test_arguments_stand_at_the_head_wherever_they_are_written() -> None:
    assert at("def f(a, b=1, *rest,\n      c, **more):\n    return 1  # here") == {
        "a": 1,
        "b": 1,
        "rest": 1,
        "c": 2,
        "more": 2,
    }


def test_a_name_stands_where_it_was_bound_last() -> None:
    assert at("def f():\n    x = 1\n    x = x + 1\n    return x  # here") == {"x": 3}


def test_what_the_line_itself_binds_is_not_there_yet() -> None:
    assert at("def f(a):\n    x = a  # here\n    y = 2") == {"a": 1}


def test_a_line_shows_what_it_uses_where_no_line_above_does() -> None:
    source = """
        def f(flag):
            if flag:
                x = 1
            else:
                x = 2
            return x + y  # here
    """
    assert at(source) == {"flag": 1, "x": 6, "y": 6}


def test_a_name_that_a_branch_may_have_bound_since_is_left_out() -> None:
    source = """
        def f(flag):
            x = 0
            if flag:
                x = 1
            return flag  # here
    """
    assert at(source) == {"flag": 1}


@pytest.mark.parametrize("kind", ["for n in rows:", "while n := next(rows):"])
def test_what_a_loop_binds_further_down_is_of_the_turn_before(kind: str) -> None:
    source = f"""
        def f(rows):
            total = 0
            kept = 1
            {kind}
                square = n * n
                print(square)  # here
                total += square
    """
    assert at(source) == {"rows": 1, "kept": 3, "n": 4, "square": 5, "print": 6}


def test_the_head_of_a_loop_may_be_there_for_another_turn() -> None:
    source = """
        def f(rows):
            total = n = 0
            for n in rows:  # here
                total += n
    """
    assert at(source) == {"rows": 1}


def test_after_a_loop_its_variable_has_the_last_value() -> None:
    source = """
        def f(rows):
            for n in rows:
                seen = n
            return rows  # here
    """
    assert at(source) == {"rows": 1, "n": 2}


def test_an_augmented_assignment_uses_what_it_changes() -> None:
    assert at("def f(xs):\n    t = 0\n    for x in xs:\n        t += x  # here") == {"xs": 1, "x": 3, "t": 4}


def test_a_with_block_has_run_as_a_whole() -> None:
    source = """
        def f(name):
            with open(name) as file:
                text = file.read()
            return text.upper()  # here
    """
    assert at(source) == {"name": 1, "file": 2, "text": 3}


def test_a_handler_cannot_know_how_far_the_block_came() -> None:
    source = """
        def f(name):
            size = 0
            try:
                size = int(name)
            except ValueError as error:
                return name  # here
    """
    assert at(source) == {"name": 1, "error": 5}


def test_a_finally_block_cannot_either() -> None:
    source = """
        def f(name):
            size = 0
            try:
                size = int(name)
            finally:
                print(name)  # here
    """
    assert at(source) == {"name": 1, "print": 6}


def test_a_case_binds_what_its_pattern_does() -> None:
    source = """
        def f(point):
            match point:
                case [0, y]:
                    return 1
                case [x, *rest] if x > 1:
                    return 2  # here
    """
    assert at(source) == {"point": 1, "x": 5, "rest": 5}


def test_names_of_comprehensions_lambdas_and_inner_functions_are_their_own() -> None:
    source = """
        def f(rows):
            def inner(a):
                own = a
            key = lambda r: r.size
            found = [row for row in rows if (last := row)]
            return 1  # here
    """
    assert at(source) == {"rows": 1, "key": 4, "found": 5, "last": 5}


def test_a_method_in_its_class_keeps_the_lines_of_the_file() -> None:
    lines = ["    @property", "    def total(self):", "        amount = self.a", "        return amount"]
    assert names_at(lines, 40, 43) == [(41, "self"), (42, "amount")]


def test_a_module_has_names_too() -> None:
    assert names_at(["import os", "x = 1", "y = x", "print(y)"], 1, 4, module=True) == [
        (2, "x"),
        (3, "y"),
        (4, "print"),
    ]


@pytest.mark.parametrize("lines", [["def f(:"], [""], [], ["x = 1"], ["    return 1"], ["\0"], ["lambda: 0"]])
def test_what_is_no_function_has_no_names(lines: list[str]) -> None:
    assert names_at(lines, 1, 1) == []


def test_no_line_of_any_function_here_makes_it_fail() -> None:
    with open(__file__, encoding="utf-8") as file:
        lines = file.read().splitlines()
    for number in range(1, len(lines) + 1):
        for line, name in names_at(lines, 1, number, module=True):
            assert line <= number
            assert name.isidentifier()
