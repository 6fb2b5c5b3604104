"""A debuggee as a session sees it: a channel, and a process that ends in one way or another.

`Launched` is the adapter's own child; what was started elsewhere is in `remote`.
"""

from __future__ import annotations

import os
import select
import signal
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, Protocol

from lowdb.adapter.launcher import why_not
from lowdb.adapter.output import Output
from lowdb.adapter.streams import Stream
from lowdb.adapter.tree import end_tree
from lowdb.wire.frames import BadFrame, BadMessage, Splitter, decode, encode, frame

if TYPE_CHECKING:
    from lowdb.adapter.launcher import Started
    from lowdb.adapter.loop import Loop

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

    def born(self, child: dict[str, Any]) -> None:
        """A child process of the program waits for a session: its `pid`, `name`, `port` and `token`."""

    def let_go(self) -> None:
        """The debuggee has closed its channel: its program is at its end, or runs on alone."""

    def child_ended(self) -> None:
        """The child is over: all that it sent and wrote has been told."""


class Child:
    """The channel to a debuggee; how its process ends is told by the classes built on it."""

    def __init__(self, loop: Loop, owner: Owner) -> None:
        self.loop: Final = loop
        self.owner: Final = owner
        self.status: int | None = None
        """How the process ended: its exit status, negative a signal's number; None while it lives or is not known."""
        self.ended = False
        """Whether `child_ended` was called."""
        self.connected = True
        """Whether there is a channel, or will be one."""
        self.farewell = "detach"
        """What the debuggee is told to do when the session leaves its program."""
        self._splitter: Final = Splitter()
        self._stream: Stream | None = None
        self._early: Final[list[bytes]] = []
        """What was sent before there was a channel."""

    def connect(self, file: int) -> None:
        """`file`, a socket, is the channel from now on."""
        self._stream = Stream(self.loop, file, file, self._readable, self._closed)
        for body in self._early:
            self.relay(body)
        self._early.clear()

    def send(self, message: dict[str, Any]) -> None:
        """A message of the adapter's own to the debuggee."""
        self.relay(encode(message))

    def relay(self, body: bytes) -> None:
        """A message of the client's to the debuggee."""
        if self._stream is None:
            self._early.append(body)
        else:
            self._stream.write(frame(body))

    def _readable(self) -> None:
        assert self._stream is not None
        data = self._stream.read()
        if data is not None:
            self.drain()  # what was written before a message was sent is to be seen before it
            self._take(data)

    def _take(self, data: bytes) -> None:
        if not data:
            self._closed()
            return
        try:
            for body in self._splitter.feed(data):
                self.owner.from_child(body)
        except BadFrame:
            # Only a program that writes to files that are not its own gets here. It runs on, unheard: were the channel
            # closed, it would end itself.
            self._closed(hold=True)

    def finish_channel(self) -> None:
        """Tell what the debuggee has sent up to now."""
        while self.connected and self._stream is not None:
            data = self._stream.read()
            if data is None:
                break
            self._take(data)

    def _closed(self, *, hold: bool = False) -> None:
        if self.connected:
            self.connected = False
            if self._stream is not None:
                self._stream.close()
                if not hold:
                    os.close(self._stream.reader)
            self.owner.let_go()

    def drain(self) -> None:
        """Tell what the program has written up to now."""

    def pause(self, wanted: bool) -> None:
        """Leave where it is what comes: the client does not keep up."""
        if self._stream is not None:
            self._stream.pause(not wanted)

    def look(self) -> None:
        """Whether the process has ended."""

    def kill(self) -> None:
        """End the process and all that belongs to it now."""
        raise NotImplementedError

    def abandon(self) -> None:
        """The adapter ends, and what still runs is to run on."""

    def leave(self) -> None:
        """Have the debugger taken off the program, which runs on; then the channel is closed."""
        self.send({"type": self.farewell})

    def why_not(self, arguments: dict[str, Any]) -> str:
        """Why it ended before it had said a word."""
        return "the program ended before the debugger could be reached"

    def _end(self) -> None:
        self._closed()
        if not self.ended:
            self.ended = True
            self.owner.child_ended()


class Launched(Child):
    """A debuggee that this process started."""

    def __init__(self, loop: Loop, owner: Owner, started: Started) -> None:
        super().__init__(loop, owner)
        self.pid: Final = started.pid
        self.outputs: Final = [
            Output(loop, started.out, "stdout", owner.output),
            Output(loop, started.err, "stderr", owner.output),
        ]
        self._births: Stream | None = None
        self._announced = b""
        if started.births is not None:
            self._births = Stream(loop, started.births, started.births, self._announce, self._no_more)
        self.connect(started.channel)

    def _announce(self) -> None:
        assert self._births is not None
        data = self._births.read()
        if not data:
            if data is not None:
                self._no_more()
            return
        *lines, self._announced = (self._announced + data).split(b"\n")
        for line in lines:
            try:
                self.owner.born(decode(line))
            except BadMessage:
                pass  # a program that writes to files that are not its own

    def _no_more(self) -> None:
        if self._births is not None:
            self._births.close()
            os.close(self._births.reader)
            self._births = None

    def drain(self) -> None:
        """Tell what is in the pipes now, but not without end where somebody writes faster than we read."""
        for output in self.outputs:
            for _ in range(MOST):
                if not output.once():
                    break

    def pause(self, wanted: bool) -> None:
        """Leave it in the pipes and the channel: the program waits when they are full."""
        super().pause(wanted)
        for output in self.outputs:
            output.pause(wanted)

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
        self.finish_channel()
        self.drain()
        if any(output.open for output in self.outputs) and monotonic() < deadline:
            self.loop.after(0.01, lambda: self._finish(deadline))
            return
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass
        self.drain()
        os.waitpid(self.pid, 0)
        self._no_more()
        for output in self.outputs:
            output.close()
        self._end()

    def kill(self) -> None:
        """End the process and all that it started now."""
        if not self.ended:
            end_tree(self.pid)

    def why_not(self, arguments: dict[str, Any]) -> str:
        """What the interpreter said before it ended."""
        assert self.status is not None
        return why_not(arguments, self.status, self.outputs[1].last)

    def abandon(self) -> None:
        """Leave the program to itself: a small process stays and reads what it writes, else it would fail at that."""
        files = [output.file for output in self.outputs if output.open]
        if not self.ended and files and os.fork() == 0:
            os.setsid()
            swallow(files)
            os._exit(0)


def swallow(files: list[int]) -> None:
    """Read all files to their ends; everything else that is open is closed."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for file in (0, 1, 2):
        os.dup2(nothing, file)
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    for file in range(3, 256):
        if file not in files:
            try:
                os.close(file)
            except OSError:
                pass
    poll = select.poll()
    for file in files:
        poll.register(file, select.POLLIN)
    while files:
        for file, _ in poll.poll():
            if not os.read(file, 1 << 16):
                poll.unregister(file)
                files.remove(file)
