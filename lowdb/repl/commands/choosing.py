"""Commands for what a person chooses: settings, aliases, whose code is mine."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from lowdb.repl.arguments import ArgumentError
from lowdb.repl.blocks import Table
from lowdb.repl.config import brief_name
from lowdb.repl.configfile import NotSaved, remove, save
from lowdb.repl.obeying import obey
from lowdb.repl.registry import command
from lowdb.repl.settings import FILE, KINDS, SECTIONS, did_you_mean, text_of

if TYPE_CHECKING:
    from lowdb.repl.session import Session


@command(
    "config",
    group="other",
    arguments="[KEY [= VALUE]] [--save] | --save [KEY…] | --unset KEY",
    takes="setting|'--save'|'--unset' value '--save'",
)
def config(session: Session, rest: str) -> None:
    """Show the settings and where their values come from, or one, or set one.

    What is set here lasts as long as the session; `--save` writes it into config.toml, alone all that was set here.
    `--unset` goes back to what holds without it; `--unset KEY --save` takes it out of config.toml, too.

        config context = 5
        config theme = monokai --save
        config --save
    """
    words = rest.split()
    if words[:1] == ["--unset"]:
        return _unset(session, words[1:])
    if words[:1] == ["--save"]:
        return _save(session, [_known(word) for word in words[1:]] or session.settings.chosen_at_prompt())
    saving = words[-1:] == ["--save"]
    if saving:
        rest = rest.removesuffix("--save").rstrip()
    if not rest:
        return _list(session)
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
    if saving:
        return _save(session, [key])
    return session.say(_told(session, key))


def _save(session: Session, keys: list[str]) -> None:
    settings = session.settings
    if not keys:
        raise ArgumentError("nothing was set here: config KEY = VALUE, or config --save KEY")
    for key in keys:
        value = settings[key]
        try:
            file = save(settings.places, KINDS[key].section, key, value)
        except NotSaved as error:
            raise ArgumentError(f"{key} was not saved: {error}") from None
        name = brief_name(file, os.environ)
        settings.put(key, value, FILE, name)
        session.say(f"{key} = {text_of(value)}   (saved in {name})")
        if settings.unset(key) != value:
            session.say(f"  but {settings.source(key)} says {text_of(settings[key])}, which wins over it")
            settings.set(key, text_of(value))


def _unset(session: Session, words: list[str]) -> None:
    saving = "--save" in words
    keys = [_known(word) for word in words if word != "--save"]
    if not keys:
        raise ArgumentError("which setting? config --unset KEY")
    for key in keys:
        if saving:
            try:
                remove(session.settings.places, KINDS[key].section, key)
            except NotSaved as error:
                raise ArgumentError(f"{key} was not taken out: {error}") from None
            session.settings.unset(key, FILE)
        session.settings.unset(key)
        obey(session.debugger, session.settings, key)
        session.say(_told(session, key))


def _known(key: str) -> str:
    if key not in KINDS:
        raise ArgumentError(f"no setting {key!r}{did_you_mean(key, list(KINDS)) or ' (config lists them)'}")
    return key


def _told(session: Session, key: str) -> str:
    source = session.settings.source(key)
    return f"{key} = {text_of(session.settings[key])}" + (f"   ({source})" if source not in ("", "set here") else "")


def _list(session: Session) -> None:
    """Every setting by section, with the source of each that is not the default, the keys, and where the file is."""
    settings = session.settings
    rows: list[tuple[str, ...]] = []
    for section in SECTIONS:
        rows.append((f"[{section}]",))
        for name, kind in KINDS.items():
            if kind.section == section:
                source = settings.source(name)
                about = f"{kind.about}   ({source})" if source else kind.about
                rows.append((name, text_of(settings[name]), about))
    if settings.keys:
        rows.append(("[keys]",))
        rows.extend((name, line, "") for name, line in settings.keys.items())
    session.show(Table(rows, ("name", "value", "words")))
    file = settings.places.config
    if file:
        there = "" if os.path.isfile(file) else "   (not there yet: config KEY = VALUE --save makes it)"
        session.say(f"file: {brief_name(file, os.environ)}{there}")


@command(
    "alias", group="other", arguments="[NAME [COMMAND…]] [--save]", keeps_rest=lambda rest: True, takes="alias command"
)
def alias(session: Session, rest: str) -> None:
    """Give a command line a name of its own; alone, list the aliases; with a name only, show that one.

    `%1` to `%9` stand for the words typed after the name, `%*` for all of them. `--save` at the end of the line keeps
    the alias in config.toml.

        alias pl p len(%1)
        alias nn n;; lo --save
    """
    words = rest.split()
    saving = words[-1:] == ["--save"]
    if saving:
        rest = rest.removesuffix("--save").rstrip()
    name, _, body = rest.partition(" ")
    aliases = session.lines.aliases
    if not name:
        if not aliases:
            return session.say("no aliases")
        return session.show(Table((name, body) for name, body in aliases.items()))
    if not name.replace("_", "a").isalnum():
        raise ArgumentError(f"not a name for an alias: {name}")
    if body.strip():
        aliases[name] = body.strip()
        if not saving:
            return None
    elif name not in aliases:
        raise ArgumentError(f"no alias {name!r}")
    if not saving:
        return session.say(f"{name} = {aliases[name]}")
    try:
        file = save(session.settings.places, "alias", name, aliases[name])
    except NotSaved as error:
        raise ArgumentError(f"{name} was not saved: {error}") from None
    return session.say(f"{name} = {aliases[name]}   (saved in {brief_name(file, os.environ)})")


@command("unalias", group="other", arguments="NAME [--save]", takes="alias")
def unalias(session: Session, rest: str) -> None:
    """Forget an alias; `--save` takes it out of config.toml, too."""
    name, _, more = rest.partition(" ")
    if more not in ("", "--save"):
        raise ArgumentError(f"not understood: {more} (unalias NAME [--save])")
    if session.lines.aliases.pop(name, None) is None:
        raise ArgumentError(f"no alias {name!r}")
    if more:
        try:
            remove(session.settings.places, "alias", name)
        except NotSaved as error:
            raise ArgumentError(f"{name} is still saved: {error}") from None


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
