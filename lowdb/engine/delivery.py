"""Brings each stop to the front end, one at a time, and carries out what it answers."""

from __future__ import annotations

import sys
from _thread import get_ident, interrupt_main
from typing import TYPE_CHECKING, Final

from lowdb.engine.ending import Leave, end_process, raise_in_thread
from lowdb.engine.plans import FirstLine
from lowdb.engine.room import less_room, more_room
from lowdb.engine.stops import Continue, Detach, Next, Quit, RunTo, StepIn, StepOut, Until
from lowdb.engine.turns import Turns
from lowdb.engine.world import Pause
from lowdb.program.tasks import retrieve
from lowdb.program.threads import main_ident, threads

if TYPE_CHECKING:
    from types import FrameType

    from lowdb.engine.debugger import Debugger
    from lowdb.engine.stops import Resume, Stop
    from lowdb.engine.world import Patience
    from lowdb.program.threads import ThreadInfo

_STEPS: Final = (Next, StepIn, StepOut, Until, RunTo)


class ThreadState:
    """One thread as the debugger sees it; `state` is stopped, waiting (for its turn to stop), held or running."""

    __slots__ = ("info", "state", "stop")

    def __init__(self, info: ThreadInfo, state: str, stop: Stop | None) -> None:
        self.info = info
        self.state = state
        self.stop = stop


class Delivery:
    """The stops that are open, and the line of those that wait."""

    def __init__(self, debugger: Debugger) -> None:
        self.debugger = debugger
        self.turns = Turns()
        self.open: dict[int, list[Stop]] = {}
        """Thread ident -> its stops at the front end, the innermost last."""
        self.waiting: dict[int, Stop] = {}
        self.evaluating: Final[set[int]] = set()
        self.quitting: Quit | None = None
        self.interrupted = False
        """Set by a front end that Ctrl-C reached in the main thread: the program gets it when it goes on."""

    def deliver(self, stop: Stop, by: object) -> None:
        """Bring a stop, reached by the watcher `by`, to the front end. Runs in an event of this thread."""
        debugger = self.debugger
        me = stop.thread = get_ident()
        if isinstance(by, FirstLine | Pause):
            debugger.watches.drop(by)
        if me in debugger.world.passed_over or _own(stop.frame):
            return
        self.waiting[me] = stop
        try:
            self.turns.take(me)
        finally:
            self.waiting.pop(me, None)
        stepping = False
        try:
            if debugger.running and _still_wanted(stop):
                self._drop_stray_plan(by, me)
                resume = self.ask(stop)
                stepping = isinstance(resume, _STEPS)
                self._carry_out(resume, stop)
        finally:
            if self.open:
                debugger.world.excuse(me, stepping)
            self.turns.release(me, stepping)
        if self.interrupted and me == main_ident():
            self.interrupted = False
            interrupt_main()

    def ask(self, stop: Stop) -> Resume:
        """The front end's answer; Continue on any trouble. The caller holds the turn."""
        debugger = self.debugger
        me = get_ident()
        for hit in stop.hits:
            if hit.breakpoint.temporary and not hit.breakpoint.gone:
                debugger.table.remove(hit.breakpoint.number)
        journal = debugger.journal
        if journal.on:
            journal.write("stop", stop.reason.value, stop.frame.f_code.co_qualname, stop.frame.f_lineno)
        self.open.setdefault(me, []).append(stop)
        hold = debugger.options.stop_world and debugger.running
        limit = more_room(stop.frame)
        try:
            if hold:
                debugger.world.stop()
            if debugger.data:
                stop.unseen = debugger.data.unseen()
            resume = debugger.front_end.on_stop(stop)
        except BaseException as error:
            # also a KeyboardInterrupt: the front end's own, it is not the program's
            debugger.notices.trouble(error)
            resume = Continue()
        finally:
            stops = self.open[me]
            stops.pop()
            if not stops:
                del self.open[me]
            less_room(limit)
            if debugger.data:
                debugger.data.refresh()
            if hold:
                debugger.world.go()
        if journal.on:
            journal.write("resume", resume)
        return resume

    def _drop_stray_plan(self, by: object, me: int) -> None:
        """A generator's step may end in another thread than it began in."""
        plans = self.debugger.plans
        for ident, plan in list(plans.threads.items()):
            if plan is by and ident != me:
                plans.end(ident)

    def _carry_out(self, resume: Resume, stop: Stop) -> None:
        if type(resume) is Detach:
            self.debugger.close()
        elif type(resume) is Quit:
            self.quit(resume)
        else:
            plans = self.debugger.plans
            plans.make(resume, stop)
            if len(plans.threads) > 1:
                plans.purge(set(sys._current_frames()))

    def quit(self, resume: Quit) -> None:
        """End the program. Raises Leave: only for the dispatcher or the gate to catch."""
        if resume.raising is not None:
            self.debugger.close()
            main = main_ident()
            if main is not None and main != get_ident():
                raise_in_thread(main, type(resume.raising))
            raise Leave(resume.raising)
        self.quitting = resume
        self.debugger.close()
        end_process(resume.status, resume.now)
        error = SystemExit(resume.status)
        retrieve(error)
        raise Leave(error)

    def threads(self) -> list[ThreadState]:
        """All threads but lowdb's own with what they are doing, the main one first."""
        world = self.debugger.world
        held = world.held
        states = []
        for info in threads():
            ident = info.ident
            if ident in world.passed_over:
                continue
            stops = self.open.get(ident)
            if stops:
                states.append(ThreadState(info, "stopped", stops[-1]))
            elif ident in self.waiting:
                states.append(ThreadState(info, "waiting", self.waiting[ident]))
            else:
                states.append(ThreadState(info, "held" if ident in held else "running", None))
        return states

    def forget_others(self) -> None:
        """In a forked child: the parent's other threads are gone."""
        me = get_ident()
        self.turns = Turns()
        self.open = {me: self.open[me]} if me in self.open else {}
        self.waiting.clear()


class Evaluation:
    """Marks the calling thread as evaluating, for as long as the `with` block lasts."""

    __slots__ = ("_evaluating", "_me", "_patience")

    def __init__(self, evaluating: set[int], patience: Patience) -> None:
        self._evaluating = evaluating
        self._patience = patience

    def __enter__(self) -> None:
        self._me = get_ident()
        self._evaluating.add(self._me)
        self._patience.__enter__()

    def __exit__(self, *exc: object) -> None:
        self._patience.__exit__(*exc)
        self._evaluating.discard(self._me)


def _own(frame: FrameType) -> bool:
    """Whether it is a method that `dataclasses` made for a class of ours: its file, `<string>`, may be a program's."""
    return frame.f_code.co_filename == "<string>" and str(frame.f_globals.get("__name__")).startswith("lowdb.")


def _still_wanted(stop: Stop) -> bool:
    """A stop that waited for its turn: its breakpoints may be gone by now."""
    return not stop.hits or any(not hit.breakpoint.gone and hit.breakpoint.enabled for hit in stop.hits)
