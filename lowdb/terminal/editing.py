"""How a person edits an entry: the line editor's parts put together, and how they are for one prompt."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from prompt_toolkit.application.current import get_app
from prompt_toolkit.cursor_shapes import ModalCursorShapeConfig
from prompt_toolkit.enums import EditingMode
from prompt_toolkit.filters import Condition, is_done
from prompt_toolkit.layout.processors import ConditionalProcessor, Processor, Transformation
from prompt_toolkit.utils import get_cwidth

from lowdb.terminal.completer import AssistedCompleter, AssistedHistory, AssistedSuggest
from lowdb.terminal.keys import bindings
from lowdb.terminal.typing import Typing

if TYPE_CHECKING:
    from prompt_toolkit.buffer import Buffer
    from prompt_toolkit.document import Document
    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.layout.processors import TransformationInput
    from prompt_toolkit.shortcuts import PromptSession

    from lowdb.repl.console import Assistant, Choices
    from lowdb.terminal.reading import Errands

_MARK = "# "
_GAP = "   "
_BETWEEN = " │ "
_KEY = r"(⇧?F\d+|Alt-[↑↓])"
_ESCAPE_SECONDS = 0.05  # Esc alone, or the first of a key's codes: those come together
_PREFIX_SECONDS = 1.0  # Esc as the first of two keys that a person presses, as Emacs has it


class Editing:
    """The line editor of one assistant."""

    def __init__(self, assistant: Assistant, choices: Choices, errand: Errands) -> None:
        self._choices = choices
        self.typing = Typing(assistant, choices, errand)
        self._buffer: Buffer | None = None

    def options(self) -> dict[str, Any]:
        """What PromptSession is told once, for all prompts."""
        return {
            "completer": AssistedCompleter(self.typing),
            "complete_while_typing": Condition(self._narrows),
            "auto_suggest": AssistedSuggest(self.typing),
            "history": AssistedHistory(self.typing),
            "key_bindings": bindings(self.typing),
            "multiline": Condition(self._has_lines),
            "prompt_continuation": _continuation,
            "input_processors": [ConditionalProcessor(_Hint(self.typing), ~is_done)],
            "search_ignore_case": True,
        }

    def begin(self, session: PromptSession[str]) -> Document:
        """Before each prompt: do as the settings say now. The text that the prompt begins with."""
        self._buffer = session.default_buffer
        vi = self._choices["editing"] == "vi"
        session.editing_mode = EditingMode.VI if vi else EditingMode.EMACS
        session.cursor = ModalCursorShapeConfig() if vi else None
        session.app.ttimeoutlen = _ESCAPE_SECONDS
        session.app.timeoutlen = _ESCAPE_SECONDS if vi else _PREFIX_SECONDS
        session.bottom_toolbar = self._toolbar if self._choices["toolbar"] else None
        return self.typing.begin()

    def _narrows(self) -> bool:
        """Whether the letter that was typed just now narrows the open menu."""
        before = get_app().current_buffer.document.char_before_cursor
        return self.typing.following and (before.isalnum() or before == "_")

    def _has_lines(self) -> bool:
        """Whether the entry has several; asked some twenty times for each key, so it looks for nothing."""
        return self._buffer is not None and "\n" in self._buffer.text

    def _toolbar(self) -> StyleAndTextTuples:
        """The assistant's parts in one row, cut at the right."""
        app = get_app()
        parts = list(self.typing.assistant.toolbar())
        if app.editing_mode == EditingMode.VI:
            parts.insert(0, str(app.vi_state.input_mode.value).removeprefix("vi-"))
        text = _cut(_BETWEEN.join(parts), app.output.get_size().columns)
        shown: StyleAndTextTuples = []
        for part in re.split(_KEY, text):
            shown.append(("class:bottom-toolbar.key" if re.fullmatch(_KEY, part) else "", part))
        return shown


class _Hint(Processor):
    """Dimly behind the text: what is to be said about the last Tab, or what Enter will do."""

    def __init__(self, typing: Typing) -> None:
        self._typing = typing

    def apply_transformation(self, ti: TransformationInput) -> Transformation:
        """The line with its hint."""
        document = ti.document
        if ti.lineno != document.line_count - 1:
            return Transformation(ti.fragments)
        hint = self._typing.note or self._typing.hint(document.text)
        suggestion = ti.buffer_control.buffer.suggestion
        if suggestion is not None and suggestion.text and document.is_cursor_at_the_end and "(" not in hint:
            hint = self._typing.note
        hint = hint and (_GAP if document.text else "") + _MARK + hint
        used = sum(get_cwidth(text) for _, text, *_ in ti.fragments)
        hint = _cut(hint, ti.width - used - 1)
        return Transformation([*ti.fragments, ("class:hint", hint)] if hint.strip(" #…") else ti.fragments)


def _continuation(width: int, line: int, wrapped: int) -> StyleAndTextTuples:
    return [("class:continuation", " " * width if wrapped else "... ".rjust(width))]


def _cut(text: str, width: int) -> str:
    """The text in so many columns."""
    if get_cwidth(text) <= width:
        return text
    while text and get_cwidth(text) >= width:
        text = text[:-1]
    return f"{text}…" if text else ""
