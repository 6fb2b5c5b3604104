"""Installed libraries that lowdb uses in the program's process, beside what the program has by the same names.

A copy of the program's is used where it is good enough; else lowdb has one of its own, which the program never sees.
"""

from __future__ import annotations

import os
import sys
from _frozen_importlib_external import PathFinder
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from lowdb.program.imports import standard

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

_HERE: Final = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Libraries:
    """`with libraries:` around what uses them, which may import more of them; `with libraries.importing():` before."""

    def __init__(self, oldest: dict[str, tuple[int, ...]]) -> None:
        self._oldest = oldest
        """Top-level name -> the oldest version that will do, () for any."""
        self._path = [entry for entry in sys.path if entry]
        self._private: set[str] = set()  # names by which the program has something else, or would find it
        self._own: dict[str, ModuleType] = {}  # what we have by these names
        self._theirs: dict[str, ModuleType] = {}  # what the program has by these names, while ours are in sys.modules
        self._depth = 0
        self._begun = False

    @contextmanager
    def importing(self) -> Iterator[None]:
        """In the block nothing of the program's is found, neither by these names nor by one of the standard library."""
        if not self._begun:  # later on what is there is ours, or was found good enough
            self._private |= {top for top in self._oldest if not self._will_do(top)}
            self._begun = True
        path = sys.path[:]
        hidden, poor = _program_directories(), {_home(top) for top in self._private}
        ours = [entry for entry in dict.fromkeys([*path, *self._path, _HERE]) if _absolute(entry) not in hidden]
        ours.sort(key=lambda entry: _absolute(entry) in poor)  # where the program's copy is no good, another may be
        with self:
            with standard():
                sys.path[:] = ours
                try:
                    yield
                finally:
                    sys.path[:] = path  # inside: `standard` asks it for what of the library the program shadows
            if ours != path:
                self._private |= {top for top in self._oldest if _is_elsewhere(top)}

    def __enter__(self) -> None:
        self._depth += 1
        if self._depth == 1 and self._private:
            self._theirs = _take(self._private)
            sys.modules.update(self._own)

    def __exit__(self, *exc: object) -> None:
        self._depth -= 1
        if self._depth == 0 and self._private:
            self._own = _take(self._private)
            sys.modules.update(self._theirs)
            self._theirs = {}

    def _will_do(self, top: str) -> bool:
        """Whether the program's copy can be used, where it has one: a package, wholly imported, not too old."""
        module = sys.modules.get(top)
        if module is None:
            return True
        if type(module) is not type(sys) or "__path__" not in vars(module):
            return False
        if getattr(vars(module).get("__spec__"), "_initializing", False):
            return False
        oldest = self._oldest[top]
        if not oldest:
            return True
        try:
            version = getattr(module, "__version__", None)  # some look it up only when they are asked
        except Exception:  # and then it may not be installed, but packed into the program: we try
            return True
        return type(version) is str and _numbers(version) >= oldest


def _is_elsewhere(top: str) -> bool:
    """Whether the program would find something else by this name than what is imported."""
    module = sys.modules.get(top)
    spec = PathFinder.find_spec(top) if module is not None else None
    return spec is not None and spec.origin != vars(module).get("__file__")


def _home(top: str) -> str:
    """The entry of sys.path that the program's copy came from."""
    file = vars(sys.modules[top]).get("__file__") if top in sys.modules else None
    return os.path.dirname(os.path.dirname(_absolute(file))) if type(file) is str else ""


def _program_directories() -> set[str]:
    """Where the program's own files are: its directory and the current one."""
    places = {_absolute("")}
    main = sys.modules.get("__main__")
    for file in (vars(main).get("__file__") if main is not None else None, *sys.argv[:1]):
        if type(file) is str and file:
            places.add(os.path.dirname(_absolute(file)))
    return {place for place in places if "site-packages" not in place and place != _HERE}


def _take(tops: set[str]) -> dict[str, ModuleType]:
    """Take the modules of these names, and all below them, out of sys.modules."""
    if not tops:
        return {}
    found = {name: module for name, module in sys.modules.copy().items() if name.partition(".")[0] in tops}
    for name in found:
        sys.modules.pop(name, None)
    return found


def _absolute(entry: object) -> str:
    try:
        return os.path.abspath(entry) if type(entry) is str else ""
    except OSError:  # the current directory is gone
        return ""


def _numbers(version: str) -> tuple[int, ...]:
    """The numbers that a version begins with: (3, 0, 43) of "3.0.43.post1"."""
    numbers = []
    for part in version.split("."):
        if not part.isdecimal():
            break
        numbers.append(int(part))
    return tuple(numbers)
