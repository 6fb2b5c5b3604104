"""Blocks go to JSON and back, and become plain text."""

from __future__ import annotations

import json

import pytest

from lowdb.repl.blocks import (
    Block,
    Displayed,
    Gap,
    Help,
    Note,
    Problem,
    SourceView,
    Stack,
    StackEntry,
    StopView,
    Table,
    Text,
    TreeNode,
    TreeView,
    Value,
    Values,
    from_json,
)
from lowdb.repl.plain import ASCII_MARKS, MARKS, PlainText, marks_for

VIEW = SourceView("/x/shop.py", [(57, "    if rate < 0:"), (58, "        raise E"), (59, "    cut = 1")], 59, [
    (57, "disabled"), (58, "trap"), (59, "enabled")], '"""', [(59, "rate", "0.1")])  # fmt: skip
STACK = Stack(
    [StackEntry(1, "main", "shop.py:82", "f()", False), Gap(3), StackEntry(0, "f", "shop.py:58", "raise", True)]
)
STOP = StopView(
    "/x/shop.py(59)f()",
    [("word", "breakpoint 1"), ("", "  "), ("place", "shop.py:59")],
    [("", "hit 1 · if "), ("condition", "x > 1")],
    VIEW,
    [Note("from  52  main()", "caller"), Displayed("n", "2", "1")],
    "shop.py:59",
)
TREE = TreeView(
    [
        TreeNode(1, 0, "cart", "root", "open", "shop.Cart", "cart"),
        TreeNode(2, 1, "lines", "attribute", "closed", "[1, 2]", "cart.lines"),
        TreeNode(3, 1, "total", "property", "leaf", "property (not run)", "cart.total"),
        TreeNode(12, 1, "8 more", "more", "closed", ""),
    ]
)
EVERY_KIND: list[Block] = [
    Text("hello"),
    Problem("no command 'x'"),
    Problem("SyntaxError: bad", "1 +", 3),
    Value("[1, 2]", "xs"),
    Value("3"),
    Values([Value("3", "x"), Value("'a'", "name")], "… 2 more (give a GLOB)"),
    Displayed("n", "2", "1"),
    Note("from  52  main()", "caller"),
    TREE,
    *TREE.nodes,
    Help("p EXPR\n\nShow `EXPR`.\n\n    p x"),
    VIEW,
    STACK,
    Table([(">", "1", "MainThread"), ("", "2")], ("mark", "number", "name")),
    STOP,
    StopView("/x/shop.py(59)f()", "uncaught  E: x", "", STACK),
    StopView("/x/shop.py(59)f()", "step"),
]


def plain(block: Block) -> str:
    return PlainText(MARKS).render(block)


@pytest.mark.parametrize("block", EVERY_KIND, ids=lambda block: type(block).__name__)
def test_a_block_comes_back_from_json_as_it_was(block: Block) -> None:
    again = from_json(json.loads(json.dumps(block.to_json())))
    assert again == block
    assert plain(again) == plain(block)


def test_every_kind_of_block_is_tried_here() -> None:
    assert {type(block).__name__ for block in EVERY_KIND} | {"StackEntry", "Gap"} == set(Block.kinds)


@pytest.mark.parametrize("data", [{}, {"block": "Nonsense"}, {"block": "Text"}, {"block": "Text", "text": "", "x": 1}])
def test_what_is_no_block_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="not a block"):
        from_json(data)  # type: ignore[arg-type]


def test_a_stop_is_place_reason_source_and_lines() -> None:
    assert plain(STOP).splitlines() == [
        "> /x/shop.py(59)f()",
        "breakpoint 1  shop.py:59                                          hit 1 · if x > 1",
        "○    57      if rate < 0:",
        "◆    58          raise E",
        "●>   59      cut = 1   ←  rate = 0.1",
        "  from  52  main()",
        "  n = 1 → 2",
    ]


def test_a_caret_stands_below_the_column_meant() -> None:
    assert plain(Problem("SyntaxError: bad", "x +* 1", 3)) == "SyntaxError: bad\n    x +* 1\n       ^\n"
    assert plain(Problem("bad", "a\tb c", 4)) == "bad\n    a b c\n        ^\n"
    text, caret = plain(Problem("bad", "y" * 500 + "?" + "z" * 500, 500)).splitlines()[1:]
    assert text[caret.index("^")] == "?"


def test_a_stack_has_the_selected_frame_marked_and_says_what_is_hidden() -> None:
    assert plain(STACK).splitlines() == [
        "  1  main  shop.py:82  f()",
        "     … 3 library frames (bt full)",
        "> 0  f     shop.py:58  raise",
    ]


def test_an_encoding_without_the_marks_gets_ascii_ones() -> None:
    assert marks_for("utf-8") is MARKS
    for encoding in ("ascii", "latin-1", None, "no-such-encoding"):
        assert marks_for(encoding) is ASCII_MARKS
    text = "".join(PlainText(ASCII_MARKS).render(block) for block in EVERY_KIND)
    assert text.isascii()
    assert "o    57" in text
    assert "#    58" in text
    assert "*>   59" in text


def test_a_rendered_view_is_not_rendered_again() -> None:
    renderer = PlainText(MARKS)
    assert renderer.render(VIEW) is renderer.render(VIEW)


def test_a_tree_has_numbers_marks_and_indentation() -> None:
    assert plain(TREE) == (
        " 1 - cart  shop.Cart\n 2   + lines = [1, 2]\n 3     total  property (not run)\n12   + 8 more\n"
    )
