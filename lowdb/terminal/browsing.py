"""A tree of values under the arrow keys: open, close, move, take a path along to the prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from prompt_toolkit.application import Application
from prompt_toolkit.formatted_text import ANSI
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.layout import Layout, Window
from prompt_toolkit.layout.controls import FormattedTextControl

from lowdb.repl.blocks import TreeView

if TYPE_CHECKING:
    from collections.abc import Callable

    from prompt_toolkit.input import Input
    from prompt_toolkit.key_binding import KeyPressEvent
    from prompt_toolkit.output import Output
    from prompt_toolkit.styles import BaseStyle

    from lowdb.repl.blocks import TreeNode
    from lowdb.repl.console import Explorer

_KEYS: Final = "↑↓ move   → open   ← close   Enter takes the expression   q leaves"
_LEAST: Final = 3  # lines of the tree, however low the terminal


class Browsing:
    """Where a person is in a tree. Indexes are those of the nodes in view, 0-based from the top."""

    def __init__(self, explorer: Explorer, rows: Callable[[], int]) -> None:
        self._explorer = explorer
        self._rows = rows
        self.nodes: tuple[TreeNode, ...] = explorer.view().nodes
        self.at = 0
        self._top = 0
        self.note = ""
        """Why the last key did nothing, or ""."""

    @property
    def node(self) -> TreeNode:
        """The node under the cursor."""
        return self.nodes[self.at]

    def move(self, by: int) -> None:
        """Up (negative) or down."""
        self.note = ""
        self.at = min(max(self.at + by, 0), len(self.nodes) - 1)

    def right(self) -> None:
        """Open the node; in an open one go to the first of its children."""
        self.note = ""
        if self.node.state == "open":
            self.move(1)
        else:
            self._toggle()

    def left(self) -> None:
        """Close the node; from a closed one go to the one that it is in."""
        self.note = ""
        if self.node.state == "open":
            self._toggle()
            return
        depth = self.node.depth
        while self.at > 0 and self.nodes[self.at].depth >= max(depth, 1):
            self.at -= 1

    def _toggle(self) -> None:
        self.note = self._explorer.toggle(self.node.number) or ""
        self.nodes = self._explorer.view().nodes
        self.at = min(self.at, len(self.nodes) - 1)

    def page(self) -> int:
        """The lines of the tree that the terminal has room for."""
        return max(self._rows() - 2, _LEAST)

    def view(self) -> TreeView:
        """The part of the tree that fits, with the cursor in it."""
        room = self.page()
        self._top = min(max(self._top, self.at - room + 1), self.at)
        return TreeView(self.nodes[self._top : self._top + room], self.node.number)


def application(
    explorer: Explorer,
    paint: Callable[[TreeView], str],
    rows: Callable[[], int],
    keyboard: Input,
    screen: Output,
    style: BaseStyle,
) -> Application[str]:
    """What shows the tree; its result is the expression that was taken, "" for none. `paint`: text with colours."""
    browsing = Browsing(explorer, rows)

    def text() -> ANSI:
        note = browsing.note or _KEYS
        return ANSI(f"{paint(browsing.view())}\x1b[2m{note}\x1b[0m")

    return Application(
        layout=Layout(Window(FormattedTextControl(text, show_cursor=False), dont_extend_height=True)),
        key_bindings=_bindings(browsing),
        input=keyboard,
        output=screen,
        style=style,
        erase_when_done=True,
    )


def _bindings(browsing: Browsing) -> KeyBindings:
    keys = KeyBindings()

    def bind(*names: str, do: Callable[[], None]) -> None:
        for name in names:
            keys.add(name)(lambda event: do())

    bind("up", "k", "c-p", do=lambda: browsing.move(-1))
    bind("down", "j", "c-n", do=lambda: browsing.move(1))
    bind("right", "l", " ", do=browsing.right)
    bind("left", "h", do=browsing.left)
    bind("pageup", do=lambda: browsing.move(-browsing.page()))
    bind("pagedown", do=lambda: browsing.move(browsing.page()))
    bind("home", "g", do=lambda: browsing.move(-len(browsing.nodes)))
    bind("end", "G", do=lambda: browsing.move(len(browsing.nodes)))

    @keys.add("enter")
    def take(event: KeyPressEvent) -> None:
        if browsing.node.path:
            event.app.exit(result=browsing.node.path)
        else:
            browsing.note = "no expression leads there"

    @keys.add("q")
    @keys.add("c-c")
    @keys.add("c-d")
    @keys.add("escape")
    def leave(event: KeyPressEvent) -> None:
        event.app.exit(result="")

    return keys
