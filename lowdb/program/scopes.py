"""The variables of a frame: locals, globals, closure. The only writer of locals."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from lowdb.capabilities import INTERPRETER
from lowdb.program.guard import MISSING
from lowdb.program.imports import standard

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FrameType
    from typing import Any, Literal

_OPTIMIZED = 0x01  # inspect.CO_OPTIMIZED: a function's body; its locals are not in a mapping
_STRANGE = ("@", ".")
_VARARGS = 0x04  # inspect.CO_VARARGS
_VARKEYWORDS = 0x08  # inspect.CO_VARKEYWORDS


class Variable:
    """A name in a scope, what it holds, and how to change it."""

    __slots__ = ("assign", "name", "value")

    def __init__(self, name: str, value: object, assign: Callable[[object], None]) -> None:
        self.name = name
        self.value = value
        self.assign = assign
        """Write a new value into the program."""

    def __repr__(self) -> str:
        return f"<Variable {self.name}>"


class CannotAssign(Exception):
    """The interpreter offers no way to do this to a variable; the text says what and why."""


def is_function(code: CodeType) -> bool:
    """Return whether the code keeps its locals in fast slots: functions and lambdas, not modules and class bodies."""
    return bool(code.co_flags & _OPTIMIZED)


def is_module(frame: FrameType) -> bool:
    """Return whether the frame's assignments go to its globals: module bodies, `exec` and `eval` without locals."""
    code = frame.f_code
    if is_function(code):
        return False
    namespace = frame.f_locals
    return namespace is frame.f_globals or (code.co_name == "<module>" and _in_comprehension(frame, namespace))


def locals_snapshot(frame: FrameType) -> dict[str, object]:
    """Return the bound local and closure names in a fresh dict, those of a running inlined comprehension too."""
    namespace = frame.f_locals
    if type(namespace) is dict:
        # Keys of a class namespace or of exec's mapping need not be strings.
        snapshot = {name: value for name, value in list(namespace.items()) if type(name) is str}
        # 3.12 keeps the dict of a function's locals in the frame, where it would hold objects alive that the program
        # has let go of. Refilled at each look, it can be emptied, unless the program has it from locals(): the three
        # references are the frame's, ours and the call's.
        if not INTERPRETER.locals_proxy and is_function(frame.f_code) and sys.getrefcount(namespace) == 3:
            namespace.clear()
        return snapshot
    if is_function(frame.f_code) or _is_proxy(namespace):
        return dict(namespace)
    return _foreign_snapshot(namespace)


def variables(frame: FrameType, which: Literal["locals", "globals", "closure"]) -> list[Variable]:
    """Return the bound variables of one scope, in the order of the code where it has one.

    `locals` leaves the closure's names out. Assigning goes through to the program on every version. Names that no
    source can have, such as pytest's `@py_assert1` and a generator expression's `.0`, are left out.
    """
    if which == "globals":
        return [
            Variable(name, value, _global_writer(frame, name))
            for name, value in list(frame.f_globals.items())
            if type(name) is str and not name.startswith(_STRANGE)
        ]
    code = frame.f_code
    free = code.co_freevars
    snapshot = locals_snapshot(frame)
    if which == "closure":
        names = [name for name in free if name in snapshot]
    else:
        names = [n for n in snapshot if n not in free and not (type(n) is str and n.startswith(_STRANGE))]
        if is_function(code):
            order = {name: place for place, name in enumerate(code.co_varnames + code.co_cellvars)}
            names.sort(key=lambda name: order.get(name, len(order)))
    return [Variable(name, snapshot[name], _local_writer(frame, name)) for name in names]


def arguments(frame: FrameType) -> list[Variable]:
    """Return the function's arguments as they are now, in the order of the signature, `*args` and `**kw` with stars."""
    code = frame.f_code
    if not is_function(code):
        return []
    positional = code.co_argcount
    named = positional + code.co_kwonlyargcount
    names = list(code.co_varnames[:named])
    stars = dict.fromkeys(names, "")
    rest = named
    if code.co_flags & _VARARGS:
        names.insert(positional, code.co_varnames[rest])
        stars[code.co_varnames[rest]] = "*"
        rest += 1
    if code.co_flags & _VARKEYWORDS:
        names.append(code.co_varnames[rest])
        stars[code.co_varnames[rest]] = "**"
    snapshot = locals_snapshot(frame)
    return [
        Variable(stars[name] + name, snapshot[name], _local_writer(frame, name)) for name in names if name in snapshot
    ]


def assign_local(frame: FrameType, name: str, value: object) -> None:
    """Bind a local or closure name of the frame, in the program itself.

    In a function only names of its code can be bound: KeyError for others. In a module or class body any name can.
    """
    code = frame.f_code
    if is_function(code):
        if name not in function_names(code):
            raise KeyError(name)
        frame.f_locals[name] = value
        if not INTERPRETER.locals_proxy:
            _locals_to_fast(frame)
            locals_snapshot(frame)  # see there: leave nothing in the frame's dict
        return
    namespace = frame.f_locals
    if _in_comprehension(frame, namespace):
        _assign_beside_comprehension(frame, namespace, name, value)
    else:
        namespace[name] = value


def delete_local(frame: FrameType, name: str) -> None:
    """Unbind a name of a module or class body. NameError where it is not bound.

    CannotAssign for a function's variable: its code may read it unchecked, so no version lets it be unbound
    from outside (3.12 would bind None and warn, from 3.13 on the proxy refuses, PEP 667).
    """
    namespace = frame.f_locals
    in_comprehension = not is_function(frame.f_code) and _in_comprehension(frame, namespace)
    if in_comprehension and is_module(frame) and name not in frame.f_code.co_varnames:
        namespace = frame.f_globals
        in_comprehension = False
    if namespace_get(namespace, name) is MISSING:
        raise NameError(f"name {name!r} is not defined", name=name)
    if is_function(frame.f_code) or in_comprehension:
        raise CannotAssign(f"a function's variable cannot be unbound from outside: {name!r} keeps its value")
    del namespace[name]


def function_names(code: CodeType) -> frozenset[str]:
    """Return all names that the function's code has a place for, bound or not."""
    return frozenset(code.co_varnames + code.co_cellvars + code.co_freevars)


def namespace_get(namespace: Any, name: str) -> Any:
    """Return what a namespace holds for `name`, MISSING where it holds nothing."""
    try:
        return namespace[name]
    except KeyError:
        return MISSING


def _foreign_snapshot(namespace: Any) -> dict[str, object]:
    # A class body whose metaclass has a `__prepare__`, or exec with a mapping: the program's own code answers.
    try:
        if issubclass(type(namespace), dict):
            return {name: value for name, value in dict.items(namespace) if type(name) is str}
        return {name: namespace[name] for name in list(namespace.keys()) if type(name) is str}
    except Exception:
        return {}


def _is_proxy(namespace: object) -> bool:
    return INTERPRETER.locals_proxy and type(namespace).__name__ == "FrameLocalsProxy"


def _in_comprehension(frame: FrameType, namespace: object) -> bool:
    """Return whether a module or class body stands in a comprehension that was inlined into it (PEP 709).

    f_locals is then not the namespace but a proxy of the comprehension's names (3.13+) or a fresh merged dict (3.12).
    """
    if INTERPRETER.locals_proxy:
        return _is_proxy(namespace)
    return bool(frame.f_code.co_varnames) and namespace is not frame.f_locals


def _assign_beside_comprehension(frame: FrameType, namespace: Any, name: str, value: object) -> None:
    if name in frame.f_code.co_varnames:
        namespace[name] = value
        if not INTERPRETER.locals_proxy:
            raise CannotAssign(f"this interpreter cannot change {name!r} inside a comprehension of a module or class")
    elif frame.f_code.co_name == "<module>":
        frame.f_globals[name] = value
    else:
        raise CannotAssign(f"the class namespace is out of reach inside a comprehension: {name!r} is not changed")


def _local_writer(frame: FrameType, name: str) -> Callable[[object], None]:
    return lambda value: assign_local(frame, name, value)


def _global_writer(frame: FrameType, name: str) -> Callable[[object], None]:
    def assign(value: object) -> None:
        frame.f_globals[name] = value

    return assign


def _locals_to_fast(frame: FrameType) -> None:
    """Copy the f_locals dict into the frame's fast slots: before 3.13 a write is lost otherwise.

    Must come right after the write: reading f_locals again in between would lose it as well.
    """
    try:
        with standard("ctypes"):
            import ctypes  # start-up: only where a local is written, only on 3.12
    except ImportError:
        raise CannotAssign("this interpreter was built without ctypes: local variables cannot be written") from None
    ctypes.pythonapi.PyFrame_LocalsToFast(ctypes.py_object(frame), ctypes.c_int(0))
