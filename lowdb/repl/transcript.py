"""A console that also writes all that is typed and shown into a file, as plain text. What the program prints is not
in it. The file is open only while something is written: nothing of it is left in the program.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from lowdb.repl.blocks import Problem
from lowdb.repl.plain import MARKS, PlainText

if TYPE_CHECKING:
    from typing import Any

    from lowdb.repl.blocks import Block
    from lowdb.repl.console import Assistant, Console

# as they were at first: a program may mock them
_open, _write, _close = os.open, os.write, os.close
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_APPEND


class Transcript:
    """Stands before a console; everything else about it is the console's own."""

    def __init__(self, console: Console, filename: str) -> None:
        self.console = console
        self.filename = filename
        """Absolute."""
        self._text = PlainText(MARKS)
        self._pending: list[str] = []
        self._failed = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self.console, name)

    def begin(self, text: str) -> None:
        """Write the first line. Raises OSError where the file cannot be written."""
        self._append(text)

    def read(self, prompt: str, assistant: Assistant | None = None) -> str:
        """One entry, noted behind its prompt. Raises as the console does."""
        try:
            line = self.console.read(prompt, assistant)
        except EOFError:
            self._note(f"{prompt}\n")
            raise
        self._note(f"{prompt}{line}\n")
        return line

    def show(self, block: Block) -> None:
        """Show `block`, and note it."""
        self.console.show(block)
        self._pending.append(self._text.render(block))

    def flush(self) -> None:
        """Write what is pending, to both."""
        self.console.flush()
        self._note("")

    def _note(self, text: str) -> None:
        text = "".join(self._pending) + text
        self._pending.clear()
        if not text or self._failed:
            return
        try:
            self._append(text)
        except OSError as error:
            self._failed = True  # said once
            self.console.show(Problem(f"the transcript ends here: {self.filename}: {error.strerror}"))

    def _append(self, text: str) -> None:
        descriptor = _open(self.filename, _FLAGS, 0o600)
        try:
            data = text.encode("utf-8", "backslashreplace")
            while data:
                data = data[_write(descriptor, data) :]
        finally:
            _close(descriptor)
