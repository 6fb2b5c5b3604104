"""What a person may choose: the settings, where each value comes from, and what else a settings file may hold.

Reads no files and changes nothing else: who obeys a setting asks for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from lowdb.repl.language import suggestion
from lowdb.repl.places import Places

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

type Setting = bool | int | str


class Kind(NamedTuple):
    """What a setting may be and what it is for."""

    default: Setting
    about: str
    section: str = "ui"
    choices: tuple[str, ...] = ()
    least: int = 0


SECTIONS: Final = {
    "ui": "what the REPL looks like and how it is typed",
    "print": "how much of a value is shown",
    "mycode": "which code is yours",
    "stops": "what a stop does, and what becomes of breakpoints",
}
"""The tables of settings in config.toml; each setting's `section` is one of them."""

KINDS: dict[str, Kind] = {
    "ui": Kind("auto", "which REPL: the terminal or plain text", choices=("auto", "plain", "tty")),
    "color": Kind("auto", "colour; plain text never has any", choices=("auto", "always", "never")),
    "theme": Kind("default", "colours: default, or the name of a pygments style"),
    "context": Kind(3, "source lines shown before and after the current one"),
    "inline_values": Kind(False, "values stand dimly behind the source lines that they belong to"),
    "sticky": Kind(False, "each stop clears the screen and shows the whole function"),
    "toolbar": Kind(True, "the line at the bottom of the terminal"),
    "editing": Kind("emacs", "keys of the line editor", choices=("emacs", "vi")),
    "completion": Kind("safe", "Tab: safe runs none of the program's code, full may", choices=("safe", "full")),
    "suggestions": Kind(True, "the rest of an earlier line is offered dimly while you type"),
    "hints": Kind(True, "what Enter will do stands dimly behind a command"),
    "history": Kind(10_000, "lines that the history keeps"),
    "depth": Kind(3, "levels of a value that are shown", "print", least=1),
    "items": Kind(10, "items shown of a container, at each level", "print", least=1),
    "string": Kind(80, "characters shown of a string inside a value", "print", least=4),
    "lines": Kind(20, "lines that pp shows", "print", least=1),
    "just_my_code": Kind(True, "steps stay out of libraries (mycode on|off)", "mycode"),
    "stop_world": Kind(True, "the other threads stand still while one is stopped", "stops"),
    "follow_forks": Kind(False, "breakpoints stay in forked children", "stops"),
    "persist_breakpoints": Kind(False, "breakpoints are saved, and set again at the next start", "stops"),
}

PROJECT: Final = frozenset({"print", "mycode", "paths"})
"""The tables that a project may have in its pyproject.toml: data, nothing that acts."""

ENGINE: Final = frozenset({"stop_world", "follow_forks"})
"""Settings that the engine obeys: they are attributes of its options, too."""

NOT_FROM_ENVIRONMENT: Final = frozenset({"history"})
"""LOWDB_HISTORY names a file."""

_ARROWS = ("up", "down", "left", "right")
KEY_NAMES: Final = frozenset(
    [f"{shift}f{number}" for shift in ("", "s-") for number in range(1, 13)]
    + [f"{with_}-{arrow}" for with_ in "ac" for arrow in _ARROWS]
    + [f"a-{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"]
)
"""The keys that `[keys]` can give a line to: f5, s-f11 (Shift), a-up (Alt), c-left (Ctrl), a-x."""

# Who chose a value, the stronger one later.
FILE, IN_PROJECT, ENVIRONMENT, COMMAND_LINE, PROMPT = range(5)

_TRUE = frozenset({"true", "yes", "on", "1"})
_FALSE = frozenset({"false", "no", "off", "0"})


class Settings:
    """The values of all settings; `settings["depth"]` reads one."""

    def __init__(self) -> None:
        self._values: dict[str, Setting] = {name: kind.default for name, kind in KINDS.items()}
        self._chosen: list[dict[str, tuple[Setting, str]]] = [{} for _ in range(PROMPT + 1)]
        self.places = Places()
        """Where files of the person's lie: nowhere, unless the settings were read for one."""
        self.keys: dict[str, str] = {}
        """`[keys]`: the command line that a key stands for, "" for none; by the key's name."""
        self.aliases: dict[str, str] = {}
        """`[alias]`."""
        self.startup: list[str] = []
        """`[startup] commands`: of the person's own file, and of a project that is trusted."""
        self.include: list[str] = []
        """`[mycode] include`: globs of files that count as the person's own."""
        self.exclude: list[str] = []
        """`[mycode] exclude`."""
        self.checks: dict[str, Callable[[str], object]] = {}
        """By a setting's name, what a screen knows of its values: raises ValueError for one that it cannot obey."""
        self.paths: dict[str, str] = {}
        """`[paths]`: directories that code was compiled in, each with the one that its files are in here."""
        self.project = ""
        """The directory of the project that the program belongs to, or ""."""
        self.trusted = ""
        """The project's file that gave commands to `startup`, or ""."""

    def __getitem__(self, name: str) -> Setting:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def number(self, name: str) -> int:
        """The value of a setting that is a number."""
        return int(self._values[name])

    def source(self, name: str) -> str:
        """Where the value comes from, in words ("config.toml", "LOWDB_DEPTH", "set here"), "" for the default."""
        return next((chosen[name][1] for chosen in reversed(self._chosen) if name in chosen), "")

    def at(self, level: int, name: str) -> Setting | None:
        """The value that was chosen there, None where none was."""
        return self._chosen[level].get(name, (None,))[0]

    def chosen_at_prompt(self) -> list[str]:
        """The settings whose value was chosen at the prompt."""
        return [name for name in KINDS if name in self._chosen[PROMPT]]

    def set(self, name: str, text: str, level: int = PROMPT, source: str = "set here") -> Setting:
        """Set it from its text; the value that holds now. Raises KeyError for the name, ValueError that says what is
        allowed.
        """
        kind = KINDS[name]
        text = text.strip()
        if len(text) > 1 and text[0] in "\"'" and text[-1] == text[0]:
            text = text[1:-1]
        value: Setting = text
        if type(kind.default) is bool and text.lower() in _TRUE | _FALSE:
            value = text.lower() in _TRUE
        elif type(kind.default) is int and text.isascii() and text.isdigit():
            value = int(text)
        return self.put(name, value, level, source, text)

    def put(self, name: str, value: object, level: int, source: str, shown: object = None) -> Setting:
        """Set it to a value of its own type; the value that holds now. Raises KeyError, ValueError as `set` does.

        `shown` is what the person wrote, where that is not `value`.
        """
        kind = KINDS[name]
        wrong = value if shown is None else shown
        if type(value) is not type(kind.default) or (type(value) is int and value < kind.least):
            what = "true or false" if type(kind.default) is bool else f"a number from {kind.least} up"
            raise ValueError(f"{name} is {'text' if type(kind.default) is str else what}, not {wrong!r}")
        if kind.choices and value not in kind.choices:
            raise ValueError(f"{name} is one of {', '.join(kind.choices)}, not {wrong!r}{_meant(value, kind.choices)}")
        if name in self.checks:
            self.checks[name](str(value))
        self._chosen[level][name] = value, source
        return self._settle(name)

    def unset(self, name: str, level: int = PROMPT) -> Setting:
        """Forget what was chosen there; the value that holds now. Raises KeyError for the name."""
        self._chosen[level].pop(name, None)
        return self._settle(name)

    def _settle(self, name: str) -> Setting:
        chosen = next((chosen[name][0] for chosen in reversed(self._chosen) if name in chosen), KINDS[name].default)
        self._values[name] = chosen
        return chosen


def text_of(value: Setting) -> str:
    """A value as it is typed."""
    return str(value).lower() if type(value) is bool else str(value)


def did_you_mean(word: str, words: list[str]) -> str:
    """` (did you mean 'items'?)` where one of `words` is near, else ""."""
    guess = suggestion(word, words)
    return f" (did you mean {guess!r}?)" if guess else ""


def _meant(value: object, choices: tuple[str, ...]) -> str:
    return did_you_mean(value, list(choices)) if type(value) is str and value else ""


def from_environment(settings: Settings, environment: Mapping[str, str]) -> list[str]:
    """Take over what `LOWDB_<NAME>` say; one line for each that is not understood."""
    problems = []
    for name in KINDS:
        variable = f"LOWDB_{name.upper()}"
        text = environment.get(variable, "")
        if not text or name in NOT_FROM_ENVIRONMENT:
            continue
        try:
            settings.set(name, text, ENVIRONMENT, variable)
        except ValueError as error:
            problems.append(f"{variable}: {error}")
    return problems
