"""Which console a person gets, decided anew at each stop: a terminal, or plain text; and how it sees this process.

Never reads standard input of a program that lowdb did not start, unless LOWDB_UI=plain says that it may.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

from lowdb.program.imports import standard
from lowdb.program.libraries import Libraries
from lowdb.repl.blocks import Text
from lowdb.repl.console import PlainConsole
from lowdb.repl.tty import Terminal, has_terminal, in_foreground
from lowdb.repl.ttystream import Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    from lowdb.engine.debugger import Debugger
    from lowdb.repl.assistant import Helper
    from lowdb.repl.blocks import Block
    from lowdb.repl.console import Assistant, Choices, Console, Explorer
    from lowdb.repl.lines import Asked
    from lowdb.repl.session import Session
    from lowdb.terminal.console import TerminalConsole

LIBRARIES: Final = Libraries({"prompt_toolkit": (3, 0, 43), "pygments": (2, 17), "wcwidth": ()})
"""What the terminal is made of, once a process; the program may have other things by these names."""

WITHOUT_CODES = ("", "dumb", "unknown")
"""Values of TERM for which no escape code may be written."""


def for_program(choices: Choices, current: Callable[[], Debugger | None]) -> Console:
    """For `lowdb script.py`: the terminal where there is one in the foreground, else stdin and stdout.

    `current` returns the debugger of this process.
    """
    return Face(choices, current, guest=False)


def for_guest(choices: Choices, current: Callable[[], Debugger | None]) -> Console | None:
    """For a program that lowdb did not start; None where nobody can be asked without reading the program's data."""
    face = Face(choices, current, guest=True)
    return face if face.can_ask() else None


class Face:
    """The console that fits: what is asked for with `ui`, what the terminal can do, where this process runs."""

    def __init__(self, choices: Choices, current: Callable[[], Debugger | None], *, guest: bool) -> None:
        self._choices = choices
        self._current = current
        self._guest = guest
        self._dumb = os.environ.get("TERM", "") in WITHOUT_CODES or "INSIDE_EMACS" in os.environ
        self._terminal = Terminal()
        self._stream = Stream(self._terminal)
        self._tty: TerminalConsole | None = None
        self._poor = False  # what the terminal is made of cannot be imported
        self._plain: dict[bool, PlainConsole] = {}  # by whether it is on the terminal's own file
        self._now: Console | None = None
        self._depth = 0
        self._entered: list[bool] = []  # for each `enter`: whether the terminal was entered, too

    def can_ask(self) -> bool:
        """Whether somebody could be asked now."""
        return self._reads_input() or self._tty is not None or has_terminal()

    # --- what a Console does ------------------------------------------------------------------------

    def enter(self) -> bool:
        """A stop begins: choose, and wait for our turn on the terminal. Raises Interrupted."""
        if not self._entered:
            chosen = self._choose()
            if chosen is None:
                return False
            self._now = chosen
        ours = self._now is not self._plain.get(False)
        opened = (ours or _is_terminal(0)) and self._terminal.enter(settle=ours)
        if ours and not opened:
            return False  # the terminal is gone
        self._entered.append(opened)
        return True

    def leave(self) -> None:
        """The stop is over."""
        if self._now is not None:
            self._now.flush()
        if self._entered:
            if self._entered[-1]:
                self._terminal.leave()
            self._entered.pop()  # last: Ctrl-C may have this begun anew

    @property
    def shared(self) -> bool:
        """Whether another process talks on this terminal."""
        return self._terminal.shared

    def read(self, prompt: str, assistant: Assistant | None = None) -> str:
        """One entry. Raises EOFError, KeyboardInterrupt."""
        return self._console.read(prompt, assistant)

    def explore(self, explorer: Explorer) -> bool:
        """Let a person walk through a tree; False where none can. Raises KeyboardInterrupt."""
        return self._tty is not None and self.edits and self._tty.explore(explorer)

    def show(self, block: Block) -> None:
        """Show `block`."""
        self._console.show(block)

    def flush(self) -> None:
        """Everything shown so far is to be seen now."""
        self._console.flush()

    @property
    def interactive(self) -> bool:
        """Whether a person can be asked a question."""
        return self._console.interactive

    @property
    def edits(self) -> bool:
        """Whether a person edits lines here, with keys and completion."""
        return self._console is self._tty

    @property
    def marks_interrupt(self) -> bool:
        """Whether Ctrl-C at a prompt leaves a ^C in its line."""
        return self._console.marks_interrupt

    # --- choosing -----------------------------------------------------------------------------------

    @property
    def _console(self) -> Console:
        """The one of this stop; between two stops the one of the last."""
        if self._now is None:
            self._now = self._choose() or self._plain_on(False)
        return self._now

    def _choose(self) -> Console | None:
        ui = self._choices["ui"]
        if self._reads_input():
            return self._plain_on(False)
        if ui == "plain" or (self._dumb and ui != "tty"):
            if not self._guest or _both_are_terminals():
                return self._plain_on(False)
            return self._plain_on(True) if has_terminal() else None
        # One that has been in the foreground stays: in the background it is stopped until `fg` brings it back.
        if self._tty is not None or has_terminal():
            return self._terminal_console()
        return None if self._guest else self._plain_on(False)

    def _reads_input(self) -> bool:
        """Whether the commands come from standard input, whatever that is. In a guest only LOWDB_UI says that they may:
        who likes plain text, and has it in config.toml, does not give away the data of a pipe.
        """
        asked = self._choices["ui"] == "plain"
        return asked and (not self._guest or os.environ.get("LOWDB_UI") == "plain")

    def _plain_on(self, own: bool) -> PlainConsole:
        console = self._plain.get(own)
        if console is None:
            stream = self._stream
            console = self._plain[own] = PlainConsole(stream, stream) if own else PlainConsole()  # type: ignore[arg-type]
        return console

    def _terminal_console(self) -> Console:
        """The one with colour and keys; plain text on the same terminal where it cannot be made: that is said once."""
        if self._tty is None and not self._poor:
            process = Process(self._current)
            try:
                console_class = _uninterrupted(process.libraries.importing)
                self._tty = console_class(self._terminal, self._choices, process)
            except Exception as error:
                self._poor = True
                why = " ".join(f"{type(error).__name__}: {error}".split())
                self._plain_on(True).show(Text(f"lowdb: plain text, since the terminal cannot be used here: {why}"))
        return self._tty or self._plain_on(True)


def help_to_type(session: Session, environment: Mapping[str, str]) -> None:
    """Give a session the history of earlier ones where a person types, and help with typing at a terminal."""
    from lowdb.repl.history import history_file

    environment = dict(environment)  # as it is now: a program may change its own
    console = session.console
    session.lines.history.locate = lambda: (
        history_file(environment, session.settings.places) if console.interactive else ""
    )
    made: dict[Asked, Helper] = {}

    def helper(kind: Asked) -> Helper | None:
        if not (type(console) is Face and console.edits):
            return None
        if kind not in made:
            with standard():
                from lowdb.repl.assistant import Helper

            made[kind] = Helper(session, kind)
        return made[kind].prepare()

    session.lines.assistant = helper


def _uninterrupted(importing: Callable[[], AbstractContextManager[None]]) -> type[TerminalConsole]:
    """The class, imported; a second Ctrl-C of an impatient person begins the import anew. Raises what that raises."""
    while True:
        try:
            with importing():
                from lowdb.terminal.console import TerminalConsole

                return TerminalConsole
        except KeyboardInterrupt:
            continue


class Process:
    """This process, as a terminal needs it."""

    def __init__(self, current: Callable[[], Debugger | None]) -> None:
        self._current = current
        self.libraries = LIBRARIES

    def own_thread(self, ident: int, lives: bool) -> None:
        """The engine passes over this thread, or no longer does."""
        debugger = self._current()
        if debugger is not None:
            (debugger.world.passed_over.add if lives else debugger.world.passed_over.discard)(ident)

    def interrupt(self, ident: int) -> None:
        """End what this stopped thread does for lowdb."""
        from lowdb.engine.ending import raise_in_thread

        raise_in_thread(ident, KeyboardInterrupt)


def _both_are_terminals() -> bool:
    """Whether stdin and stdout are a terminal that may be read."""
    try:
        return sys.stdin.isatty() and sys.stdout.isatty() and in_foreground(sys.stdin.fileno())
    except (AttributeError, OSError, ValueError):  # closed, or replaced by something that is no file
        return False


def _is_terminal(descriptor: int) -> bool:
    try:
        return os.isatty(descriptor)
    except OSError:
        return False
