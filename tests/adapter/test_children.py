"""Child processes: each that runs Python gets a session of its own where the client can open one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.dap_client import Client

if TYPE_CHECKING:
    from pathlib import Path

WORK = "def work(n):\n    total = n + 1  # @here\n    return total\n"
FORK = (
    "import os, sys\n" + WORK + "pid = os.fork()\n"
    "if pid == 0:\n    print('child', work(1), flush=True)\n    os._exit(3)\n"
    "print('parent', os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), work(10))\n"
)
SPAWNED = "import subprocess, sys\nprint(subprocess.run([sys.executable, {words}], {more}).returncode)\n"
MULTI = (
    "import multiprocessing\n" + WORK + "if __name__ == '__main__':\n"
    "    context = multiprocessing.get_context({method!r})\n"
    "    with context.Pool(2) as pool:\n        print(sorted(pool.map(work, [1, 2, 3], chunksize=1)))\n"
)


def begin(dap: Any, program: Path, lines: Any = None, **options: Any) -> Client:
    """A session with a client that can open sessions for children."""
    client = dap()
    client.initialize(supportsStartDebuggingRequest=True)
    client.launch(program, lines=lines, type="lowdb", **options)
    return client


def adopt(dap: Any, parent: Client, program: Any, lines: Any, deadline: float | None = None) -> Client:
    """Do what an editor does for `startDebugging`: a session with an adapter of its own."""
    request = parent.asked("startDebugging", deadline)
    assert request["arguments"]["request"] == "attach"
    configuration = request["arguments"]["configuration"]
    assert configuration["type"] == "lowdb"
    child = dap()
    child.initialize(supportsStartDebuggingRequest=True)
    seq = child.send("attach", configuration)
    parent.respond(request, {})
    child.event("initialized")
    if lines:
        child.breakpoints(program, lines)
    child.request("configurationDone")
    assert child.answer(seq)["success"]
    return child


def test_a_forked_child_has_a_session_of_its_own(dap):
    program = dap.program(FORK)
    parent = begin(dap, program, ["here"])
    child = adopt(dap, parent, program, ["here"])
    thread = child.stopped("breakpoint")["threadId"]
    assert child.variables(child.stack(thread)[0]["id"]) == {"n": "1"}
    child.step("next", thread)
    child.request("continue", threadId=thread)
    child.event("terminated")
    assert child.disconnect() == 0
    thread = parent.stopped("breakpoint")["threadId"]
    assert parent.variables(parent.stack(thread)[0]["id"]) == {"n": "10"}
    parent.request("continue", threadId=thread)
    assert parent.run_to_end() == 0
    assert parent.output == "child 2\nparent 3 11\n"
    assert parent.disconnect() == 0


@pytest.mark.parametrize(
    ("words", "more"),
    [
        ("'-c', 'import sys\\nx = 1\\nsys.exit(5)'", ""),
        ("'-X', 'dev', '-W', 'error', 'other.py', 'a'", ""),
        ("'-m', 'other', 'a'", "env={'PYTHONPATH': '.'}"),
    ],
    ids=["code", "script", "module"],
)
def test_python_that_subprocess_runs_has_a_session_of_its_own(dap, tmp_path, words, more):
    other = dap.program("import sys\nx = 1  # @here\nsys.exit(4 + len(sys.argv[1:]))\n", "other.py")
    program = dap.program(SPAWNED.format(words=words, more=more))
    parent = begin(dap, program, cwd=str(tmp_path))
    if "-c" in words:
        child = adopt(dap, parent, None, None)
    else:
        child = adopt(dap, parent, other, ["here"])
        child.request("continue", threadId=child.stopped("breakpoint")["threadId"])
    child.event("terminated")
    assert child.disconnect() == 0
    assert parent.run_to_end() == 0
    assert parent.output == "5\n"
    assert parent.disconnect() == 0


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_the_workers_of_a_pool_have_sessions(dap, method):
    program = dap.program(MULTI.format(method=method))
    parent = begin(dap, program)
    children = [adopt(dap, parent, program, [{"line": 3, "condition": "n == 2"}]) for _ in range(2)]
    stopped = None
    while stopped is None:
        for child in children:
            child.pump(0.05)
            if child.seen["stopped"]:
                stopped = child
        parent.pump(0)
    thread = stopped.stopped("breakpoint")["threadId"]
    assert stopped.evaluate("n", stopped.stack(thread)[0]["id"]) == "2"
    stopped.request("continue", threadId=thread)
    assert parent.run_to_end() == 0
    assert parent.outputs("stdout") == "[2, 3, 4]\n"
    for child in children:
        child.event("terminated")
        assert child.disconnect() == 0
    assert parent.disconnect() == 0


def test_a_client_that_opens_no_sessions_gets_one_message_and_no_child_waits(dap, tmp_path):
    dap.program("print('other', flush=True)\n", "other.py")
    program = dap.program(FORK + SPAWNED.format(words="'other.py'", more=""))
    client = dap()
    client.launch(program, cwd=str(tmp_path))
    assert client.run_to_end() == 0
    assert sorted(client.output.splitlines()) == ["0", "child 2", "other", "parent 3 11"]
    said = [line for line in client.outputs("console").splitlines() if "child" in line]
    assert said == ["lowdb: a child process runs without the debugger: this editor opens no sessions for children"]
    assert client.disconnect() == 0


def test_without_sub_process_children_are_left_alone(dap):
    client = begin(dap, dap.program(FORK), subProcess=False)
    assert client.run_to_end() == 0
    assert not client.requests
    assert "child" not in client.outputs("console")
    assert client.disconnect() == 0


def test_a_child_that_the_client_declines_runs_on(dap):
    client = begin(dap, dap.program(FORK))
    client.respond(client.asked("startDebugging"), message="not now")
    assert client.run_to_end() == 0
    assert "child 2\n" in client.output
    assert "runs without the debugger: not now" in client.outputs("console")
    assert client.disconnect() == 0


def test_a_child_that_the_editor_leaves_runs_on(dap):
    program = dap.program(FORK)
    parent = begin(dap, program)
    child = adopt(dap, parent, program, ["here"])
    child.stopped("breakpoint")
    assert child.disconnect() == 0
    assert parent.run_to_end() == 0
    assert parent.output == "child 2\nparent 3 11\n"
    assert parent.disconnect() == 0


def test_children_end_with_the_session_of_their_parent(dap):
    program = dap.program(FORK)
    parent = begin(dap, program)
    child = adopt(dap, parent, program, ["here"])
    child.stopped("breakpoint")
    assert parent.disconnect() == 0
    child.event("terminated")
    assert child.disconnect() == 0


def test_a_child_whose_session_is_never_opened_ends_with_its_parents(dap):
    parent = begin(dap, dap.program(FORK))
    parent.asked("startDebugging")
    assert parent.disconnect() == 0


def test_what_is_no_python_is_started_as_it_is(dap):
    text = "import subprocess\nprint(subprocess.run(['/bin/echo', 'hello'], capture_output=True, text=True).stdout)\n"
    client = begin(dap, dap.program(text))
    assert client.run_to_end() == 0
    assert client.output == "hello\n\n"
    assert not client.requests
    assert client.disconnect() == 0
