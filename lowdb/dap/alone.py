"""`singleThread`: threads that go on from their stop while all others stay held."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lowdb.engine.debugger import Debugger


class Alone:
    """Who runs so. `leave` and `release` are called in the reader's thread, `stopped` in the thread that stops."""

    def __init__(self, debugger: Debugger) -> None:
        self._debugger = debugger
        self.threads: set[int] = set()
        """Idents."""

    def __bool__(self) -> bool:
        return bool(self.threads)

    def leave(self, ident: int, alone: bool) -> None:
        """Before a thread goes on from its stop: arrange who runs then."""
        if not alone:
            self.release()
            return
        world = self._debugger.world
        if not self.threads:
            world.stop()  # once more than the engine undoes: the others stay held
        world.excuse(ident, True)
        self.threads.add(ident)

    def release(self) -> None:
        """Let all others go."""
        if self.threads:
            self.threads.clear()
            self._debugger.world.go()

    def stopped(self, ident: int) -> None:
        """A thread has stopped."""
        if ident in self.threads:
            self.threads.discard(ident)
            if not self.threads:
                self._debugger.world.go()
                self._debugger.world.hold_also()
