"""How a debuggee is started: the interpreter's command line, its environment, its files; and why it did not start."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, Any, Final

from lowdb.wire.offers import option

if TYPE_CHECKING:
    from collections.abc import Mapping

OLDEST: Final = (3, 12)
"""The first version whose sys.monitoring lowdb can be built on."""

ENTRANCE: Final = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "debuggee.py")
"""Run as a script: it finds its package from its own path, so lowdb need not be installed there."""


class CannotStart(Exception):
    """The program was not started; the text is one line that says why and names the option at fault."""


class Started:
    """A process that was started, and our ends of what it inherited."""

    __slots__ = ("births", "channel", "err", "out", "pid")

    def __init__(self, pid: int, channel: int, out: int, err: int, births: int | None) -> None:
        self.pid: Final = pid
        self.channel: Final = channel
        self.out: Final = out
        self.err: Final = err
        self.births: Final = births
        """Where its child processes announce themselves."""


def words(value: Any) -> list[str]:
    """An option that is a list of strings or one string, split as a shell would. Raises CannotStart."""
    if type(value) is not str:
        return list(value)
    if not set(value) & set("\"'\\"):
        return value.split()
    import shlex  # start-up: only where somebody quotes

    try:
        return shlex.split(value)
    except ValueError as error:
        raise CannotStart(f"launch: {value!r}: {error}") from None


def environment(arguments: Mapping[str, Any]) -> dict[str, str]:
    """The program's environment: ours with the option `env` laid over it."""
    result = dict(os.environ)
    for name, value in option(dict(arguments), "env").items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = value
    return result


def command(arguments: dict[str, Any], env: Mapping[str, str]) -> list[str]:
    """The interpreter and its arguments, up to the program. Raises CannotStart."""
    given = arguments.get("python")
    python = [sys.executable] if given is None else [given] if type(given) is str else list(given)
    if not python or not python[0]:
        raise CannotStart("launch: option 'python' is empty")
    path = _found(python[0], arguments.get("cwd"), env)
    if path is None:
        raise CannotStart(f"launch: option 'python': no program {python[0]!r} that can be run")
    return [path, *python[1:], *words(option(arguments, "pythonArgs"))]


def check_places(arguments: dict[str, Any]) -> None:
    """Raises CannotStart where the directory or the program is not there."""
    cwd = arguments.get("cwd")
    if cwd is not None and not os.path.isdir(cwd):
        raise CannotStart(f"launch: option 'cwd': no directory {cwd!r}")
    program = arguments.get("program")
    if program is not None:
        path = os.path.join(cwd or "", program)
        if not os.path.exists(path):
            raise CannotStart(f"launch: option 'program': no file {path!r}")


def _found(name: str, cwd: str | None, env: Mapping[str, str]) -> str | None:
    """The file to run for `name`, as a shell in `cwd` would find it."""
    if os.sep in name:
        path = os.path.join(cwd or os.getcwd(), os.path.expanduser(name))
        return path if _runs(path) else None
    for directory in env.get("PATH", os.defpath).split(os.pathsep):
        path = os.path.join(directory or os.curdir, name)
        if _runs(path):
            return os.path.abspath(path)
    return None


def _runs(path: str) -> bool:
    return os.path.isfile(path) and os.access(path, os.X_OK)


def start(arguments: dict[str, Any], *, follow: bool) -> Started:
    """Start the debuggee in a session of its own, its standard streams and its channel in our hands.

    Its stdin is empty: what an editor's user types goes to `evaluate`. With `follow` it is to announce its children.
    Raises CannotStart.
    """
    import _socket  # start-up: the module socket would cost 5 ms

    check_places(arguments)
    env = environment(arguments)
    argv = command(arguments, env)
    first, second = _socket.socketpair()
    ours, theirs = first.detach(), second.detach()
    out, out_end = os.pipe()
    err, err_end = os.pipe()
    nothing = os.open(os.devnull, os.O_RDONLY)
    births, births_end = os.pipe() if follow else (None, None)
    ends = [theirs] if births_end is None else [theirs, births_end]
    for end in ends:
        os.set_inheritable(end, True)
    before = os.getcwd()
    try:
        if arguments.get("cwd") is not None:
            os.chdir(arguments["cwd"])
        pid = os.posix_spawn(
            argv[0],
            [*argv, ENTRANCE, *map(str, ends)],
            env,
            file_actions=[
                (os.POSIX_SPAWN_DUP2, nothing, 0),
                (os.POSIX_SPAWN_DUP2, out_end, 1),
                (os.POSIX_SPAWN_DUP2, err_end, 2),
            ],
            setsid=True,
            setsigmask=[],
            setsigdef=[signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE, signal.SIGXFSZ],
        )
    except OSError as error:
        for file in (ours, out, err, *([births] if births is not None else [])):
            os.close(file)
        raise CannotStart(f"launch: cannot run {argv[0]!r}: {error.strerror}") from None
    finally:
        for file in (*ends, out_end, err_end, nothing):
            os.close(file)
        if arguments.get("cwd") is not None:
            os.chdir(before)
    return Started(pid, ours, out, err, births)


def why_not(arguments: dict[str, Any], status: int, said: str) -> str:
    """Why an interpreter ended before it had connected: its version, or how it ended and its last words."""
    try:
        argv = command(arguments, environment(arguments))
    except CannotStart as error:
        return str(error)
    version = version_of(argv[: len(argv) - len(words(option(arguments, "pythonArgs")))])
    if version is not None and version < OLDEST:
        found, wanted = (".".join(map(str, numbers)) for numbers in (version, OLDEST))
        return f"launch: {argv[0]} is Python {found}; lowdb debugs {wanted} and newer"
    last = next((line.strip() for line in reversed(said.splitlines()) if line.strip()), "")
    how = f"signal {-status}" if status < 0 else f"exit status {status}"
    return f"launch: {argv[0]} could not start the program ({how})" + (f": {last}" if last else "")


def version_of(argv: list[str]) -> tuple[int, ...] | None:
    """The version of an interpreter, None where it does not tell within two seconds."""
    import subprocess  # start-up: only where something went wrong

    code = "import sys; sys.stdout.write('%d.%d.%d' % tuple(sys.version_info[:3]))"
    try:
        done = subprocess.run(
            [*argv, "-S", "-c", code], stdin=subprocess.DEVNULL, capture_output=True, timeout=2, check=False
        )
        return tuple(int(number) for number in done.stdout.split(b"."))
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
