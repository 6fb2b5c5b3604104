"""Requests that look at a stopped program: threads, stacks, scopes, variables, the exception."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lowdb.dap.disassembly import address
from lowdb.dap.limiter import SECONDS
from lowdb.dap.registry import STOPPED, Refused, optional, request, wanted
from lowdb.dap.stacks import Label
from lowdb.dap.telling import break_mode
from lowdb.dap.values import MOST, PAGE, Held, Lazy, Shown, described, page
from lowdb.engine.stops import Reason
from lowdb.program.children import child_count
from lowdb.program.frames import call_text, exception_chain
from lowdb.program.guard import class_place, type_name
from lowdb.program.imports import standard
from lowdb.program.scopes import variables

if TYPE_CHECKING:
    from types import FrameType

    from lowdb.dap.halt import Halt, Job
    from lowdb.dap.server import Server
    from lowdb.engine.stops import Stop
    from lowdb.program.frames import FrameInfo

    type Body = dict[str, Any]


class Scope:
    """What the reference of a scope stands for."""

    __slots__ = ("frame", "which")

    def __init__(self, frame: FrameType, which: str) -> None:
        self.frame = frame
        self.which = which


class Returned:
    """What the reference of the scope "Return value" stands for."""

    __slots__ = ("frame", "name", "value")

    def __init__(self, frame: FrameType, name: str, value: object) -> None:
        self.frame = frame
        self.name = name
        self.value = value


# --- threads and stacks ---------------------------------------------------------------------------


@request("threads")
def threads(server: Server, job: Job, halt: Halt | None) -> Body:
    """The program's threads, the main one first; lowdb's own are not among them."""
    number = server.threads.number
    found = [{"id": number(info.info.ident), "name": info.info.name} for info in server.debugger.threads()]
    if not found:  # in the very beginning and at the very end
        found = [{"id": 1, "name": "MainThread"}]
    return {"threads": found}


@request("stackTrace", STOPPED)
def stack_trace(server: Server, job: Job, halt: Halt) -> Body:
    """The frames of any thread while one is stopped, by `startFrame` and `levels`; `format.parameters` and the like.

    Where a task awaits the one that stopped, its frames follow, below a label.
    """
    arguments = job.arguments
    ident = server.threads.ident(arguments.get("threadId"))
    start, levels = optional(arguments, "startFrame", 0), optional(arguments, "levels", 0)
    form: Body = optional(arguments, "format", {})
    stack = halt.stack(ident)
    end = start + (min(levels, PAGE) if levels > 0 else PAGE)
    found = []
    for index in range(max(0, start), min(end, len(stack))):
        entry = stack[index]
        number = halt.frame_number(ident, index)
        if type(entry) is Label:
            found.append({"id": number, "name": entry.text, "line": 0, "column": 0, "presentationHint": "label"})
        else:
            found.append(_frame(server, entry, number, form))  # type: ignore[arg-type]
    return {"stackFrames": found, "totalFrames": len(stack)}


def _frame(server: Server, info: FrameInfo, number: int, form: Body) -> Body:
    code = info.frame.f_code
    module = info.frame.f_globals.get("__name__")
    name = info.qualname
    if form:
        if form.get("parameters") is True:
            name = call_text(info.frame)
        if form.get("module") is True and type(module) is str:
            name = f"{module}.{name}"
        if form.get("line") is True:
            name = f"{name} : {info.line}"
    made = {
        "id": number,
        "name": name,
        "source": server.origins.describe(code.co_filename),
        "line": server.client.line_out(info.line),
        "column": server.client.line_out(1),
    }
    if type(module) is str:
        made["moduleId"] = module
    if info.frame.f_lasti >= 0:
        made["instructionPointerReference"] = address(code, info.frame.f_lasti)
    if not info.mine and server.debugger.mycode.enabled:
        made["presentationHint"] = "subtle"
    return made


# --- scopes and variables -------------------------------------------------------------------------


@request("scopes", STOPPED)
def scopes(server: Server, job: Job, halt: Halt) -> Body:
    """Locals, closure, globals (expensive) of a frame; "Return value" at and after a function's end."""
    entry = halt.entry(job.arguments.get("frameId"))
    if type(entry) is Label:
        return {"scopes": []}
    frame = entry.frame  # type: ignore[union-attr]
    new = halt.handles.new
    found: list[Body] = []
    returned = _returned(server, halt, frame)
    if returned is not None:
        found.append(
            {
                "name": "Return value",
                "presentationHint": "returnValue",
                "variablesReference": new(returned),
                "expensive": False,
            }
        )
    found.append(
        {
            "name": "Locals",
            "presentationHint": "locals",
            "variablesReference": new(Scope(frame, "locals")),
            "expensive": False,
        }
    )
    if frame.f_code.co_freevars:
        found.append({"name": "Closure", "variablesReference": new(Scope(frame, "closure")), "expensive": False})
    found.append(
        {
            "name": "Globals",
            "presentationHint": "globals",
            "variablesReference": new(Scope(frame, "globals")),
            "namedVariables": len(frame.f_globals),
            "expensive": True,
        }
    )
    return {"scopes": found}


def _returned(server: Server, halt: Halt, frame: FrameType) -> Returned | None:
    stop = halt.stop
    if frame is not stop.frame or not server.client.option("showReturnValue"):
        return None
    if stop.reason is Reason.RETURNS:
        return Returned(frame, frame.f_code.co_qualname, stop.value)
    end = stop.finished
    if end is not None and end.exception is None and end.seen:
        return Returned(frame, end.function, end.value)
    return None


@request("variables", STOPPED)
def variables_(server: Server, job: Job, halt: Halt) -> Body:
    """The variables of a scope or the children of a value, by `filter`, `start` and `count`.

    A property is lazy: it runs when it is opened. A client that does not page gets the first 1000 and one entry more
    that holds the rest.
    """
    arguments = job.arguments
    thing = halt.handles.get(wanted(arguments, "variablesReference", int), "reference")
    start, count = max(0, optional(arguments, "start", 0)), max(0, optional(arguments, "count", 0))
    kind = optional(arguments, "filter", "")
    shown = Shown(halt, arguments)
    if type(thing) is Lazy:
        return {"variables": [_opened(server, job, halt, shown, thing)]}
    # the program's own reprs run: one that never comes back is ended
    return server.limiter.run(
        job.seq, halt.stop, SECONDS["variables"], lambda: _listed(server, shown, thing, start, count, kind)
    )


def _listed(server: Server, shown: Shown, thing: object, start: int, count: int, kind: str) -> Body:
    """The variables of anything but a lazy property."""
    if type(thing) is Held:
        return {"variables": _children(server, shown, thing, start, count, kind)}
    if kind == "indexed":
        return {"variables": []}
    if type(thing) is Returned:
        return {"variables": [shown.variable(f"{thing.name}()", thing.value, "$ret", thing.frame)]}
    if type(thing) is not Scope:
        raise Refused("this reference is a frame's: ask for its scopes")
    found = variables(thing.frame, thing.which)  # type: ignore[arg-type]
    if start or count:
        found = found[start : start + count if count else None]
    frame = thing.frame
    return {
        "variables": [
            shown.variable(one.name, one.value, one.name if one.name.isidentifier() else "", frame) for one in found
        ]
    }


def _children(server: Server, shown: Shown, held: Held, start: int, count: int, kind: str) -> list[Body]:
    most = min(count or PAGE, PAGE) if server.client.pages or count else MOST
    found = [shown.child(child, held) for child in page(held, start, most, kind)]
    if (not count or count > most) and len(found) == most:
        rest = child_count(held.value) - held.start - start - most
        if rest > 0:
            further = Held(held.value, held.expression, held.frame, held.start + start + most)
            found.append(
                {"name": "…", "value": f"{rest:,} more", "variablesReference": shown.halt.handles.new(further)}
            )
    return found


def _opened(server: Server, job: Job, halt: Halt, shown: Shown, lazy: Lazy) -> Body:
    """Run a property; the one variable that comes of it takes the place of the lazy one."""
    name = lazy.child.name
    try:
        value = server.limiter.run(job.seq, halt.stop, 10.0, lazy.child.load)
    except (KeyboardInterrupt, Refused):
        raise
    except BaseException as error:
        hint = {"kind": "property", "attributes": ["failedEvaluation"]}
        return {"name": name, "value": described(error), "variablesReference": 0, "presentationHint": hint}
    return shown.variable(name, value, lazy.expression, lazy.frame, "property")


# --- exceptions -----------------------------------------------------------------------------------


@request("exceptionInfo", STOPPED)
def exception_info(server: Server, job: Job, halt: Halt) -> Body:
    """The exception that stopped a thread: type, message, traceback; its cause, context, the members of a group."""
    ident = server.threads.ident(job.arguments.get("threadId"))
    stop: Stop = halt.stop
    if ident != stop.thread or stop.exception is None:
        raise Refused("this thread was not stopped by an exception")
    error = stop.exception

    def look() -> Body:
        details = _details(error)
        chain = exception_chain(error)[1:21]
        if chain:
            details["innerException"] = [
                {**_details(one), "evaluateName": "", "message": _linked(one, how)} for one, how in chain
            ]
        details["stackTrace"] = _traceback(error)
        details["evaluateName"] = "$exc"
        return {
            "exceptionId": class_place(type(error)),
            "description": described(error),
            "breakMode": break_mode(stop),
            "details": details,
        }

    return server.limiter.run(job.seq, stop, 10.0, look)


def _details(error: BaseException) -> Body:
    text = described(error).partition(": ")[2]
    return {"message": text, "typeName": type_name(error), "fullTypeName": class_place(type(error))}


def _linked(error: BaseException, how: str) -> str:
    return f"({how}) {described(error).partition(': ')[2]}"


def _traceback(error: BaseException) -> str:
    with standard("traceback"):
        import traceback  # start-up: only where an exception is looked at

    try:
        return "".join(traceback.format_exception(error, limit=200))
    except Exception as inner:
        return f"(the traceback cannot be shown: {described(inner)})"
