"""What a program writes, read at its file descriptors: pieces of text, never half a character, in order."""

from __future__ import annotations

import codecs
import os
from typing import TYPE_CHECKING, Final

from lowdb.adapter.loop import READ

if TYPE_CHECKING:
    from collections.abc import Callable

    from lowdb.adapter.loop import Loop

PIECE: Final = 1 << 16


class Output:
    """The reading end of a pipe; its texts go to `tell(category, text)`, in the order in which they came."""

    def __init__(self, loop: Loop, file: int, category: str, tell: Callable[[str, str], None]) -> None:
        self.loop: Final = loop
        self.file: Final = file
        self.category: Final = category
        self._tell: Final = tell
        self._decode: Final = codecs.getincrementaldecoder("utf-8")("replace").decode
        self.open = True
        self.last = ""
        """The last text, for a message about a program that did not start."""
        os.set_blocking(file, False)
        self.pause(False)

    def pause(self, wanted: bool) -> None:
        """Leave what comes in the pipe for a while: the program waits there when it is full."""
        if self.open:
            self.loop.watch(self.file, 0 if wanted else READ, self.once)

    def once(self) -> bool:
        """Read one piece; whether there may be more at once."""
        if not self.open:
            return False
        try:
            data = os.read(self.file, PIECE)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        text = self._decode(data, not data)
        if text:
            self.last = (self.last + text)[-2000:]
            self._tell(self.category, text)
        if not data:
            self.close()
        return bool(data)

    def close(self) -> None:
        """Read no more."""
        if self.open:
            self.open = False
            self.loop.watch(self.file, 0)
            os.close(self.file)
