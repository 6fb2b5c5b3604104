"""Values behind the lines of a view: those of the frame, short, and none of the program's code runs for them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from lowdb.program.paths import canonical
from lowdb.program.sources import source
from lowdb.repl.plain import MARKS, PlainText
from lowdb.repl.views import Views

if TYPE_CHECKING:
    from types import FrameType

    from lowdb.repl.blocks import SourceView

RAN: list[str] = []


class Watched:
    """Says so where its code runs."""

    def __repr__(self) -> str:
        RAN.append("repr")
        return "watched"


def shop(amount: int, rate: float, watched: object) -> FrameType:
    helper = len
    kind = int
    rows = list(range(100))
    total = amount * rate
    assert all((helper, kind, rows, total))
    return sys._getframe()


def view_of(frame: FrameType, inline: bool = True, context: int = 20) -> SourceView:
    view = Views().around(frame, frame.f_lineno, [], context, inline=inline)
    assert view is not None
    return view


def values_of(frame: FrameType) -> dict[str, tuple[int, str]]:
    first = frame.f_code.co_firstlineno
    return {name: (line - first, text) for line, name, text in view_of(frame).values}


def test_each_value_stands_behind_its_line_and_dull_ones_nowhere() -> None:
    frame = shop(100, 0.5, 1)
    assert values_of(frame) == {
        "amount": (0, "100"),
        "rate": (0, "0.5"),
        "watched": (0, "1"),
        "rows": (3, "[0, 1, 2, … 97 more]"),
        "total": (4, "50.0"),
    }


def test_none_of_the_programs_code_runs() -> None:
    RAN.clear()
    assert values_of(shop(1, 2, Watched()))["watched"] == (0, "<Watched>")
    assert not RAN


def test_without_the_setting_the_view_is_the_kept_one() -> None:
    frame = shop(1, 2, 3)
    views = Views()
    once = views.around(frame, frame.f_lineno, [], 3)
    assert once is not None
    assert once.values == ()
    assert views.around(frame, frame.f_lineno, [], 3) is once


def test_only_the_lines_in_view_have_values() -> None:
    frame = shop(1, 2, 3)
    view = view_of(frame, context=2)
    assert [name for _, name, _ in view.values] == ["total"]
    assert {line for line, _, _ in view.values} <= {number for number, _ in view.lines}


def test_plain_text_has_them_too() -> None:
    frame = shop(1, 2, 3)
    text = PlainText(MARKS).render(view_of(frame))
    assert "    total = amount * rate   ←  total = 2\n" in text
    assert "watched: object) -> FrameType:   ←  amount = 1  rate = 2  watched = 3\n" in text
    assert "←" not in PlainText(MARKS).render(view_of(frame, inline=False))


def test_a_view_that_begins_in_a_long_string_says_so() -> None:
    text = source(canonical(__file__))
    assert text is not None
    frame = longer()
    view = view_of(frame, context=1)
    assert view.inside == '"""'
    assert view_of(frame, context=9).inside == ""


def longer() -> FrameType:
    """Goes on

    and on."""
    return sys._getframe()
