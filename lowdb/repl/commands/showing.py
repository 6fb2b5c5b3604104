"""Commands that show values: print, look inside, keep in view; what a function returned and what was raised."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lowdb.program import values
from lowdb.program.frames import exception_chain, traceback_stack
from lowdb.repl.arguments import ArgumentError, options
from lowdb.repl.blocks import Table, Text, Value
from lowdb.repl.commands.running import nothing_more
from lowdb.repl.evaluation import describe
from lowdb.repl.inspecting import Tree
from lowdb.repl.printing import shown, shown_full, shown_lines, shown_raw
from lowdb.repl.registry import command
from lowdb.repl.selection import Selection

if TYPE_CHECKING:
    from lowdb.repl.session import Session


@command("p", group="look", arguments="[-f | -r | -d N] EXPR", takes="expression")
def p(session: Session, rest: str) -> None:
    """Show the value of an expression, cut to a readable size; it says what was left out.

    `-f` shows all of it, `-r` its real repr, `-d N` N levels deep. In expressions `$ret`, `$exc`, `$hits`, `$thread`,
    `$task`, `$frame` and `$bp` are what belongs to this stop.

        p cart.total
        p sum(x * k for x in xs)
        p -f rows
    """
    flags, valued, text = options(rest, "frd:")
    value = session.evaluate(_needed(text, "p"))
    if "f" in flags:
        session.show(Value(shown_full(value)))
    elif "r" in flags:
        session.show(Value(shown_raw(value)))
    else:
        session.show(Value(shown(session, value, valued.get("d"))))


@command("pp", group="look", arguments="[-d N] EXPR", takes="expression")
def pp(session: Session, rest: str) -> None:
    """Show a value over several lines, an item a line where it is large."""
    _, valued, text = options(rest, "d:")
    value = session.evaluate(_needed(text, "pp"))
    session.show(Value(shown_lines(session, value, valued.get("d"))))


@command("inspect", group="look", arguments="[EXPR | N]", takes="expression")
def inspect(session: Session, rest: str) -> None:
    """Show what is inside a value as a tree that is opened node by node: items and attributes.

    Each line has a number: `inspect N` opens that node, or closes it, and shows what is below it; on a line that says
    how many more there are it shows the next of them. Alone, it shows all of the tree again. Once EXPR has its value
    no code of the program runs: a property is named and not run. The tree lasts as long as this stop.

        inspect cart
        inspect 3
    """
    tree = session.tree
    if rest.isdecimal():
        if tree is None:
            raise ArgumentError("no tree yet: inspect EXPR makes one")
        if int(rest) not in tree:
            raise ArgumentError(f"no node {rest} in the tree (inspect shows it)")
        problem = tree.toggle(int(rest))
        if problem is not None:
            raise ArgumentError(problem)
    elif rest:
        tree = session.tree = Tree(rest, session.evaluate(rest))
    elif tree is None:
        raise ArgumentError("no tree yet: inspect EXPR makes one")
    session.show(tree.view(int(rest) if rest.isdecimal() else None))


@command("inspect!", group="look", arguments="[EXPR]", takes="expression")
def walk(session: Session, rest: str) -> None:
    """Walk through a value with the arrow keys, where there is a terminal; elsewhere as `inspect`.

    Up and Down move, Right opens and Left closes, Enter takes the expression of the line along to the prompt, `q`
    leaves. Alone: the tree that `inspect` has shown.

        inspect! cart
    """
    if rest:
        session.tree = Tree(rest, session.evaluate(rest))
    if session.tree is None:
        raise ArgumentError("no tree yet: inspect! EXPR makes one")
    explore = getattr(session.console, "explore", None)
    if explore is None or not explore(session.tree):
        session.show(session.tree.view())


@command("whatis", group="look", arguments="EXPR", takes="expression")
def whatis(session: Session, rest: str) -> None:
    """Show the type of a value; for a function its signature and place."""
    session.show(Text(values.whatis(session.evaluate(_needed(rest, "whatis")))))


@command("display", group="look", arguments="[EXPR]", takes="expression")
def display(session: Session, rest: str) -> None:
    """Show an expression at every stop from now on; alone, show all that are kept.

    It may have no value yet. In functions where the expression means nothing it is left out.
    """
    if not rest:
        texts = session.displays.texts()
        if not texts:
            return session.say("nothing is displayed (display EXPR)")
        for block in session.displays.lines(session.asker, session.frame, session.stop) or map(Text, texts):
            session.show(block)
        return None
    return session.show(session.displays.add(rest, session.asker, session.frame, session.stop))


@command("undisplay", group="look", arguments="[EXPR]", takes="displayed")
def undisplay(session: Session, rest: str) -> None:
    """Stop displaying an expression; alone, all of them."""
    if not session.displays.remove(rest or None) and rest:
        raise ArgumentError(f"not displayed: {rest}")


@command("retval", "rv", group="look")
def retval(session: Session, rest: str) -> None:
    """Show what the function returns, where the program stopped at its exit or just came out of it."""
    nothing_more("retval", rest)
    session.show(Value(shown(session, session.evaluate("$ret")), "$ret"))


@command("exceptions", group="look", arguments="[N]", takes="chained")
def exceptions(session: Session, rest: str) -> None:
    """List the exception with its causes, contexts and groups; with a number, look at the frames of that one."""
    stop = session.stop
    if stop.exception is None:
        raise ArgumentError("no exception stopped the program here")
    chain = exception_chain(stop.exception)
    if not rest:
        rows = []
        for number, (exception, how) in enumerate(chain):
            mark = ">" if exception is session.chosen_exception else " "
            rows.append((mark, str(number), *([how] if how else ()), describe(exception)))
        return session.show(Table(rows, ("mark", "number")))
    if not rest.isdecimal() or int(rest) >= len(chain):
        raise ArgumentError(f"no exception {rest}: there are 0 to {len(chain) - 1}")
    exception = chain[int(rest)][0]
    if exception.__traceback__ is None:
        raise ArgumentError(f"exception {rest} was never raised: it has no frames")
    if int(rest) == 0:
        session.look_back()
    else:
        mycode = session.debugger.mycode
        words = session.selection.words
        about = "" if stop.post_mortem else f"these are the frames of exception {rest}"
        way_back = "exceptions 0 leads back"
        session.look_at(Selection(stop, lambda: traceback_stack(exception, mycode), mycode, words, about, way_back))
    session.chosen_exception = exception
    return session.show_place()


def _needed(text: str, name: str) -> str:
    if not text:
        raise ArgumentError(f"{name} needs an expression: {name} EXPR")
    return text
