"""Sessions with the adapter for tests; what one leaves running is found by a mark in its environment, and a fault."""

from __future__ import annotations

import os
import signal
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.dap_client import Client

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MARK = "TESTS_MARK"


def marked(mark: str) -> dict[int, str]:
    """The processes that have this mark in their environment, and their command lines."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal() or int(entry.name) == os.getpid():
            continue
        try:
            if f"{MARK}={mark}".encode() in (entry / "environ").read_bytes():
                found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
    return found


def gone(mark: str, within: float = 5.0) -> dict[int, str]:
    """Wait until no process has the mark; what is left after that time, which is ended."""
    limit = time.monotonic() + within
    while (left := marked(mark)) and time.monotonic() < limit:
        time.sleep(0.01)
    for pid in left:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    return left


class Sessions:
    """Makes clients, and knows the mark of all that they start."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mark = uuid.uuid4().hex
        self.clients: list[Client] = []

    def __call__(
        self, argv: list[str] | None = None, *, env: dict[str, str | None] | None = None, **more: Any
    ) -> Client:
        client = Client(argv, env={MARK: self.mark, **(env or {})}, **more)
        self.clients.append(client)
        return client

    def program(self, text: str, name: str = "program.py") -> Path:
        """A file of the test's own."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def run(self, text: str, **options: Any) -> Client:
        """A program run to its end; the client, whose `code` is the exit code, after `disconnect`."""
        client = self()
        client.launch(self.program(text), **options)
        client.code = client.run_to_end()  # type: ignore[attr-defined]
        assert client.disconnect() == 0
        return client

    def running(self) -> dict[int, str]:
        """The processes of this test that live."""
        return marked(self.mark)


@pytest.fixture
def dap(tmp_path: Path) -> Iterator[Sessions]:
    """Makes clients; after the test nothing that they or their programs started may be left."""
    sessions = Sessions(tmp_path)
    yield sessions
    left = {} if any(client.process and client.process.poll() is None for client in sessions.clients) else None
    if left is None:
        left = gone(sessions.mark)
    for client in sessions.clients:
        client.kill()
    also = gone(sessions.mark)
    assert not left, f"left running: {left}"
    assert not also, f"left running when the adapter was killed: {also}"


@pytest.fixture
def eventually() -> Callable[..., None]:
    """`eventually(condition, what)`: wait until it is true."""

    def wait(condition: Callable[[], object], what: str, within: float = 10.0) -> None:
        limit = time.monotonic() + within
        while not condition():
            assert time.monotonic() < limit, f"never: {what}"
            time.sleep(0.01)

    return wait
