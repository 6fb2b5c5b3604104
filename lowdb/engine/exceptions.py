"""Breakpoints on exceptions: raised, uncaught by the user's code, uncaught at all; by type, file and condition.

"uncaught" needs no events: the exception hooks ask `uncaught` here.
"""

from __future__ import annotations

from fnmatch import fnmatch
from typing import TYPE_CHECKING, Final

from lowdb.engine.checks import CheckMaker
from lowdb.engine.exception_types import matches
from lowdb.engine.monitor import PY_UNWIND, RAISE
from lowdb.program.mycode import is_lowdb
from lowdb.program.paths import canonical

if TYPE_CHECKING:
    from types import CodeType, FrameType

    from lowdb.engine.breakpoints import Breakpoint
    from lowdb.engine.checks import Say, Verdict
    from lowdb.engine.monitor import Monitor
    from lowdb.program.mycode import MyCode

# what the machinery of iteration and of closing generators raises all the time; stopped at only when asked for by name
_MACHINERY: Final = (StopIteration, StopAsyncIteration, GeneratorExit)
_SOME_CODE: Final = compile("0", "<exception breakpoint>", "eval")


class RaisePoints:
    """The exception breakpoints; the dispatcher asks it at RAISE and PY_UNWIND."""

    def __init__(self, monitor: Monitor, mycode: MyCode, say: Say) -> None:
        self.monitor = monitor
        self.mycode = mycode
        self.say = say
        self.never: Final[set[type]] = set()
        """Types that no breakpoint wants: the hot path's first question."""
        self.raising: Final[dict[int, tuple[Breakpoint, CheckMaker]]] = {}
        self.unwinding: Final[dict[int, tuple[Breakpoint, CheckMaker]]] = {}
        self.hooked: Final[dict[int, tuple[Breakpoint, CheckMaker]]] = {}
        self._changes = 0
        self._last: tuple[int, int] | None = None

    def _table(self, point: Breakpoint) -> tuple[dict[int, tuple[Breakpoint, CheckMaker]], int]:
        return {
            "raised": (self.raising, RAISE),
            "user": (self.unwinding, PY_UNWIND),
            "uncaught": (self.hooked, 0),
        }[point.spec.raised]

    def add(self, point: Breakpoint) -> None:
        """Put the breakpoint in force."""
        table, events = self._table(point)
        if point.number in table:
            return
        code: CodeType = _SOME_CODE
        table[point.number] = (point, CheckMaker(point, code, self.say))
        self._changes += 1
        self.never.clear()
        if events:
            self.monitor.arm_everywhere(events)

    def remove(self, point: Breakpoint) -> None:
        """Take it out of force."""
        table, events = self._table(point)
        if table.pop(point.number, None) is not None and events:
            self.monitor.disarm_everywhere(events)

    def raised(self, frame: FrameType, exception: BaseException) -> list[Verdict] | None:
        """At RAISE, which comes again in each frame that the exception crosses (probe r1): once.

        Where the exception comes from; with just-my-code, where it first reaches the user's own code: what a library
        raises and catches itself is no stop.
        """
        kind = type(exception)
        changes = self._changes
        if not any(self._wants(point, kind) for point, _ in list(self.raising.values())):
            if len(self.never) > 500:
                self.never.clear()
            self.never.add(kind)
            if changes != self._changes:  # another thread has set a breakpoint meanwhile, which may want it
                self.never.discard(kind)
            return None
        filename = frame.f_code.co_filename
        if is_lowdb(filename) or filename.startswith("<frozen importlib"):
            return None
        own = self.mycode.enabled
        if own and not self.mycode.is_mine(filename):
            return None
        traceback = exception.__traceback__
        if traceback is not None and traceback.tb_frame is not frame:
            return None
        deeper = traceback.tb_next if traceback is not None else None
        while deeper is not None:
            if not own or self.mycode.is_mine(deeper.tb_frame.f_code.co_filename):
                return None
            deeper = deeper.tb_next
        return self._ask(self.raising, frame, exception)

    def unwound(self, frame: FrameType, exception: BaseException) -> list[Verdict] | None:
        """At PY_UNWIND: an exception leaves the user's code for a library's that may catch it."""
        if not self._mine(frame) or issubclass(type(exception), _MACHINERY):
            return None
        caller = frame.f_back
        if caller is None or self._mine(caller) or is_lowdb(caller.f_code.co_filename):
            return None  # nobody between here and the hooks: that is "uncaught"
        # an exception may cross the border more than once; by ids, since holding it would keep the program's
        # objects alive
        innermost = exception.__traceback__
        while innermost is not None and innermost.tb_next is not None:
            innermost = innermost.tb_next
        this = (id(exception), id(innermost))
        if this == self._last:
            return None
        found = self._ask(self.unwinding, frame, exception)
        if found:
            self._last = this
        return found

    def uncaught(self, frame: FrameType, exception: BaseException) -> list[Verdict] | None:
        """For the exception hooks: the "uncaught" breakpoints that want this exception."""
        return self._ask(self.hooked, frame, exception)

    def _wants(self, point: Breakpoint, kind: type) -> bool:
        name = point.spec.exception
        if issubclass(kind, _MACHINERY) and (name is None or not any(name == own.__name__ for own in _MACHINERY)):
            return False
        return matches(kind, name)

    def _ask(
        self, table: dict[int, tuple[Breakpoint, CheckMaker]], frame: FrameType, exception: BaseException
    ) -> list[Verdict] | None:
        verdicts = []
        for point, maker in list(table.values()):
            if not self._wants(point, type(exception)):
                continue
            glob = point.spec.files
            if glob is not None:
                filename = canonical(frame.f_code.co_filename)
                if not fnmatch(filename, glob) and not fnmatch(filename, "*/" + glob):
                    continue
            verdict = maker.ask(frame, None, exception)
            if verdict is not None:
                verdicts.append(verdict)
        return verdicts or None

    def _mine(self, frame: FrameType) -> bool:
        filename = frame.f_code.co_filename
        return self.mycode.is_mine(filename) and not is_lowdb(filename)
