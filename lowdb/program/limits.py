"""How much of a value is shown."""

from __future__ import annotations

from typing import Final


class Limits:
    """Bounds on one look at a value."""

    __slots__ = ("depth", "items", "lines", "own_repr", "seconds", "string", "width")

    def __init__(
        self,
        depth: int = 3,
        items: int = 10,
        string: int = 80,
        width: int = 500,
        lines: int = 20,
        seconds: float = 0.25,
        own_repr: bool = True,
    ) -> None:
        self.depth = depth
        """Containers inside each other that are opened."""
        self.items = items
        """Items of one container."""
        self.string = string
        """Characters of one string or of one object's own repr."""
        self.width = width
        """Characters of a whole summary; a line of `lines` keeps to `min(width, 100)`."""
        self.lines = lines
        """Lines of `lines`."""
        self.seconds = seconds
        """Time for the program's own reprs; then objects print as `<Thing at 0x…>`."""
        self.own_repr = own_repr
        """Whether the program's own reprs are called at all; without, objects print as `<Thing>`."""


DEFAULT: Final = Limits()
SHORT: Final = Limits(depth=2, items=3, string=30, width=60, own_repr=False)
"""For one argument among others; runs none of the program's code."""
FULL: Final = Limits(depth=50, items=100_000, string=1_000_000, width=10_000_000, lines=100_000, seconds=10.0)
"""For a value asked for in full: still an end, so that no screen and no memory is flooded."""
