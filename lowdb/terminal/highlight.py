"""Python source and values as spans: pygments lexes the source, one regular expression finds its way in values.

Lexed lines are kept; nothing here is ever slow for a large file, only the lines in view are lexed.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from pygments.lexers.python import PythonLexer

from lowdb.terminal.theme import TOKENS
from lowdb.terminal.width import visible

if TYPE_CHECKING:
    from lowdb.terminal.width import Span

_KEPT = 500  # views
_LONGEST = 100_000  # characters of source that are lexed at a time; what is longer has no colours
_LEXER = PythonLexer(stripnl=False, ensurenl=False)

_VALUE = re.compile(
    r"""
      (?P<string> [bBrRuUfFtT]{0,2} (?: "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' ) )
    | (?P<more> … (?: \ [\d,]+ \ (?:more\ )? (?:items?|lines?|characters?) | \ [\d,]+\ more )? | \(p\ -f\ shows\ all\) )
    | (?P<name> [^\W\d]\w* (?= = (?!=) ) )
    | (?P<constant> \b (?: True | False | None | Ellipsis ) \b )
    | (?P<number> (?<![\w.]) [-+]? (?: 0[xXoObB][\da-fA-F_]+ | (?: \d[\d_]* \.?[\d_]* | \.\d+ ) (?:[eE][-+]?\d+)? j? )
        (?! \w ) )
    | (?P<word> \w+ )
    """,
    re.VERBOSE | re.DOTALL,
)
_ROLES = {
    "string": "Token.Literal.String",
    "number": "Token.Literal.Number",
    "constant": "Token.Keyword.Constant",
    "name": "",
    "more": "dim",
    "word": "",
}
_LONGEST_VALUE = 50_000


class Highlighter:
    """Colours lines of source; keeps what it has done, for a person stepping sees the same lines again and again."""

    def __init__(self) -> None:
        self._kept: dict[tuple[tuple[tuple[int, str], ...], str], list[list[Span]]] = {}

    def source(self, lines: tuple[tuple[int, str], ...], inside: str = "") -> list[list[Span]]:
        """Each of the numbered lines as spans. `inside`: the opening of the string that the first one stands in."""
        key = (lines, inside)
        found = self._kept.get(key)
        if found is None:
            if len(self._kept) >= _KEPT:
                self._kept.clear()
            found = self._kept[key] = lexed([text for _, text in lines], inside)
        return found


def lexed(lines: list[str], inside: str = "") -> list[list[Span]]:
    """Each line of Python source as spans."""
    lines = [visible(line) for line in lines]
    if sum(map(len, lines)) > _LONGEST:
        return [[("", line)] for line in lines]
    text = "\n".join([inside, *lines] if inside else lines)
    found: list[list[Span]] = [[]]
    for token, value in _LEXER.get_tokens(text):
        role = TOKENS.get(token, "")
        first, *others = value.split("\n")
        if first:
            found[-1].append((role, first))
        for other in others:
            found.append([(role, other)] if other else [])
    if inside:
        del found[0]
    return found[: len(lines)] + [[] for _ in range(len(lines) - len(found))]


@lru_cache(maxsize=512)
def code(line: str) -> tuple[Span, ...]:
    """One line of Python, by itself."""
    return tuple(lexed([line])[0])


def value(text: str) -> list[Span]:
    """A value of the program as one line of spans; newlines stay in them."""
    spans: list[Span] = []
    end = 0
    for match in _VALUE.finditer(text, 0, _LONGEST_VALUE):
        role = _ROLES[match.lastgroup or "word"]
        if not role:
            continue
        if match.start() > end:
            spans.append(("", text[end : match.start()]))
        spans.append((role, match.group()))
        end = match.end()
    if end < len(text):
        spans.append(("", text[end:]))
    return spans
