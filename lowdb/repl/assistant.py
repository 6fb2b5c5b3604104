"""Who helps a person to type at a stop: completion, hint, toolbar, history, what Enter and the keys do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from lowdb.program.namespaces import Names, Unresolved
from lowdb.program.paths import canonical
from lowdb.program.tasks import task_name
from lowdb.program.threads import thread_name
from lowdb.repl.completing import complete_entry
from lowdb.repl.completing_python import Typed, python
from lowdb.repl.console import Completions
from lowdb.repl.editor import edit_text
from lowdb.repl.entry import next_indentation, parts
from lowdb.repl.language import read
from lowdb.repl.registry import commands
from lowdb.repl.stopping import short_name
from lowdb.repl.views import brief

if TYPE_CHECKING:
    from lowdb.repl.session import Session

KEYS = {
    "f1": "h",
    "f5": "c",
    "f9": "toggle",
    "f10": "n",
    "f11": "s",
    "s-f11": "r",
    "a-up": "u",
    "a-down": "d",
    "c-d": "q",
}
"""The line that each key stands for; `toggle` is a breakpoint on this line, or none."""

_KEYS_SHOWN = {
    "f5": "F5 cont",
    "f10": "F10 next",
    "f11": "F11 step",
    "s-f11": "⇧F11 finish",
    "f9": "F9 break",
    "f1": "F1 help",
}
_LOOKING = {"a-up": "Alt-↑ caller", "a-down": "Alt-↓ back", "f1": "F1 help"}
"""The same where nothing can be stepped."""
"""What the toolbar says of keys, where the person has not given them another line."""


class Helper:
    """The Assistant of a session, for one kind of prompt.

    "entry": commands and Python; "command": a line of a list of commands; "python": where no word is a command.
    """

    def __init__(self, session: Session, kind: Literal["entry", "command", "python"] = "entry") -> None:
        self._session = session
        self._kind = kind
        self._toolbar: tuple[str, ...] = ()

    def prepare(self) -> Helper:
        """Look at what other threads cannot see: called in the stopped thread; returns itself."""
        try:
            self._toolbar = tuple(self._parts())
        except Exception:  # a line at the bottom is not worth a word
            self._toolbar = ()
        return self

    def complete(self, text: str, cursor: int, full: bool = False) -> Completions:
        """How the entry can go on."""
        session = self._session
        try:
            if self._kind == "python":
                return python(Typed(session, text, cursor, full), 0)
            return complete_entry(session, text, cursor, full)
        except Exception as error:
            return Completions(note=f"lowdb: internal error: {type(error).__name__}: {error}")

    def parts(self, entry: str) -> list[str]:
        """The commands and pieces of Python of an entry of several lines."""
        return parts(entry, self._is_command)

    def unfinished(self, text: str) -> str | None:
        """The indentation of the next line where Enter begins one, None where Enter ends the entry."""
        if self._kind == "command":
            return None
        try:
            return next_indentation(text, self._is_command)
        except Exception:
            return None

    def hint(self, text: str) -> str:
        """What Enter will do, where that is not plain to see."""
        try:
            return self._hint(text) if self._kind == "entry" else ""
        except Exception:
            return ""

    def toolbar(self) -> tuple[str, ...]:
        """Where it is, in which thread, how many breakpoints; what the keys do."""
        return self._toolbar

    def history(self) -> tuple[str, ...]:
        """The entries of this and earlier sessions, the oldest first."""
        return tuple(self._session.lines.history.entries())

    def edit(self, text: str) -> str:
        """The text as the person leaves it in their editor. Raises NoEditor."""
        return edit_text(text)

    def key(self, name: str) -> str | None:
        """The line that the key stands for."""
        if self._kind != "entry":
            return None
        line = self._session.settings.keys.get(name, KEYS.get(name, ""))
        try:
            return self._toggle() if line == "toggle" else line or None
        except Exception:
            return "b ."  # which says what is wrong

    # --- help for these ---------------------------------------------------------------------------

    def _is_command(self, line: str) -> bool:
        if self._kind == "python":
            return False
        word = line.split(maxsplit=1)[0] if line.strip() else ""
        return word in self._session.lines.aliases or bool(read(line, commands).word)

    def _hint(self, text: str) -> str:
        session = self._session
        if not text:
            last = session.lines.last.strip()
            return f"{last} again" if last else ""
        stripped = text.strip()
        body = session.lines.aliases.get(stripped.split(maxsplit=1)[0]) if stripped else None
        if body is not None:
            return f"alias: {body}"
        word, rest = read(stripped, commands)
        command = commands.get(word)
        if command is not None and not rest and stripped == word:
            also = f"  (variable: p {word})" if word.isidentifier() and self._is_variable(word) else ""
            return f"{command.names[0]} command{also}"
        first = stripped.split(maxsplit=1)[0].rstrip("=") if stripped else ""
        if command is None and first in commands and not text.startswith("!"):
            return "Python"
        return ""

    def _is_variable(self, name: str) -> bool:
        names = Names(self._session.frame, {})
        names.spaces = [(kind, space) for kind, space in names.spaces if kind != "builtin"]
        try:
            names.get(name)
        except Unresolved:
            return False
        return True

    def _toggle(self) -> str:
        session = self._session
        here = canonical(session.frame.f_code.co_filename), session.selection.line
        numbers = [
            str(point.number)
            for point in session.debugger.breakpoints()
            if point.kind in ("line", "function") and here in [(place.filename, place.line) for place in point.places]
        ]
        return f"cl {' '.join(numbers)}" if numbers else "b ."

    def _parts(self) -> list[str]:
        session = self._session
        code = session.frame.f_code
        found = [f"{brief(canonical(code.co_filename))}:{session.selection.line} {code.co_qualname}"]
        threads = session.debugger.threads()
        if len(threads) > 1:
            idents = [state.info.ident for state in threads]
            number = idents.index(session.stop.thread) + 1 if session.stop.thread in idents else "?"
            found.append(f"{short_name(thread_name(session.stop.thread))} {number}/{len(threads)}")
        task = None if session.stop.post_mortem else task_name()
        if task is not None:
            found.append(task)
        points = session.debugger.breakpoints()
        if points:
            found.append(f"● {sum(point.enabled for point in points)}")
        shown = _LOOKING if session.stop.post_mortem else _KEYS_SHOWN
        return [*found, " ".join(words for name, words in shown.items() if name not in session.settings.keys)]
