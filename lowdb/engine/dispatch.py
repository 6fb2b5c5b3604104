"""Event -> DISABLE, KEEP or STOP: the callbacks that sys.monitoring calls.

All of it runs in the thread whose event it is; nothing takes a lock before a stop is certain.
"""

# A callback that answers DISABLE makes its look-ups its last act: between them and the answer there is no call, so no
# other thread can run in between and arm what the answer would switch off again (house rule 6). An error in here never
# reaches the program: `trouble` takes it, and where the program has left no frame even for that, the event is passed
# over (a RecursionError is then the program's own, a call later).

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # importing signal itself builds enums: 1 ms of the start
import sys
from _thread import get_ident, interrupt_main
from typing import TYPE_CHECKING, Any

from lowdb.engine.ending import Leave
from lowdb.engine.hits import exit_stop, hits_of, jumper
from lowdb.engine.instructions import KEEP, NO_ONE, instruction_callback
from lowdb.engine.monitor import (
    INSTRUCTION,
    JUMP,
    LINE,
    PY_RESUME,
    PY_RETURN,
    PY_START,
    PY_THROW,
    PY_UNWIND,
    PY_YIELD,
    RAISE,
)
from lowdb.engine.stops import Reason, Stop
from lowdb.program.threads import main_ident

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FrameType

    from lowdb.engine.checks import Verdict
    from lowdb.engine.exceptions import RaisePoints
    from lowdb.engine.hits import Hits
    from lowdb.engine.monitor import Monitor
    from lowdb.engine.points import Points
    from lowdb.engine.watches import Watcher, Watches
    from lowdb.engine.watchpoints import DataWatches


class Dispatch:
    """Owns the callbacks; `deliver` is called for each stop, `trouble` for each error of lowdb's own."""

    def __init__(
        self,
        monitor: Monitor,
        points: Points,
        watches: Watches,
        raises: RaisePoints,
        data: DataWatches,
        deliver: Callable[[Stop, object], None],
        trouble: Callable[[BaseException], None],
        enter: Callable[[FrameType, Hits], None],
        passed_over: set[int],
    ) -> None:
        self.monitor = monitor
        self.points = points
        self.watches = watches
        self.raises = raises
        self.data = data
        self.deliver = deliver
        self.trouble = trouble
        self.passed_over = passed_over
        """Idents of lowdb's own threads: their events count for nobody and are left on for everybody else."""
        self.enter = enter
        """Called where a function-entry breakpoint is hit: it arranges the stop at the body's first line."""
        for event, callback in (
            (LINE, self._line_callback()),
            (JUMP, self._safe(self._jump)),
            (PY_START, self._safe(self._start)),
            (PY_RESUME, self._safe(self._resume)),
            (PY_THROW, self._safe(self._throw)),
            (PY_RETURN, self._return_callback()),
            (PY_YIELD, self._safe(self._yield)),
            (PY_UNWIND, self._unwind_callback()),
            (INSTRUCTION, instruction_callback(monitor, watches, data, passed_over, self._offer, deliver, self._fail)),
            (RAISE, self._raise_callback()),
        ):
            monitor.on(event, callback)

    # --- LINE ---------------------------------------------------------------------------------------

    def _line_callback(self) -> Callable[[CodeType, int], object]:
        lines, watched, only = self.points.lines, self.watches.codes, self.watches.only
        frame_of, at_line, fail, own = sys._getframe, self._at_line, self._fail, self.passed_over

        def line(code: CodeType, number: int) -> object:
            # A check takes its frame itself, two up, if it needs one; it catches all that its condition raises.
            try:
                if own and get_ident() in own:
                    return KEEP
                try:
                    verdict = lines[id(code)][number]()
                    if verdict is None and not watched:
                        return KEEP
                except KeyError:
                    verdict = None
                    # a step is under way: frames of its code that are not its own are passed over at once
                    frames = only.get(id(code))
                    if frames and id(frame_of(1)) not in frames:
                        return KEEP
                return at_line(code, number, frame_of(1), verdict)
            except BaseException as error:
                try:
                    return fail(error)
                except RecursionError:
                    return KEEP

        return line

    def _at_line(self, code: CodeType, line: int, frame: FrameType, verdict: Verdict | list[Verdict] | None) -> object:
        """A line that a breakpoint or a watcher may want."""
        key = id(code)
        watchers = self.watches.codes.get(key, ())
        wanted = verdict is not None
        reached: Stop | None = None
        by: object = None
        for watcher in watchers:
            answer = watcher.line(frame, line)
            if answer is not None:
                wanted = True
                if type(answer) is Stop:
                    reached, by = answer, watcher
        # one event, one stop: a data watch that would stop at this very instruction is asked now
        changed = self.data.at(code, frame.f_lasti, frame) if key in self.data.spots else None
        if verdict is not None:
            stop = Stop(Reason.BREAKPOINT, frame, get_ident(), hits=hits_of(verdict, frame))
            if reached is not None:
                stop.finished = reached.finished
            reached = stop
        if changed is not None:
            if reached is not None:
                changed.hits += reached.hits
                changed.finished = reached.finished
            reached = changed
        if reached is not None:
            if reached.frame is frame and not reached.exiting:
                reached.jumper = jumper(frame)
            self.deliver(reached, by)
            return KEEP
        if wanted:
            return KEEP
        codes, lines, dirty = self.watches.codes, self.points.lines, self.monitor.dirty
        dirty[key] = True
        if key in codes and codes[key] is not watchers:
            return KEEP
        if key in lines and line in lines[key]:
            return KEEP
        if key not in dirty:  # armed anew meanwhile: nobody would know of this DISABLE
            return KEEP
        return NO_ONE

    def _jump(self, code: CodeType, start: int, end: int) -> object:
        key = id(code)
        frame = sys._getframe(2)
        if self._offer(self.watches.codes.get(key, ()), lambda watcher: watcher.jumped(frame)):
            return KEEP
        codes, loops, dirty = self.watches.codes, self.points.loops, self.monitor.dirty
        line = loops[key][start] if key in loops and start in loops[key] else None
        if line is None:
            dirty[key] = True
            if key in codes or (key in loops and start in loops[key]) or key not in dirty:
                return KEEP
            return NO_ONE
        check = self.points.lines.get(key, {}).get(line)
        verdict = check(frame) if check is not None else None
        if verdict is not None:
            self.deliver(Stop(Reason.BREAKPOINT, frame, get_ident(), hits=hits_of(verdict, frame)), None)
        return KEEP

    # --- frames begin and go on ---------------------------------------------------------------------

    def _start(self, code: CodeType, offset: int) -> object:
        frame = sys._getframe(2)
        key = id(code)
        entries = self.points.entries
        if key in entries:
            verdict = entries[key](frame)
            if verdict is not None:
                self.enter(frame, hits_of(verdict, frame))
        return self._started(frame)

    def _resume(self, code: CodeType, offset: int) -> object:
        return self._started(sys._getframe(2))

    def _throw(self, code: CodeType, offset: int, exception: BaseException) -> object:
        return self._started(sys._getframe(2))

    def _started(self, frame: FrameType) -> object:
        self._offer(self.watches.all, lambda watcher: watcher.started(frame))
        return KEEP  # never DISABLE: it would not come back for a local PY_START (probe c5)

    # --- frames end ---------------------------------------------------------------------------------

    def _return_callback(self) -> Callable[[CodeType, int, object], object]:
        returns, watched, only = self.points.returns, self.watches.codes, self.watches.only
        frame_of, at_exit, fail, deliver = sys._getframe, self._at_exit, self._fail, self.deliver
        own = self.passed_over

        def py_return(code: CodeType, offset: int, value: object) -> object:
            try:
                if own and get_ident() in own:
                    return KEEP
                key = id(code)
                if key in watched:
                    frames = only.get(key)
                    if frames and id(frame_of(1)) not in frames and key not in returns:
                        return KEEP
                    return at_exit(key, frame_of(1), value, None)
                if key in returns:
                    verdict = returns[key](frame_of(1), value)
                    if verdict is not None:
                        deliver(exit_stop(frame_of(1), value, None, verdict), None)
                return KEEP
            except BaseException as error:
                try:
                    return fail(error)
                except RecursionError:
                    return KEEP

        return py_return

    def _unwind_callback(self) -> Callable[[CodeType, int, BaseException], object]:
        unwinds, watched, everywhere = self.points.unwinds, self.watches.codes, self.raises.unwinding
        frame_of, at_exit, fail, own = sys._getframe, self._at_exit, self._fail, self.passed_over

        def py_unwind(code: CodeType, offset: int, exception: BaseException) -> object:
            try:
                # global before 3.15: with nothing but a trap in force, one look-up
                if id(code) in unwinds or watched or everywhere:
                    if own and get_ident() in own:
                        return KEEP
                    key = id(code)
                    if key in unwinds or key in watched or everywhere:
                        return at_exit(key, frame_of(1), None, exception)
                return KEEP
            except BaseException as error:
                try:
                    return fail(error)
                except RecursionError:
                    return KEEP

        return py_unwind

    def _at_exit(self, key: int, frame: FrameType, value: object, exception: BaseException | None) -> object:
        """A frame ends. One event, one stop: a trap comes first, then the plan, then a user-uncaught exception."""
        points = self.points
        table = points.returns if exception is None else points.unwinds
        reached: Stop | None = None
        by: object = None
        for watcher in self.watches.codes.get(key, ()):
            stop = watcher.returned(frame, value) if exception is None else watcher.unwound(frame, exception)
            if stop is not None:
                reached, by = stop, watcher
        check = table.get(key)
        verdict = check(frame, value, exception) if check is not None else None
        if verdict is not None:
            reached = exit_stop(frame, value, exception, verdict)
        elif reached is None and exception is not None and self.raises.unwinding:
            verdicts = self.raises.unwound(frame, exception)
            if verdicts is not None:
                reached = exit_stop(frame, value, exception, verdicts)
                reached.reason = Reason.USER_UNCAUGHT
        if reached is not None:
            self.deliver(reached, by)
        return KEEP

    def _yield(self, code: CodeType, offset: int, value: object) -> object:
        frame = sys._getframe(2)
        self._offer(self.watches.codes.get(id(code), ()), lambda watcher: watcher.yielded(frame, value))
        return KEEP

    def _offer(self, watchers: tuple[Watcher, ...], ask: Callable[[Watcher], Stop | None]) -> bool:
        """Ask one watcher after the other; the first that stops has it. Returns whether one did."""
        for watcher in watchers:
            stop = ask(watcher)
            if stop is not None:
                self.deliver(stop, watcher)
                return True
        return False

    # --- RAISE --------------------------------------------------------------------------------------

    def _raise_callback(self) -> Callable[[CodeType, int, BaseException], object]:
        never, raises, frame_of, fail, deliver = self.raises.never, self.raises, sys._getframe, self._fail, self.deliver
        own = self.passed_over

        def py_raise(code: CodeType, offset: int, exception: BaseException) -> object:
            try:
                if type(exception) in never or (own and get_ident() in own):
                    return KEEP
                frame = frame_of(1)
                verdict = raises.raised(frame, exception)
                if verdict is not None:
                    stop = Stop(Reason.RAISED, frame, get_ident(), hits=hits_of(verdict, frame), exception=exception)
                    deliver(stop, None)
                return KEEP
            except BaseException as error:
                try:
                    return fail(error)
                except RecursionError:
                    return KEEP

        return py_raise

    # --- errors -------------------------------------------------------------------------------------

    def _safe(self, handle: Callable[..., object]) -> Callable[..., object]:
        """`handle` as a callback: `sys._getframe(2)` in it is the program's frame; its errors stay here."""
        fail, own = self._fail, self.passed_over

        def callback(*arguments: Any) -> object:
            try:
                if own and get_ident() in own:
                    return KEEP
                return handle(*arguments)
            except BaseException as error:
                try:
                    return fail(error)
                except RecursionError:
                    return KEEP

        return callback

    def _fail(self, error: BaseException) -> object:
        if type(error) is Leave:
            raise error.exception from None
        if (
            type(error) is KeyboardInterrupt
            and _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler
            and _in_main_thread()
        ):
            # Ctrl-C that came while lowdb was at work: it is the program's, which gets it at once
            interrupt_main()
            return KEEP
        self.trouble(error)
        return KEEP


def _in_main_thread() -> bool:
    return get_ident() == main_ident()
