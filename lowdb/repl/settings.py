"""What a person may choose: the settings with their values, read from the environment and set at the prompt.

Reads no files and changes nothing else: who obeys a setting asks for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from lowdb.repl.places import Places, find_places

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

type Setting = bool | int | str


class Kind(NamedTuple):
    """What a setting may be and what it is for."""

    default: Setting
    about: str
    choices: tuple[str, ...] = ()
    least: int = 0


KINDS: dict[str, Kind] = {
    "ui": Kind("auto", "which REPL: the terminal or plain text", ("auto", "plain", "tty")),
    "color": Kind("auto", "colour; plain text never has any", ("auto", "always", "never")),
    "context": Kind(3, "source lines shown before and after the current one"),
    "depth": Kind(3, "levels of a value that are shown", least=1),
    "items": Kind(10, "items shown of a container, at each level", least=1),
    "string": Kind(80, "characters shown of a string inside a value", least=4),
    "lines": Kind(20, "lines that pp shows", least=1),
    "just_my_code": Kind(True, "steps stay out of libraries (mycode on|off)"),
    "stop_world": Kind(True, "the other threads stand still while one is stopped"),
    "follow_forks": Kind(False, "breakpoints stay in forked children"),
    "theme": Kind("default", "colours: default, or the name of a pygments style"),
    "inline_values": Kind(False, "values stand dimly behind the source lines that they belong to"),
    "sticky": Kind(False, "each stop clears the screen and shows the whole function"),
    "toolbar": Kind(True, "the line at the bottom of the terminal"),
    "editing": Kind("emacs", "keys of the line editor", ("emacs", "vi")),
    "completion": Kind("safe", "Tab: safe runs none of the program's code, full may", ("safe", "full")),
    "suggestions": Kind(True, "the rest of an earlier line is offered dimly while you type"),
    "hints": Kind(True, "what Enter will do stands dimly behind a command"),
    "persist_breakpoints": Kind(False, "breakpoints are saved for the project and set again at the next start"),
    "history": Kind(1000, "lines that `history` remembers"),
}

ENGINE = frozenset({"stop_world", "follow_forks"})
"""Settings that the engine obeys: they are attributes of its options, too."""

_TRUE = frozenset({"true", "yes", "on", "1"})
_FALSE = frozenset({"false", "no", "off", "0"})


class Settings:
    """The values of all settings; `settings["depth"]` reads one."""

    def __init__(self) -> None:
        self._values: dict[str, Setting] = {name: kind.default for name, kind in KINDS.items()}
        self.places = Places()
        """Where files of the person's lie: nowhere, unless the settings were read for one."""

    def __getitem__(self, name: str) -> Setting:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def number(self, name: str) -> int:
        """The value of a setting that is a number."""
        return int(self._values[name])

    def set(self, name: str, text: str) -> Setting:
        """Set it from its text; the new value. Raises KeyError for the name, ValueError that says what is allowed."""
        kind = KINDS[name]
        text = text.strip()
        if len(text) > 1 and text[0] in "\"'" and text[-1] == text[0]:
            text = text[1:-1]
        value: Setting
        if type(kind.default) is bool:
            if text.lower() not in _TRUE | _FALSE:
                raise ValueError(f"{name} is true or false, not {text!r}")
            value = text.lower() in _TRUE
        elif type(kind.default) is int:
            if not (text.isascii() and text.isdigit()) or int(text) < kind.least:
                raise ValueError(f"{name} is a number from {kind.least} up, not {text!r}")
            value = int(text)
        else:
            if kind.choices and text not in kind.choices:
                raise ValueError(f"{name} is one of {', '.join(kind.choices)}, not {text!r}")
            value = text
        self._values[name] = value
        return value


def from_environment(environment: Mapping[str, str]) -> tuple[Settings, list[str]]:
    """The settings with what `LOWDB_<NAME>` (and NO_COLOR) say, and one line for each that is not understood."""
    settings = Settings()
    settings.places = find_places(environment)
    problems = []
    if environment.get("NO_COLOR"):
        settings.set("color", "never")
    for name in KINDS:
        variable = f"LOWDB_{name.upper()}"
        text = environment.get(variable, "")
        if not text or name == "history":  # LOWDB_HISTORY names a file
            continue
        try:
            settings.set(name, text)
        except ValueError as error:
            problems.append(f"{variable}: {error}")
    return settings, problems
