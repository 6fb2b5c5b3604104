"""Ports: an adapter that editors connect to, and a program that waits for one in `lowdb.listen()`."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

import lowdb
from tests.dap_client import Client, Refused
from tests.processes import ROOT, environment

if TYPE_CHECKING:
    from collections.abc import Iterator

ATTACHED = """\
import lowdb, sys, time
print(*lowdb.listen(0, token=sys.argv[1] if len(sys.argv) > 1 else None), flush=True)
def work(n):
    total = n + 1  # @here
    return total
i = 0
while True:
    i = work(i)
    if i == 30:
        breakpoint
    time.sleep(0.001)
"""

TICKING = (
    """\
import threading, time
other = []
def tick():
    while True:
        other.append(1)
        time.sleep(0.001)
threading.Thread(target=tick, daemon=True).start()
"""
    + ATTACHED
)


@contextmanager
def process(dap: Any, *argv: str, env: dict[str, str | None] | None = None) -> Iterator[subprocess.Popen[str]]:
    """A Python process whose first line can be read; it is ended afterwards."""
    with subprocess.Popen(
        [sys.executable, *argv],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment({"TESTS_MARK": dap.mark, "PYTHONUNBUFFERED": None, **(env or {})}),
    ) as running:
        try:
            yield running
        finally:
            running.kill()


def first_line(running: subprocess.Popen[str]) -> str:
    assert running.stdout is not None
    return running.stdout.readline()


def port_of(line: str) -> int:
    return int(line.split()[3].rstrip(",").rpartition(":")[2])


def attach(client: Client, port: int, program: Any, **connect: Any) -> None:
    client.initialize()
    seq = client.send("attach", {"connect": {"port": port, **connect}})
    client._until(lambda: True if client.seen["initialized"] or seq in client.answers else None, "an answer")
    if seq in client.answers and not client.answers[seq]["success"]:
        raise Refused(client.answers[seq]["message"])
    client.event("initialized")
    client.breakpoints(program, ["here"])
    client.request("configurationDone")
    assert client.answer(seq)["success"]


def test_editors_connect_to_a_port_one_after_another_and_at_once(dap):
    program = dap.program("x = 1\nprint('ran')  # @here\n")
    with process(dap, "-m", "lowdb", "--dap", "--listen", "0") as adapter:
        port = port_of(first_line(adapter))
        clients = [Client(address=("127.0.0.1", port)) for _ in range(3)]
        for client in clients:
            client.launch(program, lines=["here"])
        for client in clients:
            client.request("continue", threadId=client.stopped("breakpoint")["threadId"])
            assert client.run_to_end() == 0
            assert client.output == "ran\n"
            assert client.request("disconnect") == {}
            client.kill()


def test_an_editor_that_hangs_up_ends_its_program(dap, eventually):
    with process(dap, "-m", "lowdb", "--dap", "--listen", "127.0.0.1:0") as adapter:
        client = Client(address=("127.0.0.1", port_of(first_line(adapter))))
        client.launch(dap.program("import time\ntime.sleep(100)\n"))
        client.event("process")
        assert len(dap.running()) == 3
        client.kill()
        eventually(lambda: len(dap.running()) == 1, "session and program ended")


def test_outside_loopback_a_program_is_launched_with_the_token_only(dap):
    program = dap.program("print('ran')\n")
    with process(dap, "-m", "lowdb", "--dap", "--listen", "0.0.0.0:0", env={"LOWDB_TOKEN": "secret"}) as adapter:
        line = first_line(adapter)
        assert '"token": "secret"' in line
        with Client(address=("127.0.0.1", port_of(line))) as client:
            for token in (None, "", "other"):
                with pytest.raises(Refused, match="option 'token'"):
                    client.launch(program, **({"token": token} if token is not None else {}))
            client.launch(program, token="secret")
            assert client.run_to_end() == 0


@pytest.mark.parametrize("address", ["nonsense", "70000", "no.such.host.invalid:1"])
def test_an_address_that_cannot_be_listened_on_is_an_error(dap, address):
    with process(dap, "-m", "lowdb", "--dap", "--listen", address) as adapter:
        assert adapter.stderr is not None
        assert adapter.stderr.read().startswith("lowdb: --dap --listen: no ")
        assert adapter.wait() == 2


@pytest.mark.parametrize("words", [["--dap", "--lisen", "1"], ["--dap", "--listen"], ["--dap", "--log"]])
def test_wrong_words_after_dap_are_an_error(dap, words):
    with process(dap, "-m", "lowdb", *words) as adapter:
        assert adapter.stderr is not None
        assert adapter.stderr.read().startswith("lowdb: --dap: ")
        assert adapter.wait() == 2


def test_a_program_that_listens_is_attached_to_left_and_attached_to_again(dap):
    program = dap.program(ATTACHED)
    with process(dap, str(program)) as running:
        host, port = first_line(running).split()
        assert host == "127.0.0.1"
        for _ in range(3):
            client = dap()
            attach(client, int(port), program)
            thread = client.stopped("breakpoint")["threadId"]
            assert client.variables(client.stack(thread)[0]["id"]).keys() == {"n"}
            client.step("next", thread)
            assert "lowdb did not start" in client.refused("restart")
            assert client.disconnect() == 0
            assert client.seen["terminated"] == 1
            assert not client.seen["exited"]
            assert running.poll() is None


@pytest.mark.parametrize("suspend", [False, True])
def test_a_session_that_ends_at_a_stop_inside_an_evaluation_lets_the_program_go(dap, suspend):
    program = dap.program(ATTACHED)
    with process(dap, str(program)) as running:
        port = int(first_line(running).split()[1])
        client = dap()
        attach(client, port, program)
        frame = client.stack(client.stopped("breakpoint")["threadId"])[0]["id"]
        client.send("evaluate", {"expression": "debug work(0)", "frameId": frame, "context": "repl"})
        client.stopped("breakpoint")
        assert client.disconnect(suspendDebuggee=suspend) == 0
        client = dap()
        attach(client, port, program)
        client.stopped("breakpoint")
        assert client.disconnect() == 0


def test_a_program_stays_stopped_until_another_editor_attaches(dap):
    program = dap.program(TICKING)
    with process(dap, str(program)) as running:
        port = int(first_line(running).split()[1])
        client = dap()
        attach(client, port, program)
        thread = client.stopped("breakpoint")["threadId"]
        frame = client.stack(thread)[0]["id"]
        before = client.evaluate("n, len(other)", frame)
        assert client.disconnect(suspendDebuggee=True) == 0
        for end in ("suspend", "run"):  # the first of these looks at nothing, and leaves it as it is
            client = dap()
            client.initialize()
            seq = client.send("attach", {"connect": {"port": port}})
            client.event("initialized")
            client.breakpoints(program, ["here"])
            if end == "run":
                client.request("configurationDone")
                thread = client.stopped("breakpoint")["threadId"]
                assert client.evaluate("n, len(other)", client.stack(thread)[0]["id"]) == before
                client.step("next", thread)
                client.request("continue", threadId=thread)
                thread = client.stopped("breakpoint")["threadId"]
                after = client.evaluate("n", client.stack(thread)[0]["id"])
                assert int(after) == int(before[1:].partition(",")[0]) + 1
            assert client.answer(seq)["success"]
            assert client.disconnect(**({"suspendDebuggee": True} if end == "suspend" else {})) == 0
        client = dap()
        attach(client, port, program)  # it runs: the breakpoint is reached
        client.stopped("breakpoint")
        assert client.disconnect(terminateDebuggee=True) == 0
        assert running.wait(10) == 137


def test_ctrl_c_lets_a_program_go_that_was_left_stopped(dap):
    program = dap.program(ATTACHED)
    with process(dap, str(program)) as running:
        client = dap()
        attach(client, int(first_line(running).split()[1]), program)
        client.stopped("breakpoint")
        assert client.disconnect(suspendDebuggee=True) == 0
        running.send_signal(signal.SIGINT)
        assert running.wait(10) == -signal.SIGINT


def test_a_program_that_nobody_can_attach_to_again_is_not_left_stopped(dap):
    client = dap()
    client.launch(dap.program("import time\ntime.sleep(100)\n"))
    assert "lowdb.listen()" in client.refused("disconnect", suspendDebuggee=True)
    assert client.disconnect() == 0


def test_an_attached_program_runs_on_when_the_adapter_is_killed(dap, eventually):
    program = dap.program(ATTACHED)
    with process(dap, str(program)) as running:
        port = int(first_line(running).split()[1])
        client = dap()
        attach(client, port, program)
        client.stopped("breakpoint")
        assert client.process is not None
        client.process.kill()
        again = dap()
        attach(again, port, program)
        again.stopped("breakpoint")
        assert again.disconnect(terminateDebuggee=True) == 0
        assert running.wait(10) == 137


def test_the_end_of_an_attached_program_ends_the_session(dap):
    program = dap.program(ATTACHED)
    with process(dap, str(program)) as running:
        client = dap()
        attach(client, int(first_line(running).split()[1]), program)
        client.stopped("breakpoint")
        running.kill()
        client.event("terminated")
        assert client.disconnect() == 0


def test_a_program_is_attached_to_with_its_token_only(dap):
    program = dap.program(ATTACHED)
    with process(dap, str(program), "secret") as running:
        port = int(first_line(running).split()[1])
        for connect in ({}, {"token": "other"}):
            client = dap()
            with pytest.raises(Refused, match=r"attach: no debuggee at 127\.0\.0\.1:\d+: the connection was closed"):
                attach(client, port, program, **connect)
            assert client.disconnect() == 0
        client = dap()
        attach(client, port, program, token="secret")
        client.stopped("breakpoint")
        assert client.disconnect() == 0


def test_nobody_listens_there(dap):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    client = dap()
    with pytest.raises(Refused, match=rf"attach: no debuggee at 127\.0\.0\.1:{port}: Connection refused"):
        attach(client, port, __file__)
    assert client.disconnect() == 0


def test_wait_returns_when_breakpoints_are_set(dap):
    text = "import lowdb\n\nprint(*lowdb.listen(0), flush=True)\nlowdb.listen(wait=True)\nx = 1  # @here\n"
    program = dap.program(text)
    with process(dap, str(program)) as running:
        client = dap()
        attach(client, int(first_line(running).split()[1]), program)
        assert client.line(client.stopped("breakpoint")["threadId"]) == 5
        assert client.disconnect() == 0
        assert running.wait(10) == 0


def test_breakpoint_stops_in_the_editor_that_is_attached(dap):
    text = ATTACHED.replace("        breakpoint\n", "        breakpoint()\n").replace("== 30", "% 30 == 0")
    program = dap.program(text)
    with process(dap, str(program), env={"PYTHONBREAKPOINT": None}) as running:
        client = dap()
        port = int(first_line(running).split()[1])
        attach(client, port, program)
        client.stopped("breakpoint")
        client.breakpoints(program, [])
        client.request("continue", threadId=1)
        thread = client.stopped()["threadId"]
        assert client.line(thread) in (9, 10)
        assert client.disconnect() == 0


def test_listening_outside_loopback_needs_a_token():
    with pytest.raises(ValueError, match="give a token"):
        lowdb.listen("0.0.0.0:0")
    with pytest.raises(ValueError, match="no address: 'x'"):
        lowdb.listen("x")


def waiting(client: Client, **listen: Any) -> tuple[int, int]:
    """Attach to a program that is still to come; the seq of the request and the port."""
    client.initialize()
    seq = client.send("attach", {"listen": {"port": 0, **listen}})
    output = client.event("output", category="console")["output"]
    return seq, int(output.rpartition(":")[2])


def test_a_program_comes_to_an_adapter_that_waits(dap):
    program = dap.program("import sys\nx = sys.argv[1:]\nprint(x)  # @here\nsys.exit(3)\n")
    client = dap()
    seq, port = waiting(client)
    with process(dap, "-m", "lowdb", "--connect", str(port), str(program), "a") as running:
        client.event("initialized")
        client.breakpoints(program, ["here"])
        client.request("configurationDone")
        assert client.answer(seq)["success"]
        thread = client.stopped("breakpoint")["threadId"]
        assert client.evaluate("x", client.stack(thread)[0]["id"]) == "['a']"
        client.request("continue", threadId=thread)
        client.event("terminated")
        assert running.wait(10) == 3
        assert first_line(running) == "['a']\n"
    assert client.disconnect() == 0


def test_a_program_without_the_token_is_not_the_one_that_was_waited_for(dap):
    program = dap.program("print('ran')\n")
    client = dap()
    seq, port = waiting(client, host="0.0.0.0", token="secret")
    with process(dap, "-m", "lowdb", f"--connect=127.0.0.1:{port}", str(program), env={"LOWDB_TOKEN": "other"}) as bad:
        assert bad.wait(10) == 2
    assert seq not in client.answers
    with process(dap, "-m", "lowdb", f"--connect=127.0.0.1:{port}", str(program), env={"LOWDB_TOKEN": "secret"}) as ok:
        client.event("initialized")
        client.request("configurationDone")
        client.event("terminated")
        assert ok.wait(10) == 0
    assert client.disconnect() == 0


def test_waiting_can_be_given_up(dap):
    client = dap()
    seq, _ = waiting(client)
    assert client.disconnect() == 0
    assert not client.answers[seq]["success"]


def test_waiting_outside_loopback_needs_a_token(dap):
    client = dap()
    client.initialize()
    assert "give a token" in client.refused("attach", listen={"host": "0.0.0.0", "port": 0})
    assert client.disconnect() == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--connect"], "needs [HOST:]PORT"),
        (["--connect", "nowhere", "x.py"], "needs [HOST:]PORT"),
        (["--connect", "1"], "which program?"),
        (["--connect", "1", "x.py"], "no editor's adapter listens on 127.0.0.1:1: Connection refused"),
    ],
)
def test_connecting_in_vain_is_an_error_of_one_line(dap, words, said):
    with process(dap, "-m", "lowdb", *words) as running:
        assert running.stderr is not None
        text = running.stderr.read()
        assert text.count("\n") == 1
        assert said in text
        assert running.wait() == 2
