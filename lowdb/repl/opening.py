"""What a stop looks like at first: the stack that is selected, the words of the prompt, the block that is shown.

Reads the session and the stop; changes neither.
"""

from __future__ import annotations

from os import getpid  # as it was at first: a program may mock it
from typing import TYPE_CHECKING

from lowdb.engine.stops import Reason
from lowdb.program.frames import stack, traceback_stack
from lowdb.program.threads import main_ident, thread_name
from lowdb.repl.blocks import words
from lowdb.repl.changes import unseen
from lowdb.repl.failing import failed_view
from lowdb.repl.selection import Selection, traceback_frames
from lowdb.repl.stopping import prompt_words, step_view, stop_view

if TYPE_CHECKING:
    from lowdb.engine.stops import Stop
    from lowdb.program.mycode import MyCode
    from lowdb.repl.blocks import StopView
    from lowdb.repl.session import Session


class Opening:
    """Makes the beginning of each stop of one process."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._main_thread = main_ident()
        self._process = getpid()
        self._last_frame = 0  # its id: the frame itself would keep the program's objects alive

    def done(self, stop: Stop) -> None:
        """The stop is over: a step in the same frame shows as little as possible."""
        self._last_frame = id(stop.frame)

    def select(self, stop: Stop, depth: int) -> Selection:
        """The stack that a stop begins with; `depth`: how many prompts are open below it."""
        mycode: MyCode = self._session.debugger.mycode
        said = self._words(stop, depth)
        exception, traceback = stop.exception, stop.traceback if stop.post_mortem else None
        if exception is None and traceback is not None:  # post_mortem(tb)
            return Selection(stop, lambda: traceback_frames(traceback, mycode), mycode, said)
        if exception is not None and traceback is not None:
            selection = Selection(stop, lambda: traceback_stack(exception, mycode), mycode, said)
            selection.select_frame(stop.look_at)
            return selection
        selection = Selection(stop, lambda: stack(stop.frame, mycode), mycode, said)
        if stop.reason is Reason.PAUSE and mycode.enabled:
            selection.select_own()
        return selection

    def _words(self, stop: Stop, depth: int) -> str:
        name = None if stop.thread == self._main_thread else thread_name(stop.thread)
        session = self._session
        name = " ".join(filter(None, (session.name, name))) or None
        shared = session.forked or (session.console.shared and not session.name)
        process = getpid() if shared or getpid() != self._process else None
        return ("debug " * depth + prompt_words(stop, name, process)).rstrip()

    def block(self, stop: Stop, selection: Selection) -> StopView:
        """The stop block, displays and all. Raises KeyboardInterrupt."""
        session = self._session
        frame = stop.frame
        line = frame.f_lineno or 0
        same = stop.reason is Reason.STEP and id(frame) == self._last_frame and not session.settings["sticky"]
        if same and stop.finished is None and not stop.note:
            view = step_view(stop, line, session.source_view(frame, line))
        else:
            trapped = bool(stop.hits) and stop.exiting
            failed = stop.reason is Reason.FAILED
            around = None
            if failed or not stop.post_mortem:
                around = session.source_view(selection.frame, selection.line, trapped)
            view = (failed_view if failed else stop_view)(stop, selection, around)
        if stop.subject and not stop.post_mortem:
            view.detail = words([("", stop.subject), ("", "  ·  " if view.detail else ""), *view.detail])
        if stop.unseen:
            view.lines = (*view.lines, *unseen(stop))
        if session.displays:
            view.lines = (*view.lines, *session.displays.lines(session.asker, selection.frame, stop))
        return view
