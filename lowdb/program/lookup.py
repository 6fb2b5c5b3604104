"""What an expression of names, attributes and subscripts means in a frame, without running any of the program's code.

It stops at a property, `__getattr__`, a descriptor, a subscript of the program's own, and says whose code would run.
"""

from __future__ import annotations

import builtins
import types
from itertools import islice
from types import FunctionType, GetSetDescriptorType, MemberDescriptorType, MethodType, ModuleType
from typing import TYPE_CHECKING

from lowdb.program.compiling import compile_quietly
from lowdb.program.dollars import dollar
from lowdb.program.guard import MISSING, class_dict, class_name, class_place, instance_dict, mro
from lowdb.program.namespaces import SCANNED, Unresolved, entry, is_one_of

if TYPE_CHECKING:
    from typing import Any

    from lowdb.program.namespaces import Names

_AST_ONLY = 0x400  # ast.PyCF_ONLY_AST
_DEEPEST = 50

_BUILTIN: frozenset[type] = frozenset(
    kind for space in (vars(builtins), vars(types)) for kind in space.values() if type(kind) is type
) - {super, types.GenericAlias}
"""Types whose own way to look up attributes is the plain one, and whose fields are plain memory."""
_PLAIN_LOOKUPS = tuple(found for kind in _BUILTIN if (found := class_dict(kind).get("__getattribute__")) is not None)
_DESCRIBED = (MemberDescriptorType, GetSetDescriptorType, property)
_RUNS_CODE = frozenset({"__annotations__", "__annotate__", "__doc__", "__type_params__", "__abstractmethods__"})
_RUNS_CODE |= {"f_locals"}
"""Fields of builtin types that may call what the program has put there, or change something by being read."""
_UNBOUND: tuple[type, ...] = (types.MethodDescriptorType, types.WrapperDescriptorType, types.BuiltinFunctionType)
_UNBOUND += (types.ClassMethodDescriptorType, types.MethodWrapperType)
_SUBSCRIPTED: dict[type, Any] = {kind: class_dict(kind)["__getitem__"] for kind in (list, tuple, dict, str, bytes)}
_KEYS = (str, int, bool, float, bytes, type(None), complex)


class Imagined:
    """An instance of a class that is not there: what a call of the class would make."""

    __slots__ = ("kind",)

    def __init__(self, kind: type) -> None:
        self.kind = kind


# --- expressions ----------------------------------------------------------------------------------


def resolve(text: str, names: Names, depth: int = 0) -> object:
    """The value of an expression, or an Imagined one. Raises Unresolved."""
    try:
        tree: Any = compile_quietly(dollar(text.strip()), "<completion>", "eval", _AST_ONLY)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise Unresolved from None
    return _value(tree.body, names, depth)


def _value(node: Any, names: Names, depth: int) -> object:
    if depth > _DEEPEST:
        raise Unresolved
    match type(node).__name__:
        case "Constant":
            return node.value
        case "Name":
            try:
                return names.get(node.id)
            except Unresolved:
                if node.id not in names.loops:
                    raise
            return first_item(resolve(names.loops[node.id], names, depth + 1))
        case "Attribute":
            return attribute_of(_value(node.value, names, depth + 1), node.attr)
        case "Subscript":
            return item_of(_value(node.value, names, depth + 1), _value(node.slice, names, depth + 1))
        case "UnaryOp" if type(node.op).__name__ == "USub":
            operand = _value(node.operand, names, depth + 1)
            return -operand if type(operand) in (int, float) else _refuse("the expression")  # type: ignore[operator]
        case "NamedExpr":
            return _value(node.value, names, depth + 1)
        case "Tuple":
            return tuple([_value(item, names, depth + 1) for item in node.elts])
        case "Call":
            called = _value(node.func, names, depth + 1)
            if issubclass(type(called), type) and not is_one_of(called, (type, super)):  # type: ignore[arg-type]
                return Imagined(called)  # type: ignore[arg-type]
            return _refuse("the call")
        case "List" | "ListComp":
            return Imagined(list)
        case "Dict" | "DictComp":
            return Imagined(dict)
        case "Set" | "SetComp":
            return Imagined(set)
        case "JoinedStr":
            return Imagined(str)
        case _:
            return _refuse("the expression")


def _refuse(whose: str) -> Any:
    raise Unresolved(whose)


# --- attributes -----------------------------------------------------------------------------------


def class_entry(cls: type, name: str) -> Any:
    """What `name` is in the first class of the mro that has it, unbound; MISSING where none has."""
    for base in mro(cls):
        value = entry(class_dict(base), name)
        if value is not MISSING:
            return value
    return MISSING


def looks_up_plainly(kind: type) -> bool:
    """Whether `value.name` asks the instance dict and the classes and nobody else, where they have the name."""
    found = class_entry(kind, "__getattribute__")
    return any(found is plain for plain in _PLAIN_LOOKUPS)


def own_lookup(kind: type) -> bool:
    """Whether the type has a say of its own in which attributes there are: then those that are known are not all."""
    return not looks_up_plainly(kind) or any(
        type(class_entry(kind, name)) is FunctionType for name in ("__getattr__", "__dir__")
    )


def attribute_of(value: object, name: str) -> object:
    """The attribute; for a method its function. Raises Unresolved."""
    if type(value) is Imagined:
        return _unwrapped(class_entry(value.kind, name), class_name(value.kind), name)
    kind = type(value)
    if name == "__class__":
        return kind
    if not looks_up_plainly(kind):
        raise Unresolved(f"code of {class_name(kind)}")
    found = class_entry(kind, name)
    if found is not MISSING and _is_data(found):
        return _field(value, kind, name, found)
    if issubclass(kind, type):
        own = class_entry(value, name)  # type: ignore[arg-type]
    else:
        namespace = instance_dict(value)
        own = MISSING if namespace is None else entry(namespace, name)
    if own is not MISSING:
        return _unwrapped(own, class_name(value), name, seen_from_class=True) if issubclass(kind, type) else own  # type: ignore[arg-type]
    if found is MISSING:
        module = issubclass(kind, ModuleType)
        lazy = class_entry(kind, "__getattr__") is not MISSING
        if lazy or (module and entry(instance_dict(value) or {}, "__getattr__") is not MISSING):
            raise Unresolved(f"code of {module_name(value) if module else class_name(kind)}")
        raise Unresolved(why=f"no attribute {name!r}")
    return _unwrapped(found, class_name(kind), name)


def module_name(module: object) -> str:
    """The module's name, "the module" where it has none that can be told."""
    name = entry(instance_dict(module) or {}, "__name__")
    return name if type(name) is str else "the module"


def _is_data(found: object) -> bool:
    """Whether it comes before the instance dict."""
    kind = type(found)
    if is_one_of(kind, (FunctionType, staticmethod, classmethod, *_UNBOUND)):
        return False
    return any(class_entry(kind, name) is not MISSING for name in ("__set__", "__delete__"))


def _binds(found: object) -> bool:
    """Whether looking it up on an instance or class calls a `__get__`."""
    return class_entry(type(found), "__get__") is not MISSING


def _unwrapped(found: Any, owner: str, name: str, *, seen_from_class: bool = False) -> object:
    """What a class holds as it is seen from an instance, or from the class: of methods the function.

    Raises Unresolved.
    """
    kind = type(found)
    if is_one_of(kind, (staticmethod, classmethod)):
        return found.__func__
    if is_one_of(kind, (FunctionType, MethodType, *_UNBOUND)):
        return found
    if seen_from_class and is_one_of(kind, _DESCRIBED):
        return found
    if found is MISSING:
        raise Unresolved
    if _binds(found):
        raise Unresolved(f"the property {owner}.{name}" if kind is property else f"code of {owner}.{name}")
    return found


def _field(value: object, kind: type, name: str, found: Any) -> object:
    """What a data descriptor of the class holds for the value, where reading it is reading memory."""
    described = type(found)
    if class_place(described) == "collections._tuplegetter":
        return _named_item(value, kind, name)
    if name == "__dict__" and (namespace := instance_dict(value)) is not None:
        return namespace
    if described is MemberDescriptorType or (
        described is GetSetDescriptorType and is_one_of(found.__objclass__, _BUILTIN) and name not in _RUNS_CODE
    ):
        try:
            return found.__get__(value, kind)
        except Exception:  # an empty slot, or a descriptor of another class
            raise Unresolved from None
    if class_place(described) == "enum.property" and name in ("name", "value"):
        return attribute_of(value, f"_{name}_")
    what = "the property " if described is property else "code of "
    raise Unresolved(f"{what}{class_name(kind)}.{name}")


def _named_item(value: Any, kind: type, name: str) -> object:
    fields = class_entry(kind, "_fields")
    if issubclass(kind, tuple) and type(fields) is tuple:
        for field, item in zip(fields, tuple.__iter__(value), strict=False):
            if type(field) is str and field == name:
                return item
    raise Unresolved


# --- items ----------------------------------------------------------------------------------------


def subscripted(kind: type) -> type | None:
    """The builtin container whose own `[…]` the type has, None where a subscript would run the program's code."""
    found = class_entry(kind, "__getitem__")
    return next((base for base, plain in _SUBSCRIPTED.items() if issubclass(kind, base) and found is plain), None)


def item_of(value: object, key: object) -> object:
    """`value[key]` for the builtin containers and plain keys. Raises Unresolved."""
    base: Any = subscripted(type(value))
    if base is None:
        what = type(value) if type(value) is not Imagined else value.kind
        raise Unresolved("" if type(value) is Imagined else f"code of {class_name(what)}")
    if base is not dict:
        if type(key) is not int:
            raise Unresolved
        try:
            found: object = base.__getitem__(value, key)
        except IndexError:
            raise Unresolved(why=f"no item {key}") from None
        return found
    if not is_plain(key):
        raise Unresolved("the key")
    for known, found in _pairs(value):
        if known is key or (is_plain(known) and type(known) is type(key) and known == key):
            return found
    if type(value) is dict:
        raise Unresolved(why="no such key")
    raise Unresolved(f"code of {class_name(type(value))}")


def _pairs(value: Any) -> list[tuple[Any, Any]]:
    try:
        return list(islice(dict.items(value), SCANNED))
    except RuntimeError:  # another thread changed it meanwhile
        return []


def is_plain(key: object) -> bool:
    """Whether comparing it runs no code of the program."""
    if type(key) is tuple:
        return all(is_plain(part) for part in key)
    return is_one_of(type(key), _KEYS)


def first_item(value: object) -> object:
    """What a loop over a builtin container begins with. Raises Unresolved."""
    for base in (list, tuple, set, frozenset, dict):
        if issubclass(type(value), base) and class_entry(type(value), "__iter__") is class_dict(base)["__iter__"]:
            found: list[object] = list(islice(base.__iter__(value), 1))  # type: ignore[arg-type]
            if found:
                return found[0]
    raise Unresolved
