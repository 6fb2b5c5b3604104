"""The reference page of the commands, from their docstrings: `python -m lowdb.repl.reference` prints it.

Knows Markdown and nothing of a session; a test holds docs/reference/commands.md against it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lowdb.repl import commands as _commands  # noqa: F401 - their modules register them
from lowdb.repl.commands.asking import TOPICS
from lowdb.repl.registry import GROUPS, commands
from lowdb.repl.settings import KINDS

if TYPE_CHECKING:
    from lowdb.repl.registry import Command

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
    parts.append("## Settings\n")
    parts.append("`config` shows and sets them; the environment variable `LOWDB_NAME` sets `name` at the start.\n")
    rows = []
    for name, kind in KINDS.items():
        about = kind.about.replace("|", "\\|")
        rows.append(f"| `{name}` | `{_default(kind.default)}` | {about} |")
    parts.append("\n".join(["| setting | default | |", "|---|---|---|", *rows]) + "\n")
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


def _default(value: object) -> str:
    return str(value).lower() if type(value) is bool else str(value)


if __name__ == "__main__":
    print(page(), end="")
