"""Commands for what a person chooses: settings, aliases, whose code is mine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lowdb.repl.arguments import ArgumentError
from lowdb.repl.blocks import Table
from lowdb.repl.obeying import obey
from lowdb.repl.registry import command
from lowdb.repl.settings import KINDS, SECTIONS, did_you_mean, text_of

if TYPE_CHECKING:
    from lowdb.repl.session import Session


@command("config", group="other", arguments="[KEY [= VALUE]]", takes="setting value")
def config(session: Session, rest: str) -> None:
    """Show the settings, or one, or set one.

    What is set here lasts as long as this session.

        config
        config context = 5
    """
    if not rest:
        return session.show(_all(session))
    key, equals, value = rest.partition("=")
    if not equals:
        key, _, value = rest.partition(" ")
    key, value = _known(key.strip()), value.strip()
    if value or equals:
        try:
            session.settings.set(key, value)
        except ValueError as error:
            raise ArgumentError(str(error)) from None
        obey(session.debugger, session.settings, key)
    return session.say(_told(session, key))


def _known(key: str) -> str:
    if key not in KINDS:
        raise ArgumentError(f"no setting {key!r}{did_you_mean(key, list(KINDS)) or ' (config lists them)'}")
    return key


def _told(session: Session, key: str) -> str:
    source = session.settings.source(key)
    return f"{key} = {text_of(session.settings[key])}" + (f"   ({source})" if source not in ("", "set here") else "")


def _all(session: Session) -> Table:
    """Every setting by section, with the source of each that is not the default."""
    rows: list[tuple[str, ...]] = []
    for section in SECTIONS:
        rows.append((f"[{section}]",))
        for name, kind in KINDS.items():
            if kind.section == section:
                source = session.settings.source(name)
                about = f"{kind.about}   ({source})" if source else kind.about
                rows.append((name, text_of(session.settings[name]), about))
    return Table(rows, ("name", "value", "words"))


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
