"""Which files are the user's own: not the standard library, not installed packages, never lowdb."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from lowdb.capabilities import INTERPRETER
from lowdb.program.imports import standard
from lowdb.program.paths import START_DIRECTORY, canonical, is_real, short

if TYPE_CHECKING:
    from collections.abc import Iterable

_sep = os.sep

LOWDB_DIRECTORY = canonical(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))) + _sep
"""The directory of the lowdb package, with the separator at its end."""

PROMPT = "<prompt>"
"""The file name of what a person typed."""

_GENERATED = ("<frozen ", "<attrs generated", "<__array_function__", "<decorator-gen", "<makefun-gen", "<lowdb", PROMPT)
_INSTALLED = (f"{_sep}site-packages{_sep}", f"{_sep}dist-packages{_sep}")


def _library_directories() -> tuple[str, ...]:
    # Not sysconfig: it would cost the start 2 ms. The library is where `os` is, or in a zip beside it.
    version = "".join(map(str, INTERPRETER.version[:2]))
    found = {canonical(os.path.dirname(os.__file__)) + _sep} if getattr(os, "__file__", None) else set()
    for prefix in (sys.base_prefix, sys.base_exec_prefix):
        found.add(canonical(os.path.join(prefix, sys.platlibdir, f"python{version}.zip")) + _sep)
    if sys.prefix != sys.base_prefix:  # what an installer wrote there: `pytest`, `flask`
        found.add(canonical(os.path.join(sys.prefix, "Scripts" if INTERPRETER.windows else "bin")) + _sep)
    return tuple(found)


_LIBRARY = _library_directories()

_lowdb_names: dict[str, bool] = {}


def is_lowdb(filename: str) -> bool:
    """Return whether `filename` (as in `co_filename`) is a file of the lowdb package or code that it generated."""
    try:
        return _lowdb_names[filename]
    except KeyError:
        pass
    answer = filename.startswith("<lowdb") or canonical(filename).startswith(LOWDB_DIRECTORY)
    _lowdb_names[filename] = answer
    return answer


class MyCode:
    """The user's idea of their own code; answers are cached by file name."""

    def __init__(self, include: Iterable[str] = (), exclude: Iterable[str] = ()) -> None:
        self.enabled = True
        """Whether steps keep to the user's own code. `is_mine` does not look at it, `wanted` does."""
        self._rules = [(glob, False) for glob in exclude] + [(glob, True) for glob in include]
        self._cache: dict[str, bool] = {}

    @property
    def rules(self) -> tuple[tuple[str, bool], ...]:
        """The globs as given, each with whether it makes a file the user's own. The last that matches wins."""
        return tuple(self._rules)

    def include(self, glob: str) -> None:
        """Count files that match `glob` as the user's own."""
        self._add(glob, True)

    def exclude(self, glob: str) -> None:
        """Count files that match `glob` as foreign."""
        self._add(glob, False)

    def clear(self) -> None:
        """Forget all rules."""
        self._rules.clear()
        self._cache.clear()

    def _add(self, glob: str, mine: bool) -> None:
        self._rules = [rule for rule in self._rules if rule[0] != glob] + [(glob, mine)]
        self._cache.clear()

    def is_mine(self, filename: str) -> bool:
        """Return whether the file (name as in `co_filename`) is the user's own. `<string>`, `<stdin>` and cells are."""
        try:
            return self._cache[filename]
        except KeyError:
            pass
        answer = self._decide(filename)
        self._cache[filename] = answer
        return answer

    def wanted(self, filename: str) -> bool:
        """Return whether a step may stop in the file: the user's own, or any but lowdb's while `enabled` is false."""
        return self.is_mine(filename) if self.enabled else not is_lowdb(filename)

    def _decide(self, filename: str) -> bool:
        if is_lowdb(filename):
            return False
        path = canonical(filename)
        for glob, mine in reversed(self._rules):
            if _matches(path, glob):
                return mine
        if not is_real(filename):
            return not filename.startswith(_GENERATED)
        return not (path.startswith(_LIBRARY) or any(part in path for part in _INSTALLED))


def _matches(path: str, glob: str) -> bool:
    with standard("fnmatch"):
        from fnmatch import fnmatchcase  # start-up: needs `re`; only where someone gave a glob

    if not is_real(path):
        return fnmatchcase(path, glob)
    if any(mark in glob for mark in "*?["):
        return any(fnmatchcase(name, glob) for name in (path, short(path), path.rpartition(_sep)[2]))
    # A plain name: that file, or everything below that directory.
    whole = canonical(os.path.join(START_DIRECTORY, glob))
    return path == whole or path.startswith(whole.rstrip(_sep) + _sep)
