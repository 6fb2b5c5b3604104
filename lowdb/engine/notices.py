"""What the engine tells a front end without stopping: bound breakpoints, log messages, its own errors. Never raises."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lowdb.engine.stops import Bound, Logged, Problem

if TYPE_CHECKING:
    from types import FrameType

    from lowdb.engine.breakpoints import Breakpoint
    from lowdb.engine.journal import Journal
    from lowdb.engine.stops import FrontEnd, Notice


class Notices:
    """Hands notices to the front end."""

    def __init__(self, front_end: FrontEnd, journal: Journal) -> None:
        self.front_end = front_end
        self.journal = journal
        self._in_trouble = False

    def notify(self, notice: Notice) -> None:
        """Hand over one notice."""
        try:
            self.front_end.on_notice(notice)
        except BaseException as error:
            self.journal.write("notice failed", type(error), error)

    def say(self, point: Breakpoint, frame: FrameType, text: str) -> None:
        """A log point's message."""
        self.notify(Logged(text, point, frame.f_code.co_filename, frame.f_lineno))

    def bound(self, point: Breakpoint) -> None:
        """A pending breakpoint found its code."""
        self.notify(Bound(f"breakpoint {point.number} is bound", point))

    def trouble(self, error: BaseException) -> None:
        """An error inside lowdb: show it; the program runs on."""
        if self._in_trouble:
            return  # showing it failed: there is nobody left to tell
        self._in_trouble = True
        try:
            self.journal.write("problem", type(error), error)
            self.notify(Problem(f"error inside lowdb: {type(error).__name__}: {_text(error)}", error))
        except BaseException:
            return
        finally:
            self._in_trouble = False


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except BaseException:
        return "(its text cannot be shown)"
