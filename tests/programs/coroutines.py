"""asyncio: coroutines, two tasks in step, a TaskGroup, an async generator, an async with."""

import asyncio

seen = []


async def add(a, b):
    await asyncio.sleep(0)  # @add
    result = a + b  # @add_after
    return result  # @add_return


async def worker(name, rounds):
    total = 0  # @worker
    for n in range(rounds):  # @round
        await asyncio.sleep(0)  # @sleep
        total += n  # @after_sleep
    seen.append((name, total))  # @worker_end
    return total  # @worker_return


async def ticks(n):
    for k in range(n):  # @ticks
        await asyncio.sleep(0)  # @ticks_await
        yield k  # @ticks_yield
    seen.append("ticked")  # @ticks_end


class Session:
    async def __aenter__(self):
        await asyncio.sleep(0)  # @enter
        return self  # @enter_return

    async def __aexit__(self, *exc_info):
        seen.append("left")  # @exit


async def failing():
    await asyncio.sleep(0)  # @failing
    raise ValueError("in a task")  # @raise


async def main():
    three = await add(1, 2)  # @main
    first = asyncio.create_task(worker("first", 2), name="first")  # @create
    second = asyncio.create_task(worker("second", 3), name="second")  # @create_second
    sums = await asyncio.gather(first, second)  # @gather
    async for tick in ticks(2):  # @async_for
        seen.append(tick)  # @tick
    async with Session():  # @async_with
        seen.append("inside")  # @inside
    try:
        async with asyncio.TaskGroup() as group:  # @group
            group.create_task(failing(), name="failing")  # @group_create
    except* ValueError as caught:  # @except_star
        seen.append(str(caught.exceptions[0]))  # @caught
    return three, sums  # @main_return


result = asyncio.run(main())  # @run
print(result, seen)  # @last
