"""Whose start-up commands are run: a note in the person's state of each project file and the very commands it had.

What a project says later is new: trusted are those commands, not whatever the file may hold one day.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lowdb.program.imports import standard
from lowdb.program.paths import canonical
from lowdb.repl.places import write_whole

if TYPE_CHECKING:
    from lowdb.repl.places import Places

NOTE: Final = "trusted.json"


class NoPlace(Exception):
    """Nothing can be noted; the text says why."""


def is_trusted(places: Places, file: str, commands: list[str]) -> bool:
    """Whether the person trusted these commands of this file."""
    return bool(commands) and _noted(places).get(canonical(file)) == commands


def trust(places: Places, file: str, commands: list[str]) -> None:
    """Note that these commands of `file` may be run; no commands: that none may. Raises NoPlace."""
    with standard("json"):
        import json  # start-up: only for --trust

    noted = _noted(places)
    if commands:
        noted[canonical(file)] = commands
    else:
        noted.pop(canonical(file), None)
    note = places.state_file(NOTE)
    if not note:
        raise NoPlace(f"there is no directory that could hold {NOTE} ({places.state or 'HOME is not set'})")
    try:
        write_whole(note, json.dumps(noted, indent=1) + "\n")
    except OSError as error:
        raise NoPlace(f"{note}: {error.strerror}") from None


def _noted(places: Places) -> dict[str, object]:
    if not places.state:
        return {}
    with standard("json"):
        import json  # start-up: only where a project has commands

    try:
        with open(f"{places.state}/{NOTE}", encoding="utf-8") as stream:
            noted = json.load(stream)
    except (OSError, ValueError, RecursionError):
        return {}
    return noted if type(noted) is dict else {}
