"""What stands before the cursor in Python text that is being typed: a name, an attribute of what, a key of what.

Reads unfinished text with a scanner of its own; compiles nothing and resolves nothing.
"""

from __future__ import annotations

import re
from keyword import kwlist, softkwlist
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Literal

CONSTANTS = ("False", "None", "True")
KEYWORDS = frozenset(kwlist).difference(CONSTANTS)
OPERATORS = ("and", "as", "else", "for", "from", "if", "in", "is", "not", "or")
"""Keywords that may stand behind a value."""
_OPENING = {"(": ")", "[": "]", "{": "}"}
_CLOSING = frozenset(")]}")
_TOKEN = (
    r"(?P<blank>[ \t\f\\]+|\\\n)|(?P<comment>\#[^\n]*)|(?P<newline>\n)"
    r"|(?P<string>[A-Za-z]{0,2}(?:'''|\"\"\"|'|\"))"
    r"|(?P<number>\d[\w.]*|\.\d\w*)|(?P<name>\$?[^\W\d]\w*|\$)|(?P<op>\.\.\.|:=|[-+*/%@&|^=<>!]=|->|.)"
)
_LOOP = r"\bfor\s+([^\W\d]\w*)\s+in\s+([^\W\d][\w.]*(?:\[[^][]*\])?)\s*(?=[\])}:,]|if\b|for\b|$)"


class Token(NamedTuple):
    """A piece of the text, with its place in it."""

    kind: str
    start: int
    end: int
    text: str


class Cursor(NamedTuple):
    """What is being typed at the end of a text."""

    kind: Literal["name", "operator", "attribute", "key", "module", "imported", "nothing"]
    """`operator`: behind a value, a word like `and` may follow; `nothing`: in a string, a number or a comment."""
    start: int = 0
    """0-based column where `prefix` begins."""
    prefix: str = ""
    owner: str = ""
    """The expression whose attribute or key it is; the module that is imported from."""
    call: str = ""
    """For a name that may be a keyword of a call: the expression that is called, or ""."""


def cursor_of(text: str) -> Cursor:
    """What is being typed at the end of `text`."""
    tokens, string = _scan(text, 0)
    if string is not None:
        if string.text[-1:] in "'\"" and not string.text[:1].isalpha() and _indexed(tokens, len(tokens)):
            return Cursor("key", string.start, text[string.start :], _owner(text, tokens, len(tokens) - 2))
        return Cursor("nothing", len(text))
    last = tokens[-1] if tokens else None
    if last is not None and last.end == len(text) and (last.kind in ("comment", "string") or last.text in _CLOSING):
        return Cursor("nothing", len(text))
    at = len(tokens)
    prefix, start = "", len(text)
    if last is not None and last.kind in ("name", "number") and last.end == len(text):
        at -= 1
        prefix, start = last.text, last.start
    imported = _import(text, tokens[:at], prefix, start)
    if imported is not None:
        return imported
    before = tokens[at - 1].text if at else ""
    if before == "." and (last is None or last.kind != "number"):
        owner = _owner(text, tokens, at - 2)
        return Cursor("attribute", start, prefix, owner) if owner else Cursor("nothing", start)
    if before == "-" and at > 1 and _indexed(tokens, at - 1):
        return Cursor("key", tokens[at - 1].start, "-" + prefix, _owner(text, tokens, at - 3))
    if _indexed(tokens, at):
        return Cursor("key", start, prefix, _owner(text, tokens, at - 2))
    if last is not None and last.kind == "number" and at < len(tokens):
        return Cursor("nothing", start)
    behind = tokens[at - 1] if at else None
    if behind is not None and (_is_value(behind) or behind.kind == "number") and behind.text not in softkwlist:
        return Cursor("operator", start, prefix)
    return Cursor("name", start, prefix, "", _call(text, tokens, at))


def loops(text: str) -> dict[str, str]:
    """The names that loops and comprehensions of `text` bind, with the expression whose items they are."""
    return {match[1]: match[2] for match in re.finditer(_LOOP, text)}


def ending(text: str) -> tuple[str, str]:
    """How a text of several lines ends: inside a "string", a "bracket" or neither (""); and its last token."""
    tokens, string = _scan(text, 0)
    if string is not None:
        return "string", string.text
    tokens = [token for token in tokens if token.kind not in ("comment", "newline")]
    if not tokens:
        return "", ""
    depth = sum((token.text in _OPENING) - (token.text in _CLOSING) for token in tokens if token.kind == "op")
    return "bracket" if depth > 0 else "", tokens[-1].text


# --- scanning -------------------------------------------------------------------------------------


def _scan(text: str, at: int) -> tuple[list[Token], Token | None]:
    """The tokens from `at` to the end, and the token of a string that is open there.

    Where the end is in a field of an f-string, they are the tokens of that field.
    """
    tokens: list[Token] = []
    pattern = re.compile(_TOKEN, re.DOTALL)
    while at < len(text):
        match = pattern.match(text, at)
        if match is None:
            break
        kind = match.lastgroup or "op"
        start, at = match.span()
        if kind == "string":
            token = Token("string", start, at, match.group())
            end, field = _string_end(text, token)
            if field >= 0:
                return _scan(text, field)
            if end < 0:
                return tokens, token
            at = end
            tokens.append(Token("string", start, at, text[start:at]))
        elif kind != "blank":
            tokens.append(Token(kind, start, at, match.group()))
    return [t for t in tokens if t.kind != "comment" or t.end == len(text)], None


def _string_end(text: str, token: Token) -> tuple[int, int]:
    """Where the string ends, or -1; and where the field that the text ends in begins, or -1."""
    quote = token.text.lstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    prefix = token.text[: -len(quote)].lower()
    fields = "f" in prefix or "t" in prefix
    at = token.end
    while at < len(text):
        if text[at] == "\\":
            at += 2
        elif text.startswith(quote, at):
            return at + len(quote), -1
        elif fields and text[at] == "{":
            if text.startswith("{{", at):
                at += 2
                continue
            end = field_end(text, at + 1)
            if end < 0:
                return -1, at + 1
            at = end
        else:
            at += 1
    return -1, -1


def field_end(text: str, at: int) -> int:
    """Behind the brace that closes the f-string field that begins at `at`; -1 where the text ends in its expression."""
    depth = 0
    while at < len(text):
        c = text[at]
        if c in "\"'":
            closing = text.find(c, at + 1)
            if closing < 0:
                return -1
            at = closing
        elif c in _OPENING:
            depth += 1
        elif c == "}" and not depth:
            return at + 1
        elif c in _CLOSING:
            depth -= 1
        elif c in ":!" and not depth and text[at : at + 2] != "!=":
            end = text.find("}", at)
            return len(text) if end < 0 else end + 1
        at += 1
    return -1


# --- what belongs together ------------------------------------------------------------------------


def _is_value(token: Token) -> bool:
    """Whether a dot, a call or an index may follow."""
    if token.kind == "name":
        return token.text not in KEYWORDS
    return token.kind == "string" or token.text in _CLOSING


def _opening(tokens: list[Token], at: int) -> int:
    """Where the bracket that closes at `at` was opened; -1 where it was not."""
    depth = 0
    while at >= 0:
        if tokens[at].kind == "op" and tokens[at].text in _CLOSING:
            depth += 1
        elif tokens[at].kind == "op" and tokens[at].text in _OPENING:
            depth -= 1
            if not depth:
                return at
        at -= 1
    return -1


def _owner(text: str, tokens: list[Token], at: int) -> str:
    """The text of the expression that ends with token `at`: names, attributes, indexes, calls; or ""."""
    end = at
    while at >= 0 and _is_value(tokens[at]):
        start = at
        if tokens[at].kind == "op":
            start = _opening(tokens, at)
            if start < 0:
                return ""
            if start and tokens[at].text != "}" and _is_value(tokens[start - 1]):
                at = start - 1
                continue
        if start > 1 and tokens[start - 1].text == "." and tokens[start].kind == "name":
            at = start - 2
            continue
        return text[tokens[start].start : tokens[end].end]
    return ""


def _indexed(tokens: list[Token], at: int) -> bool:
    """Whether token `at - 1` opens an index."""
    return at > 1 and tokens[at - 1].text == "[" and _is_value(tokens[at - 2])


def _call(text: str, tokens: list[Token], at: int) -> str:
    """What is called, where token `at` begins an argument of a call."""
    if not at or tokens[at - 1].text not in ("(", ","):
        return ""
    depth = 0
    for index in range(at - 1, 0, -1):
        token = tokens[index]
        if token.kind == "op" and token.text in _CLOSING:
            depth += 1
        elif token.kind == "op" and token.text in _OPENING:
            if depth:
                depth -= 1
                continue
            return _owner(text, tokens, index - 1) if token.text == "(" else ""
    return ""


def _import(text: str, tokens: list[Token], prefix: str, start: int) -> Cursor | None:
    """What is imported, where the statement is an import."""
    first = max((i for i, t in enumerate(tokens) if t.kind == "newline" or t.text == ";"), default=-1) + 1
    words = [token.text for token in tokens[first:] if token.kind != "newline"]
    if not words or words[0] not in ("import", "from"):
        return None
    if words[0] == "from" and "import" in words:
        if words[-1] in ("import", ",", "("):
            return Cursor("imported", start, prefix, "".join(words[1 : words.index("import")]))
        return Cursor("nothing", start)
    dotted = prefix
    at = len(tokens) - 1
    while at > first and tokens[at].text == "." and tokens[at - 1].kind == "name":
        dotted = f"{tokens[at - 1].text}.{dotted}"
        start = tokens[at - 1].start
        at -= 2
    if tokens[at].text in ("import", "from", ","):
        return Cursor("module", start, dotted)
    return Cursor("nothing", start)
