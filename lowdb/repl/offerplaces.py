"""The places that a location which is being typed can mean: lines with their source, functions, files, modules.

Reads sources and what is loaded; resolves nothing that costs code of the program.
"""

from __future__ import annotations

import sys
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


def places(session: Session, word: str) -> Iterator[Offer]:
    """What the location `word` can become. Its own order: functions of this file, other files, their functions."""
    head, colon, _ = word.rpartition(":")
    if word[:1] in ("+", "-") and word:
        return
    if colon:
        yield from _in_file(session, head)
    elif word.isdecimal():
        yield from _lines(_source(session.frame.f_code.co_filename, session), "")
    else:
        yield from functions(session, word)
        own = own_files(session)
        names = [path.rpartition("/")[2] for path in own]
        for path, name in zip(own, names, strict=True):
            yield Offer(f"{name}:" if names.count(name) == 1 else f"{brief(path)}:", brief(path))
        for offer in files(word, _is_python):
            yield Offer(f"{offer.text}:" if _is_python(offer.text) else offer.text)
        yield from _modules(word, own)


def functions(session: Session, word: str) -> Iterator[Offer]:
    """The functions of the current file, of what `word` names in the frame, and of the other files of the person's."""
    here = canonical(session.frame.f_code.co_filename)
    yield from _functions(_source(here, session), "")
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
    for path in own_files(session):
        if path != here:
            name = _module_of(path)
            yield from _functions(_source(path, session), f"{name or brief(path)}:")


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


def own_files(session: Session) -> list[str]:
    """The loaded files that are the person's own, the current one first."""
    here = canonical(session.frame.f_code.co_filename)
    main = session.debugger.locator.main
    found = [here, *([main] if main is not None else [])]
    found += sorted(path for path in _loaded() if session.debugger.mycode.is_mine(path))
    return [path for path in dict.fromkeys(found) if path.endswith(".py")]


def _loaded() -> dict[str, str]:
    """The files of the loaded modules, with the names of the modules."""
    found: dict[str, str] = {}
    for name, module in list(sys.modules.items()):
        path = entry(instance_dict(module) or {}, "__file__") if issubclass(type(module), ModuleType) else MISSING
        if type(path) is str and path.endswith(".py"):
            found.setdefault(canonical(path), name)
    return found


def _module_of(path: str) -> str:
    name = _loaded().get(path, "")
    return "" if name == "__main__" else name


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


def _modules(word: str, own: list[str]) -> Iterator[Offer]:
    """Loaded modules of libraries, where enough of the name is typed to mean one."""
    if len(word) > 1:
        for path, name in _loaded().items():
            if name.startswith(word) and not name.startswith("lowdb") and path not in own:
                yield Offer(f"{name}:", brief(path))


def _is_python(name: str) -> bool:
    return name.endswith(".py")
