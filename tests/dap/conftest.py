"""Sessions with a debuggee that is served from inside, and programs of a test's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from tests.dap.inside import Inside


@pytest.fixture
def session() -> Iterator[Callable[..., Inside]]:
    """`session(*python_options)`: a client; its debuggee is ended after the test."""
    made: list[Inside] = []

    def start(*python: str, **options: object) -> Inside:
        made.append(Inside(*python, **options))  # type: ignore[arg-type]
        return made[-1]

    yield start
    for client in made:
        client.kill()


@pytest.fixture
def program(tmp_path: Path) -> Callable[..., Path]:
    """`program(text, name="program.py")`: a file; lines are named by `# @mark` comments."""

    def write(text: str, name: str = "program.py") -> Path:
        path = tmp_path / name
        path.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
        return path.resolve()

    return write
