"""What the REPL says, as typed data: a console decides how it looks.

Blocks hold text that is already rendered from the program's objects, never the objects themselves, so each goes
to JSON and back (another process may be the screen).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable

type Json = bool | int | float | str | list[Json] | dict[str, Json] | None

type Words = tuple[tuple[str, str], ...]
"""A line in pieces: what each is, and its text. The texts together are the line. Kinds: word, failure (the reason),
place, call, value, exception, condition, note; "" for what is none of these."""


def words(line: str | Iterable[tuple[str, str]]) -> Words:
    """Pieces as a block keeps them; a string is one piece of no kind."""
    return tuple((kind, text) for kind, text in ([("", line)] if isinstance(line, str) else line) if text)


def text_of(line: Words) -> str:
    """The whole line."""
    return "".join([text for _, text in line])


class Block:
    """One piece of output. Subclasses name their fields in `__slots__`, in the order of their constructor."""

    __slots__: tuple[str, ...] = ()
    kinds: ClassVar[dict[str, type[Block]]] = {}

    def __init_subclass__(cls) -> None:
        Block.kinds[cls.__name__] = cls

    def __init__(self, **fields: object) -> None:
        for name in self.__slots__:
            setattr(self, name, fields[name])

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and all(getattr(self, n) == getattr(other, n) for n in self.__slots__)

    def __hash__(self) -> int:
        return id(self)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{n}={getattr(self, n)!r}' for n in self.__slots__)})"

    def to_json(self) -> dict[str, Json]:
        """The block as plain JSON data; the key "block" holds its kind."""
        data: dict[str, Json] = {"block": type(self).__name__}
        for name in self.__slots__:
            data[name] = _plain(getattr(self, name))
        return data


def from_json(data: dict[str, Json]) -> Block:
    """The block that `to_json` made `data` of. Raises ValueError where it is not one."""
    fields = dict(data)
    kind = Block.kinds.get(str(fields.pop("block", None)))
    if kind is None or set(fields) != set(kind.__slots__):
        raise ValueError(f"not a block: {data!r:.80}")
    block = kind.__new__(kind)
    for name, value in fields.items():
        setattr(block, name, _rich(value))
    return block


def _plain(value: object) -> Json:
    if value is None or type(value) in (str, int, bool, float):
        return value  # type: ignore[return-value]
    if isinstance(value, Block):
        return value.to_json()
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    raise TypeError(f"a block cannot hold {type(value).__name__}")


def _rich(value: Json) -> object:
    if isinstance(value, dict):
        return from_json(value)
    if isinstance(value, list):
        return tuple(_rich(item) for item in value)
    return value


class Text(Block):
    """Words for the person."""

    __slots__ = ("text",)
    text: str

    def __init__(self, text: str) -> None:
        self.text = text


class Help(Block):
    """A page of help: the usage on the first line, examples indented by four spaces, names in backticks."""

    __slots__ = ("text",)
    text: str

    def __init__(self, text: str) -> None:
        self.text = text


class Problem(Block):
    """Something that did not work: one line, and where useful the typed text with a caret below it."""

    __slots__ = ("message", "offset", "text")
    message: str
    text: str
    """The typed text that the caret points into, or ""."""
    offset: int
    """0-based column in `text`; -1 without a caret."""

    def __init__(self, message: str, text: str = "", offset: int = -1) -> None:
        self.message = message
        self.text = text
        self.offset = offset


class Value(Block):
    """A value of the program, rendered; `name` is what was asked for, or ""."""

    __slots__ = ("name", "text")
    name: str
    text: str

    def __init__(self, text: str, name: str = "") -> None:
        self.text = text
        self.name = name


class Values(Block):
    """Variables with their values, one a line."""

    __slots__ = ("entries", "note")
    entries: tuple[Value, ...]
    note: str
    """What was left out, or ""."""

    def __init__(self, entries: Iterable[Value], note: str = "") -> None:
        self.entries = tuple(entries)
        self.note = note


class Displayed(Block):
    """An expression that is kept in view."""

    __slots__ = ("name", "text", "was")
    name: str
    text: str
    was: str
    """What it was at the stop before where it has changed since, or ""."""

    def __init__(self, name: str, text: str, was: str = "") -> None:
        self.name = name
        self.text = text
        self.was = was


class TreeNode(Block):
    """One line of a tree of values."""

    __slots__ = ("depth", "kind", "name", "number", "path", "state", "text")
    number: int
    """What opens or closes it."""
    depth: int
    """0 for the root."""
    name: str
    kind: str
    """root, item, attribute, property, or more: it stands for those that are not shown yet."""
    state: str
    """open, closed, or leaf: nothing is inside."""
    text: str
    """The value; of an open node its type."""
    path: str
    """The expression that leads to the value, or ""."""

    def __init__(self, number: int, depth: int, name: str, kind: str, state: str, text: str, path: str = "") -> None:
        self.number = number
        self.depth = depth
        self.name = name
        self.kind = kind
        self.state = state
        self.text = text
        self.path = path


class TreeView(Block):
    """A value and what has been opened inside it, from the top down."""

    __slots__ = ("current", "nodes")
    nodes: tuple[TreeNode, ...]
    current: int
    """The number of the node that a cursor is on, or 0."""

    def __init__(self, nodes: Iterable[TreeNode], current: int = 0) -> None:
        self.nodes = tuple(nodes)
        self.current = current


class Note(Block):
    """A line below the source of a stop. Kinds: caller, values, cause, note."""

    __slots__ = ("kind", "text")
    kind: str
    text: str

    def __init__(self, text: str, kind: str = "note") -> None:
        self.text = text
        self.kind = kind


class SourceView(Block):
    """Lines of a file around the current one."""

    __slots__ = ("current", "filename", "inside", "lines", "marks", "values")
    filename: str
    lines: tuple[tuple[int, str], ...]
    current: int
    """The line that runs next, or 0."""
    marks: tuple[tuple[int, str], ...]
    """(line, kind) of the breakpoints in view; kinds: enabled, disabled, trap, log."""
    inside: str
    """Where the first line stands inside a string of several lines: how that string begins (`\'\'\'`), else ""."""
    values: tuple[tuple[int, str, str], ...]
    """(line, name, value) of what lines of the frame have bound or use, for a screen that shows them behind these."""

    def __init__(
        self,
        filename: str,
        lines: Iterable[tuple[int, str]],
        current: int = 0,
        marks: Iterable[tuple[int, str]] = (),
        inside: str = "",
        values: Iterable[tuple[int, str, str]] = (),
    ) -> None:
        self.filename = filename
        self.lines = tuple(lines)
        self.current = current
        self.marks = tuple(marks)
        self.inside = inside
        self.values = tuple(values)


class StackEntry(Block):
    """One frame of a stack."""

    __slots__ = ("current", "function", "hidden", "index", "place", "source")
    index: int
    """0 is the newest frame."""
    function: str
    place: str
    source: str
    current: bool
    hidden: str
    """Why the frame is usually left out, or ""."""

    def __init__(self, index: int, function: str, place: str, source: str, current: bool, hidden: str = "") -> None:
        self.index = index
        self.function = function
        self.place = place
        self.source = source
        self.current = current
        self.hidden = hidden


class Gap(Block):
    """Frames of a stack that are left out because they are not the person's own code."""

    __slots__ = ("count",)
    count: int

    def __init__(self, count: int) -> None:
        self.count = count


class Stack(Block):
    """Frames, the oldest first, as a traceback prints them, with a Gap where some are left out."""

    __slots__ = ("entries",)
    entries: tuple[StackEntry | Gap, ...]

    def __init__(self, entries: Iterable[StackEntry | Gap]) -> None:
        self.entries = tuple(entries)


class Table(Block):
    """Rows of cells, aligned by column; the first cell of the current row is ">"."""

    __slots__ = ("columns", "rows")
    rows: tuple[tuple[str, ...], ...]
    columns: tuple[str, ...]
    """What each column holds, for a screen with colours: mark, number, name, place, function, state, value, code,
    words; "" for what is none of these."""

    def __init__(self, rows: Iterable[Iterable[str]], columns: Iterable[str] = ()) -> None:
        self.rows = tuple(tuple(row) for row in rows)
        self.columns = tuple(columns)


class StopView(Block):
    """A stop: where, why, source, and what else is worth a line."""

    __slots__ = ("detail", "lines", "place", "reason", "source", "where")
    place: str
    """`/abs/path.py(59)function()`, with `->value` at an exit."""
    reason: Words
    """Why it stopped; begins with the word of the reason."""
    detail: Words
    """What stands at the right end of the reason line: hit counts, condition, values; or nothing."""
    source: Block | None
    """A SourceView, or the Stack of a post-mortem."""
    lines: tuple[Block, ...]
    """Callers, displays and the like: Note, Displayed."""
    where: str
    """The place in short where `reason` does not name it, for a screen that leaves `place` out; or ""."""

    def __init__(
        self,
        place: str,
        reason: str | Iterable[tuple[str, str]],
        detail: str | Iterable[tuple[str, str]] = (),
        source: Block | None = None,
        lines: Iterable[Block | str] = (),
        where: str = "",
    ) -> None:
        self.place = place
        self.reason = words(reason)
        self.detail = words(detail)
        self.source = source
        self.lines = tuple(Note(line) if isinstance(line, str) else line for line in lines)
        self.where = where
