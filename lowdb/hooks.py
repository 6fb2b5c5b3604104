"""The ways into lowdb from a program that runs already: set_trace, post_mortem, pm, run; and what `lowdb` shares.

A guest: no error of lowdb's reaches the program, its stdin is read only where it is a terminal or LOWDB_UI says so.
"""

from __future__ import annotations

import atexit
import os
import sys
from _thread import RLock, get_ident
from types import CodeType, TracebackType
from typing import TYPE_CHECKING

from lowdb.program.imports import standard
from lowdb.program.mycode import is_lowdb

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import FrameType
    from typing import Any, TextIO

    from lowdb.engine.debugger import Debugger
    from lowdb.engine.stops import Stop
    from lowdb.repl.console import Console
    from lowdb.repl.session import Session
    from lowdb.repl.settings import Settings

_current: Debugger | None = None
"""The debugger of this process. One that no longer runs stays: a person who took lowdb off is not asked again."""

_opening = RLock()

_NEEDED = ["engine.debugger", "engine.forks", "faces", "repl.console", "repl.processes", "repl.session"]
_NEEDED += ["pytest_plugin.capture"]


def current() -> Debugger | None:
    """The debugger that this process runs under, None where there is none (any more)."""
    debugger = _current
    return debugger if debugger is not None and debugger.running else None


def adopt(debugger: Debugger) -> None:
    """Make a debugger that another entrance has started the one of this process."""
    global _current
    _current = debugger


# --- session and debugger -------------------------------------------------------------------------


def chosen(directory: str | None = None, *, report: bool = False) -> Settings:
    """The settings of the person, of the project that `directory` (by default: the program) is in, and of the
    environment; what is wrong with them is said on stderr. For a `report` nothing is said and no command is given.
    """
    from lowdb.repl.config import program_directory, read_settings

    settings, problems = read_settings(os.environ, directory or program_directory())
    if report:
        settings.startup.clear()
        settings.trusted = ""
        problems.clear()
    for problem in problems:
        say(problem)
    return settings


def new_session(
    console: Console,
    commands: Iterable[str] = (),
    *,
    settings: Settings | None = None,
    banner: str = "",
    asks: bool = False,
) -> Session:
    """The front end for a person at `console`, by default with the settings of the environment."""
    from lowdb import faces
    from lowdb.repl.session import Session

    session = Session(console, settings or chosen(), commands, banner, asks)
    session.unheard = _unheard
    faces.help_to_type(session, os.environ)
    return session


def new_debugger(session: Session) -> Debugger | None:
    """A debugger that runs and is `current` from now on; None, with a line on stderr, where another tool is there."""
    global _current
    from lowdb.engine import forks
    from lowdb.engine.debugger import Debugger
    from lowdb.engine.monitor import ToolTaken
    from lowdb.pytest_plugin.capture import Talk
    from lowdb.repl import processes
    from lowdb.repl.obeying import obey_all

    session.debugger = debugger = Debugger(Talk(session))
    obey_all(debugger, session.settings)
    try:
        debugger.start()
    except ToolTaken as taken:
        say(f"another debugger is at work here: sys.monitoring's debugger id is held by {taken.holder!r}")
        return None
    _current = debugger
    forks.watch(current)
    processes.watch(current)
    return debugger


def _open(otherwise: Callable[[], None], commands: Iterable[str] = ()) -> Debugger | None:
    """The debugger that runs, or a new one; None where there can be none: the person has taken it off, another tool
    is there, or nobody can be asked and `otherwise` was called.
    """
    if sys.meta_path is None:
        raise RuntimeError("the interpreter is ending")
    with _opening:
        left = _current is not None and _current.left
        if _current is not None and not left and (_current.running or not _interactive()):
            return current()
        load()
        from lowdb import faces
        from lowdb.pytest_plugin.capture import Uncaptured

        with Uncaptured():
            settings = chosen()
            if left and settings["ui"] == "plain" and not os.isatty(0):
                return None  # a forked child: what comes on stdin is for its parent
            console = faces.for_guest(settings, current)
            if console is None:
                otherwise()
                say("no terminal: continuing (LOWDB_UI=plain reads commands from stdin)")
                return None
            session = new_session(console, commands, settings=settings, asks=True)
            session.forked = left
            debugger = new_debugger(session)
        if debugger is not None:
            session.saved.begin()
            atexit.register(debugger.close)
        return debugger


def load() -> None:
    """Import what a stop needs, from the standard library and lowdb only: the program has files of its own."""
    if "lowdb.repl.session" not in sys.modules:
        with standard():
            for name in _NEEDED:
                __import__(f"lowdb.{name}")


def _interactive() -> bool:
    """Whether Python itself is at a prompt: there lowdb may be called again after `detach`."""
    return "ps1" in vars(sys)


def say(text: str) -> None:
    """One line on stderr, where there is one."""
    try:
        sys.stderr.write(f"lowdb: {text}\n")
        sys.stderr.flush()
    except Exception:  # the program has closed or replaced it
        pass


# --- the public functions -------------------------------------------------------------------------


def set_trace(
    frame: FrameType | None = None, *, header: str | None = None, commands: Iterable[str] | None = None, **_: object
) -> None:
    """Stop here: in the function that called, or in `frame`. The target of PYTHONBREAKPOINT=lowdb.set_trace.

    `header` is shown first, `commands` are run at the first prompt, as with pdb.set_trace. Returns when the program
    is to go on. Raises SystemExit where the person ends the program, and nothing else. Where nobody can be asked it
    reports on stderr and returns at once.
    """
    here = frame or _caller(sys._getframe())
    if here is None:
        return
    try:
        debugger = _open(lambda: report(_stop_at(here)), commands or ())
        if debugger is not None and header is not None:
            from lowdb.engine.stops import Notice

            debugger.notify(Notice(str(header)))
    except Exception as error:
        say(f"breakpoint() passed by: {type(error).__name__}: {error}")
        return
    if debugger is not None:
        debugger.stop_here(here)


def breakpointhook(*arguments: Any, **keywords: Any) -> Any:
    """What breakpoint() calls in a program that `lowdb` runs; a PYTHONBREAKPOINT that is set keeps its meaning."""
    if os.environ.get("PYTHONBREAKPOINT"):
        return sys.__breakpointhook__(*arguments, **keywords)  # noqa: T100
    return set_trace(*arguments, **keywords)


def post_mortem(exc_or_tb: BaseException | TracebackType | None = None) -> None:
    """Look at where an exception came from: one given, a traceback, or the one that is being handled.

    Raises ValueError where there is none, as pdb does. Where nobody can be asked it reports on stderr.
    """
    error = sys.exception() if exc_or_tb is None else exc_or_tb
    if issubclass(type(error), TracebackType):
        exception, traceback = None, error
    elif issubclass(type(error), BaseException):
        exception, traceback = error, error.__traceback__  # type: ignore[union-attr]
    else:
        raise ValueError("there is no exception to look at: give one, or call it while one is handled")
    if traceback is None:
        raise ValueError(f"{type(exception).__name__} has no traceback: it was never raised")
    _look(exception, traceback)  # type: ignore[arg-type]


def pm() -> None:
    """Look at the last exception that nobody caught (sys.last_exc). Raises ValueError where there is none."""
    error = vars(sys).get("last_exc")
    if error is None:
        raise ValueError("there is no last exception: sys.last_exc is not set")
    post_mortem(error)


def run(
    code: CodeType | str,
    globals: dict[str, Any] | None = None,  # noqa: A002  (the names of exec and pdb.run)
    locals: dict[str, Any] | None = None,  # noqa: A002
) -> None:
    """Run a code object or source text under the debugger, stopping at its first line.

    `globals` is the namespace of `__main__` by default, `locals` is `globals`. Raises what the code raises.
    """
    namespace = vars(sys.modules["__main__"]) if globals is None else globals
    if not issubclass(type(code), CodeType):
        text = str(code)
        code = compile(text, "<string>", "exec", dont_inherit=True)
        _remember(text)
    assert isinstance(code, CodeType)
    before = current()
    try:
        debugger = _open(lambda: None)
        if debugger is not None:
            debugger.start_at(code)
    except Exception as error:
        say(f"running without a debugger: {type(error).__name__}: {error}")
        debugger = None
    try:
        exec(code, namespace, namespace if locals is None else locals)
    finally:
        if debugger is not None and before is None and not debugger.breakpoints():
            drop(debugger)


# --- helpers --------------------------------------------------------------------------------------


def _caller(frame: FrameType | None) -> FrameType | None:
    while frame is not None and is_lowdb(frame.f_code.co_filename):
        frame = frame.f_back
    return frame


def _remember(text: str) -> None:
    from lowdb.program import sources

    sources.register("<string>", text)


def drop(debugger: Debugger) -> None:
    """End what was opened for one call; the next call opens anew."""
    global _current
    debugger.close()
    atexit.unregister(debugger.close)
    if _current is debugger:
        _current = None


def _look(exception: BaseException | None, traceback: TracebackType) -> None:
    before = current()
    try:
        debugger = _open(lambda: report(_stop_in(exception, traceback)))
    except Exception as error:
        say(f"post_mortem() passed by: {type(error).__name__}: {error}")
        return
    if debugger is None:
        return
    try:
        from lowdb.engine.ending import end_process
        from lowdb.engine.stops import Quit, Reason

        answer = debugger.post_mortem(exception, traceback, Reason.CALL)
    finally:
        if before is None and not debugger.breakpoints():
            drop(debugger)
    if type(answer) is Quit:
        end_process(answer.status, answer.now)


def _stop_at(frame: FrameType) -> Stop:
    from lowdb.engine.stops import Reason, Stop

    return Stop(Reason.CALL, frame, get_ident())


def _stop_in(exception: BaseException | None, traceback: TracebackType) -> Stop:
    from lowdb.engine.stops import Reason, Stop

    last = traceback
    while last.tb_next is not None:
        last = last.tb_next
    frame = last.tb_frame
    return Stop(
        Reason.CALL, frame, get_ident(), exception=exception, exiting=True, post_mortem=True, traceback=traceback
    )


def report(stop: Stop, writer: TextIO | None = None, commands: Iterable[str] | None = None) -> None:
    """What a person would see at the prompt: the stop, and what `commands` say (the stack and the locals by default).

    On stderr by default; commands that are given are shown behind their prompts.
    """
    from io import StringIO

    from lowdb.engine.debugger import Debugger
    from lowdb.repl.console import PlainConsole

    asked = commands if commands is not None else ["c"] if stop.post_mortem else ["bt", "locals", "c"]
    session = new_session(PlainConsole(StringIO(), writer or sys.stderr), asked, settings=chosen(report=True))
    session.lines.echo = commands is not None
    session.debugger = Debugger(session)  # never started: it holds no tool id and arms nothing
    session.on_stop(stop)


def _unheard(stop: Stop) -> None:
    """A stop of a session that had a terminal, and has it no more."""
    report(stop)
    say("no terminal: continuing")
