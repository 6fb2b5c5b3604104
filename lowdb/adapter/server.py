"""`lowdb --dap --listen [HOST:]PORT`: a process for each editor that connects, each a session of its own."""

from __future__ import annotations

import _socket
import os
import signal
from typing import TYPE_CHECKING, NoReturn

from lowdb.adapter.places import BadAddress
from lowdb.adapter.streams import undelayed

if TYPE_CHECKING:
    from collections.abc import Callable


def serve(host: str, port: int, session: Callable[[int], NoReturn], token: str) -> NoReturn:
    """Listen, and run `session` with the connection's file in a child process for each. Raises BadAddress."""
    server = _socket.socket(_socket.AF_INET6 if ":" in host else _socket.AF_INET, _socket.SOCK_STREAM)
    server.setsockopt(_socket.SOL_SOCKET, _socket.SO_REUSEADDR, 1)
    try:
        server.bind((host, port))
        server.listen(16)
    except OSError as error:
        raise BadAddress(f"cannot listen on {host}:{port}: {error.strerror}") from None
    shown = f"[{host}]" if ":" in host else host
    said = f"lowdb listens on {shown}:{server.getsockname()[1]}" + (f', "token": "{token}"' if token else "")
    os.write(1, f"{said}\n".encode())
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the sessions are nobody's business once they are over
    while True:
        try:
            file, _ = server._accept()  # type: ignore[attr-defined]
        except KeyboardInterrupt:
            os._exit(0)
        except OSError:
            continue
        if os.fork() == 0:
            server.close()
            undelayed(file)
            session(file)
        os.close(file)
