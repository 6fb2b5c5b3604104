"""The terminal as the REPL knows it: blocks in colour, and lines that are edited with prompt-toolkit.

Imports prompt-toolkit at the first `read`, never before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lowdb.repl.plain import MARKS, PlainText
from lowdb.terminal import render

if TYPE_CHECKING:
    from lowdb.repl.blocks import Block
    from lowdb.repl.console import Assistant, Choices, Host
    from lowdb.repl.tty import Terminal
    from lowdb.terminal.reading import Reader


class TerminalConsole:
    """A person at a terminal. What is shown goes out with the next `read` or `flush`."""

    def __init__(self, terminal: Terminal, choices: Choices, host: Host) -> None:
        self._terminal = terminal
        self._choices = choices
        self._host = host
        self._pending: list[Block] = []
        self._renderer = render.Renderer(choices, terminal.columns, terminal.rows)
        self._reader: Reader | None = None

    @property
    def interactive(self) -> bool:
        """Whether a person can be asked a question: always."""
        return True

    def read(self, prompt: str, assistant: Assistant | None = None) -> str:
        """One entry, edited by a person. Raises EOFError, KeyboardInterrupt."""
        self.flush()
        reader = self._reader
        if reader is None:
            with self._host.importing():
                from lowdb.terminal.reading import Reader  # start-up: prompt-toolkit is for those who type

            reader = self._reader = Reader(self._terminal, self._choices, self._host)
        return reader.read(prompt, assistant)

    def show(self, block: Block) -> None:
        """Keep the block for the next write."""
        self._pending.append(block)

    def flush(self) -> None:
        """Write what is pending, once."""
        if not self._pending:
            return
        blocks, self._pending = self._pending, []
        text = "".join(self._text(block) for block in blocks)
        try:
            self._terminal.write(text)
        except OSError:  # nobody sees it
            pass

    def _text(self, block: Block) -> str:
        try:
            return self._renderer.render(block)
        except Exception as error:  # a fault of ours; what was to be said is said all the same
            return f"{PlainText(MARKS).render(block)}lowdb: internal error while that was drawn: {error!r}\n"
