"""Programs that make it hard: their own terminal modes, streams, modules, loops and ends; and what is left behind."""

from __future__ import annotations

import os
import textwrap
from typing import TYPE_CHECKING

from tests.processes import ROOT
from tests.terminal.test_console import guest, place, program, shell, under

if TYPE_CHECKING:
    pass

__all__ = ["place"]  # a fixture

STATE = """\
import asyncio, os, signal, sys, termios, threading

def state():
    modes = termios.tcgetattr(0)
    handlers = [signal.getsignal(number) for number in signal.valid_signals()]
    policy = asyncio.events._event_loop_policy
    wakeup = signal.set_wakeup_fd(-1)
    files = sorted(os.listdir("/proc/self/fd"))
    tasks = len(os.listdir("/proc/self/task"))
    streams = [sys.stdin, sys.stdout, sys.stderr, sys.breakpointhook, sys.excepthook, sys.displayhook]
    return modes, handlers, policy, wakeup, files, tasks, threading.enumerate(), streams, list(sys.path), os.getcwd()
"""


def test_a_prompt_leaves_nothing_behind(place):
    text = STATE + textwrap.dedent("""\
    before = state()
    for _ in range(3):
        breakpoint()
        after = state()
        print("differences", [number for number, pair in enumerate(zip(before, after)) if pair[0] != pair[1]])
    """)
    with guest(place, text) as screen:
        for count in (1, 2, 3):
            screen.prompt()
            screen.command("p 1 + 1")
            screen.press("tab")
            screen.type("brea")
            screen.press("tab")
            screen.settle(0.1)
            screen.press("c-c")
            screen.prompt()
            screen.enter("c")
            screen.see(r"(?s)" + r"differences \[\].*" * count)
        assert screen.end() == 0


def test_nothing_is_imported_for_a_prompt_that_does_not_come(place):
    text = """\
    import sys
    print([name for name in ("prompt_toolkit", "pygments", "asyncio", "lowdb.terminal.console") if name in sys.modules])
    """
    program(place, text)
    with shell(place, "lowdb --post-mortem main.py") as screen:
        screen.see(r"^\[\]$")


# --- its own terminal ------------------------------------------------------------------------------


def test_raw_mode_is_back_when_the_program_goes_on(place):
    text = """\
    import termios, tty
    before = termios.tcgetattr(0)
    tty.setraw(0)
    raw = termios.tcgetattr(0)
    breakpoint()
    same = termios.tcgetattr(0) == raw
    termios.tcsetattr(0, termios.TCSANOW, before)
    print("same", same)
    """
    with guest(place, text) as screen:
        screen.prompt()
        shown = screen.command("p 'one'")
        assert shown == "'one'"
        assert screen.lines[0].startswith("breakpoint()")
        assert screen.lines[1].startswith("  ")  # no staircase: a newline goes to the first column
        screen.enter("c")
        screen.see("^same True$")
        assert screen.end() == 0


def test_curses_gets_its_screen_back(place):
    text = """\
    import curses
    def main(window):
        window.addstr(2, 4, "before")
        window.refresh()
        breakpoint()
        window.clear()
        window.addstr(3, 4, "key " + repr(window.getkey()))
        window.refresh()
        window.getkey()
    curses.wrapper(main)
    print("end")
    """
    with guest(place, text) as screen:
        screen.see("breakpoint")
        screen.see(r"\(lowdb\)")
        screen.settle(0.1)
        screen.enter("p 6 * 7")
        screen.see("42")
        screen.enter("c")
        screen.settle(0.1)
        screen.type("x")
        screen.see("    key 'x'")
        screen.type("y")
        screen.see("^end$")
        assert screen.end() == 0


def test_a_program_without_standard_streams_has_a_prompt(place):
    text = """\
    import io, os, sys
    sys.stdin = sys.__stdin__ = None
    sys.stdout = io.StringIO()
    sys.stderr = None
    for number in (0, 1, 2):
        os.close(number)
    names = [os.open(os.devnull, os.O_RDWR) for _ in range(3)]
    breakpoint()
    os._exit(7 if names == [0, 1, 2] else 8)
    """
    program(place, text)
    with shell(place, "python main.py; echo status $?") as screen:
        screen.prompt()
        assert screen.command("p 6 * 7") == "42"
        assert screen.command("p names") == "[0, 1, 2]"
        screen.enter("c")
        screen.see("^status 7$")


def test_a_program_that_closes_all_it_finds_open_has_a_prompt(place):
    text = """\
    import os
    breakpoint()
    os.closerange(3, 1000)
    mine = os.open("mine.txt", os.O_CREAT | os.O_RDWR)
    os.dup2(mine, 200)
    os.dup2(mine, 201)
    breakpoint()
    print("mine", os.path.getsize("mine.txt"), mine)
    """
    with guest(place, text) as screen:
        screen.prompt()
        screen.enter("c")
        screen.see(r">    7 ")
        screen.prompt()
        assert screen.command("p mine") == "3"
        screen.enter("c")
        screen.see("^mine 0 3$")
        assert screen.end() == 0


def test_a_program_in_another_directory_or_none_has_a_prompt(place):
    text = """\
    import os
    os.mkdir("gone")
    os.chdir("gone")
    os.rmdir("../gone")
    breakpoint()
    print("end")
    """
    with guest(place, text) as screen:
        screen.prompt()
        assert screen.command("p 6 * 7") == "42"
        screen.enter("c")
        screen.see("^end$")


# --- its own modules -------------------------------------------------------------------------------


def test_modules_named_as_what_the_prompt_is_made_of_break_neither(place):
    for name in ("queue", "random", "string", "token", "select", "signal", "wcwidth", "prompt_toolkit", "pygments"):
        (place / f"{name}.py").write_text(f"mine = '{name}'\n")
    text = """\
    import queue, random, pygments
    breakpoint()
    import prompt_toolkit, string, wcwidth
    print([module.mine for module in (queue, random, pygments, prompt_toolkit, string, wcwidth)])
    breakpoint()
    print("end")
    """
    with guest(place, text) as screen:
        screen.prompt()
        assert screen.style("breakpoint()  main.py").bold  # in colour, so it is not plain text
        screen.type("p quer")
        screen.press("backspace", "tab")
        screen.see("p queue")
        screen.press("c-c")
        screen.prompt()
        screen.enter("c")
        screen.see(r"^\['queue', 'random', 'pygments', 'prompt_toolkit', 'string', 'wcwidth'\]$")
        screen.prompt()
        assert screen.command("p prompt_toolkit.mine") == "'prompt_toolkit'"
        screen.enter("c")
        screen.see("^end$")
        assert screen.end() == 0


def test_where_prompt_toolkit_cannot_be_used_the_prompt_is_plain_and_says_why(place):
    broken = place / "elsewhere" / "prompt_toolkit"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("raise ImportError('broken on purpose')\n")
    path = f"{broken.parent}{os.pathsep}{os.environ.get('PYTHONPATH', '')}{os.pathsep}{ROOT}"
    with guest(place, "x = 41\nbreakpoint()\nprint('end')\n", env={"PYTHONPATH": path}) as screen:
        screen.see("plain text, since prompt-toolkit cannot be used here: ImportError: broken on purpose")
        screen.prompt()
        assert screen.command("p x + 1") == "42"
        assert "cannot be used" not in screen.command("p x + 2")
        screen.enter("c")
        screen.see("^end$")
        assert screen.end() == 0


def test_a_fault_in_the_line_editor_costs_one_line_of_editing(place):
    from_the_start = """\
    import lowdb.terminal.{module} as place
    real = place.{name}
    def broken(*_, **__):
        place.{name} = real
        raise {error}("on purpose")
    place.{name} = broken
    """
    stages = [
        ("ownloop", "_new_loop", "MemoryError"),
        ("ownloop", "_StandIn", "ValueError"),
        ("ownloop", "get_native_id", "SystemExit"),
        ("ownloop", "start_new_thread", "RuntimeError"),
        ("reading", "create_app_session", "KeyError"),
    ]
    with guest(place, "breakpoint()\nprint('end')\n") as screen:
        screen.prompt()
        for number, (module, name, error) in enumerate(stages):
            code = textwrap.dedent(from_the_start.format(module=module, name=name, error=error))
            (place / "stage.py").write_text(code)
            screen.enter("exec(open('stage.py').read(), {})")
            screen.see(rf"(?s)(stage.py.*){{{number + 1}}}\(lowdb\)")
            screen.settle(0.1)
            screen.enter(f"p 'stage', {number}")
            screen.see(rf"^\('stage', {number}\)$")
        screen.enter("c")
        screen.see("^end$")
        assert screen.end() == 0


# --- its own prompts -------------------------------------------------------------------------------


def test_a_program_that_is_itself_a_prompt_toolkit_application(place):
    text = """\
    import lowdb
    from prompt_toolkit import PromptSession
    from prompt_toolkit.application import get_app
    from prompt_toolkit.key_binding import KeyBindings
    keys = KeyBindings()
    @keys.add("c-t")
    def stop(event):
        app = get_app()
        lowdb.set_trace()
        same.append(app is get_app() is event.app)
    same = []
    session = PromptSession("mine> ", key_bindings=keys)
    print("answer", session.prompt(), same)
    """
    with guest(place, text) as screen:
        screen.see("^mine>")
        screen.type("half")
        screen.press("c-t")
        screen.see(r"\(lowdb[^)]*\)")
        screen.settle(0.1)
        screen.enter("p 'it is', app is session.app")
        screen.see(r"^\('it is', True\)")
        screen.enter("c")
        screen.settle(0.1)
        screen.enter(" and half")
        screen.see(r"answer half and half \[True\]")
        assert screen.end() == 0


# --- the ends --------------------------------------------------------------------------------------


def test_post_mortem_atexit_and_the_end_of_the_interpreter(place):
    text = """\
    import atexit, lowdb
    class Late:
        def __del__(self, stop=lowdb.set_trace):
            late = 3
            stop()
    kept = Late()
    def at_end():
        early = 2
        breakpoint()
    atexit.register(at_end)
    def f(n):
        return 1 // n
    try:
        f(0)
    except ZeroDivisionError as error:
        lowdb.post_mortem(error)
    """
    with guest(place, text) as screen:
        screen.prompt("post-mortem")
        assert screen.command("p n", "post-mortem") == "0"
        screen.enter("q")
        screen.prompt()
        assert screen.command("p early") == "2"
        screen.enter("c")
        screen.see(r"^lowdb: breakpoint\(\) passed by: RuntimeError: the interpreter is ending$")
        assert screen.end() == 0


def test_nested_prompts(place):
    with under(place, "def f(n):\n    m = n + 1\n    return m\nx = f(1)\n") as screen:
        screen.command("b 3")
        screen.enter("c")
        screen.prompt()
        screen.enter("debug f(10)")
        screen.prompt("debug")
        assert screen.command("p m", "debug") == "11"
        screen.enter("c")
        screen.see(r"^11$")
        screen.prompt()
        assert screen.command("p m") == "2"
        screen.enter("c")
        assert screen.end() == 0


def test_a_program_with_an_older_prompt_toolkit_keeps_it_and_has_a_prompt_all_the_same(place):
    for name, version in (("prompt_toolkit", "2.0.10"), ("pygments", "1.6")):
        old = place / "vendored" / name
        old.mkdir(parents=True)
        (old / "__init__.py").write_text(f"__version__ = {version!r}\n")
        (old / "late.py").write_text("mine = True\n")
    text = """\
    import sys
    sys.path.insert(0, "vendored")
    import prompt_toolkit, pygments
    breakpoint()
    from prompt_toolkit import late
    import pygments.late
    print(prompt_toolkit.__version__, pygments.__version__, late.mine, "prompt_toolkit.buffer" in sys.modules)
    breakpoint()
    """
    with guest(place, text) as screen:
        screen.prompt()
        assert screen.style("breakpoint()  main.py").bold
        assert screen.command("p prompt_toolkit.__version__") == "'2.0.10'"
        screen.enter("c")
        screen.see(r"^2\.0\.10 1\.6 True False$")
        screen.prompt()
        screen.type("p pyg")
        screen.press("tab")
        screen.see("p pygments")
        screen.press("c-c")
        screen.prompt()
        screen.enter("c")
        assert screen.end() == 0


def test_without_pygments_the_stop_and_the_prompt_are_plain_text_and_say_why(place):
    broken = place / "elsewhere" / "pygments"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("raise ImportError('broken on purpose')\n")
    path = f"{broken.parent}{os.pathsep}{ROOT}"
    with guest(place, "x = 41\nbreakpoint()\nprint('end')\n", env={"PYTHONPATH": path}) as screen:
        screen.see("plain text, since the terminal cannot be used here: ImportError: broken on purpose")
        screen.prompt()
        assert screen.command("p x + 1") == "42"
        screen.enter("c")
        screen.see("^end$")
        assert screen.end() == 0


def test_a_terminal_that_does_not_echo_is_left_so_in_plain_text(place):
    program(place, "x = 41\nbreakpoint()\nprint('end')\n")  # as Emacs has it: it shows what is typed itself
    with shell(place, "stty -echo; python main.py; stty -a", env={"TERM": "dumb"}) as screen:
        screen.see(r"\(lowdb\)")
        screen.enter("p x + 1")
        screen.see(r"^\(lowdb\) 42$")
        screen.enter("c")
        screen.see("(?s)^.*end$")
        screen.see(r" -echo ")
