"""lowdb is a guest: other tools measure the same with and without it, and the program finds the world as it was."""

from __future__ import annotations

import json
import sys
import textwrap
from pathlib import Path

import pytest

from tests.processes import Completed, own_places, run_python

ARMED = ["b main.py:{inner} if n == -1", "b main.py:{never}", "trap inner if $ret == -5", "catch KeyError if 0"]
STEPS = ["tb main.py:{inner}", "c", "n", "s", "n", "r", "n", "p n", "c"]

PROGRAM = """\
    import sys

    def inner(n):
        total = n * 2           # inner
        if n == 1000:
            total = 0           # never
        return total

    def numbers(limit):
        for n in range(limit):
            yield inner(n)

    class Box:
        def __init__(self, n):
            self.n = n

        @property
        def double(self):
            return inner(self.n)

    def fails(n):
        try:
            return {}[n]
        except KeyError:
            return -1

    def main():
        found = [n for n in numbers(5)]
        found.append(Box(3).double)
        found.append(fails(1))
        return sum(found)
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path


def write(place: Path, end: str, name: str = "main.py") -> dict[str, int]:
    """Write the program with `end` after it; the lines that end in a comment of one word, by that word."""
    text = textwrap.dedent(PROGRAM) + "\n\n" + textwrap.dedent(end)
    (place / name).write_text(text)
    return {
        line.rpartition("# ")[2]: number for number, line in enumerate(text.splitlines(), 1) if line.count("  # ") == 1
    }


def commands(marks: dict[str, int], *, stepping: bool) -> list[str]:
    lines = [line.format(**marks) for line in [*ARMED, *(STEPS if stepping else ["c"])]]
    return [part for line in lines for part in ("-c", line)]


def both(place: Path, end: str, *, stepping: bool, before: tuple[str, ...] = (), **env: str) -> tuple[str, str]:
    """What the program writes to the file `out`, bare and under lowdb."""
    marks = write(place, end)
    bare = run_python(*before, "main.py", cwd=place, env=env)
    assert bare.status == 0, bare
    first = (place / "out").read_text()
    (place / "out").unlink()
    done = under(place, *commands(marks, stepping=stepping), *before, "main.py", **env)
    assert done.status == 0, done
    assert "rror inside lowdb" not in done.out
    assert done.out.count("\n> ") + done.out.count(") > ") >= (6 if stepping else 0), done.out
    return first, (place / "out").read_text()


def under(place: Path, *words: str, input: str = "", **env: str) -> Completed:
    return run_python("-m", "lowdb", "--ui", "plain", *words, cwd=place, input=input, env=env)


def same(place: Path, end: str, **env: str) -> str:
    """Assert that the program writes the same with and without lowdb, with breakpoints armed and with steps."""
    env = own_places() | env  # both see the same environment
    for stepping in (False, True):
        bare, debugged = both(place, end, stepping=stepping, **env)
        assert debugged == bare
    return bare


# --- tools that measure -----------------------------------------------------------------------------


@pytest.mark.parametrize("stepping", [False, True], ids=["armed", "stepping"])
@pytest.mark.parametrize("core", ["sysmon", "ctrace"])
def test_coverage_measures_the_same_lines(place, core, stepping):
    marks = write(place, "print(main())\n")
    measured = []
    coverage = ("-m", "coverage", "run", "--include=main.py", "--data-file")
    env = {"COVERAGE_CORE": core}
    for name, run in (
        ("bare", lambda *words: run_python(*words, cwd=place, env=env)),
        ("lowdb", lambda *words: under(place, *commands(marks, stepping=stepping), *words, **env)),
    ):
        done = run(*coverage, str(place / name), "main.py")
        assert done.status == 0, done
        report = str(place / f"{name}.json")
        said = run_python("-m", "coverage", "json", "--data-file", str(place / name), "-o", report, cwd=place)
        assert said.status == 0, said
        files = json.loads(Path(report).read_text())["files"]
        measured.append((files["main.py"]["executed_lines"], files["main.py"]["missing_lines"]))
        if name == "lowdb":
            assert done.out.count("> ") >= (6 if stepping else 1), done.out
    assert measured[0] == measured[1]
    assert marks["never"] in measured[0][1]


def test_set_trace_in_a_measured_program_takes_no_line_away(place):
    write(place, "import lowdb\nlowdb.set_trace()\nprint(main())\n")
    measured = []
    for typed in ("c\n", "b inner if n == -1\nn\nc\n", "s\ns\nn\nn\nc\n"):
        env = {"COVERAGE_CORE": "sysmon", "LOWDB_UI": "plain"}
        words = ("-m", "coverage", "run", "--include=main.py", "--data-file=data", "main.py")
        done = run_python(*words, cwd=place, env=env, input=typed)
        assert done.status == 0, done
        run_python("-m", "coverage", "json", "--data-file=data", "-o", "data.json", cwd=place)
        measured.append(json.loads((place / "data.json").read_text())["files"]["main.py"]["executed_lines"])
    assert measured[0] == measured[1] == measured[2]


def test_cprofile_counts_the_same_calls(place):
    same(
        place,
        """\
        import cProfile, pstats
        profile = cProfile.Profile()
        profile.enable()
        main()
        profile.disable()
        calls = {f"{name} {line}": entry[:2] for (file, line, name), entry in pstats.Stats(profile).stats.items()
                 if file.endswith("main.py")}
        assert calls
        with open("out", "w") as file:
            print(sorted(calls.items()), file=file)
        """,
    )


def test_cprofile_of_a_whole_program_works_under_lowdb(place):
    marks = write(place, "main()\n")
    done = under(place, *commands(marks, stepping=False), "-m", "cProfile", "-s", "name", "main.py")
    assert done.status == 0
    assert any("(inner)" in line and line.split()[0] == "6" for line in done.out.splitlines()), done.out


# --- programs that trace themselves -----------------------------------------------------------------


def test_a_program_that_traces_itself_sees_the_same(place):
    seen = same(
        place,
        """\
        seen = []
        def trace(frame, event, arg):
            if frame.f_code.co_filename == __file__:
                seen.append((event, frame.f_lineno, frame.f_code.co_name))
            return trace
        sys.settrace(trace)
        main()
        sys.settrace(None)
        with open("out", "w") as file:
            print(seen, file=file)
        """,
    )
    assert "'line'" in seen
    assert "'exception'" in seen


def test_a_program_that_profiles_itself_sees_the_same(place):
    same(
        place,
        """\
        seen = []
        def profile(frame, event, arg):
            if frame.f_code.co_filename == __file__:
                seen.append((event, frame.f_lineno, frame.f_code.co_name))
        sys.setprofile(profile)
        main()
        sys.setprofile(None)
        with open("out", "w") as file:
            print(seen, file=file)
        """,
    )


def test_a_program_that_traces_its_threads_sees_the_same(place):
    same(
        place,
        """\
        import threading
        seen = []
        def trace(frame, event, arg):
            if frame.f_code.co_filename == __file__:
                seen.append((event, frame.f_lineno, frame.f_code.co_name))
            return trace
        threading.settrace(trace)
        thread = threading.Thread(target=main)
        thread.start()
        thread.join()
        threading.settrace(None)
        with open("out", "w") as file:
            print(seen, file=file)
        """,
    )


@pytest.mark.parametrize("tool", [1, 2, 3])
def test_a_program_that_monitors_itself_sees_the_same(place, tool):
    seen = same(
        place,
        f"""\
        mon, E, seen = sys.monitoring, sys.monitoring.events, []
        def note(name, answer=None):
            def callback(code, *rest):
                if code.co_filename == __file__:
                    seen.append((name, code.co_name, rest[0]))
                return answer
            return callback
        mon.use_tool_id({tool}, "own")
        for name in ("PY_START", "PY_RETURN", "PY_YIELD", "PY_RESUME", "RAISE", "PY_UNWIND", "EXCEPTION_HANDLED"):
            mon.register_callback({tool}, getattr(E, name), note(name))
        mon.register_callback({tool}, E.LINE, note("LINE", mon.DISABLE))
        mon.set_events({tool}, E.PY_START | E.PY_RETURN | E.PY_YIELD | E.RAISE | E.PY_UNWIND | E.EXCEPTION_HANDLED)
        mon.set_local_events({tool}, inner.__code__, E.LINE)
        main()
        mon.set_events({tool}, 0)
        mon.set_local_events({tool}, inner.__code__, 0)
        mon.free_tool_id({tool})
        with open("out", "w") as file:
            print(seen, file=file)
        """,
    )
    assert seen.count("'LINE'") == 3  # the tool's own DISABLE holds, whatever lowdb arms again


def test_restart_events_of_the_program_lets_no_breakpoint_stop_twice(place):
    marks = write(place, "for _ in range(3):\n    main()\n    sys.monitoring.restart_events()\nprint('end')\n")
    done = under(place, "-c", f"b main.py:{marks['inner']} hits 2", "-c", "c", "-c", "c", "main.py")
    assert done.out.count(f"main.py({marks['inner']})inner()") == 1
    assert done.out.count("end") > 0


# --- tool ids that are taken ------------------------------------------------------------------------


def taken(place: Path, *ids: int) -> dict[str, str]:
    """The environment in which the tool ids are claimed before any program starts."""
    (place / "sitecustomize.py").write_text(
        "import sys\n" + "".join(f"sys.monitoring.use_tool_id({one}, 'rival {one}')\n" for one in ids)
    )
    return {"PYTHONPATH": f"{place}:{Path(__file__).resolve().parents[2]}"}


def test_where_another_debugger_is_lowdb_names_it_and_ends_with_status_2(place):
    write(place, "print('ran')\n")
    done = under(place, "main.py", **taken(place, 0))
    assert done.status == 2
    assert done.out == ""
    assert done.err.count("\n") == 1
    assert "'rival 0'" in done.err


def test_where_another_debugger_is_breakpoint_names_it_and_the_program_runs_on(place):
    write(place, "sys.monitoring.use_tool_id(0, 'own debugger')\nfor n in range(3):\n    breakpoint()\nprint('ran')\n")
    done = run_python("main.py", cwd=place, env={"PYTHONBREAKPOINT": "lowdb.set_trace", "LOWDB_UI": "plain"})
    assert (done.status, done.out) == (0, "ran\n")
    assert set(done.err.splitlines()) == {done.err.splitlines()[0]}
    assert "'own debugger'" in done.err


def test_a_program_that_asks_who_debugs_it_is_told(place):
    write(
        place,
        """\
        try:
            sys.monitoring.use_tool_id(0, "own debugger")
        except ValueError as error:
            print(sys.monitoring.get_tool(0), error)
        """,
    )
    done = under(place, "-c", "c", "main.py")
    assert "lowdb tool 0 is already in use" in done.out


@pytest.mark.parametrize("ids", [(4,), (3, 4), (3, 4, 5)], ids=["4", "3 and 4", "3, 4 and 5"])
def test_breakpoints_in_code_that_comes_later_stop_where_other_ids_are_taken(place, ids):
    write(place, "import late\nlate.f()\nlate.one()\nprint(sys.monitoring.get_tool(5))\n")
    (place / "late.py").write_text("def f():\n    return 5\ndef one(): return 6\n")
    words = ["-c", "b late.py:2", "-c", "b late:one", "-c", "b late.py:3 if 0", "-c", "c", "-c", "c", "-c", "c"]
    done = under(place, *words, "main.py", **taken(place, *ids))
    assert "late.py(2)f()" in done.out
    assert "late.py(3)one()" in done.out
    assert done.out.count("\n> ") == 3, done.out
    assert done.status == 0


# --- other debuggers and tools inside -----------------------------------------------------------------


def test_pdb_inside_the_program_traces_on_its_own(place):
    # pdb of 3.14 and later takes the debugger's tool id, which lowdb has, unless it is asked for its other backend
    marks = write(
        place,
        """\
        import pdb
        backend = {"backend": "settrace"} if sys.version_info >= (3, 14) else {}
        def f():
            pdb.Pdb(**backend).set_trace()
            x = 5               # after
            return x
        f()
        """,
    )
    done = under(place, "-c", f"b main.py:{marks['inner']} if n == -1", "-c", "c", "main.py", input="n\nn\nc\n")
    assert done.status == 0, done
    assert done.out.count("(Pdb) ") >= 3
    assert f"main.py({marks['after']})f()" in done.out


def test_pdbs_own_refusal_reaches_the_program_and_lowdb_stays(place):
    write(
        place,
        """\
        import pdb
        try:
            pdb.set_trace(header="pdb is here")
        except ValueError as error:
            print("refused:", error)
        print(sys.monitoring.get_tool(0))
        """,
    )
    done = under(place, "-c", "c", "main.py", input="c\n")
    assert done.status == 0
    assert ("pdb is here" if sys.version_info < (3, 14) else "refused: Another debugger") in done.out
    assert done.out.endswith("lowdb\nthe program ended with exit status 0\n")


STATE = """\
    import faulthandler, gc, os, signal, threading, tracemalloc
    def state():
        main_module = sys.modules["__main__"]
        return {
            "threads": [thread.name for thread in threading.enumerate()],
            "active": threading.active_count(),
            "descriptors": sorted(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else [],
            "handlers": {int(one): repr(signal.getsignal(one)) for one in signal.valid_signals()
                         if one not in (signal.SIGKILL, signal.SIGSTOP, signal.SIGINT)},
            "itimer": signal.getitimer(signal.ITIMER_REAL), "wakeup": signal.set_wakeup_fd(-1),
            "mask": sorted(map(int, signal.pthread_sigmask(signal.SIG_BLOCK, []))),
            "path": sys.path, "argv": sys.argv, "flags": repr(sys.flags), "limit": sys.getrecursionlimit(),
            "switch": sys.getswitchinterval(), "trace": repr(sys.gettrace()), "profile": repr(sys.getprofile()),
            "hooks": [sys.displayhook is sys.__displayhook__, sys.excepthook is sys.__excepthook__,
                      sys.unraisablehook is sys.__unraisablehook__],
            "asyncgen": repr(sys.get_asyncgen_hooks()), "origin": sys.get_coroutine_origin_tracking_depth(),
            "globals": sorted(vars(main_module)), "locals": sorted(locals()),
            "builtins": sorted(__builtins__.__dict__), "underscore": repr(getattr(__builtins__, "_", "none")),
            "faulthandler": faulthandler.is_enabled(), "tracemalloc": tracemalloc.is_tracing(),
            "gc": [gc.isenabled(), gc.get_threshold(), len(gc.callbacks), gc.get_debug(), gc.get_freeze_count()],
            "importers": [repr(type(one)) for one in sys.meta_path], "path_hooks": len(sys.path_hooks),
            "streams": [repr(sys.stdin), repr(sys.stdout), repr(sys.stderr)],
            "cwd": os.getcwd(), "environment": dict(os.environ), "umask": os.umask(0o22),
            "locale": __import__("locale").setlocale(0), "warnings": repr(__import__("warnings").filters),
        }
    import json
    first = state()
    inner(3)
    second = state()
    inner(4)
    with open("out", "w") as file:
        json.dump([first, second, state()], file, indent=1, sort_keys=True)
"""


def test_the_program_finds_the_world_as_it_was(place):
    same(place, STATE)


def test_tracemalloc_and_gc_callbacks_tell_the_same_of_the_program(place):
    same(
        place,
        """\
        import gc, tracemalloc
        phases = []
        gc.callbacks.append(lambda phase, info: phases.append(phase))
        tracemalloc.start()
        kept = [bytes(1000) for _ in range(50)]
        main()
        gc.collect()
        lines = tracemalloc.take_snapshot().filter_traces([tracemalloc.Filter(True, __file__)]).statistics("lineno")
        found = [(one.traceback[0].lineno, one.count) for one in lines if one.size > 10_000]
        with open("out", "w") as file:
            print(found, phases[-2:], file=file)
        """,
    )


def test_the_programs_own_recursion_limit_holds(place):
    # lowdb's runner and a callback take a few of the frames: the depth is not the same, what happens is
    same(
        place,
        """\
        def deep(n):
            inner(n)
            return deep(n + 1)
        found = []
        for limit in (200, 500):
            sys.setrecursionlimit(limit)
            try:
                deep(0)
            except RecursionError as error:
                traceback, last = error.__traceback__, None
                names = set()
                while traceback is not None:
                    names.add(traceback.tb_frame.f_code.co_filename == __file__)
                    traceback = traceback.tb_next
                found.append((str(error), type(error.__context__), sys.getrecursionlimit(), names))
        with open("out", "w") as file:
            print(found, file=file)
        """,
    )


def test_a_condition_is_asked_up_to_the_recursion_limit(place):
    marks = write(
        place, "def deep(n):\n    return deep(n + 1)       # deep\ntry: deep(0)\nexcept RecursionError: print('end')\n"
    )
    for condition in ("n == -1", "super is None", "all(k for k in [n == -1])"):
        done = under(place, "-c", f"b main.py:{marks['deep']} if {condition}", "-c", "c", "main.py")
        assert done.out.count("> /") == 1, done.out
        assert "end" in done.out
        assert "RecursionError" not in done.out


def test_faulthandler_shows_the_programs_frames_only(place):
    marks = write(
        place,
        """\
        import faulthandler
        faulthandler.enable()
        def f():
            faulthandler.dump_traceback(all_threads=True)      # dump
        f()
        """,
    )
    done = under(place, *commands(marks, stepping=True), "main.py")
    assert f"line {marks['dump']} in f" in done.err
    assert done.err.count("Thread 0x") + done.err.count("Current thread") == 1


def test_nothing_is_left_of_a_check_that_the_garbage_collector_could_find(place):
    found = same(
        place,
        """\
        import gc
        gc.collect()
        gc.disable()
        inner(1)
        inner(2)
        with open("out", "w") as file:
            print(gc.collect(), file=file)
        """,
    )
    assert found == "0\n" or sys.version_info < (3, 13)
