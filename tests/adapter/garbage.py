"""Random malformed and mutated messages for the fuzz test: seeded, so that a fault can be seen again."""

from __future__ import annotations

import json
import random
from typing import Any

from tests.dap_schema import definitions, flat, merged

ENDING = {"disconnect", "terminate", "restart", "launch", "attach", "initialize"}
"""Requests that a mutation may make only where the session is allowed to end."""

SMALL = {"modules", "loadedSources", "completions", "disassemble"}
"""Requests whose answers are long: fewer of them."""

WORDS = [
    "",
    "x",
    "i",
    "\0",
    "é" * 50,
    "a" * 5000,
    "{",
    "{}{0}%s",
    "\ud800",
    "__import__",
    "1/0",
    "()",
    "'",
    "../..",
    "/",
]
NUMBERS = [0, 1, -1, 2, 3, 7, 1000, 2**31 - 1, 2**31, -(2**31) - 1, 2**53, 2**63, 2**64, 10**30, 1.5, -0.0, 1e308]
COMMANDS = sorted(
    command
    for name, definition in definitions().items()
    if name.endswith("Request") and name != "Request"
    for part in definition.get("allOf", [])
    for command in part.get("properties", {}).get("command", {}).get("enum", [])
    if command not in {"runInTerminal", "startDebugging"}
)


class Garbage:
    """Makes messages; `seq` counts those that must be answered."""

    def __init__(self, seed: int, first: int = 1000) -> None:
        self.rng = random.Random(seed)
        self.seq = first
        self.hints: dict[str, list[Any]] = {
            "threadId": [1],
            "frameId": [*range(1, 12)],
            "variablesReference": [*range(1, 40)],
            "expression": ["i", "rows[3]", "1 / 0", "n = 5", "import os", "rows", "(", "[x for x in rows]", "work(2)"],
            "line": [*range(1, 12)],
            "column": [1, 2, 9],
            "name": ["i", "rows", "n", "total"],
            "condition": ["True", "n > 3", "(", "1/0"],
            "hitCondition": ["2", "%3", ">= 4", "x"],
            "logMessage": ["n is {n}", "{", "{1/0}"],
            "levels": [0, 1, 20],
            "start": [0, 10],
            "count": [0, 5],
            "context": ["repl", "hover", "watch", "clipboard", "variables"],
        }
        """What often stands in a field of this name, so that some requests get further."""
        self.expected: dict[int, str] = {}
        """Requests that must be answered: seq and command."""

    def value(self, depth: int = 0) -> Any:
        """Anything that JSON can say."""
        kind = self.rng.randrange(9 if depth < 3 else 6)
        if kind < 2:
            return self.rng.choice(WORDS)
        if kind < 4:
            return self.rng.choice(NUMBERS)
        if kind < 6:
            return self.rng.choice([None, True, False])
        if kind == 6:
            return [self.value(depth + 1) for _ in range(self.rng.randrange(4))]
        return {self.rng.choice([*WORDS, "path", "name", "line"]): self.value(depth + 1) for _ in range(3)}

    def fitting(self, schema: dict[str, Any], depth: int = 0) -> Any:
        """A value that this schema allows, but for a few that are anything."""
        if self.rng.random() < 0.12 or depth > 5:
            return self.value(depth)
        if "$ref" in schema:
            schema = flat(schema["$ref"].rpartition("/")[2])
        schema = merged(schema)
        if "enum" in schema:
            return self.rng.choice(schema["enum"])
        kind = schema.get("type", "string")
        kind = self.rng.choice(kind) if isinstance(kind, list) else kind
        if kind == "object":
            required = schema.get("required", [])
            chosen = [key for key in schema.get("properties", {}) if key in required or self.rng.random() < 0.5]
            if self.rng.random() < 0.1 and chosen:
                chosen.remove(self.rng.choice(chosen))
            return {
                key: self.rng.choice(self.hints[key])
                if key in self.hints and self.rng.random() < 0.7
                else self.fitting(schema["properties"][key], depth + 1)
                for key in chosen
            }
        if kind == "array":
            return [self.fitting(schema.get("items", {}), depth + 1) for _ in range(self.rng.randrange(4))]
        if kind in ("integer", "number"):
            return self.rng.choice([*range(6), *NUMBERS])
        if kind == "boolean":
            return self.rng.random() < 0.5
        return self.rng.choice(WORDS)

    def request(self, *, ending: bool = False) -> dict[str, Any]:
        """A request of the protocol with arguments that are mostly of its shape."""
        while True:
            command = self.rng.choice(COMMANDS)
            if (command not in ENDING or ending) and (command not in SMALL or self.rng.random() < 0.1):
                break
        self.seq += 1
        message: dict[str, Any] = {"seq": self.seq, "type": "request", "command": command}
        definition = flat(command[0].upper() + command[1:] + "Request")
        arguments = definition["properties"].get("arguments")
        if arguments is not None and self.rng.random() < 0.95:
            message["arguments"] = self.fitting(arguments)
        if self.rng.random() < 0.05:
            message["arguments"] = self.value()
        self.expected[self.seq] = command
        return message

    def shapeless(self) -> Any:
        """JSON that is no message."""
        self.seq += 1
        message: Any = {"seq": self.seq, "type": "request", "command": "threads"}
        match self.rng.randrange(6):
            case 0:
                return self.value()
            case 1:
                del message[self.rng.choice(["seq", "type"])]
            case 2:
                message["seq"] = self.rng.choice(["1", None, -1, 1.5, [], True, 10**30])
            case 3:
                message["type"] = self.rng.choice([None, 5, "", "event", "answer", {}])
            case 4:
                message = {"seq": self.seq, "type": "response", "success": self.value(), "command": self.value()}
                message["request_seq"] = self.rng.choice([0, 1, 5, 1 << 30, (1 << 30) + 1, None, "x", 10**30])
            case 5:
                message["command"] = self.rng.choice([None, 5, [], {}, "", "nothing", "é", "Threads", "__init__"])
                self.expected[self.seq] = "?"
        return message

    def body(self) -> bytes:
        """The body of a frame, of whatever kind; the frame's length is right."""
        kind = self.rng.randrange(20)
        if kind < 11:
            return json.dumps(self.request()).encode()
        if kind < 16:
            return json.dumps(self.shapeless()).encode()
        whole = json.dumps({"seq": 999, "type": "event", "event": "x", "body": self.value()}).encode()
        match kind:
            case 16:
                return whole[: self.rng.randrange(len(whole))]
            case 17:
                return whole[:-1] + self.rng.choice([b"\xff", b"\xc3", b"\xed\xa0\x80", b"\0", b"]", b",}", b"NaN}"])
            case 18:
                return self.rng.choice([b"[" * 3000, b'{"a":' * 3000, b"1" * 6000, b"", b" ", b"\xef\xbb\xbf{}", b"'"])
            case _:
                return bytes(self.rng.randrange(256) for _ in range(self.rng.randrange(60)))

    def recoverable(self) -> bytes:
        """Bytes after which a good message is read again."""
        if self.rng.random() < 0.9:
            body = self.body()
            return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
        return self.rng.choice(
            [
                b"Content-Length: x\r\n\r\n",
                b"Content-Length: -1\r\n\r\n{}",
                b"\r\n\r\n",
                b"GET / HTTP/1.1\r\n\r\n",
                b"Content-Type: a\r\n\r\n",
                b"Content-Length\r\n\r\n",
                b"\xff\xfe\0\0" * self.rng.randrange(1, 50) + b"\r\n\r\n",
                b'{"seq": 1}\n\n',
            ]
        )

    def mutated(self, data: bytes) -> bytes:
        """`data` with some bytes changed, taken out, doubled or put in; anything may follow from it."""
        buffer = bytearray(data)
        for _ in range(self.rng.randrange(1, 6)):
            at = self.rng.randrange(len(buffer) + 1) if buffer else 0
            match self.rng.randrange(5):
                case 0:
                    buffer[at : at + 1] = bytes([self.rng.randrange(256)])
                case 1:
                    del buffer[at : at + self.rng.randrange(20)]
                case 2:
                    buffer[at:at] = buffer[at : at + self.rng.randrange(40)]
                case 3:
                    buffer[at:at] = bytes(self.rng.randrange(256) for _ in range(self.rng.randrange(8)))
                case 4:
                    buffer[at : at + 1] = self.rng.choice([b"9", b"0", b"\r", b"\n", b":", b'"', b"{", b"-"])
        return bytes(buffer)
