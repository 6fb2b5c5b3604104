"""What the line editor's parts look like: prompt, hint, suggestion, toolbar, the menu of completions."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

from prompt_toolkit.styles import Attrs, Style

from lowdb.repl.colors import colored

if TYPE_CHECKING:
    from prompt_toolkit.styles import BaseStyle

    from lowdb.repl.console import Choices

_QUIET = "dim" if "dim" in Attrs._fields else "ansibrightblack"
_PARTS = {
    "prompt": "bold",
    "continuation": _QUIET,
    "hint": f"{_QUIET} italic",
    "auto-suggestion": _QUIET,
    "bottom-toolbar": f"noreverse {_QUIET}",
    "bottom-toolbar.text": "noreverse",
    "bottom-toolbar.key": "noreverse fg:default",
    # Both colours are said, so that they go together on any background.
    "completion-menu": "bg:#303030 #d0d0d0",
    "completion-menu.completion": "bg:#303030 #d0d0d0",
    "completion-menu.completion.current": "noreverse bg:#5f5f87 #ffffff",
    "completion-menu.meta.completion": "bg:#262626 #a0a0a0",
    "completion-menu.meta.completion.current": "bg:#4e4e6f #e0e0e0",
    "scrollbar.background": "bg:#303030",
    "scrollbar.button": "bg:#767676",
}
_COLOURLESS = {
    "prompt": "",
    "bottom-toolbar": "noreverse",
    "completion-menu.completion": "noreverse",
    "completion-menu.completion.current": "reverse",
    "completion-menu.meta.completion": "noreverse",
    "completion-menu.meta.completion.current": "reverse",
}


def prompt_style(choices: Choices) -> BaseStyle:
    """The style of a prompt session for the settings as they are now."""
    return _made(colored(choices["color"], os.environ))


@cache
def _made(coloured: bool) -> BaseStyle:
    return Style.from_dict(_PARTS if coloured else _COLOURLESS)
