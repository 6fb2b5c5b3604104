"""Steps, goto, pause: how a program is moved through an editor."""

from __future__ import annotations

import pytest

from tests.dap.inside import source
from tests.dap_client import marks

STEPS = """
def inner(n):
    return n * 2  # @inner


def outer(n):
    a = inner(n)  # @call
    b = inner(a) + inner(n)  # @two
    return a + b  # @return


def fails():
    raise ValueError("no")  # @raise


def catches():
    try:
        fails()  # @fails
    except ValueError:  # @except
        return 1  # @handler


x = outer(1)  # @outer
y = catches()  # @catches
print(x, y)  # @print
"""


def here(client, path, thread):
    """The mark of the line where the thread is."""
    line = client.line(thread)
    return next((name for name, number in marks(path).items() if number == line), line)


@pytest.fixture
def at(session, program):
    """`at(mark)`: a session stopped there, the program's path, the thread."""

    def begin(mark, text=STEPS, **options):
        path = program(text)
        client = session()
        client.launch(path, lines=[mark], **options)
        thread = client.stopped("breakpoint")["threadId"]
        client.breakpoints(path, [])
        return client, path, thread

    return begin


def test_next_goes_over_a_call_and_out_to_the_call(at):
    client, path, thread = at("call")
    for mark in ("two", "return", "outer", "catches"):
        client.step("next", thread)
        assert here(client, path, thread) == mark
    client.go(thread)
    assert client.end() == "8 1\n"


def test_step_in_and_out(at):
    client, path, thread = at("call")
    client.step("stepIn", thread)
    assert here(client, path, thread) == "inner"
    stop = client.step("stepOut", thread)
    assert here(client, path, thread) == "call"
    assert stop["text"] == "inner returned 2"
    frame = client.top(thread)["id"]
    assert client.variables(frame, "Return value") == {"inner()": "2"}
    client.step("next", thread)
    assert here(client, path, thread) == "two"
    assert [s["name"] for s in client.request("scopes", frameId=client.top(thread)["id"])["scopes"]] == [
        "Locals",
        "Globals",
    ]
    client.go(thread)
    client.end()


def test_show_return_value_off(at):
    client, _, thread = at("call", showReturnValue=False)
    client.step("stepIn", thread)
    client.step("stepOut", thread)
    names = [scope["name"] for scope in client.request("scopes", frameId=client.top(thread)["id"])["scopes"]]
    assert names == ["Locals", "Globals"]
    client.go(thread)
    client.end()


def test_next_on_a_raise_that_leaves_the_frame_stops_in_the_handler(at):
    client, path, thread = at("raise")
    stop = client.step("next", thread)
    assert here(client, path, thread) == "except"
    assert stop["text"] == "fails raised ValueError: no"
    client.step("next", thread)
    assert here(client, path, thread) == "handler"
    client.go(thread)
    client.end()


def test_step_out_of_a_generator_stops_in_its_consumer(at):
    client, path, thread = at(
        "yield",
        """
        def numbers():
            for n in range(3):
                yield n  # @yield

        def consume():
            total = 0
            for n in numbers():  # @for
                total += n  # @add
            return total

        consume()
        """,
    )
    client.step("stepOut", thread)
    assert here(client, path, thread) == "for"
    client.step("next", thread)
    assert here(client, path, thread) == "add"
    client.go(thread)
    client.end()


def test_step_in_targets_are_the_calls_to_come_in_order(at):
    client, _, thread = at("two")
    frame = client.top(thread)["id"]
    targets = client.request("stepInTargets", frameId=frame)["targets"]
    assert [target["label"] for target in targets] == ["inner", "inner"]
    assert [target["column"] for target in targets] == [9, 20]
    client.step("stepIn", thread, targetId=targets[0]["id"])
    assert client.top(thread)["name"] == "inner"
    assert client.evaluate("n", client.top(thread)["id"]) == "2"
    client.go(thread)
    client.end()


def test_step_in_one_of_several_calls(at):
    client, path, thread = at(
        "line",
        """
        class Box:
            def __init__(self, n):
                self.n = n  # @init

            def get(self):
                return self.n  # @get

        def one():
            return 1  # @one

        def both(a, b):
            return a + b  # @both

        x = both(one(), Box(2).get())  # @line
        """,
    )

    def targets():
        found = client.request("stepInTargets", frameId=client.top(thread)["id"])["targets"]
        return {target["label"]: target["id"] for target in found}

    assert list(targets()) == ["one", "Box", "Box(2).get", "both"]
    client.step("stepIn", thread, targetId=targets()["Box"])
    assert here(client, path, thread) == "init"
    client.step("stepOut", thread)
    assert list(targets()) == ["Box(2).get", "both"]
    client.step("stepIn", thread, targetId=targets()["both"])
    assert here(client, path, thread) == "both"
    client.go(thread)
    client.end()


def test_goto_sets_the_next_line_and_nothing_runs(at):
    client, path, thread = at("two")
    line = marks(path)["return"]
    (target,) = client.request("gotoTargets", source=source(path), line=line)["targets"]
    assert target["line"] == line
    client.request("goto", threadId=thread, targetId=target["id"])
    client.stopped("goto")
    assert client.line(thread) == line
    assert client.evaluate("b", client.top(thread)["id"]) == "None"
    assert "assigning None" in client.outputs("console")
    assert client.evaluate("b = 10", client.top(thread)["id"], context="repl") == ""
    client.go(thread)
    assert client.end() == "12 1\n"


def test_goto_into_another_function_is_an_error(at):
    client, path, thread = at("two")
    message = client.refused("gotoTargets", source=source(path), line=marks(path)["inner"])
    assert "is not in outer" in message
    assert "no target 4711" in client.refused("goto", threadId=thread, targetId=4711)
    client.go(thread)
    client.end()


def test_goto_into_a_block_is_refused_in_the_interpreters_words(at):
    client, path, thread = at(
        "a",
        """
        def f():
            a = 1  # @a
            for i in range(2):
                b = i  # @b
            return a

        f()
        """,
    )
    (target,) = client.request("gotoTargets", source=source(path), line=marks(path)["b"])["targets"]
    assert "for" in client.refused("goto", threadId=thread, targetId=target["id"])
    client.go(thread)
    client.end()


def test_pause_stops_a_running_program(session, program):
    path = program(
        """
        import time
        print("running", flush=True)
        while "done" not in globals():  # @while
            time.sleep(0.01)  # @sleep
        """
    )
    client = session()
    client.launch(path)
    client.debuggee.expect("running")
    thread = client.request("threads")["threads"][0]["id"]
    client.request("pause", threadId=thread)
    stop = client.stopped("pause")
    assert stop["threadId"] == thread
    assert client.top(thread)["name"] == "<module>"
    client.evaluate("done = True", client.top(thread)["id"], context="repl")
    client.go(thread)
    client.end()


def test_stop_on_entry(session, program):
    path = program("x = 1\ny = 2\n")
    client = session()
    client.launch(path, stopOnEntry=True)
    thread = client.stopped("entry")["threadId"]
    assert client.line(thread) == 1
    client.go(thread)
    client.end()


def test_just_my_code_runs_through_the_library(at):
    text = """
    import json
    def default(o):
        return str(o)  # @default

    json.dumps([object], default=default)  # @dumps
    print(1)  # @print
    """
    client, path, thread = at("dumps", text)
    client.step("stepIn", thread)
    assert here(client, path, thread) == "default"
    frames = client.stack(thread)
    assert frames[1]["presentationHint"] == "subtle"
    assert frames[1]["source"]["presentationHint"] == "deemphasize"
    client.go(thread)
    client.end()


def test_without_just_my_code_a_step_goes_into_the_library(at):
    client, _, thread = at("dumps", "import json\njson.dumps([1])  # @dumps\n", justMyCode=False)
    client.step("stepIn", thread)
    frame = client.top(thread)
    assert frame["name"] == "dumps"
    assert "presentationHint" not in frame
    client.go(thread)
    client.end()


def test_a_step_while_the_program_runs_is_an_error(session, program):
    path = program("import time\nprint('running', flush=True)\ntime.sleep(0.5)\n")
    client = session()
    client.launch(path)
    client.debuggee.expect("running")
    assert "running" in client.refused("next", threadId=1)
    assert "running" in client.refused("continue", threadId=1)
    assert "running" in client.refused("stackTrace", threadId=1)
    assert "no thread 99" in client.refused("pause", threadId=99)
    client.end()


def test_the_code_option_runs_text_and_its_source_is_to_be_had(session):
    client = session()
    client.launch(code=["x = 1", "breakpoint()", "print(x, __name__)"], args=["a"])
    thread = client.stopped("breakpoint")["threadId"]
    frame = client.top(thread)
    assert "path" not in frame["source"]
    text = client.request("source", source=frame["source"], sourceReference=frame["source"]["sourceReference"])[
        "content"
    ]
    assert text == "x = 1\nbreakpoint()\nprint(x, __name__)\n"
    assert client.evaluate("__import__('sys').argv", frame["id"]) == "['-c', 'a']"
    point = client.request("setBreakpoints", source=frame["source"], breakpoints=[{"line": 3}])["breakpoints"][0]
    assert point["verified"] is True
    client.go(thread)
    client.stopped("breakpoint")
    assert client.line(thread) == 3
    client.go(thread)
    assert client.end() == "1 __main__\n"


def test_a_module_runs_as_with_m(session, program):
    path = program("import sys\nprint(__name__, __package__, sys.argv[1:])  # @here\n", "mine.py")
    client = session(cwd=path.parent)
    client.launch(module="mine", args=["1"], configured=False)
    client.breakpoints(path, ["here"])
    client.request("configurationDone")
    thread = client.stopped("breakpoint")["threadId"]
    client.go(thread)
    assert client.end() == "__main__  ['1']\n"


def test_a_program_that_is_not_there_says_so(session, tmp_path):
    client = session()
    client.launch(tmp_path / "nowhere.py", configured=False)
    client.end(2)
    assert "nowhere.py" in client.errors()


def test_a_program_that_does_not_compile_is_shown_by_python_itself(session, program):
    client = session()
    client.launch(program("def f(:\n"), configured=False)
    client.end(1)
    assert "SyntaxError" in client.errors()


def test_steps_by_instructions_and_what_they_are(at):
    client, path, thread = at("two")
    frame = client.top(thread)
    pointer = frame["instructionPointerReference"]

    def rows(count, shift=0):
        return client.request("disassemble", memoryReference=pointer, instructionOffset=shift, instructionCount=count)[
            "instructions"
        ]

    here = rows(30)
    assert here[0]["address"] == pointer
    assert (here[0]["line"], here[0]["location"]["path"]) == (marks(path)["two"], str(path))
    assert any("inner" in row["instruction"] for row in here[:4])
    assert rows(5, -1000)[0]["presentationHint"] == "invalid"
    assert rows(2000)[-1]["presentationHint"] == "invalid"
    places = [client.top(thread)["instructionPointerReference"]]
    for _ in range(3):
        client.step("next", thread, granularity="instruction")
        assert client.line(thread) == marks(path)["two"]
        places.append(client.top(thread)["instructionPointerReference"])
    assert len(set(places)) == 4
    assert set(places) <= {row["address"] for row in here}
    assert "no code" in client.refused("disassemble", memoryReference="0x10", instructionCount=1)
    client.step("next", thread)
    assert client.line(thread) == marks(path)["return"]
    for _ in range(20):
        client.step("next", thread, granularity="instruction")
        if client.line(thread) == marks(path)["outer"]:
            break
    else:
        raise AssertionError("never came to the caller")
    client.go(thread)
    client.end()


def test_a_step_into_by_instructions_goes_into_the_call(at):
    client, path, thread = at("call")
    for _ in range(20):
        client.step("stepIn", thread, granularity="instruction")
        if client.top(thread)["name"] == "inner":
            break
    else:
        raise AssertionError("never came into the call")
    assert client.line(thread) == marks(path)["inner"]
    client.go(thread)
    client.end()


def test_a_breakpoint_set_while_the_program_runs_stops_it(session, program):
    path = program(
        """
        import time
        print("running", flush=True)
        for n in range(100_000):
            time.sleep(0.001)  # @sleep
        """
    )
    client = session()
    client.launch(path)
    client.debuggee.expect("running")
    (point,) = client.breakpoints(path, ["sleep"])["breakpoints"]
    assert point["verified"] is True
    thread = client.stopped("breakpoint")["threadId"]
    client.evaluate(
        "n = 0; time.sleep = lambda seconds: (_ for _ in ()).throw(SystemExit)",
        client.top(thread)["id"],
        context="repl",
    )
    client.breakpoints(path, [])
    client.go(thread)
    client.end()


def test_a_program_in_a_zip_file(session, program, tmp_path):
    import zipfile

    archive = tmp_path / "app.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("__main__.py", "import inner\nx = inner.work(1)\nprint(x)\n")
        file.writestr("inner.py", "def work(n):\n    return n + 1\n")
    client = session()
    client.launch(archive, configured=False)
    (point,) = client.breakpoints(f"{archive}/inner.py", [2])["breakpoints"]
    (main,) = client.breakpoints(f"{archive}/__main__.py", [2])["breakpoints"]
    client.request("configurationDone")
    thread = client.stopped("breakpoint")["threadId"]
    frame = client.top(thread)
    text = client.request("source", source=frame["source"], sourceReference=frame["source"]["sourceReference"])
    assert (point["verified"], main["verified"]) == (True, True)
    assert (frame["line"], frame["source"]["path"]) == (2, f"{archive}/__main__.py")
    assert text["content"] == "import inner\nx = inner.work(1)\nprint(x)\n"
    client.go(thread)
    client.stopped("breakpoint")
    assert client.top(thread)["name"] == "work"
    client.go(thread)
    assert client.end() == "2\n"
