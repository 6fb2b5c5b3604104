"""Commands for threads and asyncio tasks: who is there, what each does, look at another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lowdb.program import tasks
from lowdb.program.frames import FrameInfo, stack
from lowdb.program.threads import thread_name
from lowdb.repl.arguments import ArgumentError
from lowdb.repl.blocks import Table
from lowdb.repl.commands.running import nothing_more
from lowdb.repl.python import run_python
from lowdb.repl.registry import command
from lowdb.repl.selection import Selection
from lowdb.repl.stopping import reason_word, short_name
from lowdb.repl.views import brief

if TYPE_CHECKING:
    from types import FrameType

    from lowdb.engine.debugger import ThreadState
    from lowdb.repl.session import Session


@command("threads", "th", group="threads")
def threads(session: Session, rest: str) -> None:
    """List the threads; `>` is the one looked at.

    Stopped ones can be stepped; of the others the place is a snapshot.
    """
    nothing_more("threads", rest)
    rows = []
    for number, state in enumerate(session.debugger.threads(), 1):
        info = state.info
        place, function = _place(session, info.frame)
        words = state.state + (" (daemon)" if info.daemon else "")
        stop = state.stop
        if info.ident == session.stop.thread:
            words = "stopped"
            place, function = _place(session, session.stop.frame)
            note = reason_word(session.stop)
        elif stop is not None:
            words = "waiting"
            place, function = _place(session, stop.frame)
            note = f"{reason_word(stop)} (in line for the prompt)"
        else:
            note = ""
        mark = ">" if _looked_at(session, info.ident) else " "
        rows.append((mark, str(number), info.name, words, place, function, note))
    session.show(Table(rows, ("mark", "number", "name", "state", "place", "function", "words")))


@command("thread", group="threads", arguments="[N | NAME]", takes="thread")
def thread(session: Session, rest: str) -> None:
    """Look at another thread, by its number in `threads` or its name; alone, say which one this is.

    A thread that waits with a stop of its own gets the prompt: it can be stepped. Of a running one the stack is
    a snapshot to look at.
    """
    states = session.debugger.threads()
    if not rest:
        selection = session.selection
        more = f"; {selection.running} ({selection.way_back})" if selection.running else ""
        return session.say(f"thread {thread_name(session.stop.thread)}{more}")
    chosen = _find(states, rest)
    ident = chosen.info.ident
    if ident == session.stop.thread:
        session.look_back()
        return session.show_place()
    if session.hand_over(ident):
        return None
    frame = chosen.info.frame
    if frame is None:
        raise ArgumentError(f"thread {chosen.info.name} has no Python frame now")
    words = f"thread {chosen.info.name} is {chosen.state}: this is a snapshot"
    if chosen.state == "held":
        words = f"thread {chosen.info.name} is held as long as you look: c lets it come to a stop of its own"
    return look(session, frame, chosen.info.name, words)


@command("tasks", "ta", group="threads")
def tasks_(session: Session, rest: str) -> None:
    """List the asyncio tasks: where each is, what it awaits, and who awaits it."""
    nothing_more("tasks", rest)
    found = tasks.all_tasks()
    if not found:
        return session.say("no asyncio tasks")
    mycode = session.debugger.mycode
    rows = []
    for number, info in enumerate(found, 1):
        if info.current:
            place, function = _place(session, session.stop.frame)
        else:
            place, function = _where(session, [FrameInfo(f, f.f_lineno or 0, mycode) for f in info.stack])
        state = "stopped" if info.current else info.state
        rows.append(
            (
                ">" if info.current else " ",
                str(number),
                info.name,
                place,
                function,
                state + (f"  ← {', '.join(info.awaited_by)}" if info.awaited_by else ""),
            )
        )
    return session.show(Table(rows, ("mark", "number", "name", "place", "function", "words")))


@command("task", group="threads", arguments="[N | NAME]", takes="task")
def task(session: Session, rest: str) -> None:
    """Look at the suspended frames of another asyncio task, by its number in `tasks` or its name.

    Its variables can be read and changed; only the running task can be stepped.
    """
    current = tasks.task_name()
    if not rest:
        return session.say(f"task {current}" if current is not None else "no task runs in this thread")
    found = tasks.all_tasks()
    names = [info.name for info in found]
    if rest.isdecimal() and 0 < int(rest) <= len(found) and rest not in names:
        info = found[int(rest) - 1]
    elif rest in names:
        info = found[names.index(rest)]
    else:
        raise ArgumentError(f"no task {rest!r} (tasks lists them)")
    if info.current:
        session.look_back()
        return session.show_place()
    if info.frame is None:
        raise ArgumentError(f"task {info.name} has no frame: {info.state}")
    return look(session, info.frame, info.name, f"task {info.name} is suspended", info.stack)


@command("await", group="threads", arguments="EXPR", takes="expression")
def await_(session: Session, rest: str) -> None:
    """Await something on the event loop that the program stopped in, and show what it gives.

    The loop runs on until it is done, and with it its other tasks, without breakpoints; the task that stopped stands
    still. Ctrl-C cancels it. `await` works in any Python at the prompt: `x = await f()`, `p await f()`. Where no loop
    runs in this thread, a fresh one does it. The loops of uvloop and trio cannot be run on from inside.

        await session.get(url)
        await asyncio.sleep(0.1)
    """
    if not rest:
        raise ArgumentError("await needs an expression: await EXPR")
    run_python(session, f"await {rest}")


def look(session: Session, frame: FrameType, name: str, why: str, frames: list[FrameType] | None = None) -> None:
    """Select a stack that belongs to another thread or task, and say so."""
    mycode = session.debugger.mycode

    def load() -> list[FrameInfo]:
        if frames is None:
            return stack(frame, mycode)
        return [FrameInfo(one, one.f_lineno or one.f_code.co_firstlineno, mycode) for one in frames]

    current = tasks.task_name() if frames is not None else None
    stopped = f"thread {thread_name(session.stop.thread)}" if current is None else f"task {current}"
    selection = Selection(session.stop, load, mycode, short_name(name), why, f"{stopped} leads back")
    selection.select_own()
    session.look_at(selection)
    session.say(why)
    session.show_place()


def _find(states: list[ThreadState], text: str) -> ThreadState:
    for state in states:
        if text in (state.info.name, short_name(state.info.name)):
            return state
    if text.isdecimal() and 0 < int(text) <= len(states):
        return states[int(text) - 1]
    raise ArgumentError(f"no thread {text!r} (threads lists them)")


def _looked_at(session: Session, ident: int) -> bool:
    selection = session.selection
    if not selection.running:
        return ident == session.stop.thread
    frame = selection.frames[0].frame if selection.frames else None
    return any(s.info.ident == ident and s.info.frame is frame for s in session.debugger.threads())


def _place(session: Session, frame: FrameType | None) -> tuple[str, str]:
    """Where a thread is: file and line, function."""
    return _where(session, stack(frame, session.debugger.mycode) if frame is not None else [])


def _where(session: Session, infos: list[FrameInfo]) -> tuple[str, str]:
    """The newest of the frames that is the person's own code, else the newest that is not machinery."""
    if not infos:
        return "-", "-"
    visible = [info for info in infos if not info.hidden] or infos
    info = next((info for info in visible if info.mine), visible[0])
    return f"{brief(info.filename)}:{info.line}", info.qualname
