"""Runs text in a frame as if it stood there: nested scopes see the frame's locals, assignments reach them.

Nothing of lowdb is left in the program's namespaces. The user's exception comes out as it is; `frames.trim` cuts the
frames of lowdb off its traceback.
"""

from __future__ import annotations

from contextlib import suppress
from types import CellType, FunctionType
from typing import TYPE_CHECKING

from lowdb.program.compiling import ALLOW_AWAIT, ALLOW_INCOMPLETE, compile_quietly
from lowdb.program.dollars import NAMES, column, dollar
from lowdb.program.mycode import PROMPT
from lowdb.program.scopes import (
    CannotAssign,
    assign_local,
    delete_local,
    function_names,
    is_function,
    is_module,
    locals_snapshot,
)
from lowdb.program.snippets import Snippet, snippet
from lowdb.program.threads import newest_frames

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping
    from types import CodeType, FrameType
    from typing import Any, Final, Literal

    type Wait = Callable[[Coroutine[Any, Any, Any]], object]

__all__ = ["NAMES", "column", "compile_expression", "dollar", "evaluate", "execute", "is_expression", "scratch"]

_NOTHING: Final[Mapping[str, object]] = {}


def compile_expression(text: str) -> CodeType:
    """Return the code of an expression, `$names` rewritten before. Raises SyntaxError, columns as in the text."""
    return compile_quietly(snippet(text, "eval").stripped, PROMPT, "eval")


def is_expression(text: str) -> str | SyntaxError:
    """Return "expression", "statement", "incomplete" (more lines may make it whole), or the SyntaxError that it is.

    A block whose body has begun is a "statement": whether more lines follow is the asker's to know.
    """
    stripped = dollar(text).strip()
    if not stripped:
        return SyntaxError("nothing to run")
    try:
        compile_quietly(stripped, PROMPT, "eval", ALLOW_AWAIT)
        return "expression"
    except (SyntaxError, ValueError):
        pass
    try:
        _parsed(text, "exec")
        return "statement"
    except ValueError as error:
        return SyntaxError(str(error))
    except SyntaxError as error:
        try:
            compile_quietly(stripped, PROMPT, "exec", ALLOW_INCOMPLETE | ALLOW_AWAIT)
        except SyntaxError as again:
            if again.msg == "incomplete input" or type(again).__name__ == "_IncompleteInputError":
                return "incomplete"
        except ValueError:
            pass
        return error


def waits(text: str) -> bool:
    """Return whether the text has `await` (or `async for`, `async with`) outside any function. False for bad text."""
    try:
        return _parsed(text, "exec").awaits
    except (SyntaxError, ValueError):
        return False


def no_wait(coroutine: Coroutine[Any, Any, Any]) -> object:
    """What takes a coroutine where nothing can be waited for. Raises SyntaxError."""
    coroutine.close()
    raise SyntaxError("nothing can be awaited here")


def evaluate(text: str, frame: FrameType, extra: Mapping[str, object] = _NOTHING, wait: Wait = no_wait) -> object:
    """Return the value of an expression in the frame. `extra` holds the values of rewritten `$names`.

    `wait` runs the coroutine that a text with `await` is. Raises SyntaxError, and whatever the expression raises.
    """
    return _run(_parsed(text, "eval"), frame, extra, wait)


def execute(text: str, frame: FrameType, extra: Mapping[str, object] = _NOTHING, wait: Wait = no_wait) -> None:
    """Run statements in the frame. What they bind is bound in the frame, also when they raise half-way.

    A name that a function's code has no place for is kept aside, for later texts in the same frame. `wait`: see
    `evaluate`.
    """
    _run(_parsed(text, "exec"), frame, extra, wait)


def _parsed(text: str, mode: Literal["eval", "exec"]) -> Snippet:
    try:
        return snippet(dollar(text), mode)
    except SyntaxError as error:
        if "$" in text and error.lineno and error.offset:
            line = text.split("\n")[error.lineno - 1]
            error.offset = column(line, error.offset - 1) + 1
            if error.end_offset and error.end_lineno == error.lineno:
                error.end_offset = column(line, error.end_offset - 1) + 1
            error.text = line
        raise


def _run(text: Snippet, frame: FrameType, extra: Mapping[str, object], wait: Wait) -> object:
    home = _Home(frame)
    if home.module and text.whole_scope and not extra and home.is_plain:
        return _run_as_module(text, frame, wait)
    visible = home.names(extra)
    code = text.code(frame.f_code, visible, home.module)
    cells: dict[str, Any] = {}
    for name in code.co_freevars:
        value = home.read(name, extra)
        cells[name] = CellType() if value is _UNBOUND else CellType(value)
    before = {name: _content(cells[name]) for name in text.bound if name in cells}
    function = FunctionType(code, frame.f_globals, code.co_name, None, tuple(cells[name] for name in code.co_freevars))
    try:
        answer = wait(function()) if text.awaits else function()
    except BaseException:
        with suppress(CannotAssign):  # the text's own exception is the news
            _write_back(home, before, cells)
        raise
    _write_back(home, before, cells)
    return answer


def _write_back(home: _Home, before: dict[str, Any], cells: dict[str, Any]) -> None:
    for name, old in before.items():
        new = _content(cells[name])
        if new is not old:
            home.write(name, new)


def _run_as_module(text: Snippet, frame: FrameType, wait: Wait) -> object:
    """Run a text that means its scope as a whole where that scope is a dict: a module's."""
    code = compile_quietly(text.stripped, PROMPT, text.mode, ALLOW_AWAIT)
    space = frame.f_globals
    had = "__builtins__" in space
    try:
        return wait(eval(code, space)) if text.awaits else eval(code, space)
    finally:
        if not had:  # eval puts them there
            space.pop("__builtins__", None)


_UNBOUND: Any = object()


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return _UNBOUND


class _Home:
    """The namespaces of one frame while one text runs in it."""

    __slots__ = ("_aside", "_fixed", "_locals", "frame", "module")

    def __init__(self, frame: FrameType) -> None:
        self.frame = frame
        self.module = is_module(frame)
        self._locals = {} if self.module and frame.f_locals is frame.f_globals else locals_snapshot(frame)
        # An unbound local of a function is an error to read, as it is for the function: no global stands in for it.
        code = frame.f_code
        self._fixed: frozenset[str] = frozenset()
        if is_function(code):
            self._fixed = function_names(code)
        self._aside = scratch(frame)

    @property
    def is_plain(self) -> bool:
        """Whether no names but the globals are in sight."""
        return not self._locals and not self._aside

    def names(self, extra: Mapping[str, object]) -> frozenset[str]:
        """Return the names that are not looked up in the globals."""
        hidden = self._fixed - self._locals.keys()
        # A variable of an inlined comprehension that is not running leaves the global of that name alone.
        hidden = hidden.difference(self.frame.f_code.co_names)
        return frozenset().union(hidden, self._locals, self._aside, extra)

    def read(self, name: str, extra: Mapping[str, object]) -> Any:
        for namespace in (extra, self._locals, self._aside):
            if name in namespace:
                return namespace[name]
        return _UNBOUND

    def write(self, name: str, value: Any) -> None:
        if self.module and name not in self._locals:
            return  # stored as a global by the text itself
        if is_function(self.frame.f_code) and name not in self._fixed:
            if value is _UNBOUND:
                self._aside.pop(name, None)
            else:
                _keep(self.frame)[name] = value
        elif value is _UNBOUND:
            delete_local(self.frame, name)
        else:
            assign_local(self.frame, name, value)


# Names made at a prompt in a function's frame, by id of the frame. Frames take no weak references, and a strong one
# would keep the program's objects alive; so an entry goes when its frame is on no stack as another one is made.
_scratch: dict[int, tuple[CodeType, dict[str, object]]] = {}
_KEPT_FRAMES = 16


def scratch(frame: FrameType) -> dict[str, object]:
    """Return the names made at a prompt in this frame."""
    code, names = _scratch.get(id(frame), (None, None))
    return names if code is frame.f_code and names is not None else {}


def _keep(frame: FrameType) -> dict[str, object]:
    code, names = _scratch.get(id(frame), (None, None))
    if code is frame.f_code and names is not None:
        return names
    _forget_ended(frame)
    names = {}
    _scratch[id(frame)] = (frame.f_code, names)
    return names


def _forget_ended(frame: FrameType) -> None:
    if not _scratch:
        return
    live = {}  # with the code: the address of a frame that has ended is soon another one's
    for top in [frame, *newest_frames().values()]:
        at: FrameType | None = top
        while at is not None:
            live[id(at)] = at.f_code
            at = at.f_back
    for key, (code, _) in list(_scratch.items()):
        if live.get(key) is not code and not code.co_flags & 0x2A0:  # a suspended generator or coroutine is on no stack
            _scratch.pop(key, None)
    # of those it cannot be known whether they have ended: the oldest make room
    for key in list(_scratch)[:-_KEPT_FRAMES]:
        _scratch.pop(key, None)
