"""The terminal as the REPL knows it: blocks in colour, and lines that are edited with prompt-toolkit.

Imports prompt-toolkit at the first `read`, never before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lowdb.repl.blocks import Problem, Text
from lowdb.repl.console import NoThread, PlainConsole
from lowdb.repl.plain import MARKS, PlainText
from lowdb.repl.ttystream import Stream
from lowdb.terminal import render

if TYPE_CHECKING:
    from lowdb.repl.blocks import Block
    from lowdb.repl.console import Assistant, Choices, Explorer, Host
    from lowdb.repl.tty import Terminal
    from lowdb.terminal.reading import Reader


class TerminalConsole:
    """A person at a terminal, which somebody else enters and leaves. Blocks go out with the next `read` or `flush`."""

    def __init__(self, terminal: Terminal, choices: Choices, host: Host) -> None:
        self._terminal = terminal
        self._choices = choices
        self._host = host
        self._pending: list[Block] = []
        self._renderer = render.Renderer(choices, terminal.columns, terminal.rows)
        self._reader: Reader | None = None
        self._failed = False
        self._stream = Stream(terminal)
        self._plain = PlainConsole(self._stream, self._stream)  # type: ignore[arg-type]  # reads where prompt-toolkit cannot

    def enter(self) -> bool:
        """The terminal is entered by who has it."""
        return True

    def leave(self) -> None:
        """Write what is pending."""
        self.flush()

    @property
    def shared(self) -> bool:
        """Whether another process talks on this terminal."""
        return self._terminal.shared

    @property
    def marks_interrupt(self) -> bool:
        """Whether Ctrl-C at a prompt leaves a ^C in its line: no, it ends the line."""
        return self._reader is None

    @property
    def interactive(self) -> bool:
        """Whether a person can be asked a question: always."""
        return True

    def read(self, prompt: str, assistant: Assistant | None = None) -> str:
        """One entry, edited by a person. Raises EOFError, KeyboardInterrupt, Interrupted."""
        trouble = ""
        try:
            with self._terminal.borrowed():
                self.flush()
                reader = self._the_reader()
                if reader is not None:
                    with self._host.libraries:
                        line, strays = reader.read(prompt, assistant)
                    for stray in strays:
                        self.show(Problem(f"passed over: a signal handler of the program's has raised {_why(stray)}"))
                    return line
        except (EOFError, KeyboardInterrupt):
            raise
        except NoThread:  # the interpreter is ending
            pass
        except OSError:
            raise EOFError from None  # the terminal is gone
        except Exception as error:  # a fault of ours: this line is read all the same
            trouble = f"lowdb: internal error while a line was typed: {type(error).__name__}: {error}"
        if trouble:
            self.show(Problem(trouble))
            self.flush()
        return self._plain.read(prompt)

    def explore(self, explorer: Explorer) -> bool:
        """Let the person walk through a tree; the expression that is taken stands at the next prompt.

        False where that is not possible here. Raises KeyboardInterrupt.
        """
        try:
            with self._terminal.borrowed():
                self.flush()
                reader = self._the_reader()
                if reader is None:
                    return False
                with self._host.libraries:
                    reader.explore(explorer, self._renderer.render)
                return True
        except NoThread:
            return False

    def show(self, block: Block) -> None:
        """Keep the block for the next write."""
        self._pending.append(block)

    def flush(self) -> None:
        """Write what is pending, once; what cannot be written is dropped."""
        if self._pending:
            blocks, self._pending = self._pending, []
            self._terminal.say("".join(self._text(block) for block in blocks))

    def _text(self, block: Block) -> str:
        try:
            with self._host.libraries:
                return self._renderer.render(block)
        except Exception as error:  # a fault of ours; what was to be said is said all the same
            return f"{PlainText(MARKS).render(block)}lowdb: internal error while that was drawn: {error!r}\n"

    def _the_reader(self) -> Reader | None:
        """What reads lines; made at the first prompt. None where it cannot be: that is said once."""
        if self._reader is None and not self._failed:
            try:
                with self._host.libraries.importing():
                    from lowdb.terminal.reading import Reader  # start-up: prompt-toolkit is for those who type

                    self._reader = Reader(self._terminal, self._stream, self._choices, self._host)
            except Exception as error:
                self._failed = True
                self.show(Text(f"lowdb: plain text, since prompt-toolkit cannot be used here: {_why(error)}"))
                self.flush()
        return self._reader


def _why(error: Exception) -> str:
    words = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return " ".join(words.split())
