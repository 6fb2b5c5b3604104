"""`watch` and `await` as a person sees them at the plain prompt."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.processes import run_python

SHOP = """\
class Cart:
    def __init__(self):
        self.total = 0

    def add(self, price):
        self.total += price
        return self


def work(prices):
    seen = []
    cart = Cart()
    for price in prices:
        cart.add(price)
        seen.append(price)
    return cart


alias = None
work([3, 4])
"""


def session(directory: Path, program: str, *lines: str) -> str:
    """What is said at the prompts, the pictures of the source left out; the program's own output as well."""
    file = directory / "shop.py"
    file.write_text(program)
    done = run_python("-m", "lowdb", "--ui", "plain", str(file), input="\n".join([*lines, ""]), cwd=directory)
    said = re.sub(r"\(lowdb[^)\n]*\) ", "", done.out)
    return "\n".join(line for line in said.splitlines() if not re.match(r"[ ●○◎][ >] +\d+( |$)|> /", line))


def test_setting_a_watch_says_what_it_holds_and_what_it_looks_at(tmp_path: Path):
    said = session(tmp_path, SHOP, "b 13", "c", "watch cart.total", "watch seen", "watch alias", "watch")
    assert re.search(
        r"^◎ 2  watch cart\.total = 0   looks at \d+ functions? that assigns? \.total, and \d+ that", said, re.MULTILINE
    )
    assert "◎ 3  watch seen  in work = []   as long as this call lasts; changes inside it count, too\n" in said
    assert re.search(r"^◎ 4  watch alias = None   looks at \d+ functions? that assigns? alias", said, re.MULTILINE)
    assert len(re.findall(r"^◎ [234]  watch .* hit 0$", said, re.MULTILINE)) == 3


def test_the_stop_shows_old_new_and_the_line_that_did_it(tmp_path: Path):
    said = session(
        tmp_path, SHOP, "tb 13", "c", "watch cart.total if $new > 3", "watch seen once", "c", "c", "p $old, $new"
    )
    lines = [line for line in said.splitlines() if line.startswith("watch ")]
    assert lines[:2] == [
        "watch 3 (temporary, now gone)  shop.py:15  seen: [] → [3]         changed by shop.py:15  work · hit 1",
        f"{'watch 2  shop.py:7  cart.total: 3 → 7':<64}  changed by shop.py:6  Cart.add · hit 1 of 2 · if $new > 3",
    ]
    assert "\n(3, 7)\n" in said


def test_watches_are_listed_and_changed_like_breakpoints(tmp_path: Path):
    said = session(
        tmp_path,
        SHOP,
        "tb 13",
        "c",
        "watch cart.total do p price;; c",
        "disable 2",
        "b",
        "enable 2",
        "condition 2 price == 4",
        "ignore 2 0",
        "c",
        "cl cart.total",
        "b",
    )
    assert "○ 2  watch cart.total  do p price;; c  (disabled)  hit 0\n" in said
    assert "◎ 2  watch cart.total  if price == 4  do p price;; c\n" in said
    assert "watch 2  shop.py:7  cart.total: 3 → 7 " in said
    assert "\n4\n" in said


def test_clear_takes_a_watch_by_its_words(tmp_path: Path):
    said = session(tmp_path, SHOP, "b 13", "c", "watch cart.total", "cl cart.total", "watch")
    assert "removed 2  watch cart.total\nno watches (watch NAME sets one; b lists all breakpoints)\n" in said


def test_a_watch_of_a_local_says_once_that_its_call_is_over(tmp_path: Path):
    said = session(tmp_path, SHOP, "b 13", "c", "watch price", "cl 1", "c", "c", "c")
    assert said.count("watch 2 is over: work has returned  (price)\n") == 1


def test_what_changed_out_of_sight_is_told_at_the_next_stop(tmp_path: Path):
    program = SHOP.replace(
        "alias = None",
        "import operator\ncart = Cart()\n\n\n\ndef aside(it):\n"
        "    operator.methodcaller('__setattr__', 'total', 9)(it)\n\n\naside(cart)\nalias = cart",
    )
    said = session(tmp_path, program, "to 28", "watch cart.total", "n", "c")
    assert "  watch 1  cart.total: 0 → 9   out of sight, since the last stop\n" in said


def test_what_cannot_be_watched_is_refused_in_one_line(tmp_path: Path):
    said = session(
        tmp_path, SHOP, "b 13", "c", "watch cart.add(1)", "watch nothing", "watch cart.total if (", "watch 5"
    )
    assert "a NAME, OBJECT.NAME or OBJECT[KEY] can be watched, not 'cart.add(1)': put it into a variable" in said
    assert "there is no variable 'nothing' here\n" in said
    assert "SyntaxError: unexpected end\n" in said
    assert "can be watched, not '5'" in said


def test_without_a_watch_old_and_new_are_not_known(tmp_path: Path):
    assert "$old is known where a watch stopped the program\n" in session(tmp_path, SHOP, "p $old")


def test_a_post_mortem_watches_nothing(tmp_path: Path):
    said = session(tmp_path, "x = 1\nx / 0\n", "c", "watch x")
    assert "post mortem: nothing runs, so nothing changes\n" in said


def test_run_again_forgets_watches_and_keeps_breakpoints(tmp_path: Path):
    said = session(tmp_path, SHOP, "b 13", "c", "watch cart.total", "run", "b", "c")
    assert re.findall(r"^[●◎] .*", said.rpartition("start  shop.py:1")[2], re.MULTILINE) == [
        "● 1  shop.py:13  work  hit 0"
    ]


# --- await ----------------------------------------------------------------------------------------

LOOP = """\
import asyncio


async def fetch(n):
    await asyncio.sleep(0.01)
    return n * 2


async def main():
    queue = asyncio.Queue()
    queue.put_nowait("first")
    n = 1
    return n


asyncio.run(main())
print("done")
"""


def test_await_works_as_a_command_and_in_any_python(tmp_path: Path):
    said = session(
        tmp_path,
        LOOP,
        "b 12",
        "c",
        "await fetch(2)",
        "p await fetch(3)",
        "n = await fetch(50)",
        "p n",
        "[await fetch(k) for k in range(3)]",
        "await queue.get()",
        "await 3",
        "await",
        "await asyncio.wait_for(queue.get(), 0.01)",
        "asyncio.current_task().get_name()",
        "c",
    )
    start = said.index("(other tasks")
    assert said[start:].splitlines()[:6] == [
        "(other tasks of the loop ran meanwhile; breakpoints in them were passed over)",
        "4",
        "6",
        "100",
        "[0, 2, 4]",
        "'first'",
    ]
    assert re.search("^TypeError: .*int.* be ", said, re.MULTILINE)
    assert "await needs an expression: await EXPR\n" in said
    assert "TimeoutError\n" in said
    assert "'Task-1'\n" in said
    assert said.count("(other tasks") == 1
    assert "done\n" in said


def test_await_works_where_no_loop_runs(tmp_path: Path):
    said = session(
        tmp_path, LOOP.replace("asyncio.run(main())", "pass"), "b 17", "c", "await fetch(4)", "await fetch(5)"
    )
    assert "\n8\n10\n" in said


def test_a_display_may_not_wait(tmp_path: Path):
    said = session(tmp_path, LOOP, "b 12", "c", "display await fetch(1)", "c")
    assert "a display may not wait: it is evaluated at every stop" in said


@pytest.mark.parametrize("line", ["b 13 if await fetch(1)", "condition 1 await fetch(1)"])
def test_a_condition_may_not_wait(tmp_path: Path, line: str):
    assert "SyntaxError: " in session(tmp_path, LOOP, "b 12", "c", line, "c")
