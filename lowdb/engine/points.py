"""The tables that the hot path looks into: which check belongs to which line, entry or exit of which code object.

Keys are id(code); the monitor holds the strong references. Publishing here comes before arming (house rule 6).
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from lowdb.capabilities import INTERPRETER
from lowdb.engine.checks import CheckMaker
from lowdb.engine.monitor import JUMP, LINE, PY_RETURN, PY_START, PY_UNWIND
from lowdb.program.codes import one_line_loops

if TYPE_CHECKING:
    from types import CodeType, FrameType

    from lowdb.engine.breakpoints import Breakpoint
    from lowdb.engine.checks import Check, Say, Verdict
    from lowdb.engine.monitor import Monitor

# `line` of a target that is no line
ENTRY: Final = 0
EXIT: Final = -1


class _Spot:
    """One place and the checks of all breakpoints there."""

    __slots__ = ("checks", "code", "line")

    def __init__(self, code: CodeType, line: int) -> None:
        self.code = code
        self.line = line
        self.checks: dict[int, Check] = {}  # by breakpoint number

    def check(self) -> Check:
        """One check for all."""
        checks = list(self.checks.values())
        if len(checks) == 1:
            return checks[0]

        def every(
            frame: FrameType | None = None, value: object = None, exception: BaseException | None = None
        ) -> list[Verdict] | None:
            if frame is None:
                frame = sys._getframe(2)
            verdicts = [verdict for check in checks if (verdict := check(frame, value, exception)) is not None]
            return verdicts or None  # type: ignore[return-value]  # a single breakpoint's check answers no list

        return every


class Points:
    """Binds breakpoints to code objects and takes them off again."""

    def __init__(self, monitor: Monitor, say: Say) -> None:
        self.monitor = monitor
        self.say = say
        self.lines: Final[dict[int, dict[int, Check]]] = {}
        self.loops: Final[dict[int, dict[int, int]]] = {}
        """id(code) -> offset of a one-line loop's backward jump -> its line: LINE does not repeat there (probe j1)."""
        self.entries: Final[dict[int, Check]] = {}
        self.returns: Final[dict[int, Check]] = {}
        self.unwinds: Final[dict[int, Check]] = {}
        self._spots: dict[tuple[int, int], _Spot] = {}

    def bind(self, point: Breakpoint, code: CodeType, line: int) -> bool:
        """Bind at a line, at ENTRY or at EXIT of `code`, and arm it. Returns False where it is bound already."""
        key = (id(code), line)
        spot = self._spots.get(key)
        if spot is None:
            spot = self._spots[key] = _Spot(code, line)
        number = point.number
        if number in spot.checks:
            return False

        def install(check: Check) -> None:
            if number in spot.checks:
                spot.checks[number] = check
                self._publish(spot, point)

        spot.checks[number] = CheckMaker(point, code, self.say).check(install)
        point.targets.append((code, line))
        self._publish(spot, point)
        local, everywhere = self._events(point, code, line)
        self.monitor.arm(code, local)
        if everywhere:
            self.monitor.arm_everywhere(everywhere)
        return True

    def unbind(self, point: Breakpoint) -> None:
        """Take the breakpoint off everywhere."""
        targets, point.targets = point.targets, []
        for code, line in targets:
            spot = self._spots[id(code), line]
            del spot.checks[point.number]
            self._publish(spot, point)
            if not spot.checks:
                del self._spots[id(code), line]
            local, everywhere = self._events(point, code, line)
            self.monitor.disarm(code, local)
            if everywhere:
                self.monitor.disarm_everywhere(everywhere)

    def at(self, code: CodeType, line: int) -> bool:
        """Whether any breakpoint is bound to the line of `code`."""
        return (id(code), line) in self._spots

    @staticmethod
    def _events(point: Breakpoint, code: CodeType, line: int) -> tuple[int, int]:
        """The events that one binding asks for: local ones, global ones."""
        if line == ENTRY:
            return PY_START, 0
        if line == EXIT:
            exits = point.spec.exits
            local = 0 if exits == "unwinds" else PY_RETURN
            if exits == "returns":
                return local, 0
            # before 3.15 PY_UNWIND can only be watched everywhere (probe e1)
            return (local | PY_UNWIND, 0) if INTERPRETER.local_exception_events else (local, PY_UNWIND)
        return (LINE | JUMP if line in one_line_loops(code).values() else LINE), 0

    def _publish(self, spot: _Spot, point: Breakpoint) -> None:
        key, line = id(spot.code), spot.line
        if line == ENTRY:
            _put(self.entries, key, spot)
        elif line == EXIT:
            # all traps of one code object share the spot; each check knows which exits are its own
            _put(self.returns, key, spot)
            _put(self.unwinds, key, spot)
        elif spot.checks:
            if key not in self.lines:
                self.lines[key] = {}
            self.lines[key][line] = spot.check()
            loops = {at: where for at, where in one_line_loops(spot.code).items() if where == line}
            if loops:
                self.loops.setdefault(key, {}).update(loops)
        else:
            here = self.lines.get(key)
            if here is not None:
                here.pop(line, None)
                if not here:
                    self.lines.pop(key, None)
            jumps = self.loops.get(key)
            if jumps is not None:
                for at in [at for at, where in jumps.items() if where == line]:
                    del jumps[at]
                if not jumps:
                    del self.loops[key]


def _put(table: dict[int, Check], key: int, spot: _Spot) -> None:
    if spot.checks:
        table[key] = spot.check()
    else:
        table.pop(key, None)
