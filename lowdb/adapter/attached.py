"""Debuggees that run somewhere else: one that waits in `lowdb.listen()`, one that comes to us by `lowdb --connect`."""

from __future__ import annotations

import _socket
import json
import os
from typing import TYPE_CHECKING, Any, Final

from lowdb.adapter.child import Child, Owner
from lowdb.adapter.launcher import CannotStart
from lowdb.adapter.loop import READ, WRITE
from lowdb.adapter.places import BadAddress, numeric, outside
from lowdb.adapter.streams import undelayed
from lowdb.wire.frames import BadFrame, BadMessage, Splitter, decode

if TYPE_CHECKING:
    from lowdb.adapter.loop import Loop

PATIENCE: Final = 20.0
"""Seconds that a program has for taking a connection."""


class Elsewhere(Child):
    """What both have in common: the end of the channel is the end of the session, and nothing tells an exit code."""

    def _closed(self, *, hold: bool = False) -> None:
        if self.connected:
            super()._closed(hold=hold)
            self._end()

    def leave(self) -> None:
        """Have the debugger taken off; where there is no program yet, wait for none."""
        if self._stream is None:
            self.kill()
        else:
            super().leave()


class Attached(Elsewhere):
    """A program that runs already and waits in `lowdb.listen()`."""

    def __init__(self, loop: Loop, owner: Owner, address: dict[str, Any]) -> None:
        """Raises CannotStart."""
        super().__init__(loop, owner)
        self._place: Final = (address.get("host") or "127.0.0.1", address["port"])
        self._token: Final = address.get("token") or ""
        self._problem: str | None = None
        try:
            family, kind, _, _, place = _socket.getaddrinfo(*self._place, 0, _socket.SOCK_STREAM)[0]
            self._socket: Final = _socket.socket(family, kind)
            self._socket.setblocking(False)
            self._socket.connect_ex(place)
        except OSError as error:
            raise CannotStart(f"attach: no connection to {self.where}: {error.strerror}") from None
        self._timer: Final = loop.after(PATIENCE, lambda: self._fail("no answer"))
        loop.watch(self._socket.fileno(), WRITE, self._arrived, self._arrived)

    @property
    def where(self) -> str:
        """The address as it is written."""
        return f"{self._place[0]}:{self._place[1]}"

    def _arrived(self) -> None:
        if self._timer.act is None:
            return
        error = self._socket.getsockopt(_socket.SOL_SOCKET, _socket.SO_ERROR)
        self.loop.watch(self._socket.fileno(), 0)
        if error:
            self._fail(os.strerror(error))
            return
        self._timer.cancel()
        file = self._socket.detach()
        undelayed(file)
        if self._token:
            self._early.insert(0, json.dumps({"type": "token", "token": self._token}).encode())
        self.connect(file)

    def _fail(self, text: str) -> None:
        self._timer.cancel()
        if self._stream is None and not self.ended:
            self._problem = text
            self.loop.watch(self._socket.fileno(), 0)
            self._socket.close()
            self._end()

    def kill(self) -> None:
        """Have it end itself."""
        if self._stream is None:
            self._fail("it was given up")
        else:
            self.send({"type": "kill"})

    def why_not(self, arguments: dict[str, Any]) -> str:
        """Why it could not be reached."""
        return f"attach: no debuggee at {self.where}: {self._problem or 'the connection was closed (a wrong token?)'}"


def keep_stopped(child: Child | None) -> str | None:
    """Have the program stay as it is when the session ends; why that cannot be, None where it can."""
    if type(child) is not Attached or not child.connected:
        return (
            "'disconnect' with 'suspendDebuggee' cannot be done: nobody could attach to this program again. That is for"
            " programs that wait in lowdb.listen()"
        )
    child.farewell = "suspend"
    return None


class Awaited(Elsewhere):
    """A program that will come by itself: `lowdb --connect HOST:PORT program`."""

    def __init__(self, loop: Loop, owner: Owner, address: dict[str, Any]) -> None:
        """Raises CannotStart."""
        super().__init__(loop, owner)
        self._token: Final = address.get("token") or ""
        host, port = address.get("host") or "127.0.0.1", address["port"]
        self._server: Final = _socket.socket(_socket.AF_INET6 if ":" in host else _socket.AF_INET, _socket.SOCK_STREAM)
        try:
            host = numeric(host, port)
            if outside(host) and not self._token:
                raise CannotStart(f"attach: option 'listen': whoever reaches {host} could come; give a token")
            self._server.setsockopt(_socket.SOL_SOCKET, _socket.SO_REUSEADDR, 1)
            self._server.bind((host, port))
            self._server.listen(4)
        except (BadAddress, OSError) as error:
            raise CannotStart(f"attach: option 'listen': {host}:{port}: {error}") from None
        self._server.setblocking(False)
        owner.output("console", f"lowdb waits for a program on {host}:{self._server.getsockname()[1]}\n")
        loop.watch(self._server.fileno(), READ, self._accept)

    def _accept(self) -> None:
        try:
            file, _ = self._server._accept()  # type: ignore[attr-defined]
        except OSError:
            return
        undelayed(file)
        if not self._token:
            self._taken(file)
            return
        os.set_blocking(file, False)
        splitter = Splitter()

        def readable() -> None:
            try:
                bodies = splitter.feed(os.read(file, 4096))
                if not bodies and splitter.between:
                    raise OSError  # it has gone
                if bodies and decode(bodies[0]) == {"type": "token", "token": self._token}:
                    self.loop.watch(file, 0)
                    self._taken(file)
                    return
            except BlockingIOError:
                return
            except (BadFrame, BadMessage, OSError):
                bodies = [b""]
            if bodies:
                self.loop.watch(file, 0)
                os.close(file)

        self.loop.watch(file, READ, readable)

    def _taken(self, file: int) -> None:
        if self._stream is None and not self.ended:
            self._no_more()
            self.connect(file)
        else:
            os.close(file)

    def _no_more(self) -> None:
        self.loop.watch(self._server.fileno(), 0)
        self._server.close()

    def kill(self) -> None:
        """Have it end itself, or wait for it no more."""
        if self._stream is not None:
            self.send({"type": "kill"})
        elif not self.ended:
            self._no_more()
            self._end()

    def why_not(self, arguments: dict[str, Any]) -> str:
        """Why there was none."""
        return "attach: the program that came has ended before the session began"
