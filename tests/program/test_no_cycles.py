"""What looks at the stacks keeps no frame alive: the program's objects die when the program lets go of them."""

from __future__ import annotations

import gc
import sys
import weakref

import pytest

from lowdb.engine.monitor import Monitor
from lowdb.engine.watches import Watches
from lowdb.engine.world import World
from lowdb.program import codes, completion, evaluate, frames, scopes, tasks, threads
from lowdb.program.mycode import MyCode


class Thing:
    pass


LOOKS = {
    "threads": lambda frame: threads.threads(),
    "newest_frames": lambda frame: threads.newest_frames(),
    "main_ident": lambda frame: threads.main_ident(),
    "live_codes": lambda frame: list(codes.live_codes()),
    "all_tasks": lambda frame: tasks.all_tasks(),
    "evaluate": lambda frame: evaluate.evaluate("thing", frame),
    "execute": lambda frame: evaluate.execute("made = thing", frame),
    "variables": lambda frame: scopes.variables(frame, "locals"),
    "stack": lambda frame: frames.stack(frame, MyCode()),
    "call_text": frames.call_text,
    "complete": lambda frame: [
        completion.complete(t, len(t), frame) for t in ("th", "thing.", "thing.x.y.", "thing[0]")
    ],
    "world": lambda frame: World(Watches(Monitor()))._take(),
}


@pytest.mark.parametrize("look", LOOKS)
def test_a_look_keeps_nothing_of_the_program_alive(look):
    gone = []

    def program():
        thing = Thing()
        weakref.finalize(thing, gone.append, True)
        LOOKS[look](sys._getframe())
        if look == "execute":
            evaluate.execute("del made", sys._getframe())

    gc.collect()
    gc.disable()
    try:
        program()
        assert gone == [True]
    finally:
        gc.enable()
