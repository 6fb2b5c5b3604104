"""What a person types, taken from the terminal no further than the next Enter.

What was typed ahead stays in the terminal: it belongs to the next prompt, or to the program, which may read it.
"""

from __future__ import annotations

import os
from codecs import getincrementaldecoder
from select import select
from typing import TYPE_CHECKING

from prompt_toolkit.input.vt100 import Vt100Input

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from prompt_toolkit.key_binding import KeyPress

    from lowdb.repl.tty import Terminal
    from lowdb.repl.ttystream import Stream

_ENDS = (b"\r", b"\n", b"\x03", b"\x04")
"""Enter, Ctrl-C, Ctrl-D."""
_PASTE, _PASTED = b"\x1b[200~", b"\x1b[201~"
_AT_ONCE = 4096


class Keyboard(Vt100Input):
    """The keys of one terminal."""

    def __init__(self, terminal: Terminal, stream: Stream) -> None:
        super().__init__(stream)  # type: ignore[arg-type]
        self._terminal = terminal
        self._decoder = getincrementaldecoder("utf-8")("surrogateescape")
        self._ended = False
        self._tail = b""
        self._pasting = False

    @property
    def closed(self) -> bool:
        """Whether the terminal is gone."""
        return self._ended

    def raw_mode(self) -> AbstractContextManager[None]:
        """Each key comes at once, for as long as it lasts."""
        return self._terminal.raw()

    def typeahead_hash(self) -> str:
        """A name for what was read too early: a number could be that of a terminal of the program's."""
        return "lowdb"

    def read_keys(self) -> list[KeyPress]:
        """The keys that are there, up to the first that may end the entry."""
        data = b""
        descriptor = self.fileno()
        while not self._ended and len(data) < _AT_ONCE:
            try:
                if not select([descriptor], [], [], 0)[0]:
                    break
                byte = os.read(descriptor, 1)
            except (OSError, ValueError):  # hung up
                byte = b""
            if not byte:
                self._ended = True
                break
            data += byte
            self._tail = (self._tail + byte)[-len(_PASTE) :]
            if self._tail in (_PASTE, _PASTED):
                self._pasting = self._tail == _PASTE
            if byte in _ENDS and not self._pasting:
                # The terminal makes a newline of Enter, so that what stays in it is a line for the program.
                data = data[:-1] + b"\r" if byte == b"\n" else data
                break
        self.vt100_parser.feed(self._decoder.decode(data))
        keys, self._buffer = self._buffer, []
        return keys
