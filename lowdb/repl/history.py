"""What was typed: in this session, and in a file for the sessions to come.

Several processes may write the file at once. Whatever is wrong with it costs one line of words, never an error.
"""

from __future__ import annotations

import os
import re
from time import sleep
from typing import TYPE_CHECKING, Final

from lowdb.program.imports import standard
from lowdb.program.paths import START_DIRECTORY
from lowdb.repl.places import write_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lowdb.repl.places import Places

# As they were at the start: a program may mock them.
_open, _close, _read, _write, _seek = os.open, os.close, os.read, os.write, os.lseek
_fstat, _stat, _sleep = os.fstat, os.stat, sleep
_join, _expanduser = os.path.join, os.path.expanduser

_BIGGEST: Final = 8_000_000  # bytes of the file that are read: its end
_LONGEST: Final = 65_536  # characters of one entry
_SLACK: Final = 1.25  # the file is made shorter when it has so many times its entries
_TRIES: Final = 40  # to get the lock, 5 ms apart
_ESCAPED: Final = {"\\\\": "\\", "\\n": "\n", "\\r": "\r"}


def history_file(environment: Mapping[str, str], places: Places) -> str:
    """The file's absolute name, or "" where nothing is kept.

    LOWDB_HISTORY names another file; set to nothing it means none.
    """
    named = environment.get("LOWDB_HISTORY")
    if named is None:
        return places.state_file("history")
    return _join(START_DIRECTORY, _expanduser(named)) if named and "\0" not in named else ""


class History:
    """The entries of this session and, where there is a file, of earlier ones. Each is there once, where it was last.

    The file is read when the entries are first asked for.
    """

    def __init__(self, limit: int, locate: Callable[[], str] = str) -> None:
        self.limit = limit
        """How many entries are kept."""
        self.locate = locate
        """Answers the absolute name of the file, or ""; called when the entries are first asked for."""
        self._file = ""
        self.problem = ""
        """Why the file is not kept any more, in words; "" while all is well."""
        self._entries: dict[str, None] = {}
        self._loaded = False

    def entries(self) -> list[str]:
        """All entries, the oldest first."""
        self._load()
        return list(self._entries)

    def add(self, entry: str) -> None:
        """Keep what was typed, unless it is empty or begins with a space."""
        entry = entry.rstrip()
        if not entry or entry[0].isspace() or self.limit < 1:
            return
        self._load()
        repeated = next(reversed(self._entries), None) == entry
        self._entries.pop(entry, None)
        self._entries[entry] = None
        while len(self._entries) > self.limit:
            del self._entries[next(iter(self._entries))]
        if self._file and not self.problem and not repeated and len(entry) <= _LONGEST:
            try:
                _append(self._file, _escaped(entry))
            except OSError as error:
                self._trouble(error)

    def _load(self) -> None:
        if self._loaded:
            return
        self._loaded = True
        self._file = self.locate()
        if not self._file:
            return
        try:
            lines = _lines(_content(self._file))
            kept = _latest(lines, self.limit)
            if len(lines) > max(len(kept), self.limit) * _SLACK:
                kept = _shorten(self._file, self.limit)
        except OSError as error:
            self._trouble(error)
        else:
            self._entries = dict.fromkeys(map(_plain, kept))

    def _trouble(self, error: OSError) -> None:
        self.problem = f"the history is not kept: {self._file}: {error.strerror or type(error).__name__}"


# --- the file: one line an entry, the newest last ---------------------------------------------------


def _escaped(entry: str) -> str:
    return entry.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")


def _plain(line: str) -> str:
    return re.sub(r"\\[\\nr]", lambda match: _ESCAPED[match.group()], line) if "\\" in line else line


def _lines(data: bytes) -> list[str]:
    """The entries as they are written; what a person cannot have typed is left out."""
    lines = data.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")
    nonsense = re.compile(r"[\x00-\x08\x0b-\x1f\ufffd]").search
    return [line for line in lines if line and not line.isspace() and len(line) <= 2 * _LONGEST and not nonsense(line)]


def _latest(lines: list[str], limit: int) -> list[str]:
    """Each line once, where it stands last; the newest `limit` of them."""
    return list(dict.fromkeys(reversed(lines)))[: max(limit, 0)][::-1]


def _content(path: str) -> bytes:
    """The end of the file, b"" where there is none yet. Raises OSError."""
    try:
        if not _is_regular(_stat(path)):  # a fifo would block
            return b""
        descriptor = _open(path, os.O_RDONLY)
    except FileNotFoundError:
        return b""
    try:
        size = _fstat(descriptor).st_size
        _seek(descriptor, max(0, size - _BIGGEST), os.SEEK_SET)
        parts = []
        while part := _read(descriptor, 1 << 20):
            parts.append(part)
    finally:
        _close(descriptor)
    data = b"".join(parts)
    return data if size <= _BIGGEST else data.partition(b"\n")[2]


def _is_regular(about: os.stat_result) -> bool:
    return about.st_mode & 0o170000 == 0o100000  # stat.S_IFMT, stat.S_IFREG


def _append(path: str, line: str) -> None:
    """Add a line, whole, whoever else does. Raises OSError."""
    descriptor = _locked(path)
    try:
        about = _fstat(descriptor)
        data = f"{line}\n".encode("utf-8", "replace")
        if _is_regular(about) and about.st_size:
            _seek(descriptor, about.st_size - 1, os.SEEK_SET)
            if _read(descriptor, 1) != b"\n":
                data = b"\n" + data  # somebody was cut off
        if _write(descriptor, data) < len(data):
            raise OSError(28, "No space left on device")
    finally:
        _close(descriptor)


def _shorten(path: str, limit: int) -> list[str]:
    """Make the file as short as it may be, and return what is in it. Raises OSError."""
    descriptor = _locked(path)
    try:
        kept = _latest(_lines(_content(path)), limit)
        write_whole(path, "".join(f"{line}\n" for line in kept))
    finally:
        _close(descriptor)
    return kept


def _locked(path: str) -> int:
    """The file opened, made where it is not there, with a lock on it if one can be had. Raises OSError."""
    while True:
        descriptor = _open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            if not _lock(descriptor) or _fstat(descriptor).st_ino == _stat(path).st_ino:
                return descriptor
        except FileNotFoundError:
            pass
        except BaseException:
            _close(descriptor)
            raise
        _close(descriptor)  # another process has just put a shorter one in its place


def _lock(descriptor: int) -> bool:
    try:
        with standard("fcntl"):
            import fcntl  # start-up: only with a line that a person has typed
    except ImportError:  # Windows: lines are still added whole
        return False
    for _ in range(_TRIES):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _sleep(0.005)
        except OSError:  # a file system without locks
            return False
        else:
            return True
    return False
