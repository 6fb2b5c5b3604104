"""The plan of a step: over, in, and what becomes of it when its frame ends (design/stepping.md).

A plan knows frames by identity, never by depth. It watches one frame; where that frame ends it aims again, at what
is above it at that moment.
"""

from __future__ import annotations

import sys
from _thread import get_ident
from typing import TYPE_CHECKING, Final

from lowdb.capabilities import INTERPRETER
from lowdb.engine.monitor import INSTRUCTION, LINE, PY_RESUME, PY_RETURN, PY_START, PY_THROW, PY_UNWIND, PY_YIELD
from lowdb.engine.stops import Finished, Land, Reason, Stop
from lowdb.engine.watches import Watcher
from lowdb.program.codes import first_line, stoppable_lines
from lowdb.program.mycode import is_lowdb

if TYPE_CHECKING:
    from types import CodeType, FrameType

    from lowdb.engine.watches import Watches
    from lowdb.program.mycode import MyCode

_OPTIMIZED: Final = 0x1
_GENERATOR: Final = 0x20
_COROUTINE: Final = 0x80
_ASYNC_GENERATOR: Final = 0x200
# how a frame begins or goes on; global while a step goes in, or while only library code is left between
_ENTERS: Final = PY_START | PY_RESUME | PY_THROW
SUSPENDS: Final = _GENERATOR | _COROUTINE | _ASYNC_GENERATOR
# local PY_UNWIND comes with 3.15 (probe e1); before it an exit by exception is seen where the exception lands
UNWIND: Final = PY_UNWIND if INTERPRETER.local_exception_events else 0
_SILENT: Final = INTERPRETER.close_may_be_silent


def is_generator(frame: FrameType) -> bool:
    """Whether the frame's `yield`s hand values to a consumer (coroutines only wait)."""
    return bool(frame.f_code.co_flags & (_GENERATOR | _ASYNC_GENERATOR))


def hands_out(frame: FrameType, value: object) -> bool:
    """Whether a PY_YIELD of the frame with `value` is a `yield` to a consumer, not an `await` that waits."""
    flags = frame.f_code.co_flags
    if flags & _ASYNC_GENERATOR:
        # an async generator also yields to the loop when it awaits; what it hands out comes wrapped
        return type(value).__name__ == "async_generator_wrapped_value"
    return bool(flags & _GENERATOR)


class Step(Watcher):
    """Stops at the next line of `frame`, or where the program goes when that frame ends."""

    __slots__ = (
        "_above",
        "_begins",
        "_ends",
        "_entered",
        "anywhere",
        "finished",
        "frame",
        "into",
        "land",
        "mycode",
        "note",
        "single",
        "target",
        "thread",
        "watches",
    )

    def __init__(self, watches: Watches, mycode: MyCode, land: Land) -> None:
        super().__init__()
        self.watches = watches
        self.mycode = mycode
        self.land = land
        self.thread = get_ident()
        self.into = False
        self.single = False
        """Whether it aims at the next instruction, not the next line."""
        self.target: str | None = None
        self.anywhere = False
        self.frame: FrameType | None = None
        self.finished: Finished | None = None
        self.note: str | None = None
        self._entered: list[FrameType] = []
        self._ends: FrameType | None = None
        self._above: dict[int, FrameType | None] = {}
        self._begins = -1  # offset of the instruction where a step by instructions begins

    # --- beginnings -------------------------------------------------------------------------------

    def over(self, frame: FrameType) -> None:
        """Aim at the next line of `frame`."""
        self._watch(frame)

    def enter(self, frame: FrameType, target: str | None, anywhere: bool) -> None:
        """Aim at the first line of whatever `frame` calls next (only of `target`, if named), else as `over`."""
        self.into_calls(target, anywhere)
        self._watch(frame)

    def into_calls(self, target: str | None, anywhere: bool) -> None:
        """Also go into what is called from now on (only into `target`, if named)."""
        self.into, self.target, self.anywhere = True, target, anywhere
        self.watches.add_everywhere(self, _ENTERS)

    def leave(self, frame: FrameType, finished: Finished, exception: BaseException | None) -> None:
        """`frame` is at its exit: aim at what comes after it."""
        self.finished = finished
        self._after(frame, exception)

    def skip_to_caller(self, frame: FrameType, note: str) -> None:
        """Aim at the caller of `frame`, which is still running and is not watched any more."""
        self.note = note
        self.finished = Finished(frame.f_code.co_qualname, seen=False)
        self._after(frame, None)

    def again(self, frame: FrameType) -> bool:
        """Whether this plan, as it stands, already does what a new step over `frame` would do."""
        if frame is not self.frame or self.into or self.single or self._entered or self._ends:
            return False
        if self.everywhere & ~PY_UNWIND:
            return False
        self.finished = self.note = None
        return True

    def _over(self) -> None:
        """Nothing is left to stop at: the step becomes continue."""
        self.frame = self.finished = self._ends = None
        self._entered = []
        self.watches.drop(self)

    # --- aiming -----------------------------------------------------------------------------------

    def _watch(self, frame: FrameType) -> None:
        """Watch the frame's lines and its end; nothing else that was watched before is needed."""
        old, self.tokens = self.tokens, []
        self._above = {}
        self.instructions = self.single
        self.frame = frame
        code = frame.f_code
        events = LINE | PY_RETURN | UNWIND
        if code.co_flags & SUSPENDS and (self.into or _SILENT):
            events |= PY_YIELD
        self.watches.add(self, code, events | INSTRUCTION if self.single else events)
        self._begins = frame.f_lasti if self.single else -1
        if not UNWIND:
            self._watch_unwinding(frame)
        if old:
            self.watches.let_go(self, old)
        self.watches.narrow(self)

    def frames(self) -> list[FrameType] | None:
        if _SILENT and self.frame is not None and self.frame.f_code.co_flags & SUSPENDS:
            return None
        return [frame for frame in (self.frame, self._ends, *self._entered, *self._above.values()) if frame is not None]

    def _watch_unwinding(self, frame: FrameType) -> None:
        # Without a local PY_UNWIND: an exception that leaves `frame` shows at the next LINE of whatever frame it
        # lands in, so the lines of all frames above are watched, by identity; no event is global (monitoring.md).
        # What suspends may be resumed, closed or dropped from anywhere: there PY_UNWIND is on, everywhere. (No weak
        # reference tells its end: one that is made while it is being closed by its death is never cleared, and what
        # uses it crashes.)
        if frame.f_code.co_flags & SUSPENDS:
            self.watches.add_everywhere(self, PY_UNWIND)
            if not _SILENT:
                return
        codes = {id(frame.f_code)}
        above = frame.f_back
        while above is not None:
            code = above.f_code
            if not is_lowdb(code.co_filename):
                self._above[id(above)] = above
                if id(code) not in codes:
                    codes.add(id(code))
                    self.watches.add(self, code, LINE)
            above = above.f_back

    def _after(self, frame: FrameType, exception: BaseException | None) -> None:
        """The frame ends now: aim at its caller, or past the library's frames at the next line of the user's."""
        self._entered, self._ends = [], None
        if not self.into:  # a step in still goes into what the rest of the caller's line calls
            self.watches.nowhere(self)
        caller = frame.f_back
        if caller is None:
            self._over()
            return
        if self.land is Land.CALL and exception is None and self._mine(caller):
            # a step in still goes into what C code calls before it returns to the caller: a sort's next key
            self._watch(caller)
            self.instructions = True
            self.watches.add(self, caller.f_code, INSTRUCTION)
            return
        user: FrameType | None = caller
        while user is not None and not self._mine(user):
            user = user.f_back
        if user is caller:
            self._watch(caller)
            return
        if user is None:
            # nothing of the user's is left on this stack: only an event loop may run some of it again
            loop: FrameType | None = caller
            while loop is not None and loop.f_code.co_name not in ("run_forever", "run_until_complete"):
                loop = loop.f_back
            if loop is None:
                self._over()
                return
            old, self.tokens, self.frame, self._ends = self.tokens, [], None, loop
            self.watches.add(self, loop.f_code, PY_RETURN | UNWIND)
            self.watches.let_go(self, old)
        else:
            self._watch(user)
        # the library between may call the user's code before it returns to it
        self.watches.add_everywhere(self, _ENTERS)

    def _mine(self, frame: FrameType) -> bool:
        filename = frame.f_code.co_filename
        if is_lowdb(filename):
            return False
        return self.anywhere or not self.mycode.enabled or self.mycode.is_mine(filename)

    # --- events -----------------------------------------------------------------------------------

    def line(self, frame: FrameType, line: int) -> Stop | bool:
        if frame is self.frame:
            return frame.f_lasti != self._begins and self._reached(frame)
        if frame in self._entered:
            return line != _header(frame.f_code) and self._reached(frame)
        if id(frame) in self._above and self._has_left():
            self._note_landing(frame)
            if self._mine(frame):
                return self._reached(frame)
            self._landed_in_library(frame)
        return False

    def _reached(self, frame: FrameType) -> Stop:
        stop = Stop(Reason.STEP, frame, get_ident())
        if self.finished is not None:
            stop.finished, stop.note = self.finished, self.note
        return stop

    def _has_left(self) -> bool:
        """A frame above runs a line: whether the watched one has ended, which what suspends need not have."""
        watched = self.frame
        if watched is None or not watched.f_code.co_flags & SUSPENDS:
            return True
        try:
            watched.clear()  # refused as long as it runs or waits (3.13, where alone this is asked)
        except RuntimeError:
            return False
        return True

    def _note_landing(self, frame: FrameType) -> None:
        """An exception landed in `frame`, where it is being handled now: tell which frame it came out of."""
        exception = sys.exception()
        traceback = exception.__traceback__ if exception is not None else None
        while traceback is not None and traceback.tb_frame is not frame:
            traceback = traceback.tb_next
        if traceback is not None and traceback.tb_next is not None:
            name = traceback.tb_next.tb_frame.f_code.co_qualname
            self.finished = Finished(name, exception=exception)
        elif self.frame is not None and self.finished is None:
            self.finished = Finished(self.frame.f_code.co_qualname, seen=False)

    def _landed_in_library(self, frame: FrameType) -> None:
        user: FrameType | None = frame
        while user is not None and not self._mine(user):
            user = user.f_back
        if user is None:
            self._over()
            return
        self._watch(user)
        self.watches.add_everywhere(self, _ENTERS)

    def started(self, frame: FrameType) -> Stop | None:
        if not self.everywhere & PY_START:
            return None  # another's event
        if get_ident() != self.thread or frame in self._entered or not self._mine(frame) or _generated(frame):
            return None
        if self.target is not None and frame.f_code.co_name != self.target:
            return None
        # LINE of the first line still comes for this very call (probe c1)
        self._entered.append(frame)
        self.watches.add(self, frame.f_code, LINE | PY_RETURN)
        return None

    def returned(self, frame: FrameType, value: object) -> Stop | None:
        if frame is self.frame:
            self.finished = Finished(frame.f_code.co_qualname, value=value)
            self._after(frame, None)
        elif frame in self._entered:
            self._entered.remove(frame)
        elif frame is self._ends:
            self._over()
        return None

    def unwound(self, frame: FrameType, exception: BaseException) -> Stop | None:
        if frame is self.frame:
            self.finished = Finished(frame.f_code.co_qualname, exception=exception)
            self._after(frame, exception)
        elif frame is self._ends:
            self._over()
        return None

    def yielded(self, frame: FrameType, value: object) -> Stop | None:
        if frame is not self.frame:
            return None
        if self.into:
            if hands_out(frame, value):
                self._after(frame, None)
            else:
                # it waits: other tasks' code that runs meanwhile is not this step's
                self.into = False
                self.watches.nowhere(self)
                if not UNWIND:
                    self._watch_unwinding(frame)
        if _SILENT and frame is self.frame:
            # its consumer may end before it does: from now on only ids, which keep no consumer's locals alive
            self._above = dict.fromkeys(self._above)
        return None

    def instruction(self, frame: FrameType) -> Stop | None:
        if frame is not self.frame or frame.f_lasti == self._begins:
            return None
        self._watch(frame)  # from here on by lines again
        return self._reached(frame)


def _header(code: CodeType) -> int | None:
    """The line of a `class` statement, which its body has too: the body begins after it (stepping.md)."""
    if code.co_flags & _OPTIMIZED or code.co_name == "<module>":
        return None
    line = first_line(code)
    return line if len(stoppable_lines(code)) > 1 else None


def _generated(frame: FrameType) -> bool:
    """Whether the frame runs a method that `dataclasses` made for a class of lowdb's: its file is `<string>`."""
    caller = frame.f_back
    return frame.f_code.co_filename == "<string>" and caller is not None and is_lowdb(caller.f_code.co_filename)
