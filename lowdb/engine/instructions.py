"""The callback of INSTRUCTION, and what callbacks answer: KEEP for "not now", NO_ONE for "nobody wants this place".

Data watches ask for it behind the instructions that store; a step that lands in a caller, once, right behind the call.
"""

from __future__ import annotations

import sys
from _thread import get_ident
from typing import TYPE_CHECKING, Final

from lowdb.capabilities import INTERPRETER
from lowdb.engine.monitor import DISABLE

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType

    from lowdb.engine.monitor import Monitor
    from lowdb.engine.stops import Stop
    from lowdb.engine.watches import Watcher, Watches
    from lowdb.engine.watchpoints import DataWatches

    type Offer = Callable[[tuple[Watcher, ...], Callable[[Watcher], Stop | None]], bool]

KEEP: Final = None
# Without the GIL the look-up and the answer are not one act: there every place stays on (slower, never wrong).
NO_ONE: Final = KEEP if INTERPRETER.free_threaded else DISABLE


def instruction_callback(
    monitor: Monitor,
    watches: Watches,
    data: DataWatches,
    own: set[int],
    offer: Offer,
    deliver: Callable[[Stop, object], None],
    fail: Callable[[BaseException], object],
) -> Callable[[CodeType, int], object]:
    """The callback; `own` holds the idents of lowdb's threads, `offer`, `deliver` and `fail` are the dispatcher's."""
    spots, watched, dirty = data.spots, watches.codes, monitor.dirty
    changed, frame_of = data.at, sys._getframe

    def instruction(code: CodeType, offset: int) -> object:
        try:
            key = id(code)
            if key in spots and offset in spots[key]:
                if own and get_ident() in own:
                    return KEEP
                stop = changed(code, offset, frame_of(1))
                if stop is not None:
                    deliver(stop, None)
                    return KEEP
            if key in watched:
                frame = frame_of(1)
                wanting = tuple(watcher for watcher in watched[key] if watcher.instructions)
                if wanting:
                    offer(wanting, lambda watcher: watcher.instruction(frame))
                    return KEEP
            dirty[key] = True
            if key in spots and offset in spots[key]:
                return KEEP
            if key not in dirty:  # armed anew meanwhile: nobody would know of this DISABLE
                return KEEP
            return NO_ONE
        except BaseException as error:
            try:
                return fail(error)
            except RecursionError:
                return KEEP

    return instruction
