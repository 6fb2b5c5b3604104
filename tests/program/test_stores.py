"""Where bytecode stores: found by reading, the same on every version."""

from __future__ import annotations

import pytest

from lowdb.program.stores import after_stores, line_at, returns_at, stores_itself


def code_of(text: str):
    """The code of the first function in the text, whose first line is line 1."""
    module = compile(text, "<stores>", "exec")
    return next(constant for constant in module.co_consts if hasattr(constant, "co_code"))


def lines(code, name: str, scope, contents: bool = False) -> list[int]:
    return sorted({line_at(code, store) for store in after_stores(code, name, scope, contents).values()})


@pytest.mark.parametrize(
    ("name", "scope", "text", "wanted"),
    [
        ("x", "local", "def f():\n x = 1\n y = 2\n x, y = y, x\n for x in y: pass\n del x\n", [2, 4, 5, 6]),
        ("x", "local", "def f(x):\n with x as x: pass\n import x\n def x(): pass\n", [2, 3, 4]),
        ("x", "local", "def f():\n try: pass\n except E as x: pass\n (x := 1)\n x += 1\n", [3, 4, 5]),
        ("x", "local", "def f():\n y = 1\n return y\n", []),
        ("x", "cell", "def f():\n x = 1\n def g(): return x\n x = 2\n", [2, 4]),
        ("x", "global", "def f():\n global x\n x = 1\n m.x = 2\n del x\n", [3, 4, 5]),
        ("x", "attribute", "def f(o):\n o.x = 1\n o.y = 2\n o.x += 1\n del o.x\n o.a.x = o.x\n", [2, 4, 5, 6]),
        ("x", "attribute", "def f(o):\n x = o.x\n return x\n", []),
        ("x", "attribute", "def f(o):\n setattr(o, n, 1)\n o.__dict__[n] = 2\n g()\n", [2, 3, 4]),
        ("", "item", "def f(d):\n d[1] = 2\n d[1:2] = 3\n del d[1]\n d[1] += 1\n", [2, 3, 4, 5]),
        ("", "item", "def f(d):\n d.append(1)\n d.update(a=1)\n", [2, 3]),
        ("", "item", "def f(d):\n return d[1]\n", []),
    ],
)
def test_stores_are_found_by_kind(name, scope, text, wanted):
    assert lines(code_of(text), name, scope) == wanted


def test_with_contents_every_call_and_item_of_code_that_mentions_the_name_counts():
    text = "def f(o, q):\n o.xs.append(1)\n o.xs[0] = 1\n o.xs += [1]\n q()\n for a in q: a\n return 1 + 1\n"
    assert lines(code_of(text), "xs", "attribute", contents=True) == [2, 3, 4, 5]
    assert lines(code_of("def f(q):\n q()\n q[0] = 1\n"), "xs", "attribute", contents=True) == []


def test_what_a_wait_lets_others_do_counts_as_well():
    text = "async def f(o):\n o.xs\n await o\n"
    assert 3 in lines(code_of(text), "xs", "attribute", contents=True)


def test_a_comprehension_has_its_own_variable_of_that_name():
    text = "def f(x):\n a = [x for x in x]\n b = {x: y for x in a for y in x}\n x = 1\n"
    assert lines(code_of(text), "x", "local") == [4]


def test_names_and_lines_beyond_the_two_hundred_and_fiftieth_are_found():
    many = "".join(f" o.n{k} = {k}\n" for k in range(300))
    code = code_of(f"def f(o):\n{many} o.last = 1\n v = 2\n")
    assert lines(code, "last", "attribute") == [302]
    assert lines(code, "n299", "attribute") == [301]
    assert lines(code, "n44", "attribute") == [46]  # 299 without its extended argument
    assert stores_itself(code, "n299", "attribute")
    assert not stores_itself(code, "n300", "attribute")


def test_the_events_are_behind_the_stores():
    code = code_of("def f(o):\n o.x = 1\n")
    ((event, store),) = after_stores(code, "x", "attribute").items()
    assert store < event
    assert line_at(code, event) == 2
    assert returns_at(code, [event]) in (True, False)
    assert not returns_at(code, [store])
