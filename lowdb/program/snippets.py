"""A text typed by a person, compiled as the body of a function whose free variables are the locals of a frame.

Only names and code: knows no frame.
"""

from __future__ import annotations

import _ast as ast  # a builtin module; `ast` itself costs the start more
from types import CodeType
from typing import TYPE_CHECKING

from lowdb.program.compiling import ALLOW_AWAIT, compile_quietly, parse_quietly
from lowdb.program.dollars import PREFIX
from lowdb.program.mycode import PROMPT

if TYPE_CHECKING:
    from typing import Any, Literal

_FUTURE = 0x1000000 | 0x400000  # the compiler flags of `annotations` and `barry_as_FLUFL`, as in co_flags
_MOST = 200  # texts kept
_READ_THE_SCOPE = frozenset({"locals", "vars", "dir", "eval", "exec"})  # they ask for all names, by no name

_texts: dict[tuple[str, str], Snippet] = {}


def snippet(text: str, mode: Literal["eval", "exec"]) -> Snippet:
    """Return the parsed text. Raises SyntaxError with columns as in the text; ValueError for NUL bytes."""
    key = (text, mode)
    known = _texts.get(key)
    if known is None:
        known = Snippet(text, mode)
        if len(_texts) >= _MOST:
            _texts.clear()
        _texts[key] = known
    return known


class Snippet:
    """A text that has been parsed."""

    __slots__ = ("_codes", "awaits", "bound", "mode", "stripped", "used", "whole_scope")

    def __init__(self, text: str, mode: Literal["eval", "exec"]) -> None:
        self.mode = mode
        # In eval mode a text without a line end has its errors at the end placed in column 0.
        self.stripped = f"{text.strip()}\n" if mode == "eval" else _dedent(text)
        scope = _Scope()
        try:
            scope.read(parse_quietly(self.stripped, PROMPT, mode))
            if scope.outside:
                compile_quietly(self.stripped, PROMPT, mode, ALLOW_AWAIT)
        except SyntaxError as error:
            raise _moved(error, text, self.stripped) from None
        self.used = frozenset(scope.used)
        """All names in it."""
        self.bound = frozenset(scope.bound - scope.globals)
        """Names that it binds or unbinds in the frame."""
        self.whole_scope = scope.stars or not _READ_THE_SCOPE.isdisjoint(scope.used)
        """It reads or fills the scope that it stands in as a whole: `locals()`, `from os import *`."""
        self.awaits = scope.awaits
        """It has `await`, `async for` or `async with` outside any function: its code makes a coroutine."""
        self._codes: dict[Any, tuple[CodeType, CodeType]] = {}

    def code(self, home: CodeType, visible: frozenset[str], module: bool) -> CodeType:
        """Return the code of a function of no arguments that runs the text.

        Its free variables are those `visible` names that it uses and, unless in a `module`, those that it binds.
        The rest is global.
        """
        owner = _class_of(home.co_qualname) if "__" in self.stripped else None
        names = {_mangled(name, owner) for name in self.used}
        if "super" in names:  # `super()` without arguments reads these two of its function
            names.update(("__class__", *home.co_varnames[: min(home.co_argcount, 1)]))
        names &= visible
        if self.whole_scope:
            names |= {name for name in visible if name.isidentifier() and not name.startswith(PREFIX)}
        bound = {_mangled(name, owner) for name in self.bound}
        if not module:
            names |= bound
        key = (id(home), frozenset(names), module)
        known = self._codes.get(key)
        if known is None:
            known = (home, self._compile(home, sorted(names), bound, owner))
            self._codes[key] = known
        return known[1]

    def _compile(self, home: CodeType, names: list[str], bound: set[str], owner: str | None) -> CodeType:
        tree: Any = parse_quietly(self.stripped, PROMPT, self.mode)
        if "super" in self.used and "__class__" in names and home.co_argcount:
            _fill_super(tree, home.co_varnames[0])
        body = [ast.Return(tree.body)] if self.mode == "eval" else _without_annotations(tree.body)
        declared: list[Any] = []
        for kind, some in ((ast.Nonlocal, bound.intersection(names)), (ast.Global, bound.difference(names))):
            if some:
                declared.append(kind(sorted(some)))
        if self.whole_scope and names:
            # Never runs, but makes them names of this scope.
            mention = ast.Expr(ast.Tuple([ast.Name(name, ast.Load()) for name in names], ast.Load()))
            declared.append(ast.If(ast.Constant(0), [mention], []))
        # under a name that nobody has: it is a local of the function around it, which must not hide one of the program
        inner = _function(f"{PREFIX}prompt", [], declared + body, self.awaits)
        if owner is not None:
            inner = ast.ClassDef(owner, [], [], [inner], [], type_params=[])
        outer = _function("lowdb", names, [inner])
        module = ast.Module([outer], [])
        _place(module)
        code = compile_quietly(module, PROMPT, "exec", home.co_flags & _FUTURE)
        for _ in range(2 if owner is None else 3):
            code = next(one for one in code.co_consts if type(one) is CodeType)
        return _renamed(code, code.co_qualname, home.co_qualname, PROMPT)


class _Scope:
    """What a text uses and binds, by its tree."""

    def __init__(self) -> None:
        self.used: set[str] = set()
        self.bound: set[str] = set()
        self.globals: set[str] = set()
        self.outside = False
        """It has `return`, `yield` or `await` outside any function: the compiler's own words are wanted."""
        self.awaits = False
        self.stars = False

    def read(self, tree: Any) -> None:
        self._visit(tree, top=True, comprehension=False)

    def _visit(self, node: Any, *, top: bool, comprehension: bool) -> None:
        kind = type(node).__name__
        if kind == "Name":
            self.used.add(node.id)
            if type(node.ctx).__name__ != "Load" and top and not comprehension:
                self.bound.add(node.id)
            return
        if kind in ("FunctionDef", "AsyncFunctionDef", "ClassDef"):
            if top:
                self.bound.add(node.name)
            self.used.add(node.name)
            for part in node.decorator_list:
                self._visit(part, top=top, comprehension=comprehension)
            outer = [node.args] if kind != "ClassDef" else [*node.bases, *node.keywords]
            for part in outer:
                self._visit(part, top=top, comprehension=comprehension)
            if getattr(node, "returns", None) is not None:
                self._visit(node.returns, top=top, comprehension=comprehension)
            for part in [*node.body, *node.type_params]:
                self._visit(part, top=False, comprehension=False)
            return
        if kind == "Lambda":
            self._visit(node.args, top=top, comprehension=comprehension)
            self._visit(node.body, top=False, comprehension=False)
            return
        if kind == "NamedExpr":
            self._visit(node.value, top=top, comprehension=comprehension)
            self.used.add(node.target.id)
            if top:  # in a comprehension too: it binds in the scope around (PEP 572)
                self.bound.add(node.target.id)
            return
        if kind in ("ListComp", "SetComp", "DictComp", "GeneratorExp"):
            comprehension = True
        elif kind in ("Import", "ImportFrom"):
            for alias in node.names:
                name = alias.asname or alias.name.partition(".")[0]
                self.used.add(name)
                if name == "*":
                    self.stars = True
                elif top:
                    self.bound.add(name)
        elif kind == "Nonlocal":
            self.used.update(node.names)
        elif kind == "Global":
            self.used.update(node.names)
            if top:
                self.globals.update(node.names)
        elif kind in ("ExceptHandler", "MatchAs", "MatchStar", "MatchMapping"):
            name = node.rest if kind == "MatchMapping" else node.name
            if name is not None:
                self.used.add(name)
                if top:
                    self.bound.add(name)
        elif kind in ("Return", "Yield", "YieldFrom", "Await", "AsyncFor", "AsyncWith") or (
            kind == "comprehension" and node.is_async
        ):
            self.outside = self.outside or top
            self.awaits = self.awaits or (top and kind not in ("Return", "Yield", "YieldFrom"))
        for field in node._fields:
            value = getattr(node, field, None)
            for child in value if type(value) is list else (value,):
                if hasattr(child, "_fields"):
                    self._visit(child, top=top, comprehension=comprehension)


def _function(name: str, arguments: list[str], body: list[Any], waits: bool = False) -> Any:
    given = ast.arguments([], [ast.arg(one) for one in arguments], None, [], [], None, [])
    kind = ast.AsyncFunctionDef if waits else ast.FunctionDef
    return kind(name, given, body or [ast.Pass()], [], type_params=[])


def _place(node: Any, line: int = 1) -> None:
    """Give a line to the nodes that were made here; those of the text keep theirs."""
    if "lineno" in node._attributes and not hasattr(node, "lineno"):
        node.lineno = node.end_lineno = line
        node.col_offset = node.end_col_offset = 0
    for field in node._fields:
        value = getattr(node, field, None)
        for child in value if type(value) is list else (value,):
            if hasattr(child, "_fields"):
                _place(child, line)


def _fill_super(tree: Any, first: str) -> None:
    """Give `super()` the arguments that it would find in the frame's own function."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        bare = type(node) is ast.Call and not node.args and not node.keywords
        if bare and type(node.func) is ast.Name and node.func.id == "super":
            node.args = [ast.Name("__class__", ast.Load()), ast.Name(first, ast.Load())]
        for field in node._fields:
            value = getattr(node, field, None)
            children: list[Any] = value if type(value) is list else [value]
            waiting += [child for child in children if hasattr(child, "_fields")]


def _without_annotations(body: list[Any]) -> list[Any]:
    """Make `x: int = 1` a plain assignment: a name that is nonlocal or global must not be annotated."""
    found = []
    for node in body:
        if type(node) is ast.AnnAssign:
            if node.value is None:
                continue
            plain = ast.Assign([node.target], node.value)
            plain.lineno, plain.col_offset = node.lineno, node.col_offset
            plain.end_lineno, plain.end_col_offset = node.end_lineno, node.end_col_offset
            node = plain
        elif type(node).__name__ not in ("FunctionDef", "AsyncFunctionDef", "ClassDef"):
            for field in ("body", "orelse", "finalbody"):
                if type(getattr(node, field, None)) is list:
                    setattr(node, field, _without_annotations(getattr(node, field)) or [])
            for part in [*getattr(node, "handlers", ()), *getattr(node, "cases", ())]:
                part.body = _without_annotations(part.body)
        found.append(node)
    return found


def _renamed(code: CodeType, old: str, new: str, name: str | None = None) -> CodeType:
    """Return the code with the qualified names of what is defined in it as if it stood in the frame."""
    constants = []
    for constant in code.co_consts:
        if type(constant) is CodeType:
            constant = _renamed(constant, old, new)
        elif type(constant) is str and constant.startswith(f"{old}.<locals>"):  # a class body's __qualname__
            constant = new + constant[len(old) :]
        constants.append(constant)
    qualname = code.co_qualname
    if qualname.startswith(old):
        qualname = new + qualname[len(old) :]
    return code.replace(co_consts=tuple(constants), co_qualname=qualname, co_name=name or code.co_name)


def _class_of(qualname: str) -> str | None:
    """Return the class whose body holds the function, as private names are mangled by it; None outside classes."""
    parts = qualname.split(".")
    for place in range(len(parts) - 2, -1, -1):
        if "<locals>" not in (parts[place], parts[place + 1]):
            return parts[place]
    return None


def _is_private(name: str) -> bool:
    return name.startswith("__") and not name.endswith("__")


def _mangled(name: str, owner: str | None) -> str:
    if owner is None or not _is_private(name) or not owner.strip("_"):
        return name
    return f"_{owner.lstrip('_')}{name}"


def _dedent(text: str) -> str:
    """Take the first line's indentation off all lines that have it."""
    text = text.strip("\n").rstrip()
    indent = text[: len(text) - len(text.lstrip(" \t"))]
    if not indent:
        return text
    return "\n".join(line.removeprefix(indent) for line in text.split("\n"))


def _moved(error: SyntaxError, text: str, stripped: str) -> SyntaxError:
    """Put the error's columns where they are in the text as typed."""
    first = text.find(stripped.split("\n", 1)[0]) if stripped else 0
    line_start = text.rfind("\n", 0, first) + 1 if first > 0 else 0
    by = first - line_start if first > 0 else 0
    before = text[:line_start].count("\n")
    if error.offset is not None and by > 0:
        error.offset += by
        if error.end_offset is not None:
            error.end_offset += by
    if error.lineno is not None:
        error.lineno += before
        if error.end_lineno is not None:
            error.end_lineno += before
        given = text.split("\n")
        if 0 < error.lineno <= len(given):
            error.text = given[error.lineno - 1]
    return error
