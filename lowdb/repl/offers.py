"""What an argument of a command can be, by its kind: breakpoints, threads, settings, exceptions … Runs no code.

One function a kind; the table at the end knows them by the words of `registry.TAKES`.
"""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING, NamedTuple

from lowdb.program import tasks
from lowdb.program.codes import nested, stoppable_lines
from lowdb.program.frames import exception_chain
from lowdb.program.guard import class_place, clean, instance_dict, problem
from lowdb.program.namespaces import Names, entries, entry
from lowdb.program.paths import START_DIRECTORY, canonical
from lowdb.program.sources import source
from lowdb.repl.commands.asking import TOPICS
from lowdb.repl.points import described
from lowdb.repl.registry import commands
from lowdb.repl.settings import KINDS
from lowdb.repl.stopping import reason_word, short_name
from lowdb.repl.views import brief

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lowdb.repl.session import Session

_LONGEST_LINE = 60
_LOWDB = ("lowdb", "prompt_toolkit", "pygments")


class Offer(NamedTuple):
    """One thing that an argument can be."""

    text: str
    about: str = ""


def _points(session: Session, word: str, before: list[str]) -> Iterator[Offer]:
    for point in session.debugger.breakpoints():
        if str(point.number) not in before:
            yield Offer(str(point.number), described(point, session.command_lists.get(point.number)))


def _threads(session: Session, word: str, before: list[str]) -> Iterator[Offer]:
    for number, state in enumerate(session.debugger.threads(), 1):
        here = state.info.ident == session.stop.thread
        what = "stopped" if here else state.state if state.stop is None else f"waits: {reason_word(state.stop)}"
        name = short_name(state.info.name)
        yield Offer(str(number) if word.isdecimal() else name, f"{name}  {what}" if word.isdecimal() else what)


def _tasks(session: Session, word: str, before: list[str]) -> Iterator[Offer]:
    for number, info in enumerate(tasks.all_tasks(), 1):
        text, what = (str(number), f"{info.name}  ") if word.isdecimal() else (info.name, "")
        where = info.frame
        place = f"  {brief(canonical(where.f_code.co_filename))}:{where.f_lineno}" if where is not None else ""
        yield Offer(text, f"{what}{'stopped' if info.current else info.state}{place}")


def _frames(session: Session, word: str, before: list[str]) -> Iterator[Offer]:
    selection = session.selection
    for index in selection.visible():
        info = selection.frames[index]
        yield Offer(str(index), f"{info.qualname}  {brief(info.filename)}:{info.line}")


def _chained(session: Session, word: str, before: list[str]) -> Iterator[Offer]:
    if session.stop.exception is not None:
        for number, (exception, how) in enumerate(exception_chain(session.stop.exception)):
            yield Offer(str(number), f"{problem(exception)}  {how}".rstrip())


def _exceptions(session: Session, word: str, before: list[str]) -> Iterator[Offer]:
    """The types that are loaded: the person's own first, then the builtin ones, then those of libraries."""
    own: dict[str, str] = {}
    builtin: dict[str, str] = {}
    library: dict[str, str] = {}
    mine = session.debugger.mycode.is_mine
    kinds: list[type] = [BaseException]
    while kinds:
        kind = kinds.pop()
        place = class_place(kind)
        module, _, name = place.rpartition(".")
        if not module:
            builtin[name] = ""
        elif not module.startswith(_LOWDB) and "<locals>" not in place:
            loaded = sys.modules.get(module)
            filename = entry(instance_dict(loaded) or {}, "__file__")
            (own if type(filename) is str and mine(filename) else library).setdefault(name, module)
        kinds += type.__subclasses__(kind)
    for names in (own, builtin, library):
        for name in sorted(names):
            yield Offer(name, names[name])


def _named(kind: str) -> Callable[[Session, str, list[str]], Iterator[Offer]]:
    def offer(session: Session, word: str, before: list[str]) -> Iterator[Offer]:
        spaces = Names(session.frame, {}).spaces
        wanted = [space for what, space in spaces if what == kind] or [session.frame.f_globals]
        for name, value in entries(wanted[0]):
            if not name.startswith("__") or word.startswith("__"):
                yield Offer(name, clean(type.__dict__["__name__"].__get__(type(value))))

    return offer


def _called(session: Session, word: str, before: list[str]) -> Iterator[Offer]:
    """The names in front of brackets on the current line."""
    text = source(canonical(session.frame.f_code.co_filename), session.frame.f_globals)
    line = text.line(session.selection.line) if text is not None else ""
    for match in re.finditer(r"([^\W\d]\w*)\s*\(", line):
        yield Offer(match[1], line.strip()[:_LONGEST_LINE])


def _lines(session: Session, word: str, before: list[str]) -> Iterator[Offer]:
    """The lines of the current function that can be stopped at."""
    code = session.frame.f_code
    text = source(canonical(code.co_filename), session.frame.f_globals)
    lines = stoppable_lines(code).union(*map(stoppable_lines, nested(code))) if text is not None else ()
    for number in sorted(lines):
        yield Offer(str(number), text.line(number).strip()[:_LONGEST_LINE] if text is not None else "")


def _displayed(session: Session, word: str, before: list[str]) -> Iterator[Offer]:
    for text in session.displays.texts():
        yield Offer(text)


def _settings(session: Session, word: str, before: list[str]) -> Iterator[Offer]:
    for name, kind in KINDS.items():
        yield Offer(name, f"{_text(session.settings[name])}   {kind.about}")


def _values(session: Session, word: str, before: list[str]) -> Iterator[Offer]:
    if before and before[0].startswith("--"):
        yield from _settings(session, word, before)
    kind = KINDS.get(before[0]) if before else None
    if kind is None:
        return
    choices = ("true", "false") if type(kind.default) is bool else kind.choices or (_text(kind.default),)
    now = _text(session.settings[before[0]])
    for choice in choices:
        marks = [mark for mark, is_it in (("now", choice == now), ("default", choice == _text(kind.default))) if is_it]
        yield Offer(choice, ", ".join(marks))


def _text(value: bool | int | str) -> str:
    return str(value).lower() if type(value) is bool else str(value)


def _aliases(session: Session, word: str, before: list[str]) -> Iterator[Offer]:
    for name, body in session.lines.aliases.items():
        yield Offer(name, body)


def _topics(session: Session, word: str, before: list[str]) -> Iterator[Offer]:
    for topic in TOPICS:
        yield Offer(topic, "topic")
    for command in commands:
        name = next((name for name in command.names if word and name.startswith(word)), command.names[0])
        yield Offer(name, command.summary)


def files(word: str, wanted: Callable[[str], bool] = lambda name: True) -> Iterator[Offer]:
    """The files that begin as typed, directories with a slash; of the files those that are `wanted`."""
    directory, name = os.path.split(word)
    try:
        whole = os.path.join(START_DIRECTORY, os.path.expanduser(directory))
        listed = sorted(os.scandir(whole), key=lambda entry: entry.name)
        for entry in listed:
            if entry.name.startswith(".") and not name.startswith("."):
                continue
            folder = entry.is_dir()
            if folder or wanted(entry.name):
                yield Offer(os.path.join(directory, entry.name) + os.sep * folder, "")
    except (OSError, ValueError):
        return


def _files(session: Session, word: str, before: list[str]) -> Iterator[Offer]:
    return files(word)


OFFERS: dict[str, Callable[[Session, str, list[str]], Iterator[Offer]]] = {
    "point": _points,
    "thread": _threads,
    "task": _tasks,
    "frame": _frames,
    "chained": _chained,
    "exception": _exceptions,
    "local": _named("local"),
    "global": _named("global"),
    "called": _called,
    "line": _lines,
    "displayed": _displayed,
    "setting": _settings,
    "value": _values,
    "alias": _aliases,
    "topic": _topics,
    "file": _files,
}
"""By kind: what is offered for a word that is being typed, after the words before it."""
