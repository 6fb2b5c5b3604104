"""Checks: one small generated function for each place of a breakpoint; what the hot path calls.

A check takes the frame (by default its caller's caller; at an exit also what is returned or raised) and answers None
for "not now" or a Verdict for "stop". It contains just what its breakpoint asks for: a generated reader of the names
that are used costs half of `eval(code, f_globals, f_locals)` (probe h1).
"""

from __future__ import annotations

import sys
from _thread import get_ident
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any, Final

from lowdb.capabilities import INTERPRETER
from lowdb.engine.breakpoints import IGNORE
from lowdb.engine.exception_types import matches
from lowdb.engine.room import less_room, more_room
from lowdb.program.evaluate import evaluate
from lowdb.program.imports import standard
from lowdb.program.tasks import task_name
from lowdb.program.threads import thread_name

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Mapping
    from types import FrameType

    from lowdb.engine.breakpoints import Breakpoint

    type Check = Callable[..., Verdict | list[Verdict] | None]
    type Say = Callable[[Breakpoint, FrameType, str], None]

_OPTIMIZED: Final = 0x1  # CO_OPTIMIZED: the code has fast locals (a function, not a class body or a module)
# names whose meaning depends on the frame that they run in: a condition that uses one goes the general way
_FRAME_NAMES: Final = frozenset({"locals", "vars", "dir", "eval", "exec", "super", "__class__"})
# the check's own parameters: what `$frame`, `$ret` and `$exc` are called once `dollar` has rewritten them
_DOLLAR: Final = {
    "_lowdb_hits": "_lowdb__self.breakpoint.reached",
    "_lowdb_thread": "_lowdb__self.thread()",
    "_lowdb_task": "_lowdb__self.task()",
    "_lowdb_bp": "_lowdb__self.breakpoint.number",
}


_NOTHING: Final[Mapping[str, object]] = {}


class Verdict:
    """The answer of a check that stops: whose it is, and the error that made it stop, if one did."""

    __slots__ = ("breakpoint", "problem")

    def __init__(self, point: Breakpoint, problem: BaseException | None = None) -> None:
        self.breakpoint = point
        self.problem = problem


class CheckMaker:
    """Makes the check of one breakpoint at one code object.

    A check with a condition is specialised on the globals dictionary of the first frame that reaches it, so that
    the interpreter itself looks global names and builtins up; frames with other globals take the general way.
    """

    __slots__ = ("_function", "breakpoint", "code", "say", "verdict")

    def __init__(self, point: Breakpoint, code: CodeType, say: Say) -> None:
        self.breakpoint = point
        self.code = code
        self.say = say
        self.verdict = Verdict(point)
        self._function: CodeType | None = None

    def check(self, install: Callable[[Check], None]) -> Check:
        """The check; where it needs the frame's globals, a first one that hands the real one to `install`."""
        if not self._names():
            return self._build({})

        def first(
            frame: FrameType | None = None, value: object = None, exception: BaseException | None = None
        ) -> Verdict | None:
            if frame is None:
                frame = sys._getframe(2)
            real = self._build(frame.f_globals)
            install(real)
            return real(frame, value, exception)  # type: ignore[return-value]  # only `every` (points.py) answers a list

        return first

    def ask(
        self, frame: FrameType, value: object, exception: BaseException | None, more: Mapping[str, object] = _NOTHING
    ) -> Verdict | None:
        """The general way from the outside: for breakpoints that belong to no code object.

        `more`: values of further `$names`, as `_lowdb_NAME`.
        """
        try:
            if not self.here():
                return None
            self.breakpoint.counts[0] += 1
            return self.general(frame, value, exception, more)
        except BaseException as error:
            return self.failed(error)

    def leaves(self, exception: BaseException | None) -> bool:
        """Whether a trap is for this exit (`exception` None: a return)."""
        spec = self.breakpoint.spec
        if exception is None:
            return spec.exits != "unwinds" and spec.exception is None
        return spec.exits != "returns" and matches(type(exception), spec.exception)

    # --- what generated code calls ----------------------------------------------------------------

    @staticmethod
    def thread() -> str:
        return thread_name(get_ident())

    @staticmethod
    def task() -> str | None:
        return task_name()

    def here(self) -> bool:
        """Whether this thread and task are those that the breakpoint is limited to."""
        spec = self.breakpoint.spec
        if spec.thread is not None:
            name = self.thread()
            # `Thread-1 (worker)` is called by either name
            if spec.thread not in (name, name.partition(" (")[0], str(get_ident())):
                return False
        return spec.task is None or spec.task == task_name()

    def general(
        self, frame: FrameType, value: object, exception: BaseException | None, more: Mapping[str, object] = _NOTHING
    ) -> Verdict | None:
        """The slow way: any code, any globals, names bound or not. The place was counted as reached already."""
        point = self.breakpoint
        counts = point.counts
        extra = {
            "_lowdb_ret": value,
            "_lowdb_exc": exception,
            "_lowdb_frame": frame,
            "_lowdb_hits": point.reached,
            "_lowdb_thread": self.thread(),
            "_lowdb_task": self.task(),
            "_lowdb_bp": point.number,
            **more,
        }
        if point.condition is not None and not evaluate(point.condition.source, frame, extra):
            return None
        counts[1] += 1
        if point.hit_condition is not None and not point.hit_condition.holds(counts[1]):
            return None
        if counts[3] > 0:
            counts[3] -= 1
            counts[0] -= 1
            return None
        if point.message is None:
            counts[2] += 1
            return self.verdict
        extra["_lowdb_hits"] = counts[2] + 1
        self.say(point, frame, str(evaluate(point.message.source, frame, extra)))
        counts[2] += 1
        return None

    def failed(
        self,
        error: BaseException,
        frame: FrameType | None = None,
        value: object = None,
        exception: BaseException | None = None,
    ) -> Verdict | None:
        """A condition or message that raised: stop and show it. KeyboardInterrupt is not the condition's own."""
        if issubclass(type(error), KeyboardInterrupt):
            raise error
        if issubclass(type(error), RecursionError):
            # the program is near the limit and the check came over it: ask once more, with room enough
            frame = frame or sys._getframe(3)
            limit = more_room(frame)
            if limit:
                try:
                    return self.general(frame, value, exception) if self.here() else None
                except BaseException as again:
                    error = again
                finally:
                    less_room(limit)
        self.breakpoint.counts[2] += 1
        return Verdict(self.breakpoint, error)

    # --- the generator ----------------------------------------------------------------------------

    def _names(self) -> set[str]:
        names: set[str] = set()
        for part in (self.breakpoint.condition, self.breakpoint.message):
            if part is not None:
                names |= part.names
        return names

    def _build(self, everything: dict[str, Any]) -> Check:
        if self._function is None:
            self._function = self._compile()
        defaults = (
            None,
            None,
            None,
            self.breakpoint.counts,
            self.verdict,
            everything,
            self,
            sys._getframe,
            sys.getrefcount,
        )
        return FunctionType(self._function, everything, "check", defaults)

    def _compile(self) -> CodeType:
        point = self.breakpoint
        trees: dict[str, ast.expr] = {}
        names = self._names()
        if names or point.message is not None:
            body = ["_lowdb__n[0] += 1", "if _lowdb_frame is None: _lowdb_frame = _lowdb__getframe(2)"]
        elif point.counts[IGNORE] and point.hit_condition is None:
            # nothing but a count to run down: one counter is enough (see Breakpoint.reached)
            body = ["_lowdb__left = _lowdb__n[3]", "if _lowdb__left > 0:", " _lowdb__n[3] = _lowdb__left - 1"]
            body += [" return None", "_lowdb__n[0] += 1"]
        else:
            body = ["_lowdb__n[0] += 1"]
        if point.spec.thread is not None or point.spec.task is not None:
            body.insert(0, "if not _lowdb__self.here(): return None")
        if point.kind == "exit" and (point.spec.exits != "both" or point.spec.exception is not None):
            body.insert(0, "if not _lowdb__self.leaves(_lowdb_exc): return None")
        in_class = not self.code.co_flags & _OPTIMIZED and self.code.co_name != "<module>"
        if names and (in_class or not names.isdisjoint(_FRAME_NAMES)):
            body.append(_GENERAL)
        else:
            body += self._reader(names)
            if point.condition is not None:
                trees["_lowdb__condition"] = point.condition.tree
                body.append("if not _lowdb__condition: return None")
            body += self._tail()
            if point.message is not None:
                trees["_lowdb__message"] = point.message.tree
        text = "\n".join([_HEAD, *(f"  {line}" for line in body), *_FOOT])
        if trees:
            with standard("ast"):
                import ast  # start-up: needed only once a condition is set

            tree = ast.parse(text)
            _fill(tree, trees)
            module = compile(tree, "<condition>", "exec")
        else:
            module = compile(text, "<condition>", "exec")
        return next(constant for constant in module.co_consts if isinstance(constant, CodeType))

    def _reader(self, names: set[str]) -> list[str]:
        """Lines that bind just the names that the condition and the message read."""
        local = names & _locals(self.code)
        lines = [f"{name} = {source}" for name, source in _DOLLAR.items() if name in names]
        if names - local - _OWN:
            lines.append(f"if _lowdb_frame.f_globals is not _lowdb__globals: {_GENERAL}")
        if local:
            # a local that is not bound yet: the general way finds that out, and says so in the program's words
            lines.append("_lowdb__l = _lowdb_frame.f_locals")
            lines.append("try: " + "; ".join(f"{name} = _lowdb__l[{name!r}]" for name in sorted(local)))
            lines.append(f"except KeyError: {_GENERAL}")
            if not INTERPRETER.locals_proxy:
                # 3.12 keeps this dict in the frame: see program.scopes.locals_snapshot
                lines.append("if _lowdb__refs(_lowdb__l) == 3: _lowdb__l.clear()")
        return lines

    def _tail(self) -> list[str]:
        """What follows a condition that held: hit condition, ignore count, then the message or the stop."""
        point = self.breakpoint
        lines = ["_lowdb__n[1] += 1"]
        if point.hit_condition is not None:
            lines.append(f"if not ({point.hit_condition.expression}): return None")
        if point.counts[3]:
            lines += ["if _lowdb__n[3] > 0:", " _lowdb__n[3] -= 1", " _lowdb__n[0] -= 1", " return None"]
        if point.message is None:
            return [*lines, "_lowdb__n[2] += 1", "return _lowdb__verdict"]
        if "_lowdb_hits" in point.message.names:
            lines.append("_lowdb_hits = _lowdb__n[2] + 1")  # in a condition it is how often the place was reached
        # counted when it is said: a message that raises stops, which counts as well
        lines.append("_lowdb__self.say(_lowdb__self.breakpoint, _lowdb_frame, _lowdb__message)")
        return [*lines, "_lowdb__n[2] += 1", "return None"]


_GENERAL: Final = "return _lowdb__self.general(_lowdb_frame, _lowdb_ret, _lowdb_exc)"
_HEAD: Final = (
    "def check(_lowdb_frame=None, _lowdb_ret=None, _lowdb_exc=None, _lowdb__n=None, _lowdb__verdict=None,"
    " _lowdb__globals=None, _lowdb__self=None, _lowdb__getframe=None, _lowdb__refs=None):\n try:"
)
_FOOT: Final = (
    " except BaseException as _lowdb__error:",
    "  return _lowdb__self.failed(_lowdb__error, _lowdb_frame, _lowdb_ret, _lowdb_exc)",
)
_OWN: Final = frozenset({"_lowdb_frame", "_lowdb_ret", "_lowdb_exc", *_DOLLAR})


def _fill(node: Any, trees: Mapping[str, ast.expr]) -> None:
    """Put the trees in the places of the names that stand for them. No NodeTransformer: a class made for each check
    would be cyclic garbage, which the program's gc.collect() counts.
    """
    for field in node._fields:
        value = getattr(node, field, None)
        for index, child in enumerate(value if type(value) is list else (value,)):
            tree = trees.get(getattr(child, "id", ""))
            if tree is None:
                if hasattr(child, "_fields"):
                    _fill(child, trees)
            elif type(value) is list:
                value[index] = tree
            else:
                setattr(node, field, tree)


def _locals(code: CodeType) -> frozenset[str]:
    """The names of the fast locals and cells of a function's code; empty for modules and class bodies."""
    if not code.co_flags & _OPTIMIZED:
        return frozenset()
    return frozenset(code.co_varnames + code.co_cellvars + code.co_freevars)
