"""Has those who keep a copy of a setting follow it: the engine's options, the person's own code, where files are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lowdb.program.paths import map_directories
from lowdb.repl.settings import ENGINE

if TYPE_CHECKING:
    from lowdb.engine.debugger import Debugger
    from lowdb.repl.settings import Settings


def obey(debugger: Debugger, settings: Settings, name: str) -> None:
    """Follow one setting as it is now."""
    value = settings[name]
    if name in ENGINE:
        setattr(debugger.options, name, value)
    elif name == "just_my_code":
        debugger.mycode.enabled = bool(value)


def obey_all(debugger: Debugger, settings: Settings) -> None:
    """Follow all of them, the globs of `[mycode]` and `[paths]`: for a debugger that is new."""
    if settings.paths:
        map_directories(settings.paths)
    for name in (*ENGINE, "just_my_code"):
        obey(debugger, settings, name)
    for glob in settings.exclude:
        debugger.mycode.exclude(glob)
    for glob in settings.include:
        debugger.mycode.include(glob)
