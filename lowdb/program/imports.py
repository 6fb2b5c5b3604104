"""Imports from the standard library that no file of the program's can get into: a token.py beside the script, say.

The script's directory comes first on sys.path, and `import ast` imports token. What the program has in sys.modules, and
what it will find there by a name of its own, stays as it is without lowdb.
"""

from __future__ import annotations

import sys
from _frozen_importlib_external import PathFinder
from _imp import is_frozen
from _thread import RLock, get_ident
from os import __file__ as _os_file
from os import listdir, path, sep

TYPE_CHECKING = False  # not even `typing`: this module is what keeps the program's files out of it
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Final

_HOME: Final = path.dirname(_os_file)
_LIBRARY: Final = [
    _HOME,
    *(entry for entry in map(str, sys.path) if path.basename(entry) == "lib-dynload"),
    *(entry for entry in map(str, sys.path) if entry.endswith(".zip") and path.dirname(entry) == path.dirname(_HOME)),
]
_PREFIXES: Final = tuple(entry + sep for entry in _LIBRARY)
_INSTALLED: Final = (f"{sep}site-packages{sep}", f"{sep}dist-packages{sep}")
_own: Final[dict[str, ModuleType]] = {}
"""The library's modules that lowdb has got here."""
_lock: Final = RLock()


class standard:  # noqa: N801  (reads as a word: `with standard("ast"):`)
    """`with standard("ast"): import ast` binds the standard library's module, made of none but the library's.

    Without names: for a block that imports much. No code of the program may run in the block.
    """

    __slots__ = ("_before", "_finder", "_hidden", "_missing", "_names")

    def __init__(self, *names: str) -> None:
        self._names = names
        self._finder: _Finder | None = None

    def __enter__(self) -> None:
        modules = sys.modules
        if self._names and all(name in _own and modules.get(name) is _own[name] for name in self._names):
            return
        _lock.acquire()
        self._hidden = {name: module for name, module in modules.copy().items() if _is_theirs(name, module)}
        for name in self._hidden:
            del modules[name]
        self._missing = {name: module for name, module in _own.items() if name not in modules}
        modules.update(self._missing)
        self._before = set(modules)
        self._finder = _Finder()
        sys.meta_path.insert(0, self._finder)

    def __exit__(self, *exc: object) -> None:
        if self._finder is None:
            return
        modules = sys.modules
        sys.meta_path.remove(self._finder)
        self._finder = None
        new = {name for name in modules.keys() - self._before if _top(name) in sys.stdlib_module_names}
        for name in (*new, *self._names):
            if name in modules:
                _own[name] = modules[name]
        shadowed = _shadowed({_top(name) for name in new}) | {_top(name) for name in self._hidden}
        for name in (*self._missing, *(name for name in new if _top(name) in shadowed)):
            modules.pop(name, None)
        modules.update(self._hidden)
        _lock.release()


def remember() -> None:
    """What sys.modules has of the library now is what lowdb uses from now on; nothing of a program was imported yet."""
    for name, module in sys.modules.items():
        if _top(name) in sys.stdlib_module_names and not _is_theirs(name, module):
            _own[name] = module


class _Finder:
    """Looks for the library's modules in the library's directories, for the thread that made it."""

    def __init__(self) -> None:
        self._thread = get_ident()

    def find_spec(self, name: str, where: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """As a finder of sys.meta_path."""
        if get_ident() != self._thread:
            return None
        if where is not None and name.startswith("lowdb."):  # past import hooks, such as pytest's rewriting of asserts
            return PathFinder.find_spec(name, where)
        if where is not None or name not in sys.stdlib_module_names:
            return None
        if name in sys.builtin_module_names or is_frozen(name):
            return None
        return PathFinder.find_spec(name, _LIBRARY)


def _top(name: str) -> str:
    return name.partition(".")[0]


def _is_theirs(name: str, module: object) -> bool:
    """Whether this is a module of the program's with a name of the library's."""
    if type(module) is not type(sys) or _top(name) not in sys.stdlib_module_names or module is _own.get(name):
        return False
    file = module.__dict__.get("__file__")
    return type(file) is str and not _of_library(file)


def _of_library(file: str) -> bool:
    return file.startswith(_PREFIXES) and not any(part in file for part in _INSTALLED)


def _shadowed(names: set[str]) -> set[str]:
    """Of these modules of the library, those of which the program would import one of its own."""
    near: set[str] = set()
    for entry in sys.path:
        if entry == _HOME:
            break
        if entry not in _LIBRARY:
            try:
                near.update(_top(file) for file in listdir(entry or "."))
            except (OSError, TypeError):
                continue
    found = set()
    for name in names & near:
        spec = PathFinder.find_spec(name)
        if spec is not None and type(spec.origin) is str and not _of_library(spec.origin):
            found.add(name)
    return found
