"""Frames and stacks, the variables of a frame, threads and tasks."""

from __future__ import annotations

import _thread
import asyncio
import sys
import threading
from types import FrameType, FunctionType
from typing import TYPE_CHECKING

import pytest

from lowdb.program import frames as frames_module
from lowdb.program import tasks
from lowdb.program.frames import (
    call_text,
    exception_chain,
    is_generator_like,
    stack,
    traceback_stack,
    trim,
)
from lowdb.program.mycode import LOWDB_DIRECTORY, MyCode
from lowdb.program.scopes import Variable, arguments, assign_local, locals_snapshot, variables
from lowdb.program.threads import main_ident, thread_name, threads

if TYPE_CHECKING:
    from collections.abc import Callable

here = sys._getframe


def in_file(filename: str, name: str = "runner") -> Callable[..., object]:
    """A function `runner(call)` whose code says it is in `filename`."""
    space: dict[str, object] = {}
    exec(compile(f"def {name}(call, *args): return call(*args)", filename, "exec"), space)
    function = space[name]
    assert isinstance(function, FunctionType)
    return function


def shown(frame: FrameType) -> list[str]:
    return [info.function for info in stack(frame, MyCode()) if info.hidden is None]


def test_a_stack_is_newest_first_with_its_lines() -> None:
    def inner() -> list[object]:
        return stack(here(), MyCode())  # type: ignore[return-value]

    infos = inner()
    assert [info.function for info in infos[:2]] == ["inner", "test_a_stack_is_newest_first_with_its_lines"]  # type: ignore[attr-defined]
    assert infos[0].line == inner.__code__.co_firstlineno + 1  # type: ignore[attr-defined]
    assert infos[0].filename == __file__  # type: ignore[attr-defined]
    assert infos[0].qualname.endswith("<locals>.inner")  # type: ignore[attr-defined]


def test_lowdbs_frames_are_left_out_wherever_they_are() -> None:
    def program() -> list[str]:
        return shown(here())

    middle = in_file(LOWDB_DIRECTORY + "program/evaluate.py", "lowdb_in_the_middle")
    names = middle(program)
    assert isinstance(names, list)
    assert names[:2] == ["program", "test_lowdbs_frames_are_left_out_wherever_they_are"]


def test_the_stack_ends_at_the_runner() -> None:
    def program() -> list[str]:
        return shown(here())

    runner = in_file(LOWDB_DIRECTORY + "engine/targets.py", "runs_the_program")
    assert runner(program) == ["program"]


@pytest.mark.parametrize(
    ("filename", "why"),
    [
        ("<frozen importlib._bootstrap>", "importlib"),
        ("<frozen runpy>", "importlib"),
        (threading.__file__, "threading"),
        (asyncio.events.__file__, "event loop"),
        (asyncio.base_events.__file__, "event loop"),
        ("/my/threading_helpers.py", None),
        ("/my/asyncio/app.py", None),
    ],
)
def test_machinery_is_hidden_and_says_why(filename: str, why: str | None) -> None:
    def program() -> list[object]:
        return stack(here(), MyCode())  # type: ignore[return-value]

    infos = in_file(filename)(program)
    assert infos[1].function == "runner"  # type: ignore[index]
    assert infos[1].hidden == why  # type: ignore[index]
    assert infos[0].hidden is None  # type: ignore[index]


def test_a_traceback_is_newest_first_with_the_lines_of_then() -> None:
    def inner() -> None:
        raise ValueError

    def outer() -> None:
        try:
            inner()
        finally:
            x = 1
            assert x

    runner = in_file(LOWDB_DIRECTORY + "engine/targets.py")
    with pytest.raises(ValueError) as caught:
        runner(outer)
    infos = traceback_stack(caught.value, MyCode())
    assert [info.function for info in infos] == ["inner", "outer"]
    assert infos[1].line == outer.__code__.co_firstlineno + 2
    trim(caught.value)


def test_a_chain_names_causes_contexts_and_members_once() -> None:
    one, two, three, four = ValueError(1), KeyError(2), TypeError(3), OSError(4)
    group = ExceptionGroup("g", [one, two])
    one.__cause__ = three
    two.__context__ = four
    four.__context__ = group
    assert exception_chain(group) == [
        (group, ""),
        (one, "in group"),
        (three, "cause"),
        (two, "in group"),
        (four, "context"),
    ]
    two.__suppress_context__ = True
    assert (four, "context") not in exception_chain(group)


def test_a_chain_believes_no_overridden_attributes() -> None:
    class Hostile(Exception):
        __cause__ = property(lambda self: 1 / 0)  # type: ignore[assignment]
        __context__ = property(lambda self: 1 / 0)  # type: ignore[assignment]
        __traceback__ = property(lambda self: 1 / 0)  # type: ignore[assignment]

    error = Hostile()
    assert exception_chain(error) == [(error, "")]
    assert traceback_stack(error, MyCode()) == []


# --- calls ------------------------------------------------------------------------------------------


class Cart:
    def __repr__(self) -> str:
        raise AssertionError("call_text runs no repr")

    def checkout(self, amount: float, *rest: int, rate: float = 0.1, **more: object) -> str:
        return call_text(here())


def test_a_call_is_written_with_its_arguments() -> None:
    text = Cart().checkout(119.5, 1, 2, a="b")
    assert text == "Cart.checkout(self=<Cart>, amount=119.5, *rest=(1, 2), rate=0.1, **more={'a': 'b'})"

    def plain() -> str:
        return call_text(here())

    assert plain() == "plain()"
    anonymous = lambda x: call_text(here())  # noqa: E731
    assert anonymous(1) == "<lambda>(x=1)"


def test_a_call_shows_what_the_arguments_are_now() -> None:
    def function(a: int) -> str:
        a += 1
        return call_text(here())

    assert function(1) == "function(a=2)"


def test_a_long_call_is_cut_and_says_so() -> None:
    def function(*, a: str, b: str, c: str, d: str, e: str) -> str:
        return call_text(here())

    text = function(**dict.fromkeys("abcde", "x" * 100))
    assert len(text) < 130
    assert text.endswith(" more)")


def test_a_module_is_only_named() -> None:
    space: dict[str, object] = {"call_text": call_text, "here": here}
    exec("text = call_text(here())", space)
    assert space["text"] == "<module>"


def test_code_that_can_suspend_is_known() -> None:
    def generator():
        yield

    async def coroutine() -> None: ...

    async def both():
        yield

    assert all(is_generator_like(function.__code__) for function in (generator, coroutine, both))
    assert not is_generator_like(here().f_code)


# --- variables --------------------------------------------------------------------------------------


def by_name(found: list[Variable]) -> dict[str, object]:
    return {variable.name: variable.value for variable in found}


def test_scopes_are_told_apart_and_in_order() -> None:
    free = 1

    def function(b: int, a: int) -> tuple[list[str], dict[str, object], object]:
        z, cell = free, 2
        keep = lambda: cell  # noqa: E731
        frame = here()
        later = [variable.name for variable in variables(frame, "locals") if not variable.name.startswith("@")]
        return later, by_name(variables(frame, "closure")), (z, keep)

    names, closure, _ = function(1, 2)
    assert names == ["b", "a", "z", "keep", "frame", "cell"], "in the order of the code, `later` not bound yet"
    assert closure == {"free": 1}
    assert by_name(variables(here(), "globals"))["here"] is here


def test_assigning_a_variable_reaches_the_program() -> None:
    cell = 1

    def function(x: int) -> tuple[int, int]:
        found = {v.name: v for which in ("locals", "closure") for v in variables(here(), which)}  # type: ignore[arg-type]
        found["x"].assign(5)
        found["cell"].assign(6)
        return x, cell

    assert function(1) == (5, 6)
    assert cell == 6
    global MADE
    MADE = 1
    next(v for v in variables(here(), "globals") if v.name == "MADE").assign(2)
    assert MADE == 2


def test_assigning_beside_a_modules_comprehension_reaches_the_module() -> None:
    space: dict[str, object] = {"look": lambda: assign_local(here(1), "made", 7), "k": 1}
    exec("[look() for item in (1,)]", space)
    assert space["made"] == 7


def test_a_function_takes_no_new_local() -> None:
    with pytest.raises(KeyError):
        assign_local(here(), "brand_new", 1)


def test_a_snapshot_is_not_the_programs_own_dict() -> None:
    space = {"locals_snapshot": locals_snapshot, "here": here}
    exec("copy = locals_snapshot(here())", space)
    copy = space["copy"]
    assert isinstance(copy, dict)
    assert copy is not space
    assert copy["here"] is here


def test_a_class_namespace_of_the_programs_own_kind_is_read_and_written() -> None:
    class Namespace(dict):
        def __iter__(self):
            raise ValueError

        keys = items = __iter__  # type: ignore[assignment]

    class Meta(type):
        @classmethod
        def __prepare__(mcs, name: str, bases: tuple[type, ...]) -> Namespace:  # type: ignore[override]
            return Namespace()

        def __new__(mcs, name: str, bases: tuple[type, ...], space: Namespace) -> type:
            return type.__new__(mcs, name, bases, dict(dict.items(space)))

    class K(metaclass=Meta):
        a = 1
        found = by_name(variables(here(), "locals"))
        assign_local(here(), "b", 2)

    assert K.found["a"] == 1
    assert K.b == 2


def test_arguments_are_in_the_order_of_the_signature() -> None:
    def function(a: int, /, b: int, *rest: int, c: int = 3, **more: int) -> list[tuple[str, object]]:
        return [(variable.name, variable.value) for variable in arguments(here())]

    expected = [("a", 1), ("b", 2), ("*rest", (4,)), ("c", 3), ("**more", {"d": 5})]
    assert function(1, 2, 4, d=5) == expected


# --- threads ----------------------------------------------------------------------------------------


def test_threads_are_listed_with_names_and_frames() -> None:
    ready, end = threading.Event(), threading.Event()

    def wait() -> None:
        ready.set()
        end.wait()

    thread = threading.Thread(target=wait, name="worker-1", daemon=True)
    thread.start()
    try:
        assert ready.wait(10)
        infos = threads()
        assert infos[0].main
        assert infos[0].ident == threading.main_thread().ident == main_ident()
        info = next(info for info in infos if info.ident == thread.ident)
        assert (info.name, info.daemon, info.main, info.native_id) == ("worker-1", True, False, thread.native_id)
        assert info.frame is not None
        assert thread_name(thread.ident or 0) == "worker-1"
    finally:
        end.set()
        thread.join()
    assert all(info.ident != thread.ident for info in threads())


def test_a_thread_that_threading_does_not_know_stays_unknown_to_it() -> None:
    ready, end, done = _thread.allocate_lock(), _thread.allocate_lock(), _thread.allocate_lock()
    for lock in (ready, end, done):
        lock.acquire()

    def wait() -> None:
        ready.release()
        end.acquire()
        done.release()

    ident = _thread.start_new_thread(wait, ())
    assert ready.acquire(timeout=10)
    try:
        before = dict(threading._active)
        info = next(info for info in threads() if info.ident == ident)
        assert info.name == thread_name(ident) == f"Thread-{ident}"
        assert info.frame is not None
        assert threading._active == before
    finally:
        end.release()
        done.acquire(timeout=10)


def test_a_thread_class_with_properties_of_its_own_is_not_asked() -> None:
    hostile = False

    def asked(self: object) -> object:
        assert not hostile
        return True

    class Hostile(threading.Thread):
        name = property(asked, lambda self, value: None)  # type: ignore[assignment]
        daemon = property(asked, lambda self, value: None)  # type: ignore[assignment]
        ident = property(asked)  # type: ignore[assignment]

    end, ready = threading.Event(), threading.Event()
    thread = Hostile(target=lambda: (ready.set(), end.wait()))
    thread.start()
    try:
        assert ready.wait(10)
        hostile = True
        assert len(threads()) >= 2
    finally:
        hostile = False
        end.set()
        thread.join()


# --- tasks ------------------------------------------------------------------------------------------


def test_without_a_loop_there_is_no_task() -> None:
    assert tasks.task_name() is None
    assert tasks.current_task() is None
    assert tasks.all_tasks() == []


def test_tasks_are_listed_with_their_innermost_frames() -> None:
    found: list[tasks.TaskInfo] = []
    names: list[str | None] = []

    async def inner() -> None:
        await asyncio.sleep(10)

    async def outer() -> None:
        await inner()

    async def main() -> None:
        waiting = [asyncio.create_task(outer(), name=f"w-{n}") for n in (2, 10, 1)]
        await asyncio.sleep(0)
        names.append(tasks.task_name())
        found.extend(tasks.all_tasks())
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    asyncio.run(main())
    assert names == ["Task-1"] or names[0].startswith("Task-")  # type: ignore[union-attr]
    assert [info.name for info in found][1:] == ["w-1", "w-2", "w-10"]
    assert found[0].current
    assert found[0].state == "running"
    assert [frame.f_code.co_name for frame in found[1].stack] == ["sleep", "inner", "outer"] or found[1].stack == []
    assert found[1].state.startswith("await")


def test_a_loop_in_another_thread_is_found() -> None:
    ready = threading.Event()
    loop_of: list[asyncio.AbstractEventLoop] = []

    async def wait() -> None:
        loop_of.append(asyncio.get_running_loop())
        ready.set()
        await asyncio.sleep(10)

    def run() -> None:
        try:
            asyncio.run(wait())
        except asyncio.CancelledError:
            pass

    thread = threading.Thread(target=run)
    thread.start()
    try:
        assert ready.wait(10)
        infos = tasks.all_tasks()
        assert any(info.frame is not None and "wait" in {f.f_code.co_name for f in info.stack} for info in infos)
    finally:
        loop = loop_of[0]
        loop.call_soon_threadsafe(lambda: [task.cancel() for task in asyncio.all_tasks(loop)])
        thread.join(10)


def test_awaiting_is_told() -> None:
    seen: list[tasks.TaskInfo] = []

    async def inner() -> None:
        await asyncio.sleep(0)
        seen.extend(tasks.all_tasks())

    async def main() -> None:
        await asyncio.create_task(inner(), name="inner")

    asyncio.run(main())
    info = next(info for info in seen if info.name == "inner")
    assert [title.partition(" ")[0] for title in info.awaited_by] == ["main"]


def test_the_runner_files_are_those_of_the_package() -> None:
    assert any(name.endswith("targets.py") for name in frames_module._RUNNERS)


def test_names_that_no_source_can_have_are_no_variables():
    frames = list(sys._getframe() for item in "a")  # noqa: C400
    assert [variable.name for variable in variables(frames[0], "locals")] == ["item"]
