"""Breakpoints that outlive the process: where a line is found again, what is kept, what damage does."""

from __future__ import annotations

import json
import os
import re
import textwrap
from typing import TYPE_CHECKING, Any

import pytest

from lowdb.program.sources import Source
from lowdb.repl.anchors import Lost, anchor, find
from lowdb.repl.places import Places
from lowdb.repl.settings import Settings
from tests.processes import Completed, run_python
from tests.repl.talk import talk

if TYPE_CHECKING:
    from pathlib import Path

# --- a line is found again ------------------------------------------------------------------------

MARK = "  #<"


def marked(text: str) -> tuple[Source, int]:
    """A source, and the line in it that has the mark; 0 for none."""
    lines = textwrap.dedent(text).splitlines()
    line = next((number for number, line in enumerate(lines, 1) if line.endswith(MARK)), 0)
    return Source("/x.py", "\n".join(line.removesuffix(MARK) for line in lines)), line


def found(before: str, after: str) -> tuple[int, int]:
    """Where the marked line of `before` is found in `after`, and where it should be."""
    old, line = marked(before)
    new, wanted = marked(after)
    return find(new, anchor(old, line)), wanted


SUM = """
    def add(n):
        total = n
        total += 1  #<
        return total
"""
TWICE = """
    def add(n):
        total = n
        total += 1
        total += 1  #<
        return total
"""
METHOD = """
    def add(n):
        total = n
        return total
    class Cart:
        def add(self, n):
            total = n  #<
            return total
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (SUM, SUM),
        (SUM, "import os\n\n" + textwrap.dedent(SUM)),
        (SUM, SUM.replace("total += 1", "print(n)\n        total += 1")),
        (SUM, SUM.replace("def add", "@staticmethod\n    def add")),
        (SUM, SUM.replace("def add", "def plus")),  # the function's name has changed, and there is no other such line
        (SUM, "\n    class Sum:" + SUM.replace("\n", "\n    ")),  # it has become a method
        (SUM, SUM.replace("total += 1", "if n:\n            total += 1")),  # deeper
        (TWICE, TWICE),
        (TWICE, TWICE.replace("total = n", "total = n\n\n\n")),  # the second of two stays the second
        # where their number has changed, the one that is about as deep in the function as before
        (TWICE, TWICE.replace("  #<", "  #<\n        total += 1\n")),
        (SUM, SUM.replace("total = n", "total += 1").replace("return total", "total += 1")),
        (METHOD, METHOD),
        (METHOD, METHOD.replace("class Cart", "def more():\n        total = n\n    class Cart")),
        (
            METHOD,
            "class Cart:\n    def add(self, n):\n        total = n  #<\ndef add(n):\n    total = n",
        ),
        ("x = 1  #<", "y = 1\nx = 1  #<\ndef f():\n    x = 1"),  # of the module's own lines
        ("f = lambda: 1  #<", "\n\nf = lambda: 1  #<"),
    ],
)
def test_a_line_that_moved_is_found(before: str, after: str) -> None:
    line, wanted = found(before, after)
    assert wanted > 0
    assert line == wanted


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        (SUM, SUM.replace("+= 1", "+= 2"), "is gone"),
        (SUM, "def broken(:", "is gone"),
        (SUM, "", "is gone"),
        (SUM, SUM.replace("def add", "def a") + SUM.replace("def add", "def b"), "is there 2 times, elsewhere"),
        # as far below as above
        (
            SUM,
            SUM.replace("total = n", "total += 1").replace("total += 1  #<", "n").replace("return total", "total += 1"),
            "is there 2 times",
        ),
    ],
)
def test_a_line_that_is_gone_or_could_be_several_is_lost(before: str, after: str, why: str) -> None:
    with pytest.raises(Lost, match=why):
        found(before, after)


# --- from one session to the next -----------------------------------------------------------------

PROGRAM = """\
import sys
def discount(amount, rate):
    cut = amount * rate
    return amount - cut
def main():
    for n in range(3):
        discount(100, n / 10)
    print("done", *sys.argv[1:])
main()
"""


class Project:
    """A directory with a pyproject.toml, and a person's places beside it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.root = home / "project"
        self.root.mkdir()
        (self.root / "pyproject.toml").touch()
        self.writes(PROGRAM)

    def writes(self, text: str, name: str = "main.py") -> None:
        (self.root / name).write_text(text)

    def run(self, *words: str, typed: str = "", **env: str | None) -> Completed:
        places: dict[str, str | None] = {
            "HOME": str(self.home),
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "XDG_STATE_HOME": str(self.home / "state"),
        }
        return run_python("-m", "lowdb", *words, input=typed, env=places | env, cwd=self.root)

    @property
    def file(self) -> Path:
        (file,) = (self.home / "state" / "lowdb" / "breakpoints").iterdir()
        return file

    @property
    def saved(self) -> list[Any]:
        data: list[Any] = json.loads(self.file.read_text())["breakpoints"]
        return data


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


ALL_KINDS = """\
b 3 if rate > 0.05 thread MainThread
b main once
trap discount returns if $ret > 85
catch KeyError user in *.py
log 4 "cut {cut}" every 2
tb 8
commands 1
p rate
end
ignore 3 1
disable 4
q
"""
SHOWN = [
    "● 1  main.py:3  discount  if rate > 0.05  thread MainThread  do p rate  hit 0",
    "● 2  main.py:6  main  once",
    "◆ 3  main.py:3  discount  returns  if $ret > 85  ignore 1",
    "○ 4  catch KeyError user  in *.py  (disabled)",
    "◇ 5  main.py:4  discount  every 2  log 'cut {cut}'",
    "● 6  main.py:8  main  once",
]


def listed(text: str) -> list[str]:
    """The lines of `b`, blanks made one."""
    lines = [line.removeprefix("(lowdb) ") for line in text.splitlines()]
    lines = [" ".join(line.split()) for line in lines if re.match(r"[●○◆◇] \d+  ", line)]
    return [line.removesuffix(" hit 0") for line in lines]


def wanted(*numbers: int) -> list[str]:
    return [" ".join(SHOWN[number - 1].split()).removesuffix(" hit 0") for number in numbers or range(1, 7)]


def test_every_kind_comes_back_with_all_that_it_had(project: Project) -> None:
    project.run("-B", "main.py", typed=ALL_KINDS)
    done = project.run("-B", "main.py", typed="b\nq\n")
    assert "6 breakpoints from your last session\n" in done.out
    assert listed(done.out) == wanted()
    assert done.err == ""


def test_save_and_load_do_it_on_request(project: Project) -> None:
    done = project.run("main.py", typed=ALL_KINDS.replace("\nq\n", "\nsave\nsave mine.json\nq\n"))
    assert "6 breakpoints saved in ~/state/lowdb/breakpoints/project-" in done.out
    assert (project.root / "mine.json").stat().st_mode & 0o777 == 0o600
    for command in ("load", "load mine.json"):
        done = project.run("main.py", typed=f"{command}\nb\n{command}\nq\n")
        assert "(lowdb) 6 breakpoints set\n" in done.out
        assert "(lowdb) 0 breakpoints set, 6 there already\n" in done.out
        assert listed(done.out) == wanted()


def test_without_being_asked_nothing_is_saved_or_loaded(project: Project) -> None:
    project.run("main.py", typed="b 3\nc\n")
    assert not (project.home / "state").exists()
    project.run("-B", "main.py", typed="b 3\nq\n")
    assert "no breakpoints" in project.run("main.py", typed="b\nq\n").out
    assert len(project.saved) == 1


def test_the_state_is_the_persons_own(project: Project) -> None:
    project.run("-B", "main.py", typed="b 3\nq\n")
    assert project.file.stat().st_mode & 0o777 == 0o600
    assert project.file.parent.stat().st_mode & 0o777 == 0o700
    assert os.listdir(project.file.parent) == [project.file.name]


def test_after_an_edit_the_lines_are_found_and_it_is_said(project: Project) -> None:
    project.run("-B", "main.py", typed="b 3 if rate\nb 7\nb discount\nq\n")
    project.writes("# new\n" + PROGRAM.replace("    for", "    # more\n    for"))
    done = project.run("-B", "main.py", typed="b\nq\n")
    assert "3 breakpoints from your last session (main.py:3 moved to 4; main.py:7 moved to 9)\n" in done.out
    assert listed(done.out) == ["● 1 main.py:4 discount if rate", "● 2 main.py:9 main", "● 3 main.py:4 discount"]


def test_a_line_that_is_gone_is_disabled_said_and_not_forgotten(project: Project) -> None:
    project.run("-B", "main.py", typed="b 3 if rate\nq\n")
    project.writes(PROGRAM.replace("cut = amount * rate", "cut = 0"))
    done = project.run("-B", "main.py", typed="b\nb 4\nq\n")
    assert "  main.py:3 `cut = amount * rate` is gone: breakpoint 1 is disabled\n" in done.out
    assert listed(done.out)[0] == "○ 1 main.py:3 discount if rate (disabled)"
    project.writes(PROGRAM)  # the other branch again
    done = project.run("-B", "main.py", typed="b\nq\n")
    assert "2 breakpoints from your last session\n" in done.out
    assert listed(done.out) == ["● 1 main.py:3 discount if rate", "● 2 main.py:4 discount"]


def test_a_lost_line_that_is_switched_on_again_stays_where_it_is(project: Project) -> None:
    project.run("-B", "main.py", typed="b 3\nq\n")
    project.writes(PROGRAM.replace("cut = amount * rate", "cut = 0"))
    project.run("-B", "main.py", typed="enable 1\nq\n")
    assert project.saved[0]["anchor"]["text"] == "cut = 0"


def test_what_cannot_be_set_is_said_and_kept_for_another_time(project: Project) -> None:
    project.writes("def helper():\n    pass\n", "other.py")
    project.run("-B", "main.py", typed="b other.py:2\nb other:helper\nb 3\nq\n")
    (project.root / "other.py").unlink()
    done = project.run("-B", "main.py", typed="b\nb 4\nq\n")
    assert (
        "2 breakpoints from your last session\n  other.py:2 is not set: there is no source for other.py\n" in done.out
    )
    assert listed(done.out)[0] == "● 1 other:helper (waits for other to be imported)"
    project.writes("def helper():\n    pass\n", "other.py")
    done = project.run("-B", "main.py", typed="b\nq\n")
    assert "4 breakpoints from your last session\n" in done.out


def test_an_edit_while_the_program_runs_does_not_mislead(project: Project) -> None:
    """The line that was meant is the one that stood there when the breakpoint was set."""
    edit = f"!open('main.py', 'w').write({'# new' + chr(10) + PROGRAM!r})"
    project.run("-B", "main.py", typed=f"b 3\nn\n{edit}\ncondition 1 rate\nc\nq\n")
    assert "(main.py:3 moved to 4)" in project.run("-B", "main.py", typed="q\n").out


def test_it_is_saved_however_the_session_ends(project: Project) -> None:
    endings = {"q": "q\n", "detach": "detach\n", "end": "", "run": "run\nclear 2\nq\n", "hard": "c\n"}
    for name, typed in endings.items():
        project.writes(PROGRAM.replace("main()\n", "main()\nimport os; os._exit(3)\n") if name == "hard" else PROGRAM)
        project.run("-B", "main.py", typed=f"cl\nb 3 if False\nb 4 if False\n{typed}")
        assert len(project.saved) == (1 if name == "run" else 2), name
    project.run("-B", "main.py", typed="cl\nq\n")
    assert project.saved == []


def test_a_breakpoint_that_was_for_once_and_has_stopped_is_not_saved(project: Project) -> None:
    project.run("-B", "main.py", typed="tb 3\nb 4 if False\nc\nc\n")
    assert [entry["line"] for entry in project.saved] == [4]


def test_the_setting_does_what_the_option_does(project: Project) -> None:
    (project.home / "config" / "lowdb").mkdir(parents=True)
    (project.home / "config" / "lowdb" / "config.toml").write_text("[stops]\npersist_breakpoints = true\n")
    project.run("main.py", typed="b 3\nq\n")
    done = project.run("main.py", typed="b\nq\n")
    assert "1 breakpoint from your last session\n" in done.out
    # and breakpoint() in a program that lowdb did not start
    project.writes("import main_\nbreakpoint()\n", "guest.py")
    project.writes("x = 1\n", "main_.py")
    env: dict[str, str | None] = {"PYTHONBREAKPOINT": "lowdb.set_trace", "LOWDB_UI": "plain"}
    env |= {f"XDG_{name.upper()}_HOME": str(project.home / name) for name in ("config", "state")}
    guest = run_python("guest.py", input="b\nc\n", env=env, cwd=project.root)
    assert "1 breakpoint from your last session\n" in guest.out


def test_switched_on_at_the_prompt_nothing_older_is_lost(project: Project) -> None:
    project.run("-B", "main.py", typed="b 3\nq\n")
    project.run("main.py", typed="b 4\nconfig persist_breakpoints = true\nq\n")
    assert [entry["line"] for entry in project.saved] == [4, 3]


def test_two_programs_of_a_project_share_its_breakpoints(project: Project) -> None:
    project.run("-B", "main.py", typed="b 3 if False\nq\n")
    project.writes("import main\nprint('other')\n", "other.py")
    done = project.run("-B", "other.py", typed="b 2\nc\nb\nc\n")
    assert listed(done.out)[-2:] == ["● 1 main.py:3 discount if False hit 0 of 3", "● 2 other.py:2 <module> hit 1"]
    assert len(project.saved) == 2


def test_a_watch_is_not_saved_and_harms_nothing(project: Project) -> None:
    done = project.run("-B", "main.py", typed="b 4\nc\nwatch cut\nq\n")
    assert [entry["line"] for entry in project.saved] == [4]
    assert done.status == 0


def test_a_forked_child_does_not_write_over_what_the_parent_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings()
    settings.places, settings.project = Places("", str(tmp_path / "state")), str(tmp_path)
    settings.set("persist_breakpoints", "true")
    here = talk(settings=settings)
    here.stop("b 1", "c")
    file = here.session.saved.file
    written = os.stat(file)
    here.stop("p 1", "c")
    assert os.stat(file) == written  # nothing has changed: nothing is written
    monkeypatch.setattr(os, "getpid", lambda: 0)
    here.stop("b 2", "c")
    assert os.stat(file) == written
    monkeypatch.undo()
    here.stop("b 3", "c")
    assert os.stat(file) != written


# --- damage ---------------------------------------------------------------------------------------

ENTRY = {"spec": {"kind": "line", "location": "3"}, "file": "main.py", "line": 3}


DAMAGED = [
    ("{", "is damaged: "),
    ("[" * 100_000, "is damaged: "),
    ("[]", "holds no breakpoints of this lowdb"),
    ('{"lowdb": 99, "breakpoints": []}', "holds no breakpoints of this lowdb"),
    ("\xff\xfe", "is damaged: "),
]


def test_a_damaged_file_is_said_and_left_as_it_is(project: Project) -> None:
    project.run("-B", "main.py", typed="b 3\nq\n")
    project.file.write_text("{")
    done = project.run("-B", "main.py", typed="load\nb 4\nc\nc\nc\nc\n")
    assert f"the breakpoints of the last session are not set: {project.file} is damaged: " in done.out
    assert f"(lowdb) {project.file} is damaged: " in done.out  # load
    assert "done" in done.out
    assert project.file.read_text() == "{"


def test_whatever_is_in_a_file_load_says_what_is_wrong(project: Project) -> None:
    typed = ""
    for number, (content, _) in enumerate(DAMAGED):
        (project.root / f"{number}.json").write_bytes(content.encode("latin-1"))
        typed += f"load {number}.json\n"
    done = project.run("main.py", typed=typed + "b\nq\n")
    for number, (_, words) in enumerate(DAMAGED):
        assert f"(lowdb) {project.root}/{number}.json {words}" in done.out
    assert "no breakpoints" in done.out


NO_ENTRIES: list[object] = [
    3,
    None,
    {},
    {"spec": []},
    ENTRY | {"spec": {"kind": "nonsense"}},
    ENTRY | {"spec": {"kind": "line", "enabled": "yes"}},
    ENTRY | {"spec": {"kind": "line", "condition": 5}},
    ENTRY | {"spec": {"kind": "exit", "exits": "sideways"}},
    ENTRY | {"line": "x"},
    ENTRY | {"anchor": [1]},
    ENTRY | {"anchor": {"text": "x"}},
    ENTRY | {"file": 7},
]


def test_an_entry_that_is_none_is_said_and_the_others_are_set(project: Project) -> None:
    entries = [*NO_ENTRIES, ENTRY, ENTRY | {"commands": [5], "line": 4}]
    (project.root / "bad.json").write_text(json.dumps({"lowdb": 1, "breakpoints": entries}))
    done = project.run("main.py", typed="load bad.json\nb\nq\n")
    said = [line for line in done.out.splitlines() if line.startswith("  not a breakpoint that lowdb has saved: ")]
    assert said == [f"  not a breakpoint that lowdb has saved: {entry!r:.60}" for entry in NO_ENTRIES]
    assert "(lowdb) 2 breakpoints set\n" in done.out
    assert len(listed(done.out)) == 2


def test_a_condition_that_does_not_compile_any_more_is_said(project: Project) -> None:
    file = project.root / "bad.json"
    file.write_text(json.dumps({"lowdb": 1, "breakpoints": [ENTRY | {"spec": {"kind": "line", "condition": "x +"}}]}))
    assert "  main.py:3 is not set: " in project.run("main.py", typed="load bad.json\nq\n").out


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("load nothing.json", "there is no file {root}/nothing.json"),
        ("load", "nothing was saved for this project (save does it)"),
        ("save /nowhere/x.json", "not saved: /nowhere/x.json cannot be written: No such file or directory"),
    ],
)
def test_what_cannot_be_done_says_why(project: Project, line: str, words: str) -> None:
    assert f"(lowdb) {words.format(root=project.root)}\n" in project.run("main.py", typed=f"{line}\nq\n").out


def test_where_there_is_no_place_save_says_so_and_the_option_goes_on(project: Project) -> None:
    bare: dict[str, str | None] = {"XDG_STATE_HOME": None, "HOME": None}
    done = project.run("main.py", typed="b 3\nsave\nq\n", **bare)
    assert (
        "(lowdb) not saved: there is no place for the project's breakpoints (HOME is not set?): name a FILE" in done.out
    )
    done = project.run("-B", "main.py", typed="b 3\nc\ncl\nc\n", **bare)
    assert "the breakpoints are not saved: there is no place for them" in done.out
    assert (done.status, done.err) == (0, "")
