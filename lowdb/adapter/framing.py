"""Frames out of a stream that may hold garbage: whole bodies, and what was passed over up to the next header, named."""

from __future__ import annotations

import re
from typing import Final

from lowdb.wire.frames import LIMIT

LONGEST_HEADER: Final = 8 << 10
"""Bytes that may come without the blank line that ends a header."""

_LENGTH: Final = re.compile(rb"Content-Length:[ \t]*([0-9]{1,18})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_NAME: Final = re.compile(rb"Content-Length:", re.IGNORECASE)
_BLANK: Final = re.compile(rb"\r?\n\r?\n")


class Garbage:
    """What came where a frame should be; `text` says what is wrong with it, in words for a person."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text: Final = text


class TooLarge(Exception):
    """The next body is larger than LIMIT; nothing after it can be read. The text says so."""


class Frames:
    """Collects the bytes of one stream."""

    __slots__ = ("_buffer", "_missing")

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._missing = -1
        """Length of the body that is being read; -1 before its header is whole."""

    def feed(self, data: bytes) -> list[bytes | Garbage]:
        """The bodies that are whole with `data`, and what was passed over, in order. Raises TooLarge."""
        buffer = self._buffer
        buffer += data
        found: list[bytes | Garbage] = []
        while True:
            if self._missing < 0 and not self._header(found):
                return found
            if len(buffer) < self._missing:
                return found
            found.append(bytes(buffer[: self._missing]))
            del buffer[: self._missing]
            self._missing = -1

    def _header(self, found: list[bytes | Garbage]) -> bool:
        """Take the next good header off; whether there is one."""
        buffer = self._buffer
        while True:
            blank = _BLANK.search(buffer)
            if blank is None:
                if len(buffer) > LONGEST_HEADER:
                    found.append(Garbage(f"{len(buffer)} bytes without a header"))
                    names = [match.start() for match in _NAME.finditer(buffer)]
                    # the beginning of a header may have come, even half a word of it
                    del buffer[: names[-1] if names and names[-1] else len(buffer) - 16]
                return False
            head = bytes(buffer[: blank.start()])
            del buffer[: blank.end()]
            lengths = list(_LENGTH.finditer(head))
            if not lengths:
                found.append(Garbage(f"a header without a usable Content-Length: {shown(head)}"))
                continue
            length = lengths[-1]
            if length.start() and not _is_header(head[: length.start()]):
                found.append(Garbage(f"what is no header: {shown(head[: length.start()])}"))
            size = int(length[1])
            if size > LIMIT:
                raise TooLarge(f"a message of {size} bytes; the largest that can be read has {LIMIT}")
            self._missing = size
            return True

    @property
    def pending(self) -> int:
        """Bytes that have come and are no whole frame yet."""
        return len(self._buffer)


def _is_header(before: bytes) -> bool:
    """Whether other fields of a header stand there: `Content-Type: …`."""
    return all(re.fullmatch(rb"[\w-]+:[^{}]*", line) for line in before.splitlines() if line)


def shown(data: bytes) -> str:
    """The first 60 bytes of `data` for a message, always printable."""
    text = repr(data[:60])[1:]
    return text + ("…" if len(data) > 60 else "")
