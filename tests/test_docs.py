"""The sessions in docs/ are real: each is played again and has to come out as it stands there.

How a page is read (`python -m tests.test_docs` writes what really comes out into the pages):
- a fenced block with a file's name after its language (```python queue.py) is that file, for the sessions below it;
- a block ```console is a session: `$ COMMAND` is run by a shell, a line after a prompt is typed, the rest must appear.
  It goes on in a block ```console continued. What -c and -x give stands behind a prompt, too, and is not typed.
  `^C` is the interrupt key; `…` alone stands for any number of lines;
- ```console startup-2: two commands more stand behind prompts, those of a settings file;
- ```console from-3.14 (or until-3.13) is played on these versions only.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise, zip_longest
from pathlib import Path

import pytest

from tests.processes import ROOT, environment

DOCS = ROOT / "docs"
GENERATED = {DOCS / "reference" / "commands.md", DOCS / "reference" / "dap.md"}
PAGES = sorted(set(DOCS.rglob("*.md")) - GENERATED)
PROMPT = re.compile(r"\(lowdb[^)\n]*\) |\(com\) |\.\.\. |>>> ")
TYPED = re.compile(r"(\(lowdb[^)\n]*\)|\(com\)|\.\.\.|>>>)(?: (.*))?$")
HOME = re.compile(r"/home/you(/lowdb)?(?=/|'|\"|$)")
VERSIONS = re.compile(r"(from|until)-3\.(\d+)")
ANY = "…"
CONTROL_C = "^C"


class Block:
    """One fenced block: what stands after the fence, its lines, and where these are in the page."""

    def __init__(self, info: str, first: int, lines: list[str]) -> None:
        self.info = info.split()
        self.first = first  # index of the first line inside the fence
        self.lines = lines


def blocks(page: Path) -> list[Block]:
    found, lines = [], page.read_text(encoding="utf-8").splitlines()
    start = None
    for index, line in enumerate(lines):
        if start is None and line.startswith("```"):
            start = index
        elif start is not None and line == "```":
            found.append(Block(lines[start][3:], start + 1, lines[start + 1 : index]))
            start = None
    assert start is None, f"{page}: the fence in line {start} is not closed"
    return found


class Shown:
    """A command of a session: what the page shows of it, and in which block each typed line stands."""

    def __init__(self, command: str, block: Block) -> None:
        self.command = command
        self.has_input = bool(re.search(r"[|<]", command))
        """From the shell: no line of the page is typed, a prompt in it is output."""
        self.echoed = 0
        """Of -c and -x: how many of its prompts lowdb answers itself, before it asks."""
        self.typed: list[str] = []
        self.owners = [block]  # of the output before the first typed line, then of each typed line
        self.chunks: list[list[str]] = [[]]  # the same, with the typed lines


class Session:
    """The blocks that belong together, and the files that the page has shown before them."""

    def __init__(self, page: Path, block: Block, files: dict[str, str]) -> None:
        self.page = page
        self.blocks = [block]
        self.files = files
        self.commands: list[Shown] = []

    @property
    def name(self) -> str:
        return f"{self.page.relative_to(DOCS)}:{self.blocks[0].first}"

    @property
    def applies(self) -> bool:
        here = sys.version_info[1]
        limits = [match for word in self.blocks[0].info if (match := VERSIONS.fullmatch(word))]
        return all(here >= int(n[2]) if n[1] == "from" else here <= int(n[2]) for n in limits)

    def read(self, block: Block) -> None:
        echoed = 0
        for line in block.lines:
            if line.startswith("$ "):
                self.commands.append(Shown(line[2:], block))
                startup = sum(int(word[8:]) for word in block.info if word.startswith("startup-"))
                echoed = self.commands[-1].echoed = self._commands_in(line[2:]) + startup
                continue
            command = self.commands[-1]
            typed = None if command.has_input else TYPED.match(line)
            if typed and echoed:
                echoed -= 1
                typed = None
            if typed or line == CONTROL_C:
                command.typed.append(CONTROL_C if typed is None else typed[2] or "")
                command.owners.append(block)
                command.chunks.append([])
            command.chunks[-1].append(line)

    def _commands_in(self, command: str) -> int:
        words = shlex.split(command)
        count = 0
        for option, value in pairwise(words):
            if option == "-c" and words[0] == "lowdb":
                count += 1
            elif option == "-x" and words[0] == "lowdb":
                lines = self.files.get(value, "").splitlines()
                count += sum(bool(line.strip()) and not line.startswith("#") for line in lines)
        return count


def sessions(page: Path) -> list[Session]:
    found: list[Session] = []
    files: dict[str, str] = {}
    for block in blocks(page):
        if block.info[:1] == ["console"]:
            if "continued" in block.info:
                found[-1].blocks.append(block)
            else:
                found.append(Session(page, block, dict(files)))
            found[-1].read(block)
        elif len(block.info) == 2 and "." in block.info[1]:
            files[block.info[1]] = "\n".join(block.lines) + "\n"
    return found


# --- playing --------------------------------------------------------------------------------------


@cache
def shims() -> str:
    """A directory with `lowdb`, `python` and `pytest` of this interpreter; pytest has lowdb's plugin and no other."""
    directory = Path(tempfile.mkdtemp(prefix="lowdb-docs-"))
    pytest_words = "-m pytest -p lowdb.pytest_plugin -p no:cacheprovider --rootdir=. "
    for name, words in (("lowdb", "-m lowdb "), ("python", ""), ("python3", ""), ("pytest", pytest_words)):
        shim = directory / name
        shim.write_text(f'#!/bin/sh\nexec {sys.executable} {words}"$@"\n')
        shim.chmod(0o755)
    return str(directory)


def play(session: Session) -> list[list[list[str]]]:
    """For each command of the session: what came before the first prompt, then a list for each typed line."""
    directory = Path(tempfile.mkdtemp(prefix="lowdb-docs-"))
    try:
        (directory / "docs" / "examples").mkdir(parents=True)
        for copy in (directory / "docs" / "examples" / "shop.py", directory / "shop.py"):
            shutil.copy(DOCS / "examples" / "shop.py", copy)
        for name, text in session.files.items():
            (directory / name).parent.mkdir(parents=True, exist_ok=True)
            (directory / name).write_text(text, encoding="utf-8")
        results, status = [], 0
        for shown in session.commands:
            text, status = run(shown, directory, status)
            results.append(chunks(normal(text.replace(os.path.realpath(directory), "/home/you")), shown))
        return results
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def run(shown: Shown, directory: Path, status: int) -> tuple[str, int]:
    """What the command writes, on both streams, and its exit status; `^C` as a line of its own."""
    # the commands of a session are one person's: what one of them saves the next one finds
    own = {"HOME": os.path.realpath(directory), "XDG_CONFIG_HOME": None, "XDG_STATE_HOME": None}
    env = environment({"PATH": f"{shims()}{os.pathsep}{os.environ['PATH']}", "PWD": str(directory), **own})
    env["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(
            ["sh", "-c", f"(exit {status}); {shown.command}"],
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=out,
            cwd=directory,
            env=env,
            start_new_session=True,
        )
        assert process.stdin is not None
        marks = []
        try:
            pending, sent = "", 0
            for line in shown.typed:
                if line != CONTROL_C:
                    pending += line + "\n"
                    sent += 1
                    continue
                process.stdin.write(pending.encode())
                process.stdin.flush()
                pending = ""
                wait_for_prompts(out.fileno(), sent)
                time.sleep(1.0)  # the program has to be in its loop by then
                marks.append(os.fstat(out.fileno()).st_size)
                os.killpg(process.pid, signal.SIGINT)
            process.communicate(pending.encode(), timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            raise
        out.seek(0)
        data = out.read()
    for mark in reversed(marks):
        data = data[:mark] + b"\n\0" + data[mark:]
    return data.decode(), process.returncode


def wait_for_prompts(output: int, count: int) -> None:
    """Until lowdb has asked `count` times: what was typed last is then being done. No longer than ten seconds."""
    limit = time.monotonic() + 10
    while time.monotonic() < limit:
        if len(PROMPT.findall(os.pread(output, 1 << 20, 0).decode(errors="replace"))) >= count:
            return
        time.sleep(0.05)


def chunks(text: str, shown: Shown) -> list[list[str]]:
    """The output cut where something was typed, which is put after its prompt as a terminal shows it."""
    typed = shown.typed
    waiting = list(typed)
    echoed = shown.echoed
    found: list[list[str]] = [[]]
    for line in text.splitlines():
        if line.startswith("\0"):
            assert waiting.pop(0) == CONTROL_C
            found.append([CONTROL_C])
            line = line[1:]
        if echoed and PROMPT.match(line):
            echoed -= 1
            found[-1].append(line.rstrip())
            continue
        while waiting and waiting[0] != CONTROL_C and (prompt := PROMPT.match(line)):
            found.append([(prompt[0] + waiting.pop(0)).rstrip()])
            line = line[prompt.end() :]
        if typed and not waiting and PROMPT.match(line):
            return found  # the end of the input: what follows is not shown
        if line or not PROMPT.match(text):
            found[-1].append(line.rstrip())
    assert not waiting, f"never asked for: {waiting}\n{text}"
    return [trimmed(chunk) for chunk in found]


def trimmed(lines: list[str]) -> list[str]:
    """Without the empty lines that a prompt with nothing after it leaves."""
    while lines and not lines[-1]:
        lines.pop()
    return lines


def normal(text: str) -> str:
    """Without what differs from run to run and from machine to machine."""
    text = HOME.sub("/home/you", text)
    own = {"7604", *re.findall(r"\bpid (\d+)", text)}
    text = re.sub(r"(\(lowdb[^)\n]* @)(\d+)\)", lambda m: m[1] + ("7604)" if m[2] in own else "8650)"), text)
    text = re.sub(r"\bpid \d+", "pid 7604", text)
    text = re.sub(r"^unwind traps watch every exception before 3\.15.*\n", "", text, flags=re.MULTILINE)
    text = re.sub(r"\b(lowdb \d\S*  Python) 3\.\d+\.\w+", r"\1 3.15.2", text)
    text = re.sub(r"\bin \d+\.\d\ds\b", "in 0.04s", text)  # pytest's last line
    return re.sub(r"0x[0-9a-f]{6,}", "0x7f0123456789", text)


def expectation(chunk: list[str]) -> list[str]:
    """Lines of a page in the form of `normal`."""
    return trimmed([line.rstrip() for line in normal("\n".join(chunk)).splitlines()])


def matches(expected: list[str], actual: list[str]) -> bool:
    """Whether the lines are the same, where `…` alone stands for any."""
    if ANY in (line.strip() for line in expected):
        at = [line.strip() for line in expected].index(ANY)
        rest = expected[at + 1 :]
        if expected[:at] != actual[:at]:
            return False
        return any(matches(rest, actual[cut:]) for cut in range(at, len(actual) + 1))
    return expected == actual


# --- tests ----------------------------------------------------------------------------------------


ALL = [session for page in PAGES for session in sessions(page)]
HERE = [session for session in ALL if session.applies]


@cache
def outcomes() -> dict[str, list[list[list[str]]] | Exception]:
    """All sessions, played two at a time."""

    def safely(session: Session) -> list[list[list[str]]] | Exception:
        try:
            return play(session)
        except Exception as error:
            return error

    with ThreadPoolExecutor(max(2, os.cpu_count() or 2)) as pool:
        return dict(zip([s.name for s in HERE], pool.map(safely, HERE), strict=True))


@pytest.fixture(scope="module")
def played():
    yield outcomes()
    shutil.rmtree(shims(), ignore_errors=True)


@pytest.mark.parametrize("session", HERE, ids=lambda session: session.name)
def test_a_session_comes_out_as_its_page_shows_it(session, played):
    outcome = played[session.name]
    if isinstance(outcome, Exception):
        raise outcome
    for shown, real in zip(session.commands, outcome, strict=True):
        expected = [expectation(chunk) for chunk in shown.chunks]
        for page, run in zip_longest(expected, real, fillvalue=["(nothing)"]):
            if not matches(page, run):
                assert page == run, shown.command  # for the difference that pytest shows


def test_links_lead_to_pages_that_exist():
    broken = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
            if "://" not in target and not (page.parent / target).exists():
                broken.append(f"{page.relative_to(ROOT)}: {target}")
    assert not broken, broken


def test_a_changed_output_is_seen(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("```python one.py\nprint(1)\n```\n```console\n$ python one.py\n2\n```\n", encoding="utf-8")
    session = sessions(page)[0]
    assert play(session) == [[["1"]]]
    assert not matches(session.commands[0].chunks[0], ["1"])


def test_an_ellipsis_stands_for_any_number_of_lines():
    assert matches(["a", ANY, "b"], ["a", "b"])
    assert matches(["a", ANY, "b", ANY], ["a", "x", "b", "y", "z"])
    assert not matches(["a", ANY, "b"], ["a", "x", "c"])


# --- writing --------------------------------------------------------------------------------------


def write(page: Path) -> None:
    """Put what really comes out into the sessions of the page; where `…` in it stands for the rest, it stays."""
    lines = page.read_text(encoding="utf-8").splitlines()
    new: dict[int, list[str]] = {}
    for session in sessions(page):
        if not session.applies:
            continue
        for block in session.blocks:
            new[block.first] = []
        for shown, real in zip(session.commands, play(session), strict=True):
            home = "/home/you/lowdb" if "docs/examples" in shown.command else "/home/you"
            new[shown.owners[0].first].append(f"$ {shown.command}")
            for owner, old, chunk in zip_longest(shown.owners, shown.chunks, real, fillvalue=[]):
                keep = ANY in old and matches(expectation(old), chunk)
                new[owner.first] += old if keep else [HOME.sub(home, line) for line in chunk]
    for block in sorted(blocks(page), key=lambda block: -block.first):
        if block.first in new:
            lines[block.first : block.first + len(block.lines)] = new[block.first]
    page.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        write(Path(name).resolve())
