"""What every test gets: processes that cannot outlive it, and the proof that it left nothing armed."""

from __future__ import annotations

import gc
import os
import signal
import sys
from types import CodeType, FunctionType
from typing import TYPE_CHECKING

import pytest

from tests.processes import Process, own_places, run_python

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TOOL_IDS = (0, 3, 4)
"""DEBUGGER_ID and the two that no one has a name for; 1, 2 and 5 may be a coverage tool's or a profiler's."""

os.environ.update(own_places())  # what lowdb reads and writes in this very process is nobody's own, either

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell starts its background jobs with Ctrl-C ignored, and so would be every debuggee of this run.
    signal.signal(signal.SIGINT, signal.default_int_handler)


class _Claims:
    """Counts the claims of a tool id, so that the dear look at all code is taken only after a test that made one."""

    def __init__(self) -> None:
        self.count = 0
        self.real = sys.monitoring.use_tool_id

    def __call__(self, tool: int, name: str) -> None:
        self.count += 1
        self.real(tool, name)


claims = _Claims()
sys.monitoring.use_tool_id = claims


@pytest.fixture
def run() -> Callable[..., object]:
    """`run(*args, input="", env=None, cwd=None)`: this interpreter as a process, to its end (Completed)."""
    return run_python


@pytest.fixture
def spawn() -> Iterator[Callable[..., Process]]:
    """`spawn(*args, **options)`: this interpreter as a process to talk with; its group is ended after the test."""
    started: list[Process] = []

    def start(*args: str, **options: object) -> Process:
        process = Process([sys.executable, *args], **options)  # type: ignore[arg-type]
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """After each test the tool ids are free, no event is armed in any code, and no trace function is left."""
    tracing, before = sys.gettrace(), claims.count
    yield
    assert sys.gettrace() is tracing, "a trace function was left"
    if claims.count == before:
        return
    held = [f"{tool} ({sys.monitoring.get_tool(tool)})" for tool in TOOL_IDS if sys.monitoring.get_tool(tool)]
    for tool in TOOL_IDS:
        if sys.monitoring.get_tool(tool):
            sys.monitoring.set_events(tool, 0)
            sys.monitoring.free_tool_id(tool)  # so that one test's fault is not every later test's
    armed = [] if held else left_armed()
    assert not held, f"tool ids still held: {', '.join(held)}"
    assert not armed, f"still armed: {', '.join(armed)}"


def left_armed() -> list[str]:
    """The places where the free tool ids still have events, in words; they are taken off.

    An id that is given back keeps its local events, and a look at them needs the id claimed again.
    """
    found = []
    for tool in TOOL_IDS:
        claims.real(tool, "tests: left_armed")
        try:
            if events := sys.monitoring.get_events(tool):
                sys.monitoring.set_events(tool, 0)
                found.append(f"tool {tool} globally {events:#x}")
            for code in every_code():
                if events := sys.monitoring.get_local_events(tool, code):
                    sys.monitoring.set_local_events(tool, code, 0)
                    found.append(f"tool {tool} {code.co_qualname} {code.co_filename}:{code.co_firstlineno} {events:#x}")
        finally:
            sys.monitoring.free_tool_id(tool)
    return found


def every_code() -> list[CodeType]:
    """Each code object that a function alive now holds, with those nested in it."""
    codes = {id(f.__code__): f.__code__ for f in gc.get_objects() if type(f) is FunctionType}
    pending = list(codes.values())
    while pending:
        for constant in pending.pop().co_consts:
            if type(constant) is CodeType and id(constant) not in codes:
                codes[id(constant)] = constant
                pending.append(constant)
    return list(codes.values())
