"""Conditions, hit conditions and log messages as text: read once, refused at once when they do not compile."""

from __future__ import annotations

from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Final

from lowdb.program.evaluate import dollar
from lowdb.program.imports import standard
from lowdb.program.scopes import locals_snapshot

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable
    from types import FrameType


_NO_DATA: Final = (FunctionType, BuiltinFunctionType, ModuleType, type)  # not worth showing beside a condition


class ConditionError(Exception):
    """A condition or message that does not compile; `offset` is the 0-based column in `text`."""

    def __init__(self, text: str, offset: int, message: str) -> None:
        super().__init__(message)
        self.text = text
        self.offset = offset
        self.message = message


class Condition:
    """An expression, compiled. Raises ConditionError when it does not compile."""

    __slots__ = ("names", "source", "text", "tree")

    def __init__(self, text: str) -> None:
        self.text = text.strip()
        self.source = dollar(self.text)
        """The text with `$x` rewritten, for `evaluate`."""
        self.tree = _parse(self.text, self.source)
        self.names = _names(self.tree)
        """The names it reads, in no order; `$x` appears as `_lowdb_x`."""

    def values(self, frame: FrameType) -> tuple[tuple[str, object], ...]:
        """The plain names it reads that hold data in `frame`, with what they hold, for showing."""
        found = []
        try:
            local, everywhere = locals_snapshot(frame), frame.f_globals
            for name in sorted(self.names):
                if name in local:
                    value = local[name]
                elif name in everywhere:
                    value = everywhere[name]
                else:
                    continue
                if not issubclass(type(value), _NO_DATA):
                    found.append((name, value))
        except Exception:
            return ()
        return tuple(found)


class HitCondition:
    """`5`, `==5`, `>=3`, `>3`, `<4`, `<=4`, `%2` over the times that the condition held. Raises ConditionError."""

    __slots__ = ("expression", "holds", "text")

    def __init__(self, text: str) -> None:
        self.text = text.strip()
        for sign in (">=", "<=", "==", ">", "<", "%", "="):
            if self.text.startswith(sign):
                break
        else:
            sign = ""
        number = self.text[len(sign) :].strip()
        if not number.isdecimal() or (sign == "%" and int(number) == 0):
            raise ConditionError(text, len(sign), "a hit condition is N, ==N, >=N, >N, <=N, <N or %N")
        relation = f"% {int(number)} == 0" if sign == "%" else f"{'==' if sign in ('', '=') else sign} {int(number)}"
        self.expression = f"_lowdb__n[1] {relation}"
        """For generated code (checks.py)."""
        self.holds: Callable[[int], bool] = eval(f"lambda count: count {relation}")


class Message:
    """A log message with `{expressions}`, written as in an f-string. Raises ConditionError."""

    __slots__ = ("names", "source", "text", "tree")

    def __init__(self, text: str) -> None:
        self.text = text
        fits = [quote for quote in ("'''", '"""') if quote not in text and not text.endswith((quote[0], "\\"))]
        if not fits:
            raise ConditionError(
                text, len(text), "a log message may not end with a backslash or hold three quotes in a row"
            )
        quote = fits[0]
        self.source = f"rf{quote}{_dollar_in_fields(text)}{quote}"
        self.tree = _parse(text, self.source, 5)
        self.names = _names(self.tree)


def _dollar_in_fields(text: str) -> str:
    """`dollar` for the `{fields}` of a message only: elsewhere a `$` is just money."""
    parts, depth, start = [], 0, 0
    at = 0
    while at < len(text):
        letter = text[at]
        if depth == 0 and text[at : at + 2] in ("{{", "}}"):
            at += 1
        elif letter == "{":
            if depth == 0:
                parts.append(text[start : at + 1])
                start = at + 1
            depth += 1
        elif letter == "}" and depth:
            depth -= 1
            if depth == 0:
                parts.append(dollar(text[start:at]))
                start = at
        at += 1
    return "".join([*parts, text[start:]])


def _parse(text: str, source: str, shift: int = 0) -> ast.expr:
    with standard("ast", "collections"):  # ast.walk imports collections
        import ast  # start-up: needed only once a condition is set

        try:
            # brackets let a condition span lines; compiling it whole refuses what parsing lets pass (await, yield)
            tree = ast.parse(f"({source}\n)", "<condition>", "eval")
            compile(tree, "<condition>", "eval")
        except SyntaxError as error:
            column = (error.offset or 1) - 2 - shift if (error.lineno or 1) == 1 else len(text)
            message = error.msg
            if "never closed" in message and column < 0:
                column, message = len(text), "unexpected end"
            raise ConditionError(text, max(0, min(column, len(text))), message) from None
        except (ValueError, RecursionError, MemoryError) as error:
            raise ConditionError(text, 0, str(error)) from None
        for node in ast.walk(tree):
            if isinstance(node, ast.Await | ast.Yield | ast.YieldFrom):
                raise ConditionError(text, max(0, node.col_offset - 1), "a condition may not wait or yield")
        return tree.body


def _names(tree: ast.expr) -> frozenset[str]:
    with standard("ast", "collections"):
        import ast  # start-up: see _parse

        return frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))
