"""How a person edits an entry: keys, completion, history, hints."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from lowdb.repl.console import Assistant, Choices


def options(assistant: Assistant, choices: Choices, errand: Callable[[Callable[[], Any]], Any]) -> dict[str, Any]:
    """What PromptSession is told for the prompts of a stop; `errand` runs a function in the stopped thread."""
    return {}
