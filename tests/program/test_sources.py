"""Source text, and what becomes of a line that a person asks for."""

from __future__ import annotations

import builtins
import linecache
import os
import sys
import zipfile
from pathlib import Path

import pytest

from lowdb.program.sources import Source, qualnames, register, resolve_line, source, statement_lines

TEXT = '''"""doc"""
import os
# comment


@os.fspath
@os.fspath
def f(
    a=1,
):
    """doc

    more
    """
    if a:
        b = 1
    else:
        b = (
            a
        )
    # end of f

    # still f

# outer
def g(): return 1


class K:
    """doc"""

    def m(self):
        x = {
            "a": self,
        }
        return lambda: (
            x,
            self
        )
        # end of m

    y = 1
    # end of K

if 0:
    z = 1
'''


@pytest.fixture
def example() -> Source:
    return Source("example.py", TEXT.replace("@os.fspath\n@os.fspath\n", "@f1\n@f2\n").replace("if 0:", "if 0:"))


def number(text: str, nth: int = 1) -> int:
    """The line of the nth occurrence."""
    lines = [at for at, line in enumerate(TEXT.splitlines(), 1) if line.strip() == text]
    return lines[nth - 1]


@pytest.mark.parametrize(
    "text", ['"""doc"""', "import os", "def f(", "if a:", "b = 1", "a", "def g(): return 1", "class K:", "y = 1", "x,"]
)
def test_a_line_with_code_is_the_line(example: Source, text: str) -> None:
    assert resolve_line(example, number(text)) == (number(text), "")


@pytest.mark.parametrize(
    ("text", "nth", "to", "to_nth"),
    [
        ("# comment", 1, "@os.fspath", 1),
        ("", 1, "@os.fspath", 1),
        ("):", 1, "if a:", 1),
        ("else:", 1, "b = (", 1),
        ("# outer", 1, "def g(): return 1", 1),
        ("more", 1, "if a:", 1),
        ("}", 1, "return lambda: (", 1),
    ],
)
def test_a_line_without_code_moves_to_the_next_of_its_block(
    example: Source, text: str, nth: int, to: str, to_nth: int
) -> None:
    line = number(text, nth)
    assert resolve_line(example, line) == (number(to, to_nth), f"line {line} has no code")


@pytest.mark.parametrize(
    ("text", "block"),
    [
        (")", "the function f"),
        ("# end of f", "the function f"),
        ("# still f", "the function f"),
        ("# end of m", "the function K.m"),
        ("# end of K", "the class K"),
        ("z = 1", "the file"),
    ],
)
def test_a_line_after_the_last_of_its_block_says_so(example: Source, text: str, block: str) -> None:
    line = number(text)
    assert resolve_line(example, line) == (None, f"no code from line {line} to the end of {block}")


def test_a_line_outside_the_file_says_so(example: Source) -> None:
    count = len(TEXT.splitlines())
    assert resolve_line(example, count + 1) == (None, f"the file has {count} lines")
    assert resolve_line(example, 0) == (None, "lines count from 1")
    assert resolve_line(Source("a", ""), 1) == (None, "the file has 0 lines")


def test_an_annotation_that_nobody_evaluates_is_no_line_with_code() -> None:
    text = Source("a.py", "def f(\n    a: int,\n    b: str,\n):\n    return a\n\nclass K:\n    x: int\n    y = 1\n")
    assert resolve_line(text, 3)[0] in (3, 5)
    if sys.version_info >= (3, 14):
        assert resolve_line(text, 3) == (5, "line 3 has no code")
        assert resolve_line(text, 8) == (9, "line 8 has no code")


def test_an_annotate_function_that_someone_wrote_has_lines_with_code() -> None:
    assert resolve_line(Source("a.py", "def __annotate__(format, /):\n    return {}\n"), 2) == (2, "")


def test_code_that_does_not_compile_says_so() -> None:
    text = Source("a.py", "x = 1\nif\n")
    assert text.compiled() is None
    assert resolve_line(text, 1) == (None, "it does not compile: SyntaxError: invalid syntax (line 2)")


def test_compiling_shows_no_warning(recwarn: pytest.WarningsRecorder) -> None:
    assert Source("a.py", "x = 1\nx is 1\n'\\d'\n").compiled() is not None
    assert not recwarn.list


def test_qualified_names_lead_to_first_lines() -> None:
    text = Source("a.py", TEXT)
    assert text.qualnames() == {
        "f": (number("@os.fspath"), number("if a:")),
        "g": (number("def g(): return 1"),) * 2,
        "K.m": (number("def m(self):"), number('"a": self,')),
    }
    assert qualnames(text) == text.qualnames()
    assert statement_lines(text) == text.statement_lines()


def test_of_two_definitions_the_last_counts() -> None:
    assert Source("a.py", "def f():\n    a\ndef f():\n    b\n").qualnames() == {"f": (3, 4)}


# --- reading ----------------------------------------------------------------------------------------


def written(path: Path, data: bytes) -> Source:
    path.write_bytes(data)
    found = source(str(path))
    assert found is not None
    return found


def test_lines_are_pythons_lines(tmp_path: Path) -> None:
    found = written(tmp_path / "a.py", b"a\r\nb\rc\x0cd\ne\xe2\x80\xa8f\n")
    assert found.lines == ["a", "b", "c\x0cd", "e\u2028f"]
    assert found.line(2) == "b"
    assert found.line(0) == ""
    assert found.line(9) == ""


def test_coding_cookies_are_honoured(tmp_path: Path) -> None:
    assert written(tmp_path / "a.py", "# -*- coding: latin-1 -*-\nx = 'é'\n".encode("latin-1")).line(2) == "x = 'é'"
    assert written(tmp_path / "b.py", b"\xef\xbb\xbfx = '\xc3\xa9'\n").line(1) == "x = 'é'"
    assert written(tmp_path / "c.py", b"#!/x\n# vim: set fileencoding=cp1252 :\nx = '\x80'\n").line(3) == "x = '€'"


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"x = 1\ny = '\xff'\n", "not UTF-8: byte 0xff on line 2"),
        (b"# coding: utf-8\nx = '\xe9'\n", "not UTF-8: byte 0xe9 on line 2"),
        (b"# coding: nonsense\nx = 1\n", "unknown encoding: nonsense"),
        (b"x = 1\0\n", "contains NUL bytes"),
        (b"\x7fELF\0\0", "contains NUL bytes"),
        (b"# coding: ascii\nx = '\xe9'\n", "not ascii: byte 0xe9 on line 2"),
    ],
)
def test_what_is_no_text_has_a_problem_in_words(tmp_path: Path, data: bytes, problem: str) -> None:
    found = written(tmp_path / "a.py", data)
    assert found.problem is not None
    assert problem in found.problem.lower() or problem in found.problem
    assert found.compiled() is None
    assert resolve_line(found, 1) == (None, found.problem)
    assert found.lines


def test_an_edited_file_is_read_again_and_an_unchanged_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    first = written(path, b"x = 1\n")
    assert source(str(path)) is first
    assert written(path, b"x = 12\n").text == "x = 12\n"
    second = source(str(path))
    path.write_bytes(b"x = 34\n")
    os.utime(path, ns=(1, 1))
    found = source(str(path))
    assert found is not second
    assert found is not None
    assert found.text == "x = 34\n"


def test_a_file_that_is_gone_keeps_its_last_text(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    written(path, b"x = 1\n")
    path.unlink()
    found = source(str(path))
    assert found is not None
    assert found.text == "x = 1\n"


def test_what_is_not_there_has_no_source(tmp_path: Path) -> None:
    assert source(str(tmp_path / "none.py")) is None
    assert source(str(tmp_path)) is None
    assert source("<frozen no_such_module>") is None
    assert source("") is None
    assert source("a\0b") is None
    os.mkfifo(tmp_path / "fifo")
    assert source(str(tmp_path / "fifo")) is None


def test_a_member_of_a_zip_file_is_read_through_its_loader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("zipped_module.py", "x = 1\n\ndef f():\n    return x\n")
    monkeypatch.syspath_prepend(str(archive))
    import zipped_module  # type: ignore[import-not-found]

    try:
        found = source(zipped_module.__file__, vars(zipped_module))
        assert found is not None
        assert found.line(4) == "    return x"
        assert source(zipped_module.f.__code__.co_filename) is not None
    finally:
        del sys.modules["zipped_module"]


def test_a_loader_that_fails_is_no_source() -> None:
    class Loader:
        def get_source(self, name: str) -> str:
            raise SystemError

    assert source("/no/where.py", {"__loader__": Loader(), "__name__": "a", "__file__": "/no/where.py"}) is None


def test_cells_are_found_in_linecache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(linecache.cache, "<ipython-input-1>", (6, None, ["x = 1\n", "y\n"], "<ipython-input-1>"))
    found = source("<ipython-input-1>")
    assert found is not None
    assert found.lines == ["x = 1", "y"]
    monkeypatch.setitem(linecache.cache, "<ipython-input-1>", (6, None, ["x = 2\n"], "<ipython-input-1>"))
    again = source("<ipython-input-1>")
    assert again is not None
    assert again.lines == ["x = 2"]


def test_a_registered_text_is_found() -> None:
    register("<string>", "a = 1\nb = 2")
    found = source("<string>")
    assert found is not None
    assert found.lines == ["a = 1", "b = 2"]
    register("<string>", "c")
    again = source("<string>")
    assert again is not None
    assert again.lines == ["c"]


def test_reading_works_while_the_program_has_mocked_open_and_os(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mocked.py"
    path.write_bytes(b"x = 1\n")
    name = str(path)
    with monkeypatch.context() as patch:
        patch.setattr(builtins, "open", None)
        for function in ("stat", "lstat", "readlink", "getcwd"):
            patch.setattr(os, function, None)
        found = source(name)
    assert found is not None
    assert found.text == "x = 1\n"


def test_a_frozen_module_of_the_library_has_the_source_of_its_file() -> None:
    found = source("<frozen os>")
    assert found is not None
    assert found.text == source(os.__file__).text
