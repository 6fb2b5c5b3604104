"""The ways into lowdb from a running program: a guest that never reads its data, never kills it, never shows in it."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest

from tests.entrances.terminal import on_terminal
from tests.processes import Completed, run_python

PLAIN = {"LOWDB_UI": "plain"}
BREAKPOINT = {"PYTHONBREAKPOINT": "lowdb.set_trace"}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path


def program(place: Path, text: str) -> Path:
    path = place / "main.py"
    path.write_text(textwrap.dedent(text))
    return path


def play(place: Path, typed: str = "", **env: str) -> Completed:
    """Run main.py with commands on stdin."""
    return run_python("main.py", cwd=place, input=typed, env={**PLAIN, **env})


# --- set_trace and breakpoint() -------------------------------------------------------------------


def test_set_trace_stops_in_the_function_that_called_it(place):
    path = program(place, "import lowdb\ndef f(n):\n    lowdb.set_trace()\n    return n\nprint('result', f(5))\n")
    done = play(place, "p ('n is', n)\nn = 6\nc\n")
    assert f"> {path}(3)f()\n" in done.out
    assert "('n is', 5)" in done.out
    assert "result 6" in done.out
    assert (done.status, done.err) == (0, "")


def test_breakpoint_with_pythonbreakpoint_stops_in_its_caller(place):
    path = program(place, "def f(n):\n    breakpoint()\n    return n\nprint('result', f(5))\n")
    done = play(place, "p ('n is', n)\nc\n", **BREAKPOINT)
    assert f"> {path}(2)f()\n" in done.out
    assert "('n is', 5)" in done.out
    assert "result 5" in done.out


def test_a_step_from_set_trace_goes_on_in_the_caller(place):
    program(place, "import lowdb\ndef f(n):\n    lowdb.set_trace()\n    m = n\n    return m\nprint('result', f(5))\n")
    assert re.findall(r"> /.*\((\d+)\)f", play(place, "n\nn\nc\n").out) == ["3", "4", "5"]


def test_the_header_is_shown_and_commands_run_first_as_with_pdb(place):
    program(place, "import lowdb\nx = 3\nlowdb.set_trace(header='look here', commands=['p (\"x is\", x)', 'c'])\n")
    done = play(place)
    assert "look here\n" in done.out
    assert "('x is', 3)" in done.out


def test_a_frame_can_be_given(place):
    program(
        place, "import lowdb, sys\ndef f():\n    lowdb.set_trace(sys._getframe(1))\ndef g(a):\n    f()\ng('caller')\n"
    )
    assert "'caller'" in play(place, "p a\nc\n").out


def test_unknown_words_are_passed_over(place):
    program(place, "import lowdb\nlowdb.set_trace(mode='inline', backend='x')\nprint('end')\n")
    assert "end\n" in play(place, "c\n").out


def test_every_breakpoint_of_one_program_is_one_session(place):
    program(place, "for i in range(3):\n    breakpoint()\nprint('end')\n")
    done = play(place, "b 3\nc\nb\nc\nc\nc\n", **BREAKPOINT)
    assert done.out.count("main.py(2)<module>()") == 3
    assert done.out.count("main.py(3)<module>()") == 1


def test_nothing_stays_armed_after_continue(place):
    program(
        place,
        """\
        import lowdb, sys
        def f():
            lowdb.set_trace()
        f()
        m = sys.monitoring
        codes = [f.__code__, sys._getframe().f_code]
        print("armed", [m.get_events(i) for i in (0, 3, 4)], [m.get_local_events(0, c) for c in codes])
        """,
    )
    assert "armed [0, 0, 0] [0, 0]" in play(place, "c\n").out


def test_after_detach_the_program_is_left_alone(place):
    program(place, "import sys\nfor i in range(3):\n    breakpoint()\nprint('end', sys.monitoring.get_tool(0))\n")
    done = play(place, "detach\n", **BREAKPOINT)
    assert done.out.count("main.py(3)") == 1
    assert done.out.endswith("end None\n")


def test_quit_ends_the_program(place):
    program(place, "import atexit\natexit.register(print, 'atexit')\nbreakpoint()\nprint('end')\n")
    done = play(place, "q\n", **BREAKPOINT)
    assert done.out.endswith("(lowdb) atexit\n")
    assert done.status == 0


def test_the_end_of_the_input_lets_the_program_run_on(place):
    program(place, "for i in range(3):\n    breakpoint()\nprint('end')\n")
    done = play(place, "", **BREAKPOINT)
    assert done.out.endswith("end\n")
    assert done.status == 0


def test_threads_that_meet_at_breakpoint_stop_one_after_the_other(place):
    program(
        place,
        """\
        import threading
        def work(n):
            breakpoint()
        threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
        [t.start() for t in threads]
        [t.join() for t in threads]
        print("end")
        """,
    )
    done = play(place, "p ('n is', n)\nc\n" * 4, **BREAKPOINT)
    assert sorted(re.findall(r"\('n is', (\d)\)", done.out)) == list("0123")
    assert "end\n" in done.out


# --- nobody to ask --------------------------------------------------------------------------------


def test_without_a_terminal_it_reports_and_goes_on(place):
    path = program(
        place,
        """\
        import sys
        def f(n):
            text = "some"
            breakpoint()
            return sys.stdin.read()
        print(f(5), end="")
        """,
    )
    done = run_python("main.py", cwd=place, input="the program's data\n", env=BREAKPOINT)
    assert (done.status, done.out) == (0, "the program's data\n")
    assert f"> {path}(4)f()\n" in done.err
    assert "n = 5" in done.err
    assert "text = 'some'" in done.err
    assert "<module>" in done.err
    assert done.err.endswith("lowdb: no terminal: continuing (LOWDB_UI=plain reads commands from stdin)\n")
    assert "(lowdb)" not in done.err


def test_without_a_terminal_nothing_is_held(place):
    program(place, "import sys\nbreakpoint()\nprint([sys.monitoring.get_tool(i) for i in (0, 3, 4)])\n")
    assert run_python("main.py", cwd=place, env=BREAKPOINT).out == "[None, None, None]\n"


@pytest.mark.parametrize("what", ["sys.stderr = None", "sys.stderr.close()", "sys.stdin = sys.stdout = None"])
def test_without_standard_streams_the_program_runs_on(place, what):
    program(place, f"import os, sys\n{what}\nbreakpoint()\nos._exit(7)\n")
    assert run_python("main.py", cwd=place, env=BREAKPOINT).status == 7
    assert play(place, "c\n", **BREAKPOINT).status == 7


def test_another_debugger_is_named_and_the_program_runs_on(place):
    program(place, "import sys\nsys.monitoring.use_tool_id(0, 'other tool')\nbreakpoint()\nprint('end')\n")
    done = play(place, "c\n", **BREAKPOINT)
    assert (done.status, done.out) == (0, "end\n")
    assert done.err.count("\n") == 1
    assert "'other tool'" in done.err


def test_commands_come_from_the_terminal_and_data_from_stdin(place):
    program(place, "import sys\nx = 41\nbreakpoint()\nprint('read', sys.stdin.read().split())\n")
    done, shown = on_terminal(place, "p x + 1\nc\n", "main.py", data="some data\n", env=BREAKPOINT)
    assert done.out == "read ['some', 'data']\n"
    words = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown)
    assert re.search(r"\(lowdb\) p x \+ 1\s*\n42\n", words)


def test_in_the_background_of_a_terminal_nothing_is_read(place):
    program(place, "x = 41\nbreakpoint()\nprint('end')\n")
    start = "import subprocess, sys; sys.exit(subprocess.run([sys.executable, 'main.py'], process_group=0).returncode)"
    done, shown = on_terminal(place, "c\n", "-c", start, env=BREAKPOINT)
    assert (done.status, done.out) == (0, "end\n")
    assert "no terminal: continuing" in done.err
    assert "(lowdb)" not in shown


# --- post_mortem, pm, run -------------------------------------------------------------------------

FAULT = """\
import lowdb, sys
def f(x):
    return 1 / x
try:
    f(0)
except ZeroDivisionError as error:
    {look}
print("end")
"""


@pytest.mark.parametrize(
    "look",
    [
        "lowdb.post_mortem(error)",
        "lowdb.post_mortem()",
        "lowdb.post_mortem(error.__traceback__)",
        "sys.last_exc = error; lowdb.pm()",
    ],
)
def test_post_mortem_shows_where_it_was_raised(place, look):
    program(place, FAULT.format(look=look))
    done = play(place, "p ('x is', x)\nu\nc\n")
    assert "main.py(3)f()" in done.out
    assert "('x is', 0)" in done.out
    assert "end\n" in done.out
    assert (done.status, done.err) == (0, "")


def test_post_mortem_of_a_program_that_lives_says_what_is_true_there(place):
    program(place, FAULT.format(look="lowdb.post_mortem()"))
    done = play(place, "n\nq\n")
    reason = done.out.splitlines()[1]
    assert reason.startswith("post-mortem  ZeroDivisionError: division by zero  ")
    assert reason.endswith("  (look only: c or q goes on with the program)")
    assert "there is nothing to step here (c or q goes on with the program)\n" in done.out
    assert done.out.endswith("end\n")
    assert (done.status, done.err) == (0, "")


def test_q_with_an_exclamation_mark_ends_the_program_from_its_own_post_mortem(place):
    program(place, FAULT.format(look="lowdb.post_mortem()"))
    done = play(place, "q!\n")
    assert "end\n" not in done.out
    assert (done.status, done.err) == (0, "")


def test_post_mortem_may_be_called_again_and_again(place):
    program(place, FAULT.format(look="lowdb.post_mortem(); lowdb.post_mortem(error)"))
    assert play(place, "c\nc\n").out.count("main.py(3)f()") == 2


def test_after_post_mortem_nothing_is_held(place):
    program(place, FAULT.format(look="lowdb.post_mortem(); print('held', sys.monitoring.get_tool(0))"))
    assert "held None" in play(place, "c\n").out


def test_post_mortem_without_a_terminal_reports(place):
    program(place, FAULT.format(look="lowdb.post_mortem()"))
    done = run_python("main.py", cwd=place, input="data")
    assert done.out == "end\n"
    assert "ZeroDivisionError" in done.err
    assert done.err.count("x = 0") == 1


@pytest.mark.parametrize("call", ["post_mortem()", "post_mortem(3)", "post_mortem(ValueError())", "pm()"])
def test_post_mortem_of_nothing_is_a_value_error_in_words(place, call):
    program(place, f"import lowdb\ntry:\n    lowdb.{call}\nexcept ValueError as error:\n    print('refused:', error)\n")
    assert play(place).out.startswith("refused: ")


def test_run_stops_at_the_first_line_of_a_text(place):
    program(place, "import lowdb\nx = 1\nlowdb.run('x += 1\\nx += 1\\n')\nprint('x', x)\n")
    done = play(place, "n\np ('x is', x)\nc\n")
    assert "> <string>(1)<module>()" in done.out
    assert "('x is', 2)" in done.out
    assert "x += 1" in done.out
    assert done.out.endswith("x 3\n")


def test_run_takes_a_code_object_and_namespaces(place):
    program(
        place,
        "import lowdb\ncode = compile('b = a + 1', 'given', 'exec')\nspace = {'a': 1}\nhere = {}\n"
        "lowdb.run(code, space, here)\nprint('b', here, sorted(space))\n",
    )
    assert "b {'b': 2} ['__builtins__', 'a']" in play(place, "c\n").out


def test_what_run_raises_comes_through(place):
    program(place, "import lowdb\ntry:\n    lowdb.run('1/0')\nexcept ZeroDivisionError:\n    print('came through')\n")
    assert "came through" in play(place, "c\nc\n").out


def test_run_without_a_terminal_runs(place):
    program(place, "import lowdb\nlowdb.run('print(1)')\n")
    assert run_python("main.py", cwd=place).out == "1\n"


# --- the rest -------------------------------------------------------------------------------------


def test_the_public_names_are_there():
    import lowdb

    assert set(lowdb.__all__) <= set(dir(lowdb))
    for name in lowdb.__all__:
        getattr(lowdb, name)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        lowdb.nothing


def test_an_error_inside_lowdb_does_not_reach_the_program(place):
    program(
        place,
        """\
        import lowdb.faces
        lowdb.faces.for_guest = lambda *_: 1 / 0
        breakpoint()
        print("end")
        """,
    )
    done = run_python("main.py", cwd=place, env=BREAKPOINT)
    assert (done.status, done.out) == (0, "end\n")
    assert done.err == "lowdb: breakpoint() passed by: ZeroDivisionError: division by zero\n"


def test_no_name_of_lowdbs_is_left_in_the_program(place):
    program(
        place,
        "import builtins, sys\nbefore = set(vars()) | set(vars(builtins))\nbreakpoint()\n"
        "print('new', sorted((set(vars()) | set(vars(builtins))) - before - {'before'}))\n"
        "print(sys.gettrace(), sys.breakpointhook is sys.__breakpointhook__, sys.excepthook is sys.__excepthook__)\n",
    )
    assert "new []\nNone True True\n" in play(place, "p 1\nc\n", **BREAKPOINT).out


@pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="no fork")
def test_breakpoint_in_a_forked_child_is_passed_by(place):
    program(
        place,
        """\
        import os
        breakpoint()
        pid = os.fork()
        if not pid:
            breakpoint()
            os.write(1, b"child\\n")
            os._exit(0)
        os.waitpid(pid, 0)
        breakpoint()
        print("end")
        """,
    )
    done = play(place, "c\nc\n", **BREAKPOINT)
    assert done.out.count("main.py(") == 2
    assert "child\n" in done.out
    assert "end\n" in done.out
