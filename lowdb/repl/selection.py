"""What the person looks at: a stack of frames and one of them. Looks only; who resumes is the session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lowdb.program.frames import FrameInfo
from lowdb.program.mycode import is_lowdb

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType, TracebackType

    from lowdb.engine.stops import Stop
    from lowdb.program.mycode import MyCode


def traceback_frames(traceback: TracebackType, mycode: MyCode) -> list[FrameInfo]:
    """The frames of a bare traceback, newest first, each at the line it had then; lowdb's own left out."""
    found = []
    at: TracebackType | None = traceback
    while at is not None:
        if not is_lowdb(at.tb_frame.f_code.co_filename):
            found.append(FrameInfo(at.tb_frame, at.tb_lineno or at.tb_frame.f_code.co_firstlineno, mycode))
        at = at.tb_next
    return found[::-1]


class Selection:
    """A stack, read when first asked for, and the frame of it that commands look at."""

    __slots__ = ("_frames", "_load", "_mycode", "index", "running", "source_lines", "stop", "way_back", "words")

    def __init__(
        self,
        stop: Stop,
        load: Callable[[], list[FrameInfo]],
        mycode: MyCode,
        words: str = "",
        running: str = "",
        way_back: str = "",
    ) -> None:
        self.stop = stop
        """The stop that the prompt belongs to; its frame is the top of `frames` unless another thread is looked at."""
        self._load = load
        self._mycode = mycode
        self._frames: list[FrameInfo] | None = None
        self.index = 0
        """Of the selected frame; 0 is the newest."""
        self.words = words
        """What the prompt says besides lowdb: the thread, the task, post-mortem."""
        self.running = running
        """Why this stack can be looked at only ("ticker is running: its stack is a snapshot"), or ""."""
        self.way_back = way_back
        """Where it can be looked at only: which command selects what stopped again ("thread worker-1 leads back")."""
        self.source_lines: tuple[str, int, int] | None = None
        """File, first and last line that `list` showed last."""

    @property
    def frames(self) -> list[FrameInfo]:
        """The newest first; frames that are usually left out are marked as hidden."""
        if self._frames is None:
            self._frames = self._load()
        return self._frames

    @property
    def info(self) -> FrameInfo | None:
        """The selected frame; None where the stack is empty."""
        frames = self.frames
        return frames[min(self.index, len(frames) - 1)] if frames else None

    @property
    def frame(self) -> FrameType:
        """The selected frame."""
        if self.index == 0 and not self.running and not self.stop.post_mortem and self._frames is None:
            return self.stop.frame
        info = self.info
        return self.stop.frame if info is None else info.frame

    @property
    def line(self) -> int:
        """The 1-based line where the selected frame is."""
        if self._frames is None and not self.running and not self.stop.post_mortem:
            return self.stop.frame.f_lineno or 0
        info = self.info
        return info.line if info is not None else self.stop.frame.f_lineno or 0

    def visible(self) -> list[int]:
        """The indexes of the frames that are shown; the newest and the selected one are always.

        Where one of these two is the person's own code, that is all their code (unless mycode is off); else all that
        is not machinery of the interpreter.
        """
        frames = self.frames
        if not frames:
            return []
        own = self._mycode.enabled and (frames[0].mine or frames[self.index].mine)
        return [i for i, info in enumerate(frames) if (info.mine if own else not info.hidden) or i in (0, self.index)]

    def select_own(self) -> bool:
        """Select the newest frame of the person's own code; whether there is one and it is not the newest of all."""
        for index, info in enumerate(self.frames):
            if info.mine:
                self.index = index
                return index > 0
        return False

    def select_frame(self, frame: FrameType | None) -> None:
        """Select this frame; nothing happens where it is not in the stack."""
        if frame is not None:
            self.index = next((i for i, info in enumerate(self.frames) if info.frame is frame), self.index)

    def move(self, count: int) -> bool:
        """Select the frame `count` visible frames older (negative: newer); whether there was one to go to."""
        shown = self.visible()
        at = shown.index(self.index)
        wanted = min(max(at + count, 0), len(shown) - 1)
        if wanted == at:
            return False
        self.index = shown[wanted]
        self.source_lines = None
        return True

    def select(self, index: int) -> None:
        """Select a frame by its index; negative ones count from the oldest. Raises IndexError."""
        count = len(self.frames)
        if not -count <= index < count:
            raise IndexError(index)
        self.index = index % count
        self.source_lines = None
