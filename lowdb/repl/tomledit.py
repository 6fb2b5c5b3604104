"""Changes one value in a TOML text and leaves all else as the person wrote it: comments, order, blank lines, line ends.

What it cannot do surely it refuses: each change is read back with tomllib and must differ in that one value only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lowdb.program.imports import standard
from lowdb.repl.toml import Plain, Statement, Unclear, quoted, quoted_key, statements

if TYPE_CHECKING:
    from typing import Any


class Refused(Exception):
    """The text cannot be changed; the words say why."""


def with_value(text: str, table: str, key: str, value: Plain) -> str:
    """`text` with `key = value` in `[table]`: in the place of the old value, else behind the table's last key, else in
    a new table at the end. Raises Refused.
    """
    found = _statements(text)
    end = "\r\n" if "\r\n" in text else "\n"
    shown = quoted(value)
    there = [one for one in found if one.key and one.path == (table, key)]
    inline = [one for one in found if one.key and one.path == (table,)]
    heads = [index for index, one in enumerate(found) if not one.key and one.path == (table,)]
    dotted = [one for one in found if not one.table and len(one.key) > 1 and one.key[0] == table]
    if there:
        new = text[: there[0].value] + shown + text[there[0].end :]
    elif inline:
        raise Refused(f"line {inline[0].line} gives {table} in one piece: write it as a table, [{table}]")
    elif heads:
        last = heads[0]
        while last + 1 < len(found) and found[last + 1].key:
            last += 1
        new = _insert(text, found[last], f"{quoted_key(key)} = {shown}", end)
    elif dotted:
        new = _insert(text, dotted[-1], f"{quoted_key(table)}.{quoted_key(key)} = {shown}", end)
    else:
        gap = "" if not text.strip() else end if text.endswith("\n") else end * 2
        new = f"{text}{gap}[{quoted_key(table)}]{end}{quoted_key(key)} = {shown}{end}"
    wanted = _tree(text)
    inner = wanted.setdefault(table, {})
    if type(inner) is not dict:
        raise Refused(f"{table} is no table there")
    inner[key] = value
    return _checked(new, wanted)


def without(text: str, table: str, key: str) -> str:
    """`text` without the line of `key` in `[table]`; unchanged where there is none. Raises Refused."""
    there = [one for one in _statements(text) if one.key and one.path == (table, key)]
    wanted = _tree(text)
    inner = wanted.get(table)
    if type(inner) is not dict or key not in inner:
        return text
    if not there:
        raise Refused(f"{key} stands inside a value of {table}: take it out there")
    start = text.rfind("\n", 0, there[0].start) + 1
    end = text.find("\n", there[0].end) + 1 or len(text)
    del inner[key]
    if not there[0].table and not inner:  # a dotted key, the last of its table
        del wanted[table]
    return _checked(text[:start] + text[end:], wanted)


def _insert(text: str, after: Statement, line: str, end: str) -> str:
    """`text` with a line behind that of a statement, indented as the keys there are."""
    position = text.find("\n", after.end) + 1
    before = text[:position] if position else text + end
    start = text.rfind("\n", 0, after.start) + 1
    indentation = text[start : after.start] if after.key else ""
    return f"{before}{indentation}{line}{end}{text[position:] if position else ''}"


def _statements(text: str) -> list[Statement]:
    try:
        return statements(text)
    except Unclear:
        _tree(text)  # says better what is wrong
        raise Refused("it is not understood well enough to be changed: do it by hand") from None


def _tree(text: str) -> dict[str, Any]:
    with standard("tomllib"):
        import tomllib  # start-up: only where a file is changed

    try:
        return tomllib.loads(text.replace("\r\n", "\n"))
    except (ValueError, RecursionError) as error:
        raise Refused(f"it is not TOML: {error}") from None


def _checked(new: str, wanted: dict[str, Any]) -> str:
    if _tree(new) != wanted:
        raise Refused("it would mean something else: do it by hand")
    return new
