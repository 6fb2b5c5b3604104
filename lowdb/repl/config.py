"""Reads config.toml and the `[tool.lowdb]` of a project into the settings; each fault is a line, the rest is obeyed.

A project gives data only. Its commands are left aside unless the person has trusted them (trust.py). Writes nothing.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

from lowdb.program.imports import standard
from lowdb.program.paths import canonical
from lowdb.repl import toml
from lowdb.repl.places import find_places
from lowdb.repl.settings import (
    FILE,
    IN_PROJECT,
    KEY_NAMES,
    KINDS,
    PROJECT,
    SECTIONS,
    Settings,
    did_you_mean,
    from_environment,
)
from lowdb.repl.trust import is_trusted

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

PYPROJECT: Final = "pyproject.toml"
TOOL: Final = ("tool", "lowdb")
TABLES: Final = (*SECTIONS, "paths", "keys", "alias", "startup")
"""All tables of config.toml."""
_LISTS: Final = {"mycode": ("include", "exclude"), "startup": ("commands",)}
_ROOT_MARKS: Final = (".git", ".hg")
_BIGGEST: Final = 1_000_000  # bytes


class Broken(Exception):
    """The file cannot be read or is no TOML; the text is one line without the file's name."""


def read_settings(environment: Mapping[str, str], directory: str) -> tuple[Settings, list[str]]:
    """The settings of the person's file, of the project that `directory` lies in, and of the environment.

    With them a line for each thing that is not understood or not done, and what to do about it.
    """
    settings = Settings()
    settings.places = find_places(environment)
    problems: list[str] = []
    _read_own(settings, environment, problems)
    _read_project(settings, directory, environment, problems)
    problems += from_environment(settings, environment)
    return settings, problems


def find_project(directory: str) -> tuple[str, str]:
    """The root of the project that `directory` lies in, and the name of its pyproject.toml or "".

    The root is the nearest directory upwards with a pyproject.toml or a version control's directory; where there is
    none, `directory` itself.
    """
    here = canonical(directory)
    while True:
        file = os.path.join(here, PYPROJECT)
        if os.path.isfile(file):
            return here, file
        if any(os.path.exists(os.path.join(here, mark)) for mark in _ROOT_MARKS):
            return here, ""
        above = os.path.dirname(here)
        if above == here:
            return canonical(directory), ""
        here = above


def program_directory() -> str:
    """The directory of a script that Python runs, the current one for all else (`-m`, what is installed, a prompt)."""
    main = vars(sys.modules.get("__main__", sys))
    file = main.get("__file__")
    if type(file) is not str or main.get("__spec__") is not None:
        return os.curdir
    directory = os.path.dirname(canonical(file))
    return os.curdir if directory == canonical(os.path.dirname(sys.executable or "")) else directory


def project_commands(file: str) -> list[str]:
    """The start-up commands that a pyproject.toml has for lowdb. Raises Broken."""
    found = _tree(_read(file), TOOL).get("startup")
    commands = found.get("commands") if type(found) is dict else None
    return [line for line in commands if type(line) is str] if type(commands) is list else []


def brief_name(path: str, environment: Mapping[str, str]) -> str:
    """A file's name with `~` for the person's home."""
    home = environment.get("HOME", "").rstrip("/")
    return f"~{path[len(home) :]}" if home and path.startswith(home + os.sep) else path


def _read_own(settings: Settings, environment: Mapping[str, str], problems: list[str]) -> None:
    file = settings.places.config
    if not file or not (os.path.isfile(file) or environment.get("LOWDB_CONFIG")):
        return
    name = brief_name(file, environment)
    try:
        text = _read(file)
        reader = _Reader(settings, name, _tree(text, ()), _lines(text), problems)
    except Broken as error:
        problems.append(f"{name}: {error}; nothing of it is obeyed")
        return
    reader.take(TABLES, FILE)
    settings.startup += reader.list("startup", "commands")
    settings.aliases.update(reader.texts("alias"))
    settings.keys.update(
        reader.texts("keys", "a command line", KEY_NAMES, "f1 to f12, s-f1 (Shift), a-up (Alt), c-left (Ctrl), a-x")
    )
    settings.paths.update((there, os.path.expanduser(here)) for there, here in reader.texts("paths", "a directory"))
    settings.exclude += map(os.path.expanduser, reader.list("mycode", "exclude"))
    settings.include += map(os.path.expanduser, reader.list("mycode", "include"))


def _read_project(settings: Settings, directory: str, environment: Mapping[str, str], problems: list[str]) -> None:
    settings.project, file = find_project(directory)
    if not file:
        return
    name = brief_name(file, environment)
    try:
        text = _read(file)
        if "lowdb" not in text:
            return
        reader = _Reader(settings, name, _tree(text, TOOL), _lines(text), problems, TOOL)
    except Broken as error:
        problems.append(f"{name}: {error}; its [tool.lowdb] is not obeyed")
        return
    reader.take((*sorted(PROJECT), "startup"), IN_PROJECT)
    for key, globs in (("exclude", settings.exclude), ("include", settings.include)):
        # those of a project are seen from its root, wherever lowdb was started
        for glob in reader.list("mycode", key):
            globs.append(glob if glob[:1] in ("*", "/") else os.path.join(settings.project, glob))
    for there, here in reader.texts("paths", "a directory"):
        settings.paths[there] = os.path.join(settings.project, here)
    commands = reader.list("startup", "commands")
    if commands and is_trusted(settings.places, file, commands):
        settings.startup += commands
        settings.trusted = name
    elif commands:
        problems.append(f"{name}: its start-up commands are not run (lowdb --trust shows them and has them run)")


class _Reader:
    """Takes what one file holds over into settings."""

    def __init__(
        self,
        settings: Settings,
        name: str,
        tree: Mapping[str, object],
        lines: Mapping[toml.Path, int],
        problems: list[str],
        below: toml.Path = (),
    ) -> None:
        self._settings = settings
        self._name = name
        self._tree = tree
        self._lines = lines
        self._problems = problems
        self._below = below

    def take(self, tables: tuple[str, ...], level: int) -> None:
        """Take over the settings, and tell of all that has no place here; the other tables are asked for later."""
        for table, content in self._tree.items():
            if table not in tables:
                self._wrong((table,), self._no_table(table, tables))
            elif type(content) is not dict:
                self._wrong((table,), f"{self._called(table)} is a table, not {content!r:.40}")
            elif table in SECTIONS:
                for key, value in content.items():
                    self._setting(table, key, value, level)
            elif table == "startup":
                for key in content.keys() - {"commands"}:
                    self._wrong((table, key), f"no key {key!r} in {self._called(table)} (there is: commands)")

    def list(self, table: str, key: str) -> list[str]:
        """A list of texts, [] where there is none."""
        value = self._table(table).get(key, [])
        if type(value) is not list or any(type(item) is not str for item in value):
            self._wrong((table, key), f'{key} is a list of texts (["…", "…"]), not {value!r:.40}')
            return []
        return value

    def texts(
        self, table: str, what: str = "a command line", names: Container[str] = (), there_are: str = ""
    ) -> Iterator[tuple[str, str]]:
        """The keys of a table whose values are texts; of `names` only, where `there_are` some."""
        for key, value in self._table(table).items():
            if there_are and key not in names:
                self._wrong((table, key), f"no key {key!r} in {self._called(table)} (there are: {there_are})")
            elif type(value) is str:
                yield key, value
            else:
                self._wrong((table, key), f"{key} is a text ({what}), not {value!r:.40}")

    def _table(self, table: str) -> Mapping[str, object]:
        found = self._tree.get(table)
        return found if type(found) is dict else {}

    def _setting(self, table: str, key: str, value: object, level: int) -> None:
        if key in _LISTS.get(table, ()):
            return
        kind = KINDS.get(key)
        if kind is None:
            names = [name for name in KINDS if KINDS[name].section == table] + list(_LISTS.get(table, ()))
            guess = did_you_mean(key, names) or f" (there are: {', '.join(names)})"
            self._wrong((table, key), f"no key {key!r} in {self._called(table)}{guess}")
        elif kind.section != table:
            self._wrong((table, key), f"{key} belongs in {self._called(kind.section)}, not in {self._called(table)}")
        else:
            try:
                self._settings.put(key, value, level, self._name)
            except ValueError as error:
                self._wrong((table, key), str(error))

    def _no_table(self, table: str, tables: tuple[str, ...]) -> str:
        if self._below and table in TABLES:
            return f"{self._called(table)} is a person's own choice: it belongs in config.toml, not in a project"
        if not self._below and table in KINDS:
            return f"{table} belongs in {self._called(KINDS[table].section)}"
        guess = did_you_mean(table, list(tables)) or f" (there are: {', '.join(tables)})"
        return f"no table {self._called(table)}{guess}"

    def _called(self, table: str) -> str:
        return f"[{'.'.join([*self._below, table])}]"

    def _wrong(self, path: toml.Path, text: str) -> None:
        line = self._lines.get((*self._below, *path))
        self._problems.append(f"{self._name}{f':{line}' if line else ''}: {text}")


def _read(file: str) -> str:
    try:
        with open(file, "rb") as stream:
            data = stream.read(_BIGGEST + 1)
    except OSError as error:
        raise Broken(f"cannot be read: {error.strerror}") from None
    if len(data) > _BIGGEST:
        raise Broken("too long for a settings file")
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise Broken(
            f"not UTF-8: byte {data[error.start]:#04x} on line {data.count(b'\n', 0, error.start) + 1}"
        ) from None


def _tree(text: str, below: toml.Path) -> Mapping[str, object]:
    """What stands in the table `below`. Raises Broken."""
    try:
        return toml.values(text, below)
    except toml.Unclear:
        pass
    with standard("tomllib"):
        import tomllib  # start-up: only where the file holds more than plain values

    try:
        tree: object = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise Broken(f"not TOML: {error}") from None
    for name in below:
        tree = tree.get(name, {}) if type(tree) is dict else {}
    return tree if type(tree) is dict else {}


def _lines(text: str) -> Mapping[toml.Path, int]:
    """The line of each table and key, as far as it can be told."""
    try:
        return {statement.path: statement.line for statement in reversed(toml.statements(text))}
    except toml.Unclear:
        return {}
