"""The function, class or module body that a line of source belongs to, and the lines of it that can be stopped at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lowdb.program.codes import nested, stoppable_lines
from lowdb.program.compiling import parse_quietly

if TYPE_CHECKING:
    from types import CodeType
    from typing import Any

    from lowdb.program.sources import Source


class Block:
    """One body."""

    __slots__ = ("lines", "name")

    def __init__(self, name: str, lines: frozenset[int]) -> None:
        self.name = name
        """In words: `the function f`, `the class K`, `the file`."""
        self.lines = lines
        """That of lambdas and generator expressions in it included, that of its functions and classes not."""


class Definition:
    """What is kept of a function's or class's syntax node: the nodes themselves are megabytes."""

    __slots__ = ("begin", "body", "column", "last", "line", "name", "word")

    def __init__(self, node: Any) -> None:
        self.name: str = node.name
        self.word = "class" if type(node).__name__ == "ClassDef" else "function"
        self.line: int = node.lineno
        """Of `def` or `class`."""
        self.begin: int = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
        """Of the first decorator, where there is one."""
        self.column: int = node.col_offset
        self.body: int = node.body[0].lineno
        self.last: int = node.end_lineno


def block_at(source: Source, line: int) -> Block:
    """Return the innermost block of the line. The source must compile.

    A signature's line belongs to its function; a comment after the last statement to the body it is indented like.
    """
    code = source.compiled()
    assert code is not None
    found = _innermost(source, line)
    if found is None:
        return Block("the file", _own_lines(code))
    for one in nested(code):
        if one.co_name == found.name and one.co_firstlineno in (found.begin, found.line):
            return Block(f"the {found.word} {one.co_qualname}", _own_lines(one))
    return Block(f"the {found.word} {found.name}", frozenset())


def _own_lines(code: CodeType) -> frozenset[int]:
    lines = set(stoppable_lines(code))
    waiting = [one for one in code.co_consts if type(one) is type(code)]
    while waiting:
        one = waiting.pop()
        # `<lambda>`, `<genexpr>`, `<listcomp>` are part of the block; `<generic parameters of f>` only leads to f.
        if one.co_name.startswith("<") and not one.co_name.startswith("<generic"):
            lines |= stoppable_lines(one)
            waiting += [deeper for deeper in one.co_consts if type(deeper) is type(code)]
    return frozenset(lines)


def _innermost(source: Source, line: int) -> Definition | None:
    """Return the innermost definition whose lines, but for its decorators, have `line` in them."""
    if source.definitions is None:
        source.definitions = _definitions(parse_quietly(source.text, source.filename, "exec"))
    around = [one for one in source.definitions if one.line <= line <= _end(one, source, line)]
    return max(around, key=lambda one: (one.line, one.column), default=None)


def _definitions(tree: Any) -> list[Definition]:
    found = []
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if type(node).__name__ in ("FunctionDef", "AsyncFunctionDef", "ClassDef"):
            found.append(Definition(node))
        for field in node._fields:
            value = getattr(node, field, None)
            # Only statements hold definitions: those, handlers and cases come in lists.
            if type(value) is list:
                waiting += [child for child in value if hasattr(child, "_fields")]
    return found


def _end(definition: Definition, source: Source, line: int) -> int:
    """Return the last line of a definition, comments after its last statement that are indented like it included."""
    if line <= definition.last or definition.body == definition.line:
        return definition.last
    at = definition.last
    for number in range(definition.last + 1, min(line, len(source.lines)) + 1):
        text = source.line(number)
        bare = text.strip()
        if bare and (not bare.startswith("#") or len(text) - len(text.lstrip()) <= definition.column):
            break
        if bare:
            at = number
    return at
