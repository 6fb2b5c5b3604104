"""One scenario, several doors: the same steps through the engine's own contract and through the plain REPL.

    play("loops", "break @add if n == 4", "continue -> @add breakpoint 1", "p n -> 4", "next -> @for", door="repl")

A step is a command, and after ` -> ` what must come of it:

| step | what it does; what may stand after the arrow |
|---|---|
| `break LOC [CLAUSES]`, `tbreak …`, `log LOC "text {expr}"` | a breakpoint; `says TEXT` (part of the answer) |
| `trap NAME [returns|unwinds] [EXC] [if …]`, `catch [EXC] [raised|uncaught|user] [if …]` | the same |
| `watch NAME|OBJECT.NAME|OBJECT[KEY] [if …]` | the same |
| `ignore N COUNT`, `condition N EXPR`, `enable N`, `disable N`, `clear N`, `mycode on|off` | `says TEXT` |
| `continue`, `next`, `step [NAME]`, `step!`, `finish`, `until [@m]`, `to @m` | STOP, or `end [STATUS]` |
| `interrupt` | continue, and Ctrl-C once the program has printed "blocking"; STOP |
| `jump @m`, `up [N]`, `down [N]` | `says TEXT`, or `refused TEXT` |
| `p EXPR` | the value's text, exactly, or `~TEXT`: a part of it; `set STATEMENT` runs one; `type TEXT` as at a prompt |
| `quit`, `detach`, `end` | `end` lets the program run to its end; STATUS |
| `prints TEXT` | nothing is done: the program's output up to now holds the text |

STOP is `@mark` and, where it matters, the reason after it: `breakpoint N`, `step`, `start`, `pause`, `returns VALUE`,
`unwinds TYPE`, `raised TYPE`, `user-uncaught TYPE`, `uncaught TYPE`, `watch NAME: OLD → NEW`.
`@mark` is a line of the program that ends in the
comment `# @mark`; `@file:mark` is one of another program. LOC is `@mark`, or a function's name.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

import pytest

from tests.processes import PROGRAMS, ROOT, Process

DOORS = tuple(os.environ.get("LOWDB_DOORS", "engine,repl").split(","))
"""Every day two of the three; .ci/run asks for "dap" as well."""
RESUMES = frozenset(
    {"continue", "interrupt", "next", "step", "step!", "finish", "until", "to", "quit", "detach", "end"}
)


@dataclass(frozen=True, slots=True)
class Seen:
    """A stop as it came through a door."""

    filename: str
    line: int
    function: str
    reason: str
    detail: str
    """The breakpoint's number, the value's text, the exception's type name: what the reason is about, or ""."""
    text: str
    """What else the door said, for the text of a failure."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The program came to its end."""

    status: int


@cache
def marks(path: Path) -> dict[str, int]:
    """The marks of a program and their lines (1-based)."""
    found: dict[str, int] = {}
    for number, line in enumerate(path.read_bytes().decode("latin-1").splitlines(), 1):
        if comment := re.search(r"#((?:\s*@\w+)+)\s*$", line):
            for mark in re.findall(r"@(\w+)", comment[1]):
                assert mark not in found, f"{path.name}: @{mark} stands twice"
                found[mark] = number
    return found


def program_path(name: str) -> Path:
    path = Path(name)
    return path if path.is_absolute() else PROGRAMS / f"{name}.py"


def place(program: Path, mark: str) -> tuple[str, int]:
    """`mark` or `file:mark` as (canonical file, line)."""
    file, _, mark = mark.rpartition(":")
    path = PROGRAMS / f"{file}.py" if file else program
    assert mark in marks(path), f"{path.name} has no line marked @{mark}"
    return os.path.realpath(path), marks(path)[mark]


class Door(Protocol):
    """One way to a program under lowdb."""

    process: Process

    def first(self) -> Seen | Ended:
        """Where the program stands before the first step."""

    def ask(self, verb: str, rest: str) -> tuple[bool, str]:
        """Do what resumes nothing; (whether it was done, the answer)."""

    def resume(self, verb: str, rest: str) -> Seen | Ended:
        """Let the program go on."""

    def said(self) -> str:
        """What was printed so far."""

    def close(self) -> None:
        """End it all."""


class EngineDoor:
    """The engine's contract itself, in a process of its own (engine_door.py), told what to do over two pipes."""

    def __init__(self, program: Path, args: tuple[str, ...], options: dict[str, object]) -> None:
        theirs_in, self._ours_out = os.pipe()
        self._ours_in, theirs_out = os.pipe()
        argv = [sys.executable, str(ROOT / "tests" / "engine_door.py"), str(theirs_in), str(theirs_out)]
        argv += [json.dumps(options), str(program), *args]
        self.process = Process(argv, pass_fds=(theirs_in, theirs_out))
        os.close(theirs_in)
        os.close(theirs_out)
        self._unread = b""

    def first(self) -> Seen | Ended:
        return self._stop(self._receive())

    def ask(self, verb: str, rest: str) -> tuple[bool, str]:
        self._send(verb, rest)
        answer = self._receive()
        assert answer is not None, f"the process ended at {verb} {rest}\n{self.process.report()}"
        return answer["done"], answer["text"]

    def resume(self, verb: str, rest: str) -> Seen | Ended:
        if verb == "end":
            while isinstance(seen := self.resume("continue", ""), Seen):
                pass
            return seen
        self._send("continue" if verb == "interrupt" else verb, rest)
        if verb == "interrupt":
            interrupt(self.process)
        return self._stop(self._receive())

    def said(self) -> str:
        return self.process.out

    def close(self) -> None:
        os.close(self._ours_in)
        os.close(self._ours_out)
        self.process.kill()

    def _send(self, verb: str, rest: str) -> None:
        try:
            os.write(self._ours_out, json.dumps([verb, rest]).encode() + b"\n")
        except BrokenPipeError:
            self.process.wait()
            raise AssertionError(f"the process was gone at {verb} {rest}\n{self.process.report()}") from None

    def _receive(self) -> dict | None:
        while b"\n" not in self._unread:
            data = self.process.read_also(self._ours_in)
            if not data:
                return None
            self._unread += data
        line, _, self._unread = self._unread.partition(b"\n")
        message = json.loads(line)
        if "broken" in message:
            raise AssertionError(message["broken"])
        return message

    def _stop(self, message: dict | None) -> Seen | Ended:
        if message is None:
            done = self.process.wait()
            return Ended(done.status)
        return Seen(**message)


PROMPT = r"^\(lowdb[^)\n]*\) |(?<=\) )\(lowdb[^)\n]*\) "
STOP = re.compile(
    r"^> (?P<file>.+)\((?P<line>\d+)\)(?P<function>[^()\n]*)\(\)(?P<value>->.*)?\n(?P<reason>.*)$", re.MULTILINE
)
REPL_WORDS = {
    "type": "",
    "continue": "c",
    "finish": "r",
    "until": "unt",
    "set": "!",
    "jump": "j",
    "quit": "q!",
    "step!": "s!",
}


class ReplDoor:
    """`python -m lowdb --ui plain` over pipes: what a person, a script or Emacs sees."""

    def __init__(self, program: Path, args: tuple[str, ...], options: dict[str, object]) -> None:
        self.process = Process([sys.executable, "-m", "lowdb", "--ui", "plain", str(program), *args])
        self._options = options

    def first(self) -> Seen | Ended:
        seen = self._stop()
        for key, value in self._options.items():
            self.ask("config", f"{key} = {str(value).lower()}")
        return seen

    def ask(self, verb: str, rest: str) -> tuple[bool, str]:
        self.process.send(f"{REPL_WORDS.get(verb, verb)} {rest}".lstrip() + "\n")
        text = self.process.read_until(PROMPT)
        assert text is not None, f"the process ended at {verb} {rest}\n{self.process.report()}"
        return True, re.sub(rf"(?:{PROMPT})\Z", "", text, flags=re.MULTILINE).rstrip("\n")

    def resume(self, verb: str, rest: str) -> Seen | Ended:
        if verb == "end":
            return Ended(self.process.wait().status)  # the end of the commands lets the program run on
        self.process.send(f"{REPL_WORDS.get('continue' if verb == 'interrupt' else verb, verb)} {rest}\n")
        if verb == "interrupt":
            interrupt(self.process)
        return self._stop()

    def said(self) -> str:
        return self.process.out

    def close(self) -> None:
        self.process.kill()

    def _stop(self) -> Seen | Ended:
        text = self.process.read_until(PROMPT)
        if text is None:
            return Ended(self.process.wait().status)
        found = STOP.search(text)
        assert found, f"no stop was shown, but {text!r}\n{self.process.report()}"
        word, _, rest = found["reason"].strip().partition(" ")
        rest = rest.strip()
        match word:
            case "returns":
                detail = found["value"].removeprefix("->") if found["value"] else ""
            case "breakpoint":
                detail = rest.split()[0] if rest else ""
            case "unwinds" | "raised" | "uncaught" | "user-uncaught":
                # "unwinds  shop.py:58  f  =>  PricingError: negative rate": the first name that ends a sentence part
                type_name = re.search(
                    r"(?:^|=>\s*|\s)([A-Za-z_][\w.]*)(?=:\s|\s*$|\s{2,})", rest.partition("=>")[2] or rest
                )
                detail = type_name[1].rpartition(".")[2] if type_name else ""
            case "watch":
                # "watch 2  shop.py:60  total: 107.5 → 90.0    changed by shop.py:59  checkout · hit 1"
                detail = re.split(r"\s{2,}", rest)[2]
            case "step":
                # "step  shop.py:52  checkout  ·  apply_discount returned 107.55", "… raised PricingError: no"
                detail = re.sub(r"( raised \w+):.*", r"\1", re.split(r"\s{2,}", rest.partition("·  ")[2])[0])
            case _:
                detail = ""
        return Seen(found["file"], int(found["line"]), found["function"], word, detail, "")


def interrupt(process: Process) -> None:
    """Ctrl-C, once the program has said that it blocks and had a moment to do so."""
    process.expect("blocking\n")
    time.sleep(0.3)
    process.interrupt()


def open_door(door: str, program: Path, args: tuple[str, ...], options: dict[str, object]) -> Door:
    if door == "dap":
        from tests.dap_door import DapDoor

        return DapDoor(program, args, options)
    return {"engine": EngineDoor, "repl": ReplDoor}[door](program, args, options)


def play(program: str, *steps: str, door: str, args: tuple[str, ...] = (), **options: object) -> None:
    """Run `steps` on a debuggee of tests/programs; the first that does not come out fails the test, with all that was
    said. `options` are fields of the engine's Options."""
    path = program_path(program)
    from tests.dap_door import Untold

    log: list[str] = []
    try:
        opened = open_door(door, path, args, options)
    except Untold as untold:
        pytest.skip(f"an editor has no word for {untold}")
    try:
        now: Seen | Ended = opened.first()
        log.append(f"start: {told(now)}")
        assert isinstance(now, Seen), "the program did not stop at its start"
        for step in steps:
            command, _, wanted = step.partition(" -> ")
            verb, _, rest = command.strip().partition(" ")
            rest = with_places(path, verb, rest)
            if verb == "prints":
                # the program's output may be a moment behind
                if isinstance(now, Seen) and rest not in opened.said():
                    opened.process.read_until(re.escape(rest))
                said = opened.said()
                assert rest in said, f"{rest!r} was not printed, but:\n{said}"
                log.append(step)
            elif verb in RESUMES:
                assert isinstance(now, Seen), f"{step!r}, but the program is at its end"
                now = opened.resume(verb, rest)
                log.append(f"{step}: {told(now)}")
                if verb in {"quit", "detach", "end"}:
                    wanted = f"end {wanted.removeprefix('end')}"
                check_stop(path, now, wanted)
            else:
                done, answer = opened.ask(verb, rest)
                log.append(f"{step}: {answer}")
                check_answer(verb, done, answer, wanted, door)
    except Untold as untold:
        pytest.skip(f"an editor has no word for {untold}")
    except AssertionError as error:
        text = "\n".join(f"  {line}" for line in log)
        raise AssertionError(f"{error}\nso far ({program}, {door}):\n{text}\n{opened.process.report()}") from None
    finally:
        opened.close()


def told(now: Seen | Ended) -> str:
    if isinstance(now, Ended):
        return f"end {now.status}"
    path = Path(now.filename)
    names = [f"@{m}" for m, line in (marks(path) if path.is_file() else {}).items() if line == now.line]
    return f"{path.name}:{now.line} {' '.join(names)} in {now.function}  {now.reason} {now.detail}{now.text}"


def with_places(program: Path, verb: str, rest: str) -> str:
    """The argument with each `@mark` as the command takes it: a bare line for jump and until, else FILE:LINE."""
    if verb in {"p", "set", "type", "prints", "condition", "catch", "watch"}:
        return rest

    def put(found: re.Match[str]) -> str:
        filename, line = place(program, found[1])
        return str(line) if verb in {"jump", "until"} else f"{filename}:{line}"

    return re.sub(r"(?<!\S)@((?:\w+:)?\w+)", put, rest, count=1)


def check_stop(program: Path, now: Seen | Ended, wanted: str) -> None:
    words = wanted.split(None, 2)
    if not words:
        return
    if words[0] == "end":
        assert isinstance(now, Ended), f"wanted the end, came to {told(now)}"
        if len(words) > 1:
            assert now.status == int(words[1]), f"exit status {now.status}, wanted {words[1]}"
        return
    assert isinstance(now, Seen), f"wanted {wanted}, but the program came to its end with status {now.status}"
    if words[0].startswith("@"):
        filename, line = place(program, words[0][1:])
        assert (now.filename, now.line) == (filename, line), f"wanted {words[0]} (line {line}), came to {told(now)}"
        words = wanted.split(None, 1)[1:]
        words = words[0].split(None, 1) if words else []
    else:
        words = wanted.split(None, 1)
    if words:
        assert now.reason == words[0], f"wanted the reason {words[0]!r}, came to {told(now)}"
    if len(words) > 1:
        assert now.detail == words[1], f"wanted {words[0]} {words[1]!r}, came to {told(now)}"


def check_answer(verb: str, done: bool, answer: str, wanted: str, door: str) -> None:
    kind, _, text = wanted.partition(" ")
    if verb in {"p", "type"}:
        if wanted.startswith("~"):
            assert wanted[1:] in answer, f"wanted {wanted[1:]!r} in it, got {answer!r}"
            assert len(answer) < 10_000, f"{len(answer)} characters are no summary"
        elif wanted:
            assert answer == wanted, f"wanted {wanted!r}, got {answer!r}"
    elif kind == "refused":
        assert not (done and door == "engine"), f"not refused: {answer!r}"
        assert text.lower() in answer.lower(), f"wanted a refusal with {text!r}, got {answer!r}"
    elif kind == "says":
        assert text.lower() in answer.lower(), f"wanted {text!r} in the answer, got {answer!r}"
    else:
        assert not wanted, f"{wanted!r}: only says TEXT and refused TEXT can come of {verb}"
        assert done, f"{verb} was refused: {answer}"
