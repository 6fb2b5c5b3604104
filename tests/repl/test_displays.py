"""Expressions that are shown at every stop: kept before they have a value, silent where they mean nothing."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from lowdb.engine.stops import Reason
from tests.repl.talk import Talk, talk

if TYPE_CHECKING:
    from types import FrameType


def step(one: Talk, frame: FrameType) -> str:
    return one.stop("c", frame=frame, reason=Reason.STEP)


def test_a_display_comes_with_every_stop_and_shows_what_it_was() -> None:
    one = talk()
    total = 1
    one.stop("display total", "c")
    total = 2
    assert "  total = 1 → 2\n" in step(one, sys._getframe())
    assert "  total = 2\n" in step(one, sys._getframe())
    assert "total" not in elsewhere(one)
    one.stop("undisplay total", "c")
    assert "  total = 2\n" not in step(one, sys._getframe())
    assert total


def elsewhere(one: Talk) -> str:
    return step(one, sys._getframe())


def test_a_display_is_kept_before_its_name_has_a_value() -> None:
    one = talk()
    assert one.stop("display total", "c").endswith("\ntotal = (no value yet)\n")
    assert "  total = (no value yet)\n" in step(one, sys._getframe())
    assert "total" not in elsewhere(one)
    total = 3
    assert step(one, sys._getframe()).endswith("  total = 3\n")
    del total
    assert step(one, sys._getframe()).endswith("  total = 3 → (no value yet)\n")


def test_a_display_that_raises_is_kept_and_says_what_it_raised() -> None:
    one = talk()
    share: int | None = None
    assert one.stop("display share.real", "c").endswith(
        "\nshare.real = (AttributeError: 'NoneType' object has no attribute 'real')\n"
    )
    share = 4
    said = step(one, sys._getframe())
    assert "  share.real = (AttributeError: " in said
    assert said.endswith(") → 4\n")
    assert share


def test_a_display_that_does_not_compile_is_refused() -> None:
    one = talk()
    assert "SyntaxError" in one.stop("display 1 +", "display", "c")
    assert not one.session.displays
