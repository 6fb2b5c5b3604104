"""The programs that are timed: `workloads.py NAME PASSES SCALE` prints the CPU seconds of each pass as JSON.

In each the line marked `# @never` stands in its hottest function and is never reached.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import threading
from time import process_time

NEVER = -1


def floats(scale: float) -> float:
    total = 0.0
    for row in range(int(60 * scale) + 1):
        for column in range(40):
            total += escape(column / 20 - 1.5, row / 30 - 1.0)
    return total


def escape(re_part: float, im_part: float) -> int:
    x = y = 0.0
    for step in range(60):
        if x * x + y * y > 4.0:
            return step
        x, y = x * x - y * y + re_part, 2.0 * x * y + im_part
    if step == NEVER:
        x = 0.0  # @never floats
    return 60


def recursion(scale: float) -> int:
    return sum(fib(17) for _ in range(int(60 * scale) + 1))


def fib(n: int) -> int:
    if n == NEVER:
        n = 0  # @never recursion
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)


class Vector:
    __slots__ = ("x", "y")

    def __init__(self, x: float, y: float) -> None:
        self.x = x
        self.y = y

    def __add__(self, other: Vector) -> Vector:
        if self is other:
            return self  # @never methods
        return Vector(self.x + other.x, self.y + other.y)

    @property
    def size(self) -> float:
        return (self.x * self.x + self.y * self.y) ** 0.5


def methods(scale: float) -> float:
    total, step = Vector(0.0, 0.0), Vector(0.5, 0.25)
    size = 0.0
    for _ in range(int(120_000 * scale) + 1):
        total = total + step
        size += total.size
    return size


def generators(scale: float) -> int:
    total = 0
    for _ in range(int(80 * scale) + 1):
        total += sum(evens(numbers(3000)))
    return total


def numbers(limit: int):
    for n in range(limit):
        yield n + 0


def evens(source):
    for n in source:
        if n == NEVER:
            break  # @never generators
        if n % 2 == 0:
            yield n


def json_work(scale: float) -> int:
    text = json.dumps([{"name": f"n{i}", "value": i * 0.5, "tags": ["a", "b", None]} for i in range(400)])
    total = 0
    for _ in range(int(60 * scale) + 1):
        total += len(json.loads(text, object_hook=hook))
    return total


def hook(fields: dict) -> dict:
    value = fields["value"]
    if value == NEVER:
        fields = {}  # @never json
    fields["twice"] = value * 2
    return fields


def regex(scale: float) -> int:
    text = "the quick brown fox 42 jumps over 17 lazy dogs " * 60
    return sum(len(re.sub(r"(\w+)", shout, text)) for _ in range(int(90 * scale) + 1))


def shout(match: re.Match) -> str:
    word = match[1]
    if word is None:
        return ""  # @never regex
    return word.upper() if len(word) > 3 else word


def exceptions(scale: float) -> int:
    caught = 0
    for n in range(int(110_000 * scale) + 1):
        try:
            fragile(n)
        except (KeyError, ValueError):
            caught += 1
    return caught


def fragile(n: int) -> int:
    if n == NEVER:
        n = 0  # @never exceptions
    if n % 3:
        raise ValueError(n)
    return {}[n]


async def worker(rounds: int) -> int:
    total = 0
    for n in range(rounds):
        total += await double(n)
        if n % 8 == 0:
            await asyncio.sleep(0)
    return total


async def double(n: int) -> int:
    if n == NEVER:
        n = 0  # @never asyncio
    return 2 * n


def asyncio_work(scale: float) -> int:
    async def main() -> list[int]:
        return await asyncio.gather(*(worker(int(9000 * scale) + 1) for _ in range(10)))

    return sum(asyncio.run(main()))


def threads(scale: float) -> int:
    found: list[int] = []
    workers = [threading.Thread(target=count, args=(int(160_000 * scale) + 1, found)) for _ in range(4)]
    for thread in workers:
        thread.start()
    for thread in workers:
        thread.join()
    return sum(found)


def count(limit: int, found: list[int]) -> None:
    total = 0
    for n in range(limit):
        if n == NEVER:
            break  # @never threads
        total += n & 7
    found.append(total)


def sqlglot_work(scale: float) -> int:
    import sqlglot

    query = """WITH big AS (SELECT customer, SUM(amount) AS total FROM orders WHERE amount > 100 GROUP BY customer)
    SELECT c.name, CASE WHEN b.total > 1000 THEN 'big' ELSE 'small' END AS size, ROW_NUMBER() OVER (ORDER BY b.total)
    FROM customers AS c JOIN big AS b ON b.customer = c.id WHERE NOT c.city IN ('Oslo', 'Rome') ORDER BY c.name"""
    return sum(len(sqlglot.parse_one(query).sql("duckdb")) for _ in range(int(12 * scale) + 1))


# --- those that are not of the ten -----------------------------------------------------------------


def hits(scale: float) -> int:
    """A line that is reached again and again, for what one hit costs."""
    total = 0
    for i in range(int(200_000 * scale) + 1):
        total += i & 3  # @hit
    return total


def ternary(scale: float) -> int:
    """A conditional expression in a hot loop: a jump within a line, where LINE stays on (see why-fast.md)."""
    total = 0
    for n in range(int(200_000 * scale) + 1):
        total += n if n & 1 else 1
        if n == NEVER:
            total = 0  # @never ternary
    return total


def heavy(scale: float) -> int:
    """A call to step over, and to finish."""
    return loaded(int(40 * scale) + 1)  # @call


def loaded(rounds: int) -> int:
    total = 0  # @first
    for _ in range(rounds):
        total += fib(15)
    return total


def tower(scale: float) -> int:
    """A recursion whose outermost frame is finished."""
    return climb(17 + round(2 * scale))  # @tower


def climb(n: int) -> int:
    if n < 2:  # @outermost
        return n
    return climb(n - 1) + climb(n - 2)


def trapped(scale: float) -> int:
    """A function whose exit is trapped while others raise."""
    total = 0
    for n in range(int(300 * scale) + 1):
        total += watched(n)
        total += exceptions(0.003)
    return total


def watched(n: int) -> int:
    return n & 1  # @watched


TEN = {
    "floats": floats,
    "recursion": recursion,
    "methods": methods,
    "generators": generators,
    "json": json_work,
    "regex": regex,
    "exceptions": exceptions,
    "asyncio": asyncio_work,
    "threads": threads,
    "sqlglot": sqlglot_work,
}
ALL = TEN | {"hits": hits, "ternary": ternary, "heavy": heavy, "tower": tower, "trapped": trapped}


def main() -> None:
    name, passes, scale = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    work = ALL[name]
    work(min(scale, 0.1))  # once, for the specialising interpreter
    seconds = []
    for _ in range(passes):
        begun = process_time()
        work(scale)
        seconds.append(process_time() - begun)
    sys.stderr.write("\n@seconds " + json.dumps(seconds) + "\n")


if __name__ == "__main__":
    main()
