"""A stop in the protocol's words, and in a person's: why, and what came with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lowdb.dap.values import LINE, described
from lowdb.engine.stops import Reason
from lowdb.program.paths import canonical, short
from lowdb.program.values import summary

if TYPE_CHECKING:
    from lowdb.engine.stops import Change, Finished, Hit, Stop

_EXCEPTIONS = (Reason.RAISED, Reason.UNCAUGHT, Reason.USER_UNCAUGHT)
_BREAK_MODES = {Reason.RAISED: "always", Reason.UNCAUGHT: "unhandled", Reason.USER_UNCAUGHT: "userUnhandled"}


def reason_of(stop: Stop) -> str:
    """Return the protocol's word for why it stopped."""
    if stop.reason in _EXCEPTIONS:
        return "exception"
    if stop.reason is Reason.WATCH:
        return "data breakpoint"
    if stop.hits:
        lines = any(hit.breakpoint.kind == "line" for hit in stop.hits)
        return "breakpoint" if lines else "function breakpoint"
    match stop.reason:
        case Reason.START:
            return "entry"
        case Reason.PAUSE:
            return "pause"
        case Reason.CALL if stop.exception is not None:
            return "exception"
        case Reason.CALL:
            return "breakpoint"
        case _:
            return "step"


def break_mode(stop: Stop) -> str:
    """Return the protocol's word for which exceptions this stop is one of."""
    return _BREAK_MODES.get(stop.reason, "always")


def words(stop: Stop) -> tuple[str, str]:
    """Return a description and a longer text, empty where the reason says all."""
    for hit in stop.hits:
        if hit.problem is not None:
            return f"Paused: {_part(hit)} raised", f"the {_part(hit)} raised {described(hit.problem)}"
    changes = [hit.change for hit in stop.hits if hit.change is not None]
    changes += [change for _, change in stop.unseen]
    if changes:
        return "Paused on a change", "; ".join(_changed(change) for change in changes)
    name = stop.frame.f_code.co_qualname
    if stop.reason is Reason.RETURNS:
        return f"Paused: {name} returns", f"{name} returns {summary(stop.value, LINE)}"
    if stop.exception is not None:
        told = described(stop.exception)
        if stop.reason is Reason.UNWINDS:
            return f"Paused: an exception leaves {name}", told
        return f"Paused on {stop.reason.value} exception", told
    if stop.finished is not None:
        return "Paused on step", finished(stop.finished)
    return "", stop.note or ""


def _changed(change: Change) -> str:
    where = ""
    if change.place is not None:
        filename, line, function = change.place
        where = f", by {short(canonical(filename))}:{line} {function}"
    return f"{change.name}: {change.old} → {change.new}{where}"


def finished(end: Finished) -> str:
    """Return how the frame that a step came out of ended."""
    if end.exception is not None:
        return f"{end.function} raised {described(end.exception)}"
    if not end.seen:
        return f"{end.function} ended"
    return f"{end.function} returned {summary(end.value, LINE)}"


def _part(hit: Hit) -> str:
    return "log message" if hit.breakpoint.spec.log is not None else "condition"
