"""Files of the program's with names of the standard library's: it gets its own, lowdb the library's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.processes import ROOT, Completed, run_python

if TYPE_CHECKING:
    from pathlib import Path

# All that lowdb uses and what these use; without those that the interpreter has loaded before the first script.
NAMES = """
ast token tokenize keyword shlex json random tempfile opcode fnmatch re enum difflib ctypes select struct inspect
dis textwrap types typing functools collections warnings heapq weakref string queue reprlib contextlib bisect
hashlib operator threading dataclasses copyreg shutil traceback linecache importlib fcntl atexit math
"""

PROGRAM = """\
def f(n):
    a = n
    b = a + 1
    return b
try:
    f(3)
    f(4)
except ZeroDivisionError:
    pass
import token, queue, select, ast, collections, random, json, re
print("own", token.mine, queue.mine, ast.mine, collections.mine, random.mine, json.mine, re.mine)
f(5)
"""
COMMANDS = [
    *('b f if n >= 3 and [k for k in range(n)]', 'log 4 "b {b!r:>4}"', "b /^g/", "catch ZeroDivisionError in *main*"),
    *("c", "n", "frobnicate 1", "j 2", "a = 5", "p [x * a for x in range(3)]", "whatis f", "source f", "inspect f"),
    *("mycode +*else*", "p 'at', n", "run 'a b'", "b", "c", "c", "c", "p 'at', n", "c"),
]  # fmt: skip


@pytest.fixture
def place(tmp_path: Path) -> Path:
    for name in NAMES.split():
        (tmp_path / f"{name}.py").write_text(f"mine = {name!r}\nprint('loaded', mine)\n")
    (tmp_path / "main.py").write_text(PROGRAM)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "lowdb").write_text("import sys\nfrom lowdb.cli import main\nsys.exit(main())\n")
    return tmp_path


def loaded(done: Completed) -> set[str]:
    return {line.partition("loaded ")[2] for line in done.out.splitlines() if "loaded " in line}


def test_lowdb_uses_none_of_the_programs_files(place):
    bare = run_python("main.py", cwd=place)
    words = [word for command in COMMANDS for word in ("-c", command)]
    done = run_python("bin/lowdb", "--ui", "plain", *words, "main.py", cwd=place)
    assert loaded(done) == loaded(bare) > {"token", "json"}
    assert "internal error" not in done.out
    assert "no command 'frobnicate'" in done.out
    assert "('at', 5)" in done.out, done.out
    assert next(line for line in done.out.splitlines() if "own " in line).endswith(bare.out.splitlines()[-1])
    assert (done.status, done.err) == (0, "")


def test_a_directory_of_the_environment_is_no_different(place):
    (place / "elsewhere").mkdir()
    (place / "elsewhere" / "main.py").write_text("import queue\nprint('own', queue.mine)\n")

    done = run_python(
        *("bin/lowdb", "--ui", "plain", "-c", "b 2 if queue", "-c", "c", "-c", "c", "elsewhere/main.py"),
        cwd=place,
        env={"PYTHONPATH": f"{place}:{ROOT}"},
    )
    assert "own queue\n" in done.out
    assert loaded(done) == {"queue"}
    assert (done.status, done.err) == (0, "")


def test_breakpoint_in_a_program_that_has_its_own_already(place):
    (place / "main.py").write_text(
        "import token, ast, collections, random, re\n"
        "def f(n):\n    breakpoint()\n    import json\n    return json.mine\n"
        "print('own', f(1), ast.mine)\nimport keyword\nprint(keyword.mine)\n"
    )
    typed = "b f if [k for k in range(3)]\ntb 5\nc\nfrobnicate 1\nn = 4\nj 4\nc\n"
    done = run_python(
        "main.py", cwd=place, input=typed, env={"LOWDB_UI": "plain", "PYTHONBREAKPOINT": "lowdb.set_trace"}
    )
    assert loaded(done) == {"token", "ast", "collections", "random", "re", "json", "keyword"}
    assert "internal error" not in done.out
    assert "breakpoint 2 (temporary, now gone)  main.py:5" in done.out
    assert done.out.endswith("own json ast\nloaded keyword\nkeyword\n")
    assert (done.status, done.err) == (0, "")
