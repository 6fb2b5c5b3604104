"""What a line was, so that it is found again after the file was edited: its text, its function, which of its likes.

Knows sources only; sets nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lowdb.program.codes import nested, stoppable_lines

if TYPE_CHECKING:
    from lowdb.program.sources import Source


class Anchor:
    """A line as it was."""

    # Not a NamedTuple: to make one costs every start 0.3 ms.
    __slots__ = ("function", "nth", "of", "offset", "text")

    def __init__(self, text: str, function: str, nth: int, of: int, offset: int) -> None:
        self.text = text
        """Without the blanks around it."""
        self.function = function
        """The qualified name of the function or class body that it belongs to; "" for none."""
        self.nth = nth
        """Which of the lines with this text in this function it was, 0-based."""
        self.of = of
        """How many there were."""
        self.offset = offset
        """Lines below the first of the function, or of the file."""

    def data(self) -> dict[str, str | int]:
        """It as JSON data: what the constructor takes."""
        return {name: getattr(self, name) for name in self.__slots__}


class Lost(Exception):
    """The line is not to be found; the text says why, beginning with a verb."""


def anchor(source: Source, line: int) -> Anchor:
    """What `line` (1-based) is in this source."""
    owners = _owners(source)
    text = source.line(line).strip()
    function, first = owners.get(line, ("", 1))
    alike = [number for number in _alike(source, owners, text) if owners[number][0] == function]
    nth = alike.index(line) if line in alike else 0
    return Anchor(text, function, nth, max(len(alike), 1), line - first)


def find(source: Source, old: Anchor) -> int:
    """The line that is now what it was. Raises Lost where there is none, or no telling which.

    In the same function first: the one with as many of its likes before it if their number is what it was, else the
    one whose distance from the function's beginning has changed least. Elsewhere only if it is the only one.
    """
    owners = _owners(source)
    everywhere = _alike(source, owners, old.text)
    alike = [line for line in everywhere if owners[line][0] == old.function]
    if len(alike) == old.of and old.nth < len(alike):
        return alike[old.nth]
    if alike:
        moved = sorted((abs(line - owners[line][1] - old.offset), line) for line in alike)
        if len(moved) == 1 or moved[0][0] != moved[1][0]:
            return moved[0][1]
        raise Lost(f"is there {len(alike)} times")
    if len(everywhere) != 1:
        raise Lost(f"is there {len(everywhere)} times, elsewhere" if everywhere else "is gone")
    return everywhere[0]


def _owners(source: Source) -> dict[int, tuple[str, int]]:
    """For each line that can be stopped at the function it belongs to and where that begins; {} for what does not
    compile.
    """
    code = source.compiled()
    owners: dict[int, tuple[str, int]] = {}
    for one in nested(code) if code is not None else ():
        module = one.co_name == "<module>"
        if module or not one.co_name.startswith("<"):  # lambdas and their like belong to what is around them
            for line in stoppable_lines(one):
                # a `def` belongs to the outer one, its body to the inner one, which begins later
                if line not in owners or (owners[line][1] < one.co_firstlineno < line):
                    owners[line] = ("", 1) if module else (one.co_qualname, one.co_firstlineno)
    return owners


def _alike(source: Source, owners: dict[int, tuple[str, int]], text: str) -> list[int]:
    """The lines with this text, in their order."""
    return [line for line in sorted(owners) if text and source.line(line).strip() == text]
