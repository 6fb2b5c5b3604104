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

Runs the program and stops before its first line. Options end where the program begins; all that follows is the
program's own. b LOC sets a breakpoint, c runs, h helps.

  -c CMD           run CMD at the first prompt; may be given again and again
  -x FILE          run the commands in FILE, one a line; in one order with -c
  -m MODULE        run a module as `python -m` does
  --post-mortem    do not stop at the start, only when an exception was not caught
  --ui plain|tty   plain text on stdin and stdout, or a terminal
  --version        say which lowdb and which Python, and end
  -h, --help       show this and end

examples:
  lowdb shop.py --rate 0.1
  lowdb -c "b shop.py:57 if rate > 0.05" -c c shop.py
  lowdb --post-mortem -m pytest -x tests
  lowdb -x setup.lowdb -c c --ui plain shop.py < orders.txt

environment:
  LOWDB_UI=plain|tty                    as --ui
  PYTHONBREAKPOINT=lowdb.set_trace      breakpoint() in any program opens lowdb there
"""

LONG = ("--help", "--post-mortem", "--ui", "--version")
FACES = ("plain", "tty")


class Usage(Exception):
    """The command line asks for something that is not there; the text is one line."""


class Choice:
    """What the command line asks for."""

    __slots__ = ("action", "arguments", "commands", "module", "options", "post_mortem", "program", "ui")

    def __init__(self) -> None:
        self.action = "run"
        """run, help or version."""
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
        close = next((option for option in ("-c", "-x", "-m", "-h", "-V") if option[1] == word[1:2].lower()), None)
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
    _run(choice, sys.orig_argv[1 : len(sys.orig_argv) - len(arguments)])


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
    from lowdb.engine.restarts import Restarter, take_over
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
    from lowdb.repl.settings import COMMAND_LINE

    script = program.kind == "script"
    settings = hooks.chosen(os.path.dirname(program.filename) if script else program.filename or os.curdir)
    if choice.ui is not None:
        settings.set("ui", choice.ui, COMMAND_LINE, "--ui")
    if kept:  # started anew: they were run
        settings.startup.clear()
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
    waiting = list(kept.get("breakpoints", ()))

    def restore() -> None:
        main = debugger.locator.main
        if waiting and main is not None:
            loader = sys.path_importer_cache.get(program.filename)
            sources.source(main, {"__name__": "__main__", "__loader__": loader})  # kept: it may lie in a zip file
        while waiting:
            _restore(debugger, session, waiting.pop(0))

    if choice.module:  # packages run before the program's code is known: it is where it was in the last run
        debugger.locator.main = kept.get("main")
        restore()
    _pause_on_interrupt(debugger)
    sys.breakpointhook = hooks.breakpointhook
    return program, debugger, restore


def interpreter_flags(entry: list[str]) -> list[str]:
    """Of `python FLAGS… -m lowdb` or `python FLAGS… /bin/lowdb` (without `python`) the flags."""
    flags: list[str] = []
    words = iter(entry)
    for word in words:
        if not word.startswith("-") or word == "-":
            break
        if word == "--check-hash-based-pycs":
            flags += [word, next(words, "")]
            continue
        if word.startswith("--"):
            flags.append(word)
            continue
        for index, letter in enumerate(word[1:], 1):
            if letter in "mc":  # the rest is what to run, not how
                return [*flags, word[:index]] if index > 1 else flags
            if letter in "WX":  # the rest, or the next word, is its value
                flags += [word] if word[index + 1 :] else [word, next(words, "")]
                break
        else:
            flags.append(word)
    return flags


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
    from lowdb.engine.breakpoints import IGNORE_FROM

    breakpoints = []
    main = debugger.locator.main
    for point in debugger.breakpoints():
        if point.kind == "watch":
            continue  # what it watches is gone with this process
        if point.gone:
            continue
        fields = {name: getattr(point.spec, name) for name in point.spec.__dataclass_fields__}
        fields["enabled"] = point.enabled
        fields["condition"] = point.condition.text if point.condition is not None else None
        fields["ignore"] = point.counts[IGNORE_FROM]
        places = {(place.filename, place.line) for place in point.places}
        names = {(place.filename, place.function) for place in point.places}
        # `6`, `+2` and `greet` were said where there was a current file
        if point.kind == "line" and len(places) == 1:
            ((fields["filename"], fields["line"]),) = places
        elif point.kind in ("function", "exit") and len(names) == 1:
            ((filename, function),) = names
            # the program's own file need not be named, and cannot where it is not called something.py
            if filename == main:
                fields["location"] = function
            elif os.path.isfile(filename):
                fields["location"] = f"{filename}:{function}"
        breakpoints.append({"spec": fields, "commands": session.command_lists.get(point.number)})
    return {"breakpoints": breakpoints, "commands": session.unread(), "main": main}


def _restore(debugger: Debugger, session: Session, kept: dict[str, Any]) -> None:
    """Set a breakpoint as `_state` has kept it, or say why that cannot be: the program was edited, say."""
    from lowdb.engine.breakpoints import Spec
    from lowdb.engine.stops import Notice

    try:
        point = debugger.add(Spec(**kept["spec"]))
    except Exception as error:
        debugger.notify(Notice(f"breakpoint at {kept['spec'].get('location')!r} was not kept: {error}"))
        return
    if kept["commands"] is not None:
        session.command_lists[point.number] = kept["commands"]
