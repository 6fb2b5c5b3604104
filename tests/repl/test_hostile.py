"""Objects that raise, recurse, lie or drown: every command that shows a value stays a command."""

from __future__ import annotations

import re

from tests.processes import PROGRAMS
from tests.repl.test_stops import blocks, debug

PROGRAM = PROGRAMS / "hostile.py"
FORMS = "{0}", "p {0}", "pp [{0}]", "p -f {0}", "p -r {0}", "inspect {0}", "whatis {0}", "display {0}", "source {0}"


def line_of(mark: str) -> int:
    return next(n for n, line in enumerate(PROGRAM.read_text().splitlines(), 1) if line.endswith(mark))


def local_names() -> list[str]:
    body = PROGRAM.read_text().partition("def look():")[2].partition("# @look")[0]
    return re.findall(r"^    (\w+) = ", body, re.MULTILINE)


def test_nothing_that_a_value_does_takes_the_prompt_away() -> None:
    names = local_names()
    assert len(names) > 15
    # not all of the 5 million numbers in it: that is what Ctrl-C is for
    lines = [form.format(name) for name in names for form in FORMS if (name, form) != ("nested", "p -f {0}")]
    after = ["lo", "u", "d", "n", "lo", "undisplay", "w", "p 'still here'", "q"]
    done = debug(PROGRAM, f"b {line_of('# @look')}", "c", *lines, *after)
    assert "internal error" not in done.out
    assert "is not defined" not in done.out
    assert "(lowdb) 'still here'\n" in done.out
    assert "\x1b" not in done.out
    assert done.err == ""
    assert max(map(len, blocks(done))) < 12_000_000  # -f shows the long ones whole


def test_stops_with_hostile_arguments_values_and_exceptions_are_shown() -> None:
    commands = ["b arguments", "trap arguments", "catch RaisingStr", "c", "a", "c", "c", "p $exc", "exceptions", "c"]
    done = debug(PROGRAM, *commands)
    assert "internal error" not in done.out
    assert re.search(r"^breakpoint 1 .*arguments\(raising=<RaisingRepr>", done.out, re.MULTILINE)
    assert re.search(r"^raised  RaisingStr: <str raised Bomb>", done.out, re.MULTILINE)
    assert done.status == 0
