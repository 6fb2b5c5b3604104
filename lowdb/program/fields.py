"""Classes whose repr lists their fields or can be told without it: dataclasses, attrs, namedtuples, enums.

Reads instance dicts and slots; runs none of the program's code.
"""

from __future__ import annotations

from types import FunctionType, SimpleNamespace
from typing import TYPE_CHECKING

from lowdb.program.guard import (
    MISSING,
    attribute,
    class_attribute,
    class_place,
    instance_dict,
    mro,
)

if TYPE_CHECKING:
    from typing import Any


def named_fields(value: Any, kind: type, represent: Any) -> list[tuple[str, Any]] | None:
    """Return the names and values of the fields where the class lists fields and has no repr of its own making.

    `represent` is the class's `__repr__`, unbound.
    """
    if kind is SimpleNamespace:
        return _members(value, [name for name in instance_dict(value) or () if type(name) is str])
    if represent is not object.__repr__ and not _is_generated(represent):
        return None
    described = class_attribute(kind, "__dataclass_fields__")
    if type(described) is dict:
        return _members(value, [name for name, field in described.items() if type(name) is str and _is_shown(field)])
    attrs = class_attribute(kind, "__attrs_attrs__")
    if attrs is not MISSING and issubclass(type(attrs), tuple):
        found = [attribute(field, "name") for field in tuple.__iter__(attrs)]
        return _members(value, [name for name in found if type(name) is str])
    names = class_attribute(kind, "_fields")
    if issubclass(kind, tuple) and type(names) is tuple and len(names) == tuple.__len__(value):
        return [
            (name if type(name) is str else "?", item) for name, item in zip(names, tuple.__iter__(value), strict=True)
        ]
    return None


def enum_name(value: object, kind: type, represent: Any) -> str | None:
    """Return `RED` for a member of an Enum that has Enum's own repr; None for anything else, combined flags too."""
    if not any(class_place(base) == "enum.EnumType" for base in mro(type(kind))):
        return None
    if type(represent) is not FunctionType or not represent.__code__.co_filename.endswith("enum.py"):
        return None
    name = attribute(value, "_name_")
    return name if type(name) is str else None


def _members(value: object, names: list[str]) -> list[tuple[str, Any]]:
    found = [(name, attribute(value, name)) for name in names]
    return [(name, item) for name, item in found if item is not MISSING]


def _is_shown(field: object) -> bool:
    # A ClassVar and an InitVar are listed too, but are no fields of the instance.
    role = attribute(attribute(field, "_field_type"), "name")
    return attribute(field, "repr") is not False and role in (MISSING, "_FIELD")


_GENERATED = ("<string>", "<attrs generated")
_GENERATORS = ("dataclasses.py", "reprlib.py", "collections/__init__.py", "collections\\__init__.py")


def _is_generated(represent: Any) -> bool:
    """Return whether a `__repr__` was made by dataclasses (its recursion guard), attrs or namedtuple."""
    if type(represent) is not FunctionType:
        return False
    filename = represent.__code__.co_filename
    return filename.startswith(_GENERATED) or filename.endswith(_GENERATORS)
