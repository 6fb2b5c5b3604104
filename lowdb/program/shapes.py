"""Values as trees of text. Builtin containers are walked here with their own methods, never with the program's."""

from __future__ import annotations

import builtins
import gc
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING

from lowdb.program.arrays import array, column, row
from lowdb.program.fields import enum_name, named_fields
from lowdb.program.guard import Budget, attribute, class_attribute, class_name, class_place, clean, mro, type_name
from lowdb.program.leaves import LEAVES, SUBCLASSED, bare
from lowdb.program.tree import Branch, line_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from lowdb.program.limits import Limits
    from lowdb.program.tree import Shape

_exception_args = BaseException.__dict__["args"].__get__
_FROZEN_DICT: Any = getattr(builtins, "frozendict", None)  # PEP 814, 3.15


class Shaper:
    """One look at a value. Its limits bound depth, items, characters and the time of the program's own reprs."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.budget = Budget(limits.seconds)
        self.left = limits.width
        """Characters that may still be shown; with none left containers open no more."""
        self._open: set[int] = set()

    def shape(self, value: object, depth: int = 0) -> Shape:
        """Return the tree of a value. May raise where the stack or the memory is at its end."""
        shape = self._shape(value, type(value), depth)
        if type(shape) is str:
            self.left -= len(shape)
        return shape

    def _shape(self, value: Any, kind: type, depth: int) -> Shape:
        leaf = LEAVES.get(kind)
        if leaf is not None:
            return leaf(value, self.limits)
        walk = _CONTAINERS.get(kind)
        if walk is not None:
            return self._opened(value, depth, "", walk)
        part = row(self, value, kind, depth) or column(self, value, kind, depth)
        if part is not None:
            return part
        represent = class_attribute(kind, "__repr__")
        found = self._known(value, kind, represent, depth)
        if found is not None:
            return found
        if represent is object.__repr__ or not self.limits.own_repr:
            return bare(value, address=self.limits.own_repr)
        text = self.budget.repr(value)
        return bare(value) if text is None else self._cut(text)

    def _known(self, value: Any, kind: type, represent: Any, depth: int) -> Shape | None:
        """Return the tree of a value that needs no code of the program to be shown, None for others."""
        name = class_name(kind)
        if issubclass(kind, BaseException) and represent is BaseException.__repr__:
            arguments = [("", argument) for argument in _exception_args(value)]
            return self._opened(value, depth, name, _listed(arguments))
        fields = named_fields(value, kind, represent)
        if fields is not None:
            return self._opened(value, depth, name, _listed([(f"{clean(field)}=", item) for field, item in fields]))
        if issubclass(kind, type) and (represent is type.__repr__ or not self.limits.own_repr):
            return f"<class '{class_place(value)}'>"
        member = enum_name(value, kind, represent)
        if member is not None:
            return f"<{name}.{clean(member)}: {line_of(self.shape(attribute(value, '_value_'), depth + 1))}>"
        for base, walk in _BASES:
            if issubclass(kind, base) and represent is base.__repr__:
                return self._opened(value, depth, name, walk)
        for base, leaf in SUBCLASSED:
            if issubclass(kind, base) and represent is base.__repr__:
                return f"{name}({leaf(value, self.limits)})"
        return self._collection(value, kind, name, represent, depth) or array(self, value, kind, depth)

    def _collection(self, value: Any, kind: type, name: str, represent: Any, depth: int) -> Shape | None:
        for base in mro(kind):
            walk = _COLLECTIONS.get(class_place(base))
            if walk is not None and represent is class_attribute(base, "__repr__"):
                return self._opened(value, depth, name, _based(walk, base))
        if name in ("odict_keys", "odict_values", "odict_items"):  # their repr makes that of every item
            return bare(value)
        return None

    # --- containers -------------------------------------------------------------------------------

    def _opened(self, value: Any, depth: int, name: str, walk: Callable[[Shaper, Any, int, str], Shape]) -> Shape:
        if id(value) in self._open:
            return f"{name}(...)" if name else _AGAIN.get(type(value), "(...)")
        self._open.add(id(value))
        try:
            return walk(self, value, depth, name)
        finally:
            self._open.discard(id(value))

    def parts(self, items: Iterable[tuple[str, Any]], length: int, depth: int, opening: str, closing: str) -> Shape:
        """Return a container of `length` items between its brackets."""
        shut = closing.lstrip(",")
        if not length:
            return opening + shut
        if depth >= self.limits.depth or self.left <= 0:
            return f"{opening}… {length:,} item{'s' if length != 1 else ''}{shut}"
        self.left -= len(opening) + len(shut)
        shown: list[tuple[str, Shape]] = []
        for before, item in items:
            if len(shown) >= self.limits.items or self.left <= 0:
                break
            self.left -= len(before) + 2
            shown.append((before, self.shape(item, depth + 1)))
        more = length - len(shown)
        return Branch(opening, shown, closing, f"… {more:,} more" if more > 0 else "")

    def _row(self, name: str, items: list[Any], length: int, depth: int, opening: str, closing: str) -> Shape:
        if name:
            opening, closing = f"{name}({opening}", f"{closing.lstrip(',')})"
        return self.parts([("", item) for item in items], length, depth, opening, closing)

    def _some(self, iterable: Iterable[Any]) -> list[Any]:
        # Copied in one go: another thread, or a repr, may change the container.
        try:
            return list(islice(iterable, self.limits.items))
        except RuntimeError:  # it did
            return []

    def _pairs(self, pairs: Iterable[tuple[Any, Any]], depth: int) -> list[tuple[str, Any]]:
        if depth >= self.limits.depth or self.left <= 0:
            return []
        return [(f"{line_of(self.shape(key, depth + 1))}: ", item) for key, item in self._some(pairs)]

    def list(self, value: Any, depth: int, name: str) -> Shape:
        """Walk a list."""
        return self._row(name, self._some(list.__iter__(value)), list.__len__(value), depth, "[", "]")

    def tuple(self, value: Any, depth: int, name: str) -> Shape:
        """Walk a tuple."""
        return self._row(name, self._some(tuple.__iter__(value)), tuple.__len__(value), depth, "(", ",)")

    def set(self, value: Any, depth: int, name: str) -> Shape:
        """Walk a set."""
        length = set.__len__(value)
        return (
            self._row(name, self._some(set.__iter__(value)), length, depth, "{", "}")
            if length
            else f"{name or 'set'}()"
        )

    def frozenset(self, value: Any, depth: int, name: str) -> Shape:
        """Walk a frozenset."""
        name, length = name or "frozenset", frozenset.__len__(value)
        items = self._some(frozenset.__iter__(value))
        return self._row(name, items, length, depth, "{", "}") if length else f"{name}()"

    def dict(self, value: Any, depth: int, name: str) -> Shape:
        """Walk a dict."""
        opening, closing = (f"{name}({{", "})") if name else ("{", "}")
        return self.parts(self._pairs(dict.items(value), depth), dict.__len__(value), depth, opening, closing)

    def frozendict(self, value: Any, depth: int, name: str) -> Shape:
        """Walk a frozendict (3.15)."""
        pairs = self._pairs(_FROZEN_DICT.items(value), depth)
        return self.parts(pairs, _FROZEN_DICT.__len__(value), depth, f"{name or 'frozendict'}({{", "})")

    def view(self, value: Any, depth: int, _: str) -> Shape:
        """Walk the views and the read-only proxy of an exact dict."""
        proxy = value if type(value) is MappingProxyType else value.mapping
        under = gc.get_referents(proxy)
        if len(under) != 1 or type(under[0]) is not dict:  # the program's own mapping: looking would run its code
            return bare(value)
        if proxy is value:
            return self.parts(self._pairs(value.items(), depth), len(value), depth, "mappingproxy({", "})")
        return self._row(type_name(value), self._some(iter(value)), len(value), depth, "[", "]")

    def deque(self, value: Any, depth: int, name: str, base: Any) -> Shape:
        """Walk a deque."""
        limit = base.__dict__["maxlen"].__get__(value)
        closing = "]" if limit is None else f"], maxlen={limit}"
        return self._row(name, self._some(base.__iter__(value)), base.__len__(value), depth, "[", closing)

    def defaultdict(self, value: Any, depth: int, name: str, base: Any) -> Shape:
        """Walk a defaultdict."""
        made = base.__dict__["default_factory"].__get__(value)
        factory = class_name(made) if issubclass(type(made), type) else line_of(self.shape(made, depth + 1))
        pairs = self._pairs(dict.items(value), depth)
        return self.parts(pairs, dict.__len__(value), depth, f"{name}({factory}, {{", "})")

    def named_dict(self, value: Any, depth: int, name: str, _: Any) -> Shape:
        """Walk an OrderedDict or a Counter."""
        return self.dict(value, depth, name)

    def array(self, value: Any, depth: int, name: str, base: Any) -> Shape:
        """Walk an array.array."""
        items = base.__getitem__(value, slice(self.limits.items))
        code = base.__dict__["typecode"].__get__(value)
        return self.parts([("", item) for item in items], base.__len__(value), depth, f"{name}({code!r}, [", "])")

    def _cut(self, whole: str) -> str:
        limit = self.limits.string
        shown = clean(whole[:limit])
        more = len(whole) - limit
        return shown if more <= 0 else f"{shown}… {more:,} more characters"


def _based(walk: Callable[[Shaper, Any, int, str, Any], Shape], base: Any) -> Callable[[Shaper, Any, int, str], Shape]:
    return lambda shaper, value, depth, name: walk(shaper, value, depth, name, base)


def _listed(items: list[tuple[str, Any]]) -> Callable[[Shaper, Any, int, str], Shape]:
    return lambda shaper, _, depth, name: shaper.parts(items, len(items), depth, f"{name}(", ")")


_AGAIN: dict[type, str] = {list: "[...]", dict: "{...}"}

_CONTAINERS: dict[type, Callable[[Shaper, Any, int, str], Shape]] = {
    list: Shaper.list,
    tuple: Shaper.tuple,
    set: Shaper.set,
    frozenset: Shaper.frozenset,
    dict: Shaper.dict,
    type({}.keys()): Shaper.view,
    type({}.values()): Shaper.view,
    type({}.items()): Shaper.view,
    MappingProxyType: Shaper.view,
}
"""Exact types."""

_BASES: list[tuple[Any, Callable[[Shaper, Any, int, str], Shape]]] = [
    (list, Shaper.list),
    (tuple, Shaper.tuple),
    (set, Shaper.set),
    (frozenset, Shaper.frozenset),
    (dict, Shaper.dict),
]
"""Bases of which the program makes classes that keep the base's repr."""

if _FROZEN_DICT is not None:
    _CONTAINERS[_FROZEN_DICT] = Shaper.frozendict
    _BASES.append((_FROZEN_DICT, Shaper.frozendict))

_COLLECTIONS: dict[str, Callable[[Shaper, Any, int, str, Any], Shape]] = {
    "collections.deque": Shaper.deque,
    "collections.defaultdict": Shaper.defaultdict,
    "collections.OrderedDict": Shaper.named_dict,
    "collections.Counter": Shaper.named_dict,
    "array.array": Shaper.array,
}
"""By name, so that nothing need be imported for them."""
