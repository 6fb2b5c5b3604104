"""Writes to the person's config.toml: one setting or alias at a time, all else in it stays as it is."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from lowdb.repl.places import make_directory, write_whole
from lowdb.repl.tomledit import Refused, with_value, without

if TYPE_CHECKING:
    from collections.abc import Callable

    from lowdb.repl.places import Places
    from lowdb.repl.toml import Plain

_BOM: Final = "\ufeff"


class NotSaved(Exception):
    """config.toml stays as it was; the text says why."""


def save(places: Places, table: str, key: str, value: Plain) -> str:
    """Write `key = value` into `[table]`; the file's name. Makes the file where there is none. Raises NotSaved."""
    return _change(places, lambda text: with_value(text, table, key, value))


def remove(places: Places, table: str, key: str) -> str:
    """Take the key out of `[table]`; the file's name. Raises NotSaved."""
    return _change(places, lambda text: without(text, table, key))


def _change(places: Places, change: Callable[[str], str]) -> str:
    file = places.config
    if not file:
        raise NotSaved("there is no place for config.toml: HOME is not set (LOWDB_CONFIG=FILE names one)")
    try:
        with open(file, encoding="utf-8", newline="") as stream:
            text = stream.read()
    except FileNotFoundError:
        text = ""
    except OSError as error:
        raise NotSaved(f"{file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise NotSaved(f"{file} is not UTF-8") from None
    mark = _BOM if text.startswith(_BOM) else ""
    try:
        new = mark + change(text.removeprefix(_BOM))
    except Refused as refused:
        raise NotSaved(f"{file} stays as it is: {refused}") from None
    if new == text:
        return file
    if not make_directory(os.path.dirname(file)):
        raise NotSaved(f"{os.path.dirname(file)} cannot be made")
    try:
        write_whole(file, new)
    except OSError as error:
        raise NotSaved(f"{file} cannot be written: {error.strerror}") from None
    return file
