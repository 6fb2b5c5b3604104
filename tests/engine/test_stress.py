"""Arming and disarming from several threads while several run: nothing missed, no crash, right results, nothing left.

LOWDB_STRESS=SECONDS makes each run last so long. The seed is printed where a test fails.
"""

from __future__ import annotations

import os
import random
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import suppress

import pytest

from lowdb.engine import dispatch
from lowdb.engine.breakpoints import Spec
from lowdb.engine.stops import Continue, Next, Resume, StepIn, StepOut, Stop, Until
from lowdb.program.codes import live_codes
from tests.engine.inside import Inside, Program, armed, instrumented

SECONDS = float(os.environ.get("LOWDB_STRESS", "1.5"))

WORKLOADS = """
    import asyncio

    def loop(n):
        total = 0  # @zero
        for i in range(n):  # @for
            if i % 3:  # @if
                total += i  # @add
            else:
                total -= 1  # @less
        return total  # @loop_return

    def numbers(n):
        while n:  # @while
            yield n  # @yield
            n -= 1  # @down

    def generators():
        return sum(numbers(20)) + sum(k for k in numbers(3))  # @sum

    def fails(n):
        if n % 2:  # @odd
            raise ValueError(n)  # @raise
        return n  # @fine

    def exceptions():
        total = 0
        for n in range(20):
            try:
                total += fails(n)  # @try
            except ValueError as error:
                total -= error.args[0]  # @except
            finally:
                total += 1  # @finally
        return total

    def fib(n):
        if n < 2:  # @fib
            return n
        return fib(n - 1) + fib(n - 2)  # @fib_return

    def one(n): return n + 1  # @one

    async def task(n):
        await asyncio.sleep(0)  # @await
        return one(n)  # @task_return

    async def gather():
        return sum(await asyncio.gather(*[task(n) for n in range(5)]))  # @gather

    def tasks():
        return asyncio.run(gather())

    def comprehensions():
        return sum([one(n) for n in range(10)]) + len({n: one(n) for n in range(4)})  # @comprehension

    def everything():
        return loop(60), generators(), exceptions(), fib(9), tasks(), comprehensions()
"""
RIGHT = (1180, 216, 10, 34, 15, 59)


@pytest.fixture
def restless() -> Iterator[None]:
    """Threads change over as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


def workers(program: Program, count: int, seconds: float, results: list[object]) -> list[threading.Thread]:
    """Threads that run everything until the time is up, and keep what came out."""
    end = time.monotonic() + seconds

    def run() -> None:
        while time.monotonic() < end:
            try:
                results.append(program.names["everything"]())
            except BaseException as error:
                results.append(error)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    return threads


@pytest.mark.parametrize("seed", range(2))
def test_arming_stepping_and_pausing_from_all_sides_changes_no_result_and_leaves_nothing(
    inside: Inside, restless, seed
):
    chance = random.Random(seed)
    program = inside.load(WORKLOADS)
    debugger = inside.debugger
    debugger.options.stop_world = bool(seed % 2)
    debugger.start()
    debugger.program(program.code)
    program.run()
    assert program.names["everything"]() == RIGHT
    stops = 0

    def answer(stop: Stop) -> Resume:
        nonlocal stops
        stops += 1
        if stops % 50 == 0 and stop.hits:
            with suppress(KeyError):  # it may have been removed meanwhile
                debugger.set_condition(stop.hits[0].breakpoint.number, "False")
        return random.choice([Continue(), Continue(), Next(), StepIn(), StepOut(), Until()])

    inside.front.default = answer
    results: list[object] = []
    threads = workers(program, 3, SECONDS, results)
    marks = list(program.marks)
    done = threading.Event()

    def arms(number: int) -> None:
        mine = random.Random(seed * 10 + number)
        while not done.is_set():
            kind = mine.random()
            if kind < 0.6:
                spec = {"condition": mine.choice([None, "False", "n == 3", "total > 40"])}
                point = inside.add(program, mine.choice(marks), **spec)
            elif kind < 0.75:
                name = mine.choice(["loop", "numbers", "fib", "task", "one"])
                what = mine.choice(["function", "exit"])
                point = debugger.add(Spec(kind=what, location=f"{program.path}:{name}", condition="False"))
            elif kind < 0.85:
                raised = mine.choice(["raised", "user"])
                point = debugger.add(Spec(kind="raise", raised=raised, exception="ValueError", condition="False"))
            else:
                debugger.pause(mine.choice(threads).ident)
                time.sleep(0.002)
                continue
            time.sleep(mine.random() / 200)
            if mine.random() < 0.3:
                debugger.disable(point.number)
                debugger.enable(point.number)
            debugger.remove(point.number)

    failures: list[str] = []

    def arms_and_tells(number: int) -> None:
        try:
            arms(number)
        except BaseException:
            failures.append(traceback.format_exc())

    armers = [threading.Thread(target=arms_and_tells, args=(number,)) for number in range(2)]
    # whoever arms is not the program: it is not held, and stops nowhere
    for thread in armers:
        thread.start()
        debugger.world.passed_over.add(thread.ident)
    for thread in threads:
        thread.join(SECONDS + 30)
    alive = [thread.name for thread in threads if thread.is_alive()]
    done.set()
    for thread in armers:
        thread.join(30)
    assert not failures, failures[0]
    assert not alive, f"seed {seed}: {alive} hang"
    inside.check()
    wrong = [result for result in results if result != RIGHT]
    assert not wrong, f"seed {seed}: {wrong[:3]} of {len(results)}"
    assert len(results) > 3, chance
    assert stops > 5
    assert debugger.breakpoints() == []
    debugger.close()
    program.names["everything"]()
    for code in program.codes():
        assert instrumented(code) == {}, code


def test_a_breakpoint_that_is_set_is_hit_the_next_time_that_its_line_runs(inside: Inside, restless):
    program = inside.load("""
        def hot(n):
            for i in range(n):
                a = i  # @a
                b = a  # @b
                c = b  # @c
            return c

        def spin():
            while not stop[0]:
                hot(50)
                rounds[0] += 1
    """)
    program.names |= {"stop": [False], "rounds": [0]}
    program.run()
    rounds = program.names["rounds"]
    debugger = inside.debugger
    debugger.start()
    debugger.program(program.code)
    threads = [threading.Thread(target=program.names["spin"]) for _ in range(2)]
    for thread in threads:
        thread.start()
    missed = []
    trials = 0
    end = time.monotonic() + SECONDS
    while time.monotonic() < end or trials < 12:
        # a breakpoint on one line keeps the code armed, so that the others have been answered with DISABLE
        trials += 1
        keeps = inside.add(program, "a", condition="False")
        before = rounds[0]
        while rounds[0] < before + 2:
            time.sleep(0)
        point = inside.add(program, random.choice("bc"), condition="False")
        before = rounds[0]
        limit = time.monotonic() + 10
        while rounds[0] < before + 4 and time.monotonic() < limit:
            time.sleep(0)
        if not point.reached:
            missed.append(trials)
        debugger.remove(point.number)
        debugger.remove(keeps.number)
    program.names["stop"][0] = True
    for thread in threads:
        thread.join(30)
    assert not missed, f"{len(missed)} of {trials} were never reached"
    assert trials > 10
    assert armed(program.codes()) == []


@pytest.mark.skipif(dispatch.NO_ONE is not sys.monitoring.DISABLE, reason="DISABLE is never answered here")
@pytest.mark.parametrize("meanwhile", ["b", "c"])
def test_a_disable_that_is_on_its_way_kills_no_breakpoint_that_is_set_meanwhile(inside: Inside, meanwhile):
    """The race of house rule 6, forced: another thread arms this line, or another one, just before the answer."""
    program = inside.load("""
        def hot():
            a = 1  # @a
            c = 3  # @c
            return a + c  # @b
    """)
    program.run()
    debugger = inside.debugger
    debugger.start()
    debugger.program(program.code)
    inside.add(program, "a", condition="False")
    set_meanwhile: list[int] = []

    class Dirty(dict[int, bool]):
        """`monitor.dirty`: told of a DISABLE that is about to be answered. The second one is line b's."""

        told = 0

        def __setitem__(self, key: int, value: bool) -> None:
            super().__setitem__(key, value)
            self.told += 1
            if self.told == 2:
                thread = threading.Thread(target=lambda: set_meanwhile.append(inside.add(program, meanwhile).number))
                thread.start()
                thread.join(10)
                if meanwhile == "c":
                    debugger.disable(set_meanwhile[0])

    debugger.monitor.dirty = Dirty()
    program.names["hot"]()
    assert set_meanwhile, "the race did not take place"
    if meanwhile == "c":
        inside.add(program, "b")
    inside.front.seen.clear()
    program.names["hot"]()
    assert inside.at() == ["b"]


def test_looking_for_code_that_is_alive_does_not_disturb_a_tuple_that_another_thread_builds(restless):
    """Before 3.14 a tuple cannot grow while somebody else holds it; gc.get_objects() finds it half built."""
    stop: list[int] = []
    errors: list[BaseException] = []

    def builds() -> None:
        while not stop:
            try:
                assert len(tuple(n for n in range(100))) == 100
            except BaseException as error:
                errors.append(error)

    thread = threading.Thread(target=builds)
    thread.start()
    try:
        end = time.monotonic() + min(SECONDS, 1.0)
        while time.monotonic() < end:
            assert any(code is builds.__code__ for code in live_codes())
    finally:
        stop.append(1)
        thread.join()
    assert errors == []
