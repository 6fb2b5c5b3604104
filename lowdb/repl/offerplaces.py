"""The places that a location which is being typed can mean: lines with their source, functions, files, modules.

Reads sources and what is loaded; resolves nothing that costs code of the program.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from time import monotonic
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING

from lowdb.engine.locations import LocationError
from lowdb.program.codes import nested, stoppable_lines
from lowdb.program.guard import MISSING, instance_dict
from lowdb.program.lookup import resolve
from lowdb.program.members import attributes
from lowdb.program.namespaces import Names, Unresolved, entry
from lowdb.program.paths import canonical
from lowdb.program.scopes import is_function
from lowdb.program.sources import source
from lowdb.repl.offers import Offer, files
from lowdb.repl.views import brief

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType

    from lowdb.program.sources import Source
    from lowdb.repl.session import Session

_LONGEST_LINE = 60
_SECONDS = 0.2  # for the functions of other files


def places(session: Session, word: str) -> Iterator[Offer]:
    """What the location `word` can become: functions of this file, files, functions of other files, modules."""
    head, colon, _ = word.rpartition(":")
    if word[:1] in ("+", "-") and word:
        return
    if colon:
        yield from _in_file(session, head)
    elif word.isdecimal():
        yield from _lines(_source(session.frame.f_code.co_filename, session), "")
    else:
        loaded = _loaded()
        own = _own_files(session, loaded)
        found = [*_near(session, word), *_named(own)]
        for offer in files(word, _is_python):
            found.append(Offer(f"{offer.text}:" if _is_python(offer.text) else offer.text))
        found += _elsewhere(session, word, own, loaded)
        yield from found
        if "." in word or not any(begins(offer.text, word) for offer in found):
            yield from _modules(word, own, loaded)


def begins(text: str, word: str) -> bool:
    """Whether a part of the location, behind a dot, a colon or a slash, begins with `word`, in whatever case."""
    return any(part.startswith(word.casefold()) for part in re.split(r"[.:/]", text.casefold()))


def functions(session: Session, word: str) -> Iterator[Offer]:
    """The functions of the current file, of what `word` names in the frame, and of the other files of the person's."""
    yield from _near(session, word)
    loaded = _loaded()
    yield from _elsewhere(session, word, _own_files(session, loaded), loaded)


def _near(session: Session, word: str) -> Iterator[Offer]:
    """Functions of the current file, and those of the object before the last dot of `word`."""
    yield from _functions(_source(session.frame.f_code.co_filename, session), "")
    head, dot, last = word.rpartition(".")
    if dot:
        try:
            found = attributes(resolve(head, Names(session.frame, {}))).found
        except Unresolved:
            found = []
        for one in found:
            hidden = one.text.startswith("__") and not last.startswith("__")
            if (type(one.value) is FunctionType or one.kind == "class") and not hidden:
                yield Offer(f"{head}.{one.text}", one.kind)


def _elsewhere(session: Session, word: str, own: list[str], loaded: dict[str, str]) -> Iterator[Offer]:
    """The functions of the other files, where something is typed: as many files as can be read in the time.

    Another Tab goes further: what was read is kept.
    """
    end = monotonic() + _SECONDS
    for path in own[1:] if word else ():
        name = loaded.get(path, "__main__")
        yield from _functions(_source(path, session), f"{brief(path) if name == '__main__' else name}:")
        if monotonic() > end:
            return


def _named(own: list[str]) -> Iterator[Offer]:
    """The files, by their bare names where those are unique."""
    names = [path.rpartition("/")[2] for path in own]
    count = Counter(names)
    for path, name in zip(own, names, strict=True):
        yield Offer(f"{name}:" if count[name] == 1 else f"{brief(path)}:", brief(path))


def variables_at(session: Session, place: str) -> list[str] | None:
    """The local names of the function at a location; None where that is the selected frame's or unknown."""
    try:
        location = session.debugger.locator.locate(place, session.frame, session.selection.line)
    except LocationError:
        return None
    code = location.codes[0] if location.codes else None
    if code is None and location.filename is not None:
        text = source(location.filename)
        whole = text.compiled() if text is not None else None
        for one in nested(whole) if whole is not None else ():
            there = location.line in stoppable_lines(one) if location.line else one.co_qualname == location.qualname
            code = one if there else code
    if code is None or not is_function(code) or _identity(code) == _identity(session.frame.f_code):
        return None
    return [*code.co_varnames, *code.co_freevars]


def _identity(code: CodeType) -> tuple[str, str, int]:
    return canonical(code.co_filename), code.co_qualname, code.co_firstlineno


def _own_files(session: Session, loaded: dict[str, str]) -> list[str]:
    """The loaded files that are the person's own, the current one first."""
    here = canonical(session.frame.f_code.co_filename)
    main = session.debugger.locator.main
    found = [here, *([main] if main is not None and main != here else [])]
    found += sorted(path for path in loaded if session.debugger.mycode.is_mine(path))
    return list(dict.fromkeys(found))


def _loaded() -> dict[str, str]:
    """The files of the loaded modules, with the names of the modules."""
    found: dict[str, str] = {}
    for name, module in list(sys.modules.items()):
        path = entry(instance_dict(module) or {}, "__file__") if issubclass(type(module), ModuleType) else MISSING
        if type(path) is str and path.endswith(".py"):
            found.setdefault(canonical(path), name)
    return found


def _source(filename: str, session: Session) -> Source | None:
    space = session.frame.f_globals if filename == session.frame.f_code.co_filename else None
    return source(canonical(filename), space)


def _in_file(session: Session, head: str) -> Iterator[Offer]:
    """The lines and functions of FILE: or MODULE:."""
    try:
        path = session.debugger.locator.file(head, session.frame)
    except LocationError:
        return
    text = _source(path, session)
    yield from _lines(text, f"{head}:")
    yield from _functions(text, f"{head}:")


def _lines(text: Source | None, before: str) -> Iterator[Offer]:
    if text is not None:
        for number in sorted(text.statement_lines()):
            yield Offer(f"{before}{number}", text.line(number).strip()[:_LONGEST_LINE])


def _functions(text: Source | None, before: str) -> Iterator[Offer]:
    if text is not None:
        for name, (line, _) in text.qualnames().items():
            if "<locals>" not in name and not name.endswith("__annotate__"):
                yield Offer(f"{before}{name}", f"{brief(text.filename)}:{line}")


def _modules(word: str, own: list[str], loaded: dict[str, str]) -> Iterator[Offer]:
    """Loaded modules of libraries, where enough of the name is typed to mean one."""
    if len(word) > 1:
        for path, name in loaded.items():
            if name.startswith(word) and not name.startswith("lowdb") and path not in own:
                yield Offer(f"{name}:", brief(path))


def _is_python(name: str) -> bool:
    return name.endswith(".py")
