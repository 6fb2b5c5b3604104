"""The client's breakpoints and the engine's: what was asked for, what came of it, what the client has been told."""

from __future__ import annotations

import os
import re
import sys
from _frozen_importlib_external import PathFinder
from _thread import RLock
from typing import TYPE_CHECKING, Any, Final

from lowdb.dap.registry import Refused
from lowdb.engine.breakpoints import Spec
from lowdb.engine.conditions import ConditionError
from lowdb.engine.locations import LocationError

if TYPE_CHECKING:
    from lowdb.dap.server import Server
    from lowdb.engine.breakpoints import Breakpoint

    type Body = dict[str, Any]
    type Wish = tuple[Any, ...]

TRAP: Final = "trap:"
"""A function breakpoint whose name begins so stops at the function's exits."""
_FILTERS: Final = {"raised": "raised", "uncaught": "uncaught", "userUnhandled": "user"}
_BREAK_MODES: Final = {"always": "raised", "unhandled": "uncaught", "userUnhandled": "user"}
_TYPES: Final = re.compile(r"\s*[^\W\d][\w.]*(?:\s*,\s*[^\W\d][\w.]*)*\s*")


class Points:
    """All breakpoints of one client. The reader sets them; any thread may tell of one that was bound."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._lock = RLock()  # setting one may bind it, and so tell of it, in between
        self._lines: dict[str, list[tuple[Wish, Breakpoint]]] = {}
        self._functions: list[tuple[Wish, Breakpoint]] = []
        self._exceptions: list[Breakpoint] = []
        self._told: dict[int, Body] = {}

    # --- lines and functions --------------------------------------------------------------------------

    def set_lines(self, filename: str, asked: list[Body]) -> list[Body]:
        """Make these the breakpoints of a file, told in their order; one that was there stays, with its counts."""
        with self._lock:
            before = self._lines.pop(filename, [])
            kept: list[tuple[Wish, Breakpoint]] = []
            made = [self._line(filename, one, before, kept) for one in asked]
            for _, point in before:
                self._remove(point)
            if kept:
                self._lines[filename] = kept
            return made

    def set_functions(self, asked: list[Body]) -> list[Body]:
        """Make these the function breakpoints."""
        with self._lock:
            before, self._functions = self._functions, []
            made = [self._function(one, before, self._functions) for one in asked]
            for _, point in before:
                self._remove(point)
            return made

    def _line(
        self, filename: str, one: Body, before: list[tuple[Wish, Breakpoint]], kept: list[tuple[Wish, Breakpoint]]
    ) -> Body:
        line = one.get("line")
        if type(line) is not int:
            return {"verified": False, "message": "the breakpoint has no line", "reason": "failed"}
        number = self._server.client.line_in(line)
        clauses = clauses_of(one)
        wish = (number, *clauses.values())
        point = taken(wish, before)
        if point is None:
            try:
                point = self._add(Spec(filename=filename, line=number, **clauses))
            except _Failed as failed:
                return {"verified": False, "message": str(failed), "line": line, "reason": "failed"}
        kept.append((wish, point))
        return self._tell(point)

    def _function(self, one: Body, before: list[tuple[Wish, Breakpoint]], kept: list[tuple[Wish, Breakpoint]]) -> Body:
        name = one.get("name")
        if type(name) is not str or not name.strip():
            return {"verified": False, "message": "the breakpoint names no function", "reason": "failed"}
        clauses = clauses_of(one)
        wish = (name, *clauses.values())
        point = taken(wish, before)
        if point is None:
            try:
                point = self._named(name.strip(), clauses)
            except _Failed as failed:
                return {"verified": False, "message": str(failed), "reason": "failed"}
        kept.append((wish, point))
        return self._tell(point)

    def _named(self, name: str, clauses: dict[str, Any]) -> Breakpoint:
        kind: Any = "exit" if name.startswith(TRAP) else "function"
        name = name.removeprefix(TRAP).strip()
        halt = self._server.halt
        frame = halt.stop.frame if halt is not None else None
        if not self._may_come(name):
            # `Cart.total` of a class that is nowhere yet, or `total` in several places: whatever is so named is meant
            try:
                known = self._server.debugger.resolve(name, frame)
            except LocationError:
                known = []
            if not known:
                return self._add(Spec(kind=kind, location=rf"/(?:^|\.){re.escape(name)}$/", **clauses), frame)
        return self._add(Spec(kind=kind, location=name, **clauses), frame)

    def _may_come(self, name: str) -> bool:
        """Whether a name is more than a function's and its classes': it tells the file or module, or is a pattern."""
        if not re.fullmatch(r"[^\W\d][\w.<>]*", name):
            return True
        first, dot, _ = name.partition(".")
        return bool(dot) and is_importable(first, self._server.debugger.locator.main)

    def _add(self, spec: Spec, frame: Any = None) -> Breakpoint:
        debugger = self._server.debugger
        if not debugger.running:
            raise _Failed("the program runs without debugging")
        try:
            return debugger.add(spec, frame)
        except LocationError as error:
            raise _Failed(str(error)) from None
        except ConditionError as error:
            raise _Failed(f"SyntaxError in {error.text!r}: {error.message}") from None

    def _remove(self, point: Breakpoint) -> None:
        self._told.pop(point.number, None)
        if not point.gone:
            try:
                self._server.debugger.remove(point.number)
            except KeyError:  # the debugger was taken off
                pass

    # --- exceptions -----------------------------------------------------------------------------------

    def set_exceptions(self, arguments: Body) -> list[Body]:
        """Put the filters in force. Returns what came of each: filters, filter options, exception options in turn."""
        wishes: list[tuple[str | None, str | None, str]] = []  # raised, condition, what is wrong
        for name in arguments.get("filters") or ():
            wishes.append(_filter(name, None))
        for one in arguments.get("filterOptions") or ():
            one = one if type(one) is dict else {}
            wishes.append(_filter(one.get("filterId"), one.get("condition")))
        for one in arguments.get("exceptionOptions") or ():
            wishes += _option(one if type(one) is dict else {})
        with self._lock:
            before, self._exceptions = self._exceptions, []
            made = [self._exception(*wish) for wish in wishes]
            for point in before:
                self._remove(point)
            hooked = [point for point in self._exceptions if point.spec.raised == "uncaught"]
            self._server.debugger.options.post_mortem = bool(hooked)
        return made

    def _exception(self, raised: Any, condition: str | None, wrong: str) -> Body:
        if wrong:
            return {"verified": False, "message": wrong}
        names: list[str | None] = [None]
        if condition is not None and _TYPES.fullmatch(condition) and condition.strip() not in ("True", "False"):
            names, condition = [name.strip() for name in condition.split(",")], None
        if raised is None:
            return {"verified": True}  # breakMode "never"
        try:
            for name in names:
                self._exceptions.append(
                    self._add(Spec(kind="raise", raised=raised, exception=name, condition=condition or None))
                )
        except _Failed as failed:
            return {"verified": False, "message": str(failed)}
        return {"verified": True}

    # --- telling --------------------------------------------------------------------------------------

    def _tell(self, point: Breakpoint) -> Body:
        self._told[point.number] = made = self._body(point)
        return made

    def _body(self, point: Breakpoint) -> Body:
        by_name = point.kind != "line"
        waits = point.pending is not None and (by_name or not point.places)
        made: Body = {"id": point.number, "verified": not waits}
        place = point.places[0] if point.places else None
        if place is not None and not (by_name and waits):
            made["source"] = self._server.origins.describe(place.filename)
            made["line"] = self._server.client.line_out(place.line)
        message = point.pending if waits else point.note
        if message:
            made["message"] = message
        if waits:
            made["reason"] = "pending"
        return made

    def bound(self, point: Breakpoint) -> None:
        """A pending breakpoint found its code: tell the client, if it is news."""
        with self._lock:
            before = self._told.get(point.number)
            if before is None:
                return  # it is being set: the answer tells
            now = self._body(point)
            if now == before:
                return
            self._told[point.number] = now
        self._server.event("breakpoint", {"reason": "changed", "breakpoint": now})


class _Failed(Exception):
    """The breakpoint cannot be set; the text says why."""


def is_importable(name: str, main: str | None) -> bool:
    """Whether there is a top-level module of this name, loaded or to be found; nothing is imported."""
    if name in sys.modules:
        return True
    places = [entry for entry in sys.path if type(entry) is str]
    if main is not None:
        places.insert(0, os.path.dirname(main))  # before the program begins it is not on sys.path
    try:
        return PathFinder.find_spec(name, places) is not None
    except Exception:  # a finder of the program's own
        return False


def clauses_of(one: Body) -> dict[str, Any]:
    """Return the condition, hit condition and log message of a client's breakpoint, as fields of a Spec."""
    found = {}
    for theirs, ours in (("condition", "condition"), ("hitCondition", "hits"), ("logMessage", "log")):
        text = one.get(theirs)
        found[ours] = text if type(text) is str and text.strip() else None
    return found


def taken(wish: Wish, before: list[tuple[Wish, Breakpoint]]) -> Breakpoint | None:
    """Take the breakpoint that was asked for in the same words out of `before`; None where there is none."""
    for index, (known, point) in enumerate(before):
        if known == wish and not point.gone:
            del before[index]
            return point
    return None


def _filter(name: object, condition: object) -> tuple[str | None, str | None, str]:
    if type(name) is not str or name not in _FILTERS:
        return None, None, f"there is no exception filter {name!r}: there are {', '.join(_FILTERS)}"
    return _FILTERS[name], condition if type(condition) is str and condition.strip() else None, ""


def _option(one: Body) -> list[tuple[str | None, str | None, str]]:
    """One of exceptionOptions: the last names of its path are types; no path is any exception."""
    mode = one.get("breakMode")
    if mode == "never":
        return [(None, None, "")]
    if mode not in _BREAK_MODES:
        return [(None, None, f"there is no break mode {mode!r}")]
    path = one.get("path")
    last = path[-1] if type(path) is list and path and type(path[-1]) is dict else {}
    names = [name for name in last.get("names") or () if type(name) is str]
    if last.get("negate") is True:
        return [(None, None, "a negated path is not supported: write a condition over $exc")]
    if not names or names == ["Python Exceptions"]:
        return [(_BREAK_MODES[mode], None, "")]
    return [(_BREAK_MODES[mode], ", ".join(names), "")]


def refuse_unless_objects(asked: Any, what: str) -> list[Body]:
    """Return `asked` where it is a list of objects. Raises Refused."""
    if type(asked) is not list or not all(type(one) is dict for one in asked):
        raise Refused(f"{what} is no list of objects")
    return asked
