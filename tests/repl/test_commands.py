"""Commands that look and list, by what they say."""

from __future__ import annotations

import copy
import re
import sys
from typing import TYPE_CHECKING, Any

import pytest

from lowdb.engine.stops import JumpRefused, Next, Reason, RunTo, Until
from lowdb.repl.stopping import short_name
from tests.repl.talk import Talk, talk

if TYPE_CHECKING:
    from types import FrameType


class Cart:
    """Two of a kind."""

    limit = 3

    def __init__(self) -> None:
        self.items = [1, [2, 3]]

    @property
    def total(self) -> int:
        raise AssertionError("a property was run")

    def frame(self, extra: int = 5, *rest: int) -> FrameType:
        return sys._getframe()


def outer(first: int) -> FrameType:
    second = first + 1
    return inner(second)


def inner(value: int) -> FrameType:
    text = "abc"
    assert text
    return sys._getframe()


def said(*lines: object, frame: FrameType | None = None, one: Talk | None = None, **fields: Any) -> str:
    """What is said after the stop block."""
    whole = (one or talk()).stop("'~~~'", *lines, frame=frame or Cart().frame(), **fields)
    return whole.rpartition("\n'~~~'\n")[2].rstrip("\n")


def line_of(text: str) -> int:
    with open(__file__, encoding="utf-8") as file:
        return next(number for number, line in enumerate(file, 1) if text in line)


# --- stack ------------------------------------------------------------------------------------------


def deep(count: int, *lines: str) -> str:
    if count:
        return deep(count - 1, *lines)
    return said(*lines, frame=sys._getframe())


def test_where_shows_the_oldest_first_and_marks_the_selected() -> None:
    lines = deep(2, "w").splitlines()
    here = [line for line in lines if "test_commands.py" in line]
    assert re.match(r"> +0 +deep", here[-1])
    assert [re.findall(r"^. +(\d+) ", line)[0] for line in here[-4:]] == ["3", "2", "1", "0"]


def test_where_takes_counts_and_patterns() -> None:
    assert len(deep(3, "w 2").splitlines()) == 2
    oldest = deep(3, "w -1")
    assert len(oldest.splitlines()) == 1
    assert "test_where_takes_counts" in oldest  # what is above it is pytest's
    assert len(deep(3, "w /deep/").splitlines()) == 4
    assert deep(0, "w /(/").startswith("not a regular expression")
    assert deep(0, "w /no such/") == "no frame matches /no such/"
    assert deep(0, "w x") == "not a count: x\n    x\n    ^"


def through_library(function: Any) -> Any:
    """Calls it from a frame of the standard library."""
    return copy.copy(type("Copied", (), {"__copy__": lambda self: function()})())


def test_library_frames_are_counted_where_one_looks_at_own_code_and_shown_on_request() -> None:
    def callee() -> str:
        return said("w", "w full", "u 2", "mycode off", "w 4", frame=sys._getframe())

    text = through_library(callee)
    _, _, rest = text.partition("… 1 library frame (bt full)\n")
    assert "callee" in rest.splitlines()[1]
    assert re.search(r"^ +2  copy +copy\.py:\d+ +return ", rest, re.MULTILINE)
    assert "frame 3  through_library(" in rest  # u goes to the next frame that is shown
    assert re.search(r"^ +2  copy +copy\.py:\d+", rest.partition("mycode off")[2], re.MULTILINE)


def test_a_pause_in_a_library_shows_the_own_frame_that_waits_for_it() -> None:
    one = talk()

    def inner() -> None:
        one.stop("w 1", "n", reason=Reason.PAUSE, frame=sys._getframe().f_back)

    through_library(inner)
    lines = one.console.text.splitlines()
    assert lines[0].startswith(f"> {__file__}(")
    assert lines[0].endswith(")<lambda>()")


def test_up_down_and_frame_select_and_show_the_place() -> None:
    lines = deep(2, "u", "p count", "u", "d", "f 2", "p count", "f -1", "f", "d 99", "p count", "f 99").splitlines()
    places = [line for line in lines if line.startswith("> ")]
    assert all(line.startswith(f"> {__file__}(") for line in places[:4])
    assert places[0].endswith(")deep()")
    assert places[4] == places[5] != places[3]
    assert [line for line in lines if line in ("0", "1", "2")] == ["1", "2", "0"]
    assert lines[-1].startswith("no frame 99: there are 0 to ")


def test_the_ends_of_the_stack_are_told() -> None:
    assert deep(0, "d") == "this is the newest frame"
    assert deep(0, "f -1", "u").endswith("this is the oldest frame")


def test_a_step_after_up_is_one_of_the_selected_frame() -> None:
    one = talk()

    def callee() -> None:
        one.stop("u", "n", frame=sys._getframe())

    callee()
    assert type(one.resume) is Next
    assert one.resume.frame is sys._getframe()
    one.stop("n")
    assert one.resume == Next(None)


# --- source -----------------------------------------------------------------------------------------


def numbers(text: str) -> list[int]:
    return [int(n) for n in re.findall(r"^.[> ] +(\d+)(?:  |$)", text, re.MULTILINE)]


def test_list_goes_on_and_back() -> None:
    current = line_of("return sys._getframe()")
    around = list(range(current - 5, current + 6))
    assert numbers(said("l")) == around
    assert numbers(said("l", "l")) == [*around, *range(current + 6, current + 17)]
    assert numbers(said("l", "")) == numbers(said("l", "l"))
    assert numbers(said("l", "l -")) == [*around, *range(current - 16, current - 5)]
    assert numbers(said("l 1", "l .")) == [*range(1, 12), *around]
    assert numbers(said("l 3,5")) == [3, 4, 5]
    assert numbers(said("l 30,2")) == [30, 31, 32]
    assert said("l 1", "l -").endswith("this is the beginning of the file")


def test_the_current_line_is_marked_and_so_are_breakpoints() -> None:
    one = talk("b 20", "b 21", "disable 2", 'log 22 "x"')
    lines = said("l 20,22", one=one).splitlines()
    assert [line[0] for line in lines] == ["●", "○", "◇"]
    assert any(line.startswith(" > ") for line in said("l").splitlines())


def test_longlist_shows_the_whole_function_and_source_what_is_named() -> None:
    assert "def outer" not in said("ll")
    assert numbers(said("ll"))[0] == line_of("def frame(")
    shown = said("source outer")
    assert shown.splitlines()[0].endswith("def outer(first: int) -> FrameType:")
    assert len(shown.splitlines()) == 3
    assert "class Cart" in said("source Cart")
    assert "limit = 3" in said("source Cart")
    assert "def frame" in said("source self.frame")
    assert "def total" in said("source Cart.total")
    assert said("source len") == "no Python source for len"


# --- variables --------------------------------------------------------------------------------------


def test_args_and_locals() -> None:
    assert re.fullmatch(r"self = <.*Cart at 0x\w+>\nextra = 5\n\*rest = \(\)", said("a"))
    assert said("lo ex*") == "extra = 5"
    assert said("lo zz*") == "no local variables like zz*"
    assert "Cart = <class" in said("globals Ca*")
    assert "__name__" not in said("globals")
    assert "__name__ = " in said("globals __na*")
    frame = inner(4)
    assert said("lo", frame=frame) == "value = 4\ntext = 'abc'"


def test_whatis_pp_and_raw() -> None:
    assert said("whatis 3") == "int"
    assert "function outer(first)" in said("whatis outer")
    assert said("p -r 'a'") == "'a'"
    assert len(said("pp {n: 'x' * 30 for n in range(9)}").splitlines()) > 5


def test_exceptions_lists_the_chain_and_selects_one() -> None:
    def broken() -> None:
        try:
            raise KeyError("first")
        except KeyError as error:
            raise ValueError("second") from error

    try:
        broken()
    except ValueError as error:
        caught = error
    fields: dict[str, Any] = {"reason": Reason.UNCAUGHT, "exception": caught, "post_mortem": True}
    fields["traceback"] = caught.__traceback__
    last = caught.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    assert last is not None
    text = said("exceptions", "exceptions 1", "exceptions", "exceptions 7", frame=last.tb_frame, **fields)
    lines = text.splitlines()
    assert lines[:2] == [">  0  ValueError: second", "   1  cause  KeyError: 'first'"]
    assert lines[2] == f"> {__file__}({line_of('raise KeyError(')})broken()"
    assert lines[-2].split() == [">", "1", "cause", "KeyError:", "'first'"]
    assert lines[-1] == "no exception 7: there are 0 to 1"


# --- running ----------------------------------------------------------------------------------------


def test_until_and_to_take_places() -> None:
    frame = Cart().frame()
    one = talk()
    one.stop(f"unt {frame.f_lineno + 3}", frame=frame)
    assert one.resume == Until(frame.f_lineno + 3, None)
    one.stop("unt +2", frame=frame)
    assert one.resume == Until(frame.f_lineno + 2, None)
    one.stop("to 20", frame=frame)
    assert one.resume == RunTo(__file__, 20)
    assert "to needs a place" in one.stop("to", "c", frame=frame)


def test_a_jump_is_made_where_the_stop_can_and_refused_with_the_reason() -> None:
    jumped: list[int] = []
    said("j 12", jumper=jumped.append)
    assert jumped == [12]

    assert said("j 12", jumper=lambda line: "x lost its value").startswith("x lost its value\n> ")

    def refuse(line: int) -> None:
        raise ValueError("can't jump into the middle of a block")

    assert said("j 12", jumper=refuse) == "no jump to line 12: can't jump into the middle of a block"
    assert said("j 12").startswith("no jump to line 12: only where the program stopped at a line")
    assert said("u", "j 12", jumper=jumped.append).endswith("only the newest frame can jump: f 0 selects it")
    assert issubclass(JumpRefused, Exception)


def test_run_restarts_where_that_is_possible() -> None:
    assert "cannot be restarted" in said("run")
    one = talk()
    one.debugger.can_restart = True
    said("run", "run 'a b' c", "run 'a", one=one)
    assert one.debugger.restarted == [None, ["a b", "c"]]


# --- breakpoints ------------------------------------------------------------------------------------


def test_breakpoints_are_made_listed_changed_and_removed() -> None:
    one = talk()
    text = said(
        "b 20 if extra > 3 hits >=2", "tb .", "trap 25 returns if $ret", "catch KeyError user in */x/*", "b",
        "disable 1 2", "enable 2", "condition 1 extra", "condition 1", "ignore 1 3", "cl .", "cl 3 1", "b", one=one,
    )  # fmt: skip
    lines = text.splitlines()
    assert re.fullmatch(r"● 1  \S+test_commands.py:20  Cart.frame  if extra > 3  hits >=2", lines[0])
    assert lines[1].endswith("Cart.frame  once")
    assert lines[2].startswith("◆ 3  ")
    assert lines[2].endswith("Cart.frame  returns  if $ret")
    assert lines[3] == "● 4  catch KeyError user  in */x/*"
    assert [line.split()[1] for line in lines[4:8]] == ["1", "2", "3", "4"]
    assert all("hit 0" in line for line in lines[4:8])
    assert lines[8].startswith("○ 1")
    assert lines[9].startswith("○ 2")
    assert lines[10].startswith("● 2")
    assert lines[11].endswith("if extra  hits >=2  (disabled)")
    assert "if" not in lines[12].split()
    assert "ignore 3" in lines[13]
    assert [line.split()[:2] for line in lines[14:17]] == [["removed", "2"], ["removed", "3"], ["removed", "1"]]
    assert lines[17].split()[:2] == ["●", "4"]
    assert list(one.debugger.points) == [4]


def test_a_log_point_takes_a_message_and_clauses() -> None:
    one = talk()
    said('log 20 "at {extra}" if extra > 3', one=one)
    spec = one.debugger.points[1].spec
    assert (spec.log, spec.location, spec.condition) == ("at {extra}", "20", "extra > 3")


def test_clear_of_everything_asks_where_someone_can_answer() -> None:
    one = talk("b 20", "b 21", interactive=True)
    said("cl", "n", "b", "cl", "y", "b", one=one)
    assert one.debugger.points == {}
    one = talk("b 20", "b 21")
    said("cl", one=one)
    assert one.debugger.points == {}


# --- the others -------------------------------------------------------------------------------------


def test_interact_is_python_only_until_its_end() -> None:
    one = talk()
    text = said("interact", "c = 1", "n", "c + 1", "", "1 /", "exit()", "p 'out'", one=one)
    assert text.splitlines()[1:] == [
        "NameError: name 'n' is not defined", "2", "SyntaxError: invalid syntax", "    1 /", "       ^", "'out'",
    ]  # fmt: skip
    assert one.console.prompts.count(">>> ") == 6


def test_config_sets_what_the_engine_obeys() -> None:
    one = talk()
    assert said("config stop_world = off", "config context 1", "config just_my_code", one=one).splitlines() == [
        "stop_world = false", "context = 1", "just_my_code = true",
    ]  # fmt: skip
    assert one.debugger.options.stop_world is False
    one = talk()
    said("config just_my_code = no", one=one)
    assert one.debugger.mycode.enabled is False


def test_mycode_is_switched_and_takes_globs() -> None:
    one = talk()
    text = said("mycode", "mycode off", "mycode -*/x/*", "mycode +*/y/*", "mycode maybe", one=one)
    assert text.splitlines() == [
        "mycode on", "mycode off", "mycode off  -*/x/*", "mycode off  -*/x/*  +*/y/*",
        "mycode takes on, off, +GLOB or -GLOB",
    ]  # fmt: skip
    assert one.session.settings["just_my_code"] is False
    assert not one.debugger.mycode.is_mine("/a/x/b.py")


def test_help_knows_commands_names_and_python() -> None:
    assert said("h b").startswith("break [LOC]")
    assert said("? next") == said("h n") == said("help next")
    assert "$ret" in said("h names")
    assert "assigns" in said("h python")
    assert said("h nxt") == "no command 'nxt' (did you mean 'next'?)"


@pytest.mark.parametrize("command", ["threads", "thread", "tasks", "task"])
def test_thread_and_task_commands_work_where_there_is_nothing_to_list(command: str) -> None:
    assert "internal error" not in said(command)


def test_a_bare_traceback_can_be_looked_at_without_its_exception() -> None:
    try:
        raise KeyError
    except KeyError as error:
        trace = error.__traceback__
    assert trace is not None
    fields: dict[str, Any] = {"reason": Reason.UNCAUGHT, "post_mortem": True, "traceback": trace}
    text = talk().stop("w", "exceptions", frame=trace.tb_frame, **fields)
    assert text.startswith(f"> {__file__}({trace.tb_lineno})")
    assert text.splitlines()[1].startswith("uncaught  an exception")
    assert "no exception stopped the program here" in text


def test_a_thread_of_threading_s_own_naming_goes_by_its_short_name() -> None:
    assert short_name("Thread-1 (process_request_thread)") == "Thread-1"
    assert short_name("worker-1") == "worker-1"
    assert short_name(" (x)") == " (x)"
