"""What the adapter says to the client: events, answers, requests of its own; each with a `seq` no one else uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from lowdb.wire.frames import encode, frame

if TYPE_CHECKING:
    from lowdb.adapter.log import Log
    from lowdb.adapter.streams import Stream

OURS: Final = 1 << 30
"""The first `seq` of the adapter's own messages: the debuggee counts from 1, and both reach the client."""

MOST_COMPLAINTS: Final = 100


class Client:
    """The client's end of the session, and whether it was told that all is over."""

    def __init__(self, stream: Stream, log: Log) -> None:
        self.stream: Final = stream
        self.log: Final = log
        self.seq = OURS
        """Of the last message of ours."""
        self.terminated = False
        """Whether `terminated` was sent; then come answers only."""
        self._complaints = 0

    def write(self, body: bytes) -> None:
        """Send a body as it is."""
        if self.log.on:
            self.log.write("<-", body)
        self.stream.write(frame(body))

    def send(self, message: dict[str, Any]) -> None:
        """Send a message of ours."""
        self.seq += 1
        self.write(encode({"seq": self.seq, **message}))

    def event(self, name: str, body: dict[str, Any] | None = None) -> None:
        """Send an event, unless the session is over."""
        if not self.terminated:
            self.send({"type": "event", "event": name, **({"body": body} if body is not None else {})})
            self.terminated = name == "terminated"

    def output(self, category: str, text: str) -> None:
        """Send what the program, or lowdb, has written."""
        self.event("output", {"category": category, "output": text})

    def answer(self, request: dict[str, Any], body: dict[str, Any] | None = None) -> None:
        """Send the response to a request."""
        message = {"type": "response", "request_seq": request["seq"], "success": True, "command": request["command"]}
        self.send(message if body is None else {**message, "body": body})

    def refuse(self, request: dict[str, Any], text: str, *, show: bool = False) -> None:
        """Send an error response; `show`: the editor is to put it before the user."""
        # the editor fills {…} in from variables, of which there are none
        error = {"id": 1, "format": text.replace("{", "(").replace("}", ")"), "showUser": show}
        self.send(
            {"type": "response", "request_seq": request["seq"], "success": False, "command": request["command"]}
            | {"message": text, "body": {"error": error}}
        )

    def complain(self, text: str) -> None:
        """Tell of what came and is no message that could be answered."""
        self._complaints += 1
        if self._complaints <= MOST_COMPLAINTS:
            last = " (no more of these will be shown)" if self._complaints == MOST_COMPLAINTS else ""
            self.output("console", f"lowdb: the editor sent {text}{last}\n")


def short(value: Any) -> str:
    """A value of the client's for a message."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"
