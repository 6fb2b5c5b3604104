"""What runs in a debuggee that an editor's session has started: `python lowdb/debuggee.py WHERE`, run as a file.

WHERE is the number of an inherited socket, or HOST:PORT, or a path: the adapter is at its other end and says what to
run. lowdb need not be installed here.
"""

import os
import sys

BARE = frozenset(sys.modules)
"""The modules that were loaded before any of ours."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import Any

    from lowdb.dap.server import Server
    from lowdb.dap.suspension import Suspension
    from lowdb.engine.debugger import Debugger
    from lowdb.engine.targets import Program
    from lowdb.wire.channel import Channel


def _be_importable() -> None:
    """Make `lowdb` importable for itself: as a module that is loaded, not through the program's sys.path."""
    here = os.path.dirname(os.path.abspath(__file__))
    if not sys.flags.safe_path and sys.path:
        del sys.path[0]  # this file's directory: its modules would hide the program's
    sys.path.insert(0, os.path.dirname(here))
    try:
        __import__("lowdb")
    finally:
        del sys.path[0]


def main(
    where: str,
    pipe: "str | None" = None,
    *,
    chosen: "dict[str, Any] | None" = None,
    bare: frozenset[str] = BARE,
) -> None:
    """Connect, take the orders, run the program under a DAP server. Raises what ends the process.

    `pipe` is the file on which child processes announce themselves to the adapter. `chosen` is the program where it
    is not the editor that says which; `bare` names the modules that were loaded before any of ours.
    """
    from lowdb.program.imports import remember, standard

    with standard():
        channel = _connect(where, os.environ.pop("LOWDB_TOKEN", None))
        hello = _hello(channel)
        hello["launch"] = {**(hello.get("launch") or {}), **(chosen or {})}
        server, debugger = set_up(channel, hello)
        _say_initialized(server)
        from lowdb.engine import targets
        from lowdb.engine.lifetime import run

        launch: dict[str, Any] = server.client.launch
        ready = _Ready()
        server.configured = ready.go
        program = _program(server, targets)
        if program.code is not None:
            debugger.program(program.code)
        server.start()
        _watch_children(server, pipe)
    _keep_lines(server)
    remember()
    try:
        ready.wait()
    except KeyboardInterrupt:
        raise SystemExit(130) from None  # ended before there was a program
    program.prepare(bare)
    if debugger.running:
        sys.breakpointhook = breakpointhook(debugger)
    server.event("process", process(program.name))
    run(program, debugger, stop_first=launch.get("stopOnEntry") is True and debugger.running)


def come(arguments: "list[str]", bare: frozenset[str]) -> None:
    """`lowdb --connect [HOST:]PORT program …`: run the program for an editor whose adapter waits there."""
    from lowdb.cli import Usage, fail, parse

    _, equals, where = arguments[0].partition("=")
    rest = arguments[1:]
    if not equals:
        where, rest = (rest[0], rest[1:]) if rest else ("", [])
    if not where.rpartition(":")[2].isdecimal():
        fail("option --connect needs [HOST:]PORT: where the editor's adapter listens")
    where = where if ":" in where else f"127.0.0.1:{where}"
    try:
        choice = parse(rest)
    except Usage as error:
        fail(str(error))
    if choice.action != "run" or choice.commands or choice.options:
        fail("--connect is followed by the program and its arguments")
    program = {"module" if choice.module else "program": choice.program, "args": choice.arguments}
    try:
        main(where, chosen=program, bare=bare)
    except ConnectionError as error:
        fail(f"no editor's adapter listens on {where}: {error.strerror}")


def _connect(where: str, token: "str | None") -> "Channel":
    from lowdb.wire.channel import Channel
    from lowdb.wire.sockets import connect, out_of_the_way

    channel = Channel(out_of_the_way(int(where) if where.isdecimal() else connect(where)))
    if token is not None:
        channel.send({"type": "token", "token": token})
    return channel


def _hello(channel: "Channel") -> "dict[str, Any]":
    from lowdb.wire.frames import BadFrame, BadMessage, decode

    try:
        body = channel.read()
        hello = decode(body) if body is not None else None
    except (BadFrame, BadMessage):
        hello = None
    if hello is None or hello.get("type") != "hello":
        raise SystemExit(2)  # the adapter is gone, or it is none
    return hello


def set_up(
    channel: "Channel", hello: "dict[str, Any]", suspension: "Suspension | None" = None
) -> "tuple[Server, Debugger]":
    """The server and its debugger, which runs unless `noDebug` is wanted or another tool holds the id.

    `suspension` is what the session before this one has left.
    """
    from lowdb import hooks
    from lowdb.dap.server import Server
    from lowdb.engine import forks
    from lowdb.engine.debugger import Debugger
    from lowdb.engine.monitor import ToolTaken
    from lowdb.engine.options import Options
    from lowdb.engine.stops import Notice

    server = Server(channel, hello)
    if suspension is None:
        debugger = Debugger(server, Options(post_mortem=False))
    else:
        debugger, server.suspension = suspension.debugger, suspension
        suspension.inherit(server)
    debugger.mycode.enabled = server.client.option("justMyCode") is not False
    for rule in server.client.option("rules") or ():
        (debugger.mycode.include if rule.get("include") else debugger.mycode.exclude)(rule.get("path") or "")
    server.attach(debugger)
    server.ended = lambda why: _leave(why, channel, hello.get("end", "kill"))
    if suspension is not None:
        if filters := server.client.option("exceptions"):
            server.points.set_exceptions({"filters": filters})
    elif server.client.option("noDebug") is not True:
        try:
            debugger.start()
        except ToolTaken as taken:
            server.on_notice(Notice(f"nothing can stop here: sys.monitoring's debugger id is held by {taken.holder!r}"))
        else:
            hooks.adopt(debugger)
            server.pauser.listen()
            if filters := server.client.option("exceptions"):
                server.points.set_exceptions({"filters": filters})
            forks.watch(hooks.current)

    def child() -> None:
        server.forked = server.leaving = True
        channel.close()

    os.register_at_fork(after_in_child=child)
    return server, debugger


def _watch_children(server: "Server", pipe: "str | None") -> None:
    from lowdb import children

    children.pass_over_own_threads()
    if not server.debugger.running or server.client.option("subProcess") is False:
        return
    from lowdb.wire.sockets import out_of_the_way

    def tell(text: str) -> None:
        here = server.client.option("console") == "internalConsole"
        why = "this editor opens no sessions for children" if here else "its parent runs in a terminal"
        server.event("output", {"category": "console", "output": f"lowdb: {text}: {why}\n"})

    children.Family(out_of_the_way(int(pipe)) if pipe is not None else None, tell).watch()


def _say_initialized(server: "Server") -> None:
    server.event("initialized")


def _program(server: "Server", targets: "Any") -> "Program":
    """The program, compiled; where it cannot be, the process ends as it would bare, with what Python says of it."""
    launch = server.client.launch
    arguments = launch.get("args") or []
    code = launch.get("code")
    if code:
        text = code if isinstance(code, str) else "\n".join(code) + "\n"
        return targets.find_code(text, arguments)  # type: ignore[no-any-return]
    name = launch.get("module") or launch.get("program") or ""
    try:
        program: Program = targets.find(name, arguments, module=bool(launch.get("module")))
        program.compile()
    except targets.CannotRun as error:
        sys.stderr.write(f"lowdb: {error}\n")
        raise SystemExit(error.status) from None
    except targets.NotPython:
        # nobody shows what is wrong with a file as the interpreter itself does
        os.execv(sys.executable, [sys.executable, name, *arguments])
    return program


class _Ready:
    """Lets the main thread wait for configurationDone."""

    def __init__(self) -> None:
        from _thread import allocate_lock

        self._lock = allocate_lock()
        self._lock.acquire()

    def go(self) -> None:
        if self._lock.locked():
            self._lock.release()

    def wait(self) -> None:
        self._lock.acquire()


def _keep_lines(server: "Server") -> None:
    """Standard output is a pipe here: have it written line by line, as in a terminal, so that it comes in order."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]
        except (AttributeError, OSError, ValueError):  # closed, or not there
            pass


def process(name: str) -> "dict[str, Any]":
    """The body of the event `process` for a program of this name."""
    return {
        "name": name,
        "systemProcessId": os.getpid(),
        "isLocalProcess": True,
        "startMethod": "launch",
        "pointerSize": 64 if sys.maxsize > 2**32 else 32,
    }


def breakpointhook(debugger: "Debugger") -> "Callable[..., Any]":
    """What breakpoint() is to call while an editor is there."""

    def hook(*arguments: "Any", **keywords: "Any") -> "Any":
        if os.environ.get("PYTHONBREAKPOINT"):
            return sys.__breakpointhook__(*arguments, **keywords)  # noqa: T100
        frame: FrameType | None = sys._getframe(1)
        if frame is not None:
            debugger.stop_here(frame)
        return None

    return hook


def _leave(why: str, channel: "Channel", end: str) -> None:
    """In the reader's thread, when the session is over here: detached, asked to end, or the adapter is gone."""
    import _signal  # type: ignore[import-not-found]
    from time import sleep

    if why == "kill" or (why == "gone" and end == "kill"):
        if os.getpgrp() == os.getpid():
            os.killpg(0, _signal.SIGKILL)
        os._exit(1)
    if why == "terminate":
        # The main thread has just given the GIL away: give it the time to be inside the call that it gave it away for,
        # which a signal that comes just before it does not end.
        sleep(0.005)
        os.kill(os.getpid(), _signal.SIGINT)
    elif why == "detach":
        channel.shut()  # also where a forked child has the other copy of it
        channel.close()


if __name__ == "__main__":
    _be_importable()
    if sys.argv[1] == "child":
        from lowdb import children

        children.run(int(sys.argv[2]), sys.argv[3:], BARE)
    else:
        main(*sys.argv[1:3])
