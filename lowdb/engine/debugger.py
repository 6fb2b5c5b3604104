"""The facade that front ends and entrances call: wires the engine together and brings stops to the front end."""

from __future__ import annotations

import sys
from _thread import get_ident
from typing import TYPE_CHECKING

from lowdb.engine import gate
from lowdb.engine.delivery import Delivery, Evaluation, ThreadState
from lowdb.engine.discovery import Discovery
from lowdb.engine.dispatch import Dispatch
from lowdb.engine.ending import raise_in_thread
from lowdb.engine.exceptions import RaisePoints
from lowdb.engine.hits import hits_of
from lowdb.engine.journal import Journal
from lowdb.engine.locations import Locator
from lowdb.engine.monitor import Monitor
from lowdb.engine.notices import Notices
from lowdb.engine.options import Options
from lowdb.engine.plans import FirstLine, Plans
from lowdb.engine.points import Points
from lowdb.engine.stops import Continue, Notice, Over, Reason, Stop
from lowdb.engine.table import Table, owners
from lowdb.engine.watches import Watches
from lowdb.engine.watchpoints import DataWatches
from lowdb.engine.world import Pause, World
from lowdb.program.mycode import MyCode, is_lowdb
from lowdb.program.paths import canonical
from lowdb.program.threads import main_ident

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FrameType, TracebackType

    from lowdb.engine.breakpoints import Breakpoint, Place, Spec
    from lowdb.engine.hits import Hits
    from lowdb.engine.stops import FrontEnd, Resume

__all__ = ["Debugger", "Options", "ThreadState"]


class Debugger:
    """One debugger of this process, with one front end."""

    def __init__(self, front_end: FrontEnd, options: Options | None = None) -> None:
        self.front_end = front_end
        self.options = options or Options()
        self.mycode = MyCode()
        self.journal = Journal()
        self.running = False
        self.left = False
        """Whether it was at work when this process was forked off, and nobody has asked for its end here."""
        self.restarter: Callable[[list[str] | None], None] | None = None
        self.monitor = Monitor()
        self.watches = Watches(self.monitor)
        self.world = World(self.watches)
        self.notices = Notices(front_end, self.journal)
        say, trouble = self.notices.say, self.notices.trouble
        self.points = Points(self.monitor, say)
        self.raises = RaisePoints(self.monitor, self.mycode, say)
        self.data = DataWatches(self.watches, say, self._watch_over)
        self.discovery = Discovery(self.watches, self._new_code, trouble)
        self.locator = Locator(self.discovery)
        self.table = Table(
            self.points, self.raises, self.data, self.discovery, self.locator, self.mycode, self.notices.bound
        )
        self.plans = Plans(self.watches, self.mycode, self._codes_at)
        self.delivery = Delivery(self)
        deliver = self.delivery.deliver
        self._dispatch = Dispatch(
            self.monitor,
            self.points,
            self.watches,
            self.raises,
            self.data,
            deliver,
            trouble,
            self._enter,
            self.world.passed_over,
        )

    # --- life ---------------------------------------------------------------------------------------

    def start(self) -> None:
        """Claim the tool ids. Raises ToolTaken where another tool holds the debugger's; nothing is changed then."""
        self.monitor.claim()
        self.running = True
        self.journal.open()

    def close(self) -> None:
        """Take everything off; the program runs on as if lowdb had never been there. Idempotent."""
        self.running = False
        self.discovery.stop()
        self.plans.threads.clear()
        self.monitor.release()
        self.table.clear()
        self.data.clear()
        self.watches.clear()
        self.world.end()
        self.journal.close()

    def after_fork_in_child(self) -> None:
        """In a forked child: nothing stays armed, unless `follow_forks`; the parent's other threads are gone."""
        for part in (self.monitor, self.watches, self.data, self.discovery, self.table):
            part.after_fork()
        self.world.forget()
        self.delivery.forget_others()
        if self.options.follow_forks:
            self.plans.purge({get_ident()})
        else:
            self.close()
            self.left = True

    @property
    def can_restart(self) -> bool:
        return self.restarter is not None

    def restart(self, argv: list[str] | None = None) -> None:
        """Run the program again from its beginning, with other arguments where some are given. Does not return."""
        if self.restarter is not None:
            self.restarter(argv)

    # --- breakpoints --------------------------------------------------------------------------------

    def breakpoints(self) -> list[Breakpoint]:
        """All breakpoints, in the order of their numbers."""
        return list(self.table)

    def add(self, spec: Spec, frame: FrameType | None = None, line: int | None = None) -> Breakpoint:
        """Set a breakpoint; relative locations and bare names are seen from `frame` at `line`.

        A data watch is one from what it holds now. Others may be pending (see Breakpoint.pending). Raises
        LocationError and ConditionError; nothing is left then.
        """
        return self.table.add(spec, frame, line)

    def get(self, number: int) -> Breakpoint:
        """The breakpoint of this number. Raises KeyError."""
        return self.table.get(number)

    def remove(self, number: int) -> Breakpoint:
        """Remove a breakpoint. Raises KeyError."""
        return self.table.remove(number)

    def enable(self, number: int) -> None:
        """Switch a breakpoint on. Raises KeyError."""
        self.table.enable(number, True)

    def disable(self, number: int) -> None:
        """Switch a breakpoint off; it keeps its counts. Raises KeyError."""
        self.table.enable(number, False)

    def set_condition(self, number: int, condition: str | None) -> None:
        """Give a breakpoint another condition, None for none. Raises KeyError, ConditionError."""
        self.table.change(number, condition=condition or "")

    def set_ignore(self, number: int, count: int) -> None:
        """Pass a breakpoint over `count` more times. Raises KeyError."""
        self.table.change(number, ignore=count)

    def resolve(self, location: str, frame: FrameType | None = None, line: int | None = None) -> list[Place]:
        """The places that a location stands for, setting nothing. Raises LocationError."""
        return self.table.places(self.locator.locate(location, frame, line))

    def _codes_at(self, filename: str, line: int) -> list[CodeType]:
        return owners(self.discovery.codes(filename), line)

    def _new_code(self, filename: str, code: CodeType) -> None:
        self.table.new(filename, code)

    # --- stops that begin outside an event ------------------------------------------------------------

    def program(self, code: CodeType) -> None:
        """The code that the program begins with: breakpoints on its file need no scan, `b LINE` means its lines."""
        self.locator.main = canonical(code.co_filename)
        self._add_code(code)

    def _add_code(self, code: CodeType) -> None:
        for new in self.discovery.add(code):
            self.table.new(canonical(code.co_filename), new)

    def start_at(self, code: CodeType, subject: str = "") -> Callable[[], None]:
        """Stop (START) at the first line of this code, before it runs. Call what is returned when it will not run."""
        if self.locator.main is None:
            self.program(code)
        else:
            self._add_code(code)
        first = FirstLine(
            self.watches, code, lambda frame: Stop(Reason.START, frame, get_ident(), subject=subject), None
        )
        return lambda: self.watches.drop(first)

    def stop_here(self, frame: FrameType, reason: Reason = Reason.CALL, note: str | None = None) -> None:
        """Stop in this call, showing `frame`; returns when the person goes on. Raises SystemExit at Quit."""
        stop = Stop(reason, frame, get_ident(), note=note)
        if not self.running:
            return
        if not gate.run(self.watches, lambda: self.delivery.deliver(stop, None)):
            self.notify(Notice("breakpoint() in what a prompt evaluates is passed over (debug EXPR stops there)"))

    def post_mortem(
        self,
        exception: BaseException | None,
        traceback: TracebackType | None = None,
        reason: Reason = Reason.UNCAUGHT,
        *,
        look_at: FrameType | None = None,
        subject: str = "",
    ) -> Resume:
        """Show where `exception` was raised; look only. Returns what the front end answered, Continue on any trouble.

        Needs no tool id: it works also where another tool holds it. `look_at` and `subject`: as in Stop.
        """
        self.plans.end(get_ident())
        first = traceback if traceback is not None or exception is None else exception.__traceback__
        last: TracebackType | None = None
        walk = first
        while walk is not None:
            if last is None or not is_lowdb(walk.tb_frame.f_code.co_filename):
                last = walk
            walk = walk.tb_next
        if last is None:
            return Continue()
        stop = Stop(reason, last.tb_frame, get_ident(), exception=exception, post_mortem=True, traceback=first)
        stop.look_at, stop.subject = look_at, subject
        verdicts = self.raises.uncaught(last.tb_frame, exception) if self.running and exception is not None else None
        if verdicts:
            stop.hits = hits_of(verdicts, last.tb_frame)
        answer: list[Resume] = []

        def job() -> None:
            me = get_ident()
            turns = self.delivery.turns
            turns.take(me)
            try:
                answer.append(self.delivery.ask(stop))
            finally:
                turns.release(me)

        if not (self.running and gate.run(self.watches, job)):
            job()
        return answer[0] if answer else Continue()

    def pause(self, thread: int | None = None) -> None:
        """Stop a thread (by default the main one) at its next line, or when the C call that it is in returns."""
        ident = thread if thread is not None else main_ident()
        if not self.running or ident is None:
            return
        for watchers in self.watches.codes.copy().values():
            if any(type(watcher) is Pause and watcher.thread == ident for watcher in watchers):
                return  # it is about to stop already
        self.world.pause(ident)

    def unpause(self, thread: int) -> bool:
        """Take back a `pause` that has not stopped the thread yet; whether there was one."""
        for watchers in self.watches.codes.copy().values():
            for watcher in watchers:
                if type(watcher) is Pause and watcher.thread == thread:
                    self.watches.drop(watcher)
                    return True
        return False

    def interrupt(self, frame: FrameType | None) -> None:
        """Ctrl-C, in the handler of the signal: stop here, or cancel what a prompt evaluates.

        Raises KeyboardInterrupt where this thread is at a prompt, SystemExit while the program is being quit.
        """
        me = get_ident()
        if self.delivery.quitting is not None:
            raise SystemExit(self.delivery.quitting.status)
        if not self.running:
            raise KeyboardInterrupt
        if me in self.delivery.open:
            raise KeyboardInterrupt
        evaluating = self.delivery.evaluating
        if evaluating:
            for ident in list(evaluating):
                raise_in_thread(ident, KeyboardInterrupt)
            return
        if self.delivery.open or frame is None:
            return  # another thread has the prompt; nothing runs
        if is_lowdb(frame.f_code.co_filename):
            self.pause(me)  # in the middle of a callback: stop as soon as it is over
            return
        stop = Stop(Reason.PAUSE, frame, me)
        if not gate.run(self.watches, lambda: self.delivery.deliver(stop, None)):
            self.pause(me)

    # --- at a stop ------------------------------------------------------------------------------------

    def evaluating(self, stop: Stop | None = None) -> Evaluation:
        """`with debugger.evaluating(stop):` around anything at a prompt that runs the program's code.

        The other threads are let go when it lasts longer than a second; Ctrl-C raises KeyboardInterrupt in it.
        """
        return Evaluation(self.delivery.evaluating, self.world.patience())

    def nested(self, function: Callable[[], object]) -> object:
        """Call `function` with events on, at a stop: breakpoints in what it runs stop, one prompt deeper."""
        return sys.call_tracing(function, ())

    def threads(self) -> list[ThreadState]:
        """All threads with what they are doing, the main one first."""
        return self.delivery.threads()

    def hand_over(self, thread: int) -> bool:
        """At a stop: let another thread, which waits for its turn to stop, have the front end; returns when it goes on.

        False at once where `thread` is not waiting.
        """
        return self.delivery.turns.hand_over(get_ident(), thread)

    def notify(self, notice: Notice) -> None:
        """Hand a notice to the front end; never raises."""
        self.notices.notify(notice)

    # --- from the dispatcher --------------------------------------------------------------------------

    def _watch_over(self, point: Breakpoint, why: str) -> None:
        """What was watched is no more."""
        if not point.gone:
            self.table.remove(point.number)
            self.notify(Over(f"watch {point.number} is over: {why}  ({point.spec.location})", point))

    def _enter(self, frame: FrameType, hits: Hits) -> None:
        """A function-entry breakpoint was hit: stop at the first line of the body, where a jump is possible."""
        FirstLine(
            self.watches,
            frame.f_code,
            lambda inner: Stop(Reason.BREAKPOINT, inner, get_ident(), hits=hits),
            frame,
        )
