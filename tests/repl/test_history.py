"""The history: what is kept of what was typed, in a file that several processes write and that may be broken."""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path

import pytest

from lowdb.repl import history as module
from lowdb.repl.history import History, history_file
from lowdb.repl.places import Places
from tests.processes import Process, run_python
from tests.repl.talk import talk


def at(path: Path, limit: int = 100) -> History:
    return History(limit, lambda: str(path))


def kept(path: Path, limit: int = 100) -> list[str]:
    """What the next session finds."""
    return at(path, limit).entries()


def test_entries_come_back_in_the_next_session_each_once_where_it_was_last(tmp_path):
    file = tmp_path / "history"
    first = at(file)
    for entry in ("b 12", "c", "p x", "c"):
        first.add(entry)
    assert first.entries() == ["b 12", "p x", "c"]
    second = at(file)
    second.add("b 12")
    assert kept(file) == ["p x", "c", "b 12"]


def test_only_its_owner_may_read_the_file(tmp_path):
    file = tmp_path / "history"
    old = os.umask(0)
    try:
        at(file).add("p password")
    finally:
        os.umask(old)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_leading_space_keeps_an_entry_out(tmp_path):
    file = tmp_path / "history"
    history = at(file)
    for entry in (" p secret", "", "   ", "p open  "):
        history.add(entry)
    assert history.entries() == kept(file) == ["p open"]


def test_entries_of_several_lines_survive(tmp_path):
    file = tmp_path / "history"
    entries = ["for x in xs:\n    print('\\n', x)\n    y = '\\\\'", "p 'a\\nb'", "p r'\\\\n'", "p 'käse\u2028'", "a\rb"]
    history = at(file)
    for entry in entries:
        history.add(entry)
    assert kept(file) == history.entries() == entries
    assert len(file.read_text(encoding="utf-8").split("\n")) == len(entries) + 1


def test_the_file_holds_no_more_entries_than_the_setting_says(tmp_path):
    file = tmp_path / "history"
    history = at(file, 10)
    for number in range(200):
        history.add(f"p {number}")
    assert len(history.entries()) == 10
    assert kept(file, 10) == [f"p {number}" for number in range(190, 200)]
    assert len(file.read_text().splitlines()) == 10
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_nothing_is_kept_where_the_limit_is_none(tmp_path):
    history = at(tmp_path / "history", 0)
    history.add("p 1")
    assert history.entries() == []
    assert not (tmp_path / "history").exists()


def test_a_file_that_is_partly_nonsense_is_read_as_far_as_it_makes_sense(tmp_path):
    file = tmp_path / "history"
    file.write_bytes(b"p 1\n\x00\x01\xff\xfe\nb \x1b[31m\np 2\r\n" + b"x" * 500_000 + b"\np 3")
    history = at(file)
    assert history.entries() == ["p 1", "p 2", "p 3"]
    history.add("p 4")  # behind a line that has no end
    assert history.problem == ""
    assert kept(file) == ["p 1", "p 2", "p 3", "p 4"]


@pytest.mark.parametrize("what", ["directory", "no such directory", "fifo", "/dev/null", "/dev/full"])
def test_a_file_that_cannot_be_kept_is_no_error(tmp_path, what):
    file = tmp_path / "history"
    if what == "directory":
        file.mkdir()
    elif what == "no such directory":
        file = tmp_path / "none" / "history"
    elif what == "fifo":
        os.mkfifo(file)
        descriptor = os.open(file, os.O_RDWR)  # somebody has it open: a read would wait for ever
    else:
        file = Path(what)
        if not file.exists():
            pytest.skip(f"no {what} here")
    history = at(file)
    history.add("p 1")
    history.add("p 2")
    assert history.entries() == ["p 1", "p 2"]
    assert bool(history.problem) == (what not in ("fifo", "/dev/null"))
    if what == "fifo":
        os.close(descriptor)


def test_a_full_disk_costs_one_line_of_words(tmp_path, monkeypatch):
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(module, "_write", full)
    said = talk(interactive=True)
    said.session.lines.history.locate = lambda: str(tmp_path / "history")
    text = said.stop("p 1", "p 2", "history")
    assert text.count("history is not" + " kept") == 1
    assert "No space left on device" in text
    assert "1  p 1\n2  p 2\n3  history" in text


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_costs_one_line_of_words(tmp_path):
    file = tmp_path / "history"
    file.write_text("p 1\n")
    file.chmod(0)
    history = at(file)
    history.add("p 2")
    assert "Permission denied" in history.problem


def test_several_processes_write_at_once_and_lose_no_line(tmp_path):
    file = tmp_path / "history"
    code = (
        "import sys; from lowdb.repl.history import History\n"
        "history = History(300, lambda: sys.argv[1]); name = sys.argv[2]\n"
        "print('ready', flush=True); input()\n"
        "for n in range(50): history.add(f'p {name}{n}')\n"
        # and one that makes the file shorter all the time
        "for n in range(20): History(300, lambda: sys.argv[1]).entries()\n"
    )
    file.write_text("old\n" * 400)
    processes = [Process([sys.executable, "-c", code, str(file), name]) for name in "abcd"]
    try:
        for process in processes:
            process.expect("ready")
        for process in processes:
            process.send("go\n")
        for process in processes:
            assert process.wait().status == 0
    finally:
        for process in processes:
            process.kill()
    found = kept(file, 300)
    assert sorted(found) == sorted(["old", *(f"p {name}{n}" for name in "abcd" for n in range(50))])
    for name in "abcd":  # each in its order
        mine = [entry for entry in found if entry.startswith(f"p {name}")]
        assert mine == [f"p {name}{n}" for n in range(50)]


def test_the_place_of_the_file_is_chosen_by_the_environment(tmp_path):
    places = Places(state=str(tmp_path / "state"))
    assert history_file({}, places) == str(tmp_path / "state" / "history")
    assert history_file({"LOWDB_HISTORY": ""}, places) == ""
    assert history_file({"LOWDB_HISTORY": str(tmp_path / "mine")}, places) == str(tmp_path / "mine")
    assert history_file({"LOWDB_HISTORY": "~/mine"}, places) == os.path.expanduser("~/mine")
    assert history_file({}, Places()) == ""


def test_the_history_command_shows_the_newest_entries():
    said = talk(interactive=True)
    said.session.lines.history.add("for x in 1, 2:\n    print(x)")
    text = said.stop("p 1", "p 1", "history 2", "history")
    assert "2  p 1\n3  history 2\n" in text
    assert "1  for x in 1, 2:\n       print(x)\n2  p 1\n3  history 2\n4  history\n" in text


def test_a_plain_run_that_is_piped_writes_no_history(tmp_path):
    program = tmp_path / "program.py"
    program.write_text("x = 1\n")
    file = tmp_path / "history"
    done = run_python("-m", "lowdb", "--ui", "plain", str(program), input="p 1\nc\n", env={"LOWDB_HISTORY": str(file)})
    assert done.status == 0
    assert not file.exists()
