"""Sessions for child processes: a child that waits is offered to the client by `startDebugging`, or told to go on."""

from __future__ import annotations

import _socket
import os
from typing import TYPE_CHECKING, Any, Final

from lowdb.wire.frames import encode, frame
from lowdb.wire.offers import OPTIONS, option

if TYPE_CHECKING:
    from lowdb.adapter.client import Client


class Births:
    """Which children were offered to the client, and have not been taken yet."""

    def __init__(self, client: Client) -> None:
        self._client: Final = client
        self._offered: Final[dict[int, dict[str, Any]]] = {}
        """By the `seq` of the request."""

    def offer(self, child: dict[str, Any], kind: str, arguments: dict[str, Any]) -> None:
        """Have the client open a session of type `kind` for `child`, with those of its parent's options that fit."""
        kept = {name: arguments[name] for name in arguments if name in OPTIONS and "attach" in OPTIONS[name].requests}
        place = {"host": "127.0.0.1", "port": child["port"], "token": child["token"]}
        name = f"{os.path.basename(str(arguments.get('name') or 'child'))}: {child['name']} ({child['pid']})"
        configuration = {**kept, "type": kind, "name": name, "connect": place}
        request = {"configuration": configuration, "request": "attach"}
        self._client.send({"type": "request", "command": "startDebugging", "arguments": request})
        self._offered[self._client.seq] = child

    def answered(self, message: dict[str, Any]) -> bool:
        """Whether this response is to an offer; where the client declines it, the child runs on."""
        child = self._offered.pop(message["request_seq"], None)
        if child is not None and message.get("success") is not True:
            why = message.get("message")
            self._client.output("console", f"lowdb: child process {child['pid']} runs without the debugger: {why}\n")
            decline(child)
        return child is not None


def follows(initialize: dict[str, Any] | None, arguments: dict[str, Any]) -> bool:
    """Whether child processes get sessions: the user wants it, and the client can."""
    can = initialize is not None and initialize.get("supportsStartDebuggingRequest") is True
    return bool(can and option(arguments, "subProcess") and not option(arguments, "noDebug"))


def decline(child: dict[str, Any]) -> None:
    """Tell a child that waits that nobody will come."""
    connection = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
    try:
        connection.settimeout(1)
        connection.connect(("127.0.0.1", child["port"]))
        connection.sendall(frame(encode({"type": "token", "token": child["token"]})) + frame(encode({"type": "never"})))
    except OSError:
        pass  # it is gone
    finally:
        connection.close()
