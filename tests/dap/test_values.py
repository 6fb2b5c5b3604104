"""What an editor sees of values, and how it changes them."""

from __future__ import annotations

import pytest

TEXT = """
def outer():
    shared = [1, 2]

    def inner(n, *rest, key="k"):
        shared.append(n)
        text, number, none = "hallo", 255, None
        table = {"a": 1, ("t", 2): [1, 2], 3: {"deep": True}}
        many = list(range(100_000))
        wide = {n: n for n in range(500)}
        thing = Thing(3)
        items = {1, 2}
        return text  # @here
        later = 1

    return inner(7, 8, 9)


class Thing:
    kind = "thing"

    def __init__(self, size):
        self.size = size
        self._hidden = 1

    @property
    def area(self):
        print("area was run")
        return self.size ** 2

    @property
    def broken(self):
        raise LookupError("not today")


GLOBAL = 1
outer()
print("end", GLOBAL)
"""


@pytest.fixture
def at(session, program):
    """A session stopped in `inner`: client, thread, number of the frame."""

    def begin(text=TEXT, **options):
        client = session()
        path = program(text)
        client.launch(path, lines=["here"], **options)
        thread = client.stopped("breakpoint")["threadId"]
        return client, thread, client.top(thread)["id"]

    return begin


def rows(client, frame, scope="Locals", **arguments):
    """The variables of a scope by name, whole."""
    for found in client.request("scopes", frameId=frame)["scopes"]:
        if found["name"] == scope:
            answer = client.request("variables", variablesReference=found["variablesReference"], **arguments)
            return {row["name"]: row for row in answer["variables"]}
    raise AssertionError(scope)


def reference(client, frame, scope="Locals"):
    scopes = client.request("scopes", frameId=frame)["scopes"]
    return next(one["variablesReference"] for one in scopes if one["name"] == scope)


def opened(client, row, **arguments):
    answer = client.request("variables", variablesReference=row["variablesReference"], **arguments)
    return {child["name"]: child for child in answer["variables"]}


def test_scopes_of_a_function(at):
    client, thread, frame = at()
    scopes = client.request("scopes", frameId=frame)["scopes"]
    assert [(scope["name"], scope["expensive"]) for scope in scopes] == [
        ("Locals", False),
        ("Closure", False),
        ("Globals", True),
    ]
    found = rows(client, frame)
    assert list(found)[:6] == ["n", "key", "rest", "text", "number", "none"]
    assert (found["text"]["value"], found["text"]["type"], found["text"]["evaluateName"]) == ("'hallo'", "str", "text")
    assert found["number"]["variablesReference"] == 0
    assert rows(client, frame, "Closure")["shared"]["value"] == "[1, 2, 7]"
    assert rows(client, frame, "Globals")["GLOBAL"]["value"] == "1"
    client.go(thread)
    client.end()


def test_children_with_their_expressions(at):
    client, thread, frame = at()
    found = rows(client, frame)
    table = opened(client, found["table"])
    assert {name: row.get("evaluateName") for name, row in table.items()} == {
        "['a']": "table['a']",
        "[('t', 2)]": None,
        "[3]": "table[3]",
    }
    deep = opened(client, table["[3]"])["['deep']"]
    assert client.evaluate(deep["evaluateName"], frame) == "True"
    thing = opened(client, found["thing"])
    assert (thing["size"]["value"], thing["size"]["evaluateName"]) == ("3", "thing.size")
    assert thing["_hidden"]["presentationHint"]["visibility"] == "private"
    client.go(thread)
    client.end()


def test_a_property_is_lazy_and_runs_when_it_is_opened(at):
    client, thread, frame = at()
    thing = opened(client, rows(client, frame)["thing"])
    area = thing["area"]
    assert area["presentationHint"] == {"kind": "property", "lazy": True}
    assert "area was run" not in client.errors()
    (value,) = opened(client, area).values()
    assert value["value"] == "9"
    (value,) = opened(client, thing["broken"]).values()
    assert "LookupError: not today" in value["value"]
    assert "failedEvaluation" in value["presentationHint"]["attributes"]
    client.go(thread)
    assert client.end().count("area was run") == 1


def test_a_large_list_comes_in_pages(at):
    client, thread, frame = at(client={"supportsVariablePaging": True})
    many = rows(client, frame)["many"]
    assert many["indexedVariables"] == 100_000
    page = opened(client, many, start=99_950, count=100, filter_="indexed")
    assert list(page) == [f"[{n}]" for n in range(99_950, 100_000)]
    assert page["[99999]"]["value"] == "99999"
    assert opened(client, many, filter_="named") == {}
    wide = rows(client, frame)["wide"]
    assert list(opened(client, wide, start=498, count=10, filter_="indexed")) == ["[498]", "[499]"]
    client.go(thread)
    client.end()


def test_a_client_that_does_not_page_gets_a_thousand_and_the_rest_to_open(at):
    client, thread, frame = at()
    many = opened(client, rows(client, frame)["many"])
    assert len(many) == 1001
    rest = many["…"]
    assert rest["value"] == "99,000 more"
    more = opened(client, rest)
    assert list(more)[:2] == ["[1000]", "[1001]"]
    assert more["…"]["value"] == "98,000 more"
    client.go(thread)
    client.end()


def test_variables_of_a_scope_by_start_and_count(at):
    client, thread, frame = at()
    found = client.request("variables", variablesReference=reference(client, frame), start=1, count=2)["variables"]
    assert [row["name"] for row in found] == ["key", "rest"]
    client.go(thread)
    client.end()


def test_set_a_variable_of_each_scope(at):
    client, thread, frame = at()
    for scope, name, value, proof in (
        ("Locals", "number", "n + 1", "number == 8"),
        ("Locals", "text", "'neu'", "text == 'neu'"),
        ("Closure", "shared", "[0]", "shared == [0]"),
        ("Globals", "GLOBAL", "GLOBAL + 41", "GLOBAL == 42"),
    ):
        held = reference(client, frame, scope)
        answer = client.request("setVariable", variablesReference=held, name=name, value=value)
        assert answer["value"] == client.evaluate(name, frame)
        assert client.evaluate(proof, frame) == "True", proof
    client.go(thread)
    assert "end 42" in client.end()


def test_set_an_item_or_an_attribute(at):
    client, thread, frame = at()
    for parent, name, proof in (
        ("table", "['a']", "table['a'] == 99"),
        ("table", "[('t', 2)]", "table['t', 2] == 99"),
        ("many", "[5]", "many[5] == 99"),
        ("thing", "size", "thing.size == 99"),
    ):
        held = rows(client, frame)[parent]["variablesReference"]
        assert client.request("setVariable", variablesReference=held, name=name, value="99")["value"] == "99"
        assert client.evaluate(proof, frame) == "True", proof
    client.go(thread)
    client.end()


def test_a_set_that_fails_is_an_error(at):
    client, thread, frame = at()
    for parent, name, value, words in (
        ("", "number", "1 / 0", "ZeroDivisionError"),
        ("", "number", "1 +", "SyntaxError"),
        ("", "nothing", "1", "no variable 'nothing'"),
        ("rest", "[0]", "1", "cannot be changed"),
        ("items", "{0}", "1", "cannot be changed"),
        ("thing", "area", "1", "AttributeError"),
        ("table", "['z']", "1", "no item"),
    ):
        held = rows(client, frame)[parent]["variablesReference"] if parent else reference(client, frame)
        assert words in client.refused("setVariable", variablesReference=held, name=name, value=value), name
        assert client.evaluate("number", frame) == "255"
    client.go(thread)
    client.end()


def test_set_an_expression(at):
    client, thread, frame = at()
    for target in ("thing.size", "table['new']", "number", "shared[0]"):
        assert client.request("setExpression", expression=target, value="40 + 2", frameId=frame)["value"] == "42"
        assert client.evaluate(target, frame) == "42"
    assert "SyntaxError" in client.refused("setExpression", expression="n + 1", value="1", frameId=frame)
    assert "TypeError" in client.refused("setExpression", expression="rest[0]", value="1", frameId=frame)
    client.go(thread)
    client.end()


def test_evaluate_in_its_contexts(at):
    client, thread, frame = at()
    assert client.evaluate("sum(x * n for x in shared)", frame) == "70"
    answer = client.request("evaluate", expression="table", frameId=frame, context="hover")
    assert opened(client, answer)["['a']"]["value"] == "1"
    assert client.evaluate("fresh = n\nfor i in range(3):\n    fresh += i\n", frame, context="repl") == ""
    assert client.evaluate("fresh", frame, context="repl") == "10"
    assert client.evaluate("print('from the console')", frame, context="repl") == ""
    assert client.evaluate("many[:3]", frame, context="clipboard") == "[0, 1, 2]"
    assert client.evaluate("'a\\nb' * 2", frame, context="clipboard") == "a\nba\nb"
    assert client.evaluate("number", frame, format={"hex": True}) == "0xff"
    assert "only an expression" in client.refused("evaluate", expression="x = 1", frameId=frame, context="watch")
    assert "NameError" in client.refused("evaluate", expression="nowhere", frameId=frame, context="watch")
    unbound = client.refused("evaluate", expression="later", frameId=frame, context="watch")
    assert unbound == "NameError: local variable 'later' has no value yet"
    assert "SyntaxError" in client.refused("evaluate", expression="1 +", frameId=frame)
    traceback = client.refused("evaluate", expression="thing.broken", frameId=frame, context="repl")
    assert "line 32, in Thing.broken\nLookupError: not today" in traceback
    assert client.evaluate("GLOBAL") == "1"
    client.go(thread)
    assert "from the console\n" in client.end()


def test_evaluate_in_an_outer_frame(at):
    client, thread, _ = at()
    frames = client.stack(thread)
    assert client.evaluate("shared", frames[1]["id"]) == "[1, 2, 7]"
    assert client.variables(frames[1]["id"])["shared"] == "[1, 2, 7]"
    client.go(thread)
    client.end()


def test_evaluate_while_the_program_runs(session, program):
    path = program(
        "import time\nflag = 1\nprint('running', flush=True)\nwhile flag:\n    time.sleep(0.01)\ntime.sleep(0.5)\n"
    )
    client = session()
    client.launch(path)
    client.debuggee.expect("running")
    assert client.evaluate("flag", context="repl") == "1"
    assert client.evaluate("flag = 0", context="repl") == ""
    client.end()


def test_hex_in_variables(at):
    client, thread, frame = at()
    assert rows(client, frame, format={"hex": True})["number"]["value"] == "0xff"
    client.go(thread)
    client.end()


def test_stack_frames_can_show_their_parameters(at):
    client, thread, _ = at()
    names = [frame["name"] for frame in client.stack(thread, format={"parameters": True, "line": True})]
    assert names == ["inner(n=7, *rest=(8, 9), key='k') : 12", "outer() : 15", "<module> : 36"]
    client.go(thread)
    client.end()


def test_frames_come_in_pages(at):
    client, thread, _ = at()
    whole = client.request("stackTrace", threadId=thread)
    assert whole["totalFrames"] == 3
    first = client.request("stackTrace", threadId=thread, startFrame=0, levels=1)
    assert (len(first["stackFrames"]), first["totalFrames"]) == (1, 3)
    rest = client.request("stackTrace", threadId=thread, startFrame=1, levels=20)
    assert [f["id"] for f in first["stackFrames"] + rest["stackFrames"]] == [f["id"] for f in whole["stackFrames"]]
    client.go(thread)
    client.end()


def test_a_client_is_told_that_what_it_shows_has_changed(at):
    client, thread, frame = at(client={"supportsInvalidatedEvent": True})
    client.evaluate("n = 1", frame, context="repl")
    assert client.event("invalidated")["areas"] == ["variables"]
    client.go(thread)
    client.end()


def labels(client, text, frame=None, column=None):
    arguments = {"text": text, "column": len(text) + 1 if column is None else column}
    if frame is not None:
        arguments["frameId"] = frame
    return {one["label"]: one for one in client.request("completions", **arguments)["targets"]}


def test_completions_of_names_attributes_and_keys(at):
    client, thread, frame = at()
    found = labels(client, "x = num", frame)
    assert (found["number"]["start"], found["number"]["length"], found["number"]["type"]) == (5, 3, "variable")
    found = labels(client, "thing.", frame)
    assert {"size", "area", "kind"} <= set(found)
    assert found["area"]["type"] == "property"
    assert "'a'" in " ".join(labels(client, "table['", frame)) or "a" in " ".join(labels(client, "table['", frame))
    assert "number" not in labels(client, "num")  # no frame: the names of __main__
    assert "GLOBAL" in labels(client, "GLO")
    assert "area was run" not in client.errors()
    assert labels(client, "'😀' + num", frame, column=11)["number"]["start"] == 8
    client.go(thread)
    client.end()


AWAIT = """
import asyncio

async def later(n):
    await asyncio.sleep(0.01)
    return n * 2

async def main():
    n = 21
    await asyncio.sleep(0)  # @here
    return n

print(asyncio.run(main()))
"""


def test_await_in_the_console(at):
    client, thread, frame = at(AWAIT)
    assert client.evaluate("await later(n)", frame, context="repl") == "42"
    assert client.evaluate("m = await later(3)", frame, context="repl") == ""
    assert client.evaluate("m", frame, context="repl") == "6"
    message = client.refused("evaluate", expression="await later('x' * n) + 1", frameId=frame, context="repl")
    assert "TypeError" in message
    client.go(thread)
    assert client.end() == "21\n"


def test_an_await_can_be_cancelled(at):
    client, thread, frame = at(AWAIT)
    seq = client.send("evaluate", {"expression": "await asyncio.sleep(1000)", "frameId": frame, "context": "repl"})
    client.pump(0.2)
    client.request("cancel", requestId=seq)
    assert client.answer(seq)["message"] == "cancelled"
    assert client.evaluate("await later(n)", frame, context="repl") == "42"
    client.go(thread)
    assert client.end() == "21\n"


def test_await_without_a_loop(at):
    client, thread, frame = at("import asyncio\nx = 1  # @here\n")
    assert client.evaluate("await asyncio.sleep(0, 'done')", frame, context="repl") == "'done'"
    client.go(thread)
    client.end()


def test_a_stop_near_the_recursion_limit_can_be_looked_at(at):
    client, thread, frame = at(
        """
        import sys

        def down(n):
            try:
                return down(n + 1)
            except RecursionError:
                if n > DEEP[0]:
                    DEEP[0] = n
            return n

        def again(n):
            if n:
                return again(n - 1)
            return n  # @here

        DEEP = [0]
        down(0)
        again(DEEP[0] - 12)
        """
    )
    whole = client.request("stackTrace", threadId=thread)
    assert whole["totalFrames"] > 900
    assert len(whole["stackFrames"]) == whole["totalFrames"]
    assert client.variables(frame)["n"] == "0"
    assert client.evaluate("[k for k in range(3)]", frame, context="repl") == "[0, 1, 2]"
    assert "ZeroDivisionError" in client.refused("evaluate", expression="1 / n", frameId=frame, context="repl")
    assert "n" in labels(client, "n", frame)
    client.go(thread)
    client.end()


def test_what_is_too_large_for_a_message_is_cut(at):
    client, thread, frame = at(
        "text = 'ä' * 6_000_000\nmany = [0] * 50_000\nx = 1  # @here\n", client={"supportsVariablePaging": True}
    )
    copied = client.evaluate("text", frame, context="clipboard")
    assert copied.endswith("… 1,000,000 more characters")
    many = rows(client, frame)["many"]
    assert len(opened(client, many)) == 10_001
    client.go(thread)
    client.end()
