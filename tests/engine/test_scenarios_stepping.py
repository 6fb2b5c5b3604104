"""What a step means (stepping.md), row by row, through the engine's contract and through the plain REPL."""

from __future__ import annotations

import pytest

from lowdb.capabilities import INTERPRETER
from tests.scenario import DOORS, play


def came_out(how: str) -> str:
    """The reason of a step that an exception took out of a frame; 3.15 tells how, PY_UNWIND is local there."""
    return f"step {how}" if INTERPRETER.local_exception_events else "step"


pytestmark = pytest.mark.parametrize("door", DOORS, ids="through_{}".format)


# --- step over ------------------------------------------------------------------------------------


def test_next_goes_from_line_to_line_of_the_frame(door):
    play(
        "loops",
        "break @total",
        "continue -> @total breakpoint 1",
        "next -> @for step",
        "next -> @if",
        "next -> @continue",
        "next -> @for",
        "next -> @if",
        "next -> @add",
        "p n, result -> (2, 0)",
        "next -> @for",
        "end -> 0",
        "prints 106 3 6 18",
        door=door,
    )


def test_next_over_a_call_stays_in_the_frame_and_tells_nothing_of_the_callee(door):
    play("loops", "tbreak @main", "continue -> @main", "next -> @second step", "p a -> 106", "end -> 0", door=door)


def test_next_at_the_end_of_a_function_lands_on_the_callers_next_line_and_says_what_came_back(door):
    play(
        "loops",
        "tbreak @total_return",
        "continue -> @total_return",
        "next -> @second step total returned 106",
        "end -> 0",
        door=door,
    )


def test_next_at_the_last_line_of_the_module_makes_no_extra_stop(door):
    play("loops", "tbreak @last", "continue -> @last", "next -> end 0", "prints 106 3 6 18", door=door)


def test_step_at_the_last_line_of_the_module_makes_no_extra_stop(door):
    play("loops", "tbreak @last", "continue -> @last", "step -> end 0", door=door)


def test_a_loop_on_one_line_is_one_stop(door):
    play(
        "oneline",
        "break spin",
        "continue -> @spin breakpoint 1",
        "next -> @while",
        "next -> @spin_return",
        "p n -> 10",
        "end -> 0",
        door=door,
    )


def test_a_comprehension_on_one_line_is_one_stop(door):
    play(
        "oneline",
        "tbreak made",
        "continue -> @list",
        "next -> @dict",
        "next -> @lazy",
        "next -> @sum",
        "next -> @nested step made returned 18",
        "end -> 0",
        door=door,
    )


def test_several_statements_on_one_line_are_one_stop(door):
    play("oneline", "tbreak @main", "continue -> @main", "next -> @triple", "p a, b -> (2, 4)", "end -> 0", door=door)


def test_next_in_a_recursion_stays_in_its_own_frame(door):
    play(
        "recursion",
        "break @fact if n == 3",
        "continue -> @fact breakpoint 1",
        "next -> @recurse",
        "next -> @fact_return step",
        "p n, rest -> (3, 2)",
        "next -> @fact_return step",
        "p n, rest -> (4, 6)",
        "end -> 0",
        "prints 120 True the bottom",
        door=door,
    )


def test_a_breakpoint_met_on_the_way_ends_the_step(door):
    play(
        "recursion",
        "tbreak @recurse",
        "break @bottom",
        "continue -> @recurse",
        "next -> @bottom breakpoint 2",
        "p n -> 1",
        "next -> @fact_return step",
        "p n -> 2",
        "end -> 0",
        door=door,
    )


def test_a_step_that_arrives_at_a_breakpoints_line_reports_the_breakpoint_once(door):
    play(
        "loops",
        "break @down",
        "break @while",
        "continue -> @down breakpoint 1",
        "next -> @while breakpoint 2",
        "next -> @dec step",
        "end -> 0",
        door=door,
    )


def test_next_out_of_an_exception_lands_at_the_handler_that_catches_it(door):
    play(
        "exceptions",
        "tbreak @raise",
        "continue -> @raise",
        f"next -> @except {came_out('passes_through raised ValueError')}",
        "next -> @handler",
        "next -> @finally",
        "p log -> ['finally', 'negative -1']",
        "next -> @catches_return",
        "end -> 0",
        door=door,
    )


def test_next_out_of_an_exception_through_a_recursion_lands_at_the_handler(door):
    play(
        "recursion",
        "tbreak @deeper if n == 2",
        "continue -> @deeper",
        f"next -> @except {came_out('dive raised LookupError')}",
        "next -> @handler",
        "end -> 0",
        door=door,
    )


def test_next_over_a_call_whose_exception_is_caught_here_lands_at_the_except(door):
    play(
        "recursion",
        "tbreak @try",
        "continue -> @try",
        "next -> @except step",
        "next -> @handler",
        "end -> 0",
        door=door,
    )


def test_next_in_a_with_whose_exit_swallows_the_exception_goes_on_after_it(door):
    play(
        "exceptions",
        "tbreak @with",
        "continue -> @with",
        "next -> @with_body",
        "next -> @with",
        "next -> @after_with",
        "end -> 0",
        door=door,
    )


def test_next_at_an_uncaught_exception_ends_in_the_post_mortem(door):
    play(
        "exceptions",
        "tbreak @uncaught",
        "continue -> @uncaught",
        "next -> @chain_raise uncaught Refused",
        "quit -> end 1",
        door=door,
        args=("uncaught",),
    )


# --- step in --------------------------------------------------------------------------------------


def test_step_stops_at_the_bodys_first_line(door):
    play(
        "loops",
        "tbreak @main",
        "continue -> @main",
        "step -> @total step",
        "p numbers -> [1, 2, 3, 4]",
        "end",
        door=door,
    )


def test_step_where_nothing_is_called_is_next(door):
    play("loops", "tbreak @if", "continue -> @if", "step -> @continue", "step -> @for", "end", door=door)


def test_step_at_the_end_of_a_function_lands_on_the_callers_next_line(door):
    play("loops", "tbreak @total_return", "continue -> @total_return", "step -> @second step", "end -> 0", door=door)


@pytest.mark.parametrize(
    ("line", "callee", "check"),
    [
        ("@euros", "@property", "p self.cents -> 200"),
        ("@add", "@operator", "p other.cents -> 50"),
        ("@main", "@init", "p cents -> 150"),
        ("@min", "@less", "p other.cents -> 150"),
        ("@missing", "@getattr", "p name -> 'colour'"),
        ("@invoke", "@call", "p self.cents -> 150"),
        ("@map", "@double", "p n -> 1"),
        ("@sort", "@key", "p money.cents -> 150"),
        ("@drop", "@del", "p self.cents -> 200"),
    ],
)
def test_step_goes_into_calls_that_have_no_parentheses(door, line, callee, check):
    play("calls", f"tbreak {line}", f"continue -> {line}", f"step -> {callee} step", check, "end -> 0", door=door)


def test_step_from_a_callback_of_c_code_goes_into_the_next_call_of_it(door):
    play(
        "calls",
        "tbreak @sort",
        "continue -> @sort",
        "step -> @key",
        "step -> @key",
        "p money.cents -> 50",
        "step -> @key",
        "next -> @min",
        "end -> 0",
        door=door,
    )


def test_step_out_of_one_call_goes_into_the_next_call_of_the_line(door):
    play(
        "calls",
        "tbreak @nested",
        "continue -> @nested",
        "step -> @double",
        "p n -> 3",
        "step -> @double",
        "p n -> 4",
        "step -> @both",
        "step -> @drop",
        "end -> 0",
        door=door,
    )


def test_step_into_a_named_call_runs_over_the_others(door):
    play(
        "calls",
        "tbreak @nested",
        "continue -> @nested",
        "step both -> @both step",
        "p first, second -> (6, 8)",
        "end",
        door=door,
    )


def test_step_into_a_named_call_inside_another_calls_arguments(door):
    play("oneline", "tbreak @nested", "continue -> @nested", "step one -> @one", "p n -> 6", "end -> 0", door=door)


def test_step_goes_into_a_one_line_function(door):
    play(
        "oneline",
        "tbreak @main",
        "continue -> @main",
        "step -> @one",
        "p n -> 1",
        "step -> @two",
        "end -> 0",
        door=door,
    )


def test_step_goes_into_a_lambda(door):
    play("oneline", "tbreak @triple", "continue -> @triple", "step -> @lambda", "p n -> 3", "end -> 0", door=door)


def test_step_goes_into_a_decorator_and_a_decorated_function(door):
    play(
        "classes",
        "tbreak @deco",
        "continue -> @deco",
        "next -> @plain_def",
        "next -> @deco",
        "step -> @register",
        "p function.__name__ -> 'plain'",
        "tbreak @call_noisy",
        "continue -> @call_noisy",
        "step -> @wrapper",
        "step -> @noisy",
        "end -> 0",
        door=door,
    )


def test_step_goes_into_a_class_body(door):
    play(
        "classes",
        "tbreak @class",
        "continue -> @class",
        "step -> @sides",
        "p __qualname__ -> 'Shape'",
        "end -> 0",
        door=door,
    )


# --- just my code ---------------------------------------------------------------------------------


def test_step_goes_through_the_library_to_code_of_ours(door):
    play(
        "contexts",
        "tbreak @with",
        "continue -> @with",
        "step -> @open step",
        "next -> @try",
        "next -> @yield",
        "step -> @body",
        "next -> @with",
        "step -> @close",
        "next -> @after step",
        "end -> 0",
        "prints (3, [3], True) ['open a', 'A', 'close a']",
        door=door,
    )


def test_step_goes_through_library_callbacks_and_wrappers(door):
    play(
        "contexts",
        "tbreak @library",
        "continue -> @library",
        "step -> @price",
        "p n -> 3",
        "tbreak @ordering",
        "continue -> @ordering",
        "step -> @init",
        "step -> @init",
        "step -> @lt",
        "end -> 0",
        door=door,
    )


def test_step_anywhere_goes_into_the_library(door):
    play("contexts", "tbreak @with", "continue -> @with", "step!", "p __name__ -> 'contextlib'", "end -> 0", door=door)


def test_next_over_library_code_never_stops_in_it(door):
    play(
        "contexts",
        "tbreak @with",
        "continue -> @with",
        "next -> @body",
        "next -> @with",
        "next -> @after",
        "end",
        door=door,
    )


def test_step_at_an_import_goes_into_the_modules_body(door):
    play("late", "tbreak @import", "continue -> @import", "step", "p __name__ -> 'late_module'", "end -> 0", door=door)


def test_next_at_an_import_stays_here(door):
    play(
        "late",
        "tbreak @import",
        "continue -> @import",
        "next -> @use",
        "step -> @late_module:double",
        "end -> 0",
        door=door,
    )


# --- finish ---------------------------------------------------------------------------------------


def test_finish_stops_at_the_frames_exit_with_the_value(door):
    play(
        "loops",
        "tbreak @total",
        "continue -> @total",
        "finish -> @total_return returns 106",
        "p result -> 106",
        "p $ret -> 106",
        "next -> @second step",
        "end -> 0",
        door=door,
    )


def test_finish_of_the_outermost_frame_of_a_recursion(door):
    play(
        "recursion",
        "break @fact if n == 5",
        "continue -> @fact",
        "finish -> @fact_return returns 120",
        "p n -> 5",
        "step -> @parity",
        "end -> 0",
        door=door,
    )


def test_finish_of_a_frame_that_raises_stops_where_the_exception_leaves_it(door):
    play(
        "exceptions",
        "tbreak @through if n == -1",
        "continue -> @through",
        "finish -> @through unwinds ValueError",
        "p $exc.args -> ('negative -1',)",
        "next -> @except step",
        "end -> 0",
        door=door,
    )


def test_finish_of_a_one_line_function(door):
    play("oneline", "tbreak one", "continue -> @one", "finish -> @one returns 2", "end -> 0", door=door)


# --- until, to, jump ------------------------------------------------------------------------------


def test_until_runs_a_loop_out(door):
    play("loops", "tbreak @add", "continue -> @add", "until -> @else step", "p result -> 6", "end -> 0", door=door)


def test_until_a_line_stops_there_or_beyond_it(door):
    play(
        "loops",
        "tbreak @total",
        "continue -> @total",
        "until @add -> @add",
        "p n -> 2",
        "until @total_return -> @total_return",
        "end -> 0",
        door=door,
    )


def test_until_ends_with_the_frame(door):
    play(
        "loops",
        "tbreak @total_return",
        "continue -> @total_return",
        "until -> @total_return returns 106",
        "end -> 0",
        door=door,
    )


def test_run_to_a_place(door):
    play("loops", "tbreak @total", "continue -> @total", "to @else -> @else step", "end -> 0", door=door)


def test_run_to_a_place_in_another_function(door):
    play("loops", "to @cell -> @cell step", "p row, column -> (0, 0)", "end -> 0", door=door)


def test_run_to_a_place_that_is_never_reached_ends_with_the_frame(door):
    play("loops", "tbreak @down", "continue -> @down", "to @break -> @down_return returns 3", "end -> 0", door=door)


def test_jump_sets_the_next_line_and_runs_nothing(door):
    play(
        "loops",
        "tbreak @down",
        "continue -> @down",
        "next -> @while",
        "jump @down_return",
        "p steps -> 0",
        "next -> @third step count_down returned 0",
        "end -> 0",
        "prints 106 0 6 18",
        door=door,
    )


def test_jump_backwards_runs_lines_again(door):
    play(
        "exceptions",
        "tbreak @third",
        "continue -> @third",
        "jump @second",
        "next -> @third",
        "p log -> ['finally', 'negative -1', 'finally', 'negative -1', 'finally']",
        "end -> 0",
        door=door,
    )


def test_jump_into_a_loop_is_refused_with_the_interpreters_reason(door):
    play(
        "loops",
        "tbreak @total",
        "continue -> @total",
        "jump @add -> refused into",
        "next -> @for",
        "end -> 0",
        door=door,
    )


def test_jump_where_the_frame_is_at_its_exit_is_refused(door):
    play(
        "loops",
        "tbreak @total",
        "continue -> @total",
        "finish -> @total_return returns 106",
        "jump @total -> refused jump",
        "end -> 0",
        door=door,
    )


# --- a frame selected with up ---------------------------------------------------------------------


def test_up_then_next_runs_until_that_frame_is_at_its_next_line(door):
    play(
        "recursion",
        "tbreak @bottom",
        "continue -> @bottom",
        "up",
        "p n -> 2",
        "next -> @fact_return step",
        "p n -> 2",
        "end -> 0",
        door=door,
    )


def test_up_twice_then_finish_ends_that_frame(door):
    play(
        "recursion",
        "tbreak @bottom",
        "continue -> @bottom",
        "up 2",
        "p n -> 3",
        "finish -> @fact_return returns 6",
        "p n -> 3",
        "end -> 0",
        door=door,
    )


def test_up_and_down_then_next_is_the_stopped_frames_next(door):
    play("recursion", "tbreak @fact", "continue -> @fact", "up", "down", "next -> @recurse", "end -> 0", door=door)


def test_up_then_until_acts_on_that_frame(door):
    play(
        "exceptions",
        "tbreak @check_return",
        "continue -> @check_return",
        "up",
        "until -> @through_return step",
        "p value -> 1",
        "end -> 0",
        door=door,
    )
