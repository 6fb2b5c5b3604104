"""Stop the other threads while one is stopped, let them go again, and pause a thread from outside.

A thread is held at its next line or backward jump, or when the C call that it is in returns (probe p1). Threads that
are importing are held once they are done: the stopped thread may need the import locks that they hold.
"""

from __future__ import annotations

import sys
from _thread import allocate_lock, get_ident, interrupt_main, start_new_thread
from typing import TYPE_CHECKING, Final

from lowdb.engine.monitor import JUMP, LINE
from lowdb.engine.stops import Reason, Stop
from lowdb.engine.watches import Watcher
from lowdb.program.mycode import is_lowdb
from lowdb.program.threads import newest_frames

if TYPE_CHECKING:
    from types import FrameType

    from lowdb.engine.watches import Watches

# After so many seconds an evaluation lets the other threads go: it may wait for one of them.
PATIENCE: Final = 1.0
_ROUNDS: Final = 5


class Hold(Watcher):
    """Makes the threads it is for wait at their next event, until it is opened."""

    __slots__ = ("_gate", "held", "interrupted", "on_interrupt", "threads")

    def __init__(self, threads: set[int]) -> None:
        super().__init__()
        self.threads = threads
        self.held: set[int] = set()
        self.interrupted = False
        self._gate = allocate_lock()
        self._gate.acquire()

    def line(self, frame: FrameType, line: int) -> bool:
        ident = get_ident()
        if ident in self.threads and not _importing(frame):
            self._wait(ident)
        return False

    def jumped(self, frame: FrameType) -> None:
        self.line(frame, 0)

    def _wait(self, ident: int) -> None:
        self.held.add(ident)
        try:
            while ident in self.threads:
                try:
                    # acquired by one after the other once it is open
                    self._gate.acquire()
                    self._gate.release()
                    break
                except KeyboardInterrupt:
                    # the program's Ctrl-C, come while it is held: it gets it when it goes on
                    self.interrupted = True
        finally:
            self.held.discard(ident)

    def open(self) -> None:
        """Let all of them go, for good."""
        self.threads.clear()
        if self._gate.locked():
            try:
                self._gate.release()
            except RuntimeError:
                pass
        if self.interrupted:
            self.interrupted = False
            interrupt_main()


class Pause(Watcher):
    """Stops one thread at its next line or backward jump."""

    __slots__ = ("thread",)

    def __init__(self, thread: int) -> None:
        super().__init__()
        self.thread = thread

    def line(self, frame: FrameType, line: int) -> Stop | bool:
        return Stop(Reason.PAUSE, frame, self.thread) if get_ident() == self.thread else False

    def jumped(self, frame: FrameType) -> Stop | None:
        return Stop(Reason.PAUSE, frame, self.thread) if get_ident() == self.thread else None


class World:
    """Holds and releases the threads that are not stopped."""

    def __init__(self, watches: Watches) -> None:
        self.watches = watches
        self.passed_over: Final[set[int]] = set()
        """Idents of lowdb's own threads: never held, never stopped."""
        self._hold: Hold | None = None
        self._depth = 0

    @property
    def held(self) -> frozenset[int]:
        """Idents of the threads that stand still now."""
        hold = self._hold
        return frozenset(hold.held) if hold is not None else frozenset()

    def stop(self) -> None:
        """Hold every thread but the calling one; the calls nest."""
        self._depth += 1
        if self._depth == 1:
            self._take()

    def go(self) -> None:
        """Undo one `stop`."""
        self._depth = max(0, self._depth - 1)
        if self._depth == 0:
            self._give()

    def hold_also(self) -> None:
        """Hold those threads, too, that have come while some are held already; the calling one runs."""
        hold = self._hold
        if hold is not None:
            me = get_ident()
            others = set(sys._current_frames()) - hold.threads - self.passed_over - {me}
            if others:
                hold.threads |= others
                arm_stacks(self.watches, hold, others)

    def excuse(self, thread: int, excused: bool) -> None:
        """While another thread is stopped: let this one, which was stepped, run; or hold it again."""
        hold = self._hold
        if hold is not None:
            (hold.threads.discard if excused else hold.threads.add)(thread)

    def _take(self) -> None:
        alive = set(sys._current_frames())
        if len(alive) == 1:
            return
        me = get_ident()
        others = {ident for ident in alive if ident != me and ident not in self.passed_over}
        if others:
            self._hold = hold = Hold(others)
            arm_stacks(self.watches, hold, others)

    def _give(self) -> None:
        hold, self._hold = self._hold, None
        if hold is not None:
            try:
                self.watches.drop(hold)
            finally:
                hold.open()

    def end(self) -> None:
        """Let everybody go, whatever the nesting; nothing is disarmed, the monitor has released it all."""
        hold, self._hold = self._hold, None
        if hold is not None:
            hold.open()

    def forget(self) -> None:
        """In a forked child: there are no other threads."""
        self.passed_over.clear()
        self._hold = None
        self._depth = 0

    # --- a long evaluation --------------------------------------------------------------------------

    def patience(self) -> Patience:
        """For the time of one evaluation: lets the threads go if it lasts longer than PATIENCE seconds."""
        return Patience(self)

    def pause(self, thread: int) -> Pause:
        """Arrange a stop of `thread`; the caller drops the watcher when it stopped."""
        pause = Pause(thread)
        arm_stacks(self.watches, pause, {thread})
        return pause


class Patience:
    """`with world.patience():` around an evaluation."""

    __slots__ = ("_done", "_lock", "_world")

    def __init__(self, world: World) -> None:
        self._world = world

    def __enter__(self) -> None:
        self._done = True
        if self._world._hold is None:
            return  # nobody is held: nobody to wait for
        self._done = False
        self._lock = allocate_lock()
        self._lock.acquire()
        # a bare thread: the program's threading.enumerate() does not see it
        self._world.passed_over.add(start_new_thread(self._watch, ()))

    def _watch(self) -> None:
        if not self._lock.acquire(timeout=PATIENCE):
            self._world._give()
        self._world.passed_over.discard(get_ident())

    def __exit__(self, *exc: object) -> None:
        if self._done:
            return
        self._lock.release()
        if self._world._hold is None and self._world._depth:
            self._world._take()


def arm_stacks(watches: Watches, watcher: Watcher, threads: set[int]) -> None:
    """Watch the lines and jumps of all code on the stacks of `threads`."""
    armed: set[int] = set()
    for _ in range(_ROUNDS):
        # another thread may have run between the snapshot and the arming: look again until nothing is new
        frames = newest_frames()
        new = []
        for ident in threads:
            frame = frames.get(ident)
            while frame is not None:
                code = frame.f_code
                if id(code) not in armed and not is_lowdb(code.co_filename):
                    armed.add(id(code))
                    new.append(code)
                frame = frame.f_back
        del frames
        for code in new:
            watches.add(watcher, code, LINE | JUMP)
        if not new:
            break


def _importing(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_filename == "<frozen importlib._bootstrap>":
            return True
        frame = frame.f_back
    return False
