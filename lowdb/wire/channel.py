"""A socket that carries frames. Reading blocks; sending never does: what the peer does not take waits here.

Uses `_socket`: importing `socket` costs the start of every debuggee 3 ms.
"""

# Any thread may send; one thread reads. A frame that the socket does not take whole is kept, and a bare thread (not in
# threading.enumerate) is started that hands the rest over, in order; it ends when nothing is left.

from __future__ import annotations

import _socket
from _thread import allocate_lock, get_ident, start_new_thread
from collections import deque
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, Final

from lowdb.wire.frames import BadFrame, Splitter, encode, frame

if TYPE_CHECKING:
    from collections.abc import Callable

_CHUNK: Final = 1 << 16


class Channel:
    """Frames over a connected stream socket, given as its descriptor, which the channel owns from now on."""

    def __init__(self, descriptor: int, helper: Callable[[int, bool], object] = lambda ident, here: None) -> None:
        """`helper` is told of the ident of the thread that hands over what waits: (ident, True), (ident, False)."""
        self._socket = _socket.socket(fileno=descriptor)
        self._socket.setblocking(True)
        if self._socket.family != _socket.AF_UNIX:
            self._socket.setsockopt(_socket.IPPROTO_TCP, _socket.TCP_NODELAY, 1)
        self._helper = helper
        self._splitter = Splitter()
        self._whole: deque[bytes] = deque()
        self._lock = allocate_lock()
        self._waiting: deque[bytes] = deque()
        self.backlog = 0
        """Bytes that wait for the peer."""
        self.broken = False
        """Whether the peer is gone: what is sent is dropped."""

    def read(self) -> bytes | None:
        """Return the next body, None at the end of the stream. Raises BadFrame, also where it ends inside a frame."""
        whole = self._whole
        while not whole:
            try:
                data = self._socket.recv(_CHUNK)
            except OSError:  # reset, or the descriptor was closed under us
                return None
            if not data:
                if not self._splitter.between:
                    raise BadFrame("the stream ended inside a frame")
                return None
            whole.extend(self._splitter.feed(data))
        return whole.popleft()

    def limit(self, seconds: float | None) -> None:
        """How long `read` waits before it takes silence for the end of the stream; None: for ever."""
        self._socket.settimeout(seconds)

    def send(self, message: dict[str, Any]) -> None:
        """Send a message."""
        self.send_body(encode(message))

    def send_body(self, body: bytes) -> None:
        """Send a body that is encoded already."""
        data = frame(body)
        with self._lock:
            if self.broken:
                return
            if self._waiting:
                self._waiting.append(data)
                self.backlog += len(data)
                return
            sent = self._try(data)
            if sent < len(data) and not self.broken:
                self._waiting.append(data[sent:])
                self.backlog = len(data) - sent
                start_new_thread(self._hand_over, ())

    def _try(self, data: bytes) -> int:
        try:
            return self._socket.send(data, _socket.MSG_DONTWAIT | _NO_SIGNAL)
        except (BlockingIOError, InterruptedError):
            return 0
        except OSError:
            self.broken = True
            return 0

    def _hand_over(self) -> None:
        me = get_ident()
        self._helper(me, True)
        try:
            while True:
                with self._lock:
                    if not self._waiting:
                        self.backlog = 0
                        return
                    data = self._waiting[0]
                try:
                    self._socket.sendall(data, _NO_SIGNAL)
                except OSError:
                    self.broken = True
                with self._lock:
                    self._waiting.popleft()
                    self.backlog -= len(data)
                    if self.broken:
                        self._waiting.clear()
                        self.backlog = 0
                        return
        finally:
            self._helper(me, False)

    def flush(self, seconds: float) -> None:
        """Wait until nothing waits for the peer any more, for at most so many seconds."""
        end = monotonic() + seconds
        while self.backlog and not self.broken and monotonic() < end:
            sleep(0.002)

    def shut(self) -> None:
        """End both directions: a reader wakes up and finds the end of the stream."""
        self.broken = True
        try:
            self._socket.shutdown(_socket.SHUT_RDWR)
        except OSError:
            pass

    def close(self) -> None:
        """Give the descriptor back; nothing is shut down: another process may hold the other copy of it."""
        self.broken = True
        try:
            self._socket.close()
        except OSError:
            pass


_NO_SIGNAL: Final[int] = getattr(_socket, "MSG_NOSIGNAL", 0)
