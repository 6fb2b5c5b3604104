"""The plain console: one write a prompt, and a program that does what it likes with its streams."""

from __future__ import annotations

import io
import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

from lowdb.repl.blocks import SourceView, Text
from lowdb.repl.console import PlainConsole

if TYPE_CHECKING:
    from collections.abc import Iterator


class Writer(io.StringIO):
    encoding = "utf-8"  # type: ignore[assignment]
    writes = 0
    flushes = 0

    def write(self, text: str) -> int:
        self.writes += 1
        return super().write(text)

    def flush(self) -> None:
        self.flushes += 1


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    ends = os.pipe()
    yield ends
    for end in ends:
        try:
            os.close(end)
        except OSError:
            pass


def test_blocks_and_prompt_go_out_in_one_flushed_write() -> None:
    writer = Writer()
    console = PlainConsole(io.StringIO("n\n"), writer)
    console.show(Text("one"))
    console.show(Text("two"))
    assert writer.writes == 0
    assert console.read("(lowdb) ") == "n"
    assert writer.getvalue() == "one\ntwo\n(lowdb) "
    assert (writer.writes, writer.flushes) == (1, 1)


def test_a_line_loses_its_newline_only_and_the_end_is_eof() -> None:
    console = PlainConsole(io.StringIO("  p x  \r\n\nlast"), Writer())
    assert [console.read("") for _ in range(3)] == ["  p x  ", "", "last"]
    with pytest.raises(EOFError):
        console.read("")


def test_ctrl_c_at_the_prompt_comes_through() -> None:
    class Interrupted(io.StringIO):
        def readline(self, *_: Any) -> str:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        PlainConsole(Interrupted(), Writer()).read("")


def test_a_closed_reader_is_the_end_of_the_commands() -> None:
    reader = io.StringIO("n\n")
    console = PlainConsole(reader, Writer())
    reader.close()
    with pytest.raises(EOFError):
        console.read("")


def test_commands_that_are_not_text_say_so() -> None:
    reader = io.TextIOWrapper(io.BytesIO(b"\xff\xfe\n"), encoding="utf-8")
    with pytest.raises(EOFError, match="not utf-8"):
        PlainConsole(reader, Writer()).read("")


def test_no_streams_at_all_are_the_end_of_the_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("stdin", "stdout", "stderr", "__stdin__", "__stderr__"):
        monkeypatch.setattr(sys, name, None)
    console = PlainConsole()
    assert not console.interactive
    console.show(Text("x"))
    with pytest.raises(EOFError):
        console.read("(lowdb) ")


def test_characters_that_the_stream_cannot_hold_are_escaped() -> None:
    raw = io.BytesIO()
    console = PlainConsole(io.StringIO("n\n"), io.TextIOWrapper(raw, encoding="ascii"))
    console.show(SourceView("f", [(1, "x = 'ü'")], 1, [(1, "enabled")]))
    console.show(Text("€ → ●"))
    console.read("(lowdb) ")
    assert raw.getvalue() == b"*>    1  x = '\\xfc'\n\\u20ac > *\n(lowdb) "


def test_a_closed_writer_makes_us_write_to_standard_error(monkeypatch: pytest.MonkeyPatch) -> None:
    errors = Writer()
    monkeypatch.setattr(errors, "fileno", lambda: 2)
    monkeypatch.setattr(sys, "stderr", errors)
    writer = Writer()
    console = PlainConsole(io.StringIO("n\nc\n"), writer)
    writer.close()
    console.show(Text("still here"))
    assert console.read("(lowdb) ") == "n"
    assert errors.getvalue() == "still here\n(lowdb) "


def test_a_writer_that_was_wrapped_anew_is_found(pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    writer = open(pipe[1], "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    console = PlainConsole(io.StringIO("n\n"), writer)
    wrapped = io.TextIOWrapper(writer.detach(), encoding="utf-8")
    monkeypatch.setattr(sys, "stdout", wrapped)
    console.show(Text("found"))
    console.read("(lowdb) ")
    wrapped.detach()
    assert os.read(pipe[0], 100) == b"found\n(lowdb) "


def test_a_file_that_got_the_number_of_the_closed_stdout_is_left_alone(
    pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    errors = Writer()
    monkeypatch.setattr(errors, "fileno", lambda: 2)
    monkeypatch.setattr(sys, "stderr", errors)
    writer = open(pipe[1], "w", encoding="utf-8", closefd=True)  # noqa: SIM115
    console = PlainConsole(io.StringIO("n\n"), writer)
    writer.close()
    with open(tmp_path / "data", "w") as data:  # very probably the same number
        console.show(Text("not into the file"))
        console.read("(lowdb) ")
        data.flush()
    assert (tmp_path / "data").read_bytes() == b""
    assert "not into the file" in errors.getvalue()


def test_a_broken_pipe_ends_the_commands_without_an_error(pipe: tuple[int, int]) -> None:
    os.close(pipe[0])
    writer = open(pipe[1], "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    console = PlainConsole(io.StringIO("n\n"), writer)
    console.show(Text("nobody reads this"))
    console.flush()
    console.show(Text("nor this"))
    with pytest.raises(EOFError):
        console.read("(lowdb) ")
    with pytest.raises(BrokenPipeError):  # the program's own, when it writes
        writer.close()
