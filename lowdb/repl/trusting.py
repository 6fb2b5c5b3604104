"""`lowdb --trust` and `--untrust`: finds the project, shows its commands, notes the person's word."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from lowdb.repl.config import Broken, find_project, project_commands
from lowdb.repl.places import find_places
from lowdb.repl.trust import NoPlace, trust

if TYPE_CHECKING:
    from collections.abc import Mapping


class CannotTrust(Exception):
    """Nothing was noted; the text is one line that says why."""


def set_trust(environment: Mapping[str, str], path: str, wanted: bool) -> str:
    """Trust the start-up commands of the project that `path`, a directory or a file, is in, or no longer; what to say.

    Raises CannotTrust.
    """
    if not os.path.exists(path):
        raise CannotTrust(f"there is no {path!r}")
    root, file = find_project(path if os.path.isdir(path) else os.path.dirname(path) or os.curdir)
    try:
        commands = project_commands(file) if file else []
        if wanted and not commands:
            where = file or f"no pyproject.toml from {root} upwards"
            raise CannotTrust(f"nothing to trust: {where} has {'no' if file else 'any'} [tool.lowdb.startup] commands")
        trust(find_places(environment), file or root, commands if wanted else [])
    except Broken as error:
        raise CannotTrust(f"{file}: {error}") from None
    except NoPlace as error:
        raise CannotTrust(str(error)) from None
    if not wanted:
        return f"{file or root} is not trusted: its start-up commands are not run\n"
    shown = "".join(f"  {line}\n" for line in commands)
    return f"{file} is trusted with these start-up commands, until they change:\n{shown}"
