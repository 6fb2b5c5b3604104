"""Frames out of a stream: whatever the pieces, and whatever garbage lies between."""

from __future__ import annotations

import random

import pytest

from lowdb.adapter.framing import Frames, Garbage, TooLarge
from lowdb.wire.frames import LIMIT, frame


def read(*pieces: bytes) -> list[bytes | str]:
    frames = Frames()
    found = [item for piece in pieces for item in frames.feed(piece)]
    return [item.text if isinstance(item, Garbage) else item for item in found]


def test_bodies_come_whole_however_the_stream_is_cut():
    bodies = [b"{}", b"", b'{"a": "\xc3\xa9"}', b"x" * 100_000, b"Content-Length: 5\r\n\r\nhello"]
    stream = b"".join(frame(body) for body in bodies)
    rng = random.Random(1)
    for _ in range(50):
        cuts = sorted(rng.randrange(len(stream)) for _ in range(rng.randrange(30)))
        pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
        assert read(*pieces) == bodies
    assert read(*(bytes([byte]) for byte in stream[:400])) == bodies[:3]


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 2\r\n\r\n",
        b"content-length:2\r\n\r\n",
        b"Content-Length: 2\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n",
        b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: 2\r\n\r\n",
        b"Content-Length: 2\n\n",
    ],
)
def test_other_spellings_of_a_header_are_read(head):
    assert read(head + b"{}") == [b"{}"]


@pytest.mark.parametrize(
    "garbage",
    [
        b"hello\r\n\r\n",
        b"Content-Length: many\r\n\r\n",
        b"Content-Length: -5\r\n\r\n",
        b"Content-Length: 5e3\r\n\r\n",
        b"Content-Length:\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b'{"seq": 1, "type": "request"}',
        b"\x00\xff\xfe" * 100,
        b"y" * 50_000,
        b"Content-Length: x\r\n\r\n{}",
    ],
)
def test_garbage_before_a_frame_is_named_and_the_frame_is_read(garbage):
    *named, body = read(garbage, frame(b"{}"))
    assert body == b"{}"
    assert named
    assert all(isinstance(text, str) for text in named)


def test_garbage_without_an_end_is_not_kept():
    frames = Frames()
    for _ in range(100):
        frames.feed(b"z" * 10_000)
        assert frames.pending < 20_000


def test_a_body_that_is_too_large_ends_the_stream():
    with pytest.raises(TooLarge, match=r"10+ bytes"):
        read(b"Content-Length: 100000000000000\r\n\r\n")
    with pytest.raises(TooLarge):
        read(b"Content-Length: %d\r\n\r\n" % (LIMIT + 1))
