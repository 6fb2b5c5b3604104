"""Which console a person gets: a terminal, or plain text; and what a terminal needs of the process that it is in.

Never reads standard input of a program that lowdb did not start, unless LOWDB_UI=plain says that it may.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lowdb.program.imports import standard
from lowdb.repl.tty import in_foreground, open_terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lowdb.engine.debugger import Debugger
    from lowdb.repl.console import Choices, Console

TERMINALS_WITHOUT_CODES = ("", "dumb", "unknown")
"""Values of TERM for which no escape code may be written."""


def for_program(ui: str | None, choices: Choices, current: Callable[[], Debugger | None]) -> Console:
    """For `lowdb script.py`: the terminal where there is one in the foreground, else stdin and stdout.

    `ui`: what --ui says. `current` returns the debugger of this process.
    """
    from lowdb.repl.console import PlainConsole

    if "plain" not in (ui, choices["ui"]):
        console = _terminal(ui, choices, current)
        if console is not None:
            return console
    return PlainConsole()


def for_guest(choices: Choices, current: Callable[[], Debugger | None]) -> Console | None:
    """For a program that lowdb did not start; None where nobody can be asked without reading the program's data."""
    from lowdb.repl.console import PlainConsole

    if choices["ui"] == "plain":
        return PlainConsole()
    return _terminal(None, choices, current)


def _dumb() -> bool:
    return os.environ.get("TERM", "") in TERMINALS_WITHOUT_CODES or "INSIDE_EMACS" in os.environ


def _terminal(ui: str | None, choices: Choices, current: Callable[[], Debugger | None]) -> Console | None:
    """A console on the controlling terminal, in the foreground only."""
    from lowdb.repl.console import PlainConsole

    dumb = _dumb() and "tty" not in (ui, choices["ui"])
    if dumb:
        try:
            if sys.stdin.isatty() and sys.stdout.isatty() and in_foreground(sys.stdin.fileno()):
                return PlainConsole()
        except (AttributeError, OSError, ValueError):  # closed, or replaced by something that is no file
            pass
    terminal = open_terminal()
    if terminal is None:
        return None
    if not terminal.in_foreground:
        os.close(terminal.descriptor)
        return None
    if dumb:
        reader = open(terminal.descriptor, encoding="utf-8", errors="replace")  # noqa: SIM115  (lives as its console)
        writer = open(terminal.descriptor, "w", encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115
        return PlainConsole(reader, writer)
    from lowdb.terminal.console import TerminalConsole

    return TerminalConsole(terminal, choices, Process(current))


class Process:
    """This process, as a terminal needs it."""

    def __init__(self, current: Callable[[], Debugger | None]) -> None:
        self._current = current

    @contextmanager
    def importing(self) -> Iterator[None]:
        """Imports in the block come from the library and what is installed, not from the program's directory."""
        path = sys.path[:]
        here = {"", os.getcwd(), os.path.dirname(os.path.abspath(sys.argv[0] or "."))}
        sys.path[:] = [entry for entry in path if entry not in here]
        try:
            with standard():
                yield
        finally:
            sys.path[:] = path

    def own_thread(self, ident: int, lives: bool) -> None:
        """The engine passes over this thread, or no longer does."""
        debugger = self._current()
        if debugger is not None:
            (debugger.world.passed_over.add if lives else debugger.world.passed_over.discard)(ident)

    def interrupt(self, ident: int) -> None:
        """End what this stopped thread does for lowdb."""
        from lowdb.engine.ending import raise_in_thread

        raise_in_thread(ident, KeyboardInterrupt)
