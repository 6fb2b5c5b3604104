"""The pictures in docs/images show what lowdb shows: each scene is played again and its text compared."""

from __future__ import annotations

import re
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from docs import screens
from tests.processes import ROOT, run_python

if TYPE_CHECKING:
    from pathlib import Path

    from tests.processes import Completed

SIDE_BY_SIDE = 3
"""Scenes that are played at a time, each in a process of its own: this one forks nothing while it has threads."""
DRAWN_WITH = (3, 15)
"""The interpreter of the pictures: others word a few things in another way."""


@pytest.mark.slow
@pytest.mark.timeout(200)  # half a minute on a quiet machine
@pytest.mark.skipif(sys.version_info[:2] != DRAWN_WITH, reason="the pictures were drawn with another version")
def test_the_pictures_show_what_lowdb_shows_now() -> None:
    names = list(screens.scenes())

    def check(part: int) -> Completed:
        return run_python("-m", "docs.screens", "--check", *names[part::SIDE_BY_SIDE], cwd=ROOT, deadline=180)

    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:  # a scene waits most of the time
        for done in pool.map(check, range(SIDE_BY_SIDE)):
            words = "python -m docs.screens NAME draws a picture again; look at it"
            assert done.status == 0, f"{done.out}{done.err}\n{words}"


def test_every_picture_that_a_page_shows_is_there_and_every_one_there_is_shown_or_drawn() -> None:
    there = {file.name for file in screens.IMAGES.glob("*.svg")}
    drawn = {f"{name}.svg" for scene, about in screens.scenes().items() for name in shots(scene, about)}
    pages = [*(ROOT / "docs").rglob("*.md"), ROOT / "README.md"]
    shown = {name for page in pages for name in re.findall(r"images/([\w-]+\.svg)", page.read_text(encoding="utf-8"))}
    assert there == drawn
    assert shown <= there


def shots(scene: str, about: dict[str, list[str]]) -> list[str]:
    return [step.partition(" ")[2] or scene for step in about["steps"] if step.split()[0] == "shoot"]


def cell(text: str, **looks: bool) -> list[tuple[str, screens.Look]]:
    return [(char, screens.Look(screens.INK, screens.PAPER, **looks)) for char in text]


def test_what_differs_from_run_to_run_is_made_the_same() -> None:
    row = cell("lowdb 0.1.0  Python 3.13.1  pid 1234567   b") + cell(" " * 10)
    text = "".join(char for char, _ in screens.alike_row(row, screens.ALIKE))
    assert text.rstrip() == "lowdb 0.1.0  Python 3.15.2  pid 7604   b"
    assert len(text) == len(row)


def test_the_same_screen_makes_the_same_bytes_and_holds_its_text(tmp_path: Path) -> None:
    shot = screens.Shot("x", [cell("(lowdb) p <a> & 'b'   "), cell("  bold", bold=True)], (0, 8), 'a "title"')
    picture = screens.svg(shot)
    assert picture == screens.svg(shot)
    assert "&lt;a&gt; &amp;" in picture
    assert 'aria-label="a &quot;title&quot;"' in picture
    assert shot.text == "(lowdb) p <a> & 'b'\n  bold"
    assert screens.text_in(picture) != screens.text_in(screens.svg(shot._replace(rows=[cell("(lowdb) q")])))
    assert screens.text_in(picture) == screens.text_in(screens.svg(shot._replace(cursor=None)))


def test_a_step_that_is_not_one_is_named() -> None:
    with pytest.raises(ValueError, match=r"no step 'dance' \(type, enter, press"):
        screens.play("x", {"command": "true", "steps": ["dance"]})
