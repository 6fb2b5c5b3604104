"""Live stops in tests: breakpoint() under captured output, --lowdb-trace, threads, `lowdb -m pytest`."""

from __future__ import annotations

import re

import pytest

from tests.processes import run_python
from tests.pytest_plugin.runs import ALONE, BREAKPOINT, PLAIN, THEIRS, files, pytest_run, stops

PRINTS = """\
import os


def test_prints():
    print("before the stop")
    os.write(2, b"raw before\\n")
    number = 41
    breakpoint()
    print("after the stop")
    assert number == 42
"""


@pytest.mark.parametrize(
    ("capture", "plugin"), [("fd", True), ("sys", True), ("tee-sys", True), ("no", True), ("fd", False), ("sys", False)]
)
def test_a_breakpoint_works_under_captured_output_which_is_neither_lost_nor_shown_twice(tmp_path, capture, plugin):
    place = files(tmp_path, test_prints=PRINTS)
    words = [f"--capture={capture}"] if plugin else [f"--capture={capture}", "-p", "no:lowdb"]
    commands = "p print('said', 'at the stop')\np number + 1\nc\n"
    done = pytest_run(place, *words, commands=commands, env=PLAIN | BREAKPOINT, plugin=plugin)
    (seen,) = stops(done.out)
    live, _, report = done.out.partition("= FAILURES =")
    assert seen.place == "test_prints.py(8)test_prints"
    assert "\nsaid at the stop\nNone\n" in live.replace("(lowdb) ", "\n")
    assert "(lowdb) 42\n" in live
    assert "said at" not in report
    shown = {"fd": (0, 1), "sys": (0, 1), "tee-sys": (1, 1), "no": (1, 0)}[capture]
    for words in ("before the stop\n", "after the stop\n"):
        assert (live.count(words), report.count(words)) == shown
    assert (report.count("raw before\n"), done.err.count("raw before\n")) == ((1, 0) if capture == "fd" else (0, 1))


def test_capsys_sees_what_the_test_printed_and_nothing_of_the_stop(tmp_path):
    text = """\
    def test_it(capsys, capfd):
        pass


    def test_fixture(capsys):
        print("one")
        breakpoint()
        print("two")
        assert capsys.readouterr().out == "one\\ntwo\\n"


    def test_disabled(capfd):
        with capfd.disabled():
            breakpoint()
            print("shown at once")
        print("kept")
        assert capfd.readouterr().out == "kept\\n"
    """
    place = files(tmp_path, test_fixtures=re.sub("(?m)^    ", "", text))
    commands = "p print('of the stop')\nc\np print('of the stop')\nn\nn\nc\n"
    done = pytest_run(place, "-k", "fixture and not it", "-q", commands=commands, env=PLAIN | BREAKPOINT)
    assert "2 passed" in done.out, done.out
    assert done.out.count("of the stop\n") == 2
    assert done.out.count("shown at once\n") == 1


def test_lowdb_makes_breakpoint_open_lowdb_without_the_variable(tmp_path):
    place = files(tmp_path, test_prints=PRINTS)
    done = pytest_run(place, "--lowdb", commands="number = 42\nc\n")
    assert [seen.reason for seen in stops(done.out)] == ["breakpoint() test_prints.py:8 test_prints()"]
    assert ("1 passed" in done.out, done.status) == (True, 0)


LIVING = """\
import pytest


@pytest.fixture(scope="session")
def server():
    yield 1
    print("torn down", file=open("torn.txt", "w"))


def test_one(server):
    try:
        breakpoint()
    except Exception:
        pass


def test_two():
    print("ran", file=open("ran.txt", "w"))
"""


def test_q_in_a_running_test_takes_its_resources_down_and_writes_the_reports_without_the_plugin_too(tmp_path):
    place = files(tmp_path, test_living=LIVING)
    words = ("-p", "no:lowdb", "--junitxml=all.xml")
    done = pytest_run(place, *words, commands="q\n", env=PLAIN | BREAKPOINT, plugin=False)
    assert "! lowdb.Ended: q at the prompt !" in done.out
    assert done.status == 2
    assert (place / "torn.txt").read_text() == "torn down\n"
    assert not (place / "ran.txt").exists()
    assert "<testsuite " in (place / "all.xml").read_text()


def test_q_ends_a_test_that_catches_everything(tmp_path):
    text = "def test_one():\n    try:\n        breakpoint()\n    except BaseException:\n        pass\n"
    place = files(tmp_path, test_one=text, test_two="def test_two():\n    assert False\n")
    done = pytest_run(place, "--lowdb", commands="q\n")
    assert "Interrupted: q at the prompt !" in done.out
    assert ("1 passed" in done.out, done.status) == (True, 2)


def test_q_in_a_thread_of_a_test_ends_the_run(tmp_path):
    text = """\
import threading
import time


def work():
    breakpoint()


def test_thread():
    thread = threading.Thread(target=work, name="worker")
    thread.start()
    while True:
        time.sleep(0.01)


def test_never():
    print("ran", file=open("ran.txt", "w"))
"""
    place = files(tmp_path, test_thread=text)
    done = pytest_run(place, "--lowdb", "-W", "ignore", commands="p 6 * 7\nq\n")
    assert "(lowdb worker) 42\n" in done.out
    assert done.status == 2
    assert not (place / "ran.txt").exists()


def test_other_plugins_are_told_so_that_no_time_limit_ends_a_test_while_somebody_looks(tmp_path):
    place = files(tmp_path, test_prints=PRINTS)
    hooks = "def pytest_{0}_pdb(config, pdb):\n    print('{0}', pdb is not None, file=open('told.txt', 'a'))\n"
    (place / "conftest.py").write_text(hooks.format("enter") + hooks.format("leave"))
    pytest_run(place, "--lowdb", commands="c\nc\n")
    assert (place / "told.txt").read_text() == "enter True\nleave True\n" * 2


# --- --lowdb-trace --------------------------------------------------------------------------------

TRACED = """\
import functools
import unittest

import pytest


@pytest.fixture
def cart():
    print("made")
    return [3]


def decorated(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        before = 1
        return function(*args, **kwargs)
    return wrapper


@pytest.mark.parametrize("n", [1, 2])
@decorated
def test_decorated(cart, n):
    '''Has a docstring.'''
    total = cart[0] + n
    assert total < 10


def test_other():
    assert True


class TestOld(unittest.TestCase):
    def test_old(self):
        value = 5
        self.assertEqual(value, 5)


class TestAsync(unittest.IsolatedAsyncioTestCase):
    async def test_async(self):
        value = 6
        self.assertEqual(value, 6)


@pytest.mark.skip
def test_skipped():
    assert True
"""


def test_trace_stops_at_the_first_line_of_each_test_with_its_fixtures_made(tmp_path):
    place = files(tmp_path, test_traced=TRACED)
    commands = "p cart, n\nn\np total\nc\nc\nc\nc\np value\nn\np value\nc\n"
    done = pytest_run(place, "--lowdb-trace", commands=commands)
    *reasons, coroutine = [seen.reason for seen in stops(done.out) if not seen.reason.startswith("step")]
    assert reasons == [
        "start test_traced.py:25 test_decorated(cart=[3], n=1) test_traced.py::test_decorated[1]",
        "start test_traced.py:25 test_decorated(cart=[3], n=2) test_traced.py::test_decorated[2]",
        "start test_traced.py:30 test_other() test_traced.py::test_other",
        "start test_traced.py:35 TestOld.test_old(self=<TestOld>) test_traced.py::TestOld::test_old",
    ]
    assert coroutine.startswith("start test_traced.py:41 TestAsync.test_async(self=<TestAsync>) ")
    assert "(lowdb) ([3], 1)\n" in done.out
    assert "(lowdb) 4\n" in done.out
    assert "5 passed, 1 skipped" in done.out


def test_trace_with_k_stops_in_the_chosen_tests_only_and_not_at_their_failures(tmp_path):
    place = files(
        tmp_path, test_one="def test_first():\n    x = 1\n    assert x == 2\n\n\ndef test_second():\n    pass\n"
    )
    done = pytest_run(place, "--lowdb-trace", "-k", "first", commands="c\nc\n")
    assert [seen.place for seen in stops(done.out)] == ["test_one.py(2)test_first"]
    assert "1 failed, 1 deselected" in done.out


def test_trace_and_lowdb_stop_at_the_start_and_at_the_failure(tmp_path):
    place = files(tmp_path, test_one="def test_one():\n    x = 1\n    assert x == 2\n")
    both = stops(pytest_run(place, "--lowdb-trace", "--lowdb", commands="c\nc\n").out)
    assert [seen.place for seen in both] == ["test_one.py(2)test_one", "test_one.py(3)test_one"]


def test_a_test_of_pytest_asyncio_is_traced_and_its_failure_shown(tmp_path):
    pytest.importorskip("pytest_asyncio")
    text = "import asyncio\nasync def test_it():\n    x = 1\n    await asyncio.sleep(0)\n    assert x == 2\n"
    place = files(tmp_path, test_one=text)
    words = ("-p", "pytest_asyncio.plugin", "-o", "asyncio_mode=auto")
    done = pytest_run(place, *words, "--lowdb-trace", "--lowdb", commands="n\nn\nc\np x\nc\n")
    assert [seen.place for seen in stops(done.out)] == [f"test_one.py({n})test_it" for n in (3, 4, 5, 5)]
    assert stops(done.out)[-1].reason.startswith("failed AssertionError: assert 1 == 2")


def test_the_plugin_is_there_unasked_and_pytest_rewrites_nothing_of_what_it_imports(tmp_path):
    # pytest marks the whole package, since there is a plugin in it: an assert of ours stays as cheap as it is
    place = files(tmp_path, test_one="def test_one():\n    breakpoint()\n")
    names = "n for n, m in __import__('sys').modules.items() if n.startswith('lowdb')"
    ours = f"p sorted({names} and type(m.__loader__).__name__ != 'SourceFileLoader')"
    env = PLAIN | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": None}
    words = ("-p", "no:hypothesispytest", "-p", "no:xdist", "--lowdb")
    done = pytest_run(place, *words, commands=f"{ours}\np len([{names}]) > 50\nc\n", env=env, plugin=False)
    assert "(lowdb) ['lowdb', 'lowdb.program', 'lowdb.program.imports', 'lowdb.pytest_plugin']\n" in done.out, done.out
    assert "(lowdb) True\n" in done.out
    assert (done.status, done.err) == (0, "")


# --- beside others --------------------------------------------------------------------------------


def test_lowdb_m_pytest_stops_at_breakpoints_in_captured_tests(tmp_path):
    place = files(tmp_path, test_prints=PRINTS)
    words = ["-m", "lowdb", "--ui", "plain", "-c", "b test_prints.py:9", "-m", "pytest", *THEIRS, "-x"]
    commands = "c\nc\np print('at', 'the stop')\nc\n"
    done = run_python(*words, cwd=place, env=ALONE, input=commands, deadline=40)
    assert [seen.reason.split()[0] for seen in stops(done.out)] == ["start", "breakpoint()", "breakpoint"]
    live, _, report = done.out.partition("= FAILURES =")
    assert "at the stop\n" in live
    assert (report.count("before the stop\n"), report.count("at the stop")) == (1, 0)
    assert "the program ended with exit status 1" in done.out
    assert done.status == 1


def test_lowdb_m_pytest_with_q_ends_as_pytest_ends(tmp_path):
    place = files(tmp_path, test_living=LIVING)
    words = ["-m", "lowdb", "--ui", "plain", "-c", "c", "-m", "pytest", *THEIRS]
    done = run_python(*words, cwd=place, env=ALONE, input="q\n", deadline=40)
    assert done.status == 2
    assert (place / "torn.txt").exists()


def test_lowdb_post_mortem_m_pytest_sees_what_pytest_lets_out_only(tmp_path):
    place = files(tmp_path, test_one="def test_one():\n    assert 1 == 2\n")
    words = ["-m", "lowdb", "--ui", "plain", "--post-mortem", "-m", "pytest", *THEIRS, "-x"]
    done = run_python(*words, cwd=place, env=ALONE, input="q\n", deadline=40)
    assert stops(done.out) == []
    assert "1 failed" in done.out
    assert done.status == 1


def test_lowdb_m_pytest_lowdb_has_one_debugger(tmp_path):
    place = files(tmp_path, test_one="def test_one():\n    x = 5\n    assert x == 2\n")
    words = ["-m", "lowdb", "--ui", "plain", "-m", "pytest", "-p", "lowdb.pytest_plugin", *THEIRS, "--lowdb"]
    done = run_python(*words, cwd=place, env=ALONE, input="c\np x\nc\n", deadline=40)
    assert [seen.reason.split()[0] for seen in stops(done.out)] == ["start", "failed"]
    assert done.status == 1


@pytest.mark.parametrize("core", ["ctrace", "sysmon"])
def test_coverage_sees_the_same_lines_with_lowdb(tmp_path, core):
    place = files(tmp_path, test_one="def test_one():\n    x = 1\n    breakpoint()\n    assert x == 2\n    x = 3\n")
    words = ["-m", "coverage", "run", "--source=.", "-m", "pytest", "-p", "lowdb.pytest_plugin", *THEIRS, "--lowdb"]
    env = ALONE | PLAIN | {"COVERAGE_CORE": core}
    run = run_python(*words, cwd=place, env=env, input="n\nn\nc\n", deadline=40)
    assert ("1 failed" in run.out, len(stops(run.out))) == (True, 3)
    said = run_python("-m", "coverage", "report", "-m", cwd=place, env=env).out
    assert re.search(r"test_one\.py +5 +1 +80% +5\n", said), said
