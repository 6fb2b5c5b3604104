"""Several processes on one terminal: each has its turn, says who it is, and spoils nothing for the others."""

from __future__ import annotations

import os
import re
import signal
import sys
from contextlib import suppress

import pytest

from tests.terminal.screen import Screen
from tests.terminal.test_console import guest, place, program, shell, under

__all__ = ["place"]  # a fixture

LATER = "until [ -e go ]; do sleep 0.02; done;"
PIDS = r"\(lowdb [^)]*@(\d+)\) *$"


def turn(screen: Screen) -> int:
    """Wait for a prompt that says whose it is: the process's number."""
    return int(screen.see(rf"(?:{PIDS})\s*(?:\n.*F5 cont.*)?\Z")[1])


def waits(pid: int) -> bool:
    """Whether the process waits for its turn: it has the lock's file open, and sleeps."""
    found = set()
    for number in os.listdir(f"/proc/{pid}/fd"):
        with suppress(OSError):  # closed meanwhile
            found.add(os.readlink(f"/proc/{pid}/fd/{number}").rpartition("/")[2].partition("-")[0])
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        return "tty" in found and file.read().rpartition(")")[2].split()[0] == "S"


def test_forked_children_have_their_prompts_one_at_a_time(place):
    text = """\
    import os
    children = []
    for number in range(3):
        pid = os.fork()
        if not pid:
            breakpoint()
            os.write(1, f"child {number} goes on\\n".encode())
            os._exit(0)
        children.append(pid)
    for pid in children:
        os.waitpid(pid, 0)
    print("end")
    """
    with under(place, text) as screen:
        screen.enter("c")
        seen = {}
        for _ in range(3):
            pid = turn(screen)
            number = int(screen.command("p number", f"@{pid}"))
            seen[number] = pid
            screen.enter("c")
            screen.see(f"^child {number} goes on$")
        screen.see("^end$")
        assert screen.end() == 0
        assert len(set(seen.values())) == 3
        assert set(seen) == {0, 1, 2}


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_children_of_multiprocessing_have_prompts_though_their_stdin_is_closed(place, method):
    text = f"""\
    import multiprocessing
    def work(n):
        breakpoint()
        return n * n
    if __name__ == "__main__":
        with multiprocessing.get_context({method!r}).Pool(2) as pool:
            print(pool.map(work, [3, 4], chunksize=1))
    """
    with guest(place, text) as screen:
        found = set()
        for count in (1, 2):
            screen.see(r"(?s)" + r"breakpoint\(\).*" * count + r"\(lowdb[^)]*\) *\n")
            screen.settle(0.1)
            screen.enter("p 'n', n")
            found.add(screen.see(r"(?s)" + r"\('n', (\d)\).*" * count)[count])
            screen.enter("c")
        screen.see(r"^\[9, 16\]$")
        assert screen.end() == 0
        assert found == {"3", "4"}


def test_two_programs_at_their_prompts_do_not_mix(place):
    program(place, "import sys\nname = sys.argv[1]\nbreakpoint()\nprint(f'{name} ends')\n")
    with shell(place, "python main.py one & python main.py two; wait") as screen:
        screen.see(r"name = sys.argv\[1\]\n(?s:.*)\(lowdb[^)]*\)")
        screen.settle(0.5)
        assert len(re.findall(r"\(lowdb[^)]*\)", screen.scrolled)) == 1
        screen.enter("p 'I am ' + name")
        screen.see("^'I am (one|two)'$")
        screen.enter("c")
        screen.see(r"(?s)\(lowdb[^)]*\) c\s.*\(lowdb[^)]*\)")
        screen.settle(0.1)
        screen.enter("p 'I am ' + name")
        screen.see("(?s)'I am (one|two)'.*'I am (one|two)'")
        screen.enter("c")
        screen.see("(?s)(one|two) ends.*(one|two) ends")
        assert set(re.findall("'I am (one|two)'", screen.scrolled)) == {"one", "two"}


def test_a_prompt_says_whose_it_is_where_another_process_has_had_its_turn(place):
    program(place, "import sys, time\nbreakpoint()\ntime.sleep(sys.argv[1] == 'one' and 30)\n")
    with shell(place, f"python main.py one & {LATER} python main.py two; kill $!") as screen:
        screen.prompt()
        screen.enter("c")
        (place / "go").touch()
        assert turn(screen)
        screen.enter("c")
        screen.end()


def test_one_that_waits_for_its_turn_can_be_interrupted(place):
    program(place, "import os, sys\nprint(sys.argv[1], os.getpid())\nbreakpoint()\nprint(f'{sys.argv[1]} ends')\n")
    with shell(place, f"python main.py one & {LATER} python main.py two; echo status $?; wait") as screen:
        screen.prompt()
        (place / "go").touch()
        second = int(screen.see(r"two (\d+)$")[1])
        while not waits(second):
            screen.settle(0.02)
        os.kill(second, signal.SIGINT)
        screen.see("^KeyboardInterrupt")
        screen.see("^status 130$")
        screen.settle(0.1)
        screen.enter("c")
        screen.see("^one ends$")


def test_a_process_killed_at_its_prompt_leaves_neither_lock_nor_raw_terminal(place):
    program(place, "import os, sys\nprint(sys.argv[1], os.getpid())\nbreakpoint()\nprint(f'{sys.argv[1]} ends')\n")
    with shell(place, f"python main.py one & {LATER} python main.py two; stty -a") as screen:
        screen.prompt()
        (place / "go").touch()
        screen.see(r"two \d+$")
        first = int(screen.see(r"^one (\d+)$")[1])
        os.kill(first, signal.SIGKILL)
        screen.see(r"(?s)breakpoint\(\).*breakpoint\(\).*\(lowdb")
        screen.enter("p 'the next'")
        screen.see("^'the next'$")
        screen.enter("c")
        screen.see("^two ends$")
        screen.see(r"(?s) icanon .* echo ")


def test_plain_prompts_of_two_processes_do_not_mix_either(place):
    program(place, "import sys\nname = sys.argv[1]\nbreakpoint()\nprint(f'{name} ends')\n")
    with shell(place, "python main.py one & python main.py two; wait", env={"TERM": "dumb"}) as screen:
        screen.see(r"\(lowdb[^)]*\)")
        screen.settle(0.5)
        assert len(re.findall(r"\(lowdb[^)]*\)", screen.scrolled)) == 1
        screen.enter("c")
        screen.see("(?s)ends.*breakpoint.*")
        screen.see(r"(?s)\(lowdb[^)]*\).*\(lowdb[^)]*\)")
        screen.enter("c")
        screen.see("(?s)(one|two) ends.*(one|two) ends")


def test_a_job_in_the_background_waits_until_it_is_brought_back(place):
    program(place, "breakpoint()\nimport time\ntime.sleep(0.4)\nbreakpoint()\nprint('end')\n")
    env = {"PYTHONBREAKPOINT": "lowdb.set_trace", "PS1": "sh$ "}
    with Screen("--norc", "-i", command="/bin/bash", cwd=place, env=env) as screen:
        screen.see(r"sh\$")
        screen.enter(f"{sys.executable} main.py")
        screen.prompt()
        screen.enter("c")
        screen.press("c-z")
        screen.see("Stopped")
        screen.enter("set -b; bg")
        screen.see(r"(?s)Stopped.*Stopped")
        screen.enter("fg")
        screen.prompt()
        assert screen.command("p 6 * 7") == "42"
        screen.enter("c")
        screen.see("^end$")
        screen.enter("exit")


def test_a_program_that_is_stopped_at_its_prompt_does_not_keep_the_next_one_waiting(place):
    program(place, "import sys\nname = sys.argv[1]\nbreakpoint()\nprint(f'{name} ends')\n")
    env = {"PYTHONBREAKPOINT": "lowdb.set_trace", "PS1": "sh$ ", "TERM": "dumb"}
    with Screen("--norc", "-i", command="/bin/bash", cwd=place, env=env) as screen:
        screen.see(r"sh\$")
        screen.enter(f"{sys.executable} main.py one")
        screen.see(r"\(lowdb\)")
        screen.press("c-z")
        screen.see("Stopped")
        screen.enter(f"{sys.executable} main.py two")
        screen.see(r"(?s)\(lowdb\).*\(lowdb[^)]*\)")
        screen.enter("c")
        screen.see("^two ends$")
        screen.enter("fg")
        screen.see(r"(?s)fg\n[^\n]*main\.py one")
        screen.settle(0.5)  # the shell may drop what is typed while it changes the terminal's owner
        screen.enter("c")
        screen.see("^one ends$")
        screen.enter("exit")
