"""The prompt wherever a program may stop: what a person at the terminal sees there, and what is left behind."""

from __future__ import annotations

import os
import re
import signal
import sys
import textwrap
from pathlib import Path

import pytest

from tests.terminal.screen import Screen

GUEST = {"PYTHONBREAKPOINT": "lowdb.set_trace"}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path


def program(place: Path, text: str, name: str = "main.py") -> str:
    (place / name).write_text(textwrap.dedent(text))
    return name


def guest(place: Path, text: str, **options: object) -> Screen:
    """The program, bare; its breakpoint() calls open lowdb."""
    env = {**GUEST, **(options.pop("env", None) or {})}  # type: ignore[dict-item]
    return Screen(program(place, text), cwd=place, env=env, **options)  # type: ignore[arg-type]


def under(place: Path, text: str, **options: object) -> Screen:
    """The program under `lowdb`, at its first line."""
    screen = Screen("-m", "lowdb", program(place, text), cwd=place, **options)  # type: ignore[arg-type]
    screen.prompt()
    return screen


def shell(place: Path, line: str, **options: object) -> Screen:
    """A line of shell, with `python` and `lowdb` for this interpreter's."""
    line = line.replace("python", sys.executable).replace("lowdb ", f"{sys.executable} -m lowdb ")
    env = {**GUEST, **(options.pop("env", None) or {})}  # type: ignore[dict-item]
    return Screen("-c", line, command="/bin/sh", cwd=place, env=env, **options)  # type: ignore[arg-type]


# --- where the data of the program goes ------------------------------------------------------------


def test_data_in_a_pipe_is_not_taken_for_commands(place):
    program(place, "import sys\nx = 41\nprint('read', sys.stdin.read().split())\n")
    with shell(place, "printf 'p 1\\nsome data\\n' | lowdb main.py | cat") as screen:
        screen.prompt()
        screen.enter("n")
        screen.see(r">    2 ")
        assert screen.command("p 6 * 7") == "42"
        screen.enter("c")
        screen.see(r"^read \['p', '1', 'some', 'data'\]")
        assert screen.end() == 0


def test_what_is_typed_ahead_is_left_for_the_program(place):
    with under(place, "name = input()\nprint('hello', name)\nbreakpoint()\nend = 1\n") as screen:
        screen.type("c\rworld\rp name\rc\r")
        screen.see("^hello world$")
        screen.see("^'world'$")
        assert screen.end() == 0


# --- threads, loops --------------------------------------------------------------------------------


def test_a_breakpoint_in_a_worker_thread_has_a_prompt(place):
    text = """\
    import threading, time
    def work(n):
        found = n * 2
        return found
    thread = threading.Thread(target=work, args=(21,), name="worker")
    thread.start()
    thread.join()
    print([threading.Thread().name, threading.active_count()])
    """
    with under(place, text) as screen:
        screen.command("b 4")
        screen.enter("c")
        screen.prompt("worker")
        assert screen.command("p found", "worker") == "42"
        assert len(screen.command("threads", "worker").splitlines()) == 2
        screen.enter("c")
        screen.see(r"^\['Thread-1', 1\]")
        assert screen.end() == 0


def test_a_prompt_opens_inside_a_running_loop(place):
    text = """\
    import asyncio
    async def main():
        here = asyncio.current_task().get_name()
        await asyncio.sleep(0.01)
        breakpoint()
        print(here, type(asyncio.get_running_loop()).__name__, asyncio.create_task(asyncio.sleep(0)).get_name())
    asyncio.run(main())
    """
    with guest(place, text) as screen:
        screen.prompt("Task-1")
        assert screen.command("p here", "Task-1") == "'Task-1'"
        screen.enter("c")
        screen.see("^Task-1 .*EventLoop Task-2$")
        assert screen.end() == 0


MAIN = "async def main():\n    here = 42\n    breakpoint()\n    print('end')\n"
LOOPS = {"uvloop": f"import uvloop\n{MAIN}uvloop.run(main())\n", "trio": f"import trio\n{MAIN}trio.run(main)\n"}


@pytest.mark.parametrize("name", LOOPS)
def test_a_prompt_opens_inside_a_loop_that_is_not_asyncios(place, name):
    pytest.importorskip(name)
    with guest(place, LOOPS[name]) as screen:
        screen.see(r"\(lowdb.*\) $|\(lowdb.*\)$")
        screen.enter("p here")
        screen.see("^42$")
        screen.enter("c")
        screen.see("^end$")
        assert screen.end() == 0


def test_what_other_threads_print_does_not_cut_the_line_in_two(place):
    text = """\
    import os, threading, time
    def chatter():
        while not os.path.exists("go"):
            time.sleep(0.01)
        for n in range(4):
            print("line", n)
            time.sleep(0.02)
    threading.Thread(target=chatter, daemon=True).start()
    breakpoint()
    """
    with guest(place, text, env={"LOWDB_STOP_WORLD": "false"}) as screen:
        screen.prompt()
        screen.type("p 40 + 2")
        screen.see(r"^\(lowdb\) p 40 \+ 2")
        (place / "go").touch()
        screen.see("^line 3$")
        screen.see(r"^\(lowdb\) p 40 \+ 2")
        screen.enter()
        screen.see("^42$")
        screen.prompt()
        assert [line for line in screen.lines if line.startswith("line")] == [f"line {n}" for n in range(4)]
        screen.enter("c")
        assert screen.end() == 0


# --- the engine passes over lowdb's own threads -----------------------------------------------------


def test_a_breakpoint_in_what_the_prompt_is_made_of_stops_the_program_only(place):
    text = """\
    import selectors, socket, threading
    from prompt_toolkit.document import Document
    def look():
        selector = selectors.SelectSelector()
        selector.select(0)
        return Document("text").text_before_cursor
    look()
    print("first")
    look()
    """
    with under(place, text) as screen:
        screen.command("b selectors:SelectSelector.select")
        screen.command("b prompt_toolkit.document:Document.text_before_cursor")
        screen.enter("c")
        screen.see("breakpoint 1 .*hit 1")
        screen.enter("c")
        screen.see("breakpoint 2 .*hit 1")
        screen.enter("c")
        screen.see("breakpoint 1 .*hit 2")
        screen.command("p 1")
        screen.enter("c")
        screen.see("breakpoint 2 .*hit 2")
        screen.enter("c")
        assert screen.end() == 0


# --- keys and signals ------------------------------------------------------------------------------


def test_control_c_gives_a_new_line_and_is_not_the_programs(place):
    text = """\
    import signal
    signal.signal(signal.SIGINT, lambda *_: print("it" "ran"))
    breakpoint()
    print("end")
    """
    with guest(place, text) as screen:
        screen.prompt()
        screen.type("p 1 +")
        screen.see(r"p 1 \+")
        screen.press("c-c")
        screen.prompt()
        screen.press("c-c")
        screen.see("Ctrl-C: q ends the program")
        screen.prompt()
        screen.enter("c")
        screen.see("^end$")
        assert "itran" not in screen.scrolled
        assert screen.end() == 0


def test_a_signal_from_outside_gives_a_new_line_and_leaves_the_terminal_as_it_was(place):
    program(place, "x = 1\ny = 2\n")
    with shell(place, "lowdb main.py; stty -a") as screen:
        screen.prompt()
        pid = int(screen.see(r"pid (\d+)")[1])
        screen.type("p x")
        screen.see("p x")
        os.kill(pid, signal.SIGINT)
        screen.prompt()
        assert screen.command("p 1") == "1"
        screen.enter("q")
        screen.see(r"(?s) icanon .* echo ")
        screen.end()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=["SIGTERM", "SIGHUP"])
def test_a_signal_that_ends_the_program_leaves_the_terminal_as_it_was(place, number):
    program(place, "x = 1\n")
    with shell(place, "lowdb main.py; echo status $?; stty -a") as screen:
        screen.prompt()
        os.kill(int(screen.see(r"pid (\d+)")[1]), number)
        screen.see(f"^status {128 + number}$")
        screen.see(r"(?s) icanon .* echo ")
        screen.end()


def test_a_handler_that_ends_the_program_does_so_at_the_prompt(place):
    text = """\
    import os, signal, sys
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
    print("pid", os.getpid())
    breakpoint()
    """
    with guest(place, text) as screen:
        screen.prompt()
        os.kill(int(screen.see(r"^pid (\d+)")[1]), signal.SIGTERM)
        assert screen.end() == 7


def test_a_handler_that_raises_does_not_end_the_prompt(place):
    text = """\
    import os, signal
    def alarm(*_):
        raise TimeoutError("too late")
    signal.signal(signal.SIGALRM, alarm)
    print("pid", os.getpid())
    breakpoint()
    print("end")
    """
    with guest(place, text) as screen:
        screen.prompt()
        os.kill(int(screen.see(r"^pid (\d+)")[1]), signal.SIGALRM)
        screen.settle(0.1)
        screen.enter("p 1")
        screen.see("passed over: .*TimeoutError: too late")
        screen.prompt()
        screen.enter("c")
        screen.see("^end$")
        assert screen.end() == 0


def test_control_d_asks_as_q_does(place):
    with guest(place, "breakpoint()\nprint('end')\n") as screen:
        screen.prompt()
        screen.press("c-d")
        screen.see(r"end the program\? ")
        screen.enter("n")
        screen.prompt()
        screen.press("c-d")
        screen.see(r"end the program\? .*\n(.*\n)*.*end the program\? ")
        screen.enter("y")
        assert screen.end() == 0
        assert not re.search("^end$", screen.scrolled, re.MULTILINE)


def test_control_z_and_fg(place):
    program(place, "x = 41\ny = 2\n")
    with Screen("--norc", "-i", command="/bin/bash", cwd=place, env={"PS1": "sh$ "}) as screen:
        screen.see(r"sh\$")
        screen.enter(f"{sys.executable} -m lowdb main.py")
        screen.prompt()
        screen.type("p 40 ")
        screen.see("p 40")
        screen.press("c-z")
        screen.see("Stopped")
        screen.enter("echo cooked")
        screen.see("^cooked$")
        screen.enter("fg")
        screen.see(r"\(lowdb\) p 40")
        screen.enter("+ 2")
        screen.see("^42$")
        screen.prompt()
        screen.settle()
        os.kill(int(re.search(r"pid (\d+)", screen.scrolled)[1]), signal.SIGSTOP)
        screen.see(r"(?s)Stopped.*Stopped")
        screen.enter("fg")
        screen.see(r"(?s)fg\n.*fg\n.*main.py\n\(lowdb\)")  # it looks now and then whether the terminal is cooked
        screen.press("f10")  # without Enter
        screen.see("^step  main.py:2")
        screen.prompt()
        screen.enter("q")
        screen.see(r"exit status 0\n(.*\n)*sh\$")
        screen.enter("exit")


def test_another_size_is_taken_up(place):
    with under(place, "x = 1\n") as screen:
        screen.resize(40, 20)
        screen.enter("p 'x' * 60")
        screen.see("x{20}")
        screen.prompt()
        screen.type("p " + "1" * 50)
        screen.see(r"^\(lowdb\) p 1{30}\n *1{20}$")


def test_what_is_evaluated_can_read_the_terminal_and_be_cancelled(place):
    with guest(place, "import time\nx = 41\nbreakpoint()\n") as screen:
        screen.prompt()
        screen.enter("p input('name? ').upper()")
        screen.see(r"^name\? $|^name\?$")
        screen.enter("ada")
        screen.see("^'ADA'$")
        screen.prompt()
        screen.enter("p print('now') or time.sleep(60)")
        screen.see("^now$")
        screen.press("c-c")
        screen.see(r"^\(cancelled\)$")
        screen.prompt()
        assert screen.command("p x + 1") == "42"
        screen.enter("c")
        assert screen.end() == 0
