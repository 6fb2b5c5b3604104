"""Where the lines come from: start-up commands, a breakpoint's list, the person. Aliases and the history are here, too.

Does nothing with a line but hand it on, and show those of the start-up behind their prompt.
"""

from __future__ import annotations

from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from lowdb.repl.arguments import ArgumentError
from lowdb.repl.blocks import Text
from lowdb.repl.history import History

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from lowdb.repl.console import Assistant, Console

    type Asked = Literal["entry", "command", "python"]

_DEEPEST_ALIAS = 10


class Lines:
    """The lines of one session, in the order they are to be done."""

    def __init__(self, console: Console, commands: Iterable[str], remembered: int) -> None:
        self.console = console
        self._ahead: deque[str] = deque()  # what follows `;;`, or a breakpoint's list: comes first
        self._queue: deque[str] = deque(commands)
        self.assistant: Callable[[Asked], Assistant | None] = lambda kind: None
        """Called before each prompt with its kind: who helps a person to type at it; None for nobody."""
        self._from_list = False  # a breakpoint's list is all there is: do not go on to the person
        self.echo = True
        """Whether start-up commands are shown behind the prompt that they answer, as if they were typed."""
        self.aliases: dict[str, str] = {}
        self.history = History(remembered)
        self._told = ""
        self.last = ""
        """The command that an empty line repeats, or ""."""

    def unread(self) -> list[str]:
        """The lines that wait and were not typed just now."""
        return [*self._ahead, *self._queue]

    def begin(self, lines: Iterable[str]) -> None:
        """These come next, in the place of those that wait."""
        self._ahead.clear()
        self._queue = deque(lines)

    def put_back(self, rest: str) -> None:
        """What follows `;;` on a line: it comes next."""
        self._ahead.appendleft(rest)

    def drop(self) -> None:
        """Ctrl-C: what was to follow the line that it ended does not."""
        self._ahead.clear()

    def next(self, prompt: str) -> tuple[str, bool]:
        """The next line, and whether the person typed it. Raises EOFError, KeyboardInterrupt."""
        if self._ahead:
            return self._ahead.popleft(), False
        while self._queue:
            line = self._queue.popleft()
            if line.strip() and not line.lstrip().startswith("#"):
                return self._echoed(prompt, line), False
        return self._typed(prompt, "entry"), True

    def _typed(self, prompt: str, kind: Asked) -> str:
        """What the person types; of several parts the first, the others come next."""
        line = self.console.read(prompt, self.assistant(kind))
        self.history.add(line)
        if "\n" in line:
            line, *rest = self._parts(line, kind) or [""]
            self._ahead.extend(rest)
        if self.history.problem != self._told:
            self._told = self.history.problem
            self.console.show(Text(self._told))
        return line

    def take(self, entry: str) -> None:
        """An entry that was written elsewhere: it comes next, and is kept in the history."""
        self.history.add(entry)
        self._ahead.extendleft(reversed(self._parts(entry, "entry")))

    def _parts(self, entry: str, kind: Asked) -> list[str]:
        """The commands and pieces of Python of an entry of several lines."""
        helping = self.assistant(kind)
        return entry.split("\n") if helping is None else helping.parts(entry)

    def more(self, prompt: str, kind: Asked | None = None) -> str:
        """The next line of a longer entry, from where its first line came. Raises EOFError, KeyboardInterrupt.

        `kind`: what is asked for, where a person may be helped with it.
        """
        if self._ahead:
            return self._ahead.popleft()
        if self._from_list:
            raise EOFError
        if self._queue:
            return self._echoed(prompt, self._queue.popleft())
        return self.console.read(prompt) if kind is None else self._typed(prompt, kind)

    def _echoed(self, prompt: str, line: str) -> str:
        if self.echo:
            self.console.show(Text(prompt + line))
        return line

    @contextmanager
    def only(self, lines: Iterable[str]) -> Iterator[deque[str]]:
        """While it lasts, these lines are all there are; the others wait."""
        saved = self._ahead, self._from_list
        self._ahead, self._from_list = deque(lines), True
        try:
            yield self._ahead
        finally:
            self._ahead, self._from_list = saved

    def without_alias(self, line: str) -> str:
        """The line with its first word, where that is an alias, replaced. Raises ArgumentError."""
        for _ in range(_DEEPEST_ALIAS):
            word, _, rest = line.strip().partition(" ")
            body = self.aliases.get(word)
            if body is None:
                return line
            line = fill_alias(body, rest.strip())
        raise ArgumentError("aliases that use each other without end", line, 0)


def fill_alias(body: str, arguments: str) -> str:
    """An alias's text with its arguments in the places of `%1` to `%9` and `%*`; the rest of them at the end."""
    words = arguments.split()
    if "%*" in body:
        return body.replace("%*", arguments)
    used = 0
    for number in range(9, 0, -1):
        mark = f"%{number}"
        if mark in body:
            used = max(used, number)
            if number > len(words):
                raise ArgumentError(f"the alias wants {number} argument{'s' * (number > 1)}: {body}")
            body = body.replace(mark, words[number - 1])
    return " ".join([body, *words[used:]])
