"""Reads objects of the program without running its code, and calls its code unhurt where that is wanted.

`isinstance`, `getattr` and `hasattr` may all run the program's code: nothing here uses them on the program's objects.
"""

from __future__ import annotations

from time import monotonic
from types import GetSetDescriptorType, MemberDescriptorType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_class_dict = type.__dict__["__dict__"].__get__
_class_mro = type.__dict__["__mro__"].__get__
_class_name = type.__dict__["__name__"].__get__
_class_module = type.__dict__["__module__"].__get__
_class_qualname = type.__dict__["__qualname__"].__get__
_exception_args = BaseException.__dict__["args"].__get__

MISSING = object()
"""What a look-up answers where there is nothing."""


def mro(cls: type) -> tuple[type, ...]:
    """Return the method resolution order as the interpreter uses it."""
    found = _class_mro(cls)
    return found if type(found) is tuple else (cls,)


def class_dict(cls: type) -> Any:
    """Return the read-only view of the class's own namespace."""
    return _class_dict(cls)


def class_attribute(cls: type, name: str) -> Any:
    """Return what `name` is in the first class of the mro that has it, unbound; MISSING where none has."""
    for base in mro(cls):
        namespace = _class_dict(base)
        if name in namespace:
            return namespace[name]
    return MISSING


def type_name(value: object) -> str:
    """Return the name of the value's real class (`type(value)`, never `value.__class__`), fit for one line."""
    return class_name(type(value))


def class_name(cls: type) -> str:
    """Return the class's bare name, fit for one line."""
    return clean(str.__str__(_class_name(cls))[:100])


def class_place(cls: type) -> str:
    """Return `module.qualname` of a class, `qualname` alone for builtins."""
    name = clean(str.__str__(_class_qualname(cls))[:200])
    module = _class_module(cls)
    if type(module) is not str or module == "builtins":
        return name
    return f"{clean(module[:200])}.{name}"


def dict_slot(kind: type) -> Any:
    """Return what gives an instance's real `__dict__` when it is called with the instance; None where none has one."""
    for base in mro(kind):
        slot = _class_dict(base).get("__dict__")
        if type(slot) in (GetSetDescriptorType, MemberDescriptorType):
            return slot.__get__
    return None


def instance_dict(value: object) -> dict[str, Any] | None:
    """Return the object's real `__dict__`, even where the class hides it behind a property; None where it has none.

    It may be of a subclass of dict: use it with the methods of `dict` only.
    """
    for base in mro(type(value)):
        slot = _class_dict(base).get("__dict__")
        if type(slot) in (GetSetDescriptorType, MemberDescriptorType):
            try:
                found = slot.__get__(value, base)
            except Exception:
                continue
            if issubclass(type(found), dict):
                return found  # type: ignore[no-any-return]
    return None


def slots(value: object) -> Iterator[tuple[str, Any]]:
    """Yield the names and values of the object's filled `__slots__`."""
    for base in mro(type(value)):
        for name, member in _class_dict(base).items():
            if type(member) is MemberDescriptorType and type(name) is str and name not in ("__dict__", "__weakref__"):
                try:
                    yield name, member.__get__(value, base)
                except Exception:  # an empty slot
                    continue


def attribute(value: object, name: str) -> Any:
    """Return a plain attribute from the instance dict or a slot, MISSING where there is none."""
    namespace = instance_dict(value)
    if namespace is not None:
        found = dict.get(namespace, name, MISSING)
        if found is not MISSING:
            return found
    for base in mro(type(value)):
        member = _class_dict(base).get(name)
        if type(member) is MemberDescriptorType:
            try:
                return member.__get__(value, base)
            except Exception:
                return MISSING
    return MISSING


def clean(text: str, keep: str = "") -> str:
    """Return the text with whatever is not printable escaped, but for the characters in `keep`.

    That is: control characters, surrogates, line separators, marks that turn the direction of writing.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in keep else repr(c)[1:-1] for c in text)


def problem(error: BaseException) -> str:
    """Return `ValueError: text` for an error of the program's code, on one line, without running any more of it."""
    name = type_name(error)
    args = _exception_args(error)
    text = args[0] if type(args) is tuple and args and type(args[0]) is str else ""
    if len(text) > 100:
        text = f"{text[:100]}…"
    return f"{name}: {clean(text)}" if text else name


class Budget:
    """The time that one look at a value may spend in the program's code."""

    __slots__ = ("_end", "_known")

    def __init__(self, seconds: float) -> None:
        self._end = monotonic() + seconds
        self._known: dict[int, tuple[object, str | None]] = {}

    @property
    def spent(self) -> bool:
        """Whether the time is over. A call that has begun is not interrupted."""
        return monotonic() >= self._end

    def repr(self, value: object) -> str | None:
        """Return the object's own repr, asked once, or words on why it has none; None once the time is over."""
        known = self._known.get(id(value))
        if known is not None:
            return known[1]
        if self.spent:
            return None
        answer = guarded_repr(value)
        self._known[id(value)] = (value, answer)
        return answer


def guarded_repr(value: object) -> str:
    """Return `repr(value)` as it is, or `<Thing: repr raised ValueError: …>`. Only KeyboardInterrupt gets through."""
    try:
        return str.__str__(repr(value))
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        nonsense = _returned(error)
        if nonsense is not None:
            return f"<{type_name(value)}: repr returned {nonsense}>"
        return f"<{type_name(value)}: repr raised {problem(error)}>"


def _returned(error: BaseException) -> str | None:
    """Return the type that a `__repr__` returned in place of a string, as the interpreter complains of it."""
    if type(error) is not TypeError:
        return None
    args = _exception_args(error)
    text = args[0] if type(args) is tuple and args and type(args[0]) is str else ""
    for begin, end in (("__repr__ returned non-string (type ", ")"), ("__repr__() must return a str, not ", "")):
        _, found, rest = text.partition(begin)
        if found:
            return clean(rest.removesuffix(end))
    return None
