"""Stepping against `bdb`, and against a model of stepping.md, on random programs with random commands.

Every line stop of lowdb is the model's. It is bdb's as well, or the difference has a name in REASONS; there lowdb is
right by the model, and the program is not compared with bdb any further.

LOWDB_DIFFERENTIAL=N runs N programs instead of the everyday number; a failure prints the program, cut
down, and the steps.
"""

from __future__ import annotations

import bdb
import linecache
import opcode
import os
import sys
import weakref
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType

import pytest

from lowdb.engine.breakpoints import Spec
from lowdb.engine.debugger import Debugger, Options
from lowdb.engine.stops import Continue, Next, Notice, Problem, Reason, Resume, StepIn, StepOut, Stop, Until
from lowdb.program.codes import nested
from lowdb.program.paths import canonical
from tests.engine.oracle import Place, Record, TooLong, walk
from tests.engine.random_programs import Command, breakpoint_lines, commands, program

EVERYDAY = 480
COUNT = int(os.environ.get("LOWDB_DIFFERENTIAL", EVERYDAY))
PART = 40
MOST_EVENTS = 1200
GENERATOR = 0x20
RESUME = opcode.opmap["RESUME"]


# --- lowdb -----------------------------------------------------------------------------------------


class Ours:
    """A front end that carries the commands out and notes the stops."""

    def __init__(self, path: str, wanted: list[Command]) -> None:
        self.path = path
        self.rest = list(wanted)
        self.places: list[Place] = []
        self.problems: list[BaseException] = []

    def on_stop(self, stop: Stop) -> Resume:
        try:
            frame = stop.frame
            assert frame.f_code.co_filename == self.path, f"stopped in {frame}"
            self.places.append((frame.f_code.co_qualname, frame.f_lineno, "exit" if stop.exiting else "line"))
            name, up = self.rest.pop(0) if self.rest else ("continue", 0)
            selected = up_from(frame, up, self.path) if up else None
            match name:
                case "step":
                    return StepIn()
                case "next":
                    return Next(selected)
                case "return":
                    return StepOut(selected)
                case "until":
                    return Until(None, selected)
            return Continue()
        except BaseException as error:
            self.problems.append(error)
            return Continue()

    def on_notice(self, notice: Notice) -> None:
        if isinstance(notice, Problem):
            self.problems.append(notice.error)


def up_from(frame: FrameType, up: int, path: str) -> FrameType:
    """`up` frames above in the file `path`, as far as there are some."""
    above = frame
    while up and above.f_back is not None:
        above = above.f_back
        while above is not None and above.f_code.co_filename != path:
            above = above.f_back  # type: ignore[assignment]
        if above is None:
            break
        frame = above
        up -= 1
    return frame


def by_lowdb(code: CodeType, names: dict[str, object], wanted: list[Command], breaks: set[int]) -> list[Place]:
    front = Ours(code.co_filename, wanted)
    debugger = Debugger(front, Options(post_mortem=False))
    debugger.mycode.exclude(str(Path(__file__).parent / "*"))
    debugger.start()
    try:
        debugger.program(code)
        for line in sorted(breaks):
            debugger.add(Spec(filename=code.co_filename, line=line))
        debugger.start_at(code)
        died(code, names)
    finally:
        debugger.close()
    if front.problems:
        raise front.problems[0]
    return front.places


def died(code: CodeType, names: dict[str, object]) -> str | None:
    try:
        exec(code, names)
    except Exception as error:
        return type(error).__name__
    return None


# --- bdb -------------------------------------------------------------------------------------------


class Theirs(bdb.Bdb):
    """bdb as pdb uses it. Stops at calls and returns are passed over, but those that `return` and `until` ask for."""

    def __init__(self, path: str, wanted: list[Command]) -> None:
        super().__init__()
        self.path = path
        self.rest = list(wanted)
        self.places: list[Place] = []
        self.leaving: FrameType | None = None
        self.fresh: list[bool] = []
        """For each stop whether it is the first line of its frame."""
        self.turns: set[tuple[str, int]] = set()
        """Lines at which a line event was taken for a turn of a loop within the line."""
        self._last: dict[int, int] = {}
        self._new = False

    def break_anywhere(self, frame: FrameType) -> bool:
        # since 3.14 bdb does not trace frames that no breakpoint lies in, and then misses what returns to them
        return frame.f_code.co_filename == self.path

    def dispatch_call(self, frame: FrameType, arg: object):
        if frame.f_lasti <= frame.f_code.co_code[::2].index(RESUME) * 2:  # it begins: the id may have been another's
            self._last.pop(id(frame), None)
        return super().dispatch_call(frame, arg)

    def dispatch_line(self, frame: FrameType):
        # settrace tells of each turn of a loop within one line, LINE does not (stepping.md: one stop)
        last = self._last.get(id(frame), 0)
        self._new = not last
        self._last[id(frame)] = frame.f_lineno
        if last == frame.f_lineno and frame.f_code.co_filename == self.path:
            self.turns.add((frame.f_code.co_qualname, last))
            return self.trace_dispatch
        return super().dispatch_line(frame)

    def user_line(self, frame: FrameType) -> None:
        # a class body begins after its header (stepping.md)
        header = not frame.f_code.co_flags & 1 and frame.f_code.co_name != "<module>"
        if frame.f_code.co_filename == self.path and not (header and frame.f_lineno == frame.f_code.co_firstlineno):
            self._stop(frame, "line")

    def user_return(self, frame: FrameType, value: object) -> None:
        if frame is self.leaving:
            self._stop(frame, "exit")

    def _stop(self, frame: FrameType, kind: str) -> None:
        self.leaving = None
        self.fresh.append(kind == "line" and self._new)
        self.places.append((frame.f_code.co_qualname, frame.f_lineno, kind))
        name, up = self.rest.pop(0) if self.rest else ("continue", 0)
        selected = up_from(frame, up, self.path)
        above = up_from(selected, 1, self.path)
        match name:
            case "step":
                self.set_step()
            case "next":
                self.set_next(selected)
            case "return" if kind == "exit" and selected is frame:
                if above is selected:
                    self.set_continue()
                else:
                    self.leaving = above
                    self.set_return(above)
            case "return":
                self.leaving = selected
                self.set_return(selected)
            case "until" if kind == "exit" and selected is frame:
                self.set_next(selected)
            case "until":
                self.leaving = selected
                self.set_until(selected)
            case _:
                self.set_continue()


def by_bdb(code: CodeType, names: dict[str, object], wanted: list[Command], breaks: set[int]) -> Theirs:
    reference = Theirs(code.co_filename, wanted)
    for line in breaks:
        reference.set_break(code.co_filename, line)
    tracing = sys.gettrace()
    try:
        reference.run(code, names)
    except Exception:
        pass
    finally:
        sys.settrace(tracing)
        reference.clear_all_breaks()
        bdb.Breakpoint.clearBreakpoints()
    return reference


# --- the differences that have a reason ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Difference:
    """The first place at which bdb and lowdb differ, and what led there."""

    command: Command
    before: Place
    theirs: Place | None
    ours: Place | None
    fresh: bool
    """bdb stopped at the first line of a frame."""
    turns: set[tuple[str, int]]
    """Lines at which bdb's event was taken for a turn of a loop within the line."""
    breaks: set[int]
    generators: frozenset[str]
    """The functions of the program that are generators."""


def _generator_end(d: Difference) -> bool:
    return d.before[0] in d.generators or (d.ours is not None and d.ours[0] in d.generators)


def _closed_on_the_way(d: Difference) -> bool:
    return d.command[0] in ("next", "until") and d.theirs is not None and d.theirs[0] in d.generators


def _rest_of_the_line(d: Difference) -> bool:
    return d.command[0] in ("next", "until") and d.fresh


def _line_of_the_command(d: Difference) -> bool:
    name, up = d.command
    return d.ours is not None and d.ours[1] in d.breaks and name != "step" and (up > 0 or d.ours == d.before)


def _turn_of_a_line(d: Difference) -> bool:
    return d.ours is not None and d.ours[:2] in d.turns


REASONS: dict[str, Callable[[Difference], bool]] = {
    # bdb passes over the return events of generators and then runs away: next at the last line of one, return and until
    # in one, or out to one, find nothing to stop at. lowdb ends the step in the consumer (rivals.md 6).
    "past a generator's end": _generator_end,
    # Where a frame ends, bdb's next becomes a step: in f(1) + g(2), next at the end of f goes into g, or into the
    # __exit__ of a with statement. lowdb's goes to the caller's next line (stepping.md, step over).
    "into the rest of the caller's line": _rest_of_the_line,
    # The same where the frame that ends held the last reference to a generator: bdb's next stops in its `finally`.
    "into a generator that is closed on the way": _closed_on_the_way,
    # Since 3.13.6 bdb passes over the command's own line until another has stopped (python/cpython#136057), also where
    # a loop comes back to a breakpoint there. lowdb stops: a breakpoint met on the way ends the step.
    "a breakpoint at the line that the command was given at": _line_of_the_command,
    # settrace tells of each turn of a loop within one line, and the test takes an event at the line that the frame is
    # on for such a turn. It may be the clean-up of a comprehension that an exception leaves, which is a LINE.
    "a line that comes twice": _turn_of_a_line,
}
"""The name of each reason; what bdb does there and what lowdb does stands above it."""


# --- the comparison --------------------------------------------------------------------------------


@dataclass(slots=True)
class Outcome:
    fault: str | None
    compared: int = 0
    """Stops that bdb agreed with."""
    reason: str | None = None


def compare(text: str, wanted: list[Command], breaks: set[int], path: Path) -> Outcome:
    """Run the program four times: bare under the record, under lowdb, under bdb; tell what does not agree."""
    path.write_text(text, encoding="utf-8")
    filename = canonical(str(path))
    code = compile(text, filename, "exec", dont_inherit=True)

    def names() -> dict[str, object]:
        return {"__name__": "program", "__file__": filename}

    bare, debugged = names(), names()
    record = Record(code, bare, MOST_EVENTS)
    model = walk(record, wanted, breaks)
    # code of its own: what one run left in the adaptive bytecode is not the next one's
    ours = by_lowdb(compile(text, filename, "exec", dont_inherit=True), debugged, wanted, breaks)
    if repr(bare.get("log")) != repr(debugged.get("log")):
        return Outcome(f"the program did something else:\n  bare  {bare.get('log')}\n  lowdb {debugged.get('log')}")
    open_end = bool(model) and model[-1] is None
    sure = model[:-1] if open_end else model
    mine = ours[: len(sure)] if open_end else ours
    if mine != sure:
        return Outcome(told("model", sure, ours, wanted))
    reference = by_bdb(compile(text, filename, "exec", dont_inherit=True), names(), wanted, breaks)
    theirs = reference.places
    linecache.clearcache()
    if theirs == ours or (open_end and theirs[: len(sure)] == sure):
        return Outcome(None, len(sure))
    at = first_difference(theirs, ours)
    if open_end and at >= len(sure):
        return Outcome(None, at)
    generators = frozenset(inner.co_qualname for inner in nested(code) if inner.co_flags & GENERATOR)
    difference = Difference(
        wanted[at - 1] if at - 1 < len(wanted) else ("continue", 0),
        ours[at - 1],
        theirs[at] if at < len(theirs) else None,
        ours[at] if at < len(ours) else None,
        at < len(theirs) and reference.fresh[at],
        reference.turns,
        breaks,
        generators,
    )
    for name, holds in REASONS.items():
        if holds(difference):
            return Outcome(None, at, name)
    return Outcome(f"a difference without a reason: {difference}\n" + told("bdb", theirs, ours, wanted), at)


def first_difference(one: list, other: list) -> int:
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def told(name: str, expected: list, ours: list, wanted: list[Command]) -> str:
    at = first_difference(expected, ours)
    steps = [*wanted, *[("continue", 0)] * (at + 1)]
    lines = [
        f"  {place} {steps[i][0]}{' up ' + str(steps[i][1]) if steps[i][1] else ''}"
        for i, place in enumerate(ours[:at])
    ]
    lines.append(f"  {name}: {expected[at] if at < len(expected) else 'the end'}")
    lines.append(f"  lowdb: {ours[at] if at < len(ours) else 'the end'}")
    return f"lowdb and {name} differ:\n" + "\n".join(lines)


def check(seed: int, directory: Path) -> Outcome | None:
    """One program. None: it is too long to be of use."""
    text = program(seed)
    wanted = commands(seed, 30)
    breaks = breakpoint_lines(text, seed)
    path = directory / f"program_{seed}.py"
    try:
        outcome = compare(text, wanted, breaks, path)
    except TooLong:
        return None
    if outcome.fault:
        cut, breaks, outcome = shrink(text, wanted, breaks, path, outcome)
        numbered = "\n".join(f"{n:3}{'●' if n in breaks else ' '} {line}" for n, line in enumerate(cut.splitlines(), 1))
        outcome.fault = f"seed {seed}\n{outcome.fault}\n{numbered}"
    return outcome


def shrink(
    text: str, wanted: list[Command], breaks: set[int], path: Path, outcome: Outcome
) -> tuple[str, set[int], Outcome]:
    """Leave out lines with their blocks, as long as the same kind of fault is there."""
    kind = (outcome.fault or "").split(":")[0]
    lines = text.splitlines()
    at = 0
    budget = 150
    while at < len(lines) and budget:
        indent = len(lines[at]) - len(lines[at].lstrip())
        end = at + 1
        while end < len(lines) and len(lines[end]) - len(lines[end].lstrip()) > indent:
            end += 1
        less = lines[:at] + lines[end:]
        moved = {n if n <= at else n - (end - at) for n in breaks if not at < n <= end}
        if not moved or lines[at].endswith(" += 1"):  # a loop without its count does not end
            at += 1
            continue
        budget -= 1
        try:
            again = compare("\n".join(less) + "\n", wanted, moved, path)
        except Exception:
            at += 1
            continue
        if again.fault and again.fault.split(":")[0] == kind:
            lines, breaks, outcome = less, moved, again
        else:
            at += 1
    return "\n".join(lines) + "\n", breaks, outcome


@pytest.fixture
def unraisable_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some of the programs swallow a GeneratorExit."""
    monkeypatch.setattr(sys, "unraisablehook", lambda unraisable: None)


@pytest.mark.usefixtures("unraisable_is_silent")
@pytest.mark.parametrize("start", range(0, COUNT, PART))
def test_random_steps_come_where_the_model_and_bdb_come(start, tmp_path):
    compared = Counter()
    for seed in range(start, min(start + PART, COUNT)):
        outcome = check(seed, tmp_path)
        if outcome is None:
            compared["too long"] += 1
            continue
        assert outcome.fault is None, outcome.fault
        compared["stops"] += outcome.compared
        compared[outcome.reason or "no difference"] += 1
    # bdb agreed with most of it
    assert compared["stops"] > 5 * PART, compared
    assert compared["no difference"] > 0.6 * PART, compared


# --- where pdb is known to be wrong (rivals.md 6): lowdb is right ----------------------------------


def up(stop: Stop) -> FrameType:
    assert stop.frame.f_back is not None
    return stop.frame.f_back


def test_up_and_next_runs_until_that_frame_is_at_its_next_line(inside):
    program = inside.load("""
        def inner(n):
            n += 1  # @inner
            return n  # @inner_return

        def middle(n):
            n = inner(n)
            return n  # @middle_return

        def outer():
            a = middle(1)
            return a  # @outer_return

        outer()
    """)
    inside.debugger.start()
    inside.debugger.program(program.code)
    inside.add(program, "inner", temporary=True)
    inside.play(program, lambda stop: Next(up(stop)), lambda stop: Next(up(stop)))
    assert inside.at() == ["inner", "middle_return", "outer_return"]


def test_up_twice_and_next_out_of_a_recursion_finds_the_one_frame(inside):
    program = inside.load("""
        def down(n):
            if n == 0:
                return 0  # @bottom
            below = down(n - 1)
            return below + 1  # @return

        down(5)
    """)
    inside.debugger.start()
    inside.debugger.program(program.code)
    inside.add(program, "bottom", temporary=True)
    depths: list[int] = []

    def note(stop: Stop) -> None:
        depths.append(stop.frame.f_locals["n"])

    inside.play(program, lambda stop: Next(up(stop).f_back.f_back), note)
    assert inside.at() == ["bottom", "return"]
    assert depths == [3]


GENERATORS = """
    def numbers(n):
        for i in range(n):  # @for
            yield i  # @yield
        n = 0  # @last

    def take():
        total = 0
        for k in numbers(2):  # @take
            total += k  # @add
        return total  # @total

    def spread():
        yield from numbers(1)  # @delegate
        yield 9  # @nine

    def collect():
        found = list(spread())
        return found  # @found

    class Closes:
        def __init__(self, things):
            self.things = things

    def drop():
        things = guarded()
        next(things)  # @first
        del things  # @del
        return 1  # @dropped

    def guarded():
        try:
            yield 1  # @guarded
        finally:
            log.append("closed")  # @finally

    def hand_on():
        things = failing()
        next(things)
        return catch(things)  # @hand_on

    def catch(things):
        try:
            next(things)
        except ValueError:  # @except
            return 2  # @caught

    def failing():
        yield 1  # @failing
        raise ValueError(1)  # @raise

    def close():
        things = plain()
        next(things)
        things.close()  # @close
        return 3  # @closed

    def plain():
        yield 1  # @plain
        yield 2

    log = []
"""


def stepped(inside, call: str, mark: str, *answers: Resume) -> list[str | int]:
    program = inside.load(GENERATORS)
    program.run()
    if not inside.debugger.running:
        inside.debugger.start()
    inside.add(program, mark, temporary=True)
    inside.front.answers = list(answers)
    program.names[call]()
    inside.check()
    return inside.at()


def test_next_past_a_generators_end_stops_in_its_consumer(inside):
    assert stepped(inside, "take", "last", Next(), Next()) == ["last", "total"]


def test_next_at_a_yield_waits_for_the_generators_next_line(inside):
    assert stepped(inside, "take", "yield", Next(), Next(), Next(), Next()) == [
        "yield", "for", "yield", "for", "last",
    ]  # fmt: skip


def test_next_past_the_end_of_a_generator_that_another_delegates_to(inside):
    assert stepped(inside, "collect", "last", Next(), Next(), Next()) == ["last", "nine", "found"]


def test_return_in_a_generator_runs_to_its_exit_not_to_its_next_yield(inside):
    assert stepped(inside, "take", "for", StepOut(), Next()) == ["for", "last", "total"]
    assert [seen.reason for seen in inside.front.seen] == [Reason.BREAKPOINT, Reason.RETURNS, Reason.STEP]


def test_until_in_a_generator_runs_its_loop_out(inside):
    assert stepped(inside, "take", "yield", Until(), Until()) == ["yield", "last", "last"]


def test_next_in_a_generator_that_the_consumer_drops_runs_its_finally_and_ends_in_the_consumer(inside):
    assert stepped(inside, "drop", "guarded", Next(), Next(), Next()) == ["guarded", "finally", "dropped"]


def test_next_in_a_generator_that_is_closed_without_running_ends_in_the_consumer(inside):
    # in 3.13.0 such a close has no event at all
    assert stepped(inside, "close", "plain", Next(), Next()) == ["plain", "closed"]


def test_next_in_a_generator_that_is_handed_on_ends_where_its_exception_is_caught(inside):
    assert stepped(inside, "hand_on", "failing", Next(), Next(), Next()) == ["failing", "raise", "except", "caught"]


def test_step_from_a_yield_goes_to_the_consumer_and_back(inside):
    assert stepped(inside, "take", "yield", StepIn(), StepIn(), StepIn()) == ["yield", "add", "take", "for"]


def test_a_step_that_is_over_keeps_nothing_of_the_program_alive(inside):
    ended: list[str] = []
    program = inside.load(
        """
        class Thing:
            def __del__(self):
                ended.append("thing")

        def holds():
            thing = Thing()
            return 1  # @return

        def main():
            holds()
            ended.append("after")

        main()
        """,
        ended=ended,
    )
    inside.debugger.start()
    inside.debugger.program(program.code)
    inside.add(program, "return")
    inside.play(program, Continue())
    assert ended == ["thing", "after"]


def test_a_finished_step_in_a_thread_keeps_none_of_its_frames(inside):
    program = inside.load(
        """
        import threading

        class Thing:
            pass

        def work():
            thing = Thing()
            kept.append(weakref.ref(thing))
            return 1  # @return

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        """,
        weakref=weakref,
        kept=(kept := []),
    )
    inside.debugger.start()
    inside.debugger.program(program.code)
    inside.add(program, "return")
    inside.play(program, Next())
    assert inside.at() == ["return"]
    assert kept[0]() is None


def test_step_goes_back_to_the_generator_that_delegates_to_one_that_ends_without_a_line(inside):
    program = inside.load("""
        def inner(n):
            yield n  # @inner

        def outer(n):
            total = yield from inner(n)
            yield total  # @outer

        def main():
            return sum(k or 0 for k in outer(1))

        def plain():
            return list(outer(1))

        plain()
    """)
    inside.debugger.start()
    inside.debugger.program(program.code)
    inside.add(program, "inner", temporary=True)
    inside.play(program, StepIn(), Continue())
    assert inside.at() == ["inner", "outer"]


def test_step_at_an_exit_goes_into_what_the_rest_of_the_callers_line_calls_and_next_does_not(inside):
    program = inside.load("""
        def one():
            return 1  # @one

        def two():
            return 2  # @two

        def main():
            a = one() + two()
            return a  # @return

        main()
        main()
    """)
    inside.debugger.start()
    inside.debugger.program(program.code)
    inside.add(program, "one")
    inside.play(program, StepOut(), StepIn(), Continue(), StepOut(), Next(), Continue())
    assert inside.at() == ["one", "one", "two", "one", "one", "return"]


def test_return_at_the_modules_exit_is_the_end(inside):
    program = inside.load("a = 1  # @a\nb = 2  # @b\n")
    inside.play(program, StepOut(), StepOut(), StepOut(), first=True)
    assert [(seen.at, seen.reason) for seen in inside.front.seen] == [("a", Reason.START), ("b", Reason.RETURNS)]


def test_a_step_through_a_generator_that_is_closed_by_its_death_spoils_no_memory(run, tmp_path):
    # a weak reference that is made to a generator while it dies is never cleared: freed memory is read later
    path = tmp_path / "program.py"
    path.write_text("""\
def numbers():
    try:
        yield 1
    except GeneratorExit:
        pass
    yield 2


for turn in range(20):
    next(numbers())
    kept = [object() for _ in range(50)]
print("survived")
""")
    commands = "\n".join(["b 6", *["c", "n", "n", "n"] * 20, "clear 1", "c"])
    done = run("-m", "lowdb", "--ui", "plain", str(path), input=commands, env={"PYTHONMALLOC": "debug"})
    assert done.status == 0, done.err
    assert "survived" in done.out
