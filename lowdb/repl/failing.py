"""A test's failure in words: what its assertion says, the line where it failed, what that frame held.

Runs the exception's `__str__`, as every report of it does; changes nothing.
"""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

from lowdb.program.paths import canonical
from lowdb.program.scopes import variables
from lowdb.program.values import summary
from lowdb.repl.blocks import Note, StopView
from lowdb.repl.evaluation import describe
from lowdb.repl.stopping import callers, place
from lowdb.repl.views import brief, clean

if TYPE_CHECKING:
    from types import FrameType

    from lowdb.engine.stops import Stop
    from lowdb.repl.blocks import Block, SourceView
    from lowdb.repl.selection import Selection

MESSAGE = 12
"""Lines of an exception's message that are shown."""
_WIDTH = 100
"""Characters of a line of values."""
_RUNNERS = ("_pytest/", "unittest/")
"""Where runners of tests raise what an assertion of theirs found: no news for a person."""
_LINES = 4
"""Lines of values."""


def failed_view(stop: Stop, selection: Selection, view: SourceView | None) -> StopView:
    """The stop at a test's failure; `view`: the source around the selected frame."""
    error, frame, line = stop.exception, selection.frame, selection.line
    first, *rest = message_lines(error) if error is not None else ["an exception"]
    lines: list[Block] = [Note(clean(text), "cause") for text in rest[:MESSAGE]]
    if len(rest) > MESSAGE:
        lines.append(Note(f"… {len(rest) - MESSAGE} more lines (p -f str($exc))"))
    inner = selection.frames[0]
    if selection.index and not brief(inner.filename).startswith(_RUNNERS):
        lines.append(Note(f"raised in  {brief(inner.filename)}:{inner.line}  {inner.qualname}   (d goes there)"))
    lines += callers(stop, selection)
    lines += [Note(text, "values") for text in value_lines(frame)]
    if stop.note:
        lines.append(Note(stop.note))
    reason = [("failure", stop.reason.value), ("", "  "), ("exception", first)]
    where = f"{brief(canonical(frame.f_code.co_filename))}:{line}  {frame.f_code.co_qualname}"
    return StopView(place(frame, line), reason, stop.subject, view, lines, where=where)


def message_lines(error: BaseException) -> list[str]:
    """`TypeName: message`, in the lines that the message has, without the empty ones. Never raises."""
    try:
        text = str(error)
        shown = [line.rstrip() for line in str.splitlines(text) if line.strip()]
    except KeyboardInterrupt:
        raise
    except BaseException:
        shown = []
    if len(shown) < 2:
        return [describe(error)]
    return [f"{type.__getattribute__(type(error), '__name__')}: {clean(shown[0])}", *shown[1:]]


def value_lines(frame: FrameType) -> list[str]:
    """The local variables of a function, `name = value`, several a line, in at most four lines."""
    if frame.f_code.co_name == "<module>":
        return []
    lines: list[str] = []
    found = [variable for variable in variables(frame, "locals") if type(variable.value) is not ModuleType]
    for number, variable in enumerate(found):
        text = f"{variable.name} = {summary(variable.value)}"
        if lines and len(lines[-1]) + len(text) < _WIDTH:
            lines[-1] += f"   {text}"
        elif len(lines) == _LINES:
            lines[-1] += f"   … {len(found) - number} more (locals)"
            break
        else:
            lines.append(text)
    return lines
