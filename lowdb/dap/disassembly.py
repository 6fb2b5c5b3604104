"""The request `disassemble`: the instructions of code on the stack. An address is the code object's plus the offset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from lowdb.dap.registry import STOPPED, Refused, optional, request, wanted
from lowdb.program.frames import FrameInfo
from lowdb.program.imports import standard

if TYPE_CHECKING:
    from types import CodeType

    from lowdb.dap.halt import Halt, Job
    from lowdb.dap.server import Server

    type Body = dict[str, Any]

_UNIT: Final = 2
"""Bytes of one code unit: what lies before and after the code is counted in them."""


def address(code: CodeType, offset: int) -> str:
    """Return the address of an instruction: the object's own and the offset, good as long as its frame stands."""
    return f"{id(code) + offset:#x}"


@request("disassemble", STOPPED)
def disassemble(server: Server, job: Job, halt: Halt) -> Body:
    """The bytecode around an address that a frame of the stack gave as its `instructionPointerReference`."""
    arguments = job.arguments
    text = wanted(arguments, "memoryReference", str)
    try:
        at = int(text, 0) + optional(arguments, "offset", 0)
    except ValueError:
        raise Refused(f"{text!r} is no address") from None
    count, shift = max(0, wanted(arguments, "instructionCount", int)), optional(arguments, "instructionOffset", 0)
    code = _code(halt, at)
    with standard("dis"):
        import dis  # start-up: only where an editor shows bytecode

        rows = list(dis.get_instructions(code))
    here = max((n for n, row in enumerate(rows) if row.offset <= at - id(code)), default=0)
    end = len(code.co_code)
    source = server.origins.describe(code.co_filename)
    found: list[Body] = []
    for number in range(here + shift, here + shift + count):
        if not 0 <= number < len(rows):
            beyond = number * _UNIT if number < 0 else end + (number - len(rows)) * _UNIT
            found.append({"address": f"{id(code) + beyond:#x}", "instruction": "…", "presentationHint": "invalid"})
            continue
        row = rows[number]
        shown = row.argrepr or ("" if row.arg is None else str(row.arg))
        made: Body = {"address": address(code, row.offset), "instruction": f"{row.opname} {shown}".rstrip()}
        place = row.positions
        if place is not None and place.lineno is not None:
            made |= {"location": source, "line": server.client.line_out(place.lineno)}
            if place.end_lineno is not None and place.col_offset is not None and place.end_col_offset is not None:
                made |= {"column": server.client.line_out(place.col_offset + 1)}
                made |= {"endLine": server.client.line_out(place.end_lineno)}
                made |= {"endColumn": server.client.line_out(place.end_col_offset + 1)}
        if row.offset == 0:
            made["symbol"] = code.co_qualname
        found.append(made)
    return {"instructions": found}


def _code(halt: Halt, at: int) -> CodeType:
    """Return the code object on the stacks that were shown at this stop in which an address lies. Raises Refused."""
    for entry in halt.shown():
        if type(entry) is FrameInfo:
            code = entry.frame.f_code
            if id(code) <= at <= id(code) + len(code.co_code):
                return code
    raise Refused(f"{at:#x} lies in no code on the stack: ask for the stack again")
