"""Breakpoints as data that outlives the process: what a restart takes along, what a project keeps, what `save` writes.

One form for all of them; a line is found again by what it was, wherever it is now (anchors.py).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

from lowdb.engine.breakpoints import IGNORE_FROM, Spec
from lowdb.engine.conditions import ConditionError
from lowdb.engine.locations import LocationError
from lowdb.engine.records import fields_of
from lowdb.program.paths import canonical, short
from lowdb.program.sources import source
from lowdb.repl.anchors import Anchor, Lost, anchor, find

if TYPE_CHECKING:
    from lowdb.engine.breakpoints import Breakpoint
    from lowdb.repl.session import Session

    type Entry = dict[str, Any]

KINDS: Final = ("line", "function", "exit", "raise")
"""Of breakpoints that can be kept: what a `watch` looks at is gone with the process."""

_DEFAULTS: Final = Spec()
_CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "kind": KINDS,
    "exits": ("both", "returns", "unwinds"),
    "raised": ("raised", "uncaught", "user"),
}


class Restored:
    """What became of breakpoints that were kept."""

    def __init__(self) -> None:
        self.count = 0
        """How many are set."""
        self.moved: list[str] = []
        """`shop.py:57 moved to 61`."""
        self.problems: list[str] = []
        """A line for each that is not as it was."""
        self.there = 0
        """How many were set already."""


class Keeper:
    """Knows of each breakpoint of a session what its line was when it was set."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._anchors: dict[int, Anchor | None] = {}  # None: there is no source
        self._lost: dict[int, Entry] = {}  # as it was, of those whose line was not found
        self._left: list[Entry] = []  # what could not be set at all

    def note(self) -> None:
        """Look at the lines of new breakpoints: the file may be edited while the program runs."""
        for point in self._session.debugger.breakpoints():
            if point.kind == "line" and point.number not in self._anchors:
                self._anchors[point.number] = _anchor_of(point)

    def entries(self, root: str = "") -> list[Entry]:
        """Every breakpoint that can be kept, as JSON data; files below `root` are named from there."""
        self.note()
        found = []
        for point in self._session.debugger.breakpoints():
            if point.gone or point.kind not in KINDS:
                continue
            lost = self._lost.get(point.number)
            if lost is not None and not point.enabled:
                found.append(lost)  # until the person does something about it
            else:
                found.append(self._entry(point, root))
        return found + self._left

    def restore(self, entries: list[Entry], root: str = "") -> Restored:
        """Set breakpoints as `entries` has described them. One that is there already is not set again."""
        done = Restored()
        for entry in entries:
            try:
                self._set(entry, root, done)
            except (KeyError, TypeError, ValueError, AttributeError):
                done.problems.append(f"not a breakpoint that lowdb has saved: {entry!r:.60}")
            except (LocationError, ConditionError) as error:
                self._left.append(entry)
                done.problems.append(f"{_called(entry, root)} is not set: {error}")
        self.note()
        return done

    def adopt(self, entries: list[Entry]) -> None:
        """Keep these with the breakpoints that are there, though none of them is set."""
        self._left += entries

    def _entry(self, point: Breakpoint, root: str) -> Entry:
        spec: Entry = {
            name: getattr(point.spec, name)
            for name in fields_of(Spec)
            if getattr(point.spec, name) != getattr(_DEFAULTS, name)
        }
        for name in ("filename", "line", "condition", "ignore", "enabled"):
            spec.pop(name, None)
        spec["kind"] = point.kind
        if point.condition is not None:
            spec["condition"] = point.condition.text
        if point.counts[IGNORE_FROM]:
            spec["ignore"] = point.counts[IGNORE_FROM]
        if not point.enabled:
            spec["enabled"] = False
        entry: Entry = {"spec": spec}
        commands = self._session.command_lists.get(point.number)
        if commands is not None:
            entry["commands"] = commands
        place = _line_of(point)
        names = {(place.filename, place.function) for place in point.places}
        # `6`, `+2` and `greet` were said where there was a current file
        if place is not None:
            entry["file"], entry["line"] = _from(place[0], root), place[1]
            old = self._anchors.get(point.number)
            if old is not None:
                entry["anchor"] = old.data()
        elif point.kind in ("function", "exit") and len(names) == 1 and point.spec.location[:1] != "/":
            ((filename, entry["function"]),) = names
            entry["file"] = _from(filename, root)
        return entry

    def _set(self, entry: Entry, root: str, done: Restored) -> None:
        session = self._session
        given = _checked(entry["spec"])
        file = canonical(os.path.join(root, entry["file"])) if entry.get("file") else None
        lost = ""
        if file is not None and given["kind"] == "line":
            given["filename"] = file
            given["line"], lost = _now(file, entry)
            given["location"] = f"{short(file)}:{given['line']}"
            if lost:
                given["enabled"] = False
        elif file is not None:
            if file.endswith(".py") and os.path.isfile(file):
                given["location"] = f"{file}:{entry['function']}"
            elif file == session.debugger.locator.main:  # it cannot be named: it is not called something.py
                given["location"] = str(entry["function"])
        spec = Spec(**given)
        if any(_same(spec, point) for point in session.debugger.breakpoints()):
            done.there += 1
            return
        point = session.debugger.add(spec)
        done.count += 1
        commands = entry.get("commands")
        if type(commands) is list and all(type(line) is str for line in commands):
            session.command_lists[point.number] = commands
        if lost:
            self._lost[point.number] = entry
            done.problems.append(f"{_called(entry, root)} {lost}: breakpoint {point.number} is disabled")
        elif file is not None and given.get("line") != entry.get("line"):
            done.moved.append(f"{_called(entry, root)} moved to {given['line']}")


def told(done: Restored, what: str) -> str:
    """What became of them, in a line or more; `what` follows the number: "from your last session"."""
    lines = []
    if done.count or not done.problems:
        moved = f" ({'; '.join(done.moved)})" if done.moved else ""
        there = f", {done.there} there already" if done.there else ""
        lines.append(f"{done.count} breakpoint{'s' * (done.count != 1)} {what}{there}{moved}")
    return "\n".join([*lines, *(f"  {problem}" for problem in done.problems)])


def _now(file: str, entry: Entry) -> tuple[int, str]:
    """The line where a breakpoint goes now, and why that is not its own where it is not."""
    line = int(entry["line"])
    text = source(file)
    was = entry.get("anchor")
    if text is None or was is None:
        return line, ""
    old = Anchor(**was)
    try:
        return find(text, old), ""
    except Lost as lost:
        return max(1, min(line, len(text.lines))), f"`{old.text:.50}` {lost}"


def _checked(given: Entry) -> Entry:
    """The fields of a Spec. Raises ValueError where one has a value that it cannot have, TypeError for no dict."""
    known = set(fields_of(Spec)) - {"filename", "line"}
    spec = {name: value for name, value in given.items() if name in known}
    for name, value in spec.items():
        default = getattr(_DEFAULTS, name)
        right = (str,) if default is None else (type(default),)
        if type(value) not in right or value not in _CHOICES.get(name, (value,)):
            raise ValueError(name)
    return {"kind": "line", **spec}


def _line_of(point: Breakpoint) -> tuple[str, int] | None:
    places = {(place.filename, place.line) for place in point.places}
    return places.pop() if point.kind == "line" and len(places) == 1 else None


def _anchor_of(point: Breakpoint) -> Anchor | None:
    place = _line_of(point)
    text = source(place[0]) if place is not None else None
    return anchor(text, place[1]) if place is not None and text is not None else None


def _same(spec: Spec, point: Breakpoint) -> bool:
    there = point.spec
    if (there.kind, there.condition, there.hits, there.log, there.exception) != (
        spec.kind,
        spec.condition,
        spec.hits,
        spec.log,
        spec.exception,
    ):
        return False
    if spec.kind == "line" and spec.filename is not None:
        return _line_of(point) == (spec.filename, spec.line)
    names = {place.function for place in point.places}
    return there.location == spec.location or (len(names) == 1 and spec.location.rpartition(":")[2] in names)


def _called(entry: Entry, root: str) -> str:
    """A breakpoint as it is named to the person."""
    if entry.get("file"):
        return f"{short(canonical(os.path.join(root, entry['file'])))}:{entry.get('line', entry.get('function'))}"
    return str(entry["spec"].get("location") or entry["spec"].get("exception") or "any exception")


def _from(filename: str, root: str) -> str:
    prefix = root.rstrip(os.sep) + os.sep
    return filename[len(prefix) :] if root and filename.startswith(prefix) else filename
