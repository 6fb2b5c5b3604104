"""Stepping where frames come and go: generators, coroutines, tasks, async generators, and threads."""

from __future__ import annotations

import pytest

from tests.scenario import DOORS, play

pytestmark = pytest.mark.parametrize("door", DOORS, ids="through_{}".format)


# --- generators -----------------------------------------------------------------------------------


def test_next_over_a_loop_over_a_generator_stays_in_the_consumer(door):
    play(
        "generators",
        "tbreak @consume",
        "continue -> @consume",
        "next -> @loop",
        "next -> @body",
        "next -> @loop",
        "next -> @body",
        "next -> @loop",
        "next -> @consume_return step",
        "end -> 0",
        door=door,
    )


def test_next_over_a_yield_waits_for_the_generators_next_line(door):
    play(
        "generators",
        "tbreak @yield",
        "continue -> @yield",
        "next -> @after_yield step",
        "p k -> 0",
        "next -> @gen_while",
        "end -> 0",
        door=door,
    )


def test_next_at_a_generators_end_lands_in_the_consumer(door):
    play(
        "generators",
        "tbreak @gen_return",
        "continue -> @gen_return",
        "next -> @consume_return step",
        "p total -> 1",
        "end -> 0",
        door=door,
    )


def test_next_stays_in_the_same_generator(door):
    play(
        "generators",
        "tbreak @next_first",
        "continue -> @next_first",
        "step -> @gen",
        "set k = 0",
        "next -> @gen_while",
        "next -> @yield",
        "next -> @after_yield step",
        "up",
        "p 'again' if __import__('sys')._getframe().f_lineno else 0 -> 'again'",
        "down",
        "next -> @gen_while",
        "end -> 0",
        "prints 1 [0, 1] x [1] open ['spent', 'x', 'closed']",
        door=door,
    )


def test_step_from_a_yield_goes_to_the_consumers_next_line(door):
    play(
        "generators", "tbreak @yield", "continue -> @yield", "step -> @body step", "p value -> 0", "end -> 0", door=door
    )


def test_step_at_a_line_that_resumes_a_generator_goes_to_the_generators_next_line(door):
    play(
        "generators",
        "tbreak @body",
        "continue -> @body",
        "step -> @loop",
        "step -> @after_yield step",
        "p k -> 0",
        "end -> 0",
        door=door,
    )


def test_next_over_yield_from_runs_through_every_suspension(door):
    play(
        "generators",
        "tbreak @from",
        "continue -> @from",
        "next -> @after_from step",
        "p result -> 'spent'",
        "end -> 0",
        door=door,
    )


def test_step_at_yield_from_goes_into_the_inner_generator(door):
    play("generators", "tbreak @from", "continue -> @from", "step -> @gen step", "end -> 0", door=door)


def test_finish_of_a_generator_runs_to_its_exit(door):
    play(
        "generators",
        "tbreak @gen_while",
        "continue -> @gen_while",
        "finish -> @gen_return returns 'spent'",
        "next -> @consume_return",
        "end -> 0",
        door=door,
    )


def test_next_in_a_generator_that_the_consumer_drops_runs_its_finally_and_ends_in_the_consumer(door):
    play(
        "generators",
        "tbreak @careful_yield",
        "continue -> @careful_yield",
        "next -> @finally step",
        "next -> @drop_return step",
        "end -> 0",
        door=door,
    )


def test_next_in_a_generator_that_is_closed_ends_in_the_consumer(door):
    play(
        "generators",
        "tbreak @echo_got",
        "continue -> @echo_got",
        "to @echo_yield -> @echo_yield",
        "next -> @both step",
        "end -> 0",
        door=door,
    )


def test_next_over_a_send_stays_in_the_consumer(door):
    play("generators", "tbreak @send", "continue -> @send", "next -> @close", "p c -> 'x'", "end -> 0", door=door)


def test_step_into_a_generator_expression_and_over_its_yields(door):
    play(
        "oneline",
        "tbreak @sum",
        "continue -> @sum",
        "step -> @lazy step",
        "step -> @lambda step",
        "p n -> 0",
        "end -> 0",
        door=door,
    )


# --- coroutines and tasks -------------------------------------------------------------------------


def test_next_over_an_await_stays_in_the_same_task(door):
    play(
        "coroutines",
        "tbreak @sleep if name == 'first'",
        "continue -> @sleep breakpoint 1",
        "next -> @after_sleep step",
        "p name -> 'first'",
        "next -> @round step",
        "next -> @sleep step",
        "next -> @after_sleep step",
        "p name, n -> ('first', 1)",
        "end -> 0",
        "prints (3, [1, 3]) [('first', 1), ('second', 3), 0, 1, 'ticked', 'inside', 'left', 'in a task']",
        door=door,
    )


def test_step_at_an_await_goes_into_the_coroutine(door):
    play(
        "coroutines",
        "tbreak @main",
        "continue -> @main",
        "step -> @add step",
        "p a, b -> (1, 2)",
        "step -> @add_after step",
        "end -> 0",
        door=door,
    )


def test_next_at_the_end_of_a_coroutine_lands_in_the_one_that_awaits_it(door):
    play(
        "coroutines",
        "tbreak @add_return",
        "continue -> @add_return",
        "next -> @create step add returned 3",
        "p three -> 3",
        "end -> 0",
        door=door,
    )


def test_next_over_an_await_of_a_coroutine_runs_it_to_its_end(door):
    play(
        "coroutines", "tbreak @main", "continue -> @main", "next -> @create step", "p three -> 3", "end -> 0", door=door
    )


def test_next_over_a_gather_waits_for_both_tasks(door):
    play(
        "coroutines",
        "tbreak @gather",
        "continue -> @gather",
        "next -> @async_for step",
        "p sums -> [1, 3]",
        "end -> 0",
        door=door,
    )


def test_finish_of_a_coroutine_runs_through_its_awaits_to_its_exit(door):
    play(
        "coroutines",
        "tbreak @worker if name == 'second'",
        "continue -> @worker",
        "finish -> @worker_return returns 3",
        "p name -> 'second'",
        "end -> 0",
        door=door,
    )


def test_next_and_step_in_an_async_for(door):
    play(
        "coroutines",
        "tbreak @async_for",
        "continue -> @async_for",
        "next -> @tick step",
        "next -> @async_for",
        "next -> @tick step",
        "p tick -> 1",
        "next -> @async_for",
        "next -> @async_with step",
        "end -> 0",
        door=door,
    )


def test_next_over_the_yield_of_an_async_generator_waits_for_its_next_line(door):
    play(
        "coroutines",
        "tbreak @ticks_yield",
        "continue -> @ticks_yield",
        "next -> @ticks step",
        "p k -> 0",
        "next -> @ticks_await",
        "end -> 0",
        door=door,
    )


def test_step_from_the_yield_of_an_async_generator_goes_to_its_consumer(door):
    play(
        "coroutines",
        "tbreak @ticks_yield",
        "continue -> @ticks_yield",
        "step -> @tick step",
        "p tick -> 0",
        "end -> 0",
        door=door,
    )


def test_step_goes_into_an_async_with_and_back_to_its_body(door):
    play(
        "coroutines",
        "tbreak @async_with",
        "continue -> @async_with",
        "step -> @enter step",
        "next -> @enter_return step",
        "next -> @inside step",
        "end -> 0",
        door=door,
    )


def test_next_out_of_a_task_that_fails_lands_where_its_group_is_caught(door):
    play(
        "coroutines",
        "tbreak @raise",
        "continue -> @raise",
        "next",  # the line of the `async with` once more, or the handler's: the line table differs by version
        "p three -> 3",
        "tbreak @caught",
        "continue -> @caught",
        "end -> 0",
        door=door,
    )


def test_run_to_a_handler_of_a_group_after_a_step_out_of_the_task_that_failed(door):
    play("coroutines", "tbreak @raise", "continue -> @raise", "next", "to @caught -> @caught", "end -> 0", door=door)


def test_a_breakpoint_limited_to_a_task_stops_in_no_other(door):
    play(
        "coroutines",
        "break @after_sleep task second",
        "continue -> @after_sleep breakpoint 1",
        "p name, n -> ('second', 0)",
        "continue -> @after_sleep breakpoint 1",
        "p name, n -> ('second', 1)",
        "continue -> @after_sleep breakpoint 1",
        "continue -> end 0",
        door=door,
    )


# --- threads --------------------------------------------------------------------------------------


def test_a_breakpoint_stops_in_every_thread(door):
    play(
        "threads",
        "break @append if value == 4",
        "continue -> @append breakpoint 1",
        "continue -> @append breakpoint 1",
        "continue -> end 0",
        "prints [('w1', 0), ('w1', 1), ('w1', 4), ('w2', 0), ('w2', 1), ('w2', 4)]",
        door=door,
    )


def test_a_breakpoint_limited_to_a_thread_stops_in_no_other(door):
    play(
        "threads",
        "break @square thread worker-2",
        "continue -> @square breakpoint 1",
        "p __import__('threading').current_thread().name -> 'worker-2'",
        "continue -> @square breakpoint 1",
        "continue -> @square breakpoint 1",
        "p n -> 2",
        "continue -> end 0",
        door=door,
    )


def test_steps_stay_in_their_thread(door):
    play(
        "threads",
        "tbreak @call if name == 'w2'",
        "continue -> @call breakpoint 1",
        "step -> @square step",
        "next -> @square_return",
        "next -> @lock step square returned 0",
        "next -> @append",
        "p name -> 'w2'",
        "next -> @lock",
        "next -> @work",
        "p name, n -> ('w2', 0)",
        "end -> 0",
        door=door,
    )


def test_finish_in_a_thread(door):
    play(
        "threads",
        "tbreak @work if name == 'w2'",
        "continue -> @work breakpoint 1",
        "finish -> @work_return returns None",
        "p name -> 'w2'",
        "end -> 0",
        door=door,
    )


def test_next_over_a_join_lets_the_other_threads_run(door):
    play(
        "threads",
        "tbreak @join",
        "continue -> @join",
        "next -> @joined",
        "next -> @join",
        "next -> @joined",
        "next -> @join",
        "next -> @argv",
        "p len(results) -> 6",
        "end -> 0",
        door=door,
    )


def test_an_exception_in_a_thread_is_caught_where_it_is_raised(door):
    play(
        "threads",
        "catch RuntimeError raised",
        "continue -> @raise raised RuntimeError",
        "p $exc.args -> ('in a thread',)",
        "continue -> end 0",
        door=door,
        args=("fail", "hook"),
    )


def test_an_exception_that_leaves_our_code_in_a_thread_is_user_uncaught(door):
    play(
        "threads",
        "catch RuntimeError user",
        "continue -> @raise user-uncaught RuntimeError",
        "continue -> end 0",
        door=door,
        args=("fail", "hook"),
    )
