"""The `$names` of a prompt, rewritten to names that Python takes. Text in strings stays; f-string fields do not."""

from __future__ import annotations

NAMES = ("ret", "exc", "hits", "thread", "task", "frame", "bp", "old", "new")
"""What a front end can give: `$ret`, `$exc`, …"""

PREFIX = "_lowdb_"


def dollar(text: str) -> str:
    """Return the text with each `$name` outside strings and comments as `_lowdb_name`."""
    places = _places(text)
    for place in reversed(places):
        text = f"{text[:place]}{PREFIX}{text[place + 1 :]}"
    return text


def column(text: str, rewritten: int) -> int:
    """Return the column (0-based) in the text as typed for one in `dollar(text)`. For text of one line."""
    shift = len(PREFIX) - 1
    for number, place in enumerate(_places(text)):
        begin = place + number * shift
        if rewritten <= begin:
            return rewritten - number * shift
        if rewritten < begin + shift:
            return place
    return rewritten - len(_places(text)) * shift


def _places(text: str) -> list[int]:
    """Return the offsets of the dollar signs to rewrite."""
    if "$" not in text:
        return []
    found: list[int] = []
    _scan(text, 0, "", found)
    return found


def _scan(text: str, at: int, closing: str, found: list[int]) -> int:
    """Walk code from `at` to the bracket that closes an f-string's field, or to the end. Return where it stopped."""
    depth = 0
    word = at  # where the word that ends here began: the prefix of a string
    while at < len(text):
        c = text[at]
        if c in "\"'":
            prefix = text[word:at].lower()
            at = _skip_string(text, at, "f" in prefix or "t" in prefix, "r" in prefix, found)
            word = at
            continue
        if c == "#" and not closing:
            end = text.find("\n", at)
            at = len(text) if end < 0 else end
        elif c == "$" and at + 1 < len(text) and (text[at + 1] == "_" or text[at + 1].isalpha()):
            found.append(at)
        elif closing and not depth and c in (closing, ":"):
            return at
        elif c in "([{":
            depth += 1
        elif c in ")]}":
            depth -= 1
        at += 1
        if not (c.isalnum() or c == "_"):
            word = at
    return at


def _skip_string(text: str, at: int, fields: bool, raw: bool, found: list[int]) -> int:
    quote = text[at : at + 3] if text[at : at + 3] in ('"""', "'''") else text[at]
    at += len(quote)
    while at < len(text):
        if text[at] == "\\":
            at += 2
        elif text.startswith(quote, at):
            return at + len(quote)
        elif fields and text[at] == "{":
            if text.startswith("{{", at):
                at += 2
                continue
            at = _scan(text, at + 1, "}", found)
            # A format spec may hold fields of its own: it is walked on as text.
            at += 1
        else:
            at += 1
    return at
