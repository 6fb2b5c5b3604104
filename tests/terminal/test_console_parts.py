"""The parts of the console by themselves: the lock, the keyboard, the meeting of two threads, the libraries."""

from __future__ import annotations

import os
import pty
import sys
import termios
import threading
import time
from _thread import get_ident, interrupt_main
from asyncio import Future, get_running_loop, sleep
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest

from lowdb.program.libraries import Libraries
from lowdb.repl.console import Interrupted
from lowdb.repl.ttylock import TerminalLock, _modes, _words
from lowdb.terminal.keyboard import Keyboard
from lowdb.terminal.ownloop import Meeting


class Host:
    """A process whose debugger only counts."""

    libraries = nullcontext()

    def __init__(self) -> None:
        self.own: list[tuple[int, bool]] = []

    def own_thread(self, ident: int, lives: bool) -> None:
        self.own.append((ident, lives))

    def interrupt(self, ident: int) -> None:
        interrupt_main()


class Line:
    """A coroutine that waits until it is ended, as a prompt does."""

    def __init__(self) -> None:
        self.future: Future[str] | None = None

    async def __call__(self) -> str:
        self.future = get_running_loop().create_future()
        return await self.future

    def end(self, error: BaseException) -> None:
        if self.future is not None and not self.future.done():
            self.future.set_exception(error)


# --- the lock --------------------------------------------------------------------------------------


def test_what_a_terminal_was_set_to_goes_through_the_file_unchanged():
    ours, theirs = pty.openpty()
    try:
        modes = termios.tcgetattr(theirs)
        assert _modes(_words(modes).split()) == modes
        modes[3] &= ~termios.ICANON
        modes[6][termios.VMIN], modes[6][termios.VTIME] = 1, 0
        assert _modes(_words(modes).split()) == modes
        assert _modes([]) is None
        assert _modes(["1", "x"]) is None
    finally:
        os.close(ours)
        os.close(theirs)


def test_the_lock_excludes_another_process_and_tells_of_it(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    modes: Any = [1, 2, 3, 4, 5, 6, [b"\x03", 0]]
    begun, go = os.pipe(), os.pipe()
    child = os.fork()
    if not child:
        other = TerminalLock()
        other.take()
        other.keep(modes)
        os.write(begun[1], b"x")
        os.read(go[0], 1)
        os._exit(0)  # without a word: its modes are still to be set back
    os.read(begun[0], 1)
    lock, taken = TerminalLock(), threading.Event()
    thread = threading.Thread(target=lambda: (lock.take(), taken.set()))
    thread.start()
    assert not taken.wait(0.1)
    os.write(go[1], b"x")
    assert taken.wait(10)
    thread.join()
    os.waitpid(child, 0)
    assert lock.left == modes
    lock.give()
    again = TerminalLock()
    again.take()
    assert again.left is None
    assert not again.shared
    again.give()
    assert [name.partition("-")[0] for name in os.listdir(tmp_path / "lowdb")] == ["tty"]
    for end in (*begun, *go):
        os.close(end)


def test_files_of_sessions_that_are_over_are_removed(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    (tmp_path / "lowdb").mkdir(mode=0o700)
    (tmp_path / "lowdb" / "tty-1-0").touch()
    lock = TerminalLock()
    lock.take()
    lock.give()
    assert not (tmp_path / "lowdb" / "tty-1-0").exists()
    assert len(os.listdir(tmp_path / "lowdb")) == 1


def test_where_the_file_cannot_be_made_the_lock_is_free(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    (tmp_path / "lowdb").mkdir(mode=0o777)
    (tmp_path / "lowdb").chmod(0o777)  # anybody's: not trusted
    lock = TerminalLock()
    lock.take()
    lock.keep(None)
    lock.give()
    assert os.listdir(tmp_path / "lowdb") == []


# --- the keyboard ----------------------------------------------------------------------------------


class Tty:
    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.encoding = "utf-8"

    def fileno(self) -> int:
        return self.descriptor

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("typed", "left"),
    [
        (b"p x\nnext\n", b"next\n"),
        (b"half", b""),
        (b"ab\x03rest", b"rest"),
        (b"\x1b[200~one\ntwo\n\x1b[201~\nmore", b"more"),
        ("ä€\n".encode(), b""),
    ],
)
def test_no_more_is_read_than_up_to_the_key_that_may_end_the_entry(typed, left):
    reader, writer = os.pipe()
    try:
        keyboard = Keyboard(Tty(reader), Tty(reader))  # type: ignore[arg-type]
        os.write(writer, typed)
        keys = keyboard.read_keys()
        assert keys
        os.set_blocking(reader, False)
        try:
            rest = os.read(reader, 100)
        except BlockingIOError:
            rest = b""
        assert rest == left
        assert not keyboard.closed
    finally:
        os.close(reader)
        os.close(writer)


def test_a_terminal_that_hangs_up_is_closed():
    reader, writer = os.pipe()
    keyboard = Keyboard(Tty(reader), Tty(reader))  # type: ignore[arg-type]
    os.close(writer)
    assert keyboard.read_keys() == []
    assert keyboard.closed
    os.close(reader)


# --- two threads -----------------------------------------------------------------------------------


def test_the_answer_and_the_error_of_the_coroutine_come_to_the_waiting_thread():
    async def answer() -> str:
        await sleep(0)
        return "line"

    async def fail() -> str:
        raise EOFError("over")

    host = Host()
    assert Meeting(host, lambda error: None).hold(answer) == "line"
    with pytest.raises(EOFError, match="over"):
        Meeting(host, lambda error: None).hold(fail)
    assert [lives for _, lives in host.own] == [True, False, True, False]
    assert get_ident() not in {ident for ident, _ in host.own}


def test_an_errand_runs_in_the_waiting_thread_and_is_refused_once_that_has_gone_on():
    late: list[BaseException] = []
    meeting: Meeting[object] = Meeting(Host(), lambda error: None)

    async def coroutine() -> object:
        return await meeting.aside(lambda: (meeting.errand(get_ident), get_ident()))

    waiting, aside = meeting.hold(coroutine)  # type: ignore[misc]
    assert waiting == get_ident() != aside
    try:
        meeting.errand(get_ident)
    except RuntimeError as error:
        late.append(error)
    assert [str(error) for error in late] == ["no line is being typed"]


def test_an_errand_that_nobody_will_do_ends_its_thread():
    meeting: Meeting[str] = Meeting(Host(), lambda error: None)
    refused: list[BaseException] = []

    def ask() -> None:
        try:
            meeting.errand(lambda: time.sleep(5))
        except RuntimeError as error:
            refused.append(error)

    thread = threading.Thread(target=ask)
    begun = threading.Event()

    def busy(wanted: bool = True) -> None:
        """In the waiting thread: until the coroutine is over and, behind its end, an errand waits."""
        begun.set()
        while not meeting._served:
            time.sleep(0.001)
        thread.start()
        while len(meeting._jobs) < 2:
            time.sleep(0.001)

    async def coroutine() -> str:
        meeting._jobs.append(busy)
        meeting._wake.put(None)
        begun.wait(10)
        return "line"

    assert meeting.hold(coroutine) == "line"
    thread.join(10)
    assert not thread.is_alive()
    assert [str(error) for error in refused] == ["no line is being typed"]


def test_control_c_between_two_errands_loses_neither_of_them(monkeypatch):
    """It may come when an errand has been taken and not begun: both threads then waited for ever."""
    meeting: Meeting[str] = Meeting(Host(), lambda error: None)
    real, cut = meeting._wake.get, []

    def get() -> None:
        real()
        if not cut:
            cut.append(True)
            raise KeyboardInterrupt

    monkeypatch.setattr(meeting, "_wake", SimpleNamespace(get=get, put=meeting._wake.put))

    async def coroutine() -> str:
        def ask() -> str:
            try:
                meeting.errand(lambda: None)
            except RuntimeError as error:
                return str(error)
            return "done"

        return await meeting.aside(ask)

    assert meeting.hold(coroutine) == "no line is being typed"


def test_control_c_from_outside_ends_the_line_and_other_exceptions_of_handlers_do_not(monkeypatch):
    import signal

    def raise_it(error: BaseException) -> Any:
        def handler(*_: object) -> None:
            raise error

        return handler

    for error, expected in ((KeyboardInterrupt(), KeyboardInterrupt), (SystemExit(3), Interrupted)):
        line = Line()
        meeting: Meeting[str] = Meeting(Host(), line.end)
        before = signal.signal(signal.SIGUSR1, raise_it(ValueError("stray")))
        try:

            def disturb(meeting: Meeting[str] = meeting, line: Line = line, error: BaseException = error) -> None:
                while line.future is None:
                    time.sleep(0.01)
                os.kill(os.getpid(), signal.SIGUSR1)
                while not meeting.strays:
                    time.sleep(0.01)
                os.kill(os.getpid(), signal.SIGUSR2)

            second = signal.signal(signal.SIGUSR2, raise_it(error))
            thread = threading.Thread(target=disturb)
            thread.start()
            with pytest.raises(expected):
                meeting.hold(line)
            thread.join()
            assert [str(stray) for stray in meeting.strays] == ["stray"]
            signal.signal(signal.SIGUSR2, second)
        finally:
            signal.signal(signal.SIGUSR1, before)


# --- the libraries ---------------------------------------------------------------------------------


def test_a_library_of_the_programs_that_is_too_old_stays_the_programs(tmp_path, monkeypatch):
    for folder, version in (("old", "1.9"), ("new", "2.1")):
        (tmp_path / folder / "parrot").mkdir(parents=True)
        (tmp_path / folder / "parrot" / "__init__.py").write_text(f"__version__ = {version!r}\n")
        (tmp_path / folder / "parrot" / "late.py").write_text(f"which = {folder!r}\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path / "old"), *sys.path, str(tmp_path / "new")])
    import parrot  # type: ignore[import-not-found]

    libraries = Libraries({"parrot": (2, 0)})
    try:
        with libraries.importing():
            import parrot as ours

            assert ours.__version__ == "2.1"
        assert sys.modules["parrot"] is parrot
        assert parrot.__version__ == "1.9"
        with libraries:
            from parrot.late import which

            assert which == "new"
            assert sys.modules["parrot"] is ours
        from parrot.late import which as theirs

        assert theirs == "old"
    finally:
        for name in ("parrot", "parrot.late"):
            sys.modules.pop(name, None)


def test_a_library_of_the_programs_that_will_do_is_shared(tmp_path, monkeypatch):
    (tmp_path / "cockatoo").mkdir()
    (tmp_path / "cockatoo" / "__init__.py").write_text("__version__ = '2.0.1'\n")
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    import cockatoo  # type: ignore[import-not-found]

    libraries = Libraries({"cockatoo": (2, 0)})
    try:
        with libraries.importing():
            import cockatoo as ours
        assert ours is cockatoo
    finally:
        sys.modules.pop("cockatoo", None)
