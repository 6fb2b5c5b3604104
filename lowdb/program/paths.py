"""Canonical file names, cached. Works while the program has replaced functions of `os`: they are bound at import."""

from __future__ import annotations

import os
import sys
from types import ModuleType
from typing import TYPE_CHECKING

from lowdb.capabilities import INTERPRETER

if TYPE_CHECKING:
    from collections.abc import Mapping

_lstat = os.lstat
_readlink = os.readlink
_sep = os.sep
_realpath_here = os.path.realpath

_MACHINERY = ("<frozen importlib", "<frozen zipimport", "<frozen runpy")
_MAX_LINKS = 40  # as the kernel counts: more is a loop (ELOOP)

_cache: dict[str, str] = {}
_moved: list[tuple[str, str]] = []


def _start_directory() -> str:
    try:
        return os.getcwd()
    except OSError:  # the directory is gone
        return _sep


START_DIRECTORY = _start_directory()
"""The working directory when lowdb was imported: relative names mean this one, even after the program's chdir."""


def is_real(filename: str) -> bool:
    """Return whether `filename` names a file, be it there or not; `<string>`, `<frozen os>` do not. Asks no disk."""
    return bool(filename) and not (filename[0] == "<" and filename[-1] == ">")


def canonical(filename: str) -> str:
    """Return the one name of a file: absolute, links resolved. `<…>` comes back unchanged."""
    try:
        return _cache[filename]
    except KeyError:
        pass
    if not is_real(filename):
        answer = filename
    else:
        try:
            answer = _resolve(mapped(filename))
        except (OSError, ValueError):  # ValueError: a NUL in the name
            answer = filename
    _cache[filename] = answer
    return answer


def map_directories(moved: Mapping[str, str]) -> None:
    """From now on a file below a directory that is a key is the one below its value: code was compiled elsewhere.

    Keys are as in `co_filename`. To be called before the names of the program's files are asked for.
    """
    _moved[:] = sorted(((there.rstrip(_sep), here) for there, here in moved.items()), reverse=True)
    _cache.clear()


def mapped(filename: str) -> str:
    """Return the name that a file has here, where `map_directories` says another one."""
    for there, here in _moved:
        if filename.startswith(there) and filename[len(there) : len(there) + 1] in ("", _sep):
            return here + filename[len(there) :]
    return filename


def file_of(filename: str) -> str:
    """Return the canonical file of code whose `co_filename` this is: that of `<frozen posixpath>` is the module's file.

    The standard library's start-up modules are frozen into the interpreter; their lines are those of their files.
    """
    if filename.startswith("<frozen ") and not filename.startswith(_MACHINERY):
        module = sys.modules.get(filename[8:-1])
        file = module.__dict__.get("__file__") if type(module) is ModuleType else None
        if type(file) is str:
            return canonical(file)
    return canonical(filename)


def short(filename: str) -> str:
    """Return the name relative to `START_DIRECTORY` when the file is below it, else unchanged."""
    prefix = _START_PREFIX
    if filename.startswith(prefix) and len(filename) > len(prefix):
        return filename[len(prefix) :]
    return filename


def _resolve(filename: str) -> str:
    if INTERPRETER.windows:
        return _realpath_here(os.path.join(START_DIRECTORY, filename))
    # As os.path.realpath, but that one looks `os.lstat` up when called and so would run a program's mock.
    waiting = [part for part in reversed(_absolute(filename).split(_sep)) if part]
    path = ""
    links = 0
    while waiting:
        part = waiting.pop()
        if part == ".":
            continue
        if part == "..":
            path = path.rpartition(_sep)[0]
            continue
        step = f"{path}{_sep}{part}"
        target = _link_target(step) if links < _MAX_LINKS else None
        if target is None:
            path = step
            continue
        links += 1
        if target.startswith(_sep):
            path = ""
        waiting.extend(part for part in reversed(target.split(_sep)) if part)
    return path or _sep


def _absolute(filename: str) -> str:
    return filename if filename.startswith(_sep) else f"{START_DIRECTORY}{_sep}{filename}"


def _link_target(path: str) -> str | None:
    try:
        if (_lstat(path).st_mode & 0o170000) != 0o120000:  # S_IFMT, S_IFLNK
            return None
        return _readlink(path)
    except (OSError, ValueError):
        return None


_START_PREFIX = canonical(START_DIRECTORY).rstrip(_sep) + _sep
