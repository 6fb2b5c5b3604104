"""A debuggee in an editor's terminal: started there by `terminal.py`, which connects to us with a one-use token."""

from __future__ import annotations

import _socket  # the module socket would cost the start 5 ms
import json
import os
import sys
from typing import TYPE_CHECKING, Any, Final

from lowdb.adapter.child import Child, Owner
from lowdb.adapter.launcher import ENTRANCE, check_places, command, environment, why_not
from lowdb.adapter.loop import READ
from lowdb.adapter.streams import Stream, undelayed
from lowdb.wire.offers import option

if TYPE_CHECKING:
    from lowdb.adapter.loop import Loop

PATIENCE: Final = 20.0
"""Seconds that a terminal has for starting the program."""

TERMINAL: Final = os.path.join(os.path.dirname(os.path.abspath(__file__)), "terminal.py")
TOKEN: Final = 64
"""Letters of a token; more than that is read from nobody who has not shown one."""


class InTerminal(Child):
    """A debuggee that the client runs in a terminal of its own, under `terminal.py`, which tells of its end."""

    def __init__(self, loop: Loop, owner: Owner, arguments: dict[str, Any]) -> None:
        """Raises CannotStart."""
        super().__init__(loop, owner)
        check_places(arguments)
        self._argv: Final = [*command(arguments, environment(arguments)), ENTRANCE]
        self._problem: str | None = None
        self._token: Final = os.urandom(TOKEN // 2).hex()
        self._server: Final = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
        self._server.bind(("127.0.0.1", 0))
        self._server.listen(8)
        self._server.setblocking(False)
        self._connections: Final[list[int]] = []
        """Those that have shown the token: the channel, then the control."""
        self._control: Stream | None = None
        self._heard = b""
        loop.watch(self._server.fileno(), READ, self._accept)
        self._timer: Final = loop.after(PATIENCE, lambda: self.fail("the editor's terminal did not start the program"))
        kind = "integrated" if option(arguments, "console") == "integratedTerminal" else "external"
        env = {**option(arguments, "env"), "LOWDB_TOKEN": self._token}
        self.request: Final[dict[str, Any]] = {
            "kind": kind,
            "title": "lowdb",
            "cwd": arguments.get("cwd") or os.getcwd(),
            "args": [sys.executable, "-I", "-S", TERMINAL, str(self._server.getsockname()[1])],
            "env": env,
        }
        """The arguments of `runInTerminal`."""

    def _accept(self) -> None:
        try:
            file, _ = self._server._accept()  # type: ignore[attr-defined]
        except OSError:
            return
        os.set_blocking(file, False)
        said = b""

        def readable() -> None:
            nonlocal said
            try:
                said += os.read(file, TOKEN + 1 - len(said))
            except BlockingIOError:
                return
            except OSError:
                said = b"\n"
            if said.endswith(b"\n") or len(said) > TOKEN:
                self.loop.watch(file, 0)
                import hmac  # start-up: only where a terminal is used

                if hmac.compare_digest(said, f"{self._token}\n".encode()) and len(self._connections) < 2:
                    self._shown(file)
                else:
                    os.close(file)
            elif not said:
                self.loop.watch(file, 0)
                os.close(file)

        self.loop.watch(file, READ, readable)

    def _shown(self, file: int) -> None:
        undelayed(file)
        self._connections.append(file)
        if len(self._connections) == 1:
            return
        self.loop.watch(self._server.fileno(), 0)
        self._server.close()
        self._timer.cancel()
        self.connect(self._connections[0])
        self._control = Stream(self.loop, file, file, self._told, self._lost)
        self._control.write(json.dumps({"argv": self._argv}).encode() + b"\n")

    def _told(self) -> None:
        assert self._control is not None
        data = self._control.read()
        if data is None:
            return
        if not data:
            self._lost()
            return
        self._heard += data
        *lines, self._heard = self._heard.split(b"\n")
        for line in lines:
            message = json.loads(line)
            if "ended" in message:
                self.status = message["ended"]
                self._problem = message.get("error")
                self._lost()
                return

    def _lost(self) -> None:
        """The terminal's process is gone, and with it the program."""
        if self._control is not None:
            self._control.close()
            os.close(self._control.reader)
            self._control = None
        self.finish_channel()
        self._end()

    def fail(self, text: str) -> None:
        """There will be no program."""
        self._problem = text
        self._timer.cancel()
        if self._control is None and not self.ended:
            self.loop.watch(self._server.fileno(), 0)
            self._server.close()
            self._end()

    def kill(self) -> None:
        """Have the program ended where it runs."""
        if self._control is not None:
            self._control.write(b"kill\n")
        else:
            self.fail("it was ended before the terminal had started it")

    def leave(self) -> None:
        """Have the debugger taken off the program, which runs on in its terminal."""
        if self._control is None:
            self.kill()
        else:
            self._control.write(b"leave\n")
            super().leave()

    def why_not(self, arguments: dict[str, Any]) -> str:
        """Why there was no program."""
        if self._problem is None and self.status is not None:
            return why_not(arguments, self.status, "")
        return f"launch: {self._problem or super().why_not(arguments)}"
