"""A program in a real pseudo-terminal, and what a person would see on its screen: pexpect types, pyte shows.

The terminal answers what a terminal is asked (where the cursor is), so the program behaves as it does in xterm.
"""

from __future__ import annotations

import re
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

import pexpect
import pyte

from tests.processes import DEADLINE, ROOT, environment

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

KEYS = {
    "enter": "\r",
    "tab": "\t",
    "s-tab": "\x1b[Z",
    "esc": "\x1b",
    "backspace": "\x7f",
    "delete": "\x1b[3~",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "pgup": "\x1b[5~",
    "pgdn": "\x1b[6~",
    "a-up": "\x1b[1;3A",
    "a-down": "\x1b[1;3B",
    "a-enter": "\x1b\r",
    "f1": "\x1bOP",
    "f5": "\x1b[15~",
    "f9": "\x1b[20~",
    "f10": "\x1b[21~",
    "f11": "\x1b[23~",
    "s-f11": "\x1b[23;2~",
} | {f"c-{letter}": chr(ord(letter) - 96) for letter in "abcdefghijklmnopqrstuvwxyz"}
"""What a terminal sends for a key; `c-x` is Ctrl-X, `a-` Alt, `s-` Shift."""


class NotSeen(AssertionError):
    """It did not come to the screen in time; the text shows the screen."""


class _Emulator(pyte.HistoryScreen):
    """A screen of pyte that answers the program and passes over what it does not know."""

    answer: Any = None

    def write_process_input(self, data: str) -> None:
        if self.answer is not None:
            self.answer(data)

    def select_graphic_rendition(self, *attrs: int, **_: Any) -> None:  # pyte passes `private` on for CSI > … m
        if _:
            return
        super().select_graphic_rendition(*attrs)
        # pyte knows no dim text (2); nothing here blinks, so that is where it is kept.
        plain = [code for index, code in enumerate(attrs) if 38 not in attrs[:index] and 48 not in attrs[:index]]
        for code in plain:
            if code in (2, 22):
                self.cursor.attrs = self.cursor.attrs._replace(blink=code == 2)

    def report_device_status(self, mode: int, **_: Any) -> None:
        super().report_device_status(mode)


class Screen:
    """A process on a terminal of `columns` by `rows`. Use as a context manager: nothing of it is left behind."""

    def __init__(
        self,
        *arguments: str,
        command: str = sys.executable,
        cwd: Path | str = ROOT,
        env: Mapping[str, str | None] | None = None,
        columns: int = 100,
        rows: int = 40,
        deadline: float = DEADLINE,
    ) -> None:
        self.deadline = deadline
        self.raw = ""
        """All that the process has written, escape codes and all."""
        self._emulator = _Emulator(columns, rows, history=2000, ratio=0.5)
        self._stream = pyte.Stream(self._emulator)
        self.process: pexpect.spawn[str] = pexpect.spawn(
            command,
            list(arguments),
            cwd=str(cwd),
            env=environment({"TERM": "xterm-256color", **(env or {})}),  # type: ignore[arg-type]
            dimensions=(rows, columns),
            encoding="utf-8",
            codec_errors="replace",
            echo=True,
            timeout=deadline,
        )
        self.process.delaybeforesend = None
        self._emulator.answer = self._reply

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.close(force=True)

    # --- the person's hands -----------------------------------------------------------------------

    def type(self, text: str) -> None:
        """Type `text` as it is, without Enter."""
        self.process.send(text)

    def enter(self, text: str = "") -> None:
        """Type `text` and Enter."""
        self.process.send(text + "\r")

    def press(self, *keys: str) -> None:
        """Press keys by their names in KEYS."""
        for key in keys:
            self.process.send(KEYS[key])

    def paste(self, text: str) -> None:
        """Paste as a terminal does in bracketed-paste mode."""
        self.process.send(f"\x1b[200~{text}\x1b[201~")

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size; the process is told by SIGWINCH."""
        self._emulator.resize(rows, columns)
        self.process.setwinsize(rows, columns)

    def _reply(self, data: str) -> None:
        with suppress(OSError):
            self.process.send(data)

    # --- the person's eyes ------------------------------------------------------------------------

    @property
    def lines(self) -> list[str]:
        """The rows of the screen from the top, without what is blank at their right ends."""
        return [line.rstrip() for line in self._emulator.display]

    @property
    def text(self) -> str:
        """The screen as text, without the empty rows at its end."""
        return "\n".join(self.lines).rstrip("\n")

    @property
    def scrolled(self) -> str:
        """What has left the screen at the top, and the screen."""
        width = self._emulator.columns
        above = ["".join(row[x].data for x in range(width)).rstrip() for row in self._emulator.history.top]
        return "\n".join([*above, *self.lines]).rstrip("\n")

    @property
    def cursor(self) -> tuple[int, int]:
        """Row and column of the cursor, 0-based."""
        return self._emulator.cursor.y, self._emulator.cursor.x

    @property
    def cells(self) -> list[list[Any]]:
        """Each row's cells as pyte's Char; the cell behind a wide character has no data."""
        return [[row[x] for x in range(self._emulator.columns)] for row in self._rows()]

    def _rows(self) -> list[Any]:
        return [self._emulator.buffer[y] for y in range(self._emulator.lines)]

    @property
    def cursor_hidden(self) -> bool:
        """Whether the program has switched the cursor off."""
        return bool(self._emulator.cursor.hidden)

    def style(self, text: str) -> Any:
        """How the first character of the last `text` on the screen looks: pyte's Char (fg, bg, bold, reverse, …).

        Dim text has `blink` set.
        """
        for y in range(self._emulator.lines - 1, -1, -1):
            x = self._emulator.display[y].rfind(text)
            if x >= 0:
                return self._emulator.buffer[y][x]
        raise NotSeen(f"{text!r} is not on the screen\n{self.report()}")

    def see(self, pattern: str, *, deadline: float | None = None) -> re.Match[str]:
        """Wait until `pattern` (re, MULTILINE) is on the screen; raises NotSeen."""
        return self._until(lambda: re.search(pattern, self.text, re.MULTILINE), repr(pattern), deadline)

    def until(self, found: Any, what: str, *, deadline: float | None = None) -> None:
        """Read on until `found()` is true; raises NotSeen with `what` in its words."""
        self._until(found, what, deadline)

    def prompt(self, words: str = "", *, deadline: float | None = None) -> None:
        """Wait until the last row that is not blank, toolbar aside, is the prompt `(lowdb WORDS)` with nothing typed
        and the cursor behind it.
        """
        text = f"(lowdb {words})" if words else "(lowdb)"
        self._until(lambda: self._at_prompt(text), f"the prompt {text}", deadline)

    def command(self, line: str, words: str = "") -> str:
        """Type a line with Enter, wait for the next prompt, and return what came between the two."""
        row = self._absolute_row()
        self.enter(line)
        text = f"(lowdb {words})" if words else "(lowdb)"
        self._until(lambda: self._absolute_row() > row and self._at_prompt(text), f"a prompt after {line!r}", None)
        return "\n".join(self.scrolled.splitlines()[row + 1 : self._absolute_row()]).rstrip("\n")

    def settle(self, seconds: float = 0.2) -> None:
        """Read on until nothing new has come for so long: for what must not come.

        While the cursor is hidden the program is in the middle of drawing, which a busy machine may draw out.
        """
        limit = time.monotonic() + seconds + 1.5
        while self._read(seconds) or (self.cursor_hidden and time.monotonic() < limit):
            pass

    def end(self, *, deadline: float | None = None) -> int:
        """Wait for the process's end; its exit status (negative: the signal)."""
        limit = time.monotonic() + (deadline or self.deadline)
        while self._read(0.1) or self.process.isalive():
            if time.monotonic() > limit:
                raise NotSeen(f"the process did not end\n{self.report()}")
        self.process.close()
        if self.process.signalstatus is not None:
            return -int(self.process.signalstatus)
        return int(self.process.exitstatus or 0)

    def report(self) -> str:
        """The screen in a frame, for the text of a failure."""
        width = self._emulator.columns
        rows = "\n".join(f"|{line:<{width}}|" for line in self.text.splitlines())
        return f"+{'-' * width}+\n{rows}\n+{'-' * width}+ cursor {self.cursor}"

    # --- reading ----------------------------------------------------------------------------------

    def _absolute_row(self) -> int:
        """The cursor's row, counted from the first line that ever was on the screen."""
        return len(self._emulator.history.top) + self.cursor[0]

    def _at_prompt(self, text: str) -> bool:
        y, x = self.cursor
        return self.lines[y][: len(text)] == text and x == len(text) + 1

    def _until(self, found: Any, what: str, deadline: float | None) -> Any:
        limit = time.monotonic() + (deadline or self.deadline)
        while True:
            answer = found()
            if answer:
                return answer
            left = limit - time.monotonic()
            if left <= 0:
                raise NotSeen(f"{what} was not seen in time\n{self.report()}")
            if not self._read(min(left, 0.5)) and not self.process.isalive():
                answer = found()
                if answer:
                    return answer
                raise NotSeen(f"the process ended and {what} was not there\n{self.report()}")

    def _read(self, seconds: float) -> bool:
        """Take in what has come, waiting so long for it; whether anything came."""
        try:
            data = self.process.read_nonblocking(65536, timeout=seconds)
        except pexpect.TIMEOUT:
            return False
        except pexpect.EOF:
            return False
        self.raw += data
        self._stream.feed(data)
        return bool(data)
