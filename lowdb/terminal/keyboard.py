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
    from prompt_toolkit.key_binding import KeyPress

    from lowdb.terminal.stream import Stream

_ENDS = (b"\r", b"\n", b"\x03", b"\x04")
_PASTE, _PASTED = b"\x1b[200~", b"\x1b[201~"
_AT_ONCE = 4096


class Keyboard(Vt100Input):
    """The keys of one terminal."""

    def __init__(self, stream: Stream) -> None:
        super().__init__(stream)  # type: ignore[arg-type]
        self._decoder = getincrementaldecoder("utf-8")("surrogateescape")
        self._ended = False
        self._tail = b""
        self._pasting = False

    @property
    def closed(self) -> bool:
        """Whether the terminal is gone."""
        return self._ended

    def read_keys(self) -> list[KeyPress]:
        """The keys that are there, up to the first that may end the entry."""
        data = b""
        while not self._ended and len(data) < _AT_ONCE and select([self._fileno], [], [], 0)[0]:
            try:
                byte = os.read(self._fileno, 1)
            except BlockingIOError:
                break
            except OSError:  # hung up
                byte = b""
            if not byte:
                self._ended = True
                break
            data += byte
            self._tail = (self._tail + byte)[-len(_PASTE) :]
            if self._tail in (_PASTE, _PASTED):
                self._pasting = self._tail == _PASTE
            if byte in _ENDS and not self._pasting:
                break
        self.vt100_parser.feed(self._decoder.decode(data))
        keys, self._buffer = self._buffer, []
        return keys
