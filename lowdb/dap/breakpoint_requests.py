"""Requests that set breakpoints: on lines, functions, exceptions; and where a line can have one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lowdb.dap.points import refuse_unless_objects
from lowdb.dap.registry import Refused, optional, request, wanted
from lowdb.program.sources import source

if TYPE_CHECKING:
    from lowdb.dap.halt import Halt, Job
    from lowdb.dap.server import Server

    type Body = dict[str, Any]


@request("setBreakpoints")
def set_breakpoints(server: Server, job: Job, halt: Halt | None) -> Body:
    """All breakpoints of one file, answered in their order, checked against the source before it runs.

    A line without code: the next one of its block, and the message says so. `condition`, `hitCondition` (5, >=3, %2)
    and `logMessage` ({expressions} in it) together must hold.
    """
    arguments = job.arguments
    filename = server.origins.filename(wanted(arguments, "source", dict))
    server.origins.know(filename)
    asked = arguments.get("breakpoints")
    if asked is None:
        lines: list[Any] = optional(arguments, "lines", [])
        asked = [{"line": line} for line in lines]
    return {"breakpoints": server.points.set_lines(filename, refuse_unless_objects(asked, "breakpoints"))}


@request("setFunctionBreakpoints")
def set_function_breakpoints(server: Server, job: Job, halt: Halt | None) -> Body:
    """Breakpoints on functions by name: `checkout`, `Cart.total`, `shop.pricing:discount`, `shop.pricing.discount`.

    `trap:NAME` stops at the function's exits, with what it returns or raises. One that is not there yet is unverified,
    with the reason, until a `breakpoint` event tells that it was found.
    """
    asked = refuse_unless_objects(job.arguments.get("breakpoints"), "breakpoints")
    return {"breakpoints": server.points.set_functions(asked)}


@request("setExceptionBreakpoints")
def set_exception_breakpoints(server: Server, job: Job, halt: Halt | None) -> Body:
    """The filters raised, uncaught, userUnhandled; a filter's condition is types (`ValueError, shop.Error`) or an
    expression over `$exc`.
    """
    arguments = job.arguments
    for name in ("filters", "filterOptions", "exceptionOptions"):
        optional(arguments, name, [])
    return {"breakpoints": server.points.set_exceptions(arguments)}


@request("breakpointLocations")
def breakpoint_locations(server: Server, job: Job, halt: Halt | None) -> Body:
    """The lines of a range at which the program can be stopped."""
    arguments = job.arguments
    filename = server.origins.filename(wanted(arguments, "source", dict))
    first = server.client.line_in(wanted(arguments, "line", int))
    last = arguments.get("endLine")
    end = server.client.line_in(last) if type(last) is int else first
    text = source(filename)
    if text is None:
        raise Refused(f"there is no source for {filename}")
    lines = sorted(line for line in text.statement_lines() if first <= line <= end)
    return {"breakpoints": [{"line": server.client.line_out(line)} for line in lines]}
