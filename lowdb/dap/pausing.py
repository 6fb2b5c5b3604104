"""Pause: at the thread's next line; the main thread also inside a call that blocks, by a signal nobody else uses."""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # importing signal itself builds enums: 1 ms of the start
from _thread import get_ident, start_new_thread
from time import sleep
from typing import TYPE_CHECKING, Final

from lowdb.program.threads import main_ident

if TYPE_CHECKING:
    from types import FrameType

    from lowdb.dap.server import Server

_WAIT: Final = 0.1
"""Seconds that a thread has to come to its next line before it is taken to be in a call that blocks."""


class Pauser:
    """Pauses threads."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._signal: int | None = None
        self._steps: set[int] = set()

    def listen(self) -> None:
        """Take a real-time signal for us, where there are any and nobody has it; only the main thread can."""
        number = getattr(_signal, "SIGRTMAX", None) if get_ident() == main_ident() else None
        if number is not None and _signal.getsignal(number - 5) is _signal.SIG_DFL:
            self._signal = number - 5
            _signal.signal(self._signal, self._heard)

    def pause(self, ident: int) -> None:
        """Stop a thread at its next line, or in the call that it is in, or when that returns."""
        self._server.debugger.pause(ident)
        if self._signal is not None and ident == main_ident():
            start_new_thread(self._nudge, (ident,))

    def step(self, ident: int) -> None:
        """Stop a thread that is held, not stopped, at its next line: a step, for the client."""
        if ident not in self._server.debugger.delivery.waiting:
            self._steps.add(ident)
            self._server.debugger.pause(ident)

    def was_step(self, ident: int) -> bool:
        """Whether the pause that has stopped a thread was meant as a step; asked once."""
        found = ident in self._steps
        self._steps.clear()
        return found

    def _nudge(self, ident: int) -> None:
        server = self._server
        me = get_ident()
        passed_over = server.debugger.world.passed_over
        passed_over.add(me)
        try:
            sleep(_WAIT)
            if server.halt is None and server.debugger.running and self._signal is not None:
                _signal.pthread_kill(ident, self._signal)
        finally:
            passed_over.discard(me)

    def _heard(self, number: int, frame: FrameType | None) -> None:
        """The signal's handler, in the main thread: stop where it is, unless it has come to a line meanwhile."""
        debugger = self._server.debugger
        me = get_ident()
        if debugger.running and me not in debugger.delivery.open and debugger.unpause(me):
            debugger.interrupt(frame)
