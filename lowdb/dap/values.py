"""Values of the program as DAP shows them: one-line text, type, a reference to open it, the expression that it is.

Nothing here runs the program's code but its reprs, within a budget that a whole page shares.
"""

from __future__ import annotations

from types import (
    BuiltinFunctionType,
    CodeType,
    EllipsisType,
    FunctionType,
    MethodType,
    NoneType,
    NotImplementedType,
)
from typing import TYPE_CHECKING, Any, Final

from lowdb.program.children import Child, child_count, children
from lowdb.program.guard import Budget, class_dict, class_place, clean, mro, type_name
from lowdb.program.limits import Limits
from lowdb.program.shapes import Shaper
from lowdb.program.tree import line_of
from lowdb.program.values import full

if TYPE_CHECKING:
    from lowdb.dap.halt import Halt

LINE: Final = Limits(depth=3, items=10, string=200, width=300)
"""One value in a tree of variables."""
PAGE_SECONDS: Final = 0.5
"""Time that the program's own reprs get for one page of variables."""
WINDOW: Final = 100
"""From so many items on the client is told their number, so that it asks for pages."""
MOST: Final = 1000
"""Items that a client gets at once that does not ask for pages; the rest is one more variable, to be opened."""

PAGE: Final = 10_000
"""Items that any client gets at once."""
LONGEST: Final = 5_000_000
"""Characters of a text for the clipboard; in a message each may be six bytes."""
_UNBOUND: Final = "cannot access free variable '"
_LEAVES: Final = frozenset(
    {bool, int, float, complex, str, bytes, NoneType, EllipsisType, NotImplementedType, range, slice}
    | {FunctionType, BuiltinFunctionType, MethodType, CodeType, object}
)
_SIZED: Final[dict[type, Any]] = {base: base.__len__ for base in (list, tuple, dict, set, frozenset)}


class Held:
    """What a variables reference stands for: a value and the expression that it is in its frame."""

    __slots__ = ("expression", "frame", "start", "value")

    def __init__(self, value: object, expression: str, frame: object, start: int = 0) -> None:
        self.value = value
        self.expression = expression
        """Empty where there is none."""
        self.frame = frame
        self.start = start
        """Children before this one were shown already."""


class Lazy:
    """A property that has not run yet."""

    __slots__ = ("child", "expression", "frame")

    def __init__(self, child: Child, expression: str, frame: object) -> None:
        self.child = child
        self.expression = expression
        self.frame = frame


class Shown:
    """Shows the values of one answer; they share the time for the program's own reprs."""

    __slots__ = ("_budget", "_hex", "halt")

    def __init__(self, halt: Halt, arguments: dict[str, Any]) -> None:
        self.halt = halt
        form = arguments.get("format")
        self._hex = type(form) is dict and form.get("hex") is True
        self._budget = Budget(PAGE_SECONDS)

    def text(self, value: object, limits: Limits = LINE) -> str:
        """Return the value on one line."""
        if self._hex and type(value) is int:
            return hex(value)
        shaper = Shaper(limits)
        shaper.budget = self._budget
        try:
            return line_of(shaper.shape(value))
        except KeyboardInterrupt:
            raise
        except BaseException:  # the stack or the memory is at its end
            return f"<{type_name(value)}>"

    def fields(self, value: object, expression: str, frame: object) -> dict[str, Any]:
        """Return what variables, evaluate, setVariable and setExpression have in common, but for the text."""
        kind = type(value)
        found: dict[str, Any] = {"type": type_name(value), "variablesReference": 0}
        size = _SIZED.get(kind)
        if kind in _LEAVES or (size is not None and not size(value)):
            return found
        found["variablesReference"] = self.halt.handles.new(Held(value, expression, frame))
        items = size(value) if size is not None else items_of(value)
        if items > WINDOW:
            found["indexedVariables"] = items
            if size is None:
                found["namedVariables"] = child_count(value) - items
        return found

    def variable(self, name: str, value: object, expression: str, frame: object, kind: str = "") -> dict[str, Any]:
        """Return one entry of a `variables` answer."""
        made = {"name": name, "value": self.text(value), **self.fields(value, expression, frame)}
        if expression:
            made["evaluateName"] = expression
        hint: dict[str, Any] = {}
        if kind:
            hint["kind"] = kind
        if name[:1] == "_" and kind != "item":
            hint["visibility"] = "internal" if name[:2] == "__" else "private"
        if type(value) is str:
            hint["attributes"] = ["rawString"]
        if hint:
            hint.pop("kind", None) if kind == "item" else None
            if hint:
                made["presentationHint"] = hint
        return made

    def child(self, child: Child, parent: Held | Lazy) -> dict[str, Any]:
        """Return a child of a value."""
        expression = child_expression(parent.expression, child)
        if not child.lazy:
            return self.variable(child.name, child.value, expression, parent.frame, child.kind)
        made = {
            "name": child.name,
            "value": "…",
            "variablesReference": self.halt.handles.new(Lazy(child, expression, parent.frame)),
            "presentationHint": {"kind": "property", "lazy": True},
        }
        if expression:
            made["evaluateName"] = expression
        return made


def items_of(value: object) -> int:
    """Return how many items the value holds, attributes left out; 0 for what is no builtin container."""
    for base, size in _SIZED.items():
        if issubclass(type(value), base):
            return size(value)  # type: ignore[no-any-return]
    for kind in mro(type(value)):
        if class_place(kind) == "collections.deque":
            return class_dict(kind)["__len__"](value)  # type: ignore[no-any-return]
    return 0


def child_expression(parent: str, child: Child) -> str:
    """Return the expression for a child, empty where none is known: items of sets, keys that are no literals."""
    name = child.name
    if not parent:
        return ""
    if child.kind != "item":
        return f"{parent}.{name}" if name.isidentifier() else ""
    if name[0] != "[" or "…" in name or not _is_literal(name[1:-1]):
        return ""
    return f"{parent}{name}"


def _is_literal(text: str) -> bool:
    return text[:1] in "'\"-0123456789" or text[:2] in ("b'", 'b"') or text in ("True", "False", "None")


def page(held: Held, start: int, count: int, kind: str) -> list[Child]:
    """Return some children of a value: of its items ("indexed"), of the rest ("named") or of all ("")."""
    items = items_of(held.value) if kind else 0
    start += held.start
    if kind == "named":
        return children(held.value, items + start, count)
    if kind == "indexed":
        count = min(count, max(0, items - start))
        return children(held.value, start, count) if count else []
    return children(held.value, start, count)


def whole(value: object) -> str:
    """Return the value in full, for the clipboard; what no message could carry is cut."""
    text = value if type(value) is str else full(value)
    if len(text) > LONGEST:
        return f"{text[:LONGEST]}… {len(text) - LONGEST:,} more characters"
    return text


def described(error: BaseException) -> str:
    """Return `TypeName: message` on one line. Runs the error's own `__str__`; never raises but KeyboardInterrupt."""
    name = type_name(error)
    try:
        message = str.__str__(str(error))
    except KeyboardInterrupt:
        raise
    except BaseException as inner:
        message = f"<str raised {type_name(inner)}>"
    if type(error) is NameError and message.startswith(_UNBOUND):
        message = f"local variable {message.split("'")[1]!r} has no value yet"  # in the person's terms
    message = clean(" ".join(message.split()))
    if len(message) > 1000:
        message = f"{message[:1000]}…"
    return f"{name}: {message}" if message else name
