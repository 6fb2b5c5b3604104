"""Values: short, said when cut, and never hurt by what an object does."""

from __future__ import annotations

import array
import enum
import sys
import time
import types
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from dataclasses import dataclass, field
from typing import ClassVar

import pytest

from lowdb.program.values import DEFAULT, SHORT, Limits, child_count, children, full, lines, raw, summary, whatis

Point = namedtuple("Point", "x y")  # noqa: PYI024


class Color(enum.Enum):
    RED = 1


class Flag(enum.IntFlag):
    A = 1
    B = 2


@dataclass
class Data:
    x: int
    y: object = None
    hidden: int = field(default=3, repr=False)
    shared: ClassVar[int] = 4


@dataclass(slots=True)
class Slotted:
    x: int


class Plain:
    pass


class MyList(list): ...


class MyDict(dict): ...


class MyInt(int): ...


class MyStr(str): ...


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "None"),
        (1.5, "1.5"),
        (True, "True"),
        ("a\n\x1b[31m\ud800\u202e", r"'a\n\x1b[31m\ud800\u202e'"),
        ([], "[]"),
        ((), "()"),
        ((1,), "(1,)"),
        ((1, 2), "(1, 2)"),
        (set(), "set()"),
        ({1}, "{1}"),
        (frozenset(), "frozenset()"),
        (frozenset({1}), "frozenset({1})"),
        ({"a": [1]}, "{'a': [1]}"),
        ({}, "{}"),
        ([1] * 500, "[1, 1, 1, 1, 1, 1, 1, 1, 1, 1, … 490 more]"),
        ([[[[1]]]], "[[[[… 1 item]]]]"),
        (range(0, 9, 2), "range(0, 9, 2)"),
        (deque([1], 3), "deque([1], maxlen=3)"),
        (defaultdict(list, {1: 2}), "defaultdict(list, {1: 2})"),
        (Counter("aab"), "Counter({'a': 2, 'b': 1})"),
        (OrderedDict(a=1), "OrderedDict({'a': 1})"),
        (types.SimpleNamespace(a=1), "SimpleNamespace(a=1)"),
        (types.MappingProxyType({"a": 1}), "mappingproxy({'a': 1})"),
        ({1: 2}.keys(), "dict_keys([1])"),
        ({1: 2}.items(), "dict_items([(1, 2)])"),
        (array.array("i", range(20)), "array('i', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, … 10 more])"),
        (Point(1, 2), "Point(x=1, y=2)"),
        (Data(1), "Data(x=1, y=None)"),
        (Slotted(2), "Slotted(x=2)"),
        (Color.RED, "<Color.RED: 1>"),
        (Flag.A | Flag.B, "<Flag.A|B: 3>"),
        (MyList([1]), "MyList([1])"),
        (MyDict(a=1), "MyDict({'a': 1})"),
        (MyInt(4), "MyInt(4)"),
        (MyStr("q"), "MyStr('q')"),
        (ValueError("x", 3), "ValueError('x', 3)"),
        (KeyError(), "KeyError()"),
        (Plain, "<class 'Plain'>"),
        (int, "<class 'int'>"),
        (len, "<built-in function len>"),
        (sys, "<module 'sys'>"),
    ],
)
def test_a_value_prints_as(value: object, shown: str) -> None:
    assert summary(value).replace(f"{__name__}.", "") == shown


def test_what_is_cut_says_how_much_is_left() -> None:
    assert summary("a" * 200) == f"'{'a' * 80}'… 120 more characters"
    assert summary(b"a" * 200) == f"b'{'a' * 80}'… 120 more bytes"
    assert summary(MyStr("a" * 200)) == f"MyStr('{'a' * 80}'… 120 more characters)"
    assert summary(dict.fromkeys(range(12))).endswith("9: None, … 2 more}")


def test_a_container_in_itself_is_shown_once() -> None:
    items: list[object] = [1]
    items.append(items)
    assert summary(items) == "[1, [...]]"
    table: dict[str, object] = {}
    table["me"] = table
    assert summary(table) == "{'me': {...}}"
    data = Data(1)
    data.y = data
    assert summary(data) == "Data(x=1, y=Data(...))"
    same = [1]
    assert summary([same, same]) == "[[1], [1]]"


def test_huge_values_take_no_time() -> None:
    huge = 10**200_000
    bits = 1 << 80_000_000
    begin = time.monotonic()
    assert "200,001 decimal digits" in summary(huge)
    assert summary(-bits).startswith("-0x8000")
    assert "more bytes" in summary(bytes(100_000_000))
    assert "more bytes" in summary(bytearray(100_000_000))
    assert summary(range(10**100)).endswith("(101 digits))")
    assert summary([0] * 10_000_000).endswith("9,999,990 more]")
    assert time.monotonic() - begin < 2


def test_an_int_over_the_conversion_limit_is_shown() -> None:
    assert summary(10**100) == f"1{'0' * 79}… (101 digits)"
    assert summary(-(10**100)) == f"-1{'0' * 78}… (101 digits)"
    assert "digits" in summary(10**5000)
    assert raw(10**5000).startswith("<int: repr raised ValueError")


class Nonsense:
    """A hostile class made for one test: `Nonsense.of(name, answer)`."""

    @staticmethod
    def of(name: str, answer: object) -> type:
        def method(self: object, *args: object, **kw: object) -> object:
            return answer() if callable(answer) else answer

        return type("Hostile", (), {name: method})


def fail() -> None:
    raise ValueError("no\x1b")


def recurse() -> None:
    recurse()


def leave() -> None:
    raise SystemExit


class Worst(BaseException):
    def __str__(self) -> str:
        raise Worst

    __repr__ = __str__


def worst() -> None:
    raise Worst


NAMES = (
    "__repr__",
    "__str__",
    "__getattr__",
    "__getattribute__",
    "__eq__",
    "__hash__",
    "__bool__",
    "__len__",
    "__iter__",
    "__getitem__",
    "__format__",
    "__dir__",
    "__del_",
)
ANSWERS = {
    "raises": fail,
    "recurses": recurse,
    "leaves": leave,
    "raises the worst": worst,
    "returns nonsense": 3,
    "returns megabytes": lambda: "\x1b[2J\n" * 200_000,
}


def looks(value: object) -> list[str]:
    """Every look there is."""
    texts = [summary(value), summary(value, SHORT), whatis(value), *lines(value), summary([value, {"k": value}])]
    for child in children(value):
        texts += [child.name, summary(child.value)]
    child_count(value)
    full(value)
    raw(value)
    return texts


def check(texts: list[str]) -> None:
    for text in texts:
        assert type(text) is str
        assert text.isprintable(), text
        assert len(text) < 3000


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("name", NAMES)
def test_no_hostile_method_gets_out(name: str, answer: str) -> None:
    check(looks(Nonsense.of(name, ANSWERS[answer])()))


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("base", [list, dict, tuple, set, frozenset, str, int, float, bytes, deque, Exception, type])
def test_no_subclass_of_a_builtin_gets_out(base: type, answer: str) -> None:
    def method(self: object, *args: object, **kw: object) -> object:
        found = ANSWERS[answer]
        return found() if callable(found) else found

    own = {name: method for name in NAMES if name not in ("__hash__", "__eq__", "__getattribute__")}
    for names in ([], ["__len__", "__iter__", "__getitem__"], list(own)):
        kind = type(base)("Hostile", (base,), {name: own[name] for name in names})
        value = kind("N", (), {}) if base is type else kind()
        check(looks(value))


@pytest.mark.parametrize("answer", ANSWERS)
def test_no_hostile_class_attribute_gets_out(answer: str) -> None:
    def lie(self: object) -> object:
        found = ANSWERS[answer]
        return found() if callable(found) else found

    for name in ("__class__", "__dict__", "__doc__", "__name__", "__slots_", "_fields", "__dataclass_fields__"):
        check(looks(type("Hostile", (), {name: property(lie)})()))
    meta = type("Meta", (type,), {"__name__": property(lie), "__module__": property(lie), "__repr__": lie})
    check(looks(meta("K", (), {})))
    check(looks(meta("K", (), {})()))
    meta = type("Meta", (type,), {"__getattribute__": lambda self, name: lie(self), "__instancecheck__": lie})
    check(looks(meta("K", (), {})()))


def test_the_class_that_an_object_claims_is_not_believed() -> None:
    class Liar:
        __class__ = property(lambda self: list)  # type: ignore[assignment]

    assert summary(Liar()).startswith("<Liar at 0x")


def test_what_a_repr_does_wrong_is_said() -> None:
    assert summary(Nonsense.of("__repr__", fail)()) == "<Hostile: repr raised ValueError: no\\x1b>"
    assert summary(Nonsense.of("__repr__", 3)()) == "<Hostile: repr returned int>"
    assert summary(Nonsense.of("__repr__", recurse)()).startswith("<Hostile: repr raised RecursionError")
    assert "more characters" in summary(Nonsense.of("__repr__", "x" * 1_000_000)())


def test_ctrl_c_gets_through_a_repr() -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        summary([Nonsense.of("__repr__", interrupt)()])


def test_slow_reprs_spend_one_budget() -> None:
    calls = []

    class Slow:
        def __repr__(self) -> str:
            calls.append(self)
            time.sleep(0.05)
            return "slow"

    begin = time.monotonic()
    shown = summary([Slow() for _ in range(10)], Limits(seconds=0.1))
    assert time.monotonic() - begin < 0.4
    assert shown.startswith("[slow, ")
    assert "<Slow at 0x" in shown
    assert len(calls) <= 4


def test_one_object_is_asked_once_a_look() -> None:
    calls = []

    class Thing:
        def __repr__(self) -> str:
            calls.append(self)
            return "thing"

    thing = Thing()
    assert summary([thing] * 5) == "[thing, thing, thing, thing, thing]"
    assert len(calls) == 1


def test_exact_builtins_and_dataclasses_run_no_code_of_the_program() -> None:
    calls = []

    class Key:
        def __hash__(self) -> int:
            calls.append("hash")
            return 1

        def __eq__(self, other: object) -> bool:
            calls.append("eq")
            return self is other

        def __bool__(self) -> bool:
            calls.append("bool")
            return False

        def __len__(self) -> int:
            calls.append("len")
            return 0

    key = Key()
    values = [{key: [key]}, {key}, Data(1, key), (key, deque([key])), ValueError(key)]
    calls.clear()
    for value in values:
        looks(value)
    assert calls == []


def test_subclasses_of_builtins_are_walked_by_the_builtins_methods() -> None:
    def refuse(self: object, *args: object) -> object:
        raise AssertionError("the program's own method was called")

    names = ("items", "keys", "values", "__iter__", "__len__", "__getitem__", "__contains__", "__bool__")
    for value in ({"a": 1}, [1], (1,), {1}, frozenset({1}), deque([1])):
        kind = type("Own", (type(value),), dict.fromkeys(names, refuse))
        shown = summary(kind(value)) if type(value) is not tuple else summary(tuple.__new__(kind, value))
        assert shown.startswith("Own(")
        assert "1" in shown


def test_short_words_run_no_repr_at_all() -> None:
    thing = Nonsense.of("__repr__", fail)()
    assert summary([thing], SHORT) == "[<Hostile>]"


def test_a_repr_on_several_lines_stays_on_one() -> None:
    assert summary(Nonsense.of("__repr__", "a\nb\r\tc")()) == r"a\nb\r\tc"
    assert raw(Nonsense.of("__repr__", "a\nb\x1b[2J")()) == "a\nb\\x1b[2J"


def test_near_the_end_of_the_stack_a_value_is_still_shown() -> None:
    shown = []

    def down() -> None:
        try:
            shown.append(summary([{"a": (1, 2)}]))
            down()
        except RecursionError:
            shown.append("end")

    down()
    assert "end" in shown


def test_a_container_that_changes_while_it_is_shown_is_shown() -> None:
    table: dict[object, object] = {}

    class Adds:
        def __repr__(self) -> str:
            table[object()] = 1
            return "adds"

    table[1] = Adds()
    table[2] = Adds()
    assert "adds" in summary(table)


def test_attrs_classes_show_their_fields() -> None:
    code = compile("def __repr__(self): raise ValueError", "<attrs generated repr t.K>", "exec")
    space: dict[str, object] = {}
    exec(code, space)
    one = types.SimpleNamespace(name="a")
    kind = type("K", (), {"__attrs_attrs__": (one,), "__repr__": space["__repr__"]})
    value = kind()
    value.a = 5
    assert summary(value) == "K(a=5)"


def test_a_dataclass_with_a_repr_of_its_own_is_asked() -> None:
    @dataclass
    class Own:
        x: int

        def __repr__(self) -> str:
            return "own"

    assert summary(Own(1)) == "own"


def test_functions_methods_and_generators_say_where_they_are() -> None:
    def function() -> None: ...

    def generator():
        yield

    assert f"test_values.py:{function.__code__.co_firstlineno}>" in summary(function)
    assert summary(Plain().__init__).startswith("<method-wrapper") or summary(Plain().__init__)
    made = generator()
    assert "<generator" in summary(made)
    list(made)
    assert summary(made).endswith(" ended>")


# --- lines ------------------------------------------------------------------------------------------


def test_what_fits_is_one_line_and_what_does_not_is_one_item_a_line() -> None:
    assert lines([1, 2]) == ["[1, 2]"]
    value = {"a" * 40: "b" * 40, "c": ["d" * 60, "e" * 60]}
    assert lines(value) == [
        "{",
        f"    '{'a' * 40}': '{'b' * 40}',",
        "    'c': [",
        f"        '{'d' * 60}',",
        f"        '{'e' * 60}',",
        "    ],",
        "}",
    ]


def test_lines_end_and_say_so() -> None:
    found = lines([["x" * 70] * 9 for _ in range(9)], Limits(lines=10))
    assert len(found) == 11
    assert found[-1] == "… 91 more lines"


def test_full_shows_every_item() -> None:
    assert full(list(range(300))).count(",") == 300
    assert full("a" * 500) == repr("a" * 500)


# --- children ---------------------------------------------------------------------------------------


def test_children_come_in_pages() -> None:
    value = list(range(250))
    assert child_count(value) == 250
    page = children(value, 100, 3)
    assert [(child.name, child.value, child.kind, child.lazy) for child in page] == [
        ("[100]", 100, "item", False),
        ("[101]", 101, "item", False),
        ("[102]", 102, "item", False),
    ]
    assert len(children(value, 200)) == 50
    assert children(value, 250) == []


def test_items_are_followed_by_attributes_and_properties() -> None:
    class Bag(dict):
        @property
        def size(self) -> int:
            ran.append(1)
            return 7

    ran: list[int] = []
    bag = Bag(a=1)
    bag.note = 2
    found = children(bag)
    assert [(child.name, child.value, child.kind) for child in found] == [
        ("['a']", 1, "item"),
        ("note", 2, "attribute"),
        ("size", None, "property"),
    ]
    assert ran == []
    assert found[2].load() == 7
    assert child_count(bag) == 3
    assert [child.name for child in children(bag, 1, 1)] == ["note"]
    assert [child.name for child in children(bag, 2, 5)] == ["size"]


def test_slots_and_exceptions_have_children() -> None:
    assert [(child.name, child.value) for child in children(Slotted(2))] == [("x", 2)]
    names = {child.name for child in children(ValueError("a"))}
    assert {"args", "__cause__", "__context__"} <= names


# --- whatis -----------------------------------------------------------------------------------------


def test_whatis_tells_signatures_bases_and_sizes() -> None:
    def area(w, /, h=2, *rest, unit: str = "cm", scale, **more): ...

    line = area.__code__.co_firstlineno
    text = whatis(area)
    assert "area(w, /, h=2, *rest, unit='cm', scale, **more)" in text
    assert text.endswith(f"test_values.py:{line}")
    assert whatis([1, 2]) == "list of 2"
    assert whatis(MyDict(a=1)).endswith("MyDict of 1")
    assert whatis(MyDict).endswith("MyDict(dict)")
    assert whatis(len) == "built-in function len"
    assert whatis(3) == "int"
    assert whatis(sys) == "module sys"
    assert DEFAULT.items == 10
