"""Which names belong behind which lines of a function that stands at one of them: those whose value is true there.

Works on the source alone; a name that another path, or a later turn of a loop, may have bound since is left out.
"""

from __future__ import annotations

import _ast
from _ast import AST
from typing import TYPE_CHECKING

from lowdb.program.compiling import parse_quietly

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

_SUITES = ("body", "orelse", "finalbody", "handlers", "cases")
_DEFINITIONS = (_ast.FunctionDef, _ast.AsyncFunctionDef, _ast.ClassDef)
_COMPREHENSIONS = (_ast.ListComp, _ast.SetComp, _ast.DictComp, _ast.GeneratorExp)
_LOOPS = (_ast.For, _ast.AsyncFor, _ast.While)
_STRAIGHT = (_ast.With, _ast.AsyncWith)  # whose suite runs once whenever they do
_BIGGEST = 300_000  # characters that are parsed


def names_at(lines: Sequence[str], first: int, line: int, *, module: bool = False) -> list[tuple[int, str]]:
    """(line, name) for the frame of a function whose source is `lines`, the first of them numbered `first` (1-based).

    A name that a line above has bound stands behind that line; one that the current `line` uses and that stands nowhere
    above, behind the current one. Empty where the source does not parse, or is not that of one function or module.
    """
    tree = _parsed(lines, first, module)
    if tree is None:
        return []
    at = _Reader(line)
    if not module:
        for node in _walk(tree.args):
            if type(node) is _ast.arg:
                at.shown[node.arg] = node.lineno
    at.suite(tree.body)
    for node in at.used:
        at.shown.setdefault(node.id, node.lineno)
    return sorted((number, name) for name, number in at.shown.items())


def _parsed(lines: Sequence[str], first: int, module: bool) -> Any:
    """The Module, or the function's node, with the line numbers of the file; None where it is something else."""
    text = "\n".join(lines)
    if len(text) > _BIGGEST:
        return None
    indented = text[:1].isspace() and not module
    shift = first - 1 - indented
    try:
        tree = parse_quietly("if 1:\n" + text if indented else text, "<view>", "exec")
    except (SyntaxError, ValueError):
        return None
    if not module:
        body = tree.body[0].body if indented else tree.body
        if not body or not isinstance(body[0], _ast.FunctionDef | _ast.AsyncFunctionDef):
            return None
        tree = body[0]
    if shift:
        for node in _walk(tree, everything=True):
            if hasattr(node, "lineno"):
                node.lineno += shift
                node.end_lineno += shift
    return tree


class _Reader:
    """Goes down to the statement at `line`, along the statements that must have run before it."""

    def __init__(self, line: int) -> None:
        self.line = line
        self.shown: dict[str, int] = {}
        """The line that a name stands behind."""
        self.used: list[Any] = []
        """The names that the statement at the line reads."""

    def suite(self, statements: list[Any]) -> bool:
        """Take in the statements up to the current one; whether it is among them."""
        for statement in statements:
            if _first(statement) > self.line:
                return True  # the line is a blank one or a comment before it
            if self.line <= statement.end_lineno:
                self._within(statement)
                return True
            self._past(statement)
        return False

    def _within(self, statement: Any) -> None:
        """The line is in this statement: in its head, or in one of its suites."""
        if isinstance(statement, _DEFINITIONS):
            return
        suites = [(name, getattr(statement, name)) for name in _SUITES if getattr(statement, name, None)]
        inner = next(((name, suite) for name, suite in suites if self._covers(suite)), None)
        if inner is None:
            head = _head(statement)
            self.used = [node for node in head if _is_name(node, _ast.Load)]
            if isinstance(statement, _ast.AugAssign) and isinstance(statement.target, _ast.Name):
                self.used.append(statement.target)
            if isinstance(statement, (*_LOOPS, *_STRAIGHT)):  # it may be at its head again
                self._forget(_stored(head) | _all_stored(statement.body))
            return
        name, suite = inner
        outside = dict(self.shown)
        self._bind(_head(statement))
        if name == "orelse" or name == "finalbody":
            for other, passed in suites:
                if other != name:
                    self._forget(_all_stored(passed))
        if name in ("handlers", "cases"):
            self._forget(_all_stored([other for other in suite if not self._covers([other])]))
            self._forget(_all_stored(getattr(statement, "body", [])))
            clause = next((clause for clause in suite if self._covers([clause])), None)
            if clause is None:
                return
            self._bind(_head(clause))
            suite = clause.body
        self.suite(suite)
        if isinstance(statement, _LOOPS) and name == "body":
            # What the rest of the loop binds was bound at the turn before: what stands above the loop is old.
            again = _all_stored(statement.body)
            for known, number in outside.items():
                if known in again and self.shown.get(known) == number:
                    del self.shown[known]

    def _past(self, statement: Any) -> None:
        """A statement that has run as a whole."""
        if isinstance(statement, (*_DEFINITIONS, _ast.Import, _ast.ImportFrom)):
            return
        self._bind(_head(statement))
        for name in _SUITES:
            suite = getattr(statement, name, None)
            if not suite:
                continue
            if isinstance(statement, _STRAIGHT):
                for inner in suite:
                    self._past(inner)
            else:
                self._forget(_all_stored(suite))

    def _bind(self, nodes: list[Any]) -> None:
        for node in nodes:
            name = _stored_name(node)
            if name is not None:
                self.shown[name] = node.lineno

    def _forget(self, names: set[str]) -> None:
        for name in names:
            self.shown.pop(name, None)

    def _covers(self, suite: list[Any]) -> bool:
        return bool(_first(suite[0]) <= self.line <= _last(suite[-1]))


def _first(node: Any) -> int:
    """The first line of a statement, a handler or a case, decorators and all."""
    if isinstance(node, _ast.match_case):
        return node.pattern.lineno
    return min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", ()))])  # type: ignore[no-any-return]


def _last(node: Any) -> int:
    ends: Any = node.body[-1] if isinstance(node, _ast.match_case) else node
    return ends.end_lineno  # type: ignore[no-any-return]


def _walk(node: Any, everything: bool = False) -> Iterator[Any]:
    """The node and those below it, without the insides of functions, lambdas and classes unless `everything`."""
    yield node
    for field in node._fields:
        value = getattr(node, field, None)
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, AST):
                continue
            if everything or not isinstance(child, (*_DEFINITIONS, _ast.Lambda)):
                yield from _walk(child, everything)


def _head(statement: Any) -> list[Any]:
    """The nodes of a statement without its suites; names that belong to a comprehension are left out."""
    found = []
    for field in statement._fields:
        if field in _SUITES:
            continue
        value = getattr(statement, field, None)
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, AST) and not isinstance(child, _ast.Lambda):
                found += list(_walk(child))
    if isinstance(statement, _ast.ExceptHandler):
        found.append(statement)
    own = {
        name.id
        for node in found
        if isinstance(node, _COMPREHENSIONS)
        for part in node.generators
        for name in _walk(part.target)
        if isinstance(name, _ast.Name)
    }
    return [node for node in found if not (isinstance(node, _ast.Name) and node.id in own)]


def _stored_name(node: Any) -> str | None:
    """The name that a node binds."""
    if _is_name(node, _ast.Store):
        return str(node.id)
    if isinstance(node, _ast.ExceptHandler | _ast.MatchAs | _ast.MatchStar):
        return node.name
    if isinstance(node, _ast.MatchMapping):
        return node.rest
    return None


def _stored(nodes: list[Any]) -> set[str]:
    return {name for node in nodes if (name := _stored_name(node)) is not None}


def _all_stored(statements: list[Any]) -> set[str]:
    """Every name that the statements may bind or delete, in whatever depth."""
    nodes = [node for statement in statements for node in _walk(statement)]
    return _stored(nodes) | {node.id for node in nodes if _is_name(node, _ast.Del)}


def _is_name(node: Any, context: type) -> bool:
    return isinstance(node, _ast.Name) and isinstance(node.ctx, context)
