"""A line that is Python: reads on while a block is open, shows the value of an expression, runs statements."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lowdb.program.compiling import compile_quietly
from lowdb.program.evaluate import dollar
from lowdb.program.imports import standard
from lowdb.program.mycode import PROMPT
from lowdb.repl.arguments import ArgumentError
from lowdb.repl.blocks import Value
from lowdb.repl.evaluation import Failed, kind_of, syntax_problem
from lowdb.repl.printing import shown
from lowdb.repl.registry import commands

if TYPE_CHECKING:
    from typing import Any

    from lowdb.repl.session import Session

_AST_ONLY = 0x400  # ast.PyCF_ONLY_AST
_NAME_ERROR = r"NameError: name '(\w+)' is not defined"


def run_python(session: Session, text: str) -> None:
    """Run what was typed in the selected frame. Raises ArgumentError, Failed, KeyboardInterrupt, EOFError."""
    if not text:
        raise ArgumentError("Python is missing after '!'")
    if text.strip() in ("exit()", "quit()") and text[:4] not in session.frame.f_globals:
        raise ArgumentError(f"q ends the program ({text.strip()} would only close its standard input)")
    kind = kind_of(text)
    if kind == "incomplete":
        text = _read_on(session, text)
        kind = kind_of(text)
    if isinstance(kind, SyntaxError):
        raise _not_understood(kind, text)
    if kind == "expression":
        try:
            value = session.evaluate(text)
        except Failed as failed:
            raise _hinted(failed, text) from None
        if value is not None:
            session.show(Value(shown(session, value)))
        return
    session.console.flush()
    try:
        session.asker.execute(text, session.frame, session.stop)
    except Failed as failed:
        raise _hinted(failed, text) from None


def _read_on(session: Session, text: str) -> str:
    """The whole of an entry that one line leaves open: as long as it is incomplete, blocks to an empty line."""
    while True:
        try:
            line = session.read_line("... ")
        except EOFError:
            if session.console.interactive:
                raise
            return text + "\n"
        text += "\n" + line
        if not line.strip():
            return text
        kind = kind_of(text)
        if kind == "incomplete" or (kind == "statement" and in_block(text)):
            continue
        return text


def in_block(text: str) -> bool:
    """Whether the last line belongs to an indented block, which only an empty line ends."""
    lines = text.splitlines()
    if len(lines) < 2 or not (lines[-1][:1].isspace() or lines[-1].rstrip().endswith(":")):
        return False
    try:
        tree: Any = compile_quietly(dollar(text), PROMPT, "exec", _AST_ONLY)
    except (SyntaxError, ValueError):
        return True
    return hasattr(tree.body[-1], "body")  # else its last line is indented between brackets


def _not_understood(error: SyntaxError, text: str) -> ArgumentError:
    """A word with arguments that is no command, or Python that does not compile."""
    match = re.match(r"([A-Za-z_]\w*!?)(\s+(?![=<>!+*/%&|^.,:;)\]}-])|$)", text)
    with standard("keyword"):
        import keyword  # start-up: a typing error is late

    if match is None or keyword.iskeyword(match[1]) or keyword.issoftkeyword(match[1]):
        return syntax_problem(error, text)
    word = match[1]
    guess = commands.suggest(word)
    return ArgumentError(f"no command {word!r}" + (f" (did you mean {guess!r}?)" if guess else " (h lists them)"))


def _hinted(failed: Failed, text: str) -> Failed:
    """A lone word that is no name of the program may be a mistyped command."""
    match = re.match(_NAME_ERROR, str(failed))
    if match and match[1] == text.strip():
        guess = commands.suggest(match[1])
        if guess:
            failed.args = (f"{failed.args[0]} (did you mean the command {guess!r}?)",)
    return failed
