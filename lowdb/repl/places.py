"""Where a person's settings and lowdb's own notes (history, breakpoints, trust) lie on this platform.

Answers "" where there is no such place: no home, a relative one, nothing that can be written. Never raises for it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from lowdb.capabilities import INTERPRETER
from lowdb.program.paths import START_DIRECTORY

if TYPE_CHECKING:
    from collections.abc import Mapping

# As they were at the start: a program may mock them.
_open, _close, _write, _fsync = os.open, os.close, os.write, os.fsync
_replace, _unlink, _makedirs, _chmod = os.replace, os.unlink, os.makedirs, os.chmod
_stat, _isabs, _join, _split = os.stat, os.path.isabs, os.path.join, os.path.split
_realpath = os.path.realpath

CONFIG_NAME: Final = "config.toml"


class Places:
    """The settings file and the directory for state of one person; both "" by default: nowhere."""

    __slots__ = ("config", "state")

    def __init__(self, config: str = "", state: str = "") -> None:
        self.config: Final = config
        """The absolute name of config.toml, be it there or not, or ""."""
        self.state: Final = state
        """The absolute name of the directory for state, be it there or not, or ""."""

    def state_file(self, name: str) -> str:
        """The absolute name of a state file, whose directory is there now (0700); "" where that cannot be.

        `name` may hold directories: "breakpoints/shop-1f3a.json".
        """
        if not self.state:
            return ""
        path = _join(self.state, *name.split("/"))
        return path if make_directory(_split(path)[0]) else ""


def find_places(environment: Mapping[str, str]) -> Places:
    """The places that `environment` names. Looks at no disk.

    LOWDB_CONFIG is the settings file itself; set to nothing it means none. XDG_CONFIG_HOME and XDG_STATE_HOME win
    over what the platform is used to; relative names in them do not count, as the XDG specification has it.
    """
    config = _directory(environment, "XDG_CONFIG_HOME", ".config", "APPDATA")
    state = _directory(environment, "XDG_STATE_HOME", ".local/state", "LOCALAPPDATA")
    named = environment.get("LOWDB_CONFIG")
    if named is not None:
        file = _join(START_DIRECTORY, named) if named and "\0" not in named else ""
    else:
        file = _join(config, CONFIG_NAME) if config else ""
    return Places(file, state)


def _directory(environment: Mapping[str, str], xdg: str, below_home: str, on_windows: str) -> str:
    chosen = _absolute(environment.get(xdg))
    if not chosen and INTERPRETER.windows:
        chosen = _absolute(environment.get(on_windows))
    elif not chosen:
        home = _absolute(environment.get("HOME"))
        below = "Library/Application Support" if INTERPRETER.macos else below_home
        chosen = home and _join(home, below)
    return chosen and _join(chosen, "lowdb")


def _absolute(name: str | None) -> str:
    return name if name and _isabs(name) and "\0" not in name else ""


def make_directory(directory: str) -> bool:
    """Make a directory (0700) and those above it; whether it is there."""
    try:
        _makedirs(directory, 0o700, exist_ok=True)
    except (OSError, ValueError):
        return False
    return True


def write_whole(path: str, text: str, mode: int = 0o600) -> None:
    """Put `text` (UTF-8) in the place of what `path` holds, all of it or nothing. Raises OSError.

    A file that is there keeps its mode, and a link stays a link: the file it leads to is replaced. A new one gets
    `mode`. The directory must be there.
    """
    path = _realpath(path)
    try:
        mode = _stat(path).st_mode & 0o7777
    except OSError:
        pass
    data = text.encode("utf-8", "surrogateescape")
    beside = f"{path}.{os.getpid()}.new"
    try:
        _unlink(beside)
    except OSError:
        pass
    descriptor = _open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        try:
            while data:
                data = data[_write(descriptor, data) :]
            _fsync(descriptor)
        finally:
            _close(descriptor)
        if mode != 0o600:
            _chmod(beside, mode)
        _replace(beside, path)
    except BaseException:
        try:
            _unlink(beside)
        except OSError:
            pass
        raise
