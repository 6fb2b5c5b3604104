"""A shown value as a small tree of text, laid out on one line or on many."""

from __future__ import annotations


class Branch:
    """An opened container: its brackets, its parts (each with what goes before it), and words on what is left out."""

    __slots__ = ("close", "open", "parts", "rest")

    def __init__(self, opening: str, parts: list[tuple[str, Shape]], closing: str, rest: str = "") -> None:
        self.open = opening
        self.parts = parts
        self.close = closing
        """A tuple's begins with the comma that a single item needs."""
        self.rest = rest

    def line(self) -> str:
        """Return the tree on one line."""
        texts = [before + line_of(part) for before, part in self.parts]
        if self.rest:
            texts.append(self.rest)
        closing = self.close if len(texts) == 1 else self.close.lstrip(",")
        return f"{self.open}{', '.join(texts)}{closing}"


type Shape = str | Branch


def line_of(shape: Shape) -> str:
    """Return a shape on one line."""
    return shape.line() if isinstance(shape, Branch) else shape


def lay(shape: Shape, width: int) -> list[str]:
    """Return a shape on as many lines as it needs to keep to `width`: one for each part, four spaces deeper."""
    found: list[str] = []
    _lay(shape, "", "", "", width, found)
    return found


def _lay(shape: Shape, indent: str, before: str, after: str, width: int, found: list[str]) -> None:
    one = f"{indent}{before}{line_of(shape)}{after}"
    if not isinstance(shape, Branch) or len(one) <= width:
        found.append(one)
        return
    found.append(f"{indent}{before}{shape.open}")
    deeper = f"{indent}    "
    for name, part in shape.parts:
        _lay(part, deeper, name, ",", width, found)
    if shape.rest:
        found.append(f"{deeper}{shape.rest}")
    found.append(f"{indent}{shape.close.lstrip(',')}{after}")
