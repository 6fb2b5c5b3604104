"""Code objects: which lines of one can be stopped at, which ones are alive, which belong to a file.

A code object is never a key here: it hashes in O(size) and equal code of two files is equal. Keys are `id(code)`.
"""

from __future__ import annotations

import gc
import sys
from functools import cache, partial
from itertools import chain, compress, repeat, starmap
from types import AsyncGeneratorType, CodeType, CoroutineType, FrameType, FunctionType, GeneratorType, ModuleType
from typing import TYPE_CHECKING
from weakref import ref

from lowdb.capabilities import INTERPRETER
from lowdb.program.imports import standard
from lowdb.program.paths import canonical
from lowdb.program.threads import newest_frames

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_CACHE = 0  # the opcode of inline cache entries: `co_code` shows them as zeros


class _Opcodes:
    """Numbers of the few opcodes that the line table is read by; they change with every version."""

    __slots__ = ("extended_arg", "jump_backward", "resume", "return_generator", "silent")

    def __init__(self) -> None:
        with standard("opcode"):
            from opcode import opmap  # start-up: 1.5 ms, needed with the first breakpoint only

        self.resume = opmap["RESUME"]
        self.return_generator = opmap["RETURN_GENERATOR"]
        self.extended_arg = opmap["EXTENDED_ARG"]
        self.jump_backward = opmap["JUMP_BACKWARD"]
        # CPython's initialize_lines() (Python/instrumentation.c) never lets these start a line: the interpreter skips
        # over them (FOR_ITER past END_FOR, SEND past END_SEND), and RESUME has events of its own.
        names = ("RESUME", "END_FOR", "END_SEND", "END_ASYNC_FOR", "POP_ITER", "CACHE")
        self.silent = frozenset(opmap[name] for name in names if name in opmap)


@cache
def _numbers() -> _Opcodes:
    return _Opcodes()


def qualname(code: CodeType) -> str:
    """Return the dotted name of what the code is the body of: `Cart.checkout`, `outer.<locals>.inner`, `<module>`."""
    return code.co_qualname


def nested(code: CodeType) -> Iterator[CodeType]:
    """Yield the code, then all code in its constants, recursively: its functions, classes, lambdas."""
    waiting = [code]
    while waiting:
        code = waiting.pop()
        yield code
        waiting.extend([constant for constant in code.co_consts if type(constant) is CodeType])


def _first_traced(instructions: bytes) -> int:
    """Return the number of the RESUME that begins the body: nothing before it is traced (`_co_firsttraceable`).

    A generator's comes after RETURN_GENERATOR; the code of a generator expression has one more before it (3.15).
    """
    numbers = _numbers()
    return instructions.index(numbers.resume, max(instructions.find(numbers.return_generator), 0))


def stoppable_lines(code: CodeType) -> frozenset[int]:
    """Return the lines at which LINE can fire in this code, that of nested code left out.

    Empty where there is no line table. Whether a path leads to a line is not asked.
    """
    numbers = _numbers()
    silent = numbers.silent
    instructions = code.co_code[::2]
    begin = _first_traced(instructions)
    lines: set[int] = set()
    for start, end, line in code.co_lines():
        if line is None or line in lines:
            continue
        for instruction in instructions[max(start // 2, begin) : end // 2]:
            if instruction not in silent:
                lines.add(line)
                break
    lines.discard(0)  # the RESUME of a module is said to be on line 0
    return frozenset(lines)


def first_line(code: CodeType) -> int | None:
    """Return the line at which the first LINE of a run fires, None where none does."""
    numbers = _numbers()
    instructions = code.co_code[::2]
    begin = _first_traced(instructions)
    for start, end, line in code.co_lines():
        if not line:
            continue
        for instruction in instructions[max(start // 2, begin) : end // 2]:
            if instruction not in numbers.silent:
                return line
    return None


def needs_start(code: CodeType) -> bool:
    """Return whether LINE at the body's first line fires only with PY_START armed as well (cpython#155992)."""
    if not INTERPRETER.one_line_needs_start:
        return False
    begin = _first_traced(code.co_code[::2]) * 2
    for start, end, line in code.co_lines():
        if start <= begin < end:
            return line is not None and line == first_line(code)
    return False


def one_line_loops(code: CodeType) -> dict[int, int]:
    """Return the loops that turn within one line: offset of the backward jump (as JUMP reports it) to the line.

    LINE fires once for all turns of such a loop, JUMP for each.
    """
    numbers = _numbers()
    bytecode = code.co_code
    if numbers.jump_backward not in bytecode[::2]:
        return {}
    lines = [(start, end, line) for start, end, line in code.co_lines() if line]

    def line_at(offset: int) -> int | None:
        return next((line for start, end, line in lines if start <= offset < end), None)

    loops: dict[int, int] = {}
    argument = 0
    for offset in range(0, len(bytecode), 2):
        instruction = bytecode[offset]
        argument = argument << 8 | bytecode[offset + 1]
        if instruction == numbers.extended_arg:
            continue
        if instruction == numbers.jump_backward:
            after = offset + 2
            while after < len(bytecode) and bytecode[after] == _CACHE:
                after += 2
            line = line_at(offset)
            if line is not None and line_at(after - 2 * argument) == line:
                loops[offset] = line
        argument = 0
    return loops


def has_one_line_loop(code: CodeType, line: int) -> bool:
    """Return whether a loop turns within `line`."""
    return line in one_line_loops(code).values()


def live_codes() -> Iterator[CodeType]:
    """Yield each code object that is running, suspended or can be called, with its nested code, each once.

    Found: frames of all threads, functions, generators, coroutines. Not found: code that was compiled and never run.
    """
    found: dict[int, CodeType] = {}
    for top in newest_frames().values():
        frame: FrameType | None = top
        while frame is not None:
            found[id(frame.f_code)] = frame.f_code
            frame = frame.f_back
    for code in _carried():
        found[id(code)] = code
    level = list(found.values())
    while level:
        deeper = [constant for code in level for constant in code.co_consts if type(constant) is CodeType]
        level = []
        for code in deeper:
            if id(code) not in found:
                found[id(code)] = code
                level.append(code)
    return iter(found.values())


_CARRIERS = frozenset({FunctionType, GeneratorType, CoroutineType, AsyncGeneratorType})

# 3.12 itself freezes 375 objects at its start, no function among them. A program that has called gc.freeze() has
# thousands.
_FROZEN_AT_START = 1000


def _carried() -> list[CodeType]:
    """Return the code of all functions, generators and coroutines, some of it more than once."""
    # compress(L, map(_CARRIERS.__contains__, map(type, L))) for L = gc.get_objects(), which exists only while `list` is
    # at work, all in C: no other thread runs then. Before 3.14 a tuple that another thread is just building could not
    # grow while L holds it, and the program would get a SystemError. `type(x)` runs nothing of it, `isinstance` may.
    twice = chain.from_iterable(map(partial(repeat, times=2), starmap(gc.get_objects, [()])))
    wanted = map(partial(map, _CARRIERS.__contains__), map(partial(map, type), twice))
    carriers: list[Any] = list(chain.from_iterable(map(compress, twice, wanted)))
    if gc.get_freeze_count() > _FROZEN_AT_START:
        carriers += _frozen_carriers()
    codes: list[CodeType] = [thing.__code__ for thing in carriers if type(thing) is FunctionType]
    if len(codes) < len(carriers):
        codes += [thing.gi_code for thing in carriers if type(thing) is GeneratorType]
        codes += [thing.cr_code for thing in carriers if type(thing) is CoroutineType]
        codes += [thing.ag_code for thing in carriers if type(thing) is AsyncGeneratorType]
    return codes


def _frozen_carriers() -> list[Any]:
    """Return what `gc.freeze()` has hidden from `gc.get_objects()`: a walk from the loaded modules.

    Not into frames: this one's lists grow as fast as a walk that has come to them. Nor for ever: other threads may make
    new objects all the time.
    """
    seen: dict[int, Any] = {}
    waiting: list[Any] = [sys.modules]
    most = 4 * gc.get_freeze_count() + 1_000_000
    while waiting and len(seen) < most:
        # Modules by their namespaces only: to ask `_asyncio` itself need not end in 3.12.1, whose list of iterators of
        # futures that are kept for use again may bite its own tail.
        things = gc.get_referents(*map(_without_module, waiting))
        waiting = []
        for thing in things:
            if id(thing) not in seen and gc.is_tracked(thing):
                seen[id(thing)] = thing
                if type(thing) is not FrameType:
                    waiting.append(thing)
    kinds = _CARRIERS
    return [thing for thing in seen.values() if type(thing) in kinds]


def _without_module(thing: object) -> object:
    return object.__getattribute__(thing, "__dict__") if issubclass(type(thing), ModuleType) else thing


class CodeIndex:
    """The known code objects by file. Holds them weakly: a program that makes code in a loop keeps its memory."""

    def __init__(self) -> None:
        self._files: dict[str, dict[int, ref[CodeType]]] = {}

    def add(self, code: CodeType) -> list[CodeType]:
        """Take in the code and all nested in it; return those that were not known yet."""
        new = []
        for one in nested(code):
            codes = self._files.setdefault(canonical(one.co_filename), {})
            key = id(one)
            if key not in codes:
                # The reference dies just before the id can be used again, so an id never means two codes.
                codes[key] = ref(one, lambda _, codes=codes, key=key: codes.pop(key, None))  # type: ignore[misc]
                new.append(one)
        return new

    def __contains__(self, code: CodeType) -> bool:
        return id(code) in self._files.get(canonical(code.co_filename), ())

    def __len__(self) -> int:
        return sum(len(codes) for codes in self._files.values())

    def files(self) -> list[str]:
        """Return the canonical names of the files that have live code here."""
        return [name for name, codes in list(self._files.items()) if codes]

    def codes(self, path: str) -> list[CodeType]:
        """Return the live code of a file, in the order it was added. The name need not be canonical."""
        known = self._files.get(canonical(path), {})
        return [code for one in list(known.values()) if (code := one()) is not None]

    def lines(self, path: str) -> frozenset[int]:
        """Return the lines of a file that its live code can be stopped at."""
        found: set[int] = set()
        for code in self.codes(path):
            found |= stoppable_lines(code)
        return frozenset(found)

    def named(self, name: str) -> list[CodeType]:
        """Return the codes whose qualified name is `name` in any file, `.<locals>` written or not."""
        return self.find(name)

    def find(self, name: str, module: str | None = None) -> list[CodeType]:
        """Return the codes whose qualified name is `name`, `.<locals>` written or not.

        `module` limits them to one module's file: a dotted module name that is loaded, or a file name.
        """
        wanted = name.replace(".<locals>", "")
        paths = self.files() if module is None else _module_files(module)
        return [
            code for path in paths for code in self.codes(path) if code.co_qualname.replace(".<locals>", "") == wanted
        ]


def _module_files(module: str) -> list[str]:
    loaded = sys.modules.get(module)
    namespace = getattr(loaded, "__dict__", None) if type(loaded) is type(sys) else None
    filename = namespace.get("__file__") if type(namespace) is dict else None
    return [canonical(filename if type(filename) is str else module)]
