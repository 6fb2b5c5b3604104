"""What can be watched: a local, a closure's variable, a global, an attribute, an item; found and read without running
any code of the program.
"""

from __future__ import annotations

from types import CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Final
from weakref import ref

from lowdb.capabilities import INTERPRETER
from lowdb.program.guard import MISSING, class_attribute, class_dict, dict_slot, instance_dict, mro, slots, type_name
from lowdb.program.imports import standard
from lowdb.program.scopes import function_names, is_function, is_module, locals_snapshot
from lowdb.program.stores import after_stores

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable
    from types import FrameType
    from typing import Any

    from lowdb.program.stores import Scope

GONE: Final = object()
"""What `read` answers once the thing that was watched is no more."""
_PLAIN_KEYS: Final = frozenset({str, int, bool, float, bytes, type(None)})


class CannotWatch(Exception):
    """The text says what cannot be watched, why, and what can."""


class Subject:
    """One thing that is watched."""

    __slots__ = ("_hold", "_key", "_ref", "frame", "name", "scope")

    def __init__(
        self, name: str, scope: Scope, frame: FrameType | None = None, owner: object = None, key: object = None
    ) -> None:
        self.name = name
        """The bare name that code stores to; of an item "[…]"."""
        self.scope = scope
        self.frame = frame
        """Of a local or a closure's variable: the frame through which it is read. None: it belongs to no frame."""
        self._key = key
        self._hold: object = None
        self._ref: Any = None
        if frame is None:
            try:
                self._ref = ref(owner)
            except TypeError:  # a dict, a list, slots without __weakref__
                self._hold = owner

    @property
    def holds(self) -> bool:
        """Whether the watch keeps the object alive, since it takes no weak reference."""
        return self._hold is not None and self.scope != "global"

    @property
    def everywhere(self) -> bool:
        """Whether any code may store it, not only the frame's."""
        return self.scope not in ("local", "cell")

    def read(self) -> object:
        """What it holds now, MISSING where nothing, GONE where the object is no more. Runs nothing of the program."""
        frame = self.frame
        if frame is not None:
            return locals_snapshot(frame).get(self.name, MISSING)
        owner = self._hold if self._ref is None else self._ref()
        if owner is None:
            return GONE
        if self.scope == "global":
            return dict.get(owner, self.name, MISSING)  # type: ignore[arg-type]  # the globals of a module
        if self.scope == "item":
            return _item(owner, self._key)
        return stored_attribute(owner, self.name)

    def reader(self) -> Callable[[], object]:
        """What answers as `read` does, fast: it is called at each store to a name like this one."""
        frame, name = self.frame, self.name
        if frame is not None and INTERPRETER.locals_proxy and is_function(frame.f_code):

            def read_local() -> object:
                try:
                    return frame.f_locals[name]
                except KeyError:
                    return MISSING

            return read_local
        reference, slow = self._ref, self.read
        owner = reference() if reference is not None else None
        slot = dict_slot(type(owner)) if self.scope == "attribute" else None
        if slot is None:
            return slow

        def read_attribute() -> object:
            owner = reference()
            try:
                namespace = slot(owner)
                return namespace[name] if type(namespace) is dict else slow()
            except (KeyError, TypeError):
                return slow()

        return read_attribute

    def places(self, code: CodeType, contents: bool) -> dict[int, int]:
        """Where `code` may change it: offset of the event -> offset of what stored (see stores.py)."""
        return after_stores(code, self.name, self.scope, contents)


def find(text: str, frame: FrameType) -> Subject:
    """What `NAME`, `OBJECT.NAME` or `OBJECT[KEY]` means in the frame. Raises CannotWatch."""
    with standard("ast"):
        import ast  # start-up: needed with the first data watch only

    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise CannotWatch(f"a NAME, OBJECT.NAME or OBJECT[KEY] can be watched, not {text!r}") from None
    match tree:
        case ast.Name(id=name):
            return _variable(name, frame)
        case ast.Attribute(value=base, attr=name):
            return _attribute(_value(base, frame), _mangled(name, frame.f_code), ast.unparse(base))
        case ast.Subscript(value=base, slice=index):
            return _of_item(_value(base, frame), _value(index, frame), ast.unparse(base))
    raise CannotWatch(
        f"a NAME, OBJECT.NAME or OBJECT[KEY] can be watched, not {text!r}: put it into a variable and watch that"
    )


def stored_attribute(owner: object, name: str) -> Any:
    """What an attribute holds as it is stored: in the object, a slot or the class; MISSING where nothing."""
    if issubclass(type(owner), type):
        return class_attribute(owner, name)  # type: ignore[arg-type]
    namespace = instance_dict(owner)
    if namespace is not None:
        found = dict.get(namespace, name, MISSING)
        if found is not MISSING:
            return found
    for slot, value in slots(owner):
        if slot == name:
            return value
    found = class_attribute(type(owner), name)
    return MISSING if found is MISSING or class_attribute(type(found), "__get__") is not MISSING else found


def _variable(name: str, frame: FrameType) -> Subject:
    code = frame.f_code
    if is_function(code) and name in function_names(code):
        return Subject(name, "cell" if name in code.co_cellvars + code.co_freevars else "local", frame)
    if not is_function(code) and not is_module(frame) and name in locals_snapshot(frame):
        return Subject(name, "local", frame)  # a class body
    if name in frame.f_globals or (name in code.co_names and is_module(frame)):
        return Subject(name, "global", owner=frame.f_globals)
    raise CannotWatch(f"there is no variable {name!r} here")


def _attribute(owner: object, name: str, base: str) -> Subject:
    kind = type(owner)
    if issubclass(kind, ModuleType) and (space := instance_dict(owner)) is not None:
        return Subject(name, "global", owner=space)
    described = class_attribute(kind, name)
    if type(described) is property:
        raise CannotWatch(
            f"{name} is a property of {type_name(owner)}: its value is made by code each time it is asked for."
            f"{_reads(described, owner, base)}"
        )
    if described is not MISSING and not _is_slot(kind, name) and _computes(described):
        raise CannotWatch(f"{name} is a {type_name(described)} of {type_name(owner)}: its value is made by code")
    if instance_dict(owner) is None and described is MISSING and not issubclass(kind, type):
        raise CannotWatch(f"{type_name(owner)} has no attribute {name!r}")
    return Subject(name, "attribute", owner=owner)


def _reads(described: property, owner: object, base: str) -> str:
    """A remark on which attributes the property itself reads, which can be watched."""
    getter = described.fget
    if type(getter) is not FunctionType or not getter.__code__.co_varnames:
        return ""
    held = {*(instance_dict(owner) or {}), *(name for name, _ in slots(owner))}
    names = [f"{base}.{name}" for name in getter.__code__.co_names if name in held]
    return f" Watch what it reads: {', '.join(names[:3])}" if names else ""


def _of_item(owner: object, key: object, base: str) -> Subject:
    kind = type(owner)
    if type(key) not in _PLAIN_KEYS:
        raise CannotWatch(f"a key can be watched where it is a str, a number, bytes or None, not {type_name(key)}")
    if issubclass(kind, dict) or (issubclass(kind, list) and type(key) is int):
        return Subject("[…]", "item", owner=owner, key=key)
    if issubclass(kind, list):
        raise CannotWatch(f"a list's item is watched by its index, not by {type_name(key)}")
    raise CannotWatch(f"items of a dict or a list can be watched; {base} is a {type_name(owner)}")


def _item(owner: Any, key: Any) -> Any:
    if issubclass(type(owner), dict):
        return dict.get(owner, key, MISSING)
    length = list.__len__(owner)
    return list.__getitem__(owner, key) if -length <= key < length else MISSING


def _mangled(name: str, code: CodeType) -> str:
    """`__x` typed in a method is the class's own `_Cart__x`, as for the compiler."""
    owner, _, _ = code.co_qualname.rpartition(".")
    owner = owner.rpartition(".")[2].lstrip("_")
    private = name.startswith("__") and not name.endswith("__") and owner and owner != "<locals>"
    return f"_{owner}{name}" if private else name


def _is_slot(kind: type, name: str) -> bool:
    return any(
        type(class_dict(base).get(name)).__name__ in ("member_descriptor", "getset_descriptor") for base in mro(kind)
    )


def _computes(described: object) -> bool:
    """Whether it is a data descriptor: it has a `__set__`, so the instance's own dict is not asked."""
    return class_attribute(type(described), "__set__") is not MISSING


def _value(tree: ast.expr, frame: FrameType) -> Any:
    """The value of a chain of names, attributes and items, or a constant. Raises CannotWatch where code would run."""
    with standard("ast"):
        import ast  # start-up: see find

    match tree:
        case ast.Constant(value=value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(value))):
            return -value
        case ast.Name(id=name):
            found = locals_snapshot(frame).get(name, MISSING)
            if found is MISSING:
                found = dict.get(frame.f_globals, name, MISSING)
            if found is MISSING:
                raise CannotWatch(f"there is no variable {name!r} here")
            return found
        case ast.Attribute(value=base, attr=name):
            owner = _value(base, frame)
            found = stored_attribute(owner, _mangled(name, frame.f_code))
        case ast.Subscript(value=base, slice=index):
            owner, key = _value(base, frame), _value(index, frame)
            found = MISSING
            if issubclass(type(owner), (dict, list)) and type(key) in _PLAIN_KEYS:
                found = _item(owner, key) if issubclass(type(owner), dict) or type(key) is int else MISSING
            elif issubclass(type(owner), tuple) and type(key) is int:
                found = tuple.__getitem__(owner, key) if abs(key) < tuple.__len__(owner) else MISSING
        case _:
            found = MISSING
    if found is MISSING:
        text = ast.unparse(tree)
        raise CannotWatch(f"{text} is not known without running code: put it into a variable first (!it = {text})")
    return found
