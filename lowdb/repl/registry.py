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


class Command:
    """One command: its names (the first is the one in the reference), what it takes and how it behaves."""

    __slots__ = ("arguments", "function", "group", "keeps_rest", "names", "repeats", "steps")

    def __init__(
        self,
        function: Function,
        names: tuple[str, ...],
        group: str,
        arguments: str,
        repeats: bool,
        steps: bool,
        keeps_rest: Callable[[str], bool] | None,
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
    ) -> Callable[[Function], Function]:
        """Decorator: the function is the command with these names and traits."""
        if group not in GROUPS:
            raise ValueError(f"no group {group!r}")

        def add(function: Function) -> Function:
            entry = Command(function, names, group, arguments, repeats, steps, keeps_rest)
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
