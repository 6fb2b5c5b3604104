"""`inspect`: a value as a tree that is opened node by node, and runs none of the program's code."""

from __future__ import annotations

import sys

import pytest

from lowdb.repl.inspecting import PAGE, Tree
from tests.repl.talk import talk


class Line:
    def __init__(self, price: int) -> None:
        self.price = price

    @property
    def total(self) -> int:
        raise AssertionError("a property was run")

    def __repr__(self) -> str:
        raise AssertionError("a repr was run")

    def __getattr__(self, name: str) -> object:
        raise AssertionError("__getattr__ was run")


def shown(tree: Tree, number: int | None = None) -> list[str]:
    return [
        f"{node.number} {'  ' * node.depth}{node.name} {node.state} {node.text}" for node in tree.view(number).nodes
    ]


def test_a_tree_begins_with_the_root_open_and_its_children_closed():
    tree = Tree("cart", {"lines": [Line(3)], "n": 1})
    assert shown(tree) == [
        "1 cart open dict of 2",
        "2   ['lines'] closed [<Line>]",
        "3   ['n'] leaf 1",
    ]


def test_nodes_open_and_close_and_keep_their_numbers():
    tree = Tree("cart", {"lines": [Line(3)], "more": (1,)})
    assert tree.toggle(2) is None
    assert tree.toggle(3) is None
    assert [line.split()[:2] for line in shown(tree)] == [
        ["1", "cart"],
        ["2", "['lines']"],
        ["4", "[0]"],
        ["3", "['more']"],
        ["5", "[0]"],
    ]
    tree.toggle(4)
    assert shown(tree, 4) == [
        f"4 [0] open {Line.__module__}.Line",
        "6   price leaf 3",
        "7   total leaf property (not run)",
    ]
    tree.toggle(2)
    assert len(shown(tree)) == 4
    tree.toggle(2)
    assert shown(tree)[2].startswith("4     [0] open")


def test_a_closed_object_shows_its_first_attributes():
    assert shown(Tree("xs", [Line(3)]))[1] == "2   [0] closed <Line price=3>"


def test_a_large_container_comes_in_pages():
    tree = Tree("xs", range_list := list(range(2 * PAGE + 3)))
    assert shown(tree)[-1] == f"{PAGE + 2}   {PAGE + 3} more closed "
    tree.toggle(PAGE + 2)
    assert shown(tree)[-1].split()[1:3] == ["3", "more"]
    tree.toggle(tree.view().nodes[-1].number)
    assert [line.split()[-1] for line in shown(tree)[1:]] == [str(n) for n in range_list]


def test_every_node_has_the_expression_that_leads_to_it():
    tree = Tree("a.b", {"k'": 1, "plain": Line(1), (1, 2): 2, 3: 4, None: 5, "s": {7}})
    for node in list(tree.view().nodes):
        tree.toggle(node.number) if node.number > 1 else None
    found = {node.name: node.path for node in tree.view().nodes}
    assert found["['plain']"] == "a.b['plain']"
    assert found["price"] == "a.b['plain'].price"
    assert found["[3]"] == "a.b[3]"
    assert found["[None]"] == "a.b[None]"
    assert found["[(1, 2)]"] == ""
    assert found["{0}"] == ""
    assert Tree("f() + g()", [1]).view().nodes[1].path == "(f() + g())[0]"


def test_what_cannot_be_opened_says_why():
    tree = Tree("line", Line(1))
    assert tree.toggle(2) == "there is nothing inside price"
    assert tree.toggle(3) == "total is a property: p line.total runs it"
    with pytest.raises(KeyError):
        tree.toggle(99)


def test_a_tree_of_a_thing_that_holds_itself_has_no_end_and_no_trouble():
    loop: list = []
    loop.append(loop)
    tree = Tree("loop", loop)
    for number in range(2, 30):
        assert tree.toggle(number) is None
    assert len(shown(tree)) == 30


# --- the command ----------------------------------------------------------------------------------


def test_inspect_opens_shows_and_forgets():
    thing = {"lines": [Line(3)]}
    one = talk()
    said = one.stop("inspect thing", "inspect 2", "inspect", "c")
    assert said.endswith(
        "1 - thing  dict of 1\n"
        "2   + ['lines'] = [<Line>]\n"
        "2 - ['lines']  list of 1\n"
        "3   + [0] = <Line price=3>\n"
        "1 - thing  dict of 1\n"
        "2   - ['lines']  list of 1\n"
        "3     + [0] = <Line price=3>\n"
    )
    assert one.session.tree is None
    assert "no tree yet" in one.stop("inspect 2", "inspect", "c")
    assert thing


def test_inspect_says_what_is_wrong():
    one = talk()
    said = one.stop("inspect [1]", "inspect 9", "inspect 2", "inspect nothing_here", "c", frame=sys._getframe())
    assert "no node 9 in the tree (inspect shows it)\nthere is nothing inside [0]\nNameError: " in said
