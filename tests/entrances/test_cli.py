"""The command `lowdb`: what it makes of its options, and what the program under it sees and leaves."""

from __future__ import annotations

import os
import re
import signal
import sys
import textwrap
from pathlib import Path

import pytest

from lowdb import cli
from lowdb.cli import Usage, parse
from lowdb.engine.restarts import interpreter_flags
from tests.entrances.terminal import on_terminal
from tests.processes import Completed, Process, run_python

LOWDB = ("-m", "lowdb")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path


def write(place: Path, name: str, text: str) -> Path:
    path = place / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(text))
    return path


def lowdb(place: Path, *arguments: str, **options: object) -> Completed:
    return run_python(*LOWDB, *arguments, cwd=place, **options)  # type: ignore[arg-type]


# --- options --------------------------------------------------------------------------------------


def test_options_end_at_the_program():
    choice = parse(["--post-mortem", "-c", "b 3", "shop.py", "-c", "--ui", "x"])
    assert (choice.program, choice.arguments, choice.commands) == ("shop.py", ["-c", "--ui", "x"], ["b 3"])
    assert (choice.module, choice.post_mortem, choice.ui) == (False, True, None)


@pytest.mark.parametrize("words", [["-m", "pkg.mod", "-c", "x"], ["-mpkg.mod", "-c", "x"]])
def test_options_end_at_the_module(words):
    choice = parse(words)
    assert (choice.module, choice.program, choice.arguments) == (True, "pkg.mod", ["-c", "x"])


def test_two_dashes_end_the_options():
    choice = parse(["-c", "n", "--", "-odd.py", "a"])
    assert (choice.program, choice.arguments) == ("-odd.py", ["a"])


def test_commands_and_files_of_commands_keep_their_order(tmp_path):
    file = write(tmp_path, "setup", "b 3\n\n# words\nc\n")
    choice = parse(["-c", "one", "-x", str(file), "-ctwo", "x.py"])
    assert choice.commands == ["one", "b 3", "", "# words", "c", "two"]


@pytest.mark.parametrize("words", [["--ui", "plain", "x.py"], ["--ui=plain", "x.py"]])
def test_an_option_takes_its_value_either_way(words):
    assert parse(words).ui == "plain"


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ([], "which program? (lowdb script.py, lowdb -m module, lowdb --help)"),
        (["-c", "n"], "which program? (lowdb script.py, lowdb -m module, lowdb --help)"),
        (["--post-mortm", "x.py"], "no option '--post-mortm' (did you mean '--post-mortem'?)"),
        (["--postmortem=1", "x.py"], "no option '--postmortem' (did you mean '--post-mortem'?)"),
        (["-M", "x"], "no option '-M' (did you mean '-m'?)"),
        (["-q", "x.py"], "no option '-q' (lowdb --help shows all)"),
        (["--bogus", "x.py"], "no option '--bogus' (lowdb --help shows all)"),
        (["--zzz", "x.py"], "no option '--zzz' (lowdb --help shows all)"),
        (["-c"], "option -c needs a command"),
        (["-m"], "option -m needs a module's name"),
        (["--ui"], "option --ui needs plain or tty"),
        (["--ui=gui", "x.py"], "option --ui is plain or tty, not 'gui'"),
        (["--post-mortem=1", "x.py"], "option --post-mortem takes no value"),
        (["-x", "/no/such/file", "x.py"], "option -x: cannot read '/no/such/file': No such file or directory"),
    ],
)
def test_a_wrong_option_is_named_with_what_was_meant(words, text):
    with pytest.raises(Usage, match=f"^{re.escape(text)}$"):
        parse(words)


@pytest.mark.parametrize(
    ("entry", "flags"),
    [
        (["-m", "lowdb"], []),
        (["-X", "dev", "-W", "error", "-m", "lowdb"], ["-X", "dev", "-W", "error"]),
        (["-Pm", "lowdb"], ["-P"]),
        (["-mlowdb"], []),
        (["-OOWerror", "-Xdev", "/bin/lowdb"], ["-OOWerror", "-Xdev"]),
        (["-sE", "/bin/lowdb"], ["-sE"]),
        (["--check-hash-based-pycs", "never", "/bin/lowdb"], ["--check-hash-based-pycs", "never"]),
        (["/bin/lowdb"], []),
    ],
)
def test_the_interpreters_own_flags_are_found(entry, flags):
    assert interpreter_flags(entry) == flags


def test_wrong_options_end_with_one_line_and_status_2(place):
    done = lowdb(place, "--hlep")
    assert (done.status, done.out, done.err) == (2, "", "lowdb: no option '--hlep' (did you mean '--help'?)\n")


def test_the_version_names_both(place):
    version = ".".join(map(str, sys.version_info[:3]))
    done = lowdb(place, "--version")
    assert (done.status, done.err) == (0, "")
    assert re.fullmatch(rf"lowdb \d+\.\d+\.\d+  Python {re.escape(version)}( free-threading)?\n", done.out)


def test_the_help_names_every_option(place):
    done = lowdb(place, "--help")
    assert done.status == 0
    for option in ("-c", "-x", "-m", *cli.LONG):
        assert re.search(rf"^  .*{option}", done.out, re.MULTILINE)
    assert max(map(len, done.out.splitlines())) <= 120


# --- what is not a program ------------------------------------------------------------------------


def test_a_missing_file_is_one_line_and_status_2(place):
    done = lowdb(place, "none.py")
    text = f"lowdb: can't open file '{place}/none.py': [Errno 2] No such file or directory\n"
    assert (done.status, done.out, done.err) == (2, "", text)


def test_a_missing_module_is_one_line_and_status_1(place):
    done = lowdb(place, "-m", "nothing_of_this_name")
    assert (done.status, done.out) == (1, "")
    assert done.err == f"{sys.executable}: No module named nothing_of_this_name\n"


def test_a_program_on_stdin_is_refused(place):
    assert lowdb(place, "-", input="print(1)").err == (
        "lowdb: cannot debug a program that is read from stdin: put it in a file\n"
    )


@pytest.mark.parametrize("flags", [(), ("-W", "error"), ("-O", "-X", "utf8")], ids=" ".join)
def test_a_syntax_error_is_shown_as_python_shows_it(place, flags):
    write(place, "main.py", "x = 1\nx = '\\d'\ndef f(:\n")
    bare = run_python(*flags, "main.py", cwd=place)
    ours = run_python(*flags, *LOWDB, "main.py", cwd=place)
    assert (ours.status, ours.out, ours.err) == (1, "", bare.err)


def test_another_debugger_is_named_and_nothing_runs(place):
    write(place, "main.py", "print('ran')")
    code = "import sys; sys.monitoring.use_tool_id(0, 'other tool')\nfrom lowdb.cli import main\nmain(['main.py'])"
    done = run_python("-c", code, cwd=place)
    assert (done.status, done.out) == (2, "")
    assert done.err.count("\n") == 1
    assert "'other tool'" in done.err


# --- the first stop, the commands, the end --------------------------------------------------------


def test_the_first_stop_is_before_the_first_line(place):
    path = write(place, "main.py", "print('ran')\n")
    done = lowdb(place, "main.py", input="q\n")
    assert f"> {path}(1)<module>()\nstart" in done.out
    assert "\nran" not in done.out
    assert done.status == 0


def test_commands_of_the_command_line_run_at_the_first_prompt_in_order(place):
    write(place, "main.py", "x = 1\ny = 2\nz = 3\n")
    write(place, "setup", "# a comment\n\nn\np ('setup', x)\n")
    done = lowdb(place, "-c", "p 'first'", "-x", "setup", "-c", "p 'last'", "-c", "c", "main.py")
    found = re.findall(r"^(?:'first'|\('setup', 1\)|'last')$", done.out, re.MULTILINE)
    assert found == ["'first'", "('setup', 1)", "'last'"]
    assert done.out.endswith("the program ended with exit status 0\n")


def test_post_mortem_stops_only_for_what_nobody_caught(place):
    write(place, "main.py", "def f(x):\n    return 1 / x\nf(0)\n")
    done = lowdb(place, "--post-mortem", "-c", "p ('x is', x)", "main.py")
    assert "start " not in done.out
    assert "('x is', 0)" in done.out
    assert done.out.count("\n> ") <= 2
    assert (done.status, done.err) == (1, run_python("main.py", cwd=place).err)


def test_post_mortem_of_a_program_that_ends_well_says_one_line(place):
    write(place, "main.py", "print('fine')\n")
    done = lowdb(place, "--post-mortem", "main.py")
    assert done.out == "fine\nthe program ended with exit status 0\n"


@pytest.mark.parametrize(
    ("text", "status"),
    [("", 0), ("import sys; sys.exit(7)", 7), ("import sys; sys.exit('words')", 1), ("1/0", 1), ("raise OSError", 1)],
)
def test_lowdb_ends_with_the_programs_status(place, text, status):
    write(place, "main.py", text + "\n")
    done = lowdb(place, "main.py", input="c\nc\n")
    assert done.status == status
    if text:  # where there is a line to stop at
        assert done.out.endswith(f"the program ended with exit status {status}\n")


@pytest.mark.parametrize("command", ["q", "q!"])
def test_q_in_the_post_mortem_of_a_thread_ends_the_program(place, command):
    write(
        place,
        "main.py",
        "import threading, time\nt = threading.Thread(target=lambda: 1 / 0)\nt.start()\n"
        "try:\n    for _ in range(500): time.sleep(0.01)\n    print('slept', 5)\nfinally:\n    print('finally')\n",
    )
    done = lowdb(place, "-c", "c", "-c", command, "main.py")
    assert "slept 5" not in done.out
    assert ("finally\n" in done.out) == (command == "q")
    assert done.status == 0


def test_q_with_an_exclamation_mark_ends_a_dying_program_at_once(place):
    write(place, "main.py", "import atexit\natexit.register(print, 'too', 'late')\n1 / 0\n")
    done = lowdb(place, "-c", "c", "-c", "q!", "main.py")
    assert "too late" not in done.out
    assert (done.status, done.err) == (1, "")


def test_an_exception_in_a_thread_is_looked_at_and_then_the_programs(place):
    write(
        place,
        "main.py",
        """\
        import threading
        threading.excepthook = lambda details: print("hook of the program", details.exc_type.__name__)
        def work(n):
            return 1 / n
        t = threading.Thread(target=work, args=(0,))
        t.start()
        t.join()
        print("main goes on")
        """,
    )
    text = (place / "main.py").read_text()
    done = lowdb(place, "main.py", input="c\np ('n is', n)\nc\n")
    assert "hook of the program ZeroDivisionError\nmain goes on\n" in done.out
    assert done.status == 0
    (place / "main.py").write_text(text.replace("threading.excepthook =", "unused ="))
    done = lowdb(place, "main.py", input="c\np ('n is', n)\nc\n")
    assert "('n is', 0)" in done.out
    assert "main goes on" in done.out
    assert "Exception in thread" in done.err


def test_the_namespace_of_the_program_is_clean(place):
    program = "import builtins, json\nseen = sorted(vars())\nprint(json.dumps([seen, sorted(vars(builtins))]))\n"
    write(place, "main.py", program)
    bare = run_python("main.py", cwd=place)
    ours = lowdb(place, "main.py", "-c", input="n\np seen\nn\nbt\nc\n")
    assert bare.out.strip() in ours.out


def test_the_environment_of_the_program_is_clean(place):
    write(place, "main.py", "import os\nprint(sorted(os.environ))\nprint(sorted(os.listdir('/proc/self/fd')))\n")
    if not Path("/proc/self/fd").is_dir():
        pytest.skip("no /proc")
    bare = run_python("main.py", cwd=place)
    assert bare.out in lowdb(place, "-c", "c", "main.py").out


# --- breakpoint() ---------------------------------------------------------------------------------


def test_breakpoint_uses_the_debugger_that_runs(place):
    write(place, "main.py", "def f(n):\n    breakpoint()\n    return n\nf(5)\nprint('end')\n")
    done = lowdb(place, "-c", "c", "main.py", input="p ('n is', n)\nc\n")
    assert "('n is', 5)" in done.out
    assert "(2)f()" in done.out
    assert "end\n" in done.out


@pytest.mark.parametrize(
    ("named", "stops"), [("0", False), ("lowdb.set_trace", True), ("", True), ("builtins.print", False)]
)
def test_an_explicit_pythonbreakpoint_keeps_its_meaning(place, named, stops):
    write(place, "main.py", "breakpoint()\nprint('end')\n")
    done = lowdb(place, "-c", "c", "main.py", input="p 'here'\nc\n", env={"PYTHONBREAKPOINT": named})
    assert ("'here'" in done.out) is stops
    assert "end\n" in done.out
    assert done.status == 0


def test_after_detach_breakpoint_is_passed_by(place):
    write(place, "main.py", "for i in range(3):\n    breakpoint()\nprint('end', i)\n")
    done = lowdb(place, "main.py", input="c\ndetach\n")
    assert done.out.count("breakpoint()  ") <= 1
    assert "end 2\n" in done.out


# --- Ctrl-C ---------------------------------------------------------------------------------------

BUSY = """\
import signal, sys
{handler}
print("busy", flush=True)
n = 0
while n < 10:
    {wait}
print("end", flush=True)
"""


@pytest.mark.parametrize("wait", ["pass", "__import__('time').sleep(60)", "__import__('threading').Lock().locked()"])
def test_ctrl_c_pauses_the_program(place, wait, spawn):
    write(place, "main.py", BUSY.format(handler="", wait=wait))
    process: Process = spawn(*LOWDB, "-c", "c", "main.py", cwd=place)
    process.expect("^busy")
    process.interrupt()
    process.expect(r"^pause")
    process.send("n = 10\np ('n is', n)\nq\n")
    process.expect(r"\('n is', 10\)")
    assert process.wait().status == 0


def test_a_handler_of_the_program_wins(place, spawn):
    handler = "signal.signal(signal.SIGINT, lambda number, frame: (print('mine', flush=True), sys.exit(3)))"
    write(place, "main.py", BUSY.format(handler=handler, wait="pass"))
    process: Process = spawn(*LOWDB, "-c", "c", "main.py", cwd=place)
    process.expect("^busy")
    process.interrupt()
    assert process.wait().status == 3
    assert "mine" in process.out


def test_an_ignored_interrupt_stays_ignored(place):
    write(place, "main.py", "import signal\nprint(signal.getsignal(signal.SIGINT) is signal.SIG_IGN)\n")
    code = f"import os, signal; signal.signal(2, signal.SIG_IGN); os.execv({sys.executable!r}, [{sys.executable!r}, "
    done = run_python("-c", code + "'-m', 'lowdb', '-c', 'c', 'main.py'])", cwd=place)
    assert "True\n" in done.out


def test_after_detach_ctrl_c_is_pythons_again(place, spawn):
    write(place, "main.py", BUSY.format(handler="", wait="pass"))
    process: Process = spawn(*LOWDB, "-c", "detach", "main.py", cwd=place)
    process.expect("^busy")
    process.interrupt()
    assert process.wait().status == -signal.SIGINT
    assert "KeyboardInterrupt" in process.err


# --- start-up -------------------------------------------------------------------------------------


def test_a_choice_that_runs_nothing_loads_nothing():
    code = (
        "import sys; before = set(sys.modules)\nfrom lowdb.cli import parse\nparse(['-c', 'n', '--ui=plain', 'x.py'])\n"
    )
    done = run_python("-c", code + "print(sorted(set(sys.modules) - before - {'__future__'}))")
    assert done.out == "['lowdb', 'lowdb.cli']\n"


def test_importing_lowdb_loads_nothing():
    code = "import sys; before = set(sys.modules)\nimport lowdb\nprint(lowdb.__version__, set(sys.modules) - before)"
    assert run_python("-c", code).out == f"{__import__('lowdb').__version__} {{'lowdb'}}\n"


def test_a_start_loads_nothing_that_takes_long(place):
    write(place, "main.py", "import sys\nprint(sorted(sys.modules))\n")
    done = lowdb(place, "-c", "c", "main.py")
    heavy = {"argparse", "asyncio", "json", "pprint", "difflib", "subprocess", "logging", "tempfile", "shutil"}
    heavy |= {"prompt_toolkit", "pygments", "runpy.py", "unittest", "ctypes", "socket", "random"}
    loaded = set(re.findall(r"'([\w.]+)'", done.out))
    assert "lowdb.engine.debugger" in loaded
    assert not loaded & heavy


def test_modules_in_the_current_directory_are_not_taken_for_the_standard_librarys(place):
    for name in ("dataclasses", "enum_", "queue", "types_", "threading", "json", "signal"):
        write(place, f"{name}.py", "raise SystemExit('imported from the wrong place')\n")
    write(place, "sub/main.py", "print('fine')\n")
    assert "fine\n" in lowdb(place, "-c", "c", "sub/main.py").out


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="no pseudo-terminals")
def test_piped_data_is_the_programs_where_there_is_a_terminal(place):
    """`data | lowdb prog.py` at a terminal: commands come from the terminal, stdin is the program's."""
    write(place, "main.py", "import sys\nprint('read', sys.stdin.read().split())\n")
    done, shown = on_terminal(place, "c\n", *LOWDB, "main.py", data="some data\n")
    assert "read ['some', 'data']" in done.out
    assert "(lowdb) " in shown
