"""Values as text and as children. Raises nothing but KeyboardInterrupt; bounded in time and size whatever they do."""

from __future__ import annotations

from lowdb.program.children import Child, child_count, children
from lowdb.program.describe import whatis
from lowdb.program.guard import clean, guarded_repr, type_name
from lowdb.program.limits import DEFAULT, FULL, SHORT, Limits
from lowdb.program.shapes import Shaper
from lowdb.program.tree import lay, line_of

__all__ = [
    "DEFAULT",
    "FULL",
    "SHORT",
    "Child",
    "Limits",
    "child_count",
    "children",
    "full",
    "lines",
    "raw",
    "summary",
    "whatis",
]

_PAGE = 100  # characters of one line of `lines`
_RAW = 10_000_000  # characters of `raw`


def summary(value: object, limits: Limits = DEFAULT) -> str:
    """Return the value on one printable line. What is left out is said: `… 490 more`."""
    try:
        return line_of(Shaper(limits).shape(value))
    except KeyboardInterrupt:
        raise
    except BaseException:  # the stack or the memory is at its end
        return f"<{type_name(value)}>"


def lines(value: object, limits: Limits = DEFAULT) -> list[str]:
    """Return the value as lines for reading: one where it fits, else a line for each item, indented by depth."""
    # Room for all the lines, so that width ends no container before `limits.lines` does.
    room = Limits(
        limits.depth,
        limits.items,
        limits.string,
        max(limits.width, 10 * _PAGE * limits.lines),
        limits.lines,
        limits.seconds,
        limits.own_repr,
    )
    try:
        found = lay(Shaper(room).shape(value), min(limits.width, _PAGE))
    except KeyboardInterrupt:
        raise
    except BaseException:
        return [f"<{type_name(value)}>"]
    if len(found) > limits.lines:
        more = len(found) - limits.lines
        found[limits.lines :] = [f"… {more} more line{'s' if more != 1 else ''}"]
    return found


def full(value: object) -> str:
    """Return the whole value, in lines. Its bounds (`FULL`) are wide, yet there."""
    return "\n".join(lines(value, FULL))


def raw(value: object) -> str:
    """Return the object's own `repr`, its line ends kept, other characters that a terminal would obey escaped."""
    text = guarded_repr(value)
    if len(text) > _RAW:
        text = f"{text[:_RAW]}… {len(text) - _RAW:,} more characters"
    return clean(text, keep="\n\t")
