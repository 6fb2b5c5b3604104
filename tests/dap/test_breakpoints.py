"""Breakpoints of all kinds, as an editor sets them."""

from __future__ import annotations

import pytest

from tests.dap.inside import source

LOOP = """
def step(n):
    square = n * n  # @square
    return square  # @return


total = 0
for n in range(6):
    total += step(n)  # @add

print(total)  # @print
"""


def at(client, program, mark):
    """A SourceBreakpoint at a mark, with clauses."""
    from tests.dap_client import marks

    return marks(program)[mark]


def test_a_condition_a_hit_condition_and_both(session, program):
    path = program(LOOP)
    client = session()
    line = at(client, path, "square")
    client.launch(path, lines=[{"line": line, "condition": "n % 2 == 0", "hitCondition": "2"}])
    thread = client.stopped("breakpoint")["threadId"]
    assert client.evaluate("n", client.top(thread)["id"]) == "2"
    client.go(thread)
    client.end()


def test_a_condition_that_does_not_compile_is_unverified_with_the_error(session, program):
    path = program(LOOP)
    client = session()
    line = at(client, path, "square")
    answer = client.launch(
        path, lines=[{"line": line, "condition": "n ==* 3"}, {"line": line, "hitCondition": "often"}]
    )
    first, second = answer["breakpoints"]
    assert (first["verified"], second["verified"]) == (False, False)
    assert "invalid syntax" in first["message"]
    assert ">=N" in second["message"]
    client.end()


def test_a_condition_that_raises_stops_and_shows_the_error(session, program):
    path = program(LOOP)
    client = session()
    line = at(client, path, "square")
    client.launch(path, lines=[{"line": line, "condition": "n / 0 > 1"}])
    stop = client.stopped("breakpoint")
    assert "ZeroDivisionError" in stop["text"]
    client.request("setBreakpoints", source=source(path), breakpoints=[])
    client.go(stop["threadId"])
    client.end()


def test_a_log_point_is_console_output_with_source_and_line(session, program):
    path = program(LOOP)
    client = session()
    line = at(client, path, "square")
    client.launch(path, lines=[{"line": line, "logMessage": "n is {n}, next {n + 1}", "condition": "n < 2"}])
    client.end()
    said = [m["body"] for m in client.messages if m.get("event") == "output"]
    assert [body["output"] for body in said] == ["n is 0, next 1\n", "n is 1, next 2\n"]
    assert {(body["category"], body["line"], body["source"]["path"]) for body in said} == {("console", line, str(path))}


def test_a_line_without_code_moves_down_and_says_so(session, program):
    path = program(
        """
        def f(flag):
            '''What it does.'''

            if flag:
                a = 1
            else:
                # nothing
                a = 2  # @else
            return a


        f(False)
        """
    )
    client = session()
    found = client.launch(path, lines=[2, 7, 400])["breakpoints"]
    assert [point["verified"] for point in found] == [True, True, False]
    assert found[0]["line"] == 4
    assert "line 2 has no code" in found[0]["message"]
    assert found[1]["line"] == 8
    assert "12 lines" in found[2]["message"]
    assert found[2]["line"] == 400
    thread = client.stopped("breakpoint")["threadId"]
    assert client.line(thread) == 4
    client.go(thread)
    client.stopped("breakpoint")
    assert client.line(thread) == 8
    client.go(thread)
    client.end()


def test_breakpoints_are_answered_in_the_order_asked_and_kept_when_set_again(session, program):
    path = program(LOOP)
    client = session()
    lines = [at(client, path, mark) for mark in ("print", "square", "return")]
    first = client.launch(path, lines=lines, configured=False)["breakpoints"]
    assert [point["line"] for point in first] == lines
    again = client.breakpoints(path, [lines[1], lines[0]])["breakpoints"]
    assert [point["id"] for point in again] == [first[1]["id"], first[0]["id"]]
    client.request("configurationDone")
    stop = client.stopped("breakpoint")
    assert stop["hitBreakpointIds"] == [first[1]["id"]]
    client.breakpoints(path, [])
    client.go(stop["threadId"])
    client.end()


def test_a_file_that_is_not_there_is_unverified_with_the_reason(session, program):
    path = program(LOOP)
    client = session()
    client.launch(path, configured=False)
    (point,) = client.breakpoints(path.parent / "nowhere.py", [3])["breakpoints"]
    assert point["verified"] is False
    assert "nowhere.py" in point["message"]
    client.request("configurationDone")
    client.end()


def test_a_breakpoint_in_a_module_that_is_imported_later(session, program):
    path = program("print('first')\nimport late\nlate.work()\n")
    late = program("def work():\n    return 1  # @work\n", "late.py")
    client = session()
    client.launch(path, configured=False)
    (point,) = client.breakpoints(late, ["work"])["breakpoints"]
    assert point["verified"] is True
    client.request("configurationDone")
    thread = client.stopped("breakpoint")["threadId"]
    assert client.top(thread)["source"]["path"] == str(late)
    client.go(thread)
    client.end()


def test_a_function_breakpoint_waits_for_its_module_and_tells_when_it_is_bound(session, program):
    path = program("import late\nlate.Worker().work()\n")
    program("class Worker:\n    def work(self):\n        return 1  # @work\n", "late.py")
    client = session()
    client.launch(path, configured=False)
    answer = client.request(
        "setFunctionBreakpoints", breakpoints=[{"name": "late.Worker.work"}, {"name": "Worker.work"}]
    )
    assert [point["verified"] for point in answer["breakpoints"]] == [False, False]
    assert "late is not imported yet" in answer["breakpoints"][0]["message"]
    client.request("configurationDone")
    client.event("breakpoint", reason="changed")
    changed = client.event("breakpoint", reason="changed")["breakpoint"]
    assert changed["verified"] is True
    assert changed["line"] == 3
    thread = client.stopped("function breakpoint")["threadId"]
    assert client.line(thread) == 3
    client.go(thread)
    client.end()


def test_a_function_breakpoint_by_its_qualified_name_only(session, program):
    path = program(
        """
        class A:
            def run(self):
                return 1

        class B:
            def run(self):
                return 2  # @b

        A().run()
        B().run()
        """
    )
    client = session()
    client.launch(path, configured=False)
    (point,) = client.request("setFunctionBreakpoints", breakpoints=[{"name": "B.run"}])["breakpoints"]
    assert point["verified"] is True
    client.request("configurationDone")
    thread = client.stopped("function breakpoint")["threadId"]
    assert client.top(thread)["name"] == "B.run"
    client.go(thread)
    client.end()


def test_a_function_exit_breakpoint_stops_with_what_is_returned(session, program):
    path = program(LOOP)
    client = session()
    client.launch(path, configured=False)
    request = {"name": "trap:step", "condition": "$ret == 9"}
    (point,) = client.request("setFunctionBreakpoints", breakpoints=[request])["breakpoints"]
    assert point["verified"] is True
    client.request("configurationDone")
    stop = client.stopped("function breakpoint")
    frame = client.top(stop["threadId"])["id"]
    assert client.variables(frame, "Return value") == {"step()": "9"}
    assert client.evaluate("$ret + 1", frame) == "10"
    client.go(stop["threadId"])
    client.end()


def test_where_breakpoints_can_be(session, program):
    path = program(LOOP)
    client = session()
    client.launch(path, configured=False)
    found = client.request("breakpointLocations", source=source(path), line=1, endLine=6)["breakpoints"]
    assert [one["line"] for one in found] == [1, 2, 3, 6]
    assert client.request("breakpointLocations", source=source(path), line=4)["breakpoints"] == []
    client.request("configurationDone")
    client.end()


def test_lines_and_columns_from_zero(session, program):
    path = program(LOOP)
    client = session()
    client.launch(path, lines=[1], client={"linesStartAt1": False, "columnsStartAt1": False})
    thread = client.stopped("breakpoint")["threadId"]
    frame = client.top(thread)
    assert (frame["line"], frame["column"]) == (1, 0)
    client.breakpoints(path, [])
    client.go(thread)
    client.end()


def test_breakpoint_in_the_program_stops(session, program):
    path = program("x = 1\nbreakpoint()\ny = 2\n")
    client = session()
    client.launch(path)
    thread = client.stopped("breakpoint")["threadId"]
    assert client.line(thread) == 2
    client.step("next", thread)
    assert client.line(thread) == 3
    client.go(thread)
    client.end()


def test_lowdb_set_trace_in_the_program_stops_at_the_editor(session, program):
    path = program("import sys\nimport lowdb\nlowdb.set_trace()\nprint('lowdb.repl.session' in sys.modules)\n")
    client = session()
    client.launch(path)
    thread = client.stopped("breakpoint")["threadId"]
    assert client.line(thread) == 3
    client.go(thread)
    assert client.end() == "False\n"


@pytest.mark.parametrize("kind", ["raised", "userUnhandled", "uncaught"])
def test_no_debug_stops_nowhere(session, program, kind):
    path = program("def f():\n    raise KeyError(1)\ntry:\n    f()\nexcept KeyError:\n    pass\nprint('done')\n")
    client = session()
    client.launch(path, configured=False, noDebug=True)
    (point,) = client.breakpoints(path, [2])["breakpoints"]
    assert point["verified"] is False
    assert "without debugging" in point["message"]
    client.request("setExceptionBreakpoints", filters=[kind])
    client.request("configurationDone")
    assert client.end() == "done\n"


WATCHED = """
class Cart:
    def __init__(self):
        self.total = 0

    def add(self, price):
        self.total += price  # @total

def fill(cart):
    count = 0  # @begin
    for price in (5, 7):
        cart.add(price)
        count += 1  # @count
    return count

fill(Cart())
print("end")
"""


def test_a_data_breakpoint_stops_where_an_attribute_or_a_local_changes(session, program):
    path = program(WATCHED)
    client = session()
    client.launch(path, lines=["begin"])
    thread = client.stopped("breakpoint")["threadId"]
    client.breakpoints(path, [])
    client.step("next", thread)
    frame = client.top(thread)["id"]
    locals_ = client.request("scopes", frameId=frame)["scopes"][0]["variablesReference"]
    rows = {row["name"]: row for row in client.request("variables", variablesReference=locals_)["variables"]}
    total = client.request("dataBreakpointInfo", variablesReference=rows["cart"]["variablesReference"], name="total")
    assert (total["description"], total["accessTypes"]) == ("cart.total", ["write"])
    count = client.request("dataBreakpointInfo", variablesReference=locals_, name="count")
    answer = client.request(
        "setDataBreakpoints",
        breakpoints=[{"dataId": total["dataId"]}, {"dataId": count["dataId"], "condition": "$new == 2"}],
    )
    assert [point["verified"] for point in answer["breakpoints"]] == [True, True]
    client.go(thread)
    stop = client.stopped("data breakpoint")
    assert stop["hitBreakpointIds"] == [answer["breakpoints"][0]["id"]]
    assert stop["text"].startswith("cart.total: 0 → 5, by ")
    assert client.evaluate("$old, $new", client.top(thread)["id"]) == "(0, 5)"
    client.go(thread)
    assert client.stopped("data breakpoint")["text"].startswith("cart.total: 5 → 12")
    client.go(thread)
    assert client.stopped("data breakpoint")["text"].startswith("count: 1 → 2")
    client.request("setDataBreakpoints", breakpoints=[])
    client.go(thread)
    assert client.end() == "end\n"


def test_what_cannot_be_watched_says_why(session, program):
    path = program(WATCHED)
    client = session()
    client.launch(path, lines=["begin"])
    thread = client.stopped("breakpoint")["threadId"]
    client.breakpoints(path, [])
    frame = client.top(thread)["id"]
    info = client.request("dataBreakpointInfo", name="1 + 1", frameId=frame)
    assert info["dataId"] is None
    assert "can be watched" in info["description"]
    (point,) = client.request("setDataBreakpoints", breakpoints=[{"dataId": "7:nothing"}])["breakpoints"]
    assert point["verified"] is False
    client.go(thread)
    client.end()
