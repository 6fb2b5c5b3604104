"""From a resume to what is watched until the thread stops again; one plan a thread.

Steps are in steps.py; here are the plans that run to a place or to a frame's end, and the table of them all.
"""

from __future__ import annotations

from _thread import get_ident
from typing import TYPE_CHECKING, Final

from lowdb.engine.monitor import LINE, PY_RETURN, PY_UNWIND, PY_YIELD
from lowdb.engine.steps import SUSPENDS, UNWIND, Step, hands_out
from lowdb.engine.stops import Finished, Land, Next, Reason, RunTo, StepIn, StepOut, Stop, Until
from lowdb.engine.watches import Watcher
from lowdb.program.mycode import is_lowdb

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FrameType

    from lowdb.engine.stops import Resume
    from lowdb.engine.watches import Watches
    from lowdb.program.mycode import MyCode

# After so many exits of inner frames of the same code a recursion is taken for granted: from then on the caller is
# watched, at no cost, instead of the exits (4.5 x of a fib that is finished from its outermost frame)
_RECURSION: Final = 1000


class FirstLine(Watcher):
    """Stops at the first line that `code` runs (or that one frame of it runs)."""

    __slots__ = ("frame", "stop")

    def __init__(self, watches: Watches, code: CodeType, stop: Callable[[FrameType], Stop], frame: FrameType | None):
        super().__init__()
        self.stop = stop
        self.frame = frame
        watches.add(self, code, LINE)

    def line(self, frame: FrameType, line: int) -> Stop | bool:
        return self.stop(frame) if self.frame is None or frame is self.frame else False


class ToExit(Watcher):
    """Stops at the exit of `frame`, with what it returns or raises. The base of the plans that end there too."""

    __slots__ = ("frame", "land", "mycode", "replace", "seen", "watches")

    def __init__(self, watches: Watches, frame: FrameType) -> None:
        super().__init__()
        self.watches = watches
        self.frame = frame

    def _watch_exit(self, events: int = 0) -> None:
        self.watches.add(self, self.frame.f_code, PY_RETURN | UNWIND | events)
        if not UNWIND:
            # before 3.15 PY_UNWIND is global; it stays on only as long as this plan
            self.watches.add_everywhere(self, PY_UNWIND)

    def returned(self, frame: FrameType, value: object) -> Stop | None:
        if frame is not self.frame:
            return None
        return Stop(Reason.RETURNS, frame, get_ident(), value=value, exiting=True)

    def unwound(self, frame: FrameType, exception: BaseException) -> Stop | None:
        if frame is not self.frame:
            return None
        return Stop(Reason.UNWINDS, frame, get_ident(), exception=exception, exiting=True)


class Finish(ToExit):
    """Run until the frame ends (finish, stepOut)."""

    __slots__ = ()

    def __init__(
        self, watches: Watches, frame: FrameType, land: Land, mycode: MyCode, replace: Callable[[Step], None]
    ) -> None:
        super().__init__(watches, frame)
        self.land = land
        self.mycode = mycode
        self.replace = replace
        self.seen = 0
        suspends = frame.f_code.co_flags & SUSPENDS and land is Land.CALL
        self._watch_exit(PY_YIELD if suspends else 0)

    def _step(self, land: Land | None = None) -> Step:
        step = Step(self.watches, self.mycode, land or self.land)
        self.replace(step)
        return step

    def returned(self, frame: FrameType, value: object) -> Stop | None:
        mine = self.frame
        if frame is not mine:
            self.seen += 1
            if self.seen > _RECURSION:
                self.seen = 0
                caller = mine.f_back
                if caller is not None and caller.f_code is not mine.f_code and not mine.f_code.co_flags & SUSPENDS:
                    note = f"its value was not watched: more than {_RECURSION} inner calls of it ended first"
                    self._step(Land.CALL).skip_to_caller(mine, note)
            return None
        if self.land is Land.LINE:
            return super().returned(frame, value)
        self._step().leave(frame, Finished(frame.f_code.co_qualname, value=value), None)
        return None

    def unwound(self, frame: FrameType, exception: BaseException) -> Stop | None:
        if frame is not self.frame or self.land is Land.LINE:
            return super().unwound(frame, exception)
        self._step().leave(frame, Finished(frame.f_code.co_qualname, exception=exception), exception)
        return None

    def yielded(self, frame: FrameType, value: object) -> Stop | None:
        if frame is self.frame and hands_out(frame, value):
            self._step().leave(frame, Finished(frame.f_code.co_qualname, value=value), None)
        return None


class ToLine(ToExit):
    """Run until the frame is at `line` or beyond, or ends. Lines before it are DISABLEd: they cost nothing."""

    __slots__ = ("least",)

    def __init__(self, watches: Watches, frame: FrameType, least: int) -> None:
        super().__init__(watches, frame)
        self.least = least
        self._watch_exit(LINE)

    def line(self, frame: FrameType, line: int) -> Stop | bool | None:
        if line < self.least:
            return None
        return Stop(Reason.STEP, frame, get_ident()) if frame is self.frame else False


class ToPlace(ToExit):
    """Run until this thread is at `line` of one of `codes`, or the frame ends."""

    __slots__ = ("place", "thread")

    def __init__(self, watches: Watches, frame: FrameType, codes: list[CodeType], line: int) -> None:
        super().__init__(watches, frame)
        self.place = line
        self.thread = get_ident()
        self._watch_exit()
        for code in codes:
            watches.add(self, code, LINE)

    def line(self, frame: FrameType, line: int) -> Stop | bool | None:
        if line != self.place:
            return None
        return Stop(Reason.STEP, frame, get_ident()) if get_ident() == self.thread else False


class Plans:
    """The plan of each thread."""

    def __init__(self, watches: Watches, mycode: MyCode, codes: Callable[[str, int], list[CodeType]]) -> None:
        self.watches = watches
        self.mycode = mycode
        self.codes = codes
        self.threads: dict[int, Watcher] = {}

    def make(self, resume: Resume, stop: Stop) -> None:
        """Carry the resume out: the thread's old plan ends, the new one, if it needs one, is armed."""
        thread = get_ident()
        old = self.threads.get(thread)
        kind = type(resume)
        if stop.post_mortem or kind not in (Next, StepIn, StepOut, Until, RunTo):
            self.end(thread)
            return
        frame = getattr(resume, "frame", None) or stop.frame
        if type(resume) is Next and type(old) is Step and not (resume.single or stop.exiting):  # noqa: SIM102
            if old.land is resume.land and old.again(frame):
                return
        self.threads.pop(thread, None)
        self._begin(resume, stop, frame, thread)
        if old is not None:
            # after the new one is armed: what both watch stays armed throughout
            self.watches.drop(old)

    def _begin(self, resume: Resume, stop: Stop, frame: FrameType, thread: int) -> None:
        leaving = stop.exiting and frame is stop.frame

        def put(plan: Watcher) -> None:
            old = self.threads.get(thread)
            self.threads[thread] = plan
            if old is not None:
                self.watches.drop(old)

        # a step that begins in a library's frame was chosen to be there: it stops in libraries
        foreign = not self._may_stop(frame)

        def begin(land: Land) -> Step:
            step = Step(self.watches, self.mycode, land)
            step.anywhere = foreign
            step.single = getattr(resume, "single", False)
            put(step)
            return step

        match resume:
            case Next(land=land) | StepIn(land=land) if leaving:
                step = begin(land)
                if type(resume) is StepIn:
                    step.into_calls(resume.target, resume.anywhere or foreign)
                finished = Finished(frame.f_code.co_qualname, stop.value, stop.exception)
                step.leave(frame, finished, stop.exception)
            case Next(land=land):
                step = begin(land)
                step.over(frame)
            case StepIn(target=target, anywhere=anywhere, land=land):
                step = begin(land)
                step.enter(frame, target, anywhere or step.anywhere)
            case StepOut(land=land):
                ending: FrameType | None = frame
                if leaving:
                    # the next exit is a user's frame's, never lowdb's own at the end of the module
                    ending = frame.f_back
                    while ending is not None and not (
                        self._may_stop(ending) or (foreign and not is_lowdb(ending.f_code.co_filename))
                    ):
                        ending = ending.f_back
                if ending is not None:
                    put(Finish(self.watches, ending, land, self.mycode, put))
            case Until() if leaving:
                step = begin(Land.LINE)
                step.leave(frame, Finished(frame.f_code.co_qualname, stop.value, stop.exception), stop.exception)
            case Until(line=line):
                put(ToLine(self.watches, frame, frame.f_lineno + 1 if line is None else line))
            case RunTo(filename=filename, line=line):
                put(ToPlace(self.watches, frame, self.codes(filename, line), line))
            case _:
                pass

    def _may_stop(self, frame: FrameType) -> bool:
        return self.mycode.wanted(frame.f_code.co_filename)

    def end(self, thread: int) -> None:
        """The thread's plan is over."""
        plan = self.threads.pop(thread, None)
        if plan is not None:
            self.watches.drop(plan)

    def end_all(self) -> None:
        """All plans are over."""
        for thread in list(self.threads):
            self.end(thread)

    def purge(self, alive: set[int]) -> None:
        """Plans of threads that have ended are over."""
        for thread in self.threads.keys() - alive:
            self.end(thread)
