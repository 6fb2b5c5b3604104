"""The only user of sys.monitoring: tool ids, callbacks, and reference-counted arming of code objects.

It knows nothing of breakpoints or plans. Facts behind it: PEP 669 and design/monitoring.md (probe names in brackets).
"""

from __future__ import annotations

import sys
from _thread import RLock
from typing import TYPE_CHECKING, Any, Final

from lowdb.capabilities import INTERPRETER
from lowdb.program.codes import needs_start

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType

_mon: Final = sys.monitoring
_events: Final = _mon.events

LINE: Final = _events.LINE
PY_START: Final = _events.PY_START
PY_RESUME: Final = _events.PY_RESUME
PY_RETURN: Final = _events.PY_RETURN
PY_YIELD: Final = _events.PY_YIELD
PY_THROW: Final = _events.PY_THROW
PY_UNWIND: Final = _events.PY_UNWIND
RAISE: Final = _events.RAISE
JUMP: Final = _events.JUMP
INSTRUCTION: Final = _events.INSTRUCTION
DISABLE: Final = _mon.DISABLE
NAMES: Final = {
    LINE: "LINE",
    PY_START: "PY_START",
    PY_RESUME: "PY_RESUME",
    PY_RETURN: "PY_RETURN",
    PY_YIELD: "PY_YIELD",
    PY_THROW: "PY_THROW",
    PY_UNWIND: "PY_UNWIND",
    RAISE: "RAISE",
    JUMP: "JUMP",
    INSTRUCTION: "INSTRUCTION",
}
ALL: Final = tuple(NAMES)

# Ids that PEP 669 gives no name; 5 is meant for optimizers, which CPython has none of. 1 and 2 belong to
# coverage and profilers, which may start later than lowdb.
_DISCOVERY_IDS: Final = (4, 3, 5)


class ToolTaken(Exception):
    """DEBUGGER_ID is held by another tool; `holder` is the name that it registered."""

    def __init__(self, holder: str) -> None:
        super().__init__(f"sys.monitoring's debugger id is held by {holder!r}")
        self.holder = holder


class _Armed:
    """What is armed on one code object: how many ask for each event, and the mask that is set."""

    __slots__ = ("code", "counts", "mask", "start")

    def __init__(self, code: CodeType) -> None:
        self.code = code  # the strong reference that keeps id(code) unique
        self.counts: dict[int, int] = {}
        self.mask = 0
        # cpython#155992: the first line of a one-line body has no LINE unless PY_START is in the mask as well
        self.start = PY_START if INTERPRETER.one_line_needs_start and needs_start(code) else 0


class Monitor:
    """Two tool ids: `tool` for all that stops, `finder` for discovery only.

    They are two because a PY_START that the debugger's own id had globally DISABLEd would never come back for a
    later local PY_START, and one-line functions would lose LINE (probe c5).
    """

    def __init__(self) -> None:
        self.tool: Final = _mon.DEBUGGER_ID
        self.finder: int | None = None
        self.claimed = False
        self.dirty: dict[int, bool] = {}
        """id(code) of armed code with lines or instructions that were answered with DISABLE since its last re-arm."""
        self._armed: dict[int, _Armed] = {}
        self._everywhere: dict[int, int] = {}
        self._everywhere_mask = 0
        self._callbacks: dict[int, Callable[..., Any]] = {}
        self._asks: dict[int, int] = {}  # how many ask for an event, locally or everywhere
        self._lock = RLock()

    # --- ids ------------------------------------------------------------------------------------

    def claim(self, name: str = "lowdb") -> None:
        """Take the ids. Raises ToolTaken when the debugger's is held; nothing is taken then."""
        with self._lock:
            if self.claimed:
                return
            try:
                _mon.use_tool_id(self.tool, name)
            except ValueError:
                raise ToolTaken(_mon.get_tool(self.tool) or "another tool") from None
            for number in _DISCOVERY_IDS:
                try:
                    _mon.use_tool_id(number, f"{name} discovery")
                except ValueError:
                    continue
                self.finder = number
                break
            self.claimed = True

    def release(self) -> None:
        """Take everything off and give the ids back; idempotent. Nothing stays armed on any code object."""
        with self._lock:
            if not self.claimed:
                return
            for armed in list(self._armed.values()):
                _mon.set_local_events(self.tool, armed.code, 0)
            self._armed.clear()
            self.dirty.clear()
            self._everywhere.clear()
            self._everywhere_mask = 0
            # free_tool_id leaves events and callbacks alive on 3.12 and 3.13 (probe g2): take them off by hand
            _mon.set_events(self.tool, 0)
            for event in ALL:
                _mon.register_callback(self.tool, event, None)
            self._asks.clear()
            _mon.free_tool_id(self.tool)
            if self.finder is not None:
                _mon.set_events(self.finder, 0)
                _mon.register_callback(self.finder, PY_START, None)
                _mon.free_tool_id(self.finder)
                self.finder = None
            self.claimed = False

    def after_fork(self) -> None:
        """In a forked child: a thread that is gone may have held the lock."""
        self._lock = RLock()

    # --- callbacks ------------------------------------------------------------------------------

    def on(self, event: int, callback: Callable[..., Any]) -> None:
        """Name the callback of one event of the debugger's id. It is registered only while somebody asks for it."""
        self._callbacks[event] = callback

    def _count(self, event: int, by: int) -> None:
        # PY_START stands in the masks of one-line functions for LINE's sake: without a callback it costs them nothing
        before = self._asks.get(event, 0)
        self._asks[event] = before + by
        if before == 0 or before + by == 0:
            _mon.register_callback(self.tool, event, self._callbacks[event] if by > 0 else None)

    def discover(self, callback: Callable[[CodeType, int], object] | None) -> bool:
        """Switch discovery (global PY_START of the second id) on or off. Returns whether there is such an id."""
        with self._lock:
            if not self.claimed or self.finder is None:
                return False
            if callback is None:
                _mon.set_events(self.finder, 0)
                _mon.register_callback(self.finder, PY_START, None)
            else:
                _mon.register_callback(self.finder, PY_START, callback)
                _mon.set_events(self.finder, PY_START)
            return True

    # --- local events ---------------------------------------------------------------------------

    def arm(self, code: CodeType, events: int) -> None:
        """Ask for `events` on `code`; ask as often as you like, `disarm` as often.

        Lines, jumps and instructions that were answered with DISABLE fire again: the caller has published what it
        wants in the tables of the dispatcher before it calls this (that order is the cure for the DISABLE race, house
        rule 6).
        """
        with self._lock:
            if not self.claimed:
                return
            key = id(code)
            armed = self._armed.get(key)
            if armed is None:
                armed = self._armed[key] = _Armed(code)
            counts = armed.counts
            for event in _bits(events):
                counts[event] = counts.get(event, 0) + 1
                self._count(event, 1)
            self._apply(armed, events & (LINE | JUMP | INSTRUCTION) and key in self.dirty)

    def disarm(self, code: CodeType, events: int) -> None:
        """Take one ask for `events` back."""
        with self._lock:
            key = id(code)
            armed = self._armed.get(key)
            if armed is None:
                return
            counts = armed.counts
            for event in _bits(events):
                left = counts.pop(event, 0) - 1
                if left > 0:
                    counts[event] = left
                if left >= 0:
                    self._count(event, -1)
            self._apply(armed, False)
            if not counts:
                del self._armed[key]
                self.dirty.pop(key, None)

    def _apply(self, armed: _Armed, again: object) -> None:
        mask = 0
        for event in armed.counts:
            mask |= event
        if mask & LINE:
            mask |= armed.start
        if again:
            # setting the same mask, or adding to it, does not bring DISABLEd lines back; 0 in between does (b1)
            self.dirty.pop(id(armed.code), None)
            _mon.set_local_events(self.tool, armed.code, 0)
        elif mask == armed.mask:
            return
        _mon.set_local_events(self.tool, armed.code, mask)
        armed.mask = mask

    def asked(self, code: CodeType) -> int:
        """The mask that is armed on `code`, 0 for none."""
        armed = self._armed.get(id(code))
        return armed.mask if armed is not None else 0

    def armed_codes(self) -> list[CodeType]:
        """The code objects that have any event armed."""
        with self._lock:
            return [armed.code for armed in self._armed.values()]

    # --- global events --------------------------------------------------------------------------

    def arm_everywhere(self, events: int) -> None:
        """Ask for `events` in all code, reference-counted like `arm`. Costs every call of the program: be brief."""
        with self._lock:
            if not self.claimed:
                return
            for event in _bits(events):
                self._everywhere[event] = self._everywhere.get(event, 0) + 1
                self._count(event, 1)
            self._apply_everywhere()

    def disarm_everywhere(self, events: int) -> None:
        """Take one ask for global `events` back."""
        with self._lock:
            for event in _bits(events):
                left = self._everywhere.pop(event, 0) - 1
                if left > 0:
                    self._everywhere[event] = left
                if left >= 0:
                    self._count(event, -1)
            self._apply_everywhere()

    def _apply_everywhere(self) -> None:
        mask = 0
        for event in self._everywhere:
            mask |= event
        if self.claimed and mask != self._everywhere_mask:
            _mon.set_events(self.tool, mask)
            self._everywhere_mask = mask

    @property
    def everywhere(self) -> int:
        """The global events that are on."""
        return self._everywhere_mask


def _bits(events: int) -> list[int]:
    found = []
    while events:
        low = events & -events
        found.append(low)
        events ^= low
    return found
