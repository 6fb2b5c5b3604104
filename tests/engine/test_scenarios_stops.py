"""What stops a program and what is said of it: breakpoints, traps, catches, pending ones, writing, leaving."""

from __future__ import annotations

import pytest

from tests.scenario import DOORS, play

pytestmark = pytest.mark.parametrize("door", DOORS, ids="through_{}".format)


# --- conditions, counts, logs ---------------------------------------------------------------------


def test_a_condition_decides(door):
    play("loops", "break @if if n == 3", "continue -> @if breakpoint 1", "p n -> 3", "continue -> end 0", door=door)


def test_a_condition_sees_nested_scopes(door):
    play(
        "scopes",
        "break @change_return if sum(x * k for x in xs) == 60 and (lambda: k)() == 10",
        "continue -> @change_return breakpoint 1",
        "continue -> end 0",
        door=door,
    )


def test_a_condition_that_raises_stops_and_says_so(door):
    play("loops", "break @if if n / 0", "continue -> @if breakpoint 1", "clear 1", "continue -> end 0", door=door)


def test_a_condition_that_does_not_compile_is_refused_at_once(door):
    play("loops", "break @if if n ==* 3 -> refused syntax", "continue -> end 0", door=door)


def test_a_condition_can_be_changed_and_taken_off(door):
    play(
        "loops",
        "break @if if n == 99",
        "condition 1 n == 2",
        "continue -> @if breakpoint 1",
        "p n -> 2",
        "condition 1",
        "continue -> @if breakpoint 1",
        "p n -> 3",
        "end -> 0",
        door=door,
    )


def test_a_condition_that_calls_into_the_program_stops_nowhere_else(door):
    play(
        "loops",
        "break @down",
        "break @if if count_down(2) == 2 and n == 4",
        "continue -> @if breakpoint 2",
        "p n -> 4",
        "continue -> @down breakpoint 1",
        "continue -> end 0",
        door=door,
    )


def test_an_ignore_count_passes_over_the_first_times(door):
    play(
        "loops",
        "break @if",
        "ignore 1 2",
        "continue -> @if",
        "p n -> 3",
        "continue -> @if",
        "p n -> 4",
        "end -> 0",
        door=door,
    )


@pytest.mark.parametrize(
    ("clause", "stops"), [("hits 3", [3]), ("hits >=3", [3, 4]), ("every 2", [2, 4]), ("hits <2", [1])]
)
def test_a_hit_condition_counts(door, clause, stops):
    steps = [step for n in stops for step in ("continue -> @if breakpoint 1", f"p n -> {n}")]
    play("loops", f"break @if {clause}", *steps, "continue -> end 0", door=door)


def test_a_hit_condition_counts_the_times_that_the_condition_held(door):
    play("loops", "break @if hits 2 if n % 2 == 0", "continue -> @if", "p n -> 4", "continue -> end 0", door=door)


def test_a_temporary_breakpoint_stops_once(door):
    play("loops", "tbreak @if", "continue -> @if breakpoint 1", "continue -> end 0", door=door)
    play("loops", "break @if once", "continue -> @if breakpoint 1", "continue -> end 0", door=door)


def test_a_temporary_breakpoint_waits_for_its_condition(door):
    play("loops", "tbreak @if if n == 2", "continue -> @if", "p n -> 2", "continue -> end 0", door=door)


def test_a_disabled_breakpoint_does_not_stop_until_it_is_enabled(door):
    play(
        "loops",
        "break @if",
        "break @while",
        "disable 1",
        "continue -> @while breakpoint 2",
        "enable 1",
        "disable 2",
        "jump @while",
        "continue -> end 0",
        door=door,
    )


def test_a_breakpoint_that_is_cleared_stops_no_more(door):
    play("loops", "break @if", "continue -> @if", "clear 1", "continue -> end 0", door=door)


def test_a_breakpoint_set_behind_lines_that_ran_already_stops_when_they_run_again(door):
    # each of these lines has answered DISABLE by then: a new breakpoint must switch it on again
    play(
        "loops",
        "break @for",
        "continue -> @for",
        "continue -> @for",
        "continue -> @for",
        "clear 1",
        "break @if",
        "continue -> @if breakpoint 2",
        "p n -> 3",
        "end -> 0",
        door=door,
    )


def test_two_breakpoints_on_one_line_are_one_stop(door):
    play(
        "loops",
        "break @down",
        "break @down if n == 3",
        "continue -> @down",
        "continue -> end 0",
        door=door,
    )


def test_a_log_point_logs_and_goes_on(door):
    play(
        "loops",
        'log @add "n is {n}, so far {result}"',
        "continue -> end 0",
        "prints n is 2, so far 0\n",
        "prints n is 4, so far 2\n",
        door=door,
    )


# --- places ---------------------------------------------------------------------------------------


def test_a_function_breakpoint_stops_at_the_first_line_with_code(door):
    play("loops", "break count_down", "continue -> @down breakpoint 1", "p n -> 3", "continue -> end 0", door=door)


def test_a_method_breakpoint_by_its_qualified_name(door):
    play("calls", "break Money.euros", "continue -> @property breakpoint 1", "continue -> end 0", door=door)


def test_a_function_breakpoint_on_a_one_line_function(door):
    play("oneline", "break two", "continue -> @two breakpoint 1", "p n -> 2", "continue -> @two", "end -> 0", door=door)


def test_a_breakpoint_on_a_lambdas_line_stops_where_it_is_made_and_where_it_is_called(door):
    play(
        "oneline",
        "break @lambda",
        "continue -> @lambda",
        "continue -> @lambda",
        "p n -> 3",
        "clear 1",
        "end -> 0",
        door=door,
    )


def test_a_breakpoint_on_a_class_statement_is_not_the_class_bodys(door):
    play("classes", "break @class", "continue -> @class", "continue -> end 0", door=door)


def test_a_breakpoint_on_a_line_without_code_says_which_line_it_took(door):
    play("loops", "break tests/programs/loops.py:10 -> says line 10", "continue -> @else", "end -> 0", door=door)
    play(
        "blank",
        "break tests/programs/blank.py:16 -> says line 16",
        "continue -> @assign breakpoint 1",
        "end",
        door=door,
    )


def test_a_breakpoint_past_the_end_of_the_file_is_refused(door):
    play("loops", "break tests/programs/loops.py:4000 -> refused line", "continue -> end 0", door=door)


def test_a_breakpoint_in_a_file_that_is_not_there_is_refused_or_pending_and_says_so(door):
    play("loops", "break tests/programs/nowhere.py:3 -> says nowhere.py", "continue -> end 0", door=door)


def test_a_breakpoint_in_a_module_not_imported_yet_stops_when_it_is(door):
    play(
        "late",
        "break @late_module:double",
        "break @late_module:top",
        "continue -> @late_module:top breakpoint 2",
        "continue -> @late_module:double breakpoint 1",
        "p n -> 21",
        "continue -> end 0",
        "prints before 42",
        door=door,
    )


def test_a_breakpoint_on_a_function_of_a_module_not_imported_yet(door):
    play(
        "late",
        "break late_module.double",
        "continue -> @late_module:double breakpoint 1",
        "continue -> end 0",
        door=door,
    )


def test_a_breakpoint_in_code_with_names_and_source_that_are_not_ascii(door):
    play(
        "latin1",
        "break @greet",
        "continue -> @greet breakpoint 1",
        "next -> @greet_return",
        "p text -> 'Grüße, Zoë'",
        "continue -> end 0",
        door=door,
    )


# --- exits and exceptions -------------------------------------------------------------------------


def test_a_trap_stops_at_every_exit_of_a_function(door):
    play(
        "exceptions",
        "trap check",
        "continue -> @check_return returns 1",
        "continue -> @raise unwinds ValueError",
        "p $exc.args -> ('negative -1',)",
        "clear 1",
        "continue -> end 0",
        door=door,
    )


def test_a_trap_of_returns_sees_no_exception(door):
    play("exceptions", "trap check returns", "continue -> @check_return returns 1", "continue -> end 0", door=door)


def test_a_trap_of_unwinds_by_type(door):
    play("exceptions", "trap check unwinds LookupError", "continue -> end 0", door=door)
    play(
        "exceptions",
        "trap chained unwinds Refused",
        "continue -> @chain_raise unwinds Refused",
        "continue -> end 0",
        door=door,
    )


def test_a_trap_with_a_condition_on_what_is_returned(door):
    play(
        "recursion",
        "trap fact returns if $ret > 20",
        "continue -> @fact_return returns 24",
        "p n -> 4",
        "end -> 0",
        door=door,
    )


def test_a_trap_of_a_generator_is_its_end_not_its_yields(door):
    play("generators", "trap numbers returns", "continue -> @gen_return returns 'spent'", "end -> 0", door=door)


def test_a_trap_of_a_coroutine_is_its_end_not_its_awaits(door):
    play(
        "coroutines",
        "trap worker",
        "continue -> @worker_return returns 1",
        "continue -> @worker_return returns 3",
        "end",
        door=door,
    )


def test_a_catch_stops_where_an_exception_is_raised(door):
    play(
        "exceptions",
        "catch ValueError raised",
        "continue -> @raise raised ValueError",
        "p n -> -1",
        "continue -> @raise raised ValueError",
        "p n -> -3",
        "end -> 0",
        door=door,
    )


def test_a_catch_is_for_subclasses_too_and_for_no_other_type(door):
    play("exceptions", "catch ArithmeticError raised", "continue -> end 0", door=door)
    play("recursion", "catch Exception raised", "continue -> @raise raised LookupError", "end -> 0", door=door)


def test_a_catch_with_a_condition(door):
    play(
        "exceptions",
        "catch ValueError raised if '-3' in str($exc)",
        "continue -> @raise raised ValueError",
        "p n -> -3",
        "continue -> end 0",
        door=door,
    )


def test_the_end_of_a_loop_is_no_raised_exception(door):
    play("generators", "catch StopIteration raised", "catch GeneratorExit raised", "end -> 0", door=door)


def test_an_uncaught_exception_is_looked_at_post_mortem(door):
    play(
        "exceptions",
        "continue -> @chain_raise uncaught Refused",
        "p $exc.args -> ('no',)",
        "p repr($exc.__cause__) -> \"ValueError('negative -2')\"",
        "up",
        "p a -> 2",
        "quit -> end 1",
        door=door,
        args=("uncaught",),
    )


# --- looking and writing --------------------------------------------------------------------------


def test_an_expression_sees_nested_scopes(door):
    play(
        "scopes",
        "tbreak @total",
        "continue -> @total",
        "p sum(x * k for x in xs) -> 60",
        "p [x * k for x in xs if k] -> [10, 20, 30]",
        "p (lambda y: y * k)(2) -> 20",
        "p {x: [k for _ in xs] for x in xs}[1] -> [10, 10, 10]",
        "end -> 0",
        door=door,
    )


def test_a_local_that_is_written_is_what_the_program_goes_on_with(door):
    play(
        "scopes",
        "tbreak @total",
        "continue -> @total",
        "set k = 100",
        "next -> @change_return",
        "p total, k -> (600, 100)",
        "end -> 0",
        "prints (600, 100)",
        door=door,
    )


def test_a_cell_that_is_written_is_the_closures(door):
    play(
        "scopes",
        "tbreak @local",
        "continue -> @local",
        "p calls, by, rest, flag, options -> (6, 2, ('r',), True, {'colour': 'red'})",
        "set calls = 50",
        "next -> @bump_return",
        "p local -> 51",
        "end -> 0",
        "prints 51 [0, 2, 4]",
        door=door,
    )


def test_a_global_is_written_at_the_module(door):
    play("scopes", "tbreak @main", "continue -> @main", "set counter = 40", "end -> 0", "prints 41", door=door)


def test_a_local_of_a_frame_above_is_written(door):
    play(
        "exceptions",
        "tbreak @raise",
        "continue -> @raise",
        "up 2",
        "set n = 7",
        "p n -> 7",
        "next -> @except",
        "p n -> 7",
        "end -> 0",
        door=door,
    )


def test_an_evaluation_stops_at_no_breakpoint(door):
    play(
        "loops",
        "break @down",
        "continue -> @down",
        "p count_down(5) -> 5",
        "continue -> end 0",
        door=door,
    )


def test_names_of_a_class_body_are_seen(door):
    play("scopes", "tbreak @table", "continue -> @table", "p level -> 1", "end -> 0", door=door)


def test_variables_named_like_commands_are_variables(door):
    play(
        "scopes",
        "tbreak @total",
        "continue -> @total",
        "type c = 3",
        "type n = c + 1",
        "type list = [n]",
        "p c, n, list -> (3, 4, [4])",
        "type list[0] -> 4",
        "type xs.append(7)",
        "next -> @change_return",
        "p total -> 130",
        "end -> 0",
        door=door,
    )


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("raising", "RaisingRepr"),
        ("recursive", "RecursiveRepr"),
        ("nonsense", "NonsenseRepr"),
        ("huge", "xxx"),
        ("many", "first"),
        ("blind", "RaisingGetattr"),
        ("unequal", "RaisingEq"),
        ("unhashable", "RaisingHash"),
        ("neither", "RaisingBool"),
        ("liar", "LyingClass"),
        ("pretender", "PretendsToBeInt"),
        ("leaving", "ExitsInRepr"),
        ("meta", "Meta"),
        ("of_meta", "RaisingMeta"),
        ("table", "BadDict"),
        ("error", "RaisingStr"),
        ("cycle", "["),
        ("deep", "["),
        ("big", "0, 1, 2"),
        ("text", "yyy"),
        ("nested", "RaisingRepr"),
    ],
)
def test_a_value_that_defends_itself_is_shown_shortly(door, name, shown):
    play("hostile", "tbreak @look", "continue -> @look", f"p {name} -> ~{shown}", "end -> 0", "prints 50 1", door=door)


def test_a_stop_among_hostile_values_is_shown_and_left(door):
    play(
        "hostile",
        "break @arguments",
        "trap look",
        "catch RaisingStr",
        "continue -> @look returns 50",
        "continue -> @arguments breakpoint 1",
        "continue -> @raise raised RaisingStr",
        "continue -> end 0",
        "prints 50 1",
        door=door,
    )


# --- leaving --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("end", 0),
        ("none", 0),
        ("number", 3),
        ("text", 1),
        ("true", 1),
        ("big", 3),
        ("raise", 4),
        ("os", 7),
        ("quit", 5),
    ],
)
def test_the_exit_status_is_the_programs(door, kind, status):
    play("exits", f"continue -> end {status}", door=door, args=(kind,))


def test_detach_lets_the_program_run_to_its_end(door):
    play("loops", "break @if", "continue -> @if", "detach -> end 0", "prints 106 3 6 18", door=door)


def test_a_forked_child_runs_undebugged(door):
    play(
        "forks",
        "break @work",
        "continue -> @work",
        "p n -> 2",
        "continue -> @work",
        "p n -> 4",
        "continue -> end 0",
        "prints 4 9 16",
        door=door,
    )


def test_a_step_over_a_fork_stays_in_the_parent(door):
    play(
        "forks",
        "tbreak @fork",
        "continue -> @fork",
        "next -> @forking",
        "next -> @child_or_parent",
        "p pid > 0 -> True",
        "next -> @parent",
        "next -> @parent_return",
        "end -> 0",
        "prints 4 9 16",
        door=door,
    )


@pytest.mark.parametrize("kind", ["sleep", "lock", "loop", "input", "join"])
def test_ctrl_c_pauses_also_in_a_blocking_call(door, kind):
    if kind == "input" and door == "repl":
        pytest.skip("on a pipe the commands and the program's input are one stream")
    mark = "@count" if kind == "loop" else f"@{kind if kind != 'input' else 'read'}"
    if kind == "loop":
        play(
            "blocking",
            "interrupt",
            "set globals()['stop'] = True",
            "next",
            "end -> 0",
            "prints went on",
            door=door,
            args=(kind,),
        )
    else:
        # where it blocks in a Python frame of the library, that frame is the one that stops
        stop = f"interrupt -> {mark} pause" if kind != "join" else "interrupt"
        play("blocking", stop, "quit", door=door, args=(kind,))
