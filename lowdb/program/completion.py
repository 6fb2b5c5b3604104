"""How Python text that is being typed can go on: names, attributes, keys at a frame.

`complete` runs none of the program's code and is bounded in time and number; `complete_fully` may run it.
"""

from __future__ import annotations

from contextlib import nullcontext
from time import monotonic
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, NamedTuple

from lowdb.program.cursor import CONSTANTS, KEYWORDS, OPERATORS, cursor_of, loops
from lowdb.program.guard import problem as in_words
from lowdb.program.lookup import class_entry, resolve
from lowdb.program.members import Found, Known, Members, about, asked_keys, attributes, key_text, keys
from lowdb.program.modules import imported, module_names
from lowdb.program.namespaces import Names, Unresolved, entries

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager
    from types import FrameType
    from typing import Final

    from lowdb.program.cursor import Cursor

SECONDS: Final = 0.25
"""For one answer."""
MOST: Final = 300
"""Candidates of one answer."""
_NOTHING: Mapping[str, object] = {}


class Candidate(NamedTuple):
    """One way to go on."""

    text: str
    """What replaces the prefix."""
    kind: str
    """local, global, builtin, keyword, parameter; attribute, property, method, class, function, module, member; key."""
    about: str
    """What it is, in a few words: `int 5`, `list of 3`, `(amount, rate=0)`, `property`."""


class Answer(NamedTuple):
    """All ways to go on that are known."""

    start: int = 0
    """0-based column in the text where the prefix begins."""
    candidates: tuple[Candidate, ...] = ()
    left_out: int = 0
    """How many more there are."""
    whose: str = ""
    """Whose code would have to run to know more ("DataFrame"), or ""."""
    problem: str = ""
    """Why there is nothing: a name that does not exist, or what went wrong in the program's code where that was run."""


def complete(
    text: str, cursor: int, frame: FrameType, extra: Mapping[str, object] = _NOTHING, seconds: float = SECONDS
) -> Answer:
    """How `text` can go on at the 0-based `cursor` in `frame`. Runs none of the program's code; never raises.

    `extra`: the values of `$names`, by their names with the dollar.
    """
    at = cursor_of(text[:cursor])
    names = Names(frame, extra)
    names.loops = loops(text)
    end = monotonic() + seconds
    problem = ""
    try:
        members = _members(at, names, text[cursor:])
    except Unresolved as unresolved:
        members, problem = Members([], unresolved.whose), unresolved.why
    except (RecursionError, MemoryError):
        members = Members([])
    return _answer(at, members, end)._replace(problem=problem)


def complete_fully(
    text: str,
    cursor: int,
    frame: FrameType,
    evaluate: Callable[[str], object],
    extra: Mapping[str, object] = _NOTHING,
    running: Callable[[], AbstractContextManager[object]] = nullcontext,
) -> Answer:
    """The same with the program's own answers: the owner is evaluated, asked for `dir()` or its keys.

    `evaluate` may raise: the answer then says what. `running` makes what stands around its other code.
    To be called in the stopped thread. Raises KeyboardInterrupt only.
    """
    at = cursor_of(text[:cursor])
    if at.kind not in ("attribute", "key"):
        return complete(text, cursor, frame, extra)
    try:
        owner = evaluate(at.owner)
        if at.kind == "attribute":
            found = attributes(owner).found
            known = {one.text for one in found}
            with running():
                listed = [name for name in dir(owner) if type(name) is str and name not in known]
            members = Members([*found, *(Found(3, name, "attribute", Known("")) for name in listed)])
        else:
            members = keys(owner, at.prefix, text[cursor:])
            if members.whose:
                with running():
                    asked = asked_keys(owner)
                members = Members(
                    [Found(0, key_text(key, at.prefix, text[cursor:]), "key", Known("")) for key in asked]
                )
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # SystemExit, too: it is the program's, and nobody asked it to end
        return Answer(at.start, problem=in_words(error))
    return _answer(at, members, monotonic() + SECONDS)


def _answer(at: Cursor, members: Members, end: float) -> Answer:
    """What begins with the prefix, in order, described."""
    prefix, found = at.prefix, members.found
    chosen = [one for one in found if one.text.startswith(prefix)]
    if not chosen and prefix:
        folded = prefix.casefold()
        chosen = [one for one in found if one.text.casefold().startswith(folded)]
    if not prefix.startswith("__"):
        chosen = [one for one in chosen if not (one.text.startswith("__") and one.text.endswith(("__", "__=")))]
    chosen.sort(key=_order)
    seen: set[str] = set()
    candidates: list[Candidate] = []
    for one in chosen:
        if one.text in seen:
            continue
        seen.add(one.text)
        if len(candidates) < MOST:
            candidates.append(Candidate(one.text, one.kind, about(one) if monotonic() < end else ""))
    return Answer(at.start, tuple(candidates), len(seen) - len(candidates) + members.left_out, members.whose)


def _order(one: Found) -> tuple[bool, bool, int, str]:
    if one.kind == "key":  # as they stand in the dict, before the names
        return False, False, 0, ""
    return True, one.text.startswith("_"), one.rank, one.text.casefold()


# --- what there is --------------------------------------------------------------------------------


def _members(at: Cursor, names: Names, after: str) -> Members:
    match at.kind:
        case "name":
            return Members([*_parameters(at, names), *_names(at.prefix, names)])
        case "operator":
            return Members([Found(0, word, "keyword", Known("keyword")) for word in OPERATORS])
        case "attribute":
            return attributes(resolve(at.owner, names))
        case "key":
            plain = not at.prefix or at.prefix[0].isalpha() or at.prefix[0] == "_"
            more = [one._replace(rank=one.rank + 1) for one in (_names(at.prefix, names) if plain else ())]
            try:
                known = keys(resolve(at.owner, names), "" if plain else at.prefix, after)
            except Unresolved as unresolved:
                return Members(more, unresolved.whose)
            return known._replace(found=[*known.found, *more])
        case "module":
            return Members([Found(0, name, "module", Known(what)) for name, what in module_names(at.prefix)])
        case "imported":
            module = imported(at.owner)
            return attributes(module) if module is not None else Members([])
        case _:
            return Members([])


def _names(prefix: str, names: Names) -> list[Found]:
    found = [Found(0, name, "local", value) for name, value in names.extra.items()] if prefix[:1] == "$" else []
    found += [Found(0, name, "local", Known("in the loop")) for name in names.loops]
    for rank, (kind, space) in enumerate(names.spaces):
        if kind == "builtin" and not prefix:
            continue  # so many that the rest would be lost among them
        found += [Found(rank, name, kind, value) for name, value in entries(space) if name.isidentifier()]
    if prefix:
        found += [Found(9, word, "keyword", Known("keyword")) for word in (*sorted(KEYWORDS), *CONSTANTS)]
    return found


def _parameters(at: Cursor, names: Names) -> list[Found]:
    """The keywords that the call which the cursor is in can take."""
    if not at.call:
        return []
    try:
        function = resolve(at.call, names)
    except Unresolved:
        return []
    if issubclass(type(function), type):
        function = class_entry(function, "__init__")  # type: ignore[arg-type]
    if type(function) is MethodType:
        function = function.__func__
    if type(function) is not FunctionType:
        return []
    code = function.__code__
    named = code.co_varnames[code.co_posonlyargcount : code.co_argcount + code.co_kwonlyargcount]
    first = code.co_varnames[0] if code.co_argcount else ""
    return [
        Found(-1, f"{name}=", "parameter", Known(f"of {function.__name__}"))
        for name in named
        if not (name == first and name in ("self", "cls"))
    ]
