"""The controlling terminal as a file of our own: opened once, kept out of the program's way, read and written bare.

Knows nothing of lines and keys. No error of the terminal's gets out of here but OSError, where it says so.
"""

from __future__ import annotations

import os

from lowdb.program.imports import standard

_HIGH = 200


class Terminal:
    """A terminal, by its descriptor. It is the console's own and never one of the program's."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def write(self, text: str) -> None:
        """Write all of `text`. Raises OSError where the terminal is gone."""
        data = text.encode("utf-8", "replace")
        while data:
            try:
                data = data[os.write(self.descriptor, data) :]
            except BlockingIOError:  # the program has made its terminal non-blocking, and ours is the same file
                os.set_blocking(self.descriptor, True)

    def columns(self) -> int:
        """The width in characters; 80 where the terminal does not say."""
        try:
            return os.get_terminal_size(self.descriptor).columns or 80
        except OSError:
            return 80

    def rows(self) -> int:
        """The height in lines; 24 where the terminal does not say."""
        try:
            return os.get_terminal_size(self.descriptor).lines or 24
        except OSError:
            return 24

    @property
    def in_foreground(self) -> bool:
        """Whether reading it would not stop this process with SIGTTIN."""
        return in_foreground(self.descriptor)


def open_terminal() -> Terminal | None:
    """The controlling terminal of this process, None where there is none."""
    try:
        descriptor = os.open("/dev/tty", os.O_RDWR | os.O_CLOEXEC | os.O_NOCTTY)
    except OSError:
        return None
    return Terminal(_out_of_the_way(descriptor))


def in_foreground(descriptor: int) -> bool:
    """Whether reading this terminal would not stop the process with SIGTTIN."""
    try:
        return os.tcgetpgrp(descriptor) == os.getpgrp()
    except OSError:
        return False


def _out_of_the_way(descriptor: int) -> int:
    """The same file under a high number: the program's own files get the numbers that they would get without us."""
    with standard("fcntl"):
        import fcntl  # start-up: only where a terminal is opened

    try:
        high = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _HIGH)
    except OSError:  # there are not so many
        return descriptor
    os.close(descriptor)
    return high
