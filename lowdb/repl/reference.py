"""The reference of the commands, from their docstrings, and of the settings: `python -m lowdb.repl.reference` prints
the page of the commands; with a FILE it writes the tables of the settings anew where they stand in it.

Knows Markdown and nothing of a session; tests hold docs/reference against it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from lowdb.repl import commands as _commands  # noqa: F401 - their modules register them
from lowdb.repl.commands.asking import TOPICS
from lowdb.repl.registry import GROUPS, commands
from lowdb.repl.settings import KINDS, NOT_FROM_ENVIRONMENT, SECTIONS, text_of

if TYPE_CHECKING:
    from lowdb.repl.registry import Command
    from lowdb.repl.settings import Kind

_HEAD = """\
# Commands

Made from the commands' own help by `python -m lowdb.repl.reference`; do not edit.

At the prompt `h` lists the commands and `h COMMAND` shows what stands here. `;;` separates commands on one line, an
empty line repeats `n`, `s`, `unt`, `l`, `u` or `d`, and `#` begins a comment.
"""


def page() -> str:
    """The page as Markdown."""
    parts = [_HEAD]
    for group, title in GROUPS.items():
        parts.append(f"## {title}\n")
        parts.extend(_entry(command) for command in commands if command.group == group)
    parts.append("## Command or Python?\n")
    parts.append(TOPICS["python"] + "\n")
    parts.append("## Names in expressions and conditions\n")
    parts.append(f"```text\n{TOPICS['names']}\n```\n")
    parts.append("The settings that `config` shows and sets: [Settings](settings.md).\n")
    return "\n".join(parts)


def _entry(command: Command) -> str:
    usage = " ".join(["/".join(command.names), command.arguments]).strip()
    lines = []
    code = False
    for line in command.help.splitlines():
        indented = line.startswith("    ")
        if indented and not code:
            lines.append("```text")
        elif code and not indented:
            lines.append("```")
        code = indented
        lines.append(line.removeprefix("    ") if indented else line)
    if code:
        lines.append("```")
    # A blank line that only separated prose from its examples stands before the fence, as Markdown wants it.
    return "\n".join([f"### `{usage}`\n", *lines, ""])


BEGIN, END = "<!-- made by python -m lowdb.repl.reference FILE: begin -->", "<!-- end -->"


def settings_tables() -> str:
    """The settings by section as Markdown, between the two marks."""
    parts = [BEGIN]
    for section, about in SECTIONS.items():
        rows = ["| setting | default | it may be | in the environment | |", "|---|---|---|---|---|"]
        for name, kind in KINDS.items():
            if kind.section == section:
                variable = "" if name in NOT_FROM_ENVIRONMENT else f"`LOWDB_{name.upper()}`"
                meaning = kind.about.replace("|", "\\|")
                rows.append(f"| `{name}` | `{text_of(kind.default)}` | {_values(kind)} | {variable} | {meaning} |")
        parts += [f"### `[{section}]`: {about}\n", *rows, ""]
    return "\n".join([*parts, END])


def with_tables(text: str) -> str:
    """The page with the tables as they are now. Raises ValueError where it has no place for them."""
    start, end = text.index(BEGIN), text.index(END)
    return text[:start] + settings_tables() + text[end + len(END) :]


def _values(kind: Kind) -> str:
    if kind.choices:
        return ", ".join(f"`{choice}`" for choice in kind.choices)
    if type(kind.default) is bool:
        return "`true`, `false`"
    return f"a number from {kind.least}" if type(kind.default) is int else "text"


if __name__ == "__main__":
    for file in map(Path, sys.argv[1:]):
        file.write_text(with_tables(file.read_text(encoding="utf-8")), encoding="utf-8")
    if not sys.argv[1:]:
        print(page(), end="")
