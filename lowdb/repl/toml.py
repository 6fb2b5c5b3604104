"""TOML as text: where its statements stand, and their values where these are plain, as in most settings files.

tomllib does it all, but its import costs a start up to 5 ms (measured, 3.12) and it forgets lines and comments. Whoever
meets Unclear here asks tomllib.
"""

from __future__ import annotations

type Plain = bool | int | str | list[Plain] | dict[str, Plain]
type Path = tuple[str, ...]

_BARE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
_BLANK = " \t"
_ESCAPES = {'"': '"', "n": "\n", "t": "\t", "r": "\r"}


class Unclear(Exception):
    """The text is not plain TOML: it may be right all the same, or wrong."""


class Statement:
    """A table's header, or a key with its value."""

    # Not a NamedTuple: to make one costs every start 0.4 ms.
    __slots__ = ("end", "key", "line", "listed", "start", "table", "value")

    def __init__(self, table: Path, key: Path, line: int, start: int, value: int, end: int, listed: bool) -> None:
        self.table = table
        """The table that the header opens, or that the key stands in."""
        self.key = key
        """() for a header; more than one part where the key is dotted."""
        self.line = line
        """1-based."""
        self.start = start
        """Offset of the first character in the text, blanks before it aside."""
        self.value = value
        """Offset of the value; of the header's end for a header."""
        self.end = end
        """Offset behind the value or header, before a comment."""
        self.listed = listed
        """Whether it is, or stands below, a header in double brackets."""

    @property
    def path(self) -> Path:
        """The whole name, from the root."""
        return self.table + self.key


def statements(text: str) -> list[Statement]:
    """The statements in their order. Raises Unclear where the text cannot be TOML as far as this can see."""
    found: list[Statement] = []
    table: Path = ()
    listed = False
    position, line, counted = 0, 1, 0
    while True:
        position = _over(text, position, _BLANK + "\r\n")
        if position == len(text):
            return found
        if text[position] == "#":
            position = _line_end(text, position)
            continue
        line += text.count("\n", counted, position)
        counted = start = position
        if text[position] == "[":
            listed = text.startswith("[[", position)
            table, position = _key(text, position + 1 + listed)
            value, position = position, _expect(text, position, "]]" if listed else "]")
            found.append(Statement(table, (), line, start, value, position, listed))
        else:
            key, position = _key(text, position)
            value = _over(text, _expect(text, position, "="), _BLANK)
            position = _value_end(text, value)
            found.append(Statement(table, key, line, start, value, position, listed))
        rest = text[position : _line_end(text, position)].strip(_BLANK + "\r")
        if rest and rest[0] != "#":
            raise Unclear(f"line {line}")
        position += text[position : _line_end(text, position)].find("#") if rest else 0


def values(text: str, below: Path = ()) -> dict[str, Plain]:
    """The tables and values of `text` that stand below `below`, as tomllib has them. Raises Unclear."""
    root: dict[str, Plain] = {}
    opened: set[Path] = set()
    for statement in statements(text):
        if statement.path[: len(below)] != below:
            if below[: len(statement.path)] == statement.path and (statement.key or statement.listed):
                raise Unclear(f"line {statement.line}")  # `tool = {…}`
            continue
        if statement.listed or len(statement.key) > 1:
            raise Unclear(f"line {statement.line}")
        path = statement.path[len(below) :]
        place = root
        for name in path[: len(path) - len(statement.key)]:
            inner = place.setdefault(name, {})
            if type(inner) is not dict:
                raise Unclear(f"line {statement.line}")
            place = inner
        if not statement.key:
            if path in opened:
                raise Unclear(f"line {statement.line}")
            opened.add(path)
        elif path[-1] in place:
            raise Unclear(f"line {statement.line}")
        else:
            place[path[-1]] = _plain(text[statement.value : statement.end])
    bare = text.replace("\r\n", "\n")
    if any(character < " " and character not in "\t\n" for character in bare) or "\x7f" in text:
        raise Unclear("control characters")
    return root


def quoted(value: Plain) -> str:
    """A value as TOML."""
    if type(value) is bool:
        return "true" if value else "false"
    if type(value) is int:
        return str(value)
    if type(value) is list:
        return f"[{', '.join(map(quoted, value))}]"
    text = str(value)
    if "'" not in text and ("\\" in text or '"' in text) and text.isprintable():
        return f"'{text}'"
    escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    return '"' + "".join(escapes.get(c) or (c if c >= " " and c != "\x7f" else f"\\u{ord(c):04x}") for c in text) + '"'


def quoted_key(name: str) -> str:
    """A key as TOML: bare where it can be."""
    return name if name and set(name) <= _BARE else quoted(name)


# --- pieces ---------------------------------------------------------------------------------------


def _over(text: str, position: int, characters: str) -> int:
    while position < len(text) and text[position] in characters:
        position += 1
    return position


def _line_end(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end


def _expect(text: str, position: int, word: str) -> int:
    position = _over(text, position, _BLANK)
    if not text.startswith(word, position):
        raise Unclear(f"{word!r} is missing")
    return position + len(word)


def _key(text: str, position: int) -> tuple[Path, int]:
    """The key at `position`, dotted or not, and where it ends."""
    parts: list[str] = []
    while True:
        position = _over(text, position, _BLANK)
        if text[position : position + 1] in ('"', "'") and text[position : position + 1]:
            end = _value_end(text, position)
            name = _plain(text[position:end])
            assert type(name) is str
            position = end
        else:
            end = position
            while end < len(text) and text[end] in _BARE:
                end += 1
            name, position = text[position:end], end
            if not name:
                raise Unclear("a key is missing")
        parts.append(name)
        after = _over(text, position, _BLANK)
        if text[after : after + 1] != ".":
            return tuple(parts), position
        position = after + 1


def _value_end(text: str, position: int) -> int:
    """Where the value that begins at `position` ends."""
    first = text[position : position + 1]
    if first in ('"', "'") and first:
        if text.startswith(first * 3, position):
            return _long_end(text, position, first)
        end = position + 1
        while end < len(text) and text[end] != first:
            if text[end] == "\n":
                break
            end += 2 if first == '"' and text[end] == "\\" else 1
        if text[end : end + 1] != first:
            raise Unclear("a quote is not closed")
        return end + 1
    if first in ("[", "{") and first:
        return _group_end(text, position, "]" if first == "[" else "}")
    end = position
    while end < len(text) and text[end] not in ",]}#\r\n":
        end += 1
    while end > position and text[end - 1] in _BLANK:
        end -= 1
    if end == position:
        raise Unclear("a value is missing")
    return end


def _long_end(text: str, position: int, quote: str) -> int:
    end = position + 3
    while not text.startswith(quote * 3, end):
        if end >= len(text):
            raise Unclear("a quote is not closed")
        end += 2 if quote == '"' and text[end] == "\\" else 1
    end += 3
    for _ in range(2):  # up to two quotes may stand before the three that close
        end += text.startswith(quote, end)
    return end


def _group_end(text: str, position: int, closing: str) -> int:
    """The end of an array or an inline table, whose keys are passed over with their values."""
    position += 1
    while True:
        position = _over(text, position, _BLANK + "\r\n,")
        if position >= len(text):
            raise Unclear(f"{closing!r} is missing")
        if text[position] == "#":
            position = _line_end(text, position)
        elif text[position] == closing:
            return position + 1
        else:
            if closing == "}":
                _, position = _key(text, position)
                position = _over(text, _expect(text, position, "="), _BLANK)
            position = _value_end(text, position)


def _plain(text: str) -> Plain:
    """A value that needs no thought. Raises Unclear for the rest: escapes, floats, dates, inline tables."""
    if text in ("true", "false"):
        return text == "true"
    if text.isascii() and text.removeprefix("-").isdigit() and (text in ("0", "-0") or text.lstrip("-")[0] != "0"):
        return int(text)
    quote = text[:1]
    if quote in ('"', "'") and quote and not text.startswith(quote * 3):
        return text[1:-1] if quote == "'" or "\\" not in text else _unescaped(text[1:-1])
    if quote == "[":
        return _array(text)
    raise Unclear(text)


def _unescaped(text: str) -> str:
    first, *rest = text.split("\\")
    pieces = [first]
    whole = False  # the piece is what follows a backslash that was escaped
    for piece in rest:
        if whole:
            pieces.append(piece)
            whole = False
        elif not piece:
            pieces.append("\\")
            whole = True
        elif piece[0] in _ESCAPES:
            pieces.append(_ESCAPES[piece[0]] + piece[1:])
        else:
            raise Unclear(text)
    return "".join(pieces)


def _array(text: str) -> list[Plain]:
    items: list[Plain] = []
    position = 1
    comma = True
    while True:
        position = _over(text, position, _BLANK + "\r\n")
        if text[position] == "#":
            position = _line_end(text, position)
        elif text[position] == ",":
            if comma:
                raise Unclear(text)
            comma, position = True, position + 1
        elif text[position] == "]":
            return items
        else:
            if not comma:
                raise Unclear(text)
            end = _value_end(text, position)
            items.append(_plain(text[position:end]))
            comma, position = False, end
