"""`lowdb [options] program [arguments]`: what was asked for, then the parts that do it, then the program.

Imports nothing before it has chosen; argparse would cost 3 ms and wants to read the program's own options.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import Any, NoReturn

    from lowdb.engine.debugger import Debugger
    from lowdb.engine.targets import Program
    from lowdb.repl.session import Session

BARE = frozenset(sys.modules)
"""The modules that were loaded before any of ours."""

HELP = """\
usage: lowdb [options] script.py [arguments]
       lowdb [options] -m module [arguments]
       lowdb [options] archive.zip | directory [arguments]     (with a __main__.py)
       lowdb --dap [--help]     serves an editor: the Debug Adapter Protocol on stdin and stdout
       lowdb --connect HOST:PORT script.py | -m module     runs it for an editor that listens there

Runs the program and stops before its first line. Options end where the program begins; all that follows is the
program's own. b LOC sets a breakpoint, c runs, h helps.

  -c CMD           run CMD at the first prompt; may be given again and again
  -x FILE          run the commands in FILE, one a line; in one order with -c
  -m MODULE        run a module as `python -m` does
  --post-mortem    do not stop at the start, only when an exception was not caught
  -B, --breakpoints
                   set the breakpoints of the last session, and save those of this one
  --ui plain|tty   plain text on stdin and stdout, or a terminal
  --trust [DIR]    have the start-up commands of a project's pyproject.toml run from now on, and end
  --untrust [DIR]  no longer run them, and end
  --version        say which lowdb and which Python, and end
  -h, --help       show this and end

examples:
  lowdb shop.py --rate 0.1
  lowdb -c "b shop.py:57 if rate > 0.05" -c c shop.py
  pytest --lowdb -x tests               (stops where a test fails)
  lowdb -x setup.lowdb -c c --ui plain shop.py < orders.txt

environment:
  LOWDB_UI=plain|tty                    as --ui
  LOWDB_CONFIG=FILE                     the settings, in the place of ~/.config/lowdb/config.toml
  PYTHONBREAKPOINT=lowdb.set_trace      breakpoint() in any program opens lowdb there
"""

LONG = ("--breakpoints", "--help", "--post-mortem", "--trust", "--ui", "--untrust", "--version")
FACES = ("plain", "tty")


class Usage(Exception):
    """The command line asks for something that is not there; the text is one line."""


class Choice:
    """What the command line asks for."""

    __slots__ = ("action", "arguments", "breakpoints", "commands", "module", "options", "post_mortem", "program", "ui")

    def __init__(self) -> None:
        self.action = "run"
        """run, help, version, trust or untrust."""
        self.breakpoints = False
        self.commands: list[str] = []
        """Of -c and -x, in the order given."""
        self.ui: str | None = None
        self.post_mortem = False
        self.module = False
        """Whether `program` is a module's name."""
        self.program = ""
        self.arguments: list[str] = []
        self.options: list[str] = []
        """The options that a restart repeats: all but -c and -x, whose commands were run."""


def parse(arguments: list[str]) -> Choice:
    """What `arguments` (without the command's own name) ask for. Raises Usage."""
    choice = Choice()
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        name, equals, value = word.partition("=") if word.startswith("--") else (word[:2], word[2:], word[2:])
        given = value if equals else None
        if word == "--":
            break
        if word == "-" or not word.startswith("-"):
            rest.insert(0, word)
            break
        if name in ("-c", "-x", "-m", "--ui"):
            if given is None:
                if not rest:
                    raise Usage(f"option {name} needs {_NEEDS[name]}")
                given = rest.pop(0)
            if name == "-m":
                choice.module = True
                choice.program = given
                choice.arguments = rest
                return choice
            _take(choice, name, given)
        elif word in ("-h", "--help", "-V", "--version"):
            choice.action = "help" if word in ("-h", "--help") else "version"
            return choice
        elif word == "--post-mortem":
            choice.post_mortem = True
            choice.options.append(word)
        elif word in ("-B", "--breakpoints"):
            choice.breakpoints = True
            choice.options.append(word)
        elif name in ("--trust", "--untrust"):
            choice.action = name[2:]
            choice.program = rest.pop(0) if given is None and rest else given or os.curdir
            if rest:
                raise Usage(f"option {name} takes one project at most, and runs nothing")
            return choice
        elif equals and name in LONG:
            raise Usage(f"option {name} takes no value")
        else:
            raise Usage(_unknown(word if not equals or len(name) == 2 else name))
    if not rest:
        raise Usage("which program? (lowdb script.py, lowdb -m module, lowdb --help)")
    choice.program, *choice.arguments = rest
    return choice


_NEEDS = {"-c": "a command", "-x": "a file of commands", "-m": "a module's name", "--ui": "plain or tty"}


def _take(choice: Choice, name: str, value: str) -> None:
    if name == "-c":
        choice.commands.append(value)
    elif name == "-x":
        try:
            with open(value, encoding="utf-8") as file:
                choice.commands += file.read().splitlines()
        except OSError as error:
            raise Usage(f"option -x: cannot read {value!r}: {error.strerror}") from None
        except UnicodeDecodeError:
            raise Usage(f"option -x: {value!r} is not UTF-8 text") from None
    else:
        if value not in FACES:
            raise Usage(f"option --ui is plain or tty, not {value!r}")
        choice.ui = value
        choice.options.append(f"--ui={value}")


def _unknown(word: str) -> str:
    from lowdb.repl.language import suggestion

    if word.startswith("--"):
        guess = suggestion(word[2:], [option[2:] for option in LONG])
        close = f"--{guess}" if guess else None
    else:
        close = next(
            (option for option in ("-c", "-x", "-m", "-h", "-V", "-B") if option[1] == word[1:2].lower()), None
        )
    return f"no option {word!r}" + (f" (did you mean {close!r}?)" if close else " (lowdb --help shows all)")


def fail(text: str, status: int = 2) -> NoReturn:
    """End with one line on stderr."""
    try:
        sys.stderr.write(f"lowdb: {text}\n")
    except (AttributeError, OSError, ValueError):  # no standard error
        pass
    raise SystemExit(status)


def main(argv: list[str] | None = None) -> None:
    """The command `lowdb`; `argv` without the command's name, sys.argv by default. Raises SystemExit."""
    arguments = sys.argv[1:] if argv is None else argv
    # What the interpreter put there is for lowdb: the directory of the command, or with -m the current one, where a
    # queue.py of the program's would be taken for the standard library's.
    if not sys.flags.safe_path and sys.path:
        del sys.path[0]
    if arguments[:1] == ["--dap"]:
        from lowdb.adapter.process import main as adapter

        adapter(arguments[1:])
    if arguments and arguments[0].partition("=")[0] == "--connect":
        from lowdb.debuggee import come

        come(arguments, BARE)
        return
    try:
        choice = parse(arguments)
    except Usage as error:
        fail(str(error))
    if choice.action == "help":
        sys.stdout.write(HELP)
        return
    if choice.action == "version":
        sys.stdout.write(versions() + "\n")
        return
    if choice.action in ("trust", "untrust"):
        _trust(choice.program, choice.action == "trust")
        return
    _run(choice, sys.orig_argv[1 : len(sys.orig_argv) - len(arguments)])


def _trust(directory: str, wanted: bool) -> None:
    from lowdb.program.imports import standard

    with standard():
        from lowdb.repl.trusting import CannotTrust, set_trust

        try:
            said = set_trust(os.environ, directory, wanted)
        except CannotTrust as error:
            fail(str(error))
    sys.stdout.write(said)


def versions() -> str:
    """`lowdb 0.1.0  Python 3.15.2`."""
    from lowdb import __version__
    from lowdb.capabilities import INTERPRETER

    return f"lowdb {__version__}  {INTERPRETER.describe()}"


def _run(choice: Choice, entry: list[str]) -> None:
    """`entry`: how the interpreter was told to run lowdb: its flags, and `-m lowdb` or the command's file."""
    from lowdb.program.imports import remember, standard

    try:
        with standard():
            program, debugger, restore = _set_up(choice, entry)
            from lowdb.engine.lifetime import run

        remember()
        program.prepare(BARE)
    except KeyboardInterrupt:
        raise SystemExit(130) from None  # Ctrl-C before there was a program
    run(program, debugger, restore, stop_first=not choice.post_mortem)


def _set_up(choice: Choice, entry: list[str]) -> tuple[Program, Debugger, Callable[[], None]]:
    """The program, compiled, a debugger that runs, and what is to be done once the program's code is known.

    Ends the process where one of them cannot be.
    """
    from lowdb.engine.restarts import Restarter, interpreter_flags, take_over
    from lowdb.engine.targets import CannotRun, NotPython, find

    kept = take_over()
    try:
        program = find(choice.program, choice.arguments, module=choice.module)
        program.compile()
    except CannotRun as error:
        fail(str(error), error.status)
    except NotPython:
        # There is nothing to debug, and nobody shows what is wrong with a file as the interpreter itself does.
        os.execv(sys.executable, [sys.executable, *interpreter_flags(entry), choice.program, *choice.arguments])

    from lowdb import faces, hooks
    from lowdb.program import sources
    from lowdb.repl.settings import COMMAND_LINE, PROMPT

    script = program.kind == "script"
    directory = os.path.dirname(program.filename) if script else program.filename or os.curdir
    settings = hooks.chosen(directory, report=bool(kept))  # started anew: all that was said and done
    if choice.ui is not None:
        settings.set("ui", choice.ui, COMMAND_LINE, "--ui")
    if choice.breakpoints:
        settings.set("persist_breakpoints", "true", COMMAND_LINE, "-B")
    if kept:
        settings.aliases = kept.get("aliases", {})
        for name, value in kept.get("settings", {}).items():
            settings.put(name, value, PROMPT, "set here")
    session = hooks.new_session(
        faces.for_program(settings, hooks.current),
        [*choice.commands, *kept.get("commands", ()), *kept.get("input", "").splitlines()],
        settings=settings,
        banner=f"{versions()}  pid {os.getpid()}   b LOC sets a breakpoint, c runs, h helps",
    )
    debugger = hooks.new_debugger(session)
    if debugger is None:
        raise SystemExit(2)
    command = [sys.executable, *entry, *choice.options, *(["-m"] if choice.module else []), choice.program]
    debugger.restarter = Restarter(command, choice.arguments, lambda: _state(debugger, session))
    restored: list[bool] = []

    def restore() -> None:
        main = debugger.locator.main
        if main is not None and program.kind == "container":
            loader = sys.path_importer_cache.get(program.filename)
            sources.source(main, {"__name__": "__main__", "__loader__": loader})  # kept: it may lie in a zip file
        if not restored:
            restored.append(True)
            session.saved.begin(kept.get("breakpoints"))

    if choice.module:  # packages run before the program's code is known: it is where it was in the last run
        debugger.locator.main = kept.get("main")
        restore()
    _pause_on_interrupt(debugger)
    sys.breakpointhook = hooks.breakpointhook
    return program, debugger, restore


def _pause_on_interrupt(debugger: Debugger) -> None:
    """Ctrl-C stops the program in the debugger, where it would be KeyboardInterrupt bare.

    `signal.getsignal(SIGINT)` is then this handler: a program (or asyncio.run) that takes SIGINT over only from
    Python's default leaves it to us; one that sets a handler unasked wins.
    """
    import signal

    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        return

    def interrupt(number: int, frame: FrameType | None) -> None:
        debugger.interrupt(frame)  # KeyboardInterrupt once it was taken off

    signal.signal(signal.SIGINT, interrupt)


def _state(debugger: Debugger, session: Session) -> dict[str, Any]:
    """What a restart keeps, as JSON data."""
    session.saved.after_stop()
    return {
        "breakpoints": session.saved.keeper.entries(),
        "commands": session.unread(),
        "main": debugger.locator.main,
        "settings": {name: session.settings[name] for name in session.settings.chosen_at_prompt()},
        "aliases": session.lines.aliases,
    }
