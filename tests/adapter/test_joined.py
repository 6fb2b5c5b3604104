"""`attach` with a process id: the program is reached, left and reached again; each reason why not is told."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from lowdb.adapter import joined
from lowdb.adapter.launcher import CannotStart
from lowdb.capabilities import INTERPRETER
from tests.adapter.test_listen import first_line, process
from tests.dap_client import Refused

reachable = pytest.mark.skipif(not INTERPRETER.remote_exec, reason="sys.remote_exec came with 3.14")

RUNNING = """\
import sys, time
print("runs", flush=True)
def work(n):
    total = n + 1  # @here
    return total
i = 0
while True:
    i = work(i)
    time.sleep(0.001)
"""


@pytest.fixture
def folder():
    """Where sessions make their directories; none may be left in it."""
    with tempfile.TemporaryDirectory(dir="/tmp") as made:
        yield made
        assert not list(Path(made).iterdir())


def attach(client, pid, program):
    client.initialize()
    seq = client.send("attach", {"processId": pid})
    client._until(lambda: True if client.seen["initialized"] or seq in client.answers else None, "an answer")
    if seq in client.answers and not client.answers[seq]["success"]:
        raise Refused(client.answers[seq]["message"])
    client.event("initialized")
    client.breakpoints(program, ["here"])
    client.request("configurationDone")
    assert client.answer(seq)["success"]


@reachable
def test_a_program_that_runs_is_reached_left_and_reached_again(dap, folder):
    program = dap.program(RUNNING)
    with process(dap, str(program)) as running:
        first_line(running)
        for pid in (running.pid, str(running.pid)):
            client = dap(env={"TMPDIR": folder})
            attach(client, pid, program)
            thread = client.stopped("breakpoint")["threadId"]
            assert client.variables(client.stack(thread)[0]["id"]).keys() == {"n"}
            client.step("next", thread)
            assert client.evaluate("total > 0", client.stack(thread)[0]["id"]) == "True"
            assert client.disconnect() == 0
            assert client.seen["terminated"] == 1
            assert running.poll() is None
        running.terminate()
        assert running.stderr is not None
        assert running.stderr.read() == ""


@reachable
def test_neither_the_programs_path_nor_its_names_are_changed(dap):
    text = "import sys, time\nbefore = (list(sys.path), set(globals()) | {'before'})\nprint('runs', flush=True)\n"
    text += "while True:\n    time.sleep(0.001)  # @here\n"
    program = dap.program(text)
    dap.program("raise SystemExit('the wrong one')\n", "queue.py")
    dap.program("raise SystemExit('the wrong one')\n", "typing.py")
    with process(dap, "-S", str(program)) as running:
        first_line(running)
        client = dap()
        attach(client, running.pid, program)
        frame = client.stack(client.stopped("breakpoint")["threadId"])[0]["id"]
        assert client.evaluate("before == (sys.path, set(globals()))", frame) == "True"
        assert client.disconnect(terminateDebuggee=True) == 0
        assert running.wait(10) == 137


@reachable
def test_a_program_in_a_call_that_blocks_is_waited_for_and_given_up(dap, folder):
    program = dap.program(
        "import os, time\nprint('runs', flush=True)\nos.read(0, 1)\nprint('on', flush=True)\ntime.sleep(99)\n"
    )
    reader, writer = os.pipe()
    with subprocess.Popen(
        [sys.executable, str(program)], stdin=reader, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        try:
            first_line(running)
            client = dap(env={"TMPDIR": folder})
            client.initialize()
            seq = client.send("attach", {"processId": running.pid})
            assert "waits in a call" in client.event("output", category="important")["output"]
            assert seq not in client.answers
            assert client.disconnect() == 0
            assert "given up" in client.answers[seq]["message"]
            os.write(writer, b"x")
            assert first_line(running) == "on\n"
            running.kill()
            assert running.stderr is not None
            assert running.stderr.read() == ""
        finally:
            running.kill()
            os.close(reader)
            os.close(writer)


@reachable
def test_where_remote_debugging_is_switched_off_the_error_says_so(dap):
    program = dap.program(RUNNING)
    with process(dap, str(program), env={"PYTHON_DISABLE_REMOTE_DEBUG": "1"}) as running:
        first_line(running)
        client = dap()
        with pytest.raises(Refused, match=r"PYTHON_DISABLE_REMOTE_DEBUG.*lowdb\.listen\(\)"):
            attach(client, running.pid, program)
        assert client.disconnect() == 0
        assert running.poll() is None


@pytest.mark.skipif(INTERPRETER.remote_exec, reason="this one can be reached")
def test_an_older_python_is_told_what_to_do(dap):
    program = dap.program(RUNNING)
    with process(dap, str(program)) as running:
        first_line(running)
        client = dap()
        client.initialize()
        said = client.refused("attach", processId=running.pid)
        assert "needs CPython 3.14: start the program with lowdb.listen()" in said
        assert client.disconnect() == 0


def test_what_is_no_process_and_what_is_no_python_is_refused(dap):
    client = dap()
    client.initialize()
    with subprocess.Popen(["sleep", "100"]) as sleeping:
        assert "is no CPython: it runs" in client.refused("attach", processId=sleeping.pid)
        sleeping.kill()
    assert "there is no process" in client.refused("attach", processId=sleeping.pid)
    assert "there is no process 0" in client.refused("attach", processId=0)
    assert "the number of a process" in client.refused("attach", processId="x")
    assert "is lowdb's adapter itself" in client.refused("attach", processId=client.process.pid)
    assert client.disconnect() == 0


def test_what_the_system_does_not_allow_is_said_with_what_to_do(monkeypatch):
    assert "ptrace_scope" in joined.why("Traceback\nPermissionError: [Errno 1] Operation not permitted\n")

    def refuse(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(joined.os, "readlink", refuse)
    with pytest.raises(CannotStart, match="ptrace_scope"):
        joined.interpreter(os.getppid())
