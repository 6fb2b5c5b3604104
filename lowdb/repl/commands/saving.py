"""Commands that keep breakpoints for another day."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from lowdb.repl.arguments import ArgumentError
from lowdb.repl.config import brief_name
from lowdb.repl.kept import told
from lowdb.repl.registry import command
from lowdb.repl.saved import NotSaved

if TYPE_CHECKING:
    from lowdb.repl.session import Session


@command("save", group="stops", arguments="[FILE]", takes="file")
def save(session: Session, rest: str) -> None:
    """Save all breakpoints with their conditions, counts and commands: for this project, or in a file of yours.

    `load` sets them again, also where the lines have moved meanwhile. `config persist_breakpoints = true` saves them
    by itself and sets them at the next start, `lowdb -B` for one session. A `watch` cannot be saved.

        save
        save ~/bug-17.json
    """
    try:
        file, count = session.saved.save(rest)
    except NotSaved as error:
        raise ArgumentError(f"not saved: {error}") from None
    session.say(f"{count} breakpoint{'s' * (count != 1)} saved in {brief_name(file, os.environ)}")


@command("load", group="stops", arguments="[FILE]", takes="file")
def load(session: Session, rest: str) -> None:
    """Set the breakpoints that `save` has saved, for this project or in a file; those that are there already stay.

    A line is found again by its text, in its function first. One that is gone, or that could be any of several, is
    set where it was and disabled.
    """
    try:
        done = session.saved.load(rest)
    except NotSaved as error:
        raise ArgumentError(str(error)) from None
    session.say(told(done, "set"))
