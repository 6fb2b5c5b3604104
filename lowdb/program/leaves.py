"""Text for values that hold nothing to open: numbers, strings, functions, frames. Never runs the program's code."""

from __future__ import annotations

from types import (
    AsyncGeneratorType,
    BuiltinFunctionType,
    CodeType,
    CoroutineType,
    EllipsisType,
    FrameType,
    FunctionType,
    GeneratorType,
    MethodType,
    ModuleType,
    NoneType,
    NotImplementedType,
)
from typing import TYPE_CHECKING

from lowdb.program.guard import class_place, clean, instance_dict, type_name
from lowdb.program.paths import canonical, short

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from lowdb.program.limits import Limits

_NAME = 100  # characters of a qualified name


def place(code: CodeType, line: int | None = None) -> str:
    """Return `shop.py:57` for code."""
    return f"{clean(short(canonical(code.co_filename)))}:{line or code.co_firstlineno}"


def bare(value: object, *, address: bool = True) -> str:
    """Return `<Thing at 0x…>`, or `<Thing>`."""
    return f"<{type_name(value)} at {id(value):#x}>" if address else f"<{type_name(value)}>"


def integer(value: int, limits: Limits) -> str:
    """Return the digits; past `limits.string` the first of them and how many there are."""
    bits = int.bit_length(value)
    if bits < 2000:  # 640 digits: the lowest limit that can be set on int to str conversion
        text = int.__repr__(value)
        if len(text) <= limits.string:
            return text
        return f"{text[: limits.string]}… ({len(text.lstrip('-')):,} digits)"
    sign = "-" if int.__lt__(value, 0) else ""
    leading = int.__rshift__(int.__abs__(value), bits - 64)
    return f"{sign}{leading:#x}… (hexadecimal; about {int(bits * 0.30103) + 1:,} decimal digits)"


def text(value: str, limits: Limits) -> str:
    """Return a string in quotes, cut."""
    more = str.__len__(value) - limits.string
    shown = str.__repr__(str.__getitem__(value, slice(limits.string)))
    return shown if more <= 0 else f"{shown}… {more:,} more characters"


def octets(value: Any, limits: Limits) -> str:
    """Return bytes or a bytearray, cut."""
    base: Any = bytes if issubclass(type(value), bytes) else bytearray
    more = base.__len__(value) - limits.string
    shown = base.__repr__(base.__getitem__(value, slice(limits.string)))
    return shown if more <= 0 else f"{shown}… {more:,} more bytes"


def real(value: float, _: Limits) -> str:
    """Return a float's digits."""
    return float.__repr__(value)


def _own(value: object, _: Limits) -> str:
    return repr(value)  # exact builtin types whose repr asks nobody else


def _range(value: range, limits: Limits) -> str:
    bounds: list[Any] = [value.start, value.stop]
    if value.step != 1:
        bounds.append(value.step)
    return f"range({', '.join(integer(bound, limits) for bound in bounds)})"


def _function(value: FunctionType, _: Limits) -> str:
    return f"<function {clean(value.__qualname__[:_NAME])} at {place(value.__code__)}>"


def _method(value: MethodType, limits: Limits) -> str:
    function: object = value.__func__
    name = clean(function.__qualname__[:_NAME]) if type(function) is FunctionType else type_name(function)
    return f"<bound method {name} of {bare(value.__self__, address=limits.own_repr)}>"


def _module(value: ModuleType, _: Limits) -> str:
    namespace = instance_dict(value) or {}
    name, filename = dict.get(namespace, "__name__"), dict.get(namespace, "__file__")
    shown = repr(name[:_NAME]) if type(name) is str else "?"
    where = f" from {clean(short(canonical(filename)))}" if type(filename) is str else ""
    return f"<module {shown}{where}>"


def _generator(kind: str, prefix: str) -> Callable[[Any, Limits], str]:
    def describe(value: Any, _: Limits) -> str:
        frame = getattr(value, f"{prefix}_frame")
        state = "ended"
        if frame is not None:
            running = getattr(value, f"{prefix}_running")
            state = f"{'running' if running else 'at'} {place(frame.f_code, frame.f_lineno)}"
        return f"<{kind} {clean(value.__qualname__[:_NAME])} {state}>"

    return describe


def _frame(value: FrameType, _: Limits) -> str:
    return f"<frame {clean(value.f_code.co_qualname[:_NAME])} at {place(value.f_code, value.f_lineno)}>"


def _code(value: CodeType, _: Limits) -> str:
    return f"<code {clean(value.co_qualname[:_NAME])} at {place(value)}>"


def _class(value: type, _: Limits) -> str:
    return f"<class '{class_place(value)}'>"


LEAVES: dict[type, Callable[[Any, Limits], str]] = {
    NoneType: _own,
    bool: _own,
    EllipsisType: _own,
    NotImplementedType: _own,
    float: real,
    complex: _own,
    object: _own,
    int: integer,
    str: text,
    bytes: octets,
    bytearray: octets,
    range: _range,
    type: _class,
    FunctionType: _function,
    MethodType: _method,
    ModuleType: _module,
    BuiltinFunctionType: _own,
    GeneratorType: _generator("generator", "gi"),
    CoroutineType: _generator("coroutine", "cr"),
    AsyncGeneratorType: _generator("async generator", "ag"),
    FrameType: _frame,
    CodeType: _code,
}
"""Exact types only."""

SUBCLASSED: tuple[tuple[Any, Callable[[Any, Limits], str]], ...] = (
    (str, text),
    (int, integer),
    (float, real),
    (bytes, octets),
    (bytearray, octets),
)
"""Bases of which the program makes classes that keep the base's repr."""
