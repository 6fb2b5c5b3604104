"""What Tab offers at a frame, and that it costs the program nothing: none of its code runs, whatever it has defined."""

from __future__ import annotations

import enum
import functools
import os.path
import sys
import time
import types
from collections import OrderedDict, defaultdict, namedtuple
from dataclasses import dataclass, field
from typing import Any

import pytest

from lowdb.program.completion import MOST, Answer, complete, complete_fully
from lowdb.program.cursor import cursor_of, loops

calls: list[str] = []


def at(text: str, /, **names: Any) -> Answer:
    """What completes `text`, with the cursor at `|` or its end, in a function whose locals are `names`."""
    return in_frame(text, frame_with(names))


def in_frame(text: str, frame: types.FrameType) -> Answer:
    cursor = text.find("|") if "|" in text else len(text)
    return complete(text.replace("|", ""), cursor, frame, seconds=10)


def frame_with(names: dict[str, Any]) -> types.FrameType:
    code = f"def function({', '.join(names)}):\n    return sys._getframe()\n"
    space = {"sys": sys, "os": os, "shop_total": 3, "_hidden": 1, "__name__": "shop"}
    exec(code, space)
    return space["function"](**names)  # type: ignore[no-any-return, operator]


def texts(answer: Answer) -> list[str]:
    return [candidate.text for candidate in answer.candidates]


def about(answer: Answer) -> dict[str, str]:
    return {candidate.text: candidate.about for candidate in answer.candidates}


# --- names ----------------------------------------------------------------------------------------


def test_names_are_locals_first_then_globals_then_builtins_and_keywords():
    answer = at("p = s", share=1, size=2)
    assert texts(answer)[:3] == ["share", "size", "shop_total"]
    found = texts(answer)
    assert found.index("shop_total") < found.index("set")
    assert [c.kind for c in answer.candidates][:3] == ["local", "local", "global"]
    assert "with" in texts(at("w"))


def test_names_with_an_underscore_come_last_and_with_two_only_when_asked():
    assert texts(at("", zebra=1))[-1] == "_hidden"
    assert "__name__" not in texts(at("_"))
    assert "__name__" in texts(at("__"))


def test_the_column_is_where_the_prefix_begins():
    assert at("print(sha", share=1).start == 6
    assert at("sha|re + 1", share=1).start == 0


def test_what_a_name_is_stands_beside_it():
    answer = at("", number=5, words="abc", rows=[1, 2], call=at, kind=Plain, thing=Plain(), none=None, flag=True)
    assert about(answer) | {"call": "(text, /, **names)"} == about(answer) | {
        "number": "int 5",
        "words": "'abc'",
        "rows": "list of 2",
        "kind": "class",
        "thing": "Plain",
        "none": "None",
        "flag": "bool True",
        "call": "(text, /, **names)",
    }


def test_other_letter_case_is_taken_where_nothing_fits():
    assert texts(at("SHAR", share=1)) == ["share"]
    assert texts(at("sh", share=1, SHOUT=2)) == ["share", "shop_total"]


def test_inside_strings_comments_and_numbers_there_is_nothing():
    for text in ("'sha", '"""sha', "x  # sha", "12", "1.", "f'{share}sha", "f'{share:sha", "f'{{sha"):
        assert at(text, share=1).candidates == (), text


def test_a_field_of_an_f_string_is_code():
    assert texts(at("f'the {sha", share=1)) == ["share"]
    assert texts(at("f'the {thing.pri|} and'", thing=Plain())) == ["price"]


def test_dollar_names_are_offered_and_walked():
    frame = frame_with({})
    answer = complete("$r", 2, frame, {"$ret": Plain(), "$exc": None})
    assert texts(answer) == ["$ret"]
    assert texts(complete("$ret.pri", 8, frame, {"$ret": Plain()})) == ["price"]


def test_keywords_of_a_call_are_offered():
    answer = at("f(1, ra", f=lambda amount, rate=2, *, round_to=0: 0, rating=1)
    assert texts(answer)[:2] == ["rate=", "rating"]
    assert "amount=" in texts(at("Basket(am", Basket=Basket))
    assert "rate=" not in texts(at("f(g(1), [ra", f=lambda rate: 0))


def test_a_loop_variable_of_the_text_has_the_attributes_of_an_item():
    assert texts(at("sum(o.pri| for o in orders)", orders=[Plain()])) == ["price"]
    assert texts(at("[o for o in orders if o.pri", orders=[Plain()])) == ["price"]


def test_modules_are_offered_for_an_import():
    assert "os.path" in texts(at("import os.pa"))
    assert "join" in texts(at("from os.path import jo"))
    assert "json" in texts(at("import js"))


# --- attributes -----------------------------------------------------------------------------------


class Plain:
    """Instance attributes, a method, a property."""

    kind_of_thing = "plain"

    def __init__(self) -> None:
        self.price = 3
        self._secret = 1

    def pay(self, amount: int, *, now: bool = False) -> None: ...

    @property
    def total(self) -> object:
        calls.append("total")
        return self

    @staticmethod
    def parse(text: str) -> None: ...


@dataclass(slots=True)
class Basket:
    """A dataclass with slots."""

    amount: int
    items: list[object] = field(default_factory=list)


Point = namedtuple("Point", "x y")  # noqa: PYI024


class Color(enum.Enum):
    """Members are class attributes."""

    RED = 1
    GREEN = 2


def test_attributes_are_the_instance_s_own_then_those_of_its_classes():
    answer = at("thing.", thing=Plain())
    assert texts(answer) == ["price", "total", "kind_of_thing", "parse", "pay", "_secret"]
    assert about(answer)["price"] == "int 3"
    assert about(answer)["total"] == "property"
    assert about(answer)["pay"] == "(self, amount, *, now=False)"
    assert about(answer)["parse"] == "(text)"
    assert "__class__" in texts(at("thing.__", thing=Plain()))


def test_slots_fields_and_members_are_attributes():
    assert about(at("b.", b=Basket(3))) == {"amount": "int 3", "items": "list of 0"}
    assert {"x", "y", "count", "index"} <= set(texts(at("p.", p=Point(1, 2))))
    assert texts(at("Color.", Color=Color))[:2] == ["GREEN", "RED"]
    assert [c.kind for c in at("Color.R", Color=Color).candidates] == ["member"]
    assert {"name", "value"} <= set(texts(at("Color.RED.", Color=Color)))
    assert texts(at("Color.RED.value.bit_l", Color=Color)) == ["bit_length"]


def test_a_dotted_walk_goes_through_plain_attributes_and_items():
    inner = types.SimpleNamespace(rows=[{"name": Point(Basket(1), 2)}])
    assert texts(at("a.rows[0]['name'].x.am", a=inner)) == ["amount"]
    assert texts(at("a.rows[i]['name'].x.am", a=inner, i=0)) == ["amount"]
    assert texts(at("a.rows[-1][key].x.am", a=inner, key="name")) == ["amount"]
    assert texts(at("os.path.joi")) == ["join"]
    assert texts(at("'abc'.upp")) == ["upper"]
    assert texts(at("[].app")) == ["append"]
    assert texts(at("Basket(1).am", Basket=Basket)) == ["amount"]


def test_a_walk_ends_at_a_property_and_says_so():
    calls.clear()
    answer = at("thing.total.", thing=Plain())
    assert answer.candidates == ()
    assert answer.whose == "the property Plain.total"
    assert at("thing.pay().", thing=Plain()).whose == "the call"
    assert at("nothing.x.").problem == "no name 'nothing' here"
    assert at("thing.colour.", thing=Plain()).problem == "no attribute 'colour'"
    assert at("rates['x'].", rates={}).problem == "no such key"
    assert calls == []


def test_what_the_value_adds_by_code_of_its_own_is_said():
    class Lazy:
        def __getattr__(self, name: str) -> object:
            calls.append(name)
            return self

    calls.clear()
    answer = at("lazy.", lazy=Lazy())
    assert answer.whose == "Lazy"
    assert at("lazy.column.", lazy=Lazy()).whose == "code of Lazy"
    module = types.ModuleType("lazy_module")
    module.__getattr__ = calls.append  # type: ignore[method-assign]
    assert at("m.", m=module).whose == "lazy_module"
    assert calls == []


# --- keys -----------------------------------------------------------------------------------------


def test_keys_of_a_dict_are_offered_in_its_order_with_what_closes_them():
    rates = {"vat": 0.19, "reduced": 0.07, 3: "three", (1, "a"): 0}
    assert texts(at("rates[", rates=rates))[:4] == ["'vat']", "'reduced']", "3]", "(1, 'a')]"]
    assert texts(at("rates['v", rates=rates)) == ["'vat']"]
    assert texts(at('rates["v', rates=rates)) == ['"vat"]']
    assert texts(at("rates['v|']", rates=rates)) == ["'vat"]
    assert texts(at("rates[|]", rates=rates))[0] == "'vat'"
    assert about(at("rates['v", rates=rates)) == {"'vat']": "float 0.19"}
    assert texts(at("rates[nam", rates=rates, name=1)) == ["name"]
    assert texts(at("d['a", d=defaultdict(int, abc=1))) == ["'abc']"]
    assert texts(at("d['a", d=OrderedDict(abc=1))) == ["'abc']"]


def test_indexes_of_a_sequence_are_offered_with_what_is_there():
    assert about(at("rows[", rows=["a", "b"])) | {"0]": "'a'", "1]": "'b'"} == about(at("rows[", rows=["a", "b"]))
    assert texts(at("rows[-", rows=["a", "b"])) == ["-1]", "-2]"]
    assert texts(at("rows[11", rows=list(range(200)))) == ["11]", *(f"{n}]" for n in range(110, 120))]


# --- bounds ---------------------------------------------------------------------------------------


def test_a_huge_namespace_is_cut_and_what_is_left_out_is_counted():
    answer = at("big.name_", big=types.SimpleNamespace(**{f"name_{n:06}": n for n in range(20_000)}))
    assert len(answer.candidates) == MOST
    assert answer.left_out == 20_000 - MOST


def test_a_huge_dict_answers_in_time():
    big = {f"k{n}": n for n in range(1_000_000)}
    frame = frame_with({"big": big})
    begin = time.process_time()
    answer = complete("big['k", 6, frame)
    assert len(answer.candidates) == 200
    assert answer.left_out
    assert time.process_time() - begin < 1.0  # 0.1 measured; a loaded machine may take its time


def test_values_are_not_described_when_the_time_is_over():
    answer = complete("", 0, frame_with({"share": 1}), seconds=-1)
    assert about(answer)["share"] == ""


def test_a_deep_or_broken_text_completes_nothing():
    for text in ("(" * 5000 + "a.", "a" + ".b" * 5000 + ".", "a[" * 3000, "a.\x00.b.", "\ud800.x", "d['\ud800"):
        assert at(text, a=1, d={}).candidates in ((), at(text, a=1, d={}).candidates)


# --- hostile objects ------------------------------------------------------------------------------


def spied(name: str) -> Any:
    def method(*_: object, **__: object) -> Any:
        calls.append(name)
        raise RuntimeError(name)

    return method


_SPECIAL = [
    *("__getattr__", "__dir__", "__eq__", "__hash__", "__len__", "__iter__", "__getitem__", "__contains__", "__bool__"),
    *("__call__", "__next__", "__instancecheck__", "__subclasscheck__", "__format__", "__index__", "__missing__"),
    *("__str__", "__repr__", "__lt__", "__int__", "keys", "items"),
]


class Meta(type):
    """A metaclass that notices whatever is asked of its classes."""

    armed = False

    def __getattribute__(cls, name: str) -> Any:
        if type.__getattribute__(Meta, "armed"):
            calls.append(f"Meta.__getattribute__ {name}")
        return type.__getattribute__(cls, name)

    def __eq__(cls, other: object) -> bool:
        if type.__getattribute__(Meta, "armed"):
            calls.append("Meta.__eq__")
        return cls is other

    def __hash__(cls) -> int:
        if type.__getattribute__(Meta, "armed"):
            calls.append("Meta.__hash__")
        return 1

    @property
    def of_meta(cls) -> None:
        calls.append("Meta.of_meta")

    def __instancecheck__(cls, other: object) -> bool:
        calls.append("Meta.__instancecheck__")
        return False

    def __subclasscheck__(cls, other: object) -> bool:
        calls.append("Meta.__subclasscheck__")
        return False


class Key(str):
    """A name that answers for itself when it is compared."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        if Meta.armed:
            calls.append("Key.__eq__")
        return str.__eq__(self, other)

    __hash__ = str.__hash__


class Descriptor:
    """Notices each look at the attribute."""

    def __get__(self, value: object, owner: object) -> None:
        if Meta.armed:
            calls.append("Descriptor.__get__")

    def __set__(self, value: object, new: object) -> None:
        calls.append("Descriptor.__set__")


def hostile_class(base: type, *args: object) -> Any:
    space: dict[str, Any] = {name: spied(name) for name in _SPECIAL}
    space |= {
        "described": Descriptor(),
        "lazy": property(spied("lazy")),
        "cached": functools.cached_property(spied("c")),
    }

    def __getattribute__(self: object, name: str) -> Any:
        calls.append(f"__getattribute__ {name}")
        raise RuntimeError(name)

    space["__getattribute__"] = __getattribute__
    return Meta("Hostile", (base,), space)


@pytest.mark.parametrize("base", [object, dict, list, tuple, str, int, types.ModuleType, Exception, enum.Enum])
def test_none_of_the_program_s_code_runs_whatever_it_defines(base):
    if base is enum.Enum:
        space = enum.EnumType.__prepare__("Hostile", (enum.Enum,))
        value: Any = Color.RED
        kind: Any = Color
        del space
    else:
        kind = hostile_class(base)
        value = base.__new__(kind, *(["name"] if base is types.ModuleType else []))
        if base is not tuple:
            kind_dict = base.__dict__.get("__dict__") or type.__getattribute__(kind, "__dict__").get("__dict__")
            if kind_dict is not None and kind_dict.__get__(value, kind) is not None:
                namespace = kind_dict.__get__(value, kind)
                namespace[Key("price")] = 1
                namespace["price_too"] = value
    plain = Plain()
    plain.__dict__[Key("hidden")] = value
    holder = {Key("a"): value, "b": value, kind: value} if base is not enum.Enum else {"b": value}
    names = {"h": value, "K": kind, "plain": plain, "d": holder, "rows": [value, kind], "pair": (value, kind)}
    frame = frame_with(names)
    calls.clear()
    Meta.armed = True
    try:
        for text in (
            "", "h", "h.", "h.pri", "h.__", "h.lazy.", "h.cached.", "h.described.", "h.price_too.", "h.missing.x.",
            "K.", "K.__", "K.of_meta.", "K.described.", "K().", "K().lazy.", "K(pri", "h(", "h[", "h['", "h[0].",
            "h[h].", "d[", "d['", "d['b'].", "d['b'].lazy.", "d[h].", "d[K].", "rows[", "rows[0].", "rows[1].",
            "pair[0].x.", "plain.", "plain.hidden.", "[x.pri| for x in rows]", "[x.pri| for x in h]", "h + h.", "(h).",
            "h().", "-h.", "(h == h).", "f'{h.", "f'{h}'.", "h if h else h.", "from h import ", "import h.",
            "h.__class__.", "h.__dict__.", "K.__mro__.", "h.__doc__.", "K.__annotations__.", "K.__doc__.", "h.args.",
            "h.name.", "K.RED.value.",
        ):  # fmt: skip
            in_frame(text, frame)
    finally:
        Meta.armed = False
    assert calls == []


def test_what_a_class_of_the_program_s_answers_for_itself_is_not_guessed():
    class Table(dict):  # type: ignore[type-arg]
        def __getitem__(self, key: str) -> Any:
            calls.append("__getitem__")
            return Plain()

    class Proxy:
        def __init__(self) -> None:
            self.row = Plain()

        def __getattribute__(self, name: str) -> Any:
            calls.append("__getattribute__")
            return object.__getattribute__(self, name)

    calls.clear()
    for text in ("t['", "t['a'].", "t['a']", "t[0]."):
        answer = at(text, t=Table(a=1))
        whose = "" if text[-1] == "]" else "Table"
        assert (answer.candidates, answer.whose.removeprefix("code of ")) == ((), whose), text
    assert at("proxy.row.", proxy=Proxy()).whose == "code of Proxy"
    assert calls == []


def test_annotations_are_not_evaluated():
    space: dict[str, Any] = {"noted": spied("annotation")}
    try:
        exec("def f(x: noted()) -> None: ...\nclass C:\n    x: noted()\n", space)
    except RuntimeError:
        pytest.skip("annotations are evaluated where they stand, before 3.14")
    calls.clear()
    for text in ("f.__annotations__.", "C.__annotations__.", "f.", "C.", "f(", "C(", "f", "C.__annotations__['x'].x"):
        at(text, f=space["f"], C=space["C"])
    assert calls == []


def test_a_namespace_that_is_the_program_s_own_mapping_is_not_asked():
    class Space(dict):  # type: ignore[type-arg]
        def __getitem__(self, key: str) -> Any:
            calls.append(f"get {key}")
            return dict.__getitem__(self, key)

        def keys(self) -> Any:
            calls.append("keys")
            return dict.keys(self)

    space = Space(sys=sys, share=1)
    exec("frame = sys._getframe()", {}, space)
    frame = dict.__getitem__(space, "frame")
    calls.clear()
    assert texts(in_frame("sha", frame)) == ["share"]
    assert calls == []


# --- full -----------------------------------------------------------------------------------------


def fully(text: str, **names: Any) -> Answer:
    frame = frame_with(names)
    return complete_fully(text, len(text), frame, lambda owner: eval(owner, names))


def test_full_completion_asks_the_program():
    class Frame:
        columns = ("price", "amount")

        def __dir__(self) -> list[str]:
            return ["price", "amount", "head"]

        def __getitem__(self, key: str) -> Any:
            return Plain()

        def keys(self) -> Any:
            return iter(self.columns)

    assert texts(fully("df.pr", df=Frame())) == ["price"]
    assert texts(fully("df['a", df=Frame())) == ["'amount']"]
    assert texts(fully("df['a'].pri", df=Frame())) == ["price"]
    assert texts(fully("thing.total.pri", thing=Plain())) == ["price"]


def test_full_completion_says_what_the_program_s_code_raised():
    class Bad:
        def __dir__(self) -> list[str]:
            raise ValueError("no names today")

    class Leaves:
        def __dir__(self) -> list[str]:
            raise SystemExit(3)

    answer = fully("bad.", bad=Bad())
    assert (answer.candidates, answer.problem) == ((), "ValueError: no names today")
    assert fully("leaves.", leaves=Leaves()).problem == "SystemExit"


# --- where the cursor is --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind", "prefix", "owner"),
    [
        ("cart.to", "attribute", "to", "cart"),
        ("f(a.b[0].c", "attribute", "c", "a.b[0]"),
        ("x.y(1)[2].z", "attribute", "z", "x.y(1)[2]"),
        ("not a.b", "attribute", "b", "a"),
        ("return (a).b", "attribute", "b", "(a)"),
        ("'it'.up", "attribute", "up", "'it'"),
        ("d['na", "key", "'na", "d"),
        ("rows[-1", "key", "-1", "rows"),
        ("x = [na", "name", "na", ""),
        ("in [", "name", "", ""),
        ("lambda x: x.y", "attribute", "y", "x"),
        ("a\n.b", "nothing", "", ""),
        ("f'{d[\"a", "key", '"a', "d"),
        ("f'{a!r}", "nothing", "", ""),
        ("a.b i", "operator", "i", ""),
        ("(a) ", "operator", "", ""),
        ("match am", "name", "am", ""),
        ("$", "name", "$", ""),
        ("f'{a!=b.c", "attribute", "c", "b"),
    ],
)
def test_the_cursor_is_understood(text, kind, prefix, owner):
    cursor = cursor_of(text)
    assert (cursor.kind, cursor.owner) == (kind, owner)
    assert cursor.prefix == prefix


def test_loops_are_found():
    assert loops("[a for a in self.rows[0] for b in a.c]") == {"a": "self.rows[0]", "b": "a.c"}
