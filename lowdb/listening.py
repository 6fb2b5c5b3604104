"""`lowdb.listen()`: a program, in a container say, that waits for an editor to attach to it, while it runs on.

One session at a time, one after another; between them nothing is watched and the program runs as without lowdb.
"""

from __future__ import annotations

import os
import sys
from _thread import allocate_lock, get_ident, start_new_thread
from typing import TYPE_CHECKING

from lowdb.program.imports import standard

if TYPE_CHECKING:
    import _socket
    from typing import Any

    from lowdb.dap.server import Server
    from lowdb.dap.suspension import Suspension
    from lowdb.engine.debugger import Debugger
    from lowdb.wire.channel import Channel

LOOPBACK = ("127.", "::1")
PATIENCE = 10.0
"""Seconds that one who has connected has for showing the token and saying hello."""

_listening: Listener | None = None


def listen(
    address: int | str | tuple[str, int] = 5678, *, token: str | None = None, wait: bool = False
) -> tuple[str, int]:
    """Let an editor attach with `"connect": {"host": …, "port": …}`; return the host and port that are listened on.

    `address` is a port (0: any that is free), "HOST:PORT" or a pair; the host is 127.0.0.1 by default. Outside
    loopback a `token` is needed, or LOWDB_TOKEN in the environment, which the editor gives in `connect`, too.
    With `wait` it returns once an editor has attached and set its breakpoints. Called again it returns the same.
    Raises ValueError for an address that cannot be, or without a token where one is needed; OSError as bind does.
    """
    global _listening
    listener = _listening
    if listener is None:
        host, port = _place(address)
        token = token or os.environ.get("LOWDB_TOKEN") or ""
        if not token and not host.startswith(LOOPBACK):
            raise ValueError(f"listening on {host}: whoever reaches it could run anything; give a token")
        with standard():
            load()
            listener = _listening = Listener(host, port, token)
        start_new_thread(listener.serve, ())
    if wait:
        listener.wait()
    return listener.host, listener.port


def load() -> None:
    """Import what a session needs; to be called while the program's own files are not found."""
    names = ("debuggee", "hooks", "dap.server", "engine.debugger", "engine.forks", "wire.channel", "wire.sockets")
    for name in names:
        __import__(f"lowdb.{name}")
    __import__("hmac")


def _place(address: int | str | tuple[str, int]) -> tuple[str, int]:
    """Host, as numbers, and port."""
    import _socket

    if isinstance(address, int):
        host, port = "127.0.0.1", address
    elif isinstance(address, str):
        before, colon, after = address.rpartition(":")
        if not after.isdecimal():
            raise ValueError(f"no address: {address!r} (PORT or HOST:PORT)")
        host, port = (before.strip("[]") or "127.0.0.1") if colon else "127.0.0.1", int(after)
    else:
        host, port = str(address[0]), int(address[1])
    if not 0 <= port < 65536:
        raise ValueError(f"no port: {port}")
    found = _socket.getaddrinfo(host, port, 0, _socket.SOCK_STREAM)
    return str(found[0][4][0]), port


def join(descriptor: int) -> None:
    """Serve an adapter at the other end of this socket, for one session, in a thread of our own.

    Returns at once; the descriptor is the session's from then on. For a program that was reached by its process id.
    """
    with standard():
        load()
        from lowdb.wire.channel import Channel
        from lowdb.wire.sockets import out_of_the_way

        channel = Channel(out_of_the_way(descriptor))
    start_new_thread(Host("", once=True).receive, (channel,))


class Host:
    """Serves who has connected, in the caller's thread; with `once` there is one session only."""

    def __init__(self, token: str, *, once: bool = False) -> None:
        self.token = token
        self.once = once
        self.session: tuple[Server, Debugger] | None = None
        """The session that there is now."""
        self.suspension: Suspension | None = None
        """The stop that the last session has left to the next."""
        self._configured = allocate_lock()
        self._configured.acquire()

    def wait(self, seconds: float = -1) -> None:
        """Until an editor has set its breakpoints, or has said that it will not come, or the time is up."""
        if self._configured.acquire(timeout=seconds):
            self._configured.release()

    def _wake(self) -> None:
        if self._configured.locked():
            self._configured.release()

    def receive(self, channel: Channel) -> bool:
        """Serve one who has connected, to the end; whether it was one who had the token."""
        hello = None
        try:
            hello = self._hello(channel)
            if hello is not None and hello["type"] == "hello":
                self._session(channel, hello)
        except Exception as error:
            sys.stderr.write(f"lowdb: the session with the editor failed: {type(error).__name__}: {error}\n")
        finally:
            self.session = None
            channel.shut()
            channel.close()
            if self.once:
                self._wake()
        return hello is not None

    def _hello(self, channel: Channel) -> dict[str, Any] | None:
        """The first message of one who has shown the token in time; None of anyone else."""
        from hmac import compare_digest

        from lowdb.wire.frames import BadFrame, BadMessage, decode

        channel.limit(PATIENCE)
        try:
            shown = not self.token
            while True:
                body = channel.read()
                message = decode(body) if body is not None else {}
                if message.get("type") == "token":
                    shown = shown or compare_digest(str(message.get("token")).encode(), self.token.encode())
                elif message.get("type") in ("hello", "never") and shown:
                    channel.limit(None)
                    return message
                else:
                    return None
        except (BadFrame, BadMessage):
            return None

    def _session(self, channel: Channel, hello: dict[str, Any]) -> None:
        from lowdb import debuggee

        over = allocate_lock()
        over.acquire()
        suspension, self.suspension = self.suspension, None
        if suspension is not None and suspension.over:  # by Ctrl-C
            _wait_for_end(suspension.debugger)
            suspension = None
        server, debugger = self.session = debuggee.set_up(channel, hello, suspension)
        server.can_suspend = not self.once
        debugger.world.passed_over.add(get_ident())
        theirs = sys.breakpointhook
        if theirs is sys.__breakpointhook__ and debugger.running:
            sys.breakpointhook = debuggee.breakpointhook(debugger)

        def ended(why: str) -> None:
            if why == "kill":
                os._exit(137)
            elif why == "terminate":
                from signal import SIGINT, raise_signal

                raise_signal(SIGINT)
            if over.locked():
                over.release()

        server.ended = ended

        def configured() -> None:
            self._wake()
            if suspension is not None:
                suspension.hand_to(server)

        server.configured = configured
        server.event("initialized")
        server.event("process", {**debuggee.process(sys.argv[0] if sys.argv else ""), "startMethod": "attach"})
        server.start()
        over.acquire()
        if sys.breakpointhook is not theirs:
            sys.breakpointhook = theirs
        self.suspension = server.suspension
        if self.suspension is None:
            _wait_for_end(debugger)


class Listener(Host):
    """The socket, and the thread that serves who connects to it; with `once` it serves one session."""

    def __init__(self, host: str, port: int, token: str, *, once: bool = False) -> None:
        super().__init__(token, once=once)
        import _socket

        from lowdb.wire.sockets import out_of_the_way

        family = _socket.AF_INET6 if ":" in host else _socket.AF_INET
        made = _socket.socket(family, _socket.SOCK_STREAM)
        made.setsockopt(_socket.SOL_SOCKET, _socket.SO_REUSEADDR, 1)
        made.bind((host, port))
        made.listen(4)
        self.host, self.port = made.getsockname()[:2]
        self.socket: _socket.socket = _socket.socket(fileno=out_of_the_way(made.detach()))
        os.register_at_fork(after_in_child=self.socket.close)

    def close(self) -> None:
        """Listen no more."""
        self.socket.close()

    def serve(self) -> None:
        """In a bare thread, for ever: one session after another."""
        from lowdb.wire.channel import Channel

        while True:
            try:
                descriptor, _ = self.socket._accept()  # type: ignore[attr-defined]
            except OSError:
                return  # closed: a forked child, or the end
            if self.receive(Channel(descriptor)) and self.once:
                return


def _wait_for_end(debugger: Debugger) -> None:
    """Until the stopped threads have gone on: only then can the next session have the interpreter's tool id."""
    from time import monotonic, sleep

    end = monotonic() + PATIENCE
    while debugger.running and monotonic() < end:
        sleep(0.01)
