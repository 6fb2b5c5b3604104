"""Data watches: which instructions may change what is watched, what it was before, and when it is over.

After each instruction that may store to it, and nowhere else, the value is compared (program/stores.py says which; all
other instructions are DISABLEd). What changes otherwise is found at the next stop, whatever that is for.
"""

from __future__ import annotations

from _thread import RLock, get_ident
from typing import TYPE_CHECKING, Final

from lowdb.capabilities import INTERPRETER
from lowdb.engine.checks import CheckMaker
from lowdb.engine.hits import hits_of
from lowdb.engine.monitor import INSTRUCTION, PY_RETURN, PY_UNWIND
from lowdb.engine.stops import Change, Reason, Stop
from lowdb.engine.watches import Watcher
from lowdb.program.codes import live_codes
from lowdb.program.guard import MISSING
from lowdb.program.mycode import is_lowdb
from lowdb.program.sameness import Mark, is_container
from lowdb.program.stores import line_at, returns_at, stores_itself
from lowdb.program.subjects import GONE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import CodeType, FrameType

    from lowdb.engine.breakpoints import Breakpoint
    from lowdb.engine.checks import Say
    from lowdb.engine.conditions import Condition
    from lowdb.engine.stops import Hit
    from lowdb.engine.watches import Watches
    from lowdb.program.subjects import Subject

_UNWIND: Final = PY_UNWIND if INTERPRETER.local_exception_events else 0
_NOBODY: Final[dict[int, tuple[_Look, ...]]] = {}
_SUSPENDS: Final = 0x2A0  # CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR


class _End(Watcher):
    """Notices the end of the frame whose local is watched."""

    __slots__ = ("frame", "over")

    def __init__(self, watches: Watches, frame: FrameType, over: Callable[[str], None]) -> None:
        super().__init__()
        self.frame = frame
        self.over = over
        watches.add(self, frame.f_code, PY_RETURN | _UNWIND)
        if not _UNWIND:
            watches.add_everywhere(self, PY_UNWIND)

    def frames(self) -> list[FrameType]:
        return [self.frame]

    def returned(self, frame: FrameType, value: object) -> None:
        if frame is self.frame:
            self.over(f"{frame.f_code.co_name} has returned")

    def unwound(self, frame: FrameType, exception: BaseException) -> None:
        if frame is self.frame:
            self.over(f"{frame.f_code.co_name} was left by an exception")


class _Look:
    """One data watch in force."""

    __slots__ = ("codes", "contents", "frame", "maker", "mark", "point", "read", "subject")

    def __init__(self, point: Breakpoint, subject: Subject, say: Say, code: CodeType) -> None:
        value = subject.read()
        self.point = point
        self.subject = subject
        self.read = subject.reader()
        self.frame = subject.frame if subject.scope == "local" else None
        """The only frame that can change it, None for any."""
        self.mark = Mark(value)
        self.contents = is_container(value)
        """Whether changes inside the value count: it is, or once was, a container."""
        self.maker = CheckMaker(point, code, say)
        self.codes: dict[int, tuple[CodeType, int]] = {}
        """Where it looks, by id, with the events that are armed for it."""


class DataWatches:
    """The data watches by number; the dispatcher asks it at INSTRUCTION, and at a LINE that comes at the same place."""

    def __init__(self, watches: Watches, say: Say, over: Callable[[Breakpoint, str], None]) -> None:
        self.watches = watches
        self.monitor = watches.monitor
        self.say = say
        self._over = over
        self.spots: Final[dict[int, dict[int, tuple[_Look, ...]]]] = {}
        """id(code) -> offset -> who looks there. Read without a lock."""
        self._stores: dict[int, dict[int, int]] = {}  # id(code) -> offset -> offset of what stored
        self._looks: dict[int, _Look] = {}
        self._ends: dict[int, _End] = {}
        self._lock = RLock()

    def __bool__(self) -> bool:
        return bool(self._looks)

    @property
    def everywhere(self) -> bool:
        """Whether new code has to be shown to `new`."""
        return any(look.subject.everywhere for look in list(self._looks.values()))

    # --- in force and out of it -----------------------------------------------------------------------

    def add(self, point: Breakpoint, subject: Subject) -> None:
        """Put a watch in force, from what the subject holds now."""
        number, frame = point.number, subject.frame
        with self._lock:
            if number in self._looks:
                return
            code = frame.f_code if frame is not None else _some_code.__code__
            look = self._looks[number] = _Look(point, subject, self.say, code)
            if frame is not None and number not in self._ends:
                self._ends[number] = _End(self.watches, frame, lambda why: self._over(point, why))
            for one in _where(subject):
                self._look_at(look, one)

    def remove(self, point: Breakpoint) -> None:
        """Take a watch out of force."""
        with self._lock:
            look = self._looks.pop(point.number, None)
            if look is not None:
                self._leave(look)
            if point.gone and (end := self._ends.pop(point.number, None)) is not None:
                self.watches.drop(end)

    def new(self, code: CodeType) -> None:
        """Code that is about to run for the first time."""
        for look in list(self._looks.values()):
            if look.subject.everywhere:
                with self._lock:
                    self._look_at(look, code)

    def counts(self, point: Breakpoint) -> tuple[int, int]:
        """In how many functions it looks: those with an instruction that stores, others where a call may do it."""
        look = self._looks.get(point.number)
        if look is None:
            return 0, 0
        subject, codes = look.subject, [code for code, _ in look.codes.values()]
        direct = sum(stores_itself(code, subject.name, subject.scope) for code in codes)
        return direct, len(codes) - direct

    def follows_contents(self, point: Breakpoint) -> bool:
        """Whether changes inside the value count, too."""
        look = self._looks.get(point.number)
        return look is not None and look.contents

    def _look_at(self, look: _Look, code: CodeType) -> None:
        key = id(code)
        if key in look.codes or is_lowdb(code.co_filename) or look.point.number not in self._looks:
            return
        places = look.subject.places(code, look.contents)
        if not places:
            return
        events = INSTRUCTION
        if INTERPRETER.return_armed_too_late and returns_at(code, places):
            events |= PY_RETURN  # for a finish that is asked for at such a stop
        look.codes[key] = code, events
        self._stores.setdefault(key, {}).update(places)
        here = self.spots.get(key, {})
        # a new dict each time: the hot path reads without a lock
        self.spots[key] = {at: (*here.get(at, ()), look) if at in places else here[at] for at in {*here, *places}}
        self.monitor.arm(code, events)

    def _leave(self, look: _Look) -> None:
        codes, look.codes = look.codes, {}
        for key, (code, events) in codes.items():
            here = {at: others for at, looks in self.spots[key].items() if (others := _without(looks, look))}
            if here:
                self.spots[key] = here
            else:
                del self.spots[key], self._stores[key]
            self.monitor.disarm(code, events)

    def _widen(self, look: _Look) -> None:
        """It holds a container now: what may change its contents is looked at as well."""
        with self._lock:
            look.contents = True
            self._leave(look)
            for code in _where(look.subject):
                self._look_at(look, code)

    # --- events ---------------------------------------------------------------------------------------

    def at(self, code: CodeType, offset: int, frame: FrameType) -> Stop | None:
        """At an instruction behind one that may have stored: a stop where it did and that is wanted."""
        found: list[Hit] = []
        for look in self.spots.get(id(code), _NOBODY).get(offset, ()):
            if look.frame is None or look.frame is frame:
                value = look.read()
                if id(value) != look.mark.ident:
                    found += self._changed(look, value, frame, code, offset)
        return Stop(Reason.WATCH, frame, get_ident(), hits=tuple(found)) if found else None

    def _changed(self, look: _Look, value: object, frame: FrameType, code: CodeType, offset: int) -> tuple[Hit, ...]:
        old = look.mark
        if old.same(value):
            return ()
        if value is GONE:
            self._over(look.point, "the object is gone")
            return ()
        look.mark = new = Mark(value)
        if not look.contents and is_container(value):
            self._widen(look)
        if _has_no_value(look.point.condition, old, value):
            return ()  # the condition is about two values, and one is not there
        before = old.before
        value = None if value is MISSING else value
        verdict = look.maker.ask(frame, None, None, {"_lowdb_old": before, "_lowdb_new": value})
        if verdict is None:
            return ()
        line = line_at(code, self._stores.get(id(code), {}).get(offset, offset))
        place = (code.co_filename, line, code.co_qualname)
        change = Change(look.point.spec.location, old.text, new.text, before, value, place)
        return hits_of(verdict, frame, change)

    # --- at stops -------------------------------------------------------------------------------------

    def unseen(self) -> tuple[tuple[Breakpoint, Change], ...]:
        """What has changed without having been seen: by C code, through another name. Told at whatever stop is next."""
        found = []
        for look in list(self._looks.values()):
            frame = look.subject.frame
            if frame is not None and _has_ended(frame):
                self._over(look.point, f"{frame.f_code.co_name} has ended")
                continue
            value, old = look.subject.read(), look.mark
            if old.same(value):
                continue
            if value is GONE:
                self._over(look.point, "the object is gone")
                continue
            look.mark = new = Mark(value)
            value = None if value is MISSING else value
            found.append((look.point, Change(look.point.spec.location, old.text, new.text, old.before, value)))
        return tuple(found)

    def refresh(self) -> None:
        """The person is done: what was changed at the prompt is no news."""
        for look in list(self._looks.values()):
            value = look.subject.read()
            if not look.mark.same(value):
                look.mark = Mark(value)

    # --- the end --------------------------------------------------------------------------------------

    def after_fork(self) -> None:
        """In a forked child: a thread that is gone may have held the lock."""
        self._lock = RLock()

    def clear(self) -> None:
        """Forget everything, disarming nothing: the monitor has released it all."""
        for table in (self.spots, self._stores, self._looks, self._ends):
            table.clear()


def _without(looks: tuple[_Look, ...], look: _Look) -> tuple[_Look, ...]:
    return tuple(other for other in looks if other is not look)


def _has_no_value(condition: Condition | None, old: Mark, value: object) -> bool:
    """Whether the condition asks for `$old` or `$new` where the name held, or holds, nothing."""
    names = condition.names if condition is not None else ()
    return ("_lowdb_old" in names and old.nothing) or ("_lowdb_new" in names and value is MISSING)


def _where(subject: Subject) -> Iterable[CodeType]:
    """The code that is there now and may store to it."""
    if subject.scope == "local" and subject.frame is not None:
        return [subject.frame.f_code]
    return live_codes()


def _has_ended(frame: FrameType) -> bool:
    """Whether a generator's frame has ended without an event (3.13, where alone this is asked; see steps.py)."""
    if not INTERPRETER.close_may_be_silent or not frame.f_code.co_flags & _SUSPENDS:
        return False
    try:
        frame.clear()  # refused as long as it runs or waits
    except RuntimeError:
        return False
    return True


def _some_code() -> None:
    """Stands for the code that a watch belongs to where it belongs to none."""
