"""The command that watches data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lowdb.capabilities import INTERPRETER
from lowdb.engine.breakpoints import Spec
from lowdb.program.sameness import Mark
from lowdb.repl.arguments import ArgumentError, clauses
from lowdb.repl.changes import looks_at
from lowdb.repl.commands.breaking import add_point, show_point
from lowdb.repl.points import has_commands
from lowdb.repl.registry import command

if TYPE_CHECKING:
    from lowdb.engine.breakpoints import Breakpoint
    from lowdb.repl.session import Session


@command(
    "watch",
    group="stops",
    arguments="[NAME | OBJECT.NAME | OBJECT[KEY]] [if COND] …",
    keeps_rest=has_commands,
    takes="expression clauses",
)
def watch(session: Session, rest: str) -> None:
    """Stop when a variable, an attribute or an item changes; alone, list the watches.

    NAME is a local of the selected frame (the watch ends with that call), a variable of an enclosing function, or a
    global. The stop shows old → new and the line that did it. For a list, dict, set, bytearray or deque a change
    inside it counts as well. `$old` and `$new` are names in the condition and at the stop; all clauses of `b` may
    follow. No code of the program runs: a property cannot be watched, what it reads can.

    The value is compared after each instruction that may store to that name, wherever it is; all other code runs at
    full speed. Changes by C code, by exec or by a name that the object also has elsewhere are told at the next stop.

        watch total
        watch self.balance if $new < 0
        watch config["mode"] once
    """
    if not rest:
        return _list(session)
    if session.stop.post_mortem:
        raise ArgumentError("post mortem: nothing runs, so nothing changes")
    found = clauses(rest)
    point = add_point(session, found, Spec(kind="watch"), found.location)
    show_point(session, point, f"   {looks_at(point, session.debugger.data)}", _now(point))
    local = point.subject is not None and point.subject.frame is not None
    if local and not INTERPRETER.local_exception_events:
        session.say_once("a watch of a local notices every exception before 3.15, to know when its call ends")
    return None


def _now(point: Breakpoint) -> str:
    assert point.subject is not None
    return f" = {Mark(point.subject.read()).text}"


def _list(session: Session) -> None:
    points = [point for point in session.debugger.breakpoints() if point.kind == "watch"]
    if not points:
        return session.say("no watches (watch NAME sets one; b lists all breakpoints)")
    for point in points:
        counted = f"hit {point.hits}" + (f" of {point.reached}" if point.reached != point.hits else "")
        looks = f"   {looks_at(point, session.debugger.data)}" if point.enabled else ""
        show_point(session, point, f"{looks}   {counted}", _now(point))
    return None
