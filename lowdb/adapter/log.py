"""The journal of a session for bug reports, `--log FILE` or LOWDB_LOG: each message in a line; free when off."""

from __future__ import annotations

import os
from time import perf_counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST: Final = 4000
"""Bytes of a message that are written down."""


class Log:
    """A file that is only added to; when it cannot be written (a full disk) it is given up, and said so once."""

    def __init__(self) -> None:
        self.on = False
        self.on_fault: Callable[[str], None] = lambda text: None
        self._file = -1
        self._began = perf_counter()

    def open(self, filename: str) -> str | None:
        """Begin; what went wrong, None where nothing did. The first file stays."""
        if self.on:
            return None
        try:
            self._file = os.open(filename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        except OSError as error:
            return f"no journal: cannot write {filename!r}: {error.strerror}"
        self.on = True
        return None

    def write(self, direction: str, body: bytes) -> None:
        """One line: seconds since the start, `->` to lowdb or `<-` from it, the message."""
        if not self.on:
            return
        more = b"" if len(body) <= LONGEST else b" ... %d bytes" % len(body)
        text = body[:LONGEST].replace(b"\n", b"\\n").replace(b"\r", b"\\r")
        line = b"%.6f dap %b %b%b\n" % (perf_counter() - self._began, direction.encode(), text, more)
        try:
            written = os.write(self._file, line)
        except OSError as error:
            self.give_up(str(error.strerror))
        else:
            if written < len(line):
                self.give_up("no space left")

    def give_up(self, why: str) -> None:
        """Write no more."""
        self.on = False
        os.close(self._file)
        self.on_fault(f"lowdb: the journal ends here: {why}\n")
