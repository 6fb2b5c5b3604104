"""Whose turn it is on a terminal, among the processes of its session: a lock that the system gives back for the dead.

With it lies what the terminal was set to before its holder changed that, so that the next one can set it back.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from lowdb.program.imports import standard

if TYPE_CHECKING:
    type Modes = list[int | list[bytes | int]]
    """What termios.tcgetattr returns."""

_LONGEST = 4096


class TerminalLock:
    """The lock of the terminal of this process's session. Where no file can be made for it, it is always free."""

    def __init__(self) -> None:
        self._file = -1
        self.shared = False
        """Whether another process that is alive has had its turn since."""
        self.left: Modes | None = None
        """What a holder that died would have set the terminal back to; None where there is nothing to mend."""

    def take(self) -> None:
        """Wait until no other process has it. Raises KeyboardInterrupt."""
        with standard("fcntl"):
            import fcntl  # start-up: only for those who stop

        try:
            self._file = _open()
        except OSError:
            return
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX)
        except OSError:  # a file system without locks
            pass
        except BaseException:
            self.give()
            raise
        self._look()

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
        try:
            words = os.pread(self._file, _LONGEST, 0).decode("ascii", "replace").split()
        except OSError:
            words = []
        pid = int(words[0]) if words and words[0].isdecimal() else 0
        if pid and pid != os.getpid():
            self.left = _modes(words[1:])
            self.shared = self.shared or _here(pid)
        self.keep(None)


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
    try:
        with open(f"/proc/{process}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[19]
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
