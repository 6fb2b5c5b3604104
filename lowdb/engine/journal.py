"""`LOWDB_LOG=file`: one line for each event, decision and plan. Free when off: callers test `journal.on` first."""

from __future__ import annotations

import os
import time
from _thread import get_ident
from typing import TextIO


class Journal:
    """An append-only log; an error in writing it switches it off and is never raised."""

    def __init__(self) -> None:
        self.on = False
        self._file: TextIO | None = None
        self._began = time.perf_counter()

    def open(self, filename: str | None = None) -> None:
        """Start writing to `filename`, by default the one that the environment variable LOWDB_LOG names."""
        filename = filename or os.environ.get("LOWDB_LOG")
        if not filename or self.on:
            return
        try:
            self._file = open(filename, "a", encoding="utf-8", buffering=1)  # noqa: SIM115 - lives as long as lowdb
        except OSError:
            return
        self.on = True

    def write(self, *words: object) -> None:
        """One line: seconds since the start, thread ident, the words."""
        file = self._file
        if file is None:
            return
        try:
            text = " ".join(map(str, words)).replace("\n", "\\n")
            file.write(f"{time.perf_counter() - self._began:.6f} {get_ident()} {text}\n")
        except Exception:
            self.close()

    def close(self) -> None:
        """Stop writing."""
        self.on = False
        file, self._file = self._file, None
        if file is not None:
            try:
                file.close()
            except OSError:
                pass
