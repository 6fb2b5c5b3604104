"""Tells the session of a process when there is a second one to be asked about. Follows nobody itself."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from lowdb.engine.debugger import Debugger


@cache
def watch(current: Callable[[], Debugger | None]) -> None:
    """From now on the prompt of the debugger that `current` returns says whose it is once a child is followed.

    Registered once a process, however often it is called: what os.register_at_fork has taken it never gives back.
    """

    def parent() -> None:
        debugger = current()
        if debugger is not None and debugger.options.follow_forks:
            front_end = debugger.front_end
            vars(vars(front_end).get("session", front_end))["forked"] = True

    os.register_at_fork(after_in_parent=parent)
