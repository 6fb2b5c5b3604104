"""A program and all that it has started, ended together: nothing of a session is left running."""

from __future__ import annotations

import os
import signal


def end_tree(pid: int, *, leads: bool = True) -> None:
    """Kill `pid` and its descendants, in other sessions, too; and its group and session where it `leads` them."""
    others = _belonging(pid)
    for victim in (*((-pid,) if leads else ()), pid, *others):
        try:
            os.kill(victim, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass


def _belonging(pid: int) -> list[int]:
    """The descendants of `pid` and the processes of its session, where there is a /proc to ask."""
    parents: dict[int, int] = {}
    found: set[int] = set()
    try:
        names = os.listdir("/proc")
    except OSError:
        return []
    for name in names:
        if not name.isdecimal():
            continue
        try:
            with open(f"/proc/{name}/stat", "rb") as file:
                # pid (name) state parent group session …; the name may hold anything
                fields = file.read().rpartition(b")")[2].split()
        except OSError:
            continue
        parents[int(name)] = int(fields[1])
        if int(fields[3]) == pid:
            found.add(int(name))
    found.add(pid)
    grown = True
    while grown:
        more = {child for child, parent in parents.items() if parent in found} - found
        found |= more
        grown = bool(more)
    return sorted(found - {pid})
