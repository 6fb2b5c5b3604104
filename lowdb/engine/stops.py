"""What passes between the engine and a front end: stops and notices up, resumes down.

Plain data and two methods; nothing here knows sys.monitoring or a screen.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Protocol

from lowdb.engine.records import field, record

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType, TracebackType

    from lowdb.engine.breakpoints import Breakpoint


class Reason(Enum):
    """Why the program stopped; the value is the word a person reads."""

    START = "start"
    BREAKPOINT = "breakpoint"
    STEP = "step"
    RETURNS = "returns"
    UNWINDS = "unwinds"
    RAISED = "raised"
    USER_UNCAUGHT = "user-uncaught"
    UNCAUGHT = "uncaught"
    PAUSE = "pause"
    WATCH = "watch"
    CALL = "breakpoint()"
    FAILED = "failed"


class Land(Enum):
    """Where a step lands when the frame it was in has ended (stepping.md)."""

    LINE = "the caller's next line"
    CALL = "the caller's own line, right after the call"


class JumpRefused(Exception):
    """The interpreter does not allow this jump here; the text says why."""


@record(frozen=True)
class Change:
    """What a data watch saw."""

    name: str
    """What is watched, as typed."""
    old: str
    """What it held before, in words."""
    new: str
    before: object
    """What it held before, where that was a plain builtin value, else `old`."""
    after: object
    place: tuple[str, int, str] | None = None
    """File (as in the code), 1-based line (0: unknown) and function that changed it; None where that was not seen."""


@record(frozen=True)
class Hit:
    """One breakpoint's part in a stop, as it was at that moment."""

    breakpoint: Breakpoint
    hits: int
    """Times it stopped the program or logged, this one included."""
    reached: int
    """Times its place was reached, this one included."""
    condition: str | None
    values: tuple[tuple[str, object], ...] = ()
    """The names that the condition reads and what they held."""
    problem: BaseException | None = None
    """What the condition or the log message raised; the program stops for it."""
    change: Change | None = None
    """Of a data watch: what changed."""


@record()
class Stop:
    """A stopped thread, as handed to `FrontEnd.on_stop`. Valid until that call returns."""

    reason: Reason
    frame: FrameType
    """The frame that stopped, or the one in which a post-mortem exception was raised."""
    thread: int
    """The thread's ident."""
    hits: tuple[Hit, ...] = ()
    value: object = None
    """What the frame returns, where `reason` is RETURNS."""
    exception: BaseException | None = None
    """What was raised or leaves the frame: RAISED, UNWINDS, USER_UNCAUGHT, UNCAUGHT."""
    exiting: bool = False
    """The frame is at its exit (RETURNS, UNWINDS): none of its lines runs any more."""
    post_mortem: bool = False
    """Built from a traceback: look only, every resume but Quit ends the post-mortem."""
    traceback: TracebackType | None = None
    """The traceback of a post-mortem stop."""
    note: str | None = None
    """One more sentence for the reason line, where something is worth saying."""
    look_at: FrameType | None = None
    """The frame that is selected first; None for the newest."""
    subject: str = ""
    """The test that failed or begins, as its runner calls it; or ""."""
    finished: Finished | None = None
    """How the frame that the step left came to its end."""
    unseen: tuple[tuple[Breakpoint, Change], ...] = ()
    """What data watches find changed only now: nothing that they look at did it."""
    jumper: Callable[[int], str | None] | None = field(default=None, repr=False)

    @property
    def can_jump(self) -> bool:
        """Whether `jump` is allowed here: only in a LINE event, only in its own frame (probe f3)."""
        return self.jumper is not None

    def jump(self, line: int) -> str | None:
        """Make `line` (1-based) the next line of `frame`; nothing runs. Returns what the interpreter warns of.

        Raises JumpRefused.
        """
        if self.jumper is None:
            raise JumpRefused(
                "only where the program stopped at a line, in the frame that stopped (n first, then jump)"
            )
        try:
            return self.jumper(line)
        except (ValueError, RuntimeError) as error:
            raise JumpRefused(str(error)) from None


@record(frozen=True)
class Finished:
    """The end of a frame that a step came out of."""

    function: str
    value: object = None
    exception: BaseException | None = None
    seen: bool = True
    """False where the value was not watched (see plans: recursion)."""


# --- resumes ------------------------------------------------------------------------------------


@record(frozen=True)
class Continue:
    """Run to the next breakpoint."""


@record(frozen=True)
class Next:
    """Step over: to the next line of `frame` (default: the stopped one)."""

    frame: FrameType | None = None
    land: Land = Land.LINE
    single: bool = False
    """To the next instruction instead."""


@record(frozen=True)
class StepIn:
    """Step into the next call, or on to the next line where there is none."""

    target: str | None = None
    """Only into the call of this name (the last part of its qualified name), else as Next."""
    anywhere: bool = False
    """Also into code that just-my-code hides."""
    land: Land = Land.LINE
    single: bool = False
    """To the next instruction, where nothing is called."""


@record(frozen=True)
class StepOut:
    """Run until `frame` (default: the stopped one) ends.

    With Land.LINE the stop is at the frame's own exit, with the value (RETURNS, UNWINDS); with Land.CALL it is in
    the caller, right after the call (STEP).
    """

    frame: FrameType | None = None
    land: Land = Land.LINE


@record(frozen=True)
class Until:
    """Run until `frame` is at a line greater than its present one (`line` None), or at `line` or beyond, or ends."""

    line: int | None = None
    frame: FrameType | None = None


@record(frozen=True)
class RunTo:
    """Run until this thread comes to `line` of `filename` (canonical), or the stopped frame ends."""

    filename: str
    line: int


@record(frozen=True)
class Detach:
    """Take everything off; the program runs on as if lowdb had never been there."""


@record(frozen=True)
class Quit:
    """End the program: SystemExit(status) is raised where it stopped; it is ended for good two seconds later.

    With `now` it ends at once, by os._exit after flushing the standard streams.
    """

    now: bool = False
    status: int = 0
    raising: BaseException | None = None
    """Raised in the place of SystemExit, in the main thread without arguments, for a runner of tests that ends its run
    itself: nothing is ended by force."""


type Resume = Continue | Next | StepIn | StepOut | Until | RunTo | Detach | Quit


# --- notices ------------------------------------------------------------------------------------


@record(frozen=True)
class Notice:
    """Something worth telling that stops nothing."""

    text: str


@record(frozen=True)
class Bound(Notice):
    """A pending breakpoint found its code."""

    breakpoint: Breakpoint


@record(frozen=True)
class Over(Notice):
    """A data watch has ended, since what it watched is no more; it is no longer in the table."""

    breakpoint: Breakpoint


@record(frozen=True)
class Logged(Notice):
    """A log point's message."""

    breakpoint: Breakpoint
    filename: str
    line: int


@record(frozen=True)
class Problem(Notice):
    """An error inside lowdb; the program ran on."""

    error: BaseException


@record(frozen=True)
class Exited(Notice):
    """The program came to its end with this status."""

    status: int


class FrontEnd(Protocol):
    """All that the engine knows of its users."""

    def on_stop(self, stop: Stop) -> Resume:
        """Called in the stopped thread; blocks; answers how to go on."""

    def on_notice(self, notice: Notice) -> None:
        """Called in any thread; must not block."""
