"""The request `completions`: how the text in the console can go on, without running any of the program's code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from lowdb.dap.dollars import all_values
from lowdb.dap.registry import EITHER, Refused, optional, request, wanted
from lowdb.program.completion import complete

if TYPE_CHECKING:
    from lowdb.dap.halt import Halt, Job
    from lowdb.dap.server import Server

    type Body = dict[str, Any]

_KINDS: Final = {
    "local": "variable",
    "global": "variable",
    "parameter": "variable",
    "builtin": "function",
    "keyword": "keyword",
    "attribute": "field",
    "property": "property",
    "method": "method",
    "class": "class",
    "function": "function",
    "module": "module",
    "member": "enum",
    "key": "value",
}


@request("completions", EITHER)
def completions(server: Server, job: Job, halt: Halt | None) -> Body:
    """How the text can go on at a column: names, attributes, keys, parameters. None of the program's code runs."""
    arguments = job.arguments
    text, column = wanted(arguments, "text", str), server.client.line_in(wanted(arguments, "column", int))
    row = server.client.line_in(optional(arguments, "line", server.client.line_out(1)))
    lines = text.split("\n")
    if not 0 < row <= len(lines):
        raise Refused(f"the text has {len(lines)} lines, not {row}")
    before = sum(len(line) + 1 for line in lines[: row - 1])
    at = before + _code_points(lines[row - 1], column - 1)
    number = arguments.get("frameId")
    if number is not None and halt is None:
        raise Refused("the program is running: the frame is from an earlier stop")
    info = halt.frame(number) if halt is not None and number is not None else None
    frame = info.frame if info is not None else server.main_frame()
    extra = all_values(frame, halt.stop if halt is not None else None) if "$" in text else {}
    answer = complete(text, at, frame, extra)
    start, length = server.client.line_out(1) + _units(text[before : answer.start]), _units(text[answer.start : at])
    found = []
    for one in answer.candidates:
        made: Body = {"label": one.text, "start": start, "length": length}
        if one.kind in _KINDS:
            made["type"] = _KINDS[one.kind]
        if one.about:
            made["detail"] = one.about
        found.append(made)
    return {"targets": found}


def _code_points(text: str, units: int) -> int:
    """How many characters `units` code units of UTF-16 are, in which the protocol counts columns."""
    count = 0
    for letter in text:
        if units <= 0:
            break
        units -= 2 if ord(letter) > 0xFFFF else 1
        count += 1
    return count


def _units(text: str) -> int:
    return len(text) + sum(ord(letter) > 0xFFFF for letter in text)
