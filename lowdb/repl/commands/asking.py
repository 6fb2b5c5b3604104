"""The other commands: help, Python prompts, what a thing is."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, cast

from lowdb.program.paths import START_DIRECTORY
from lowdb.repl.arguments import ArgumentError
from lowdb.repl.blocks import Help
from lowdb.repl.commands.running import nothing_more
from lowdb.repl.evaluation import Failed, kind_of
from lowdb.repl.printing import shown
from lowdb.repl.python import run_python
from lowdb.repl.registry import GROUPS, Command, command, commands
from lowdb.repl.transcript import Transcript

if TYPE_CHECKING:
    from lowdb.repl.console import Console
    from lowdb.repl.session import Session

_LEAVES = frozenset({"exit", "quit", "exit()", "quit()"})


@command("help", "h", "?", group="other", arguments="[COMMAND]", takes="topic")
def help_(session: Session, rest: str) -> None:
    """Show what there is, or all about one command.

    `h names` lists the names that expressions may use here, `h python` when a line is Python.
    """
    if not rest:
        return session.show(Help(overview()))
    if rest in TOPICS:
        return session.show(Help(TOPICS[rest]))
    found = commands.get(rest.split(maxsplit=1)[0])
    if found is None:
        guess = commands.suggest(rest)
        raise ArgumentError(f"no command {rest!r}" + (f" (did you mean {guess!r}?)" if guess else ""))
    return session.show(Help(page(found)))


TOPICS = {
    "names": "$ret    what the function returns, at its exit or after a step out of it\n"
    "$exc    the exception, where one stopped the program\n"
    "$hits   how often the breakpoint stopped\n"
    "$bp     its number\n"
    "$thread, $task   the names of the thread and the asyncio task\n"
    "$old, $new   what a watched variable held before, and holds now, where a watch stopped\n"
    "$frame  the selected frame object",
    "python": "A line is a command when its first word is one, unless the rest assigns (c = 3, n += 1) or goes on at\n"
    "once like an expression (list(x), n.bit_length(), n+1). Everything else is Python: expressions show their\n"
    "value, statements run, an open block goes on until an empty line. `!` before a line makes it Python.\n"
    "A lone command word is the command even where a variable has that name: p c, or !c.",
}


def overview() -> str:
    """The commands in one line a group."""
    lines = []
    for group, title in GROUPS.items():
        words = []
        for entry in commands:
            if entry.group == group:
                short = min(entry.names, key=len)
                words.append(entry.names[0] if short == entry.names[0] else f"{short} ({entry.names[0]})")
        lines.append(f"{title}: {'  '.join(words)}")
    lines.append("h COMMAND tells more.  h names: $ret, $exc …  h python: command or Python?")
    return "\n".join(lines)


def page(entry: Command) -> str:
    """All about one command."""
    usage = f"{entry.names[0]} {entry.arguments}".rstrip()
    also = f"   (also {', '.join(entry.names[1:])})" if len(entry.names) > 1 else ""
    return f"{usage}{also}\n\n{entry.help}"


@command("interact", group="other")
def interact(session: Session, rest: str) -> None:
    """A Python prompt in the selected frame, where no word is a command. The end of input, or exit(), leaves it.

    Assignments change the program's variables.
    """
    nothing_more("interact", rest)
    session.say("Python in the selected frame (exit() or the end of input leaves it)")
    while True:
        try:
            line = session.lines.more(">>> ", "python")
        except EOFError:
            return session.say("")
        except KeyboardInterrupt:
            session.say("\nKeyboardInterrupt")
            continue
        if line.strip() in _LEAVES:
            return None
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            run_python(session, line)
        except ArgumentError as error:
            session.problem(error)
        except Failed as error:
            session.say(str(error))
        except KeyboardInterrupt:
            session.say("KeyboardInterrupt")


@command("transcript", group="other", arguments="[FILE]", takes="file")
def transcript(session: Session, rest: str) -> None:
    """Write everything that is typed and shown from now on into FILE as well, at its end; alone, stop that.

    It is plain text. What the program prints is not in it. A relative name is seen from where lowdb was started.

        transcript /tmp/session.txt
    """
    console = session.console
    if isinstance(console, Transcript):
        session.say(f"transcript off  ({console.filename})")
        console.flush()
        session.console = session.lines.console = console.console
    elif not rest:
        raise ArgumentError("no transcript is written (transcript FILE writes one)")
    if not rest:
        return
    filename = os.path.join(START_DIRECTORY, os.path.expanduser(rest))
    taken = Transcript(session.console, filename)
    try:
        taken.begin(f"# transcript of lowdb: {rest}\n")
    except OSError as error:
        raise ArgumentError(f"no transcript: {filename}: {error.strerror}") from None
    session.console = session.lines.console = cast("Console", taken)
    session.say(f"transcript on  {filename}")


@command("debug", group="other", arguments="EXPR", takes="expression")
def debug(session: Session, rest: str) -> None:
    """Run an expression or statement with breakpoints in force, and stop in it as in the program.

    Elsewhere at a prompt breakpoints are passed over: `p f(1)` does not stop in f.

        debug apply_discount(100, 2)
    """
    if not rest:
        raise ArgumentError("debug needs an expression")
    if kind_of(rest) != "expression":
        session.debugger.nested(lambda: run_python(session, rest))
    else:
        value = session.debugger.nested(lambda: session.evaluate(rest))
        if value is not None:
            session.say(shown(session, value))
    session.show_place()
