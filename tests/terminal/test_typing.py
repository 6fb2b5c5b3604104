"""What a person sees while typing: menus, suggestions, hints, the toolbar, history, several lines, keys, the editor."""

from __future__ import annotations

import re
import textwrap
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from tests.terminal.screen import NotSeen, Screen

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SHOP = """\
import dataclasses

@dataclasses.dataclass
class Cart:
    owner: str
    prices: list

    @property
    def total(self):
        calls.append("total")
        return sum(self.prices)

class Table:
    def __dir__(self):
        calls.append("dir")
        return ["column", "common"]

calls = []

def check(cart, rate):
    n = 3
    table = Table()
    rates = {"vat": 0.19, "reduced": 0.07}
    due = cart.total
    return due * rate

def main():
    cart = Cart("Ada", [3, 4])
    check(cart, 2)
    calls.clear()

main()
"""
STOP = 24  # in check, before the property runs


@pytest.fixture
def shop(tmp_path: Path) -> str:
    (tmp_path / "shop.py").write_text(SHOP)
    return str(tmp_path)


def at_stop(place: str, **options: object) -> Screen:
    """The shop, stopped in `check`."""
    screen = Screen("-m", "lowdb", "-c", f"b {STOP}", "-c", "c", "shop.py", cwd=place, **options)  # type: ignore[arg-type]
    screen.prompt()
    return screen


@pytest.fixture
def screen(shop: str) -> Iterator[Screen]:
    with at_stop(shop) as screen:
        yield screen


def typed(screen: Screen, text: str, shown: str | None = None) -> None:
    """Type, and wait until it is behind the prompt."""
    screen.type(text)
    on_line(screen, shown or text)


def on_line(screen: Screen, text: str) -> None:
    """Wait until the cursor stands behind the prompt and this text."""

    def there() -> bool:
        y, x = screen.cursor
        return screen.lines[y][:x] == f"(lowdb) {text}".rstrip() or screen.lines[y][:x] == f"(lowdb) {text}"

    screen.until(there, f"the line {text!r}")


def clear(screen: Screen) -> None:
    screen.press("c-c")
    screen.prompt()


def quiet(screen: Screen, text: str) -> bool:
    """Whether it looks dimmer than what is typed; dim is `blink` in the emulator."""
    look = screen.style(text)
    return look.blink or look.fg != "default"


# --- Tab ------------------------------------------------------------------------------------------


def test_tab_shows_a_menu_with_what_each_choice_is(screen):
    typed(screen, "p r")
    screen.press("tab")
    screen.see(r"rate +int 2")
    screen.see(r"rates +dict of 2")
    screen.press("tab", "tab")  # the second choice
    on_line(screen, "p rates")
    screen.press("enter")  # takes it; the line stays
    on_line(screen, "p rates")
    screen.type("['r")
    screen.press("tab")  # a single one is put in at once
    on_line(screen, "p rates['reduced']")
    screen.press("enter")
    screen.see(r"^0\.07$")
    screen.prompt()
    typed(screen, "con")
    screen.press("tab")
    screen.see(r"condition +Give a breakpoint another condition")
    screen.type("d")  # narrows it
    screen.until(lambda: "continue  " not in screen.text, "a shorter menu")
    screen.see(r"condition +Give a breakpoint another condition")
    screen.press("esc")
    screen.until(lambda: "Give a breakpoint" not in screen.text, "no menu")
    screen.type("i")
    on_line(screen, "condi")
    screen.settle()
    assert "Give a breakpoint" not in screen.text
    clear(screen)
    typed(screen, "b shop.py:2")
    screen.press("tab")
    screen.see(r"shop\.py:21 +n = 3")
    clear(screen)
    typed(screen, "config edi")
    screen.press("tab")
    on_line(screen, "config editing")
    clear(screen)
    typed(screen, "config theme = mono")
    screen.press("tab")
    on_line(screen, "config theme = monokai")
    clear(screen)


def test_full_completion_that_does_not_end_is_ended_by_ctrl_c(screen):
    screen.enter("slow = type('Slow', (), {'__dir__': lambda self: [0 for n in iter(int, 1)]})()")
    screen.prompt()
    typed(screen, "p slow.")
    screen.press("tab")
    screen.see("Tab again")
    screen.press("tab")
    screen.until(lambda: "p slow." not in screen.text, "the line stands aside")
    # On a busy machine the first may come while the terminal changes hands; a person presses it again.
    for _ in range(5):
        screen.press("c-c")
        with suppress(NotSeen):
            screen.until(
                lambda: "p slow.   # interrupted" in screen.text or screen.text.rstrip().endswith("(lowdb)"),
                "the line is back",
                deadline=3,
            )
            break
    clear(screen)
    assert screen.command("p n") == "3"


def test_tab_runs_no_code_and_a_second_one_does(screen):
    typed(screen, "p cart.total.")
    screen.press("tab")
    screen.see(r"# Tab again: full completion, runs the property Cart\.total")
    clear(screen)
    typed(screen, "p table.")
    screen.press("tab")
    screen.see(r"Tab again: full completion, runs code of Table")
    clear(screen)
    assert screen.command("p calls") == "[]"
    typed(screen, "p table.")
    screen.press("tab")
    screen.see("Tab again")
    screen.press("tab")
    on_line(screen, "p table.co")  # what both have
    screen.see(r"column")
    screen.see(r"common")
    clear(screen)
    assert screen.command("p calls") == "['dir']"
    screen.command("loud = type('Loud', (), {'__dir__': lambda self: print('it prints') or ['a1', 'a2']})()")
    typed(screen, "p loud.")
    screen.press("tab")
    screen.see("Tab again")
    screen.press("tab")
    screen.see(r"(?s)^it prints\n\(lowdb\) p loud\.a$")
    screen.see(r"a2 +attribute")
    clear(screen)
    screen.command("config completion = full")
    typed(screen, "p cart.total.bit_l")
    screen.press("tab")
    on_line(screen, "p cart.total.bit_length")
    clear(screen)
    assert screen.command("p calls") == "['dir', 'total']"
    typed(screen, "p nothing.x")
    screen.press("tab")
    screen.see(r"# no name 'nothing' here")
    clear(screen)


# --- hint, suggestion, toolbar ---------------------------------------------------------------------


def test_a_dim_hint_says_what_enter_will_do(screen):
    typed(screen, "n")
    screen.see(r"^\(lowdb\) n   # next command  \(variable: p n\)$")
    assert quiet(screen, "next command")
    screen.type(" =")
    screen.see(r"^\(lowdb\) n =   # Python$")
    screen.type(" 4")
    screen.press("enter")
    screen.prompt()
    screen.see(r"^\(lowdb\) n = 4$")  # the hint is gone from the line that was entered
    assert screen.command("p n") == "4"
    screen.enter("n")
    screen.see(r"^\(lowdb\) # n again$")
    screen.press("enter")
    screen.see(r"^returns|step  shop")
    screen.command("config hints = false")
    typed(screen, "c")
    screen.settle()
    assert "continue command" not in screen.text


def test_the_rest_of_an_earlier_line_is_offered(screen):
    screen.command("p rates['vat']")
    typed(screen, "p ra")
    screen.see(r"^\(lowdb\) p rates\['vat'\]$")
    assert quiet(screen, "tes['vat']")
    screen.press("right")
    on_line(screen, "p rates['vat']")
    screen.press("enter")
    screen.prompt()
    screen.command("config suggestions = false")
    typed(screen, "p ra")
    screen.settle()
    screen.see(r"^\(lowdb\) p ra$")


def test_the_toolbar_says_where_it_is(screen):
    screen.see(r"^shop\.py:24 check │ ● 1 │ F5 cont F10 next F11 step ⇧F11 finish F9 break F1 help$")
    assert re.match(r"shop\.py:24", screen.lines[-1])
    screen.resize(30, 40)
    screen.see(r"^shop\.py:24 check │ ● 1 │ F5 c…$")
    screen.resize(100, 40)
    screen.command("config toolbar = false")
    screen.settle()
    assert "F5 cont" not in screen.text
    screen.enter("c")
    assert screen.end() == 0


# --- history --------------------------------------------------------------------------------------


def test_the_history_lasts_and_can_be_searched(shop, tmp_path):
    env = {"XDG_STATE_HOME": str(tmp_path / "state")}
    with at_stop(shop, env=env) as screen:
        screen.command("p 6 * 7")
        screen.command(" p 'secret'")
        screen.command("p rates")
        screen.press("f10")
        screen.prompt()
        screen.enter("q")
        screen.end()
    kept = (tmp_path / "state" / "lowdb" / "history").read_text().splitlines()
    assert kept == ["p 6 * 7", "p rates", "q"]
    with at_stop(shop, env=env) as screen:
        screen.press("up", "up")
        on_line(screen, "p rates")
        clear(screen)
        screen.press("c-r")
        screen.type("6 ")
        screen.see(r"reverse.*search.*6 .*p 6 \* 7")
        screen.press("enter")
        screen.press("end")
        on_line(screen, "p 6 * 7")
        screen.press("enter")
        screen.see(r"^42$")
        screen.prompt()
        assert "1  p rates\n2  q\n3  p 6 * 7" in screen.command("history")


# --- several lines --------------------------------------------------------------------------------


def test_a_block_is_typed_over_several_lines_with_its_indentation(screen):
    screen.enter("for name in rates:")
    screen.see(r"^    \.\.\.$")
    screen.type("if name == 'vat':\r")
    screen.type("print('found', name)\r")
    screen.press("backspace", "backspace")
    screen.type("print('end')\r\r")
    screen.see(r"^found vat$")
    screen.see(r"^end$")
    screen.prompt()
    screen.press("up")
    screen.see(r"(?s)    \.\.\.         print\('found', name\)\n    \.\.\. print\('end'\)")
    clear(screen)


def test_a_paste_of_several_lines_is_one_entry(screen):
    block = "total = 0\nfor name in rates:\n\n    total += rates[name]\n\nround(total, 2)\np 'done'"
    screen.paste(block)
    screen.see(r"\.\.\. p 'done'")
    assert "0.26" not in screen.text
    screen.press("enter")
    screen.see(r"(?s)^0\.26\n'done'$")
    screen.prompt()
    screen.paste("@staticmethod\ndef twice(x):\n    return 2 * x\n")
    screen.see(r"return 2 \* x\n    \.\.\.$")
    screen.press("enter")
    screen.prompt()
    assert screen.command("twice(21)") == "42"
    screen.paste("n\nn")
    screen.see(r"^    \.\.\. n$")
    screen.press("enter")
    screen.see(r"step  shop\.py:30  main")
    screen.prompt()


def test_alt_enter_begins_a_line_anywhere(screen):
    typed(screen, "a5 = 1")
    screen.press("a-enter")
    screen.see(r"^    \.\.\.")
    screen.type("a5 + 1\r")
    screen.see(r"^2$")


# --- keys -----------------------------------------------------------------------------------------


def test_function_keys_step_and_keep_what_is_typed(screen):
    screen.press("f10")
    screen.see(r">   25 ")
    screen.prompt()
    screen.see(r"^\(lowdb\) n$")
    screen.type("p ra")
    on_line(screen, "p ra")
    screen.press("f9")
    screen.see(r"● 2  shop\.py:25")
    on_line(screen, "p ra")  # is back
    screen.press("f9")
    screen.see(r"removed 2")
    on_line(screen, "p ra")
    clear(screen)
    screen.press("a-up")
    screen.see(r"^frame 1  shop\.py:29")
    screen.prompt()
    screen.press("a-down")
    screen.see(r"^frame 0  shop\.py:25")
    screen.prompt()
    screen.press("f1")
    screen.see(r"Breakpoints and other stops")
    screen.prompt()
    screen.press("s-f11")
    screen.see(r"^returns  shop\.py")
    screen.prompt()
    screen.press("f11")
    screen.see(r"step  shop\.py:\d+  main")
    screen.prompt()
    assert screen.command("history") == "1  history"
    screen.press("f5")
    assert screen.end() == 0


def test_vi_keys_edit_the_line(screen):
    screen.command("config editing = vi")
    screen.see(r"^insert │ shop\.py:24")
    typed(screen, "p rateX")
    screen.press("esc")
    screen.see(r"^navigation │ shop\.py:24")
    screen.type("xAs['vat']")
    on_line(screen, "p rates['vat']")
    screen.press("enter")
    screen.see(r"^0\.19$")
    screen.prompt()
    typed(screen, "p cart.ow")
    screen.press("tab")
    on_line(screen, "p cart.owner")
    screen.press("esc")
    screen.see(r"^navigation")
    screen.type("0")
    screen.press("enter")
    screen.see(r"^'Ada'$")
    screen.prompt()
    screen.command("config editing = emacs")
    screen.see(r"^shop\.py:24")


def test_c_d_on_an_empty_line_is_q(screen):
    screen.type("p 1")
    screen.press("c-d")
    screen.press("home", "c-d", "c-d", "c-d")
    screen.prompt()
    screen.press("c-d")
    assert screen.end() == 0


# --- the editor -----------------------------------------------------------------------------------


@pytest.fixture
def editor(tmp_path: Path) -> dict[str, str]:
    """An editor that notes what it is given, and leaves something else there."""
    script = tmp_path / "my editor.sh"
    script.write_text(
        textwrap.dedent(
            f"""\
            #!/bin/sh
            echo "$@" > {tmp_path}/arguments
            for file; do :; done
            cat "$file" > {tmp_path}/given
            test -t 0 && test -t 1 && echo in the editor
            case "$file" in *shop.py) ;; *) printf 'k9 = 6\\nfor k in 1, 2:\\n    k9 += k\\n\\nk9\\n' > "$file";; esac
            """
        )
    )
    script.chmod(0o755)
    return {"VISUAL": f"'{script}' -w"}


def test_an_entry_is_written_in_the_person_s_editor(shop, editor, tmp_path):
    with at_stop(shop, env=editor) as screen:
        typed(screen, "p 1 + 1")
        screen.press("c-x", "c-e")
        screen.see(r"^in the editor$")
        screen.see(r"^\(lowdb\) k9 = 6$")
        screen.see(r"^    \.\.\. k9$")
        assert (tmp_path / "given").read_text() == "p 1 + 1\n"
        screen.press("enter")
        screen.see(r"^9$")
        screen.prompt()
        assert screen.command("edit").splitlines()[-1] == "9"
        assert (tmp_path / "given").read_text() == "\n"
        screen.command("edit check")
        assert (tmp_path / "arguments").read_text() == f"-w +21 {shop}/shop.py\n"
        assert screen.command("p 'still here'") == "'still here'"


def test_no_editor_is_said(shop):
    with at_stop(shop, env={"VISUAL": "/nothing/here"}) as screen:
        assert "set VISUAL or EDITOR" in screen.command("edit")
        typed(screen, "p 1")
        screen.press("c-x", "c-e")
        screen.see(r"p 1   # /nothing/here: No such file or directory \(set VISUAL or EDITOR\)")
        on_line(screen, "p 1")


def test_a_python_prompt_and_a_list_of_commands_are_helped_as_well(screen):
    screen.enter("interact")
    screen.see(r"^>>> *$")
    screen.type("cart.ow")
    screen.press("tab")
    screen.see(r"^>>> cart\.owner$")
    screen.press("enter")
    screen.see(r"^'Ada'$")
    screen.type("for b in 1, 2:\rc = b\r\rc\r")
    screen.see(r"(?s)^>>> for b in 1, 2:\n\.\.\.     c = b\n\.\.\. *\n>>> c\n2\n>>> ?$")
    screen.press("c-d")
    screen.prompt()
    screen.enter("commands 1")
    screen.see(r"^\(com\)")
    screen.type("p cart.ow")
    screen.press("tab")
    screen.see(r"^\(com\) p cart\.owner$")
    screen.press("enter", "c-d")
    screen.prompt()
    assert "do p cart.owner" in screen.command("b")


def test_tasks_and_threads_are_offered_and_lowdb_s_own_are_not_among_them(tmp_path):
    (tmp_path / "tasks.py").write_text(
        textwrap.dedent("""\
            import asyncio
            async def fetch(n):
                await asyncio.sleep(0)
                return n
            async def main():
                async with asyncio.TaskGroup() as group:
                    for n in range(2):
                        group.create_task(fetch(n), name=f"fetch-{n}")
            asyncio.run(main())
            """)
    )
    with Screen("-m", "lowdb", "-c", "b 4", "-c", "c", "tasks.py", cwd=tmp_path) as screen:
        screen.prompt("fetch-0")
        screen.see(r"^tasks\.py:4 fetch │ fetch-0 │ ● 1 │ F5")
        screen.type("task ")
        screen.press("tab")
        screen.see(r"fetch-1 ")
        menu = [line.split()[0] for line in screen.lines if re.match(r"^ {20,}\S", line)]
        assert sorted(menu) == ["Task-1", "fetch-0", "fetch-1"]
        screen.press("c-c")
        screen.prompt("fetch-0")
        screen.type("thread ")
        screen.press("tab")
        screen.see(r"thread MainThread")
