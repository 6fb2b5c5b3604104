"""Takes a typed line apart: `;;`, quotes and brackets, command or Python. Runs nothing and knows no command.

The rules are those of the reference page "command or Python?".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator

# Plain strings: compiled (by re's own cache) at the first line that needs them, not at start-up.
_WORD = r"[A-Za-z_]\w*!?|\?"
_ASSIGNS = r"\s*(?:=(?!=)|(?:\*\*|//|<<|>>|[-+*/%@&|^])=(?!=))"
_OPENING = "([{"
_CLOSING = ")]}"


class Typed(NamedTuple):
    """One command as typed. `word` is "" where the text is Python."""

    word: str
    rest: str
    """The arguments, stripped; for Python the whole text."""


def read(text: str, words: Container[str]) -> Typed:
    """Whether `text` is a command (its first word is in `words`) or Python, by these rules.

    `!text` is Python. A first word that is a command makes the text a command, unless the rest is an assignment
    (`c = 3`, `n += 1`) or goes on at once with `.`, `(`, `[` or another part of an expression (`list(x)`, `n+1`).
    A lone command word is the command even where a variable has that name.
    """
    text = text.strip()
    if text in words:
        return Typed(text, "")
    if text.startswith("!"):
        return Typed("", text[1:].strip())
    match = re.match(_WORD, text)
    if match is None:
        return Typed("", text)
    word, rest = match.group(), text[match.end() :]
    if (word not in words and word.endswith("!")) or (word.endswith("!") and rest.startswith("=")):  # `x!=3`
        word, rest = word[:-1], "!" + rest
    if word not in words:
        return Typed("", text)
    if rest and word != "?" and not rest[0].isspace():
        return Typed("", text)
    if re.match(_ASSIGNS, rest):
        return Typed("", text)
    return Typed(word, rest.strip())


def depths(text: str) -> Iterator[tuple[int, str]]:
    """(index, character) of what lies outside quotes and brackets. An unclosed quote or bracket runs to the end."""
    depth = 0
    i = 0
    while i < len(text):
        character = text[i]
        if character in "\"'":
            quote = text[i : i + 3] if text[i : i + 3] in ('"""', "'''") else character
            i += len(quote)
            while i < len(text) and not text.startswith(quote, i):
                i += 2 if text[i] == "\\" else 1
            i += len(quote)
            continue
        if character in _OPENING:
            depth += 1
        elif character in _CLOSING:
            depth = max(0, depth - 1)
        elif depth == 0:
            yield i, character
        i += 1


def split(line: str, keeps_rest: Callable[[str], bool] | None = None) -> tuple[str, str]:
    """The text before the first `;;` that is outside quotes and brackets, and the text after it (or "").

    `keeps_rest(first)` may say that the first command owns all of the line (`b 12 do p x;; c`).
    """
    if ";;" not in line:
        return line.strip(), ""
    previous = -2
    for index, character in depths(line):
        if character == ";" and previous == index - 1:
            first = line[: index - 1].strip()
            if keeps_rest is not None and keeps_rest(first):
                return line.strip(), ""
            return first, line[index + 1 :].strip()
        previous = index if character == ";" else -2
    return line.strip(), ""


def words_outside(text: str) -> Iterator[tuple[int, str]]:
    """(index, word) of each whitespace-separated word that begins outside quotes and brackets."""
    before = -2
    blank = True
    for index, character in depths(text):
        if character.isspace():
            blank = True
        elif blank or index != before + 1:
            if blank and (index == 0 or text[index - 1].isspace()):
                end = index
                while end < len(text) and not text[end].isspace():
                    end += 1
                yield index, text[index:end]
            blank = False
        before = index


def distance(left: str, right: str) -> int:
    """How many letters to add, drop, change or swap with a neighbour to make one word of the other."""
    if abs(len(left) - len(right)) > 3:
        return 9
    older: list[int] = []
    previous = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        current = [i]
        for j, b in enumerate(right, 1):
            cost = min(previous[j] + 1, current[-1] + 1, previous[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, older[j - 2] + 1)
            current.append(cost)
        older, previous = previous, current
    return previous[-1]


def suggestion(word: str, words: list[str]) -> str | None:
    """The one of `words` that `word` most probably means: begun like it, or mistyped; None where nothing is near."""
    if len(word) > 1:
        begun = sorted((w for w in words if w.startswith(word)), key=len)
        if begun:
            return begun[0]
    allowed = 0 if len(word) < 3 else 1 if len(word) < 5 else 2 if len(word) < 9 else 3
    scored = sorted((distance(word, w), abs(len(w) - len(word)), w) for w in words if len(w) > 2)
    if scored and scored[0][0] <= allowed:
        return scored[0][2]
    # A longer slip with the right first letter ("frobnicate") is still worth a guess.
    alike = [w for w in words if len(w) > 3 and w[:2] == word[:2]]
    return min(alike, key=lambda w: (distance(word, w), -len(w), w)) if alike and len(word) > 3 else None
