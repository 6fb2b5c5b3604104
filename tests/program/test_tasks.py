"""asyncio's tasks: what each waits for and who waits for it, the same on every version."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from lowdb.program.tasks import TaskInfo, all_tasks
from tests.processes import run_python


async def fetch(delay: float = 9) -> None:
    await asyncio.sleep(delay)


async def gathers() -> None:
    await asyncio.gather(asyncio.Event().wait(), fetch())


async def takes(queue: asyncio.Queue[int]) -> None:
    await queue.get()


async def waits(task: asyncio.Task[None]) -> None:
    await asyncio.wait([task])


async def direct(task: asyncio.Task[None]) -> None:
    await task


async def groups() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(fetch(), name="in group")


def seen(**tasks: object) -> dict[str, TaskInfo]:
    """The tasks by name as the main task sees them once all have begun to wait."""
    found: dict[str, TaskInfo] = {}

    async def main() -> None:
        slow = asyncio.create_task(fetch(), name="slow")
        made = [
            asyncio.create_task(function(slow) if function in (waits, direct) else function(), name=name)  # type: ignore[operator]
            for name, function in tasks.items()
        ]
        await asyncio.sleep(0.01)
        found.update({info.name: info for info in all_tasks()})
        for task in [slow, *made]:
            task.cancel()
        await asyncio.gather(slow, *made, return_exceptions=True)

    asyncio.run(main())
    return found


def test_a_task_says_what_it_awaits_in_the_words_of_the_program():
    found = seen(gathers=gathers, waits=waits, direct=direct, groups=groups, takes=lambda: takes(asyncio.Queue()))
    assert {name: info.state for name, info in found.items() if not name.startswith("Task-")} == {
        "slow": "await sleep",
        "gathers": "await gather",
        "waits": "await wait",
        "direct": "await slow",
        "groups": "await TaskGroup",
        "in group": "await sleep",
        "takes": "await Queue.get",
    }


def test_a_task_knows_who_awaits_it_on_every_version():
    found = seen(gathers=gathers, waits=waits, direct=direct, groups=groups)
    assert found["slow"].awaited_by == ("direct", "waits")
    assert found["in group"].awaited_by == ("groups",)
    assert {info.title for info in found["slow"].waiters} == {"direct", "waits"}
    gathered = [info for info in found.values() if info.awaited_by == ("gathers",)]
    assert sorted(info.state for info in gathered) == ["await Event.wait", "await sleep"]


def test_a_task_that_asyncio_has_numbered_is_called_by_its_function():
    found: list[tuple[str, str]] = []

    async def main() -> None:
        task = asyncio.create_task(fetch(0.01))
        named = asyncio.create_task(fetch(0.01), name="Task-x")
        await asyncio.sleep(0)
        found.extend((info.title, info.name) for info in all_tasks() if not info.current)
        await task
        await named

    asyncio.run(main())
    titles = {title.partition("-")[0] for title, _ in found}
    assert titles == {"fetch (Task", "Task"}
    assert ("Task-x", "Task-x") in found


def test_the_frames_of_a_suspended_task_are_those_of_its_await_chain():
    found = seen(gathers=gathers)
    names = [frame.f_code.co_name for frame in found["slow"].stack]
    assert names == ["sleep", "fetch"]
    assert found["slow"].frame is not sys._getframe()


def test_quitting_inside_a_task_is_no_complaint_of_asyncios(tmp_path: Path):
    program = tmp_path / "group.py"
    program.write_text(
        "import asyncio\n"
        "async def child(n):\n"
        "    await asyncio.sleep(0.01)\n"
        "    return n\n"
        "async def main():\n"
        "    async with asyncio.TaskGroup() as group:\n"
        "        for n in range(3): group.create_task(child(n))\n"
        "asyncio.run(main())\n"
    )
    done = run_python("-m", "lowdb", "--ui", "plain", str(program), input="b 4\nc\nq\n")
    assert (done.status, done.err) == (0, "")
