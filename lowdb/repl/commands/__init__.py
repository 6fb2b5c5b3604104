"""The commands, by topic: one function each; importing this package registers them all."""

from lowdb.repl.commands import (
    asking,
    breaking,
    choosing,
    entries,
    looking,
    running,
    saving,
    showing,
    threads,
    watching,
)

__all__ = [
    "asking",
    "breaking",
    "choosing",
    "entries",
    "looking",
    "running",
    "saving",
    "showing",
    "threads",
    "watching",
]
