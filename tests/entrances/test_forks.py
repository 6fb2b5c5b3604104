"""A forked child of a debugged program runs on with nothing armed; with follow_forks it is debugged too."""

from __future__ import annotations

import os
import re
import textwrap
from typing import TYPE_CHECKING

import pytest

from tests.processes import run_python

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")

PROGRAM = """\
import os, sys
def work(n):
    return n + 1
def child():
    m = sys.monitoring
    work(1)
    os.write(1, f"child {m.get_tool(0)} {m.get_events(0) if m.get_tool(0) else 0}\\n".encode())
    return 0
work(0)
pid = os.fork()
if not pid:
    os._exit(child())
os.waitpid(pid, 0)
work(2)
print("end")
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "main.py").write_text(textwrap.dedent(PROGRAM))
    return tmp_path


def test_a_child_is_left_alone(place):
    done = run_python("-m", "lowdb", "-c", "b work", "-c", "c", "main.py", cwd=place, input="c\nc\n")
    assert done.out.count("main.py(3)work()") == 2
    assert "child None 0\n" in done.out
    assert "end\n" in done.out
    assert done.status == 0


def test_a_child_that_ends_like_the_program_says_nothing(place):
    (place / "main.py").write_text("import os\nos.fork()\nos.write(1, b'both\\n')\n")
    done = run_python("-m", "lowdb", "-c", "c", "main.py", cwd=place)
    assert done.out.count("both\n") == 2
    assert done.out.count("the program ended") == 1


def test_a_child_dies_of_an_exception_without_a_prompt(place):
    (place / "main.py").write_text("import os\nif not os.fork():\n    1/0\nos.wait()\nprint('end')\n")
    done = run_python("-m", "lowdb", "-c", "c", "main.py", cwd=place, input="p 1\n")
    assert "uncaught" not in done.out
    assert "ZeroDivisionError" in done.err
    assert "end\n" in done.out


def test_each_prompt_says_whose_it_is_once_a_child_is_followed(place):
    # both read the same commands that wait: each goes on at its own stop
    words = [word for command in ("config follow_forks = on", "b work if n", "c") for word in ("-c", command)]
    done = run_python("-m", "lowdb", *words, "main.py", cwd=place, input="p n\n" * 2 + "c\n" * 8)
    parent = re.search(r"pid (\d+)", done.out)[1]
    prompts = re.findall(r"\(lowdb( @\d+)?\) ", done.out)
    assert prompts[:3] == ["", "", ""]  # before there was a child
    assert "" not in prompts[3:]
    assert f" @{parent}" in prompts[3:]
    assert set(prompts[3:]) - {f" @{parent}"}
    assert done.out.endswith("exit status 0\n")


def test_a_child_is_followed_where_it_is_wanted(place):
    done = run_python(
        *("-m", "lowdb", "-c", "b work if n == 1", "-c", "c", "main.py"),
        cwd=place,
        input="p ('n is', n)\nc\n",
        env={"LOWDB_FOLLOW_FORKS": "1"},
    )
    assert "('n is', 1)" in done.out
    assert "child lowdb" in done.out
    assert "end\n" in done.out
