"""Help with typing: what Tab offers for commands and their arguments, hints, entries of several lines, keys."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from lowdb.engine.breakpoints import Spec
from lowdb.engine.debugger import Debugger
from lowdb.program.paths import canonical
from lowdb.repl.assistant import Helper
from lowdb.repl.completing import complete_entry
from lowdb.repl.offers import OFFERS
from lowdb.repl.registry import TAKES, commands, slots_of
from tests.processes import ROOT
from tests.repl.talk import talk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from lowdb.repl.console import Completions

SHOP = ROOT / "docs" / "examples" / "shop.py"


@pytest.fixture(scope="module")
def shop() -> Iterator[FrameType]:
    """A frame of the shop's `Order.total`, at its first line, kept alive by a generator that waits in it."""
    space: dict[str, Any] = {"__name__": "shop_for_tests", "__file__": str(SHOP)}
    module = type(sys)("shop_for_tests")
    module.__dict__.update(space)
    sys.modules["shop_for_tests"] = module
    exec(compile(SHOP.read_text(encoding="utf-8"), str(SHOP), "exec"), module.__dict__)
    frames: list[FrameType] = []

    def look(frame: FrameType, event: str, _: object) -> None:
        if frame.f_code.co_qualname == "Order.total" and not frames:
            frames.append(frame)

    order = module.__dict__["Order"](7, "Ada", {"tea": 2}, "15%")
    sys.setprofile(look)
    try:
        order.total()
    finally:
        sys.setprofile(None)
    yield frames[0]
    del sys.modules["shop_for_tests"]


class Asked:
    """A session that stands in the shop; its debugger is a real one that was never started."""

    def __init__(self, frame: FrameType) -> None:
        said = talk(interactive=True)
        self.session = said.session
        self._said = said
        self._frame = frame
        self.debugger = said.session.debugger = Debugger(said.session)
        self.debugger.locator.main = canonical(str(SHOP))
        self.helper = Helper(said.session)

    def at_the_prompt(self, look: Callable[[], object], **stop: Any) -> Any:
        """What `look` answers while the prompt is open."""
        answers: list[object] = []

        def inside() -> str:
            self.helper.prepare()
            answers.append(look())
            return "c"

        self._said.stop(inside, frame=self._frame, **stop)
        assert answers, self._said.console.text
        return answers[0]

    def complete(self, text: str, full: bool = False, **stop: Any) -> Completions:
        """What Tab offers for `text`, the cursor at `|` or at its end."""
        cursor = text.find("|") if "|" in text else len(text)
        text = text.replace("|", "")
        # not through the helper, which hides what goes wrong
        return self.at_the_prompt(lambda: complete_entry(self.session, text, cursor, full), **stop)  # type: ignore[no-any-return]

    def texts(self, text: str, **stop: Any) -> list[str]:
        return [item.text for item in self.complete(text, **stop).items]

    def about(self, text: str, **stop: Any) -> dict[str, str]:
        return {item.text: item.about for item in self.complete(text, **stop).items}


@pytest.fixture
def asked(shop: FrameType) -> Asked:
    return Asked(shop)


# --- commands -------------------------------------------------------------------------------------


def test_commands_are_offered_with_the_first_line_of_their_help(asked):
    assert asked.about("disp") == {"display": commands.get("display").summary}  # type: ignore[union-attr]
    assert list(asked.about("con"))[:2] == ["continue", "condition"]
    assert "(c, cont)" in asked.about("con")["continue"]
    assert "next" in asked.texts("")


def test_locals_come_before_commands_and_these_before_other_names(asked):
    found = asked.texts("a")
    assert found.index("amount") < found.index("args") < found.index("add_vat") < found.index("abs")


def test_the_commands_come_first_where_nothing_is_typed(asked):
    found = asked.texts("")
    assert found[0] == "continue"
    assert found.index("help") < found.index("amount")
    assert "abs" not in found


def test_each_of_several_commands_on_a_line_is_completed(asked):
    assert asked.texts("n;; p am") == ["amount"]
    assert asked.texts("n;;disp") == ["display"]
    assert asked.texts("b 40 do p am") == ["amount"]
    assert asked.texts("b 40 do n;; p am") == ["amount"]
    assert asked.complete("p ';;';; p am").items[0].start == 11


def test_an_alias_is_offered_and_has_the_arguments_of_its_command(asked):
    asked.session.lines.aliases["pl"] = "p len(%1)"
    asked.session.lines.aliases["bb"] = "b"
    assert asked.about("pl") == {"pl": "alias: p len(%1)"}
    assert asked.texts("pl am") == ["amount"]
    assert asked.texts("bb apply") == ["apply_discount"]
    assert asked.texts("unalias p") == ["pl"]


# --- expressions ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "before", ["", "p ", "p -f ", "pp -d 3 ", "display ", "!", "x = ", "print(", "debug ", "whatis "]
)
def test_an_expression_is_completed_where_one_is_taken(asked, before):
    found = asked.complete(f"{before}self.cus")
    assert [(item.text, item.start, item.about) for item in found.items] == [("customer", len(before) + 5, "'Ada'")]


def test_a_line_that_is_python_is_completed_as_such_where_its_first_word_is_a_command(asked):
    assert asked.texts("c = am") == ["amount"]
    assert asked.texts("list(self.it") == ["items"]
    assert asked.texts("p = self.it") == ["items"]


def test_dollar_names_are_offered(asked):
    assert {"$ret", "$exc", "$hits", "$frame"} <= set(asked.texts("p $"))
    assert asked.texts("p $frame.f_li") == ["f_lineno"]


def test_full_completion_is_offered_where_safe_completion_ends_and_runs_on_request(asked):
    class Table:
        def __dir__(self) -> list[str]:
            return ["column"]

    asked._frame.f_globals["table"] = Table()
    try:
        found = asked.complete("p table.col")
        assert (found.items, found.more) == ((), "Table")
        assert [item.text for item in asked.complete("p table.col", full=True).items] == ["column"]
    finally:
        del asked._frame.f_globals["table"]


def test_what_full_completion_raises_is_a_note(asked):
    found = asked.complete("p self.nothing.x", full=True)
    assert found.items == ()
    assert "AttributeError" in found.note


# --- locations ------------------------------------------------------------------------------------


def test_functions_of_the_file_are_offered_with_their_lines(asked):
    about = asked.about("b ")
    assert about["Order.total"].endswith("shop.py:39")
    assert next(iter(about)) == "Order.subtotal"
    assert not [name for name in about if "__annotate__" in name]
    assert asked.texts("b tot")[0] == "Order.total"  # what stands behind a dot is a beginning, too
    assert asked.texts("trap Order.") == ["Order.subtotal", "Order.total"]


def test_lines_of_a_file_are_offered_with_their_source(asked):
    assert asked.about("b shop.py:7") == {
        "shop.py:72": "def apply_discount(amount: float, rate: float) -> float:",
        "shop.py:73": "if rate < 0:",
        "shop.py:74": 'raise PricingError(f"negative rate {rate}")',
        "shop.py:75": "cut = amount * rate",
        "shop.py:76": "result = amount - cut",
        "shop.py:77": "return round(result, 2)",
    }
    assert asked.texts("b 7")[0] == "72"
    assert asked.texts("to 7") == asked.texts("b 7")
    assert "shop.py:apply_discount" in asked.texts("b shop.py:app")


def test_files_and_modules_are_offered(asked, tmp_path):
    assert "shop.py:" in asked.texts("b sh")
    assert "json.decoder:" in asked.texts("b json.de")
    assert "json.decoder:JSONDecoder.decode" in asked.texts("b json.decoder:JSONDecoder.de")
    (tmp_path / "mine.py").write_text("x = 1\n")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "inner.py").write_text("x = 1\n")
    assert asked.texts(f"b {tmp_path}/mi") == [f"{tmp_path}/mine.py:"]
    assert asked.texts(f"b {tmp_path}/mine.py:") == [f"{tmp_path}/mine.py:1"]
    assert asked.texts(f"b {tmp_path}/folder/") == [f"{tmp_path}/folder/inner.py:"]
    assert asked.texts(f"save {tmp_path}/fol") == [f"{tmp_path}/folder/"]
    assert "docs/" in asked.texts("b do")  # seen from where lowdb was started


def test_nothing_is_offered_for_a_regular_expression(asked):
    assert asked.texts("b /app") == []
    assert asked.texts("b +") == []


def test_the_condition_knows_the_variables_of_the_place_that_it_is_for(asked):
    assert asked.texts("b apply_discount if ra") == ["rate", "range", "raise"]
    assert asked.about("b shop.py:75 if ra")["rate"] == "variable there"
    assert asked.texts("b 42 if am") == ["amount"]
    assert asked.about("b 42 if am")["amount"] != "variable there"
    assert asked.texts("b 42, am") == ["amount"]


def test_clauses_are_offered_behind_a_place_and_behind_a_condition(asked):
    assert {"if", "hits", "every", "thread", "task", "once", "do"} == set(asked.texts("b 42 "))
    assert asked.texts("b 42 o") == ["once"]
    assert "once" in asked.texts("b 42 if amount > 3 o")
    assert "amount" not in asked.texts("b 42 if amount > 3 ")
    assert "and" in asked.texts("b 42 if amount > 3 ")
    assert asked.texts("b 42 thread Main") == ["MainThread"]
    assert asked.texts("b 42 if amount > 3 thread Main") == ["MainThread"]
    assert asked.texts("catch KeyError if $exc.ar") == []
    assert asked.texts("watch self.cus") == ["customer"]
    assert asked.texts("watch self.customer i") == ["if", "in", "is"]
    assert asked.texts("watch self.customer if am") == ["amount"]


def test_braces_in_a_log_message_hold_expressions(asked):
    assert asked.texts('log 42 "cut {am') == ["amount"]
    assert asked.texts('log 42 "cut {amount} of {self.cus') == ["customer"]
    assert asked.texts('log 42 "cut am') == []
    assert asked.texts('log 42 "cut {{am') == []
    assert asked.texts('log 42 "cut {amount}" i') == ["if"]


# --- breakpoints, threads, settings, … ------------------------------------------------------------


@pytest.mark.parametrize("command", ["clear", "enable", "disable", "condition", "ignore", "commands"])
def test_breakpoints_are_offered_with_what_they_are(asked, command):
    asked.debugger.add(Spec(location="apply_discount", condition="rate > 1"), asked._frame, 42)
    asked.debugger.add(Spec(location="44"), asked._frame, 42)
    about = asked.about(f"{command} ")
    assert "apply_discount  if rate > 1" in about["1"]
    assert "2" in about
    if command in ("clear", "enable", "disable"):
        assert "1" not in asked.about(f"{command} 1 ")
        assert "2" in asked.about(f"{command} 1 ")
    elif command == "condition":
        assert asked.texts("condition 1 am") == ["amount"]


def test_threads_are_offered(asked):
    assert asked.about("thread ")["MainThread"] == "stopped"
    assert asked.about("thread 1")["1"] == "MainThread  stopped"


def test_settings_and_their_values_are_offered(asked):
    assert "default" in asked.about("config th")["theme"]
    assert asked.about("config editing = ") == {"emacs": "now, default", "vi": ""}
    for text in ("config editing ", "config editing=", "config editing ="):
        assert asked.texts(text) == ["emacs", "vi"], text
    assert asked.texts("config toolbar = f") == ["false"]
    assert asked.texts("config toolbar = false --s") == ["--save"]
    assert asked.texts("config --unset tool") == ["toolbar"]


def test_help_topics_and_commands_are_offered(asked):
    assert "names" in asked.texts("help n")
    assert "next" in asked.texts("h n")


def test_exceptions_are_offered_the_program_s_own_first(asked):
    assert asked.texts("catch Pricing") == ["PricingError"]
    assert asked.texts("catch Key") == ["KeyError", "KeyboardInterrupt"]
    found = asked.texts("catch ")
    assert found.index("KeyError") < found.index("JSONDecodeError")
    assert {"raised", "uncaught", "user"} <= set(found)
    assert "PricingError" in asked.texts("trap apply_discount unwinds Pri")


def test_frames_lines_names_and_calls_are_offered(asked):
    assert asked.about("frame ")["0"].startswith("Order.total")
    assert "42" in asked.texts("until ")
    assert asked.texts("locals am") == ["amount"]
    assert "CATALOGUE" in asked.texts("globals C")
    assert set(asked.texts("mycode ")) == {"on", "off"}
    assert asked.texts("frobnicate am") == []


def test_called_functions_are_offered_for_a_step_into_one(asked):
    def names() -> list[str]:
        asked.session.selection.frames[0].line = 42
        return [item.text for item in complete_entry(asked.session, "step ", 5, False).items]

    assert asked.at_the_prompt(names) == ["apply_discount", "coupon_rate"]


def test_what_is_displayed_can_be_undisplayed(asked):
    asked.session.displays.add("amount", asked.session.asker, asked._frame, None)  # type: ignore[arg-type]
    assert asked.texts("undisplay ") == ["amount"]


def test_every_kind_of_argument_is_offered_somewhere():
    handled = {"place", "clauses", "message", "expression", "command", "function"}
    assert set(TAKES) == set(OFFERS) | handled
    with pytest.raises(ValueError, match="no kind of argument 'plaice'"):
        slots_of("plaice clauses")


def test_an_error_of_lowdb_s_own_is_a_note(asked, monkeypatch):
    monkeypatch.setattr("lowdb.repl.assistant.complete_entry", lambda *_: 1 / 0)
    found = asked.at_the_prompt(lambda: asked.helper.complete("p ", 2))
    assert "internal error: ZeroDivisionError" in found.note


# --- hints and the toolbar ------------------------------------------------------------------------


def test_a_hint_says_that_a_lone_word_is_a_command_and_how_to_see_the_variable(shop):
    asked = Asked(shop)
    hint = asked.helper.hint
    shop.f_globals["n"] = 5
    try:
        assert asked.at_the_prompt(lambda: hint("n")) == "next command  (variable: p n)"
        assert asked.at_the_prompt(lambda: hint("c")) == "continue command"
        assert asked.at_the_prompt(lambda: hint("n = 3")) == "Python"
        assert asked.at_the_prompt(lambda: hint("n 3")) == ""
        assert asked.at_the_prompt(lambda: hint("amount")) == ""
        assert asked.at_the_prompt(lambda: hint("help")) == "help command"  # a builtin is no variable
    finally:
        del shop.f_globals["n"]


def test_an_empty_line_says_what_it_repeats(asked):
    assert asked.at_the_prompt(lambda: asked.helper.hint("")) == ""
    asked.session.lines.last = " n 3"
    assert asked.at_the_prompt(lambda: asked.helper.hint("")) == "n 3 again"


def test_the_toolbar_says_where_it_is_and_what_keys_do(asked):
    asked.debugger.add(Spec(location="44"), asked._frame, 42)
    parts = asked.at_the_prompt(asked.helper.toolbar)
    assert parts[0].startswith("docs/examples/shop.py:")
    assert parts[0].endswith("Order.total")
    assert parts[-2:] == ("● 1", "F5 cont F10 next F11 step ⇧F11 finish F9 break F1 help")
    asked.session.settings.keys["f10"] = "p self"
    assert asked.at_the_prompt(asked.helper.toolbar)[-1] == "F5 cont F11 step ⇧F11 finish F9 break F1 help"
    looking = asked.at_the_prompt(asked.helper.toolbar, post_mortem=True, exception=ValueError())
    assert looking[-1] == "Alt-↑ caller Alt-↓ back F1 help"


def test_keys_stand_for_lines_and_the_settings_change_them(asked):
    key = asked.helper.key
    assert asked.at_the_prompt(lambda: [key(name) for name in ("f5", "f10", "s-f11", "a-up", "f7")]) == [
        "c",
        "n",
        "r",
        "u",
        None,
    ]
    assert asked.at_the_prompt(lambda: Helper(asked.session, "python").key("f5")) is None
    asked.session.settings.keys |= {"f7": "p self", "f10": ""}
    assert asked.at_the_prompt(lambda: [key(name) for name in ("f7", "f10")]) == ["p self", None]


def test_the_toolbar_does_not_promise_a_key_that_means_something_else(asked):
    asked.session.settings.keys |= {"f5": "", "f11": "p self"}
    assert asked.at_the_prompt(asked.helper.toolbar)[-1] == "F10 next ⇧F11 finish F9 break F1 help"


def test_f9_sets_a_breakpoint_on_this_line_or_takes_it_away(asked):
    assert asked.at_the_prompt(lambda: asked.helper.key("f9")) == "b ."
    point = asked.debugger.add(Spec(location="."), asked._frame, 42)

    def on_that_line() -> str | None:
        asked.session.selection.frames[0].line = 42
        return asked.helper.key("f9")

    assert asked.at_the_prompt(on_that_line) == f"cl {point.number}"


# --- entries of several lines ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "indentation"),
    [
        ("n", None),
        ("x = 1", None),
        ("b 12 if (", None),
        ("print('x')", None),
        ("for x in y: print(x)", None),
        ("frob x", None),
        ("x = 'abc", None),
        ("for x in y:", "    "),
        ("for x in y:  # each", "    "),
        ("for x in y:\n    print(x)", "    "),
        ("for x in y:\n    print(x)\n", None),
        ("for x in y:\n    print(x)\n    ", None),
        ("class A:\n    def f(self):", "        "),
        ("if a:\n    if b:\n        pass", "    "),
        ("def f():\n    return 1", ""),
        ("if x:\n    a\nelse:", "    "),
        ("foo(", "    "),
        ("foo(1,\n    2", "    "),
        ("p (", "    "),
        ("x = {  # hi", "    "),
        ("x = {\n    1: 2,\n    }", None),
        ("foo(\n    1)", None),
        ("for x in (\n    1,\n):", "    "),
        ("x = '''a", ""),
        ("x = '''a\n    b", ""),
        ("@decorated", ""),
        ("@decorated\ndef f(): pass", None),
        ("x = 1 \\", ""),
    ],
)
def test_enter_ends_an_entry_or_begins_its_next_line(asked, entry, indentation):
    assert asked.helper.unfinished(entry) == indentation


@pytest.mark.parametrize(
    ("entry", "parts"),
    [
        ("n\nn\np x", ["n", "n", "p x"]),
        ("a = 1\na", ["a = 1", "a"]),
        ("for x in y:\n    print(x)\n\n    print(2)\nn", ["for x in y:\n    print(x)\n\n    print(2)", "n"]),
        ("def f():\n    pass\n\n\ndef g():\n    pass\n", ["def f():\n    pass", "def g():\n    pass"]),
        ("@cache\ndef f():\n    pass\nx = 1", ["@cache\ndef f():\n    pass", "x = 1"]),
        ("if x:\n  a\n# note\nelse:\n  b\nc", ["if x:\n  a\n# note\nelse:\n  b", "c"]),
        ("try:\n  a\nfinally:\n  b", ["try:\n  a\nfinally:\n  b"]),
        ('x = """a\n\nb"""\np x', ['x = """a\n\nb"""', "p x"]),
        ("foo(1,\n\n  2)\nn", ["foo(1,\n\n  2)", "n"]),
        ("    a = 1\n    if a:\n        b = 2", ["a = 1", "if a:\n    b = 2"]),
        (">>> for i in a:\n...     i\n...\n1\n2\n>>> b", ["for i in a:\n    i", "b"]),
        ("c = [\n  1,\n]\nc", ["c = [\n  1,\n]", "c"]),
        ("# only words\n\n", []),
    ],
)
def test_a_paste_is_taken_apart_into_commands_and_python(asked, entry, parts):
    assert asked.helper.parts(entry) == parts


def test_what_was_pasted_is_done_part_by_part(asked):
    asked.session.lines.assistant = lambda kind: asked.helper.prepare()
    asked._said.stop("x9 = 4\nfor k in range(2):\n    x9 += k\n\nx9\np x9 + 1\nlo k", "c", frame=asked._frame)
    assert asked._said.console.text.splitlines()[-4:-1] != []
    assert "\n5\n6\n" in asked._said.console.text


def test_at_a_python_prompt_no_word_is_a_command(asked):
    helper = Helper(asked.session, "python")
    assert asked.at_the_prompt(lambda: [c.text for c in helper.complete("b = am", 6).items]) == ["amount"]
    assert "display" not in asked.at_the_prompt(lambda: [c.text for c in helper.complete("d", 1).items])
    assert asked.at_the_prompt(lambda: helper.hint("n")) == ""
    assert helper.unfinished("n\nfor x in y:") == "    "
    assert helper.parts("n\nn = 1") == ["n", "n = 1"]
    assert Helper(asked.session, "command").unfinished("for x in y:") is None


def test_ctrl_c_in_one_part_of_a_paste_drops_the_parts_after_it(asked):
    asked.session.lines.assistant = lambda kind: asked.helper.prepare()
    asked._frame.f_globals["interrupted"] = interrupted
    try:
        asked._said.stop("p 1 + 1\ninterrupted()\np 'never'", "p 'goes on'", "c", frame=asked._frame)
    finally:
        del asked._frame.f_globals["interrupted"]
    assert "\n2\n" in asked._said.console.text
    assert "never" not in asked._said.console.text
    assert "goes on" in asked._said.console.text


def interrupted() -> None:
    raise KeyboardInterrupt
