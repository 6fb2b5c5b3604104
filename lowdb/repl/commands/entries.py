"""Commands for what is typed: the history of it, and an editor for more of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lowdb.repl.arguments import ArgumentError, whole
from lowdb.repl.commands.running import place_of
from lowdb.repl.editor import NoEditor, edit_file, edit_text
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


@command("edit", group="other", arguments="[LOC]", takes="place")
def edit(session: Session, rest: str) -> None:
    """Write an entry in your editor and run it when the editor ends; with LOC, open the file there.

    The editor is `$VISUAL` or `$EDITOR`. What it leaves empty runs nothing. `edit .` opens this file at this line; the
    program goes on with the code that it has loaded. In a terminal, Ctrl-X Ctrl-E takes what is being typed there.

        edit
        edit shop.py:59
        edit Cart.checkout
    """
    session.console.flush()
    try:
        if rest:
            filename, line, _ = place_of(session, rest)
            return edit_file(filename, line)
        text = edit_text("")
    except NoEditor as error:
        raise ArgumentError(str(error)) from None
    if text.strip():
        session.say("(lowdb) " + text.replace("\n", "\n    ... "))
        session.lines.take(text)
    return None
