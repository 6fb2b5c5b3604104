"""Commands that look at the stack, the source and the variables of the selected frame."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from lowdb.program import scopes
from lowdb.program.paths import canonical
from lowdb.program.sources import source as source_of
from lowdb.program.values import summary
from lowdb.repl.arguments import ArgumentError, count, whole
from lowdb.repl.blocks import Value, Values
from lowdb.repl.commands.running import nothing_more, place_of
from lowdb.repl.findsource import source_lines
from lowdb.repl.printing import limits
from lowdb.repl.registry import command
from lowdb.repl.stopping import stack_block
from lowdb.repl.views import lines_of, marks_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lowdb.program.scopes import Variable
    from lowdb.repl.session import Session

_LISTED = 11
_SHOWN_VARIABLES = 100


@command("where", "w", "bt", group="look", arguments="[N | -N | full | /REGEX/]", takes="'full'")
def where(session: Session, rest: str) -> None:
    """Show the stack, the oldest frame first; `>` is the selected one.

    With N only the N newest frames, with -N the N oldest, with /REGEX/ those whose function or file matches. Frames of
    libraries are left out where they are not your own code's concern; `w full` shows them.

        w
        w 5
        w full
    """
    selection = session.selection
    shown = list(range(len(selection.frames))) if rest == "full" else selection.visible()
    if len(rest) > 1 and rest[0] == rest[-1] == "/":
        try:
            pattern = re.compile(rest[1:-1])
        except re.error as error:
            raise ArgumentError(f"not a regular expression: {error}", rest, 1 + (error.pos or 0)) from None
        infos = selection.frames
        shown = [i for i in range(len(infos)) if pattern.search(f"{infos[i].qualname} {infos[i].filename}")]
        if not shown:
            raise ArgumentError(f"no frame matches {rest}")
    elif rest and rest != "full":
        number = whole(rest, "count")
        shown = shown[:number] if number > 0 else shown[number:]
    if selection.running:
        session.say(selection.running)
    session.show(stack_block(selection, shown, gaps=not rest or rest == "full"))


@command("up", "u", group="look", arguments="[N]", repeats=True)
def up(session: Session, rest: str) -> None:
    """Select an older frame: the caller of this one. Steps and expressions then mean that frame."""
    steps = count(rest)
    if not session.selection.move(steps):
        raise ArgumentError("this is the oldest frame")
    session.show_place()


@command("down", "d", group="look", arguments="[N]", repeats=True)
def down(session: Session, rest: str) -> None:
    """Select a newer frame: the one that this one called."""
    steps = count(rest)
    if not session.selection.move(-steps):
        raise ArgumentError("this is the newest frame")
    session.show_place()


@command("frame", "f", group="look", arguments="[N]", takes="frame")
def frame(session: Session, rest: str) -> None:
    """Select a frame by the number that `w` shows; alone, say where you are. -1 is the oldest."""
    if rest:
        number = whole(rest, "frame's number")
        try:
            session.selection.select(number)
        except IndexError:
            raise ArgumentError(f"no frame {number}: there are 0 to {len(session.selection.frames) - 1}") from None
    session.show_place()


@command("list", "l", group="look", arguments="[LINE | A,B | - | . | LOC]", repeats=True, takes="place")
def list_(session: Session, rest: str) -> None:
    """Show source around the current line.

    Again: on from there. `-` goes back, `.` returns to the current line.

        l
        l 40
        l 40,60
        l shop.py:12
    """
    selection = session.selection
    current = selection.line
    filename = canonical(session.frame.f_code.co_filename)
    if rest in ("", "-") and selection.source_lines is not None:
        filename, first, last = selection.source_lines
        first, last = (last + 1, last + _LISTED) if not rest else (max(1, first - _LISTED), first - 1)
        if last < 1:
            raise ArgumentError("this is the beginning of the file")
    elif rest in ("", ".", "-"):
        first, last = _around(current)
    elif match := re.fullmatch(r"(\d+)\s*(?:,\s*(\d+))?", rest, re.ASCII):
        first, last = _around(int(match[1]))
        if match[2]:
            first, last = int(match[1]), int(match[2])
            if last < first:  # as in pdb: a smaller second number is a count
                last = first + last
    else:
        filename, line, _ = place_of(session, rest)
        first, last = _around(line)
    _show_lines(session, filename, first, last)


@command("longlist", "ll", group="look")
def longlist(session: Session, rest: str) -> None:
    """Show the whole source of the selected frame's function, or of the module."""
    nothing_more("ll", rest)
    code = session.frame.f_code
    first, last = session.views.extent(code)
    if not first:
        first, last = 1, 1_000_000
    _show_lines(session, canonical(code.co_filename), first, last)


@command("sticky", group="look", arguments="[on | off]", takes="'on'|'off'")
def sticky(session: Session, rest: str) -> None:
    """Keep the whole function in view: each stop clears the screen and shows it. Alone, switch that on or off.

    What stood on the screen can be scrolled back to. In plain text nothing is cleared.
    """
    if rest not in ("", "on", "off"):
        raise ArgumentError("sticky takes on or off")
    on = rest == "on" if rest else not session.settings["sticky"]
    session.settings.set("sticky", "true" if on else "false")
    if on:
        return session.show_stop(session.stop) if not session.selection.index else session.show_place()
    return session.say("sticky off")


@command("source", group="look", arguments="OBJECT", takes="expression")
def source(session: Session, rest: str) -> None:
    """Show the source of a function, method, class or module.

    OBJECT is an expression.

        source Cart.checkout
    """
    if not rest:
        raise ArgumentError("source needs an object: source NAME")
    found = source_lines(session.evaluate(rest))
    if found is None:
        raise ArgumentError(f"no Python source for {rest}")
    _show_lines(session, *found)


@command("args", "a", group="look")
def args(session: Session, rest: str) -> None:
    """Show the arguments of the selected frame's function, with the values that they have now."""
    nothing_more("a", rest)
    shown = scopes.arguments(session.frame)
    if not shown:
        return session.say("no arguments")
    return _variables(session, shown)


@command("locals", "lo", group="look", arguments="[GLOB]", takes="local")
def locals_(session: Session, rest: str) -> None:
    """Show the local variables, or those whose names match GLOB.

    Names with two underscores at both ends are shown only where GLOB asks for them.
    """
    found = scopes.variables(session.frame, "locals")
    closure = scopes.variables(session.frame, "closure")
    names = {variable.name for variable in found}
    _matching(session, [*found, *(v for v in closure if v.name not in names)], rest, "local variables")


@command("globals", group="look", arguments="[GLOB]", takes="global")
def globals_(session: Session, rest: str) -> None:
    """Show the global variables of the selected frame's module, or those whose names match GLOB."""
    _matching(session, scopes.variables(session.frame, "globals"), rest, "global variables")


def _around(line: int) -> tuple[int, int]:
    first = max(1, line - _LISTED // 2)
    return first, first + _LISTED - 1


def _show_lines(session: Session, filename: str, first: int, last: int) -> None:
    text = source_of(filename, session.frame.f_globals)
    if text is None or not text.lines:
        raise ArgumentError(f"there is no source for {filename}")
    if first > len(text.lines):
        raise ArgumentError(f"the file has {len(text.lines)} lines")
    selection = session.selection
    here = canonical(session.frame.f_code.co_filename) == filename
    marks = marks_in(session.debugger.breakpoints(), filename)
    session.show(lines_of(text, filename, first, last, selection.line if here else 0, marks))
    selection.source_lines = (filename, first, min(last, len(text.lines)))
    if last >= len(text.lines) and first > 1:
        session.say("(end of file)")


def _matching(session: Session, found: Iterable[Variable], glob: str, what: str) -> None:
    if glob:
        chosen = [variable for variable in found if fnmatchcase(variable.name, glob)]
    else:
        chosen = [v for v in found if not (v.name.startswith("__") and v.name.endswith("__"))]
    if not chosen:
        return session.say(f"no {what}" + (f" like {glob}" if glob else ""))
    return _variables(session, chosen)


def _variables(session: Session, chosen: list[Variable]) -> None:
    shown = limits(session)
    entries = [Value(summary(variable.value, shown), variable.name) for variable in chosen[:_SHOWN_VARIABLES]]
    more = len(chosen) - _SHOWN_VARIABLES
    session.show(Values(entries, f"… {more} more (give a GLOB)" if more > 0 else ""))
