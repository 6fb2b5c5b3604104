"""Tab, as prompt-toolkit wants it: asks the assistant in the stopped thread, beside the loop that reads the keys."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from prompt_toolkit.application.current import get_app
from prompt_toolkit.application.run_in_terminal import in_terminal
from prompt_toolkit.auto_suggest import AutoSuggest, Suggestion
from prompt_toolkit.completion import Completer, Completion
from prompt_toolkit.history import History

from lowdb.repl.console import Completion as CompletionItem
from lowdb.repl.console import Completions
from lowdb.terminal.theme import names

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable

    from prompt_toolkit.buffer import Buffer
    from prompt_toolkit.completion import CompleteEvent
    from prompt_toolkit.document import Document

    from lowdb.terminal.typing import Typing

_THEME = r"\s*config\s+theme(?:\s*=\s*|\s+)(\S*)"
_INTERRUPTED = "interrupted"
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
        cursor = document.cursor_position
        full, typing.full = typing.full, False
        answer = Completions() if full else await self._ask(document, full=False)
        if full or (answer.more and typing.choices["completion"] == "full"):
            answer = await self._full(document)
        theme = re.fullmatch(_THEME, document.text_before_cursor)
        if theme is not None:  # only pygments knows them
            found = [name for name in names() if name.startswith(theme[1])]
            answer = Completions(tuple(CompletionItem(name, cursor - len(theme[1])) for name in found))
        typing.answered(answer, document, complete_event.completion_requested)
        for item in answer.items:
            yield Completion(
                item.text, item.start - cursor, display=_cut(_shown(item.text)), display_meta=_cut(_shown(item.about))
            )

    async def _ask(self, document: Document, full: bool) -> Completions:
        errand, assistant = self._typing.errand, self._typing.assistant
        text, cursor = document.text, document.cursor_position
        try:
            return await errand.aside(lambda: errand(lambda: assistant.complete(text, cursor, full)))
        except KeyboardInterrupt:
            return Completions(note=_INTERRUPTED)
        except Exception as error:  # no thread can be started, nobody waits any more
            return Completions(note=f"no completion: {type(error).__name__}: {error}")

    async def _full(self, document: Document) -> Completions:
        """The program's code may print, and take its time: the line stands aside, and Ctrl-C is the signal again."""
        async with in_terminal():
            answer = await self._ask(document, full=True)
            if answer.note == _INTERRUPTED:
                output = get_app().output
                output.write_raw("\r\n")  # behind the ^C
                output.flush()
            return answer


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
