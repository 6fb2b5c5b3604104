"""`inspect!`: a value under the arrow keys."""

from __future__ import annotations

from pathlib import Path

from lowdb.repl.inspecting import Tree
from lowdb.terminal.browsing import Browsing
from tests.terminal.screen import Screen

CART = {"lines": [1, 2], "owner": "Ada", "deep": {"er": {"x": 5}}}


def names(browsing: Browsing) -> list[str]:
    return [f"{'>' * (number == browsing.at)}{node.name}" for number, node in enumerate(browsing.nodes)]


def test_right_opens_and_goes_in_and_left_closes_and_goes_out():
    browsing = Browsing(Tree("cart", CART), lambda: 40)
    browsing.move(1)
    browsing.right()
    assert names(browsing) == ["cart", ">['lines']", "[0]", "[1]", "['owner']", "['deep']"]
    browsing.right()
    assert names(browsing)[2] == ">[0]"
    browsing.right()
    assert browsing.note == "there is nothing inside [0]"
    browsing.left()
    assert names(browsing)[1] == ">['lines']"
    browsing.left()
    assert names(browsing) == ["cart", ">['lines']", "['owner']", "['deep']"]
    browsing.left()
    assert browsing.at == 0
    browsing.left()
    assert names(browsing) == [">cart"]


def test_the_cursor_stays_in_the_tree_and_in_view():
    browsing = Browsing(Tree("xs", list(range(100))), lambda: 8)
    browsing.move(-5)
    assert browsing.at == 0
    browsing.move(10)
    view = browsing.view()
    assert len(view.nodes) == browsing.page() == 6
    assert view.current == view.nodes[-1].number
    browsing.move(1000)
    assert browsing.node.kind == "more"
    browsing.right()
    assert browsing.node.name == "[15]"
    browsing.move(-1000)
    assert browsing.view().nodes[0].name == "xs"


PROGRAM = """\
class Cart:
    def __init__(self):
        self.lines = [{"sku": "cup", "price": 3}, {"sku": "pot", "price": 9}]
        self.owner = "Ada"
    @property
    def total(self):
        print("property", "run")
    def __repr__(self):
        print("repr", "run")
cart = Cart()
n = 1
"""


def test_arrow_keys_walk_and_enter_takes_the_expression_to_the_prompt(tmp_path: Path):
    (tmp_path / "shop.py").write_text(PROGRAM)
    with Screen("-m", "lowdb", "shop.py", cwd=tmp_path) as screen:
        screen.prompt()
        screen.command("to 11")
        screen.enter("inspect! cart")
        screen.see(r"^>1 ▾ cart  __main__\.Cart$")
        screen.see(r"^ 4     total  property \(not run\)$")
        screen.press("down", "right")
        screen.see(r"^>2   ▾ lines  list of 2$")
        screen.press("right", "down", "right")
        screen.see(r"^>6     ▾ \[1\]  dict of 2$")
        screen.press("down")
        screen.see(r"^>7         \['sku'\] = 'pot'$")
        screen.press("enter")
        screen.see(r"^\(lowdb\) cart\.lines\[1\]\['sku'\]")
        screen.enter()
        screen.see(r"^'pot'$")
        screen.prompt()
        screen.enter("inspect!")
        screen.see(r"^>1 ▾ cart")
        screen.type("q")
        screen.prompt()
        assert "property run" not in screen.scrolled
        assert "repr run" not in screen.scrolled
        screen.enter("c")
        assert screen.end() == 0
