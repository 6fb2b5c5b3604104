"""A terminal in the form of a text file, as prompt-toolkit wants it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lowdb.repl.tty import Terminal


class Stream:
    """What prompt-toolkit asks of a file that it reads from and writes to."""

    encoding = "utf-8"

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def fileno(self) -> int:
        """The descriptor."""
        return self._terminal.descriptor

    def isatty(self) -> bool:
        """It is one."""
        return True

    def write(self, text: str) -> int:
        """Write at once."""
        self._terminal.write(text)
        return len(text)

    def flush(self) -> None:
        """Nothing waits."""
