"""What a value is: its type, a function's signature and place, a class's bases. Runs none of the program's code."""

from __future__ import annotations

from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import TYPE_CHECKING

from lowdb.program.guard import attribute, class_place, clean, instance_dict, mro
from lowdb.program.leaves import place
from lowdb.program.limits import SHORT
from lowdb.program.paths import canonical, short
from lowdb.program.shapes import Shaper
from lowdb.program.tree import line_of

if TYPE_CHECKING:
    from typing import Any


def whatis(value: object) -> str:
    """Return one line in words: `function area(w, h=2)  shapes.py:12`, `class shop.Cart(Base)`, `list of 3`."""
    try:
        return _whatis(value)
    except KeyboardInterrupt:
        raise
    except BaseException:
        return class_place(type(value))


def _whatis(value: Any) -> str:
    kind = type(value)
    if kind is FunctionType:
        return _function(value)
    if kind is MethodType:
        function = value.__func__
        is_function = type(function) is FunctionType
        what = _function(function, "method") if is_function else f"method {class_place(type(function))}"
        return f"{what}  of {class_place(type(value.__self__))}"
    if kind is BuiltinFunctionType:
        return f"built-in function {clean(value.__qualname__)}"
    if issubclass(kind, type):
        bases = [class_place(base) for base in type.__dict__["__bases__"].__get__(value) if base is not object]
        meta = "" if kind is type else f"  metaclass {class_place(kind)}"
        return f"class {class_place(value)}{f'({", ".join(bases)})' if bases else ''}{meta}"
    if issubclass(kind, ModuleType):
        namespace = instance_dict(value) or {}
        name, filename = dict.get(namespace, "__name__"), dict.get(namespace, "__file__")
        what = f"module {clean(name)}" if type(name) is str else "module"
        return f"{what}  {clean(short(canonical(filename)))}" if type(filename) is str else what
    for base in (dict, list, tuple, set, frozenset, str, bytes, bytearray):
        if issubclass(kind, base):
            return f"{class_place(kind)} of {base.__len__(value):,}"
    bases = [class_place(base) for base in mro(kind)[1:] if base is not object]
    return f"{class_place(kind)}{f'  (a {", ".join(bases)})' if bases else ''}"


def _function(function: FunctionType, word: str = "function") -> str:
    code = function.__code__
    flags = code.co_flags
    if flags & 0x200:  # inspect.CO_ASYNC_GENERATOR
        word = f"async generator {word}"
    elif flags & 0x80:  # inspect.CO_COROUTINE
        word = f"async {word}"
    elif flags & 0x20:  # inspect.CO_GENERATOR
        word = f"generator {word}"
    wrapped = attribute(function, "__wrapped__")
    text = f"{word} {clean(function.__qualname__)}({signature(function)})  {place(code)}"
    if type(wrapped) is FunctionType:
        text += f"  wraps {clean(wrapped.__qualname__)}  {place(wrapped.__code__)}"
    return text


def signature(function: FunctionType) -> str:
    """Return the parameters as they are written, defaults as short summaries. Reads the code object: no `inspect`."""
    code = function.__code__
    names = code.co_varnames
    positional, only, keywords = code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount
    defaults = function.__defaults__ or ()
    by_name = function.__kwdefaults__ or {}
    first_default = positional - len(defaults)
    parts = []
    for number, name in enumerate(names[:positional]):
        parts.append(f"{name}={_short(defaults[number - first_default])}" if number >= first_default else name)
        if number + 1 == only:
            parts.append("/")
    rest = positional + keywords
    if code.co_flags & 0x04:  # inspect.CO_VARARGS
        parts.append(f"*{names[rest]}")
        rest += 1
    elif keywords:
        parts.append("*")
    for name in names[positional : positional + keywords]:
        parts.append(f"{name}={_short(by_name[name])}" if name in by_name else name)
    if code.co_flags & 0x08:  # inspect.CO_VARKEYWORDS
        parts.append(f"**{names[rest]}")
    return ", ".join(parts)


def _short(value: object) -> str:
    return line_of(Shaper(SHORT).shape(value))
