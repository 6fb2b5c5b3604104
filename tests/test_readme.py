"""What the README shows is what happens: its session is played, its commands are the ones that .ci/run runs."""

from __future__ import annotations

import re
import sys

from tests.processes import ROOT, Process

README = (ROOT / "README.md").read_text(encoding="utf-8")
PROMPT = re.compile(r"^(\(lowdb[^)\n]*\) )(.*)\n", re.MULTILINE)


def session() -> str:
    """The text of the session, without the line that starts it."""
    block = re.search(r"```text\n\$ \.venv/bin/lowdb (\S+)\n(.*?)```", README, re.DOTALL)
    assert block
    assert block[1] == "docs/examples/shop.py"
    return block[2]


def same_everywhere(text: str) -> str:
    """`text` without what differs from run to run: versions, the process id, the directory of the clone."""
    text = text.replace(f"{ROOT}/", "/home/you/lowdb/")
    return re.sub(r"^lowdb \S+  Python \S+  pid \d+", "lowdb 0.1.0  Python 3.15.2  pid 7604", text, flags=re.MULTILINE)


def test_the_session_is_what_a_run_shows():
    commands = [match[2] for match in PROMPT.finditer(session())]
    assert len(commands) > 2
    process = Process([sys.executable, "-m", "lowdb", "--ui", "plain", "docs/examples/shop.py"])
    try:
        for command in commands:
            process.send(f"{command}\n")
        done = process.wait()
    finally:
        process.kill()
    assert same_everywhere(done.out) == PROMPT.sub(r"\1", session())
    assert (done.status, done.err) == (0, "")


def test_there_is_one_command_to_try_it_and_one_to_test_it():
    lines = [line for line in README.splitlines() if line.startswith("python3 -m venv")]
    assert len(lines) == 2
    assert ".venv/bin/lowdb docs/examples/shop.py" in lines[0]
    assert lines[1].endswith(".venv/bin/python -m pytest -q")


def test_it_says_which_distribution_is_meant():
    assert "lowdb-debugger" in README
    assert "unrelated JSON database" in README
