"""The breakpoints by number: made from what was asked for, bound to the code that is there, and to what comes."""

from __future__ import annotations

from _thread import RLock
from typing import TYPE_CHECKING, Final

from lowdb.engine.breakpoints import Breakpoint, Place, Spec
from lowdb.engine.conditions import Condition, HitCondition, Message
from lowdb.engine.locations import Location, LocationError, modules_of, settle
from lowdb.engine.points import ENTRY, EXIT
from lowdb.engine.records import replace
from lowdb.program.codes import first_line, live_codes, nested, stoppable_lines
from lowdb.program.paths import file_of, short
from lowdb.program.sources import source
from lowdb.program.subjects import CannotWatch, find

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import CodeType, FrameType

    from lowdb.engine.discovery import Discovery
    from lowdb.engine.exceptions import RaisePoints
    from lowdb.engine.locations import Locator
    from lowdb.engine.points import Points
    from lowdb.engine.watchpoints import DataWatches
    from lowdb.program.mycode import MyCode
    from lowdb.program.subjects import Subject

_OPTIMIZED: Final = 0x1
_NOWHERE: Final = ("raise", "watch")
"""Kinds that belong to no place."""


class Table:
    """Owns the breakpoints."""

    def __init__(
        self,
        points: Points,
        raises: RaisePoints,
        data: DataWatches,
        discovery: Discovery,
        locator: Locator,
        mycode: MyCode,
        bound: Callable[[Breakpoint], None],
    ) -> None:
        self.points = points
        self.raises = raises
        self.data = data
        self.discovery = discovery
        self.locator = locator
        self.mycode = mycode
        self.bound = bound
        self._points: dict[int, Breakpoint] = {}
        self._locations: dict[int, Location] = {}
        self._next = 1
        self._lock = RLock()
        discovery.on_module = self._module

    def __iter__(self) -> Iterator[Breakpoint]:
        return iter([self._points[number] for number in sorted(self._points)])

    def get(self, number: int) -> Breakpoint:
        """The breakpoint of this number. Raises KeyError."""
        return self._points[number]

    # --- changes --------------------------------------------------------------------------------------

    def add(self, spec: Spec, frame: FrameType | None = None, line: int | None = None) -> Breakpoint:
        """A new breakpoint, bound to what is there. Raises LocationError, ConditionError; nothing is left then."""
        condition = Condition(spec.condition) if spec.condition else None
        hits = HitCondition(spec.hits) if spec.hits else None
        message = Message(spec.log) if spec.log is not None else None
        location = None if spec.kind in _NOWHERE else self._locate(spec, frame, line)
        subject = _subject(spec, frame) if spec.kind == "watch" else None
        if location is not None and location.line is None and spec.kind == "line":
            spec = replace(spec, kind="function")
        with self._lock:
            point = Breakpoint(self._next, spec)
            point.condition, point.hit_condition, point.message = condition, hits, message
            point.subject = subject
            self._next += 1
            if location is not None:
                self._locations[point.number] = location
                point.note = location.note
            self._points[point.number] = point
            try:
                if point.enabled:
                    self._bind(point)
                else:
                    self._describe(point)
            except BaseException:
                self.remove(point.number)
                self._next = point.number
                raise
            return point

    def remove(self, number: int) -> Breakpoint:
        """Take a breakpoint off for good. Raises KeyError."""
        with self._lock:
            point = self._points.pop(number)
            point.gone = True
            self._unbind(point)
            point.subject = None  # who keeps the breakpoint keeps no frame of the program
            self._locations.pop(number, None)
            self._settle()
            return point

    def enable(self, number: int, enabled: bool) -> None:
        """Switch a breakpoint on or off. Raises KeyError."""
        with self._lock:
            point = self._points[number]
            if point.enabled == enabled:
                return
            point.enabled = enabled
            if enabled:
                self._bind(point)
            else:
                self._unbind(point)
                self._settle()

    def change(self, number: int, condition: str | None = None, ignore: int | None = None) -> None:
        """Give a breakpoint another condition ("" for none) or ignore count. Raises KeyError, ConditionError."""
        compiled = Condition(condition) if condition else None
        with self._lock:
            point = self._points[number]
            if condition is not None:
                point.condition = compiled
                point.spec = replace(point.spec, condition=condition or None)
            if ignore is not None:
                point.ignore_next(ignore)
            if point.enabled:  # its checks are made anew
                self._unbind(point)
                self._bind(point)

    def after_fork(self) -> None:
        """In a forked child: a thread that is gone may have held the lock."""
        self._lock = RLock()

    def clear(self) -> None:
        """Forget all, disarming nothing: the monitor has released it."""
        self._points.clear()
        self._locations.clear()

    # --- where ----------------------------------------------------------------------------------------

    def _locate(self, spec: Spec, frame: FrameType | None, line: int | None) -> Location:
        if spec.filename is not None and spec.line is not None:
            return self.locator.line(spec.filename, spec.line)
        location = self.locator.locate(spec.location, frame, line)
        if spec.kind == "exit" and location.line is not None:
            raise LocationError(f"{spec.location!r} is a line: a trap takes a function's name")
        return location

    def places(self, location: Location) -> list[Place]:
        """The places that a location stands for, loaded or not."""
        filename, line = location.filename, location.line
        if line is not None and filename is not None:
            codes = owners(self.discovery.codes(filename), line) or _unloaded(filename, line)
            functions = list(dict.fromkeys(code.co_qualname for code in codes)) or ["<module>"]
            return [Place(filename, line, function) for function in functions]
        found = [
            Place(file_of(code.co_filename), first_line(code) or code.co_firstlineno, code.co_qualname)
            for code in self._functions(location)
        ]
        if not found and filename is not None:
            text = source(filename)
            for name, (_, first) in (text.qualnames() if text is not None else {}).items():
                if _plain(name) == _plain(location.qualname or ""):
                    found.append(Place(filename, first, name))
        return list(dict.fromkeys(found))

    def _functions(self, location: Location) -> list[CodeType]:
        if location.pattern is not None:
            codes = {id(code): code for code in [*self.discovery.known(), *live_codes()]}
            return [code for code in codes.values() if self._matches(location, code)]
        codes = {id(code): code for code in location.codes}
        if location.filename is not None:
            for code in self.discovery.codes(location.filename):
                if self._matches(location, code):
                    codes[id(code)] = code
        return list(codes.values())

    def _matches(self, location: Location, code: CodeType) -> bool:
        if not code.co_flags & _OPTIMIZED:
            return False  # a class body or a module: no function
        if location.pattern is not None:
            return self.mycode.is_mine(code.co_filename) and location.pattern.search(code.co_qualname) is not None
        return location.qualname is not None and _plain(code.co_qualname) == _plain(location.qualname)

    # --- binding --------------------------------------------------------------------------------------

    def _bind(self, point: Breakpoint) -> None:
        if point.kind == "raise":
            self.raises.add(point)
            return
        if point.subject is not None:
            if point.subject.everywhere:
                self.discovery.each = self.data.new
                self.discovery.start()
            self.data.add(point, point.subject)
            return
        location = self._locations[point.number]
        self._look(location)
        if location.line is not None and location.filename is not None:
            for code in owners(self.discovery.codes(location.filename), location.line):
                self.points.bind(point, code, location.line)
        else:
            for code in self._functions(location):
                self.points.bind(point, code, EXIT if point.kind == "exit" else ENTRY)
        self._describe(point)

    def _look(self, location: Location) -> None:
        """Have discovery look for what the location needs."""
        if location.filename is not None:
            self.discovery.want(location.filename)
        elif location.module is not None:
            self.discovery.modules.update(modules_of(location))
        if location.pattern is not None:
            self.discovery.everything = True
        self.discovery.start()

    def _describe(self, point: Breakpoint) -> None:
        if point.kind in _NOWHERE:
            return
        location = self._locations[point.number]
        point.places = self.places(location)
        if point.targets or not point.enabled:
            point.pending = None
        elif location.filename is not None and location.qualname is not None and not point.places:
            point.pending = f"there is no function {location.qualname} in {short(location.filename)}"
        elif location.module is not None and location.filename is None:
            point.pending = f"{next(iter(modules_of(location)))} is not imported yet"
        elif location.filename is not None:
            point.pending = f"{short(location.filename)} has not run yet"
        else:
            point.pending = "no such function yet"

    def _unbind(self, point: Breakpoint) -> None:
        if point.kind == "raise":
            self.raises.remove(point)
        elif point.kind == "watch":
            self.data.remove(point)
        else:
            self.points.unbind(point)

    def _settle(self) -> None:
        """With nothing left that needs to know of new code, discovery goes off: nothing stays armed."""
        if not self.data.everywhere:
            self.discovery.each = None
        if any(point.enabled and point.kind not in _NOWHERE for point in self._points.values()):
            return
        self.discovery.everything = False
        self.discovery.modules.clear()
        if self.discovery.each is None:
            self.discovery.stop()

    # --- what discovery finds ---------------------------------------------------------------------------

    def new(self, filename: str, code: CodeType) -> None:
        """A code object of a wanted file is about to run (or lies in one that is)."""
        with self._lock:
            for point in list(self._points.values()):
                if point.kind in _NOWHERE or not point.enabled:
                    continue
                location = self._locations[point.number]
                if location.line is not None:
                    target = location.line
                    if location.filename != filename or not owners([code], target, self.discovery.codes(filename)):
                        continue
                elif (location.filename == filename or location.pattern is not None) and self._matches(location, code):
                    target = EXIT if point.kind == "exit" else ENTRY
                else:
                    continue
                waiting = point.pending is not None
                if self.points.bind(point, code, target):
                    self._describe(point)
                    if waiting:
                        self.bound(point)

    def _module(self, name: str, filename: str) -> None:
        """A module that functions were asked for in is about to run."""
        with self._lock:
            for number, location in self._locations.items():
                if location.filename is None and name in modules_of(location):
                    if not settle(location, name, filename):
                        continue
                    location.filename = filename
                    self._points[number].note = None
                    text = source(filename)
                    if text is not None and location.qualname not in text.qualnames():
                        self._points[number].pending = f"there is no function {location.qualname} in {short(filename)}"
            self.discovery.modules.discard(name)
            self.discovery.expect(filename)


def _subject(spec: Spec, frame: FrameType | None) -> Subject:
    if frame is None:
        raise LocationError("a data watch needs a frame whose names it means")
    try:
        return find(spec.location, frame)
    except CannotWatch as refusal:
        raise LocationError(str(refusal)) from None


def _plain(name: str) -> str:
    return name.replace(".<locals>", "")


def owners(codes: Iterable[CodeType], line: int, family: Iterable[CodeType] | None = None) -> list[CodeType]:
    """The code objects among `codes` that a breakpoint at `line` belongs to.

    Where a line is shared: the outermost that has it, and functions, lambdas and generator expressions on it; not the
    class body whose header it is, nor code made for annotations (stepping.md). `family`: all code of the file.
    """
    having = [code for code in codes if line in stoppable_lines(code)]
    if not having:
        return []
    proper = [code for code in having if not _shares(code, line)]
    if proper or family is None:
        return proper or having
    others = [code for code in family if line in stoppable_lines(code)]
    return [] if any(not _shares(code, line) for code in others) else having


def _shares(code: CodeType, line: int) -> bool:
    name = code.co_name
    if name == "__annotate__" or name.startswith("<generic parameters"):
        return True
    is_class = not code.co_flags & _OPTIMIZED and name != "<module>"
    return is_class and line == first_line(code)


def _unloaded(filename: str, line: int) -> list[CodeType]:
    """The code objects that the file will have at `line`, from compiling its source."""
    text = source(filename)
    code = text.compiled() if text is not None else None
    return owners(nested(code), line) if code is not None else []
