"""How an entry can go on: which command is being typed, which argument of it, and what that can be.

Reads the session and changes nothing. What an argument of a kind can be is in `offers` and `offerplaces`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lowdb.repl.arguments import CLAUSES, ArgumentError, compiles, location_end
from lowdb.repl.completing_python import Typed, answer, python
from lowdb.repl.console import Completion, Completions
from lowdb.repl.language import depths, read, words_outside
from lowdb.repl.offerplaces import begins, functions, places
from lowdb.repl.offers import OFFERS, Offer
from lowdb.repl.registry import commands

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from lowdb.repl.registry import Command
    from lowdb.repl.session import Session

_MOST = 300
_FIRST_WORD = r"(?:[A-Za-z_]\w*!?|\?)?"
_OPTIONS = r"(?:-[A-Za-z](?:\s+\d+)?\s+)*"
_AFTER = {"hits": "how often", "every": "every Nth time", "thread": "in one thread", "task": "in one asyncio task"}
_AFTER |= {"if": "under a condition", "once": "gone after its first stop", "do": "commands to run there"}


def complete_entry(session: Session, text: str, cursor: int, full: bool) -> Completions:
    """How the entry can go on at the 0-based cursor."""
    typed = Typed(session, text, cursor, full)
    line = text.rfind("\n", 0, cursor) + 1
    if line and text[line : line + 1].isspace():
        return python(typed, 0)  # in a block
    return _command_line(typed, line)


def _command_line(typed: Typed, begin: int) -> Completions:
    """The command that the text from `begin` to the cursor ends in."""
    begin = _last_command(typed.text, begin, typed.cursor)
    text = typed.text[begin : typed.cursor]
    begin += len(text) - len(text.lstrip())
    text = text.lstrip()
    if text.startswith("!"):
        return python(typed, begin + 1)
    if re.fullmatch(_FIRST_WORD, text):
        return _first_word(typed, begin, text)
    word = text.split(maxsplit=1)[0]
    body = typed.session.lines.aliases.get(word)
    if body is not None:
        found = commands.get(read(body, commands).word)
    else:
        word = read(text, commands).word
        found = commands.get(word)
    if found is None:
        return python(typed, begin)
    return _arguments(typed, found, begin + len(word))


def _last_command(text: str, begin: int, end: int) -> int:
    """Where the command begins that the cursor is in: behind the last `;;`, be it of a list after `do`."""
    at = begin
    before = -2
    for index, character in depths(text[begin:end]):
        if character != ";":
            continue
        if before == index - 1:
            at = begin + index + 1
            before = -2
        else:
            before = index
    return at


# --- the first word -------------------------------------------------------------------------------


def _first_word(typed: Typed, begin: int, word: str) -> Completions:
    """Local names, commands, the other names; the commands first where nothing is typed yet."""
    found = answer(typed, begin)
    local = [Completion(c.text, begin, c.about or c.kind) for c in found.candidates if c.kind == "local"]
    others = [Completion(c.text, begin, c.about or c.kind) for c in found.candidates if c.kind != "local"]
    listed = [Completion(name, begin, about) for name, about in _commands(typed.session, word)]
    if not word:
        return Completions((*listed, *local))
    known = {item.text for item in listed}
    local, others = ([item for item in items if item.text not in known] for items in (local, others))
    return Completions((*local, *listed, *others))


def _commands(session: Session, word: str) -> Iterator[tuple[str, str]]:
    for name, body in session.lines.aliases.items():
        if name.startswith(word):
            yield name, f"alias: {body}"
    for entry in commands:
        names = [name for name in entry.names if name.startswith(word)]
        if names:
            others = [name for name in entry.names if name != names[0]]
            yield names[0], entry.summary + (f"  ({', '.join(others)})" if others else "")


# --- arguments ------------------------------------------------------------------------------------


def _arguments(typed: Typed, command: Command, begin: int) -> Completions:
    """The argument that the cursor is in; the arguments begin at `begin`."""
    before: list[str] = []
    at = begin
    for place in range(20):
        if not command.takes:
            return Completions()
        slot = command.takes[min(place, len(command.takes) - 1)]
        if place >= len(command.takes) and "*" not in slot:
            return Completions()
        text = typed.text[at : typed.cursor]
        at += len(text) - len(text.lstrip())
        text = text.lstrip()
        rest = _rest(typed, slot, at, text, ("clauses",) in command.takes)
        if rest is not None:
            return rest
        if "clauses" in slot and text.split(" ", 1)[0] in CLAUSES and " " in text:
            return _clauses(typed, at, _place_of(before, command))
        end = _word_end(slot, text)
        if "setting" in slot and "=" in text[:end]:
            end = text.index("=")
        if end == len(text):
            return _word(typed, slot, at, text, before)
        if text[end] == "," and "place" in slot:
            return python(typed, at + end + 1, _place_of([text[:end]], command))
        before.append(text[:end])
        at += end
        if "setting" in slot:
            equals = re.match(r"\s*=", typed.text[at : typed.cursor])
            at += equals.end() if equals else 0
    return Completions()


def _rest(typed: Typed, slot: tuple[str, ...], at: int, text: str, clauses: bool) -> Completions | None:
    """The argument that takes all that follows, where this slot is one; `clauses`: they may come behind it."""
    if "expression" in slot and clauses:
        end = next((i for i, word in words_outside(text) if word in CLAUSES and compiles(text[:i].strip())), -1)
        return _clauses(typed, at + end, "") if end > 0 else _condition(typed, at, text, 0, "", more=("if",))
    if "expression" in slot:
        options = re.match(_OPTIONS, text)
        return python(typed, at + (options.end() if options else 0))
    if "command" in slot:
        return _command_line(typed, at)
    return None


def _word_end(slot: tuple[str, ...], text: str) -> int:
    """Where the argument ends, or the length of the text."""
    if "message" in slot:
        closing = re.match(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'", text)
        return closing.end() if closing else len(text)
    if "place" in slot:
        try:
            return location_end(text)
        except ArgumentError:  # a quote that is not closed
            return len(text)
    blank = re.search(r"\s", text)
    return blank.start() if blank else len(text)


def _word(typed: Typed, slot: tuple[str, ...], at: int, word: str, before: list[str]) -> Completions:
    """What the word at `at` can become."""
    session = typed.session
    offers: list[Offer] = []
    for kind in slot:
        if kind == "message":
            return _message(typed, at, word, before)
        if kind == "clauses":
            offers += [Offer(name, about) for name, about in _AFTER.items() if name not in before]
        elif kind == "place":
            offers += places(session, word)
        elif kind == "function":
            offers += functions(session, word)
        elif kind[0] == "'":
            offers += [Offer(kind[1:-1])] * (kind[1:-1] not in before)
        elif kind in OFFERS:
            offers += OFFERS[kind](session, word, before)
    return _chosen(offers, at, word)


def _chosen(offers: Iterable[Offer], at: int, word: str) -> Completions:
    """Those that begin as typed; else, with other letters' case; else those that have it after a dot, or anywhere."""
    offers = list(dict.fromkeys(offers))
    folded = word.casefold()
    tests: list[Callable[[str], bool]] = [
        lambda text: text.startswith(word),
        lambda text: text.casefold().startswith(folded),
        lambda text: begins(text, word),
        lambda text: folded in text.casefold(),
    ]
    for test in tests:
        found = [offer for offer in offers if test(offer.text)]
        if found:
            break
    else:
        return Completions()
    seen: dict[str, Offer] = {}
    for offer in found:
        seen.setdefault(offer.text, offer)
    items = tuple(Completion(offer.text, at, offer.about) for offer in list(seen.values())[:_MOST])
    left = len(seen) - len(items)
    return Completions(items, f"{left:,} more: type on" if left else "")


def _message(typed: Typed, at: int, word: str, before: list[str]) -> Completions:
    """In the braces of a log message: an expression."""
    inner = word[1:].replace("{{", "  ").replace("}}", "  ")
    brace = inner.rfind("{")
    if word[:1] not in ("'", '"') or brace < 0 or "}" in inner[brace:]:
        return Completions()
    return python(typed, at + 1 + brace + 1, before[0] if before else "")


def _clauses(typed: Typed, begin: int, place: str) -> Completions:
    """`if COND`, `thread NAME` … from `begin` to the cursor."""
    text = typed.text[begin : typed.cursor]
    words = list(words_outside(text))
    number = 0
    while number < len(words):
        index, word = words[number]
        after = index + len(word)
        if word == "do" and after < len(text):
            return _command_line(typed, begin + after)
        if word == "if" and after < len(text):
            ends = [i for i, w in words[number + 1 :] if w in CLAUSES and compiles(text[after:i].strip())]
            if not ends or ends[0] + len("if") > len(text):
                return _condition(typed, begin, text, after, place)
            number = [i for i, _ in words].index(ends[0])
            continue
        if word in ("thread", "task") and number + 1 >= len(words) - (not text[-1:].isspace()) and after < len(text):
            begun = text[after:].lstrip()
            return _chosen(OFFERS[word](typed.session, "", []), typed.cursor - len(begun), begun)
        number += 1
    begun = "" if text[-1:].isspace() else words[-1][1] if words else ""
    known = [word for _, word in words]
    offers = [Offer(name, about) for name, about in _AFTER.items() if name not in known or name == begun]
    return _chosen(offers, typed.cursor - len(begun), begun)


def _condition(typed: Typed, begin: int, text: str, after: int, place: str, more: tuple[str, ...] = ()) -> Completions:
    """The condition; and where it could end here, the clauses that may follow, `more` among them."""
    found = python(typed, begin + after, place)
    begun = re.search(r"\w*$", text)
    word = begun[0] if begun else ""
    before = text[after : len(text) - len(word)]
    if not before[-1:].isspace() or not compiles(before.strip()):
        return found
    offers = [
        Offer(name, about) for name, about in _AFTER.items() if (name != "if" or "if" in more) and name.startswith(word)
    ]
    clauses = _chosen(offers, typed.cursor - len(word), word).items
    known = {item.text for item in clauses}
    return Completions((*clauses, *(i for i in found.items if i.text not in known)), found.note, found.more)


def _place_of(before: list[str], command: Command) -> str:
    """The location among the arguments so far, or ""."""
    return before[0] if before and command.takes and {"place", "function"} & set(command.takes[0]) else ""
