"""Room under the recursion limit for lowdb's own calls, where the program has used it up."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from types import FrameType

# A stop needs this many free frames under the recursion limit; where the program has used them up it gets more
_HEADROOM: Final = 400


def more_room(frame: FrameType | None) -> int:
    """Near the recursion limit, raise it. Returns the old limit, for `less_room`, if it did, else 0."""
    limit = sys.getrecursionlimit()
    depth = 0
    spare = limit - _HEADROOM
    while frame is not None:
        depth += 1
        frame = frame.f_back
    if depth < spare:
        return 0
    try:
        sys.setrecursionlimit(limit)  # what less_room, as deep as this, will do: refused in the very last frame
    except RecursionError:
        return 0
    sys.setrecursionlimit(limit + _HEADROOM)
    return limit


def less_room(limit: int) -> None:
    """Put the limit back that `more_room` returned, unless somebody has set another meanwhile."""
    if limit and sys.getrecursionlimit() == limit + _HEADROOM:
        sys.setrecursionlimit(limit)
