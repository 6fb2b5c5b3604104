"""New code objects as they first run, and those that are there already; only while somebody looks for some.

On the second tool id: global PY_START, answered with DISABLE always, so that each code object costs one callback.
"""

from __future__ import annotations

import sys
from _thread import RLock
from typing import TYPE_CHECKING, Final

from lowdb.engine.monitor import DISABLE, PY_START
from lowdb.engine.watches import Watcher
from lowdb.program.codes import live_codes, nested, stoppable_lines
from lowdb.program.mycode import is_lowdb
from lowdb.program.paths import file_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FrameType

    from lowdb.engine.watches import Watches


class _Calls(Watcher):
    """Discovery where no second tool id is free: on the debugger's own, which must not be DISABLEd (probe c5).

    Every call of the program then pays some 0.3 µs.
    """

    __slots__ = ("look",)

    def __init__(self, look: Callable[[CodeType, int, FrameType], object]) -> None:
        super().__init__()
        self.look = look

    def started(self, frame: FrameType) -> None:
        self.look(frame.f_code, 0, frame)


class Discovery:
    """Finds the code objects of the files and names that are wanted; `on_new` is called before their first line."""

    def __init__(
        self, watches: Watches, on_new: Callable[[str, CodeType], None], trouble: Callable[[BaseException], None]
    ) -> None:
        self.monitor = watches.monitor
        self.watches = watches
        self._calls: Final = _Calls(self._started)
        self.on_new = on_new
        self.trouble = trouble
        self.on = False
        self.modules: Final[set[str]] = set()
        """Names of modules whose import is waited for."""
        self.on_module: Callable[[str, str], None] | None = None
        """Called with the name and the file of such a module, before its code is handed to `on_new`."""
        self.everything = False
        """Somebody looks for names in any file (a `/REGEX/`)."""
        self.each: Callable[[CodeType], None] | None = None
        """Called with each code object of the program that is about to run for the first time; none is kept."""
        self._files: dict[str, dict[int, CodeType]] = {}  # wanted files: their code by id, held strongly
        self._verdicts: dict[str, bool] = {}  # co_filename as it stands in code -> wanted
        self._scanned: set[str] = set()
        self._lock = RLock()

    # --- what is there --------------------------------------------------------------------------------

    def add(self, code: CodeType) -> list[CodeType]:
        """Code that is about to run, known from elsewhere: no scan can be needed for its file. Returns what was new."""
        filename = file_of(code.co_filename)
        self.expect(filename)
        return self._keep(filename, code)

    def expect(self, filename: str) -> None:
        """Look for the code of a file that has only now begun to be loaded: there is nothing to scan for."""
        self._scanned.add(filename)
        self._files.setdefault(filename, {})
        self._verdicts.clear()

    def want(self, filename: str) -> None:
        """Look for the code of this (canonical) file from now on, also for what is loaded already."""
        with self._lock:
            if filename not in self._files:
                self._files[filename] = {}
                self._verdicts.clear()
            if filename in self._scanned:
                return
            # while nobody looked, code may have come unseen: one scan finds what is alive (24 ms at 900 modules)
            self._scanned.add(filename)
            found = [code for code in live_codes() if file_of(code.co_filename) == filename]
            fresh = [new for code in found for new in self._keep(filename, code)]
        # without the lock: `on_new` takes the table's, and who holds that one calls in here
        for new in fresh:
            self.on_new(filename, new)

    def codes(self, filename: str) -> list[CodeType]:
        """The code objects of a file so far."""
        self.want(filename)
        return list(self._files.get(filename, {}).values())  # another thread may have stopped the search

    def known(self) -> list[CodeType]:
        """The code objects of all wanted files so far, also those that nothing has run yet."""
        return [code for codes in list(self._files.values()) for code in list(codes.values())]

    def lines(self, filename: str) -> frozenset[int]:
        """The lines of the file's code objects that can be stopped at."""
        return frozenset().union(*(stoppable_lines(code) for code in self.codes(filename)))

    @staticmethod
    def named(name: str) -> list[CodeType]:
        """Live code objects with this qualified name, or one that ends with it, each once."""
        return [
            code
            for code in live_codes()
            if (code.co_qualname == name or code.co_qualname.endswith("." + name)) and not is_lowdb(code.co_filename)
        ]

    def _keep(self, filename: str, code: CodeType) -> list[CodeType]:
        here = self._files.setdefault(filename, {})
        new = []
        for inner in nested(code):
            if id(inner) not in here and file_of(inner.co_filename) == filename:
                here[id(inner)] = inner
                new.append(inner)
        return new

    # --- what comes -----------------------------------------------------------------------------------

    def start(self) -> None:
        """Watch for new code; idempotent."""
        with self._lock:
            if not self.on:
                if not self.monitor.discover(self._started):
                    self.watches.add_everywhere(self._calls, PY_START)
                self.on = True

    def stop(self) -> None:
        """Stop watching. What runs meanwhile is found by a scan when it is wanted again."""
        with self._lock:
            if self.on:
                self.monitor.discover(None)
                self.watches.nowhere(self._calls)
                self.on = False
            self._scanned.clear()
            self._files.clear()
            self._verdicts.clear()

    def after_fork(self) -> None:
        """In a forked child: a thread that is gone may have held the lock."""
        self._lock = RLock()

    def _started(self, code: CodeType, offset: int, frame: FrameType | None = None) -> object:
        try:
            raw = code.co_filename
            if raw not in self._verdicts:
                self._verdicts[raw] = file_of(raw) in self._files
            wanted = self._verdicts[raw]
            if self.modules and code.co_name == "<module>":
                name = (frame or sys._getframe(1)).f_globals.get("__name__")
                if name in self.modules and self.on_module is not None:
                    self.on_module(name, file_of(raw))
                    wanted = True
            if self.each is not None:
                self.each(code)
            if wanted or (self.everything and not is_lowdb(raw)):
                filename = file_of(raw)
                for new in self._keep(filename, code):
                    self.on_new(filename, new)
        except BaseException as error:
            self.trouble(error)
        return DISABLE
