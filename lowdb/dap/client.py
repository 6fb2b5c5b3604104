"""What the client said of itself and of the session: lines from 0 or 1, paths, what it can show, launch options."""

from __future__ import annotations

import os
from typing import Any

from lowdb.wire.offers import OPTIONS


class Client:
    """Turns lines and paths of the client's into ours and back."""

    __slots__ = ("_lines", "_mappings", "_uris", "ansi", "launch", "pages", "progress", "refreshes")

    def __init__(self, initialize: dict[str, Any], launch: dict[str, Any]) -> None:
        self._lines = 1 if initialize.get("linesStartAt1", True) is not False else 0
        self._uris = initialize.get("pathFormat") == "uri"
        self.pages = initialize.get("supportsVariablePaging") is True
        self.refreshes = initialize.get("supportsInvalidatedEvent") is True
        self.progress = initialize.get("supportsProgressReporting") is True
        self.ansi = initialize.get("supportsANSIStyling") is True
        self.launch = launch
        self._mappings = [
            (_root(one["localRoot"]), _root(one["remoteRoot"]))
            for one in self.option("pathMappings") or ()
            if type(one.get("localRoot")) is str and type(one.get("remoteRoot")) is str
        ]

    def option(self, name: str) -> Any:
        """Return a launch option, or its default; None for one that the table does not have."""
        value = self.launch.get(name)
        if value is None and name in OPTIONS:
            return OPTIONS[name].default
        return value

    def line_in(self, line: int) -> int:
        """Return a line of the client's as ours, from 1."""
        return line + 1 - self._lines

    def line_out(self, line: int) -> int:
        """Return a line of ours as the client counts."""
        return line - 1 + self._lines

    def path_in(self, path: str) -> str:
        """Return a path of the client's as the program's."""
        if path.startswith("file://"):
            with_host = path[len("file://") :]
            path = _unquoted(with_host[with_host.find("/") :])
        return _moved(path, self._mappings)

    def path_out(self, path: str) -> str:
        """Return a path of the program's as the client's."""
        path = _moved(path, [(theirs, ours) for ours, theirs in self._mappings])
        return f"file://{_quoted(path)}" if self._uris else path


def _root(path: str) -> str:
    return path.rstrip("/\\") or path


def _moved(path: str, mappings: list[tuple[str, str]]) -> str:
    """Put the longest root that `path` lies under in place of its counterpart."""
    found = max(
        ((a, b) for a, b in mappings if path == a or path.startswith((a + "/", a + "\\"))),
        key=lambda pair: len(pair[0]),
        default=None,
    )
    if found is None:
        return path
    rest = path[len(found[0]) :]
    return found[1] + (rest.replace("\\", os.sep) if "\\" in found[0] else rest)


def _quoted(path: str) -> str:
    safe = b"/ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
    return "".join(chr(byte) if byte in safe else f"%{byte:02X}" for byte in path.encode("utf-8", "surrogateescape"))


def _unquoted(text: str) -> str:
    parts = text.encode("utf-8", "surrogateescape").split(b"%")
    found = [parts[0]]
    for part in parts[1:]:
        try:
            found.append(bytes([int(part[:2], 16)]) + part[2:])
        except ValueError:
            found.append(b"%" + part)
    return b"".join(found).decode("utf-8", "surrogateescape")
