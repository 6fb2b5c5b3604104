"""Data watches in words: what one looks at when it is set, what changed when it stops."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lowdb.program.paths import canonical
from lowdb.repl.blocks import Note
from lowdb.repl.views import brief

if TYPE_CHECKING:
    from lowdb.engine.breakpoints import Breakpoint
    from lowdb.engine.stops import Change, Stop
    from lowdb.engine.watchpoints import DataWatches
    from lowdb.repl.blocks import Words


def change_words(stop: Stop) -> tuple[str, Words]:
    """`watch 3` and `total: 107.5 → 90.0` of a WATCH stop."""
    changes = [(hit.breakpoint, hit.change) for hit in stop.hits if hit.change is not None]
    numbers = ", ".join(str(point.number) for point, _ in changes)
    parts: list[tuple[str, str]] = []
    for _, change in changes:
        parts += [("", ", ")] if parts else []
        parts += [("call", change.name), ("", ": "), ("value", change.old), ("", " → "), ("value", change.new)]
    return f"watch {numbers}", tuple(parts)


def changed_by(change: Change) -> str:
    """`changed by shop.py:59  Cart.checkout`."""
    if change.place is None:
        return ""
    filename, line, function = change.place
    return f"changed by {brief(canonical(filename))}:{line}  {function}"


def unseen(stop: Stop) -> list[Note]:
    """A line for each data watch that finds its change only now."""
    return [
        Note(f"watch {point.number}  {change.name}: {change.old} → {change.new}   out of sight, since the last stop")
        for point, change in stop.unseen
    ]


def watched(point: Breakpoint) -> str:
    """`watch total  in checkout`, as `b` lists it."""
    subject = point.subject
    if subject is None or subject.frame is None:
        return f"watch {point.spec.location}"
    return f"watch {point.spec.location}  in {subject.frame.f_code.co_qualname}"


def looks_at(point: Breakpoint, data: DataWatches) -> str:
    """What the watch costs: in how many functions it looks, and at what."""
    subject = point.subject
    assert subject is not None
    direct, others = data.counts(point)
    match subject.scope:
        case "local":
            text = "as long as this call lasts"
        case "cell":
            text = f"as long as this call lasts; looks at {_functions(direct, 'it')}"
        case "item":
            others_do = _others(others, "that append, update and the like")
            text = f"looks at {_functions(direct, 'items')}{others_do}"
        case "global":
            others_do = _others(others, "that use globals(), setattr and the like")
            text = f"looks at {_functions(direct, subject.name)}{others_do}"
        case _:
            others_do = _others(others, "that use setattr, __dict__ and the like")
            text = f"looks at {_functions(direct, f'.{subject.name}')}{others_do}"
    if data.follows_contents(point):
        text += "; changes inside it count, too"
    if subject.holds:
        text += "; the watch keeps the object alive"
    return text


def _functions(count: int, what: str) -> str:
    return f"1 function that assigns {what}" if count == 1 else f"{count:,} functions that assign {what}"


def _others(count: int, which: str) -> str:
    return f", and {count:,} {which}" if count else ""
