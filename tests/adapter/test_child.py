"""The adapter's view of its child, without a process: what comes in which order, whoever is looked at first."""

from __future__ import annotations

import os
import socket

from lowdb.adapter.child import Launched
from lowdb.adapter.launcher import Started
from lowdb.adapter.loop import Loop
from lowdb.wire.frames import frame


class Owner:
    def __init__(self) -> None:
        self.told: list[object] = []

    def from_child(self, body: bytes) -> None:
        self.told.append(body)

    def output(self, category: str, text: str) -> None:
        self.told.append((category, text))

    def born(self, child: dict[str, object]) -> None:
        self.told.append(child)

    def let_go(self) -> None:
        self.told.append("let go")

    def child_ended(self) -> None:
        self.told.append("ended")


def test_what_was_written_before_a_message_was_sent_is_told_before_it():
    ours, theirs = socket.socketpair()
    out, out_end = os.pipe()
    err, err_end = os.pipe()
    births, births_end = os.pipe()
    owner = Owner()
    child = Launched(Loop(), owner, Started(os.getpid(), ours.detach(), out, err, births))
    try:
        os.write(out_end, "é".encode()[:1])
        theirs.sendall(frame(b"1"))
        child._readable()
        os.write(out_end, "é".encode()[1:] + b"!")
        os.write(err_end, b"why")
        theirs.sendall(frame(b"2") + frame(b"3")[:5])
        child._readable()
        theirs.sendall(frame(b"3")[5:])
        child._readable()
        assert owner.told == [b"1", ("stdout", "é!"), ("stderr", "why"), b"2", b"3"]
        os.write(births_end, b'{"pid": 1, "na')
        child._announce()
        os.write(births_end, b'me": "x"}\ngarbage\n{"pid": 2}\n')
        child._announce()
        assert owner.told[5:] == [{"pid": 1, "name": "x"}, {"pid": 2}]
        theirs.close()
        child._readable()
        assert owner.told[7:] == ["let go"]
    finally:
        child._no_more()
        for output in child.outputs:
            output.close()
        for file in (out_end, err_end, births_end):
            os.close(file)
