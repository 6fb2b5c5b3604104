"""`run` at a prompt: the program anew, in the same process, with breakpoints and unread commands, without a trace."""

from __future__ import annotations

import re
import textwrap
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.processes import Completed, run_python

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """\
import os, sys
print("argv", sys.argv, os.getpid(), sorted(n for n in os.environ if n.startswith("LOWDB")), os.getcwd())
print("fds", sorted(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else [])
os.environ["LOWDB_NEW"] = "1"
os.chdir("/")
for i in range(4):
    last = i
print("read", sys.stdin.read().split())
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "main.py").write_text(textwrap.dedent(PROGRAM))
    return tmp_path


def lowdb(place: Path, *arguments: str, typed: str = "") -> Completed:
    return run_python("-m", "lowdb", *arguments, cwd=place, input=typed)


def lines(text: str, word: str) -> list[str]:
    return [line[line.index(word) :] for line in text.splitlines() if f"{word} [" in line and "print(" not in line]


def test_a_restart_is_the_same_process_in_the_same_place(place):
    done = lowdb(place, "-c", "tb 6", "-c", "c", "-c", "run", "-c", "c", "main.py", "a", "b")
    first, second = lines(done.out, "argv")
    assert first == second
    assert "['main.py', 'a', 'b']" in first
    first, second = lines(done.out, "fds")
    assert first == second
    assert done.status == 0


def test_a_restart_may_give_other_arguments(place):
    done = lowdb(place, "-c", "tb 6", "-c", "c", "-c", "run x 'y z'", "-c", "c", "main.py", "a", "b")
    assert "argv ['main.py', 'x', 'y z'] " in done.out


def test_a_restart_keeps_breakpoints_with_their_conditions(place):
    commands = ["b 7 if i == 2", "b main.py:8", "disable 2", "tb 6", "c", "tb 7 if i == 3", "run", "b"]
    commands += ["c", "p ('i is', i)", "c", "p ('i is', i)", "c"]
    done = lowdb(place, *(word for command in commands for word in ("-c", command)), "main.py")
    again = done.out.partition("fds")[2]
    assert "main.py:7  <module>  if i == 2" in again
    assert "('i is', 2)" in again
    assert "main.py(8)" not in again  # it was switched off
    assert "main.py(6)" not in again.partition("start ")[2]  # it was temporary, and has stopped
    assert "('i is', 3)" in again  # temporary, and has not


FUNCTIONS = """\
class Order:
    def total(self, n):
        return n + 1
def greet(name):
    return "hello " + name
print(greet("you"), Order().total(3))
"""
ASKED = ["trap Order.total returns do p ('end', $ret);; c", "c", "run", "b", "c", "c"]


@pytest.mark.parametrize("how", ["script", "no suffix", "module", "directory", "zip"])
def test_a_restart_keeps_functions_and_traps_with_their_commands(place, how):
    main = place / {"script": "prog.py", "no suffix": "prog", "module": "prog.py"}.get(how, "prog/__main__.py")
    main.parent.mkdir(exist_ok=True)
    main.write_text(FUNCTIONS)
    program = {"module": ["-m", "prog"], "directory": ["prog"], "zip": ["prog.zip"]}.get(how, [main.name])
    if how == "zip":
        with zipfile.ZipFile(place / "prog.zip", "w") as archive:
            archive.write(main, "__main__.py")
    done = lowdb(place, "-c", "b greet if name", *(word for command in ASKED for word in ("-c", command)), *program)
    again = done.out.rpartition("(lowdb) b\n")[2]
    first, second = again.splitlines()[:2]
    assert re.fullmatch(r"● 1  \S+:5  greet  if name +hit 0", first), done.out
    assert re.fullmatch(r"◆ 2  \S+:3  Order.total  returns  do p \('end', \$ret\);; c +hit 0", second), done.out
    assert again.count("breakpoint 1  ") == 1
    assert again.count("('end', 4)\n") == 1
    assert "bound" not in done.out
    assert (done.status, done.err) == (0, "")


def test_a_function_that_is_gone_after_a_restart_is_missed_aloud(place):
    (place / "prog.py").write_text(FUNCTIONS)
    edit = "!open('prog.py', 'w').write('def meet(): pass\\n')"
    done = lowdb(place, "-c", "b greet", "-c", edit, "-c", "run", "-c", "b", "-c", "c", "prog.py")
    assert "prog.py:greet is not set: no function 'greet' in prog.py" in done.out
    assert "no breakpoints (b LOC sets one)" in done.out
    assert done.status == 0


def test_an_ignore_count_begins_anew(place):
    typed = "b 7\nignore 1 2\nc\np ('i is', i)\nrun\nc\np ('i is', i)\nq\n"
    done = lowdb(place, "main.py", typed=typed)
    assert done.out.count("('i is', 2)") == 2


def test_a_module_is_started_anew_as_a_module(place):
    done = lowdb(place, "-c", "run again", "-c", "c", "-m", "main")
    assert f"argv ['{place}/main.py', 'again']" in done.out


def test_commands_that_were_not_read_yet_are_read_by_the_new_run(place):
    typed = "b 7 if i == 2\nc\nrun\nc\np ('i is', i)\nc\nsome data\n"
    done = lowdb(place, "main.py", typed=typed)
    assert done.out.count("('i is', 2)") == 1
    assert "read ['some', 'data']" in done.out
    assert done.status == 0


def test_a_program_that_does_not_compile_any_more_is_shown_as_python_shows_it(place):
    done = lowdb(place, "-c", "!open('main.py', 'w').write('if x\\n')", "-c", "run", "-c", "c", "main.py")
    assert done.status == 1
    assert done.err.endswith("SyntaxError: expected ':'\n")
    assert "lowdb" not in done.err


def test_flags_of_the_interpreter_and_options_are_kept(place):
    (place / "main.py").write_text("import sys\nprint('flags', sys.flags.optimize, sys.flags.utf8_mode)\n1/0\n")
    done = run_python(
        *("-O", "-X", "utf8", "-m", "lowdb", "--post-mortem", "-c", "run", "-c", "q", "main.py"), cwd=place
    )
    assert done.out.count("flags 1 1") == 2
    assert "start " not in done.out


@pytest.mark.parametrize("value", ["99", "x", "0"])
def test_a_stray_state_is_passed_over(place, value):
    done = run_python("-m", "lowdb", "-c", "c", "main.py", cwd=place, env={"LOWDB_RESTART": value})
    assert (done.status, done.err) == (0, "")
    assert " [] " in lines(done.out, "argv")[0]


def test_a_restart_after_an_edit_finds_the_line_again(place):
    (place / "prog.py").write_text(FUNCTIONS)
    edit = f"!open('prog.py', 'w').write({'# new' + chr(10) + FUNCTIONS!r})"
    done = lowdb(place, "-c", "b 5", "-c", edit, "-c", "run", "-c", "c", "-c", "c", "prog.py")
    assert "1 breakpoint kept (prog.py:5 moved to 6)\n" in done.out
    assert "prog.py(6)greet()" in done.out


def test_a_restart_keeps_settings_and_aliases(place):
    commands = ["config depth = 7", "alias zz config depth", "run", "zz", "c"]
    done = lowdb(place, *(word for command in commands for word in ("-c", command)), "main.py")
    assert "(lowdb) zz\ndepth = 7\n" in done.out
