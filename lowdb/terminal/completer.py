"""Tab, as prompt-toolkit wants it: asks the assistant in the stopped thread, beside the loop that reads the keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prompt_toolkit.auto_suggest import AutoSuggest, Suggestion
from prompt_toolkit.completion import Completer, Completion
from prompt_toolkit.history import History

from lowdb.repl.console import Completions

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable

    from prompt_toolkit.buffer import Buffer
    from prompt_toolkit.completion import CompleteEvent
    from prompt_toolkit.document import Document

    from lowdb.terminal.typing import Typing

_LONGEST = 70  # columns of one candidate, and of what is said beside it


class AssistedCompleter(Completer):
    """The completions of an assistant."""

    def __init__(self, typing: Typing) -> None:
        self._typing = typing

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        """Nothing: the answer comes from another thread."""
        return ()

    async def get_completions_async(
        self, document: Document, complete_event: CompleteEvent
    ) -> AsyncGenerator[Completion, None]:
        """The completions, once the stopped thread has found them."""
        typing = self._typing
        full, typing.full = typing.full, False
        text, cursor = document.text, document.cursor_position
        errand = typing.errand
        if full:
            typing.busy, typing.note = True, "the program's code is asked (Ctrl-C ends it)"
        try:
            answer = await errand.aside(lambda: errand(lambda: typing.assistant.complete(text, cursor, full)))
        except KeyboardInterrupt:
            answer = Completions(note="interrupted")
        finally:
            typing.busy = False
        typing.answered(answer, document, complete_event.completion_requested)
        for item in answer.items:
            yield Completion(
                item.text, item.start - cursor, display=_cut(_shown(item.text)), display_meta=_cut(_shown(item.about))
            )


class AssistedSuggest(AutoSuggest):
    """The rest of the newest entry that begins as typed."""

    def __init__(self, typing: Typing) -> None:
        self._typing = typing

    def get_suggestion(self, buffer: Buffer, document: Document) -> Suggestion | None:
        """The rest of that entry, None where there is none."""
        text = document.text
        if not self._typing.choices["suggestions"] or not text.strip() or "\n" in text:
            return None
        for entry in reversed(self._typing.entries):
            if entry.startswith(text) and entry != text and "\n" not in entry:
                return Suggestion(entry[len(text) :])
        return None


class AssistedHistory(History):
    """The entries of the assistant; it keeps them itself."""

    def __init__(self, typing: Typing) -> None:
        super().__init__()
        self._typing = typing

    async def load(self) -> AsyncGenerator[str, None]:
        """The entries, the newest first."""
        for entry in reversed(self._typing.entries):
            yield entry

    def load_history_strings(self) -> Iterable[str]:
        """The entries, the newest first."""
        return reversed(self._typing.entries)

    def get_strings(self) -> list[str]:
        """The entries, the oldest first."""
        return list(self._typing.entries)

    def append_string(self, string: str) -> None:
        """Nothing: who reads the line keeps it."""

    def store_string(self, string: str) -> None:
        """Nothing, as well."""


def _shown(text: str) -> str:
    return "".join(c if c.isprintable() else "·" for c in text)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
