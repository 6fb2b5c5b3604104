"""Whose turn it is on a terminal, among the processes of its session: a lock that the system gives back for the dead.

With it lies what the terminal was set to before its holder changed that, so that the next one can set it back.
"""

from __future__ import annotations

import os
from time import sleep  # as it was at first: a program may mock it
from typing import TYPE_CHECKING

from lowdb.program.imports import standard
from lowdb.repl.console import Interrupted

if TYPE_CHECKING:
    from collections.abc import Callable

    type Modes = list[int | list[bytes | int]]
    """What termios.tcgetattr returns."""

_LONGEST = 4096
_EVERY = 0.03
"""Seconds between two looks whether it is our turn: nobody wakes us when its holder is stopped."""


class TerminalLock:
    """The lock of the terminal of this process's session. Where no file can be made for it, it is always free."""

    def __init__(self) -> None:
        self._file = -1
        self.shared = False
        """Whether another process that is alive has had its turn since."""
        self.left: Modes | None = None
        """What a holder that died would have set the terminal back to; None where there is nothing to mend."""

    def take(self) -> None:
        """Wait until no other process has it. Raises Interrupted."""
        with standard("fcntl"):
            import fcntl  # start-up: only for those who stop

        try:
            self._file = _open()
        except OSError:
            return
        try:
            while not self._got(fcntl.lockf, fcntl.LOCK_EX | fcntl.LOCK_NB):
                sleep(_EVERY)
        except BaseException as error:  # of a signal handler
            self.give()
            raise Interrupted(error) from None
        self._look()

    def _got(self, lock: Callable[[int, int], None], how: int) -> bool:
        """Whether it is ours now. Who has it and is stopped (Ctrl-Z) does not count: the person is elsewhere."""
        try:
            lock(self._file, how)
        except (BlockingIOError, PermissionError):
            return _is_stopped(self._last()[0])
        except OSError:  # a file system without locks
            pass
        return True

    def give(self) -> None:
        """Let the next one have it."""
        file, self._file = self._file, -1
        if file >= 0:
            os.close(file)  # a record lock goes with it

    def keep(self, modes: Modes | None) -> None:
        """Remember what the terminal is to be set back to, should this process die; None once that was done."""
        if self._file < 0:
            return
        text = f"{os.getpid()} {_words(modes)}".encode()
        try:
            os.pwrite(self._file, text, 0)
            os.ftruncate(self._file, len(text))
        except OSError:
            pass

    def _look(self) -> None:
        pid, modes = self._last()
        if pid and pid != os.getpid():
            self.left = None if _is_stopped(pid) else _modes(modes)
            self.shared = self.shared or _here(pid)
        self.keep(None)

    def _last(self) -> tuple[int, list[str]]:
        """The process that had it last, or has it, and what it would set the terminal back to."""
        try:
            words = os.pread(self._file, _LONGEST, 0).decode("ascii", "replace").split()
        except OSError:
            words = []
        return (int(words[0]) if words and words[0].isdecimal() else 0), words[1:]


def _open() -> int:
    """The file of this session's lock, made where it is not there. Raises OSError."""
    place = os.environ.get("XDG_RUNTIME_DIR", "")
    if place.startswith("/") and os.path.isdir(place):
        place = f"{place}/lowdb"
    else:
        place = f"{os.environ.get('TMPDIR') or '/tmp'}/lowdb-{os.geteuid()}"
    try:
        os.mkdir(place, 0o700)
    except FileExistsError:
        found = os.lstat(place)
        if found.st_uid != os.geteuid() or found.st_mode & 0o170077 != 0o040000:
            raise PermissionError(f"{place} is not ours alone") from None
    session = os.getsid(0)
    name = f"{place}/tty-{session}-{_born(session)}"
    flags = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        return os.open(name, flags)
    except FileNotFoundError:
        _tidy(place)
        return os.open(name, flags | os.O_CREAT, 0o600)


def _born(process: int) -> str:
    """When a process began, as the system counts it: numbers of processes come again. "" where nobody says."""
    return _stat(process, 21)


def _stat(process: int, index: int) -> str:
    """A word of what the system says of a process, by its 0-based index; "" where there is no such thing."""
    try:
        with open(f"/proc/{process}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[index - 2]
    except (OSError, IndexError):
        return ""


def _tidy(place: str) -> None:
    """Remove the files of sessions that are over."""
    for name in os.listdir(place):
        _, session, born = [*name.split("-"), "", ""][:3]
        if session.isdecimal() and born and _born(int(session)) != born:
            try:
                os.unlink(f"{place}/{name}")
            except OSError:
                pass


def _is_stopped(pid: int) -> bool:
    """Whether the process is stopped by a signal."""
    return _stat(pid, 2) == "T"


def _here(pid: int) -> bool:
    """Whether the process is alive and at this terminal."""
    try:
        return os.getsid(pid) == os.getsid(0)
    except OSError:
        return False


def _words(modes: Modes | None) -> str:
    if modes is None:
        return ""
    words = []
    for part in modes:
        if isinstance(part, int):
            words.append(str(part))
        else:
            words += [code.hex() or "-" if isinstance(code, bytes) else f"={code}" for code in part]
    return " ".join(words)


def _modes(words: list[str]) -> Modes | None:
    try:
        numbers: Modes = [int(word) for word in words[:6]]
        codes: list[bytes | int] = [
            int(word[1:]) if word.startswith("=") else bytes.fromhex(word.replace("-", "")) for word in words[6:]
        ]
    except ValueError:
        return None
    return [*numbers, codes] if len(numbers) == 6 and codes else None
