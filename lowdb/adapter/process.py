"""The adapter as a process: its standard streams, its loop, its one session, and its end."""

from __future__ import annotations

import os
from typing import Final, NoReturn

from lowdb.adapter.client import Client
from lowdb.adapter.framing import Frames, Garbage, TooLarge
from lowdb.adapter.log import Log
from lowdb.adapter.loop import Loop
from lowdb.adapter.places import BadAddress, outside, place
from lowdb.adapter.server import serve
from lowdb.adapter.session import Session
from lowdb.adapter.streams import Stream

LAST_WORDS: Final = 1.0
"""Seconds that the client has for reading what was written before the session's end."""


class Adapter:
    """A loop, one client's stream and its session."""

    def __init__(self, reader: int, writer: int, log: Log, token: str) -> None:
        self.loop: Final = Loop()
        self.loop.catch_signals()
        self.loop.on_child = self._child
        self.loop.on_end = self._gone
        self.frames: Final = Frames()
        self.stream: Final = Stream(self.loop, reader, writer, self._readable, self._gone)
        self.client: Final = Client(self.stream, log)
        self.session: Final = Session(self.loop, self.client, self._over, token)
        log.on_fault = lambda text: self.client.output("console", text)

    def run(self) -> None:
        """Until the session is over."""
        self.loop.run()

    def _child(self) -> None:
        if self.session.child is not None:
            self.session.child.look()

    def _readable(self) -> None:
        data = self.stream.read()
        if data is None:
            return
        if not data:
            self._gone()
            return
        try:
            for found in self.frames.feed(data):
                if type(found) is Garbage:
                    self.client.complain(found.text)
                elif type(found) is bytes:
                    self.session.from_client(found)
        except TooLarge as error:
            self.client.complain(str(error))
            self._gone()

    def _gone(self) -> None:
        """The editor went without a word: end the program as `disconnect` does."""
        self.stream.pause(False)
        self.session.gone(self._over)

    def _over(self) -> None:
        """All is done; the client may still read the last of it."""
        if self.stream.waiting:
            self.stream.on_drained = lambda: None
            self.loop.after(LAST_WORDS, self._stop)
            self._look_whether_read()
        else:
            self._stop()

    def _look_whether_read(self) -> None:
        if self.stream.waiting:
            self.loop.after(0.01, self._look_whether_read)
        else:
            self._stop()

    def _stop(self) -> None:
        self.loop.running = False


USAGE: Final = """\
usage: lowdb --dap [--log FILE]
       lowdb --dap --listen [HOST:]PORT [--log FILE]

Speaks the Debug Adapter Protocol: on stdin and stdout, for the editor that starts it, or with --listen on a port, for
as many editors as connect to it, until Ctrl-C.

  --listen [HOST:]PORT   the port, 0 for any; on this machine only, unless HOST says otherwise. Then the editor has to
                         give a token as the option "token" of launch or attach: that of LOWDB_TOKEN, or the one shown
  --log FILE             write every message to FILE, for a bug report (or LOWDB_LOG=FILE)
"""


def main(arguments: list[str]) -> NoReturn:
    """`lowdb --dap`, with what follows it."""
    given = {"--log": os.environ.get("LOWDB_LOG"), "--listen": None}
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        name, equals, value = word.partition("=")
        if word in ("-h", "--help"):
            os.write(1, USAGE.encode())
            os._exit(0)
        elif name in given and (equals or rest):
            given[name] = value if equals else rest.pop(0)
        elif name in given:
            _fail(f"--dap: option {name} needs {'a file' if name == '--log' else '[HOST:]PORT'}")
        else:
            _fail(f"--dap: no option {word!r} (lowdb --dap --help shows all)")
    log = Log()
    problem = log.open(given["--log"]) if given["--log"] else None
    if problem:
        os.write(2, f"lowdb: {problem}\n".encode())
    address = given["--listen"]
    if address is None:
        if os.isatty(0):  # a person tries it: nothing else would ever be said
            os.write(2, b"lowdb: --dap speaks to an editor here (Ctrl-D ends it; lowdb --dap --help says more)\n")
        _session(*_apart(), log)
    try:
        host, port = place(address)
        token = os.environ.pop("LOWDB_TOKEN", "") or (os.urandom(16).hex() if outside(host) else "")
        serve(host, port, lambda file: _session(file, file, log, token), token)
    except BadAddress as error:
        _fail(f"--dap --listen: {error}")


def _fail(text: str) -> NoReturn:
    os.write(2, f"lowdb: {text}\n".encode())
    os._exit(2)


def _session(reader: int, writer: int, log: Log, token: str = "") -> NoReturn:
    """One session, to its end and that of the process."""
    adapter = Adapter(reader, writer, log, token)
    try:
        adapter.run()
    except Exception as error:  # a fault of ours: no program is left running, and the journal shows where it was
        if adapter.session.child is not None:
            adapter.session.child.kill()
        import traceback  # start-up: only for a fault

        log.write("!!", traceback.format_exc().encode())
        os.write(2, f"lowdb: error inside the adapter: {type(error).__name__}: {error}\n".encode())
        os._exit(70)
    adapter.stream.close()
    if adapter.session.child is not None:
        adapter.session.child.abandon()
    os._exit(0)  # nothing is left to do, and no thread or buffer to wait for


def _apart() -> tuple[int, int]:
    """Standard input and output as files of our own; under 0 is nothing, under 1 the standard error."""
    reader, writer = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    try:
        os.dup2(2, 1)
    except OSError:  # no standard error
        os.dup2(nothing, 1)
        os.dup2(nothing, 2)
    os.close(nothing)
    return reader, writer
