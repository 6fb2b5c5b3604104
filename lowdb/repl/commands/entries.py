"""Commands for what is typed: the history of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lowdb.repl.arguments import whole
from lowdb.repl.registry import command

if TYPE_CHECKING:
    from lowdb.repl.session import Session


@command("history", group="other", arguments="[N]")
def history(session: Session, rest: str) -> None:
    """Show what was typed here and at terminals before: the N newest entries, 50 where N is left out.

    What was typed twice is there once; what begins with a space is not kept. In a terminal Ctrl-R searches it. It is
    the file `history` in lowdb's place for state; `LOWDB_HISTORY=FILE` names another one, `LOWDB_HISTORY=` none.
    """
    number = whole(rest, "count") if rest else 50
    entries = session.lines.history.entries()
    width = len(str(len(entries)))
    first = max(0, len(entries) - max(number, 0))
    below = "\n" + " " * (width + 2)
    shown = [f"{i:>{width}}  {entry.replace('\n', below)}" for i, entry in enumerate(entries, 1) if i > first]
    session.say("\n".join(shown) or "nothing was typed so far")
