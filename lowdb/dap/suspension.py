"""A stop that outlives its session: the editor has gone, the program is held until another one attaches."""

from __future__ import annotations

from _queue import SimpleQueue
from typing import TYPE_CHECKING

from lowdb.engine.stops import Detach

if TYPE_CHECKING:
    from lowdb.dap.halt import Halt
    from lowdb.dap.server import Server
    from lowdb.engine.debugger import Debugger
    from lowdb.engine.stops import Resume, Stop


class Suspension:
    """Keeps a stop, and the debugger, for the next session. No breakpoint of the former one is left."""

    def __init__(self, debugger: Debugger) -> None:
        self.debugger = debugger
        self._ticket = [True]
        """Who takes it out decides: the next session, or Ctrl-C."""
        self._next: SimpleQueue[Server | None] = SimpleQueue()
        self.disarm()

    def disarm(self) -> None:
        """Take away the breakpoints that a session has set."""
        self.debugger.options.post_mortem = False
        for point in self.debugger.breakpoints():
            self.debugger.remove(point.number)

    @property
    def over(self) -> bool:
        """Whether the program goes on, or has another session."""
        return not self._ticket

    def inherit(self, server: Server) -> None:
        """Have the debugger tell this server from now on; the stop is still kept."""
        self.debugger.front_end = self.debugger.notices.front_end = server
        self.debugger.mycode.clear()

    def hand_to(self, server: Server | None) -> bool:
        """Give the stop to a session; None: let the program go on. False where it is over already."""
        if not self._take():
            return False
        self._next.put(server)
        return True

    def wait(self, stop: Stop) -> Resume:
        """In the stopped thread: until the stop is given to a session; what that answers."""
        while True:
            try:
                server = self._next.get()
                break
            except KeyboardInterrupt:  # there is nobody else who could let it go
                self.debugger.delivery.interrupted = True
                if self._take():
                    server = None
                    break
        return Detach() if server is None else server.on_stop(stop)

    def _take(self) -> bool:
        try:
            return self._ticket.pop()
        except IndexError:
            return False


def kept(server: Server, halt: Halt | None) -> Suspension | None:
    """At the end of a session, in the reader's thread: the stop that it leaves to the next, None where none."""
    if not server.can_suspend:
        return None
    if halt is None:
        before = server.suspension
        if before is None or before.over:
            return None
        before.disarm()
        return before
    if halt.inner:
        return None  # the evaluation that it is inside of ends with its session
    server.alone.release()
    return Suspension(server.debugger)
