"""The names that text in a frame can use, read without running any of the program's code: not even a key's `__eq__`."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from lowdb.program.dollars import PREFIX
from lowdb.program.evaluate import scratch
from lowdb.program.guard import MISSING, class_name
from lowdb.program.scopes import is_function, locals_snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from types import FrameType
    from typing import Any

SCANNED = 100_000
"""Names of one namespace, or keys of one dict, that are looked through."""


def is_one_of(kind: type, kinds: Iterable[type]) -> bool:
    """Whether it is one of those, by identity: `in` would ask a metaclass for `__eq__`, a set for `__hash__`."""
    return any(kind is one for one in kinds)


class Unresolved(Exception):
    """It has no value that can be known. `whose`: the code that would have to run for it, in words, or "".

    `why`: what is wrong with it in any case, or "".
    """

    def __init__(self, whose: str = "", why: str = "") -> None:
        super().__init__(whose or why)
        self.whose = whose
        self.why = why


class Names:
    """The namespaces of a frame, the nearest first, and `extra`: the values of the `$names`."""

    def __init__(self, frame: FrameType, extra: Mapping[str, object]) -> None:
        aside = scratch(frame)
        local = locals_of(frame)
        spaces: list[tuple[str, Any]] = [("local", aside)] if aside else []
        spaces.insert(0, ("local", frame.f_globals if local is None else local))
        if local is not None:
            spaces.append(("global", frame.f_globals))
        self.spaces = [*spaces, ("builtin", frame.f_builtins)]
        """(kind, dict) of each namespace."""
        self.extra = extra
        self.loops: Mapping[str, str] = {}
        """Names that a loop in the text binds, with the expression that it loops over."""

    def get(self, name: str) -> object:
        """The value of a name. Raises Unresolved."""
        if name.startswith(PREFIX):
            name = f"${name[len(PREFIX) :]}"
        if name in self.extra:
            return self.extra[name]
        for _, space in self.spaces:
            value = entry(space, name)
            if value is not MISSING:
                return value
        raise Unresolved(why=f"no name {name!r} here")


def locals_of(frame: FrameType) -> dict[str, object] | None:
    """The local and closure names of a frame, None where they are its globals: in a module."""
    if is_function(frame.f_code):
        return locals_snapshot(frame)
    namespace = frame.f_locals
    if namespace is frame.f_globals:
        return None
    if issubclass(type(namespace), dict) or class_name(type(namespace)) == "FrameLocalsProxy":
        return locals_snapshot(frame)
    return {}  # a mapping of the program's own, which only its code can read


def entries(namespace: Any) -> Iterator[tuple[str, Any]]:
    """The names of a dict or of a view of a class's dict that are exact strings, with their values."""
    pairs = dict.items(namespace) if issubclass(type(namespace), dict) else namespace.items()
    try:
        found = list(islice(pairs, SCANNED))
    except RuntimeError:  # another thread changed it meanwhile
        return iter(())
    return ((name, value) for name, value in found if type(name) is str)


def entry(namespace: Any, name: str) -> Any:
    """What the namespace holds for `name`, MISSING for nothing. Compares exact strings only: no key's own `__eq__`."""
    return next((value for key, value in entries(namespace) if key == name), MISSING)
