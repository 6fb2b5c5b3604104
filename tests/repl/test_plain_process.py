"""`python -m lowdb --ui plain` on pipes: the end of the commands, exits, bad input, the program's streams."""

from __future__ import annotations

import re
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.processes import run_python
from tests.repl.test_stops import PROMPT, blocks, debug

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.processes import Process

DEAR = int(sys.version_info < (3, 15))  # exception events are for all code or for none

COUNT = """\
import sys


def add(total, n):
    total += n
    return total


total = 0
for n in range(5):
    total = add(total, n)
print("total", total)
sys.exit(total)
"""


@pytest.fixture
def count(tmp_path: Path) -> Path:
    path = tmp_path / "count.py"
    path.write_text(COUNT)
    return path


def test_the_end_of_the_commands_lets_the_program_run_to_its_end(count: Path) -> None:
    done = debug(count, "b add", "c")
    assert done.status == 10
    assert "total 10\n" in done.out
    assert len(PROMPT.findall(done.out)) == 3
    assert done.err == ""


def test_no_commands_at_all_is_a_run(count: Path) -> None:
    done = debug(count)
    assert (done.status, done.err) == (10, "")
    assert done.out.endswith(
        "(lowdb) \n(end of the commands: the program runs on without lowdb)\n"
        "total 10\nthe program ended with exit status 10\n"
    )


def test_the_end_of_the_commands_in_a_post_mortem_promises_nothing(tmp_path: Path) -> None:
    program = tmp_path / "dies.py"
    program.write_text("1 / 0\n")
    done = debug(program, "c")
    assert done.out.endswith("(lowdb post-mortem) \nthe program ended with exit status 1\n")


def test_the_end_is_told_with_the_exit_status(count: Path) -> None:
    done = debug(count, "c")
    assert done.out.endswith("total 10\nthe program ended with exit status 10\n")
    assert done.status == 10


def test_q_ends_the_program(count: Path) -> None:
    done = debug(count, "b add", "c", "q", "p 'never read'")
    assert "total 10" not in done.out
    assert "never read" not in done.out
    assert done.status == 0


def test_detach_leaves_without_another_word(count: Path) -> None:
    done = debug(count, "b add", "c", "detach")
    assert done.status == 10
    assert done.out.endswith("(lowdb) total 10\n")


def test_start_up_commands_need_no_input(count: Path) -> None:
    done = debug(count, args=("-c", "b add if n == 3", "-c", "c", "-c", "p total, n", "-c", "cl 1", "-c", "c"))
    assert done.out.endswith(
        "(lowdb) p total, n\n(3, 3)\n(lowdb) cl 1\nremoved 1  count.py:5  add  if n == 3\n(lowdb) c\n"
        "total 10\nthe program ended with exit status 10\n"
    )
    assert done.status == 10


def test_each_start_up_command_is_shown_behind_the_prompt_that_it_answers(count: Path, tmp_path: Path) -> None:
    (tmp_path / "x.lowdb").write_text(
        "# not shown\n\nb add\ncommands 1\nsilent\np n\nend\nif 1:\n  print('in', 'block')\n\np 1;; p 2\nc\n"
    )
    done = debug(count, "p 3", "cl 1", "c", args=("-x", "x.lowdb"))
    shown = done.out[done.out.index("(lowdb) ") :].splitlines()
    assert shown == [
        *("(lowdb) b add", "● 1  count.py:5  add", "(lowdb) commands 1", "(com) silent", "(com) p n", "(com) end"),
        *("(lowdb) if 1:", "...   print('in', 'block')", "... ", "in block", "(lowdb) p 1;; p 2", "1", "2"),
        # what stands in a list is not shown, what comes from a pipe neither
        *("(lowdb) c", "0", "(lowdb) 3", "(lowdb) removed 1  count.py:5  add", "(lowdb) total 10"),
        "the program ended with exit status 10",
    ]


def test_the_list_of_breakpoints_shows_each_as_it_was_told_when_it_was_set(count: Path) -> None:
    said = blocks(debug(count, "b add if n == 1", "trap add returns", "b", "q"))
    assert said[3].splitlines() == [
        "● 1  count.py:5  add  if n == 1  hit 0",
        "◆ 2  count.py:5  add  returns    hit 0",
    ]


def test_a_second_breakpoint_at_a_place_says_so(count: Path) -> None:
    said = blocks(debug(count, "b 5", "trap add returns", "b add", "b 5 if n", "q"))
    assert "same place" not in said[1] + said[2] + said[3]  # a line, an exit and an entry are three things
    assert said[4] == "● 4  count.py:5  add  if n  (same place as 1)\n"


def test_a_count_is_told_as_it_is_typed(count: Path) -> None:
    said = blocks(debug(count, "b 5 every 2", "b", "c", "q"))
    assert "every 2" in said[1]
    assert "every 2" in said[2]
    assert said[3].splitlines()[1].endswith("hit 1 of 2 · every 2")


def test_what_unwind_traps_cost_is_said_once_where_they_cost_something(count: Path) -> None:
    said = debug(count, "trap add returns", "p 1", "trap add", "trap add unwinds", "q").out
    assert said.index("(lowdb) 1\n") < (said.find("every exception before 3.15") if DEAR else len(said))
    assert said.count("every exception before 3.15") == DEAR


def test_values_are_changed_in_the_program(count: Path) -> None:
    done = debug(count, "tb 6", "c", "total = 100", "c")
    assert "total 110\n" in done.out
    assert done.status == 110


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("b 99", "count.py: the file has 13 lines"),
        ("b nosuch.py:3", "no file 'nosuch.py'"),
        ("b nosuch", "no function 'nosuch'"),
        (
            "b 2 whenever",
            "not understood: 'whenever' (if, hits, every, thread, task, once or do)\n",
        ),
        ("cl 7", "no breakpoint 7 (there are: none)"),
        ("condition", "a breakpoint's number is missing: condition N [COND]"),
        ("n x", "not a count: x"),
        ("c now", "c takes no arguments: now"),
        ("n == 3", "not a count: == 3 (as Python: !n == 3)"),
        ("n + 1", "not a count: + 1 (as Python: !n + 1)"),
        ("w == 3", "not a count: == 3 (as Python: !w == 3)"),
        ("c == 3", "c takes no arguments: == 3 (as Python: !c == 3)"),
        ("b in x", "not understood: 'x' (if, hits, every, thread, task, once or do) (as Python: !b in x)\n"),
        ("u -1", "not a count: -1\n"),
        ("unt 1", "line 1 is not below line 1: `to 1` runs there"),
        ("j", "jump needs a line"),
        ("p", "p needs an expression: p EXPR"),
        ("u", "this is the oldest frame"),
        ("thread nobody", "no thread 'nobody'"),
        ("task nobody", "no task 'nobody'"),
        ("tasks", "no asyncio tasks"),
        ("config nope", "no setting 'nope'"),
        ("config context = x", "context is a number from 0 up"),
        ("trap", "trap needs a function"),
        ("catch 12", "not understood: '12'"),
        ("catch KeyErorr", "● 1  catch KeyErorr raised  (no exception of that name so far; did you mean 'KeyError'?)"),
        ("catch json.JSONDecodeErr", "● 1  catch json.JSONDecodeErr raised  (no exception of that name so far)\n"),
        ("catch builtins.KeyError", "● 1  catch builtins.KeyError raised\n"),
        ("b 3;; b 3", "● 1  count.py:4  <module>  (line 3 has no code: breakpoint at 4)\n● 2  "),
        ("exit()", "q ends the program (exit() would only close its standard input)\n"),
        ("log 12", "log needs a place and a message in quotes"),
        ("exceptions", "no exception stopped the program here"),
        ("retval", "$ret is known where a function returns"),
        ("h nope", "no command 'nope'"),
        ("source 3", "no Python source for 3"),
        ("l 99", "the file has 13 lines"),
    ],
)
def test_bad_input_is_one_clear_line_and_nothing_is_lost(count: Path, command: str, answer: str) -> None:
    done = debug(count, command, "p 'still here'", "c")
    said = blocks(done)
    assert said[1].startswith(answer)
    assert said[2] == "'still here'\n"
    assert done.status == 10
    assert "internal error" not in done.out


def test_every_command_survives_having_no_and_odd_arguments(count: Path) -> None:
    from lowdb.repl.registry import commands  # the table is filled by importing the session

    leaving = {"continue", "next", "step", "step!", "finish", "until", "to", "restart", "detach", "quit", "quit!"}
    asking = {"commands", "interact"}
    names = [command.names[0] for command in commands if command.names[0] not in leaving | asking]
    lines = [f"{name} {rest}".strip() for name in names for rest in ("", "1", "nope", ")(", "if", "''", "%", "-1", "$")]
    done = debug(count, *lines, "p 'still here'", "q")
    assert "internal error" not in done.out
    assert done.out.endswith("(lowdb) 'still here'\n(lowdb) ") or "'still here'" in done.out


def test_the_program_may_close_or_replace_its_streams(tmp_path: Path) -> None:
    program = tmp_path / "streams.py"
    program.write_text(
        "import io, sys\n"
        "sys.stdin = io.StringIO('mine')\n"
        "sys.stdout = io.StringIO()\n"
        "x = 1\n"
        "sys.__stdout__.close()\n"
        "y = 2\n"
        "sys.__stdin__.close()\n"
        "z = 3\n"
        "sys.exit(5)\n"
    )
    done = debug(program, "n", "n", "n", "n", "p x + 0", "n", "n", "p y + 5", "n", "n")
    assert "(lowdb) 1\n" in done.out
    assert "(lowdb) 7\n" in done.err
    assert done.status == 5


def test_nobody_reading_our_output_does_not_hurt_the_program(count: Path, tmp_path: Path) -> None:
    shell = f"printf 'b add\\nc\\nw\\nw\\nc\\n' | '{{}}' -m lowdb --ui plain '{count}' | head -n 1"
    done = run_python("-c", f"import subprocess; print(subprocess.run({shell.format(sys.executable)!r}, shell=True))")
    assert "returncode=0" in done.out
    assert "internal error" not in done.out + done.err


def test_ctrl_c_pauses_a_running_program_and_cancels_an_evaluation(
    spawn: Callable[..., Process], tmp_path: Path
) -> None:
    program = tmp_path / "busy.py"
    program.write_text("i = 0\nprint('running', flush=True)\nwhile True:\n    i += 1\n")
    process = spawn("-m", "lowdb", "--ui", "plain", str(program))
    process.expect(r"\(lowdb\) ")
    process.send("c\n")
    process.expect("running\n")
    process.interrupt()
    assert "\npause  " in process.expect(r"\(lowdb\) ")
    process.send("print('evaluating', flush=True) or [0 for _ in iter(int, 1)]\n")
    process.expect("evaluating\n")
    process.interrupt()
    process.expect(r"\(cancelled\)\n\(lowdb\) ")
    process.interrupt()
    process.expect(r"Ctrl-C.*\n\(lowdb\) ")
    process.send("p i >= 0\n")
    process.expect("True\n")
    process.send("q\n")
    process.wait()


def test_restart_begins_again_with_the_breakpoints(count: Path) -> None:
    done = debug(count, "b 5", "c", "run", "b", "c", "cl 1", "c")
    assert done.out.count("start  count.py:1") == 2
    assert done.out.count("breakpoint 1  count.py:5") == 2
    assert done.status == 10


def test_a_nested_stop_inside_debug_comes_back(count: Path) -> None:
    done = debug(count, "tb 11", "c", "b add if n > 50", "p add(1, 100)", "debug add(1, 100)", "p n", "c", "cl 2", "c")
    said = blocks(done)
    assert said[4] == "101\n"
    assert "breakpoint 2" in said[5]
    assert said[6] == "100\n"
    assert said[7].startswith("101\n> ")
    assert "(lowdb debug) " in done.out
    assert done.status == 10


def test_ctrl_c_inside_a_read_of_the_same_stream_still_gets_commands(
    spawn: Callable[..., Process], tmp_path: Path
) -> None:
    program = tmp_path / "reads.py"
    program.write_text("import sys\nprint('reading', flush=True)\ntext = sys.stdin.read()\nprint('got', repr(text))\n")
    process = spawn("-m", "lowdb", "--ui", "plain", str(program))
    process.expect(r"\(lowdb\) ")
    process.send("c\n")
    process.expect("reading\n")
    time.sleep(0.2)
    process.interrupt()
    assert "\npause  " in process.expect(r"\(lowdb\) ")
    process.send("p 6 * 7\n")
    process.expect(r"^42\n\(lowdb\) |42\n\(lowdb\) ")
    process.send("c\nfor the program\n")
    done = process.wait()
    assert "got 'for the program\\n'" in done.out
    assert done.status == 0


def test_a_pause_in_a_library_call_shows_where_the_program_waits(spawn: Callable[..., Process], tmp_path: Path) -> None:
    program = tmp_path / "waits.py"
    program.write_text(
        "import threading\n\ndef wait():\n    lock = threading.Event()\n    print('waiting', flush=True)\n"
        "    lock.wait()\n\nwait()\n"
    )
    process = spawn("-m", "lowdb", "--ui", "plain", str(program))
    process.expect(r"\(lowdb\) ")
    process.send("c\n")
    process.expect("waiting\n")
    time.sleep(0.2)
    process.interrupt()
    text = process.expect(r"\(lowdb\) ")
    assert f"> {program}(6)wait()\n" in text
    assert re.search(r"^pause  \S+:6  wait\(\)   in Condition.wait threading.py:\d+$", text, re.MULTILINE)
    process.send("lock.set()\nc\n")
    assert process.wait().status == 0
