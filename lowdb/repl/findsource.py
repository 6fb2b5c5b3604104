"""From an object to the lines of its source, without running any of the program's code."""

from __future__ import annotations

import sys
from types import CodeType, FrameType, FunctionType, GeneratorType, MethodType, ModuleType

from lowdb.program.paths import canonical
from lowdb.program.sources import source
from lowdb.repl.views import last_line


def source_lines(value: object) -> tuple[str, int, int] | None:
    """File, first and last line of a function, class, module, frame or code object; None without Python source."""
    code = code_of(value)
    if code is not None:
        return canonical(code.co_filename), code.co_firstlineno, last_line(code)
    kind = type(value)
    if issubclass(kind, ModuleType):
        path = ModuleType.__getattribute__(value, "__dict__").get("__file__")
        text = source(canonical(path)) if type(path) is str else None
        return None if text is None else (canonical(path), 1, len(text.lines))
    if issubclass(kind, type):
        return _class_lines(value)  # type: ignore[arg-type]
    return None


def code_of(value: object) -> CodeType | None:
    """The code of a function, method, classmethod, property, decorated function, generator or frame."""
    for _ in range(20):
        kind = type(value)
        if kind is CodeType:
            return value  # type: ignore[return-value]
        if kind is FunctionType:
            wrapped = value.__dict__.get("__wrapped__")
            if wrapped is None:
                return value.__code__  # type: ignore[attr-defined, no-any-return]
            value = wrapped
        elif kind in (MethodType, staticmethod, classmethod):
            value = value.__func__  # type: ignore[attr-defined]
        elif kind is property:
            value = value.fget  # type: ignore[attr-defined]
        elif kind is FrameType:
            return value.f_code  # type: ignore[attr-defined, no-any-return]
        elif kind is GeneratorType:
            return value.gi_code  # type: ignore[attr-defined, no-any-return]
        else:
            return None
    return None


def _class_lines(cls: type) -> tuple[str, int, int] | None:
    """From the module's compiled source: the class statement's own code object, by its qualified name."""

    space = type.__getattribute__(cls, "__dict__")
    module = sys.modules.get(space.get("__module__", ""))
    path = getattr(module, "__file__", None) if type(module) is ModuleType else None
    text = source(canonical(path)) if type(path) is str else None
    whole = text.compiled() if text is not None else None
    if whole is None:
        return None
    wanted = type.__getattribute__(cls, "__qualname__")
    pending = [whole]
    while pending:
        code = pending.pop()
        if code.co_qualname == wanted:
            return canonical(str(path)), code.co_firstlineno, last_line(code)
        pending.extend(constant for constant in code.co_consts if type(constant) is CodeType)
    return None
