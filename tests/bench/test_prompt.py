"""What a prompt costs the processor: the first one with all that it imports, and each one after that."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import pytest

from tests.terminal.screen import Screen

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.bench

FIRST = 0.35
"""Seconds of processor time from breakpoint() to the first prompt, the modules being compiled already."""
EACH = 0.005
"""Seconds from Enter to the next prompt, with a step of the program and its stop in between."""
STEPS = 60


def processor(pid: int) -> float:
    """Seconds that the process has used."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        words = file.read().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def test_the_first_prompt_and_each_one_after_it(tmp_path: Path) -> None:
    program = tmp_path / "main.py"
    program.write_text(
        "import os, time\nprint('pid', os.getpid())\nbefore = time.process_time()\nbreakpoint()\n"
        "for i in range(1000):\n    x = i\n    y = x\n"
    )
    env = {"PYTHONBREAKPOINT": "lowdb.set_trace", "PYTHONDONTWRITEBYTECODE": None}
    first = each = 1.0
    for _ in range(3):  # the first run may have to compile, and a neighbour on the machine is not a fault of ours
        with Screen(str(program), cwd=tmp_path, env=env) as screen:
            screen.prompt()
            first = min(first, float(screen.command("p time.process_time() - before")))
            pid = int(re.search(r"^pid (\d+)", screen.scrolled, re.MULTILINE)[1])  # type: ignore[index]
            for _ in range(5):
                screen.command("n")
            before = processor(pid)
            for _ in range(STEPS):
                screen.command("")  # the step again: nothing but Enter
            each = min(each, (processor(pid) - before) / STEPS)
    print(f"first {first:.3f} s, each {each * 1000:.1f} ms")
    assert first <= FIRST
    assert each <= EACH
