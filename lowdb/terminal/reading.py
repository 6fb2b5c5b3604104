"""One entry at a time from a terminal, edited with prompt-toolkit in a thread that lives as long as the prompt."""

from __future__ import annotations

import os
import sys
from asyncio import sleep
from contextlib import nullcontext
from signal import SIGTSTP
from time import sleep as sleep_now
from typing import TYPE_CHECKING

from prompt_toolkit.application import run_in_terminal
from prompt_toolkit.application.current import create_app_session
from prompt_toolkit.data_structures import Size
from prompt_toolkit.document import Document
from prompt_toolkit.key_binding import KeyBindings, merge_key_bindings
from prompt_toolkit.output.vt100 import Vt100_Output
from prompt_toolkit.renderer import CPR_Support
from prompt_toolkit.shortcuts import PromptSession

from lowdb.terminal.browsing import application
from lowdb.terminal.editing import Editing
from lowdb.terminal.keyboard import Keyboard
from lowdb.terminal.ownloop import Meeting
from lowdb.terminal.printing import Above
from lowdb.terminal.style import prompt_style

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from prompt_toolkit.key_binding import KeyPressEvent

    from lowdb.repl.blocks import TreeView
    from lowdb.repl.console import Assistant, Choices, Explorer, Host
    from lowdb.repl.tty import Terminal
    from lowdb.repl.ttystream import Stream

_STOPPING = 0.1
"""Seconds in which a process stops that has sent itself SIGTSTP; where nobody can wake it, it goes on after them."""
_LOOK_EVERY = 0.25
"""Seconds between two looks at the terminal: another size, or cooked again after `fg`."""


class _ControlD(EOFError):
    """Ctrl-D on an empty line."""


class Reader:
    """Reads the entries of one terminal."""

    def __init__(self, terminal: Terminal, stream: Stream, choices: Choices, host: Host) -> None:
        self._terminal = terminal
        self._choices = choices
        self._host = host
        self._input = Keyboard(terminal, stream)
        self._output = Vt100_Output(stream, lambda: _size(terminal), enable_bell=False)  # type: ignore[arg-type]
        self._sessions: dict[Assistant | None, PromptSession[str]] = {}
        self._editors: dict[Assistant | None, Editing] = {}
        self._errands = Errands()

    def read(self, prompt: str, assistant: Assistant | None) -> tuple[str, list[Exception]]:
        """One entry, and what signal handlers of the program's have raised meanwhile.

        Ctrl-C in a line that has text gives a new one. Raises EOFError, KeyboardInterrupt, Interrupted, NoThread.
        """
        session = self._sessions.get(assistant)
        if session is None:
            session = self._sessions[assistant] = self._make(assistant)
        strays: list[Exception] = []
        editor = self._editors.get(assistant)
        session.style = prompt_style(self._choices)
        while True:
            text = Document() if editor is None else editor.begin(session)
            try:
                return self._one(session, prompt, text, strays), strays
            except _ControlD:
                line = assistant.key("c-d") if assistant is not None else None
                if line is None:
                    raise
                return f" {line}", strays  # as F-keys give their lines: the blank keeps it out of the history
            except KeyboardInterrupt:
                if not session.default_buffer.text:
                    raise

    def explore(self, explorer: Explorer, paint: Callable[[TreeView], str]) -> None:
        """Let the person walk through a tree; the expression that is taken stands at the next prompt."""
        style = prompt_style(self._choices)
        app = application(explorer, paint, self._terminal.rows, self._input, self._output, style)

        def end(error: BaseException) -> None:
            if app.future is not None and not app.future.done():
                app.exit(exception=error)

        async def walk() -> str:
            with create_app_session(self._input, self._output):
                return await app.run_async(set_exception_handler=False, handle_sigint=False)

        vars(app)["_enable_breakpointhook"] = nullcontext  # sys.breakpointhook is the program's
        meeting: Meeting[str] = Meeting(self._host, end)
        taken = meeting.hold(walk)
        for editor in self._editors.values():
            editor.typing.begin_with(taken)

    def _one(self, session: PromptSession[str], prompt: str, text: Document, strays: list[Exception]) -> str:
        app = session.app

        def end(error: BaseException) -> None:
            if app.future is not None and not app.future.done():
                app.exit(exception=error)

        above = Above() if self._others_run() else None

        def look() -> None:
            app.create_background_task(self._keep_looking(session, self._output.get_size()))
            if above is not None:
                app.create_background_task(above.pour())

        async def entry() -> str:
            with create_app_session(self._input, self._output):
                return await session.prompt_async(
                    [("class:prompt", prompt)],
                    default=text,
                    pre_run=look,
                    set_exception_handler=False,
                    handle_sigint=False,
                )

        meeting: Meeting[str] = Meeting(self._host, end)
        self._errands.meeting = meeting
        try:
            with above or nullcontext():
                return meeting.hold(entry)
        finally:
            self._errands.meeting = None
            strays += meeting.strays
            if app.renderer.cpr_support is CPR_Support.UNKNOWN:  # it was asked and did not say: ask no more
                self._output.enable_cpr = False
                for one in self._sessions.values():
                    one.app.renderer.cpr_support = CPR_Support.NOT_SUPPORTED

    async def _keep_looking(self, session: PromptSession[str], size: Size) -> None:
        while True:
            await sleep(_LOOK_EVERY)
            before, size = size, self._output.get_size()
            if size != before:  # what prompt-toolkit's own polling misses when it comes before its first look
                session.app._on_resize()
            if not vars(session.app)["_running_in_terminal"] and not self._terminal.is_raw:  # a shell had it, meanwhile
                self._terminal.make_raw()
                session.app.renderer.reset()
                session.app.invalidate()

    def _others_run(self) -> bool:
        """Whether threads of the program's may print while a line is typed."""
        return not self._choices["stop_world"] and len(sys._current_frames()) > 1

    def _make(self, assistant: Assistant | None) -> PromptSession[str]:
        more: dict[str, Any] = {}
        if assistant is not None:
            editor = self._editors[assistant] = Editing(assistant, self._choices, self._errands)
            more = editor.options()
        more["key_bindings"] = merge_key_bindings([self._keys(), *filter(None, [more.get("key_bindings")])])
        session: PromptSession[str] = PromptSession(
            input=self._input, output=self._output, eof_exception=_ControlD, **more
        )
        if assistant is not None:
            session.default_buffer.on_text_changed += editor.typing.changed
        app = session.app
        app.terminal_size_polling_interval = None
        app.renderer.cpr_not_supported_callback = None  # no warning: the toolbar is missing, that is all
        vars(app)["_enable_breakpointhook"] = nullcontext  # sys.breakpointhook is the program's
        return session

    def _keys(self) -> KeyBindings:
        keys = KeyBindings()

        @keys.add("c-z")
        def suspend(event: KeyPressEvent) -> None:
            run_in_terminal(self._suspend)

        return keys

    def _suspend(self) -> None:
        """Ctrl-Z: stop this process as the terminal would; the shell, and what it starts, may have the terminal."""
        with self._terminal.lent():
            os.kill(0, SIGTSTP)
            sleep_now(_STOPPING)


class Errands:
    """What is to be done in the stopped thread while that waits for the person; and what is to be done beside."""

    def __init__(self) -> None:
        self.meeting: Meeting[str] | None = None

    def __call__[R](self, function: Callable[[], R]) -> R:
        """Run `function` in the stopped thread. Raises what it raises, RuntimeError where nobody waits."""
        return self._now().errand(function)

    async def aside[R](self, function: Callable[[], R]) -> R:
        """Run `function` in a thread of lowdb's own. Raises what it raises, RuntimeError where nobody waits."""
        return await self._now().aside(function)

    def interrupt(self) -> None:
        """End what runs in the stopped thread with KeyboardInterrupt."""
        self._now().interrupt()

    def _now(self) -> Meeting[str]:
        if self.meeting is None:
            raise RuntimeError("no line is being typed")
        return self.meeting


def _size(terminal: Terminal) -> Size:
    return Size(rows=terminal.rows(), columns=terminal.columns())
