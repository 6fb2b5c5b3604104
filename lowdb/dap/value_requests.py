"""Requests that run text in a frame: evaluate, setVariable, setExpression, completions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lowdb.dap.assigning import assign_in_scope, assign_in_value
from lowdb.dap.data_requests import Returned, Scope
from lowdb.dap.dollars import values_of
from lowdb.dap.limiter import SECONDS
from lowdb.dap.registry import EITHER, STOPPED, Refused, optional, request, wanted
from lowdb.dap.values import Held, Lazy, Shown, described, whole
from lowdb.program import awaiting
from lowdb.program import evaluate as program
from lowdb.program.frames import trim
from lowdb.program.limits import Limits
from lowdb.program.values import summary

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from types import FrameType

    from lowdb.dap.halt import Halt, Job
    from lowdb.dap.server import Server
    from lowdb.engine.stops import Stop

    type Body = dict[str, Any]

_CONSOLE = Limits(depth=4, items=100, string=10_000, width=20_000, lines=200)
"""What is typed in the console is answered at length."""
_NESTED = "debug "


class Failed(Refused):
    """The program's code raised; the text is the exception."""


def attempt[T](server: Server, job: Job, stop: Stop | None, context: str, function: Callable[[], T]) -> T:
    """Call `function`, which runs the program's code, for at most the context's time. Raises Failed, Refused."""
    try:
        return server.limiter.run(job.seq, stop, SECONDS.get(context), function)
    except (Refused, KeyboardInterrupt):
        raise
    except awaiting.CannotAwait as error:
        raise Failed(str(error)) from None
    except SyntaxError as error:
        error.__traceback__ = error.__context__ = None
        raise Failed(f"SyntaxError: {error.msg}") from None
    except BaseException as error:
        text = described(error)
        if context == "repl":
            text = _at_length(error) or text
        raise Failed(text) from None


def _at_length(error: BaseException) -> str:
    """Return where the exception came from, where that is not the text itself: frames of the program."""
    trim(error)
    traceback = error.__traceback__
    places = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if not code.co_filename.startswith("<prompt"):
            places.append(f'  File "{code.co_filename}", line {traceback.tb_lineno}, in {code.co_qualname}')
        traceback = traceback.tb_next
    return "\n".join(["Traceback (most recent call last):", *places, described(error)]) if places else ""


@request("evaluate", EITHER)
def evaluate(server: Server, job: Job, halt: Halt | None) -> Body:
    """An expression, or in the console statements, in a frame; without a frame in the program's `__main__`.

    `debug EXPR` in the console stops at breakpoints in what it runs; `await` waits in the stopped task's loop.
    Contexts: watch, hover, repl, clipboard, variables. Hovers and watches have a time; `cancel` and `pause` end any.
    `$ret`, `$exc` and the like are as in the terminal.
    """
    arguments = job.arguments
    text, context = wanted(arguments, "expression", str), optional(arguments, "context", "")
    frame = _frame(server, halt, arguments.get("frameId"))
    stop = halt.stop if halt is not None else None
    nested = False
    if context == "repl" and text.startswith(_NESTED) and halt is not None:
        text, nested = text[len(_NESTED) :], True
    kind = program.is_expression(text)
    if isinstance(kind, SyntaxError):
        # its traceback holds our frames, and one of them holds the error: that would keep the program's frame alive
        kind.__traceback__ = kind.__context__ = None
        raise Failed(f"SyntaxError: {kind.msg}")
    if kind == "incomplete":
        raise Failed("SyntaxError: the text is not finished")
    extra = values_of(text, frame, stop) if "$" in text else {}

    def wait(coroutine: Coroutine[Any, Any, Any]) -> object:
        return server.limiter.awaiting(lambda: awaiting.run(coroutine, remark))

    def remark(said: str, once: bool) -> None:
        server.remark(said.replace("Ctrl-C gives up", "pause gives up"), once)

    if kind == "statement":
        if context in ("hover", "watch", "variables", "clipboard"):
            raise Failed("only an expression has a value; statements run in the console")

        def run() -> None:
            program.execute(text, frame, extra, wait)
            if context == "repl" or not context:
                job.then = lambda: _refresh(server)

        attempt(server, job, stop, context, (lambda: server.debugger.nested(run)) if nested else run)
        return {"result": "", "variablesReference": 0}

    def look() -> object:
        return program.evaluate(text, frame, extra, wait)

    value = attempt(server, job, stop, context, (lambda: server.debugger.nested(look)) if nested else look)
    if halt is None:
        return {"result": summary(value, _CONSOLE), "type": type(value).__name__, "variablesReference": 0}
    if server.forked:
        return {"result": "", "variablesReference": 0}
    shown = Shown(halt, arguments)
    fields = shown.fields(value, text.strip(), frame)
    if context == "repl":
        result = "" if value is None else attempt(server, job, stop, context, lambda: shown.text(value, _CONSOLE))
        job.then = lambda: _refresh(server)
    elif context == "clipboard":
        result = attempt(server, job, stop, "variables", lambda: whole(value))
    else:
        result = attempt(server, job, stop, context, lambda: shown.text(value))
    made = {"result": result, **fields}
    if type(value) is str:
        made["presentationHint"] = {"attributes": ["rawString"]}
    return made


def _refresh(server: Server) -> None:
    """What was run may have changed anything: have the client ask again."""
    if server.client.refreshes:
        server.event("invalidated", {"areas": ["variables"]})


def _frame(server: Server, halt: Halt | None, number: object) -> FrameType:
    if number is not None:
        if halt is None:
            raise Refused("the program is running: the frame is from an earlier stop")
        info = halt.frame(number)
        if info is None:
            raise Refused("this line of the stack is a label: choose a frame")
        return info.frame
    return server.main_frame()


@request("setVariable", STOPPED)
def set_variable(server: Server, job: Job, halt: Halt) -> Body:
    """A new value for a variable of any scope, an item, an attribute, a property. What fails is an error."""
    arguments = job.arguments
    thing = halt.handles.get(wanted(arguments, "variablesReference", int), "reference")
    name, text = wanted(arguments, "name", str), wanted(arguments, "value", str)
    if isinstance(thing, Returned):
        raise Refused("what a function returned cannot be changed")
    if isinstance(thing, Lazy):
        raise Refused("open the property first, or set it on its object")
    if not isinstance(thing, Scope | Held):
        raise Refused("this reference is a frame's: ask for its scopes")
    frame: Any = thing.frame
    value = attempt(server, job, halt.stop, "variables", lambda: _value(server, text, frame, halt))

    def assign() -> None:
        if isinstance(thing, Scope):
            assign_in_scope(frame, thing.which, name, value)
        else:
            assign_in_value(thing, name, value)

    attempt(server, job, halt.stop, "variables", assign)
    shown = Shown(halt, arguments)
    job.then = lambda: _refresh(server)
    return {"value": shown.text(value), **shown.fields(value, "", frame)}


@request("setExpression", STOPPED)
def set_expression(server: Server, job: Job, halt: Halt) -> Body:
    """A new value for whatever can be assigned to in a frame: `x`, `self.total`, `rows[3]['name']`."""
    arguments = job.arguments
    target, text = wanted(arguments, "expression", str), wanted(arguments, "value", str)
    frame = _frame(server, halt, arguments.get("frameId"))
    value = attempt(server, job, halt.stop, "variables", lambda: _value(server, text, frame, halt))

    def assign() -> None:
        program.execute(f"{target.strip()} = _lowdb_ret", frame, {"_lowdb_ret": value})

    attempt(server, job, halt.stop, "variables", assign)
    shown = Shown(halt, arguments)
    job.then = lambda: _refresh(server)
    return {"value": shown.text(value), **shown.fields(value, target.strip(), frame)}


def _value(server: Server, text: str, frame: FrameType, halt: Halt) -> object:
    return program.evaluate(text, frame, values_of(text, frame, halt.stop) if "$" in text else {})
