"""The parts of a value, in pages: items, attributes, and properties that run only when asked for."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from lowdb.program.guard import MISSING, class_attribute, class_dict, class_place, clean, instance_dict, mro, slots
from lowdb.program.limits import SHORT
from lowdb.program.shapes import Shaper
from lowdb.program.tree import line_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Literal


class Child:
    """One part of a value."""

    __slots__ = ("_load", "kind", "lazy", "name", "value")

    def __init__(
        self, name: str, value: object, kind: Literal["item", "attribute", "property"], load: Any = None
    ) -> None:
        self.name = name
        """`[0]`, `['key']`, `{2}` (the third of a set) or the attribute's name."""
        self.value = value
        """None while `lazy`."""
        self.kind = kind
        self.lazy = load is not None
        """The value is not known before `load`, which runs code of the program."""
        self._load = load

    def load(self) -> object:
        """Return the value; for a lazy child by running the property. Raises what that raises."""
        return self._load() if self.lazy else self.value

    def __repr__(self) -> str:
        return f"<Child {self.name} {self.kind}>"


def child_count(value: object) -> int:
    """Return how many children there are, without making them. Never raises."""
    return _item_count(value) + sum(1 for _ in _attributes(value)) + sum(1 for _ in _properties(value))


def children(value: object, start: int = 0, count: int = 100) -> list[Child]:
    """Return one page: items first, then attributes, then properties (lazy). Runs none of the program's code."""
    items = _item_count(value)
    page = list(_items(value, start, count)) if start < items else []
    page = page[:count]
    if len(page) < count:
        rest = max(start - items, 0)
        page += islice(_members(value), rest, rest + count - len(page))
    return page


_ITEMS: tuple[Any, ...] = (dict, list, tuple, set, frozenset)


def _base(value: object) -> Any:
    kind = type(value)
    for base in _ITEMS:
        if issubclass(kind, base):
            return base
    return _deque(kind)


def _deque(kind: type) -> Any:
    for base in mro(kind):
        if class_place(base) == "collections.deque":
            return base
    return None


def _item_count(value: object) -> int:
    base = _base(value)
    return 0 if base is None else base.__len__(value)


def _items(value: Any, start: int, count: int) -> Iterator[Child]:
    base = _base(value)
    end = start + count
    try:
        if base is dict:
            pairs = list(islice(dict.items(value), start, end))
            for key, item in pairs:
                yield Child(f"[{line_of(Shaper(SHORT).shape(key))}]", item, "item")
        elif base in (set, frozenset):
            for number, item in enumerate(list(islice(base.__iter__(value), start, end)), start):
                yield Child(f"{{{number}}}", item, "item")
        elif base in (list, tuple):
            for number, item in enumerate(base.__getitem__(value, slice(start, end)), start):
                yield Child(f"[{number}]", item, "item")
        elif base is not None:
            for number, item in enumerate(list(islice(base.__iter__(value), start, end)), start):
                yield Child(f"[{number}]", item, "item")
    except RuntimeError:  # another thread changed it meanwhile
        return


def _members(value: object) -> Iterator[Child]:
    yield from _attributes(value)
    yield from _properties(value)


def _attributes(value: object) -> Iterator[Child]:
    namespace = instance_dict(value)
    seen = set()
    if namespace is not None:
        for name, item in list(dict.items(namespace)):
            if type(name) is str:
                seen.add(name)
                yield Child(clean(name), item, "attribute")
    for name, item in slots(value):
        if name not in seen and not (name.startswith("__") and name.endswith("__")):
            seen.add(name)
            yield Child(name, item, "attribute")
    if issubclass(type(value), BaseException):
        for name in ("args", "__cause__", "__context__"):
            item = class_attribute(type(value), name)
            if name not in seen and type(item) is type(BaseException.__dict__["args"]):
                yield Child(name, item.__get__(value), "attribute")


def _properties(value: Any) -> Iterator[Child]:
    seen = set()
    for base in mro(type(value)):
        for name, member in list(class_dict(base).items()):
            if type(name) is not str or name in seen:
                continue
            seen.add(name)
            if type(member) is property and class_attribute(type(value), name) is not MISSING:
                yield Child(clean(name), None, "property", _loader(member, value))


def _loader(member: property, value: object) -> Any:
    return lambda: member.__get__(value, type(value))
