"""Does one line: alias, `;;`, command or Python; turns whatever goes wrong into a line on the screen."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lowdb.engine.conditions import ConditionError
from lowdb.engine.locations import LocationError
from lowdb.repl import commands as _commands  # noqa: F401 - their modules register them
from lowdb.repl.arguments import ArgumentError, compiles
from lowdb.repl.blocks import Problem
from lowdb.repl.evaluation import Failed, describe
from lowdb.repl.language import read, split
from lowdb.repl.python import run_python
from lowdb.repl.registry import commands, keeps_rest

if TYPE_CHECKING:
    from lowdb.engine.stops import Resume
    from lowdb.repl.session import Session


_OPERATOR = r"==|!=|<=|>=|(?:\*\*|//|<<|>>|[-+*/%@&|^<>]|and|or|in|is|not|if)\s"


def do(session: Session, line: str, typed: bool = False) -> Resume | None:
    """Do one line, which may hold several commands: how to go on, or None for another line.

    Never raises, unless Ctrl-C comes while a problem is shown. `typed`: by a person, for whom an empty line repeats.
    """
    lines = session.lines
    if typed and not line.strip():
        line = lines.last
    if not line or line.isspace():
        return None
    try:
        first, rest = split(lines.without_alias(line), keeps_rest)
        if rest:
            lines.put_back(rest)
        return _one(session, first, line if typed and not rest else "")
    except ArgumentError as error:
        session.problem(error)
    except ConditionError as error:
        session.show(Problem(f"SyntaxError: {error.message}", error.text, error.offset))
    except (LocationError, Failed) as error:
        session.show(Problem(str(error)))
    except KeyboardInterrupt:
        lines.drop()
        session.cancelled()
    except EOFError:
        session.say("")
    except Exception as error:
        own_fault(session, error)
    return None


def _one(session: Session, text: str, line: str) -> Resume | None:
    """`line`: what an empty line may repeat, or ""."""
    if not text or text.startswith("#"):
        return None
    word, rest = read(text, commands)
    command = commands.get(word)
    if line:
        session.lines.last = line if command is not None and command.repeats else ""
    if command is None:
        run_python(session, rest)
        return None
    if command.steps and session.selection.running:
        raise ArgumentError(f"{session.selection.running}, it cannot be stepped ({session.selection.way_back})")
    try:
        return command.function(session, rest)
    except ArgumentError as error:
        raise _hinted(error, f"{word} {rest}", rest) from None


def _hinted(error: ArgumentError, text: str, rest: str) -> ArgumentError:
    """What is wrong with a command's arguments, with the way to say it where Python may have been meant."""
    if re.match(_OPERATOR, rest) and compiles(text):
        return ArgumentError(f"{error.message} (as Python: !{text})", error.text, error.offset)
    return error


def own_fault(session: Session, error: BaseException) -> None:
    """An error of lowdb's own: one line with the place, for a report."""
    place = ""
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        place = f" in {code.co_name}, {code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}"
        trace = trace.tb_next
    session.show(Problem(f"lowdb: internal error: {describe(error)}{place}"))
