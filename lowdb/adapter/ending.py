"""How a program's end is told: the exit code that editors know, and a line for a person."""

from __future__ import annotations

import signal
from typing import Final

WORDS: Final = {
    signal.SIGSEGV: "segmentation fault",
    signal.SIGABRT: "abort",
    signal.SIGKILL: "killed",
    signal.SIGTERM: "terminated",
    signal.SIGINT: "interrupted",
    signal.SIGBUS: "bus error",
    signal.SIGFPE: "arithmetic error",
    signal.SIGILL: "illegal instruction",
    signal.SIGPIPE: "broken pipe",
}


def exit_code(status: int) -> int:
    """The exit code as a shell shows it: 128 + the signal's number where a signal (negative status) ended it."""
    return status if status >= 0 else 128 - status


def said(status: int) -> str:
    """One line: how the program ended."""
    if status >= 0:
        return f"The program ended with exit code {status}.\n"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    words = WORDS.get(-status)  # type: ignore[call-overload]
    return f"The program was ended by {name}{f' ({words})' if words else ''}: exit code {exit_code(status)}.\n"
