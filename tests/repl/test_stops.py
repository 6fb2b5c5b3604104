"""Stops as the plain REPL prints them: place, why, source, callers (repl.md, sections 5 to 8)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.processes import Completed, run_python

if TYPE_CHECKING:
    from pathlib import Path

SHOP = """\
import functools


class PricingError(Exception):
    pass


class Cart:
    def __init__(self, discount):
        self.discount = discount

    def checkout(self):
        total = 119.5
        due = apply_discount(total, self.discount)
        return due


def apply_discount(amount, rate):
    if rate < 0:
        raise PricingError(f"negative rate {rate}")
    cut = amount * rate
    result = amount - cut
    return result


def longer(items):
    first = items[0]
    last = items[-1]
    middle = items[len(items) // 2]
    spread = last - first
    half = spread / 2
    quarter = half / 2
    return first, middle, last, quarter


def main():
    cart = Cart(0.1)
    cart.checkout()
    longer([1, 2, 3])
    for rate in (0.2, -0.5):
        apply_discount(100, rate)


if __name__ == "__main__":
    main()
"""
PROMPT = re.compile(r"\(lowdb[^)\n]*\) ")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    path = tmp_path / "shop.py"
    path.write_text(SHOP)
    return path


def debug(program: Path, *commands: str, env: dict[str, str] | None = None, args: tuple[str, ...] = ()) -> Completed:
    text = "".join(f"{command}\n" for command in commands)
    return run_python("-m", "lowdb", "--ui", "plain", *args, str(program), input=text, env=env, cwd=program.parent)


def blocks(done: Completed) -> list[str]:
    """What was said before each prompt, and after the last one."""
    return PROMPT.split(done.out)


def test_the_start_names_lowdb_and_the_first_line(shop: Path) -> None:
    first = blocks(debug(shop, "q"))[0].splitlines()
    assert re.fullmatch(r"lowdb \S+  Python 3\.\d+\.\S+  pid \d+   b LOC .* h helps", first[0])
    assert first[1:4] == [f"> {shop}(1)<module>()", "start  shop.py:1  <module>", " >    1  import functools"]


def test_a_breakpoint_shows_place_reason_the_whole_short_function_and_its_callers(shop: Path) -> None:
    said = blocks(debug(shop, "b apply_discount", "c", "q"))
    assert said[1] == "● 1  shop.py:19  apply_discount\n"
    assert said[2].splitlines() == [
        f"> {shop}(19)apply_discount()",
        "breakpoint 1  shop.py:19  apply_discount(amount=119.5, rate=0.1)  hit 1",
        "     18  def apply_discount(amount, rate):",
        "●>   19      if rate < 0:",
        '     20          raise PricingError(f"negative rate {rate}")',
        "     21      cut = amount * rate",
        "     22      result = amount - cut",
        "     23      return result",
        "  from  14  Cart.checkout(self=<Cart>)  ·  38  main()  ·  1 more (w)",
    ]


def test_of_a_long_function_three_lines_before_and_after_are_shown(shop: Path) -> None:
    said = blocks(debug(shop, "b 30", "c", "q"))[2].splitlines()
    assert [line[2:8].strip() for line in said[2:9]] == ["27", "28", "29", "30", "31", "32", "33"]


def test_a_condition_shows_what_it_read_and_how_often_it_was_asked(shop: Path) -> None:
    reason = blocks(debug(shop, "b 21 if rate > 0.1", "c", "q"))[2].splitlines()[1]
    assert reason.split("  ", 1)[0] == "breakpoint 1"
    assert reason.endswith("hit 1 of 2 · if rate > 0.1  →  rate = 0.2")


def test_a_condition_that_raises_stops_and_says_so(shop: Path) -> None:
    reason = blocks(debug(shop, "b 21 if rate / 0", "c", "q"))[2].splitlines()[1]
    assert "hit 1 · if rate / 0  →  the condition raised ZeroDivisionError: " in reason


def test_a_condition_that_does_not_compile_is_refused_at_once(shop: Path) -> None:
    said = blocks(debug(shop, "b 21 if rate >", "b", "q"))
    assert said[1] == "SyntaxError: invalid syntax\n    rate >\n          ^\n"
    assert said[2].startswith("no breakpoints")


def test_a_trap_shows_the_value_that_is_returned(shop: Path) -> None:
    said = blocks(debug(shop, "trap apply_discount returns if $ret > 90", "c", "p $ret", "q"))
    assert said[2].splitlines() == [
        f"> {shop}(23)apply_discount()->107.55",
        "returns  shop.py:23  apply_discount  =>  107.55                   trap 1 · hit 1 · if $ret > 90",
        "     18  def apply_discount(amount, rate):",
        "     19      if rate < 0:",
        '     20          raise PricingError(f"negative rate {rate}")',
        "     21      cut = amount * rate",
        "     22      result = amount - cut",
        "◆>   23      return result",
        "  to  14  due = apply_discount(total, self.discount)  in Cart.checkout",
    ]
    assert said[3] == "107.55\n"


def test_a_trap_shows_the_exception_that_leaves(shop: Path) -> None:
    said = blocks(debug(shop, "trap apply_discount unwinds PricingError", "c", "$exc.args", "q"))
    assert said[2].splitlines()[:2] == [
        f"> {shop}(20)apply_discount()",
        "unwinds  shop.py:20  apply_discount  =>  PricingError: negative rate -0.5  trap 1 · hit 1",
    ]
    assert said[3] == "('negative rate -0.5',)\n"


def test_a_raised_exception_shows_where(shop: Path) -> None:
    said = blocks(debug(shop, "catch PricingError", "c", "q"))
    assert said[2].splitlines()[1] == (
        "raised  PricingError: negative rate -0.5  shop.py:20  apply_discount  catch 1 · hit 1"
    )


def test_a_step_inside_a_function_is_short_and_one_that_leaves_it_says_what_came_back(shop: Path) -> None:
    said = blocks(debug(shop, "tb 22", "c", "n", "n", "q"))
    assert said[3].splitlines()[:2] == [f"> {shop}(23)apply_discount()", "step"]
    assert "from" not in said[3]
    assert said[4].splitlines()[:2] == [
        f"> {shop}(15)checkout()",
        "step  shop.py:15  Cart.checkout  ·  apply_discount returned 107.55",
    ]
    assert said[4].splitlines()[-1] == "  from  38  main()  ·  45  <module>"


def test_finish_stops_at_the_exit_with_the_value(shop: Path) -> None:
    said = blocks(debug(shop, "tb 21", "c", "r", "q"))
    assert said[3].splitlines()[:2] == [
        f"> {shop}(23)apply_discount()->107.55",
        "returns  shop.py:23  apply_discount  =>  107.55",
    ]


def test_an_uncaught_exception_is_looked_at_post_mortem(shop: Path) -> None:
    done = debug(shop, "c", "u", "p rate", "n", "d", "p rate", "c")
    said = blocks(done)
    assert said[1].splitlines() == [
        f"> {shop}(20)apply_discount()",
        f"{'uncaught  PricingError: negative rate -0.5':<64}  (post mortem: look only; run restarts, q quits)",
        "  2  <module>        shop.py:45  main()",
        "  1  main            shop.py:41  apply_discount(100, rate)",
        '> 0  apply_discount  shop.py:20  raise PricingError(f"negative rate {rate}")',
        "     amount = 100   rate = -0.5",
    ]
    assert done.out.count("(lowdb post-mortem) ") == 6
    assert said[2].splitlines()[:2] == [f"> {shop}(41)main()", "frame 1  main()"]
    assert said[3] == "-0.5\n"
    assert said[4].startswith("post mortem: the program cannot go on")
    assert done.status == 1
    assert done.out.endswith("the program ended with exit status 1\n")


def test_a_stream_that_cannot_hold_the_marks_gets_ascii(shop: Path) -> None:
    done = debug(shop, "b 21", "b 22", "disable 2", "log 19 '{rate}'", "trap apply_discount", "c", "q", env={
        "PYTHONIOENCODING": "ascii"})  # fmt: skip
    assert done.out.isascii()
    lines = blocks(done)[6].splitlines()
    assert [line[:2] for line in lines if re.match(r"..  +\d\d  ", line)] == ["  ", "# ", "  ", "*>", "o ", "  "]


def test_the_prompt_tells_the_thread_and_the_task(tmp_path: Path) -> None:
    program = tmp_path / "threads.py"
    program.write_text(
        "import asyncio, threading\n"
        "def worker(n):\n    return n + 1\n"
        "async def fetch(name):\n    await asyncio.sleep(0)\n    return name\n"
        "async def main():\n    async with asyncio.TaskGroup() as group:\n"
        "        group.create_task(fetch('a'), name='fetch-a')\n"
        "t = threading.Thread(target=worker, args=(1,), name='worker-1')\nt.start(); t.join()\nasyncio.run(main())\n"
    )
    done = debug(
        program, "b 3", "b 6", "c", "threads", "thread", "c", "tasks", "w", "task Task-1", "p group", "n", "task", "c"
    )
    assert "(lowdb worker-1) " in done.out
    said = blocks(done)
    assert re.search(r"^ +1 +MainThread +\w+ +.*<module>", said[4], re.MULTILINE)
    assert re.search(r"^> +2 +worker-1 +stopped +threads.py:3 +worker +breakpoint 1$", said[4], re.MULTILINE)
    assert said[5] == "thread worker-1\n"
    stop = said[6].splitlines()
    assert stop[1].endswith("hit 1 · task fetch-a")
    assert any(re.fullmatch(r"  from  \d+  <module>   \d+ loop frames between \(bt full\)", line) for line in stop)
    assert "(lowdb fetch-a) " in done.out
    assert re.search(r"^> +1 +fetch-a +threads.py:6 +fetch +stopped", said[7], re.MULTILINE)
    assert re.search(r"Task-1 +threads.py:8 +main +await", said[7], re.MULTILINE)
    assert "library frames (bt full)" in said[8]
    assert said[9].startswith("task Task-1 is suspended\n> ")
    assert said[10].startswith("<TaskGroup")
    assert said[11].startswith("task Task-1 is suspended, it cannot be stepped (task fetch-a leads back)\n")
    assert said[12] == "task fetch-a\n"
    assert done.status == 0


def test_the_prompt_is_handed_to_a_thread_that_waits_with_a_stop_of_its_own(tmp_path: Path) -> None:
    program = tmp_path / "two.py"
    program.write_text(
        "import threading, time\n"
        "def worker(n):\n    barrier.wait()\n    square = n * n\n    return square\n"
        "barrier = threading.Barrier(2)\n"
        "ws = [threading.Thread(target=worker, args=(i,), name=f'worker-{i}') for i in (1, 2)]\n"
        "for w in ws: w.start()\nfor w in ws: w.join()\n"
    )
    commands = ["config stop_world = off", "b 4", "c", "import time; time.sleep(1)", "threads"]
    commands += ["thread worker-1", "thread worker-2", "p n", "thread worker-1", "p n", "cl 1", "c", "c"]
    done = debug(program, *commands)
    said = blocks(done)
    assert re.search(r"^> +\d +worker-\d +stopped .*breakpoint 1$", said[5], re.MULTILINE)
    assert re.search(r"^  +\d +worker-\d +waiting .*breakpoint 1 \(in line for the prompt\)$", said[5], re.MULTILINE)
    assert "worker(n=1)" in said[6]
    assert "worker(n=2)" in said[7]
    assert said[8] == "2\n"
    assert "worker(n=1)" in said[9]
    assert said[10] == "1\n"
    assert done.status == 0
