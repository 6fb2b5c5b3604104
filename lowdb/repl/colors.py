"""Whether there is colour: one rule for everything that lowdb shows on a terminal. Plain text never has any."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def colored(choice: object, environment: Mapping[str, str], terminal: bool = True) -> bool:
    """Whether to use colour, where `choice` is the setting `color` and `terminal` says whether output is one.

    `always` and `never` are obeyed: what a person chose for lowdb wins over what they chose for all programs. With
    `auto` the order is the interpreter's own: PYTHON_COLORS, NO_COLOR, FORCE_COLOR, TERM=dumb, is it a terminal.
    """
    if choice in ("always", "never"):
        return choice == "always"
    if environment.get("PYTHON_COLORS") in ("0", "1"):
        return environment["PYTHON_COLORS"] == "1"
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR"):
        return True
    return terminal and environment.get("TERM") != "dumb"
