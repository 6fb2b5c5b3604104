"""Compiling without running and without a word: a SyntaxWarning of text that is only looked at must reach nobody."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ast
    from types import CodeType
    from typing import Any, Literal

_ONLY_AST = 0x0400  # ast.PyCF_ONLY_AST
ALLOW_AWAIT = 0x2000  # ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
ALLOW_INCOMPLETE = 0x4000 | 0x0200  # PyCF_ALLOW_INCOMPLETE_INPUT, PyCF_DONT_IMPLY_DEDENT, as codeop uses them

_compile = compile  # the program may put its own in builtins
_QUIET = ("ignore", None, SyntaxWarning, None, 0)


def compile_quietly(
    text: str | bytes | ast.AST, filename: str, mode: Literal["exec", "eval"], flags: int = 0
) -> CodeType:
    """Compile as `compile` does, free of this module's own future imports. Raises SyntaxError and ValueError."""
    return _quietly(text, filename, mode, flags)  # type: ignore[no-any-return]


def parse_quietly(text: str, filename: str, mode: Literal["exec", "eval"]) -> Any:
    """Return the syntax tree (classes of `_ast`; the module `ast` is not needed). Raises SyntaxError and ValueError."""
    return _quietly(text, filename, mode, _ONLY_AST)


def _quietly(text: Any, filename: str, mode: str, flags: int) -> Any:
    # Not warnings.catch_warnings: it swaps the whole state, and other threads may swap it at the same moment. One entry
    # put in front and taken out again harms nobody.
    filters = _filters()
    filters.insert(0, _QUIET)
    try:
        return _compile(text, filename, mode, flags, dont_inherit=True)
    except (MemoryError, RecursionError) as error:  # the compiler's words for nesting that is too deep
        raise SyntaxError(f"too deeply nested: {error}" if str(error) else "too deeply nested") from None
    finally:
        if _QUIET in filters:
            filters.remove(_QUIET)


def _filters() -> list[Any]:
    for name in ("warnings", "_warnings"):
        filters = getattr(sys.modules.get(name), "filters", None)
        if type(filters) is list:
            return filters
    return []
