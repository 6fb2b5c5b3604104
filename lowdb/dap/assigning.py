"""Writes a new value where a variable of the client's is: a name of a scope, an item, an attribute."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lowdb.dap.registry import Refused
from lowdb.program.children import children
from lowdb.program.guard import type_name
from lowdb.program.scopes import variables

if TYPE_CHECKING:
    from types import FrameType

    from lowdb.dap.values import Held

_PAGE = 1000


def assign_in_scope(frame: FrameType, which: str, name: str, value: object) -> None:
    """Bind `name` anew. Raises Refused where the scope has no such name, CannotAssign and the like."""
    for one in variables(frame, which):  # type: ignore[arg-type]
        if one.name == name:
            one.assign(value)
            return
    raise Refused(f"there is no variable {name!r} in this scope")


def assign_in_value(held: Held, name: str, value: object) -> None:
    """Set the child `name` of a value: an item as it was shown, an attribute, a property."""
    target: Any = held.value
    kind = type(target)
    if name[:1] == "[":
        if issubclass(kind, dict):
            target[_key(target, name)] = value
        elif issubclass(kind, tuple):
            raise Refused(f"the items of a {type_name(target)} cannot be changed")
        else:
            number = name[1:-1]
            if not number.isdecimal():
                raise Refused(f"{type_name(target)} has no item {name}")
            target[int(number)] = value
    elif name[:1] == "{":
        raise Refused(f"the items of a {type_name(target)} cannot be changed one by one")
    else:
        setattr(target, name, value)


def _key(target: dict[Any, Any], name: str) -> object:
    """Return the key that is shown as `name`. Raises Refused where it is none, or may be one of several."""
    found: list[object] = []
    for start in range(0, dict.__len__(target), _PAGE):
        here = [child.name for child in children(target, start, _PAGE) if child.kind == "item"]
        keys = list(dict.keys(target))[start : start + _PAGE] if name in here else []
        found += [key for key, shown in zip(keys, here, strict=False) if shown == name]
    if not found:
        raise Refused(f"there is no item {name}")
    if len(found) > 1:
        raise Refused(f"more than one key is shown as {name}: set it by an expression")
    return found[0]
