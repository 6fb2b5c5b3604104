"""The values of the `$names` in a text: what the function returned, the exception, the hits, what a watch saw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lowdb.dap.registry import Refused
from lowdb.engine.stops import Reason
from lowdb.program.dollars import NAMES, PREFIX
from lowdb.program.tasks import task_name
from lowdb.program.threads import thread_name

if TYPE_CHECKING:
    from types import FrameType

    from lowdb.engine.stops import Stop


def values_of(text: str, frame: FrameType, stop: Stop | None) -> dict[str, object]:
    """Return the values by the names that `dollar` gives them. Raises Refused for one that has no value here."""
    return {f"{PREFIX}{name}": _value(name, frame, stop) for name in NAMES if f"${name}" in text}


def all_values(frame: FrameType, stop: Stop | None) -> dict[str, object]:
    """Return the values of all that have one here, by their names with the dollar."""
    found = {}
    for name in NAMES:
        try:
            found[f"${name}"] = _value(name, frame, stop)
        except Refused:
            continue
    return found


def _value(name: str, frame: FrameType, stop: Stop | None) -> object:
    if name == "task":
        return task_name()
    if name == "frame":
        return frame
    if stop is None:
        raise Refused(f"${name} is known where the program is stopped")
    end = stop.finished
    hit = stop.hits[0] if stop.hits else None
    match name:
        case "ret":
            if stop.reason is Reason.RETURNS:
                return stop.value
            if end is not None and end.seen and end.exception is None:
                return end.value
            raise Refused("$ret is known where a function returns, and after a step out of one")
        case "exc":
            error = stop.exception if stop.exception is not None else end.exception if end is not None else None
            if error is None:
                raise Refused("$exc is known where an exception stopped the program")
            return error
        case "old" | "new":
            change = next((one.change for one in stop.hits if one.change is not None), None)
            if change is None:
                raise Refused(f"${name} is known where a data breakpoint stopped the program")
            return change.before if name == "old" else change.after
        case "hits":
            return None if hit is None else hit.hits
        case "bp":
            return None if hit is None else hit.breakpoint.number
        case _:
            return thread_name(stop.thread)
