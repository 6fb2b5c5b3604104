"""What a breakpoint is: the wish (Spec), where it took hold (Place), and its counts. Arms nothing itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from lowdb.engine.records import record

if TYPE_CHECKING:
    from types import CodeType

    from lowdb.engine.conditions import Condition, HitCondition, Message
    from lowdb.program.subjects import Subject

Kind = Literal["line", "function", "exit", "raise", "watch"]

# Columns of Breakpoint.counts: a list, because the generated checks count in it (conditions.py).
REACHED: Final = 0
PASSED: Final = 1
STOPPED: Final = 2
IGNORE: Final = 3
IGNORE_FROM: Final = 4  # what IGNORE began with: the difference was reached, too, and is counted only there


@record(frozen=True, kw_only=True)
class Spec:
    """A breakpoint as it was asked for."""

    kind: Kind = "line"
    location: str = ""
    """As typed: `LINE`, `+N`, `FILE:LINE`, `[MODULE:]QUALNAME[:LINE]`, `/REGEX/`; empty for kind "raise".

    For kind "watch": `NAME`, `OBJECT.NAME` or `OBJECT[KEY]`.
    """
    filename: str | None = None
    """With `line`: an exact place (canonical path) that needs no reading of `location`."""
    line: int | None = None
    """1-based."""
    condition: str | None = None
    hits: str | None = None
    """Hit condition: `5`, `==5`, `>=3`, `>3`, `<4`, `<=4`, `%2`; counts the times the condition held."""
    ignore: int = 0
    log: str | None = None
    """A log message with `{expressions}`; the breakpoint then never stops, unless the message raises."""
    temporary: bool = False
    thread: str | None = None
    """A thread's name or ident; it stops only there."""
    task: str | None = None
    """An asyncio task's name; it stops only there."""
    exits: Literal["both", "returns", "unwinds"] = "both"
    exception: str | None = None
    """A type's name, plain or qualified, for kinds "exit" (unwinds) and "raise"; None for any."""
    raised: Literal["raised", "uncaught", "user"] = "raised"
    files: str | None = None
    """For kind "raise": a glob for the file of the frame that raises."""
    enabled: bool = True


@record(frozen=True)
class Place:
    """One code object's line (or a function's entry or exit) where a breakpoint is bound or will be."""

    filename: str
    line: int
    """1-based."""
    function: str
    """Qualified name; `<module>` for a module's own code."""


class Breakpoint:
    """One breakpoint. Front ends read it; only the debugger changes it."""

    __slots__ = (
        "compiled",
        "condition",
        "counts",
        "enabled",
        "gone",
        "hit_condition",
        "message",
        "note",
        "number",
        "pending",
        "places",
        "spec",
        "subject",
        "targets",
    )

    def __init__(self, number: int, spec: Spec) -> None:
        self.number: Final = number
        self.spec = spec
        self.enabled = spec.enabled
        self.places: list[Place] = []
        self.pending: str | None = None
        """Why it is not bound yet, None when it is."""
        self.note: str | None = None
        """What was done to the location: "line 58 has no code: breakpoint at 59"."""
        self.condition: Condition | None = None
        self.hit_condition: HitCondition | None = None
        self.message: Message | None = None
        self.counts: list[int] = [0, 0, 0, spec.ignore, spec.ignore]
        self.targets: list[tuple[CodeType, int]] = []
        """The code objects, with the line, that it is bound to."""
        self.subject: Subject | None = None
        """What is watched, for kind "watch" and as long as it is."""
        self.gone = False

    @property
    def kind(self) -> Kind:
        return self.spec.kind

    @property
    def hits(self) -> int:
        """Times it stopped the program or logged."""
        return self.counts[STOPPED]

    @property
    def reached(self) -> int:
        """Times its place was reached, in the thread or task that it is limited to."""
        counts = self.counts
        return counts[REACHED] + counts[IGNORE_FROM] - counts[IGNORE]

    @property
    def ignore(self) -> int:
        """Times that it will still be passed over."""
        return self.counts[IGNORE]

    @property
    def temporary(self) -> bool:
        return self.spec.temporary

    def ignore_next(self, count: int) -> None:
        """Pass it over `count` more times."""
        counts = self.counts
        counts[REACHED] += counts[IGNORE_FROM] - counts[IGNORE]
        counts[IGNORE] = counts[IGNORE_FROM] = count

    def __repr__(self) -> str:
        return f"<Breakpoint {self.number} {self.spec.kind} {self.spec.location or self.spec.exception}>"
