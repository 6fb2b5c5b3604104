"""The session's own requests, the end in its forms, and what must not happen."""

from __future__ import annotations

import random
import time

import pytest

from tests.dap_client import framed, marks

ONE = "x = 1  # @here\nprint('end')\n"


@pytest.fixture
def stopped(session, program):
    """A session stopped at the mark `here`: client, thread, frame."""

    def begin(text=ONE, **options):
        client = session()
        client.launch(program(text), lines=["here"], **options)
        thread = client.stopped("breakpoint")["threadId"]
        return client, thread, client.top(thread)["id"]

    return begin


def test_every_request_gets_exactly_one_answer_an_unknown_one_an_error(stopped):
    client, thread, _ = stopped()
    client.strict = False
    for command in ("readMemory", "nonsense", "restartFrame", "stepBack", "locations"):
        client.seq += 1
        client.pending[client.seq] = command
        client.raw(framed({"seq": client.seq, "type": "request", "command": command}))
        answer = client.answer(client.seq)
        assert not answer["success"]
        assert command in answer["message"]
        assert answer["body"]["error"]["format"] == answer["message"]
    client.go(thread)
    client.end()


WRONG = (
    {"seq": 1, "type": "request", "command": "stackTrace", "arguments": []},
    {"seq": 1, "type": "request", "command": "stackTrace", "arguments": {"threadId": "one"}},
    {"seq": 1, "type": "request", "command": "scopes", "arguments": {"frameId": {}}},
    {"seq": 1, "type": "request", "command": "variables", "arguments": {"variablesReference": 1.5}},
    {"seq": 1, "type": "request", "command": "variables"},
    {"seq": 1, "type": "request", "command": "evaluate", "arguments": {"expression": 5}},
    {"seq": 1, "type": "request", "command": "setBreakpoints", "arguments": {"source": {}, "breakpoints": 1}},
    {"seq": 1, "type": "request", "command": "setBreakpoints", "arguments": {"source": "x"}},
    {"seq": 1, "type": "request", "command": "setFunctionBreakpoints", "arguments": {"breakpoints": [1]}},
    {"seq": 1, "type": "request", "command": "setExceptionBreakpoints", "arguments": {"filters": "raised"}},
    {"seq": 1, "type": "request", "command": "continue", "arguments": {"threadId": [], "singleThread": "yes"}},
    {"seq": 1, "type": "request", "command": "cancel"},
    {"seq": 1, "type": "request", "command": "goto", "arguments": {"threadId": 1, "targetId": None}},
    {"seq": 1, "type": "request", "command": None},
    {"seq": 1, "type": "request", "command": 7},
    {"seq": 1, "type": "request"},
)


def test_requests_of_the_wrong_shape_are_answered_with_errors(stopped):
    client, thread, frame = stopped()
    client.strict = False
    client.seq = 1000
    for message in WRONG:
        client.seq += 1
        seq = client.seq
        client.pending[seq] = message.get("command") if type(message.get("command")) is str else ""
        client.raw(framed({**message, "seq": seq}))
        answer = client.answer(seq)
        assert not answer["success"], message
        assert answer["message"], message
        assert "inside lowdb" not in answer["message"], message
        assert client.evaluate("1 + 1", frame) == "2"
    client.go(thread)
    client.end()


NONE = (b"", b"null", b"[]", b"{", b"\xff\xfe", b'"text"', b'{"type": "request", "command": "threads"}', b"[" * 100_000)


def test_messages_that_are_none_are_passed_over(stopped):
    client, thread, frame = stopped()
    for body in NONE:
        client.raw(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        assert client.evaluate("1 + 1", frame) == "2"
    client.go(thread)
    client.end()


def test_a_stale_reference_is_an_error_that_says_so(stopped):
    client, thread, frame = stopped("x = [1, 2]\ny = {3: x}  # @here\nz = 1\nprint(z)\n")
    scope = client.request("scopes", frameId=frame)["scopes"][0]["variablesReference"]
    value = client.request("variables", variablesReference=scope)["variables"][-1]["variablesReference"]
    client.step("next", thread)
    for command, arguments in (
        ("scopes", {"frameId": frame}),
        ("variables", {"variablesReference": scope}),
        ("variables", {"variablesReference": value}),
        ("evaluate", {"expression": "1", "frameId": frame}),
        ("setVariable", {"variablesReference": value, "name": "[0]", "value": "1"}),
    ):
        assert "earlier stop" in client.refused(command, **arguments)
    assert "no reference 99999" in client.refused("variables", variablesReference=99999)
    client.go(thread)
    client.end()


def test_an_evaluation_can_be_cancelled(stopped):
    client, thread, frame = stopped("import time\nx = 1  # @here\n")
    seq = client.send("evaluate", {"expression": "sum(1 for _ in iter(int, 1))", "frameId": frame})
    behind = client.send("evaluate", {"expression": "1 + 1", "frameId": frame})
    assert seq not in client.answers
    client.request("cancel", requestId=behind)
    client.pump(0.1)
    began = time.monotonic()
    client.request("cancel", requestId=seq)
    assert client.answer(seq)["message"] == "cancelled"
    assert client.answer(behind)["message"] == "cancelled"
    assert time.monotonic() - began < 5
    seq = client.send("evaluate", {"expression": "time.sleep(1000)", "frameId": frame})
    client.pump(0.1)
    client.request("cancel", requestId=seq)
    assert client.answer(seq)["message"] == "cancelled"
    assert client.evaluate("x if 'x' in globals() else 5", frame) == "5"
    client.request("cancel", requestId=seq)  # it is over: nothing happens
    client.go(thread)
    client.end()


def test_pause_ends_an_evaluation(stopped):
    client, thread, frame = stopped("import time\nx = 1  # @here\n")
    seq = client.send("evaluate", {"expression": "time.sleep(1000)", "frameId": frame, "context": "repl"})
    client.pump(0.1)
    client.request("pause", threadId=thread)
    assert "pause" in client.answer(seq)["message"]
    client.go(thread)
    client.end()


def test_a_hover_that_lasts_is_ended(stopped):
    client, thread, frame = stopped("import sys, time\nx = 1  # @here\n")
    limits = "sys.modules['lowdb.dap.limiter'].SECONDS"
    assert client.evaluate(f"{limits}['hover']", frame) == "2.0"
    client.evaluate(f"{limits}['hover'] = 0.2", frame, context="repl")
    message = client.refused("evaluate", expression="time.sleep(1000)", frameId=frame, context="hover")
    assert "longer than 0.2 seconds" in message
    client.go(thread)
    client.end()


def test_a_stop_inside_an_evaluation_on_request(stopped):
    client, thread, frame = stopped("def f(n):\n    return n + 1  # @inside\n\nx = f(1)  # @here\nprint(x)\n")
    path = client.top(thread)["source"]["path"]
    client.breakpoints(path, [{"line": 2}])
    assert client.evaluate("f(5)", frame) == "6"
    seq = client.send("evaluate", {"expression": "debug f(10)", "frameId": frame, "context": "repl"})
    client.stopped("breakpoint")
    inner = client.top(thread)
    assert (inner["name"], client.evaluate("n", inner["id"])) == ("f", "10")
    assert "earlier stop" in client.refused("scopes", frameId=frame)
    client.go(thread)
    assert client.answer(seq)["body"]["result"] == "11"
    client.stopped("pause")
    assert client.top(thread)["name"] == "<module>"
    client.go(thread)
    client.stopped("breakpoint")
    client.go(thread)
    assert client.end() == "2\n"


def test_modules_and_loaded_sources(stopped):
    client, thread, _ = stopped("import json\nx = 1  # @here\n")
    answer = client.request("modules", startModule=0)
    found = {one["name"]: one for one in answer["modules"]}
    assert answer["totalModules"] == len(answer["modules"])
    assert found["__main__"]["isUserCode"] is True
    assert found["json"]["isUserCode"] is False
    assert not [name for name in found if name.startswith("lowdb")]
    page = client.request("modules", startModule=1, moduleCount=2)
    assert page["modules"] == answer["modules"][1:3]
    sources = client.request("loadedSources")["sources"]
    assert sources[0]["name"] == "program.py"
    assert "decoder.py" in {one["name"] for one in sources}
    client.go(thread)
    client.end()


def test_path_mappings(session, program):
    path = program(ONE)
    client = session()
    mapping = [{"localRoot": "/where/the/editor/is", "remoteRoot": str(path.parent)}]
    client.launch(path, configured=False, pathMappings=mapping)
    local = "/where/the/editor/is/program.py"
    (point,) = client.breakpoints(local, [1])["breakpoints"]
    assert (point["verified"], point["source"]["path"]) == (True, local)
    client.request("configurationDone")
    thread = client.stopped("breakpoint")["threadId"]
    assert client.top(thread)["source"]["path"] == local
    client.go(thread)
    client.end()


def test_paths_as_uris(session, program):
    path = program(ONE, "with space.py")
    client = session()
    client.launch(path, configured=False, client={"pathFormat": "uri"})
    uri = path.as_uri()
    assert client.breakpoints(uri, [1])["breakpoints"][0]["verified"] is True
    client.request("configurationDone")
    thread = client.stopped("breakpoint")["threadId"]
    assert client.top(thread)["source"]["path"] == uri
    client.go(thread)
    client.end()


def test_detach_lets_the_program_run_on(stopped):
    client, _, _ = stopped("import time\nx = 1  # @here\ny = 2\nprint('end')\n")
    client.tell("detach")
    assert client.end() == "end\n"


def test_detach_while_it_runs(session, program):
    path = program(
        """
        import time
        print("running", flush=True)
        time.sleep(0.3)
        for n in range(3):
            pass  # @here
        print("end")
        """
    )
    client = session()
    client.launch(path, lines=[])
    client.debuggee.expect("running")
    client.breakpoints(path, ["here"])
    client.tell("detach")
    assert client.end().endswith("end\n")


@pytest.mark.parametrize("end", ["kill", "run"])
def test_the_channels_end_ends_the_program_or_not(session, program, end):
    path = program("import time\nx = 1  # @here\nprint('end')\n")
    client = session()
    client.hello(program=str(path), end=end)
    client.breakpoints(path, ["here"])
    client.request("configurationDone")
    client.stopped("breakpoint")
    client.socket.close()
    done = client.debuggee.wait()
    assert (done.status, done.out) == ((0, "end\n") if end == "run" else (-9, ""))


def test_the_channels_end_before_hello(session):
    client = session()
    client.socket.close()
    assert client.debuggee.wait().status == 2


def test_the_channels_end_before_the_program_began(session, program):
    client = session()
    client.launch(program(ONE), configured=False)
    client.socket.close()
    assert client.debuggee.wait().status == -9


def test_terminate_is_keyboard_interrupt(stopped):
    client, _, _ = stopped(
        """
        import time
        try:
            x = 1  # @here
            y = 2  # never stopped at again
            time.sleep(100)
        except KeyboardInterrupt:
            print("interrupted")
        """
    )
    client.tell("terminate")
    assert client.end() == "interrupted\n"


def test_a_forked_child_is_not_the_clients(session, program):
    path = program(
        """
        import os
        pid = os.fork()  # @fork
        if pid == 0:
            x = 1  # @here
            print("child", flush=True)
            os._exit(0)
        os.waitpid(pid, 0)
        y = 2  # @parent
        print("parent")
        """
    )
    client = session()
    client.launch(path, lines=["here", "parent"])
    thread = client.stopped("breakpoint")["threadId"]
    assert client.line(thread) == marks(path)["parent"]
    client.go(thread)
    assert client.end() == "child\nparent\n"


def test_an_evaluation_that_forks(stopped):
    client, thread, frame = stopped("import os\nx = 1  # @here\nprint('end', flush=True)\n")
    assert client.evaluate("os.fork() > 0", frame) == "True"
    client.go(thread)
    assert client.end().count("end") == 2


def test_a_client_that_does_not_read_stops_nobody(session, program):
    path = program("for n in range(3000):\n    x = n  # @here\nprint('end', flush=True)\n")
    client = session()
    client.launch(path, lines=[{"line": 2, "logMessage": "n is {n} " + "x" * 1000}], configured=False)
    client.send("configurationDone")
    client.debuggee.expect("end")
    client.end()
    assert client.outputs("console").count("n is ") == 3000


def test_the_programs_ctrl_c_waits_while_it_is_stopped(stopped):
    import os
    import signal

    client, thread, frame = stopped(
        "try:\n    x = 1  # @here\n    y = sum(range(10))\nexcept KeyboardInterrupt:\n    print('interrupted')\n"
    )
    os.kill(client.debuggee.pid, signal.SIGINT)
    time.sleep(0.1)
    assert client.evaluate("1 + 1", frame) == "2"
    client.go(thread)
    assert client.end() == "interrupted\n"


def test_program_output_and_arguments_are_its_own(session, program):
    path = program("import sys\nprint(sys.argv, sys.path[0], [m for m in sys.modules if m.startswith('lowdb.repl')])\n")
    client = session()
    client.launch(path, args=["a", "b c"])
    assert client.end() == f"{[str(path), 'a', 'b c']} {path.parent} []\n"


def test_a_program_with_modules_named_as_the_librarys(session, program):
    program("raise SystemExit('the wrong json')\n", "json.py")
    program("value = 5\n", "queue.py")
    path = program("import queue\nx = queue.value  # @here\nprint(x)\n")
    client = session()
    client.launch(path, lines=["here"])
    thread = client.stopped("breakpoint")["threadId"]
    assert client.evaluate("queue.value", client.top(thread)["id"]) == "5"
    assert client.request("stepInTargets", frameId=client.top(thread)["id"])["targets"] == []
    client.go(thread)
    assert client.end() == "5\n"


def test_a_file_is_called_as_the_editor_calls_it(session, program, tmp_path):
    path = program(ONE)
    link = tmp_path / "link"
    link.symlink_to(path.parent, target_is_directory=True)
    client = session()
    client.launch(link / "program.py", configured=False)
    (point,) = client.breakpoints(link / "program.py", [1])["breakpoints"]
    assert point["source"]["path"] == f"{link}/program.py"
    client.request("configurationDone")
    thread = client.stopped("breakpoint")["threadId"]
    assert client.top(thread)["source"]["path"] == f"{link}/program.py"
    client.go(thread)
    client.end()


def test_nothing_of_a_stop_is_kept(stopped):
    client, thread, frame = stopped(
        """
        import gc, weakref
        gc.disable()

        class Thing:
            def __init__(self):
                self.me = [1, 2]

            @property
            def broken(self):
                raise LookupError(self)

        def work():
            thing = Thing()
            seen = weakref.ref(thing)
            x = 1  # @here
            return seen

        seen = work()
        print(seen() is None, gc.collect())
        """
    )
    scope = client.request("scopes", frameId=frame)["scopes"][0]["variablesReference"]
    rows = {row["name"]: row for row in client.request("variables", variablesReference=scope)["variables"]}
    parts = client.request("variables", variablesReference=rows["thing"]["variablesReference"])["variables"]
    lazy = next(part for part in parts if part["name"] == "broken")
    client.request("variables", variablesReference=lazy["variablesReference"])
    for context in ("repl", "watch", "hover"):
        client.evaluate("thing.me", frame, context=context)
        client.refused("evaluate", expression="thing.broken", frameId=frame, context=context)
        client.refused("evaluate", expression="thing.", frameId=frame, context=context)
    client.refused("setVariable", variablesReference=scope, name="thing", value="thing.broken")
    client.request("dataBreakpointInfo", name="thing.me", frameId=frame)
    client.request("completions", text="thing.", column=7, frameId=frame)
    client.request("stepInTargets", frameId=frame)
    client.go(thread)
    assert client.end().startswith("True ")


def test_detach_ends_an_evaluation_that_lasts(stopped):
    client, _, frame = stopped("import time\nx = 1  # @here\nprint('end')\n")
    client.send("evaluate", {"expression": "time.sleep(1000)", "frameId": frame, "context": "repl"})
    client.pump(0.1)
    client.tell("detach")
    client.pending.clear()
    client.strict = False
    assert client.debuggee.wait().out == "end\n"


def test_an_evaluation_that_lasts_shows_its_progress(stopped):
    client, thread, frame = stopped("import sys, time\nx = 1  # @here\n", client={"supportsProgressReporting": True})
    client.evaluate("sys.modules['lowdb.dap.limiter'].SHOWN_AFTER = 0.1", frame, context="repl")
    seq = client.send("evaluate", {"expression": "time.sleep(1000)", "frameId": frame, "context": "repl"})
    progress = client.event("progressStart")
    assert (progress["requestId"], progress["cancellable"]) == (seq, True)
    client.request("cancel", progressId=progress["progressId"])
    assert client.answer(seq)["message"] == "cancelled"
    client.event("progressEnd", progressId=progress["progressId"])
    assert client.evaluate("1 + 1", frame) == "2"
    client.go(thread)
    client.end()
    assert client.seen["progressStart"] == 1


def test_exception_filters_of_the_configuration(session, program):
    client = session()
    client.launch(program("raise KeyError('no')\n"), exceptions=["uncaught"])
    thread = client.stopped("exception")["threadId"]
    client.go(thread)
    client.end(1)


def test_rules_say_what_is_ones_own(session, program):
    program("def work(n):\n    return n  # @work\n", "helper.py")
    path = program("import helper\nx = helper.work(1)  # @here\ny = 2  # @next\n")
    client = session()
    client.launch(path, lines=["here"], rules=[{"path": "*/helper.py", "include": False}])
    thread = client.stopped("breakpoint")["threadId"]
    client.step("stepIn", thread)
    assert client.line(thread) == 3
    client.go(thread)
    client.end()


@pytest.mark.parametrize("where", ["main", "thread"])
def test_an_evaluation_can_be_cancelled_at_any_moment(stopped, where):
    client, thread, frame = stopped(
        f"""
        import threading, time
        def work():
            x = 1  # @here
        if {where == "thread"}:
            thread = threading.Thread(target=work)
            thread.start()
            thread.join()
        else:
            work()
        print("end")
        """
    )
    client.strict = False
    moments = random.Random(5)
    for _ in range(60):
        text = moments.choice(["sum(range(10**5))", "time.sleep(0.01)", "[k for k in range(10**4)]", "1"])
        context = moments.choice(["repl", "watch"])
        seq = client.send("evaluate", {"expression": text, "frameId": frame, "context": context})
        time.sleep(moments.random() * 0.01)
        client.request("cancel", requestId=seq)
        answer = client.answer(seq)
        assert answer["success"] or answer["message"] == "cancelled"
        assert client.evaluate("6 * 7", frame) == "42"
    client.go(thread)
    assert client.end() == "end\n"


def test_terminate_before_the_program_began(session, program):
    client = session()
    client.launch(program(ONE), configured=False)
    client.tell("terminate")
    done = client.debuggee.wait()
    assert "Traceback" not in done.err
    assert done.status in (130, -2)


def test_continue_of_a_thread_that_is_gone_lets_all_go_on(stopped):
    client, _, _ = stopped()
    client.request("continue", threadId=4711)
    client.end()
