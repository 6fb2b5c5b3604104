"""Blocks as a terminal shows them: cut and wrapped at its width, in colour or not, and safe whatever they hold."""

from __future__ import annotations

import re
import time
from unicodedata import east_asian_width

import pytest

from lowdb.repl.blocks import (
    Block,
    Displayed,
    Gap,
    Help,
    Note,
    Problem,
    SourceView,
    Stack,
    StackEntry,
    StopView,
    Table,
    Text,
    Value,
    Values,
)
from lowdb.repl.settings import Settings
from lowdb.terminal import highlight
from lowdb.terminal.render import Renderer
from lowdb.terminal.theme import ANSI, INDEXED, NONE, TRUE, Theme, UnknownTheme, depth_of, names
from lowdb.terminal.width import columns, cut, cut_spans, visible, wrap_spans
from tests.repl.test_blocks import EVERY_KIND, STOP

ESCAPE = re.compile(r"\x1b\[([\d;]*)m")
HOSTILE = [
    "\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07",
    "a\x08b\x7f",
    "\x9b31m",
    "evil\u202egnp.exe",
    "\u2066x\u2069",
    "zero\u200bwidth\ufeff",
    "nul\x00",
    "line\u2028end\u2029",
    "\ud800",
    "tab\there",
    "cr\rlf",
    "e\u0301combined",
    "名前=値" * 30,
    "👩\u200d💻",
]


def rendered(block: Block, width: int = 80, height: int = 24, **settings: str) -> str:
    choices = Settings()
    for name, value in ({"color": "always"} | settings).items():
        choices.set(name, value)
    return Renderer(choices, lambda: width, lambda: height).render(block)


def bare(text: str) -> str:
    return ESCAPE.sub("", text)


def shown(block: Block, width: int = 80, height: int = 24, **settings: str) -> list[str]:
    return bare(rendered(block, width, height, **settings)).splitlines()


def on_screen(line: str) -> int:
    """Columns of a line by a rule of its own: not the one that is tried."""
    return sum(2 if east_asian_width(c) in "WF" else 0 if c == "\u0301" else 1 for c in line)


def source(*lines: str, current: int = 0, inside: str = "", first: int = 1) -> SourceView:
    return SourceView("/x/shop.py", enumerate(lines, first), current, (), inside)


# --- width ----------------------------------------------------------------------------------------


def test_wide_and_combining_characters_are_counted_as_a_terminal_does() -> None:
    assert [columns(text) for text in ("abc", "名前", "e\u0301", "한글", "👍", "")] == [3, 4, 1, 4, 2, 0]


def test_a_cut_never_splits_a_wide_character_and_fills_no_column_too_many() -> None:
    assert cut("名前は長い", 6) == "名前…"
    assert cut("名前は長い", 5) == "名前…"
    assert cut("名前は長い", 4) == "名…"
    assert cut("short", 5) == "short"
    assert cut("shorter", 5) == "shor…"
    assert cut("x", 0) == ""
    assert cut_spans([("a", "ab"), ("b", "cdef")], 4) == [("a", "ab"), ("b", "c"), ("dim", "…")]


@pytest.mark.parametrize("room", [1, 2, 3, 7, 20, 79])
@pytest.mark.parametrize("text", ["one two three four five", "x" * 90, "名前 " * 20, "a  b   c " * 9, ""])
def test_wrapped_lines_fit_and_lose_no_word(text: str, room: int) -> None:
    lines = wrap_spans([("", text)], room, 2)
    texts = ["".join(piece for _, piece in line) for line in lines]
    assert room < 3 or all(columns(line.rstrip()) <= room for line in texts)
    assert "".join("".join(texts).split()) == "".join(text.split())


def test_wrapping_breaks_between_words_and_stops_at_the_bound() -> None:
    lines = wrap_spans([("", "alpha beta "), ("x", "gamma delta")], 11, 2)
    assert ["".join(text for _, text in line).rstrip() for line in lines] == ["alpha beta", "  gamma", "  delta"]
    lines = wrap_spans([("", "word " * 100)], 20, 2, 3)
    assert len(lines) == 3
    assert lines[-1][-1] == ("dim", "…")


def test_a_word_of_several_colours_is_kept_together() -> None:
    lines = wrap_spans([("", "call(table="), ("x", "False"), ("", ", more=1)")], 12, 2)
    assert ["".join(text for _, text in line) for line in lines] == ["call(table=F", "  alse,", "  more=1)"]
    lines = wrap_spans([("", "call table="), ("x", "False"), ("", ", more=1)")], 15, 2)
    assert ["".join(text for _, text in line) for line in lines] == ["call", "  table=False,", "  more=1)"]


# --- hostile text ---------------------------------------------------------------------------------


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text)[1:15])
@pytest.mark.parametrize(
    "make",
    [
        Text,
        Value,
        Help,
        lambda t: Value("1", t),
        lambda t: Values([Value(t, t)], t),
        lambda t: Displayed(t, t, t),
        lambda t: Note(t, "caller"),
        lambda t: Note(t, "values"),
        lambda t: Problem(t, t, 2),
        lambda t: source(t, current=1),
        lambda t: SourceView("/x", [(1, "x")], 1, (), "", [(1, t, t)]),
        lambda t: source(t, inside='"""'),
        lambda t: Table([(">", t, t), ("", t, t)], ("mark", "name", "value")),
        lambda t: Stack([StackEntry(0, t, t, t, True, t), Gap(1)]),
        lambda t: StopView(t, [("word", t), ("call", t), ("exception", t)], [("condition", t)], None, [t], t),
    ],
)
@pytest.mark.parametrize("width", [20, 80])
def test_nothing_of_the_program_is_obeyed_by_the_terminal(make: object, text: str, width: int) -> None:
    out = rendered(make(text), width)  # type: ignore[operator]
    left = bare(out).replace("\n", "")
    assert left.isprintable(), ascii(left)
    out.encode()


def test_what_cannot_be_seen_is_shown_as_an_escape() -> None:
    assert visible("a\x1b[0m") == r"a\x1b[0m"
    assert visible("\u202eabc\u2028") == r"\u202eabc\u2028"
    assert visible("\x9b\ud800\x00") == r"\x9b\ud800\x00"
    assert visible("名 é 👍") == "名 é 👍"


@pytest.mark.parametrize("width", [1, 20, 33, 80, 500])
@pytest.mark.parametrize("block", EVERY_KIND, ids=lambda block: type(block).__name__)
def test_every_block_fits_every_width(block: Block, width: int) -> None:
    for line in shown(block, width):
        if type(block) is not Value:  # it flows on, so that they can be copied
            assert on_screen(line.rstrip()) <= max(width, 20)


def test_values_are_not_cut_so_that_they_can_be_copied() -> None:
    assert shown(Value("x" * 200), 40) == ["x" * 200]
    assert shown(Values([Value("[1, 22, 333, 4444]", "found")]), 20) == ["found = [1, 22, 333,", "    4444]"]


def test_words_are_wrapped_with_what_goes_on_indented() -> None:
    assert shown(Text("one two three four five six seven eight"), 24) == [
        "one two three four five",
        "  six seven eight",
    ]
    lines = shown(Text("● 12  shop.py:73  f  if value > 100 and value < 1000"), 30)
    assert lines == ["● 12  shop.py:73  f  if value", "      > 100 and value < 1000"]
    assert rendered(Text("● 12  shop.py")).startswith("\x1b[31m●\x1b[0m")
    assert rendered(Text("(lowdb) b 73")) == "\x1b[1m(lowdb) \x1b[0mb 73\n"


# --- colour ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("block", EVERY_KIND, ids=lambda block: type(block).__name__)
def test_without_colour_there_is_no_escape_code_at_all(block: Block) -> None:
    assert "\x1b" not in rendered(block, color="never")


@pytest.mark.parametrize("block", EVERY_KIND, ids=lambda block: type(block).__name__)
def test_colours_change_nothing_but_the_looks(block: Block) -> None:
    plain = rendered(block, color="never").replace("`", "")
    for theme in ("default", "monokai"):
        assert bare(rendered(block, theme=theme)) == plain


@pytest.mark.parametrize("block", EVERY_KIND, ids=lambda block: type(block).__name__)
def test_every_line_ends_with_the_terminals_own_colours(block: Block) -> None:
    for line in rendered(block).splitlines():
        codes = ESCAPE.findall(line)
        assert not codes or codes[-1] == "0"


def test_the_default_theme_uses_the_terminals_own_sixteen_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLORTERM", "truecolor")
    codes = {code for block in EVERY_KIND for code in ESCAPE.findall(rendered(block))}
    assert codes <= {"0", "1", "2", "7", "31", "32", "35", "36", "1;31"}


@pytest.mark.parametrize(
    ("environment", "depth"),
    [
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, TRUE),
        ({"TERM": "xterm", "COLORTERM": "24bit"}, TRUE),
        ({"TERM": "xterm-direct"}, TRUE),
        ({"TERM": "xterm-256color"}, INDEXED),
        ({"TERM": "screen"}, ANSI),
        ({}, ANSI),
    ],
)
def test_the_colours_are_those_that_the_terminal_has(environment: dict[str, str], depth: int) -> None:
    assert depth_of(environment) == depth


def test_a_pygments_style_is_a_theme() -> None:
    keyword = "Token.Keyword"  # monokai: #66d9ef
    assert Theme("monokai", TRUE).sequence(keyword) == "\x1b[38;2;102;217;239m"
    assert Theme("monokai", INDEXED).sequence(keyword) == "\x1b[38;5;81m"
    assert Theme("monokai", ANSI).sequence(keyword) == "\x1b[36m"
    assert Theme("monokai", ANSI).sequence("Token.Name") == "\x1b[97m"
    assert Theme("monokai", NONE).sequence(keyword) == ""
    assert "monokai" in names()
    assert names()[0] == "default"


@pytest.mark.parametrize("name", names())
def test_every_theme_paints_every_block(name: str) -> None:
    for depth in (ANSI, INDEXED, TRUE):
        theme = Theme(name, depth)
        for line in highlight.lexed(["@f", "def f(x: int = 1) -> None:  # why", '    return f"{x!r}" or None']):
            assert ESCAPE.sub("", theme.paint(line)) == "".join(text for _, text in line)


def test_a_theme_that_is_not_there_is_named_once_with_the_nearest() -> None:
    with pytest.raises(UnknownTheme, match=r"no theme 'monokay' \(did you mean 'monokai'"):
        Theme("monokay")
    choices = Settings()
    choices.set("theme", "monokay")  # by the environment, before there is a screen
    renderer = Renderer(choices, lambda: 80, lambda: 24)
    assert bare(renderer.render(Text("x"))).startswith("no theme 'monokay' (did you mean 'monokai'")
    assert bare(renderer.render(Text("x"))) == "x\n"
    choices.set("theme", "vim")
    assert bare(renderer.render(Text("x"))) == "x\n"


def test_a_theme_that_is_not_there_is_refused_once_there_is_a_screen() -> None:
    choices = Settings()
    Renderer(choices, lambda: 80, lambda: 24)
    choices.set("theme", "monokai")
    with pytest.raises(ValueError, match="did you mean 'gruvbox-dark'"):
        choices.set("theme", "gruvbox-drak")
    assert choices["theme"] == "monokai"


# --- source ---------------------------------------------------------------------------------------


def roles(lines: list[str], inside: str = "") -> list[list[tuple[str, str]]]:
    return [[(role.removeprefix("Token."), text) for role, text in line] for line in highlight.lexed(lines, inside)]


def test_lines_keep_their_number_whatever_is_in_them() -> None:
    for lines in (
        [],
        [""],
        ["", "", "x"],
        ["x", "", ""],
        ['"""', "a", ""],
        ["\\", "x"],
        ["'", '"', "`?"],
        ["\f", "\x0b"],
    ):
        for inside in ("", '"""', "r'''"):
            found = highlight.lexed(lines, inside)
            assert ["".join(text for _, text in line) for line in found] == [visible(line) for line in lines]


def test_a_view_that_begins_inside_a_string_is_coloured_as_string_up_to_its_end() -> None:
    first, second = roles(["for once it is text", 'end""" + for_real'], '"""')
    assert {role for role, _ in first} <= {"Literal.String.Doc", "Literal.String.Double", "Literal.String"}
    assert ("Name", "for_real") in second
    assert roles(["for x in y"])[0][0] == ("Keyword", "for")


def test_lines_of_another_language_have_no_colours() -> None:
    line = ((1, "{% for x in y %}"),)
    assert "\x1b[35mfor" not in rendered(SourceView("/x/page.html", line))
    for name in ("/x/shop.py", "/x/script", "<string>", "/x/a.pyw"):
        assert "\x1b[35mfor" in rendered(SourceView(name, line))


def test_a_huge_line_is_shown_without_colours_at_once() -> None:
    started = time.process_time()
    assert highlight.lexed(["(" * 300_000]) == [[("", "(" * 300_000)]]
    assert time.process_time() - started < 1


def test_the_gutter_has_the_mark_the_line_and_the_current_one_in_reverse() -> None:
    view = SourceView("/x", [(8, "a"), (9, "b"), (10, "c"), (11, "d")], 10,
                      [(8, "enabled"), (9, "disabled"), (10, "trap"), (11, "log")])  # fmt: skip
    assert shown(view) == ["●     8  a", "○     9  b", "◆>   10  c", "◇    11  d"]
    assert "\x1b[7m>   10 \x1b[0m" in rendered(view)
    assert rendered(view).startswith("\x1b[31m●")


def test_a_long_line_is_cut_at_the_width_with_an_ellipsis() -> None:
    (line,) = shown(source("value = " + "名" * 100), 30)
    assert line == "      1  value = " + "名" * 6 + "…"
    assert on_screen(line) == 30


def test_values_stand_behind_their_lines_as_far_as_there_is_room() -> None:
    view = SourceView("/x", [(1, "cut = amount * rate"), (2, "x")], 2, (), "",
                      [(1, "cut", "11.95"), (1, "rate", "0.1"), (2, "xs", "[" + "1, " * 50 + "]")])  # fmt: skip
    assert shown(view, 60)[0] == "      1  cut = amount * rate   ←  cut = 11.95   rate = 0.1"
    assert shown(view, 50)[0] == "      1  cut = amount * rate   ←  cut = 11.95"
    assert shown(view, 40)[0] == "      1  cut = amount * rate"
    assert shown(view, 60)[1].endswith("…")
    assert on_screen(shown(view, 60)[1]) == 60
    assert "\x1b[2m   ←  cut = 11.95" in rendered(view, 60)


# --- the stop -------------------------------------------------------------------------------------


def test_the_reason_is_first_and_bold_and_the_place_for_editors_is_left_out() -> None:
    lines = rendered(STOP).splitlines()
    assert lines[0].startswith("\x1b[1mbreakpoint 1\x1b[0m")
    assert "/x/shop.py" not in bare("\n".join(lines))


def test_a_failure_is_bold_red() -> None:
    view = StopView("/x(1)f()", [("failure", "uncaught"), ("", "  "), ("exception", "ValueError: no")])
    assert rendered(view) == "\x1b[1;31muncaught\x1b[0m  \x1b[31mValueError:\x1b[0m no\n"


def test_the_detail_stands_at_the_right_where_there_is_room_and_else_below() -> None:
    wide, narrow = shown(STOP, 100), shown(STOP, 40)
    assert wide[0].index("hit 1 · if x > 1") == 64
    assert narrow[:2] == ["breakpoint 1  shop.py:59  shop.py:59", "  hit 1 · if x > 1"]


def test_a_long_reason_is_wrapped_not_cut() -> None:
    message = "the word " * 20
    lines = shown(StopView("", [("failure", "uncaught"), ("", "  "), ("exception", f"ValueError: {message}")]), 40)
    assert all(on_screen(line.rstrip()) <= 40 for line in lines)
    assert " ".join(" ".join(lines).split()) == f"uncaught ValueError: {message.strip()}"


def test_callers_are_shown_whole_as_many_as_fit() -> None:
    callers = Note("from  52  checkout(cart=1)  ·  76  main()  ·  3 more (w)", "caller")
    assert shown(callers, 60) == ["from  52  checkout(cart=1)  ·  76  main()  ·  3 more (w)"]
    assert shown(callers, 50) == ["from  52  checkout(cart=1)  ·  76  main()  ·  …"]
    assert shown(callers, 40) == ["from  52  checkout(cart=1)  ·  …"]
    assert shown(callers, 24) == ["from  52  checkout(cart…"]


def test_a_cause_has_its_exception_in_red_and_words_of_pytest_have_none() -> None:
    cause = Note("cause: ValueError: bad: worse   (exceptions lists them)", "cause")
    assert rendered(cause) == (
        "\x1b[2mcause: \x1b[0m\x1b[31mValueError:\x1b[0m bad: worse\x1b[2m   (exceptions lists them)\x1b[0m\n"
    )
    assert "\x1b" not in rendered(Note(" +  where 31.0 = total({'cup': 2, 'tea': 2})", "cause"))


def test_a_display_shows_what_it_was_and_is() -> None:
    assert shown(Displayed("total", "33.2", "11")) == ["total = 11 → 33.2"]
    assert rendered(Displayed("total", "33.2", "11")) == "total = \x1b[2m11 → \x1b[0m\x1b[1m33.2\x1b[0m\n"
    assert shown(Displayed("total", "33.2")) == ["total = 33.2"]
    assert shown(Displayed("x", "new", "o" * 100), 40)[0] == "x = " + "o" * 12 + "… → new"


def test_sticky_clears_the_screen_without_losing_what_stood_there() -> None:
    out = rendered(STOP, sticky="true")
    assert out.startswith("\n" * 23 + "\x1b[H\x1b[J\x1b[1mbreakpoint 1")
    assert "\x1b[H" not in rendered(STOP)
    assert "\x1b[H" not in rendered(Text("x"), sticky="true")


def test_sticky_keeps_the_current_line_in_view_and_does_not_jump() -> None:
    choices = Settings()
    choices.set("sticky", "true")
    renderer = Renderer(choices, lambda: 80, lambda: 20)

    def view(current: int) -> list[int]:
        lines = [(number, f"line {number}") for number in range(100, 200)]
        text = bare(renderer.render(StopView("", "step", "", SourceView("/x", lines, current))))
        assert text.count("\n") - 19 <= 18
        assert f">  {current}" in text or f"> {current}" in text
        return [int(found) for found in re.findall(r"line (\d+)", text)]

    first = view(150)
    assert len(first) == 17
    assert view(151) == view(152) == first
    assert view(199)[-1] == 199
    assert view(100)[0] == 100


# --- tables, stacks, problems, help ---------------------------------------------------------------

THREADS = Table(
    [(">", "1", "MainThread", "stopped", "a/very/long/path/to/the/module.py:129", "main", "breakpoint 2"),
     ("", "12", "worker", "waiting", "b.py:7", "Worker.run_forever_and_ever", "step (in line for the prompt)")],
    ("mark", "number", "name", "state", "place", "function", "words"),
)  # fmt: skip


def test_a_table_has_its_columns_aligned_and_the_current_row_marked() -> None:
    (title,) = shown(Table([("[print]",), ("depth", "3")]))[:1]
    assert title == "[print]"
    assert "\x1b[1m[print]" in rendered(Table([("[print]",), ("depth", "3")]))
    first, second = shown(THREADS, 140)
    assert first.index("stopped") == second.index("waiting")
    assert first.index("breakpoint 2") == second.index("step (in")
    assert "\x1b[7m>\x1b[0m" in rendered(THREADS, 140)
    assert "\x1b[1mMainThread\x1b[0m" in rendered(THREADS, 140)


def test_a_table_that_is_too_wide_has_its_widest_columns_cut_and_the_last_one_wrapped() -> None:
    lines = shown(THREADS, 70)
    assert all(on_screen(line) <= 70 for line in lines)
    assert "MainThread" in lines[0]
    assert "…" in lines[0]
    assert ":129 " in lines[0]  # a place keeps its end
    assert "prompt)" in "".join(lines)


def test_a_long_condition_in_a_table_is_wrapped_in_its_column_not_cut() -> None:
    condition = "if " + " and ".join(f"value_{n} > {n}" for n in range(9))
    lines = shown(Table([("● 1", f"shop.py:73  f  {condition}", "hit 3 of 14")], ("", "", "words")), 60)
    assert lines[0].startswith("● 1  shop.py:73  f  if value_0")
    assert lines[0].endswith("  hit 3 of 14")
    assert all(line.startswith("     ") for line in lines[1:])
    words = " ".join(" ".join(lines).replace("hit 3 of 14", "").split())
    assert words == f"● 1 shop.py:73 f {condition}"


def test_a_stack_keeps_the_lines_number_and_marks_the_selected_frame() -> None:
    place = "some/very/long/directory/name/here/shop.py:59"
    stack = Stack([StackEntry(1, "main", "shop.py:82", "f()", False), Gap(3), StackEntry(0, "f", place, "x = 1", True)])
    lines = shown(stack, 60)
    assert lines[1].strip() == "… 3 library frames (bt full)"
    assert lines[2].startswith("> 0  f")
    assert "shop.py:59" in lines[2]
    assert shown(Stack([])) == ["no frames"]


def test_the_caret_stands_below_the_character_that_is_meant() -> None:
    for offset, text in (
        (3, "x +* 1"),
        (6, "名前 = * 1"),
        (200, "y" * 200 + "?" + "z" * 200),
        (0, "?"),
        (7, "e\u0301 + 1 ?"),
    ):
        typed, caret = shown(Problem("bad", text, offset), 60)[1:]
        above = next(char for i, char in enumerate(typed) if on_screen(typed[: i + 1]) == on_screen(caret))
        assert above == text[offset]
        assert on_screen(typed) <= 60


def test_a_problem_is_red_and_its_hint_is_not() -> None:
    out = rendered(Problem("no command 'frobnicate' (did you mean 'frame'?)"))
    assert out == "\x1b[31mno command 'frobnicate'\x1b[0m (did you mean 'frame'?)\n"


def test_a_help_page_has_its_usage_bold_and_its_examples_as_code() -> None:
    page = Help("b [LOC]   (also break)\n\nStop at `LOC`, always.\n\n    b shop.py:12")
    assert rendered(page).splitlines() == [
        "\x1b[1mb\x1b[0m [LOC]   (also break)",
        "",
        "Stop at \x1b[36mLOC\x1b[0m, always.",
        "",
        "\x1b[36m    b shop.py:12\x1b[0m",
    ]
    assert shown(page, color="never")[2] == "Stop at `LOC`, always."


def test_values_have_their_strings_numbers_and_what_was_left_out_in_colour() -> None:
    text = "Order(id=1004, name='it\\'s \"1\"', due=-1887.58, ok=True, rest=[1, … 490 more])"
    found = [(role, piece) for role, piece in highlight.value(text) if role]
    assert found == [
        ("Token.Literal.Number", "1004"),
        ("Token.Literal.String", "'it\\'s \"1\"'"),
        ("Token.Literal.Number", "-1887.58"),
        ("Token.Keyword.Constant", "True"),
        ("Token.Literal.Number", "1"),
        ("dim", "… 490 more"),
    ]
    assert "".join(piece for _, piece in highlight.value(text)) == text


def test_the_lines_of_a_help_paragraph_flow_at_the_width() -> None:
    text = (
        "p EXPR\n\n" + " ".join(["word"] * 22) + ".\n`Another` sentence.\n\n    p x\n    p y\nLook: w (where)  u (up)"
    )
    assert shown(Help(text), 60) == [
        "p EXPR",
        "",
        " ".join(["word"] * 12),
        " ".join(["word"] * 10) + ". Another",
        "sentence.",
        "",
        "    p x",
        "    p y",
        "Look: w (where)  u (up)",
    ]
    assert shown(Help("Look: w (where)  longlist (ll)"), 20) == ["Look: w (where)", "  longlist (ll)"]


@pytest.mark.parametrize("text", ["'" + "\\" * 50_000, "a" * 200_000, "'\"" * 50_000, "1" * 100_000, "(" * 100_000])
def test_a_value_of_any_kind_is_coloured_in_no_time(text: str) -> None:
    started = time.process_time()
    spans = highlight.value(text + ", 1")
    assert "".join(piece for _, piece in spans) == text + ", 1"
    assert (spans[-1] == ("Token.Literal.Number", "1")) is (len(text) < 50_000)
    assert time.process_time() - started < 1


# --- speed ----------------------------------------------------------------------------------------


def test_a_stop_that_was_seen_before_is_not_lexed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    choices = Settings()
    renderer = Renderer(choices, lambda: 80, lambda: 24)
    before = renderer.render(STOP)
    monkeypatch.setattr(highlight, "lexed", lambda *_: pytest.fail("lexed again"))
    assert renderer.render(STOP) == before
    with pytest.raises(pytest.fail.Exception):
        renderer.render(StopView("", "step", "", source("other")))
