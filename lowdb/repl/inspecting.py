"""A value as a tree that is opened node by node: its items and attributes, in pages. Runs none of the program's code.

Lives as long as the stop: its nodes hold the program's objects.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from lowdb.program import values
from lowdb.program.guard import clean, type_name
from lowdb.program.limits import Limits
from lowdb.repl.blocks import TreeNode, TreeView

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE: Final = 15
"""Children that are shown at a time."""
_SHOWN: Final = Limits(depth=2, items=5, string=60, width=90, own_repr=False)
_ATTRIBUTES: Final = 60  # characters of an object's attributes on one line
_SIMPLE: Final = r"[^\W\d]\w*(\.[^\W\d]\w*|\[[^\[\]]*\])*"
_KEY: Final = r"\['[^'\\…]*'\]|\[\"[^\"\\…]*\"\]|\[-?\d+\]|\[(True|False|None)\]"


class Node:
    """One value in the tree."""

    __slots__ = ("children", "kind", "name", "number", "open", "parent", "path", "shown", "value")

    def __init__(self, number: int, parent: Node | None, name: str, kind: str, value: object, path: str) -> None:
        self.number = number
        self.parent = parent
        self.name = name
        self.kind = kind
        self.value = value
        self.path = path
        """The expression that leads here, "" where none does (an item of a set)."""
        self.open = False
        self.children: list[Node] = []
        self.shown = 0
        """How many of the value's children have a node."""

    @property
    def count(self) -> int:
        """How many children the value has."""
        return 0 if self.kind == "property" else values.child_count(self.value)


class Tree:
    """A root and what has been opened. Numbers stay what they are; new nodes get new ones."""

    def __init__(self, text: str, value: object) -> None:
        self._nodes: dict[int, Node] = {}
        path = text if re.fullmatch(_SIMPLE, text) else f"({text})"
        self.root = self._node(None, clean(text), "root", value, path)
        self.toggle(self.root.number)

    def __contains__(self, number: int) -> bool:
        return number in self._nodes

    def node(self, number: int) -> Node:
        """The node of this number. Raises KeyError."""
        return self._nodes[number]

    def toggle(self, number: int) -> str | None:
        """Open a node, or close it; one that stands for "more" makes room for the next page, below the same number.

        Returns why it cannot be opened, None where it was. Raises KeyError.
        """
        node = self._nodes[number]
        if node.kind == "more":
            assert node.parent is not None
            self._nodes[number] = node.parent
            self._load(node.parent)
            return None
        if node.kind == "property":
            return f"{node.name} is a property: p {node.path} runs it" if node.path else f"{node.name} is a property"
        if not node.open and not node.count:
            return f"there is nothing inside {node.name}"
        node.open = not node.open
        if node.open and not node.children:
            self._load(node)
        return None

    def view(self, number: int | None = None) -> TreeView:
        """The tree as it is now, or what is below one node of it (the page's node where that stood for "more")."""
        node = self.root if number is None else self._nodes.get(number, self.root)
        return TreeView(self._lines(node, 0))

    def _node(self, parent: Node | None, name: str, kind: str, value: object, path: str) -> Node:
        number = max(self._nodes, default=0) + 1
        node = self._nodes[number] = Node(number, parent, name, kind, value, path)
        return node

    def _load(self, node: Node) -> None:
        """One more page of the node's children."""
        if node.children and node.children[-1].kind == "more":
            node.children.pop()
        for child in values.children(node.value, node.shown, PAGE):
            path = _path(node.path, child.name, child.kind) if node.path else ""
            node.children.append(self._node(node, child.name, child.kind, child.value, path))
            node.shown += 1
        left = node.count - node.shown
        if left > 0:
            node.children.append(self._node(node, f"{left:,} more", "more", None, ""))

    def _lines(self, node: Node, depth: int) -> Iterator[TreeNode]:
        state = "leaf"
        text = ""
        if node.kind == "property":
            text = "property (not run)"
        elif node.kind == "more":
            state = "closed"
        else:
            state = "open" if node.open else "closed" if node.count else "leaf"
            text = values.whatis(node.value) if node.open else _closed(node.value)
        yield TreeNode(node.number, depth, node.name, node.kind, state, text, node.path)
        if node.open:
            for child in node.children:
                yield from self._lines(child, depth + 1)


def _closed(value: object) -> str:
    """A value on one line; an object that would only be named, with its first attributes."""
    text = values.summary(value, _SHOWN)
    if text != f"<{type_name(value)}>":
        return text
    parts, left = [], _ATTRIBUTES
    for child in values.children(value, 0, 5):
        if child.kind == "attribute":
            parts.append(f"{child.name}={values.summary(child.value, values.SHORT)}")
            left -= len(parts[-1])
        if left < 0:
            parts[-1:] = ["…"]
            break
    return f"<{type_name(value)} {', '.join(parts)}>" if parts else text


def _path(base: str, name: str, kind: str) -> str:
    if kind == "item":
        return f"{base}{name}" if re.fullmatch(_KEY, name) else ""
    return f"{base}.{name}" if name.isidentifier() else ""
