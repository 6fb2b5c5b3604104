"""In a forked child: take everything off, or follow it. Decides nothing else, and is inert where no debugger runs."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from lowdb.engine.debugger import Debugger


@cache
def watch(current: Callable[[], Debugger | None]) -> None:
    """From now on do in every forked child what the options of the debugger that `current` returns ask for.

    Registered once a process, however often it is called: what os.register_at_fork has taken it never gives back.
    """

    def child() -> None:
        debugger = current()
        if debugger is not None:
            debugger.after_fork_in_child()

    os.register_at_fork(after_in_child=child)
