"""The threads of the program. Changes nothing in `threading`: makes no dummy thread, takes no lock."""

from __future__ import annotations

import sys
from _thread import get_ident
from typing import TYPE_CHECKING

from lowdb.program.mycode import is_lowdb

if TYPE_CHECKING:
    from types import FrameType
    from typing import Any


class ThreadInfo:
    """One thread as it was when asked."""

    __slots__ = ("daemon", "frame", "ident", "main", "name", "native_id")

    def __init__(
        self, ident: int, native_id: int | None, name: str, daemon: bool, main: bool, frame: FrameType | None
    ) -> None:
        self.ident = ident
        """As `threading.get_ident()`."""
        self.native_id = native_id
        """The system's number of the thread, None where it is not known."""
        self.name = name
        self.daemon = daemon
        self.main = main
        self.frame = frame
        """Its newest frame; None for a thread that has none (just starting, just ending, or C code only)."""

    def __repr__(self) -> str:
        return f"<ThreadInfo {self.name!r} {self.ident}{' main' if self.main else ''}>"


def threads() -> list[ThreadInfo]:
    """Return the live threads: the main one first, then those `threading` knows by age, then the others."""
    frames = newest_frames()
    known = _known()
    main = main_ident()
    order = [ident for ident in known if ident in frames or _started(known[ident])]
    order += [ident for ident in frames if ident not in known]
    order.sort(key=lambda ident: ident != main)
    return [_describe(ident, known.get(ident), ident == main, frames.get(ident)) for ident in order]


def newest_frames() -> dict[int, FrameType]:
    """Return the newest frame of each thread by ident; of the calling thread, the newest one that is not lowdb's.

    Use this instead of sys._current_frames(), which holds the frame of its own caller: kept in a variable there, it is
    a cycle that keeps all frames above, the program's, alive until the next garbage collection.
    """
    frames = sys._current_frames()
    me = get_ident()
    frame: FrameType | None = frames.get(me)
    while frame is not None and is_lowdb(frame.f_code.co_filename):
        frame = frame.f_back
    if frame is not None:
        frames[me] = frame
    else:
        frames.pop(me, None)
    return frames


def thread_name(ident: int) -> str:
    """Return the thread's name; `Thread-<ident>` for one that `threading` does not know."""
    thread = _known().get(ident)
    if thread is None:
        return "MainThread" if ident == main_ident() else f"Thread-{ident}"
    return _text(thread, "_name") or f"Thread-{ident}"


def main_ident() -> int | None:
    """Return the ident of the main thread."""
    threading = sys.modules.get("threading")
    main = getattr(threading, "_main_thread", None)
    ident = _own(main, "_ident") if main is not None else None
    if type(ident) is int:
        return ident
    return next(reversed(newest_frames()), None)  # the interpreter lists its threads youngest first


def _known() -> dict[int, Any]:
    threading = sys.modules.get("threading")
    active = getattr(threading, "_active", None)
    return dict(active) if type(active) is dict else {}  # a copy: other threads come and go


def _describe(ident: int, thread: Any, main: bool, frame: FrameType | None) -> ThreadInfo:
    native = _own(thread, "_native_id")
    name = _text(thread, "_name") or ("MainThread" if main else f"Thread-{ident}")
    return ThreadInfo(
        ident, native if type(native) is int else None, name, _own(thread, "_daemonic") is True, main, frame
    )


def _started(thread: Any) -> bool:
    return type(_own(thread, "_native_id")) is int


def _own(thread: Any, name: str) -> object:
    """Read an attribute from the instance dict: a subclass may have made `name` or `daemon` a property of its own."""
    try:
        namespace = object.__getattribute__(thread, "__dict__")
    except AttributeError:
        return None
    return namespace.get(name) if type(namespace) is dict else None


def _text(thread: Any, name: str) -> str | None:
    value = _own(thread, name)
    return value if type(value) is str else None
