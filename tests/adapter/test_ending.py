"""How programs end, and how sessions do: exit codes, the order of the last messages, nothing left running."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import Any

import pytest

from tests.dap_client import Client
from tests.terminal.screen import Screen

FOREVER = "import time\nprint('begun', flush=True)\nwhile True:\n    time.sleep(0.01)\n"


def last_words(client: Client) -> list[str]:
    """The names of the last three messages, of events their events."""
    return [message.get("event") or message["command"] for message in client.messages[-3:]]


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("print('done')", 0, "The program ended with exit code 0."),
        ("import sys; sys.exit(3)", 3, "The program ended with exit code 3."),
        ("raise SystemExit('why')", 1, "The program ended with exit code 1."),
        ("1 / 0", 1, "The program ended with exit code 1."),
        ("import os; os._exit(7)", 7, "The program ended with exit code 7."),
        (
            "import os, signal; os.kill(os.getpid(), signal.SIGTERM)",
            143,
            "The program was ended by SIGTERM (terminated): exit code 143.",
        ),
        (
            "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
            139,
            "The program was ended by SIGSEGV (segmentation fault): exit code 139.",
        ),
        ("raise KeyboardInterrupt", 130, "The program was ended by SIGINT (interrupted): exit code 130."),
    ],
    ids=["return", "exit", "exit-text", "exception", "os-exit", "signal", "crash", "interrupt"],
)
def test_an_end_is_told_with_its_code(dap, text, code, line):
    client = dap.run(text, env={"PYTHONFAULTHANDLER": None})
    assert client.code == code
    assert line in client.outputs("console")
    assert last_words(client) == ["exited", "terminated", "disconnect"]


def test_an_uncaught_exception_shows_its_traceback_without_lowdb(dap):
    client = dap.run("def f():\n    1 / 0\nf()\n")
    assert client.outputs("stderr").startswith("Traceback (most recent call last):\n")
    assert client.outputs("stderr").endswith("ZeroDivisionError: division by zero\n")
    assert "lowdb" not in client.outputs("stderr")


def test_disconnect_ends_the_program_and_all_that_it_started(dap, eventually):
    text = (
        "import subprocess, sys, time\n"
        "sleep = [sys.executable, '-c', 'import time; time.sleep(100)']\n"
        "subprocess.Popen(sleep)\n"
        "subprocess.Popen(sleep, process_group=0)\n"
        "subprocess.Popen(sleep, start_new_session=True)\n"
        "print('begun', flush=True)\ntime.sleep(100)\n"
    )
    client = dap()
    client.launch(dap.program(text))
    client.told("begun\n")
    assert len(dap.running()) == 5
    assert client.disconnect() == 0
    assert [message.get("event") for message in client.messages[-3:]] == ["exited", "terminated", None]
    eventually(lambda: not dap.running(), "all of them ended")


def test_disconnect_can_leave_the_program_to_itself(dap, eventually, tmp_path):
    text = (
        "import sys, time\n"
        "print('begun', flush=True)\n"
        "for i in range(40):\n    time.sleep(0.01)\n    print('x' * 10_000)\n"
        "open('done', 'w').write('all')\n"
    )
    client = dap()
    client.launch(dap.program(text), cwd=str(tmp_path))
    client.told("begun\n")
    assert client.disconnect(terminateDebuggee=False) == 0
    assert not client.seen["exited"]
    assert client.seen["terminated"] == 1
    eventually((tmp_path / "done").exists, "the program ran on to its end")


def test_a_stopped_program_that_is_left_to_itself_goes_on(dap, eventually, tmp_path):
    text = (
        "import threading, time\n"
        "threads = [threading.Thread(target=time.sleep, args=(0.2,)) for _ in range(3)]\n"
        "for thread in threads:\n    thread.start()\n"
        "for i in range(3):\n    print(i)  # @here\n"
        "for thread in threads:\n    thread.join()\n"
        "open('done', 'w').write('all')\n"
    )
    client = dap()
    client.launch(dap.program(text), lines=["here"], cwd=str(tmp_path))
    client.stopped("breakpoint")
    assert client.disconnect(terminateDebuggee=False) == 0
    eventually((tmp_path / "done").exists, "the program ran on to its end")


def test_terminate_ends_a_program_that_is_stopped(dap):
    program = dap.program(
        "try:\n    x = 1  # @here\n    while True:\n        pass\nexcept KeyboardInterrupt:\n    print('tidy')\n"
    )
    client = dap()
    client.launch(program, lines=["here"])
    client.stopped("breakpoint")
    client.request("terminate")
    assert client.run_to_end() == 0
    assert client.output == "tidy\n"
    assert client.disconnect() == 0


def test_terminate_is_a_keyboard_interrupt_first(dap):
    text = (
        "import time\n"
        "try:\n    print('begun', flush=True)\n    time.sleep(100)\nexcept KeyboardInterrupt:\n    print('tidy')\n"
    )
    client = dap()
    client.launch(dap.program(text))
    client.told("begun\n")
    client.request("terminate")
    assert client.run_to_end() == 0
    assert client.output == "begun\ntidy\n"
    assert client.request("terminate") == {}
    assert client.disconnect() == 0


def test_terminate_kills_a_program_that_will_not_end(dap):
    text = (
        "import time\nprint('begun', flush=True)\n"
        "while True:\n    try:\n        time.sleep(100)\n"
        "    except KeyboardInterrupt:\n        print('no', flush=True)\n"
    )
    patient = "import lowdb.adapter.session as s; s.PATIENCE = 1000; from lowdb.adapter.process import main; main([])"
    client = dap([sys.executable, "-c", patient])
    client.launch(dap.program(text))
    client.told("begun\n")
    first = client.send("terminate")
    client.told("no\n")
    second = client.send("terminate")  # the user does not want to wait
    assert client.answer(first)["success"]
    assert client.answer(second)["success"]
    assert client.run_to_end() == 137
    assert client.disconnect() == 0


def test_terminate_kills_a_program_after_a_while_unasked(dap):
    impatient = "import lowdb.adapter.session as s; s.PATIENCE = 0.1; from lowdb.adapter.process import main; main([])"
    client = dap([sys.executable, "-c", impatient])
    client.launch(dap.program("import signal\nsignal.signal(2, signal.SIG_IGN)\n" + FOREVER))
    client.told("begun\n")
    client.request("terminate")
    assert client.run_to_end() == 137
    assert client.disconnect() == 0


def test_restart_runs_the_program_again_with_its_new_arguments(dap, tmp_path):
    program = dap.program("import sys, time\nprint('run', *sys.argv[1:], flush=True)\ntime.sleep(100)\n")
    client = dap()
    client.launch(program, args=["one"])
    client.told("run one\n")
    options = {"program": str(program), "args": ["two"]}
    for arguments in ({"arguments": options}, None):
        assert client.answer(client.send("restart", arguments))["success"]
        client.event("initialized")
        client.request("configurationDone")
        client.told("run two\n")
        client.output = ""
    assert not client.seen["terminated"]
    assert not client.seen["exited"]
    assert len(dap.running()) == 2
    assert client.disconnect() == 0


def end_of_stdin(client: Client) -> None:
    assert client.process is not None
    assert client.process.stdin is not None
    client.process.stdin.close()


def signalled(number: int) -> Any:
    def act(client: Client) -> None:
        assert client.process is not None
        os.kill(client.process.pid, number)

    return act


@pytest.mark.parametrize(
    ("leave", "phase"),
    [
        *((end_of_stdin, phase) for phase in ("begun", "initialized", "configuring", "running")),
        *((signalled(number), "running") for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)),
    ],
    ids=["begun", "initialized", "configuring", "running", "sigterm", "sigint", "sighup"],
)
def test_an_editor_that_goes_without_a_word_leaves_nothing_running(dap, leave, phase):
    client = dap()
    if phase == "initialized":
        client.initialize()
    elif phase == "configuring":
        client.launch(dap.program(FOREVER), configured=False)
    elif phase == "running":
        client.launch(dap.program(FOREVER))
        client.told("begun\n")
    else:
        client.send("initialize", {"adapterID": "x"})
        client.answer(1)
    leave(client)
    client._until(lambda: client.ended or None, "the end")
    assert client.process is not None
    assert client.process.wait(10) == 0
    assert client.errors() == ""


def test_the_program_ends_with_an_adapter_that_was_killed(dap, eventually):
    client = dap()
    client.launch(dap.program(FOREVER))
    client.told("begun\n")
    assert client.process is not None
    client.process.kill()
    client.process.wait()
    eventually(lambda: not dap.running(), "the program ended")


def test_a_grandchild_that_keeps_the_output_open_does_not_delay_the_end(dap):
    began = time.monotonic()
    client = dap.run("import os, subprocess, sys\nsubprocess.Popen(['sleep', '30'])\nos.system('echo early')\n")
    assert client.output == "early\n"
    assert time.monotonic() - began < 20


def test_a_daemon_of_the_program_lives_on_after_its_normal_end(dap, tmp_path, eventually):
    client = dap.run(
        "import subprocess, sys\n"
        "subprocess.Popen([sys.executable, '-c', \"import time; time.sleep(0.6); open('done', 'w')\"], "
        "start_new_session=True)\n",
        cwd=str(tmp_path),
    )
    assert client.code == 0
    eventually((tmp_path / "done").exists, "the daemon did its work")


def test_answers_come_after_the_end_too(dap):
    client = dap()
    client.launch(dap.program("pass\n"))
    client.run_to_end()
    assert client.request("threads") == {"threads": []}
    assert "has ended" in client.refused("evaluate", expression="1")
    assert "has ended" in client.refused("configurationDone")
    assert "no program is running" in client.refused("restart")
    assert client.disconnect() == 0


def test_a_person_at_a_terminal_is_told_what_it_waits_for():
    with Screen("-m", "lowdb", "--dap", columns=120) as screen:
        screen.see("speaks to an editor here .Ctrl-D ends it")
        screen.press("c-d")
        assert screen.end() == 0
