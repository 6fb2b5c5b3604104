"""What breaks under a session: the debuggee, its channel, the disk of the journal, in each phase."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import Any

import pytest

from tests.dap_client import Client

PHASES = ["configuring", "running", "stopped", "evaluating"]
PROGRAM = "import time\nfor i in range(10_000):\n    print(i)  # @here\n    time.sleep(0.001)\n"


def reach(dap: Any, phase: str) -> tuple[Client, int]:
    """A session in this phase, and the debuggee's pid."""
    client = dap()
    program = dap.program(PROGRAM)
    client.launch(program, lines=None if phase == "running" else ["here"], configured=phase != "configuring")
    if phase == "running":
        client.told("0\n")
    elif phase != "configuring":
        client.stopped("breakpoint")
    assert client.process is not None
    (pid,) = dap.running().keys() - {client.process.pid}
    return client, pid


@pytest.mark.parametrize("phase", PHASES)
def test_a_debuggee_that_is_killed_ends_the_session_and_every_request_is_answered(dap, phase):
    client, pid = reach(dap, phase)
    waiting = []
    if phase == "evaluating":
        frame = client.stack(1)[0]["id"]
        waiting.append(client.send("evaluate", {"expression": "time.sleep(50)", "frameId": frame, "context": "repl"}))
        time.sleep(0.1)
    os.kill(pid, signal.SIGKILL)
    assert client.run_to_end() == 137
    assert "ended by SIGKILL" in client.outputs("console")
    for seq in waiting:
        assert "the program has ended" in client.answer(seq)["message"]
    assert client.disconnect() == 0


@pytest.mark.parametrize("phase", PHASES)
def test_an_adapter_that_is_killed_takes_the_program_with_it(dap, phase, eventually):
    client, _ = reach(dap, phase)
    if phase == "evaluating":
        client.send("evaluate", {"expression": "time.sleep(50)", "frameId": client.stack(1)[0]["id"]})
        time.sleep(0.05)
    assert client.process is not None
    client.process.kill()
    client.process.wait()
    eventually(lambda: not dap.running(), "the program ended")


@pytest.mark.parametrize("phase", PHASES)
def test_an_editor_that_closes_its_stream_ends_the_program(dap, phase):
    client, _ = reach(dap, phase)
    assert client.process is not None
    assert client.process.stdin is not None
    assert client.process.stdout is not None
    client.process.stdin.close()
    client.process.stdout.close()
    assert client.process.wait(10) == 0
    assert client.errors() == ""


def test_a_program_that_closes_all_files_runs_on_to_its_end(dap):
    # as daemons do; the channel is among them
    client = dap()
    text = "import os\nos.closerange(3, 1024)\nprint('closed', flush=True)\nx = 1\nos._exit(6)\n"
    client.launch(dap.program(text))
    assert client.run_to_end() == 6
    assert client.output == "closed\n"
    assert client.disconnect() == 0


def test_a_program_that_writes_into_every_file_cannot_harm_the_adapter(dap):
    text = (
        "import os\nfor n in range(3, 400):\n"
        "    try:\n        os.write(n, b'garbage' * 1000)\n    except OSError:\n        pass\n"
        "os._exit(8)\n"
    )
    client = dap()
    client.launch(dap.program(text), configured=False)
    client.send("configurationDone")  # its answer may lie in the garbage
    assert client.run_to_end() == 8
    assert client.disconnect() == 0


def test_a_journal_on_a_full_disk_is_given_up_and_said_so_once(dap):
    client = dap([*adapter(), "--log", "/dev/full"])
    client.launch(dap.program("print('runs')"))
    assert client.run_to_end() == 0
    assert client.outputs("console").count("the journal ends here: No space left on device") == 1
    assert client.disconnect() == 0


def adapter() -> list[str]:

    return [sys.executable, "-m", "lowdb", "--dap"]


@pytest.mark.parametrize("way", ["option", "environment", "launch"])
def test_a_journal_has_every_message_of_both_directions(dap, tmp_path, way):
    file = tmp_path / "journal"
    client = dap(
        [*adapter(), f"--log={file}"] if way == "option" else None,
        env={"LOWDB_LOG": str(file)} if way == "environment" else {},
    )
    client.launch(dap.program("print('é')"), **({"logFile": str(file)} if way == "launch" else {}))
    client.run_to_end()
    client.disconnect()
    lines = [line for line in file.read_text().splitlines() if " dap " in line]
    before = 2 if way == "launch" else 0, 1 if way == "launch" else 0  # what came before the option was known
    assert sum(" dap -> " in line for line in lines) == client.seq - before[0]
    assert sum(" dap <- " in line for line in lines) == len(client.messages) - before[1]


def test_a_journal_that_cannot_be_written_is_said_on_stderr_and_the_session_works(dap):
    client = dap([*adapter(), "--log", "/nowhere/journal"])
    client.launch(dap.program("print('runs')"))
    assert client.run_to_end() == 0
    client.request("disconnect")
    assert "no journal: cannot write '/nowhere/journal': No such file or directory" in client.errors()
