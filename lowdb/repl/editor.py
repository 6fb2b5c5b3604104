"""The person's own editor, on the terminal: for an entry, or for a file at a line. Nothing of the program's is touched.

It is what VISUAL or EDITOR names, else the first of some that are installed.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from lowdb.program.imports import standard

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_USUAL = ("sensible-editor", "vim", "vi", "nano", "emacs")
_LINE_BEHIND = ("code", "codium", "cursor", "subl", "zed", "hx", "helix")
"""Editors that take FILE:LINE; the others take +LINE FILE."""
_GOTO = ("code", "codium", "cursor")


class NoEditor(Exception):
    """There is none, or it failed; the text says what to do."""


def editor_command(environment: Mapping[str, str]) -> list[str]:
    """The words of the editor's command. Raises NoEditor."""
    for name in ("VISUAL", "EDITOR"):
        chosen = environment.get(name, "").strip()
        if chosen:
            with standard("shlex", "collections"):
                import shlex  # start-up: few open an editor

            try:
                return shlex.split(chosen)
            except ValueError as error:
                raise NoEditor(f"{name}={chosen}: {error}") from None
    with standard("shutil"):
        import shutil  # start-up: few open an editor

    for name in _USUAL:
        if shutil.which(name, path=environment.get("PATH")):
            return [name]
    raise NoEditor("no editor: set VISUAL or EDITOR")


def at_line(command: Sequence[str], filename: str, line: int) -> list[str]:
    """The command that opens a file at a line (1-based)."""
    name = os.path.basename(command[0]).removesuffix(".exe")
    if name in _GOTO:
        return [*command, "--goto", f"{filename}:{line}"]
    if name in _LINE_BEHIND:
        return [*command, f"{filename}:{line}"]
    return [*command, f"+{line}", filename]


def edit_file(filename: str, line: int, environment: Mapping[str, str] = os.environ) -> None:
    """Open a file in the editor and wait for its end. Raises NoEditor."""
    _run(at_line(editor_command(environment), filename, line))


def edit_text(text: str, environment: Mapping[str, str] = os.environ) -> str:
    """The text as the person leaves it in the editor. Raises NoEditor, also where the editor fails."""
    command = editor_command(environment)
    with standard("tempfile"):
        import tempfile  # start-up: few open an editor

    try:
        descriptor, path = tempfile.mkstemp(".py", "lowdb-")
    except OSError as error:
        raise NoEditor(f"no place for a file to edit: {error}") from None
    try:
        with open(descriptor, "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write(text + "\n" * (not text.endswith("\n")))
        _run([*command, path])
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read().rstrip("\n")
    except OSError as error:
        raise NoEditor(f"the text is lost: {error}") from None
    finally:
        try:
            os.unlink(path)
        except OSError:
            pass


def _run(command: list[str]) -> None:
    """Run the editor on the terminal, whatever the program's standard streams are."""
    with standard("subprocess"):
        import subprocess  # start-up: few open an editor

    try:
        terminal = os.open("/dev/tty", os.O_RDWR)
    except OSError:
        raise NoEditor("an editor needs a terminal") from None
    try:
        done = subprocess.run(command, stdin=terminal, stdout=terminal, stderr=terminal, check=False)
    except OSError as error:
        raise NoEditor(f"{command[0]}: {error.strerror} (set VISUAL or EDITOR)") from None
    finally:
        os.close(terminal)
    if done.returncode:
        raise NoEditor(f"{command[0]} ended with status {done.returncode}: nothing is taken over")
