"""Looking at a thread or a task that did not stop: what still works there, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.repl.test_stops import blocks, debug

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """\
import threading
def tick():
    ready.set()
    done.wait()
def work():
    ready.wait()
    here = 1
    return here
ready, done = threading.Event(), threading.Event()
ticker = threading.Thread(target=tick, name="ticker")
worker = threading.Thread(target=work, name="worker")
ticker.start()
worker.start()
worker.join()
done.set()
print("over")
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "two.py"
    path.write_text(PROGRAM)
    return path


def test_a_step_is_refused_with_the_way_back_and_continue_works(program: Path) -> None:
    done = debug(program, "b 7", "c", "thread ticker", "n", "r", "thread", "c")
    said = blocks(done)
    # it may wait in C or hang on the stop: which of them is a matter of time
    snapshot = said[3].splitlines()[0]
    assert snapshot in (
        "thread ticker is running: this is a snapshot",
        "thread ticker is held as long as you look: c lets it come to a stop of its own",
    )
    assert said[4] == said[5] == f"{snapshot}, it cannot be stepped (thread worker leads back)\n"
    assert said[6] == f"thread worker; {snapshot} (thread worker leads back)\n"
    assert said[7] == "over\nthe program ended with exit status 0\n"


def test_the_way_back_leads_back(program: Path) -> None:
    said = blocks(debug(program, "b 7", "c", "thread ticker", "thread worker", "n", "c"))
    assert "two.py(8)work()\nstep\n" in said[5]


def test_detach_works_while_another_thread_is_looked_at(program: Path) -> None:
    done = debug(program, "b 7", "b 16", "c", "thread ticker", "detach")
    assert done.out.endswith("(lowdb ticker) over\n")
    assert done.status == 0
