"""The other commands: help, settings, aliases, history, whose code is mine, Python prompts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lowdb.repl.arguments import ArgumentError, whole
from lowdb.repl.blocks import Help, Table
from lowdb.repl.commands.running import nothing_more
from lowdb.repl.evaluation import Failed, kind_of
from lowdb.repl.language import suggestion
from lowdb.repl.printing import shown
from lowdb.repl.python import run_python
from lowdb.repl.registry import GROUPS, Command, command, commands
from lowdb.repl.settings import ENGINE, KINDS

if TYPE_CHECKING:
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


@command("config", group="other", arguments="[KEY [= VALUE]]", takes="setting value")
def config(session: Session, rest: str) -> None:
    """Show the settings, or one, or set one.

    What is set here lasts as long as this session.

        config
        config context = 5
    """
    if not rest:
        rows = [(name, _text(session, name), kind.about) for name, kind in KINDS.items()]
        return session.show(Table(rows, ("name", "value", "words")))
    key, equals, value = rest.partition("=")
    if not equals:
        key, _, value = rest.partition(" ")
    key, value = key.strip(), value.strip()
    if key not in KINDS:
        guess = suggestion(key, list(KINDS))
        hint = f"did you mean {guess!r}?" if guess else "config lists them"
        raise ArgumentError(f"no setting {key!r} ({hint})")
    if value or equals:
        try:
            chosen = session.settings.set(key, value)
        except ValueError as error:
            raise ArgumentError(str(error)) from None
        if key in ENGINE:
            setattr(session.debugger.options, key, chosen)
        elif key == "just_my_code":
            session.debugger.mycode.enabled = bool(chosen)
    return session.say(f"{key} = {_text(session, key)}")


def _text(session: Session, name: str) -> str:
    value = session.settings[name]
    return str(value).lower() if type(value) is bool else str(value)


@command("alias", group="other", arguments="[NAME [COMMAND…]]", keeps_rest=lambda rest: True, takes="alias command")
def alias(session: Session, rest: str) -> None:
    """Give a command line a name of its own; alone, list the aliases; with a name only, show that one.

    `%1` to `%9` stand for the words typed after the name, `%*` for all of them.

        alias pl p len(%1)
        alias nn n;; lo
    """
    name, _, body = rest.partition(" ")
    if not name:
        if not session.lines.aliases:
            return session.say("no aliases")
        return session.show(Table((name, body) for name, body in session.lines.aliases.items()))
    if not body.strip():
        if name not in session.lines.aliases:
            raise ArgumentError(f"no alias {name!r}")
        return session.say(f"{name} = {session.lines.aliases[name]}")
    if not name.replace("_", "a").isalnum():
        raise ArgumentError(f"not a name for an alias: {name}")
    session.lines.aliases[name] = body.strip()
    return None


@command("unalias", group="other", arguments="NAME", takes="alias")
def unalias(session: Session, rest: str) -> None:
    """Forget an alias."""
    if session.lines.aliases.pop(rest, None) is None:
        raise ArgumentError(f"no alias {rest!r}")


@command("mycode", group="other", arguments="[on | off | +GLOB | -GLOB]", takes="'on'|'off'")
def mycode(session: Session, rest: str) -> None:
    """Choose where steps may stop: in your own code only (on), or anywhere (off).

    Your own code is what is neither the standard library nor installed. `+GLOB` counts files as yours, `-GLOB` as not.
    Breakpoints stop anywhere.

        mycode off
        mycode +*/site-packages/mylib/*
    """
    mine = session.debugger.mycode
    if rest in ("on", "off"):
        mine.enabled = rest == "on"
        session.settings.set("just_my_code", rest)
    elif rest[:1] == "+" and rest[1:].strip():
        mine.include(rest[1:].strip())
    elif rest[:1] == "-" and rest[1:].strip():
        mine.exclude(rest[1:].strip())
    elif rest:
        raise ArgumentError("mycode takes on, off, +GLOB or -GLOB")
    session.refresh()
    more = "".join(f"  {'+' if mine_too else '-'}{glob}" for glob, mine_too in mine.rules)
    session.say(f"mycode {'on' if mine.enabled else 'off'}{more}")


@command("history", group="other", arguments="[N]")
def history(session: Session, rest: str) -> None:
    """Show what was typed, the N newest lines of it."""
    number = whole(rest, "count") if rest else 50
    lines = list(session.lines.history)
    first = max(0, len(lines) - max(number, 0))
    session.show(Table((str(i + 1), line) for i, line in enumerate(lines) if i >= first))


@command("interact", group="other")
def interact(session: Session, rest: str) -> None:
    """A Python prompt in the selected frame, where no word is a command. The end of input, or exit(), leaves it.

    Assignments change the program's variables.
    """
    nothing_more("interact", rest)
    session.say("Python in the selected frame (exit() or the end of input leaves it)")
    while True:
        try:
            line = session.read_line(">>> ")
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
