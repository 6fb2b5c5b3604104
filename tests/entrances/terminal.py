"""A process with a pseudo-terminal of its own and pipes for its standard streams, as `data | program` has it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

from tests.processes import Completed, environment

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def on_terminal(
    place: Path, typed: str, *arguments: str, data: str = "", env: Mapping[str, str] | None = None
) -> tuple[Completed, str]:
    """Run this interpreter with `data` on stdin while `typed` waits in its terminal.

    Returns how it ended, and what its terminal showed.
    """
    import fcntl
    import termios

    ours, theirs = os.openpty()

    def start() -> None:
        os.setsid()
        fcntl.ioctl(theirs, termios.TIOCSCTTY, 0)

    child = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=place,
        env=environment({"TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1", **(env or {})}),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=start,  # noqa: PLW1509  (the tests run in one thread)
    )
    os.close(theirs)
    shown, ended = bytearray(), threading.Event()

    def read() -> None:  # while it runs: what is not read when it ends may be lost
        while True:
            over = ended.is_set()
            try:
                shown.extend(os.read(ours, 65536))
            except OSError:  # nobody has it open just now
                if over:
                    return
                ended.wait(0.005)

    reader = threading.Thread(target=read)
    reader.start()
    os.write(ours, typed.encode())
    try:
        out, err = child.communicate(data.encode(), timeout=20)
    finally:
        if child.poll() is None:
            child.send_signal(signal.SIGKILL)
            child.wait()
        ended.set()
        reader.join(timeout=20)
    os.close(ours)
    return Completed(child.returncode, out.decode(), err.decode()), shown.decode().replace("\r\n", "\n")
