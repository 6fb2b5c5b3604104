"""What the engine's own tests get: a debugger inside the test's process, and counters of what it costs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.inside import Callbacks, Inside


@pytest.fixture
def callbacks(monkeypatch: pytest.MonkeyPatch) -> Callbacks:
    """Counters of all monitoring callbacks; ask for it before `inside`."""
    counting = Callbacks()
    counting.install(monkeypatch)
    return counting


@pytest.fixture
def inside(tmp_path: Path) -> Iterator[Inside]:
    """A debugger in this process, closed after the test."""
    made = Inside(tmp_path)
    yield made
    made.close()
