"""At least ten thousand malformed messages a run: no traceback, no hang, no orphan, and every request is answered.

LOWDB_FUZZ_SEED chooses other ones; the seed of a failure is in its message.
"""

from __future__ import annotations

import os
import random
from typing import Any

import pytest

from tests.adapter.garbage import Garbage
from tests.dap_client import Client
from tests.dap_schema import Invalid, definition_of, validate

SEED = int(os.environ.get("LOWDB_FUZZ_SEED", "4"))
PROGRAM = """\
import time
rows = [{"n": n, "s": str(n)} for n in range(50)]
i = 0
def work(n):
    total = n + 1  # @here
    return total
while True:
    i = work(i)
    time.sleep(0.001)
"""


class Lenient(Client):
    """A client that has sent what it did not count: it checks the shape of what comes, and who was answered."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.answered: dict[int, str] = {}

    def _received(self, message: dict[str, Any]) -> None:
        kind = message.get("type")
        if kind == "response" and message["success"] is False:
            validate("ErrorResponse", message)
            assert message["message"]
        else:
            try:
                validate(definition_of(message), message)
            except Invalid as fault:
                if "out of range" not in str(fault):  # a line that we asked for ourselves
                    raise
        if kind == "response":
            seq = message["request_seq"]
            assert seq not in self.answered, f"answered twice: {message}"
            self.answered[seq] = message["command"]
            self.answers[seq] = message
            self.pending.pop(seq, None)
        elif kind == "event":
            text = (message.get("body") or {}).get("output", "")
            assert "Traceback" not in text or "File" not in text or "lowdb" not in text, message
            self.messages = [*self.messages[-20:], message]
            self._event(message)
            del self.events[:-200]


def begin(dap: Any, client: Lenient, garbage: Garbage) -> None:
    client.strict = False
    client.launch(dap.program(PROGRAM), lines=["here"])
    client.stopped("breakpoint")
    path = str(dap.folder / "program.py")
    garbage.hints["path"] = [path, path, "/nowhere.py", ""]
    garbage.hints["source"] = [{"path": path}]


def alive(client: Lenient) -> bool:
    """Whether the session goes on; every wait ends with an answer."""
    client.seq += 1
    seq = client.send("threads")
    client.answer(seq)
    return not client.seen["terminated"]


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_a_live_session_outlives_nine_thousand_messages_that_are_wrong(dap):
    garbage = Garbage(SEED, first=1_000_000)
    sent = sessions = 0
    while sent < 9000:
        client = Lenient(env={"TESTS_MARK": dap.mark})
        dap.clients.append(client)
        sessions += 1
        begin(dap, client, garbage)
        garbage.expected.clear()
        while sent < 9000 and alive(client):
            if garbage.rng.random() < 0.4:  # mostly stopped, so that there is something to ask for
                client.send("pause", {"threadId": 1})
            size = garbage.rng.randrange(1, 60)
            client.raw(b"".join(garbage.recoverable() for _ in range(size)))
            sent += size
        expected = garbage.expected
        client._until(
            lambda client=client, expected=expected: True if not expected.keys() - client.answered.keys() else None,
            f"all answers (seed {SEED})",
        )
        if alive(client):  # a session in which so much went wrong still works
            assert client.breakpoints(dap.folder / "program.py", ["here"])["breakpoints"]
        assert client.request("disconnect") == {}
        assert client.close() == 0, f"seed {SEED}"
    assert sessions < 10


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_streams_of_mutated_bytes_end_in_order(dap):
    rng = random.Random(SEED)
    for run in range(40):
        garbage = Garbage(SEED + run)
        client = Lenient(env={"TESTS_MARK": dap.mark})
        dap.clients.append(client)
        client.strict = False
        if rng.random() < 0.5:
            begin(dap, client, garbage)
        whole = [
            garbage.recoverable() if rng.random() < 0.5 else garbage.mutated(garbage.recoverable()) for _ in range(50)
        ]
        try:
            for piece in whole:
                client.raw(garbage.mutated(piece) if rng.random() < 0.3 else piece)
        except BrokenPipeError:
            pass  # a message that was too large ended the session
        client.pending.clear()
        assert client.close() == 0, f"seed {SEED}, run {run}"
