"""One debuggee as the adapter sees it: its process, its channel, its output, and how all three come to an end."""

from __future__ import annotations

import os
import signal
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, Protocol

from lowdb.adapter.output import Output
from lowdb.adapter.streams import Stream
from lowdb.wire.frames import BadFrame, Splitter, encode, frame

if TYPE_CHECKING:
    from lowdb.adapter.launcher import Started
    from lowdb.adapter.loop import Loop, Timer

GRACE: Final = 0.25
"""Seconds that a grandchild may keep the program's output open after the program's end."""

MOST: Final = 32
"""Pieces of output that are read in one go; no pipe holds more."""


class Owner(Protocol):
    """Who is told what becomes of a child."""

    def from_child(self, body: bytes) -> None:
        """The child has sent a message."""

    def output(self, category: str, text: str) -> None:
        """The child has written text to `stdout` or `stderr`."""

    def child_ended(self) -> None:
        """The child is over: all that it sent and wrote has been told."""


class Child:
    """A debuggee that was started."""

    def __init__(self, loop: Loop, started: Started, owner: Owner) -> None:
        self.loop: Final = loop
        self.owner: Final = owner
        self.pid: Final = started.pid
        self.status: int | None = None
        """How the process ended: its exit status, negative a signal's number; None while it lives."""
        self.ended = False
        """Whether `child_ended` was called."""
        self.outputs: Final = [
            Output(loop, started.out, "stdout", owner.output),
            Output(loop, started.err, "stderr", owner.output),
        ]
        self._splitter: Final = Splitter()
        self._socket: Final = started.channel
        self.channel: Final = Stream(loop, started.channel, started.channel, self._readable, self._closed)
        self.connected = True
        """Whether the channel is open: it closes first where the debuggee lets the program run on alone."""
        self._timer: Timer | None = None

    # --- the channel ------------------------------------------------------------------------------

    def send(self, message: dict[str, Any]) -> None:
        """A message of the adapter's own to the debuggee."""
        self.relay(encode(message))

    def relay(self, body: bytes) -> None:
        """A message of the client's to the debuggee."""
        self.channel.write(frame(body))

    def _readable(self) -> None:
        data = self.channel.read()
        if data is None:
            return
        # What was written before a message was sent is to be seen before it.
        self.drain()
        if not data:
            self._closed()
            return
        try:
            bodies = self._splitter.feed(data)
        except BadFrame:
            self.kill()  # only a program that writes to a file that is not its own gets here
            self._closed()
            return
        for body in bodies:
            self.owner.from_child(body)

    def _closed(self) -> None:
        if self.connected:
            self.connected = False
            self.channel.close()
            os.close(self._socket)

    # --- the output -------------------------------------------------------------------------------

    def drain(self) -> None:
        """Read what is in the pipes now, but not without end where somebody writes faster than we read."""
        for output in self.outputs:
            for _ in range(MOST):
                if not output.once():
                    break

    def pause(self, wanted: bool) -> None:
        """Leave in the pipes and the channel what comes: the client does not keep up."""
        for output in self.outputs:
            output.pause(wanted)
        self.channel.pause(not wanted)

    # --- the end ----------------------------------------------------------------------------------

    def look(self) -> None:
        """Whether the process has ended; its pid is not given back before its group is gone."""
        if self.status is not None:
            return
        found = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if found is None:
            return
        self.status = found.si_status if found.si_code == os.CLD_EXITED else -found.si_status
        self._finish(monotonic() + GRACE)

    def _finish(self, deadline: float) -> None:
        """Tell what is left; a grandchild that keeps the pipes open is ended with its group when its time is up."""
        while self.connected:
            before = self.channel.read()
            if before is None:
                break
            self._take(before)
        self.drain()
        if any(output.open for output in self.outputs) and monotonic() < deadline:
            self._timer = self.loop.after(0.01, lambda: self._finish(deadline))
            return
        self.signal_group(signal.SIGKILL)
        self.drain()
        os.waitpid(self.pid, 0)
        self._closed()
        for output in self.outputs:
            output.close()
        self.ended = True
        self.owner.child_ended()

    def _take(self, data: bytes) -> None:
        if not data:
            self._closed()
            return
        try:
            for body in self._splitter.feed(data):
                self.owner.from_child(body)
        except BadFrame:
            self._closed()

    def signal_group(self, number: int) -> None:
        """Send a signal to the process and all that it started and that stayed in its group."""
        try:
            os.killpg(self.pid, number)
        except (ProcessLookupError, PermissionError):
            pass

    def kill(self) -> None:
        """End the process and its group now."""
        if not self.ended:
            self.signal_group(signal.SIGKILL)
