"""Where debugpy is weak (dap.md, section 3): each row of that table is a test named after it.

What takes a whole page to prove is proved where its like is (test_breakpoints, test_threads, test_values, …); here it
is shown once in short, so that no row is without its test.
"""

from __future__ import annotations

import time

import pytest

from tests.dap.inside import source
from tests.dap_client import marks

TOOLS = "[(sys.monitoring.get_tool(t), sys.monitoring.get_events(t)) for t in range(6) if sys.monitoring.get_tool(t)]"


@pytest.mark.bench
def test_row_every_request_takes_milliseconds(session, program):
    client = session()
    client.launch(program("x = 1  # @here\n"), lines=["here"])
    thread = client.stopped("breakpoint")["threadId"]
    times = []
    for _ in range(200):
        began = time.perf_counter()
        client.request("stackTrace", threadId=thread)
        times.append(time.perf_counter() - began)
    times.sort()
    assert times[100] < 0.002
    assert times[190] < 0.010
    client.go(thread)
    client.end()


@pytest.mark.bench
def test_row_a_session_begins_and_ends_as_fast_as_the_program(session, program):
    path = program("x = 1  # @here\n")
    best = 10.0
    for _ in range(3):
        began = time.perf_counter()
        client = session()
        client.launch(path, lines=["here"])
        thread = client.stopped("breakpoint")["threadId"]
        client.go(thread)
        client.end()
        best = min(best, time.perf_counter() - began)
    assert best < 0.5  # 0.15 s on a machine with nothing else to do


def test_row_no_event_is_left_on_after_the_first_pass_and_uncaught_costs_nothing(session, program):
    path = program(
        """
        import sys

        def work(n):
            total = 0
            for i in range(n):
                total += i
            if n < 0:
                total = -1  # @never
            return total

        for n in range(200):
            work(n)
        x = 1  # @end
        """
    )
    client = session()
    client.launch(path, lines=["never", "end"], filters=["uncaught"])
    thread = client.stopped("breakpoint")["threadId"]
    frame = client.top(thread)["id"]
    tools = dict(eval(client.evaluate(TOOLS, frame)))
    assert tools["lowdb"] == 0, "an event is on everywhere"
    assert len(tools) == 2  # the other looks for new code: one call for each code object, once
    monitoring = "sys.monitoring"
    lines = f"[n for n in range(200) if {monitoring}.get_local_events(0, work.__code__) & {monitoring}.events.LINE]"
    assert client.evaluate(f"bool({lines})", frame) == "True"  # armed for its one line …
    opcodes = "[op for op in __import__('dis').get_instructions(work.__code__, adaptive=True) if 'LINE' in op.opname]"
    # … and nothing else in it is instrumented, but for a place that 3.13 never runs (the END_FOR of the loop)
    assert client.evaluate(f"len([op for op in {opcodes} if op.positions.lineno != 5])", frame) == "1"
    client.go(thread)
    client.end()


def test_row_a_bad_condition_is_unverified_one_that_raises_stops_and_both_conditions_must_hold(session, program):
    path = program("for n in range(10):\n    x = n  # @bad\n    y = n  # @raises\n    z = n  # @both\n")
    known = marks(path)
    client = session()
    answer = client.launch(
        path,
        lines=[
            {"line": known["bad"], "condition": "n =="},
            {"line": known["raises"], "condition": "n > 8 and nowhere"},
            {"line": known["both"], "condition": "n >= 4", "hitCondition": "3"},
        ],
    )
    assert [point["verified"] for point in answer["breakpoints"]] == [False, True, True]
    assert "invalid syntax" in answer["breakpoints"][0]["message"]
    thread = client.stopped("breakpoint")["threadId"]
    assert client.variables(client.top(thread)["id"])["n"] == "6"  # the third time that n >= 4
    client.go(thread)
    stop = client.stopped("breakpoint")
    assert "NameError" in stop["text"]
    assert client.variables(client.top(thread)["id"])["n"] == "9"
    client.go(thread)
    client.end()


def test_row_a_breakpoint_on_a_dead_line_moves_down_in_its_block(session, program):
    path = program(
        """
        def f(flag):
            \"\"\"Says what it does.\"\"\"  # @docstring
            if flag:
                return 1
            else:  # @else
                return 2  # @two
            # the end of f  # @after

        f(1)
        f(0)
        """
    )
    known = marks(path)
    client = session()
    lines = [known["docstring"], known["else"], known["after"], 100]
    points = client.launch(path, lines=lines, configured=False)["breakpoints"]
    assert [point["verified"] for point in points] == [True, True, False, False]
    assert [point["line"] for point in points[:2]] == [known["docstring"] + 1, known["two"]]
    assert "no code" in points[0]["message"]
    assert "no code" in points[1]["message"]
    assert points[2]["message"]
    assert points[3]["message"]
    client.request("configurationDone")
    thread = client.stopped("breakpoint")["threadId"]
    client.breakpoints(path, [])
    client.go(thread)
    client.end()


def test_row_function_breakpoints_by_qualified_name_unverified_until_found(session, program):
    path = program("import late\nlate.A().run()\nlate.B().run()\n")
    program("class A:\n    def run(self):\n        pass\n\nclass B:\n    def run(self):\n        pass\n", "late.py")
    client = session()
    client.launch(path, configured=False)
    names = [{"name": "late.B.run"}, {"name": "nowhere.f"}]
    points = client.request("setFunctionBreakpoints", breakpoints=names)["breakpoints"]
    assert [point["verified"] for point in points] == [False, False]
    assert all(point["message"] for point in points)
    client.request("configurationDone")
    assert client.event("breakpoint")["breakpoint"]["verified"] is True
    thread = client.stopped("function breakpoint")["threadId"]
    assert client.top(thread)["name"] == "B.run"
    client.go(thread)
    client.end()


def test_row_next_on_a_raise_and_step_out_of_a_generator_stop_in_the_caller(session, program):
    path = program(
        """
        def numbers():
            yield 1  # @yield
            raise LookupError  # @raise

        def consume():
            try:
                for n in numbers():  # @for
                    x = n  # @body
            except LookupError:  # @except
                pass

        consume()
        """
    )
    known = marks(path)
    client = session()
    client.launch(path, lines=["yield", "raise"])
    thread = client.stopped("breakpoint")["threadId"]
    client.step("stepOut", thread)
    assert client.line(thread) == known["for"]
    client.go(thread)
    client.stopped("breakpoint")
    client.step("next", thread)
    assert client.line(thread) == known["except"]
    client.go(thread)
    client.end()


def test_row_three_threads_at_one_breakpoint_are_three_stops(session, program):
    path = program(
        """
        import threading
        barrier = threading.Barrier(3)
        def work():
            barrier.wait()
            x = 1  # @here
        threads = [threading.Thread(target=work) for _ in range(3)]
        for t in threads: t.start()
        for t in threads: t.join()
        """
    )
    client = session()
    client.launch(path, lines=["here"])
    seen = []
    for _ in range(3):
        seen.append(client.stopped("breakpoint")["threadId"])
        client.go(seen[-1])
    assert len(set(seen)) == 3
    client.end()


def test_row_a_failing_set_variable_and_a_goto_elsewhere_are_errors(session, program):
    path = program("def f():\n    return 1  # @f\n\nx = f()  # @here\ny = 2\n")
    client = session()
    client.launch(path, lines=["here"])
    thread = client.stopped("breakpoint")["threadId"]
    frame = client.top(thread)["id"]
    reference = client.request("scopes", frameId=frame)["scopes"][0]["variablesReference"]
    assert client.refused("setVariable", variablesReference=reference, name="f", value="1 / 0")
    assert client.refused("setVariable", variablesReference=reference, name="no such name", value="1")
    assert client.refused("gotoTargets", source=source(path), line=2)
    client.go(thread)
    client.end()


def test_row_raised_stops_once_where_it_is_raised(session, program):
    path = program("def a():\n    raise KeyError\ndef b():\n    a()\ntry:\n    b()\nexcept KeyError:\n    pass\n")
    client = session()
    client.launch(path, filters=["raised"])
    thread = client.stopped("exception")["threadId"]
    assert client.line(thread) == 2
    client.go(thread)
    client.end()
    assert client.seen["stopped"] == 1


def test_row_pages_lazy_properties_a_budget_and_cancel(session, program):
    path = program(
        """
        import time

        class Slow:
            def __repr__(self):
                time.sleep(0.2)
                return "slow"

            @property
            def blocks(self):
                time.sleep(1000)

        class Never:
            def __repr__(self):
                time.sleep(1000)

        many = list(range(100_000))
        slow = [Slow() for _ in range(50)]
        one = slow[0]
        def hang():
            never = Never()
            return 1  # @hang
        x = 1  # @here
        hang()
        """
    )
    client = session()
    client.launch(path, lines=["here", "hang"], client={"supportsVariablePaging": True})
    thread = client.stopped("breakpoint")["threadId"]
    frame = client.top(thread)["id"]
    scope = client.request("scopes", frameId=frame)["scopes"][0]["variablesReference"]
    began = time.monotonic()
    rows = {row["name"]: row for row in client.request("variables", variablesReference=scope)["variables"]}
    assert time.monotonic() - began < 3  # 50 reprs would take 10 s
    page = client.request(
        "variables", variablesReference=rows["many"]["variablesReference"], start=50_000, count=2, filter="indexed"
    )["variables"]
    assert [row["value"] for row in page] == ["50000", "50001"]
    parts = client.request("variables", variablesReference=rows["one"]["variablesReference"])["variables"]
    assert [(part["name"], part["presentationHint"].get("lazy")) for part in parts] == [("blocks", True)]
    seq = client.send("variables", {"variablesReference": parts[0]["variablesReference"]})
    client.pump(0.1)
    client.request("cancel", requestId=seq)
    assert client.answer(seq)["message"] == "cancelled"
    client.go(thread)
    client.stopped("breakpoint")
    scope = client.request("scopes", frameId=client.top(thread)["id"])["scopes"][0]["variablesReference"]
    seq = client.send("variables", {"variablesReference": scope})
    client.pump(0.1)
    client.request("cancel", requestId=seq)
    assert client.answer(seq)["message"] == "cancelled"
    client.go(thread)
    client.end()


def test_row_log_points_are_console_output_with_source_and_line(session, program):
    path = program("for n in range(2):\n    print('program', n)  # @here\n")
    client = session()
    client.launch(path, lines=[{"line": 2, "logMessage": "n={n}"}])
    assert client.end() == "program 0\nprogram 1\n"
    said = [message["body"] for message in client.messages if message.get("event") == "output"]
    assert [(body["output"], body["category"], body["line"]) for body in said] == [
        ("n=0\n", "console", 2),
        ("n=1\n", "console", 2),
    ]
    assert said[0]["source"]["path"] == str(path)


def test_row_a_stale_reference_is_an_error_that_says_so(session, program):
    client = session()
    client.launch(program("x = [1]  # @here\ny = 2\nz = 3\n"), lines=["here"])
    thread = client.stopped("breakpoint")["threadId"]
    frame = client.top(thread)["id"]
    scope = client.request("scopes", frameId=frame)["scopes"][0]["variablesReference"]
    client.step("next", thread)
    assert "earlier stop" in client.refused("variables", variablesReference=scope)
    assert "earlier stop" in client.refused("scopes", frameId=frame)
    client.go(thread)
    client.end()


def test_row_nested_stops_on_request_and_await_in_the_console(session, program):
    path = program(
        """
        import asyncio
        def f(n):
            return n + 1  # @inside
        async def later(n):
            await asyncio.sleep(0)
            return n
        async def main():
            pass  # @here
        asyncio.run(main())
        """
    )
    client = session()
    client.launch(path, lines=["here", "inside"])
    thread = client.stopped("breakpoint")["threadId"]
    frame = client.top(thread)["id"]
    assert client.evaluate("f(1)", frame, context="repl") == "2"
    assert client.evaluate("await later(5)", frame, context="repl") == "5"
    seq = client.send("evaluate", {"expression": "debug f(1)", "frameId": frame, "context": "repl"})
    client.stopped("breakpoint")
    assert client.top(thread)["name"] == "f"
    client.go(thread)
    assert client.answer(seq)["body"]["result"] == "2"
    client.stopped("pause")
    client.go(thread)
    client.end()
