"""Small numbers for the program's threads: clients take no 64-bit idents. The main thread is 1."""

from __future__ import annotations

from _thread import allocate_lock

from lowdb.dap.registry import Refused
from lowdb.program.threads import main_ident


class Threads:
    """Idents to numbers and back, for one session."""

    def __init__(self) -> None:
        self._lock = allocate_lock()
        self._numbers: dict[int, int] = {}
        self._idents: dict[int, int] = {}
        main = main_ident()
        if main is not None:
            self.number(main)

    def number(self, ident: int) -> int:
        """Return the number of a thread, a new one where it has none."""
        found = self._numbers.get(ident)
        if found is None:
            with self._lock:
                found = self._numbers.get(ident)
                if found is None:
                    found = len(self._numbers) + 1
                    self._idents[found] = ident
                    self._numbers[ident] = found
        return found

    def ident(self, number: object) -> int:
        """Return the ident of a thread's number. Raises Refused."""
        try:
            return self._idents[number]  # type: ignore[index]
        except (KeyError, TypeError):
            raise Refused(f"there is no thread {number!r}") from None
