"""DAP's frames: `Content-Length: N`, an empty line, N bytes of JSON. Bytes in, bytes out; no socket, no thread."""

from __future__ import annotations

import json
from typing import Any, Final

LIMIT: Final = 64 * 1024 * 1024
"""Bytes of the largest body; a larger one is a fault of the sender's."""

_LONGEST_HEADER: Final = 4096
_ENCODE: Final = json.JSONEncoder(ensure_ascii=True, check_circular=False, separators=(",", ":")).encode


class BadFrame(Exception):
    """The stream is no sequence of frames (any more): where the next one begins cannot be known."""


class BadMessage(Exception):
    """The body of a frame is not a JSON object; the next frame may be sound."""


def frame(body: bytes) -> bytes:
    """Return a body with its header."""
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


def encode(message: dict[str, Any]) -> bytes:
    """Return a message as a body. ASCII: a lone surrogate in the program's strings goes through as an escape."""
    return _ENCODE(message).encode("ascii")


def decode(body: bytes) -> dict[str, Any]:
    """Return the message in a body. Raises BadMessage."""
    try:
        message = json.loads(body.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise BadMessage(f"the message is not UTF-8: byte {body[error.start]:#04x} at {error.start}") from None
    except ValueError as error:
        raise BadMessage(f"the message is not JSON: {error}") from None
    except RecursionError:
        raise BadMessage("the message is nested too deeply") from None
    if type(message) is not dict:
        raise BadMessage(f"the message is no JSON object but {_KINDS.get(type(message), 'a number')}")
    return message


_KINDS: Final[dict[type, str]] = {list: "an array", str: "a string", bool: "a boolean", type(None): "null"}


class Splitter:
    """Cuts a stream of bytes into the bodies of its frames."""

    __slots__ = ("_buffer", "_wanted")

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._wanted = -1  # length of the body that is being read; -1: a header is

    @property
    def between(self) -> bool:
        """Whether nothing of a frame has been read that is not whole yet: an end of the stream is clean here."""
        return not self._buffer and self._wanted < 0

    def feed(self, data: bytes) -> list[bytes]:
        """Return the bodies that are whole now. Raises BadFrame; what came before the fault is lost with it."""
        buffer = self._buffer
        buffer += data
        found: list[bytes] = []
        while True:
            if self._wanted < 0:
                end = buffer.find(b"\r\n\r\n")
                if end < 0:
                    if len(buffer) > _LONGEST_HEADER:
                        raise BadFrame(f"no end of the header in {len(buffer):,} bytes")
                    return found
                if end > _LONGEST_HEADER:
                    raise BadFrame(f"a header of {end:,} bytes")
                self._wanted = _length(bytes(buffer[:end]))
                del buffer[: end + 4]
            if len(buffer) < self._wanted:
                return found
            found.append(bytes(buffer[: self._wanted]))
            del buffer[: self._wanted]
            self._wanted = -1


def _length(header: bytes) -> int:
    """Return the Content-Length of a header; other fields (Content-Type) are passed over. Raises BadFrame."""
    length = None
    for line in header.split(b"\r\n"):
        name, colon, value = line.partition(b":")
        if not colon:
            raise BadFrame(f"not a header field: {_shown(line)}")
        if name.strip().lower() != b"content-length":
            continue
        text = value.strip()
        if not text.isdigit() or len(text) > 12:
            raise BadFrame(f"Content-Length is not a number of bytes: {_shown(text)}")
        if length is not None and length != int(text):
            raise BadFrame("Content-Length is given twice")
        length = int(text)
    if length is None:
        raise BadFrame("a header without Content-Length")
    if length > LIMIT:
        raise BadFrame(f"Content-Length {length:,} is more than {LIMIT:,} bytes")
    return length


def _shown(text: bytes) -> str:
    return repr(text[:60].decode("ascii", "backslashreplace"))
