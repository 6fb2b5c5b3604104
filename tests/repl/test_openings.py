"""In which string a line begins, so that a part of a file is coloured as the whole would be."""

from __future__ import annotations

import io
import sysconfig
import tokenize
from pathlib import Path

import pytest

from lowdb.program.sources import Source
from lowdb.repl.openings import long_strings, opening_at

TEXT = '''"""Module
doc."""
x = """one line"""
y = rb"""two
lines""" + 'not """ one'  # nor """ this
def f():
    \'\'\'doc "quoted"
    \\\'\'\' still
    end\'\'\'
    return f"""a {x}
{y}"""
'''


def test_each_long_string_is_found_with_its_opening() -> None:
    assert long_strings(TEXT) == [(1, 2, '"""'), (4, 5, 'rb"""'), (7, 9, "'''"), (10, 11, 'f"""')]


def test_a_line_knows_the_string_that_it_begins_in() -> None:
    source = Source("/x.py", TEXT)
    found = {line: opening for line in range(1, 13) if (opening := opening_at(source, line))}
    assert found == {2: '"""', 5: 'rb"""', 8: "'''", 9: "'''", 11: 'f"""'}


def test_a_file_that_has_changed_is_read_again() -> None:
    assert opening_at(Source("/y.py", '"""\na\n"""'), 2) == '"""'
    assert opening_at(Source("/y.py", "1\n2\n3"), 2) == ""


def test_a_string_without_an_end_goes_to_the_end() -> None:
    assert long_strings("x = '''\na\nb") == [(1, 3, "'''")]


@pytest.mark.parametrize("name", ["argparse", "typing", "pathlib/__init__", "textwrap", "dataclasses"])
def test_it_agrees_with_the_tokenizer_on_real_files(name: str) -> None:
    file = Path(sysconfig.get_path("stdlib"), f"{name}.py")
    if not file.exists():  # pathlib was one file until 3.12
        file = Path(sysconfig.get_path("stdlib"), f"{name.partition('/')[0]}.py")
    text = file.read_text(encoding="utf-8")
    starts = {tokenize.STRING, getattr(tokenize, "FSTRING_START", -1)}
    wanted, open_since = [], 0
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.STRING and token.start[0] != token.end[0]:
            wanted.append((token.start[0], token.end[0]))
        elif token.type in starts - {tokenize.STRING}:
            open_since = token.start[0]
        elif token.type == getattr(tokenize, "FSTRING_END", -2) and open_since != token.end[0]:
            wanted.append((open_since, token.end[0]))
    assert [(first, last) for first, last, _ in long_strings(text)] == wanted
