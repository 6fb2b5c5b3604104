"""Ending the program from a prompt: politely first, for good after two seconds."""

from __future__ import annotations

import os
import sys
import time
from _thread import get_ident, start_new_thread
from typing import Final

from lowdb.program.imports import standard
from lowdb.program.threads import main_ident

GRACE: Final = 2.0
"""Seconds that `finally` blocks, exit handlers and threads get."""


class Leave(BaseException):
    """Carries an exception that the callback is to raise into the program (the end of it, at Quit)."""

    def __init__(self, exception: BaseException) -> None:
        super().__init__()
        self.exception = exception


def end_process(status: int, now: bool) -> None:
    """Make sure that the process ends with `status`: at once, or GRACE seconds after the caller raised SystemExit."""
    if now:
        _end(status)
    # a bare thread: nothing of it shows in the program's threading.enumerate()
    start_new_thread(_end_later, (status,))
    main = main_ident()
    if main is not None and main != get_ident():
        raise_in_thread(main, SystemExit)


def _end_later(status: int) -> None:
    time.sleep(GRACE)
    _end(status)


def _end(status: int) -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BaseException:
            continue
    os._exit(status)


def raise_in_thread(ident: int, kind: type[BaseException]) -> None:
    """Raise `kind` in another thread at its next bytecode; a C call that it is in ends first."""
    with standard("ctypes"):
        import ctypes  # start-up: needed only for this

    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(ident), ctypes.py_object(kind))
