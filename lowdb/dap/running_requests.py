"""Requests that let the program run or stop it: continue, the steps, pause, goto, and what a step may go into."""

# All but `goto` and the targets run in the reader's thread: they answer, and only then post the resume.

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lowdb.dap.calls import calls_at
from lowdb.dap.registry import STOPPED, Refused, optional, request, wanted
from lowdb.engine.stops import Continue, JumpRefused, Land, Next, StepIn, StepOut
from lowdb.program.codes import stoppable_lines
from lowdb.program.paths import file_of
from lowdb.program.sources import resolve_line, source

if TYPE_CHECKING:
    from lowdb.dap.halt import Halt, Job
    from lowdb.dap.server import Server
    from lowdb.engine.stops import Resume

    type Body = dict[str, Any]


class Target:
    """What the number of a goto or stepIn target stands for."""

    __slots__ = ("line", "name")

    def __init__(self, line: int = 0, name: str = "") -> None:
        self.line = line
        self.name = name


def _go(server: Server, job: Job, halt: Halt | None, resume: Resume) -> None:
    """End the stop with `resume`, once the request is answered."""
    alone = optional(job.arguments, "singleThread", False)
    if halt is None:
        raise Refused("the program is running already")
    if type(resume) is Continue and not alone:
        ident = halt.stop.thread  # whichever is named, also one that has ended: all go on
    else:
        ident = server.threads.ident(job.arguments.get("threadId"))
    if ident != halt.stop.thread and type(resume) is not Continue:
        state = next((one for one in server.debugger.threads() if one.info.ident == ident), None)
        if state is None:
            raise Refused("this thread has ended")
        server.pauser.step(ident)
        resume = Continue()
    if alone and ident != halt.stop.thread:
        raise Refused("only the thread that stopped can run alone")
    server.halt = None
    server.alone.leave(halt.stop.thread, alone)
    job.then = lambda: halt.resume(resume)


def _single(job: Job) -> bool:
    return job.arguments.get("granularity") == "instruction"


@request("continue")
def continue_(server: Server, job: Job, halt: Halt | None) -> Body:
    """On to the next breakpoint; with `singleThread` the other threads stay where they are."""
    alone = optional(job.arguments, "singleThread", False)
    if halt is None and server.alone:
        server.alone.release()
        return {"allThreadsContinued": True}
    _go(server, job, halt, Continue())
    return {"allThreadsContinued": not alone}


@request("next")
def next_(server: Server, job: Job, halt: Halt | None) -> None:
    """Over the line, or the instruction (`granularity`); out of a function that ends, to its call. `singleThread`."""
    _go(server, job, halt, Next(land=Land.CALL, single=_single(job)))


@request("stepIn")
def step_in(server: Server, job: Job, halt: Halt | None) -> None:
    """Into the next call of the user's own code, or of `targetId` only; else as `next`."""
    number = job.arguments.get("targetId")
    name = None
    if number is not None and halt is not None:
        target = halt.handles.get(number, "target")
        name = target.name if type(target) is Target else None
    _go(server, job, halt, StepIn(target=name or None, land=Land.CALL, single=_single(job)))


@request("stepOut")
def step_out(server: Server, job: Job, halt: Halt | None) -> None:
    """To the caller, right after the call; for a generator to its consumer, at the next yield or the end."""
    _go(server, job, halt, StepOut(land=Land.CALL))


@request("pause")
def pause(server: Server, job: Job, halt: Halt | None) -> None:
    """Stop a thread at its next line, or when the C call that it is in returns. While it evaluates: end that."""
    ident = server.threads.ident(job.arguments.get("threadId"))
    if server.limiter.cancel(None, "ended by pause"):
        return
    if halt is not None:
        return  # it is stopped already, and the client has been told
    if server.alone and ident not in server.alone.threads:
        server.alone.release()
    server.pauser.pause(ident)


# --- goto -----------------------------------------------------------------------------------------


@request("gotoTargets", STOPPED)
def goto_targets(server: Server, job: Job, halt: Halt) -> Body:
    """Where `goto` can go from the stopped frame: lines of its own function; others are refused with the reason."""
    filename = server.origins.filename(wanted(job.arguments, "source", dict))
    asked = server.client.line_in(wanted(job.arguments, "line", int))
    frame = halt.stop.frame
    code = frame.f_code
    if not halt.stop.can_jump:
        raise Refused(
            "goto works only where the program stopped at a line, in the frame that stopped: step once, then goto"
        )
    line: int | None = asked
    text = source(filename)
    if file_of(code.co_filename) == filename and asked not in stoppable_lines(code) and text is not None:
        line, _ = resolve_line(text, asked)
    if file_of(code.co_filename) != filename or line not in stoppable_lines(code):
        raise Refused(f"line {server.client.line_out(asked)} is not in {code.co_qualname}, where the program stopped")
    label = text.line(line).strip() if text is not None else f"line {line}"
    number = halt.handles.new(Target(line=line))
    return {"targets": [{"id": number, "label": label or f"line {line}", "line": server.client.line_out(line)}]}


@request("goto", STOPPED)
def goto(server: Server, job: Job, halt: Halt) -> None:
    """Make a line the next one; nothing runs. Refused in the interpreter's words where it does not allow that."""
    target = halt.handles.get(wanted(job.arguments, "targetId", int), "target")
    if server.threads.ident(job.arguments.get("threadId")) != halt.stop.thread:
        raise Refused("goto works only in the thread that stopped")
    if type(target) is not Target or not target.line:
        raise Refused("this is no target of gotoTargets")
    try:
        warning = halt.stop.jump(target.line)
    except JumpRefused as refused:
        raise Refused(str(refused)) from None

    def tell() -> None:
        if warning:
            server.event("output", {"category": "console", "output": f"lowdb: {warning}\n"})
        halt.renew()
        server.event("stopped", halt.body("goto"))

    job.then = tell


# --- what a step may go into ----------------------------------------------------------------------


@request("stepInTargets", STOPPED)
def step_in_targets(server: Server, job: Job, halt: Halt) -> Body:
    """The calls of the line that are still to come, in the order in which they run."""
    info = halt.frame(job.arguments.get("frameId"))
    if info is None or info.frame is not halt.stop.frame or halt.stop.post_mortem:
        return {"targets": []}
    found = []
    for call in calls_at(info.frame):
        made: Body = {"id": halt.handles.new(Target(name=call.name)), "label": call.text}
        if call.line:
            made |= {"line": server.client.line_out(call.line), "column": server.client.line_out(call.column)}
            made |= {
                "endLine": server.client.line_out(call.end_line),
                "endColumn": server.client.line_out(call.end_column),
            }
        found.append(made)
    return {"targets": found}
