"""The one user of sys.monitoring: ids, reference counts, arming anew, and what is left afterwards."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import CodeType

import pytest

from lowdb.capabilities import INTERPRETER
from lowdb.engine.debugger import Debugger
from lowdb.engine.monitor import DISABLE, JUMP, LINE, PY_RETURN, PY_START, RAISE, Monitor, ToolTaken
from tests.engine.inside import Callbacks, Front, Inside, instrumented

monitoring = sys.monitoring
TOOL = monitoring.DEBUGGER_ID


def two_lines() -> int:
    a = 1
    return a  # noqa: RET504 - two lines


def one_line(n: int) -> int: return n  # fmt: skip


@pytest.fixture
def monitor() -> Iterator[Monitor]:
    made = Monitor()
    made.claim()
    for event in (LINE, JUMP, PY_START, PY_RETURN, RAISE):
        made.on(event, lambda *arguments: None)
    yield made
    made.release()


def events_of(code: CodeType) -> int:
    return monitoring.get_local_events(TOOL, code)


# --- ids -------------------------------------------------------------------------------------------


def test_it_takes_the_debuggers_id_and_one_that_has_no_name():
    monitor = Monitor()
    monitor.claim()
    try:
        assert monitoring.get_tool(TOOL) == "lowdb"
        assert monitor.finder in (3, 4, 5)
        assert monitoring.get_tool(monitor.finder) == "lowdb discovery"
        assert monitoring.get_tool(1) is None
        assert monitoring.get_tool(2) is None
    finally:
        monitor.release()
    assert all(monitoring.get_tool(number) is None for number in range(6))


def test_an_id_that_is_taken_is_told_with_its_holder_and_nothing_is_left_taken():
    monitoring.use_tool_id(TOOL, "somebody's debugger")
    try:
        with pytest.raises(ToolTaken) as refused:
            Debugger(Front()).start()
        assert refused.value.holder == "somebody's debugger"
        assert "somebody's debugger" in str(refused.value)
        assert [number for number in range(6) if monitoring.get_tool(number)] == [TOOL]
    finally:
        monitoring.free_tool_id(TOOL)


def test_discovery_takes_another_id_where_one_is_in_use():
    monitoring.use_tool_id(4, "other")
    monitor = Monitor()
    try:
        monitor.claim()
        assert monitor.finder == 3
    finally:
        monitor.release()
        monitoring.free_tool_id(4)


def test_without_a_free_id_breakpoints_in_code_that_comes_are_bound_all_the_same(inside: Inside):
    others = [number for number in (3, 4, 5) if monitoring.get_tool(number) is None]
    for number in others:
        monitoring.use_tool_id(number, "other")
    try:
        inside.debugger.start()
        assert inside.debugger.monitor.finder is None
        program = inside.load("def f():\n    return 1  # @f\nf()")
        inside.add(program, "f")
        program.run()
        assert inside.at() == ["f"]
        inside.debugger.remove(1)
        assert monitoring.get_events(TOOL) == 0
    finally:
        inside.debugger.close()
        for number in others:
            monitoring.free_tool_id(number)


def test_claim_and_release_may_be_repeated(monitor: Monitor):
    monitor.claim()
    monitor.release()
    monitor.release()
    monitor.claim()
    assert monitoring.get_tool(TOOL) == "lowdb"


# --- counts ----------------------------------------------------------------------------------------


def test_what_two_ask_for_stays_until_both_take_it_back(monitor: Monitor):
    code = two_lines.__code__
    monitor.arm(code, LINE)
    monitor.arm(code, LINE | PY_RETURN)
    assert monitor.asked(code) == events_of(code) == LINE | PY_RETURN
    monitor.disarm(code, LINE)
    assert events_of(code) == LINE | PY_RETURN
    monitor.disarm(code, PY_RETURN)
    assert events_of(code) == LINE
    monitor.disarm(code, LINE)
    assert (events_of(code), monitor.asked(code), monitor.armed_codes()) == (0, 0, [])
    assert instrumented(code) == {}


def test_taking_back_what_nobody_asked_for_does_nothing(monitor: Monitor):
    code = two_lines.__code__
    monitor.disarm(code, LINE)
    monitor.arm(code, LINE)
    monitor.disarm(code, PY_RETURN)
    assert events_of(code) == LINE


def test_global_events_are_counted_as_well(monitor: Monitor):
    monitor.arm_everywhere(RAISE)
    monitor.arm_everywhere(RAISE | PY_START)
    monitor.disarm_everywhere(RAISE)
    assert monitor.everywhere == monitoring.get_events(TOOL) == RAISE | PY_START
    monitor.disarm_everywhere(RAISE | PY_START)
    assert monitor.everywhere == monitoring.get_events(TOOL) == 0


def test_a_callback_is_registered_only_while_somebody_asks(monitor: Monitor):
    monitor.arm(two_lines.__code__, LINE)
    monitor.arm_everywhere(LINE)
    monitor.disarm(two_lines.__code__, LINE)
    registered = monitoring.register_callback(TOOL, LINE, None)
    assert registered is not None
    monitoring.register_callback(TOOL, LINE, registered)
    monitor.disarm_everywhere(LINE)
    assert monitoring.register_callback(TOOL, LINE, None) is None


def test_equal_code_of_two_files_is_not_the_same(monitor: Monitor):
    one, other = (compile("a = 1", "same", "exec") for _ in range(2))
    assert one == other
    monitor.arm(one, LINE)
    assert (events_of(one), events_of(other)) == (LINE, 0)


def test_nothing_is_armed_before_the_claim_or_after_the_release(monitor: Monitor):
    monitor.release()
    monitor.arm(two_lines.__code__, LINE)
    monitor.arm_everywhere(RAISE)
    assert monitor.armed_codes() == []
    assert monitor.everywhere == 0
    assert not monitor.discover(lambda code, offset: None)


def test_release_takes_everything_off(monitor: Monitor):
    monitor.arm(two_lines.__code__, LINE | PY_RETURN)
    monitor.arm_everywhere(RAISE)
    assert monitor.discover(lambda code, offset: DISABLE)
    monitor.release()
    for tool in (TOOL, 3, 4):
        monitoring.use_tool_id(tool, "look")
        try:
            assert monitoring.get_events(tool) == 0
            assert monitoring.get_local_events(tool, two_lines.__code__) == 0
            for event in (LINE, PY_RETURN, RAISE, PY_START):
                assert monitoring.register_callback(tool, event, None) is None
        finally:
            monitoring.free_tool_id(tool)
    two_lines()
    assert instrumented(two_lines.__code__) == {}


# --- arming anew -----------------------------------------------------------------------------------


def test_lines_that_were_disabled_come_back_when_somebody_asks_again(monitor: Monitor):
    lines: list[int] = []
    code = two_lines.__code__

    def line(code: CodeType, number: int) -> object:
        lines.append(number - code.co_firstlineno)
        monitor.dirty[id(code)] = True
        return DISABLE

    monitor.on(LINE, line)
    monitor.arm(code, LINE)
    two_lines()
    two_lines()
    assert lines == [1, 2]
    monitor.arm(code, PY_RETURN)  # another event does not bring lines back
    two_lines()
    assert lines == [1, 2]
    monitor.arm(code, LINE)
    two_lines()
    assert lines == [1, 2, 1, 2]
    assert id(code) in monitor.dirty


def test_code_without_disabled_lines_is_not_armed_anew(callbacks: Callbacks, monitor: Monitor):
    code = two_lines.__code__
    monitor.arm(code, LINE)
    two_lines()
    before = callbacks.armings()
    monitor.arm(code, LINE)
    monitor.disarm(code, LINE)
    assert callbacks.armings() == before


def test_a_one_line_function_gets_the_start_event_that_its_line_needs(monitor: Monitor):
    lines: list[int] = []
    monitor.on(LINE, lambda code, number: lines.append(number))
    monitor.arm(one_line.__code__, LINE)
    assert bool(events_of(one_line.__code__) & PY_START) is INTERPRETER.one_line_needs_start
    assert monitoring.register_callback(TOOL, PY_START, None) is None  # it calls nobody
    one_line(1)
    one_line(2)
    assert lines == [one_line.__code__.co_firstlineno] * 2
    monitor.disarm(one_line.__code__, LINE)
    assert events_of(one_line.__code__) == 0


def test_arming_anew_leaves_another_tools_disabled_lines_alone(monitor: Monitor):
    calls: list[int] = []
    monitoring.use_tool_id(1, "coverage")
    try:
        monitoring.register_callback(1, LINE, lambda code, line: calls.append(line) or DISABLE)
        monitoring.set_local_events(1, two_lines.__code__, LINE)
        two_lines()
        # the first arming of a second tool brings the first one's lines back once: that is the interpreter's
        monitor.arm(two_lines.__code__, LINE)
        two_lines()
        seen = len(calls)
        monitor.dirty[id(two_lines.__code__)] = True
        monitor.arm(two_lines.__code__, LINE)
        two_lines()
        monitor.disarm(two_lines.__code__, LINE)
        two_lines()
        assert len(calls) == seen
    finally:
        monitoring.set_local_events(1, two_lines.__code__, 0)
        monitoring.register_callback(1, LINE, None)
        monitoring.free_tool_id(1)
