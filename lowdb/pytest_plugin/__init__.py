"""`pytest --lowdb`: stop where a test fails; `--lowdb-trace`: at each test's first line.

Without its options it does nothing and has imported nothing. PYTEST_DONT_REWRITE
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Define the options."""
    group = parser.getgroup("lowdb", "lowdb, the debugger")
    group.addoption("--lowdb", action="store_true", help="stop in lowdb where a test fails, and at breakpoint()")
    group.addoption("--lowdb-trace", action="store_true", help="stop in lowdb at the first line of each test")
    group.addoption(
        "--lowdb-command",
        action="append",
        default=[],
        metavar="CMD",
        help="--lowdb, and do CMD at each of these stops; may be given again and again (the last a `c`: never ask)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Load the rest where an option asks for it. Raises UsageError."""
    option: Any = config.option
    if not (option.lowdb or option.lowdb_trace or option.lowdb_command):
        return
    for name, other in (("usepdb", "--pdb"), ("trace", "--trace")):
        if getattr(option, name, False):
            mine = "--lowdb-trace" if option.lowdb_trace else "--lowdb"
            import pytest

            raise pytest.UsageError(f"{mine} and {other} together: two debuggers want the same stops; choose one")
    from lowdb.program.imports import standard

    with standard():
        from lowdb.pytest_plugin.stops import Stops

    config.pluginmanager.register(Stops(config), "lowdb-stops")
