"""What a value has that can be typed behind it: attributes and keys, each with a few words. Runs no code of its own.

Attributes are read from the instance dict, the slots and the dicts of the classes; keys from builtin containers only.
"""

from __future__ import annotations

from itertools import islice
from types import (
    BuiltinFunctionType,
    ClassMethodDescriptorType,
    FunctionType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodDescriptorType,
    MethodType,
    MethodWrapperType,
    ModuleType,
    WrapperDescriptorType,
)
from typing import TYPE_CHECKING, NamedTuple

from lowdb.program.describe import signature
from lowdb.program.guard import class_dict, class_name, class_place, instance_dict, mro
from lowdb.program.limits import Limits
from lowdb.program.lookup import Imagined, is_plain, module_name, own_lookup, subscripted
from lowdb.program.namespaces import SCANNED, entries, is_one_of
from lowdb.program.values import summary

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, Final

_INDEXES = 50
_ASKED = 1000
_LONGEST_KEY = 200
_MOST_KEYS = 200
_SIGNATURE = 40
_TINY: Final = Limits(depth=1, items=2, string=24, width=40, own_repr=False)
_METHODS = (
    staticmethod,
    classmethod,
    MethodDescriptorType,
    WrapperDescriptorType,
    ClassMethodDescriptorType,
    MethodWrapperType,
)
_FIELDS = {
    "collections._tuplegetter": "attribute",
    "functools.cached_property": "property",
    "enum.property": "property",
}
"""Descriptors of the library, by the names of their classes."""


class Found(NamedTuple):
    """A name before it is described."""

    rank: int
    text: str
    kind: str
    value: object


class Known(NamedTuple):
    """In the place of a value: the words themselves."""

    about: str


class Members(NamedTuple):
    """What a value has."""

    found: list[Found]
    whose: str = ""
    """Whose code may know of more, or ""."""
    left_out: int = 0
    """How many more there are."""


def attributes(value: object) -> Members:
    """The attributes of a value: its own, then those of its classes."""
    if type(value) is Imagined:
        kind = value.kind
        return Members(_of_classes(mro(kind), value), class_name(kind) if own_lookup(kind) else "")
    kind = type(value)
    if issubclass(kind, type):
        found = _of_classes(mro(value), value, seen_from_class=True)  # type: ignore[arg-type]
        more = [base for base in mro(kind) if not is_one_of(base, mro(type))]
        found += _of_classes((*more, type), value)
        return Members(found, class_name(kind) if own_lookup(kind) else "")
    space = entries(instance_dict(value) or {})
    if issubclass(kind, ModuleType):
        found = [Found(0, name, _kind(item), item) for name, item in space]
        own = any(one.text == "__getattr__" for one in found) or own_lookup(kind)
        return Members(found + _of_classes(mro(kind), value), module_name(value) if own else "")
    found = [Found(0, name, "attribute", item) for name, item in space]
    return Members(found + _of_classes(mro(kind), value), class_name(kind) if own_lookup(kind) else "")


def _of_classes(classes: Iterable[type], value: object, *, seen_from_class: bool = False) -> list[Found]:
    """What the classes define, the nearest first; what `object` and `type` have comes last."""
    found: list[Found] = []
    for rank, base in enumerate(classes, 2):
        last = base is object or base is type
        for name, member in entries(class_dict(base)):
            kind = type(member)
            if kind is MemberDescriptorType and not seen_from_class:
                found.append(Found(0, name, "attribute", _slot(member, value, base)))
            elif kind is property:
                found.append(Found(1, name, "property", Known("property")))
            elif kind is GetSetDescriptorType or kind is MemberDescriptorType:
                found.append(Found(1, name, "attribute", Known("attribute")))
            elif (known := _FIELDS.get(class_place(kind))) is not None:
                found.append(Found(1, name, known, Known(known)))
            else:
                what = _kind(member, seen_from_class)
                found.append(Found(99 if last else 0 if what == "member" else rank, name, what, member))
    return found


def _slot(member: Any, value: object, base: type) -> object:
    if type(value) is Imagined:
        return Known("attribute")
    try:
        return member.__get__(value, base)
    except Exception:
        return Known("not set")


def _kind(value: object, seen_from_class: bool = False) -> str:
    kind = type(value)
    if is_one_of(kind, (FunctionType, BuiltinFunctionType, MethodType)):
        return "function"
    if is_one_of(kind, _METHODS):
        return "method"
    if issubclass(kind, ModuleType):
        return "module"
    if issubclass(kind, type):
        return "class"
    if seen_from_class and any(class_place(base) == "enum.Enum" for base in mro(kind)):
        return "member"
    return "attribute"


# --- keys -----------------------------------------------------------------------------------------


def keys(value: object, prefix: str, after: str) -> Members:
    """The keys or indexes of a builtin container.

    `prefix` and `after` are what stands between the bracket and the cursor, and behind the cursor.
    """
    base: Any = None if type(value) is Imagined else subscripted(type(value))
    if base is None:
        return Members([], "" if type(value) is Imagined else class_name(type(value)))
    if base is dict:
        return _dict_keys(value, prefix, after)
    count = base.__len__(value)
    numbers: Iterable[int] = range(count)
    if prefix[:1] == "-":
        numbers = range(-1, -count - 1, -1)
    if prefix.strip("-"):
        numbers = (n for n in numbers[:SCANNED] if str(n).startswith(prefix))  # type: ignore[index]
    chosen = islice(numbers, _INDEXES)
    found = [Found(0, key_text(n, prefix, after), "key", base.__getitem__(value, n)) for n in chosen]
    return Members(found, left_out=0 if prefix.strip("-") else count - len(found))


def _dict_keys(value: Any, prefix: str, after: str) -> Members:
    try:
        pairs: list[tuple[Any, Any]] = list(islice(dict.items(value), SCANNED))
    except RuntimeError:  # another thread changed it meanwhile
        pairs = []
    if prefix[:1] in ("'", '"') and prefix:
        begun = prefix[1:]
        pairs = [pair for pair in pairs if type(pair[0]) is str and pair[0].startswith(begun)]
    elif prefix:
        pairs = [pair for pair in pairs if is_plain(pair[0]) and repr(pair[0]).startswith(prefix)]
    found = []
    for key, item in pairs:
        if _can_be_typed(key):
            found.append(Found(0, key_text(key, prefix, after), "key", item))
            if len(found) == _MOST_KEYS:
                break
    return Members(found, left_out=len(pairs) - len(found) + (0 if prefix else dict.__len__(value) - len(pairs)))


def asked_keys(owner: Any) -> list[object]:
    """The keys that a value of the program's own offers: by IPython's protocol, or as a mapping. Runs its code."""
    for name in ("_ipython_key_completions_", "keys"):
        method = getattr(owner, name, None)
        if method is not None:
            return [key for key in islice(method(), _ASKED) if _can_be_typed(key)]
    return []


def _can_be_typed(key: object) -> bool:
    if type(key) is tuple:
        return all(_can_be_typed(part) for part in key)
    return is_plain(key) and (type(key) is not str or len(key) <= _LONGEST_KEY)


def key_text(key: object, prefix: str, after: str) -> str:
    """The key as it is typed behind `[`, in the quotes that are begun, with what closes it where that is missing."""
    text = repr(key)
    quote = prefix[:1] if prefix[:1] in ("'", '"') else ""
    if quote and type(key) is str and text[0] != quote:
        inner = text[1:-1].replace("\\'", "'").replace(quote, "\\" + quote)
        text = f"{quote}{inner}{quote}"
    if quote and after.startswith(quote):
        return text[:-1]
    return text if after.startswith("]") else f"{text}]"


# --- in words -------------------------------------------------------------------------------------


def about(one: Found) -> str:
    """What it is, in a few words: `int 5`, `'abc'`, `list of 3`, `(amount, rate=0)`, `Cart`."""
    value: Any = one.value
    kind = type(value)
    if kind is Known:
        return value.about  # type: ignore[no-any-return]
    if is_one_of(kind, (staticmethod, classmethod, MethodType)):
        value = value.__func__
        kind = type(value)
    if kind is FunctionType:
        text = signature(value)
        return f"({text})" if len(text) <= _SIGNATURE else f"({text[:_SIGNATURE]}…)"
    if is_one_of(kind, (type(None), str, bytes)):
        return summary(value, _TINY)
    if is_one_of(kind, (bool, int, float, complex)):
        return f"{kind.__name__} {summary(value, _TINY)}"
    for base in (dict, list, tuple, set, frozenset, str, bytes, bytearray):
        if issubclass(kind, base):
            return f"{class_name(kind)} of {base.__len__(value):,}"
    if issubclass(kind, type):
        return "class"
    if issubclass(kind, ModuleType):
        return "module"
    return "builtin" if is_one_of(kind, (BuiltinFunctionType, *_METHODS)) else class_name(kind)
