"""The whole of lowdb around a program, its prompt on a terminal of its own: the program's streams and end as bare."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from tests.engine.test_targets import ENDS, VIEW, no_addresses, write
from tests.entrances.terminal import on_terminal
from tests.processes import Completed, run_python

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(not hasattr(os, "openpty"), reason="no pseudo-terminals")

LOWDB = ("-m", "lowdb")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path


def same(
    place: Path, *arguments: str, data: str = "", way: tuple[str, ...] = LOWDB, flags: tuple[str, ...] = ()
) -> str:
    """What the terminal showed, after it was shown that the program ends and says the same as bare."""
    bare = run_python(*flags, *arguments, cwd=place, input=data)
    ours, shown = on_terminal(place, "c\n" * 5, *flags, *way, *arguments, data=data)
    assert (plain(ours), shown) == (plain(bare), shown)
    assert "start" in shown or "No module" in bare.err
    return shown


def plain(done: Completed) -> Completed:
    return Completed(done.status, no_addresses(done.out), no_addresses(done.err))


@pytest.mark.parametrize("how", [how for how in ENDS if how != "abort"])  # C stacks differ
def test_a_program_ends_as_bare(place, how):
    write(place, "broken.py", "x = (\n")
    write(place, "main.py", ENDS[how])
    same(place, "main.py")


@pytest.mark.parametrize("flags", [(), ("-P",), ("-X", "dev"), ("-W", "error")], ids=" ".join)
def test_a_program_sees_what_it_sees_bare(place, flags):
    write(place, "package/__init__.py", "")
    write(place, "package/view.py", VIEW.replace('sorted(os.listdir("/proc/self/fd"))', "os.dup(0)"))
    same(place, "package/view.py", "a", "-c", "--ui", data="some data\n", flags=flags)
    same(place, "-m", "package.view", "a", "-c", "--ui", data="some data\n", flags=flags)


def test_the_installed_command_is_the_same_as_the_module(place):
    write(place, "bin/lowdb", "import sys\nfrom lowdb.cli import main\nsys.exit(main())\n")
    write(place, "bin/queue.py", "raise SystemExit('wrong')\n")
    write(place, "main.py", VIEW.replace('sorted(os.listdir("/proc/self/fd"))', "os.dup(0)"))
    same(place, "main.py", "a", way=("bin/lowdb",))
    write(place, "main.py", ENDS["error"])
    same(place, "main.py", way=("bin/lowdb",))
    write(place, "main.py", ENDS["keyboard interrupt"])
    same(place, "main.py", way=("bin/lowdb",))


def test_children_that_are_spawned_or_forked_work(place):
    for method in ("spawn", "fork", "forkserver"):
        write(
            place,
            "main.py",
            f"""\
            import multiprocessing
            class Thing:
                def __init__(self, n):
                    self.n = n
            def work(thing):
                return Thing(thing.n * 2)
            if __name__ == "__main__":
                with multiprocessing.get_context({method!r}).Pool(2) as pool:
                    print([thing.n for thing in pool.map(work, map(Thing, range(5)))])
            """,
        )
        same(place, "main.py")


def test_a_directory_named_as_a_module_of_the_standard_library_shadows_nothing(place):
    for name in ("threading", "signal", "json", "enum"):
        write(place, f"{name}/data.txt", "")
    write(
        place, "main.py", "import threading, signal, enum, json\nprint(threading.main_thread().name, json.dumps(1))\n"
    )
    same(place, "main.py")


def test_post_mortem_leaves_the_death_as_it_is(place):
    write(place, "main.py", "def f(x):\n    return 1 / x\nf(0)\n")
    shown = same(place, "main.py")
    assert "uncaught" in shown
    assert sys.executable not in shown
