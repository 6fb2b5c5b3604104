"""Faults inside lowdb never reach the program: each function of it is made to raise in turn, also near the stack's end.

Broken is a function's own code, so that whoever holds the function calls the broken one. Not broken are the callbacks
that sys.monitoring calls and what they hand an error to: they are the guard.
"""

from __future__ import annotations

import os
import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from io import StringIO
from types import CodeType, FunctionType
from typing import Any

import pytest

from lowdb.engine.breakpoints import Spec
from lowdb.engine.stops import Continue, Logged, Next, Problem, Resume, RunTo, StepIn, StepOut, Stop, Until
from tests.engine.inside import Inside, Program

PROGRAM = """
    import threading

    class Guard:
        def __enter__(self):
            return self

        def __exit__(self, *error):
            return False

    def numbers(n):
        while n:
            yield n
            n -= 1  # @down

    def fails(n):
        with Guard():
            raise ValueError(n)  # @raise

    def catches(n):
        try:
            fails(n)
        except ValueError as error:
            return error.args[0]  # @caught

    def add(a, b):
        return a + b  # @add

    def loop(n):
        total = 0  # @zero
        for i in range(n):
            total = add(total, i)  # @call
        while n: n -= 1  # @one
        return total  # @total

    def work():
        out.append(loop(4))  # @work
        out.append(list(numbers(2)))  # @list
        out.append(catches(7))
        out.append(sorted([3, 1, 2], key=lambda k: -k))  # @sorted

    def main():
        start()
        work()  # @main
        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        thread.join(PATIENCE)
        out.append(thread.is_alive())
        finish()

    main()
"""
EXPECTED = [6, [2, 1], 7, [3, 2, 1]] * 2 + [False]
STEPS: list[Callable[[Program], Resume]] = [
    lambda program: StepIn(),
    lambda program: Next(),
    lambda program: Next(),
    lambda program: Until(),
    lambda program: StepIn(),
    lambda program: StepOut(),
    lambda program: StepIn(),
    lambda program: RunTo(program.path, program.marks["total"]),
    lambda program: Continue(),
    lambda program: StepIn(target="add"),
    lambda program: Continue(),
]


def guards(inside: Inside) -> set[int]:
    """The code of the functions that nothing stands behind: callbacks, and the handler of their errors."""
    monitor = inside.debugger.monitor
    dispatch = inside.debugger._dispatch
    functions = [*monitor._callbacks.values(), inside.debugger.discovery._started, dispatch._fail]
    return {id(getattr(function, "__func__", function).__code__) for function in functions}


class Breaker:
    """Makes one function raise between `start` and `finish`, or `most` times, and counts how often it did."""

    def __init__(self, function: FunctionType, error: type[BaseException], most: int = 0) -> None:
        self.most = most
        self.function = function
        self.error = error
        self.raised = 0
        self._code = function.__code__

    def start(self) -> None:
        def broken(*arguments: object, **more: object) -> object:
            _breaker.raised += 1  # noqa: F821 - see below
            if _breaker.raised == _breaker.most:  # noqa: F821
                _breaker.finish()  # noqa: F821
            raise _breaker.error("broken by the test")  # noqa: F821

        self.function.__globals__["_breaker"] = self
        self._put(broken.__code__.replace(co_freevars=self._code.co_freevars))

    def finish(self) -> None:
        self._put(self._code)
        self.function.__globals__.pop("_breaker", None)

    def _put(self, code: CodeType) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # since 3.13 to make a generator a plain function is warned of
            self.function.__code__ = code


def functions_of_lowdb(*wings: str) -> list[tuple[str, FunctionType]]:
    """Each function and method of the loaded modules of these wings, with its name."""
    found = {}
    for name, module in sorted(sys.modules.items()):
        if not name.startswith(wings):
            continue
        for thing in vars(module).values():
            members = vars(thing).values() if isinstance(thing, type) and thing.__module__ == name else [thing]
            for member in members:
                function = getattr(member, "fget", None) or getattr(member, "__func__", member)
                if type(function) is FunctionType and function.__module__ == name:
                    found[f"{name}.{function.__qualname__}"] = function
    return sorted(found.items())


def armed_program(inside: Inside, out: list[Any], breaker: Breaker) -> Program:
    """The program with a breakpoint of every kind; what is broken is broken between `start()` and `finish()`."""
    program = inside.load(PROGRAM, out=out, start=breaker.start, finish=breaker.finish, PATIENCE=1)
    debugger = inside.debugger
    debugger.start()
    debugger.program(program.code)
    inside.add(program, "zero")
    inside.add(program, "call", condition="i == 2 and total")
    inside.add(program, "add", log="{a} + {b}")
    inside.add(program, "down", hits="%2")
    inside.add(program, "one", ignore=2)
    inside.add(program, "sorted", condition="undefined_name")
    debugger.add(Spec(kind="function", location=f"{program.path}:catches"))
    debugger.add(Spec(kind="exit", location=f"{program.path}:numbers", condition="$ret is None"))
    debugger.add(Spec(kind="exit", location=f"{program.path}:fails", exits="unwinds"))
    debugger.add(Spec(kind="raise", exception="ValueError"))
    debugger.add(Spec(kind="raise", raised="user", exception="KeyError"))
    rest = [make(program) for make in STEPS]

    def answer(stop: Stop) -> Resume:
        if rest:
            with debugger.evaluating(stop):
                pass
            return rest.pop(0)
        return Continue()

    inside.front.default = answer
    return program


@pytest.fixture
def own_ctrl_c() -> Iterator[None]:
    """A handler of SIGINT, as lowdb's entrances set one; with Python's own a Ctrl-C would be the program's."""
    before = signal.signal(signal.SIGINT, lambda number, frame: None)
    yield
    signal.signal(signal.SIGINT, before)


# The locks themselves: who breaks one of these holds the other threads. The last runs in a thread of lowdb's own.
HOLDING = {"turns.Turns.release", "world.World._give", "world.World.go", "world.Hold.open", "world.Patience._watch"}
ERRORS = [RuntimeError, KeyboardInterrupt, RecursionError]
ONE_OR_ALL = ERRORS if "LOWDB_LONG" in os.environ else ERRORS[:1]
"""Each takes seconds: all of them where .ci/run asks for it."""


@pytest.mark.usefixtures("own_ctrl_c")
@pytest.mark.parametrize("error", ONE_OR_ALL)
def test_whatever_raises_inside_the_engine_the_program_does_the_same_and_a_problem_is_shown(tmp_path, error):
    reached, faults = set(), []
    for name, function in functions_of_lowdb("lowdb.engine.", "lowdb.program."):
        if name.removeprefix("lowdb.engine.") in HOLDING:
            continue
        inside, out, breaker = Inside(tmp_path), [], Breaker(function, error)
        if id(function.__code__) in guards(inside):
            continue
        program = armed_program(inside, out, breaker)
        died = run_broken(program, breaker)
        inside.debugger.close()
        if died is not None or out != EXPECTED:
            faults.append(f"{name}: the program did {out}, raised {died!r}")
        elif breaker.raised:
            reached.add(name)
            # a condition's fault stops and is shown there; the front end's own is in its hands
            shown = inside.front.problems or inside.front.errors or any(seen.problems for seen in inside.front.seen)
            if not shown and not name.endswith(TELLERS):
                faults.append(f"{name}: raised {breaker.raised} times, and no problem was shown")
    assert not faults, "\n".join(faults)
    assert len(reached) > 100, sorted(reached)


TELLERS = (".notify", ".say", ".trouble", "._text", "._trouble", "._say")
"""How a problem is told: what raises there cannot be."""


def run_broken(program: Program, breaker: Breaker) -> BaseException | None:
    try:
        program.run()
    except BaseException as error:
        return error
    finally:
        breaker.finish()
    return None


COMMANDS = """bt;p out;locals;l;n;s;pp vars();up;down;b add if a > 1;info;where;r;whatis out;args;tbreak loop;unt;
display n;n;p 1/0;nonsense;disable 1;!x = 3;c;n;s;c;bt;n;c""".replace(";\n", ";").split(";")


@pytest.mark.usefixtures("own_ctrl_c")
@pytest.mark.parametrize("error", ONE_OR_ALL)
def test_whatever_raises_in_the_repl_the_program_does_the_same(tmp_path, error):
    import lowdb.hooks as hooks
    from lowdb.repl.console import PlainConsole

    reached, faults = set(), []
    # every command is loaded before the functions are listed
    hooks.new_session(PlainConsole(StringIO(), StringIO()))
    for name, function in functions_of_lowdb("lowdb.repl."):
        inside, out, breaker = Inside(tmp_path), [], Breaker(function, error, 5)
        screen = StringIO()
        session = hooks.new_session(PlainConsole(StringIO("\n".join(COMMANDS)), screen))
        inside.use(session)
        session.debugger = inside.debugger
        program = armed_program(inside, out, breaker)
        died = run_broken(program, breaker)
        inside.debugger.close()
        if died is not None or out != EXPECTED:
            faults.append(f"{name}: the program did {out}, raised {died!r}\n{screen.getvalue()[-500:]}")
        elif breaker.raised:
            reached.add(name)
    assert not faults, "\n".join(faults)
    assert len(reached) > 60, sorted(reached)


@pytest.mark.usefixtures("own_ctrl_c")
@pytest.mark.parametrize("error", ERRORS)
def test_a_front_end_that_raises_is_told_and_the_program_goes_on(inside: Inside, error):
    class Raises:
        notices: list[Any] = []

        def on_stop(self, stop: Stop) -> Resume:
            raise error("from the front end")

        def on_notice(self, notice: Any) -> None:
            self.notices.append(notice)
            raise error("from the front end")

    program = inside.load("for n in range(3):\n    out.append(n)  # @line", out=[])
    front = Raises()
    inside.use(front)
    inside.debugger.start()
    inside.add(program, "line")
    inside.add(program, "line", log="{n}")
    program.run()
    assert program.names["out"] == [0, 1, 2]
    assert [type(notice) for notice in front.notices].count(Problem) == 3
    assert [type(notice) for notice in front.notices].count(Logged) == 3


@pytest.mark.usefixtures("own_ctrl_c")
def test_a_front_end_that_answers_nonsense_does_the_program_no_harm(inside: Inside):
    program = inside.load("for n in range(3):\n    out.append(n)  # @line", out=[])
    answers: list[Any] = ["nonsense", None, 7]
    inside.front.on_stop = lambda stop: answers.pop(0)  # type: ignore[method-assign]
    inside.debugger.start()
    inside.add(program, "line")
    program.run()
    assert program.names["out"] == [0, 1, 2]
    assert answers == []


# --- near the end of the stack ---------------------------------------------------------------------

RECURSION = """
import sys
sys.setrecursionlimit(300)
reached = 0

def down(n):
    global reached
    reached = n  # @down
    return down(n + 1) + 1  # @call

def measure():
    try:
        down(0)
    except RecursionError:
        return reached
    finally:
        deepest.append(reached)

def gentle(n):
    if n == 0:  # @if
        return 0
    return gentle(n - 1) + 1

def even():
    # as deep as it goes without an error: the debugger has no frame to spare
    limit = 1
    while True:
        try:
            gentle(limit)
        except RecursionError:
            return limit
        limit += 1

deepest = []
print("recursion", measure() > 200, measure() > 200, len(deepest))
print("gentle", gentle(200))
print("even", even() > 200)
print("limit", sys.getrecursionlimit())
sys.exit(3)
"""


@pytest.mark.parametrize(
    "commands",
    [
        [],
        ["b 7 if n == -1"],
        ["b 7 if sum(k for k in range(n)) < 0"],
        ["b 7 if undefined", "c", "c", "clear 1"],
        ["b 17 if n == 400", "b 8 if [n][0] < 0"],
        ["trap down unwinds KeyError", "trap gentle returns if $ret == -1"],
        ["catch KeyError raised"],
        ["b 7 if n == 200", "c", "bt", "p n", "n", "s", "clear 1"],
        ["b 8", "c", "clear 1", "r"],
        ["log 7 '{n:.0}'", "clear 1"],
    ],
    ids=" ; ".join,
)
def test_a_program_at_its_recursion_limit_does_the_same(run, tmp_path, commands):
    path = tmp_path / "program.py"
    path.write_text(RECURSION)
    bare = run(str(path))
    assert (bare.status, bare.out.split()[:4]) == (3, ["recursion", "True", "True", "2"])
    script = "\n".join([*commands, "c"]) + "\n"
    under = run("-m", "lowdb", "--ui", "plain", str(path), input=script)
    assert under.status == 3, under.out + under.err
    for line in bare.out.splitlines():
        assert line in under.out, under.out + under.err
    assert "Traceback" not in under.err, under.err


BROKEN = """
import sys
import {module} as module
{target} = {value}
import lowdb.cli
lowdb.cli.main(["--ui", "plain", {path!r}])
"""


@pytest.mark.parametrize(
    ("module", "target"),
    [
        ("lowdb.engine.checks", "module.CheckMaker.check"),
        ("lowdb.engine.plans", "module.Plans.make"),
        ("lowdb.engine.monitor", "module.Monitor.disarm"),
        ("lowdb.repl.session", "module.Session.on_stop"),
        ("lowdb.repl.session", "module.Session.on_notice"),
        ("lowdb.repl.console", "module.PlainConsole.show"),
        ("lowdb.repl.console", "module.PlainConsole.read"),
        ("lowdb.program.frames", "module.stack"),
    ],
)
@pytest.mark.parametrize("error", ["RuntimeError", "KeyboardInterrupt"])
def test_a_fault_in_a_whole_session_changes_neither_output_nor_exit_status(run, tmp_path, module, target, error):
    if error == "KeyboardInterrupt" and target.endswith("read"):
        pytest.skip("that is Ctrl-C at the prompt, for ever")
    path = tmp_path / "program.py"
    path.write_text("import sys\nfor n in range(3):\n    print('n is', n, file=sys.stderr)\nsys.exit(5)\n")
    value = f"lambda *a, **k: (_ for _ in ()).throw({error}('broken by the test'))"
    code = BROKEN.format(module=module, target=target, value=value, path=str(path))
    done = run("-c", code, input="b 3\nc\nn\ns\nbt\nc\nc\nc\nc\nc\n")
    assert done.status == 5, done.out + done.err
    assert [line for line in done.err.splitlines() if line.startswith("n is")] == ["n is 0", "n is 1", "n is 2"]
    assert "Traceback" not in done.err, done.err
