"""`pytest --lowdb`: a stop at each failure, in the frame of the test's author, and pytest's own results."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from tests.pytest_plugin.runs import PLAIN, files, pytest_run, stops

KINDS = """\
import json
import unittest

import pytest


def parse(text):
    return json.loads(text)


def check(number):
    __tracebackhide__ = True
    assert number > 5, "too small"


@pytest.fixture
def broken():
    raise RuntimeError("no database")


@pytest.fixture
def leaving():
    yield 1
    raise OSError("cannot clean up")


@pytest.mark.parametrize("n", [1, 2])
def test_parameters(n):
    for line in range(30):
        print("line", line)
    words = ["one", "two"]
    assert n == len(words), f"{n} words"


def test_library():
    parse("{")


def test_helper():
    small = 2
    check(small)


def test_setup(broken):
    pass


def test_teardown(leaving):
    pass


class TestOld(unittest.TestCase):
    def test_old(self):
        expected = 4
        self.assertEqual(3, expected)


def test_subtests(subtests):
    for i in range(3):
        with subtests.test("part", i=i):
            assert i != 1


def test_missing_raise():
    with pytest.raises(ValueError):
        pass


def test_skipped():
    pytest.skip("not here")


@pytest.mark.xfail
def test_expected():
    assert False


def test_passes():
    pass


class Odd(Exception):
    def __str__(self):
        raise ValueError("no words")


def test_odd():
    raise Odd


def test_long_message():
    assert False, "\\n".join(f"reason {n}" for n in range(40))
"""

BAD = "import json\nCONFIG = json.loads('[')\n"

DOCS = '''\
"""The module.

>>> x = 20
>>> add(x, 1)
22
"""


def add(a, b):
    """Adds.

    >>> add(1, "2")
    3
    """
    return a + b
'''


@pytest.fixture(scope="module")
def kinds(tmp_path_factory):
    place = files(tmp_path_factory.mktemp("kinds"), test_kinds=KINDS)
    mine = pytest_run(place, "--lowdb", "--junitxml=mine.xml", commands="c\n" * 20)
    pytest_run(place, "--junitxml=bare.xml")
    return place, mine, {seen.reason.rpartition("test_kinds.py::")[2]: seen for seen in stops(mine.out)}


def line(text: str) -> int:
    return KINDS.splitlines().index(text) + 1


def test_only_failures_stop_and_each_once(kinds):
    assert list(kinds[2]) == [
        "test_parameters[1]",
        "test_library",
        "test_helper",
        "test_setup",
        "test_teardown",
        "TestOld::test_old",
        "test_subtests [part] (i=1)",
        "test_missing_raise",
        "test_odd",
        "test_long_message",
    ]
    assert len(stops(kinds[1].out)) == 10


@pytest.mark.parametrize(
    ("test", "function", "text"),
    [
        ("test_parameters[1]", "test_parameters", '    assert n == len(words), f"{n} words"'),
        ("test_library", "parse", "    return json.loads(text)"),
        ("test_helper", "test_helper", "    check(small)"),
        ("test_setup", "broken", '    raise RuntimeError("no database")'),
        ("test_teardown", "leaving", '    raise OSError("cannot clean up")'),
        ("TestOld::test_old", "test_old", "        self.assertEqual(3, expected)"),
        ("test_subtests [part] (i=1)", "test_subtests", "            assert i != 1"),
        ("test_missing_raise", "test_missing_raise", "    with pytest.raises(ValueError):"),
    ],
)
def test_the_selected_frame_is_the_one_of_ones_own_code_nearest_to_the_failure(kinds, test, function, text):
    assert kinds[2][test].place == f"test_kinds.py({line(text)}){function}"
    assert re.search(rf"(?m)^ > +\d+  {re.escape(text)}$", kinds[2][test].text)


def test_the_reason_is_what_the_assertion_says(kinds):
    assert kinds[2]["test_parameters[1]"].reason.startswith("failed AssertionError: 1 words test_kinds.py::")
    assert "  assert 1 == 2\n" in kinds[2]["test_parameters[1]"].text  # what pytest has made of it
    assert "   +  where 2 = len(['one', 'two'])" in kinds[2]["test_parameters[1]"].text
    assert kinds[2]["TestOld::test_old"].reason.startswith("failed AssertionError: 3 != 4")
    assert kinds[2]["test_setup"].reason == "failed RuntimeError: no database setup of test_kinds.py::test_setup"
    assert kinds[2]["test_teardown"].reason.endswith("teardown of test_kinds.py::test_teardown")


def test_the_values_of_the_frame_are_shown_without_those_of_pytest(kinds):
    assert "words = ['one', 'two']" in kinds[2]["test_parameters[1]"].text
    assert "n = 1" in kinds[2]["test_parameters[1]"].text
    assert "@py_" not in kinds[1].out


def test_a_failure_in_a_library_says_where_it_was_raised(kinds):
    assert re.search(r"raised in  json/decoder\.py:\d+  \S+   \(d goes there\)", kinds[2]["test_library"].text)
    assert re.search(r"from  \d+  test_library", kinds[2]["test_library"].text)
    assert "raised in" not in kinds[2]["test_missing_raise"].text  # in pytest itself: no news


def test_an_exception_without_words_is_shown_all_the_same(kinds):
    assert "failed Odd: <str raised ValueError> " in kinds[2]["test_odd"].reason


def test_a_long_message_is_cut_and_says_so(kinds):
    text = kinds[2]["test_long_message"].text.partition("====")[0]
    assert "reason 5" in text
    assert "reason 30" not in text
    assert re.search(r"… \d+ more lines \(p -f str\(\$exc\)\)", text)


def test_captured_output_stands_above_the_stop_cut_to_its_end(kinds):
    assert "captured stdout (the last 10 of 30 lines):\n  line 20\n" in kinds[1].out
    assert "  line 29\n> " in kinds[1].out
    assert kinds[1].out.count("line 29") == 2  # there and in pytest's own report, which has all of it
    assert kinds[1].out.count("line 19") == 1


def test_the_results_are_those_of_a_run_without_lowdb(kinds):
    place, mine, _ = kinds

    def results(name):
        cases = ElementTree.parse(place / name).getroot().iter("testcase")
        found = [(c.get("classname"), c.get("name"), [(p.tag, p.get("message")) for p in c]) for c in cases]
        return re.sub(r"0x[0-9a-f]+", "0x0", str(found))

    assert results("mine.xml") == results("bare.xml")
    assert "test_parameters[1]" in results("bare.xml")
    assert mine.status == 1
    assert mine.err == ""


# --- collection, doctests -------------------------------------------------------------------------


def test_a_module_that_cannot_be_imported_stops_where_its_import_failed(tmp_path):
    place = files(tmp_path, test_first="import helper\n", helper=BAD, test_second="def f(:\n", test_third="import no\n")
    (place / "conftest.py").write_text("import sys; sys.path.insert(0, '.')\n")
    done = pytest_run(place, "--lowdb", commands="p json\nc\nc\n")
    seen, missing = stops(done.out)  # a syntax error has no frame of one's own
    assert (seen.place, missing.place, done.status) == ("helper.py(2)<module>", "test_third.py(1)<module>", 2)
    assert missing.reason == "failed ModuleNotFoundError: No module named 'no' test_third.py"
    assert seen.reason.startswith("failed JSONDecodeError: Expecting value")
    assert "<module 'json'" in done.out


def test_a_doctest_stops_at_its_line_with_its_names(tmp_path):
    files(tmp_path, docs=DOCS)
    done = pytest_run(tmp_path, "--lowdb", "--doctest-modules", "docs.py", commands="p x, got\nc\np a, b\nu\nc\n")
    wrong, raised = stops(done.out)[:2]
    assert wrong.place == "docs.py(4)<module>"
    assert wrong.reason == "failed AssertionError: expected '22', got '21' docs.py::docs"
    assert "(20, '21\\n')" in done.out
    assert raised.place == "docs.py(15)add"
    assert "(1, '2')" in done.out
    assert '>    1  add(1, "2")' in stops(done.out)[2].text  # the source of the example, one frame up
    assert done.status == 1


# --- ways to go on --------------------------------------------------------------------------------

TWO = """\
import pytest


@pytest.fixture(scope="session")
def server():
    yield 1
    print("torn down", file=open("torn.txt", "w"))


def test_one(server):
    value = 1
    assert value == 2


def test_two(server):
    assert server == 3


def test_three(server):
    assert server == 4
"""


def test_q_ends_the_run_as_pytest_ends_it(tmp_path):
    files(tmp_path, test_two=TWO)
    done = pytest_run(tmp_path, "--lowdb", "--junitxml=all.xml", commands="q\n")
    assert done.status == 2
    assert "! lowdb.Ended: q at the prompt !" in done.out
    assert "1 failed in" in done.out
    assert "assert value == 2" in done.out.partition("= FAILURES =")[2]
    assert (tmp_path / "torn.txt").read_text() == "torn down\n"
    assert 'failures="1"' in (tmp_path / "all.xml").read_text()


def test_detach_lets_the_rest_run_without_a_stop(tmp_path):
    files(tmp_path, test_two=TWO)
    done = pytest_run(tmp_path, "--lowdb", commands="detach\np 'never read'\n")
    assert len(stops(done.out)) == 1
    assert "3 failed in" in done.out
    assert "never read" not in done.out


def test_the_end_of_the_commands_lets_the_rest_run(tmp_path):
    files(tmp_path, test_two=TWO)
    done = pytest_run(tmp_path, "--lowdb", commands="p value + 41\n")
    assert len(stops(done.out)) == 1
    assert "(lowdb post-mortem) 42\n" in done.out
    assert ("3 failed in" in done.out, done.status) == (True, 1)


def test_maxfail_counts_as_without_lowdb(tmp_path):
    files(tmp_path, test_two=TWO)
    done = pytest_run(tmp_path, "--lowdb", "--maxfail=2", commands="c\nc\nc\nc\n")
    assert len(stops(done.out)) == 2
    assert "stopping after 2 failures" in done.out
    assert done.status == 1


def test_commands_of_the_command_line_are_done_at_each_failure(tmp_path):
    files(tmp_path, test_two=TWO)
    (tmp_path / "config.toml").write_text("[startup]\ncommands = [\"p 'once'\"]\n")
    env = PLAIN | {"LOWDB_CONFIG": str(tmp_path / "config.toml")}
    words = ("--lowdb-command=p 6 * 7", "--lowdb-command", "c")
    done = pytest_run(tmp_path, *words, commands="never read\n", env=env)
    assert done.out.count("(lowdb post-mortem) p 6 * 7\n42\n(lowdb post-mortem) c\n") == 3
    assert done.out.count("(lowdb post-mortem) p 'once'\n'once'\n(lowdb post-mortem) p 6 * 7\n") == 1
    assert done.out.count("'once'\n") == 2
    assert "never read" not in done.out


def test_a_breakpoint_that_was_set_at_a_failure_stops_a_later_test(tmp_path):
    place = files(tmp_path, test_two=TWO)
    done = pytest_run(place, "--lowdb", commands="b test_two.py:20\nc\nc\np 'here'\nq\n")
    assert [seen.place for seen in stops(done.out)] == [
        "test_two.py(12)test_one",
        "test_two.py(16)test_two",
        "test_two.py(20)test_three",
    ]
    assert "'here'" in done.out
    assert done.status == 2


def test_pdb_and_lowdb_together_are_refused_with_a_reason(tmp_path):
    files(tmp_path, test_two=TWO)
    done = pytest_run(tmp_path, "--lowdb", "--pdb")
    assert "ERROR: --lowdb and --pdb together: two debuggers want the same stops; choose one" in done.err
    assert done.status == 4


def test_a_taken_debugger_id_is_said_once_and_the_tests_run(tmp_path):
    place = files(tmp_path, test_two=TWO)
    (place / "conftest.py").write_text(
        "import sys\nsys.monitoring.use_tool_id(sys.monitoring.DEBUGGER_ID, 'other tool')\n"
    )
    done = pytest_run(place, "--lowdb", commands="c\n")
    assert "lowdb: another debugger is at work here: sys.monitoring's debugger id is held by 'other tool'" in done.err
    assert done.err.count("lowdb:") == 1
    assert ("3 failed in" in done.out, stops(done.out)) == (True, [])


# --- nobody to ask --------------------------------------------------------------------------------


def test_without_a_terminal_the_report_has_the_stop_and_nothing_waits(tmp_path):
    files(tmp_path, test_two=TWO + "\n\ndef test_four(server):\n    breakpoint()\n")
    done = pytest_run(tmp_path, "--lowdb", "--junitxml=all.xml", env={}, commands="q\nthe program's own data\n")
    report = done.out.partition("= FAILURES =")[2]
    assert report.count("- lowdb -") == 3
    assert re.search(r"(?m)^> .*test_two\.py\(12\)test_one\(\)\nfailed  AssertionError: assert 1 == 2 ", report)
    assert "(lowdb post-mortem) locals\nserver = 1\nvalue = 1\n" in report
    assert "(lowdb post-mortem)\n" not in report
    assert "3 failed, 1 passed in" in done.out
    assert "lowdb: no terminal: continuing (LOWDB_UI=plain reads commands from stdin)" in done.err
    assert "breakpoint()  test_two.py:24  test_four(server=1)" in done.err
    assert done.status == 1


def test_without_a_terminal_the_report_has_what_the_commands_say(tmp_path):
    files(tmp_path, test_two=TWO)
    done = pytest_run(tmp_path, "--lowdb-command=p server * 42", "-k", "test_two", env={})
    assert done.out.count("(lowdb post-mortem) p server * 42\n42\n") == 3
    assert "locals" not in done.out


# --- without its options --------------------------------------------------------------------------


def test_without_its_options_the_plugin_has_loaded_nothing(tmp_path):
    test = "import sys\ndef test_it():\n    assert [m for m in sys.modules if m.startswith('lowdb')] == {expected!r}\n"
    files(tmp_path, test_it=test.format(expected=["lowdb", "lowdb.pytest_plugin"]))
    done = pytest_run(tmp_path)
    assert "1 passed" in done.out, done.out
