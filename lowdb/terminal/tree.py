"""A tree of values as lines of spans, numbers and marks dim; the node that a cursor is on is marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lowdb.repl.blocks import TreeView
from lowdb.terminal import highlight
from lowdb.terminal.width import cut_spans, visible

if TYPE_CHECKING:
    from lowdb.repl.blocks import TreeNode
    from lowdb.terminal.width import Span

_MARKS = {"open": "▾ ", "closed": "▸ ", "leaf": "  "}


def lines(view: TreeView | TreeNode, width: int) -> list[list[Span]]:
    """One line a node, cut at the width."""
    nodes, current = (view.nodes, view.current) if isinstance(view, TreeView) else ((view,), 0)
    digits = max(len(str(node.number)) for node in nodes)
    return [_line(node, digits, width, current) for node in nodes]


def _line(node: TreeNode, digits: int, width: int, current: int) -> list[Span]:
    spans: list[Span] = [
        ("current", ">") if node.number == current else ("", " "),
        ("dim", f"{node.number:>{digits}} {'  ' * node.depth}{_MARKS[node.state]}"),
    ]
    name = visible(node.name)
    if node.kind == "more":
        spans.append(("dim", name))
    elif node.kind == "property":
        spans += [("", name), ("dim", f"  {node.text}")]
    elif node.state == "open":
        spans += [("reason", name), ("dim", f"  {visible(node.text)}")]
    else:
        spans += [("", f"{name} = "), *highlight.value(visible(node.text))]
    return cut_spans(spans, width)
