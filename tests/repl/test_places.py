"""Where settings and state lie, on every platform and for people who have no home."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from lowdb.program.paths import START_DIRECTORY
from lowdb.repl import places
from lowdb.repl.places import Places, find_places, write_whole

if TYPE_CHECKING:
    from pathlib import Path


def on(monkeypatch: pytest.MonkeyPatch, platform: str) -> None:
    facts = SimpleNamespace(windows=platform == "windows", macos=platform == "macos")
    monkeypatch.setattr(places, "INTERPRETER", facts)


def found(**environment: str) -> tuple[str, str]:
    answer = find_places(environment)
    return answer.config, answer.state


@pytest.mark.parametrize(
    ("platform", "environment", "config", "state"),
    [
        ("linux", {"HOME": "/h"}, "/h/.config/lowdb/config.toml", "/h/.local/state/lowdb"),
        ("linux", {"HOME": "/h", "XDG_CONFIG_HOME": "/c"}, "/c/lowdb/config.toml", "/h/.local/state/lowdb"),
        ("linux", {"HOME": "/h", "XDG_STATE_HOME": "/s"}, "/h/.config/lowdb/config.toml", "/s/lowdb"),
        ("linux", {"HOME": "/h", "XDG_CONFIG_HOME": "c"}, "/h/.config/lowdb/config.toml", "/h/.local/state/lowdb"),
        ("linux", {"HOME": "/h", "LOWDB_CONFIG": "/my.toml"}, "/my.toml", "/h/.local/state/lowdb"),
        ("linux", {"HOME": "/h", "LOWDB_CONFIG": ""}, "", "/h/.local/state/lowdb"),
        ("linux", {"HOME": "/"}, "/.config/lowdb/config.toml", "/.local/state/lowdb"),
        ("linux", {"HOME": "here"}, "", ""),
        ("linux", {"HOME": "/a\0b"}, "", ""),
        ("linux", {}, "", ""),
        (
            "macos",
            {"HOME": "/h"},
            "/h/Library/Application Support/lowdb/config.toml",
            "/h/Library/Application Support/lowdb",
        ),
        ("macos", {"HOME": "/h", "XDG_CONFIG_HOME": "/c", "XDG_STATE_HOME": "/s"}, "/c/lowdb/config.toml", "/s/lowdb"),
        ("windows", {"APPDATA": "/r", "LOCALAPPDATA": "/l"}, "/r/lowdb/config.toml", "/l/lowdb"),
        ("windows", {"HOME": "/h"}, "", ""),
    ],
)
def test_each_platform_has_its_places(
    monkeypatch: pytest.MonkeyPatch, platform: str, environment: dict[str, str], config: str, state: str
) -> None:
    on(monkeypatch, platform)
    assert found(**environment) == (config, state)


def test_a_settings_file_named_relatively_is_that_of_the_start_directory() -> None:
    assert found(LOWDB_CONFIG="my.toml")[0] == os.path.join(START_DIRECTORY, "my.toml")


def test_the_directory_of_a_state_file_is_made_for_its_owner_only(tmp_path: Path) -> None:
    path = Places("", str(tmp_path / "state" / "lowdb")).state_file("breakpoints/x.json")
    assert path == str(tmp_path / "state" / "lowdb" / "breakpoints" / "x.json")
    assert os.listdir(os.path.dirname(path)) == []
    assert os.stat(os.path.dirname(path)).st_mode & 0o777 == 0o700


def test_where_nothing_can_be_written_there_is_no_state_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert Places("", str(tmp_path / "file" / "lowdb")).state_file("history") == ""
    assert Places().state_file("history") == ""


def test_a_file_is_replaced_as_a_whole_and_keeps_its_mode_and_its_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    write_whole(str(real), "one\n")
    assert real.stat().st_mode & 0o777 == 0o600
    real.chmod(0o644)
    link.symlink_to(real)
    write_whole(str(link), "zwei ä\udcff\n")
    assert real.read_bytes() == b"zwei \xc3\xa4\xff\n"
    assert (link.is_symlink(), real.stat().st_mode & 0o777) == (True, 0o644)
    assert sorted(os.listdir(tmp_path)) == ["link", "real"]


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    path.write_text("old")

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(places, "_replace", refuse)
    with pytest.raises(OSError, match="No space"):
        write_whole(str(path), "new")
    assert (path.read_text(), os.listdir(tmp_path)) == ("old", ["file"])
