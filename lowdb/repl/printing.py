"""Values in the sizes that a person asks for: the limits of the settings, all of it, the real repr."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lowdb.program.values import Limits, full, lines, raw, summary

if TYPE_CHECKING:
    from lowdb.repl.session import Session

_LONE_STRING = 1000
"""Characters of a string that is asked for by itself."""


def limits(session: Session, depth: int | None = None) -> Limits:
    """The limits that the settings say, with another depth where one is given."""
    settings = session.settings
    return Limits(
        depth=settings.number("depth") if depth is None else depth,
        items=settings.number("items"),
        string=settings.number("string"),
        lines=settings.number("lines"),
    )


def shown(session: Session, value: object, depth: int | None = None) -> str:
    """The value as `p` shows it; says what was left out and how to see it."""
    chosen = limits(session, depth)
    if type(value) in (str, bytes):
        chosen.string = max(chosen.string, _LONE_STRING)
        chosen.width = max(chosen.width, 4 * _LONE_STRING)
    text = summary(value, chosen)
    return f"{text}   (p -f shows all)" if "…" in text and re.search(r"… [\d,]+ more", text) else text


def shown_raw(value: object) -> str:
    """The value's real repr, guarded."""
    return raw(value)


def shown_full(value: object) -> str:
    """All of the value."""
    return full(value)


def shown_lines(session: Session, value: object, depth: int | None = None) -> str:
    """The value over several lines."""
    return "\n".join(lines(value, limits(session, depth)))
