"""Settings: their kinds, the environment."""

from __future__ import annotations

import pytest

from lowdb.repl.settings import ENGINE, KEY_NAMES, KINDS, Settings, from_environment
from lowdb.terminal import keys


def test_every_setting_takes_its_own_default_back_as_text() -> None:
    settings = Settings()
    for name, kind in KINDS.items():
        assert settings.set(name, str(kind.default)) == kind.default


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("context", "many", "number from 0"),
        ("depth", "0", "number from 1"),
        ("stop_world", "perhaps", "true or false"),
        ("ui", "gui", "one of auto, plain, tty"),
    ],
)
def test_a_value_that_is_not_allowed_says_what_is(name: str, text: str, words: str) -> None:
    settings = Settings()
    with pytest.raises(ValueError, match=words):
        settings.set(name, text)
    assert settings[name] == KINDS[name].default


def test_words_for_yes_and_no() -> None:
    settings = Settings()
    for text in ("off", "no", "False", "0", "'false'"):
        assert settings.set("stop_world", text) is False
    for text in ("on", "yes", "TRUE", "1"):
        assert settings.set("stop_world", text) is True


def test_the_environment_sets_what_it_names_and_its_faults_are_told() -> None:
    settings = Settings()
    problems = from_environment(settings, {
        "LOWDB_UI": "plain", "LOWDB_CONTEXT": "5", "LOWDB_DEPTH": "deep", "LOWDB_HISTORY": "/x/y",
    })  # fmt: skip
    assert (settings["ui"], settings.number("context")) == ("plain", 5)
    assert (settings.source("context"), settings.source("depth")) == ("LOWDB_CONTEXT", "")
    assert settings.number("depth") == KINDS["depth"].default
    assert len(problems) == 1
    assert problems[0].startswith("LOWDB_DEPTH: depth is a number")


def test_what_the_engine_obeys_are_settings() -> None:
    assert set(KINDS) >= ENGINE


def test_every_key_that_a_line_can_be_given_to_is_one_that_the_terminal_knows() -> None:
    assert {name for name, _ in keys._names()} == KEY_NAMES
