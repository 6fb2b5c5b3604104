"""Reads the arguments of commands: locations and their clauses, counts, numbers. Resolves nothing, runs nothing.

Grammar of breakpoints: `LOC [if COND] [hits >=N] [every N] [thread NAME] [task NAME] [once] [do CMD;; ...]`, and pdb's
`LOC, COND`.
"""

from __future__ import annotations

import re

from lowdb.repl.language import depths, words_outside

CLAUSES = frozenset({"if", "hits", "every", "thread", "task", "once", "do"})
_HITS = r"(>=|<=|==|=|>|<|%)?\s*(\d+)"
_DOLLAR = r"\$(?=[A-Za-z_])"


class ArgumentError(Exception):
    """What is wrong with a command's arguments, and where: a 0-based column in `text`, or -1 for nowhere."""

    def __init__(self, message: str, text: str = "", offset: int = -1) -> None:
        super().__init__(message)
        self.message = message
        self.text = text
        self.offset = offset


class Clauses:
    """What follows the location of a breakpoint, as typed."""

    __slots__ = ("commands", "condition", "condition_offset", "hits", "location", "once", "task", "thread")

    def __init__(self) -> None:
        self.location = ""
        self.condition: str | None = None
        self.condition_offset = 0  # where it stands in the typed text, for the caret
        self.hits: str | None = None
        self.thread: str | None = None
        self.task: str | None = None
        self.once = False
        self.commands: str | None = None


def clauses(text: str) -> Clauses:
    """The location and clauses in `text`. Raises ArgumentError with the column of the first thing not understood."""
    result = Clauses()
    text = text.rstrip()
    end = location_end(text)
    result.location = _unquoted(text[:end])
    tail = end + len(text[end:]) - len(text[end:].lstrip())
    if text[tail : tail + 1] == ",":
        start = tail + 1 + len(text[tail + 1 :]) - len(text[tail + 1 :].lstrip())
        if not text[start:]:
            raise ArgumentError("a condition is missing after the comma", text, tail)
        _condition(result, text, start)
    else:
        parse_clauses(result, text, tail)
    return result


def location_end(text: str) -> int:
    """Where the location that `text` begins with ends. Raises ArgumentError for a quote that is not closed."""
    if text.startswith("/"):
        # A regular expression ends at its last slash, unless it is a path ("/tmp/x.py:3").
        match = re.match(r"/(?:[^/\\]|\\.)*/(?=\s|,|$)", text)
        if match:
            return match.end()
    if text[:1] in "\"'" and text:
        closing = text.find(text[0], 1)
        if closing < 0:
            raise ArgumentError("the quote is not closed", text, 0)
        match = re.compile(r":?[\w.<>]*").match(text, closing + 1)
        return match.end() if match else closing + 1
    for index, character in depths(text):
        if character.isspace() or character == ",":
            return index
    return len(text)


def _unquoted(location: str) -> str:
    if location[:1] in "\"'" and location:
        closing = location.index(location[0], 1)
        return location[1:closing] + location[closing + 1 :]
    return location


def parse_clauses(result: Clauses, text: str, start: int) -> None:
    """Read the clauses of `text` from `start` on into `result`. Raises ArgumentError."""
    while start < len(text):
        match = re.compile(r"\S+").match(text, start)
        if match is None:
            return
        word = match.group()
        after = match.end() + len(text[match.end() :]) - len(text[match.end() :].lstrip())
        if word == "once":
            result.once = True
            start = after
        elif word == "do":
            result.commands = text[after:]
            if not result.commands:
                raise ArgumentError("commands are missing after 'do'", text, start)
            return
        elif word == "if":
            if after >= len(text):
                raise ArgumentError("a condition is missing after 'if'", text, start)
            _condition(result, text, after)
            return
        elif word in ("hits", "every"):
            start = _counted(result, word, text, start, after)
        elif word in ("thread", "task"):
            name, start = _name(text, after)
            if not name:
                raise ArgumentError(f"a name is missing after {word!r}", text, start - 1)
            setattr(result, word, name)
        else:
            raise ArgumentError(f"not understood: {word!r} (if, hits, every, thread, task, once or do)", text, start)


def _counted(result: Clauses, word: str, text: str, start: int, after: int) -> int:
    match = re.compile(_HITS).match(text, after)
    if match is None or not match.group(2) or (word == "every" and match.group(1)):
        example = ">=3" if word == "hits" else "10"
        raise ArgumentError(f"a count is missing after {word!r}, for example {word} {example}", text, after)
    sign = "%" if word == "every" else match.group(1) or ""
    number = match.group(2)
    if sign == "%" and int(number) == 0:
        raise ArgumentError("every 0 is never", text, match.start(2))
    if result.hits is not None:
        raise ArgumentError("only one of hits and every", text, start)
    result.hits = ("" if sign in ("=", "==") else sign) + number
    end = match.end()
    return end + len(text[end:]) - len(text[end:].lstrip())


def _name(text: str, start: int) -> tuple[str, int]:
    match = re.compile(r"\"([^\"]*)\"|'([^']*)'|(\S+)").match(text, start)
    if match is None:
        return "", start
    end = match.end()
    return match.group(1) or match.group(2) or match.group(3) or "", end + len(text[end:]) - len(text[end:].lstrip())


def _condition(result: Clauses, text: str, start: int) -> None:
    """The condition goes as far as it compiles and the rest is clauses; all of it where all of it compiles."""
    whole = text[start:]
    result.condition_offset = start
    if compiles(whole):
        result.condition = whole
        return
    for index, word in words_outside(whole):
        if index and word in CLAUSES - {"if"} and compiles(whole[:index].strip()):
            result.condition = whole[:index].strip()
            parse_clauses(result, text, start + index)
            return
    # Nothing compiles: leave the end of it to whoever compiles it for good, without the clauses that are certain.
    result.condition = whole


def compiles(text: str) -> bool:
    """Whether `text`, with its $names, is an expression."""
    try:
        compile(re.sub(_DOLLAR, "_lowdb_", text), "<condition>", "eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False
    return True


def count(text: str, default: int = 1) -> int:
    """A count of at least 1, or `default` for no text. Raises ArgumentError."""
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        raise ArgumentError(f"not a count: {text}", text, 0)
    return int(text)


def whole(text: str, what: str = "number") -> int:
    """An integer, possibly negative. Raises ArgumentError that calls it `what`."""
    if not re.fullmatch(r"[-+]?\d+", text, re.ASCII):
        raise ArgumentError(f"not a {what}: {text}", text, 0)
    return int(text)


def numbers(text: str) -> list[int]:
    """Numbers apart by spaces or commas, with ranges (`2-4`). Raises ArgumentError."""
    found: list[int] = []
    for match in re.finditer(r"[^\s,]+", text):
        word = match.group()
        if parts := re.fullmatch(r"(\d+)-(\d+)", word, re.ASCII):
            first, last = int(parts[1]), int(parts[2])
            if not first <= last <= first + 10_000:
                raise ArgumentError(f"not a range: {word}", text, match.start())
            found.extend(range(first, last + 1))
        elif re.fullmatch(r"\d+", word, re.ASCII):
            found.append(int(word))
        else:
            raise ArgumentError(f"not a number: {word}", text, match.start())
    return found


def options(text: str, known: str) -> tuple[set[str], dict[str, int], str]:
    """Leading `-x` options of `p` and the like: the flags, those with a number, and what is left.

    `known` names the flags, with `:` after the ones that take a number (`"frd:"`). A word that is not a known option
    begins the expression (`p -x`).
    """
    flags: set[str] = set()
    valued: dict[str, int] = {}
    while match := re.match(r"-([A-Za-z])(?:\s+|$)", text):
        letter = match.group(1)
        if letter not in known:
            break
        rest = text[match.end() :]
        if known[known.index(letter) + 1 :][:1] == ":":
            number = re.match(r"(\d+)(?:\s+|$)", rest)
            if number is None:
                raise ArgumentError(f"a number is missing after -{letter}", text, match.end(1))
            valued[letter] = int(number.group(1))
            rest = rest[number.end() :]
        elif not rest:
            break  # `p -f`: minus f
        else:
            flags.add(letter)
        text = rest
    return flags, valued, text
