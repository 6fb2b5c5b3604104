"""The stops of `pytest --lowdb`: at failures, at each test's first line, at breakpoint(), at Ctrl-C in a test.

Where nobody can be asked, the report of a failure gets what a person would have seen. Decides nothing about a test.
"""

from __future__ import annotations

import signal
import sys
from _thread import get_ident
from io import StringIO
from typing import TYPE_CHECKING

import pytest

from lowdb import hooks
from lowdb.engine.stops import Detach, Quit, Reason, Stop
from lowdb.program.mycode import MyCode
from lowdb.pytest_plugin.capture import Uncaptured, worker
from lowdb.pytest_plugin.failures import captured, found, own_code
from lowdb.repl.blocks import Text

if TYPE_CHECKING:
    from collections.abc import Generator
    from types import FrameType
    from typing import Any

    from lowdb.engine.debugger import Debugger
    from lowdb.pytest_plugin.failures import Failure
    from lowdb.repl.session import Session

REPORTED = ("where", "locals")
"""The commands that a report shows where nobody can be asked and --lowdb-command gives none."""


class _Section(StringIO):
    """Text that may have the marks of source lines in it."""

    encoding = "utf-8"


class Stops:
    """The plugin of one pytest run."""

    def __init__(self, config: pytest.Config) -> None:
        option: Any = config.option
        self._config = config
        self._commands: list[str] = option.lowdb_command
        self._trace: bool = option.lowdb_trace
        self._failures: bool = option.lowdb or bool(self._commands)
        self._debugger: Debugger | None = None
        self._ours = False  # nobody else has opened the debugger
        self._reports = False  # nobody can be asked
        self._begun = False  # --lowdb-command was done once
        self._hook = sys.breakpointhook

    # --- the run ----------------------------------------------------------------------------------

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Open the debugger, unless this process runs no tests itself."""
        option: Any = self._config.option
        if option.collectonly or (getattr(option, "tx", None) and not worker()):
            return
        sys.breakpointhook = hooks.breakpointhook
        with Uncaptured():
            self._debugger = hooks.current()
            if self._debugger is None:
                try:
                    self._debugger, self._reports = self._opened()
                except Exception as error:
                    hooks.say(f"the tests run without a debugger: {type(error).__name__}: {error}")
                self._ours = self._debugger is not None

    def _opened(self) -> tuple[Debugger | None, bool]:
        """A debugger, or None; and whether that is because nobody can be asked."""
        hooks.load()
        from lowdb import faces

        settings = hooks.chosen(str(self._config.rootpath))
        asked = not (worker() and settings["ui"] == "plain")  # a worker's standard input is not the person's
        console = faces.for_guest(settings, hooks.current) if asked else None
        if console is None:
            return None, True
        session = hooks.new_session(console, settings=settings)
        debugger = hooks.new_debugger(session)
        if debugger is not None:
            session.saved.begin()
        return debugger, False

    def pytest_unconfigure(self) -> None:
        """Take everything off."""
        if sys.breakpointhook is hooks.breakpointhook:
            sys.breakpointhook = self._hook
        if self._ours and self._debugger is not None:
            hooks.drop(self._debugger)

    @property
    def _open(self) -> Debugger | None:
        """The debugger; None where there is none, or where the person has taken it off."""
        debugger = self._debugger
        return debugger if debugger is not None and debugger.running else None

    # --- each test --------------------------------------------------------------------------------

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self) -> Generator[None, object, object]:
        """Ctrl-C in a test stops where the test is."""
        debugger = self._open
        if debugger is None or worker() or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
            return (yield)

        def interrupt(number: int, frame: FrameType | None) -> None:
            debugger.interrupt(frame)  # KeyboardInterrupt once it was taken off

        signal.signal(signal.SIGINT, interrupt)
        try:
            return (yield)
        finally:
            if signal.getsignal(signal.SIGINT) is interrupt:
                signal.signal(signal.SIGINT, signal.default_int_handler)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        """With --lowdb-trace: stop at the test's first line. Its fixtures are set up."""
        debugger, code = self._open, own_code(item)
        if not self._trace or debugger is None or code is None:
            return (yield)
        take_off = debugger.start_at(code, item.nodeid)
        self._prepared(debugger)
        try:
            return (yield)
        finally:
            take_off()

    def pytest_exception_interact(self, node: Any, call: pytest.CallInfo[Any], report: Any) -> None:
        """Stop at a failure. Raises what ends a pytest run where the person asks for that."""
        debugger = self._open
        if debugger is None or not self._failures or call.excinfo is None:
            return
        failure = found(node, call.excinfo.value, report, debugger.mycode.is_mine)
        if failure is None:
            return
        session = self._prepared(debugger)
        with Uncaptured():
            if worker():
                session.say("")
            for text in captured(report, self._config.option.showcapture):
                session.show(Text(text))
            error = failure.exception
            answer = debugger.post_mortem(
                error, error.__traceback__, Reason.FAILED, look_at=failure.frame, subject=failure.subject
            )
        if type(answer) is Detach:
            debugger.close()
        elif type(answer) is Quit and answer.raising is not None:
            if not worker():  # which ends after this test
                raise answer.raising
        elif type(answer) is Quit:
            from lowdb.engine.ending import end_process

            end_process(answer.status, now=True)

    def _prepared(self, debugger: Debugger) -> Session:
        """The session, with the commands of --lowdb-command ahead of what is typed."""
        session: Session = vars(debugger.front_end)["session"]
        if self._commands:
            # what [startup] has and what lowdb -c gave come first; what a stop before this one left over is dropped
            first = [] if self._begun else session.lines.unread()
            session.lines.begin([*first, *self._commands])
            self._begun = True
        return session

    # --- nobody to ask ----------------------------------------------------------------------------

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Put the stop into the report of a failure."""
        report = yield
        self._report(item, call, report)
        return report

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Put the stop into the report of a module that cannot be imported."""
        report = yield
        self._report(collector, getattr(report, "call", None), report)
        return report

    def _report(self, node: Any, call: pytest.CallInfo[Any] | None, report: Any) -> None:
        if not (self._reports and self._failures and report.failed) or call is None or call.excinfo is None:
            return
        failure = found(node, call.excinfo.value, report, MyCode().is_mine)
        if failure is not None:
            report.sections.append(("lowdb", self._text(failure)))

    def _text(self, failure: Failure) -> str:
        """What a person would see at the prompt."""
        error = failure.exception
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        stop = Stop(
            Reason.FAILED,
            trace.tb_frame if trace is not None else failure.frame,
            get_ident(),
            exception=error,
            post_mortem=True,
            traceback=error.__traceback__,
            look_at=failure.frame,
            subject=failure.subject,
        )
        writer = _Section()
        hooks.report(stop, writer, self._commands or REPORTED)
        text, _, prompt = writer.getvalue().rstrip().rpartition("\n")
        return text if prompt.startswith("(lowdb") and prompt.endswith(")") else f"{text}\n{prompt}"
