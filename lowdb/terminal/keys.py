"""The keys beyond those of every line editor: Enter, Tab, F-keys, the editor; in emacs mode and in vi mode."""

from __future__ import annotations

from string import ascii_lowercase
from typing import TYPE_CHECKING

from prompt_toolkit.application.current import get_app
from prompt_toolkit.application.run_in_terminal import in_terminal
from prompt_toolkit.document import Document
from prompt_toolkit.enums import DEFAULT_BUFFER
from prompt_toolkit.filters import Condition, emacs_insert_mode, has_focus, vi_insert_mode, vi_navigation_mode
from prompt_toolkit.key_binding import KeyBindings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prompt_toolkit.buffer import Buffer
    from prompt_toolkit.key_binding import KeyPressEvent

    from lowdb.terminal.typing import Typing

_STEP = 4
_here = has_focus(DEFAULT_BUFFER)
_inserting = _here & (emacs_insert_mode | vi_insert_mode)


def bindings(typing: Typing) -> KeyBindings:
    """What the keys do while a line is typed."""
    keys = KeyBindings()
    _add_enter(keys, typing)
    _add_tab(keys, typing)
    _add_lines(keys, typing)
    _add_editor(keys, typing)
    return keys


# --- Enter ----------------------------------------------------------------------------------------


def _add_enter(keys: KeyBindings, typing: Typing) -> None:
    @keys.add("enter", filter=_inserting | (_here & vi_navigation_mode))
    def enter(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if buffer.complete_state is not None and buffer.complete_state.current_completion is not None:
            buffer.complete_state = None  # it is chosen; another Enter runs the line
            typing.following = False
            return
        indent = _next_indentation(buffer, typing)
        if indent is None:
            buffer.validate_and_handle()
        else:
            buffer.insert_text("\n" + indent)

    @keys.add("escape", "enter", filter=_inserting)
    def newline(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        line = buffer.document.current_line
        buffer.insert_text("\n" + (typing.assistant.unfinished(buffer.text) or line[: len(line) - len(line.lstrip())]))

    @Condition
    def in_indentation() -> bool:
        before = _buffer().document.current_line_before_cursor
        return bool(before) and before.isspace() and "\n" in _buffer().text

    @keys.add("backspace", filter=_inserting & in_indentation)
    def dedent(event: KeyPressEvent) -> None:
        before = event.current_buffer.document.current_line_before_cursor
        event.current_buffer.delete_before_cursor((len(before) - 1) % _STEP + 1)


def _next_indentation(buffer: Buffer, typing: Typing) -> str | None:
    """The indentation of the line that Enter begins, None where it ends the entry."""
    document = buffer.document
    if document.text_after_cursor.strip():
        if not document.on_last_line:  # in the middle of an entry of several lines
            line = document.current_line
            return line[: len(line) - len(line.lstrip())]
        return typing.assistant.unfinished(document.text)
    return typing.assistant.unfinished(document.text_before_cursor)


# --- Tab ------------------------------------------------------------------------------------------


def _add_tab(keys: KeyBindings, typing: Typing) -> None:
    @keys.add("tab", filter=_inserting)
    def tab(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        document = buffer.document
        before = document.current_line_before_cursor
        if document.cursor_position_row and not before.strip():
            buffer.insert_text(" " * (_STEP - len(before) % _STEP))
        elif typing.wants_full(document):
            buffer.cancel_completion()
            typing.changed()
            typing.full = True
            buffer.start_completion(insert_common_part=True)
        elif buffer.complete_state is not None:
            buffer.complete_next()
        else:
            buffer.start_completion(insert_common_part=True)

    @keys.add("escape", filter=_here & Condition(lambda: _buffer().complete_state is not None), eager=True)
    def close(event: KeyPressEvent) -> None:
        typing.following = False
        event.current_buffer.cancel_completion()


# --- keys that stand for lines --------------------------------------------------------------------


def _names() -> Iterator[tuple[str, tuple[str, ...]]]:
    """The names of keys that may stand for a line, with the keys as prompt-toolkit calls them."""
    for number in range(1, 13):
        yield f"f{number}", (f"f{number}",)
        yield f"s-f{number}", (f"f{number + 12}",)  # what xterm and its kin send
    for direction in ("up", "down", "left", "right"):
        yield f"a-{direction}", ("escape", direction)
        yield f"c-{direction}", (f"c-{direction}",)
    for letter in ascii_lowercase:
        yield f"a-{letter}", ("escape", letter)


def _add_lines(keys: KeyBindings, typing: Typing) -> None:
    for name, pressed in _names():
        _add_line(keys, typing, name, pressed)


def _add_line(keys: KeyBindings, typing: Typing, name: str, pressed: tuple[str, ...]) -> None:
    @keys.add(*pressed, filter=_here & Condition(lambda: typing.assistant.key(name) is not None))
    def run(event: KeyPressEvent) -> None:
        line = typing.assistant.key(name)
        if line is not None:
            buffer = event.current_buffer
            buffer.cancel_completion()
            typing.put_aside(buffer)
            buffer.document = Document(line)
            event.app.exit(result=f" {line}", style="class:accepted")  # the blank keeps it out of the history


# --- the editor -----------------------------------------------------------------------------------


def _add_editor(keys: KeyBindings, typing: Typing) -> None:
    @keys.add("c-x", "c-e", filter=_inserting)
    @keys.add("v", filter=_here & vi_navigation_mode)
    def edit(event: KeyPressEvent) -> None:
        event.app.create_background_task(_edit(event.current_buffer, typing))


async def _edit(buffer: Buffer, typing: Typing) -> None:
    text = buffer.text
    try:
        async with in_terminal():
            text = await typing.errand.aside(lambda: typing.assistant.edit(text))
    except Exception as error:
        typing.note = str(error) or type(error).__name__
        return
    buffer.document = Document(text.rstrip("\n"))


def _buffer() -> Buffer:
    return get_app().current_buffer
