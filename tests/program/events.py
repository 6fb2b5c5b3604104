"""What LINE, PY_START and JUMP really do: a tiny monitor of its own, apart from lowdb's."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lowdb.program.codes import nested

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import CodeType

MONITORING = sys.monitoring
EVENTS = MONITORING.events
TOOL = 4


@contextmanager
def armed(codes: list[CodeType], events: int, callbacks: dict[int, Callable[..., object]]) -> Iterator[None]:
    """Arm local events on the codes."""
    MONITORING.use_tool_id(TOOL, "test")
    for event, callback in callbacks.items():
        MONITORING.register_callback(TOOL, event, callback)
    for code in codes:
        MONITORING.set_local_events(TOOL, code, events)
    try:
        yield
    finally:
        for code in codes:
            MONITORING.set_local_events(TOOL, code, 0)
        for event in callbacks:
            MONITORING.register_callback(TOOL, event, None)
        MONITORING.free_tool_id(TOOL)


def lines_of(module: CodeType, *, start: bool = True) -> dict[int, list[int]]:
    """Run the module; return the lines that LINE named, in order, by `id` of each code object in it."""
    codes = list(nested(module))
    seen: dict[int, list[int]] = {id(code): [] for code in codes}
    mask = EVENTS.LINE | (EVENTS.PY_START if start else 0)
    with armed(codes, mask, {EVENTS.LINE: lambda code, line: seen[id(code)].append(line)}):
        exec(module, {"__name__": "shape"})
    return seen
