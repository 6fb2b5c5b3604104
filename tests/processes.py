"""Processes for tests: each in a session of its own, each answer with a deadline, none left behind."""

from __future__ import annotations

import atexit
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = ROOT / "tests" / "programs"
DEADLINE = 20.0
"""Seconds that a debuggee may take for one answer, or for its whole life where nothing is asked."""


class Stuck(AssertionError):
    """The process did not answer in time; it and its group were ended. The text shows what it said and where it was."""


@dataclass(frozen=True, slots=True)
class Completed:
    """How a process ended: its exit status (negative: the signal) and all that it wrote."""

    status: int
    out: str
    err: str


@cache
def _homes() -> tuple[str, count[int]]:
    # not made here: most processes write nothing there, and a worker of xdist's ends without its atexit callbacks
    place = os.path.join(tempfile.gettempdir(), f"lowdb-tests-{os.getpid()}-{os.urandom(4).hex()}")
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    return place, count()


def own_places() -> dict[str, str]:
    """XDG directories that nobody has used yet: no person's settings, history or breakpoints, nor another test's.

    They do not exist; who writes there makes them. They are gone when this process ends.
    """
    place, numbers = _homes()
    number = next(numbers)
    return {"XDG_CONFIG_HOME": f"{place}/config{number}", "XDG_STATE_HOME": f"{place}/state{number}"}


FOREIGN = (
    "PYTHONBREAKPOINT",
    "PYTHONPATH",
    "PYTHONSTARTUP",
    "COLUMNS",
    "LINES",
    "NO_COLOR",
    "FORCE_COLOR",
    "PYTHON_COLORS",
)
FOREIGN += ("PY_COLORS", "COLORTERM", "INSIDE_EMACS", "CI", "BUILD_NUMBER")
"""What changes how lowdb, Python or pytest (which writes more under CI) say the same."""


def environment(extra: Mapping[str, str | None] | None = None) -> dict[str, str]:
    """The environment of a debuggee: this one, less what would change a run, lowdb importable, with places of its own
    for settings and state. None removes a name. A test in which two processes share a place names it in `extra`.
    """
    env = {key: value for key, value in os.environ.items() if not key.startswith(("LOWDB", "COVERAGE_", "PYTEST_"))}
    for name in FOREIGN:
        env.pop(name, None)
    env |= {"PYTHONPATH": str(ROOT), "PYTHONFAULTHANDLER": "1", "PYTHONDONTWRITEBYTECODE": "1", "TERM": "dumb"}
    env |= {"PYTHONIOENCODING": "utf-8", "PYTHONHASHSEED": "0", **own_places()}
    for key, value in (extra or {}).items():
        if value is None:
            env.pop(key, None)
        else:
            env[key] = value
    return env


class Process:
    """A running process whose standard streams are pipes; it leads a session and a process group of its own."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str | None] | None = None,
        cwd: Path | str | None = None,
        deadline: float = DEADLINE,
        stdin: bool = True,
        pass_fds: Sequence[int] = (),
    ) -> None:
        self.argv = list(argv)
        self.deadline = deadline
        self.out = ""
        self.err = ""
        self._seen = 0
        self.popen = subprocess.Popen(
            self.argv,
            stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(env),
            cwd=cwd or ROOT,
            start_new_session=True,
            bufsize=0,
            pass_fds=pass_fds,
        )
        assert self.popen.stdout is not None
        assert self.popen.stderr is not None
        self._open = {self.popen.stdout.fileno(): "out", self.popen.stderr.fileno(): "err"}
        self._partial = {"out": b"", "err": b""}

    @property
    def pid(self) -> int:
        return self.popen.pid

    def send(self, text: str) -> None:
        """Write `text` to its standard input; a process that is gone already is no error."""
        assert self.popen.stdin is not None
        with suppress(BrokenPipeError):
            self.popen.stdin.write(text.encode())

    def close_input(self) -> None:
        assert self.popen.stdin is not None
        with suppress(BrokenPipeError):
            self.popen.stdin.close()

    def read_until(self, pattern: str, *, deadline: float | None = None) -> str | None:
        """Read its output until `pattern` (re, MULTILINE) is in what is unread; all up to its end, None at the end."""
        compiled = re.compile(pattern, re.MULTILINE)
        limit = time.monotonic() + (deadline or self.deadline)
        while True:
            if found := compiled.search(self.out, self._seen):
                text = self.out[self._seen : found.end()]
                self._seen = found.end()
                return text
            if not self._read(limit):
                return None

    def expect(self, pattern: str, *, deadline: float | None = None) -> str:
        """As `read_until`, but that the process comes to its end before is a failure."""
        text = self.read_until(pattern, deadline=deadline)
        if text is None:
            self.kill()
            raise AssertionError(f"the process ended before {pattern!r} was there\n{self.report()}")
        return text

    def read_also(self, fd: int) -> bytes:
        """Read once from `fd`, a pipe that it writes to, and its output meanwhile; b"" at the pipe's end."""
        limit = time.monotonic() + self.deadline
        while True:
            ready, _, _ = select.select([fd, *self._open], [], [], max(0.0, limit - time.monotonic()))
            if not ready:
                self._stuck("gave no answer")
            if fd in ready:
                return os.read(fd, 65536)
            self._read(limit)

    def wait(self, *, deadline: float | None = None) -> Completed:
        """Close its input, read all it has to say, and return how it ended."""
        if self.popen.stdin is not None and not self.popen.stdin.closed:
            self.close_input()
        limit = time.monotonic() + (deadline or self.deadline)
        while self._read(limit):
            pass
        try:
            status = self.popen.wait(max(0.1, limit - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._stuck("did not end")
        return Completed(status, self.out, self.err)

    def interrupt(self) -> None:
        """What Ctrl-C does: SIGINT to the whole group."""
        os.killpg(self.pid, signal.SIGINT)

    def kill(self) -> None:
        """End the process and all that it started; safe to call again."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self.popen.wait()
        for stream in (self.popen.stdin, self.popen.stdout, self.popen.stderr):
            if stream is not None:
                with suppress(BrokenPipeError):
                    stream.close()

    def report(self) -> str:
        """What it was and said, for the text of a failure."""
        parts = [f"command: {' '.join(self.argv)}", f"status: {self.popen.poll()}"]
        parts += [f"--- {name}\n{text[-4000:]}" for name, text in (("stdout", self.out), ("stderr", self.err)) if text]
        return "\n".join(parts)

    def _read(self, limit: float) -> bool:
        """Read once from whatever is ready; False when both streams are at their end."""
        if not self._open:
            return False
        ready, _, _ = select.select(list(self._open), [], [], max(0.0, limit - time.monotonic()))
        if not ready:
            self._stuck("gave no answer")
        for fd in ready:
            name = self._open[fd]
            data = os.read(fd, 65536)
            if not data:
                del self._open[fd]
            whole = self._partial[name] + data
            # a character of several bytes may be cut by the pipe
            keep = 0 if not data else len(whole) - len(whole[:-3]) if _cut(whole) else 0
            self._partial[name] = whole[len(whole) - keep :] if keep else b""
            text = whole[: len(whole) - keep] if keep else whole
            setattr(self, name, getattr(self, name) + text.decode(errors="replace").replace("\r\n", "\n"))
        return True

    def _stuck(self, how: str) -> None:
        # SIGABRT makes faulthandler show where every thread is
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGABRT)
        limit = time.monotonic() + 2
        while self._open:
            ready, _, _ = select.select(list(self._open), [], [], max(0.0, limit - time.monotonic()))
            if not ready or not self._read(limit):
                break
        self.kill()
        raise Stuck(f"the process {how} in time\n{self.report()}")


def _cut(data: bytes) -> bool:
    """Whether the last character of UTF-8 `data` is not all there."""
    for back in range(1, min(4, len(data) + 1)):
        byte = data[-back]
        if byte & 0xC0 == 0xC0:
            return back < (4 if byte >= 0xF0 else 3 if byte >= 0xE0 else 2)
        if byte < 0x80:
            return False
    return False


def run_python(
    *args: str,
    input: str = "",
    env: Mapping[str, str | None] | None = None,
    cwd: Path | str | None = None,
    deadline: float = DEADLINE,
) -> Completed:
    """Run this interpreter with `args`, feed it `input`, return how it ended; its whole group is gone afterwards."""
    process = Process([sys.executable, *args], env=env, cwd=cwd, deadline=deadline)
    try:
        process.send(input)
        return process.wait()
    finally:
        process.kill()
