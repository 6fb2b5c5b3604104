"""DAP's `source`: a path that the client can open, or a reference by which it asks us for the text."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from lowdb.dap.registry import Refused
from lowdb.program import sources
from lowdb.program.imports import standard
from lowdb.program.paths import file_of, is_real

if TYPE_CHECKING:
    from lowdb.dap.client import Client
    from lowdb.program.mycode import MyCode

_isfile = os.path.isfile  # as they were at first: a program may mock them
_basename = os.path.basename


class Origins:
    """The sources of one session; their references live as long as it."""

    def __init__(self, client: Client, mycode: MyCode) -> None:
        self._client = client
        self._mycode = mycode
        self._described: dict[str, dict[str, Any]] = {}
        self._by_number: list[str] = []
        self._looked_at: set[str] = set()
        self._spelt: dict[str, str] = {}
        """Canonical file -> the client's own path, through links: its editor has the file open under that name."""

    def describe(self, filename: str) -> dict[str, Any]:
        """Return the `source` of a file, its name as in `co_filename` or canonical. Not to be changed."""
        found = self._described.get(filename)
        if found is None:
            found = self._described[filename] = self._make(filename)
        return found

    def _make(self, filename: str) -> dict[str, Any]:
        path = file_of(filename)
        made: dict[str, Any] = {"name": _basename(path) or path}
        if is_real(path):
            made["path"] = self._client.path_out(self._spelt.get(path, path))
        if not _isfile(path):
            if path not in self._by_number:
                self._by_number.append(path)
            made["sourceReference"] = self._by_number.index(path) + 1
            made["origin"] = "code without a file" if not is_real(path) else "not a file of its own"
        if not self._mycode.is_mine(filename):
            made["presentationHint"] = "deemphasize"
        return made

    def filename(self, source: dict[str, Any]) -> str:
        """Return the canonical file that a client's `source` means. Raises Refused."""
        number = source.get("sourceReference")
        if type(number) is int and number > 0:
            if number > len(self._by_number):
                raise Refused(f"there is no source {number} in this session")
            return self._by_number[number - 1]
        path = source.get("path")
        if type(path) is str and path:
            return self.spelt(self._client.path_in(path))
        name = source.get("name")
        if type(name) is str and name and not is_real(name):
            return name
        raise Refused("the source has neither a path nor a reference")

    def spelt(self, path: str) -> str:
        """Return the canonical file of a path, and from now on tell the client of it as it is spelt here."""
        filename = file_of(path)
        if filename != path and is_real(path) and self._spelt.get(filename) != path:
            self._spelt[filename] = path
            self._described.clear()
        return filename

    def know(self, filename: str) -> None:
        """Have the text of a file at hand that lies in an archive: nothing of it may have been imported yet."""
        if not is_real(filename) or _isfile(filename) or filename in self._looked_at:
            return
        self._looked_at.add(filename)
        archive, rest = filename, ""
        while archive != (parent := os.path.dirname(archive)):
            rest = f"{_basename(archive)}/{rest}".rstrip("/")
            archive = parent
            if _isfile(archive):
                break
        else:
            return
        with standard("zipimport"):
            import zipimport  # start-up: only for a breakpoint in an archive
        try:
            data = zipimport.zipimporter(archive).get_data(rest)
            sources.register(filename, bytes(data).decode("utf-8"))
        except Exception:  # no archive after all, no such member, not UTF-8
            return

    def text(self, source: dict[str, Any]) -> str:
        """Return the text of a source. Raises Refused."""
        filename = self.filename(source)
        found = sources.source(filename)
        if found is None:
            raise Refused(f"the text of {filename} is not to be had")
        return found.text
