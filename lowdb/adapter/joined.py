"""A program that runs already and waits for nobody: its interpreter is asked to run a script that connects (PEP 768).

`sys.remote_exec` wants a Python of the program's own minor version: the program's own file is run for the call.
"""

from __future__ import annotations

import _socket
import os
import re
import sys
from typing import TYPE_CHECKING, Final

from lowdb.adapter.attached import Attached, Awaited, Elsewhere
from lowdb.adapter.launcher import CannotStart, version_of
from lowdb.adapter.loop import READ

if TYPE_CHECKING:
    from subprocess import Popen
    from typing import Any

    from lowdb.adapter.child import Owner
    from lowdb.adapter.loop import Loop

OLDEST: Final = (3, 14)
"""The first version that can be asked."""
PATIENCE: Final = 2.0
"""Seconds that the program may be silent before the user is told what it may be in."""
LOOK: Final = 0.5
"""Seconds between looks whether it still lives."""
REPORT: Final = b"!"
"""What begins the script's message that it could not load lowdb; no frame begins so."""

SCRIPT: Final = """\
def _lowdb():
    import _socket, os, sys
    link = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    try:
        link.connect({path!r})
    except OSError:
        return  # it was given up meanwhile
    finally:
        for remove, path in (os.unlink, {script!r}), (os.unlink, {path!r}), (os.rmdir, {place!r}):
            try:
                remove(path)
            except OSError:
                pass
    try:
        if "lowdb" not in sys.modules:
            sys.path.insert(0, {package!r})
            try:
                __import__("lowdb")
            finally:
                sys.path.remove({package!r})
        lowdb = sys.modules["lowdb"]
        if lowdb.__version__ != {version!r}:
            raise ImportError("the program has lowdb " + lowdb.__version__ + ", the editor's is " + {version!r})
        __import__("lowdb.program.imports")
        with sys.modules["lowdb.program.imports"].standard():
            __import__("lowdb.listening")
        lowdb.listening.join(link.fileno())
        link.detach()
    except BaseException as error:
        try:
            link.send(("!" + type(error).__name__ + ": " + str(error)).encode("utf-8", "replace"))
        except OSError:
            pass
        link.close()

_lowdb()
"""
"""What the program runs, in its main thread, as soon as that runs Python; the names are its own, not `__main__`'s."""

ELSE: Final = "start the program with lowdb.listen() and attach with 'connect'"


class Joined(Elsewhere):
    """A program that is reached by the number of its process."""

    def __init__(self, loop: Loop, owner: Owner, process: int) -> None:
        """Raises CannotStart."""
        super().__init__(loop, owner)
        self.process: Final = process
        self._problem: str | None = None
        self._heard = False
        """Whether the program has answered."""
        self._asking: Popen[bytes] | None = None
        python = interpreter(process)
        self._place: Final = os.path.join(_directory(), f"lowdb-{os.urandom(8).hex()}")
        self._script, self._path = os.path.join(self._place, "join.py"), os.path.join(self._place, "link")
        self._server: Final = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
        self._listening = False
        try:
            self._prepare()
            self._ask(python)
        except OSError as error:
            self._no_more()
            self._remove()
            raise CannotStart(f"attach: {error}") from None
        loop.watch(self._server.fileno(), READ, self._accept)
        self._listening = True
        loop.after(LOOK, self._lives)
        loop.after(PATIENCE, self._remark)

    def _prepare(self) -> None:
        """The directory that none but the program's owner can look into, with the socket and the script."""
        package = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        os.mkdir(self._place, 0o700)
        self._server.bind(self._path)
        self._server.listen(1)
        self._server.setblocking(False)
        names = {"path": self._path, "script": self._script, "place": self._place}
        with open(self._script, "x", encoding="utf-8") as file:
            file.write(SCRIPT.format(**names, package=package, version=sys.modules["lowdb"].__version__))
        owner = os.stat(f"/proc/{self.process}")
        if owner.st_uid != os.geteuid():
            for path in (self._path, self._script, self._place):
                os.chown(path, owner.st_uid, owner.st_gid)

    def _ask(self, python: str) -> None:
        import subprocess  # start-up: not for launched programs

        code = "import sys; sys.remote_exec(int(sys.argv[1]), sys.argv[2])"
        self._asking = subprocess.Popen(
            [python, "-I", "-S", "-c", code, str(self.process), self._script],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )

    def look(self) -> None:
        """Whether the call is done, and what it said."""
        asking = self._asking
        if asking is None or asking.poll() is None:
            return
        self._asking = None
        assert asking.stderr is not None
        text = asking.stderr.read().decode("utf-8", "replace")
        asking.stderr.close()
        if asking.returncode != 0:
            self._fail(why(text))

    def _accept(self) -> None:
        try:
            file, _ = self._server._accept()  # type: ignore[attr-defined]
        except OSError:
            return
        self._no_more()
        self.connect(file)

    def _take(self, data: bytes) -> None:
        if not self._heard and data.startswith(REPORT):
            self._problem = f"lowdb could not be loaded there: {data[1:].decode('utf-8', 'replace')}"
            self._closed()
            return
        self._heard = True
        super()._take(data)

    def _lives(self) -> None:
        if self._stream is not None or self.ended:
            return
        try:
            os.kill(self.process, 0)
        except OSError:
            self._fail("it has ended")
            return
        self.loop.after(LOOK, self._lives)

    def _remark(self) -> None:
        if self._stream is None and not self.ended:
            self.owner.output(
                "important",
                f"lowdb: process {self.process} has not answered for {PATIENCE:.0f} s: its main thread runs no Python,"
                " but waits in a call. The session begins when that returns; end it to wait no longer.\n",
            )

    def _fail(self, text: str) -> None:
        if self._stream is not None or self.ended:
            return
        self._problem = text
        asking, self._asking = self._asking, None
        asked = text == GIVEN_UP
        if asking is not None:
            asked = asking.wait() == 0  # some milliseconds; ended in the middle, nobody knew whether it has asked
            if asking.stderr is not None:
                asking.stderr.close()
        self._no_more()
        self._remove(script=not asked)
        self._end()

    def _no_more(self) -> None:
        if self._listening:
            self._listening = False
            self.loop.watch(self._server.fileno(), 0)
        self._server.close()

    def _remove(self, *, script: bool = True) -> None:
        """Take away the directory; the script stays where the program was asked to run it: it removes itself then."""
        for remove, path in ((os.unlink, self._path), (os.unlink, self._script), (os.rmdir, self._place)):
            if script or path == self._path:
                try:
                    remove(path)
                except OSError:
                    pass

    def kill(self) -> None:
        """Have it end itself, or wait for it no more."""
        if self._stream is None:
            self._fail(GIVEN_UP)
        else:
            self.send({"type": "kill"})

    def why_not(self, arguments: dict[str, Any]) -> str:
        """Why it could not be reached."""
        return f"attach: process {self.process}: {self._problem or 'it ended before the session began'}"


GIVEN_UP: Final = "it was given up"


def reach(loop: Loop, owner: Owner, arguments: dict[str, Any]) -> Elsewhere | None:
    """The program that `attach` means; None where the arguments are those of `launch`. Raises CannotStart."""
    if arguments.get("connect") is not None:
        return Attached(loop, owner, arguments["connect"])
    if arguments.get("listen") is not None:
        return Awaited(loop, owner, arguments["listen"])
    if arguments.get("processId") is not None:
        return Joined(loop, owner, int(arguments["processId"]))
    return None


def _directory() -> str:
    """Where short names can be made that both processes see."""
    found = os.environ.get("TMPDIR") or "/tmp"
    return found if os.path.isabs(found) and len(os.fsencode(found)) < 60 else "/tmp"  # a socket's path: 107 bytes


def interpreter(process: int) -> str:
    """The file of a Python that can ask this process to run a script. Raises CannotStart, with the reason."""
    what = f"attach: process {process}"
    if process == os.getpid():
        raise CannotStart(f"{what} is lowdb's adapter itself")
    try:
        if process <= 0:
            raise ProcessLookupError
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        raise CannotStart(f"attach: there is no process {process}") from None
    except PermissionError:
        raise CannotStart(f"{what} belongs to another user: {NOT_ALLOWED}") from None
    try:
        path = os.readlink(f"/proc/{process}/exe")
        with open(f"/proc/{process}/maps", encoding="utf-8", errors="replace") as file:
            library = re.search(r"/libpython(\d+)\.(\d+)t?[^/\n]*\n", file.read())
    except FileNotFoundError:
        raise CannotStart(f"{what} cannot be looked into on this system; {ELSE}") from None
    except OSError:
        raise CannotStart(f"{what}: {NOT_ALLOWED}") from None
    if _apart(process):
        raise CannotStart(
            f"{what} is in a container with files of its own: run `lowdb --dap --listen` there, or {ELSE}"
        )
    named = re.match(r"python(?:(\d+)\.(\d+)|\d?)[a-z]*(?: \(deleted\))?$", os.path.basename(path))
    version: tuple[int, ...] | None = None
    if library is not None or (named is not None and named[1]):
        found = library or named
        assert found is not None
        version = (int(found[1]), int(found[2]))
    elif named is not None and _trusted(path):
        version = version_of([path])
    if version is None:
        raise CannotStart(f"{what} is no CPython: it runs {path!r}")
    numbers = ".".join(map(str, version[:2]))
    if version[:2] < OLDEST:
        raise CannotStart(f"{what} is CPython {numbers}; attach by process id needs CPython 3.14: {ELSE}")
    if named is not None and _trusted(path):
        return path
    for python in (sys.executable, *(os.path.join(place, f"python{numbers}") for place in os.get_exec_path())):
        if os.access(python, os.X_OK) and (version_of([python]) or ())[:2] == version[:2]:
            return python
    raise CannotStart(f"{what} is CPython {numbers}: no python{numbers} was found to ask it with; {ELSE}")


def _trusted(path: str) -> bool:
    """Whether a file can be run by us: not what another user may have put there."""
    try:
        return os.access(path, os.X_OK) and os.stat(path).st_uid in (0, os.geteuid())
    except OSError:
        return False


def _apart(process: int) -> bool:
    """Whether the process sees other files than this one."""
    try:
        return os.stat(f"/proc/{process}/ns/mnt").st_ino != os.stat("/proc/self/ns/mnt").st_ino
    except OSError:
        return False


NOT_ALLOWED: Final = (
    "the system does not let lowdb look into it. Run the adapter as its user, or as root; where"
    " /proc/sys/kernel/yama/ptrace_scope is not 0, `sudo sysctl kernel.yama.ptrace_scope=0` allows it until the next"
    f" start; or {ELSE}"
)


def why(text: str) -> str:
    """What the interpreter's words, a traceback, mean."""
    last = next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "")
    if "not enabled" in last:
        return (
            "remote debugging is switched off there (PYTHON_DISABLE_REMOTE_DEBUG, -X disable-remote-debug, or a Python"
            f" that was built without it): {ELSE}"
        )
    if "PermissionError" in last or "not permitted" in text or "Permission denied" in text:
        return NOT_ALLOWED
    return f"it could not be asked: {last or 'the interpreter said nothing'}"
