"""Addresses: what was written, as numbers; and whether others than this machine can reach them."""

from __future__ import annotations

import _socket
from typing import Final

LOOPBACK: Final = ("127.", "::1")


class BadAddress(Exception):
    """It is no address that can be listened on; the text is one line."""


def place(text: str) -> tuple[str, int]:
    """Host (as numbers) and port of `PORT`, `HOST:PORT` or `[HOST]:PORT`. Raises BadAddress."""
    host, _, port = text.rpartition(":")
    if not port.isdecimal() or int(port) > 65535:
        raise BadAddress(f"no address: {text!r} (PORT or HOST:PORT)")
    return numeric(host.strip("[]") or "127.0.0.1", int(port)), int(port)


def numeric(host: str, port: int) -> str:
    """The host as numbers. Raises BadAddress."""
    try:
        return str(_socket.getaddrinfo(host, port, 0, _socket.SOCK_STREAM)[0][4][0])
    except OSError as error:
        raise BadAddress(f"no host {host!r}: {error.strerror}") from None


def outside(host: str) -> bool:
    """Whether others than this machine can reach it."""
    return not host.startswith(LOOPBACK)
