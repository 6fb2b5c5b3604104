"""What a value was, kept so that a later one can be told from it. Keeps no object of the program alive, runs none of
its code: identity, equality of small builtins, and of containers which objects they hold.
"""

from __future__ import annotations

from itertools import islice
from types import NoneType
from typing import TYPE_CHECKING, Final

from lowdb.program.guard import MISSING, class_place, mro
from lowdb.program.limits import Limits
from lowdb.program.values import summary

if TYPE_CHECKING:
    from typing import Any

_SCALARS: Final = frozenset({int, float, complex, bool, str, bytes, NoneType})
_CONTAINERS: Final = (list, dict, set, bytearray)
_LOOKED_AT: Final = 100
"""Items of a container that are compared, from its beginning; of a list and a dict as many from its end, too."""
_SHOWN: Final = Limits(depth=2, items=5, string=50, width=70, own_repr=False)


class Mark:
    """One value as it was."""

    __slots__ = ("_text", "_trace", "ident", "known", "nothing", "value")

    def __init__(self, value: object) -> None:
        kind = type(value)
        self.known = kind in _SCALARS
        """Whether `value` is kept: it is a plain one of the builtin types, which nobody misses."""
        self.nothing = value is MISSING
        """Whether there was no value."""
        self.value = value if self.known else None
        self.ident = 0 if is_container(value) else id(value)
        """A value with this id is the same one: what takes its place is made before it goes. 0: that tells nothing."""
        self._trace = trace(value)
        self._text = None if self.known else _words(value)

    def same(self, value: object) -> bool:
        """Whether `value` is still what it was."""
        return id(value) == self.ident or self._trace == trace(value)

    @property
    def before(self) -> object:
        """The value where it is kept, None where there was none, else its text."""
        return self.value if self.known or self.nothing else self.text

    @property
    def text(self) -> str:
        """In words, short."""
        if self._text is None:
            self._text = _words(self.value)
        return self._text


def is_container(value: object) -> bool:
    """Whether a change inside the value counts, too: list, dict, set, bytearray, deque, and classes made of them."""
    return _base(type(value)) is not None


def trace(value: Any) -> tuple[object, ...]:
    """What is compared. Holds ids of the program's objects, never the objects."""
    kind = type(value)
    if kind in _SCALARS:
        return id(kind), value if value == value else "nan"
    if kind is tuple and len(value) <= _LOOKED_AT:
        return (id(kind), *[trace(item) if type(item) in _SCALARS else id(item) for item in value])
    base = _base(kind)
    if base is None:
        return id(kind), id(value)
    length = base.__len__(value)
    return id(kind), id(value), length, *_inside(value, base, length)


def _inside(value: Any, base: Any, length: int) -> list[object]:
    try:
        if base is dict:
            ends = [islice(dict.items(value), _LOOKED_AT)]
            if length > _LOOKED_AT:
                ends.append(islice(reversed(dict.items(value)), _LOOKED_AT))
            return [part for end in ends for key, item in end for part in (_part(key), _part(item))]
        if base is bytearray:
            return [bytes(bytearray.__getitem__(value, slice(0, 1000)))]
        parts = [_part(item) for item in islice(base.__iter__(value), _LOOKED_AT)]
        if length > _LOOKED_AT and base is not set:
            parts += [_part(item) for item in islice(base.__reversed__(value), _LOOKED_AT)]
        return parts
    except RuntimeError:  # another thread is changing it
        return [object()]


def _part(item: object) -> object:
    return (id(type(item)), item) if type(item) in _SCALARS else id(item)


def _base(kind: type) -> Any:
    for base in mro(kind):
        if any(base is one for one in _CONTAINERS) or class_place(base) == "collections.deque":
            return base
    return None


def _words(value: object) -> str:
    return "(nothing)" if value is MISSING else summary(value, _SHOWN)
