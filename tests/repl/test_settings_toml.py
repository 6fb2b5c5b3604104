"""TOML as lowdb reads it by itself and as it changes it: never otherwise than tomllib, never more than asked."""

from __future__ import annotations

import tomllib

import pytest

from lowdb.repl.toml import Unclear, quoted, quoted_key, statements, values
from lowdb.repl.tomledit import Refused, with_value, without

PLAIN = """\
# a person's file
[ui]
theme = "monokai"   # dark
"context" = 5
[print]
depth=4
[alias]
pl = 'p "x" \\n'
empty = ""
words = "say \\"x\\" \\\\ twice\\\\\\\\ and \\t\\n"
[startup]
commands = ["b main", # first
  "c",
]
[a.b]
deep = -3
"""

RIGHT_BUT_NOT_PLAIN = [
    'a = "\\u00e9"',
    'a = """\nlong\n"""',
    "a = '''it's'''",
    "a = 1.5",
    "a = 0x1f",
    "a = 1_000",
    "a = 2026-01-02",
    "a = {b = 1, c = [2]}",
    "a.b = 1",
    "[[a]]\nb = 1",
    "\"a\" = 1\n'b c' = [1.5]",
]

WRONG = [
    'a = "x\\\\\\q"',
    "a",
    "a =",
    "= 1",
    "a = 1 2",
    "a = 1\na = 2",
    "[a]\n[a]",
    "[a\nb = 1",
    "a = 01",
    "a = tru",
    'a = "x',
    "a = 'x\n'",
    "a = [1 2]",
    "a = [,]",
    "a = [1,,2]",
    "a = [1",
    'a = "\x01"',
    "a = 1\n[a]",
    "a = 1\r# c",
    "[a]\u2028# c",
    "a = {b = 1",
    'a = """x',
    "[]",
    "a = 1 b = 2",
]


def test_plain_toml_is_what_tomllib_says() -> None:
    assert values(PLAIN) == tomllib.loads(PLAIN)
    assert values(PLAIN.replace("\n", "\r\n")) == tomllib.loads(PLAIN)
    assert values("") == values("\n# nothing\n") == {}


@pytest.mark.parametrize("text", [*RIGHT_BUT_NOT_PLAIN, *WRONG])
def test_what_is_not_plain_is_left_to_tomllib(text: str) -> None:
    with pytest.raises(Unclear):
        values(text)


@pytest.mark.parametrize("text", [PLAIN, *RIGHT_BUT_NOT_PLAIN])
def test_every_right_text_is_taken_apart_into_its_statements(text: str) -> None:
    for one in statements(text):
        if one.key:
            assert tomllib.loads(f"x = {text[one.value : one.end]}")
        assert text[: one.start].count("\n") + 1 == one.line


def test_only_the_table_asked_for_need_be_plain() -> None:
    text = "[project]\nversion = 1.5\n[tool.lowdb.print]\ndepth = 2\n[[tool.mypy.overrides]]\nx.y = 1\n"
    assert values(text, ("tool", "lowdb")) == {"print": {"depth": 2}}
    with pytest.raises(Unclear):
        values("tool = {lowdb = {}}", ("tool", "lowdb"))


@pytest.mark.parametrize(
    "value", [True, False, 0, -7, "", "p len(%1)", 'say "x"', 'it\'s \\ "x"', "a\tb\nc\x7f", "é\x00"]
)
def test_what_is_written_is_read_again(value: bool | int | str) -> None:
    assert tomllib.loads(f"{quoted_key('a b')} = {quoted(value)}") == {"a b": value}
    assert tomllib.loads(f"x = {quoted([value, 1])}") == {"x": [value, 1]}


EDITS = [
    ("", "[ui]\ntheme = 5\n"),
    ("# only words", "# only words\n\n[ui]\ntheme = 5\n"),
    ("[print]\ndepth = 1\n", "[print]\ndepth = 1\n\n[ui]\ntheme = 5\n"),
    ("[ui]\n", "[ui]\ntheme = 5\n"),
    ("[ui]", "[ui]\ntheme = 5\n"),
    ("[ui]  # mine\n\n# the rest\n[print]\n", "[ui]  # mine\ntheme = 5\n\n# the rest\n[print]\n"),
    ("[ui]\n  a = 1 # one\n\n[print]\n", "[ui]\n  a = 1 # one\n  theme = 5\n\n[print]\n"),
    ("[ui]\ntheme='old'#why\nb=2\n", "[ui]\ntheme=5#why\nb=2\n"),
    ('[ui]\ntheme = """\nold\n""" # x\n', "[ui]\ntheme = 5 # x\n"),
    ('["ui"]\n"theme" = 1\n', '["ui"]\n"theme" = 5\n'),
    ("ui.theme = 1\n", "ui.theme = 5\n"),
    ("ui.a = 1\n", "ui.a = 1\nui.theme = 5\n"),
    ("[ui]\r\na = 1\r\n", "[ui]\r\na = 1\r\ntheme = 5\r\n"),
    ("[ui]\nlist = [\n 1,\n] # l\n[x]\n", "[ui]\nlist = [\n 1,\n] # l\ntheme = 5\n[x]\n"),
    ("[ui]\nword = '[ui]'\n", "[ui]\nword = '[ui]'\ntheme = 5\n"),
    ("[ui.sub]\na = 1\n", "[ui.sub]\na = 1\n\n[ui]\ntheme = 5\n"),
]


@pytest.mark.parametrize(("before", "after"), EDITS)
def test_a_change_leaves_everything_else_as_it_was(before: str, after: str) -> None:
    assert with_value(before, "ui", "theme", 5) == after


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("ui = {a = 1}\n", "line 1 gives ui in one piece"),
        ("[ui]\ntheme = \n", "not TOML: .*line 2"),
        ("ui = 3\n", "in one piece"),
        ("[[ui]]\na = 1\n", "is no table"),
        ("[ui.theme]\na = 1\n", "mean something else|not TOML"),
    ],
)
def test_what_cannot_be_changed_surely_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        with_value(text, "ui", "theme", 5)


def test_a_line_is_taken_out_with_its_comment_and_nothing_else() -> None:
    assert without("[ui]\na = 1\ntheme = 5 # x\n# b\n", "ui", "theme") == "[ui]\na = 1\n# b\n"
    assert without("[ui]\ntheme = 5", "ui", "theme") == "[ui]\n"
    assert without("ui.theme = 5\nx = 1\n", "ui", "theme") == "x = 1\n"
    assert without("[ui]\na = 1\n", "ui", "theme") == "[ui]\na = 1\n"
    with pytest.raises(Refused, match="inside a value"):
        without("ui = {theme = 1}\n", "ui", "theme")
