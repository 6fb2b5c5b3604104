"""The modules that a program has loaded, as an `import` that is being typed may name them. Imports nothing."""

from __future__ import annotations

import sys
from types import ModuleType

from lowdb.program.guard import instance_dict


def module_names(prefix: str) -> list[tuple[str, str]]:
    """The next part of each loaded module's name that begins with `prefix`, the whole name up to it; and a word."""
    depth = prefix.count(".")
    found: dict[str, str] = {}
    for name in list(sys.modules):
        if type(name) is str and name.startswith(prefix) and name != "lowdb" and not name.startswith("lowdb."):
            parts = name.split(".")
            if len(parts) > depth:
                found[".".join(parts[: depth + 1])] = "module"
    if not depth:
        for name in sys.stdlib_module_names:
            if name.startswith(prefix):
                found.setdefault(name, "standard library")
    return sorted(found.items())


def imported(name: str) -> object | None:
    """The loaded module of this name, None where there is none."""
    module = sys.modules.get(name)
    return module if issubclass(type(module), ModuleType) and instance_dict(module) is not None else None
