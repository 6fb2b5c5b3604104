"""Commands for breakpoints, traps and exceptions: make them, list them, change them, take them away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lowdb.capabilities import INTERPRETER
from lowdb.engine.breakpoints import Spec
from lowdb.engine.records import replace
from lowdb.repl.arguments import ArgumentError, Clauses, clauses, numbers, whole
from lowdb.repl.blocks import Table
from lowdb.repl.language import split
from lowdb.repl.points import described, has_commands, quoted, read_catch, read_trap, unknown_exception
from lowdb.repl.registry import command, keeps_rest

if TYPE_CHECKING:
    from lowdb.engine.breakpoints import Breakpoint
    from lowdb.repl.session import Session


@command(
    "break",
    "b",
    group="stops",
    arguments="[LOC] [if COND] [hits >=N] [every N] [thread NAME] [task NAME] [once] [do CMD;; …]",
    keeps_rest=has_commands,
    takes="place clauses",
)
def break_(session: Session, rest: str) -> None:
    """Set a breakpoint; alone, list all of them.

    LOC is a LINE of this file, `+N` lines from here, `.` for this line, FILE:LINE, FUNCTION, Class.method,
    MODULE:FUNCTION or /REGEX/ over function names. What follows is in any order, `do` last: `if COND` stops only where
    it is true (`$hits`, `$thread`, `$task` are names in it), `hits >=3` (also `5`, `>3`, `<4`) and `every 10` count,
    `thread` and `task` stop only there, `once` removes it at its first stop, `do` runs commands there.

        b 59 if rate > 0.05
        b shop.py:59 every 100
        b Cart.checkout once do a;; w;; c
    """
    if not rest:
        return _list(session)
    return _add(session, clauses(rest), Spec())


@command("tbreak", "tb", group="stops", arguments="LOC [if COND] …", keeps_rest=has_commands, takes="place clauses")
def tbreak(session: Session, rest: str) -> None:
    """Set a breakpoint that is gone after its first stop; takes what `b` takes."""
    if not rest:
        raise ArgumentError("tb needs a place: tb LOC")
    found = clauses(rest)
    found.once = True
    return _add(session, found, Spec())


@command("log", group="stops", arguments='LOC "text {expr}" [if COND] …', takes="place message clauses")
def log(session: Session, rest: str) -> None:
    """Print a message whenever a place is reached, without stopping.

    Expressions stand in braces, as in an f-string. All clauses of `b` may follow.

        log 59 "cut {cut:.2f} of {amount}"
        log apply_discount "called in {$thread}" if rate < 0
    """
    usage = 'log needs a place and a message in quotes: log LOC "text {expr}"'
    start = next((index for index, character in _quotes(rest)), -1)
    if start < 1:
        raise ArgumentError(usage)
    message, end = quoted(rest, start)
    found = clauses(f"{rest[:start].strip()} {rest[end:].strip()}".strip())
    if not found.location:
        raise ArgumentError(usage)
    return _add(session, found, Spec(log=message))


@command(
    "trap",
    group="stops",
    arguments="FUNCTION [returns | unwinds] [EXCEPTION] [if COND] …",
    keeps_rest=has_commands,
    takes="function 'returns'|'unwinds'|exception|clauses*",
)
def trap(session: Session, rest: str) -> None:
    """Stop when a function ends, whichever way: `$ret` is what it returns, `$exc` the exception that leaves it.

    `returns` and `unwinds` choose one way; an exception's name stops only for that type.

        trap apply_discount returns if $ret > 100
        trap Cart.checkout unwinds PricingError
    """
    if not rest:
        raise ArgumentError("trap needs a function: trap FUNCTION [returns|unwinds] [EXCEPTION] [if COND]")
    found, exits, exception = read_trap(rest)
    _add(session, found, Spec(kind="exit", exits=exits, exception=exception))
    if exits != "returns" and not INTERPRETER.local_exception_events:
        session.say_once("unwind traps watch every exception before 3.15: `returns` costs nothing elsewhere")


@command(
    "catch",
    group="stops",
    arguments="[EXCEPTION] [raised | uncaught | user] [in GLOB] [if COND] …",
    keeps_rest=has_commands,
    takes="'raised'|'uncaught'|'user'|'in'|exception|clauses*",
)
def catch(session: Session, rest: str) -> None:
    """Stop when an exception is raised; by type, where nothing catches it, or in some files only.

    `raised` (the default) stops where it is raised, `uncaught` where nothing will catch it, `user` where it leaves your
    own code. `$exc` is the exception.

        catch KeyError
        catch ValueError user
        catch OSError in */net/* if $exc.errno == 2
    """
    found, exception, raised, files = read_catch(rest)
    return _add(session, found, Spec(kind="raise", exception=exception, raised=raised, files=files))


@command("clear", "cl", group="stops", arguments="[N… | LOC]", takes="point|place point*")
def clear(session: Session, rest: str) -> None:
    """Remove breakpoints: by number, by place, by what is watched, or all of them.

    Alone it asks first, where someone can answer.

        cl 2
        cl 1-3 7
        cl shop.py:59
        cl self.balance
    """
    points = session.debugger.breakpoints()
    if not rest:
        if not points:
            return session.say("no breakpoints")
        if session.console.interactive:
            try:
                which = f"all {len(points)} breakpoints" if len(points) > 1 else "the breakpoint"
                answer = session.console.read(f"remove {which}? (y/N) ").strip().lower()
            except (EOFError, KeyboardInterrupt):
                return None
            if answer not in ("y", "yes"):
                return None
        chosen = points
    elif rest[0].isdigit() and ":" not in rest:
        chosen = _numbered(session, rest)
    elif watches := [point for point in points if point.kind == "watch" and point.spec.location == rest]:
        chosen = watches
    else:
        location = session.debugger.locator.locate(rest, session.frame, session.selection.line)
        wanted = {(location.filename, location.line)}
        names = {code.co_qualname for code in location.codes} | {location.qualname}
        chosen = [
            p
            for p in points
            if any((place.filename, place.line) in wanted for place in p.places)
            or p.spec.location == rest
            or (location.line is None and any(place.function in names for place in p.places))
        ]
        if not chosen:
            raise ArgumentError(f"no breakpoint at {rest}")
    for point in chosen:
        session.debugger.remove(point.number)
        session.forget(point)
        session.say(f"removed {point.number}  {described(point)}")
    return None


@command("enable", group="stops", arguments="N…", takes="point*")
def enable(session: Session, rest: str) -> None:
    """Let disabled breakpoints stop again; alone, all of them."""
    _switch(session, rest, True)


@command("disable", group="stops", arguments="N…", takes="point*")
def disable(session: Session, rest: str) -> None:
    """Keep breakpoints, but do not stop there; alone, all of them."""
    _switch(session, rest, False)


@command("condition", group="stops", arguments="N [COND]", takes="point expression")
def condition(session: Session, rest: str) -> None:
    """Give a breakpoint another condition, or none.

    One that does not compile is refused, and the old one stays.

        condition 2 rate > 0.1
        condition 2
    """
    number, _, text = rest.partition(" ")
    point = _one(session, number, "condition N [COND]")
    text = text.strip()
    session.debugger.set_condition(point.number, text or None)
    show_point(session, session.debugger.get(point.number))


@command("ignore", group="stops", arguments="N COUNT", takes="point")
def ignore(session: Session, rest: str) -> None:
    """Pass over a breakpoint COUNT times before it stops again.

    With 0 it stops at once.

        ignore 2 100
    """
    number, _, times = rest.partition(" ")
    point = _one(session, number, "ignore N COUNT")
    skipped = whole(times.strip() or "0", "count")
    if skipped < 0:
        raise ArgumentError(f"not a count: {times.strip()}")
    session.debugger.set_ignore(point.number, skipped)
    show_point(session, session.debugger.get(point.number))


@command("commands", group="stops", arguments="[N]", takes="point")
def commands_(session: Session, rest: str) -> None:
    """Run commands whenever a breakpoint (alone: the newest) stops. They follow, one a line, up to `end`.

    A list that begins with `silent` shows nothing of the stop itself; one that ends with `c` goes on by itself. An
    empty list takes it away.

        commands 1
        silent
        p rate
        c
        end
    """
    points = session.debugger.breakpoints()
    if not points:
        raise ArgumentError("no breakpoints")
    point = _one(session, rest, "commands [N]") if rest else points[-1]
    lines: list[str] = []
    while True:
        try:
            line = session.lines.more("(com) ", "command")
        except EOFError:
            break
        except KeyboardInterrupt:
            return session.say("\n(the old list stays)")
        if line.strip() == "end":
            break
        lines.append(line.rstrip())  # as it stands: an open Python block needs its indentation and its empty line
    if any(lines):
        session.command_lists[point.number] = lines
    else:
        session.command_lists.pop(point.number, None)
    return None


def _add(session: Session, found: Clauses, base: Spec) -> None:
    """Add what was asked for and say what came of it."""
    point = add_point(session, found, base, "" if base.kind == "raise" else found.location or ".")
    session.saved.keeper.note()  # now: the file may be edited at this very prompt
    show_point(session, point, _remark(session, point))


def add_point(session: Session, found: Clauses, base: Spec, location: str) -> Breakpoint:
    """A new breakpoint like `base`, at `location`, with the clauses and the command list that were typed."""
    spec = replace(
        base,
        location=location,
        condition=found.condition,
        hits=found.hits,
        temporary=found.once,
        thread=found.thread,
        task=found.task,
    )
    point = session.debugger.add(spec, session.frame, session.selection.line)
    if found.commands is not None:
        session.command_lists[point.number] = parts(found.commands)
    return point


def parts(text: str) -> list[str]:
    """The commands between `;;`, as `commands` takes them a line each."""
    found = []
    while text:
        first, text = split(text, keeps_rest)
        found.append(first)
    return found


def show_point(session: Session, point: Breakpoint, more: str = "", value: str = "") -> None:
    """One breakpoint as `b` lists it, and `more`; `value`: of a watch, what it holds."""
    words = described(point, session.command_lists.get(point.number), value)
    session.say(f"{_mark(point)} {point.number}  {words}{more}")


def _remark(session: Session, point: Breakpoint) -> str:
    """What may be a mistake in a new breakpoint: others of its kind are there, its exception's name is unknown."""
    there = [
        str(other.number)
        for other in session.debugger.breakpoints()
        if other is not point and other.kind == point.kind and set(other.places) & set(point.places)
    ]
    return f"  (same place as {', '.join(there)})" if there else unknown_exception(point.spec.exception)


def _mark(point: Breakpoint) -> str:
    if not point.enabled:
        return "○"
    if point.kind == "watch":
        return "◎"
    return "◇" if point.spec.log is not None else "◆" if point.spec.kind == "exit" else "●"


def _list(session: Session) -> None:
    points = session.debugger.breakpoints()
    if not points:
        return session.say("no breakpoints (b LOC sets one)")
    rows = []
    width = len(str(points[-1].number))
    for point in points:
        counted = f"hit {point.hits}" + (f" of {point.reached}" if point.reached != point.hits else "")
        described_as = described(point, session.command_lists.get(point.number))
        rows.append((f"{_mark(point)} {point.number:>{width}}", described_as, counted))
    return session.show(Table(rows, ("", "", "words")))


def _switch(session: Session, rest: str, on: bool) -> None:
    for point in _numbered(session, rest) if rest else session.debugger.breakpoints():
        if on:
            session.debugger.enable(point.number)
        else:
            session.debugger.disable(point.number)
        show_point(session, session.debugger.get(point.number))


def _numbered(session: Session, text: str) -> list[Breakpoint]:
    known = {point.number: point for point in session.debugger.breakpoints()}
    wanted = numbers(text)
    for number in wanted:
        if number not in known:
            have = ", ".join(map(str, known)) or "none"
            raise ArgumentError(f"no breakpoint {number} (there are: {have})")
    return [known[number] for number in dict.fromkeys(wanted)]


def _one(session: Session, text: str, usage: str) -> Breakpoint:
    if not text:
        raise ArgumentError(f"a breakpoint's number is missing: {usage}")
    found = _numbered(session, text)
    if len(found) != 1:
        raise ArgumentError(f"one breakpoint at a time: {usage}")
    return found[0]


def _quotes(text: str) -> list[tuple[int, str]]:
    """Where quoted words begin, after the first word."""
    return [(index, word) for index, word in enumerate(text) if word in "\"'" and index and text[index - 1].isspace()]
