"""The DAP server in the debuggee: reads requests, has them served in the right thread, answers each exactly once."""

# Which thread runs what:
# - The *reader* is a bare `_thread` (not in threading.enumerate), one of the engine's `passed_over`: never held, never
#   stopped. It reads the channel, answers what concerns no stopped thread, and alone decides when a stop ends: it
#   posts the resume to the stopped thread after it has answered.
# - A *stopped thread* is in `on_stop`, in Halt.loop: there its frames' values are read, changed and evaluated, with its
#   own context variables and thread-locals. One at a time; the engine lines the others up (engine/turns.py).
# - *Any* thread may send: log points, bound breakpoints. Sending never blocks (wire/channel.py).
# - Bare helper threads: the channel's (drains what the client does not read), the clock of a limited evaluation, and
#   one for an evaluation while the program runs.

from __future__ import annotations

import sys
from _thread import allocate_lock, get_ident, start_new_thread
from os.path import isabs
from typing import TYPE_CHECKING, Any, Final

from lowdb.dap import (
    breakpoint_requests,
    completion_requests,
    data_requests,
    disassembly,
    running_requests,
    session_requests,
    value_requests,
)
from lowdb.dap.alone import Alone
from lowdb.dap.client import Client
from lowdb.dap.data_points import DataPoints
from lowdb.dap.halt import Halt, Job
from lowdb.dap.handles import Stale
from lowdb.dap.limiter import Limiter
from lowdb.dap.origins import Origins
from lowdb.dap.pausing import Pauser
from lowdb.dap.points import Points
from lowdb.dap.registry import ANYWHERE, REQUESTS, STOPPED, Handler, Refused
from lowdb.dap.suspension import Suspension, kept
from lowdb.dap.threads import Threads
from lowdb.dap.values import described
from lowdb.engine.stops import Bound, Continue, Detach, Exited, Logged, Over, Problem, Reason
from lowdb.wire.frames import BadFrame, BadMessage, decode, encode

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from lowdb.engine.debugger import Debugger
    from lowdb.engine.stops import Notice, Resume, Stop
    from lowdb.wire.channel import Channel

SERVES: Final = (
    breakpoint_requests,
    completion_requests,
    data_requests,
    disassembly,
    running_requests,
    session_requests,
    value_requests,
)
"""The modules whose handlers are in REQUESTS because they are imported here."""

_MOST_BACKLOG: Final = 16 * 1024 * 1024
"""Bytes that may wait for a client that does not read; beyond, log messages are dropped and counted."""

_LAST_SECONDS: Final = 5.0
"""How long the program's end waits for a client that has not read all yet."""


class Server:
    """The front end for one client. Set `debugger` before `serve`."""

    debugger: Debugger

    def __init__(self, channel: Channel, hello: dict[str, Any]) -> None:
        launch, initialize = hello.get("launch"), hello.get("initialize")
        self.channel = channel
        self.client = Client(initialize if type(initialize) is dict else {}, launch if type(launch) is dict else {})
        self.threads = Threads()
        self.halt: Halt | None = None
        """The stop that requests are served at; None while the program runs."""
        self.next_reference = 1
        self.limiter = Limiter(self)
        self.pauser = Pauser(self)
        self.configured: Callable[[], None] = lambda: None
        """Called once, at configurationDone."""
        self.ended: Callable[[str], None] = lambda why: None
        """Called in the reader's thread when it ends: "detach", "terminate", "kill", "suspend", "gone" (the end)."""
        self.can_suspend = False
        """Whether another client could come and go on."""
        self.suspension: Suspension | None = None
        """What this session began with, or leaves to the next."""
        self.leaving = False
        self.forked = False
        """Whether this is a forked child: the client is the parent's."""
        seq = hello.get("seq")
        self._seq = seq if type(seq) is int else 0  # after a restart it goes on where the former debuggee was
        self._lock = allocate_lock()
        self._dropped = 0
        self._said: set[str] = set()

    def attach(self, debugger: Debugger) -> None:
        """Serve this debugger."""
        self.debugger = debugger
        self.origins = Origins(self.client, debugger.mycode)
        program = self.client.option("program")
        if type(program) is str and isabs(program):
            self.origins.spelt(program)
        self.points = Points(self)
        self.data_points = DataPoints(self)
        self.alone = Alone(debugger)

    def main_frame(self) -> FrameType:
        """Return a frame whose names are those of the program's `__main__`, for what is evaluated without a frame."""
        return frame_in(sys.modules["__main__"].__dict__)

    # --- sending, in any thread -----------------------------------------------------------------------

    def send(self, message: dict[str, Any]) -> None:
        """Send a message; its `seq` is given here, so that they count up as they go."""
        body = encode(message)
        with self._lock:
            self._seq += 1
            self.channel.send_body(b'{"seq":%d,%b' % (self._seq, body[1:]))

    def event(self, name: str, body: dict[str, Any] | None = None) -> None:
        """Send an event."""
        message: dict[str, Any] = {"type": "event", "event": name}
        if body is not None:
            message["body"] = body
        self.send(message)

    def remark(self, text: str, once: bool = False) -> None:
        """Show a line in the client's console; with `once` only if it was not shown before."""
        if once and text in self._said:
            return
        self._said.add(text)
        self.event("output", {"category": "console", "output": f"lowdb: {text}\n"})

    def answer(self, seq: int, command: str, body: dict[str, Any] | None) -> None:
        """Answer a request that was done."""
        message: dict[str, Any] = {"type": "response", "request_seq": seq, "success": True, "command": command}
        if body is not None:
            message["body"] = body
        self.send(message)

    def refuse(self, seq: int, command: str, text: str) -> None:
        """Answer a request that cannot be done."""
        message = text or "it cannot be done"
        error = {"id": 1, "format": message, "showUser": False}
        self.send(
            {
                "type": "response",
                "request_seq": seq,
                "success": False,
                "command": command,
                "message": message,
                "body": {"error": error},
            }
        )

    # --- the reader's thread --------------------------------------------------------------------------

    def start(self) -> None:
        """Start the reader."""
        start_new_thread(self._read, ())

    def _read(self) -> None:
        self.debugger.world.passed_over.add(get_ident())
        why = "gone"
        while True:
            try:
                body = self.channel.read()
            except BadFrame:
                body = None
            if body is None:
                break
            try:
                message = decode(body)
            except BadMessage:
                continue  # nobody to answer: it has no number
            if message.get("type") in ("detach", "terminate", "kill", "suspend"):
                why = message["type"]
                break
            self._take(message)
        self._end(why)

    def _end(self, why: str) -> None:
        self.leaving = True
        if why in ("gone", "kill"):
            self.ended(why)
        self.limiter.cancel(None, "the session has ended")  # not one that has stopped inside: it goes on, and ends
        halt, self.halt = self.halt, None
        before, self.suspension = self.suspension, kept(self, halt) if why == "suspend" else None
        if halt is not None:
            halt.resume(self.suspension or Detach())
        elif self.suspension is None and (before is None or not before.hand_to(None)):
            try:
                self.debugger.close()
            except Exception as error:
                self.debugger.journal.write("problem", type(error), error)
        if why in ("detach", "terminate", "suspend"):
            self.ended(why)

    def _take(self, message: dict[str, Any]) -> None:
        seq, command = message.get("seq"), message.get("command")
        if message.get("type") != "request":
            return  # a response to a request of ours (startDebugging): nothing hangs on it
        if type(seq) is not int:
            return  # it cannot be answered
        if type(command) is not str:
            self.refuse(seq, "", "the request names no command")
            return
        arguments = message.get("arguments")
        if arguments is None:
            arguments = {}
        if type(arguments) is not dict:
            self.refuse(seq, command, f"{command}: the arguments are no object")
            return
        handler = REQUESTS.get(command)
        if handler is None:
            self.refuse(seq, command, f"lowdb does not support the request {command!r}")
            return
        halt = self.halt
        job = Job(handler, seq, arguments)
        if handler.where is ANYWHERE:
            self.serve(job, halt)
        elif halt is not None:
            halt.post(job)
        elif handler.where is STOPPED:
            self.refuse(seq, command, self._why_not(arguments))
        else:
            start_new_thread(self._aside, (job,))  # it may last: the reader has to hear of `cancel`

    def _aside(self, job: Job) -> None:
        me = get_ident()
        self.debugger.world.passed_over.add(me)
        try:
            self.serve(job, None)
        except KeyboardInterrupt:
            pass
        finally:
            self.debugger.world.passed_over.discard(me)

    def _why_not(self, arguments: dict[str, Any]) -> str:
        number = arguments.get("variablesReference", arguments.get("frameId"))
        if type(number) is int and 0 < number < self.next_reference:
            return f"reference {number} is from an earlier stop, and the program runs: pause it first"
        return "the program is running: pause it first"

    # --- in the thread where the handler belongs ------------------------------------------------------

    def serve(self, job: Job, halt: Halt | None) -> None:
        """Have a request done and answer it. Raises nothing but KeyboardInterrupt, and then it was answered."""
        name, seq = job.handler.name, job.seq
        if job.cancelled:
            self.refuse(seq, name, "cancelled")
            return
        try:
            body = job.handler.function(self, job, halt)
        except (Refused, Stale) as refusal:
            self.refuse(seq, name, str(refusal))
        except KeyboardInterrupt:
            self.refuse(seq, name, "interrupted")
            raise
        except BaseException as error:
            self.refuse(seq, name, f"error inside lowdb: {described(error)}")
            self.debugger.journal.write("problem", type(error), error)
        else:
            self.answer(seq, name, body)
            if job.then is not None:
                job.then()

    # --- what the engine calls ------------------------------------------------------------------------

    def on_stop(self, stop: Stop) -> Resume:
        """Tell the client and serve it until the program is to go on."""
        if self.gone():
            return Detach()
        if stop.post_mortem and not stop.hits:
            return Continue()  # no filter wants it
        self.alone.stopped(stop.thread)
        self._flush()
        outer = self.halt
        if outer is not None:  # inside an evaluation at another stop of this thread
            outer.nested = True
            self.next_reference = outer.handles.next
        self.halt = halt = Halt(self, stop)
        if self.gone():  # the client went meanwhile, and found no stop to end
            return Detach()
        stepped = stop.reason is Reason.PAUSE and self.pauser.was_step(stop.thread)
        self.event("stopped", halt.body("step" if stepped else ""))
        resume = halt.loop()
        return resume.wait(stop) if isinstance(resume, Suspension) else resume

    def gone(self) -> bool:
        """Whether the client has gone, or is the parent's."""
        return self.leaving

    def again(self, halt: Halt) -> None:
        """A stop inside an evaluation is over, and the evaluation: the outer stop is the client's again."""
        halt.renew()
        self.halt = halt
        self.event("stopped", halt.body("pause"))

    @staticmethod
    def _flush() -> None:
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except BaseException:  # closed or replaced by the program
                continue

    def on_notice(self, notice: Notice) -> None:
        """Tell the client of a log message, a bound breakpoint, an error of ours."""
        if isinstance(notice, Bound):
            self.points.bound(notice.breakpoint)
        elif isinstance(notice, Over):
            self.data_points.over(notice.breakpoint, notice.text)
        elif isinstance(notice, Exited):
            self.channel.flush(_LAST_SECONDS)
        elif isinstance(notice, Logged):
            if self.channel.backlog > _MOST_BACKLOG:
                self._dropped += 1
                return
            source = self.origins.describe(notice.filename)
            text = f"{notice.text}\n"
            if self._dropped:
                text = f"({self._dropped} log messages were dropped: the editor did not read them)\n{text}"
                self._dropped = 0
            line = self.client.line_out(notice.line)
            self.event("output", {"category": "console", "output": text, "source": source, "line": line})
        else:
            category = "important" if isinstance(notice, Problem) else "console"
            self.event("output", {"category": category, "output": f"lowdb: {notice.text}\n"})


def handlers() -> list[Handler]:
    """Return what is served, by name, for the reference."""
    return [REQUESTS[name] for name in sorted(REQUESTS)]


def frame_in(namespace: dict[str, Any]) -> FrameType:
    """Return a frame that has ended, of a module with this namespace."""
    frame: FrameType = eval(_HERE, namespace)
    return frame


_HERE: Final = compile("__import__('sys')._getframe()", "<lowdb>", "eval")
