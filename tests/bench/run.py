"""What lowdb costs, side by side with a bare run, a hand-written monitor and pdb: `run.py [--write] [--quick] [ROW…]`.

Each figure comes from interleaved runs of whole processes, pinned to one processor, as CPU time unless it says wall
time: the best pass of each process, the ratio of processes that ran one after the other, the median of those ratios.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT))

from tests.processes import environment  # noqa: E402

WORK = str(HERE / "workloads.py")
DRIVE = str(HERE / "drive.py")
MINIMAL = str(HERE / "minimal.py")
PAGE = ROOT / "docs" / "explanation" / "why-fast.md"
BEGIN, END = "<!-- figures: made by tests/bench/run.py --write -->", "<!-- end of the figures -->"
PYTHON = sys.executable
LOWDB = [PYTHON, "-m", "lowdb", "--ui", "plain"]
TEN = ("floats", "recursion", "methods", "generators", "json", "regex", "exceptions", "asyncio", "threads", "sqlglot")
NOISE = 0.05
"""Around 1 a ratio is not known better than this, even on a quiet machine."""


@dataclass(slots=True)
class Figure:
    """One number with its spread, or several that belong together."""

    middle: float
    low: float
    high: float

    @classmethod
    def of(cls, values: list[float]) -> Figure:
        return cls(statistics.median(values), min(values), max(values))

    def text(self, unit: str = "") -> str:
        def one(value: float) -> str:
            if unit == "×":
                return f"{value:.2f}" if value < 10 else f"{value:,.0f}"
            return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"

        suffix = f" {unit}" if unit and unit != "×" else ""
        if self.low == self.high:
            return one(self.middle) + suffix
        return f"{one(self.middle)}{suffix} ({one(self.low)}–{one(self.high)})"


@dataclass(slots=True)
class Row:
    """A line of the table. `most` is the target on 3.15, `before` on 3.12–3.14; more is better where `least` is set."""

    name: str
    unit: str
    lowdb: Figure
    limit: Figure | str
    pdb: Figure | str
    most: float | None = None
    before: float | None = None
    least: bool = False
    target: str = ""
    noise: float = NOISE

    def verdict(self, version: tuple[int, int]) -> str:
        """`yes`, `within the noise`, or `no`."""
        goal = self.most if version >= (3, 15) else self.before
        if goal is None or (self.lowdb.middle >= goal if self.least else self.lowdb.middle <= goal):
            return "yes"
        slack = self.noise if self.unit == "×" else 0.02 * goal
        if self.lowdb.middle >= goal - slack if self.least else self.lowdb.middle <= goal + slack:
            return "within the noise"
        return "**no**"

    def met(self, version: tuple[int, int]) -> bool:
        return "no" not in self.verdict(version).split("*")


# --- processes -------------------------------------------------------------------------------------


def pinned() -> None:
    """All that is timed runs on one processor, where the system can say so."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def out_of(argv: list[str], typed: str = "", env: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        argv,
        input=typed,
        capture_output=True,
        text=True,
        env=environment(env) | {"PYTHONDONTWRITEBYTECODE": ""},
        timeout=600,
        cwd=ROOT,
    )
    return done.stdout + done.stderr


def seconds(argv: list[str], typed: str = "") -> float:
    """The best pass of a workload."""
    text = out_of(argv, typed)
    found = re.search(r"^@seconds (.*)", text, re.MULTILINE)
    if found is None:
        raise RuntimeError(f"{argv} did not come to its end:\n{text[-2000:]}")
    return float(min(json.loads(found[1])))


def line_of(mark: str) -> int:
    for number, text in enumerate(Path(WORK).read_text().splitlines(), 1):
        if re.search(rf"# @{mark}$", text):
            return number
    raise KeyError(mark)


class Bench:
    """Runs and keeps what was found."""

    def __init__(self, rounds: int, wanted: list[str], quiet: bool = False) -> None:
        self.rounds = rounds
        self.wanted = wanted
        self.quiet = quiet
        self.rows: list[Row] = []
        self.details: dict[str, dict[str, Figure]] = {}

    def say(self, text: str) -> None:
        if not self.quiet:
            print(text, file=sys.stderr, flush=True)

    def wants(self, name: str) -> bool:
        return not self.wanted or any(word in name for word in self.wanted)

    def add(self, row: Row) -> None:
        self.rows.append(row)
        self.say(
            f"{row.name}: lowdb {row.lowdb.text(row.unit)}  limit {_text(row.limit, row.unit)}  pdb "
            f"{_text(row.pdb, row.unit)}"
        )

    def interleaved(self, commands: dict[str, list[str]], rounds: int | None = None) -> dict[str, list[float]]:
        """The best passes of each command's processes, taken in turn; the order changes from round to round."""
        found: dict[str, list[float]] = {name: [] for name in commands}
        names = list(commands)
        for turn in range(rounds or self.rounds):
            for name in names[turn % len(names) :] + names[: turn % len(names)]:
                found[name].append(seconds(commands[name]))
        return found

    def ratios(self, commands: dict[str, list[str]], rounds: int | None = None) -> dict[str, Figure]:
        found = self.interleaved(commands, rounds)
        bare = found["bare"]
        return {
            name: Figure.of([mine / theirs for mine, theirs in zip(times, bare, strict=True)])
            for name, times in found.items()
            if name != "bare"
        }


def _text(figure: Figure | str, unit: str) -> str:
    return figure if isinstance(figure, str) else figure.text(unit)


FULL = 6.0
"""The scale of a pass that takes 20 to 100 ms bare."""


def work(name: str, passes: int = 5, scale: float = FULL) -> list[str]:
    return [WORK, name, str(passes), str(scale)]


def pdb_ratio(commands: list[str], name: str, typed: str = "", scale: float = 0.03) -> Figure:
    """One pass under pdb, small: what takes 100 ms bare may take minutes there."""
    argv = [PYTHON, "-m", "pdb", *(part for command in commands for part in ("-c", command))]
    slow = seconds([*argv, *work(name, 1, scale)], typed)
    bare = statistics.median(seconds([PYTHON, *work(name, 5, scale)]) for _ in range(3))
    return Figure.of([slow / bare])


# --- rows ------------------------------------------------------------------------------------------


def hot_lines() -> dict[str, str]:
    """FILE:LINE of the line in each workload's hot function that is never reached."""
    places = {}
    for name in TEN:
        if name != "sqlglot":
            places[name] = f"{WORK}:{line_of(f'never {name}')}"
    found = json.loads(out_of([PYTHON, "-c", _FIND_IN_SQLGLOT, WORK]).strip().splitlines()[-1])
    if found:
        places["sqlglot"] = found
    return places


# The hottest function of sqlglot's parser that has a line which the workload never comes to.
_FIND_IN_SQLGLOT = """
import json, sys
sys.path.insert(0, sys.argv[1].rpartition("/")[0])
try:
    import sqlglot.parser
except ImportError:
    print(json.dumps(None))
    sys.exit()
import workloads
mon = sys.monitoring
calls, lines = {}, {}
def start(code, offset):
    if code.co_filename == sqlglot.parser.__file__:
        calls[code] = calls.get(code, 0) + 1
def line(code, number):
    if code.co_filename == sqlglot.parser.__file__:
        lines.setdefault(code, set()).add(number)
    return mon.DISABLE
mon.use_tool_id(2, "find")
mon.register_callback(2, mon.events.PY_START, start)
mon.register_callback(2, mon.events.LINE, line)
mon.set_events(2, mon.events.PY_START | mon.events.LINE)
workloads.sqlglot_work(0.1)
mon.set_events(2, 0)
for code in sorted(calls, key=calls.get, reverse=True):
    never = {n for _, _, n in code.co_lines() if n} - lines[code] - {code.co_firstlineno}
    if never and not code.co_name.startswith("<"):
        print(json.dumps(f"{code.co_filename}:{min(never)}"))
        break
"""


# The control: lowdb's modules are there and nothing of it runs. Where objects and types lie in memory, and which slots
# of the interpreter's caches they share, makes some programs a few per cent faster or slower.
_IMPORTED = """
import lowdb.cli, lowdb.hooks, lowdb.engine.debugger, lowdb.repl.session, lowdb.repl.console, runpy, sys
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def ten(bench: Bench) -> None:
    """The first two rows: nothing set, and a breakpoint that is not reached."""
    names = [name for name in TEN if bench.wants(name) or bench.wants("ten")]
    places = hot_lines()
    all_ratios: dict[str, dict[str, Figure]] = {}
    slow: dict[str, Figure] = {}
    for name in names:
        place = places.get(name)
        if place is None:
            bench.say(f"{name}: not installed, left out")
            continue
        commands = {
            "bare": [PYTHON, *work(name)],
            "bare again": [PYTHON, *work(name)],
            "imported": [PYTHON, "-c", _IMPORTED, *work(name)],
            "nothing set": [*LOWDB, "-c", "c", *work(name)],
            "breakpoint": [*LOWDB, "-c", f"b {place}", "-c", "c", *work(name)],
            "minimal": [PYTHON, MINIMAL, "never", place, *work(name)],
        }
        all_ratios[name] = bench.ratios(commands)
        slow[name] = pdb_ratio([f"b {place}", "c"], name, scale=0.02)
        all_ratios[name]["pdb"] = slow[name]
        bench.say(f"{name}: " + "  ".join(f"{key} {value.text('×')}" for key, value in all_ratios[name].items()))
    bench.details = all_ratios
    if len(all_ratios) < 2:
        return

    def over(key: str, pick: str) -> Figure:
        values = [ratio[key].middle for ratio in all_ratios.values()]
        return Figure(statistics.median(values) if pick == "middle" else max(values), min(values), max(values))

    worst = max(all_ratios, key=lambda name: all_ratios[name]["nothing set"].middle)
    bench.add(
        Row(
            f"nothing set, the worst of the ten ({worst})",
            "×",
            over("nothing set", "worst"),
            over("imported", "worst"),
            "–",
            1.03,
            1.05,
            target="≤ 1.03 × bare on every one",
            noise=max(NOISE, over("imported", "worst").middle - 1),
        )
    )
    worst = max(all_ratios, key=lambda name: all_ratios[name]["breakpoint"].middle)
    bench.add(
        Row(
            f"breakpoint on a line of a hot function that is not reached, the worst of the ten ({worst})",
            "×",
            over("breakpoint", "worst"),
            over("minimal", "worst"),
            over("pdb", "middle"),
            1.03,
            1.15,
            target="≤ 1.03 × bare on every one",
        )
    )


def jumps_within_a_line(bench: Bench) -> None:
    """Where the interpreter keeps LINE on at lines that are never stopped at: no target, an honest figure."""
    title = "breakpoint not reached, in a tight loop with a conditional expression (`x if c else y`)"
    if not bench.wants(title):
        return
    place = f"{WORK}:{line_of('never ternary')}"
    ratio = bench.ratios(
        {
            "bare": [PYTHON, *work("ternary")],
            "lowdb": [*LOWDB, "-c", f"b {place}", "-c", "c", *work("ternary")],
            "minimal": [PYTHON, MINIMAL, "never", place, *work("ternary")],
        }
    )
    bench.add(Row(title, "×", ratio["lowdb"], ratio["minimal"], pdb_ratio([f"b {place}", "c"], "ternary", scale=0.02)))


def hits(bench: Bench) -> None:
    """What one hit of a breakpoint costs that does not stop."""
    place = line_of("hit")
    for mode, title, most, issue in (
        ("when", "condition that is never true, a hit", 232, 232),
        ("ignore", "ignore count, a hit", 150, 118),
        ("log", "log point, a hit, without the output itself", 1000, 408),
    ):
        if not bench.wants(title):
            continue
        found = bench.interleaved(
            {
                "bare": [PYTHON, *work("hits")],
                "minimal": [PYTHON, MINIMAL, mode, str(place), *work("hits")],
                "lowdb": [PYTHON, DRIVE, mode, str(place), *work("hits")],
            }
        )
        each = 1e9 / (200_000 * FULL + 1)
        lowdb = Figure.of([(a - b) * each for a, b in zip(found["lowdb"], found["bare"], strict=True)])
        limit = Figure.of([(a - b) * each for a, b in zip(found["minimal"], found["bare"], strict=True)])
        command = {
            "when": [f"b {WORK}:{place}, i == -1", "c"],
            "ignore": [f"b {WORK}:{place}", "ignore 1 999999999", "c"],
            "log": [f"b {WORK}:{place}", "commands 1\nsilent\np f'{i} {total}'\nc\nend", "c"],
        }[mode]
        slow: Figure | str = "–"
        if mode != "log":
            argv = [PYTHON, "-m", "pdb", *(part for one in command for part in ("-c", one))]
            small = 0.05
            slow = Figure.of(
                [
                    (seconds([*argv, *work("hits", 1, small)]) - seconds([PYTHON, *work("hits", 3, small)]))
                    * 1e9
                    / (200_000 * small + 1)
                ]
            )
        target = f"≤ {most:,} ns where the limit is {issue}"
        row = Row(title, "ns", lowdb, limit, slow, target=target)
        row.most = max(most, limit.middle * most / issue)  # a slower machine than the issue's needs longer
        row.before = row.most * 1.6
        bench.add(row)


def stepping(bench: Bench) -> None:
    """Steps that run much of the program."""
    for title, name, mode, mark, limit_mark, typed, most, before in (
        ("step over a heavy call", "heavy", "over", "call", "call", "n\nc\n", 1.03, 1.06),
        ("finish a heavy function", "heavy", "finish", "first", "first", "r\nc\n", 1.03, 1.06),
        ("finish the outermost frame of a recursion", "tower", "tower", "tower", "outermost", "s\nr\nc\n", 1.05, 1.3),
    ):
        if not bench.wants(title):
            continue
        ratio = bench.ratios(
            {
                "bare": [PYTHON, *work(name)],
                "lowdb": [PYTHON, DRIVE, mode, str(line_of(mark)), *work(name)],
                "minimal": [
                    PYTHON,
                    MINIMAL,
                    "finish" if mode == "tower" else mode,
                    str(line_of(limit_mark)),
                    *work(name),
                ],
            }
        )
        slow = pdb_ratio([f"b {WORK}:{line_of(mark)}", "c"], name, typed * 8, scale=0.5)
        bench.add(Row(title, "×", ratio["lowdb"], ratio["minimal"], slow, most, before, target=f"≤ {most} × bare"))


def next_in_a_recursion(bench: Bench) -> None:
    """`next` in the outermost frame of a recursion: its inner frames share the code that is watched. No target."""
    title = "`next` over a recursion, from inside its outermost frame"
    if not bench.wants(title):
        return
    command = [PYTHON, DRIVE, "inside", str(line_of("tower")), *work("tower", 2)]
    ratio = bench.ratios({"bare": [PYTHON, *work("tower", 2)], "lowdb": command}, rounds=3)
    slow = pdb_ratio([f"b {WORK}:{line_of('tower')}", "c"], "tower", "s\nn\nn\nn\nn\nc\n" * 4, scale=0.5)
    bench.add(Row(title, "×", ratio["lowdb"], "–", slow))


def exceptions(bench: Bench) -> None:
    """Exception breakpoints and traps in a program that raises all the time."""
    watched = line_of("watched")
    for title, name, command, mode, most, before in (
        ("uncaught filter, exception-heavy program", "exceptions", "catch uncaught", "none", 1.03, 1.05),
        ("raised filter for a class that never occurs", "exceptions", "catch ZeroDivisionError", "raised", 2.0, 2.5),
        ("function-exit trap while the rest raises", "trapped", "trap watched if $ret == -5", "trap", 1.03, 1.3),
    ):
        if not bench.wants(title):
            continue
        ratio = bench.ratios(
            {
                "bare": [PYTHON, *work(name)],
                "lowdb": [*LOWDB, "-c", command, "-c", "c", *work(name)],
                "minimal": [PYTHON, MINIMAL, mode, str(watched), *work(name)],
            }
        )
        target = f"≤ {most:g} × bare" + (" (1.3 before 3.15)" if mode == "trap" else "")
        bench.add(Row(title, "×", ratio["lowdb"], ratio["minimal"], "–", most, before, target=target))


def steps_a_second(bench: Bench) -> None:
    """Steps through a front end that answers at once, and through a pipe."""
    title = "steps a second, through a front end that answers at once"
    place = str(line_of("hit"))
    if bench.wants(title):
        rates = []
        for _ in range(min(3, bench.rounds)):
            text = out_of([PYTHON, DRIVE, "steps", place, *work("hits", 5)])
            rates.append(float(re.search(r"^@steps (.*)", text, re.MULTILINE)[1]))
        bare, minimal = [seconds([PYTHON, *work("hits")]), seconds([PYTHON, MINIMAL, "steps", place, *work("hits")])]
        limit = Figure.of([400_000 * FULL / (minimal - bare)])
        bench.add(Row(title, "/s", Figure.of(rates), limit, "–", 100_000, 50_000, least=True, target="≥ 100,000"))
    title = "steps a second, through the plain REPL on a pipe (wall time)"
    if bench.wants(title):

        def rate(argv: list[str], few: int, many: int) -> float:
            times = []
            for steps in (few, many):
                begun = time.perf_counter()
                out_of([*argv, *work("hits", 1)], "n\n" * steps + "q\ny\n")
                times.append(time.perf_counter() - begun)
            return (many - few) / (times[1] - times[0])

        mine = [rate([*LOWDB, "-c", f"tb {WORK}:{place}", "-c", "c"], 500, 20_500) for _ in range(min(3, bench.rounds))]
        theirs = rate([PYTHON, "-m", "pdb", "-c", f"tbreak {WORK}:{place}", "-c", "c"], 200, 4_200)
        bench.add(
            Row(title, "/s", Figure.of(mine), "–", Figure.of([theirs]), 10_000, 5_000, least=True, target="≥ 10,000")
        )


@dataclass(slots=True)
class Start:
    """One start to the first prompt."""

    wall: float
    """ms from the process's start to its prompt."""
    cpu: float
    """ms, its whole life."""
    memory: float
    """MB resident at the prompt."""


def start_of(argv: list[str], prompt: bytes) -> Start:
    begun = time.perf_counter()
    process = subprocess.Popen(
        argv,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment() | {"PYTHONDONTWRITEBYTECODE": ""},
    )
    seen = b""
    while prompt not in seen:
        data = os.read(process.stdout.fileno(), 65536)
        if not data:
            raise RuntimeError(f"{argv} showed no prompt: {seen!r}")
        seen += data
    wall = time.perf_counter() - begun
    memory = 0.0
    if os.path.exists(f"/proc/{process.pid}/status"):
        memory = int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{process.pid}/status").read_text())[1]) / 1024
    process.stdin.close()
    while os.read(process.stdout.fileno(), 65536):
        pass
    process.stdout.close()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return Start(wall * 1000, (usage.ru_utime + usage.ru_stime) * 1000, memory)


def starts(bench: Bench) -> None:
    """The first stop of an empty script, and the memory there."""
    if not (bench.wants("first stop of an empty script") or bench.wants("memory over bare")):
        return
    with tempfile.TemporaryDirectory() as place:
        empty = Path(place, "empty.py")
        empty.write_text("pass\n")
        asks = Path(place, "asks.py")
        asks.write_text("input('(bare) ')\n")
        commands = {
            "bare": ([PYTHON, str(asks)], b"(bare) "),
            "lowdb": ([*LOWDB, str(empty)], b"(lowdb) "),
            "minimal": ([PYTHON, MINIMAL, "start", "1", str(empty)], b"(minimal) "),
            "pdb": ([PYTHON, "-m", "pdb", str(empty)], b"(Pdb) "),
        }
        found: dict[str, list[Start]] = {name: [] for name in commands}
        start_of(*commands["lowdb"])  # writes the .pyc files
        for _ in range(bench.rounds + 4):
            for name, (argv, prompt) in commands.items():
                found[name].append(start_of(argv, prompt))

    def figure(name: str, what: str) -> Figure:
        return Figure.of([getattr(one, what) for one in found[name]])

    bare = figure("bare", "cpu")
    limit = f"bare start {bare.text('ms')}"
    bench.add(
        Row(
            "first stop of an empty script, plain: CPU to its end",
            "ms",
            figure("lowdb", "cpu"),
            limit,
            figure("pdb", "cpu"),
            80,
            100,
            target="≤ 80 ms where a bare start is 13",
        )
    )
    # the target is for a machine whose bare start takes 13 ms
    bench.rows[-1].most = 80 * max(1.0, bare.middle / 13)
    bench.rows[-1].before = 100 * max(1.0, bare.middle / 13)
    bench.add(
        Row(
            "first stop of an empty script, plain: wall time",
            "ms",
            figure("lowdb", "wall"),
            f"bare start {figure('bare', 'wall').text('ms')}",
            figure("pdb", "wall"),
            target="",
        )
    )
    over = {
        name: Figure.of([one.memory - base.memory for one, base in zip(found[name], found["bare"], strict=True)])
        for name in ("lowdb", "minimal", "pdb")
    }
    bench.add(
        Row(
            "memory over bare, at the first stop",
            "MB",
            over["lowdb"],
            over["minimal"],
            over["pdb"],
            10,
            12,
            target="≤ 10 MB plain",
        )
    )


_SET_TRACE = """
import sys, time
sys.path.insert(0, {place!r})
for n in range(900):
    __import__(f"many.m{{n}}")
import lowdb, lowdb.hooks, lowdb.engine.debugger, lowdb.repl.session, lowdb.repl.console
def stop_here():
    begun = time.perf_counter()
    lowdb.set_trace()
stop_here()
"""
_PDB = _SET_TRACE.replace("lowdb, lowdb.hooks, lowdb.engine.debugger, lowdb.repl.session, lowdb.repl.console", "pdb")
_PDB = _PDB.replace("lowdb.set_trace()", "pdb.set_trace()")
_MODULE = (
    "\n".join(
        f"class C{i}:\n" + "".join(f"    def m{j}(self, a):\n        return a + {j}\n" for j in range(3))
        for i in range(3)
    )
    + "\ndef f(a):\n    return [lambda: a for _ in ()]\n"
)


_SECONDS = r"^(?:\([A-Za-z]+\) )?(\d\.\d+(?:e-\d+)?)$"


def set_trace(bench: Bench) -> None:
    """set_trace() in a program of many modules, without and with a scan of all code."""
    if not bench.wants("set_trace() with 900 modules"):
        return
    with tempfile.TemporaryDirectory() as place:
        many = Path(place, "many")
        many.mkdir()
        (many / "__init__.py").write_text("")
        for n in range(900):
            (many / f"m{n}.py").write_text(_MODULE)
        program = Path(place, "program.py")
        typed = "p time.perf_counter() - begun\n"
        scan = f"now = time.perf_counter()\nb {many}/m500.py:3\np time.perf_counter() - now\nq\ny\n"

        def run(text: str, after: str) -> list[float]:
            program.write_text(text.format(place=place))
            out = out_of([PYTHON, str(program)], typed + after, {"LOWDB_UI": "plain"})
            return [float(found) * 1000 for found in re.findall(_SECONDS, out, re.MULTILINE)]

        run(_SET_TRACE, scan)
        mine = [run(_SET_TRACE, scan) for _ in range(bench.rounds)]
        theirs = [run(_PDB, "q\n") for _ in range(min(3, bench.rounds))]
    stop = Figure.of([one[0] for one in mine])
    scanned = Figure.of([one[1] for one in mine])
    bench.add(
        Row(
            "set_trace() with 900 modules loaded, to its prompt (wall time)",
            "ms",
            stop,
            "–",
            Figure.of([one[0] for one in theirs]),
            5,
            8,
            target="≤ 5 ms",
        )
    )
    bench.add(
        Row(
            "the first breakpoint there: a scan of all code (wall time)",
            "ms",
            scanned,
            "–",
            "–",
            30,
            40,
            target="≤ 30 ms",
        )
    )


ALL = (ten, jumps_within_a_line, hits, stepping, next_in_a_recursion, exceptions, steps_a_second, starts, set_trace)


def measure(rounds: int = 7, wanted: list[str] | None = None, quiet: bool = False) -> Bench:
    pinned()
    bench = Bench(rounds, wanted or [], quiet)
    for part in ALL:
        part(bench)
    return bench


# --- the table -------------------------------------------------------------------------------------


_COLUMNS = ("bare again", "imported", "nothing set", "breakpoint", "minimal", "pdb")


def processor() -> str:
    try:
        found = re.search(r"^model name\s*: (.*)", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        found = None
    return found[1] if found else platform.processor() or platform.machine()


def table(bench: Bench) -> str:
    version = sys.version_info[:2]
    when = time.strftime("%d %B %Y").lstrip("0")
    load = os.getloadavg()[0]
    intro = (
        f"Measured on {when}, CPython {platform.python_version()}, {processor()}, {os.cpu_count()} processors, load "
        f"{load:.1f}; lowdb, the hand-written monitor and pdb in the same run. Medians, with the lowest and the "
        "highest in brackets; ± 5 % around 1 is noise. Ratios are to a bare run."
    )
    lines = [
        intro,
        "",
        "| what | lowdb | target (3.15) | practical limit | pdb | met |",
        "|---|---|---|---|---|---|",
    ]
    for row in bench.rows:
        met = "" if not row.target else row.verdict(version)
        lines.append(
            f"| {row.name} | {row.lowdb.text(row.unit)} | {row.target} | {_text(row.limit, row.unit)} "
            f"| {_text(row.pdb, row.unit)} | {met} |"
        )
    if bench.details:
        lines += [
            "",
            "The ten programs, as ratios to a bare run. The noise: a second bare run; lowdb imported, doing nothing.",
            "",
            "| program | bare again | only imported | lowdb, nothing set | lowdb, not reached | limit | pdb |",
            "|---|---|---|---|---|---|---|",
        ]
        for name, ratio in bench.details.items():
            cells = [ratio[key].text("×") for key in _COLUMNS]
            lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def write(text: str) -> None:
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the table into docs/explanation/why-fast.md")
    parser.add_argument("--quick", action="store_true", help="three rounds in place of seven")
    parser.add_argument("rows", nargs="*", help="words of the rows that are wanted; all by default")
    options = parser.parse_args()
    if options.write and options.rows:
        parser.error("--write needs all rows")
    text = table(measure(3 if options.quick else 7, options.rows))
    print(text)
    if options.write:
        write(text)


if __name__ == "__main__":
    main()
