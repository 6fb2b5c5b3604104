"""The eight situations in which a person meets lowdb, as they are to be seen on a terminal: words, places, looks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.processes import ROOT
from tests.terminal.screen import Screen

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLES = ROOT / "docs" / "examples"
GUTTER = r"^(●|○|◆|◇| )(>| ) +"

THREADS = """\
import threading

ready = threading.Event()


def worker(name):
    ready.wait()
    square = len(name) ** 2
    return square


threads = [threading.Thread(target=worker, args=(f"w{i}",), name=f"worker-{i}") for i in (1, 2)]
for thread in threads:
    thread.start()
ready.set()
for thread in threads:
    thread.join()
"""
TASKS = """\
import asyncio


async def fetch(name, delay):
    await asyncio.sleep(delay)
    body = f"<{name}>"
    return body


async def main():
    async with asyncio.TaskGroup() as group:
        group.create_task(fetch("a", 0.01), name="fetch-a")
        group.create_task(fetch("b", 60), name="fetch-b")


asyncio.run(main())
"""
FAILING = """\
class PricingError(Exception):
    pass


def price(amount, rate):
    if rate < 0:
        raise PricingError(f"negative rate {rate}")
    return amount * rate


def main():
    due = price(100, -0.5)
    print(due)


main()
"""


def shop(*arguments: str, **keywords: object) -> Screen:
    return Screen("-m", "lowdb", *arguments, "shop.py", cwd=EXAMPLES, **keywords)  # type: ignore[arg-type]


def program(tmp_path: Path, text: str, *arguments: str, **keywords: object) -> Screen:
    (tmp_path / "prog.py").write_text(text, encoding="utf-8")
    return Screen("-m", "lowdb", *arguments, "prog.py", cwd=tmp_path, **keywords)  # type: ignore[arg-type]


def last_stop(screen: Screen, word: str) -> list[str]:
    """The lines of the screen from the last one that begins with `word`."""
    lines = screen.text.splitlines()
    begin = max(index for index, line in enumerate(lines) if line.startswith(word))
    return lines[begin:]


def test_1_the_start_shows_the_banner_the_first_lines_and_a_breakpoint_that_is_set() -> None:
    with shop() as screen:
        screen.prompt()
        lines = screen.text.splitlines()
        assert re.match(r"lowdb \S+  Python 3\.\d+\.\S+  pid \d+   b LOC sets a breakpoint, c runs, h helps$", lines[0])
        assert lines[1] == "start  shop.py:1  <module>"
        assert lines[2].startswith(' >    1  """Prices the orders')
        assert screen.style("start").bold
        assert screen.style(">    1").reverse
        assert screen.style('"""Prices').fg == "green"
        assert screen.command("b apply_discount if rate > 0.05") == "● 1  shop.py:73  apply_discount  if rate > 0.05"
        assert screen.style("● 1  shop").fg == "red"


def test_2_a_breakpoint_shows_its_number_the_call_the_whole_function_and_the_caller() -> None:
    with shop("-c", "b 73;; c") as screen:
        screen.prompt()
        lines = last_stop(screen, "breakpoint 1")
        assert re.match(r"breakpoint 1  shop\.py:73  apply_discount\(amount=39\.9, rate=0\.1\) +hit 1$", lines[0])
        assert lines[1] == "     72  def apply_discount(amount: float, rate: float) -> float:"
        assert lines[2] == "●>   73      if rate < 0:"
        assert [int(re.sub(GUTTER, "", line).split()[0]) for line in lines[1:7]] == [72, 73, 74, 75, 76, 77]
        assert lines[7].startswith("  from  42  Order.total(self=Order(id=1002")
        assert lines[7].endswith("… 2 more))  ·  …")  # no bit of another caller
        assert lines[8] == "(lowdb)"
        assert screen.style("breakpoint 1").bold
        assert screen.style("hit 1").blink  # dim
        assert screen.style("39.9").fg == "cyan"
        assert screen.style("●>   73").fg == "red"
        assert screen.style(">   73").reverse
        assert screen.style("def apply").fg == "magenta"
        assert screen.style("apply_discount(amount:").bold
        assert screen.style("from  42").blink
        assert "/shop.py(73)" not in screen.text  # that line is for editors, in plain text


def test_3_a_condition_is_shown_with_the_values_that_it_used_and_the_count() -> None:
    with shop("-c", "b 73 if amount * rate > 20;; c") as screen:
        screen.prompt()
        lines = last_stop(screen, "breakpoint 1")
        assert lines[0] == "breakpoint 1  shop.py:73  apply_discount(amount=113.3, rate=15.0)"
        assert lines[1] == "  hit 1 of 3 · if amount * rate > 20  →  amount = 113.3, rate = 15.0"
        assert screen.style("hit 1 of").blink
        assert not screen.style("amount * rate > 20  →").blink


def test_3_an_error_in_a_condition_stops_and_says_so() -> None:
    with shop("-c", "b 73 if nonsense > 20;; c") as screen:
        screen.prompt()
        assert "the condition raised NameError: name 'nonsense' is not defined" in " ".join(screen.text.split())
        assert screen.style("NameError").fg == "red"


def test_4_a_trap_at_a_return_shows_the_value_and_where_it_goes() -> None:
    with shop("-c", "trap Order.total returns if $ret < 0;; c") as screen:
        screen.prompt()
        lines = last_stop(screen, "returns")
        assert re.match(
            r"returns  shop\.py:43  Order\.total  =>  -1887\.58 +trap 1 · hit 1 of 4 · if \$ret < 0$", lines[0]
        )
        assert lines[5] == "◆>   43          return add_vat(amount)"
        assert re.match(r"  to  93  total = order\.total\(\) +in main$", lines[6])
        assert screen.style("returns").bold
        assert screen.style("-1887.58 ").fg == "cyan"
        assert screen.style("◆>").fg == "magenta"
        assert screen.command("p $ret") == "-1887.58"


def test_5_an_unwind_is_red_and_shows_the_exception() -> None:
    with shop("-c", "trap Order.total unwinds;; c") as screen:
        screen.prompt()
        lines = last_stop(screen, "unwinds")
        assert re.match(
            r"unwinds  shop\.py:40  Order\.total  =>  PricingError: no price for 'saucer' +trap 1 · hit 1$", lines[0]
        )
        assert lines[2] == "◆>   40          amount = self.subtotal()"
        assert (screen.style("unwinds").bold, screen.style("unwinds").fg) == (True, "red")
        assert screen.style("PricingError: no").fg == "red"
        assert screen.command("$exc.args") == "(\"no price for 'saucer'\",)"
        assert screen.style("\"no price for 'saucer'\"").fg == "green"


def test_6_an_uncaught_exception_shows_the_stack_and_what_the_frame_held(tmp_path: Path) -> None:
    with program(tmp_path, FAILING, "--post-mortem") as screen:
        screen.prompt("post-mortem")
        lines = last_stop(screen, "uncaught")
        assert re.match(r"uncaught  PricingError: negative rate -0\.5 +\(post mortem: look only; .*\)$", lines[0])
        assert lines[1:5] == [
            "  2  <module>  prog.py:16  main()",
            "  1  main      prog.py:12  due = price(100, -0.5)",
            '> 0  price     prog.py:7   raise PricingError(f"negative rate {rate}")',
            "     amount = 100   rate = -0.5",
        ]
        assert (screen.style("uncaught").bold, screen.style("uncaught").fg) == (True, "red")
        assert screen.style("> 0").reverse
        assert screen.style("price     prog").bold
        assert screen.style("prog.py:12").blink
        assert screen.style("0.5)").fg == "cyan"
        up = screen.command("u", "post-mortem").splitlines()
        assert up[0] == "frame 1  prog.py:12  main()"
        assert ">   12      due = price(100, -0.5)" in up[2]


def test_7_threads_are_a_table_and_the_prompt_says_which_one(tmp_path: Path) -> None:
    with program(tmp_path, THREADS, "-c", "b 8;; c") as screen:
        where = screen.see(r"^\(lowdb (worker-\d)\) ?$")[1]
        screen.prompt(where)
        rows = screen.command("threads", where).splitlines()
        assert len(rows) == 3
        assert re.match(r"   1  MainThread  \w+ +prog\.py:1[67] +<module>", rows[0])
        mine = next(row for row in rows if row.startswith(">"))
        assert re.match(rf">  \d  {where}    stopped  +prog\.py:8 +worker +breakpoint 1$", mine)
        assert rows[1].index("prog.py") == rows[2].index("prog.py")
        assert screen.style(f"{where}    stopped").bold
        assert screen.style(">  ").reverse


def test_8_a_task_is_named_with_who_awaits_it_and_the_table_shows_what_each_does(tmp_path: Path) -> None:
    with program(tmp_path, TASKS, "-c", "b 6;; c") as screen:
        screen.prompt("fetch-a")
        lines = last_stop(screen, "breakpoint 1")
        assert re.match(r"breakpoint 1  prog\.py:6  fetch\(name='a', delay=0\.01\) +hit 1 · task fetch-a$", lines[0])
        assert "●>    6      body = " in lines[3]
        assert "loop frames between (bt full)" in screen.text
        rows = screen.command("tasks", "fetch-a").splitlines()
        assert any(re.match(r">  \d  fetch-a  prog\.py:6 +fetch +stopped", row) for row in rows)
        assert any(re.match(r"   \d  fetch-b  prog\.py:5 +fetch +await", row) for row in rows)


# --- around the stop ------------------------------------------------------------------------------


def test_a_step_in_the_same_function_says_as_little_as_possible() -> None:
    with shop("-c", "b 73;; c") as screen:
        screen.prompt()
        lines = screen.command("n").splitlines()
        assert lines[0] == "step  shop.py:75  apply_discount"
        assert screen.style("step  shop").blink
        assert " >   75      cut = amount * rate" in lines
        assert "●    73      if rate < 0:" in lines
        assert not screen.style("   73      if").reverse
        assert not any(line.startswith("  from") for line in lines)


def test_a_display_shows_old_and_new() -> None:
    with shop("-c", "b 73;; c;; display rate;; display amount") as screen:
        screen.prompt()
        assert "rate = 0.1\namount = 39.9" in screen.text
        screen.command("c")
        assert re.search(r"^  rate = 0\.1 → \d+\.\d+$", screen.text, re.MULTILINE)
        assert screen.style("0.1 →").blink


def test_inline_values_stand_dimly_behind_their_lines() -> None:
    with shop("-c", "b 77;; c;; config inline_values = true;; n", env={"LOWDB_INLINE_VALUES": "1"}) as screen:
        screen.prompt()
        screen.see(r"cut = amount \* rate   ←  cut = 3\.99$")
        assert screen.style("←  cut = 3.99").blink
        assert re.search(r"-> float:   ←  amount = 39\.9   rate = 0\.1$", screen.text, re.MULTILINE)


def test_sticky_shows_the_whole_function_on_a_clean_screen() -> None:
    with shop("-c", "b 58;; c", rows=24) as screen:
        screen.prompt()
        screen.command("sticky")
        top = screen.lines[0]
        assert top.startswith("breakpoint 1")
        screen.command("n")
        assert screen.lines[0].startswith("step  shop.py:")
        assert "sticky" not in screen.text
        assert "(lowdb) sticky" in screen.scrolled  # it can be scrolled back to
        assert screen.command("sticky") == "sticky off"


def test_the_width_is_that_of_the_moment() -> None:
    with shop("-c", "b 73;; c", columns=100) as screen:
        screen.prompt()
        assert "from  42  Order.total(self=Order(id=1002, customer='Grace'" in screen.text
        screen.resize(60, 30)
        screen.settle()
        lines = screen.command("w").splitlines()
        assert all(len(line) <= 60 for line in lines)
        assert any(line.endswith("…") for line in screen.command("l 1").splitlines())


@pytest.mark.parametrize("columns", [20, 31])
def test_a_very_narrow_terminal_is_no_reason_to_fail(columns: int) -> None:
    with shop("-c", "b 73;; c", columns=columns, rows=50) as screen:
        screen.prompt()
        assert "breakpoint 1" in screen.text
        assert "internal error" not in screen.scrolled
        for line in ("w", "threads", "h b", "config", "lo"):
            assert "internal error" not in screen.command(line)


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"LOWDB_COLOR": "never"}])
def test_without_colour_the_same_words_are_shown(env: dict[str, str]) -> None:
    with shop("-c", "b 73;; c", env=env) as screen:
        screen.prompt()
        assert "●>   73      if rate < 0:" in screen.lines
        shown = screen.raw[screen.raw.index("breakpoint 1") : screen.raw.index("  from  42")]
        assert "\x1b" not in shown


def test_a_pygments_style_is_a_theme_and_an_unknown_one_is_named(tmp_path: Path) -> None:
    with shop("-c", "b 73;; c", env={"COLORTERM": "truecolor"}) as screen:
        screen.prompt()
        screen.command("config theme = monokai")
        screen.command("ll")
        assert screen.style("def apply").fg == "66d9ef"
        said = screen.command("config theme = monokay")
        assert "no theme 'monokay' (did you mean 'monokai'" in said
        assert "theme = monokai" in screen.command("config theme")


def test_what_the_program_holds_cannot_reach_into_the_terminal(tmp_path: Path) -> None:
    text = 'class Evil:\n    def __repr__(self):\n        return "\\x1b[2J\\x1b]0;owned\\x07\\u202e"\n\n\n'
    text += 'evil, name = Evil(), "\\x1b[31m"\nbreakpoint()\nhere = 1\n'
    with program(tmp_path, text, "-c", "c") as screen:
        screen.prompt()
        said = screen.command("p evil, name")
        assert r"\x1b[2J" in said
        assert r"\u202e" in said
        screen.command("lo")
        for harm in ("\x1b[2J", "\x1b]0;", "\u202e", "\x1b[31m\x1b"):
            assert harm not in screen.raw


def test_long_output_scrolls_and_nothing_of_it_is_lost(tmp_path: Path) -> None:
    body = "".join(f"    line_{number} = {number}\n" for number in range(1, 500))
    with program(tmp_path, f"def f():\n{body}    return 0\n\n\nf()\n", "-c", "b f;; c") as screen:
        screen.prompt()
        screen.enter("ll")
        screen.see(r"return 0$")
        screen.prompt()
        found = re.findall(r"line_(\d+) = \1$", screen.scrolled, re.MULTILINE)
        assert [int(number) for number in found][-499:] == list(range(1, 500))
