"""From the verdicts of checks to what a stop says of them."""

from __future__ import annotations

from _thread import get_ident
from typing import TYPE_CHECKING

from lowdb.engine.stops import Hit, Reason, Stop
from lowdb.program.imports import standard

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from lowdb.engine.checks import Verdict
    from lowdb.engine.stops import Change

type Hits = tuple[Hit, ...]


def exit_stop(
    frame: FrameType, value: object, exception: BaseException | None, verdict: Verdict | list[Verdict]
) -> Stop:
    """The stop of a trap."""
    reason = Reason.RETURNS if exception is None else Reason.UNWINDS
    hits = hits_of(verdict, frame)
    return Stop(reason, frame, get_ident(), hits, value=value, exception=exception, exiting=True)


def hits_of(verdict: Verdict | list[Verdict], frame: FrameType, change: Change | None = None) -> Hits:
    """The verdicts of one event as the hits of a stop, with the counts as they are now."""
    hits = []
    for one in verdict if isinstance(verdict, list) else [verdict]:
        point = one.breakpoint
        condition = point.condition
        hits.append(
            Hit(
                point,
                point.hits,
                point.reached,
                condition.text if condition is not None else None,
                condition.values(frame) if condition is not None else (),
                one.problem,
                change,
            )
        )
    return tuple(hits)


def jumper(frame: FrameType) -> Callable[[int], str | None]:
    """What sets the next line of `frame`, the frame of this LINE event; answers what the interpreter warns of."""

    def jump(line: int) -> str | None:
        # the interpreter warns where it binds None to locals that the jumped-over lines would have bound: that is
        # for the person at the prompt, not for the program's stderr, nor an error where it makes warnings errors
        with standard("warnings"):
            import warnings  # start-up: needed only for a jump

            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                frame.f_lineno = line  # type: ignore[misc]
        return "; ".join(str(warning.message) for warning in caught) or None

    return jump
