"""One stop at a time reaches the front end: threads that stop meanwhile wait in line, or are handed the prompt."""

from __future__ import annotations

import threading
import time

KEPT_FOR = 0.3
"""Seconds that the prompt stays with a thread that was stepped, so that another stop does not cut in."""


class Turns:
    """The line of stopped threads. The same thread may come in again (a stop inside `debug EXPR`)."""

    def __init__(self) -> None:
        self._changed = threading.Condition(threading.Lock())
        self._holder: int | None = None
        self._depth = 0
        self._line: list[int] = []
        self._next: int | None = None  # whose turn it is once the holder lets go
        self._kept: tuple[int, float] | None = None

    def take(self, thread: int) -> None:
        """Wait until it is this thread's turn."""
        with self._changed:
            if self._holder == thread:
                self._depth += 1
                return
            self._line.append(thread)
            try:
                while not self._may(thread):
                    self._changed.wait(KEPT_FOR if self._kept else None)
            finally:
                self._line.remove(thread)
            self._holder = thread
            self._depth = 1
            self._next = self._kept = None

    def release(self, thread: int, stepping: bool = False) -> None:
        """The thread goes on; after a step it is expected back soon and the others wait a moment longer."""
        with self._changed:
            self._depth -= 1
            if self._depth == 0:
                self._holder = None
                self._kept = (thread, time.monotonic() + KEPT_FOR) if stepping and self._line else None
                if self._line:
                    self._changed.notify_all()

    def hand_over(self, thread: int, to: int) -> bool:
        """Let `to`, which waits in line, have the prompt; return when it is this thread's turn again.

        False at once where `to` does not wait.
        """
        with self._changed:
            if to not in self._line:
                return False
            depth, self._depth, self._holder = self._depth, 0, None
            self._next = to
            self._line.append(thread)
            self._changed.notify_all()
            try:
                while not self._may(thread):
                    self._changed.wait(KEPT_FOR)
            finally:
                self._line.remove(thread)
            self._holder, self._depth = thread, depth
            self._next = self._kept = None
            return True

    def waiting(self) -> list[int]:
        """The threads in line, first come first."""
        with self._changed:
            return list(self._line)

    def _may(self, thread: int) -> bool:
        if self._holder is not None:
            return False
        if self._next is not None and self._next in self._line:
            return thread == self._next
        if self._kept is not None:
            owner, until = self._kept
            if owner != thread and time.monotonic() < until:
                return False
        return self._line[0] == thread or (self._kept is not None and self._kept[0] == thread)
