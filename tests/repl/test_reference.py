"""The reference page is what the commands' docstrings say; the help is complete."""

from __future__ import annotations

from pathlib import Path

import pytest

from lowdb.repl import reference
from lowdb.repl.commands.asking import overview, page
from lowdb.repl.registry import GROUPS, Command, Registry, commands
from lowdb.repl.settings import KINDS, text_of

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "commands.md"
PDB = """
h help w where bt d down u up b break tbreak cl clear disable enable ignore condition commands s step n next unt
until j jump r return c cont continue l list ll longlist a args p pp whatis source display undisplay interact
alias unalias run restart q quit exit debug retval exceptions
"""


def test_the_reference_page_is_not_stale() -> None:
    made = reference.page()
    assert PAGE.read_text(encoding="utf-8") == made, "run: python -m lowdb.repl.reference > docs/reference/commands.md"


def test_the_tables_of_the_settings_are_not_stale() -> None:
    text = (PAGE.parent / "settings.md").read_text(encoding="utf-8")
    assert reference.with_tables(text) == text, "run: python -m lowdb.repl.reference docs/reference/settings.md"


def test_every_setting_has_its_row_with_default_values_and_variable() -> None:
    made = reference.settings_tables()
    for name, kind in KINDS.items():
        assert f"| `{name}` | `{text_of(kind.default)}` | " in made
    assert "| `color` | `auto` | `auto`, `always`, `never` | `LOWDB_COLOR` | " in made
    assert "| `history` | `10000` | a number from 0 |  | " in made
    with pytest.raises(ValueError, match="substring"):
        reference.with_tables("no place for them")


@pytest.mark.parametrize("command", list(commands), ids=lambda command: command.names[0])
def test_every_command_has_a_summary_and_prose_before_its_examples(command: Command) -> None:
    paragraphs = command.help.split("\n\n")
    assert command.summary.endswith((".", ":"))
    assert all(len(line) <= 120 for line in command.help.splitlines())
    # Python cuts the common indentation of a docstring from 3.13 on: examples alone would lose theirs.
    if len(paragraphs) > 1:
        assert not paragraphs[1].startswith(" ")
        assert paragraphs[1][0].isupper() or paragraphs[1][0] in "`%", f"an example without prose: {paragraphs[1]}"


@pytest.mark.parametrize("name", PDB.split())
def test_a_command_of_pdb_is_known_by_its_name(name: str) -> None:
    assert name in commands


@pytest.mark.parametrize("name", ["del", "set", "e", "i", "x"])
def test_some_words_are_never_commands(name: str) -> None:
    assert name not in commands


def test_only_harmless_commands_repeat_on_an_empty_line() -> None:
    repeating = {command.names[0] for command in commands if command.repeats}
    assert repeating == {"next", "step", "step!", "until", "list", "up", "down"}


def test_the_steps_are_the_commands_that_need_a_frame_that_stopped() -> None:
    steps = {command.names[0] for command in commands if command.steps}
    assert steps == {"next", "step", "step!", "finish", "until", "to"}


def test_help_has_a_line_for_each_group_and_every_command_in_one() -> None:
    text = overview()
    assert len(text.splitlines()) == len(GROUPS) + 1
    for command in commands:
        assert any(name in text.split() or f"({name})" in text.split() for name in command.names)


def test_the_help_of_break_shows_three_examples() -> None:
    command = commands.get("b")
    assert command is not None
    assert sum(line.startswith("    ") for line in page(command).splitlines()) == 3


def test_two_commands_cannot_have_one_name() -> None:
    registry = Registry()
    registry.command("a", "b", group="run")(lambda session, rest: None)
    with pytest.raises(ValueError, match="two commands named 'b'"):
        registry.command("c", "b", group="run")(lambda session, rest: None)
    with pytest.raises(ValueError, match="no group"):
        registry.command("d", group="nonsense")
