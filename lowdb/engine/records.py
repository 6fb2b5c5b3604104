"""Plain data: classes whose annotations are their fields, as `dataclasses` makes them, for a tenth of its memory.

`dataclasses` imports inspect, ast and dis and compiles each method: 1.5 MB and 10 ms of every debuggee's start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, dataclass_transform

if TYPE_CHECKING:
    from collections.abc import Callable

_NOTHING: Final = object()
_put: Final = object.__setattr__


class _Field:
    __slots__ = ("default", "factory", "shown")

    def __init__(self, default: Any, factory: Callable[[], Any] | None, shown: bool) -> None:
        self.default = default
        self.factory = factory
        self.shown = shown


def field(
    *,
    default: Any = _NOTHING,
    default_factory: Callable[[], Any] | None = None,
    repr: bool = True,  # noqa: A002
) -> Any:
    """Say more of a field than its default: what makes the default, or that a repr leaves it out."""
    return _Field(default, default_factory, repr)


@dataclass_transform(field_specifiers=(field,))
def record[T](*, frozen: bool = False, kw_only: bool = False) -> Callable[[type[T]], type[T]]:
    """Make a class of its fields, with slots: made of them, compared, shown, matched; changed unless `frozen`."""

    def make(cls: type[T]) -> type[T]:
        fields: dict[str, _Field] = {}
        for base in reversed(cls.__mro__[1:]):
            fields |= base.__dict__.get("__record_fields__", {})
        space = dict(cls.__dict__)
        own = tuple(space.get("__annotations__") or cls.__annotations__)
        if own and not set(own) - fields.keys() and "__annotations__" not in space:
            own = ()  # the base's: the class has none of its own
        for name in own:
            default = space.pop(name, _NOTHING)
            fields[name] = default if type(default) is _Field else _Field(default, None, True)
        for name in ("__dict__", "__weakref__"):
            space.pop(name, None)
        space |= {"__slots__": own, "__record_fields__": fields, "__match_args__": () if kw_only else tuple(fields)}
        space |= {"__init__": _init(fields, kw_only), "__eq__": _equal, "__hash__": _hash if frozen else None}
        space.setdefault("__repr__", _repr)
        if frozen:
            space |= {"__setattr__": _refuse, "__delattr__": _refuse}
        made: type[T] = type(cls.__name__, cls.__bases__, space)
        made.__qualname__ = cls.__qualname__
        return made

    return make


def fields_of(thing: Any) -> tuple[str, ...]:
    """Return the names of the fields of a record, or of its class."""
    return tuple(thing.__record_fields__)


def replace[T](thing: T, **changes: Any) -> T:
    """Return a record like `thing` with other values in some fields."""
    values = {name: getattr(thing, name) for name in fields_of(thing)}
    return type(thing)(**{**values, **changes})


def _init(fields: dict[str, _Field], kw_only: bool) -> Callable[..., None]:
    names = tuple(fields)

    def init(self: Any, *given: Any, **named: Any) -> None:
        if len(given) > (0 if kw_only else len(names)):
            raise TypeError(f"{type(self).__name__}: too many values")
        for name, value in zip(names, given, strict=False):
            _put(self, name, value)
        for name in names[len(given) :]:
            value = named.pop(name, _NOTHING)
            if value is _NOTHING:
                wanted = fields[name]
                value = wanted.factory() if wanted.factory is not None else wanted.default
                if value is _NOTHING:
                    raise TypeError(f"{type(self).__name__}: {name!r} is missing")
            _put(self, name, value)
        if named:
            raise TypeError(f"{type(self).__name__}: there is no field {next(iter(named))!r}, or it is given twice")

    return init


def _values(thing: Any) -> tuple[Any, ...]:
    return tuple(getattr(thing, name) for name in thing.__record_fields__)


def _equal(self: Any, other: object) -> bool:
    return NotImplemented if type(other) is not type(self) else _values(self) == _values(other)


def _hash(self: Any) -> int:
    return hash(_values(self))


def _repr(self: Any) -> str:
    shown = (f"{name}={getattr(self, name)!r}" for name, one in self.__record_fields__.items() if one.shown)
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _refuse(self: Any, name: str, value: object = None) -> None:
    raise AttributeError(f"{type(self).__name__}.{name} cannot be changed")
