"""Where the two processes meet: an inherited descriptor, a Unix socket, a port; and getting it out of the way."""

from __future__ import annotations

import _socket
import os

HIGH = 200
"""Descriptors of ours begin here: the program's own files get the numbers that they would get without us."""


def connect(where: str) -> int:
    """Return the descriptor of a stream connected to `HOST:PORT` or to a Unix socket's path. Raises OSError."""
    if "/" in where:
        made = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
        made.connect(where)
        return made.detach()
    host, _, port = where.rpartition(":")
    host = host.strip("[]")
    made = _socket.socket(_socket.AF_INET6 if ":" in host else _socket.AF_INET, _socket.SOCK_STREAM)
    made.connect((host, int(port)))
    return made.detach()


def out_of_the_way(descriptor: int) -> int:
    """Return the same stream under a high number, not inherited by the program's children."""
    import fcntl  # start-up: not there on Windows, where numbers are handles

    try:
        high = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, HIGH)
    except OSError:  # there are not so many
        os.set_inheritable(descriptor, False)
        return descriptor
    os.close(descriptor)
    return high
