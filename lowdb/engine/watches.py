"""Who watches which code object besides the breakpoints: plans, pauses, held threads, gates.

A watcher asks for local events on code objects (and, while it must, for global ones) and is asked at each of them.
"""

from __future__ import annotations

from _thread import RLock
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import CodeType, FrameType

    from lowdb.engine.monitor import Monitor
    from lowdb.engine.stops import Stop


class Watcher:
    """Answers events on the code that it watches. Subclasses override what they ask for.

    `line` answers None when it will never want this line of this code (it may be DISABLEd), False for "not now", and
    a Stop (or True, see Gate) when it has been reached. The others answer a Stop or None.
    """

    __slots__ = ("everywhere", "instructions", "tokens")

    def __init__(self) -> None:
        self.tokens: list[tuple[CodeType, int]] = []
        self.everywhere = 0
        self.instructions = False
        """Whether it wants INSTRUCTION now."""

    def frames(self) -> Iterable[FrameType] | None:
        """The frames that are meant, where no event of another frame is; None for any."""
        return None

    def line(self, frame: FrameType, line: int) -> Stop | bool | None:
        return None

    def started(self, frame: FrameType) -> Stop | None:
        """PY_START, PY_RESUME or PY_THROW anywhere: a frame begins or goes on."""
        return None

    def returned(self, frame: FrameType, value: object) -> Stop | None:
        return None

    def yielded(self, frame: FrameType, value: object) -> Stop | None:
        return None

    def unwound(self, frame: FrameType, exception: BaseException) -> Stop | None:
        return None

    def instruction(self, frame: FrameType) -> Stop | None:
        return None

    def jumped(self, frame: FrameType) -> Stop | None:
        return None


class Watches:
    """The watchers of each code object; arms and disarms for them."""

    def __init__(self, monitor: Monitor) -> None:
        self.monitor = monitor
        self.codes: Final[dict[int, tuple[Watcher, ...]]] = {}
        """id(code) -> watchers. Tuples: the hot path reads them without a lock."""
        self.only: Final[dict[int, frozenset[int]]] = {}
        """id(code) -> ids of the frames that its watchers mean; not there: any. May hold too many, never too few."""
        self.all: tuple[Watcher, ...] = ()
        """Those with global events."""
        self._lock = RLock()

    def add(self, watcher: Watcher, code: CodeType, events: int) -> None:
        """Let `watcher` see `events` of `code`."""
        key = id(code)
        with self._lock:
            present = self.codes.get(key, ())
            if watcher not in present:
                self.codes[key] = (*present, watcher)
            self.only.pop(key, None)
            watcher.tokens.append((code, events))
        self.monitor.arm(code, events)

    def narrow(self, watcher: Watcher) -> None:
        """Let events of frames that no watcher means be passed over quickly, in all code of `watcher`.

        What the watcher means may change only together with an `add` for that code, which undoes this.
        """
        with self._lock:
            frames = watcher.frames()
            if frames is None:
                return
            mine = frozenset(id(frame) for frame in frames)
            for code, _ in watcher.tokens:
                others = [one.frames() for one in self.codes.get(id(code), ()) if one is not watcher]
                if None not in others:
                    self.only[id(code)] = mine.union(*([id(frame) for frame in one or ()] for one in others))

    def add_everywhere(self, watcher: Watcher, events: int) -> None:
        """Let `watcher` see `events` of all code, once."""
        with self._lock:
            events &= ~watcher.everywhere
            if not events:
                return
            watcher.everywhere |= events
            if watcher not in self.all:
                self.all = (*self.all, watcher)
        self.monitor.arm_everywhere(events)

    def nowhere(self, watcher: Watcher) -> None:
        """Take the watcher's global events off."""
        with self._lock:
            events, watcher.everywhere = watcher.everywhere, 0
            if not events:
                return
            self.all = tuple(other for other in self.all if other is not watcher)
        self.monitor.disarm_everywhere(events)

    def drop(self, watcher: Watcher) -> None:
        """Take all that `watcher` asked for back."""
        tokens, watcher.tokens = watcher.tokens, []
        self.let_go(watcher, tokens)
        self.nowhere(watcher)

    def let_go(self, watcher: Watcher, tokens: list[tuple[CodeType, int]]) -> None:
        """Take back just `tokens`, which are no longer in `watcher.tokens`."""
        with self._lock:
            for code, _ in tokens:
                if any(other is code for other, _ in watcher.tokens):
                    continue
                key = id(code)
                left = tuple(other for other in self.codes.get(key, ()) if other is not watcher)
                if left:
                    self.codes[key] = left
                else:
                    self.codes.pop(key, None)
                    self.only.pop(key, None)
        for code, events in tokens:
            self.monitor.disarm(code, events)

    def after_fork(self) -> None:
        """In a forked child: a thread that is gone may have held the lock."""
        self._lock = RLock()

    def clear(self) -> None:
        """Forget everything, disarming nothing: the monitor has released it all."""
        with self._lock:
            self.codes.clear()
            self.only.clear()
            self.all = ()
