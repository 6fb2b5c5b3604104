"""Bytes out and bytes in without blocking: what a slow reader does not take is kept; who writes sees how much."""

from __future__ import annotations

import _socket  # the module socket would cost the start 5 ms
import os
from typing import TYPE_CHECKING, Final

from lowdb.adapter.loop import READ, WRITE

if TYPE_CHECKING:
    from collections.abc import Callable

    from lowdb.adapter.loop import Loop

HIGH: Final = 1 << 20
"""Bytes that may wait for a slow reader before its sources are no longer read."""
PIECE: Final = 1 << 18
"""Bytes that are read at once."""


class Stream:
    """One file, or two, of which one is read and the other written; both are set not to block.

    `readable` is called when there is something to `read`, `lost` once when it can be neither read nor written.
    """

    def __init__(
        self, loop: Loop, reader: int, writer: int, readable: Callable[[], None], lost: Callable[[], None]
    ) -> None:
        self.loop: Final = loop
        self.reader: Final = reader
        self.writer: Final = writer
        self._readable: Final = readable
        self._lost: Final = lost
        self.waiting: Final[list[bytes | memoryview]] = []
        self.size = 0
        """Bytes that wait to be written."""
        self.reading = True
        """Whether what comes is wanted now."""
        self.open = True
        self.on_drained: Callable[[], None] = lambda: None
        """Called when little waits to be written, after it was HIGH."""
        self._full = False
        self._blocking: Final = {file: os.get_blocking(file) for file in (reader, writer)}
        for file in self._blocking:
            os.set_blocking(file, False)
        self._watch()

    @property
    def full(self) -> bool:
        """Whether its sources should wait."""
        return self._full

    def _watch(self) -> None:
        if not self.open:
            return
        read = READ if self.reading else 0
        write = WRITE if self.waiting else 0
        if self.reader == self.writer:
            self.loop.watch(self.reader, read | write, self._readable, self.flush)
        else:
            self.loop.watch(self.reader, read, self._readable)
            self.loop.watch(self.writer, write, self.lose, self.flush)

    def read(self) -> bytes | None:
        """What there is: None where nothing is at the moment, empty at the end."""
        if not self.open:
            return b""
        try:
            return os.read(self.reader, PIECE)
        except BlockingIOError:
            return None
        except OSError:
            return b""

    def pause(self, wanted: bool) -> None:
        """Whether `readable` is to be called."""
        if wanted != self.reading:
            self.reading = wanted
            self._watch()

    def write(self, data: bytes) -> None:
        """Write now what is taken, keep the rest."""
        if not self.open:
            return
        self.waiting.append(data)
        self.size += len(data)
        if len(self.waiting) == 1:
            self.flush()
        if self.size > HIGH:
            self._full = True

    def flush(self) -> None:
        """Write what waits, as far as it is taken."""
        waiting = self.waiting
        try:
            while waiting:
                if len(waiting) > 1 and len(waiting[0]) < PIECE:
                    waiting[:] = [b"".join(waiting)]
                written = os.write(self.writer, waiting[0])
                self.size -= written
                if written < len(waiting[0]):
                    waiting[0] = memoryview(waiting[0])[written:]
                else:
                    del waiting[0]
        except BlockingIOError:
            pass
        except OSError:
            self.lose()
            return
        self._watch()
        if self._full and self.size < HIGH // 4:
            self._full = False
            self.on_drained()

    def lose(self) -> None:
        """The other side is gone."""
        if self.open:
            self.close()
            self._lost()

    def close(self) -> None:
        """Forget both files, which stay open, and let them block again if they did."""
        if not self.open:
            return
        self.open = False
        for file, blocking in self._blocking.items():
            self.loop.watch(file, 0)
            try:
                os.set_blocking(file, blocking)
            except OSError:
                pass
        self.waiting.clear()
        self.size = 0


def undelayed(file: int) -> None:
    """Send what is written to this connection at once: Nagle's algorithm costs 44 ms a request."""
    connection = _socket.socket(fileno=file)
    try:
        connection.setsockopt(_socket.IPPROTO_TCP, _socket.TCP_NODELAY, 1)
    finally:
        connection.detach()
