"""Text in a frame: what it sees, what it binds, what it leaves behind."""

from __future__ import annotations

import builtins
import gc
import sys
import traceback
import warnings
import weakref
from typing import TYPE_CHECKING

import pytest

from lowdb.program.dollars import column
from lowdb.program.evaluate import compile_expression, dollar, evaluate, execute, is_expression, scratch
from lowdb.program.frames import trim
from lowdb.program.scopes import CannotAssign

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

here = sys._getframe
GLOBAL = 10


def module_frame(text: str = "", **names: object) -> FrameType:
    """The frame of a module that has run `text`."""
    space = {"__name__": "made", "_getframe": here, **names}
    exec(compile(f"{text}\n_frame = _getframe()", "<made>", "exec"), space)
    frame = space.pop("_frame")
    del space["_getframe"]
    return frame  # type: ignore[return-value]


# --- what an expression sees ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("sum(x * k for x in xs)", 12),
        ("[x * k for x in xs if x < k]", [2]),
        ("{x: {y: k for y in xs} for x in xs}[3]", {1: 2, 2: 2, 3: 2}),
        ("(lambda n: n + k)(1)", 3),
        ("[lambda: k + GLOBAL][0]()", 12),
        ("max(xs, key=lambda x: -x * k)", 1),
        ("list(map(lambda x: [k for _ in xs][0] + x, xs))", [3, 4, 5]),
        ("[y := k, y + 1]", [2, 3]),
        ("[last := x for x in xs] and last", 3),
        ("k if xs else GLOBAL", 2),
        ("f'{k}{xs[0]!r:>{k}}'", "2 1"),
        ("(\n  k +\n  1\n)", 3),
        ("   k", 2),
        ("[k for k in xs] and k", 2),
        ("__debug__", True),
        ("locals is not None and len(xs)", 3),
    ],
)
def test_an_expression_sees_the_frames_names_in_every_scope(text: str, value: object) -> None:
    xs, k = [1, 2, 3], 2
    assert xs
    assert k
    assert evaluate(text, here()) == value


def test_closure_names_are_seen_and_written() -> None:
    count = 1

    def inner() -> tuple[int, object]:
        frame = here()
        assert evaluate("count + 1", frame) == 2
        execute("count = 5", frame)
        return count, evaluate("[count for _ in 'x'][0]", frame)

    assert inner() == (5, 5)
    assert count == 5


def test_an_unbound_local_is_an_error_though_a_global_has_its_name() -> None:
    def function() -> None:
        with pytest.raises(NameError):
            evaluate("GLOBAL", here())
        GLOBAL = 1
        assert GLOBAL

    function()


def test_the_variable_of_a_comprehension_hides_no_global_outside_it() -> None:
    def function() -> object:
        before = GLOBAL
        made = [GLOBAL + 1 for GLOBAL in (1, 2)]
        assert made
        return evaluate("GLOBAL", here()), before

    assert function() == (10, 10)


def test_private_names_are_those_of_the_class() -> None:
    class Safe:
        def __init__(self) -> None:
            self.__code = 7

        def look(self) -> object:
            __own = 1
            assert __own
            frame = here()
            execute("self.__code = self.__code + __own", frame)
            return evaluate("[self.__code for _ in 'x'][0], self._Safe__code, __own", frame)

    assert Safe().look() == (8, 8, 1)


def test_a_class_body_sees_its_names_in_every_scope_and_keeps_new_ones() -> None:
    class Body:
        xs = [1, 2]
        k = 3
        execute("k = k + 1; new = k * 2", here())
        found = evaluate("[sum(x * k for x in xs), (lambda: new)()]", here())
        execute("del new", here())

    assert Body.k == 4
    assert Body.found == [12, 8]
    assert not hasattr(Body, "new")


def test_a_module_frame_binds_globals() -> None:
    frame = module_frame("a = 1\nxs = [1, 2]")
    execute("b = a + 1\ndef f(n): return n * f(n - 1) if n else b\nc: int = 3", frame)
    assert frame.f_globals["b"] == 2
    assert evaluate("f(3)", frame) == 12
    assert evaluate("sum(x * b for x in xs)", frame) == 6
    frame.f_globals["b"] = 5
    assert evaluate("f(1)", frame) == 5, "a function made at a prompt has the module's own globals"
    assert frame.f_globals["f"].__qualname__ == "f"
    assert frame.f_globals["f"].__module__ == "made"
    execute("del a", frame)
    assert "a" not in frame.f_globals
    with pytest.raises(NameError):
        execute("del nothing", frame)


def test_a_comprehension_in_a_module_leaves_the_modules_names_in_reach() -> None:
    seen: list[object] = []

    def look() -> int:
        frame = here(1)
        seen.append(evaluate("item, k, [item for _ in 'x'][0] + k", frame))
        execute("made = item", frame)
        return 1

    frame = module_frame("k = 5\n[look() for item in [1, 2]]", look=look)
    assert seen == [(1, 5, 6), (2, 5, 7)]
    assert frame.f_globals["made"] == 2
    assert "item" not in frame.f_globals


def test_an_inlined_comprehension_of_a_function_shows_its_variable() -> None:
    def function() -> list[object]:
        k = 3
        return [evaluate("item + k", here()) for item in [1, 2] if k]

    assert function() == [4, 5]


def test_a_text_may_ask_for_the_whole_scope() -> None:
    def function(a: int, b: int) -> None:
        c = a
        frame = here()
        assert c
        found = evaluate("locals()", frame)
        assert {name: value for name, value in found.items() if name in "abc"} == {"a": 1, "b": 2, "c": 1}
        assert not any(name.startswith("_lowdb") for name in found)
        assert evaluate("eval('a + b + c')", frame) == 4
        assert "b" in evaluate("dir()", frame)
        execute("exec('print'); d = vars()['a'] + 1", frame)
        assert evaluate("d", frame) == 2

    function(1, 2)


def test_a_module_is_its_own_whole_scope() -> None:
    frame = module_frame("a = 1")
    frame.f_globals.pop("__builtins__")
    assert evaluate("locals() is globals()", frame)
    execute("from math import *\nexec('b = a + 1')", frame)
    assert evaluate("floor(2.5) + b", frame) == 4
    assert "__builtins__" not in frame.f_globals


def test_super_without_arguments_is_that_of_the_method() -> None:
    class Base:
        def name(self) -> str:
            return "base"

    class Derived(Base):
        __own = 3

        def name(self) -> str:
            assert super().name() == "base"
            assert evaluate("super().name(), self.__own", here()) == ("base", 3)
            return str(evaluate("[super().name() for _ in 'x'][0]", here()))

    assert Derived().name() == "base"


def test_a_nonlocal_statement_is_what_it_says() -> None:
    x = 1

    def function() -> None:
        y = x
        assert y
        execute("nonlocal x; x = 2", here())

    function()
    assert x == 2


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="the frame keeps what was overwritten: code borrows its locals")
def test_an_overwritten_object_is_let_go() -> None:
    class Thing: ...

    thing = Thing()
    gone = weakref.ref(thing)
    execute("thing = None", here())
    assert thing is None
    assert gone() is None


def test_no_evaluation_keeps_the_programs_objects_alive() -> None:
    class Thing: ...

    def function() -> weakref.ref[Thing]:
        thing = Thing()
        frame = here()
        execute("x = [thing for _ in 'a']; del x", frame)
        assert evaluate("(lambda: thing)()", frame) is thing
        return weakref.ref(thing)

    gone = function()
    gc.collect()
    assert gone() is None


# --- what statements bind ---------------------------------------------------------------------------


def test_locals_are_written_in_the_program() -> None:
    a, b, c = 1, 2, 3
    shared = lambda: c  # noqa: E731
    execute("a = 10\nb += a; c = a + b\nfor a in (7, 8): pass", here())
    assert (a, b, c, shared()) == (8, 12, 22, 22)


def test_two_writes_in_a_row_both_last() -> None:
    a, b = 1, 2
    frame = here()
    execute("a = 5", frame)
    execute("b = 6", frame)
    assert (a, b) == (5, 6)


@pytest.mark.parametrize(
    "text",
    [
        "x = 5",
        "x, *_ = 5, 6",
        "for x in [5]: pass",
        "import math as x; x = 5",
        "with __import__('contextlib').nullcontext(5) as x: pass",
        "if (x := 5): pass",
        "[x := 5 for _ in 'a']",
        "match 5:\n  case x: pass",
        "match [1, 5]:\n  case [_, *x]: x = x[0]",
        "match {'k': 5}:\n  case {'k': k, **x}: x = k",
        "x: int = 5",
        "if 1:\n  x: int = 5",
        "try: 1/0\nexcept ZeroDivisionError: x = 5",
        "x = 0\nwhile x < 5: x += 1",
        "def x(): return 5\nx = x()",
        "class x: y = 5\nx = x.y",
        "\n  x = 5\n  x = x\n",
    ],
)
def test_every_statement_that_binds_binds_the_local(text: str) -> None:
    x = 1
    execute(text, here())
    assert x == 5


def test_what_ran_before_an_error_stays_bound() -> None:
    x = 1
    with pytest.raises(ZeroDivisionError):
        execute("x = 2\n1 / 0\nx = 3", here())
    assert x == 2


def test_global_names_go_to_the_globals() -> None:
    def function() -> int:
        execute("global GLOBAL, MADE; GLOBAL = 11; MADE = 1", here())
        return GLOBAL

    try:
        assert function() == 11
        assert globals().pop("MADE") == 1
    finally:
        globals()["GLOBAL"] = 10


def test_new_names_of_a_function_are_kept_beside_it() -> None:
    k = 2
    frame = here()
    execute("import json\ntmp = k + 1\ndef fact(n): return n * fact(n - 1) if n > 1 else k", frame)
    assert evaluate("tmp, fact(3), json.dumps([tmp])", frame) == (3, 12, "[3]")
    assert "tmp" not in locals()
    assert "tmp" not in frame.f_locals
    assert set(scratch(frame)) == {"json", "tmp", "fact"}
    execute("del tmp", frame)
    with pytest.raises(NameError):
        evaluate("tmp", frame)


def test_kept_names_go_with_their_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    from lowdb.program import evaluate as module

    monkeypatch.setattr(module, "_scratch", {})

    def function() -> None:
        execute("tmp = 1", here())

    function()
    execute("mine = 1", here())
    assert [set(names) for _, names in module._scratch.values()] == [{"mine"}]
    execute("del mine", here())


def test_kept_names_of_generators_that_ended_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    from lowdb.program import evaluate as module

    monkeypatch.setattr(module, "_scratch", {})
    held = []  # frames that live on have addresses of their own

    def generator() -> Iterator[None]:
        held.append(here())
        execute("tmp = 1", here())
        yield

    for _ in range(3 * module._KEPT_FRAMES):
        next(generator())
    assert len(module._scratch) <= module._KEPT_FRAMES + 1


def test_a_class_made_at_a_prompt_is_named_as_in_the_frame() -> None:
    execute("class K:\n  def m(self): return 1", here())
    made = evaluate("K", here())
    assert made.__qualname__ == f"{here().f_code.co_qualname}.<locals>.K"
    assert made.m.__qualname__.endswith("<locals>.K.m")
    assert made.__module__ == __name__


def test_a_function_s_local_cannot_be_unbound_and_no_warning_reaches_the_program() -> None:
    x = 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(CannotAssign, match="'x' keeps its value"):
            execute("del x", here())
    assert x == 1


def test_items_and_attributes_can_be_deleted() -> None:
    d = {"a": 1, "b": 2}
    execute("del d['a']", here())
    assert d == {"b": 2}


# --- what is left behind ----------------------------------------------------------------------------


def test_nothing_of_lowdb_is_left_in_any_namespace() -> None:
    def function() -> tuple[set[str], set[str]]:
        x = 1
        before = set(locals())
        frame = here()
        evaluate("[y := x, _lowdb_ret]", frame, {"_lowdb_ret": 3})
        execute("z = _lowdb_ret; x = z", frame, {"_lowdb_ret": 3})
        assert x == 3
        after = {name for name in locals() if not name.startswith("@")}  # those are pytest's
        return before | {"before", "frame"}, after

    names, own = set(vars(builtins)), set(globals())
    before, after = function()
    assert before == after
    assert set(vars(builtins)) == names
    assert set(globals()) == own


def test_globals_without_builtins_get_none() -> None:
    frame = module_frame("a = [1, 2]")
    frame.f_globals.pop("__builtins__")
    assert evaluate("len([x for x in a])", frame) == 2
    execute("b = sum(a)", frame)
    assert set(frame.f_globals) == {"__name__", "a", "b"}


def test_globals_with_builtins_of_their_own_use_them() -> None:
    frame = module_frame("", __builtins__={"len": lambda _: "mine"})
    assert evaluate("len(())", frame) == "mine"


def test_dollar_names_are_given_for_one_text_only() -> None:
    assert evaluate("$ret + 1", here(), {"_lowdb_ret": 2}) == 3
    assert evaluate("[$ret for _ in 'x']", module_frame(), {"_lowdb_ret": 2}) == [2]
    with pytest.raises(NameError):
        evaluate("$ret", here())


def test_a_program_that_has_its_own_compile_and_warnings_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builtins, "compile", None)
    assert evaluate("1 + 1", here()) == 2


# --- errors -----------------------------------------------------------------------------------------


def test_the_users_exception_comes_out_with_lowdbs_frames_cut_off() -> None:
    def boom() -> None:
        raise ValueError("user")

    with pytest.raises(ValueError, match="user") as caught:
        evaluate("[boom() for _ in 'x']", here())
    frames = [(entry.filename, entry.name) for entry in traceback.extract_tb(trim(caught.value).__traceback__)]
    assert frames == [("<prompt>", "<prompt>"), (__file__, "boom")]


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("1 + + ", 6, "invalid syntax"),
        ("   1 +* 2", 7, "invalid syntax"),
        ("x = 1", 3, "invalid syntax"),
        ("f(", 2, "'(' was never closed"),
        ("", None, None),
        ("$ret +* $exc", 7, "invalid syntax"),
        ("$ret + $exc 1", 13, "invalid syntax"),
    ],
)
def test_a_syntax_error_points_into_what_was_typed(text: str, column: int | None, message: str | None) -> None:
    with pytest.raises(SyntaxError) as caught:
        evaluate(text, here())
    if message:
        assert caught.value.msg == message
    if column is not None:
        assert caught.value.offset == column


@pytest.mark.parametrize("text", ["return 1", "yield 1", "await x", "break", "x = yield", "async for a in b: pass"])
def test_what_makes_no_sense_outside_a_function_is_a_syntax_error(text: str) -> None:
    with pytest.raises(SyntaxError):
        execute(text, here())


def test_no_syntax_warning_of_a_typed_text_is_shown(recwarn: pytest.WarningsRecorder) -> None:
    x = 1
    assert evaluate("x is 1", here()) is True
    assert is_expression("'\\d' is 1") == "expression"
    assert not recwarn.list
    assert x


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("1", "expression"),
        ("$ret + 1", "expression"),
        ("(yield)", None),
        ("x = 1", "statement"),
        ("import os", "statement"),
        ("x: int", "statement"),
        ("for i in x:\n  y", "statement"),
        ("if x: y", "statement"),
        ("if x:", "incomplete"),
        ("def f():", "incomplete"),
        ("@d", "incomplete"),
        ("(1,", "incomplete"),
        ('"""a', "incomplete"),
        ("x = [", "incomplete"),
        ("try:\n  x", "incomplete"),
        ("1 +* 2", None),
        ("class", None),
        ("a b", None),
        (")", None),
        ("", None),
        ("return", None),
        ("x\0", None),
    ],
)
def test_a_text_is_known_for_what_it_is(text: str, kind: str | None) -> None:
    found = is_expression(text)
    if kind is None:
        assert isinstance(found, SyntaxError)
    else:
        assert found == kind


def test_an_expression_compiles_alone() -> None:
    assert eval(compile_expression("  1 + 1")) == 2
    with pytest.raises(SyntaxError):
        compile_expression("x = 1")


def test_text_that_is_nested_too_deep_is_a_syntax_error() -> None:
    with pytest.raises(SyntaxError):
        evaluate("(" * 5000 + ")" * 5000, here())
    assert isinstance(is_expression("-" * 200_000 + "1"), SyntaxError)


# --- dollars ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "rewritten"),
    [
        ("$ret", "_lowdb_ret"),
        ("$ret + $exc.args", "_lowdb_ret + _lowdb_exc.args"),
        ("'$ret' + \"$ret\"", "'$ret' + \"$ret\""),
        ("'''$ret\n'$exc''' + $ret", "'''$ret\n'$exc''' + _lowdb_ret"),
        (r"'\'$ret' + $ret", r"'\'$ret' + _lowdb_ret"),
        ("f'{$ret} $ret {{$ret}} {x:{$bp}}'", "f'{_lowdb_ret} $ret {{$ret}} {x:{_lowdb_bp}}'"),
        ("rf'{$ret}'", "rf'{_lowdb_ret}'"),
        ("f'{d[\"$k\"]}'", "f'{d[\"$k\"]}'"),
        ("$ret # $ret", "_lowdb_ret # $ret"),
        ("$", "$"),
        ("$1", "$1"),
        ("x", "x"),
    ],
)
def test_dollar_names_are_rewritten_outside_strings(text: str, rewritten: str) -> None:
    assert dollar(text) == rewritten


def test_columns_lead_back_to_what_was_typed() -> None:
    text = "$ret + $exc + x"
    rewritten = dollar(text)
    assert [column(text, rewritten.index(part)) for part in ("_lowdb_ret", "+", "_lowdb_exc")] == [0, 5, 7]
    assert column(text, len(rewritten) - 1) == len(text) - 1
