"""Python in an entry: what it can go on with in the selected frame, or where a breakpoint's condition will run."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from lowdb.program.completion import Candidate, complete, complete_fully
from lowdb.program.cursor import cursor_of
from lowdb.program.threads import thread_name
from lowdb.repl.arguments import ArgumentError
from lowdb.repl.console import Completion, Completions
from lowdb.repl.evaluation import NAMES, Failed
from lowdb.repl.offerplaces import variables_at

if TYPE_CHECKING:
    from types import FrameType

    from lowdb.engine.stops import Stop
    from lowdb.program.completion import Answer
    from lowdb.repl.session import Session


class Typed(NamedTuple):
    """An entry that is being typed."""

    session: Session
    text: str
    """The whole entry."""
    cursor: int
    full: bool
    """Whether the program's code may run for the answer."""


def python(typed: Typed, begin: int, place: str = "") -> Completions:
    """How the Python that begins at `begin` can go on; `place`: the location where it will run, or "" for here."""
    found = answer(typed, begin, place)
    items = tuple(Completion(c.text, begin + found.start, c.about or c.kind) for c in found.candidates)
    if found.problem:
        return Completions(items, found.problem)
    return Completions(items, f"{found.left_out:,} more: type on" if found.left_out else "", found.whose)


def answer(typed: Typed, begin: int, place: str = "") -> Answer:
    """The same, as the program's side says it."""
    session = typed.session
    text, cursor = typed.text[begin:], typed.cursor - begin
    values = _dollars(session)
    if typed.full:
        frame, stop = session.frame, session.stop
        return complete_fully(
            text,
            cursor,
            frame,
            lambda owner: _evaluate(session, owner, frame, stop),
            values,
            lambda: session.debugger.evaluating(stop),
        )
    found = complete(text, cursor, session.frame, values)
    at = cursor_of(text[:cursor])
    if at.kind == "name" and at.prefix[:1] == "$":
        more = [f"${name}" for name in NAMES if f"${name}" not in values and f"${name}".startswith(at.prefix)]
        candidates = (*found.candidates, *(Candidate(name, "local", "at other stops") for name in more))
        return found._replace(candidates=candidates)
    names = variables_at(session, place) if place and at.kind == "name" else None
    if names is None:
        return found
    there = [Candidate(name, "local", "variable there") for name in names if name.startswith(at.prefix)]
    others = [c for c in found.candidates if c.kind != "local" and c.text not in names]
    return found._replace(candidates=(*there, *others))


def _evaluate(session: Session, text: str, frame: FrameType, stop: Stop) -> object:
    """The value of an expression. Raises what the program's code raises, SyntaxError for what does not compile."""
    try:
        return session.asker.evaluate(text, frame, stop)
    except Failed as failed:
        raise failed.cause from None
    except ArgumentError as error:
        raise SyntaxError(error.message.removeprefix("SyntaxError: ")) from None


def _dollars(session: Session) -> dict[str, object]:
    """The values of the `$names` that mean something at this stop."""
    stop = session.stop
    values: dict[str, object] = {"$frame": session.frame, "$thread": thread_name(stop.thread), "$task": ""}
    finished = stop.finished
    if stop.reason.name == "RETURNS":
        values["$ret"] = stop.value
    elif finished is not None and finished.seen and finished.exception is None:
        values["$ret"] = finished.value
    exception = stop.exception or (finished.exception if finished is not None else None)
    if exception is not None:
        values["$exc"] = exception
    if stop.hits:
        values |= {"$hits": stop.hits[0].hits, "$bp": stop.hits[0].breakpoint.number}
    return values
