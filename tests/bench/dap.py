"""lowdb and debugpy as debug adapters, side by side and interleaved: `python -m tests.bench.dap [rounds]`.

debugpy is measured as it is and with TCP_NODELAY forced on, without which each of its requests takes 44 ms more.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.dap_client import Client

NODELAY = """\
import socket
_connect, _accept = socket.socket.connect, socket.socket.accept
def connect(self, *a):
    _connect(self, *a)
    if self.family in (socket.AF_INET, socket.AF_INET6):
        self.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
def accept(self):
    made, address = _accept(self)
    if made.family in (socket.AF_INET, socket.AF_INET6):
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return made, address
socket.socket.connect, socket.socket.accept = connect, accept
"""
LOCALS = "".join(f"    v{n} = {n}\n" for n in range(50))
STOP = f"def f():\n{LOCALS}    return v0  # @here\nf()\n"
LIST = "rows = list(range(100_000))\nx = 1  # @here\n"
STEPS = "def f():\n    n = 0  # @here\n" + "    n += 1\n" * 2000 + "f()\n"
WORK = """\
import time
def inner(n):
    total = 0
    for i in range(n):
        total += i * n
        if total < 0:
            total = 1  # @never
    return total
def work():
    for _ in range(3000):
        inner(100)
inner(1)
best = 1e9
for _ in range(8):
    began = time.perf_counter()
    work()
    best = min(best, time.perf_counter() - began)
print("seconds", best)
"""
RAISING = """\
import time
def risky(n):
    if n < 0:
        return 1  # @never
    raise ValueError(n)
def work():
    for n in range(30000):
        try:
            risky(n)
        except ValueError:
            pass
best = 1e9
for _ in range(8):
    began = time.perf_counter()
    work()
    best = min(best, time.perf_counter() - began)
print("seconds", best)
"""
MEMORY = """\
def never():
    return 1  # @never
for line in open("/proc/self/status"):
    if line.startswith("VmRSS"):
        print("kilobytes", line.split()[1])
"""


class Bench:
    """The adapters, the programs, and the figures: row → adapter → values."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "nodelay").mkdir()
        (folder / "nodelay" / "sitecustomize.py").write_text(NODELAY)
        self.adapters: dict[str, tuple[list[str], dict[str, str | None]]] = {
            "lowdb": ([sys.executable, "-m", "lowdb", "--dap"], {}),
            "debugpy": ([sys.executable, "-m", "debugpy.adapter"], {}),
            "debugpy+nodelay": (
                [sys.executable, "-m", "debugpy.adapter"],
                {"PYTHONPATH": f"{folder / 'nodelay'}{os.pathsep}{os.getcwd()}"},
            ),
        }
        self.figures: dict[str, dict[str, list[float]]] = {}

    def add(self, row: str, adapter: str, *values: float) -> None:
        """Note measured values."""
        self.figures.setdefault(row, {}).setdefault(adapter, []).extend(values)

    def program(self, name: str, text: str) -> Path:
        """The file of a program."""
        path = self.folder / f"{name}.py"
        path.write_text(text)
        return path

    @contextmanager
    def client(self, adapter: str) -> Iterator[Client]:
        """A new session."""
        argv, env = self.adapters[adapter]
        extra: dict[str, str | None] = {"PYTHONDONTWRITEBYTECODE": None, **env}
        with Client(argv, env=extra, strict=False, deadline=60) as client:
            yield client

    @contextmanager
    def stopped(self, adapter: str, program: Path) -> Iterator[tuple[Client, int]]:
        """A session stopped at `@here`, and its thread."""
        with self.client(adapter) as client:
            client.launch(program, lines=["here"], filters=["uncaught"], console="internalConsole")
            yield client, client.stopped()["threadId"]
            client.send("disconnect", {"terminateDebuggee": True})

    # --- rows -------------------------------------------------------------------------------------

    def requests(self, adapter: str, count: int) -> None:
        """stackTrace, scopes + variables, next."""
        with self.stopped(adapter, self.program("stop", STOP)) as (client, thread):
            for _ in range(count):
                began = time.perf_counter()
                frames = client.stack(thread)
                self.add("stackTrace, ms", adapter, 1000 * (time.perf_counter() - began))
            for _ in range(count):
                began = time.perf_counter()
                client.variables(frames[0]["id"])
                self.add("scopes + variables of 50 locals, ms", adapter, 1000 * (time.perf_counter() - began))
        with self.stopped(adapter, self.program("steps", STEPS)) as (client, thread):
            began = time.perf_counter()
            steps = count * 2
            for _ in range(steps):
                client.step("next", thread)
            self.add("next, a second", adapter, steps / (time.perf_counter() - began))

    def page(self, adapter: str, count: int) -> None:
        """100 of a list of 100,000; debugpy has no paging and sends what it sends."""
        with self.stopped(adapter, self.program("list", LIST)) as (client, thread):
            frame = client.stack(thread)[0]["id"]
            rows = client.request("evaluate", expression="rows", frameId=frame, context="watch")
            for number in range(count):
                began = time.perf_counter()
                page = client.request(
                    "variables",
                    variablesReference=rows["variablesReference"],
                    filter="indexed",
                    start=number,
                    count=100,
                )["variables"]
                self.add("100 of a list of 100,000, ms", adapter, 1000 * (time.perf_counter() - began))
                self.add("… variables sent", adapter, len(page))

    def lives(self, adapter: str) -> None:
        """From the adapter's start to the first stop, and an empty program to its end."""
        program = self.program("stop", STOP)
        began = time.perf_counter()
        with self.stopped(adapter, program):
            self.add("start to the first stopped, ms", adapter, 1000 * (time.perf_counter() - began))
        empty = self.program("empty", "\n")
        began = time.perf_counter()
        with self.client(adapter) as client:
            client.launch(empty, filters=["uncaught"], console="internalConsole")
            client.run_to_end()
            client.send("disconnect")
            assert client.process is not None
            assert client.process.stdin is not None
            client.process.stdin.close()
            client.process.wait()
            self.add("an empty program, adapter gone, ms", adapter, 1000 * (time.perf_counter() - began))

    def cost(self, row: str, adapter: str, program: Path) -> None:
        """What a program says of itself, run with the default filters and a breakpoint that is not reached."""
        with self.client(adapter) as client:
            client.launch(program, lines=["never"], filters=["uncaught"], console="internalConsole")
            client.run_to_end()
            self.add(row, adapter, float(client.output.split()[-1]))

    def bare(self, row: str, program: Path) -> None:
        """The same without a debugger, its output in a pipe."""
        out = subprocess.run([sys.executable, str(program)], capture_output=True, text=True, check=True).stdout
        self.add(row, "bare", float(out.split()[-1]))

    def run(self, rounds: int) -> None:
        """All rows, the adapters by turns."""
        names = list(self.adapters)
        programs = {
            "a breakpoint that is not reached, s": self.program("work", WORK),
            "exceptions, default filters, s": self.program("raising", RAISING),
            "memory, kB": self.program("memory", MEMORY),
        }
        for number in range(rounds):
            for adapter in names[number % len(names) :] + names[: number % len(names)]:
                self.lives(adapter)
                self.requests(adapter, 20 if adapter == "debugpy" else 100)
                self.page(adapter, 20)
                for row, program in programs.items():
                    self.bare(row, program)
                    self.cost(row, adapter, program)
                sys.stderr.write(".")
                sys.stderr.flush()

    def report(self, say: Callable[[str], Any]) -> None:
        """The table, p50 and p95."""
        columns = ["bare", *self.adapters]
        say(f"CPython {sys.version.split()[0]}, {os.cpu_count()} cores\n")
        say("| what | " + " | ".join(columns) + " |")
        say("|---|" + "---|" * len(columns))
        for row, by in self.figures.items():
            bare = statistics.median(by["bare"]) if "bare" in by else None
            cells = []
            for column in columns:
                values = sorted(by.get(column, []))
                if not values:
                    cells.append("")
                    continue
                middle, last = statistics.median(values), values[min(len(values) - 1, int(len(values) * 0.95))]
                text = f"{middle:.4g}" if len(values) < 3 else f"{middle:.4g} (p95 {last:.4g})"
                if bare is not None and column != "bare":
                    text += f" = {middle - bare:+.0f}" if row.startswith("memory") else f" = {middle / bare:.3f} ×"
                cells.append(text)
            say(f"| {row} | " + " | ".join(cells) + " |")


def main() -> None:
    """Measure and print; the raw figures go to the file in LOWDB_BENCH, if that is set."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        bench.run(rounds)
    sys.stderr.write("\n")
    bench.report(print)
    if os.environ.get("LOWDB_BENCH"):
        Path(os.environ["LOWDB_BENCH"]).write_text(json.dumps(bench.figures))


if __name__ == "__main__":
    main()
