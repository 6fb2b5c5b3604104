"""pytest in a terminal, its output captured, without -s: where ipdb and pdbp raise OSError and pudb crashes."""

from __future__ import annotations

import re
import sys

import pytest

from tests.pytest_plugin.runs import ALONE, BREAKPOINT, OURS, THEIRS, files, pytest_screen
from tests.terminal.screen import Screen

STOPS = """\
import sys


def test_stops():
    print("printed before")
    number = 41
    breakpoint()
    sys.__stdout__.flush()
    print("printed after")
    assert number == 42
"""

FAILS = """\
import json

import pytest


@pytest.fixture(scope="session")
def server():
    yield 1
    print("torn down", file=open("torn.txt", "w"))


def test_library(server):
    word = "{"
    json.loads(word)


def test_number(server):
    assert server == 2
"""

HANGS = """\
import time


def wait():
    turns = 0
    while True:
        turns += 1
        with open("turns.txt", "a") as file:
            file.write(".")
        time.sleep(0.02)


def test_hangs():
    wait()


def test_next():
    print("ran", file=open("ran.txt", "w"))
"""


@pytest.mark.parametrize("plugin", [True, False], ids=["plugin", "no plugin"])
def test_a_captured_test_opens_a_prompt_where_ipdb_raises_oserror(tmp_path, plugin):
    place = files(tmp_path, test_stops=STOPS)
    words = () if plugin else ("-p", "no:lowdb")
    with pytest_screen(place, *words, "--tb=short", env=BREAKPOINT, plugin=plugin) as screen:
        screen.prompt()
        screen.see(r"^breakpoint\(\)  test_stops\.py:7  test_stops\(\)")
        assert not re.search("(?m)^printed", screen.text)
        assert screen.command("p print('said', 'now')").splitlines()[0] == "said now"
        assert screen.command("p number + 1") == "42"
        screen.enter("c")
        assert screen.end() == 1
        for words in ("printed before", "printed after"):
            assert len(re.findall(rf"(?m)^{words}$", screen.scrolled)) == 1
        assert screen.scrolled.count("said now") == 1


def test_a_failure_is_looked_at_in_the_tests_own_frame(tmp_path):
    place = files(tmp_path, test_fails=FAILS)
    with pytest_screen(place, "--lowdb") as screen:
        screen.prompt("post-mortem")
        screen.see(r"^failed  test_fails\.py:14  test_library  JSONDecodeError: Expecting property name")
        screen.see(r"^ >   14      json\.loads\(word\)")
        screen.see(r"^  raised in  json/decoder\.py:\d+  JSONDecoder\.raw_decode   \(d goes there\)")
        assert screen.command("p word", "post-mortem") == "'{'"
        assert "frame 0  json/decoder.py" in screen.command("d", "post-mortem")
        screen.enter("c")
        screen.see(r"^failed  test_fails\.py:18  test_number  AssertionError: assert 1 == 2")
        screen.prompt("post-mortem")
        screen.enter("q")
        assert screen.end() == 2
        assert "! lowdb.Ended: q at the prompt !" in screen.text
        assert (place / "torn.txt").read_text() == "torn down\n"


def test_the_prompt_is_on_the_terminal_where_the_output_goes_into_a_pipe(tmp_path):
    place = files(tmp_path, test_stops=STOPS)
    words = [sys.executable, "-m", "pytest", *OURS, *THEIRS, "--lowdb"]
    line = f"{' '.join(words)} < /dev/null | cat > out.txt"
    with Screen("-c", line, command="/bin/sh", cwd=place, env=ALONE) as screen:
        screen.prompt()
        assert screen.command("p number + 1") == "42"
        assert screen.command("print('said at the stop')") == ""
        screen.enter("c")
        screen.prompt("post-mortem")
        screen.enter("c")
        assert screen.end() == 0  # cat's
    live, _, report = (place / "out.txt").read_text().partition("= FAILURES =")
    assert "said at the stop\n" in live
    assert "said at the stop" not in report
    assert "1 failed" in report
    assert "(lowdb" not in live


def test_ctrl_c_stops_a_hanging_test_where_it_hangs_and_c_lets_it_go_on(tmp_path):
    place = files(tmp_path, test_hangs=HANGS)
    turns = place / "turns.txt"
    with pytest_screen(place, "--lowdb") as screen:
        screen.until(turns.exists, "the test waits")
        screen.press("c-c")
        screen.prompt()
        screen.see(r"^pause  test_hangs\.py:\d+  wait\(\)")
        assert screen.command("p turns > 0") == "True"
        before = turns.stat().st_size
        screen.enter("c")
        screen.until(lambda: turns.stat().st_size > before + 2, "it goes on")
        screen.press("c-c")
        screen.prompt()
        screen.enter("q")
        assert screen.end() == 2
        assert "lowdb.Ended: q at the prompt" in screen.text
        assert not (place / "ran.txt").exists()


@pytest.mark.slow
def test_workers_of_xdist_take_turns_where_pdb_gets_eof_and_dies(tmp_path):
    pytest.importorskip("xdist")
    text = "import os\n\n\ndef test_{0}():\n    name = os.environ['PYTEST_XDIST_WORKER']\n    assert name == {0!r}\n"
    place = files(tmp_path, test_one=text.format("one"), test_two=text.format("two"))
    words = ("-p", "xdist.plugin", "-n", "2", "--lowdb", "--tb=no")
    with pytest_screen(place, *words) as screen:
        # what pytest itself writes meanwhile, in its own process, may stand behind the prompt
        first = screen.see(r"\(lowdb post-mortem (gw\d)\)")[1]
        for worker in (first, {"gw0": "gw1", "gw1": "gw0"}[first]):
            screen.see(rf"\(lowdb post-mortem {worker}\)")
            screen.enter("p name, 6 * 7")
            screen.see(rf"^\('{worker}', 42\)")
            screen.enter("c")
        assert screen.end() == 1
        assert "2 failed" in screen.text
