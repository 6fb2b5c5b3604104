"""Threads at a stop: the others stand still, and go on afterwards; pause; one stop at a time; handing over."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from lowdb.engine import world
from lowdb.engine.stops import Continue, Next, Reason, Resume, StepIn, Stop
from tests.engine.inside import Inside, Program, armed

LONG = 10.0


def until(condition: Callable[[], object], what: str = "") -> None:
    """Wait for it; a failure where it does not come."""
    end = time.monotonic() + LONG
    while not condition():
        assert time.monotonic() < end, what or "it did not come"
        time.sleep(0.002)


def stands_still(count: list[int]) -> bool:
    before = count[0]
    time.sleep(0.05)
    return count[0] == before


COUNTING = """
    import threading, time

    count = [0]
    done = False

    def plain():
        while not done:
            count[0] += 1

    def one_line():
        while not done: count[0] += 1

    def calls():
        while not done:
            add()

    def add():
        count[0] += 1

    def generates():
        for n in endless():
            if done:
                break

    def endless():
        while True:
            count[0] += 1
            yield count

    def sleeps():
        while not done:
            time.sleep(0.01)
            count[0] += 1

    def waits():
        lock = threading.Lock()
        lock.acquire()
        while not done:
            lock.acquire(timeout=0.01)
            count[0] += 1

    def raises():
        while not done:
            try:
                raise ValueError
            except ValueError:
                count[0] += 1

    def runs_c():
        while not done:
            sorted(range(2000), key=lambda n: -n)
            count[0] += 1

    def main(*kinds):
        global done
        done = False
        threads = [threading.Thread(target=globals()[kind], daemon=True) for kind in kinds]
        for thread in threads:
            thread.start()
        while count[0] < 100:
            time.sleep(0.001)
        here(threads)  # @here
        before = count[0]
        after(threads)  # @after
        end = time.monotonic() + 10
        while count[0] == before and time.monotonic() < end:
            time.sleep(0.001)
        went_on = count[0] > before
        done = True
        for thread in threads:
            thread.join(10)
        return went_on and not any(thread.is_alive() for thread in threads)
"""
KINDS = ["plain", "one_line", "calls", "generates", "sleeps", "waits", "raises", "runs_c"]


def counting(inside: Inside, here: Callable[..., object] = id, after: Callable[..., object] = id) -> Program:
    program = inside.load(COUNTING, here=here, after=after)
    inside.debugger.start()
    inside.debugger.program(program.code)
    program.run()
    return program


@pytest.mark.parametrize("kind", KINDS)
def test_the_other_thread_stands_still_while_one_is_stopped_and_goes_on_afterwards(inside: Inside, kind):
    program = counting(inside)
    count = program.names["count"]

    def look(stop: Stop) -> None:
        # a thread of an earlier test may still be about to end: it is held as well
        until(lambda: inside.debugger.world.held and stands_still(count), "the other thread is not held")
        assert stands_still(count)
        assert {"held", "stopped"} <= {state.state for state in inside.debugger.threads()}

    inside.add(program, "here")
    inside.front.answers = [look]
    assert program.names["main"](kind)
    inside.check()
    assert inside.at() == ["here"]
    assert armed(program.codes()) != []
    inside.debugger.remove(1)
    assert armed(program.codes()) == []


def test_many_threads_stand_still_over_several_stops(inside: Inside):
    program = counting(inside)
    count = program.names["count"]

    def look(stop: Stop) -> Next:
        until(lambda: len(inside.debugger.world.held) == 4, f"held: {inside.debugger.world.held}")
        assert stands_still(count)
        return Next()

    inside.add(program, "here")
    inside.front.answers = [look, look, look]
    assert program.names["main"]("plain", "calls", "generates", "raises")
    inside.check()


def test_with_the_option_off_the_other_threads_run_on(inside: Inside):
    program = counting(inside)
    inside.debugger.options.stop_world = False
    count = program.names["count"]
    inside.add(program, "here")

    def look(stop: Stop) -> None:
        before = count[0]
        until(lambda: count[0] > before + 10)

    inside.front.answers = [look]
    assert program.names["main"]("plain")
    inside.check()


def test_an_evaluation_that_waits_for_another_thread_finishes(inside: Inside, monkeypatch):
    monkeypatch.setattr(world, "PATIENCE", 0.2)
    program = counting(inside)
    count = program.names["count"]
    inside.add(program, "here")

    def look(stop: Stop) -> None:
        until(lambda: inside.debugger.world.held)
        before = count[0]
        with inside.debugger.evaluating(stop):
            assert stands_still(count)  # a short one lets nobody go
        with inside.debugger.evaluating(stop):
            until(lambda: count[0] > before + 100, "the other threads were not let go")
        until(lambda: inside.debugger.world.held, "they were not held again")
        assert stands_still(count)

    inside.front.answers = [look]
    assert program.names["main"]("plain")
    inside.check()


def test_patience_is_one_second():
    assert world.PATIENCE == 1.0


def test_a_thread_that_imports_is_held_only_when_it_is_done(inside: Inside, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "lowdb_slow_import.py").write_text(
        "import builtins\ncount = builtins.lowdb_count\nwhile not builtins.lowdb_go:\n    count[0] += 1\nvalue = 42\n"
    )
    import builtins

    monkeypatch.setattr(builtins, "lowdb_count", [0], raising=False)
    monkeypatch.setattr(builtins, "lowdb_go", False, raising=False)
    count = builtins.lowdb_count  # type: ignore[attr-defined]
    program = inside.load("""
        import threading, builtins

        def work():
            import lowdb_slow_import
            found.append(lowdb_slow_import.value)  # @imported

        thread = threading.Thread(target=work)
        thread.start()
        while not builtins.lowdb_count[0]:
            pass
        here = 1  # @here
        thread.join(10)
    """)
    found = program.names["found"] = []

    def look(stop: Stop) -> None:
        before = count[0]
        until(lambda: count[0] > before + 10, "the importing thread was held inside the import lock")
        builtins.lowdb_go = True  # type: ignore[attr-defined]
        import lowdb_slow_import  # needs the lock that the other thread holds

        assert lowdb_slow_import.value == 42
        until(lambda: inside.debugger.world.held)

    inside.debugger.start()
    inside.add(program, "here")
    inside.play(program, look)
    assert found == [42]


# --- pause -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_pause_stops_a_thread_whatever_it_does(inside: Inside, kind):
    program = counting(inside, here=lambda threads: inside.debugger.pause(threads[0].ident) or wait())

    def wait() -> None:
        until(lambda: inside.front.seen, f"{kind} was not paused")

    assert program.names["main"](kind)
    inside.check()
    assert [(seen.reason, seen.thread != threading.get_ident()) for seen in inside.front.seen] == [(Reason.PAUSE, True)]
    assert armed(program.codes()) == []


def test_pause_of_a_thread_that_sleeps_stops_it_when_the_call_returns(inside: Inside):
    program = inside.load("""
        import threading, time

        def sleeps():
            began.set()
            time.sleep(0.3)  # @sleep
            n = 1  # @next

        thread = threading.Thread(target=sleeps)
        thread.start()
        began.wait(10)
        pause(thread.ident)
        thread.join(10)
    """)
    program.names |= {"began": threading.Event(), "pause": inside.debugger.pause}
    inside.debugger.start()
    program.run()
    inside.check()
    assert [(seen.at, seen.reason) for seen in inside.front.seen] == [("next", Reason.PAUSE)]


def test_pause_of_a_thread_that_has_ended_does_nothing(inside: Inside):
    inside.debugger.start()
    thread = threading.Thread(target=int)
    thread.start()
    ident = thread.ident
    thread.join()
    inside.debugger.pause(ident)
    assert inside.at() == []


def test_a_paused_thread_can_be_stepped(inside: Inside):
    program = counting(inside, here=lambda threads: inside.debugger.pause(threads[0].ident) or wait())

    def wait() -> None:
        until(lambda: len(inside.front.seen) == 4)

    inside.front.answers = [Next(), Next(), StepIn()]
    assert program.names["main"]("calls")
    inside.check()
    assert [seen.reason for seen in inside.front.seen] == [Reason.PAUSE, Reason.STEP, Reason.STEP, Reason.STEP]
    assert len({seen.thread for seen in inside.front.seen}) == 1


# --- several threads at one breakpoint -------------------------------------------------------------

CROWD = """
    import threading

    def work(name):
        barrier.wait(10)
        for n in range(ROUNDS):
            out.append((name, n))  # @line

    threads = [threading.Thread(target=work, args=(k,)) for k in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
"""


def crowd(inside: Inside, threads: int, rounds: int) -> Program:
    names = {"THREADS": threads, "ROUNDS": rounds, "out": [], "barrier": threading.Barrier(threads)}
    program = inside.load(CROWD, **names)
    inside.debugger.start()
    return program


@pytest.mark.parametrize("threads", [2, 3])
@pytest.mark.parametrize("stop_world", [True, False], ids=["world_stopped", "world_running"])
def test_all_stops_of_several_threads_at_one_breakpoint_come_one_after_the_other(inside: Inside, threads, stop_world):
    program = crowd(inside, threads, 5)
    inside.debugger.options.stop_world = stop_world
    inside.add(program, "line")
    seen: list[tuple[int, int]] = []
    inside_now: list[int] = []

    def note(stop: Stop) -> Resume:
        inside_now.append(stop.thread)
        time.sleep(0.002)
        assert inside_now == [stop.thread]
        seen.append((stop.frame.f_locals["name"], stop.frame.f_locals["n"]))
        inside_now.remove(stop.thread)
        return Continue()

    inside.front.default = note
    inside.play(program)
    assert sorted(seen) == [(k, n) for k in range(threads) for n in range(5)]
    assert sorted(program.names["out"]) == sorted(seen)
    assert inside.debugger.get(1).hits == threads * 5


def test_a_breakpoint_that_is_removed_while_a_thread_waits_for_its_turn_does_not_stop_it(inside: Inside):
    program = crowd(inside, 2, 1)
    inside.debugger.options.stop_world = False
    point = inside.add(program, "line")

    def remove(stop: Stop) -> None:
        until(lambda: any(state.state == "waiting" for state in inside.debugger.threads()))
        inside.debugger.remove(point.number)

    inside.play(program, remove)
    assert len(inside.front.seen) == 1
    assert len(program.names["out"]) == 2


def test_the_prompt_is_handed_to_a_thread_that_waits_and_comes_back(inside: Inside):
    program = crowd(inside, 2, 1)
    inside.debugger.options.stop_world = False
    inside.add(program, "line")
    order: list[tuple[str, int]] = []

    def first(stop: Stop) -> None:
        waiting = None

        def somebody() -> bool:
            nonlocal waiting
            waiting = next((s.info.ident for s in inside.debugger.threads() if s.state == "waiting"), None)
            return waiting is not None

        until(somebody)
        order.append(("first", stop.thread))
        assert not inside.debugger.hand_over(12345)
        assert inside.debugger.hand_over(waiting)  # type: ignore[arg-type]
        order.append(("back", stop.thread))

    def second(stop: Stop) -> None:
        order.append(("second", stop.thread))

    inside.play(program, first, second)
    assert [word for word, _ in order] == ["first", "second", "back"]
    assert order[0][1] == order[2][1] != order[1][1]
    assert len(program.names["out"]) == 2


def test_two_threads_are_stepped_each_with_its_own_plan(inside: Inside):
    program = inside.load("""
        import threading

        def work(name):
            barrier.wait(10)
            a = 1  # @a
            b = 2  # @b
            c = 3  # @c
            out.append(name)

        threads = [threading.Thread(target=work, args=(k,)) for k in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
    """)
    program.names |= {"out": [], "barrier": threading.Barrier(2)}
    inside.debugger.start()
    inside.add(program, "a")
    inside.front.default = lambda stop: Next() if stop.frame.f_lineno < program.marks["c"] else Continue()
    inside.play(program)
    by_thread: dict[int, list[object]] = {}
    for seen in inside.front.seen:
        by_thread.setdefault(seen.thread, []).append(seen.at)
    assert list(by_thread.values()) == [["a", "b", "c"], ["a", "b", "c"]]
    assert sorted(program.names["out"]) == [0, 1]
