"""Threads and tasks at an editor: all stop, one runs alone, none is lost."""

from __future__ import annotations

import pytest

from tests.dap_client import marks

THREE = """
import threading

start = threading.Barrier(3)

def work(n):
    start.wait()
    result = n * n  # @work
    return result

threads = [threading.Thread(target=work, args=(n,), name=f"worker {n}") for n in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("end")
"""


def test_three_threads_at_one_breakpoint_are_three_stops_and_none_is_lost(session, program):
    client = session()
    client.launch(program(THREE), lines=["work"])
    seen = set()
    for _ in range(3):
        stop = client.stopped("breakpoint")
        assert stop["allThreadsStopped"] is True
        thread = stop["threadId"]
        seen.add(client.evaluate("n", client.top(thread)["id"]))
        client.go(thread)
    assert seen == {"0", "1", "2"}
    assert client.end() == "end\n"
    assert client.seen["stopped"] == 3


def test_threads_have_small_numbers_names_and_stacks_of_their_own(session, program):
    client = session()
    client.launch(program(THREE), lines=["work"])
    thread = client.stopped("breakpoint")["threadId"]
    found = {one["name"]: one["id"] for one in client.request("threads")["threads"]}
    assert set(found) == {"MainThread", "worker 0", "worker 1", "worker 2"}
    assert found["MainThread"] == 1
    assert max(found.values()) < 10
    for name, number in found.items():
        frames = client.stack(number)
        assert frames[-1]["name"] == ("<module>" if name == "MainThread" else "Thread._bootstrap"), name
    main = client.stack(1)
    module = next(frame for frame in main if frame["name"] == "<module>")
    assert client.evaluate("len(threads)", module["id"]) == "3"
    client.breakpoints(client_path(client), [])
    client.go(thread)
    client.end()


def client_path(client):
    """The program of a session."""
    return next(m["body"]["name"] for m in client.messages if m.get("event") == "process")


ALONE = """
import threading, time

ticks = 0
going = True

def tick():
    global ticks
    while going:
        ticks += 1
        time.sleep(0.001)

thread = threading.Thread(target=tick)
thread.start()
while ticks < 3:
    time.sleep(0.001)
a = 1  # @a
time.sleep(0.1)  # @sleep
b = 2  # @b
time.sleep(0.1)
c = 3  # @c
going = False
thread.join()
"""


def test_the_other_threads_stand_still_and_go_on(session, program):
    client = session()
    client.launch(program(ALONE), lines=["a"])
    thread = client.stopped("breakpoint")["threadId"]
    frame = client.top(thread)["id"]
    client.evaluate("time.sleep(0.05)", frame)  # the last tick of a thread that slept
    before = client.evaluate("ticks", frame)
    assert client.evaluate("time.sleep(0.2) or ticks", frame) == before
    client.step("next", thread)
    client.step("next", thread)
    assert int(client.evaluate("ticks", client.top(thread)["id"])) > int(before) + 10
    client.go(thread)
    client.end()


def test_one_thread_steps_alone_while_the_others_stay(session, program):
    path = program(ALONE)
    client = session()
    client.launch(path, lines=["a", "c"])
    thread = client.stopped("breakpoint")["threadId"]
    client.evaluate("time.sleep(0.05)", client.top(thread)["id"])
    before = client.evaluate("ticks", client.top(thread)["id"])
    client.step("next", thread, singleThread=True)
    client.step("next", thread, singleThread=True)
    assert client.line(thread) == marks(path)["b"]
    assert client.evaluate("ticks", client.top(thread)["id"]) == before
    answer = client.request("continue", threadId=thread, singleThread=True)
    assert answer["allThreadsContinued"] is False
    client.stopped("breakpoint")
    assert client.evaluate("ticks", client.top(thread)["id"]) == before
    answer = client.request("continue", threadId=thread)
    assert answer["allThreadsContinued"] is True
    client.end()


def test_continue_lets_all_go_that_a_thread_running_alone_kept_held(session, program):
    path = program(
        """
        import threading, time

        ready, go = threading.Event(), threading.Event()

        def other():
            ready.set()
            while not go.is_set():
                time.sleep(0.001)
            print("other is done", flush=True)

        thread = threading.Thread(target=other)
        thread.start()
        ready.wait()
        go.set()  # @here
        thread.join()
        """
    )
    client = session()
    client.launch(path, lines=["here"])
    thread = client.stopped("breakpoint")["threadId"]
    client.go(thread, singleThread=True)  # it waits now for one that is held
    client.pump(0.3)
    assert "other is done" not in client.errors()
    client.go(thread)
    assert client.end() == "other is done\n"


def test_a_step_in_a_thread_that_did_not_stop_itself_stops_there(session, program):
    path = program(ALONE)
    client = session()
    client.launch(path, lines=["a"])
    client.stopped("breakpoint")
    client.breakpoints(path, [])
    other = next(one["id"] for one in client.request("threads")["threads"] if one["id"] != 1)
    stop = client.step("next", other)
    assert (stop["reason"], stop["threadId"]) == ("step", other)
    assert client.top(other)["name"] == "tick"
    client.go(other)
    client.end()


def test_terminate_threads_is_refused_with_a_reason(session, program):
    client = session()
    client.launch(program("x = 1\n"), stopOnEntry=True)
    thread = client.stopped("entry")["threadId"]
    assert "locks" in client.refused("terminateThreads", threadIds=[1])
    client.go(thread)
    client.end()


def test_lowdbs_own_threads_are_hidden_from_the_program(session, program):
    path = program(
        """
        import sys, threading
        print(list(map(str, threading.enumerate())))  # @here
        """
    )
    client = session()
    client.launch(path, lines=["here"])
    thread = client.stopped("breakpoint")["threadId"]
    assert client.request("threads")["threads"] == [{"id": 1, "name": "MainThread"}]
    client.go(thread)
    assert client.end().startswith("['<_MainThread(MainThread, started ")


CHAIN = """
import asyncio

async def leaf():
    await asyncio.sleep(0)
    return 1  # @leaf

async def middle():
    return await leaf()

async def inside():
    task = asyncio.create_task(middle(), name="inner")
    return await task

async def main():
    value = await asyncio.create_task(inside(), name="outer")
    gathered = await asyncio.gather(asyncio.create_task(leaf(), name="gathered"))
    return value, gathered

asyncio.run(main())
"""


def test_the_tasks_that_wait_are_in_the_stack_below_a_label(session, program):
    client = session()
    client.launch(program(CHAIN), lines=["leaf"])
    thread = client.stopped("breakpoint")["threadId"]
    frames = client.stack(thread)
    shown = [frame["name"] for frame in frames if frame.get("presentationHint") != "subtle"]
    assert shown == [
        "leaf",
        "middle",
        "inner is awaited by outer",
        "inside",
        "outer is awaited by Task-1",
        "main",
        "<module>",
    ]
    label = frames[2]
    assert label["presentationHint"] == "label"
    assert client.request("scopes", frameId=label["id"])["scopes"] == []
    assert "label" in client.refused("evaluate", expression="1", frameId=label["id"])
    inside = next(frame for frame in frames if frame["name"] == "inside")
    assert client.evaluate("task.get_name()", inside["id"]) == "'inner'"
    client.go(thread)
    client.stopped("breakpoint")
    names = [frame["name"] for frame in client.stack(thread)]
    assert "gathered is awaited by Task-1" in names
    client.go(thread)
    client.end()


@pytest.mark.parametrize("times", [3])
def test_a_step_over_an_await_stays_in_its_task(session, program, times):
    path = program(
        """
        import asyncio

        async def work(n):
            a = n  # @a
            await asyncio.sleep(0.001)  # @sleep
            b = n  # @b
            return b  # @return

        async def main():
            await asyncio.gather(*(work(n) for n in range(4)))

        asyncio.run(main())
        """
    )
    client = session()
    client.launch(path, lines=[{"line": 4, "condition": "n == 1"}])
    thread = client.stopped("breakpoint")["threadId"]
    for mark in ("sleep", "b", "return")[:times]:
        client.step("next", thread)
        frame = client.top(thread)
        assert (frame["line"], client.evaluate("n", frame["id"])) == (marks(path)[mark], "1")
    client.go(thread)
    client.end()
