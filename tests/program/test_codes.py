"""Lines that can be stopped at, proven against the events themselves; live code; the index."""

from __future__ import annotations

import asyncio
import gc
import sys
import threading
import time
from types import CodeType, FunctionType

import pytest

from lowdb.capabilities import INTERPRETER
from lowdb.program.codes import (
    CodeIndex,
    first_line,
    has_one_line_loop,
    live_codes,
    needs_start,
    nested,
    one_line_loops,
    qualname,
    stoppable_lines,
)
from lowdb.program.paths import canonical
from tests.program.events import EVENTS, armed, lines_of
from tests.program.shapes import PRELUDE, SHAPES


class Run:
    """One shape's code, and what LINE did in it with PY_START armed and without."""

    def __init__(self, shape: str) -> None:
        self.begin = PRELUDE.count("\n") + 50
        self.module = self.compiled(shape)
        self.codes = [code for code in nested(self.module) if code.co_firstlineno > self.begin]
        self.all = lines_of(self.module)
        again = self.compiled(shape)
        others = [code for code in nested(again) if code.co_firstlineno > self.begin]
        fired = lines_of(again, start=False)
        self.without = {id(code): fired[id(other)] for code, other in zip(self.codes, others, strict=True)}

    def compiled(self, shape: str) -> CodeType:
        """The shape after a prelude, on lines of its own."""
        return compile(PRELUDE + "#\n" * 50 + SHAPES[shape], f"<shape {shape}>", "exec")


@pytest.fixture(scope="module")
def runs() -> dict[str, Run]:
    return {shape: Run(shape) for shape in SHAPES}


@pytest.mark.parametrize("shape", SHAPES)
def test_stoppable_lines_are_the_lines_that_fire(shape: str, runs: dict[str, Run]) -> None:
    run = runs[shape]
    assert run.codes or shape == "module docstring"
    for code in run.codes:
        assert stoppable_lines(code) == set(run.all[id(code)]), (code.co_qualname, run.all[id(code)])
    fired = {line for line in run.all[id(run.module)] if line > run.begin}
    assert {line for line in stoppable_lines(run.module) if line > run.begin} == fired


def test_no_line_fires_that_is_not_stoppable(runs: dict[str, Run]) -> None:
    for run in runs.values():
        for code in nested(run.module):
            assert stoppable_lines(code) >= set(run.all[id(code)]), code.co_qualname


def test_the_first_line_is_the_first_that_fires(runs: dict[str, Run]) -> None:
    for run in runs.values():
        for code in nested(run.module):
            if run.all[id(code)]:
                assert first_line(code) == run.all[id(code)][0], code.co_qualname


def test_code_needs_start_where_its_first_line_is_lost_without(runs: dict[str, Run]) -> None:
    for run in runs.values():
        for code in run.codes:
            if run.all[id(code)]:
                lost = run.without[id(code)][:1] != run.all[id(code)][:1]
                assert needs_start(code) == lost, (code.co_qualname, run.all[id(code)], run.without[id(code)])


def test_jump_fires_at_the_offsets_of_one_line_loops() -> None:
    text = (
        "def f(n):\n    while n: n -= 1\n    a = [i for i in range(3)]\n    for i in a:\n        n += i\n"
        "    for i in a: n += 1\n    return n\nf(3)"
    )
    code = compile(text, "<loops>", "exec")
    function = next(one for one in nested(code) if one.co_name == "f")
    jumps: dict[int, int] = {}

    def jump(code: CodeType, source: int, target: int) -> None:
        if target <= source:
            jumps[source] = jumps.get(source, 0) + 1

    with armed([function], EVENTS.JUMP, {EVENTS.JUMP: jump}):
        exec(code, {})
    loops = one_line_loops(function)
    assert sorted(loops.values()) == [2, 3, 6]
    assert set(loops) <= set(jumps)
    assert all(jumps[offset] >= 2 for offset in loops)
    assert has_one_line_loop(function, 3)
    assert not has_one_line_loop(function, 4)


def test_a_long_one_line_loop_is_found() -> None:
    text = "def f(n):\n    while n: n -= 1; " + "; ".join(f"x{i} = n + {i}" for i in range(300)) + "\nf(2)"
    code = compile(text, "<loop>", "exec")
    function = next(one for one in nested(code) if one.co_name == "f")
    fired: set[int] = set()
    with armed([function], EVENTS.JUMP, {EVENTS.JUMP: lambda code, source, target: fired.add(source)}):
        exec(code, {})
    loops = one_line_loops(function)
    assert loops
    assert set(loops) <= fired


def test_code_that_is_armed_reads_the_same() -> None:
    code = compile(PRELUDE + SHAPES["try except"], "<armed>", "exec")
    before = [stoppable_lines(one) for one in nested(code)]
    with armed(list(nested(code)), EVENTS.LINE | EVENTS.PY_START | EVENTS.INSTRUCTION, {}):
        exec(code, {})
        assert [stoppable_lines(one) for one in nested(code)] == before


def test_nested_gives_functions_classes_and_lambdas_within() -> None:
    code = compile("class K:\n  def m(self):\n    return lambda: (i for i in [])", "<n>", "exec")
    names = ["<module>", "K", "K.m", "K.m.<locals>.<lambda>", "K.m.<locals>.<lambda>.<locals>.<genexpr>"]
    assert [qualname(one) for one in nested(code)] == names


# --- live code --------------------------------------------------------------------------------------


def alive(code: CodeType) -> bool:
    return any(one is code for one in live_codes())


def test_live_codes_finds_what_decorators_hide() -> None:
    def hide(function):
        return [function].__len__

    @hide
    def hidden():
        def inner(): ...

    function = hidden.__self__[0]
    assert alive(function.__code__)
    assert alive(inner_of(function))


def inner_of(function: FunctionType) -> CodeType:
    return next(one for one in nested(function.__code__) if one.co_name == "inner")


def test_live_codes_finds_methods_properties_and_closures() -> None:
    class K:
        @property
        def p(self): ...

        @classmethod
        def c(cls):
            return lambda: 1

    assert alive(K.p.fget.__code__)
    assert alive(K.c.__func__.__code__)
    assert alive(K.c().__code__)


def test_live_codes_finds_suspended_frames_whose_function_is_gone() -> None:
    space: dict[str, object] = {}
    exec("def g(): yield\nasync def c(): pass\nasync def a(): yield", space)
    generator, coroutine, agenerator = space.pop("g")(), space.pop("c")(), space.pop("a")()
    expression = (i for i in [1])
    del space
    gc.collect()
    assert alive(generator.gi_code)
    assert alive(coroutine.cr_code)
    assert alive(agenerator.ag_code)
    assert alive(expression.gi_code)
    coroutine.close()


def test_live_codes_finds_running_modules_of_all_threads() -> None:
    code = compile("ready.set()\nend.wait()", "<running>", "exec")
    ready, end = threading.Event(), threading.Event()
    thread = threading.Thread(target=exec, args=(code, {"ready": ready, "end": end}))
    thread.start()
    try:
        assert ready.wait(10)
        assert alive(code)
        assert alive(sys._getframe().f_code)
    finally:
        end.set()
        thread.join()


def test_live_codes_names_equal_code_of_two_functions_twice() -> None:
    spaces = [{}, {}]
    for space in spaces:
        exec(compile("def f(): return 1", "<same>", "exec"), space)
    one, two = (space["f"].__code__ for space in spaces)
    assert one == two
    assert one is not two
    found = list(live_codes())
    assert sum(code is one for code in found) == 1
    assert sum(code is two for code in found) == 1


def test_live_codes_finds_functions_that_gc_freeze_has_hidden() -> None:
    def function(): ...

    gc.collect()
    gc.freeze()
    try:
        assert alive(function.__code__)
        assert alive(asyncio.run.__code__)
        assert alive(test_live_codes_finds_functions_that_gc_freeze_has_hidden.__code__)
    finally:
        gc.unfreeze()


def test_live_codes_runs_none_of_the_programs_code() -> None:
    class Hostile:
        def __getattribute__(self, name):
            raise AssertionError(name)

        __class__ = property(lambda self: FunctionType)  # type: ignore[assignment]

    keep = Hostile()
    assert list(live_codes())
    del keep


@pytest.mark.bench
def test_live_codes_of_many_modules_is_quick() -> None:
    text = "\n".join(f"def f{n}(x):\n  y = x\n  return [lambda: y]" for n in range(40))
    keep = []
    for _ in range(900):
        space: dict[str, object] = {}
        exec(compile(text, "<many>", "exec"), space)
        keep.append(space)
    begin = time.perf_counter()
    assert len(list(live_codes())) > 72_000
    assert time.perf_counter() - begin < 0.2


# --- the index --------------------------------------------------------------------------------------


def test_the_index_tells_only_new_code_and_finds_it_by_file_and_name() -> None:
    index = CodeIndex()
    code = compile("class K:\n  def m(self): pass\ndef m():\n  def m(): pass", "/a/b.py", "exec")
    assert index.add(code) == list(nested(code))
    assert index.add(code) == []
    assert index.codes("/a/./b.py") == list(nested(code))
    assert [one.co_qualname for one in index.find("K.m")] == ["K.m"]
    assert [one.co_qualname for one in index.named("m.m")] == ["m.<locals>.m"]
    assert index.find("m", "/a/c.py") == []
    assert index.files() == ["/a/b.py"]
    assert index.lines("/a/b.py") == {1, 2, 3, 4}
    assert code in index


def test_the_index_keeps_equal_code_apart() -> None:
    index = CodeIndex()
    one, two = (compile("x = 1", "<same>", "exec") for _ in range(2))
    index.add(one)
    assert one == two
    assert two not in index
    assert index.add(two) == [two]
    assert len(index) == 2


def test_the_index_lets_code_go_that_the_program_has_let_go() -> None:
    index = CodeIndex()
    for n in range(50):
        index.add(compile(f"x = {n}\nlambda: {n}", "<made>", "exec"))
    gc.collect()
    assert len(index) == 0
    assert index.codes("<made>") == []
    assert index.files() == []


def test_the_index_finds_the_code_of_a_loaded_module() -> None:
    index = CodeIndex()
    for code in live_codes():
        if code.co_filename == __file__:
            index.add(code)
    assert canonical(__file__) in index.files()
    assert alive.__code__ in index.find("alive", alive.__module__)


def test_one_line_bodies_need_start_only_where_the_interpreter_says_so() -> None:
    assert needs_start((lambda: 1).__code__) == INTERPRETER.one_line_needs_start
