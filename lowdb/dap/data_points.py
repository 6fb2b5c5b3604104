"""Data breakpoints: stops when a variable, an attribute or an item changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lowdb.dap.data_requests import Scope
from lowdb.dap.points import clauses_of, refuse_unless_objects, taken
from lowdb.dap.registry import EITHER, STOPPED, Refused, request, wanted
from lowdb.dap.values import Held
from lowdb.engine.breakpoints import Spec
from lowdb.engine.conditions import ConditionError
from lowdb.engine.locations import LocationError
from lowdb.program.subjects import CannotWatch, find

if TYPE_CHECKING:
    from types import FrameType

    from lowdb.dap.halt import Halt, Job
    from lowdb.dap.points import Wish
    from lowdb.dap.server import Server
    from lowdb.engine.breakpoints import Breakpoint

    type Body = dict[str, Any]


class DataPoints:
    """The data breakpoints of one client, and the names that it was given for what can be watched."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._count = 0
        self._offered: dict[str, tuple[str, FrameType]] = {}
        self._points: list[tuple[Wish, Breakpoint]] = []

    def offer(self, expression: str, frame: FrameType) -> str:
        """Return a name for what an expression means in a frame, good until the program goes on."""
        self._count += 1
        name = f"{self._count}:{expression}"
        self._offered[name] = (expression, frame)
        return name

    def forget(self) -> None:
        """The program goes on: the frames of what was offered must not be kept alive."""
        self._offered.clear()

    def set(self, asked: list[Body]) -> list[Body]:
        """Make these the data breakpoints; one that was there stays, with its counts."""
        before, self._points = self._points, []
        made = [self._one(one, before) for one in asked]
        for _, point in before:
            if not point.gone:
                self._server.debugger.remove(point.number)
        return made

    def _one(self, one: Body, before: list[tuple[Wish, Breakpoint]]) -> Body:
        name = one.get("dataId")
        clauses = clauses_of(one)
        wish = (name, *clauses.values())
        point = taken(wish, before)
        if point is None:
            if one.get("accessType") not in (None, "write"):
                return _failed("only a change can be watched, not a read")
            offered = self._offered.get(name) if type(name) is str else None
            if offered is None:
                return _failed("what was to be watched is of an earlier stop: ask for dataBreakpointInfo again")
            try:
                spec = Spec(kind="watch", location=offered[0], **clauses)
                point = self._server.debugger.add(spec, offered[1])
            except (LocationError, CannotWatch) as error:
                return _failed(str(error))
            except ConditionError as error:
                return _failed(f"SyntaxError in {error.text!r}: {error.message}")
        self._points.append((wish, point))
        made: Body = {"id": point.number, "verified": True}
        if point.note:
            made["message"] = point.note
        return made

    def over(self, point: Breakpoint, text: str) -> None:
        """What was watched is no more: tell the client."""
        self._points = [(wish, known) for wish, known in self._points if known is not point]
        body = {"id": point.number, "verified": False, "message": text}
        self._server.event("breakpoint", {"reason": "changed", "breakpoint": body})


def _failed(text: str) -> Body:
    return {"verified": False, "message": text, "reason": "failed"}


@request("dataBreakpointInfo", STOPPED)
def data_breakpoint_info(server: Server, job: Job, halt: Halt) -> Body:
    """Whether a variable, an attribute, an item or an expression that names one can be watched; its name for
    `setDataBreakpoints`, which is good until the program goes on.
    """
    arguments = job.arguments
    name = wanted(arguments, "name", str)
    number = arguments.get("variablesReference")
    if number:
        expression, frame = _of_child(halt.handles.get(number, "reference"), name)
    else:
        info = halt.frame(arguments.get("frameId"))
        expression, frame = name, info.frame if info is not None else server.main_frame()
    if not expression:
        return {"dataId": None, "description": f"{name} has no expression by which it could be watched"}
    try:
        find(expression, frame)
    except CannotWatch as error:
        return {"dataId": None, "description": str(error)}
    return {
        "dataId": server.data_points.offer(expression, frame),
        "description": expression,
        "accessTypes": ["write"],
        "canPersist": False,
    }


def _of_child(thing: object, name: str) -> tuple[str, FrameType]:
    if isinstance(thing, Scope):
        return name, thing.frame
    if not isinstance(thing, Held):
        raise Refused("this cannot be watched: choose a variable, an attribute or an item")
    frame: Any = thing.frame
    if not thing.expression:
        return "", frame
    return thing.expression + (name if name[:1] == "[" else f".{name}"), frame


@request("setDataBreakpoints", EITHER)
def set_data_breakpoints(server: Server, job: Job, halt: Halt | None) -> Body:
    """All data breakpoints: stops where what they watch changes; `condition` (`$old`, `$new`) and `hitCondition`."""
    asked = refuse_unless_objects(job.arguments.get("breakpoints"), "breakpoints")
    return {"breakpoints": server.data_points.set(asked)}
