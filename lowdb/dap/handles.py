"""References: the numbers by which a client names frames, scopes and values. They are born and die with one stop."""

from __future__ import annotations

from typing import Any

_LARGEST = 2**31 - 1


class Stale(Exception):
    """The reference is of an earlier stop, or was never given."""


class Handles:
    """The references of one stop. A number is never given twice in a session, so that an old one is known as such."""

    __slots__ = ("_objects", "first", "next")

    def __init__(self, first: int) -> None:
        self.first = first
        self.next = first
        self._objects: dict[int, Any] = {}

    def new(self, thing: object) -> int:
        """Return a new reference to `thing`."""
        number = self.next
        self.next = number + 1 if number < _LARGEST else 1
        self._objects[number] = thing
        return number

    def get(self, number: object, kind: str) -> Any:
        """Return what a reference stands for. Raises Stale; `kind` is what was asked for, in words."""
        try:
            return self._objects[number]  # type: ignore[index]
        except (KeyError, TypeError):
            pass
        if type(number) is int and 0 < number < self.first:
            raise Stale(f"{kind} {number} is from an earlier stop: the program has run since, ask for the stack again")
        raise Stale(f"there is no {kind} {number!r}: ask for the stack again")
