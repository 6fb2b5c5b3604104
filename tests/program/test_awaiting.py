"""Awaiting at a prompt: a coroutine run to its end from inside a task that stands still."""

from __future__ import annotations

import asyncio
import contextvars
import os
import signal
import sys
import threading

import pytest

from lowdb.program import awaiting, evaluate
from tests.processes import run_python

said: list[str] = []


def say(text: str, once: bool) -> None:
    said.append(text)


def run(coroutine):
    said.clear()
    return awaiting.run(coroutine, say)


async def later(value, delay=0.01):
    await asyncio.sleep(delay)
    return value


async def fails():
    await asyncio.sleep(0)
    raise LookupError("no")


def test_a_coroutine_runs_to_its_end_in_a_task_of_its_own_while_its_caller_stands_still():
    async def main():
        me = asyncio.current_task()
        assert run(later(5)) == 5
        assert asyncio.current_task() is me
        name = run(asyncio.wait_for(named(), 1))
        assert asyncio.current_task() is me
        await asyncio.sleep(0)
        return name

    async def named():
        await asyncio.sleep(0)
        return asyncio.current_task().get_name()

    assert asyncio.run(main()) == awaiting.NAME


def test_other_tasks_run_meanwhile_and_the_person_is_told():
    async def main():
        log = []

        async def ticks():
            while True:
                log.append(1)
                await asyncio.sleep(0.001)

        task = asyncio.create_task(ticks())
        run(later(None, 0.05))
        assert len(log) > 2
        task.cancel()

    asyncio.run(main())
    assert said == ["(other tasks of the loop ran meanwhile; breakpoints in them were passed over)"]


def test_what_the_loop_was_about_to_do_in_this_turn_is_done_once_and_in_order():
    async def main():
        order = []
        loop = asyncio.get_running_loop()
        for n in range(20):
            loop.call_soon(order.append, n)
        loop.call_soon(lambda: order.append(run(later("awaited"))))
        for n in range(20, 40):
            loop.call_soon(order.append, n)
        await asyncio.sleep(0.05)
        return order

    order = asyncio.run(main(), debug=False)
    assert sorted(n for n in order if n != "awaited") == list(range(40))
    assert order.count("awaited") == 1


def test_every_task_may_stand_at_a_prompt_and_await_in_turn():
    async def one(n):
        await asyncio.sleep(0)
        found = run(later(n, 0.001))
        await asyncio.sleep(0)
        return found

    async def main():
        return await asyncio.gather(*(one(n) for n in range(30)))

    assert asyncio.run(main()) == list(range(30))


def test_the_context_variables_are_those_of_the_stopped_task():
    var = contextvars.ContextVar("var", default=0)

    async def read():
        await asyncio.sleep(0)
        var.set(var.get() + 1)
        return var.get()

    async def main():
        var.set(41)
        return run(read()), var.get()

    assert asyncio.run(main()) == (42, 41)


def test_what_shares_the_context_of_the_stopped_task_waits_and_is_not_lost():
    async def main():
        context = asyncio.current_task().get_context()
        sharing = asyncio.create_task(later("shared"), context=context)
        called = []
        asyncio.get_running_loop().call_soon(called.append, 1, context=context)
        assert run(later("awaited", 0.05)) == "awaited"
        assert not sharing.done()
        assert called == []
        return await sharing, called

    assert asyncio.run(main()) == ("shared", [1])


def test_what_it_raises_comes_out_and_the_task_that_stopped_goes_on():
    async def main():
        with pytest.raises(LookupError):
            run(fails())
        with pytest.raises(TimeoutError):
            run(asyncio.wait_for(asyncio.Event().wait(), 0.01))
        await asyncio.sleep(0)
        return "on"

    assert asyncio.run(main()) == "on"


def test_a_future_that_a_callback_of_the_loop_sets_can_be_awaited():
    async def main():
        queue: asyncio.Queue = asyncio.Queue()
        loop = asyncio.get_running_loop()
        loop.call_later(0.01, queue.put_nowait, "came")
        thread = threading.Timer(0.02, loop.call_soon_threadsafe, (queue.put_nowait, "from a thread"))
        thread.start()
        return run(queue.get()), run(queue.get())

    assert asyncio.run(main()) == ("came", "from a thread")


def test_it_works_from_a_callback_that_belongs_to_no_task():
    async def main():
        found = []
        asyncio.get_running_loop().call_soon(lambda: found.append(run(later("here"))))
        await asyncio.sleep(0.05)
        return found

    assert asyncio.run(main()) == ["here"]


@pytest.mark.parametrize("in_loop", [True, False])
def test_ctrl_c_cancels_it_and_nothing_else(in_loop):
    cancelled, others = [], []
    before = signal.getsignal(signal.SIGINT)

    async def forever():
        threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT)).start()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(1)
            raise

    async def ticks():
        try:
            while True:
                await asyncio.sleep(0.001)
        except BaseException as error:
            others.append(type(error))
            raise

    async def main():
        task = asyncio.create_task(ticks())
        await asyncio.sleep(0)
        with pytest.raises(KeyboardInterrupt):
            run(forever())
        assert others == []
        assert not task.done()
        task.cancel()

    if in_loop:
        loop = asyncio.new_event_loop()  # no Runner: it has a SIGINT handler of its own
        loop.run_until_complete(main())
        loop.close()
    else:
        with pytest.raises(KeyboardInterrupt):
            run(forever())
    assert cancelled == [1]
    assert signal.getsignal(signal.SIGINT) is before


def test_one_that_takes_long_says_how_to_give_up(monkeypatch):
    monkeypatch.setattr(awaiting, "_PATIENCE", 0.01)
    assert run(later("late", 0.1)) == "late"
    assert said == ["(still waiting; Ctrl-C gives up)"]


def test_without_a_loop_a_fresh_one_leaves_nothing_behind():
    done = run_python(
        "-c",
        "import sys, threading\n"
        "from lowdb.program import awaiting\n"
        "async def two():\n"
        "    import asyncio\n"
        "    asyncio.create_task(asyncio.sleep(100))\n"
        "    return asyncio.current_task().get_name(), await asyncio.to_thread(lambda: 2)\n"
        "print(awaiting.run(two(), print), threading.active_count())\n"
        "import asyncio\n"
        "print(asyncio._get_running_loop())\n"
        "async def main(): return 'the program'\n"
        "print(asyncio.run(main()))\n",
    )
    assert (done.out, done.err) == ("('lowdb await', 2) 1\nNone\nthe program\n", "")


def test_in_a_thread_without_a_loop_it_runs_there():
    async def where():
        await asyncio.sleep(0)
        return threading.get_ident()

    found = []
    thread = threading.Thread(target=lambda: found.append((run(where()), threading.get_ident())))
    thread.start()
    thread.join()
    assert found[0][0] == found[0][1]


def test_a_loop_that_cannot_be_run_on_is_named():
    uvloop = pytest.importorskip("uvloop")

    async def main():
        with pytest.raises(awaiting.CannotAwait, match=r"runs uvloop\.Loop, which cannot be run on"):
            run(later(1))
        return "on"

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(main()) == "on"


def test_trio_is_named():
    trio = pytest.importorskip("trio")

    async def main():
        with pytest.raises(awaiting.CannotAwait, match="runs trio"):
            run(later(1))
        return "on"

    assert trio.run(main) == "on"


# --- texts ----------------------------------------------------------------------------------------


def test_await_in_a_text_sees_and_binds_the_names_of_the_frame():
    async def main(x):
        unused = 0
        frame = sys._getframe()
        extra = {"_lowdb_ret": 7}
        assert evaluate.evaluate("await later(x) + $ret", frame, extra, run) == 8
        assert evaluate.evaluate("[await later(n + x) for n in range(3)]", frame, wait=run) == [1, 2, 3]
        evaluate.execute("unused = await later(x + 1)\nnew = unused", frame, wait=run)
        assert evaluate.evaluate("new", frame) == 2
        evaluate.execute("async with asyncio.timeout(1):\n    unused = await later(9)", frame, wait=run)
        return unused

    assert asyncio.run(main(1)) == 9


def test_where_nothing_can_be_awaited_a_text_with_await_is_refused():
    with pytest.raises(SyntaxError, match="nothing can be awaited here"):
        evaluate.evaluate("await later(1)", sys._getframe())
    assert evaluate.is_expression("await later(1)") == "expression"
    assert evaluate.is_expression("x = await later(1)") == "statement"
    assert evaluate.is_expression("async with later(1):") == "incomplete"
    assert isinstance(evaluate.is_expression("yield 1"), SyntaxError)
    assert isinstance(evaluate.is_expression("return 1"), SyntaxError)
