"""What the program's other threads print while a line is typed, shown above that line.

Only for streams that are this very terminal. What C code and child processes write still lands where the cursor is.
"""

from __future__ import annotations

import os
import sys
from _thread import allocate_lock
from asyncio import Event, get_running_loop, sleep
from typing import TYPE_CHECKING, Self

from prompt_toolkit.application import run_in_terminal

if TYPE_CHECKING:
    from typing import Any

_AT_MOST_EVERY = 0.05
"""Seconds between two redraws of the line."""
_NAMES = ("stdout", "stderr")


class Above:
    """`with Above() as above:` around a prompt, with `above.pour` as a task of its application."""

    def __init__(self) -> None:
        self._lock = allocate_lock()
        self._waiting: list[tuple[Any, str]] = []
        self._tails: dict[int, tuple[Any, str]] = {}  # by the stream's id: the beginning of a line
        self._wake: Any = None
        self._over = False
        self._proxies: list[tuple[str, Any, _Proxy]] = []

    def __enter__(self) -> Self:
        for name in _NAMES:
            stream = vars(sys).get(name)
            if _is_this_terminal(stream):
                proxy = _Proxy(stream, self)
                self._proxies.append((name, stream, proxy))
                setattr(sys, name, proxy)
        return self

    def __exit__(self, *exc: object) -> None:
        for name, stream, proxy in self._proxies:
            if vars(sys).get(name) is proxy:
                setattr(sys, name, stream)
        with self._lock:
            self._over = True
            rest = [*self._waiting, *self._tails.values()]
            self._waiting.clear()
            self._tails.clear()
        _write(rest)

    def take(self, stream: Any, text: str) -> bool:
        """Keep `text` for the next redraw, from any thread. False once the prompt is over: write it yourself."""
        with self._lock:
            if self._over:
                return False
            whole, newline, tail = (self._tails.pop(id(stream), (None, ""))[1] + text).rpartition("\n")
            if tail:
                self._tails[id(stream)] = (stream, tail)
            if newline:
                self._waiting.append((stream, whole + newline))
                if self._wake is not None:
                    try:
                        self._wake()
                    except RuntimeError:  # the loop is closed: the prompt is about to be over
                        pass
        return True

    async def pour(self) -> None:
        """Show what was kept, again and again, until it is cancelled."""
        loop, event = get_running_loop(), Event()
        self._wake = lambda: loop.call_soon_threadsafe(event.set)
        event.set()
        while True:
            await event.wait()
            event.clear()
            with self._lock:
                waiting = self._waiting[:]
                self._waiting.clear()
            if waiting:
                await run_in_terminal(lambda waiting=waiting: _write(waiting))  # type: ignore[misc]
                await sleep(_AT_MOST_EVERY)


class _Proxy:
    """A stream of the program's for the time of a prompt; afterwards one that passes everything on."""

    def __init__(self, stream: Any, above: Above) -> None:
        self._stream = stream
        self._above = above

    def write(self, text: str) -> int:
        if type(text) is not str or not self._above.take(self._stream, text):
            return int(self._stream.write(text))
        return len(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        if self._above._over:
            self._stream.flush()

    def __iter__(self) -> Any:
        return iter(self._stream)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _write(pieces: list[tuple[Any, str]]) -> None:
    for stream, text in pieces:
        try:
            stream.write(text)
            stream.flush()
        except Exception:  # closed meanwhile
            pass


def _is_this_terminal(stream: Any) -> bool:
    """Whether it writes to the controlling terminal, for which alone a process group can be asked."""
    try:
        os.tcgetpgrp(stream.fileno())
    except Exception:  # not a file, closed, another terminal
        return False
    return True
