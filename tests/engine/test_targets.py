"""The same program, bare and through the target runner: equal output, equal errors, equal exit status."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path

import pytest

from tests.processes import ROOT, Completed, run_python

RUNNER = ("-m", "tests.entrances.undebugged")

VIEW = """\
import json, os, sys
def plain(value):
    return value if isinstance(value, (str, int, dict, type(None))) else repr(value).partition(" object at ")[0]
view = {
    "main": [[k, plain(v)] for k, v in list(vars().items()) if k.startswith("__") and k != "__builtins__"],
    "builtins": __builtins__ is __import__("builtins"),
    "argv": sys.argv, "path": sys.path, "stdin": sys.stdin.read(), "hooks": [
        sys.excepthook is sys.__excepthook__, sys.displayhook is sys.__displayhook__, sys.gettrace(), sys.getprofile()],
    "self": sys.modules["__main__"].__dict__ is vars(), "spec": repr(__spec__).partition("object at")[0],
    "cwd": os.getcwd(), "fds": sorted(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else [],
}
print(json.dumps(view, indent=1))
import atexit
atexit.register(lambda: print(sorted(k for k in vars(sys.modules["__main__"]) if k.startswith("__"))))
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path


def write(place: Path, name: str, text: str | bytes) -> Path:
    path = place / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else textwrap.dedent(text).encode())
    return path


def both(place: Path, *arguments: str, flags: tuple[str, ...] = (), **options: object) -> tuple[Completed, Completed]:
    options.setdefault("input", "")
    bare = run_python(*flags, *arguments, cwd=place, **options)  # type: ignore[arg-type]
    ours = run_python(*flags, *RUNNER, *arguments, cwd=place, **options)  # type: ignore[arg-type]
    return bare, ours


def same(place: Path, *arguments: str, flags: tuple[str, ...] = (), **options: object) -> Completed:
    """The program's end, after it was shown that both ways end alike."""
    bare, ours = both(place, *arguments, flags=flags, **options)
    assert no_addresses(ours.out) == no_addresses(bare.out)
    assert no_addresses(ours.err) == no_addresses(bare.err)
    assert ours.status == bare.status
    return bare


def no_addresses(text: str) -> str:
    return re.sub(r"0x[0-9a-f]+|refcount : \d", "…", text)


def log_of(place: Path, *arguments: str) -> list[list[object]]:
    log = place / "log"
    run_python(*RUNNER, *arguments, cwd=place, env={"UNDEBUGGED_LOG": str(log)})
    return [json.loads(line) for line in log.read_text().splitlines()]


# --- what the program sees ------------------------------------------------------------------------


@pytest.mark.parametrize("flags", [(), ("-P",), ("-X", "utf8", "-W", "error")], ids=" ".join)
@pytest.mark.parametrize("name", ["view.py", "sub/view.py", "./view.py", "sub/../view.py"])
def test_a_script_sees_what_it_sees_bare(place, name, flags):
    write(place, "view.py", VIEW)
    write(place, "sub/view.py", VIEW)
    done = same(place, name, "a", "-b", "--ui", flags=flags, input="some data\n")
    assert json.loads(done.out.rpartition("\n[")[0])["stdin"] == "some data\n"


def test_a_script_by_its_absolute_name_or_a_link_sees_what_it_sees_bare(place):
    write(place, "real/view.py", VIEW)
    (place / "link.py").symlink_to("real/view.py")
    same(place, str(place / "real" / "view.py"))
    same(place, "link.py")


@pytest.mark.parametrize("flags", [(), ("-P",)], ids=" ".join)
@pytest.mark.parametrize("name", ["view", "package", "package.view", "package.inner"])
def test_a_module_sees_what_it_sees_bare(place, name, flags):
    write(place, "view.py", VIEW)
    write(place, "package/__init__.py", "import sys\nprint(sys.argv, sys.modules['__main__'].__loader__)")
    for inside in ("package/__main__.py", "package/view.py", "package/inner/__main__.py", "package/inner/__init__.py"):
        write(place, inside, VIEW)
    same(place, "-m", name, "a", "-b", flags=flags)


@pytest.mark.parametrize("flags", [(), ("-P",)], ids=" ".join)
def test_a_directory_and_a_zip_file_see_what_they_see_bare(place, flags):
    write(place, "app/__main__.py", VIEW + "import helper\nprint(helper.__file__)\n")
    write(place, "app/helper.py", "")
    with zipfile.ZipFile(place / "app.zip", "w") as archive:
        for name in ("__main__.py", "helper.py"):
            archive.write(place / "app" / name, name)
    for name in ("app", "app/", "./app", str(place / "app"), "app.zip"):
        same(place, name, "a", flags=flags)
    same(place / "app", ".", "a", flags=flags)


def test_a_module_beside_the_script_wins_over_one_that_lowdb_has_loaded(place):
    for name in ("queue", "dataclasses", "json"):
        write(place, f"{name}.py", f"mine = {name!r}")
    write(place, "main.py", "import dataclasses, json, queue\nprint(dataclasses.mine, json.mine, queue.mine)")
    assert same(place, "main.py").out == "dataclasses json queue\n"


def test_a_compiled_script_runs_as_bare(place):
    write(place, "view.py", VIEW)
    subprocess.run([sys.executable, "-c", "import py_compile; py_compile.compile('view.py', 'view.pyc')"], cwd=place)
    same(place, "view.pyc")
    (place / "odd.name").write_bytes((place / "view.pyc").read_bytes())
    same(place, "odd.name")


def test_main_can_be_imported_pickled_and_inspected(place):
    write(
        place,
        "main.py",
        """\
        import inspect, pickle, sys
        class Thing:
            def __init__(self, n):
                self.n = n
        def function():
            return 1  # found
        if __name__ == "__main__":
            print(pickle.loads(pickle.dumps(Thing(3))).n, Thing.__module__)
            print(inspect.getsource(function), inspect.getsource(Thing))
            import __main__
            print(__main__.function is function)
        """,
    )
    same(place, "main.py")
    same(place, "-m", "main")


def test_spawned_children_of_a_script_import_it_again(place):
    text = """\
        import multiprocessing
        def work(n):
            return n * n
        if __name__ == "__main__":
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                print(pool.map(work, [1, 2, 3]))
        """
    write(place, "main.py", text)
    write(place, "package/__init__.py", "")
    write(place, "package/main.py", text)
    assert same(place, "main.py").out == "[1, 4, 9]\n"
    assert same(place, "-m", "package.main").out == "[1, 4, 9]\n"


def test_annotations_conditional_or_not_are_as_bare(place):
    write(place, "main.py", "x: int = 1\nif x:\n    y: str\nprint(__annotations__, sorted(vars()))")
    same(place, "main.py")


def test_an_encoding_cookie_is_honoured(place):
    write(place, "main.py", b"# -*- coding: latin-1 -*-\nprint(ascii('\xe9'))\n")
    assert same(place, "main.py").out == "'\\xe9'\n"


# --- how it ends ----------------------------------------------------------------------------------

ENDS = {
    "return": "print('done')",
    "exit": "import sys; sys.exit()",
    "exit 3": "import sys; sys.exit(3)",
    "exit 256": "import sys; sys.exit(256)",
    "exit -1": "import sys; sys.exit(-1)",
    "exit True": "import sys; sys.exit(True)",
    "exit text": "import sys; sys.exit('a text')",
    "exit object": "import sys; sys.exit(['a', 1])",
    "exit raises": "class E(SystemExit):\n    code = property(lambda s: 7)\nraise E",
    "error": "def f():\n    1/0\nf()",
    "error after output": "import sys\nprint('out')\nsys.stderr.write('err')\n1/0",
    "error chained": "try:\n    1/0\nexcept ZeroDivisionError as e:\n    raise ValueError('x') from e",
    "error in handler": "try:\n    1/0\nexcept ZeroDivisionError:\n    raise ValueError('x')",
    "group": "raise ExceptionGroup('g', [ValueError(1), TypeError(2)])",
    "note": "e = ValueError(1)\ne.add_note('a note')\nraise e",
    "name": "naem = 1\nprint(name)",
    "keyboard interrupt": "raise KeyboardInterrupt",
    "generator exit": "raise GeneratorExit('x')",
    "import error": "import nothing_of_this_name",
    "syntax error of an import": "import broken",
    "excepthook": "import sys\nsys.excepthook = lambda t, e, tb: print('hook', t, e, tb.tb_next, tb.tb_frame)\n1/0",
    "excepthook raises": "import sys\ndef hook(t, e, tb):\n    raise TypeError('in hook')\nsys.excepthook = hook\n1/0",
    "excepthook exits": "import sys\ndef hook(t, e, tb):\n    sys.exit(5)\nsys.excepthook = hook\n1/0",
    "excepthook gone": "import sys\ndel sys.excepthook\n1/0",
    "excepthook None": "import sys\nsys.excepthook = None\n1/0",
    "excepthook restored": (
        "import atexit, sys\natexit.register(lambda: print(sys.excepthook is sys.__excepthook__, sys.last_value,\n"
        "    sys.last_traceback.tb_frame.f_code.co_name, sys.last_traceback.tb_next, sys.last_exc.__traceback__))\n1/0"
    ),
    "stderr closed": "import sys\nsys.stderr.close()\n1/0",
    "stdout closed": "import sys\nprint(1)\nsys.stdout.close()",
    "stdout None": "import sys\nsys.stdout = sys.stderr = None\n1/0",
    "_exit": "import os\nprint(1, flush=True)\nos._exit(9)",
    "killed": "import os\nos.kill(os.getpid(), 9)",
    "terminated": "import os\nos.kill(os.getpid(), 15)",
    "abort": "import faulthandler, os\nfaulthandler.disable()\nos.abort()",
    "atexit": "import atexit\natexit.register(print, 1)\natexit.register(print, 2)\nprint(0)",
    "atexit raises": "import atexit\ndef f():\n    1/0\natexit.register(f)",
    "atexit exits": "import atexit, sys\natexit.register(sys.exit, 4)",
    "thread at the end": (
        "import threading, time, atexit\natexit.register(print, 'atexit')\n"
        "def f():\n    time.sleep(0.1); print('thread')\nthreading.Thread(target=f).start()\nprint('main')"
    ),
    "daemon at the end": (
        "import threading, time\n"
        "def f():\n    time.sleep(60)\nthreading.Thread(target=f, daemon=True).start()\nprint('main')"
    ),
    "error in a thread": "import threading\ndef f():\n    1/0\nt = threading.Thread(target=f)\nt.start()\nt.join()",
    "exit in a thread": "import threading, sys\nt = threading.Thread(target=sys.exit, args=(3,))\nt.start()\nt.join()",
    "threading.excepthook": (
        "import threading\nthreading.excepthook = lambda a: print('mine', a.exc_type)\n"
        "def f():\n    1/0\nt = threading.Thread(target=f)\nt.start()\nt.join()"
    ),
    "finalizer": "class C:\n    def __del__(self):\n        print('del', __name__)\nc = C()",
    "warning": "import warnings\nwarnings.warn('careful')\nx = '\\d'\nassert x is '\\d'",
    "unraisable": "class C:\n    def __del__(self):\n        1/0\nC()",
    "the stack's end": "raise ValueError('one line, no newline')",
}


@pytest.mark.parametrize("how", ENDS)
def test_a_script_ends_as_bare(place, how):
    write(place, "broken.py", "x = (\n")
    write(place, "main.py", ENDS[how])
    same(place, "main.py")


@pytest.mark.parametrize("how", ["return", "exit text", "error after output", "keyboard interrupt", "warning", "name"])
def test_a_module_ends_as_bare(place, how):
    write(place, "package/__init__.py", "")
    write(place, "package/main.py", ENDS[how])
    done = same(place, "-m", "package.main")
    if how == "error after output":
        assert "<frozen runpy>" in done.err  # as everybody knows it from `python -m`


def test_output_and_traceback_in_one_pipe_keep_their_order(place):
    write(place, "main.py", "import sys\nprint('out')\nsys.stderr.write('err')\n1/0")
    for how in (["main.py"], ["-m", "main"]):
        texts = [
            subprocess.run(
                [sys.executable, *start, *how],
                cwd=place,
                env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": ""},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            ).stdout
            for start in ((), RUNNER)
        ]
        assert texts[0] == texts[1]


def test_an_uncaught_keyboard_interrupt_dies_of_sigint(place):
    write(place, "main.py", "raise KeyboardInterrupt")
    assert same(place, "main.py").status == -signal.SIGINT


# --- what cannot run ------------------------------------------------------------------------------

NOT_PYTHON = {
    "syntax": b"x = 1\nif x\n    pass\n",
    "indentation": b"def f():\nx = 1\n",
    "tabs": b"if 1:\n\tx = 1\n        y = 2\n",
    "latin-1 without a cookie": b"# hi\nx = '\xe9'\n",
    "latin-1 in a comment": b"x = 1\n# \xe9\nprint(x)\n",
    "unknown cookie": b"# -*- coding: nope -*-\nx = 1\n",
    "cookie and BOM": b"\xef\xbb\xbf# coding: latin-1\nx = 1\n",
    "not what the cookie says": b"# coding: ascii\n# \xe9\nprint(1)\n",
    "null byte": b"x = 1\ny = \x00\n",
    "null byte in a comment": b"print(1)\n#\x00\nprint(2)\n",
    "binary": bytes(range(256)),
    "utf-16": "print(1)\n".encode("utf-16"),
    "no end": b"x = '''abc\n\n",
    "return": b"return 5\n",
    "future": b"from __future__ import nope\n",
    "backslash": b"x = 1 \\",
    "deep": b"(" * 300 + b")" * 300,
    "warnings before the error": b"x = '\\d'\ny = '\\q'\nassert (1, 2)\nif x is 'a': pass\ndef f(: pass\n",
}


@pytest.mark.parametrize("what", NOT_PYTHON)
def test_what_does_not_compile_is_shown_as_bare(place, what):
    write(place, "main.py", NOT_PYTHON[what])
    assert same(place, "main.py").status == 1


def test_a_module_that_does_not_compile_is_shown_as_bare(place):
    write(place, "main.py", "if x\n")
    assert same(place, "-m", "main").status == 1
    write(place, "app/__main__.py", "if x\n")
    assert same(place, "app").status == 1


@pytest.mark.parametrize("name", ["good.pyc", "bad_magic.pyc", "bad_code.pyc"])
def test_a_compiled_file_that_is_none_is_shown_as_bare(place, name):
    import importlib.util

    code = importlib.util.MAGIC_NUMBER + bytes(12) + b"N"
    write(place, "bad_code.pyc", code)
    write(place, "bad_magic.pyc", b"\0\0\0\0" + code[4:])
    write(place, "good.pyc", b"")
    assert same(place, name).status == 1


@pytest.mark.parametrize("name", ["none.py", "no/such/file.py", "missing", "unreadable.py"])
def test_a_missing_file_is_one_line_and_status_2_as_bare(place, name):
    write(place, "unreadable.py", "").chmod(0)
    if name == "unreadable.py" and os.access(place / name, os.R_OK):
        pytest.skip("may read everything")
    done = same(place, name)
    assert (done.status, done.err.count("\n")) == (2, 1)


@pytest.mark.parametrize("name", ["nothing", "package", "package.nothing", "nothing.at.all", "script.py", ".x", ""])
def test_a_missing_module_is_one_line_and_status_1_as_bare(place, name):
    write(place, "package/__init__.py", "")
    write(place, "script.py", "")
    assert same(place, "-m", name).status == 1


def test_a_directory_or_archive_without_main_is_one_line_as_bare(place):
    (place / "empty").mkdir()
    with zipfile.ZipFile(place / "empty.zip", "w") as archive:
        archive.writestr("other.py", "")
    assert same(place, "empty").status == 1
    assert same(place, "empty.zip").status == 1


def test_a_package_whose_import_fails_is_shown_as_bare(place):
    write(place, "package/__init__.py", "1/0")
    write(place, "package/__main__.py", "")
    assert same(place, "-m", "package").status == 1


# --- what the debugger is told --------------------------------------------------------------------


def test_the_debugger_gets_the_code_first_and_the_end_last(place):
    write(place, "main.py", "import atexit, os\natexit.register(lambda: open('log', 'a').write('[\"atexit\"]\\n'))")
    path = str(place / "main.py")
    notice = ["notice", "the program ended with exit status 0", 0]
    assert log_of(place, "main.py") == [["program", path], ["start", "<module>"], ["atexit"], notice, ["close"]]


def test_a_module_is_handed_over_when_its_package_was_imported(place):
    write(place, "package/__init__.py", "open('log', 'a').write('[\"package\"]\\n')")
    write(place, "package/__main__.py", "")
    log = log_of(place, "-m", "package")
    assert log[:2] == [["package"], ["program", str(place / "package" / "__main__.py")]]


def test_what_nobody_caught_is_looked_at_before_the_program_dies(place):
    write(place, "main.py", "def f():\n    1/0\nf()")
    log = log_of(place, "main.py")
    assert log[2:] == [
        ["post mortem", "ZeroDivisionError", ["<module>", "f"]],
        ["notice", "the program ended with exit status 1", 1],
        ["close"],
    ]


def test_what_nobody_caught_in_a_thread_is_looked_at_too(place):
    write(place, "main.py", ENDS["error in a thread"])
    (found,) = [words for words in log_of(place, "main.py") if words[0] == "post mortem"]
    assert found[:2] == ["post mortem", "ZeroDivisionError"]
    assert found[2][-1] == "f"


@pytest.mark.parametrize(
    ("how", "status"),
    [
        ("exit 3", 3),
        ("exit text", 1),
        ("exit -1", 255),
        ("exit 256", 0),
        ("keyboard interrupt", 130),
        ("exit raises", 7),
    ],
)
def test_the_last_notice_names_the_exit_status(place, how, status):
    write(place, "main.py", ENDS[how])
    assert log_of(place, "main.py")[-2] == ["notice", f"the program ended with exit status {status}", status]


@pytest.mark.parametrize("how", ["exit 3", "exit in a thread"])
def test_an_exit_is_no_exception_to_look_at(place, how):
    write(place, "main.py", ENDS[how])
    assert [words[0] for words in log_of(place, "main.py")] == ["program", "start", "notice", "close"]


def test_a_program_that_is_not_there_has_nothing_to_look_at(place):
    write(place, "main.py", "if x\n")
    for module in ("nothing", "main"):
        assert [words[0] for words in log_of(place, "-m", module)] == ["close"]
        (place / "log").unlink()
