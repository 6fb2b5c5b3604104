"""What the engine costs, counted in callbacks, instrumented opcodes and armings; never by a clock."""

from __future__ import annotations

import sys
from itertools import pairwise

import pytest

from lowdb.engine.breakpoints import Spec
from lowdb.engine.stops import (
    Continue,
    Detach,
    Land,
    Next,
    Quit,
    Reason,
    RunTo,
    StepIn,
    StepOut,
    Stop,
    Until,
)
from tests.engine.inside import Callbacks, Inside, armed, instrumented, instrumented_lines

HOT = """
    def cold(n):
        return n + 1  # @cold

    def hot(n):
        total = 0
        for i in range(n):  # @for
            if i < 0:
                total = -1  # @never
            total += i  # @add
        return total  # @hot_return

    def numbers(n):
        while n:
            yield n  # @yield
            n -= 1

    def fails(n):
        raise ValueError(n)

    def catches(n):
        try:
            fails(n)
        except ValueError as error:
            return error.args[0]
        finally:
            n += 1

    def work():
        catches(3)
        return hot(20) + sum(numbers(5)) + sum([x for x in range(5)]) + (lambda a: a)(1)
"""


def quiet(callbacks: Callbacks, run, *arguments) -> dict[str, int]:
    """The callbacks by event that `run` makes."""
    before = callbacks.by_event()
    run(*arguments)
    after = callbacks.by_event()
    return {name: count - before.get(name, 0) for name, count in after.items() if count != before.get(name, 0)}


def test_without_a_breakpoint_nothing_is_ever_called(callbacks: Callbacks, inside: Inside):
    inside.start()
    program = inside.load(HOT)
    assert quiet(callbacks, program.run) == {}
    assert quiet(callbacks, program.names["work"]) == {}
    assert armed(program.codes()) == []


def test_a_function_without_a_breakpoint_costs_one_callback_for_its_first_start(callbacks: Callbacks, inside: Inside):
    inside.start()
    program = inside.load(HOT)
    inside.add(program, "cold")
    program.run()
    work = program.names["work"]
    first = quiet(callbacks, work)
    assert set(first) == {"PY_START"}
    assert 1 <= first["PY_START"] <= 10
    for _ in range(3):
        assert quiet(callbacks, work) == {}
    for code in program.codes():
        if code.co_name not in ("cold", "<module>"):
            assert instrumented(code) == {}, code


def test_a_breakpoint_on_a_line_that_is_not_reached_costs_no_callback_after_the_first_pass(
    callbacks: Callbacks, inside: Inside
):
    inside.start()
    program = inside.load(HOT)
    program.run()
    point = inside.add(program, "never")
    work = program.names["work"]
    assert quiet(callbacks, work)["LINE"] <= 7  # each way to come to a line but the breakpoint's, once
    for _ in range(3):
        assert quiet(callbacks, work) == {}
    # 3.13 leaves the loop's END_FOR, which the interpreter skips
    assert instrumented_lines(program.function("hot")) - {program.marks["for"]} == {program.marks["never"]}
    assert "RESUME" not in instrumented(program.function("hot")).values()
    assert point.reached == 0


def test_a_breakpoint_in_a_generator_that_is_not_reached_costs_nothing_when_it_is_resumed(
    callbacks: Callbacks, inside: Inside
):
    inside.start()
    program = inside.load("""
        def numbers(n):
            while n:
                if n < 0:
                    n = 0  # @never
                yield n
                n -= 1
        def work(n):
            return sum(numbers(n))
    """)
    program.run()
    inside.add(program, "never")
    program.names["work"](2)
    assert quiet(callbacks, program.names["work"], 500) == {}


def test_a_breakpoint_in_one_line_function_costs_its_line_only(callbacks: Callbacks, inside: Inside):
    inside.start()
    program = inside.load("""
        def one(n): return n + 1  # @one
        def calls(): return [one(k) for k in range(50)]
    """)
    program.run()
    point = inside.add(program, "one", condition="n == 99")
    calls = program.names["calls"]
    calls()
    assert quiet(callbacks, calls) == {"LINE": 50}  # the PY_START in its mask (cpython#155992) calls nobody
    assert point.reached == 100


def test_a_false_condition_costs_one_callback_a_time_and_nothing_on_other_lines(callbacks: Callbacks, inside: Inside):
    inside.start()
    program = inside.load(HOT)
    program.run()
    point = inside.add(program, "add", condition="i == 1000")
    hot = program.names["hot"]
    hot(10)
    assert quiet(callbacks, hot, 300) == {"LINE": 300}
    assert (point.reached, point.hits) == (310, 0)
    assert inside.at() == []


def test_next_over_a_call_makes_no_callback_in_the_callee_however_deep(callbacks: Callbacks, inside: Inside):
    program = inside.load(
        """
        def deepest(n):
            for k in range(20):
                n += k
            yield n

        def deep(n):
            return deep(n - 1) if n else sum(deepest(3))

        def fails(n):
            try:
                raise ValueError
            except ValueError:
                return n

        def callee():
            note()
            deep(5), fails(1), [deep(k) for k in range(3)], (lambda a: fails(a))(2)
            note()
            return 1

        def main():
            a = callee()  # @call
            b = callee()  # @again
            return a + b  # @return

        main()
        """,
        note=lambda: noted.append(callbacks.by_event()),
    )
    noted: list[dict[str, int]] = []
    inside.debugger.start()
    inside.debugger.program(program.code)
    inside.add(program, "call", temporary=True)
    inside.play(program, Next(), Next(), Continue())
    assert inside.at() == ["call", "again", "return"]
    before, after, before_again, after_again = noted
    # what runs for the first time is discovered (one PY_START each) while the temporary breakpoint is forgotten
    assert {name: count for name, count in after.items() if count != before.get(name)} in ({}, {"PY_START": 15})
    assert before_again == after_again


def test_next_over_a_call_arms_nothing_globally(callbacks: Callbacks, inside: Inside):
    seen: list[int] = []
    program = inside.load(
        """
        def callee():
            look()
            return 1

        def main():
            a = callee()  # @call
            return a  # @return

        main()
        """,
        look=lambda: seen.append(sys.monitoring.get_events(sys.monitoring.DEBUGGER_ID)),
    )
    inside.debugger.start()
    inside.add(program, "call")
    inside.play(program, Next())
    assert inside.at() == ["call", "return"]
    assert seen == [0]
    assert instrumented(program.function("callee")) == {}


def test_uncaught_breakpoints_have_no_events(callbacks: Callbacks, inside: Inside):
    inside.start()
    program = inside.load(HOT)
    inside.debugger.add(Spec(kind="raise", raised="uncaught"))
    program.run()
    assert quiet(callbacks, program.names["work"]) == {}
    assert armed(program.codes()) == []
    assert instrumented(program.function("catches")) == {}


def test_a_raised_breakpoint_watches_raise_alone(callbacks: Callbacks, inside: Inside):
    inside.start()
    program = inside.load(HOT)
    program.run()
    inside.debugger.add(Spec(kind="raise", exception="NeverRaised"))
    assert set(quiet(callbacks, program.names["work"])) == {"RAISE"}


LOOP = """
    def main(n):
        total = 0  # @begin
        for i in range(n):
            total += i
            if total < 0:
                total = 0
        done = total  # @after
        return done  # @return

    main(1000)
"""


@pytest.mark.parametrize("resume", [Until, RunTo])
def test_running_a_hot_loop_out_costs_a_bounded_number_of_events(callbacks: Callbacks, inside: Inside, resume):
    program = inside.load(LOOP)
    inside.debugger.start()
    inside.debugger.program(program.code)
    inside.add(program, "begin", temporary=True)
    before: list[int] = []

    def go(stop: Stop) -> object:
        before.append(callbacks.total())
        return Until(program.marks["after"]) if resume is Until else RunTo(program.path, program.marks["after"])

    inside.play(program, go, lambda stop: before.append(callbacks.total()))
    assert inside.at() == ["begin", "after"]
    assert before[1] - before[0] < 10


def test_until_at_the_loops_last_line_costs_nothing_on_the_lines_before_it(callbacks: Callbacks, inside: Inside):
    program = inside.load("""
        def main(n):
            total = 0  # @begin
            for i in range(n):  # @for
                total += 1
                total += 2
                total += 3  # @last
            return total  # @return

        main(500)
    """)
    inside.debugger.start()
    inside.debugger.program(program.code)
    inside.add(program, "last", temporary=True)
    before: list[int] = []
    inside.play(
        program, lambda stop: before.append(callbacks.total()) or Until(), lambda stop: before.append(callbacks.total())
    )
    assert inside.at() == ["last", "return"]
    assert before[1] - before[0] < 10


def test_a_step_in_the_same_frame_arms_nothing_anew(callbacks: Callbacks, inside: Inside):
    program = inside.load(LOOP)
    inside.debugger.start()
    inside.debugger.program(program.code)
    inside.add(program, "begin", temporary=True)
    inside.front.default = Next()
    armings: list[int] = []

    def note(stop: Stop) -> Next:
        armings.append(callbacks.armings())
        return Next()

    inside.play(program, Next(), *[note] * 500)
    assert len(inside.front.seen) > 1000
    assert len(set(armings)) == 1


def test_steps_cost_one_callback_a_line(callbacks: Callbacks, inside: Inside):
    program = inside.load(LOOP)
    inside.debugger.start()
    inside.debugger.program(program.code)
    inside.add(program, "begin", temporary=True)
    totals: list[int] = []
    inside.play(program, Next(), Next(), *[lambda stop: totals.append(callbacks.total()) or Next()] * 300)
    assert [b - a for a, b in pairwise(totals)] == [1] * 299


def test_finish_of_a_frame_costs_nothing_in_the_loop_that_it_finishes(callbacks: Callbacks, inside: Inside):
    program = inside.load(LOOP)
    inside.debugger.start()
    inside.debugger.program(program.code)
    inside.add(program, "begin", temporary=True)
    before: list[int] = []
    inside.play(
        program,
        lambda stop: before.append(callbacks.total()) or StepOut(),
        lambda stop: before.append(callbacks.total()),
    )
    assert [seen.reason for seen in inside.front.seen] == [Reason.BREAKPOINT, Reason.RETURNS]
    assert before[1] - before[0] <= 2


def test_finish_of_the_outermost_frame_of_a_recursion_stops_watching_the_inner_ones(
    callbacks: Callbacks, inside: Inside
):
    program = inside.load("""
        def fib(n):
            if n < 2:  # @fib
                return n
            return fib(n - 1) + fib(n - 2)

        def main():
            value = fib(19)  # @call
            return value

        main()
    """)
    inside.debugger.start()
    inside.debugger.program(program.code)
    inside.add(program, "fib", temporary=True)
    before: list[int] = []
    inside.play(
        program,
        lambda stop: before.append(callbacks.total()) or StepOut(),
        lambda stop: before.append(callbacks.total()),
    )
    # 13,529 calls of fib; after a thousand of them the caller is watched instead
    assert before[1] - before[0] < 1_100
    assert inside.at() == ["fib", "call"]  # right after the call: also where the caller has no further line


# --- global events live no longer than a plan needs them -----------------------------------------

STEPS = """
    def one(n):
        return n  # @one

    def main():
        a = one(1)  # @call
        b = a  # @b
        return b  # @return

    main()
"""


def test_a_step_in_leaves_no_global_event_on_after_its_stop(inside: Inside):
    events: list[int] = []
    program = inside.load(
        """
        def one(n):
            return n  # @one

        def main():
            look()
            a = one(1)  # @call
            look()
            return a  # @return

        main()
        """,
        look=lambda: events.append(sys.monitoring.get_events(sys.monitoring.DEBUGGER_ID)),
    )
    inside.debugger.start()
    inside.add(program, "call", temporary=True)
    inside.play(program, StepIn(), Continue())
    assert inside.at() == ["call", "one"]
    assert events == [0, 0]


def test_a_plan_ends_in_the_middle_of_the_program_and_takes_its_global_events_with_it(inside: Inside):
    # a step in that finds nothing to go into, and steps on lines of its own frame
    events: list[int] = []
    program = inside.load(
        """
        def main():
            a = 1  # @a
            b = 2  # @b
            look()  # @look
            return a + b

        main()
        """,
        look=lambda: events.append(sys.monitoring.get_events(sys.monitoring.DEBUGGER_ID)),
    )
    inside.debugger.start()
    inside.add(program, "a", temporary=True)
    inside.play(program, StepIn(), Next(), Next())
    assert inside.at() == ["a", "b", "look", 5]
    assert events == [0]


@pytest.mark.parametrize(
    "resume",
    [
        Next(),
        StepIn(),
        StepIn(target="one"),
        StepOut(),
        Until(),
        Next(land=Land.CALL),
        StepOut(land=Land.CALL),
        StepIn(land=Land.CALL),
    ],
    ids=str,
)
@pytest.mark.parametrize("mark", ["call", "one", "return"])
def test_after_the_last_plan_nothing_is_armed(inside: Inside, resume, mark):
    program = inside.load(STEPS)
    inside.debugger.start()
    inside.debugger.program(program.code)
    inside.add(program, mark, temporary=True)
    inside.play(program, resume, Continue())
    assert armed(program.codes()) == []
    assert inside.debugger.monitor.armed_codes() == []
    assert inside.debugger.monitor.everywhere == 0
    program.run()
    for code in program.codes():
        assert instrumented(code) == {}


@pytest.mark.parametrize("resume", [Next(), StepIn(), Until(), Next(land=Land.CALL)], ids=str)
def test_a_step_whose_program_ends_leaves_nothing_armed(inside: Inside, resume):
    program = inside.load(STEPS)
    inside.debugger.start()
    inside.add(program, "return", temporary=True)
    inside.front.default = resume
    inside.play(program)
    assert armed(program.codes()) == []
    assert inside.debugger.monitor.armed_codes() == []
    assert inside.debugger.monitor.everywhere == 0


def test_after_the_last_breakpoint_is_removed_nothing_is_armed_and_nobody_looks_for_code(
    callbacks: Callbacks, inside: Inside
):
    inside.start()
    program = inside.load(HOT)
    program.run()
    debugger = inside.debugger
    numbers = [inside.add(program, mark).number for mark in ("never", "cold", "hot_return")]
    numbers.append(debugger.add(Spec(kind="function", location=f"{program.path}:hot")).number)
    numbers.append(debugger.add(Spec(kind="exit", location=f"{program.path}:hot")).number)
    numbers.append(debugger.add(Spec(kind="raise")).number)
    numbers.append(debugger.add(Spec(kind="raise", raised="user")).number)
    assert armed(program.codes()) != []
    program.names["work"]()
    inside.check()
    for number in numbers:
        debugger.remove(number)
    assert armed(program.codes()) == []
    assert debugger.monitor.everywhere == 0
    assert quiet(callbacks, program.names["work"]) == {}
    program.run()
    program.names["cold"](1)
    program.names["work"]()
    for code in program.codes():
        assert instrumented(code) == {}, code
    assert all(sys.monitoring.register_callback(0, event, None) is None for event in one_bit_events())


def test_a_breakpoint_that_is_switched_off_has_nothing_armed_and_comes_back_when_switched_on(
    callbacks: Callbacks, inside: Inside
):
    inside.start()
    program = inside.load(HOT)
    program.run()
    point = inside.add(program, "cold")
    inside.debugger.disable(point.number)
    assert armed(program.codes()) == []
    assert quiet(callbacks, program.names["cold"], 1) == {}
    inside.debugger.enable(point.number)
    program.names["cold"](1)
    assert inside.at() == ["cold"]


def one_bit_events() -> list[int]:
    return [value for value in vars(sys.monitoring.events).values() if value and value & (value - 1) == 0]


def everything_off(inside: Inside, codes) -> None:
    monitoring = sys.monitoring
    for tool in range(6):
        assert monitoring.get_tool(tool) is None, tool
        for event in one_bit_events():
            assert monitoring.register_callback(tool, event, None) is None, (tool, event)
        # an id must be held for its events to be asked for
        monitoring.use_tool_id(tool, "look")
        try:
            assert monitoring.get_events(tool) == 0
            for code in codes:
                assert monitoring.get_local_events(tool, code) == 0, (tool, code)
        finally:
            monitoring.free_tool_id(tool)


def set_of_everything(inside: Inside, program) -> None:
    debugger = inside.debugger
    for mark in ("never", "cold", "add"):
        inside.add(program, mark, condition="False")
    inside.add(program, "hot_return")
    debugger.add(Spec(kind="exit", location=f"{program.path}:cold", condition="False"))
    debugger.add(Spec(kind="function", location=f"{program.path}:cold", condition="False"))
    debugger.add(Spec(kind="raise", exception="NeverRaised"))
    debugger.add(Spec(kind="raise", raised="user", exception="NeverRaised"))
    debugger.add(Spec(kind="function", location="/nothing_like_it/"))


# the two seconds after which Quit ends the process for good do not begin: that is shown with real processes
@pytest.mark.parametrize("how", ["detach", "quit", "close"])
def test_after_the_end_the_ids_are_free_and_nothing_is_armed(callbacks: Callbacks, inside: Inside, how):
    program = inside.load(HOT)
    inside.debugger.start()
    inside.debugger.program(program.code)
    program.run()
    set_of_everything(inside, program)
    if how == "close":
        inside.front.answers = [StepIn()]
        program.names["work"]()
        inside.debugger.close()
    elif how == "detach":
        inside.front.answers = [StepIn(), Next(), Detach()]
        program.names["work"]()
    else:
        inside.front.answers = [StepIn(), Quit(status=3)]
        with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit) as end:
            patch.setattr("lowdb.engine.ending.start_new_thread", lambda *arguments: 0)
            program.names["work"]()
        assert end.value.code == 3
    assert not inside.debugger.running
    everything_off(inside, program.codes())
    assert quiet(callbacks, program.names["work"]) == {}
    program.run()
    program.names["cold"](1)
    for code in program.codes():
        assert instrumented(code) == {}, code
    inside.check()


def test_a_closed_debugger_can_be_started_again(inside: Inside):
    program = inside.load(HOT)
    inside.start()
    program.run()
    inside.add(program, "cold")
    inside.debugger.close()
    inside.debugger.close()
    program.names["cold"](1)
    assert inside.at() == []
    inside.debugger.start()
    inside.add(program, "cold")
    program.names["cold"](1)
    assert inside.at() == ["cold"]


# --- counts -------------------------------------------------------------------------------------


def test_log_points_and_conditions_count_what_was_reached_and_what_held(callbacks: Callbacks, inside: Inside):
    inside.start()
    program = inside.load(HOT)
    program.run()
    logs = inside.add(program, "add", condition="i % 3 == 0", log="i is {i}")
    never = inside.add(program, "hot_return", condition="total < 0")
    ignored = inside.add(program, "cold", ignore=2)
    program.names["hot"](10)
    for n in range(4):
        program.names["cold"](n)
    inside.check()
    assert inside.front.logged == ["i is 0", "i is 3", "i is 6", "i is 9"]
    assert (logs.reached, logs.hits) == (10, 4)
    assert (never.reached, never.hits) == (1, 0)
    assert (ignored.reached, ignored.hits, ignored.ignore) == (4, 2, 0)
    assert inside.at() == ["cold", "cold"]


def test_the_first_start_of_the_debugger_calls_nobody_in_code_that_runs_already(callbacks: Callbacks, inside: Inside):
    program = inside.load(HOT)
    program.run()
    program.names["work"]()
    inside.start()
    assert quiet(callbacks, program.names["work"]) == {}
