"""Who says whether there is colour: the environment of all programs, the settings, the terminal itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.terminal.screen import Screen

if TYPE_CHECKING:
    from pathlib import Path

COLOUR = re.compile(r"\x1b\[(?:[0-9;]*;)?(?:3[0-7]|38;[0-9;]+|9[0-7])m")
"""A foreground colour."""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "prog.py").write_text("import sys\nx = 'text'\nprint(x)\n")
    return tmp_path


def shown(place: Path, env: dict[str, str | None], *lines: str) -> str:
    """All that is written from the first prompt on, while `lines` are typed."""
    with Screen("-m", "lowdb", "prog.py", cwd=place, env=env) as screen:
        screen.prompt()
        for line in lines[:-1]:
            screen.command(line)
        if lines:
            before = len(screen.raw)
            screen.command(lines[-1])
            return screen.raw[before:]
        return screen.raw


@pytest.mark.parametrize(
    ("env", "coloured"),
    [
        ({}, True),
        ({"NO_COLOR": "1"}, False),
        ({"NO_COLOR": ""}, True),
        ({"PYTHON_COLORS": "0"}, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ({"LOWDB_COLOR": "always", "NO_COLOR": "1"}, True),
        ({"LOWDB_COLOR": "never", "FORCE_COLOR": "1"}, False),
    ],
)
def test_the_stop_has_colour_where_the_environment_wants_it(
    place: Path, env: dict[str, str | None], coloured: bool
) -> None:
    assert bool(COLOUR.search(shown(place, env))) is coloured


def test_the_setting_is_obeyed_from_the_next_stop_on(place: Path) -> None:
    assert not COLOUR.search(shown(place, {}, "config color = never", "n"))
    assert COLOUR.search(shown(place, {"NO_COLOR": "1"}, "config color = always", "n"))


@pytest.mark.parametrize("term", ["dumb", "unknown", ""])
def test_a_terminal_without_codes_gets_none(place: Path, term: str) -> None:
    with Screen("-m", "lowdb", "prog.py", cwd=place, env={"TERM": term, "FORCE_COLOR": "1"}) as screen:
        screen.prompt()
        screen.command("p x")
        screen.enter("c")
        screen.end()
        assert "(lowdb) " in screen.raw
        assert "\x1b" not in screen.raw


def test_the_prompt_is_plain_where_colour_is_not_wanted(place: Path) -> None:
    for env, bold in ({}, True), ({"NO_COLOR": "1"}, False), ({"PYTHON_COLORS": "0"}, False):
        with Screen("-m", "lowdb", "prog.py", cwd=place, env=env) as screen:
            screen.prompt()
            assert screen.style("(lowdb)").bold is bold
