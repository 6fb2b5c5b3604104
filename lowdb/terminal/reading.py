"""One entry at a time from a terminal, edited with prompt-toolkit in a thread that lives as long as the prompt."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

from prompt_toolkit.data_structures import Size
from prompt_toolkit.output.vt100 import Vt100_Output
from prompt_toolkit.shortcuts import PromptSession

from lowdb.terminal import editing
from lowdb.terminal.keyboard import Keyboard
from lowdb.terminal.ownloop import Meeting
from lowdb.terminal.stream import Stream

if TYPE_CHECKING:
    from collections.abc import Callable

    from lowdb.repl.console import Assistant, Choices, Host
    from lowdb.repl.tty import Terminal


class Reader:
    """Reads the entries of one terminal."""

    def __init__(self, terminal: Terminal, choices: Choices, host: Host) -> None:
        self._choices = choices
        self._host = host
        stream = Stream(terminal)
        self._input = Keyboard(stream)
        self._output = Vt100_Output(stream, lambda: _size(terminal), enable_bell=False)  # type: ignore[arg-type]
        self._sessions: dict[Assistant | None, PromptSession[str]] = {}
        self._meeting: Meeting[str] | None = None

    def read(self, prompt: str, assistant: Assistant | None) -> str:
        """One entry. Raises EOFError, KeyboardInterrupt, RuntimeError where no thread can be started."""
        session = self._sessions.get(assistant)
        if session is None:
            session = self._sessions[assistant] = self._make(assistant)
        app = session.app

        def cancel() -> None:
            if not app.is_done:
                app.exit(exception=KeyboardInterrupt())

        self._meeting = Meeting(self._host)
        try:
            return self._meeting.hold(
                lambda: session.prompt_async(prompt, set_exception_handler=False, handle_sigint=False), cancel
            )
        finally:
            self._meeting = None

    def errand[R](self, function: Callable[[], R]) -> R:
        """Run `function` in the stopped thread while that waits for the person. Raises what it raises."""
        if self._meeting is None:
            raise RuntimeError("nobody waits")
        return self._meeting.errand(function)

    def _make(self, assistant: Assistant | None) -> PromptSession[str]:
        more = {} if assistant is None else editing.options(assistant, self._choices, self.errand)
        session: PromptSession[str] = PromptSession(input=self._input, output=self._output, **more)
        session.app.renderer.cpr_not_supported_callback = None  # no warning: the toolbar is missing, that is all
        vars(session.app)["_enable_breakpointhook"] = nullcontext  # sys.breakpointhook is the program's
        return session


def _size(terminal: Terminal) -> Size:
    return Size(rows=terminal.rows(), columns=terminal.columns())
