"""Starts the program anew: the process executes itself again and takes breakpoints and unread commands along.

The state travels in a nameless temporary file whose descriptor is named in LOWDB_RESTART; both are gone before the
program's first line.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, Final, NoReturn

from lowdb.program.imports import standard

if TYPE_CHECKING:
    from collections.abc import Callable

VARIABLE: Final = "LOWDB_RESTART"


class Restarter:
    """Knows how this process was started. Made before anything of the program ran."""

    def __init__(self, command: list[str], arguments: list[str], state: Callable[[], dict[str, Any]]) -> None:
        """`command`: interpreter, its flags, lowdb, its options, the program; `state`: what to take along, as JSON."""
        self.command: Final = command
        self.arguments: Final = arguments
        self._state = state
        self._environment = os.environ.copy()
        self._directory = os.getcwd()

    def __call__(self, arguments: list[str] | None = None) -> NoReturn:
        """Start anew with `arguments` (None: those of this run). Raises OSError where that is impossible.

        No atexit callback runs; child processes and what other threads do are left to the system.
        """
        with standard("json", "tempfile"):
            import json  # start-up: only here and in `take_over`
            import tempfile  # start-up

        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except Exception:  # closed or replaced by the program
                pass
        state = {**self._state(), "input": _unread_input()}
        file = tempfile.TemporaryFile()  # noqa: SIM115  (it has to outlive this process image)
        file.write(json.dumps(state).encode())
        file.flush()
        os.lseek(file.fileno(), 0, os.SEEK_SET)
        os.set_inheritable(file.fileno(), True)
        os.chdir(self._directory)
        environment = {**self._environment, VARIABLE: str(file.fileno())}
        os.execve(self.command[0], [*self.command, *(self.arguments if arguments is None else arguments)], environment)


def _unread_input() -> str:
    """What Python has read of standard input and nobody has used yet: it would be lost with this process image.

    Where all of the input is there already, it becomes the next image's standard input again, and "" is returned.
    """
    with standard("select"):
        import select  # start-up

    try:
        if sys.stdin.isatty() or sys.stdin.fileno() != 0:
            return ""
        # The stream gives up its buffers as soon as the descriptor below is at its end.
        kept, null = os.dup(0), os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        try:
            data = sys.stdin.read().encode(sys.stdin.encoding, "surrogateescape")
        finally:
            os.dup2(kept, 0)
            os.close(null)
            os.close(kept)
        while data and select.select([0], [], [], 0)[0]:
            more = os.read(0, 65536)
            data += more
            if not more:
                _become_input(data)
                return ""
        return data.decode(errors="replace")
    except (AttributeError, OSError, ValueError):  # closed or replaced by the program
        return ""


def _become_input(data: bytes) -> None:
    with standard("tempfile"):
        import tempfile  # start-up

    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        os.lseek(file.fileno(), 0, os.SEEK_SET)
        os.dup2(file.fileno(), 0)


def take_over() -> dict[str, Any]:
    """What the process took along when it started itself anew; {} where it did not, or where that is unreadable.

    The key "input" holds standard input that has been read already.
    """
    number = os.environ.pop(VARIABLE, None)
    if number is None:
        return {}
    with standard("json"):
        import json  # start-up: only where there is something to read

    try:
        if int(number) <= 2:
            return {}  # not ours: the standard streams
        with open(int(number), "rb") as file:
            state = json.load(file)
    except (OSError, ValueError):
        return {}
    return state if type(state) is dict else {}


def interpreter_flags(entry: list[str]) -> list[str]:
    """Of `python FLAGS… -m lowdb` or `python FLAGS… /bin/lowdb` (without `python`) the flags."""
    flags: list[str] = []
    words = iter(entry)
    for word in words:
        if not word.startswith("-") or word == "-":
            break
        if word == "--check-hash-based-pycs":
            flags += [word, next(words, "")]
            continue
        if word.startswith("--"):
            flags.append(word)
            continue
        for index, letter in enumerate(word[1:], 1):
            if letter in "mc":  # the rest is what to run, not how
                return [*flags, word[:index]] if index > 1 else flags
            if letter in "WX":  # the rest, or the next word, is its value
                flags += [word] if word[index + 1 :] else [word, next(words, "")]
                break
        else:
            flags.append(word)
    return flags
