"""One frozen fact sheet about the interpreter that runs us.

The only module that asks for a version or a platform; each fact says why it matters and where it was measured.
"""

from __future__ import annotations

import sys
from typing import Final

_VERSION = sys.version_info[:3]


class Capabilities:
    """What this interpreter can do, as plain values. An instance cannot be changed: it has no slots."""

    # Not a dataclass: to make one costs the start 1 ms, and there is only one of these.
    __slots__ = ()

    version: Final[tuple[int, int, int]] = _VERSION
    """Major, minor, micro."""

    name: Final[str] = "Python" if sys.implementation.name == "cpython" else sys.implementation.name
    """The implementation as people write it."""

    local_exception_events: Final[bool] = _VERSION >= (3, 15)
    """PY_UNWIND, RAISE and the other exception events may be armed on one code object. Before 3.15: global only."""

    locals_proxy: Final[bool] = _VERSION >= (3, 13)
    """`frame.f_locals` of a function writes through (PEP 667). Before 3.13 PyFrame_LocalsToFast must follow."""

    clear_tool_id: Final[bool] = _VERSION >= (3, 14)
    """`sys.monitoring.clear_tool_id` exists; `free_tool_id` drops events and callbacks. Before 3.14 they live on."""

    remote_exec: Final[bool] = hasattr(sys, "remote_exec")
    """`sys.remote_exec` exists (PEP 768, 3.14): another process can be asked to run a script."""

    free_threaded: Final[bool] = "free-threading" in sys.version
    """The build has no GIL (PEP 703): a look-up and a DISABLE can then really happen at the same moment."""

    one_line_needs_start: Final[bool] = _VERSION >= (3, 13)
    """LINE never fires in a body on the line of its RESUME unless PY_START is armed too (cpython#155992, 3.13)."""

    instruction_lost_after_disable: Final[bool] = _VERSION < (3, 14)
    """INSTRUCTION is lost where LINE returned DISABLE at that instruction (cpython#158121, 3.12 and 3.13)."""

    return_armed_too_late: Final[bool] = _VERSION < (3, 14)
    """PY_RETURN that is armed in an INSTRUCTION event of the return itself does not fire (measured: 3.12.1, 3.13.0)."""

    close_may_be_silent: Final[bool] = _VERSION[:2] == (3, 13)
    """close() of a generator that waits outside any `try` has no event, not even a global one (measured: 3.13.0)."""

    line_cost_grows: Final[bool] = _VERSION < (3, 13)
    """One LINE event costs time in proportion to the lines of its code object (cpython#127953, 3.12)."""

    main_has_cached: Final[bool] = _VERSION < (3, 15)
    """A fresh `__main__` of `python script.py` holds `__cached__` (measured: gone in 3.15)."""

    main_has_annotations: Final[bool] = _VERSION < (3, 14)
    """A fresh `__main__` of `python script.py` holds `__annotations__` (measured: PEP 649 made it lazy in 3.14)."""

    case_blind_paths: Final[bool] = sys.platform in ("win32", "darwin")
    """File names that differ in case only name the same file (Windows; macOS as a rule)."""

    windows: Final[bool] = sys.platform == "win32"
    """Drive letters, no fork, no POSIX signals."""

    macos: Final[bool] = sys.platform == "darwin"
    """Settings and state of a person lie below ~/Library/Application Support."""

    def describe(self) -> str:
        """Return one line for a banner: `Python 3.15.2`."""
        threads = " free-threading" if self.free_threaded else ""
        return f"{self.name} {'.'.join(map(str, self.version))}{threads}"


INTERPRETER: Final = Capabilities()
