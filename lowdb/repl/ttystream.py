"""A terminal in the form of a text file, as prompt-toolkit and the plain console want it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lowdb.repl.tty import Terminal

_MOST = 65536


class Stream:
    """Reads lines from a terminal and writes to it. Nothing is buffered."""

    encoding = "utf-8"

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def fileno(self) -> int:
        """The descriptor, another one at each stop; -1 between two."""
        return self._terminal.descriptor

    def isatty(self) -> bool:
        """It is one."""
        return True

    def write(self, text: str) -> int:
        """Write at once. Raises OSError where the terminal is gone."""
        if self._terminal.descriptor < 0:
            self._terminal.say(text)
        else:
            self._terminal.write(text)
        return len(text)

    def flush(self) -> None:
        """Nothing waits."""

    def readline(self) -> str:
        """The next line with its newline, or "" at the end. Raises OSError."""
        line = b""
        while not line.endswith(b"\n"):
            more = os.read(self._terminal.descriptor, _MOST)  # of a terminal no more than one line
            line += more
            if not more:
                break
        return line.decode("utf-8", "replace")
