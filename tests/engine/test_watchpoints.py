"""Data watches: what stops them, what they say, what they cost and what they leave behind."""

from __future__ import annotations

import sys
import threading
import weakref

import pytest

from lowdb.engine import stops
from lowdb.engine.breakpoints import Breakpoint, Spec
from lowdb.engine.locations import LocationError
from lowdb.engine.stops import Continue, Next, Reason, StepOut, Stop
from tests.engine.inside import Callbacks, Inside, Program, armed, instrumented


class Changes:
    """Sets watches at the first stop and keeps what later ones say: "name: old → new @mark-of-the-line"."""

    def __init__(self, inside: Inside, program: Program, *watched: str, **fields: object) -> None:
        self.inside, self.program, self.watched, self.fields = inside, program, watched, fields
        self.seen: list[str] = []
        self.unseen: list[str] = []
        self.points: list[Breakpoint] = []
        self.resumes: list[stops.Resume] = []
        inside.front.default = self.answer

    def answer(self, stop: Stop) -> stops.Resume:
        if not self.points and stop.reason is not Reason.WATCH:
            for text in self.watched:
                self.points.append(
                    self.inside.debugger.add(Spec(kind="watch", location=text, **self.fields), stop.frame)
                )
        for hit in stop.hits:
            if change := hit.change:
                self.seen.append(f"{change.name}: {change.old} → {change.new} {self.at(change)}")
        self.unseen += [f"{change.name}: {change.old} → {change.new}" for _, change in stop.unseen]
        return self.resumes.pop(0) if self.resumes else Continue()

    def at(self, change: stops.Change) -> str:
        assert change.place is not None
        filename, line, _ = change.place
        if filename != self.program.path:
            return f"{filename}:{line}"
        return next((f"@{mark}" for mark, at in self.program.marks.items() if at == line), str(line))

    @property
    def over(self) -> list[str]:
        return [notice.text for notice in self.inside.front.notices if isinstance(notice, stops.Over)]


def watching(
    inside: Inside, text: str, *watched: str, at: str = "here", fields: dict | None = None, **names
) -> Changes:
    """Run a program that has a line `# @here`, with watches set there."""
    program = inside.load(text, **names)
    changes = Changes(inside, program, *watched, **(fields or {}))
    inside.debugger.start()
    inside.debugger.program(program.code)
    inside.add(program, "here", temporary=True)
    program.run()
    inside.check()
    changes.left = armed(program.codes())  # type: ignore[attr-defined]
    return changes


# --- what changes ---------------------------------------------------------------------------------


def test_a_local_stops_at_each_change_and_ends_with_its_call(inside: Inside):
    changes = watching(
        inside,
        """
        def work(n):
            total = 0
            n = n  # @here
            for i in range(n):
                total += i  # @add
            total = total
            return total
        work(4)
        work(2)
        """,
        "total",
    )
    assert changes.seen == ["total: 0 → 1 @add", "total: 1 → 3 @add", "total: 3 → 6 @add"]
    assert changes.over == ["watch 2 is over: work has returned  (total)"]
    assert inside.debugger.breakpoints() == []
    assert changes.left == []


def test_a_local_of_another_call_of_the_same_function_is_another_one(inside: Inside):
    changes = watching(
        inside,
        """
        def down(n):
            left = n
            if n == 2:
                pass  # @here
            if n:
                down(n - 1)
            left = -n  # @set
        down(3)
        """,
        "left",
    )
    assert changes.seen == ["left: 2 → -2 @set"]


def test_a_local_that_is_bound_or_deleted_has_changed(inside: Inside):
    changes = watching(
        inside,
        """
        def work():
            pass  # @here
            late = 1  # @bind
            del late  # @delete
            late = 2  # @again
        work()
        """,
        "late",
    )
    assert changes.seen == ["late: (nothing) → 1 @bind", "late: 1 → (nothing) @delete", "late: (nothing) → 2 @again"]


def test_a_comprehension_has_variables_of_its_own(inside: Inside):
    changes = watching(
        inside,
        """
        def work():
            x = 0
            pass  # @here
            a = [x for x in range(3)]
            b = {x: y for x in range(3) for y in [x]}
            x = 1  # @set
        work()
        """,
        "x",
    )
    assert changes.seen == ["x: 0 → 1 @set"]


def test_the_variable_of_a_loop_changes_at_the_loops_head(inside: Inside):
    changes = watching(
        inside,
        """
        def work():
            k = None
            pass  # @here
            for k in "ab":  # @for
                pass
        work()
        """,
        "k",
    )
    assert changes.seen == ["k: None → 'a' @for", "k: 'a' → 'b' @for"]


def test_a_closures_variable_is_watched_wherever_it_is_assigned(inside: Inside):
    changes = watching(
        inside,
        """
        def outer():
            count = 0
            def bump():
                nonlocal count
                count += 1  # @inner
            bump()  # @here
            count = 5  # @outer
        outer()
        """,
        "count",
    )
    assert changes.seen == ["count: 0 → 1 @inner", "count: 1 → 5 @outer"]
    assert changes.left == []


def test_a_local_of_a_generator_is_watched_across_its_yields(inside: Inside):
    changes = watching(
        inside,
        """
        def numbers():
            n = 0
            pass  # @here
            while n < 2:
                n += 1  # @add
                yield n
        first = numbers()
        next(first)
        list(numbers())
        next(first)
        first.close()
        """,
        "n",
    )
    assert changes.seen == ["n: 0 → 1 @add", "n: 1 → 2 @add"]
    inside.debugger.data.unseen()  # 3.13 closes it without an event: then the next stop finds out
    assert len(changes.over) == 1
    assert inside.debugger.breakpoints() == []


def test_a_local_of_a_coroutine_is_watched_while_others_run(inside: Inside):
    changes = watching(
        inside,
        """
        import asyncio
        async def one(name):
            step = 0
            if name == "b":
                pass  # @here
            for _ in range(2):
                await asyncio.sleep(0)
                step += 1  # @add
        async def main():
            await asyncio.gather(one("a"), one("b"))
        asyncio.run(main())
        """,
        "step",
    )
    assert changes.seen == ["step: 0 → 1 @add", "step: 1 → 2 @add"]
    assert changes.over == ["watch 2 is over: one has returned  (step)"]


def test_a_call_that_an_exception_ends_ends_its_watch(inside: Inside):
    changes = watching(
        inside,
        """
        def fails():
            x = 1
            pass  # @here
            raise ValueError
        try:
            fails()
        except ValueError:
            pass
        """,
        "x",
    )
    assert changes.over == ["watch 2 is over: fails was left by an exception  (x)"]
    assert changes.left == []


def test_a_global_is_seen_from_every_function_and_through_the_module(inside: Inside):
    changes = watching(
        inside,
        """
        import sys, types
        count = 0
        module = types.ModuleType("module")
        def bump():
            global count
            count += 1  # @bump
        pass  # @here
        bump()
        count = 5  # @module
        globals()["count"] = 6  # @globals
        vars().update(count=7)  # @vars
        exec("count = 8")
        def later():
            global count
            count = 9  # @later
        later()
        del count  # @del
        """,
        "count",
    )
    assert [change.partition(" ")[2] for change in changes.seen] == [
        "0 → 1 @bump",
        "1 → 5 @module",
        "5 → 6 @globals",
        "6 → 7 @vars",
        "7 → 8 <string>:1",
        "8 → 9 @later",
        "9 → (nothing) @del",
    ]


def test_an_attribute_is_seen_however_python_code_sets_it(inside: Inside):
    changes = watching(
        inside,
        """
        class Cart:
            def __init__(self, total):
                self.total = total
            def add(self, price):
                self.total += price  # @add
        class Frozen:
            __slots__ = ("total",)
        cart, other, slotted = Cart(0), Cart(0), Frozen()
        slotted.total = 0
        pass  # @here
        other.add(9)
        cart.add(3)
        setattr(cart, "total", 4)  # @setattr
        cart.__dict__["total"] = 5  # @dict
        vars(cart).update(total=6)  # @vars
        object.__setattr__(cart, "total", 7)  # @object
        Frozen.total.__set__(slotted, 8)  # @slot
        (cart.total, x) = (9, 1)  # @tuple
        for cart.total in (10,): pass  # @for
        del cart.total  # @del
        """,
        "cart.total",
        "slotted.total",
    )
    assert changes.seen == [
        "cart.total: 0 → 3 @add",
        "cart.total: 3 → 4 @setattr",
        "cart.total: 4 → 5 @dict",
        "cart.total: 5 → 6 @vars",
        "cart.total: 6 → 7 @object",
        "slotted.total: 0 → 8 @slot",
        "cart.total: 7 → 9 @tuple",
        "cart.total: 9 → 10 @for",
        "cart.total: 10 → (nothing) @del",
    ]


def test_a_change_inside_a_container_counts(inside: Inside):
    changes = watching(
        inside,
        """
        class Box:
            pass
        def fill(it):
            it.append(3)
        def work():
            seen = [1]
            box = Box()
            box.by_name = {}
            pass  # @here
            seen.append(2)  # @append
            fill(seen)  # @call
            seen[0] = 0  # @item
            seen += [4]  # @add
            box.by_name["a"] = 1  # @key
            box.by_name |= {"b": 2}  # @update
            seen.count(1)
            return seen
        work()
        """,
        "seen",
        "box.by_name",
    )
    assert changes.seen == [
        "seen: [1] → [1, 2] @append",
        "seen: [1, 2] → [1, 2, 3] @call",
        "seen: [1, 2, 3] → [0, 2, 3] @item",
        "seen: [0, 2, 3] → [0, 2, 3, 4] @add",
        "box.by_name: {} → {'a': 1} @key",
        "box.by_name: {'a': 1} → {'a': 1, 'b': 2} @update",
    ]


def test_what_becomes_a_container_is_looked_into_from_then_on(inside: Inside):
    changes = watching(
        inside,
        """
        def work():
            found = None
            pass  # @here
            found = []  # @list
            found.append(1)  # @append
        work()
        """,
        "found",
    )
    assert changes.seen == ["found: None → [] @list", "found: [] → [1] @append"]


def test_an_item_of_a_dict_or_list_is_watched(inside: Inside):
    changes = watching(
        inside,
        """
        config, rows = {"mode": 1, "other": 1}, [1, 2]
        pass  # @here
        config["other"] = 2
        config["mode"] = 2  # @assign
        config.update(mode=3)  # @update
        rows[-1] = 5  # @row
        rows.insert(1, 4)
        rows.pop()  # @pop
        del config["mode"]  # @del
        """,
        "config['mode']",
        "rows[-1]",
    )
    assert changes.seen == [
        "config['mode']: 1 → 2 @assign",
        "config['mode']: 2 → 3 @update",
        "rows[-1]: 2 → 5 @row",
        "rows[-1]: 5 → 4 @pop",
        "config['mode']: 3 → (nothing) @del",
    ]


def test_code_that_is_loaded_later_is_looked_at_before_it_runs(inside: Inside):
    inside.load("def touch(it):\n    it.state = 2\n", name="late_module")
    sys.path.insert(0, str(inside.directory))
    try:
        changes = watching(
            inside,
            """
            class Thing:
                state = 1
            thing = Thing()
            pass  # @here
            import late_module
            late_module.touch(thing)
            """,
            "thing.state",
        )
    finally:
        sys.path.remove(str(inside.directory))
        sys.modules.pop("late_module", None)
    assert changes.seen == [f"thing.state: 1 → 2 {inside.directory / 'late_module.py'}:2"]


def test_a_change_in_another_thread_stops_that_thread(inside: Inside):
    changes = watching(
        inside,
        """
        import threading
        class Thing: pass
        thing = Thing()
        thing.n = 0
        def work():
            thing.n = 1  # @set
        pass  # @here
        t = threading.Thread(target=work)
        t.start()
        t.join()
        """,
        "thing.n",
    )
    assert changes.seen == ["thing.n: 0 → 1 @set"]
    assert inside.front.seen[-1].thread != threading.get_ident()


def test_what_no_look_has_seen_is_told_at_the_next_stop(inside: Inside):
    program = inside.load("""
        class Box: pass
        def aside(alias):
            alias.append(2)
        def work(box):
            box.rows = [1]
            alias = box.rows
            return alias
        box = Box()
        alias = work(box)
        pass  # @here
        aside(alias)
        pass  # @later
    """)
    changes = Changes(inside, program, "box.rows")
    inside.debugger.start()
    inside.debugger.program(program.code)
    inside.add(program, "here")
    inside.add(program, "later")
    # only code that mentions .rows looks inside it: the module does not
    inside.play(program)
    assert changes.seen == []
    assert changes.unseen == ["box.rows: [1] → [1, 2]"]


# --- when it stops --------------------------------------------------------------------------------

STEPS = """
    def work():
        x = 0
        pass  # @here
        x = 1
        x = 2
        x = 3
        x = 4
    work()
"""


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({"condition": "$new > 2 and $old == 2"}, [3]),
        ({"condition": "x % 2"}, [1, 3]),
        ({"hits": ">=3"}, [3, 4]),
        ({"ignore": 2}, [3, 4]),
        ({"temporary": True}, [1]),
        ({"thread": "nobody"}, []),
        ({"enabled": False}, []),
    ],
)
def test_a_watch_has_what_breakpoints_have(inside: Inside, fields, wanted):
    changes = watching(inside, STEPS, "x", fields=fields)
    assert [int(change.split()[3]) for change in changes.seen] == wanted


def test_a_condition_about_old_and_new_waits_until_there_are_both(inside: Inside):
    changes = watching(
        inside,
        """
        def work():
            pass  # @here
            x = 1
            x = 3
            x = 2  # @less
            del x
        work()
        """,
        "x",
        fields={"condition": "$new < $old"},
    )
    assert changes.seen == ["x: 3 → 2 @less"]


def test_a_condition_that_raises_stops_and_says_so(inside: Inside):
    changes = watching(inside, STEPS, "x", fields={"condition": "1 / (x - 1)"})
    assert [type(problem) for seen in inside.front.seen for problem in seen.problems] == [ZeroDivisionError]
    assert len(changes.seen) == 4


def test_disabled_it_sees_nothing_and_enabled_it_begins_from_what_is_there(inside: Inside):
    program = inside.load(STEPS.replace("x = 2", "x = 2  # @off").replace("x = 4", "x = 4  # @on"))
    changes = Changes(inside, program, "x")

    def off(stop: Stop) -> None:
        changes.answer(stop)
        inside.debugger.disable(changes.points[0].number)

    def on(stop: Stop) -> None:
        inside.debugger.enable(changes.points[0].number)
        changes.answer(stop)

    inside.add(program, "here")
    inside.add(program, "off")
    inside.add(program, "on")
    inside.play(program, changes.answer, off, on)  # @off is also where the first change stops
    assert [change.split(" ", 1)[1].rpartition(" ")[0] for change in changes.seen] == ["0 → 1", "3 → 4"]


def test_what_the_person_changes_is_no_news(inside: Inside):
    program = inside.load("""
        class Thing: pass
        thing = Thing()
        thing.n = 1
        pass  # @here
        pass  # @there
        thing.n = thing.n
    """)
    changes = Changes(inside, program, "thing.n")

    def change(stop: Stop) -> None:
        changes.answer(stop)
        program.names["thing"].n = 50

    inside.add(program, "here")
    inside.add(program, "there")
    inside.play(program, changes.answer, change)
    assert changes.seen == []
    assert changes.unseen == []


def test_a_breakpoint_and_a_watch_at_the_same_place_are_one_stop(inside: Inside):
    program = inside.load("""
        def work():
            x = 0
            pass  # @here
            x = 1
            pass  # @next
        work()
    """)
    changes = Changes(inside, program, "x")
    inside.add(program, "here")
    inside.add(program, "next")
    inside.play(program)
    assert inside.at() == ["here", "next"]
    assert inside.front.seen[1].reason is Reason.WATCH
    assert inside.front.seen[1].numbers == (3, 2)
    assert len(changes.seen) == 1


def test_a_step_that_arrives_where_a_watch_stops_is_one_stop(inside: Inside):
    program = inside.load("""
        def work():
            x = 0
            pass  # @here
            x = 1  # @set
            y = 2  # @next
            z = 3  # @last
        work()
    """)
    changes = Changes(inside, program, "x")
    changes.resumes = [Next(), Next(), Next()]
    inside.add(program, "here")
    inside.play(program)
    assert inside.at() == ["here", "set", "next", "last"]
    assert [seen.reason for seen in inside.front.seen[1:]] == [Reason.STEP, Reason.WATCH, Reason.STEP]


def test_a_finish_from_the_last_instruction_of_a_function_still_sees_the_return(inside: Inside):
    program = inside.load("""
        n = 0
        pass  # @here
        def bump():
            global n
            n += 1  # @set
        bump()
    """)
    changes = Changes(inside, program, "n")
    changes.resumes = [Continue(), StepOut()]
    inside.add(program, "here")
    inside.play(program)
    assert [seen.reason for seen in inside.front.seen] == [Reason.BREAKPOINT, Reason.WATCH, Reason.RETURNS]


# --- what it costs, what it leaves ----------------------------------------------------------------

HOT = """
    class Thing:
        pass
    def hot(n):
        total = i = 0
        while i < n:
            total += i
            i += 1
        return total
    def sets(thing, n):
        i = 0
        while i < n:
            thing.other = i
            thing.state = i  # @set
            i += 1
    thing = Thing()
    thing.state = 0
    hot(3)
    pass  # @here
"""


def spent(callbacks: Callbacks, run, *arguments) -> dict[str, int]:
    before = callbacks.by_event()
    run(*arguments)
    return {name: n for name, count in callbacks.by_event().items() if (n := count - before.get(name, 0))}


def test_a_watch_calls_back_at_stores_of_its_name_and_nowhere_else(callbacks: Callbacks, inside: Inside):
    changes = watching(inside, HOT, "thing.state")
    program = changes.program
    changes.points[0].ignore_next(10**6)
    hot, sets = program.names["hot"], program.names["sets"]
    assert instrumented(program.function("hot")) == {}
    for n in (0, 2):  # each way through it once
        sets(program.names["thing"], n)
    assert spent(callbacks, hot, 500) == {}
    assert spent(callbacks, sets, program.names["thing"], 300) == {"INSTRUCTION": 300}
    assert list(instrumented(program.function("sets")).values()) == ["INSTRUCTION"]
    inside.debugger.remove(changes.points[0].number)
    assert spent(callbacks, sets, program.names["thing"], 300) == {}
    assert instrumented(program.function("sets")) == {}
    assert armed(program.codes()) == []


def test_a_watched_local_calls_back_at_its_own_stores_only(callbacks: Callbacks, inside: Inside):
    program = inside.load("""
        def work(n):
            total = last = 0
            for i in range(n):
                total += i
                if i == 3:
                    last = i  # @set
            return total
        work(9)
    """)
    program.run()
    changes = Changes(inside, program, "last")
    inside.debugger.start()
    point = inside.add(program, "set", condition="n == 9")
    program.names["work"](9)
    inside.debugger.remove(point.number)
    inside.check()
    assert changes.seen == ["last: 0 → 3 @set"]
    before = callbacks.by_event()
    program.names["work"](500)
    assert callbacks.by_event() == before
    assert armed(program.codes()) == []


def test_a_watch_keeps_neither_its_object_nor_what_it_held_alive(inside: Inside):
    changes = watching(
        inside,
        """
        import weakref
        class Thing: pass
        thing, other = Thing(), Thing()
        thing.held = Thing()
        pass  # @here
        died = []
        dying = weakref.finalize(thing.held, died.append, "held")
        thing.held = None  # @drop
        gone = not dying.alive
        dead = weakref.ref(thing)
        del thing
        alive = dead() is not None
        other.held = 1
        """,
        "thing.held",
    )
    assert len(changes.seen) == 1
    names = changes.program.names
    assert names["died"] == ["held"]
    assert names["gone"] is True
    assert names["alive"] is False
    assert changes.over == ["watch 2 is over: the object is gone  (thing.held)"]
    assert changes.left == []


def test_the_objects_of_a_frame_die_as_they_would_without_a_watch(inside: Inside):
    class Thing:
        pass

    made: list[weakref.ref] = []

    def make() -> Thing:
        thing = Thing()
        made.append(weakref.ref(thing))
        return thing

    changes = watching(
        inside,
        """
        def work():
            kept = make()
            n = 1
            pass  # @here
            n = 2
        work()
        dead = made[0]() is None
        """,
        "n",
        "kept",
        make=make,
        made=made,
    )
    assert changes.program.names["dead"] is True


HOSTILE = """
    calls = []
    class Meta(type):
        def __eq__(self, other): calls.append("meta eq"); return True
        def __hash__(self): return 1
    class Hostile(metaclass=Meta):
        def __init__(self): object.__setattr__(self, "__dict__", {"value": 1, "deep": self})
        def __getattribute__(self, name):
            calls.append(name); return object.__getattribute__(self, name)
        def __getattr__(self, name): calls.append(name); raise AttributeError
        def __eq__(self, other): calls.append("eq"); return True
        def __hash__(self): calls.append("hash"); return 1
        def __repr__(self): calls.append("repr"); return "x"
        def __bool__(self): calls.append("bool"); return True
        def __len__(self): calls.append("len"); return 1
        @property
        def computed(self): calls.append("computed"); return 1
        @property
        def __class__(self): calls.append("class"); return int
    it, other = Hostile(), Hostile()
    holder = {"it": it}
    calls.clear()
    pass  # @here
    set_it = object.__setattr__
    set_it(it, "value", other)  # @set
    holder["it"] = other  # @item
    calls_made = list(calls)
"""


def test_watching_runs_none_of_the_programs_code(inside: Inside):
    changes = watching(inside, HOSTILE, "it.value", "it.deep.deep.value", "holder['it']", "it")
    assert changes.program.names["calls_made"] == []
    assert [change.rpartition(" ")[0] for change in changes.seen] == [
        "it.value: 1 → <Hostile>",
        "it.deep.deep.value: 1 → <Hostile>",
        "holder['it']: <Hostile> → <Hostile>",
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("it.computed", "computed is a property of Hostile"),
        ("nothing", "there is no variable 'nothing' here"),
        ("it.value + 1", "a NAME, OBJECT.NAME or OBJECT[KEY] can be watched"),
        ("make().x", "is not known without running code"),
        ("it.computed.real", "it.computed is not known without running code"),
        ("calls[", "can be watched, not 'calls['"),
        ("holder[it]", "a key can be watched where it is a str"),
        ("it[0]", "items of a dict or a list can be watched; it is a Hostile"),
        ("calls.x", "list has no attribute 'x'"),
    ],
)
def test_what_cannot_be_watched_is_refused_with_the_reason(inside: Inside, text, words):
    program = inside.load(HOSTILE)
    said: list[str] = []

    def refused(stop: Stop) -> None:
        with pytest.raises(LocationError) as caught:
            inside.debugger.add(Spec(kind="watch", location=text), stop.frame)
        said.append(str(caught.value))
        assert [point.kind for point in inside.debugger.breakpoints()] == ["line"]

    inside.add(program, "here")
    inside.play(program, refused)
    assert words in said[0]
    assert program.names["calls_made"] == []


def test_threads_that_store_while_watches_come_and_go_compute_what_they_should(inside: Inside):
    program = inside.load("""
        class Thing: pass
        thing = Thing()
        thing.n, thing.items, total = 0, [], 0
        def work(k):
            global total
            found = 0
            for i in range(k):
                thing.n += 1
                total += 1
                thing.items.append(i)
                if i % 7 == 0:
                    thing.items = []
                found += i
            return found
        pass  # @here
    """)
    frames = []
    inside.add(program, "here", temporary=True)
    inside.play(program, lambda stop: frames.append(stop.frame))
    results: list[tuple[int, int]] = []

    def work() -> None:
        for k in range(150):
            results.append((k, program.names["work"](k)))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    turn = 0
    while any(thread.is_alive() for thread in threads):
        turn += 1
        texts = ("thing.n", "thing.items", "total")[turn % 2 : turn % 2 + 2]
        points = [inside.debugger.add(Spec(kind="watch", location=text, hits="%50"), frames[0]) for text in texts]
        for point in points:
            inside.debugger.disable(point.number)
            inside.debugger.enable(point.number)
            inside.debugger.remove(point.number)
    for thread in threads:
        thread.join()
    inside.check()
    assert [found for k, found in results] == [sum(range(k)) for k, _ in results]
    assert inside.debugger.data.spots == {}
    assert armed(program.codes()) == []
