"""A stop in words: where, why, what else is worth a line. Reads the stop; changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lowdb.engine.stops import Reason
from lowdb.program import tasks
from lowdb.program.frames import call_text, exception_chain
from lowdb.program.paths import canonical
from lowdb.program.scopes import variables
from lowdb.program.sources import source
from lowdb.program.values import summary
from lowdb.repl.blocks import Gap, Note, Stack, StackEntry, StopView
from lowdb.repl.changes import change_words, changed_by
from lowdb.repl.evaluation import describe
from lowdb.repl.points import counted
from lowdb.repl.views import brief, clean

if TYPE_CHECKING:
    from types import FrameType

    from lowdb.engine.stops import Finished, Hit, Stop
    from lowdb.program.frames import FrameInfo
    from lowdb.repl.blocks import Block, SourceView, Words
    from lowdb.repl.selection import Selection

_EXITS = (Reason.RETURNS, Reason.UNWINDS)
_CALLERS = 2
_GENERATED_ASYNC = 0x280  # CO_COROUTINE | CO_ASYNC_GENERATOR


def place(frame: FrameType, line: int, suffix: str = "") -> str:
    """`/abs/path.py(59)function()`, the form that pdb prints and editors look for."""
    code = frame.f_code
    return f"{canonical(code.co_filename)}({line}){code.co_name}(){suffix}"


def step_view(stop: Stop, line: int, view: SourceView | None) -> StopView:
    """A step inside one function: as little as possible."""
    where = f"{brief(canonical(stop.frame.f_code.co_filename))}:{line}  {stop.frame.f_code.co_qualname}"
    return StopView(place(stop.frame, line), [("word", "step")], "", view, where=where)


def stop_view(stop: Stop, selection: Selection, view: SourceView | None) -> StopView:
    """Any other stop, with its callers."""
    if stop.post_mortem:
        return post_mortem_view(stop, selection)
    frame, line = selection.frame, selection.line
    suffix = f"->{summary(stop.value)}" if stop.reason is Reason.RETURNS else ""
    lines = callers(stop, selection)
    if stop.note:
        lines.append(Note(stop.note))
    return StopView(place(frame, line, suffix), reason(stop, selection), detail(stop), view, lines)


def reason(stop: Stop, selection: Selection) -> Words:
    """The left part of the reason line."""
    why = stop.reason
    if selection.index:  # paused somewhere in a library: the person's own frame first
        info, inner = selection.frames[selection.index], selection.frames[0]
        return (
            *_place(why.value, f"{brief(info.filename)}:{info.line}"),
            ("call", _call(info)),
            ("note", f"   in {inner.qualname} {brief(inner.filename)}:{inner.line}"),
        )
    where = f"{brief(canonical(stop.frame.f_code.co_filename))}:{selection.line}"
    name = ("call", stop.frame.f_code.co_qualname)
    match why:
        case Reason.START:
            return (*_place("start", where), ("call", call_text(stop.frame)))
        case Reason.RETURNS:
            return (*_place("returns", where), name, ("", "  =>  "), ("value", summary(stop.value)))
        case Reason.UNWINDS:
            return (*_place("unwinds", where, "failure"), name, ("", "  =>  "), ("exception", _exception(stop)))
        case Reason.RAISED | Reason.UNCAUGHT | Reason.USER_UNCAUGHT:
            error = ("exception", _exception(stop))
            return (("failure", why.value), ("", "  "), error, ("", "  "), ("place", where), ("", "  "), name)
        case Reason.BREAKPOINT:
            numbers = ", ".join(str(hit.breakpoint.number) for hit in stop.hits)
            return (*_place(f"breakpoint {numbers}", where, note=_gone(stop)), ("call", call_text(stop.frame)))
        case Reason.WATCH:
            word, changes = change_words(stop)
            return (*_place(word, where, note=_gone(stop)), *changes)
        case Reason.STEP if stop.finished is not None:
            return (*_place("step", where), name, ("", "  ·  "), *finished(stop.finished))
        case _:
            return (*_place(why.value, where), ("call", call_text(stop.frame)))


def _gone(stop: Stop) -> str:
    return " (temporary, now gone)" if any(hit.breakpoint.spec.temporary for hit in stop.hits) else ""


def _place(word: str, where: str, kind: str = "word", note: str = "") -> Words:
    """The beginning of most reasons."""
    return (kind, word), ("note", note), ("", "  "), ("place", where), ("", "  ")


def finished(end: Finished) -> Words:
    """How the frame that a step came out of ended."""
    if end.exception is not None:
        return (("call", end.function), ("", " raised "), ("exception", describe(end.exception)))
    if not end.seen:
        return (("call", end.function), ("", " ended"))
    return (("call", end.function), ("", " returned "), ("value", summary(end.value)))


def detail(stop: Stop) -> Words:
    """The right part of the reason line: which traps, their conditions, the values that these used, counts."""
    named = stop.reason is not Reason.BREAKPOINT
    parts: list[tuple[str, str]] = []
    for hit in stop.hits:
        if parts:
            parts.append(("", " · "))
        if hit.change is not None:
            parts.append(("", f"{changed_by(hit.change)} · "))
        elif named or len(stop.hits) > 1:
            parts.append(("", f"{_called(hit)} {hit.breakpoint.number} · "))
        parts += hit_words(hit)
    if stop.frame.f_code.co_flags & _GENERATED_ASYNC and (task := tasks.task_name()) is not None:
        parts.append(("", f"{' · ' if parts else ''}task {task}"))
    return tuple(parts)


def _called(hit: Hit) -> str:
    return {"exit": "trap", "raise": "catch", "watch": "watch"}.get(hit.breakpoint.spec.kind, "breakpoint")


def hit_words(hit: Hit) -> Words:
    """`hit 3 of 41 · if square > 30  →  square = 36`, or the error of the condition."""
    text = f"hit {hit.hits}" if hit.hits == hit.reached else f"hit {hit.hits} of {hit.reached}"
    if hit.breakpoint.spec.hits:
        text += f" · {counted(hit.breakpoint.spec.hits)}"
    words = [("", text)]
    if hit.condition is not None:
        words += [("", " · if "), ("condition", hit.condition)]
    if hit.problem is not None:
        what = "log message" if hit.breakpoint.spec.log is not None else "condition"
        return (*words, ("", f"  →  the {what} raised "), ("exception", describe(hit.problem)))
    if hit.values:
        found = ", ".join(f"{name} = {summary(value)}" for name, value in hit.values)
        words += [("", "  →  "), ("value", found)]
    return tuple(words)


def _exception(stop: Stop) -> str:
    return describe(stop.exception) if stop.exception is not None else "an exception"


def callers(stop: Stop, selection: Selection) -> list[Block]:
    """`from …` (or `to …` at an exit): where the frame returns to; `awaited by …` for a task."""
    frames = selection.frames
    here = frames[selection.index].filename if frames else ""
    shown = [index for index in selection.visible() if index > selection.index]
    if not shown:
        return []
    between = [info.hidden for info in frames[selection.index + 1 : shown[0]]]
    words = ""
    if between:
        kind = "loop" if set(between) == {"event loop"} else "library"
        words = f"   {len(between)} {kind} frame{'s' * (len(between) > 1)} between (bt full)"
    nearest = frames[shown[0]]
    if stop.reason in _EXITS:
        text = f"to  {_where(nearest, here)}  {source_text(nearest):<40}  in {nearest.qualname}{words}"
        return [Note(text, "caller")]
    text = "  ·  ".join(f"{_where(frames[i], here)}  {_call(frames[i])}" for i in shown[:_CALLERS])
    if len(shown) > _CALLERS:
        text += f"  ·  {len(shown) - _CALLERS} more (w)"
    return [Note(f"from  {text}{words}", "caller"), *awaiters(stop, here)]


def awaiters(stop: Stop, here: str) -> list[Block]:
    """`awaited by …`: the tasks that wait for the one that stopped."""
    if not stop.frame.f_code.co_flags & _GENERATED_ASYNC:
        return []
    found = tasks.all_tasks()
    current = next((info for info in found if info.current), None)
    if current is None:
        return []
    words = []
    for info in found:
        if info in current.waiters and info.frame is not None:
            outer = info.stack[-1]
            filename = canonical(outer.f_code.co_filename)
            where = str(outer.f_lineno) if filename == here else f"{brief(filename)}:{outer.f_lineno}"
            words.append(f"{where}  {outer.f_code.co_qualname}  (task {info.name})")
    return [Note(f"awaited by  {'  ·  '.join(words[:_CALLERS])}", "caller")] if words else []


def _call(info: FrameInfo) -> str:
    return "<module>" if info.function == "<module>" else call_text(info.frame)


def _where(info: FrameInfo, here: str) -> str:
    return str(info.line) if info.filename == here else f"{brief(info.filename)}:{info.line}"


def source_text(info: FrameInfo) -> str:
    """The frame's current line without its indentation, or ""."""
    text = source(info.filename, info.frame.f_globals)
    if text is None or not 0 < info.line <= len(text.lines):
        return ""
    return clean(text.lines[info.line - 1]).strip()


def stack_block(selection: Selection, indexes: list[int], gaps: bool = True) -> Stack:
    """Those frames of the selected stack, the oldest first; with `gaps`, what is left out between them is counted."""
    frames = selection.frames
    entries: list[StackEntry | Gap] = []
    above = len(frames)
    for i in reversed(indexes):
        if gaps and above - i > 1:
            entries.append(Gap(above - i - 1))
        above = i
        info = frames[i]
        where = f"{brief(info.filename)}:{info.line}"
        entries.append(StackEntry(i, info.qualname, where, source_text(info), i == selection.index, info.hidden or ""))
    return Stack(entries)


def post_mortem_view(stop: Stop, selection: Selection) -> StopView:
    """An exception that ended the program or a thread: its stack, what the selected frame held, its causes."""
    info = selection.info
    line = info.line if info is not None else stop.frame.f_lineno or 0
    frame = info.frame if info is not None else stop.frame
    lines: list[Block] = []
    if info is not None:
        values: list[str] = []
        for variable in variables(frame, "locals"):
            if frame.f_code.co_name == "<module>":
                break
            values.append(f"{variable.name} = {summary(variable.value)}")
            if sum(map(len, values)) > 100:
                values[-1] = "…"
                break
        if values:
            lines.append(Note("   " + "   ".join(values), "values"))
    if stop.exception is not None:
        chain = exception_chain(stop.exception)
        causes = [f"{how or 'then'}: {describe(exc)}" for exc, how in chain[1:6] if exc is not stop.exception]
        if causes:
            causes[-1] += "   (exceptions lists and selects them)"
        lines += [Note(text, "cause") for text in causes]
    if stop.note:
        lines.append(Note(stop.note))
    shown = selection.visible()
    return StopView(
        place(frame, line),
        [("failure", post_mortem_word(stop)), ("", "  "), ("exception", _exception(stop))],
        "(look only: c or q goes on with the program)"
        if called(stop)
        else "(post mortem: look only; run restarts, q quits)",
        stack_block(selection, shown[:20], gaps=len(shown) <= 20),
        lines,
    )


def called(stop: Stop) -> bool:
    """Whether this is the program's own call of post_mortem() or pm(): the exception was caught, the program lives."""
    return stop.post_mortem and stop.reason is Reason.CALL


def post_mortem_word(stop: Stop) -> str:
    """Why a post-mortem was opened."""
    return "post-mortem" if called(stop) else str(stop.reason.value)


def reason_word(stop: Stop) -> str:
    """Why it stopped, in two words: `breakpoint 2`, `step`."""
    if stop.reason is Reason.BREAKPOINT:
        return "breakpoint " + ", ".join(str(hit.breakpoint.number) for hit in stop.hits)
    return post_mortem_word(stop)


def short_name(thread: str) -> str:
    """A thread's name for the prompt: without the function that threading puts behind the number of its own making."""
    return thread.partition(" (")[0] or thread


def prompt_words(stop: Stop, thread: str | None, process: int | None = None) -> str:
    """What the prompt says besides lowdb: post-mortem, the thread (None for the main one), the task, `@` the process
    id (None where there is one process only).
    """
    words = []
    if stop.post_mortem:
        words.append("post-mortem")
    if thread is not None:
        words.append(short_name(thread))
    task = None if stop.post_mortem else tasks.task_name()
    if task is not None:
        words.append(task)
    if process is not None:
        words.append(f"@{process}")
    return " ".join("".join(c if c.isprintable() and c != ")" else "_" for c in word) for word in words)
