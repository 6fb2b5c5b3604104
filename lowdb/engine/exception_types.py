"""Exception types by name: a breakpoint may name a type whose module is not loaded yet."""

from __future__ import annotations

import builtins
import sys


def known_type(name: str) -> type[BaseException] | None:
    """The exception type of this name, builtin or in a module that is loaded; None when it is not there (yet)."""
    found = getattr(builtins, name, None)
    if found is None and "." in name:
        module, _, last = name.rpartition(".")
        space = getattr(sys.modules.get(module), "__dict__", {})
        found = space.get(last)
    if isinstance(found, type) and issubclass(found, BaseException):
        return found
    return None


def matches(kind: type, name: str | None) -> bool:
    """Whether `kind` or one of its bases is called `name` (`ValueError`, `shop.PricingError`); None matches all."""
    if name is None:
        return True
    for cls in type.__dict__["__mro__"].__get__(kind):
        own = type.__dict__["__name__"].__get__(cls)
        if name == own:
            return True
        if "." in name:
            module = cls.__dict__.get("__module__")
            if name in (f"{module}.{own}", f"{module}.{cls.__qualname__}"):
                return True
    return False
