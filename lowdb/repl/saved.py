"""The breakpoints of a project from one session to the next: a state file for each project, or a file that is named.

Reads and writes files; what stands in them is kept.py's.
"""

from __future__ import annotations

import os
from binascii import crc32
from typing import TYPE_CHECKING, Any, Final

from lowdb.program.imports import standard
from lowdb.program.paths import START_DIRECTORY
from lowdb.repl.kept import Keeper, Restored, told
from lowdb.repl.places import write_whole

if TYPE_CHECKING:
    from lowdb.repl.kept import Entry
    from lowdb.repl.session import Session

FORM: Final = 1
"""Of the file; what has another one is left alone."""


class NotSaved(Exception):
    """The file was not written or read; the text says why."""


class Saved:
    """Keeps the breakpoints of one session, and knows where."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.keeper = Keeper(session)
        self._process = os.getpid()
        self._written: object = None  # what the file holds, None before it was looked at
        self._failed = False

    @property
    def file(self) -> str:
        """The state file of the project, whose directory is there now, or "" where there can be none."""
        settings = self._session.settings
        root = settings.project
        if not root:
            return ""
        name = os.path.basename(root) or "root"
        return settings.places.state_file(f"breakpoints/{name}-{crc32(os.fsencode(root)):08x}.json")

    # --- by themselves: persist_breakpoints -------------------------------------------------------

    def begin(self, kept: list[Entry] | None = None) -> None:
        """At the start: set what a restart has kept, else what the last session left, where the person wants that.

        What is not as it was is said at the first stop.
        """
        session = self._session
        try:
            if kept is not None:
                done = self.keeper.restore(kept)
                if done.moved or done.problems:
                    session.first_words.append(told(done, "kept"))
                if session.settings["persist_breakpoints"]:
                    self._written = self.keeper.entries(session.settings.project)
            elif session.settings["persist_breakpoints"]:
                entries = self._read(self.file)
                if entries:
                    session.first_words.append(
                        told(self.keeper.restore(entries, session.settings.project), "from your last session")
                    )
                self._written = self.keeper.entries(session.settings.project)
        except Exception as error:
            self._failed = True  # and what is there is not written over
            session.first_words.append(f"the breakpoints of the last session are not set: {error}")

    def after_stop(self) -> None:
        """The program goes on: write what has changed. Never raises."""
        try:
            self.keeper.note()
            if self._session.settings["persist_breakpoints"] and os.getpid() == self._process and not self._failed:
                self._keep_up()
        except KeyboardInterrupt:  # the next stop will do it
            pass
        except Exception as error:
            self._failed = True
            self._session.say(f"the breakpoints are not saved: {error}")

    def _keep_up(self) -> None:
        root = self._session.settings.project
        if self._written is None:  # switched on at the prompt: what the last session left stays
            self.keeper.adopt(self._read(self.file))
        entries = self.keeper.entries(root)
        if entries != self._written and (entries or self._written):
            self._write(self.file, entries)
        self._written = entries

    # --- on request -------------------------------------------------------------------------------

    def save(self, name: str = "") -> tuple[str, int]:
        """Write all breakpoints to a file, by default the project's; its name and how many. Raises NotSaved."""
        file = self._named(name)
        entries = self.keeper.entries(self._session.settings.project)
        self._write(file, entries)
        return file, len(entries)

    def load(self, name: str = "") -> Restored:
        """Set the breakpoints of a file, by default the project's. Raises NotSaved."""
        file = self._named(name)
        if not os.path.exists(file):
            raise NotSaved(f"there is no file {file}" if name else "nothing was saved for this project (save does it)")
        return self.keeper.restore(self._read(file), self._session.settings.project)

    def _named(self, name: str) -> str:
        if name:
            return os.path.join(START_DIRECTORY, os.path.expanduser(name))
        if not self.file:
            raise NotSaved("there is no place for the project's breakpoints (HOME is not set?): name a FILE")
        return self.file

    def _write(self, file: str, entries: list[Entry]) -> None:
        with standard("json"):
            import json  # start-up: only where breakpoints are saved

        if not file:
            raise NotSaved("there is no place for them: HOME is not set, or nothing can be written there")
        data = {"lowdb": FORM, "root": self._session.settings.project, "breakpoints": entries}
        try:
            write_whole(file, json.dumps(data, indent=1, ensure_ascii=False) + "\n")
        except OSError as error:
            raise NotSaved(f"{file} cannot be written: {error.strerror}") from None

    def _read(self, file: str) -> list[Entry]:
        """What the file holds, [] where there is none. Raises NotSaved."""
        if not file or not os.path.exists(file):
            return []
        with standard("json"):
            import json  # start-up: only where breakpoints were saved

        try:
            with open(file, encoding="utf-8") as stream:
                data: Any = json.load(stream)
        except OSError as error:
            raise NotSaved(f"{file} cannot be read: {error.strerror}") from None
        except (ValueError, RecursionError) as error:
            raise NotSaved(f"{file} is damaged: {error}") from None
        entries = data.get("breakpoints") if type(data) is dict and data.get("lowdb") == FORM else None
        if type(entries) is not list:
            raise NotSaved(f"{file} holds no breakpoints of this lowdb")
        return entries
