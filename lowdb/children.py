"""Child processes of a program that an editor debugs: each that runs Python gets a session of its own.

A child announces itself on a pipe to the adapter, which has the editor attach to it; it begins when that is done, or
runs on without a debugger where it is not. What is no Python, or another one than the parent's, is left alone.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

    from lowdb.dap.server import Server
    from lowdb.engine.debugger import Debugger
    from lowdb.engine.targets import Program

PATIENCE = 20.0
"""Seconds that the editor has for attaching, before the child runs on without it."""

INTERNAL = ("from multiprocessing.resource_tracker import main",)
"""What multiprocessing runs for itself, and nobody wants a session for."""
FORKSERVER = ("from multiprocessing.forkserver import main", "import sys; from multiprocessing.forkserver import main")
"""This one, too; but what it forks are the program's processes."""


class Family:
    """Watches for children of this process, and theirs."""

    def __init__(self, pipe: int | None, tell: Callable[[str], None] = lambda text: None) -> None:
        """`pipe` leads to the adapter; None: no sessions are made, and `tell` gets a line for the first child."""
        self.pipe = pipe
        self._tell = tell
        self._told = False
        self._fork_exec: Any = None
        self._posix_spawn: Any = None

    def watch(self) -> None:
        """From now on, for the life of the process."""
        import _posixsubprocess

        os.register_at_fork(after_in_child=self._forked, after_in_parent=self._has_forked)
        # What subprocess and multiprocessing start all goes through these two functions.
        self._fork_exec, self._posix_spawn = _posixsubprocess.fork_exec, os.posix_spawn
        _posixsubprocess.fork_exec = self._by_fork_exec
        os.posix_spawn = self._by_posix_spawn

    def _has_forked(self) -> None:
        if self.pipe is None:
            self._say()

    def _say(self) -> None:
        if not self._told:
            self._told = True
            try:
                self._tell("a child process runs without the debugger")
            except Exception:
                pass

    def _forked(self) -> None:
        if self.pipe is None:
            return
        try:
            self.announce("fork")
        except Exception as error:
            _complain(error)

    def announce(self, name: str) -> tuple[Server, Debugger] | None:
        """Tell the adapter of this process, and wait until the editor has set its breakpoints here.

        Returns the session, None where there is none.
        """
        from _thread import start_new_thread

        from lowdb.listening import Listener
        from lowdb.wire.frames import encode

        assert self.pipe is not None
        token = os.urandom(16).hex()
        listener = Listener("127.0.0.1", 0, token, once=True)
        start_new_thread(listener.serve, ())
        message = {"pid": os.getpid(), "name": name[:200], "port": listener.port, "token": token}
        try:
            os.write(self.pipe, encode(message) + b"\n")  # shorter than PIPE_BUF: no other's line can get into it
        except OSError:
            listener.close()  # the adapter is gone
            return None
        listener.wait(PATIENCE)
        return listener.session

    def _by_fork_exec(self, args: Any, executables: Any, close: Any, keep: Any, *rest: Any) -> Any:
        changed = self._changed(args, executables, self.pipe)
        if changed is not None:
            args = changed
            keep = tuple(sorted({*keep, self.pipe}))
        return self._fork_exec(args, executables, close, keep, *rest)

    def _by_posix_spawn(self, path: Any, argv: Any, env: Any, /, **more: Any) -> Any:
        actions = list(more.get("file_actions") or ())
        number = self.pipe
        # subprocess has all files closed from 3 on: ours is put under that number, and they are closed from the next on
        if number is not None and actions and actions[-1][0] == vars(os).get("POSIX_SPAWN_CLOSEFROM"):
            number = actions[-1][1]
        changed = self._changed(argv, [path], number)
        if changed is not None:
            last = [actions.pop()] if number != self.pipe else []
            actions.append((os.POSIX_SPAWN_DUP2, self.pipe, number))
            actions += [(kind, first + 1) for kind, first in last]
            argv, more["file_actions"] = changed, actions
        return self._posix_spawn(path, argv, env, **more)

    def _changed(self, args: Any, executables: Any, pipe: int | None) -> list[Any] | None:
        """The command line that runs the same under lowdb; None where it is to stay as it is."""
        try:
            return self._under_lowdb(args, executables, pipe)
        except Exception as error:
            _complain(error)
            return None

    def _under_lowdb(self, args: Any, executables: Any, pipe: int | None) -> list[Any] | None:
        words = [os.fsdecode(word) for word in args]
        found = next((os.fsdecode(path) for path in executables if os.path.isfile(path)), None)
        if found is None or not sys.executable or not os.path.samefile(found, sys.executable):
            return None
        split = _flags(words[1:])
        if split is None:
            return None
        count, kind, text = split
        if kind == "-c" and text.startswith(INTERNAL):
            return None
        if pipe is None:
            self._say()
            return None
        entrance = os.path.join(os.path.dirname(os.path.abspath(__file__)), "debuggee.py")
        before, after = words[: 1 + count], words[1 + count :]
        return [*before, entrance, "child", str(pipe), *after]


def _flags(words: list[str]) -> tuple[int, str, str] | None:
    """How many words are the interpreter's flags, what follows them (-c, -m or "" for a script), and its text.

    None where nothing follows that could be found again: the program comes from stdin, -h, -mNAME in one word.
    """
    index = 0
    while index < len(words):
        word = words[index]
        if word in ("-c", "-m"):
            return (index, word, words[index + 1]) if index + 1 < len(words) else None
        if word == "-" or word in ("-h", "-V", "--help", "--version", "-i"):
            return None
        if not word.startswith("-"):
            return index, "", word
        if word in ("-W", "-X", "--check-hash-based-pycs"):
            index += 2
        elif not word.startswith(("-W", "-X", "--")) and set(word[1:]) & set("cmWXhVi"):
            return None
        else:
            index += 1
    return None


def run(pipe: int, words: list[str], bare: frozenset[str]) -> None:
    """The life of a child that was started by `Family`: `words` is what follows the interpreter's flags."""
    from lowdb.program.imports import remember, standard

    with standard():
        from lowdb import listening
        from lowdb.engine.lifetime import run as live
        from lowdb.wire.sockets import out_of_the_way

        listening.load()
        family = Family(out_of_the_way(pipe))
        program = _program(words)
    quiet = words[0] == "-c" and words[1].startswith(FORKSERVER)
    session = None if quiet else family.announce(" ".join(words))  # other threads import meanwhile: no lock is held
    if session is None and not quiet:
        _run_bare(words)
    family.watch()
    pass_over_own_threads()
    remember()
    program.prepare(bare)
    if session is None:
        program.execute(lambda code: None)
    else:
        live(program, session[1], stop_first=False)


def _program(words: list[str]) -> Program:
    """The program, compiled; where it cannot be, Python itself says why not."""
    from lowdb.engine import targets

    try:
        if words[0] == "-c":
            program = targets.find_code(words[1], words[2:])
        elif words[0] == "-m":
            program = targets.find(words[1], words[2:], module=True)
        else:
            program = targets.find(words[0], words[1:])
        program.compile()
    except (targets.CannotRun, targets.NotPython):
        _run_bare(words)
    return program


def _run_bare(words: list[str]) -> NoReturn:
    before = sys.orig_argv[1 : len(sys.orig_argv) - len(sys.argv)]
    os.execv(sys.executable, [sys.orig_argv[0], *before, *words])


def _complain(error: Exception) -> None:
    try:
        sys.stderr.write(f"lowdb: a child process runs without the debugger: {type(error).__name__}: {error}\n")
    except Exception:
        pass


class _OnlyOurs:
    """Stands in a warning filter for a pattern: fits where the program itself has one thread only."""

    def match(self, text: str) -> bool:
        """Whether the warning is about lowdb's threads."""
        threading = sys.modules.get("threading")
        return " is multi-threaded, use of " in text and (threading is None or threading.active_count() == 1)


_ENTRY = ("ignore", _OnlyOurs(), DeprecationWarning, None, 0)


def pass_over_own_threads() -> None:
    """os.fork() warns of a process with threads: not of ours, of which nobody has to think in the child."""

    import _warnings

    def before() -> None:
        # at each fork: a program may have set its filters anew
        filters = getattr(sys.modules.get("warnings", _warnings), "filters", None)
        if type(filters) is list and (not filters or filters[0] is not _ENTRY):
            filters.insert(0, _ENTRY)

    os.register_at_fork(before=before)
