"""What is known while one line is typed: the last answer to Tab, the hint, what is to come back at the next prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prompt_toolkit.document import Document

if TYPE_CHECKING:
    from prompt_toolkit.buffer import Buffer

    from lowdb.repl.console import Assistant, Choices, Completions
    from lowdb.terminal.reading import Errands


class Typing:
    """The state of typing at the prompts of one assistant."""

    def __init__(self, assistant: Assistant, choices: Choices, errand: Errands) -> None:
        self.assistant = assistant
        self.choices = choices
        self.errand = errand
        self.note = ""
        """What is to be said about the last Tab, until the text changes."""
        self.full = False
        """Whether the next completion may run the program's code."""
        self.following = False
        """Whether the menu is open, so that each letter narrows it."""
        self._more: tuple[str, int] | None = None  # text and cursor of a Tab after which another one means "full"
        self._hinted = ("", "")
        self._entries: tuple[str, ...] = ()
        self._kept: Document | None = None

    def begin(self) -> Document:
        """A prompt begins: the text that it begins with."""
        self.changed()
        self.following = False
        self._entries = self.assistant.history()
        self._hinted = ("", self.assistant.hint(""))
        kept, self._kept = self._kept, None
        return kept or Document()

    def changed(self, _: object = None) -> None:
        """The text is another one now."""
        self.note = ""
        self._more = None

    @property
    def entries(self) -> tuple[str, ...]:
        """The history, the oldest entry first."""
        return self._entries

    def answered(self, answer: Completions, document: Document, asked: bool) -> None:
        """Tab was answered, or a letter while the menu is open; `document` is what it was asked about."""
        self.following = len(answer.items) > 1
        if not asked:
            return
        self.note = answer.note
        if answer.more:
            self._more = document.text, document.cursor_position
            self.note = (
                f"{answer.note}{'; ' * bool(answer.note)}Tab again: full completion, runs {_code_of(answer.more)}"
            )
        elif not answer.items and not self.note:
            self.note = "nothing to complete"

    def wants_full(self, document: Document) -> bool:
        """Whether Tab now means full completion: the last one left something out, and nothing has changed."""
        return self._more == (document.text, document.cursor_position)

    def hint(self, text: str) -> str:
        """What Enter will do with the text, or ""."""
        if not self.choices["hints"]:
            return ""
        if self._hinted[0] != text:
            self._hinted = text, self.assistant.hint(text)
        return self._hinted[1]

    def begin_with(self, text: str) -> None:
        """The next prompt begins with this text, if it is any."""
        if text:
            self._kept = Document(text)

    def put_aside(self, buffer: Buffer) -> None:
        """The text comes back at the next prompt: a key is about to do something else."""
        if buffer.text.strip():
            self._kept = buffer.document


def _code_of(whose: str) -> str:
    return whose if " " in whose else f"code of {whose}"
