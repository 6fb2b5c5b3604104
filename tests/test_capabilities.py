"""The fact sheet agrees with the interpreter."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from lowdb.capabilities import INTERPRETER

if TYPE_CHECKING:
    from pathlib import Path

MONITORING = sys.monitoring
TOOL = 4


def test_the_sheet_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        INTERPRETER.version = (1, 2, 3)  # type: ignore[misc]
    with pytest.raises(AttributeError):
        INTERPRETER.other = 1  # type: ignore[attr-defined]


def test_the_description_is_the_banners() -> None:
    assert INTERPRETER.describe().startswith(f"Python {sys.version.split()[0].split('+')[0].rstrip('abrc')}"[:10])


def test_the_proxy_writes_through_as_said() -> None:
    x = 1
    sys._getframe().f_locals["x"] = 2
    assert (x == 2) == INTERPRETER.locals_proxy


def test_exception_events_are_local_as_said() -> None:
    MONITORING.use_tool_id(TOOL, "test")
    code = compile("x", "<c>", "exec")
    try:
        MONITORING.set_local_events(TOOL, code, MONITORING.events.PY_UNWIND)
        local = True
        MONITORING.set_local_events(TOOL, code, 0)
    except ValueError:
        local = False
    finally:
        MONITORING.free_tool_id(TOOL)
    assert local == INTERPRETER.local_exception_events


def test_one_line_bodies_need_start_as_said() -> None:
    space: dict[str, object] = {}
    exec(compile("def f(): return 1", "<c>", "exec"), space)
    code = space["f"].__code__  # type: ignore[attr-defined]
    fired: list[int] = []
    MONITORING.use_tool_id(TOOL, "test")
    try:
        MONITORING.register_callback(TOOL, MONITORING.events.LINE, lambda code, line: fired.append(line))
        MONITORING.set_local_events(TOOL, code, MONITORING.events.LINE)
        space["f"]()  # type: ignore[operator]
        MONITORING.set_local_events(TOOL, code, 0)
        MONITORING.register_callback(TOOL, MONITORING.events.LINE, None)
    finally:
        MONITORING.free_tool_id(TOOL)
    assert (not fired) == INTERPRETER.one_line_needs_start


def test_the_interpreters_functions_are_there_as_said() -> None:
    assert hasattr(MONITORING, "clear_tool_id") == INTERPRETER.clear_tool_id
    assert hasattr(sys, "remote_exec") == INTERPRETER.remote_exec


def test_a_fresh_main_holds_what_is_said(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("print(*globals())")
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True)
    names = set(done.stdout.split())
    assert ("__cached__" in names) == INTERPRETER.main_has_cached
    assert ("__annotations__" in names) == INTERPRETER.main_has_annotations
