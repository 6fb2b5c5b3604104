"""A client of the Debug Adapter Protocol for tests: its own framing, every message checked, every wait with a deadline.

Knows nothing of lowdb: another adapter can be driven with it as well. Uses no thread.
"""

from __future__ import annotations

import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from tests.dap_schema import definition_of, validate
from tests.processes import DEADLINE, ROOT, environment

RESUMING = {"continue", "next", "stepIn", "stepOut", "stepBack", "reverseContinue", "goto"}
MARK = re.compile(r"#\s*@(\w+)")


class Refused(AssertionError):
    """The adapter answered with an error; the text is its message."""


class Late(AssertionError):
    """What was waited for did not come; the text shows what did."""


def marks(path: Path) -> dict[str, int]:
    """The lines of `# @name` comments."""
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    return {name: number for number, line in enumerate(lines, 1) for name in MARK.findall(line)}


class Client:
    """One session with one adapter: a process on pipes, or a socket."""

    def __init__(
        self,
        argv: list[str] | None = None,
        *,
        env: dict[str, str | None] | None = None,
        cwd: Path | str | None = None,
        deadline: float = DEADLINE,
        address: tuple[str, int] | None = None,
        python: str = sys.executable,
        strict: bool = True,
    ) -> None:
        self.deadline = deadline
        self.strict = strict
        self.seq = 0
        self.pending: dict[int, str] = {}
        """Requests that were not answered: seq and command."""
        self.answers: dict[int, dict[str, Any]] = {}
        self.messages: list[dict[str, Any]] = []
        """All that came, in order."""
        self.events: list[dict[str, Any]] = []
        """Events that nobody has waited for yet."""
        self.requests: list[dict[str, Any]] = []
        """What the adapter asks us, unanswered."""
        self.seen: Counter[str] = Counter()
        self.output = ""
        """What the program wrote: stdout and stderr as they came."""
        self.ended = False
        """Whether the adapter closed its stream."""
        self.launches = 0
        self._seqs: set[int] = {0}
        self._buffer = bytearray()
        self.process: subprocess.Popen[bytes] | None = None
        self.socket: socket.socket | None = None
        self.stderr = b""
        if address is not None:
            self.socket = self._connect(address, deadline)
            self._in = self._out = self.socket.fileno()
        else:
            self.process = subprocess.Popen(
                argv or [python, "-m", "lowdb", "--dap"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment(env),
                cwd=cwd or ROOT,
                start_new_session=True,
                bufsize=0,
            )
            assert self.process.stdin
            assert self.process.stdout
            assert self.process.stderr
            self._in, self._out = self.process.stdout.fileno(), self.process.stdin.fileno()
            os.set_blocking(self.process.stderr.fileno(), False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def _connect(self, address: tuple[str, int], deadline: float) -> socket.socket:
        made = socket.create_connection(address, timeout=deadline)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made

    # --- bytes -----------------------------------------------------------------------------------

    def raw(self, data: bytes) -> None:
        """Write bytes as they are, reading meanwhile so that neither side waits for the other."""
        deadline = time.monotonic() + self.deadline
        view = memoryview(data)
        while view:
            readable, writable, _ = select.select([] if self.ended else [self._in], [self._out], [], self.deadline)
            if readable:
                self._read()
            if writable:
                view = view[os.write(self._out, view[:65536]) :]
            if time.monotonic() > deadline:
                raise Late(f"the adapter does not read\n{self.report()}")

    def _read(self) -> None:
        try:
            data = os.read(self._in, 1 << 20)
        except ConnectionResetError:
            data = b""
        if not data:
            assert not self._buffer, f"the stream ended within a message: {bytes(self._buffer)!r:.300}"
            self.ended = True
            return
        self._buffer += data
        while True:
            end = self._buffer.find(b"\r\n\r\n")
            head = self._buffer[:end] if end >= 0 else self._buffer[:300]
            if end < 0:
                assert len(head) < 200, f"not a header: {bytes(head)!r:.300}"
                return
            match = re.fullmatch(rb"Content-Length: ([0-9]+)", bytes(head))
            assert match, f"not a header: {bytes(head)!r:.300}"
            start, length = len(head) + 4, int(match[1])
            if len(self._buffer) < start + length:
                return
            body = bytes(self._buffer[start : start + length])
            del self._buffer[: start + length]
            self._received(json.loads(body.decode("utf-8")))

    def _received(self, message: dict[str, Any]) -> None:
        self.messages.append(message)
        if self.strict:
            validate(definition_of(message), message)
        if self.strict:
            assert message["seq"] not in self._seqs, f"seq again: {message}"
        self._seqs.add(message["seq"])
        if message["type"] == "response":
            seq = message["request_seq"]
            assert seq in self.pending, f"an answer to no request, or the second one: {message!r:.300}"
            assert self.pending.pop(seq) == message["command"], f"an answer to another command: {message!r:.300}"
            assert message["success"] or message.get("message"), f"an error without a message: {message}"
            self.answers[seq] = message
        elif message["type"] == "request":
            self.requests.append(message)
        else:
            self._event(message)

    def _event(self, message: dict[str, Any]) -> None:
        kind, body = message["event"], message.get("body", {})
        if self.strict:
            assert not self.seen["terminated"], f"an event after the end: {message!r:.300}"
            if kind == "exited":
                assert not self.seen["exited"], "exited twice"
            if kind == "initialized":
                assert self.seen["initialized"] < self.launches, "initialized without a launch"
            if kind == "stopped":
                assert body.get("threadId"), f"stopped without a thread: {message}"
                waiting = [command for command in self.pending.values() if command in RESUMING]
                assert not waiting, f"stopped before the answer to {waiting}"
        self.seen[kind] += 1
        if kind == "output" and body.get("category", "console") in ("stdout", "stderr"):
            self.output += body["output"]
        self.events.append(message)

    def pump(self, seconds: float) -> bool:
        """Read what comes within `seconds`; whether something came."""
        if self.ended:
            return False
        readable, _, _ = select.select([self._in], [], [], max(0.0, seconds))
        if readable:
            self._read()
        return bool(readable)

    def _until(self, found: Any, what: str, deadline: float | None = None) -> Any:
        limit = time.monotonic() + (deadline or self.deadline)
        while True:
            result = found()
            if result is not None:
                return result
            if self.ended:
                raise Late(f"the adapter closed its stream before {what}\n{self.report()}")
            if not self.pump(limit - time.monotonic()):
                raise Late(f"no {what} within {deadline or self.deadline} s\n{self.report()}")

    def report(self) -> str:
        """The last messages and the adapter's stderr, for a test that failed."""
        lines = [json.dumps(message)[:400] for message in self.messages[-25:]]
        return "\n".join([*lines, f"pending: {self.pending}", f"stderr: {self.errors()}"])

    def errors(self) -> str:
        """What the adapter wrote to its own stderr."""
        if self.process is not None and self.process.stderr is not None and not self.process.stderr.closed:
            with suppress(BlockingIOError):
                while data := os.read(self.process.stderr.fileno(), 65536):
                    self.stderr += data
        return self.stderr.decode("utf-8", "replace")

    # --- requests, answers, events ----------------------------------------------------------------

    def send(self, command: str, arguments: dict[str, Any] | None = None) -> int:
        """Send a request; its seq."""
        self.seq += 1
        message: dict[str, Any] = {"seq": self.seq, "type": "request", "command": command}
        if arguments is not None:
            message["arguments"] = arguments
        validate(definition_of(message), message, strict=False)
        self.pending[self.seq] = command
        if command in ("launch", "attach", "restart"):
            self.launches += 1
        self.raw(framed(message))
        return self.seq

    def answer(self, seq: int, deadline: float | None = None) -> dict[str, Any]:
        """The response to request `seq`, as it came."""
        what = f"answer to {self.pending.get(seq, 'request')!r}"
        message: dict[str, Any] = self._until(lambda: self.answers.get(seq), what, deadline)
        return message

    def request(self, command: str, **arguments: Any) -> dict[str, Any]:
        """The body of the answer. Raises Refused. A trailing underscore of a name is taken off."""
        answer = self.answer(self.send(command, {key.rstrip("_"): value for key, value in arguments.items()} or None))
        if not answer["success"]:
            raise Refused(answer["message"])
        return answer.get("body") or {}

    def refused(self, command: str, **arguments: Any) -> str:
        """The message of the error that this request must be answered with."""
        answer = self.answer(self.send(command, {key.rstrip("_"): value for key, value in arguments.items()} or None))
        assert not answer["success"], f"{command} was not refused: {answer}"
        return str(answer["message"])

    def event(self, kind: str, deadline: float | None = None, **wanted: Any) -> dict[str, Any]:
        """The body of the next event of this kind whose body has the `wanted` values."""

        def found() -> dict[str, Any] | None:
            for index, message in enumerate(self.events):
                body = message.get("body") or {}
                if message["event"] == kind and all(body.get(key) == value for key, value in wanted.items()):
                    del self.events[index]
                    return body
            return None

        body: dict[str, Any] = self._until(found, f"event {kind!r} {wanted or ''}", deadline)
        return body

    def asked(self, command: str, deadline: float | None = None) -> dict[str, Any]:
        """The next request of this command that the adapter makes."""

        def found() -> dict[str, Any] | None:
            for index, message in enumerate(self.requests):
                if message["command"] == command:
                    return self.requests.pop(index)
            return None

        message: dict[str, Any] = self._until(found, f"request {command!r}", deadline)
        return message

    def respond(self, request: dict[str, Any], body: dict[str, Any] | None = None, message: str | None = None) -> None:
        """Answer a request of the adapter's; with `message`, refuse it."""
        self.seq += 1
        answer: dict[str, Any] = {"seq": self.seq, "type": "response", "request_seq": request["seq"]}
        answer |= {"success": message is None, "command": request["command"]}
        if body is not None:
            answer["body"] = body
        if message is not None:
            answer["message"] = message
        self.raw(framed(answer))

    def outputs(self, category: str) -> str:
        """All output events of a category so far, joined."""
        return "".join(
            message["body"]["output"]
            for message in self.messages
            if message["type"] == "event"
            and message["event"] == "output"
            and message["body"].get("category", "console") == category
        )

    def told(self, text: str, category: str = "stdout") -> None:
        """Wait until `text` was in the output."""
        self._until(lambda: True if text in self.outputs(category) else None, f"output {text!r}")

    # --- what every session does --------------------------------------------------------------------

    def initialize(self, **arguments: Any) -> dict[str, Any]:
        """The capabilities."""
        given = {"adapterID": "lowdb", "clientID": "tests", "linesStartAt1": True, "columnsStartAt1": True}
        return self.request("initialize", **{**given, "pathFormat": "path", "supportsVariableType": True, **arguments})

    def launch(
        self,
        program: Path | str | None = None,
        *,
        lines: list[int | str | dict[str, Any]] | None = None,
        filters: list[str] | None = None,
        configured: bool = True,
        client: dict[str, Any] | None = None,
        **options: Any,
    ) -> dict[str, Any]:
        """Initialize, launch, set breakpoints at `lines` of the program (numbers or marks), run.

        Returns the answer to setBreakpoints, {} where there are none to set.
        """
        if program is not None:
            options["program"] = str(program)
        if not self.messages:
            self.initialize(**(client or {}))
        launch = self.send("launch", options)
        self.starting = launch
        self._until(
            lambda: True if self.seen["initialized"] or launch in self.answers else None, "initialized or an answer"
        )
        answer = self.answers.get(launch)
        if answer is not None and not answer["success"]:
            raise Refused(answer["message"])
        self.event("initialized")
        result = {}
        if lines:
            assert program is not None
            result = self.breakpoints(program, lines)
        if filters is not None:
            self.request("setExceptionBreakpoints", filters=filters)
        if configured:
            self.request("configurationDone")
            answer = self.answer(launch)
            if not answer["success"]:
                raise Refused(answer["message"])
        return result

    def breakpoints(self, program: Path | str, lines: list[int | str | dict[str, Any]]) -> dict[str, Any]:
        """Set the breakpoints of a file: line numbers, marks, or whole SourceBreakpoints."""
        known = marks(Path(program)) if any(isinstance(line, str) for line in lines) else {}
        points = [line if isinstance(line, dict) else {"line": known.get(line, line)} for line in lines]  # type: ignore[call-overload]
        return self.request("setBreakpoints", source={"path": str(program)}, breakpoints=points)

    def stopped(self, reason: str | None = None, deadline: float | None = None) -> dict[str, Any]:
        """The next stop; with `reason` it must be of that."""
        body = self.event("stopped", deadline)
        assert reason is None or body["reason"] == reason, f"stopped for {body}, not for {reason}"
        return body

    def stack(self, thread: int, **arguments: Any) -> list[dict[str, Any]]:
        """The frames of a thread."""
        frames: list[dict[str, Any]] = self.request("stackTrace", threadId=thread, **arguments)["stackFrames"]
        return frames

    def line(self, thread: int) -> int:
        """The line on which a stopped thread is."""
        return int(self.stack(thread, startFrame=0, levels=1)[0]["line"])

    def step(self, command: str, thread: int, **arguments: Any) -> dict[str, Any]:
        """Step (next, stepIn, stepOut) and wait for the stop."""
        self.request(command, threadId=thread, **arguments)
        return self.stopped()

    def variables(self, frame: int, scope: str = "Locals") -> dict[str, str]:
        """The variables of a scope as text."""
        for found in self.request("scopes", frameId=frame)["scopes"]:
            if found["name"] == scope:
                rows = self.request("variables", variablesReference=found["variablesReference"])["variables"]
                return {row["name"]: row["value"] for row in rows}
        raise AssertionError(f"no scope {scope!r}")

    def evaluate(self, expression: str, frame: int | None = None, **arguments: Any) -> str:
        """The result of an expression as text."""
        if frame is not None:
            arguments["frameId"] = frame
        return str(self.request("evaluate", expression=expression, **arguments)["result"])

    def run_to_end(self, deadline: float | None = None) -> int:
        """Wait for `exited` and `terminated`; the exit code."""
        code = int(self.event("exited", deadline)["exitCode"])
        self.event("terminated", deadline)
        return code

    def disconnect(self, **arguments: Any) -> int:
        """End the session as editors do; the adapter's exit status."""
        self.request("disconnect", **arguments)
        return self.close()

    def close(self, deadline: float | None = None) -> int:
        """Close our end and wait for the adapter; its exit status. All that was asked must have been answered."""
        if self.socket is not None:
            self.socket.close()
            return 0
        assert self.process is not None
        assert self.process.stdin is not None
        self.process.stdin.close()
        self._until(lambda: True if self.ended else None, "end of the stream", deadline)
        status = self.process.wait(deadline or self.deadline)
        assert not self.pending, f"never answered: {self.pending}"
        assert self.errors() == "", f"the adapter wrote to stderr: {self.errors()}"
        return status

    def kill(self) -> None:
        """End the adapter, however it stands."""
        if self.socket is not None:
            self.socket.close()
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                with suppress(OSError):
                    stream.close()


def framed(message: Any) -> bytes:
    """A message with its header."""
    body = json.dumps(message).encode()
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
