"""`transcript FILE`: what is typed and shown goes to a file as well."""

from __future__ import annotations

import os
from pathlib import Path

from tests.repl.talk import talk


def test_all_that_is_typed_and_shown_is_in_the_file_until_it_is_switched_off(tmp_path: Path):
    file = tmp_path / "session.txt"
    one = talk()
    value = 41
    one.stop("p 0", f"transcript {file}", "p value + 1", "p nothing", "c")
    one.stop("transcript", "p value * 1_000_003", "c")
    text = file.read_text(encoding="utf-8")
    assert text.startswith(
        f"# transcript of lowdb: {file}\ntranscript on  {file}\n(lowdb) p value + 1\n42\n(lowdb) p nothing\n"
    )
    assert "NameError: name 'nothing' is not defined" in text
    assert "test_all_that_is_typed" in text  # the second stop
    assert text.endswith(f"(lowdb) transcript\ntranscript off  ({file})\n")
    assert str(41 * 1_000_003) not in text
    assert "\n0\n" not in text
    assert value


def test_a_second_file_takes_over_and_an_old_one_is_continued(tmp_path: Path):
    first, second = tmp_path / "1.txt", tmp_path / "2.txt"
    first.write_text("before\n")
    talk().stop(f"transcript {first}", "p 1", f"transcript {second}", "p 2", "c")
    assert first.read_text().startswith("before\n# transcript of lowdb")
    assert "(lowdb) p 1\n1\n" in first.read_text()
    assert "p 2" not in first.read_text()
    assert "(lowdb) p 2\n2\n" in second.read_text()


def test_a_file_that_cannot_be_written_is_refused_and_one_that_goes_ends_it_with_one_line(tmp_path: Path):
    one = talk()
    assert "no transcript: /nowhere/at/all: No such file or directory" in one.stop("transcript /nowhere/at/all", "c")
    assert "no transcript is written (transcript FILE writes one)" in one.stop("transcript", "c")
    folder = tmp_path / "folder"
    folder.mkdir()

    def gone() -> str:
        (folder / "file").unlink()
        folder.rmdir()
        return "p 1"

    said = one.stop(f"transcript {folder / 'file'}", gone, "p 2", "c")
    assert said.count(f"the transcript ends here: {folder}") == 1
    assert "\n2\n" in said


def test_no_descriptor_stays_open(tmp_path: Path):
    before = os.listdir("/proc/self/fd")
    talk().stop(f"transcript {tmp_path / 'file'}", "p 1", "c")
    assert len(os.listdir("/proc/self/fd")) == len(before)
