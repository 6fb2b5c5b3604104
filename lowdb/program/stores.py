"""Where code stores: the instructions after which a name, an attribute or an item may hold something else.

Reads bytecode only. An offset is one that INSTRUCTION fires at: that of the instruction behind the store.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from lowdb.program.imports import standard

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import CodeType
    from typing import Literal

    type Scope = Literal["local", "cell", "global", "attribute", "item"]

_CACHE: Final = 0  # what `co_code` shows for inline cache entries
_FIRST_INPLACE: Final = 13  # of BINARY_OP's arguments (NB_INPLACE_ADD)
_LAST_INPLACE: Final = 25
_MUTATORS: Final = (
    "append extend insert pop popitem remove clear sort reverse update setdefault appendleft popleft extendleft rotate"
    " move_to_end subtract __setitem__ __delitem__"
)
_AROUND: Final[dict[str, frozenset[str]]] = {
    "attribute": frozenset({"setattr", "delattr", "__setattr__", "__delattr__", "__dict__", "vars", "__set__"}),
    "global": frozenset({"setattr", "delattr", "__setattr__", "__dict__", "vars", "globals"}),
    "item": frozenset(_MUTATORS.split()),
}
"""Names in code that may store without an instruction of its own: it is looked at after each of its calls."""


class _Opcodes:
    """The numbers of the opcodes that store."""

    __slots__ = (
        "binary",
        "calls",
        "clear",
        "extended",
        "items",
        "pairs",
        "resume",
        "returns",
        "stores",
    )

    def __init__(self) -> None:
        with standard("opcode"):
            from opcode import opmap  # start-up: needed with the first data watch only

        def numbers(names: str) -> frozenset[int]:
            return frozenset(opmap[name] for name in names.split() if name in opmap)

        self.extended = opmap["EXTENDED_ARG"]
        self.resume = opmap["RESUME"]
        self.binary = opmap["BINARY_OP"]
        self.clear = opmap["LOAD_FAST_AND_CLEAR"]
        self.pairs = numbers("STORE_FAST_STORE_FAST STORE_FAST_LOAD_FAST")
        self.returns = numbers("RETURN_VALUE RETURN_CONST")
        self.calls = numbers("CALL CALL_KW CALL_FUNCTION_EX")
        self.items = numbers("STORE_SUBSCR DELETE_SUBSCR STORE_SLICE")
        names = numbers("STORE_NAME DELETE_NAME")
        self.stores: dict[str, frozenset[int]] = {
            "local": numbers("STORE_FAST DELETE_FAST") | self.pairs | names,
            "cell": numbers("STORE_DEREF DELETE_DEREF"),
            "global": numbers("STORE_GLOBAL DELETE_GLOBAL STORE_ATTR DELETE_ATTR") | names,
            "attribute": numbers("STORE_ATTR DELETE_ATTR"),
            "item": self.items,
        }


@cache
def _numbers() -> _Opcodes:
    return _Opcodes()


def after_stores(code: CodeType, name: str, scope: Scope, contents: bool = False) -> dict[int, int]:
    """Return the places where `name` may have been stored just now: offset of the event -> offset of what stored.

    `scope` says what kind of name it is ("item": any item, `name` means nothing). With `contents` also the places
    where what it holds may have changed inside: after each call and item assignment of code that mentions it.
    """
    names = code.co_names
    mentioned = name in names
    around = scope in _AROUND and not _AROUND[scope].isdisjoint(names)
    if not (mentioned or around) and scope in ("attribute", "global"):
        return {}  # most code: asked of all that is loaded, so this comes first
    numbers = _numbers()
    mentioned = mentioned or scope == "item" or (scope in ("local", "cell") and name in _variables(code))
    if not (mentioned or around):
        return {}
    wanted = numbers.stores[scope] if mentioned else frozenset()
    wide = around or (contents and mentioned and scope != "item")
    plain = code.co_code
    instructions = plain[::2]
    if not wide and not any(instruction in instructions for instruction in wanted):
        return {}
    own = _own_stores(code, name) if scope == "local" else None
    found: dict[int, int] = {}
    argument = 0
    before: int | None = None  # the store whose next instruction is looked for
    for offset in range(0, len(plain), 2):
        instruction = plain[offset]
        if instruction == _CACHE:
            continue
        if before is not None:
            found[offset] = before
        argument = argument << 8 | plain[offset + 1]
        if instruction == numbers.extended:
            continue
        stores = instruction in wanted and (scope == "item" or name in _stored(code, instruction, argument, numbers))
        if stores and own is not None and offset in own:
            stores = False
        before = offset if stores or (wide and _changes(instruction, argument, numbers)) else None
        argument = 0
    return found


def stores_itself(code: CodeType, name: str, scope: Scope) -> bool:
    """Return whether the code has an instruction that stores `name`; else it may only do so by a call."""
    numbers = _numbers()
    wanted = numbers.stores[scope]
    if scope in ("local", "cell", "item"):
        return not wanted.isdisjoint(code.co_code[::2])
    argument, plain = 0, code.co_code
    for offset in range(0, len(plain), 2):
        argument = argument << 8 | plain[offset + 1]
        if plain[offset] == numbers.extended:
            continue
        if plain[offset] in wanted and code.co_names[argument] == name:
            return True
        argument = 0
    return False


def returns_at(code: CodeType, offsets: Iterable[int]) -> bool:
    """Return whether one of the instructions at these offsets ends the frame."""
    returns, plain = _numbers().returns, code.co_code
    return any(plain[offset] in returns for offset in offsets)


def line_at(code: CodeType, offset: int) -> int:
    """Return the line (1-based) of the instruction at an offset; where it has none (the end of an `except … as x`),
    that of what stands before it.
    """
    last = code.co_firstlineno
    for start, _, line in code.co_lines():
        if start > offset:
            break
        last = line or last
    return last


def _variables(code: CodeType) -> tuple[str, ...]:
    return code.co_varnames + code.co_cellvars + code.co_freevars


def _stored(code: CodeType, instruction: int, argument: int, numbers: _Opcodes) -> tuple[str, ...]:
    """The names that a store with this argument stores."""
    if instruction in numbers.pairs:
        return code.co_varnames[argument >> 4], code.co_varnames[argument & 15]
    if instruction in numbers.stores["cell"] or (
        instruction in numbers.stores["local"] and instruction not in numbers.stores["global"]
    ):
        return (code._varname_from_oparg(argument),)  # type: ignore[attr-defined]  # as `dis` does it
    return (code.co_names[argument],)


def _changes(instruction: int, argument: int, numbers: _Opcodes) -> bool:
    """Whether what some name holds may be changed inside by it: a call, an item, `+=`, a wait for others."""
    if instruction == numbers.binary:
        return _FIRST_INPLACE <= argument <= _LAST_INPLACE
    if instruction == numbers.resume:
        return bool(argument & 3)  # it went on after a yield or an await
    return instruction in numbers.calls or instruction in numbers.items


def _own_stores(code: CodeType, name: str) -> frozenset[int]:
    """The stores to a comprehension's own variable of that name, which is not the function's (PEP 709)."""
    numbers = _numbers()
    if numbers.clear not in code.co_code[::2]:
        return frozenset()
    places = list(code.co_positions())
    plain = code.co_code
    inside = []
    for offset in range(0, len(plain), 2):
        if plain[offset] == numbers.clear and code.co_varnames[plain[offset + 1] : plain[offset + 1] + 1] == (name,):
            inside.append(_span(places[offset // 2]))
    found = set()
    for offset in range(0, len(plain), 2):
        if plain[offset] in numbers.stores["local"]:
            span = _span(places[offset // 2])
            if any(one[0] <= span[0] and span[1] <= one[1] for one in inside):
                found.add(offset)
    return frozenset(found)


def _span(place: tuple[int | None, int | None, int | None, int | None]) -> tuple[tuple[int, int], tuple[int, int]]:
    line, end_line, column, end_column = place
    return (line or 0, column or 0), (end_line or 0, end_column or 0)
