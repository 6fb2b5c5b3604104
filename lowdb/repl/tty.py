"""The controlling terminal, for the time of a stop: opened each time, lent to one process at a time, left as found.

Between two stops nothing of it is held: the program may close every descriptor, or become a daemon.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # importing signal itself builds enums: 1 ms of the start
import os
from _thread import get_ident
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lowdb.program.imports import standard
from lowdb.program.threads import main_ident
from lowdb.repl.ttylock import TerminalLock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType
    from typing import Any

    from lowdb.repl.ttylock import Modes

_HIGH = 200
_ENDING = (_signal.SIGTERM, _signal.SIGHUP)


class Terminal:
    """The controlling terminal of this process. No method raises anything but what it names."""

    def __init__(self) -> None:
        self._descriptor = -1
        self._depth = 0
        self._process = os.getpid()
        self._lock = TerminalLock()
        self._found: tuple[Modes, Modes] | None = None  # what the program had set, and what we have set instead
        self._borrowed: Modes | None = None  # what is to be set back after a prompt
        self._handlers: list[tuple[int, object]] = []

    # --- a stop -------------------------------------------------------------------------------------

    def enter(self, settle: bool = True) -> bool:
        """Open it, wait for our turn on it, and have lines written and read there as lines, unless `settle` is false.

        False where this process has none. Calls nest. Raises Interrupted while it waits; nothing is held then.
        """
        if self._process != os.getpid():
            self._forked()
        if self._depth == 0:
            self._descriptor = _open()
            if self._descriptor < 0:
                return False
            try:
                self._lock.take()
                self._mend()
                if settle:
                    self._settle()
            except BaseException:
                self._close()
                raise
        self._depth += 1
        return True

    def leave(self) -> None:
        """Undo one `enter`: after the last, the terminal is as the program had it, and another process's turn."""
        if self._process != os.getpid():
            return self._forked()
        self._depth = max(0, self._depth - 1)
        if self._depth == 0 and self._descriptor >= 0:
            if self._borrowed is not None:
                self._give_back()
            if self._found is not None and self._get() == self._found[1]:
                self._set(self._found[0])
            self._close()
        return None

    @property
    def shared(self) -> bool:
        """Whether another process, alive at the time, had its turn between two of ours."""
        return self._lock.shared

    @property
    def descriptor(self) -> int:
        """Its number, -1 while it is not open."""
        return self._descriptor

    def _close(self) -> None:
        descriptor, self._descriptor = self._descriptor, -1
        self._found = None
        os.close(descriptor)
        self._lock.give()

    def _forked(self) -> None:
        """In a child that was forked in the middle of a stop: it is the parent's."""
        self._process = os.getpid()
        self._depth = 0
        self._found = self._borrowed = None
        self._handlers.clear()
        if self._descriptor >= 0:
            self._close()
        self._lock = TerminalLock()

    # --- writing and its size -----------------------------------------------------------------------

    def write(self, text: str) -> None:
        """Write all of `text`. Raises OSError where the terminal is gone."""
        data = text.encode("utf-8", "replace")
        while data:
            data = data[os.write(self._descriptor, data) :]

    def say(self, text: str) -> None:
        """Write it also between two stops, whoever's turn it is; what cannot be written is dropped."""
        closed = self._descriptor < 0 or self._process != os.getpid()
        if closed:
            if self._process != os.getpid():
                self._forked()
            self._descriptor = _open()
        try:
            self.write(text)
        except OSError:
            pass
        finally:
            if closed and self._descriptor >= 0:
                os.close(self._descriptor)
                self._descriptor = -1

    def columns(self) -> int:
        """The width in characters; 80 where the terminal does not say."""
        return self._size()[0] or 80

    def rows(self) -> int:
        """The height in lines; 24 where the terminal does not say."""
        return self._size()[1] or 24

    def _size(self) -> tuple[int, int]:
        try:
            return os.get_terminal_size(self._descriptor)
        except (OSError, ValueError):
            return 0, 0

    # --- what it is set to --------------------------------------------------------------------------

    @contextmanager
    def borrowed(self) -> Iterator[None]:
        """While a person types: nothing is echoed but what we echo; afterwards all is as it was.

        It is set back also where SIGTERM or SIGHUP ends the process, if this is the main thread. Raises OSError where
        the terminal is gone.
        """
        modes = self._borrowed or self._get()
        if modes is None:
            raise OSError("the terminal is gone")
        self._borrowed = modes
        self._lock.keep(modes)
        try:
            self._watch_endings()
            self._change(modes, off=_termios().ECHO)
            yield
        finally:
            self._give_back()

    @contextmanager
    def lent(self) -> Iterator[None]:
        """Inside `borrowed`: another process may have its turn in between, and it is as the program had it."""
        modes = self._borrowed
        if modes is not None:
            self._set(modes)
        self._lock.give()
        try:
            yield
        finally:
            self._lock.take()
            self._lock.keep(modes)

    @contextmanager
    def raw(self) -> Iterator[None]:
        """Inside `borrowed`: each key comes at once and as it is; only Enter still comes as a newline."""
        self.make_raw()
        yield

    def make_raw(self) -> None:
        """Inside `borrowed`: as `raw`, once more: somebody else may have set it."""
        termios = _termios()
        if self._borrowed is not None:
            off = termios.ECHO | termios.ICANON | termios.IEXTEN | termios.ISIG
            self._change(self._borrowed, off=off, input_off=termios.IXON | termios.IXOFF | termios.INLCR)

    @property
    def is_raw(self) -> bool:
        """Whether keys come at once. True where nobody can say."""
        modes = self._get()
        return modes is None or not _number(modes, 3) & _termios().ICANON

    def _mend(self) -> None:
        """Set it back where the process that had it before has died in the middle of a line."""
        if self._lock.left is not None:
            self._set(self._lock.left)
            self._lock.left = None

    def _settle(self) -> None:
        """Make it a terminal on which lines can be written and read, where the program has set it otherwise."""
        termios = _termios()
        modes = self._get()
        if modes is None:
            return
        local = termios.ICANON | termios.ISIG
        if "INSIDE_EMACS" not in os.environ:  # Emacs shows what is typed by itself
            local |= termios.ECHO
        if _number(modes, 3) & local == local and _number(modes, 1) & termios.OPOST:
            return
        sane = list(modes)
        sane[0] = _number(modes, 0) | termios.ICRNL | termios.BRKINT
        sane[1] = _number(modes, 1) | termios.OPOST | termios.ONLCR
        sane[3] = _number(modes, 3) | local | termios.ECHO | termios.IEXTEN | termios.ECHOE | termios.ECHOK
        self._set(sane)
        self._found = (modes, self._get() or sane)

    def _give_back(self) -> None:
        modes = self._borrowed
        if modes is not None and self._process == os.getpid():
            self._set(modes)
            self._lock.keep(None)
            self._borrowed = None
        while self._handlers:
            number, handler = self._handlers.pop()
            _signal.signal(number, handler)

    def _change(self, modes: Modes, off: int, input_off: int = 0) -> None:
        termios = _termios()
        changed = list(modes)
        changed[0] = (_number(modes, 0) & ~input_off) | termios.ICRNL
        changed[3] = _number(modes, 3) & ~off
        codes = list(modes[6]) if isinstance(modes[6], list) else []
        codes[termios.VMIN], codes[termios.VTIME] = 1, 0
        changed[6] = codes
        self._set(changed)

    def _get(self) -> Modes | None:
        termios = _termios()
        try:
            return list(termios.tcgetattr(self._descriptor))
        except (termios.error, OSError, ValueError):
            return None

    def _set(self, modes: Modes) -> None:
        termios = _termios()
        try:
            termios.tcsetattr(self._descriptor, termios.TCSANOW, modes)
        except (termios.error, OSError, ValueError):  # it is gone
            pass

    def _watch_endings(self) -> None:
        """A signal that ends the process would leave the terminal raw: set it back first, then die of the signal."""
        if self._handlers or get_ident() != main_ident():
            return

        def end(number: int, frame: FrameType | None) -> None:
            self._give_back()
            _signal.signal(number, _signal.SIG_DFL)
            os.kill(os.getpid(), number)

        for number in _ENDING:
            if _signal.getsignal(number) == _signal.SIG_DFL:
                self._handlers.append((number, _signal.SIG_DFL))
                _signal.signal(number, end)


def in_foreground(descriptor: int) -> bool:
    """Whether reading this terminal would not stop the process with SIGTTIN."""
    try:
        return os.tcgetpgrp(descriptor) == os.getpgrp()
    except OSError:
        return False


def has_terminal() -> bool:
    """Whether this process has a controlling terminal and is in its foreground."""
    descriptor = _open()
    if descriptor < 0:
        return False
    try:
        return in_foreground(descriptor)
    finally:
        os.close(descriptor)


def _open() -> int:
    """The controlling terminal under a high number: the program's own files get those that they would get without us.

    -1 where there is none. In a jail without /dev/tty it is the first of the standard streams that is a terminal.
    """
    with standard("fcntl"):
        import fcntl  # start-up: only where there is a terminal

    try:
        low = os.open("/dev/tty", os.O_RDWR | os.O_CLOEXEC | os.O_NOCTTY)
    except FileNotFoundError:
        number = next((number for number in (0, 2, 1) if in_foreground(number)), -1)
        return -1 if number < 0 else _high(fcntl.fcntl, os.dup(number), fcntl.F_DUPFD_CLOEXEC)
    except OSError:
        return -1
    return _high(fcntl.fcntl, low, fcntl.F_DUPFD_CLOEXEC)


def _high(fcntl: Callable[[int, int, int], int], descriptor: int, command: int) -> int:
    try:
        high = fcntl(descriptor, command, _HIGH)
    except OSError:  # there are not so many
        return descriptor
    os.close(descriptor)
    return high


def _termios() -> Any:
    with standard("termios"):
        import termios  # start-up: only where there is a terminal

    return termios


def _number(modes: Modes, index: int) -> int:
    part = modes[index]
    return part if isinstance(part, int) else 0
