"""Runs lowdb's work inside a monitoring callback, so that no event fires in this thread meanwhile.

Stops that begin outside an event (`set_trace()`, Ctrl-C in a blocking call, a post-mortem) go through here: what is
evaluated at their prompt cannot re-enter the debugger, just as at a breakpoint.
"""

from __future__ import annotations

from _thread import get_ident
from typing import TYPE_CHECKING

from lowdb.engine.monitor import LINE
from lowdb.engine.watches import Watcher

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from lowdb.engine.watches import Watches


def _gate() -> None:
    pass


class _Job(Watcher):
    """One job, for one thread, once."""

    __slots__ = ("job", "thread")

    def __init__(self, job: Callable[[], object]) -> None:
        super().__init__()
        self.job: Callable[[], object] | None = job
        self.thread = get_ident()

    def line(self, frame: FrameType, line: int) -> bool:
        job = self.job
        if job is not None and get_ident() == self.thread:
            self.job = None
            job()
        return False


def run(watches: Watches, job: Callable[[], object]) -> bool:
    """Run the job in an event of this thread. Returns False, the job not run, where this thread is in one already."""
    watcher = _Job(job)
    watches.add(watcher, _gate.__code__, LINE)
    try:
        _gate()
    finally:
        watches.drop(watcher)
    return watcher.job is None
