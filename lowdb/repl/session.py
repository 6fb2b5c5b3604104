"""The front end for a person: read a line, do the command, show what it says, until the program goes on.

Everything here runs in the stopped thread. An error of lowdb's own becomes a problem on the screen, never the
program's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lowdb.engine.stops import Bound, Continue, Detach, Exited, Quit, Reason
from lowdb.engine.stops import Problem as EngineProblem
from lowdb.program.frames import call_text
from lowdb.program.scopes import is_function
from lowdb.repl.blocks import Problem, StopView, Text
from lowdb.repl.console import Interrupted, surely
from lowdb.repl.displays import Displays
from lowdb.repl.doing import do, own_fault
from lowdb.repl.evaluation import Asker, Forked
from lowdb.repl.lines import Lines
from lowdb.repl.opening import Opening
from lowdb.repl.saved import Saved
from lowdb.repl.settings import Settings
from lowdb.repl.stopping import place
from lowdb.repl.views import Views, brief

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import FrameType

    from lowdb.engine.breakpoints import Breakpoint
    from lowdb.engine.debugger import Debugger
    from lowdb.engine.stops import Notice, Resume, Stop
    from lowdb.repl.arguments import ArgumentError
    from lowdb.repl.blocks import Block, SourceView
    from lowdb.repl.console import Console
    from lowdb.repl.inspecting import Tree
    from lowdb.repl.selection import Selection

_ALL, _MUCH = 100_000, 20
"""Lines around the current one with `sticky`: the whole function; of a module what a screen may show."""


class Session:
    """The REPL of one process. Set `debugger` before the first stop."""

    debugger: Debugger
    tree: Tree | None = None  # what `inspect` has opened at this stop

    def __init__(
        self,
        console: Console,
        settings: Settings | None = None,
        commands: Iterable[str] = (),
        banner: str = "",
        asks: bool = False,
    ) -> None:
        self.console = console
        self.settings = settings or Settings()
        self.asks = asks
        """Whether `q` asks first, where someone can answer: the program was not started by lowdb."""
        self.views = Views()
        self.displays = Displays()
        self.lines = Lines(console, [*self.settings.startup, *commands], self.settings.number("history"))
        self.lines.aliases.update(self.settings.aliases)
        self.command_lists: dict[int, list[str]] = {}
        """What to do at a breakpoint, by its number."""
        self.first_words = [banner] if banner else []
        """What is said before the first stop."""
        self._selections: list[Selection] = []  # more than one inside `debug EXPR`
        if self.settings.trusted:
            self.first_words.append(f"start-up commands of {self.settings.trusted} are run (trusted)")
        self.saved = Saved(self)
        self._stepping: tuple[int, Resume, int] | None = None
        self._ended = False  # the input is at its end: never ask again
        self._detached = False  # on request: not a word any more
        self._notices: list[Block] = []
        self._said: set[str] = set()
        self.chosen_exception: BaseException | None = None
        """The one whose frames are looked at."""
        self._opening = Opening(self)
        self.name = ""
        """What the prompt says first: the worker of a test run that this process is."""
        self.forked = False
        """Whether a child of this process is followed, so that a prompt has to say whose it is."""
        self.unheard: Callable[[Stop], None] = lambda stop: None
        """Called with a stop that nobody can be asked about; the program goes on."""

    # --- what the engine calls --------------------------------------------------------------------

    def on_stop(self, stop: Stop) -> Resume:
        """Talk with the person until the program is to go on."""
        if self._ended:
            return Detach()
        stepping = self._stepping
        if stepping is not None and stepping[0] == stop.thread:
            if stop.reason is Reason.STEP and stepping[2] > 0:
                self._stepping = (stepping[0], stepping[1], stepping[2] - 1)
                return stepping[1]
            self._stepping = None
        try:
            if not surely(self.console.enter):
                self.unheard(stop)
                return Continue()
        except Interrupted as interrupted:
            return Quit(raising=interrupted.cause)
        depth = len(self._selections)
        try:
            selection = self._opening.select(stop, depth)
            self._selections.append(selection)
            self.chosen_exception = stop.exception
            return self._stopped(stop, selection)
        except Forked:
            self._notices.clear()
            return Continue()
        finally:
            # Nothing of the stop is kept: the program's objects live and die as they would without it.
            del self._selections[depth:]
            self.chosen_exception = self.tree = None
            self._opening.done(stop)
            self.saved.after_stop()
            surely(self.console.leave)

    def on_notice(self, notice: Notice) -> None:
        """Show it at once, or before the next prompt where one is open now."""
        if isinstance(notice, Bound) and self.first_words:
            return  # before the first stop: nobody was told that it waits
        if isinstance(notice, Exited):
            if self._detached:
                return
            block: Block = Text(f"the program ended with exit status {notice.status}")
        elif isinstance(notice, EngineProblem):
            block = Problem(f"lowdb: {notice.text}")
        else:
            block = Text(notice.text)
        if self._selections:
            self._notices.append(block)
            return
        self.console.show(block)
        self.console.flush()

    def unread(self) -> list[str]:
        """The commands that were given at the start and not read yet."""
        return self.lines.unread()

    # --- what commands use ------------------------------------------------------------------------

    @property
    def selection(self) -> Selection:
        """What the person looks at now."""
        return self._selections[-1]

    @property
    def stop(self) -> Stop:
        """The stop that the prompt belongs to."""
        return self._selections[-1].stop

    @property
    def frame(self) -> FrameType:
        """The selected frame."""
        return self._selections[-1].frame

    @property
    def asker(self) -> Asker:
        """Evaluates in frames."""
        return Asker(self.debugger, self._remark)

    def evaluate(self, text: str) -> object:
        """The value of an expression in the selected frame. Raises ArgumentError, Failed, KeyboardInterrupt."""
        self.console.flush()  # what the program prints meanwhile comes after what we said before
        return self.asker.evaluate(text, self.frame, self.stop)

    def show(self, block: Block) -> None:
        """Show a block."""
        self.console.show(block)

    def say(self, text: str) -> None:
        """Show a line of words."""
        self.console.show(Text(text))

    def cancelled(self) -> None:
        """Ctrl-C was heard; a terminal has shown it as ^C where the cursor was."""
        self.say("\n(cancelled)" if self.console.interactive else "(cancelled)")

    def _remark(self, text: str, once: bool) -> None:
        (self.say_once if once else self.say)(text)
        self.console.flush()

    def say_once(self, text: str) -> None:
        """Show a line of words, if it was not shown before in this session."""
        if text not in self._said:
            self._said.add(text)
            self.say(text)

    def read_line(self, prompt: str) -> str:
        """The next line of a longer entry, from where its first line came. Raises EOFError, KeyboardInterrupt."""
        return self.lines.more(prompt)

    def look_at(self, selection: Selection) -> None:
        """Put another stack in the place of the one looked at; it lasts as long as the stop."""
        self._selections[-1] = selection

    def look_back(self) -> None:
        """Look at the stopped thread's own stack again."""
        stop = self._selections.pop().stop
        self._selections.append(self._opening.select(stop, len(self._selections)))

    def hand_over(self, thread: int) -> bool:
        """Give the prompt to another stopped thread until it goes on; False where it is not waiting for it."""
        self.console.flush()
        stop = self.stop
        current = self._selections.pop()
        try:
            given = self.debugger.hand_over(thread)
        finally:
            self._selections.append(current)
        if given:
            self.look_back()
            self.show_stop(stop)
        return given

    def repeat(self, resume: Resume, count: int) -> Resume:
        """`resume` now and as long as `count` says, with nothing shown in between unless something else happens."""
        self._stepping = (self.stop.thread, resume, count - 1) if count > 1 else None
        return resume

    def source_view(self, frame: FrameType, line: int, trapped: bool = False) -> SourceView | None:
        """The lines around `line`, with marks; `trapped`: a trap stopped there."""
        settings = self.settings
        context = settings.number("context")
        if settings["sticky"]:
            context = _ALL if is_function(frame.f_code) else max(context, _MUCH)
        points = self.debugger.breakpoints()
        return self.views.around(frame, line, points, context, trapped, bool(settings["inline_values"]))

    def show_place(self) -> None:
        """Where the selected frame is, with its source; the first line is one that editors follow."""
        selection = self.selection
        info = selection.info
        if info is None:
            return self.say("no frames")
        about = [("word", f"frame {selection.index}"), ("", "  "), ("call", call_text(info.frame))]
        view = self.source_view(info.frame, info.line)
        where = f"{brief(info.filename)}:{info.line}"
        self.console.show(StopView(place(info.frame, info.line), about, "", view, where=where))
        return None

    def problem(self, error: ArgumentError) -> None:
        """What is wrong with what was typed."""
        self.show(Problem(error.message, error.text, error.offset))

    def refresh(self) -> None:
        """Read the stack again: what counts as hidden has changed."""
        index = self.selection.index
        self.look_back()
        self.selection.index = index

    def forget(self, point: Breakpoint) -> None:
        """A breakpoint is gone: so is its command list."""
        self.command_lists.pop(point.number, None)

    def show_stop(self, stop: Stop) -> None:
        """The stop block, again."""
        self.console.show(self._opening.block(stop, self.selection))

    def detach(self) -> Resume:
        """Leave the program alone, and say nothing about it any more."""
        self._detached = True
        return Detach()

    def end_input(self) -> Resume:
        """No command will come any more: the program runs on to its end."""
        self._ended = True
        return Detach()

    # --- one stop ---------------------------------------------------------------------------------

    def _stopped(self, stop: Stop, selection: Selection) -> Resume:
        resume: Resume | None = None
        try:
            resume = self._begin(stop, selection)
        except KeyboardInterrupt:
            self.cancelled()
        while resume is None:
            try:
                resume = self._one_line()
            except KeyboardInterrupt:  # between two commands
                self.cancelled()
        return resume

    def _begin(self, stop: Stop, selection: Selection) -> Resume | None:
        """Show the stop and do what its breakpoints have in their lists."""
        while self.first_words:
            self.say(self.first_words.pop(0))
        if stop.reason is Reason.PAUSE and self.console.interactive:
            self.say("")  # below the ^C that the terminal shows
        numbers = [hit.breakpoint.number for hit in stop.hits]
        lists = [self.command_lists[number] for number in numbers if number in self.command_lists]
        for hit in stop.hits:
            if hit.breakpoint.spec.temporary:
                self.command_lists.pop(hit.breakpoint.number, None)
        if not any(lines[0].strip() == "silent" for lines in lists):
            try:
                self.console.show(self._opening.block(stop, selection))
            except Exception as error:
                own_fault(self, error)
        for lines in lists:
            resume = self._run_list([line for line in lines if line.strip() != "silent"])
            if resume is not None:
                return resume
        return None

    def _run_list(self, lines: list[str]) -> Resume | None:
        with self.lines.only(lines) as queue:
            while queue:
                resume = do(self, queue.popleft())
                if resume is not None:
                    return resume
        return None

    def _one_line(self) -> Resume | None:
        if self._notices:
            notices, self._notices = self._notices, []
            for block in notices:
                self.console.show(block)
        words = self.selection.words
        try:
            line, typed = self.lines.next(f"(lowdb {words}) " if words else "(lowdb) ")
        except EOFError as end:
            if end.args:
                self.show(Problem(str(end)))
            post_mortem = self.stop.post_mortem
            self.say("" if post_mortem else "\n(end of the commands: the program runs on without lowdb)")
            return self.end_input()
        except KeyboardInterrupt:
            self.say("\n" * self.console.marks_interrupt + "(Ctrl-C: q ends the program, c lets it run)")
            return None
        except Interrupted as interrupted:
            return Quit(raising=interrupted.cause)
        except Exception as error:
            own_fault(self, error)
            return self.end_input()
        return do(self, line, typed)
