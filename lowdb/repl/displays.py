"""Expressions that are shown again at every stop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lowdb.program.evaluate import waits
from lowdb.program.values import summary
from lowdb.repl.arguments import ArgumentError
from lowdb.repl.blocks import Displayed
from lowdb.repl.evaluation import Failed

if TYPE_CHECKING:
    from types import CodeType, FrameType

    from lowdb.engine.stops import Stop
    from lowdb.repl.evaluation import Asker

_NONE = "(no value yet)"


class Display:
    """One expression, what it was last, and the function that it was made in."""

    __slots__ = ("code", "last", "text")

    def __init__(self, text: str, code: CodeType) -> None:
        self.text = text
        self.code = code
        self.last = _NONE


class Displays:
    """The list of them, in the order they were made."""

    def __init__(self) -> None:
        self._list: list[Display] = []

    def __bool__(self) -> bool:
        return bool(self._list)

    def texts(self) -> list[str]:
        """The expressions."""
        return [display.text for display in self._list]

    def add(self, text: str, asker: Asker, frame: FrameType, stop: Stop) -> Displayed:
        """Show `text` at every stop from now on, also where it has no value yet. Returns what it is now, as `lines`.

        Raises ArgumentError for what does not compile, KeyboardInterrupt.
        """
        if waits(text):
            raise ArgumentError("a display may not wait: it is evaluated at every stop")
        display = Display(text, frame.f_code)
        display.last, _ = _value(text, asker, frame, stop)
        self.remove(text)
        self._list.append(display)
        return Displayed(text, display.last)

    def remove(self, text: str | None) -> bool:
        """Forget one, or all (None); whether there was one."""
        before = len(self._list)
        self._list = [] if text is None else [display for display in self._list if display.text != text]
        return len(self._list) < before

    def lines(self, asker: Asker, frame: FrameType, stop: Stop) -> list[Displayed]:
        """What each is now, and was; those that fail outside their own function say nothing."""
        lines = []
        for display in list(self._list):
            now, known = _value(display.text, asker, frame, stop)
            if not known and display.code is not frame.f_code:
                continue
            was = display.last if display.last not in (now, _NONE) else ""
            display.last = now
            lines.append(Displayed(display.text, now, was))
        return lines


def _value(text: str, asker: Asker, frame: FrameType, stop: Stop) -> tuple[str, bool]:
    """What the expression is in `frame`, and whether that is a value."""
    try:
        return summary(asker.evaluate(text, frame, stop)), True
    except Failed as failed:
        return (_NONE if issubclass(type(failed.cause), NameError) else f"({failed})"), False
