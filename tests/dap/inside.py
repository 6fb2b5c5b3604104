"""The tests' DAP client at the debuggee itself: the adapter's part of the talk over one end of a socketpair."""

from __future__ import annotations

import os
import select
import socket
import sys
import time
from pathlib import Path
from typing import Any

from tests.dap_client import Client, framed
from tests.processes import DEADLINE, ROOT, Process


class Inside(Client):
    """A session with a debuggee that no adapter stands before. `process` is the debuggee."""

    def __init__(
        self,
        *python: str,
        deadline: float = DEADLINE,
        env: dict[str, str | None] | None = None,
        cwd: Path | str | None = None,
        stdin: bool = False,
    ) -> None:
        ours, theirs = socket.socketpair()
        argv = [sys.executable, *python, str(ROOT / "lowdb" / "debuggee.py"), str(theirs.fileno())]
        self.debuggee = Process(argv, env=env, cwd=cwd, pass_fds=(theirs.fileno(),), stdin=stdin)
        theirs.close()
        # the base makes a connection of its own; here it is made already
        self._ours = ours
        super().__init__(address=("", 0), deadline=deadline)

    def _connect(self, address: tuple[str, int], deadline: float) -> socket.socket:
        return self._ours

    def hello(self, client: dict[str, Any] | None = None, end: str = "kill", **options: Any) -> None:
        """What the adapter says first."""
        self.launches += 1
        initialize = {"adapterID": "lowdb", "linesStartAt1": True, "columnsStartAt1": True, "pathFormat": "path"}
        message = {"type": "hello", "initialize": {**initialize, **(client or {})}, "launch": options, "end": end}
        self.raw(framed(message))
        self.event("initialized")

    def tell(self, kind: str) -> None:
        """One of the adapter's own frames: "detach", "terminate"."""
        self.raw(framed({"type": kind}))

    def launch(  # type: ignore[override]
        self,
        program: Path | str | None = None,
        *,
        lines: list[int | str | dict[str, Any]] | None = None,
        filters: list[str] | None = None,
        configured: bool = True,
        client: dict[str, Any] | None = None,
        **options: Any,
    ) -> dict[str, Any]:
        """Say hello, set breakpoints at `lines` of the program (numbers or marks), run."""
        if program is not None:
            options["program"] = str(program)
        self.hello(client, **options)
        result = {}
        if lines:
            assert program is not None
            result = self.breakpoints(program, lines)
        if filters is not None:
            self.request("setExceptionBreakpoints", filters=filters)
        if configured:
            self.request("configurationDone")
        return result

    def top(self, thread: int) -> dict[str, Any]:
        """The newest frame of a thread."""
        frame: dict[str, Any] = self.stack(thread, startFrame=0, levels=1)[0]
        return frame

    def end(self, status: int = 0) -> str:
        """Read to the end of the debuggee, which must exit with `status`; what it wrote to its stdout."""
        self._until(lambda: True if self.ended else None, "end of the stream")
        done = self.debuggee.wait()
        assert done.status == status, f"exit status {done.status}\n{done.out}\n{done.err}"
        assert not self.pending, f"never answered: {self.pending}"
        return done.out

    def go(self, thread: int = 1, **arguments: Any) -> None:
        """Continue."""
        self.request("continue", threadId=thread, **arguments)

    def kill(self) -> None:
        super().kill()
        self.debuggee.kill()

    def errors(self) -> str:
        """What the debuggee has written so far."""
        debuggee = self.debuggee
        while debuggee._open and select.select(list(debuggee._open), [], [], 0)[0]:
            debuggee._read(time.monotonic() + 1)
        return f"{debuggee.out}\n{debuggee.err}"


def source(path: Path | str) -> dict[str, str]:
    """A `source` argument."""
    return {"path": os.path.realpath(path)}
