"""What lowdb does where pytest runs the program: its capture is off at a stop, and `q` ends the tests as pytest does.

With the plugin and without it (`-p no:lowdb`). Imports nothing of pytest; no error of pytest's reaches the program.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from lowdb.engine.stops import Quit, Reason

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from lowdb.engine.stops import Notice, Resume, Stop
    from lowdb.repl.session import Session

INTERRUPTED = 2
"""pytest's exit status of a run that a person ended."""


def running() -> Any:
    """The configuration of the pytest that runs in this process, None where there is none."""
    debugging = sys.modules.get("_pytest.debugging")
    try:
        return None if debugging is None else vars(debugging)["pytestPDB"]._config
    except (AttributeError, KeyError):  # another pytest than we know
        return None


def worker() -> str:
    """The name of the worker of pytest-xdist that this process is, or ""."""
    given = getattr(running(), "workerinput", None)
    return str(given.get("workerid", "")) if type(given) is dict else ""


class Uncaptured:
    """`with Uncaptured():` standard input and output are the real ones. Nests; nothing happens without pytest."""

    __slots__ = ("_undo",)

    def __enter__(self) -> None:
        self._undo: list[Callable[[], None]] = []
        config = running()
        if config is None:
            return
        try:
            self._undo = _take_off(config.pluginmanager.getplugin("capturemanager"))
            reporter = config.pluginmanager.getplugin("terminalreporter")
            if reporter is not None:
                reporter.ensure_newline()
                if reporter._tw.width_of_current_line:  # with -q
                    reporter._tw.line()
            _flush()
        except Exception:  # another pytest than we know: the prompt opens all the same
            pass

    def __exit__(self, *exc: object) -> None:
        if self._undo:
            _flush()  # what was printed at the stop belongs to the terminal, not to what is captured from now on
        for undo in reversed(self._undo):
            try:
                undo()
            except Exception:
                continue


def _take_off(manager: Any) -> list[Callable[[], None]]:
    """Switch off what captures now; the calls that switch it on again, the last first."""
    undo: list[Callable[[], None]] = []
    if manager is None:
        return undo
    fixture, everything = manager._capture_fixture, manager._global_capturing
    if fixture is not None and fixture._is_started():  # capsys, capfd
        manager.suspend_fixture()
        undo.append(manager.resume_fixture)
    if everything is not None:
        if everything.is_started():
            undo.insert(0, manager.resume_global_capture)
        # also between tests, where pytest lets only the output go: it takes the input back when it resumes
        manager.suspend_global_capture(in_=True)
    return undo[::-1]


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            continue


class Talk:
    """The session as the engine sees it: what it says and asks is not captured."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def on_stop(self, stop: Stop) -> Resume:
        """Talk with the person until the program is to go on."""
        config = running()
        if config is None:
            return self.session.on_stop(stop)
        session = self.session
        session.asks = False  # q ends the tests, and what they have set up is taken down
        session.name = worker()
        with Uncaptured():
            if session.name and stop.reason not in (Reason.STEP, Reason.FAILED):
                session.say("")  # below what pytest itself, in another process, shows
            _tell(config.hook.pytest_enter_pdb, config, session)
            try:
                resume = session.on_stop(stop)
            finally:
                _tell(config.hook.pytest_leave_pdb, config, session)
        return as_pytest_ends(config, resume) if type(resume) is Quit else resume

    def on_notice(self, notice: Notice) -> None:
        """Show it."""
        with Uncaptured():
            self.session.on_notice(notice)


def _tell(hook: Any, config: Any, session: Session) -> None:
    """Tell pytest's other plugins, those that watch the time for instance."""
    try:
        hook(config=config, pdb=session)
    except Exception:
        pass


class Ended(KeyboardInterrupt):
    """Ends a pytest run as Ctrl-C does; other than pytest's own Exit it is no Exception, which tests catch."""

    WORDS = "q at the prompt"


Ended.__module__ = "lowdb"  # pytest shows `lowdb.Ended: q at the prompt`


def as_pytest_ends(config: Any, resume: Quit) -> Quit:
    """The end of the program by way of pytest: the tests' resources are taken down, the reports written, status 2."""
    if resume.now:
        return Quit(now=True, status=INTERRUPTED)
    tests = config.pluginmanager.getplugin("session")
    if tests is not None:
        tests.shouldstop = Ended.WORDS  # also where a test catches everything
    if worker():  # of its interrupted workers pytest-xdist says that they crashed: this test fails, and is the last
        failed = vars(sys.modules["_pytest.outcomes"])["Failed"]
        return Quit(status=INTERRUPTED, raising=failed(Ended.WORDS, pytrace=False))
    return Quit(status=INTERRUPTED, raising=Ended(Ended.WORDS))
