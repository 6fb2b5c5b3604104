"""Breakpoints small: where they take hold, what their conditions see, how they count, whom they stop."""

from __future__ import annotations

import importlib
import os
import sys
import threading

import pytest

from lowdb.engine.breakpoints import Spec
from lowdb.engine.conditions import ConditionError
from lowdb.engine.locations import LocationError
from lowdb.engine.stops import Bound, Continue, Next, Reason, Stop
from tests.engine.inside import Inside, Program, armed

# --- places ----------------------------------------------------------------------------------------

PLACES = '''
    import os  # @import

    def documented(n):
        """Words.

        More words.
        """
        # a comment
        if n:
            return 1  # @one
        else:
            return (
                2  # @two
            )

    class Shop:
        limit = 3  # @limit

        def sell(self, n):
            return n  # @sell

        class Inner:
            def deep(self): return 1  # @deep

    def outer():
        def inner():
            return 5  # @inner
        return inner  # @outer

    pair = (lambda a: a + 1, lambda b: b + 2)  # @lambdas
    total = sum(n * 2 for n in range(3))  # @genexpr
'''


@pytest.fixture
def places(inside: Inside) -> Program:
    inside.debugger.start()
    program = inside.load(PLACES, "places")
    inside.debugger.program(program.code)
    return program


def line_of(program: Program, text: str) -> int:
    return next(n for n, line in enumerate(program.text.splitlines(), 1) if text in line)


@pytest.mark.parametrize(
    ("text", "moved_to"),
    [('"""Words', "if n"), ("More words", "if n"), ("# a comment", "if n"), ("else:", "return ("), ("def sell", None)],
)
def test_a_line_without_code_is_moved_on_with_the_reason(inside: Inside, places: Program, text, moved_to):
    line = line_of(places, text)
    point = inside.debugger.add(Spec(location=f"{places.path}:{line}"))
    if moved_to is None:
        assert point.places[0].line == line  # the def statement itself runs
    else:
        assert point.places[0].line == line_of(places, moved_to)
        assert point.note is not None
        assert f"line {line}" in point.note
        assert str(point.places[0].line) in point.note


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("{path}:900", "lines"),
        ("{path}:0", "count from 1"),
        ("nowhere.py:3", "nowhere.py"),
        ("{path}:missing", "missing"),
        ("{path}:Shop", "class"),
        ("/(/", "regular expression"),
        ("a b", "location"),
        ("no_such_function", "no_such_function"),
        ("sys:exit", "source"),
    ],
)
def test_a_place_that_is_not_there_is_refused_and_leaves_nothing(inside: Inside, places: Program, location, words):
    with pytest.raises(LocationError, match=words):
        inside.debugger.add(Spec(kind="function", location=location.format(path=places.path)))
    assert inside.debugger.breakpoints() == []
    assert armed(places.codes()) == []
    assert inside.add(places, "one").number == 1


@pytest.mark.parametrize(
    ("name", "qualname"),
    [
        ("Shop.sell", "Shop.sell"),
        ("Shop.Inner.deep", "Shop.Inner.deep"),
        ("outer.inner", "outer.<locals>.inner"),
        ("documented", "documented"),
    ],
)
def test_a_function_is_found_by_its_name_before_the_program_runs(inside: Inside, places: Program, name, qualname):
    point = inside.debugger.add(Spec(kind="function", location=f"{places.path}:{name}"))
    assert [place.function for place in point.places] == [qualname]
    assert point.pending is None
    places.run()
    assert inside.at() == []


def test_a_pattern_takes_all_functions_that_match_also_those_that_come(inside: Inside, places: Program):
    point = inside.debugger.add(Spec(kind="function", location="/sell|inn?er$/"))
    places.run()
    places.names["Shop"]().sell(1)
    places.names["outer"]()()
    inside.check()
    assert inside.at() == ["sell", "inner"]
    assert {place.function for place in point.places} >= {"Shop.sell", "outer.<locals>.inner"}


def test_a_line_of_several_lambdas_and_of_a_generator_expression_belongs_to_all_of_them(
    inside: Inside, places: Program
):
    inside.add(places, "lambdas")
    inside.add(places, "genexpr")
    places.run()
    stops = inside.at()
    assert stops.count("lambdas") == 1
    assert stops.count("genexpr") == 1 + 4  # where it is made, its three turns and its end
    first, second = places.names["pair"]
    assert first(1) + second(2) == 6
    assert inside.at().count("lambdas") == 3


def test_a_class_statements_line_is_not_its_bodys(inside: Inside, places: Program):
    point = inside.debugger.add(Spec(location=f"{places.path}:{line_of(places, 'class Shop')}"))
    places.run()
    assert [(seen.function, seen.line) for seen in inside.front.seen] == [("<module>", point.places[0].line)]


def test_a_line_of_a_class_body_stops_in_the_body(inside: Inside, places: Program):
    inside.add(places, "limit")
    places.run()
    assert [(seen.at, seen.function) for seen in inside.front.seen] == [("limit", "Shop")]


# --- code that comes -------------------------------------------------------------------------------


@pytest.fixture
def module(inside: Inside, monkeypatch) -> str:
    """The name of a module that can be imported and has not been."""
    name = "lowdb_late_module"
    (inside.directory / f"{name}.py").write_text("first = 1\n\ndef late(n):\n    return n + first\n\nlate(4)\n")
    monkeypatch.syspath_prepend(str(inside.directory))
    importlib.invalidate_caches()
    sys.modules.pop(name, None)
    return name


@pytest.mark.parametrize(
    ("location", "line"), [("{path}:1", 1), ("{name}:late", 4), ("{path}:late", 4), ("{name}.late", 4)]
)
def test_a_breakpoint_in_a_module_that_is_not_imported_waits_and_is_bound_before_its_first_line(
    inside: Inside, module, location, line
):
    path = str(inside.directory / f"{module}.py")
    inside.debugger.start()
    kind = "line" if line == 1 else "function"
    point = inside.debugger.add(Spec(kind=kind, location=location.format(path=path, name=module)))
    assert point.pending is not None
    assert inside.front.notices == []
    importlib.import_module(module)
    inside.check()
    assert [(seen.line, seen.numbers) for seen in inside.front.seen] == [(line, (1,))]
    assert point.pending is None
    assert [type(notice) for notice in inside.front.notices] == [Bound]
    sys.modules.pop(module)


def test_a_module_that_is_imported_again_is_bound_again(inside: Inside, module):
    inside.debugger.start()
    inside.debugger.add(Spec(location=f"{inside.directory / module}.py:4"))
    for _ in range(2):
        importlib.import_module(module)
        sys.modules.pop(module)
    assert [seen.line for seen in inside.front.seen] == [4, 4]


def test_code_that_ran_before_the_breakpoint_is_found(inside: Inside, module):
    imported = importlib.import_module(module)
    inside.debugger.start()
    point = inside.debugger.add(Spec(location=f"{inside.directory / module}.py:4"))
    assert point.pending is None
    imported.late(1)
    assert [seen.line for seen in inside.front.seen] == [4]
    sys.modules.pop(module)


def test_a_frame_that_runs_already_stops_at_a_breakpoint_that_is_set_below_it(inside: Inside):
    program = inside.load("""
        def main():
            set_it()
            a = 1
            b = 2  # @b

        main()
    """)
    program.names["set_it"] = lambda: inside.add(program, "b")
    inside.debugger.start()
    program.run()
    assert inside.at() == ["b"]


# --- conditions ------------------------------------------------------------------------------------

SCOPES = """
    rate = 2
    names = {"a": 1}

    def free(n):
        k = 10

        def inner(m):
            return n + k + m  # @inner

        return inner(1)

    def plain(n, xs, *rest, key=None):
        doubled = [x * 2 for x in xs]
        if n > 100:
            unbound = 1
        return doubled  # @plain

    class Body:
        size = 3
        twice = size * 2  # @body

    def generator(n):
        for i in range(n):
            yield i  # @yield

    def shadows(len):
        return len  # @shadows

    def calls():
        free(1)
        plain(4, [1, 2], 7, key="k")
        list(generator(3))
        shadows(5)

    rate = 3  # @module
"""


@pytest.mark.parametrize(
    ("mark", "condition", "stops"),
    [
        ("plain", "n == 4", 1),
        ("plain", "n == 5", 0),
        ("plain", "rest == (7,) and key == 'k'", 1),
        ("plain", "rate == 3", 1),
        ("plain", "names['a'] == 1 and len(xs) == 2", 1),
        ("plain", "sum(x * n for x in xs) == 12", 1),
        ("plain", "any(x == y for x in xs for y in doubled)", 1),
        ("plain", "(lambda q: q + n)(1) == 5", 1),
        ("plain", "[n for n in xs] == [1, 2] and n == 4", 1),
        ("plain", "locals()['n'] == 4", 1),
        ("plain", "globals()['rate'] == 3", 1),
        ("plain", "'n' in dir() and 'n' in vars()", 1),
        ("plain", "eval('n + 1') == 5", 1),
        ("plain", "(m := n) == 4", 1),
        ("plain", "\n n\n == 4", 1),
        ("inner", "n == 1 and k == 10 and m == 1", 1),
        ("inner", "n + k + m == 12 and rate == 3", 1),
        ("yield", "i == 2", 1),
        ("yield", "i % 2 == 0", 2),
        ("shadows", "len == 5", 1),
        ("plain", "$hits == 1", 1),
        ("plain", "$thread == 'MainThread'", 1),
        ("plain", "$task is None", 1),
        ("plain", "$bp == 1", 1),
        ("plain", "'$hits' == '$' + 'hits'", 1),
    ],
)
def test_a_condition_sees_what_the_frame_sees(inside: Inside, mark, condition, stops):
    inside.debugger.start()
    program = inside.load(SCOPES)
    program.run()
    point = inside.add(program, mark, condition=condition)
    before = set(program.names)
    program.names["calls"]()
    inside.check()
    assert [seen.problems for seen in inside.front.seen] == [()] * stops
    assert point.hits == stops
    assert set(program.names) == before


@pytest.mark.parametrize(
    ("condition", "stops"),
    [("size == 3", 1), ("size == 3 and rate == 2", 1), ("sum(size for _ in range(2)) == 6", 1), ("size > 3", 0)],
)
def test_a_condition_in_a_class_body_sees_its_names(inside: Inside, condition, stops):
    inside.debugger.start()
    program = inside.load(SCOPES)
    inside.add(program, "body", condition=condition)
    inside.debugger.program(program.code)
    program.run()
    inside.check()
    assert [seen.problems for seen in inside.front.seen] == [()] * stops


def test_a_condition_at_module_level_sees_the_modules_names(inside: Inside):
    inside.debugger.start()
    program = inside.load(SCOPES)
    inside.debugger.program(program.code)
    inside.add(program, "module", condition="rate == 2 and Body.twice == 6")
    program.run()
    assert inside.at() == ["module"]


@pytest.mark.parametrize(
    ("mark", "condition", "problem"),
    [
        ("plain", "n / 0", ZeroDivisionError),
        ("plain", "undefined", NameError),
        ("plain", "unbound == 1", NameError),
        ("plain", "xs[9]", IndexError),
        ("inner", "undefined + n", NameError),
        ("yield", "i.nothing", AttributeError),
        ("plain", "(_ for _ in ()).throw(SystemExit(3))", SystemExit),
        ("plain", "f(f) if (f := lambda f: f(f)) else 0", RecursionError),
    ],
)
def test_a_condition_that_raises_stops_and_shows_what_it_raised(inside: Inside, mark, condition, problem):
    inside.debugger.start()
    program = inside.load(SCOPES)
    program.run()
    inside.add(program, mark, condition=condition)
    program.names["calls"]()
    inside.check()
    assert {seen.at for seen in inside.front.seen} == {mark}
    assert {tuple(map(type, seen.problems)) for seen in inside.front.seen} <= {(problem,), (UnboundLocalError,)}


@pytest.mark.parametrize(
    ("text", "offset"),
    [("n ==* 3", 4), ("n ==", 4), ("(n", 0), ("n = 3", 0), ("await n", 0), ("(yield n)", 1), ("1 +* 2", 3), ("", None)],
)
def test_a_condition_that_does_not_compile_is_refused_with_its_column(inside: Inside, text, offset):
    inside.debugger.start()
    program = inside.load(SCOPES)
    if offset is None:
        assert inside.add(program, "plain", condition=text).condition is None
        return
    with pytest.raises(ConditionError) as refused:
        inside.add(program, "plain", condition=text)
    assert refused.value.text == text
    assert abs(refused.value.offset - offset) <= 2
    assert refused.value.offset <= len(text)
    assert inside.debugger.breakpoints() == []
    assert armed(program.codes()) == []


def test_code_with_other_globals_has_its_own_globals_in_the_condition(inside: Inside):
    inside.debugger.start()
    program = inside.load("def f():\n    return rate  # @f")
    spaces = [{"rate": 1}, {"rate": 2}, {"rate": 3}]
    for space in spaces:
        exec(program.code, space)
    inside.add(program, "f", condition="rate != 2")
    assert [space["f"]() for space in spaces] == [1, 2, 3]
    inside.check()
    assert len(inside.front.seen) == 2


def test_a_condition_that_is_changed_holds_at_once(inside: Inside):
    inside.debugger.start()
    program = inside.load("def f(n):\n    return n  # @f")
    program.run()
    point = inside.add(program, "f", condition="n == 1")
    for condition in ("n == 2", None, "n == 3"):
        inside.debugger.set_condition(point.number, condition)
        for n in (1, 2, 3):
            program.names["f"](n)
    assert len(inside.front.seen) == 1 + 3 + 1
    with pytest.raises(ConditionError):
        inside.debugger.set_condition(point.number, "n ==")
    assert point.condition is not None
    assert point.condition.text == "n == 3"


# --- counts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hits", "wanted"),
    [
        ("3", [3]),
        ("==3", [3]),
        ("=3", [3]),
        (">=8", [8, 9]),
        (">8", [9]),
        ("<3", [1, 2]),
        ("<=2", [1, 2]),
        ("%4", [4, 8]),
        (" %  4 ", [4, 8]),
    ],
)
@pytest.mark.parametrize("condition", [None, "n > 0"])
def test_a_hit_condition_counts_the_times_that_the_condition_held(inside: Inside, hits, wanted, condition):
    inside.debugger.start()
    program = inside.load("def f(n):\n    return n  # @f")
    program.run()
    found: list[int] = []
    inside.front.default = lambda stop: found.append(stop.frame.f_locals["n"]) or Continue()
    inside.add(program, "f", hits=hits, condition=condition)
    for n in range(0 if condition else 1, 10):
        program.names["f"](n)
    assert found == wanted


@pytest.mark.parametrize("hits", ["x", "%0", ">", "3.5", "=>3", "-1", "==="])
def test_a_hit_condition_that_is_none_is_refused(inside: Inside, hits):
    inside.debugger.start()
    program = inside.load(SCOPES)
    with pytest.raises(ConditionError):
        inside.add(program, "plain", hits=hits)


@pytest.mark.parametrize("condition", [None, "n % 2"])
def test_an_ignore_count_passes_over_the_first_that_would_have_stopped(inside: Inside, condition):
    inside.debugger.start()
    program = inside.load("def f(n):\n    return n  # @f")
    program.run()
    point = inside.add(program, "f", ignore=2, condition=condition)
    found: list[int] = []
    inside.front.default = lambda stop: found.append(stop.frame.f_locals["n"]) or Continue()
    for n in range(8):
        program.names["f"](n)
    assert found == ([5, 7] if condition else [2, 3, 4, 5, 6, 7])
    assert (point.reached, point.hits, point.ignore) == (8, len(found), 0)
    inside.debugger.set_ignore(point.number, 1)
    found.clear()
    program.names["f"](1)
    program.names["f"](3)
    assert found == [3]


def test_a_temporary_breakpoint_is_gone_before_its_stop_is_shown(inside: Inside):
    inside.debugger.start()
    program = inside.load("def f(n):\n    return n  # @f")
    program.run()
    point = inside.add(program, "f", temporary=True, condition="n == 2")

    def look(stop: Stop) -> None:
        assert inside.debugger.breakpoints() == []
        assert stop.hits[0].breakpoint is point
        assert stop.hits[0].breakpoint.gone

    inside.front.answers = [look]
    for n in (1, 2, 2):
        program.names["f"](n)
    inside.check()
    assert len(inside.front.seen) == 1
    assert armed(program.codes()) == []


def test_a_breakpoint_limited_to_a_thread_neither_stops_nor_counts_in_others(inside: Inside):
    inside.debugger.start()
    program = inside.load("def f(n):\n    return n  # @f")
    program.run()
    point = inside.add(program, "f", thread="chosen")
    for name in ("other", "chosen"):
        thread = threading.Thread(target=program.names["f"], args=(1,), name=name)
        thread.start()
        thread.join()
    program.names["f"](1)
    assert len(inside.front.seen) == 1
    assert (point.reached, point.hits) == (1, 1)


def test_a_breakpoint_limited_to_a_task_stops_only_there(inside: Inside):
    program = inside.load("""
        import asyncio

        async def work():
            await asyncio.sleep(0)
            return asyncio.current_task().get_name()  # @work

        async def main():
            await asyncio.gather(*[asyncio.create_task(work(), name=name) for name in "abc"])

        asyncio.run(main())
    """)
    inside.debugger.start()
    inside.add(program, "work", task="b")
    names: list[str] = []
    inside.play(program, lambda stop: names.append(sys.modules["asyncio"].current_task().get_name()))
    assert names == ["b"]
    assert len(inside.front.seen) == 1


def test_two_breakpoints_at_one_line_are_one_stop_with_both(inside: Inside):
    inside.debugger.start()
    program = inside.load("def f(n):\n    return n  # @f")
    program.run()
    inside.add(program, "f", condition="n > 0")
    inside.add(program, "f", condition="n > 1")
    inside.add(program, "f", log="n is {n} for $5")
    for n in (0, 1, 2):
        program.names["f"](n)
    assert [seen.numbers for seen in inside.front.seen] == [(1,), (1, 2)]
    assert inside.front.logged == ["n is 0 for $5", "n is 1 for $5", "n is 2 for $5"]
    inside.debugger.remove(1)
    program.names["f"](2)
    assert inside.front.seen[-1].numbers == (2,)


# --- log points ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("n is {n}", "n is 4"),
        ("{n!r:>3}|{n=}", "  4|n=4"),
        ("{{n}} costs $n", "{n} costs $n"),
        ("{$hits} {$thread}", "1 MainThread"),
        ('it\'s "{n}".', 'it\'s "4".'),
        ("back\\slash {n}", "back\\slash 4"),
        ("{sum(k * n for k in range(3))}", "12"),
        ("{'a' if n else 'b'}", "a"),
        ("", ""),
    ],
)
def test_a_log_message_is_an_f_string(inside: Inside, message, said):
    inside.debugger.start()
    program = inside.load("def f(n):\n    return n  # @f")
    program.run()
    inside.add(program, "f", log=message)
    program.names["f"](4)
    inside.check()
    assert inside.at() == []
    assert inside.front.logged == [said]


def test_a_log_message_that_raises_stops_and_shows_it(inside: Inside):
    inside.debugger.start()
    program = inside.load("def f(n):\n    return n  # @f")
    program.run()
    inside.add(program, "f", log="{n / 0}")
    program.names["f"](4)
    assert [tuple(map(type, seen.problems)) for seen in inside.front.seen] == [(ZeroDivisionError,)]


@pytest.mark.parametrize("message", ["{n", "{n +}", "{await n}", "}"])
def test_a_log_message_that_does_not_compile_is_refused(inside: Inside, message):
    inside.debugger.start()
    program = inside.load("def f(n):\n    return n  # @f")
    with pytest.raises(ConditionError):
        inside.add(program, "f", log=message)
    assert inside.debugger.breakpoints() == []


# --- traps -----------------------------------------------------------------------------------------

EXITS = """
    class PricingError(ValueError):
        pass

    def price(n):
        if n < 0:
            raise PricingError(n)  # @raise
        return n * 2  # @return

    def call(n):
        try:
            return price(n)
        except PricingError:
            return None

    def numbers(n):
        yield n
        return 7

    def calls():
        call(2)
        call(-1)
        list(numbers(1))
        numbers(1).close()
        half = numbers(1)
        next(half)
        half.close()
"""


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({}, [(Reason.RETURNS, 4), (Reason.UNWINDS, "PricingError")]),
        ({"exits": "returns"}, [(Reason.RETURNS, 4)]),
        ({"exits": "unwinds"}, [(Reason.UNWINDS, "PricingError")]),
        ({"exception": "ValueError"}, [(Reason.UNWINDS, "PricingError")]),
        ({"exception": "PricingError"}, [(Reason.UNWINDS, "PricingError")]),
        ({"exception": "exits.PricingError"}, [(Reason.UNWINDS, "PricingError")]),
        ({"exception": "KeyError"}, []),
        ({"condition": "$ret == 4"}, [(Reason.RETURNS, 4)]),
        ({"condition": "$exc is not None and n < 0"}, [(Reason.UNWINDS, "PricingError")]),
        ({"condition": "n > 0"}, [(Reason.RETURNS, 4)]),
    ],
    ids=str,
)
def test_a_trap_stops_at_the_exits_that_it_is_for(inside: Inside, fields, wanted):
    inside.debugger.start()
    program = inside.load(EXITS, "exits")
    program.run()
    inside.debugger.add(Spec(kind="exit", location=f"{program.path}:price", **fields))
    program.names["calls"]()
    inside.check()
    assert [
        (seen.reason, seen.value if seen.exception is None else type(seen.exception).__name__)
        for seen in inside.front.seen
    ] == wanted
    inside.debugger.remove(1)
    assert armed(program.codes()) == []


def test_a_trap_on_a_generator_stops_at_its_ends_not_at_its_yields(inside: Inside):
    inside.debugger.start()
    program = inside.load(EXITS, "exits")
    program.run()
    inside.debugger.add(Spec(kind="exit", location=f"{program.path}:numbers"))
    program.names["calls"]()
    inside.check()
    seen = [(seen.reason, seen.value) for seen in inside.front.seen]
    assert seen[0] == (Reason.RETURNS, 7)
    assert seen[1:] in ([], [(Reason.UNWINDS, None)])  # a close that runs none of its code, or one that does


def test_a_trap_and_a_breakpoint_on_the_same_function_are_stops_of_their_own(inside: Inside):
    inside.debugger.start()
    program = inside.load(EXITS, "exits")
    program.run()
    inside.add(program, "return")
    inside.debugger.add(Spec(kind="exit", location=f"{program.path}:price"))
    program.names["price"](1)
    assert [seen.reason for seen in inside.front.seen] == [Reason.BREAKPOINT, Reason.RETURNS]


# --- exceptions ------------------------------------------------------------------------------------

RAISES = """
    import json, contextlib

    class PricingError(ValueError):
        pass

    def deep():
        raise PricingError("deep")  # @deep

    def middle():
        try:
            deep()  # @middle
        finally:
            pass

    def caught():
        try:
            middle()
        except ValueError:
            pass

    def wraps():
        try:
            deep()
        except ValueError as error:
            raise KeyError("wrapped") from error  # @wraps

    def loops():
        for n in iter([1]):
            pass
        return list(n for n in [1])

    def library():
        with contextlib.suppress(ValueError):
            json.loads("{")  # @json

    def callback():
        with contextlib.suppress(KeyError):
            sorted([1, 2], key=lambda n: {}[n])  # @key
"""


@pytest.mark.parametrize(
    ("call", "fields", "at"),
    [
        ("caught", {}, ["deep"]),
        ("caught", {"exception": "ValueError"}, ["deep"]),
        ("caught", {"exception": "PricingError"}, ["deep"]),
        ("caught", {"exception": "raises.PricingError"}, ["deep"]),
        ("caught", {"exception": "other.PricingError"}, []),
        ("caught", {"exception": "KeyError"}, []),
        ("caught", {"condition": "$exc.args == ('deep',)"}, ["deep"]),
        ("caught", {"condition": "$exc.args == ()"}, []),
        ("caught", {"files": "raises.py"}, ["deep"]),
        ("caught", {"files": "*/raises.py"}, ["deep"]),
        ("caught", {"files": "other.py"}, []),
        ("wraps", {}, ["deep", "wraps"]),
        ("wraps", {"exception": "KeyError"}, ["wraps"]),
        ("loops", {}, []),
        ("callback", {"exception": "KeyError"}, ["key"]),
        ("caught", {"ignore": 1}, []),
    ],
    ids=str,
)
def test_a_raised_exception_stops_once_where_it_comes_from(inside: Inside, call, fields, at):
    inside.debugger.start()
    program = inside.load(RAISES, "raises")
    program.run()
    inside.debugger.add(Spec(kind="raise", **fields))
    with pytest.MonkeyPatch.context():
        try:
            program.names[call]()
        except KeyError:
            assert call == "wraps"
    inside.check()
    assert inside.at() == at
    assert {seen.reason for seen in inside.front.seen} <= {Reason.RAISED}


def test_stop_iteration_stops_only_where_it_is_asked_for_by_name(inside: Inside):
    inside.debugger.start()
    program = inside.load("def f():\n    raise StopIteration(3)  # @f\n")
    program.run()
    inside.debugger.add(Spec(kind="raise"))
    with pytest.raises(StopIteration):
        program.names["f"]()
    assert inside.at() == []
    inside.debugger.add(Spec(kind="raise", exception="StopIteration"))
    with pytest.raises(StopIteration):
        program.names["f"]()
    assert inside.at() == ["f"]


def test_a_type_that_nobody_wanted_is_asked_about_again_when_a_breakpoint_comes(inside: Inside):
    inside.debugger.start()
    program = inside.load(RAISES, "raises")
    program.run()
    inside.debugger.add(Spec(kind="raise", exception="KeyError"))
    program.names["caught"]()
    inside.debugger.add(Spec(kind="raise", exception="ValueError"))
    program.names["caught"]()
    assert inside.at() == ["deep"]


def test_user_uncaught_stops_where_an_exception_leaves_the_users_code_for_a_library(inside: Inside):
    program = inside.load("""
        import contextlib

        def fails(n):
            raise ValueError(n)  # @fails

        def own():
            try:
                fails(1)
            except ValueError:
                pass

        stack = contextlib.ExitStack()

        def into_library():
            with contextlib.suppress(ValueError):
                with contextlib.ExitStack() as stack:
                    stack.callback(fails, 2)
    """)
    program.run()
    inside.debugger.start()
    inside.debugger.add(Spec(kind="raise", raised="user"))
    program.names["own"]()
    assert inside.at() == []
    program.names["into_library"]()
    inside.check()
    assert [(seen.at, seen.reason) for seen in inside.front.seen] == [("fails", Reason.USER_UNCAUGHT)]


# --- fork ------------------------------------------------------------------------------------------


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.parametrize("follow", [False, True])
def test_a_forked_child_has_nothing_armed_unless_it_is_followed(inside: Inside, follow):
    program = inside.load("def f(n):\n    return n  # @f")
    program.run()
    debugger = inside.debugger
    debugger.options.follow_forks = follow
    debugger.start()
    inside.add(program, "f")
    debugger.add(Spec(kind="raise", exception="NeverRaised"))
    pid = os.fork()
    if pid == 0:
        status = 99
        try:
            debugger.after_fork_in_child()
            program.names["f"](1)
            held = [number for number in range(6) if sys.monitoring.get_tool(number)]
            stopped = len(inside.front.seen)
            status = 0 if (bool(held), stopped) == (follow, int(follow)) else 1
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    program.names["f"](1)
    assert inside.at() == ["f"]


def test_a_step_goes_on_in_code_that_was_armed_by_nobody_else(inside: Inside):
    program = inside.load("a = 1  # @a\nb = 2  # @b\nc = 3  # @c\n")
    inside.play(program, Next(), Next(), first=True)
    assert inside.at() == ["a", "b", "c"]


def test_a_function_of_a_frozen_module_stops(inside: Inside):
    program = inside.load("""
        import os

        joined = os.path.join("only here", "b")
    """)
    inside.debugger.start()
    inside.debugger.program(program.code)
    point = inside.debugger.add(Spec(location="os.path:join", condition="a == 'only here'"))
    assert point.pending is None
    assert point.places[0].filename == os.path.realpath(os.path.__file__)
    inside.play(program, lambda stop: Continue())
    assert [seen.function for seen in inside.front.seen] == ["join"]


def test_a_log_message_that_raises_is_one_hit(inside: Inside):
    program = inside.load("""
        value = 1  # @here
        other = 2
    """)
    inside.debugger.start()
    inside.debugger.program(program.code)
    point = inside.add(program, "here", log="{missing}")
    inside.play(program, lambda stop: Continue())
    assert (point.hits, point.reached) == (1, 1)
