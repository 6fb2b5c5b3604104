"""One stop as the client sees it: its references, its stacks, and the loop in which the stopped thread serves it."""

# Made and run in the stopped thread. `post` and `resume` are called in the reader's thread only, so that nothing is
# posted after the resume: every job that was taken is answered.

from __future__ import annotations

from _queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Final

from lowdb.dap.handles import Handles, Stale
from lowdb.dap.stacks import Label, thread_stack
from lowdb.dap.telling import reason_of, words
from lowdb.engine.stops import Continue, Detach
from lowdb.program.frames import FrameInfo

if TYPE_CHECKING:
    from collections.abc import Callable

    from lowdb.dap.registry import Handler
    from lowdb.dap.server import Server
    from lowdb.dap.suspension import Suspension
    from lowdb.engine.stops import Resume, Stop

    type Entry = FrameInfo | Label


class Job:
    """A request that waits for the stopped thread, or runs in it."""

    __slots__ = ("arguments", "cancelled", "handler", "seq", "then")

    def __init__(self, handler: Handler, seq: int, arguments: dict[str, Any]) -> None:
        self.handler = handler
        self.seq = seq
        self.arguments = arguments
        self.cancelled = False
        self.then: Callable[[], None] | None = None
        """What is done once it is answered."""


class Halt:
    """A stopped thread, for as long as it is stopped."""

    def __init__(self, server: Server, stop: Stop) -> None:
        self.server = server
        self.stop = stop
        self.thread: Final = server.threads.number(stop.thread)
        self.handles = Handles(server.next_reference)
        self.waiting: Final[dict[int, Job]] = {}
        """Jobs that were posted and not begun, by the request's number."""
        self.inner = server.halt is not None
        """Whether it is inside an evaluation at another stop."""
        self.nested = False
        """Whether an evaluation at this stop has come to a stop of its own."""
        self._jobs: SimpleQueue[Job | Resume | Suspension] = SimpleQueue()
        self._stacks: dict[int, list[Entry]] = {}
        self._frames: dict[int, list[int]] = {}

    # --- in the reader's thread ---------------------------------------------------------------------

    def post(self, job: Job) -> None:
        """Have the stopped thread serve a request."""
        self.waiting[job.seq] = job
        self._jobs.put(job)

    def resume(self, resume: Resume | Suspension) -> None:
        """Let the stopped thread go on once it has served what was posted before."""
        self._jobs.put(resume)

    # --- in the stopped thread ----------------------------------------------------------------------

    def loop(self) -> Resume | Suspension:
        """Serve requests until the program is to go on. Never raises."""
        job: Job | Resume | Suspension
        while True:
            try:
                if self.nested:  # an evaluation is over, or was ended, that has stopped inside
                    if self.server.gone():
                        job = Detach()  # the client went there
                        break
                    self.server.again(self)
                job = self._jobs.get()
                if not isinstance(job, Job):
                    break
                self.waiting.pop(job.seq, None)
                self.server.serve(job, self)
                if self.server.forked:
                    self._end()
                    return Continue()  # the child of an evaluation that forked: the client is the parent's
            except KeyboardInterrupt:
                # the program's Ctrl-C, come while it is stopped: it gets it when it goes on
                self.server.debugger.delivery.interrupted = True
        self._end()
        return job

    def _end(self) -> None:
        """Let go of the program's objects: the reader's thread may hold this one for a moment longer."""
        self.server.next_reference = self.handles.next
        self.server.data_points.forget()
        self.handles = Handles(self.handles.next)
        self._stacks.clear()
        self._frames.clear()
        del self.stop

    def renew(self) -> None:
        """Begin anew after a stop inside: what was given before is stale."""
        self.nested = False
        self.handles = Handles(max(self.handles.next, self.server.next_reference))
        self._stacks.clear()
        self._frames.clear()

    # --- stacks and frames --------------------------------------------------------------------------

    def stack(self, ident: int) -> list[Entry]:
        """Return the stack of a thread, newest frame first. Raises Refused where it has ended."""
        found = self._stacks.get(ident)
        if found is None:
            stop = self.stop if ident == self.stop.thread else None
            found = self._stacks[ident] = thread_stack(self.server.debugger, ident, stop)
            self._frames[ident] = [0] * len(found)
        return found

    def shown(self) -> list[Entry]:
        """Return the entries of all stacks that were asked for."""
        return [entry for stack in self._stacks.values() for entry in stack]

    def frame_number(self, ident: int, index: int) -> int:
        """Return the reference to one entry of a stack that `stack` returned."""
        numbers = self._frames[ident]
        if not numbers[index]:
            numbers[index] = self.handles.new(self._stacks[ident][index])
        return numbers[index]

    def entry(self, number: object) -> Entry:
        """Return what a frame's number stands for. Raises Stale."""
        found: Entry = self.handles.get(number, "frame")
        if type(found) not in (FrameInfo, Label):
            raise Stale(f"{number!r} is no frame's number")
        return found

    def frame(self, number: object) -> FrameInfo | None:
        """Return the frame of a number; None for a label, or where no number was given. Raises Stale."""
        if number is None:
            return None
        entry = self.entry(number)
        return entry if type(entry) is FrameInfo else None

    # --- what the client is told --------------------------------------------------------------------

    def body(self, reason: str = "") -> dict[str, Any]:
        """Return the body of the `stopped` event."""
        stop = self.stop
        body: dict[str, Any] = {"reason": reason or reason_of(stop), "threadId": self.thread}
        numbers = [
            hit.breakpoint.number for hit in stop.hits if hit.breakpoint.kind != "raise" and not hit.breakpoint.gone
        ]
        if numbers and not reason:
            body["hitBreakpointIds"] = numbers
        description, text = words(stop)
        if description and not reason:
            body["description"] = description
        if text and not reason:
            body["text"] = text
        body["allThreadsStopped"] = self.server.debugger.options.stop_world and not self.server.alone
        return body
