"""The calls on a frame's line that have not begun: what `stepInTargets` offers. Runs none of the program's code."""

from __future__ import annotations

from types import FunctionType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any

from lowdb.program.guard import MISSING, attribute, class_attribute
from lowdb.program.imports import standard
from lowdb.program.paths import file_of
from lowdb.program.scopes import locals_snapshot
from lowdb.program.sources import source

if TYPE_CHECKING:
    import ast
    from types import CodeType, FrameType


class Call:
    """One call: its text, the name of the code that it enters, and where it stands (1-based)."""

    __slots__ = ("column", "end_column", "end_line", "line", "name", "text")

    def __init__(self, node: ast.expr, text: str, name: str) -> None:
        self.text = text
        self.name = name
        self.line = node.lineno
        self.column = node.col_offset + 1
        self.end_line = node.end_lineno or node.lineno
        self.end_column = (node.end_col_offset or node.col_offset) + 1


def calls_at(frame: FrameType) -> list[Call]:
    """Return the calls of the frame's present line that are still to come, in the order in which they run."""
    text = source(file_of(frame.f_code.co_filename), frame.f_globals)
    if text is None or text.compiled() is None:
        return []
    places = _coming(frame.f_code, frame.f_lasti, frame.f_lineno)
    if not places:
        return []
    with standard("ast"):
        import ast  # start-up: only where an editor asks for targets

        nodes = {_place(node): node for node in ast.walk(ast.parse(text.text)) if isinstance(node, ast.Call)}
        found = []
        for place in places:
            node = nodes.get(place)
            if node is not None:
                shown = ast.unparse(node.func)
                name = _entered(node.func, frame) or shown.rpartition(".")[2]
                found.append(Call(node, shown if len(shown) <= 80 else f"{shown[:80]}…", name))
    return found


def _place(node: ast.Call) -> tuple[int | None, ...]:
    return node.lineno, node.end_lineno, node.col_offset, node.end_col_offset


def _coming(code: CodeType, after: int, line: int) -> list[tuple[int | None, ...]]:
    """Return the source ranges of the call instructions of the line behind offset `after`, in order."""
    with standard("dis"):
        import dis  # start-up

        found: list[tuple[int | None, ...]] = []
        for instruction in dis.get_instructions(code):
            if instruction.offset < after or not instruction.opname.startswith("CALL"):
                continue
            if instruction.opname.startswith("CALL_INTRINSIC") or instruction.positions is None:
                continue
            place = instruction.positions
            if place.lineno is None or not place.lineno <= line <= (place.end_lineno or place.lineno):
                continue
            whole = (place.lineno, place.end_lineno, place.col_offset, place.end_col_offset)
            if whole not in found:
                found.append(whole)
    return found


def _entered(node: Any, frame: FrameType) -> str:
    """Return the name of the code that a call of this expression enters, where that can be seen; else ""."""
    value = _value(node, frame)
    for _ in range(10):
        kind = type(value)
        if kind is FunctionType:
            return str(value.__code__.co_name)
        if kind in (MethodType, staticmethod, classmethod):
            value = value.__func__
        elif issubclass(kind, type):
            for name in ("__init__", "__new__"):
                member = class_attribute(value, name)
                if type(member) is FunctionType:
                    return member.__code__.co_name
                if type(member) is staticmethod:
                    return member.__func__.__code__.co_name
            return ""
        else:
            member = class_attribute(kind, "__call__")
            return member.__code__.co_name if type(member) is FunctionType else ""
    return ""


def _value(node: Any, frame: FrameType) -> Any:
    """Return what a name or a chain of attributes means in the frame, MISSING where that would run code."""
    name = type(node).__name__
    if name == "Name":
        local = locals_snapshot(frame)
        for space in (local, frame.f_globals):
            if node.id in space:
                return space[node.id]
        return MISSING
    if name == "Attribute":
        owner = _value(node.value, frame)
        if owner is MISSING:
            return MISSING
        if type(owner) is ModuleType:
            return owner.__dict__.get(node.attr, MISSING)
        found = attribute(owner, node.attr)
        if found is MISSING:
            found = class_attribute(owner if issubclass(type(owner), type) else type(owner), node.attr)
        return found
    return MISSING
