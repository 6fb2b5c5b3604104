"""What a command is: a function and its traits. The docstring is its help and its page in the reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lowdb.repl.language import read, suggestion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from lowdb.engine.stops import Resume
    from lowdb.repl.session import Session

    type Function = Callable[[Session, str], Resume | None]

GROUPS = {
    "run": "Run",
    "stops": "Breakpoints and other stops",
    "look": "Look",
    "threads": "Threads and tasks",
    "other": "Other",
}


TAKES = {
    "place": "a location: LINE, FILE:LINE, FUNCTION …",
    "clauses": "if COND, hits, every, thread, task, once, do",
    "line": "a line number of the current file",
    "message": "a log message in quotes, with expressions in braces",
    "expression": "an expression, or a statement; all that follows",
    "command": "a command line; all that follows",
    "function": "a function, by its name",
    "called": "a function that the current line calls",
    "exception": "the name of an exception type",
    "point": "the number of a breakpoint",
    "thread": "a thread, by name or number",
    "task": "an asyncio task, by name or number",
    "frame": "the number of a frame",
    "chained": "the number of an exception of the chain",
    "local": "the name of a local variable",
    "global": "the name of a global variable",
    "displayed": "an expression that is displayed",
    "setting": "the name of a setting",
    "value": "a value for the setting named before",
    "alias": "the name of an alias",
    "topic": "what help is about: a command or a topic",
    "file": "a file name",
}
"""What an argument of a command can be; a screen completes it by that."""


def slots_of(takes: str) -> tuple[tuple[str, ...], ...]:
    """What stands at each place of a command's arguments.

    `takes` has a word for each place, with `|` between what may stand there: words of TAKES, or `'literal'` ones; with
    a `*` behind it the last place repeats (its tuple then ends in "*"). Raises ValueError for what is neither.
    """
    slots = tuple((*slot.rstrip("*").split("|"), *slot[len(slot.rstrip("*")) :]) for slot in takes.split())
    for kind in (kind for slot in slots for kind in slot):
        if kind not in TAKES and kind != "*" and not (len(kind) > 2 and kind[0] == kind[-1] == "'"):
            raise ValueError(f"no kind of argument {kind!r}")
    return slots


class Command:
    """One command: its names (the first is the one in the reference), what it takes and how it behaves."""

    __slots__ = ("arguments", "function", "group", "keeps_rest", "names", "repeats", "steps", "takes")

    def __init__(
        self,
        function: Function,
        names: tuple[str, ...],
        group: str,
        arguments: str,
        repeats: bool,
        steps: bool,
        keeps_rest: Callable[[str], bool] | None,
        takes: str,
    ) -> None:
        self.function = function
        self.names = names
        self.group = group
        self.arguments = arguments
        self.repeats = repeats
        """Whether an empty line does it again."""
        self.steps = steps
        """Whether it is a step of the frame looked at: refused while that is a running thread's."""
        self.keeps_rest = keeps_rest
        """Whether, with these arguments, the `;;` after it belong to it."""
        self.takes = slots_of(takes)
        """What its arguments are, for completion."""

    @property
    def help(self) -> str:
        """The docstring without its indentation, or ""."""
        lines = (self.function.__doc__ or "").expandtabs().splitlines()
        rest = [line for line in lines[1:] if line.strip()]
        margin = min((len(line) - len(line.lstrip()) for line in rest), default=0)
        return "\n".join([*(line.strip() for line in lines[:1]), *(line[margin:] for line in lines[1:])]).rstrip()

    @property
    def summary(self) -> str:
        """The first line of the help."""
        return self.help.partition("\n")[0]


class Registry:
    """The commands by each of their names."""

    def __init__(self) -> None:
        self._commands: list[Command] = []
        self._by_name: dict[str, Command] = {}

    def command(
        self,
        *names: str,
        group: str,
        arguments: str = "",
        repeats: bool = False,
        steps: bool = False,
        keeps_rest: Callable[[str], bool] | None = None,
        takes: str = "",
    ) -> Callable[[Function], Function]:
        """Decorator: the function is the command with these names and traits.

        `takes` says what its arguments are, for completion: see `slots_of` and TAKES.
        """
        if group not in GROUPS:
            raise ValueError(f"no group {group!r}")

        def add(function: Function) -> Function:
            entry = Command(function, names, group, arguments, repeats, steps, keeps_rest, takes)
            self._commands.append(entry)
            for name in names:
                if name in self._by_name:
                    raise ValueError(f"two commands named {name!r}")
                self._by_name[name] = entry
            return function

        return add

    def __iter__(self) -> Iterator[Command]:
        return iter(self._commands)

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def get(self, name: str) -> Command | None:
        """The command with that name or alias."""
        return self._by_name.get(name)

    def names(self) -> list[str]:
        """Every name and alias."""
        return list(self._by_name)

    def suggest(self, word: str, more: Iterable[str] = ()) -> str | None:
        """The command name that `word` most probably means."""
        return suggestion(word, [*self._by_name, *more])


commands = Registry()
command = commands.command


def keeps_rest(text: str) -> bool:
    """Whether the command at the beginning of `text` owns all of the line, with the `;;` in it."""
    word, rest = read(text, commands)
    found = commands.get(word)
    return found is not None and found.keeps_rest is not None and found.keeps_rest(rest)
