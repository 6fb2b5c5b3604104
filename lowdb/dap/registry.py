"""The requests that are served: a function each, with where it runs. Its docstring is the reference's text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    type Arguments = dict[str, Any]
    # of a Server, a Job and a Halt; the last may be None for what does not run where a thread is stopped
    type Function = Callable[..., dict[str, Any] | None]

ANYWHERE: Final = "anywhere"
"""In the reader's thread, at once."""
STOPPED: Final = "stopped"
"""In the stopped thread: it looks at the program's objects. Refused while none is stopped."""
EITHER: Final = "either"
"""In the stopped thread where there is one, else in the reader's."""


class Refused(Exception):
    """The request cannot be done; the text says why, for the person at the editor."""


class Handler:
    """What serves one request."""

    __slots__ = ("function", "help", "name", "where")

    def __init__(self, name: str, function: Function, where: str) -> None:
        self.name = name
        self.function = function
        self.where = where
        self.help = function.__doc__ or ""


REQUESTS: Final[dict[str, Handler]] = {}


def request(name: str, where: str = ANYWHERE) -> Callable[[Function], Function]:
    """Make the function the handler of the request `name`."""

    def register(function: Function) -> Function:
        REQUESTS[name] = Handler(name, function, where)
        return function

    return register


_WORDS: Final[dict[type, str]] = {int: "a whole number", str: "a string", list: "a list", dict: "an object"}


def wanted[T](arguments: Arguments, name: str, kind: type[T]) -> T:
    """Return an argument that must be there. Raises Refused where it is missing or of another type."""
    value = arguments.get(name)
    if type(value) is not kind:
        what = "is missing" if value is None else f"is {_WORDS[kind]}, not {_shown(value)}"
        raise Refused(f"the argument {name!r} {what}")
    return value


def optional[T](arguments: Arguments, name: str, default: T) -> T:
    """Return an argument that may be missing (or null). Raises Refused where it is of another type than `default`."""
    value = arguments.get(name)
    if value is None:
        return default
    if type(value) is not type(default):
        kind = "true or false" if type(default) is bool else _WORDS[type(default)]
        raise Refused(f"the argument {name!r} is {kind}, not {_shown(value)}")
    return value


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"
