"""One prompt, many threads: first come first, stepping keeps the prompt, hand over on request."""

from __future__ import annotations

import threading
import time

from lowdb.engine.turns import Turns


def wait_until(condition: object) -> None:
    end = time.monotonic() + 5
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.001)


def started(turns: Turns, ident: int, log: list[int], go: threading.Event | None = None) -> threading.Thread:
    def run() -> None:
        turns.take(ident)
        log.append(ident)
        if go is not None:
            go.wait(5)
        turns.release(ident)

    thread = threading.Thread(target=run)
    thread.start()
    wait_until(lambda: ident in turns.waiting() or ident in log)
    return thread


def test_threads_get_the_prompt_in_the_order_they_came() -> None:
    turns, log = Turns(), [0]
    turns.take(0)
    threads = [started(turns, ident, log) for ident in (3, 1, 2)]
    assert turns.waiting() == [3, 1, 2]
    assert log == [0]
    turns.release(0)
    for thread in threads:
        thread.join(5)
    assert log == [0, 3, 1, 2]


def test_the_same_thread_comes_in_again_inside_its_turn() -> None:
    turns = Turns()
    turns.take(0)
    turns.take(0)
    log: list[int] = []
    other = started(turns, 1, log)
    turns.release(0)
    time.sleep(0.02)
    assert log == []
    turns.release(0)
    other.join(5)
    assert log == [1]


def test_a_thread_that_was_stepped_gets_the_prompt_back_before_those_in_line() -> None:
    turns, log = Turns(), []
    turns.take(0)
    other = started(turns, 1, log)
    turns.release(0, stepping=True)
    turns.take(0)
    assert log == []
    turns.release(0)
    other.join(5)
    assert log == [1]


def test_a_thread_that_does_not_come_back_from_a_step_loses_the_prompt() -> None:
    turns, log = Turns(), []
    turns.take(0)
    other = started(turns, 1, log)
    turns.release(0, stepping=True)
    other.join(5)
    assert log == [1]


def test_the_prompt_is_handed_over_and_comes_back() -> None:
    turns, log = Turns(), []
    turns.take(0)
    first = started(turns, 1, log)
    go = threading.Event()
    second = started(turns, 2, log, go)
    assert not turns.hand_over(0, 7)
    done: list[bool] = []
    third = threading.Thread(target=lambda: done.append(turns.hand_over(0, 2)))
    third.start()
    wait_until(lambda: log == [2])
    assert sorted(turns.waiting()) == [0, 1]
    go.set()
    for thread in (first, second, third):
        if thread is not third:
            thread.join(5)
    third.join(5)
    assert done == [True]
    assert log == [2, 1]
    turns.release(0)
