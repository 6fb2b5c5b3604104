"""A third-party program gives the same results under lowdb, with breakpoints armed all over it."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.processes import run_python
from tests.transparency.armed import commands

PROGRAM = str(Path(__file__).with_name("sqlglot_program.py"))
MODULES = (
    "sqlglot.parser",
    "sqlglot.generator",
    "sqlglot.tokens",
    "sqlglot.optimizer.scope",
    "sqlglot.optimizer.simplify",
    "sqlglot.optimizer.qualify_columns",
)


@pytest.mark.transparency
@pytest.mark.timeout(200)
def test_sqlglot_writes_the_same_sql_with_breakpoints_all_over_it(tmp_path):
    pytest.importorskip("sqlglot", reason="sqlglot is not installed (pip install -e '.[test]')")
    lines = []
    for module in MODULES:
        spec = find_spec(module)
        assert spec is not None
        lines += commands(Path(spec.origin), module, 60)
    script = tmp_path / "commands"
    script.write_text("\n".join([*lines, "catch BufferError if 0", "c", "b", "c"]) + "\n")
    bare = run_python(PROGRAM, str(tmp_path / "bare"), "2", env={"PYTHONBREAKPOINT": "0"}, deadline=90)
    done = run_python(
        "-m", "lowdb", "--ui", "plain", "-x", str(script), PROGRAM, str(tmp_path / "lowdb"), "2", "tool", deadline=90
    )
    assert (bare.status, done.status) == (0, 0), done.err + bare.err
    expected = (tmp_path / "bare").read_text()
    *sql, tool = (tmp_path / "lowdb").read_text().split("\n")
    assert "\n".join([*sql, ""]) == expected
    assert len(sql) > 60
    assert tool == "tool lowdb"
    assert len(re.findall(r"^> ", done.out, re.MULTILINE)) == 2
    assert len(re.findall(r"hit 0 of \d+", done.out)) > 50
