"""What a program finds when it is launched, and what is said where it cannot be."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.dap_client import Refused
from tests.processes import ROOT


def test_a_program_finds_what_it_would_find_bare(dap, tmp_path):
    text = (
        "import json, os, sys\n"
        "print(json.dumps({'argv': sys.argv, 'path': sys.path, 'cwd': os.getcwd(), 'name': __name__,\n"
        "    'file': __file__, 'env': dict(os.environ), 'group': os.getpgrp() == os.getpid(),\n"
        "    'fds': sorted(int(n) for n in os.listdir('/proc/self/fd')), 'stdin': sys.stdin.read(),\n"
        "    'main': sys.modules['__main__'].__file__, 'executable': sys.executable,\n"
        "    'orphans': sorted(n for n in vars() if not n.startswith('__'))}))\n"
    )
    program = dap.program(text)
    client = dap.run(text, args=["a b", "é"], cwd=str(tmp_path), env={"ADDED": "1", "LANG": None})
    found = json.loads(client.output)
    bare = json.loads(
        subprocess.run(
            [sys.executable, str(program), "a b", "é"],
            cwd=tmp_path,
            env=found["env"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            start_new_session=True,
            check=True,
        ).stdout
    )
    assert found["env"]["ADDED"] == "1"
    assert "LANG" not in found["env"]
    assert not [name for name in found["env"] if name.startswith("LOWDB")]
    assert len(found.pop("fds")) <= len(bare.pop("fds")) + 1  # the channel
    assert found == bare


def test_standard_error_and_output_are_told_apart(dap):
    client = dap.run("import sys\nprint('out')\nprint('err', file=sys.stderr)\n")
    assert client.outputs("stdout") == "out\n"
    assert client.outputs("stderr") == "err\n"


def test_output_of_c_code_and_grandchildren_is_captured(dap):
    client = dap.run(
        "import os\nos.write(1, b'one\\n')\nos.system('echo two; echo three >&2')\nos.write(1, b'four\\n')\n"
    )
    assert client.outputs("stdout") == "one\ntwo\nfour\n"
    assert client.outputs("stderr") == "three\n"


def test_characters_that_are_written_in_halves_arrive_whole(dap):
    text = (
        "import os, time\n"
        "for byte in 'é😀\\n'.encode():\n    os.write(1, bytes([byte]))\n    time.sleep(0.02)\n"
        "os.write(1, b'\\xff \\x1b[31mred\\x1b[0m')\n"
    )
    assert dap.run(text).outputs("stdout") == "é😀\n� \x1b[31mred\x1b[0m"


def test_what_was_written_before_a_death_is_told(dap):
    client = dap.run("import os\nos.write(1, b'x' * 50_000)\nos.abort()\n", env={"PYTHONFAULTHANDLER": None})
    assert client.code == 134
    assert client.output == "x" * 50_000


def test_a_slow_client_slows_the_program_and_nothing_is_lost(dap, eventually):
    size = 12_000_000
    text = f"import os\nfor i in range({size // 10000}):\n    os.write(1, b'%07d ' % i * 1250)\n"
    client = dap()
    client.launch(dap.program(text))
    assert client.process is not None
    status = Path(f"/proc/{client.process.pid}/status")

    def memory() -> int:
        return int(status.read_text().partition("VmRSS:")[2].split()[0])

    before = memory()
    time.sleep(0.4)  # nobody reads
    assert memory() - before < 8_000
    client.run_to_end()
    assert len(client.output) == size
    assert client.output == "".join(f"{i:07d} " * 1250 for i in range(size // 10000))
    assert client.disconnect() == 0


def test_output_comes_before_the_stop_that_follows_it(dap):
    program = dap.program("for i in range(5):\n    print(i)\n    x = i  # @here\n")
    client = dap()
    client.launch(program, lines=["here"])
    for i in range(5):
        thread = client.stopped("breakpoint")["threadId"]
        assert client.output == "".join(f"{n}\n" for n in range(i + 1))
        client.request("continue", threadId=thread)
    assert client.run_to_end() == 0
    assert client.disconnect() == 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"program": "/nowhere/x.py"}, "option 'program': no file '/nowhere/x.py'"),
        ({"program": __file__, "cwd": "/nowhere"}, "option 'cwd': no directory '/nowhere'"),
        ({"program": __file__, "python": "no-such-python"}, "option 'python': no program 'no-such-python'"),
        ({"program": __file__, "python": []}, "option 'python' is empty"),
        ({"program": __file__, "python": "/bin/false"}, "/bin/false could not start the program (exit status 1)"),
        ({"program": __file__, "pythonArgs": ["-Q"]}, "could not start the program (exit status 2): "),
        ({"program": __file__, "console": "integratedTerminal"}, "this editor offers no terminal"),
        ({"program": __file__, "stoponentry": True}, "no option 'stoponentry' (did you mean 'stopOnEntry'?)"),
        ({}, "which program?"),
    ],
)
def test_a_launch_that_cannot_be_is_refused_and_another_is_tried(dap, options, words):
    client = dap()
    client.initialize()
    with pytest.raises(Refused, match="launch: ") as caught:
        client.launch(**options)
    assert words in str(caught.value)
    if client.seen["terminated"]:  # the interpreter was there and died
        assert client.disconnect() == 0
        return
    client.launch(dap.program("print('now')"))
    assert client.run_to_end() == 0
    assert client.outputs("stdout") == "now\n"
    assert client.disconnect() == 0


def test_options_that_only_debugpy_has_are_passed_over_with_a_word(dap):
    client = dap.run("print('ran')\n", redirectOutput=True, django=False, __configurationTarget=6, name="x")
    assert client.outputs("stdout") == "ran\n"
    assert client.outputs("console").startswith("lowdb: without a meaning here: django, redirectOutput\n")


def old_pythons() -> list[str]:
    found = sorted(Path.home().glob(".pyenv/versions/3.[89].*/bin/python"))
    found += sorted(Path.home().glob(".pyenv/versions/3.1[01].*/bin/python"))
    return [str(path) for path in found[:1]]


@pytest.mark.skipif(not old_pythons(), reason="no Python older than 3.12 is here")
def test_an_interpreter_that_is_too_old_is_named_with_its_version(dap):
    client = dap()
    client.initialize()
    with pytest.raises(Refused, match=r"is Python 3\.\d+\.\d+; lowdb debugs 3\.12 and newer"):
        client.launch(__file__, python=old_pythons()[0])
    assert client.disconnect() == 0


def test_an_interpreter_where_lowdb_is_not_installed_can_be_debugged(dap, tmp_path):
    # -I -S: no site-packages, no PYTHONPATH; the program can import lowdb no more than it could without us
    program = dap.program(
        "import sys\n"
        "try:\n    import lowdb\n    print('lowdb is there')\nexcept ImportError:\n    print('not there')\n"
        f"print({str(ROOT)!r} in sys.path)  # @here\n"
    )
    client = dap()
    client.launch(program, python=[sys.executable], pythonArgs="-I -S", lines=["here"])
    thread = client.stopped("breakpoint")["threadId"]
    client.request("continue", threadId=thread)
    assert client.run_to_end() == 0
    assert client.output.splitlines()[1] == "False"
    assert client.disconnect() == 0


def test_arguments_in_one_string_are_split_as_a_shell_would(dap):
    client = dap.run("import sys\nprint(sys.argv[1:])\n", args="one 'two three' \"four\"")
    assert client.output == "['one', 'two three', 'four']\n"


def test_nodebug_runs_the_program_and_stops_nowhere(dap):
    program = dap.program("import sys\nprint(sys.monitoring.get_tool(0))  # @here\nbreakpoint\n1 / 0\n")
    client = dap()
    client.launch(program, noDebug=True, lines=["here"])
    assert client.run_to_end() == 1
    assert client.outputs("stdout") == "None\n"
    assert not client.seen["stopped"]
    assert client.disconnect() == 0


def test_requests_in_the_wrong_state_are_refused_with_what_is_missing(dap):
    client = dap()
    assert "before 'initialize'" in client.refused("threads")
    assert "before 'initialize'" in client.refused("launch", program=__file__)
    client.initialize()
    assert "second time" in client.refused("initialize", adapterID="x")
    assert "no program was launched" in client.refused("evaluate", expression="1")
    assert client.request("threads") == {"threads": []}
    client.launch(dap.program("import time\ntime.sleep(100)\n"))
    assert "second time" in client.refused("launch", program=__file__)
    assert client.disconnect() == 0


@pytest.mark.parametrize("console", ["integratedTerminal", "externalTerminal"])
def test_a_program_can_run_in_the_editors_terminal(dap, console, tmp_path):
    program = dap.program(
        "import os, sys\nprint('in', sys.argv[1:], sys.stdin.readline(), os.environ.get('LOWDB_TOKEN'))\n"
        "x = 1  # @here\nsys.exit(4)\n"
    )
    client = dap()
    client.initialize(supportsRunInTerminalRequest=True)
    launch = client.send(
        "launch", {"program": str(program), "console": console, "args": ["a"], "env": {"ADDED": "1", "GONE": None}}
    )
    request = client.asked("runInTerminal")
    wanted = request["arguments"]
    assert wanted["kind"] == console.removesuffix("Terminal")
    assert wanted["env"]["GONE"] is None
    env = {**os.environ, **{key: value for key, value in wanted["env"].items() if value is not None}}
    with subprocess.Popen(
        wanted["args"],
        cwd=wanted["cwd"],
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as terminal:
        assert terminal.stdin is not None
        assert terminal.stdout is not None
        terminal.stdin.write(b"typed\n")
        terminal.stdin.flush()
        client.respond(request, {"processId": terminal.pid})
        client.event("initialized")
        client.breakpoints(program, ["here"])
        client.request("configurationDone")
        assert client.answer(launch)["success"]
        thread = client.stopped("breakpoint")["threadId"]
        client.request("continue", threadId=thread)
        assert client.run_to_end() == 4
        assert terminal.stdout.read() == b"in ['a'] typed\n None\n"
        assert terminal.wait() == 4
    assert client.disconnect() == 0


def test_disconnect_ends_a_program_in_a_terminal(dap, eventually):
    program = dap.program(
        "import subprocess, time\nsubprocess.Popen(['sleep', '100'])\nprint('begun', flush=True)\ntime.sleep(100)\n"
    )
    client = dap()
    client.initialize(supportsRunInTerminalRequest=True)
    client.send("launch", {"program": str(program), "console": "integratedTerminal"})
    request = client.asked("runInTerminal")
    wanted = request["arguments"]
    with subprocess.Popen(
        wanted["args"], cwd=wanted["cwd"], env={**os.environ, **wanted["env"]}, stdout=subprocess.PIPE
    ) as terminal:
        assert terminal.stdout is not None
        client.respond(request, {})
        client.event("initialized")
        client.request("configurationDone")
        assert terminal.stdout.readline() == b"begun\n"
        assert client.disconnect() == 0
        assert terminal.stdout.read() == b""
        assert terminal.wait(10) == 137
    assert client.seen["exited"] == 1


def open_terminal(client: Any, request: dict[str, Any]) -> subprocess.Popen[bytes]:
    """Do what an editor does for `runInTerminal`."""
    wanted = request["arguments"]
    env = {**os.environ, **wanted["env"]}
    terminal = subprocess.Popen(wanted["args"], cwd=wanted["cwd"], env=env, stdout=subprocess.PIPE)
    client.respond(request, {})
    client.event("initialized")
    client.request("configurationDone")
    return terminal


def test_a_program_in_a_terminal_can_be_restarted_and_left_to_itself(dap):
    program = dap.program("import time\nprint('begun', flush=True)\ntime.sleep(0.7)\nprint('done')\n")
    client = dap()
    client.initialize(supportsRunInTerminalRequest=True)
    client.send("launch", {"program": str(program), "console": "integratedTerminal"})
    with open_terminal(client, client.asked("runInTerminal")) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == b"begun\n"
        restart = client.send("restart")
        request = client.asked("runInTerminal")
        assert first.stdout.read() == b""
        assert first.wait(10) == 137
    with open_terminal(client, request) as second:
        assert client.answer(restart)["success"]
        assert second.stdout is not None
        assert second.stdout.readline() == b"begun\n"
        assert client.disconnect(terminateDebuggee=False) == 0
        assert second.stdout.read() == b"done\n"
        assert second.wait(10) == 0


def test_a_terminal_that_the_editor_cannot_open_is_an_error_of_launch(dap):
    client = dap()
    client.initialize(supportsRunInTerminalRequest=True)
    launch = client.send("launch", {"program": str(dap.program("pass")), "console": "externalTerminal"})
    client.respond(client.asked("runInTerminal"), message="no terminal here")
    answer = client.answer(launch)
    assert not answer["success"]
    assert "no terminal here" in answer["message"]
    assert client.disconnect() == 0


def test_nobody_without_the_token_is_taken_for_the_debuggee(dap):
    import socket

    client = dap()
    client.initialize(supportsRunInTerminalRequest=True)
    client.send("launch", {"program": str(dap.program("pass")), "console": "integratedTerminal"})
    port = int(client.asked("runInTerminal")["arguments"]["args"][-1])
    for said in (b"x" * 64 + b"\n", b"\n", b"Content-Length: 2\r\n\r\n{}\n", b"y" * 1000):
        with socket.create_connection(("127.0.0.1", port), timeout=5) as stranger:
            stranger.sendall(said)
            try:
                assert stranger.recv(100) == b""
            except ConnectionResetError:
                pass
    assert not client.seen["initialized"]
    assert client.disconnect() == 0


DEAR = {"prompt_toolkit", "pygments", "argparse", "asyncio", "ctypes", "unittest"}
DEAR |= {"lowdb.repl.session", "lowdb.terminal"}


def test_the_debuggee_loads_no_terminal_and_nothing_that_is_dear(dap):
    program = dap.program(f"import sys\nprint(sorted(sys.modules.keys() & {sorted(DEAR)}))  # @here\n")
    client = dap()
    client.launch(program, lines=["here"])
    thread = client.stopped()["threadId"]
    client.variables(client.stack(thread)[0]["id"], "Globals")
    client.evaluate("1 + 1", client.stack(thread)[0]["id"])
    client.request("continue", threadId=thread)
    assert client.run_to_end() == 0
    assert client.output == "[]\n"
    assert client.disconnect() == 0


def test_the_adapter_loads_nothing_of_the_debugger_and_nothing_that_is_dear(dap):
    client = dap([sys.executable, "-X", "importtime", "-m", "lowdb", "--dap"])
    client.launch(dap.program("pass\n"))
    assert client.run_to_end() == 0
    client.request("disconnect")
    client._until(lambda: client.ended or None, "the end")
    loaded = {line.rpartition("|")[2].strip() for line in client.errors().splitlines()}
    strange = {name for name in loaded if name.startswith(("lowdb.engine", "lowdb.program", "lowdb.dap", "lowdb.repl"))}
    assert "lowdb.adapter.session" in loaded
    assert not strange | (loaded & (DEAR | {"socket", "subprocess", "shlex", "tempfile", "selectors", "threading"}))
