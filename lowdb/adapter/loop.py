"""Waits for files, child processes, signals and times; one thread, nothing ever blocks but the wait itself."""

from __future__ import annotations

import os
import select
import signal
from time import monotonic
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

READ: Final = select.POLLIN | select.POLLPRI
WRITE: Final = select.POLLOUT


class Timer:
    """Something to be done at a time, unless it is cancelled."""

    __slots__ = ("act", "when")

    def __init__(self, when: float, act: Callable[[], object]) -> None:
        self.when: Final = when
        self.act: Callable[[], object] | None = act

    def cancel(self) -> None:
        """Do not do it."""
        self.act = None


class Loop:
    """Calls back: files that can be read or written, timers, SIGCHLD, and the signals that ask us to end."""

    def __init__(self) -> None:
        self._poll: Final = select.poll()
        self._files: Final[dict[int, tuple[int, Callable[[], object], Callable[[], object]]]] = {}
        self._timers: list[Timer] = []
        self.on_child: Callable[[], object] = lambda: None
        """A child process has ended, perhaps."""
        self.on_end: Callable[[], object] = lambda: None
        """SIGINT, SIGTERM or SIGHUP came."""
        self.running = True

    def watch(
        self,
        file: int,
        events: int,
        readable: Callable[[], object] = lambda: None,
        writable: Callable[[], object] = lambda: None,
    ) -> None:
        """From now on call `readable` and `writable` for `file`; the end of a stream is readable. 0 ends it."""
        if not events:
            if self._files.pop(file, None) is not None:
                self._poll.unregister(file)
            return
        known = self._files.get(file)
        if known is None or known[0] != events:
            self._poll.register(file, events)
        self._files[file] = (events, readable, writable)

    def after(self, seconds: float, act: Callable[[], object]) -> Timer:
        """Call `act` once, that many seconds from now."""
        timer = Timer(monotonic() + seconds, act)
        self._timers.append(timer)
        return timer

    def catch_signals(self) -> None:
        """Hear of children and of wishes to end. The main thread calls this once."""
        reader, writer = os.pipe()
        os.set_blocking(reader, False)
        os.set_blocking(writer, False)
        for number in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: None)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)

        def woken() -> None:
            numbers = os.read(reader, 4096)
            if signal.SIGCHLD in numbers:
                self.on_child()
            if set(numbers) - {signal.SIGCHLD}:
                self.on_end()

        self.watch(reader, READ, woken)

    def run(self) -> None:
        """Until `running` is false."""
        while self.running:
            self.turn()

    def turn(self) -> None:
        """Wait once and do what is due."""
        self._timers = [timer for timer in self._timers if timer.act is not None]
        wait = None
        if self._timers:
            wait = max(0.0, min(timer.when for timer in self._timers) - monotonic()) * 1000 + 1
        for file, events in self._poll.poll(wait):
            known = self._files.get(file)
            if known is None:
                continue  # one before it in this turn has ended it
            if events & WRITE and known[0] & WRITE:
                known[2]()
            known = self._files.get(file)
            if known is not None and events & ~WRITE:
                known[1]()
        if self._timers:
            now = monotonic()
            for timer in [timer for timer in self._timers if timer.when <= now]:
                act, timer.act = timer.act, None
                if act is not None:
                    act()
