"""Commands that let the program run on: steps, continue, jump, restart, the end."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lowdb.engine.stops import Continue, JumpRefused, Next, Quit, Reason, RunTo, StepIn, StepOut, Until
from lowdb.program.codes import first_line
from lowdb.program.imports import standard
from lowdb.program.paths import canonical
from lowdb.repl.arguments import ArgumentError, count, whole
from lowdb.repl.registry import command
from lowdb.repl.stopping import called

if TYPE_CHECKING:
    from types import FrameType

    from lowdb.engine.stops import Resume
    from lowdb.repl.session import Session


@command("continue", "c", "cont", group="run")
def continue_(session: Session, rest: str) -> Resume:
    """Run to the next breakpoint.

    In a post-mortem there is nothing left to run: it ends.
    """
    nothing_more("c", rest)
    return Continue()


@command("next", "n", group="run", arguments="[N]", repeats=True, steps=True)
def next_(session: Session, rest: str) -> Resume:
    """Step over: to the next line of this function, or of its caller where it ends.

    With a number, that many steps; only the last one is shown. After `up` the step is one of the selected frame:
    the program runs until it is there again.

        n
        n 5
    """
    steps = count(rest)
    _alive(session)
    return session.repeat(Next(_chosen(session)), steps)


@command("step", "s", group="run", arguments="[N | NAME]", repeats=True, steps=True, takes="called")
def step(session: Session, rest: str) -> Resume:
    """Step in: into the next call, or to the next line where there is none.

    With a number, that many steps. With a name, into the call of that function on this line and into no other; the
    other calls run. Library code is run through, unless you say `s!` or `mycode off`.

        s
        s 3
        s apply_discount
    """
    _alive(session)
    if rest and not rest[0].isdigit():
        if not re.fullmatch(r"[^\W\d][\w.]*", rest):
            raise ArgumentError(f"not a count and not a function's name: {rest}", rest, 0)
        return StepIn(target=rest)
    return session.repeat(StepIn(), count(rest))


@command("step!", "s!", group="run", arguments="[N]", repeats=True, steps=True)
def step_anywhere(session: Session, rest: str) -> Resume:
    """Step in, also into library code."""
    _alive(session)
    return session.repeat(StepIn(anywhere=True), count(rest))


@command("finish", "r", "return", group="run", steps=True)
def finish(session: Session, rest: str) -> Resume:
    """Run to the end of this function and stop there, with the value that it returns.

    `$ret` is the value. Where an exception ends the function, the stop shows that; `$exc` is the exception. After
    `up`: the end of the selected frame.
    """
    nothing_more("r", rest)
    _alive(session)
    return StepOut(_chosen(session))


@command("until", "unt", group="run", arguments="[LINE]", repeats=True, steps=True, takes="line")
def until(session: Session, rest: str) -> Resume:
    """Run until a line greater than this one: out of a loop. With LINE, until LINE or beyond.

    It stops at the end of this function at the latest.
    """
    _alive(session)
    line = None
    if rest:
        line = whole(rest, "line")
        if rest[0] in "+-":
            line += session.selection.line
        if line <= session.selection.line:
            raise ArgumentError(f"line {line} is not below line {session.selection.line}: `to {line}` runs there")
    return Until(line, _chosen(session))


@command("to", group="run", arguments="LOC", steps=True, takes="place")
def to(session: Session, rest: str) -> Resume:
    """Run to a place, once; or to the end of this function.

    No breakpoint is left there.

        to 72
        to shop.py:72
        to apply_discount
    """
    _alive(session)
    if not rest:
        raise ArgumentError("to needs a place: to LINE, to FILE:LINE or to FUNCTION")
    filename, line, note = place_of(session, rest)
    if note:
        session.say(note)
    return RunTo(filename, line)


@command("jump", "j", group="run", arguments="LINE", takes="line")
def jump(session: Session, rest: str) -> None:
    """Make LINE the next line to run, in the frame that stopped. Nothing runs, what is between is left out.

    Not every jump is possible: not into a loop or a `with`, not at a function's exit, not in another frame.
    """
    if not rest:
        raise ArgumentError("jump needs a line")
    _alive(session)
    if session.frame is not session.stop.frame:
        raise ArgumentError("only the newest frame can jump: f 0 selects it")
    line = whole(rest, "line")
    if rest[0] in "+-":
        line += session.selection.line
    try:
        warned = session.stop.jump(line)
    except JumpRefused as refused:
        raise ArgumentError(f"no jump to line {line}: {refused}") from None
    session.look_back()
    if warned:
        session.say(warned)
    session.show_place()


@command("restart", "run", group="run", arguments="[ARGS]")
def restart(session: Session, rest: str) -> None:
    """Start the program again from its beginning, with the same arguments or with ARGS. Breakpoints stay."""
    if not session.debugger.can_restart:
        raise ArgumentError("this program was not started by lowdb: it cannot be restarted from here")
    argv = None
    if rest:
        with standard("shlex", "collections"):
            import shlex  # start-up: a restart is late

            try:
                argv = shlex.split(rest)
            except ValueError as error:
                raise ArgumentError(f"arguments not understood: {error}", rest, len(rest)) from None
    session.console.flush()
    session.debugger.restart(argv)


@command("detach", group="run")
def detach(session: Session, rest: str) -> Resume:
    """Take every breakpoint off and let the program run on as if lowdb had never been there."""
    nothing_more("detach", rest)
    return session.detach()


@command("quit", "q", "exit", group="run")
def quit_(session: Session, rest: str) -> Resume | None:
    """End the program and lowdb. Its `finally` blocks and exit handlers run.

    Inside `breakpoint()` of a program that lowdb did not start, `q` asks first where someone can answer; `detach` lets
    the program live. Where the program called post_mortem() or pm(), `q` only leaves that.
    """
    nothing_more("q", rest)
    if called(session.stop):
        return Continue()
    if session.asks and session.console.interactive:
        try:
            answer = session.console.read("end the program? (y/N; detach lets it run) ").strip().lower()
        except (EOFError, KeyboardInterrupt):
            answer = "n"
        if answer not in ("y", "yes"):
            return None
    return Quit()


@command("quit!", "q!", group="run")
def quit_now(session: Session, rest: str) -> Resume:
    """End the program at once: no `finally` block, no exit handler, no question."""
    nothing_more("q!", rest)
    return Quit(now=True)


def nothing_more(name: str, rest: str) -> None:
    """Raise ArgumentError where a command that takes nothing was given something."""
    if rest:
        raise ArgumentError(f"{name} takes no arguments: {rest}")


def place_of(session: Session, text: str) -> tuple[str, int, str]:
    """File, line and remark of a location that names one line. Raises LocationError, ArgumentError."""
    location = session.debugger.locator.locate(text, session.frame, session.selection.line)
    if location.filename is not None and location.line is not None:
        note = (location.note or "").replace("breakpoint at", "taking line")
        return location.filename, location.line, note
    for code in location.codes:
        return canonical(code.co_filename), first_line(code) or code.co_firstlineno, ""
    raise ArgumentError(f"no code yet for {text}: {location.note or 'name a FILE:LINE'}")


def _alive(session: Session) -> None:
    if called(session.stop):
        raise ArgumentError("post mortem: there is nothing to step here (c or q goes on with the program)")
    if session.stop.reason is Reason.FAILED:
        raise ArgumentError("post mortem: the test is over (c goes on to the next failure, q ends the run)")
    if session.stop.post_mortem:
        raise ArgumentError("post mortem: the program cannot go on (c or q ends this, run restarts)")


def _chosen(session: Session) -> FrameType | None:
    """The selected frame, or None for the one that stopped."""
    return None if session.selection.index == 0 else session.frame
