"""Run as a script by an editor's terminal: starts the debuggee there, as a shell would, and tells the adapter its end.

Two connections to the adapter's port, each begun with the one-use token: the debuggee inherits the first, the second
is for `{"argv": …}` from the adapter, `{"started": pid}` and `{"ended": status}` to it. Its end is the program's.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import sys

if __name__ == "__main__":  # started as a file, with nothing but the standard library to be found
    sys.path.append(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
from lowdb.adapter.tree import end_tree


def line(connection: socket.socket) -> bytes:
    """The next line that the adapter sends; empty at the end."""
    data = b""
    while not data.endswith(b"\n"):
        more = connection.recv(65536)
        if not more:
            return b""
        data += more
    return data


def tell(connection: socket.socket, **message: object) -> None:
    """Send one line; an adapter that is gone need not hear it."""
    try:
        connection.sendall(json.dumps(message).encode() + b"\n")
    except OSError:
        pass


def connected(port: int, token: str) -> socket.socket:
    """A connection that has shown the token."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=20)
    connection.settimeout(None)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.sendall(token.encode() + b"\n")
    return connection


def main() -> int:
    """Returns what a shell would: the program's exit status, or 128 + the signal that ended it."""
    port, token = int(sys.argv[1]), os.environ.pop("LOWDB_TOKEN", "")
    channel, control = connected(port, token), connected(port, token)
    request = line(control)
    if not request:
        return 1
    argv = [*json.loads(request)["argv"], str(channel.fileno())]
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    # Ctrl-C and Ctrl-\ in the terminal are for the program; they reach all of its foreground group.
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGCHLD):
        signal.signal(number, lambda *_: None)
    signal.set_wakeup_fd(writer)
    os.set_inheritable(channel.fileno(), True)
    defaults = [signal.SIGINT, signal.SIGQUIT, signal.SIGPIPE, signal.SIGXFSZ]
    try:
        pid = os.posix_spawn(argv[0], argv, os.environ, setsigdef=defaults)
    except OSError as error:
        tell(control, ended=127, error=f"cannot run {argv[0]!r}: {error.strerror}")
        return 127
    channel.close()
    tell(control, started=pid)
    status = waited(pid, reader, control)
    tell(control, ended=status)
    return status if status >= 0 else 128 - status


def waited(pid: int, reader: int, control: socket.socket) -> int:
    """Wait for the program's end, ending it when the adapter says so or is gone; its status, negative a signal."""
    files = [reader, control.fileno()]
    while True:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        for file in select.select(files, [], [])[0]:
            if file == reader:
                os.read(reader, 4096)
            elif control.recv(4096).startswith(b"leave"):
                files.remove(file)
            else:  # "kill", or the end of the adapter
                end_tree(pid, leads=False)
                return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


if __name__ == "__main__":
    sys.exit(main())
