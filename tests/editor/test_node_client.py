"""Microsoft's own test client of the protocol, @vscode/debugadapter-testsupport from npm, against `lowdb --dap`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import ROOT, environment

SCENARIO = Path(__file__).with_name("scenario.js")
PROGRAM = """\
import sys
def add(total, item):
    result = total + item  # @add
    return result  # @give
total = 0
if sys.argv[1:] == ["fail"]:
    raise ValueError("wanted")  # @fail
if sys.argv[1:] == ["wait"]:
    import time
    print("waiting", flush=True)
    while True:
        time.sleep(0.01)
for item in (1, 2, 3):
    total = add(total, item)
print("total", total)
sys.exit(3)
"""


def modules() -> Path | None:
    """Where npm has put the client: LOWDB_NODE_MODULES, or node_modules beside this file."""
    places = [os.environ.get("LOWDB_NODE_MODULES"), Path(__file__).with_name("node_modules")]
    return next((Path(p) for p in places if p and (Path(p) / "@vscode" / "debugadapter-testsupport").is_dir()), None)


@pytest.mark.editor
@pytest.mark.timeout(150)
def test_microsofts_client_carries_its_scenario_through(tmp_path):
    node, found = shutil.which("node"), modules()
    if node is None or found is None:
        pytest.skip("node or @vscode/debugadapter-testsupport is not here (.ci/run editor brings it)")
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    adapter = tmp_path / "adapter.py"
    adapter.write_text(
        f"import sys\nsys.path.insert(0, {str(ROOT)!r})\nfrom lowdb.adapter.process import main\nmain([])\n"
    )
    done = subprocess.run(
        [node, str(SCENARIO), sys.executable, str(adapter), str(program)],
        env=environment({"NODE_PATH": str(found)}),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout.endswith("all done\n"), done.stdout + done.stderr
    assert done.returncode == 0
