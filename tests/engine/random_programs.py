"""Small random programs and random ways to step through them, from a seed. They end, and no id or time matters."""

from __future__ import annotations

import re
from random import Random

type Command = tuple[str, int]
"""`step`, `next`, `return`, `until`, `continue`, and how many frames `up` it is meant for."""

PRELUDE = """\
class Guard:
    def __init__(self, name, quiet):
        self.name = name
        self.quiet = quiet

    def __enter__(self):
        log.append(("enter", self.name))
        return self.name

    def __exit__(self, kind, error, traceback):
        log.append(("exit", self.name, kind))
        return self.quiet


log = []
"""


class Writer:
    """Writes one program. Functions call only those written before them, or themselves with less to do."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.lines: list[str] = []
        self.functions: list[str] = []
        self.generators: list[str] = []
        self.names = 0

    def program(self) -> str:
        for _ in range(self.random.randint(2, 4)):
            if self.random.random() < 0.35:
                self._generator()
            else:
                self._function()
        if not self.functions:
            self._function()
        for _ in range(self.random.randint(1, 3)):
            self.lines += ["try:", f"    log.append({self._call('2')})", "except Exception as error:"]
            self.lines += ["    log.append(type(error).__name__)"]
        if self.random.random() < 0.3:
            self.lines += [f"log.append({self._call('1')})", "log.append('end')"]
        return PRELUDE + "\n".join(self.lines) + "\n"

    # --- definitions

    def _function(self) -> None:
        name = f"f{len(self.functions)}"
        body = ["    total = n"]
        if self.random.random() < 0.2:
            body += ["    if n > 0:", f"        total += {name}(n - 1)"]
        body += self._block(1, 2, generator=False)
        if self.random.random() < 0.8:
            body.append("    return total")
        self.lines += [f"def {name}(n):", *body, "", ""]
        self.functions.append(name)

    def _generator(self) -> None:
        name = f"g{len(self.generators)}"
        body = ["    total = n"]
        if self.random.random() < 0.5:
            body += ["    try:", *self._block(2, 2, generator=True), "        yield total"]
            if self.random.random() < 0.5:
                body += ["    except ValueError:", "        yield -1"]
            else:
                body += ["    finally:", f"        log.append(('{name}', n))"]
        else:
            body += self._block(1, 2, generator=True)
        body.append(self.random.choice(["    yield total", "    total += 1", "    return total"]))
        if not any("yield" in line for line in body):
            body.insert(1, "    yield 0")
        self.lines += [f"def {name}(n):", *body, "", ""]
        self.generators.append(name)

    # --- statements

    def _block(self, level: int, depth: int, *, generator: bool, loop: bool = False) -> list[str]:
        lines: list[str] = []
        for _ in range(self.random.randint(1, 3)):
            lines += self._statement(level, depth, generator, loop)
        return lines

    def _statement(self, level: int, depth: int, generator: bool, loop: bool) -> list[str]:
        chance = self.random
        pad = "    " * level
        simple = [self._add, self._add, self._log, self._called, self._called, self._calls, self._comprehension]
        simple += [self._raises, self._split, self._lambda, self._expression]
        if generator:
            simple += [self._yield] * 4 + [self._yield_from] * 2
        if loop:
            simple += [self._leave]
        elif level > 1:
            simple += [self._return]
        nested = [self._if, self._for, self._while, self._try, self._with, self._consume, self._inner, self._close]
        if depth and chance.random() < 0.5:
            return [pad + line for line in chance.choice(nested)(depth - 1, generator, loop)]
        return [pad + line for line in chance.choice(simple)()]

    def _name(self) -> str:
        self.names += 1
        return f"v{self.names}"

    def _call(self, argument: str = "n") -> str:
        """A call that makes a number."""
        kinds = [f"{name}({argument})" for name in self.functions]
        kinds += [f"sum({name}({argument}))" for name in self.generators]
        kinds += [f"next({name}({argument}), 7)" for name in self.generators[:1]]
        return self.random.choice(kinds) if kinds else f"abs({argument})"

    def _add(self) -> list[str]:
        return [self.random.choice(["total += 1", "total -= n", "n -= 1", "pass", "total = total * 2 % 17"])]

    def _log(self) -> list[str]:
        return ["log.append(total)"]

    def _called(self) -> list[str]:
        return [f"total += {self._call()} or 0"]

    def _calls(self) -> list[str]:
        return [f"total += ({self._call()} or 0) + ({self._call('1')} or 0)"]

    def _split(self) -> list[str]:
        return ["total += max(", f"    {self._call()} or 0,", f"    {self._call('0')} or 0,", ")"]

    def _comprehension(self) -> list[str]:
        made = self.random.choice(
            [
                f"total += len([{self._call('k')} for k in range(2)])",
                "total += sum(k * n for k in range(3))",
                f"total += len({{k: {self._call('k')} for k in (0, 1)}})",
                "total += sum([k for k in range(4) if k % 2])",
            ]
        )
        return [made]

    def _expression(self) -> list[str]:
        return [self.random.choice([f"total += ({self._call()} if n > 1 else 3) or 0", "total = n and total or 1"])]

    def _lambda(self) -> list[str]:
        name = self._name()
        return [f"{name} = lambda a: a + {self.random.randint(0, 5)}", f"total += {name}(n)"]

    def _raises(self) -> list[str]:
        kind = self.random.choice(["ValueError", "KeyError"])
        return [f"if {self.random.choice(['n == 1', 'total % 3 == 0', 'n < 1'])}:", f"    raise {kind}(n)"]

    def _leave(self) -> list[str]:
        return ["if total % 2:", f"    {self.random.choice(['break', 'continue'])}"]

    def _return(self) -> list[str]:
        return ["if total > 5:", "    return total"]

    def _yield(self) -> list[str]:
        return [self.random.choice(["yield total", "total += (yield n) or 1", "yield total + 1"])]

    def _yield_from(self) -> list[str]:
        if not self.generators:
            return ["yield from range(2)"]
        return [f"total += (yield from {self.random.choice(self.generators)}(n - 1)) or 0"]

    def _if(self, depth: int, generator: bool, loop: bool) -> list[str]:
        lines = [
            f"if {self.random.choice(['n > 1', 'total % 2', 'n == 0'])}:",
            *self._block(1, depth, generator=generator, loop=loop),
        ]
        if self.random.random() < 0.5:
            lines += ["else:", *self._block(1, depth, generator=generator, loop=loop)]
        return lines

    def _for(self, depth: int, generator: bool, loop: bool) -> list[str]:
        lines = [f"for {self._name()} in range(2):", *self._block(1, depth, generator=generator, loop=True)]
        if self.random.random() < 0.3:
            lines += ["else:", "    total += 10"]
        return lines

    def _while(self, depth: int, generator: bool, loop: bool) -> list[str]:
        name = self._name()
        return [
            f"{name} = 0",
            f"while {name} < 2:",
            f"    {name} += 1",
            *self._block(1, depth, generator=generator, loop=True),
        ]

    def _try(self, depth: int, generator: bool, loop: bool) -> list[str]:
        lines = ["try:", *self._block(1, depth, generator=generator, loop=loop)]
        ends = self.random.randint(0, 3)
        if ends != 1:
            lines += ["except ValueError:", *self._block(1, depth, generator=generator, loop=loop)]
        if ends == 2:
            lines += ["else:", "    total += 1"]
        if ends in (1, 3):
            lines += ["finally:", "    total += 2", f"    log.append({self.random.randint(0, 9)})"]
        return lines

    def _with(self, depth: int, generator: bool, loop: bool) -> list[str]:
        name = self._name()
        quiet = self.random.choice(["True", "False"])
        return [f"with Guard('{name}', {quiet}):", *self._block(1, depth, generator=generator, loop=loop)]

    def _consume(self, depth: int, generator: bool, loop: bool) -> list[str]:
        if not self.generators:
            return self._for(depth, generator, loop)
        name = self.random.choice(self.generators)
        return [f"for {self._name()} in {name}(n):", *self._block(1, depth, generator=generator, loop=True)]

    def _close(self, depth: int, generator: bool, loop: bool) -> list[str]:
        if not self.generators:
            return self._add()
        name = self._name()
        end = self.random.choice([f"{name}.close()", f"total += len(list({name}))", f"{name}.throw(ValueError(3))"])
        lines = [f"{name} = {self.random.choice(self.generators)}(n)", f"total += next({name}, 0)"]
        if end.endswith("(ValueError(3))"):
            return [*lines, "try:", f"    {end}", "except (ValueError, StopIteration):", f"    {name}.close()"]
        return [*lines, end]

    def _inner(self, depth: int, generator: bool, loop: bool) -> list[str]:
        name = self._name()
        body = ["    b = a + 1", "    return b"]
        if self.random.random() < 0.3:
            body = ["    nonlocal total", "    total += a", "    return a"]
        return [f"def {name}(a):", *body, f"total += {name}(n) + {name}(1)"]


def program(seed: int) -> str:
    """The text of a module; the same for the same seed."""
    return Writer(seed).program()


def commands(seed: int, count: int) -> list[Command]:
    """`count` commands; afterwards the program is to run on."""
    random = Random(~seed)
    made: list[Command] = []
    mood = "step"
    for _ in range(count):
        if random.random() < 0.3:
            mood = random.choice(["step", "next", "both"])
        dice = random.random()
        if dice < 0.08:
            made.append(("return", random.choice([0, 0, 0, 1])))
        elif dice < 0.16:
            made.append(("until", random.choice([0, 0, 0, 1])))
        elif dice < 0.22:
            made.append(("continue", 0))
        elif dice < 0.27:
            made.append(("next", random.choice([1, 1, 2])))
        else:
            made.append((random.choice(["step", "next"]) if mood == "both" else mood, 0))
    return made


def breakpoint_lines(text: str, seed: int) -> set[int]:
    """One to three lines that a breakpoint can mean one thing at: no definition, no loop within the line."""
    random = Random(seed + 1)
    wanted = [
        number
        for number, line in enumerate(text.splitlines(), 1)
        if number > PRELUDE.count("\n")
        and not re.match(r"\s*(def|class|else|finally|try|except|with|nonlocal|\)|$)", line)
        and " for " not in line
        and "lambda" not in line
        and not line.endswith((",", "("))
    ]
    return set(random.sample(wanted, min(len(wanted), random.randint(1, 3))))
