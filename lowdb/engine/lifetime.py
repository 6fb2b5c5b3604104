"""A program's life under the debugger: first stop, post-mortem of what nobody caught, death as bare, last notice.

What ends the process is left to the interpreter: SystemExit and uncaught exceptions go on to it.
"""

from __future__ import annotations

import atexit
import os
import sys
import threading
from typing import TYPE_CHECKING, Any, Final

from lowdb.engine.ending import Leave, end_process
from lowdb.engine.stops import Exited, Quit
from lowdb.program.mycode import is_lowdb

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, TracebackType

    from lowdb.engine.debugger import Debugger
    from lowdb.engine.stops import Resume
    from lowdb.engine.targets import Program

_MISSING: Final = object()


def run(
    program: Program, debugger: Debugger, known: Callable[[], None] = lambda: None, *, stop_first: bool = True
) -> None:
    """Run the prepared `program` to its end. Returns where its module does; raises what ends the process otherwise.

    `known` is called as soon as the debugger knows the program's code, before that runs.
    The debugger is closed by the last atexit callback: threads are joined and the program's callbacks run under it.
    """
    end = _End(debugger)
    atexit.register(end.last)  # before the program registers any, so that it is called after them
    watch_threads(debugger)

    def starting(code: CodeType) -> None:
        end.begun = True
        debugger.program(code)
        known()
        if stop_first:
            debugger.start_at(code)

    try:
        program.execute(starting)
    except SystemExit as error:
        end.status = exit_status(error)
        _flush(program)
        raise
    except BaseException as error:
        death = error
    else:
        _flush(program)
        program.finished()
        return
    end.status = 130 if issubclass(type(death), KeyboardInterrupt) else 1
    traceback = death.__traceback__ = without_lowdb(death.__traceback__)
    if _wanted(debugger) and _in_program(traceback):
        answer = debugger.post_mortem(death, traceback)
        if type(answer) is Quit and answer.now:
            end_process(end.status, now=True)
    _flush(program)
    _show_once(death, traceback, program)
    raise death


def exit_status(error: SystemExit) -> int:
    """What the process exits with for this SystemExit, as handle_system_exit of Python/pythonrun.c decides it."""
    code = error.code
    if code is None:
        return 0
    return int(code) & 0xFF if issubclass(type(code), int) else 1


def without_lowdb(traceback: TracebackType | None) -> TracebackType | None:
    """`traceback` with every entry of lowdb's taken out of it, in place; None where nothing is left."""
    while traceback is not None and is_lowdb(traceback.tb_frame.f_code.co_filename):
        traceback = traceback.tb_next
    entry = traceback
    while entry is not None:
        following = entry.tb_next
        while following is not None and is_lowdb(following.tb_frame.f_code.co_filename):
            following = following.tb_next
        if following is not entry.tb_next:
            entry.tb_next = following
        entry = following
    return traceback


def _wanted(debugger: Debugger) -> bool:
    """Whether to stop for it: not after `detach`, not in a forked child that is not followed."""
    return debugger.running and debugger.options.post_mortem


def _in_program(traceback: TracebackType | None) -> bool:
    """Whether a frame of the program is in it: a module that cannot be found or compiled has runpy's only."""
    while traceback is not None:
        if not traceback.tb_frame.f_code.co_filename.startswith("<frozen "):
            return True
        traceback = traceback.tb_next
    return False


class _End:
    """What is known of the program's end, until the last atexit callback tells it."""

    def __init__(self, debugger: Debugger) -> None:
        self.debugger = debugger
        self.status = 0
        self.process: Final = os.getpid()
        self.begun = False
        """Whether there was a program: a module that is not there has been spoken of already."""

    def last(self) -> None:
        """The program is over: say so and take everything off.

        After `detach` and at the end of the input, too: the front end knows whether the person wants to hear it.
        """
        if os.getpid() != self.process:
            return  # a forked child came to its end
        if self.begun:
            self.debugger.notify(Exited(f"the program ended with exit status {self.status}", self.status))
        self.debugger.close()


def _flush(program: Program) -> None:
    """Flush the standard streams where the interpreter does: after a script, before its traceback (flush_io)."""
    if program.kind != "script":
        return
    for stream in (sys.stderr, sys.stdout):
        try:
            stream.flush()
        except Exception:  # closed, replaced, None: the interpreter passes over it, too
            pass


def _show_once(death: BaseException, traceback: TracebackType | None, program: Program) -> None:
    """Put a hook before the program's sys.excepthook for this one death: it shows the traceback without our frames.

    The interpreter then does all the rest itself: sys.last_exc, exit status, death by SIGINT of KeyboardInterrupt.
    """
    theirs: Any = getattr(sys, "excepthook", _MISSING)

    def hook(kind: type[BaseException], error: BaseException, seen: TracebackType | None) -> None:
        if theirs is _MISSING:
            del sys.excepthook
        else:
            sys.excepthook = theirs
        if error is not death:
            theirs(kind, error, seen)
            return
        death.__traceback__ = sys.last_traceback = traceback
        problem = None
        if theirs is _MISSING:
            _say("sys.excepthook is missing\n")
            sys.__excepthook__(kind, death, traceback)
        else:
            try:
                theirs(kind, death, traceback)
            except SystemExit:
                raise
            except BaseException as raised:
                problem = raised
        if problem is not None:
            # as _PyErr_PrintEx says it
            _say("Error in sys.excepthook:\n")
            problem.__traceback__ = without_lowdb(problem.__traceback__)
            sys.__excepthook__(type(problem), problem, problem.__traceback__)
            _say("\nOriginal exception was:\n")
            sys.__excepthook__(kind, death, traceback)
        program.finished()

    sys.excepthook = hook


def _say(text: str) -> None:
    try:
        sys.stderr.write(text)
    except Exception:  # no standard error: the interpreter is silent, too
        pass


def watch_threads(debugger: Debugger) -> Callable[[], None]:
    """Stop post mortem for what nobody catches in a thread, then call the program's own threading.excepthook.

    Returns what undoes it. A hook that the program sets later takes its place: what it handles is not uncaught.
    """
    theirs = threading.excepthook

    def hook(details: threading.ExceptHookArgs) -> None:
        error = details.exc_value
        answer: Resume | None = None
        if _wanted(debugger) and error is not None and not issubclass(type(error), SystemExit):
            answer = debugger.post_mortem(error, details.exc_traceback)
        theirs(details)
        if type(answer) is Quit:
            try:
                debugger.delivery.quit(answer)
            except Leave:  # this thread is at its end
                pass

    def undo() -> None:
        if threading.excepthook is hook:
            threading.excepthook = theirs

    threading.excepthook = hook
    return undo
