"""The conversation: what an entry does, what stays of a stop, lists of commands, repeats, the end of input."""

from __future__ import annotations

import gc
import sys
import weakref
from typing import Any

import pytest

from lowdb.engine.stops import (
    Continue,
    Detach,
    Exited,
    Finished,
    Next,
    Notice,
    Problem,
    Quit,
    Reason,
    StepIn,
    StepOut,
    Until,
)
from lowdb.repl.registry import commands as registry
from tests.repl.talk import talk


def last(text: str) -> str:
    return text.splitlines()[-1] if text else ""


def said(*lines: object, **fields: Any) -> str:
    """All that is said after the stop block, with locals x, c and n at hand."""
    x, c, n = [1, 2, 3], 7, 8  # noqa: F841 - looked at from the prompt
    one = talk()
    whole = one.stop("'~~~'", *lines, **fields)
    return whole.rpartition("\n'~~~'\n")[2].rstrip("\n")


# --- command or Python (repl.md, section 3) ---------------------------------------------------------


def test_an_expression_shows_its_value_and_none_shows_nothing() -> None:
    assert said("x") == "[1, 2, 3]"
    assert said("len(x) + 1") == "4"
    assert said("None") == ""


def test_an_exclamation_mark_reads_a_variable_that_a_command_hides() -> None:
    assert said("!c") == "7"
    assert said("p c") == "7"


def test_an_assignment_to_a_name_like_a_command_changes_the_variable() -> None:
    assert said("c = 3", "!c") == "3"
    assert said("n += 2", "p n") == "10"


def test_a_statement_runs_and_an_open_block_goes_on_until_an_empty_line() -> None:
    one = talk()
    total = 0
    one.stop("for i in range(4):", "    total += i", "", "c")
    assert total == 6
    assert one.console.prompts == ["(lowdb) ", "... ", "... ", "(lowdb) "]


def test_an_open_bracket_goes_on_without_an_empty_line() -> None:
    assert said("[x,", "c]", "c = 1") == "[[1, 2, 3], 7]"


def test_a_nested_scope_sees_the_locals() -> None:
    assert said("p sum(i * n for i in x)") == "48"


def test_a_word_with_an_argument_that_is_neither_command_nor_python() -> None:
    assert said("frobnicate x") == "no command 'frobnicate' (did you mean 'frame'?)"
    assert said("brea 12") == "no command 'brea' (did you mean 'break'?)"
    assert said("zzzzzzz 1 2") == "no command 'zzzzzzz' (h lists them)"


def test_a_lone_unknown_word_is_a_name_error_with_a_guess() -> None:
    assert said("contineu") == ("NameError: name 'contineu' is not defined (did you mean the command 'continue'?)")


def test_python_that_does_not_compile_gets_a_caret() -> None:
    assert said("x + * 2").splitlines() == ["SyntaxError: invalid syntax", "    x + * 2", "        ^"]
    assert said("if x").startswith("SyntaxError: expected ':'")


def test_two_semicolons_do_one_after_the_other() -> None:
    assert said("p 1;; p ';;';; p 2") == "1\n';;'\n2"


def test_what_follows_a_step_on_its_line_is_done_at_the_next_stop() -> None:
    one = talk()
    one.stop("n;; p 'here'")
    assert type(one.resume) is Next
    assert last(one.stop("c", reason=Reason.STEP)) == "'here'"
    assert type(one.resume) is Continue


def test_a_comment_does_nothing() -> None:
    assert said("# nothing", "  # nothing") == ""


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("n", Next), ("s", StepIn), ("r", StepOut), ("return", StepOut), ("unt", Until), ("c", Continue),
        ("q", Quit), ("q!", Quit), ("detach", Detach), ("s!", StepIn), ("next 2", Next), ("s helper", StepIn),
    ],
)  # fmt: skip
def test_a_resuming_command_answers_its_resume(line: str, kind: type) -> None:
    one = talk()
    one.stop(line)
    assert type(one.resume) is kind


def test_s_with_a_name_steps_into_that_call_only() -> None:
    one = talk()
    one.stop("s Cart.checkout")
    assert one.resume == StepIn(target="Cart.checkout")
    one.stop("s!")
    assert one.resume == StepIn(anywhere=True)
    one.stop("q!")
    assert one.resume == Quit(now=True)


# --- errors stay at the prompt ----------------------------------------------------------------------


class Nasty(Exception):
    def __str__(self) -> str:
        raise RuntimeError


def nasty() -> None:
    raise Nasty


def test_an_expression_that_raises_is_one_line() -> None:
    assert said("p 1 / 0") == "ZeroDivisionError: division by zero"
    assert said("x.nothing").startswith("AttributeError: 'list' object has no attribute 'nothing'")
    assert said("raise ValueError('a\\nb')") == "ValueError: a b"
    assert "Nasty: <str raised RuntimeError>" in talk().stop("nasty()")
    assert said("raise SystemExit") == "SystemExit"


def test_ctrl_c_on_a_terminal_is_answered_below_the_echo() -> None:
    one = talk(interactive=True)
    assert one.stop("raise KeyboardInterrupt", "c").endswith("\n\n(cancelled)\n")
    assert one.stop("c", reason=Reason.PAUSE).startswith("\n> ")


def test_a_variable_without_a_value_yet_is_told_in_plain_words() -> None:
    assert "NameError: local variable 'later' has no value yet" in talk().stop("p later")
    later = 1
    assert later


def test_ctrl_c_in_an_evaluation_cancels_it_and_the_stop_stays() -> None:
    def loop() -> None:
        raise KeyboardInterrupt

    one = talk()
    assert "(cancelled)\n'still here'" in one.stop("loop()", "p 'still here'", "c")
    assert loop is not None
    assert type(one.resume) is Continue


def test_ctrl_c_at_the_prompt_asks_again() -> None:
    one = talk()
    assert "q ends the program" in one.stop(KeyboardInterrupt(), "c")
    assert type(one.resume) is Continue


def test_an_error_inside_a_command_is_a_problem_and_the_prompt_comes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    command = registry.get("where")
    assert command is not None

    def broken(session: object, rest: str) -> None:
        raise LookupError("oops")

    monkeypatch.setattr(command, "function", broken)
    one = talk()
    text = one.stop("w", "p 2", "c")
    assert "lowdb: internal error: LookupError: oops in broken, test_session.py:" in text
    assert text.endswith("2\n")


def test_an_error_while_the_stop_is_shown_leaves_a_prompt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lowdb.repl.opening.stop_view", lambda *_: 1 / 0)
    one = talk()
    assert "lowdb: internal error: ZeroDivisionError" in one.stop("p 2", "c")
    assert type(one.resume) is Continue


def test_a_large_value_is_cut_and_says_how_to_see_it_all() -> None:
    assert said("list(range(1000))") == "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, … 990 more]   (p -f shows all)"
    whole = said("p -f list(range(1000))")
    assert "999" in whole
    assert "…" not in whole
    assert len(said("p 'y' * 5_000_000")) < 3000
    assert said("p 'y' * 1000") == repr("y" * 1000)


def test_the_depth_may_be_given() -> None:
    assert said("p -d 1 [[1, [2]]]") != said("p -d 5 [[1, [2]]]") == "[[1, [2]]]"


# --- $names -----------------------------------------------------------------------------------------


def test_the_names_of_a_return() -> None:
    text = said("p $ret + 1", "$_retval", "retval", "p $thread", "$frame is $_frame", reason=Reason.RETURNS, value=41)
    assert text.splitlines() == ["42", "41", "$ret = 41", "'MainThread'", "True"]


def test_the_names_of_an_exception() -> None:
    error = KeyError("k")
    assert said("p $exc.args", "$_exception is $exc", reason=Reason.RAISED, exception=error) == "('k',)\nTrue"


def test_what_a_step_came_out_of_is_known() -> None:
    text = talk().stop("$ret", "c", reason=Reason.STEP, finished=Finished("f", 5))
    assert "f returned 5" in text
    assert last(text) == "5"


def test_a_name_that_means_nothing_here_says_where_it_would() -> None:
    assert said("p $ret") == "$ret is known where a function returns (r goes there)"
    assert said("p $exc") == "$exc is known where an exception stopped the program"
    assert said("p $nope").splitlines()[0].startswith("no name $nope ($ret, $exc")
    assert said("p '$nope'") == "'$nope'"


def test_the_names_of_a_breakpoint() -> None:
    one = talk("b 12")
    one.stop("c")
    assert one.stop("$bp, $hits", "c", reason=Reason.BREAKPOINT, hits=(one.hit(1),)).endswith("(1, 1)\n")


# --- repeats ----------------------------------------------------------------------------------------


def test_a_count_shows_only_the_last_of_the_steps() -> None:
    one = talk()
    one.stop("n 3")
    assert type(one.resume) is Next
    for _ in range(2):
        one.resume = None
        assert one.stop(reason=Reason.STEP) == ""
        assert type(one.resume) is Next
    assert "step" in one.stop("c", reason=Reason.STEP)


def test_another_stop_ends_the_counting() -> None:
    one = talk("b 12")
    one.stop("n 30")
    assert "breakpoint 1" in one.stop("c", reason=Reason.BREAKPOINT, hits=(one.hit(1),))
    assert "step" in one.stop("c", reason=Reason.STEP)


def test_an_empty_line_repeats_steps_and_moves_but_nothing_else() -> None:
    one = talk()
    one.stop("n")
    one.stop("", reason=Reason.STEP)
    assert type(one.resume) is Next
    one.stop("p 1", "", "c", reason=Reason.STEP)
    assert one.told() == ""
    assert type(one.resume) is Continue
    one.stop("", "s", reason=Reason.STEP)  # c is not repeated
    assert type(one.resume) is StepIn


# --- the end of input, q ----------------------------------------------------------------------------


def test_the_end_of_input_lets_the_program_run_and_asks_no_more() -> None:
    one = talk()
    one.stop()
    assert type(one.resume) is Detach
    prompts = len(one.console.prompts)
    assert one.stop() == ""
    assert type(one.resume) is Detach
    assert len(one.console.prompts) == prompts


def test_q_asks_only_in_a_foreign_program_at_a_terminal() -> None:
    one = talk(asks=True, interactive=True)
    one.stop("q", "n", "q", "y")
    assert type(one.resume) is Quit
    assert sum("end the program?" in prompt for prompt in one.console.prompts) == 2
    for one in (talk(asks=True), talk(interactive=True)):
        one.stop("q")
        assert type(one.resume) is Quit
        assert one.console.prompts == ["(lowdb) "]


# --- start-up commands and lists --------------------------------------------------------------------


def test_start_up_commands_run_at_the_first_stop_and_go_on_at_the_next() -> None:
    one = talk("p 1", "# a comment", "", "c", "p 2", "q")
    assert "1\n" in one.stop()
    assert type(one.resume) is Continue
    assert one.session.unread() == ["p 2", "q"]
    assert one.stop(reason=Reason.STEP).endswith("\n(lowdb) p 2\n2\n(lowdb) q\n")
    assert type(one.resume) is Quit
    assert one.console.prompts == []


def test_the_banner_comes_once() -> None:
    one = talk(banner="lowdb 0.1")
    assert one.stop("c").startswith("lowdb 0.1\n> ")
    assert one.stop("c").startswith("> ")


def test_a_do_clause_runs_at_the_breakpoint() -> None:
    one = talk("b 12 do p 'one';; c")
    one.stop("c")
    text = one.stop(reason=Reason.BREAKPOINT, hits=(one.hit(1),))
    assert last(text) == "'one'"
    assert type(one.resume) is Continue


def test_a_do_clause_is_a_list_as_commands_takes_it() -> None:
    one = talk()
    one.stop("b 3 do silent;; p 'a;; b';; b 4 do p 1;; p 2", "c")
    assert one.session.command_lists == {1: ["silent", "p 'a;; b'", "b 4 do p 1;; p 2"]}
    text = one.stop(reason=Reason.BREAKPOINT, hits=(one.hit(1),))
    assert text.startswith("'a;; b'\n● 2 ")


def test_commands_are_read_up_to_end_and_silent_hides_the_stop() -> None:
    one = talk("b 12")
    one.stop("commands 1", "silent", "p 'quiet'", "if True:", "    print", "", "c", "end", "c")
    assert one.session.command_lists == {1: ["silent", "p 'quiet'", "if True:", "    print", "", "c"]}
    assert one.stop(reason=Reason.BREAKPOINT, hits=(one.hit(1),)) == "'quiet'\n"
    assert type(one.resume) is Continue
    one.stop("commands 1", "end", "c")
    assert one.session.command_lists == {}


def test_a_removed_breakpoint_takes_its_list_along() -> None:
    one = talk("b 12 do c", "cl 1")
    one.stop("c")
    assert one.session.command_lists == {}


def test_aliases_fill_in_their_arguments() -> None:
    one = talk("alias pl p len(%1)", "alias two p 1;; p 2", "alias add p %1 + %2", "alias all p [%*]")
    one.stop("c")
    assert one.stop("pl 'abc'", "c").splitlines()[-1] == "3"
    assert one.stop("two", "c").splitlines()[-2:] == ["1", "2"]
    assert last(one.stop("add 1 2", "c")) == "3"
    assert last(one.stop("all 1, 2", "c")) == "[1, 2]"
    assert "wants 2 arguments" in one.stop("add 1", "c")
    one.stop("alias a1 a2", "alias a2 a1", "c")
    assert "without end" in one.stop("a1", "c")
    assert "no alias 'a9'" in one.stop("unalias a1", "unalias a9", "c")
    assert "a1" not in one.session.lines.aliases


def test_the_history_holds_what_was_typed() -> None:
    one = talk("p 0")
    text = one.stop("p 1", " p 2", "history", "c")
    assert text.splitlines()[-2:] == ["1  p 1", "2  history"]


# --- displays ---------------------------------------------------------------------------------------


def test_undisplay_of_what_is_not_displayed_says_so() -> None:
    assert said("undisplay x") == "not displayed: x"


# --- notices ----------------------------------------------------------------------------------------


def test_a_notice_is_shown_at_once_unless_a_prompt_is_open() -> None:
    one = talk()
    one.session.on_notice(Notice("breakpoint 1 is bound"))
    assert one.told() == "breakpoint 1 is bound\n"
    one.session.on_notice(Problem("error inside", ValueError()))
    assert one.told() == "lowdb: error inside\n"
    meanwhile: list[str] = []

    def typed() -> str:
        before = one.console.text
        one.session.on_notice(Notice("later"))
        meanwhile.append(one.console.text[len(before) :])
        return "p 'next'"

    assert one.stop(typed, "c").endswith("'next'\nlater\n")
    assert meanwhile == [""]


def test_the_end_is_told_with_its_status_but_not_after_detach() -> None:
    one = talk()
    one.session.on_notice(Exited("", 3))
    assert one.told() == "the program ended with exit status 3\n"
    one.stop()
    one.told()
    one.session.on_notice(Exited("", 4))
    assert one.told() == "the program ended with exit status 4\n"
    one = talk()
    one.stop("detach")
    one.told()
    one.session.on_notice(Exited("", 4))
    assert one.told() == ""


# --- nothing is kept, nothing gets out --------------------------------------------------------------


class Thing:
    pass


def test_nothing_of_a_stop_is_kept_when_the_program_goes_on() -> None:
    one = talk()
    gone = []

    def stopped() -> None:
        thing = Thing()
        gone.append(weakref.ref(thing))
        error = KeyError(thing)
        one.stop(
            "w", "u", "d", "lo", "a", "p thing", "thing", "p thing.nothing", "1 / 0", "display thing", "inspect thing",
            "exceptions", "interact", "thing", "exit()", "nothing here", "p )", "n",
            frame=sys._getframe(), reason=Reason.RETURNS, value=thing, exception=error,
        )  # fmt: skip

    was_on = gc.isenabled()
    gc.disable()
    try:
        stopped()
        assert gone[0]() is None
    finally:
        if was_on:
            gc.enable()


def test_ctrl_c_while_a_stop_is_shown_or_a_list_is_done_leaves_the_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("lowdb.repl.opening.stop_view", interrupted)
        one = talk()
        assert one.stop("p 2", "c").endswith("(cancelled)\n2\n")
        assert type(one.resume) is Continue
    with monkeypatch.context() as patch:
        patch.setattr("lowdb.repl.doing.split", interrupted)
        patch.setattr("lowdb.repl.doing.own_fault", interrupted)
        assert one.stop("p 2").endswith("(cancelled)\n\n")
        assert type(one.resume) is Detach


def test_the_child_of_a_fork_at_the_prompt_leaves_the_prompt_to_its_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    ids = iter([1, 2, 3])
    monkeypatch.setattr("lowdb.repl.evaluation._getpid", lambda: next(ids))
    one = talk()
    assert not one.stop("p chr(65) * 3", "p 'never'").endswith("'AAA'\n")
    assert list(one.console.lines) == ["p 'never'"]
    assert type(one.resume) is Continue


def test_an_open_block_in_a_list_does_not_swallow_what_is_typed_next() -> None:
    one = talk("b 12 do for i in (1, 2):")
    one.stop("c")
    one.stop("c", reason=Reason.BREAKPOINT, hits=(one.hit(1),))
    assert type(one.resume) is Continue
    assert one.console.prompts == ["(lowdb) ", "(lowdb) "]


def test_a_new_breakpoint_is_marked_where_the_same_line_was_shown_before() -> None:
    one = talk()
    for expected in (" > ", "●> "):
        text = one.stop("b .", "c", reason=Reason.STEP)  # one line, seen twice
        assert f"\n{expected}" in text
