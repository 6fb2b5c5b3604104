"""The engine's side of a scenario: runs a program under a front end of a few lines that is told what to do over a pipe.

    engine_door.py FD_IN FD_OUT OPTIONS PROGRAM ARG…

Reads `[verb, rest]`, one JSON array a line; answers a JSON object a line: a stop, or {"done": bool, "text": str}.
Runs as a program of its own (scenario.py starts it); the debuggee's standard streams are its own.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import traceback

from lowdb.cli import BARE
from lowdb.engine import forks, lifetime, stops, targets
from lowdb.engine.breakpoints import Spec
from lowdb.engine.conditions import ConditionError
from lowdb.engine.debugger import Debugger
from lowdb.engine.locations import LocationError
from lowdb.program import evaluate, frames, paths, values

CLAUSES = re.compile(r"\s+(?=(?:if|hits|every|once|thread|task)\b)")


def spec(verb: str, rest: str) -> Spec:
    """The breakpoint that a step asks for."""
    fields: dict[str, object] = {}
    if verb == "log":
        rest, _, text = rest.partition(" ")
        fields["log"] = text.strip('"')
    head, *clauses = CLAUSES.split(rest, maxsplit=1)
    while clauses:
        word, _, clause = clauses.pop().partition(" ")
        if word == "if":
            fields["condition"] = clause  # always the last
            break
        clause, *clauses = CLAUSES.split(clause, maxsplit=1)
        match word:
            case "once":
                fields["temporary"] = True
            case "every":
                fields["hits"] = f"%{clause}"
            case _:
                fields[word] = clause
    words = head.split()
    if verb == "trap":
        fields |= {"kind": "exit", "location": words.pop(0)}
        for word in words:
            fields["exits" if word in {"returns", "unwinds"} else "exception"] = word
    elif verb == "watch":
        fields |= {"kind": "watch", "location": head}
    elif verb == "catch":
        fields["kind"] = "raise"
        for word in words:
            fields["raised" if word in {"raised", "uncaught", "user"} else "exception"] = word
    else:
        fields |= {"location": head, "kind": "line" if re.search(r"(^|:)\d+$", head) else "function"}
    if verb == "tbreak":
        fields["temporary"] = True
    return Spec(**fields)


class Script:
    """The front end: tells of each stop, does what it is told, returns the resume."""

    def __init__(self, inward: int, outward: int) -> None:
        self._inward = os.fdopen(inward, "r", encoding="utf-8")
        self._outward = outward
        self.debugger: Debugger
        self.selected = 0
        self.notices: list[str] = []

    # --- what the engine calls

    def on_stop(self, stop: stops.Stop) -> stops.Resume:
        try:
            return self.talk(stop)
        except BaseException:
            self.send({"broken": traceback.format_exc()})
            os._exit(70)

    def on_notice(self, notice: stops.Notice) -> None:
        if isinstance(notice, stops.Problem):
            self.send({"broken": "".join(traceback.format_exception(notice.error)) + notice.text})
            os._exit(71)
        if isinstance(notice, stops.Logged):
            print(notice.text, flush=True)

    # --- the rest is ours

    def send(self, message: dict[str, object]) -> None:
        os.write(self._outward, json.dumps(message).encode() + b"\n")

    def talk(self, stop: stops.Stop) -> stops.Resume:
        self.selected = 0
        self.stack = (
            frames.traceback_stack(stop.exception, self.debugger.mycode)
            if stop.post_mortem
            else frames.stack(stop.frame, self.debugger.mycode)
        )
        self.send(self.seen(stop))
        while line := self._inward.readline():
            verb, rest = json.loads(line)
            if resume := self.resume(verb, rest, stop):
                return resume
            try:
                self.send({"done": True, "text": self.do(verb, rest, stop)})
            except (LocationError, ConditionError, stops.JumpRefused, KeyError) as error:
                self.send({"done": False, "text": f"{type(error).__name__}: {error}"})
            except Exception as error:
                if verb not in {"p", "set", "type"}:
                    raise
                self.send({"done": False, "text": f"{type(error).__name__}: {error}"})
        return stops.Continue()

    def seen(self, stop: stops.Stop) -> dict[str, object]:
        frame, line = stop.frame, stop.frame.f_lineno
        if stop.post_mortem and self.stack:
            frame, line = self.stack[0].frame, self.stack[0].line
        detail = ""
        if stop.hits and stop.reason is stops.Reason.BREAKPOINT:
            detail = ", ".join(str(hit.breakpoint.number) for hit in stop.hits)
        elif stop.reason is stops.Reason.RETURNS:
            detail = values.summary(stop.value)
        elif stop.reason is stops.Reason.WATCH:
            changes = [hit.change for hit in stop.hits if hit.change]
            detail = ", ".join(f"{change.name}: {change.old} → {change.new}" for change in changes)
        elif stop.exception is not None:
            detail = type(stop.exception).__name__
        elif end := stop.finished:
            detail = f"{end.function} " + (
                f"raised {type(end.exception).__name__}"
                if end.exception is not None
                else f"returned {values.summary(end.value)}"
                if end.seen
                else "ended"
            )
        return {
            "filename": paths.canonical(frame.f_code.co_filename),
            "line": line,
            "function": frame.f_code.co_name,
            "reason": stop.reason.value,
            "detail": detail,
            "text": "".join(f" ({hit.breakpoint.number}: {hit.problem!r})" for hit in stop.hits if hit.problem),
        }

    def resume(self, verb: str, rest: str, stop: stops.Stop) -> stops.Resume | None:
        frame = self.stack[self.selected].frame if self.selected else None
        match verb:
            case "continue":
                return stops.Continue()
            case "next":
                return stops.Next(frame)
            case "step":
                return stops.StepIn(target=rest or None)
            case "step!":
                return stops.StepIn(anywhere=True)
            case "finish":
                return stops.StepOut(frame)
            case "until":
                return stops.Until(int(rest) if rest else None, frame)
            case "to":
                filename, _, line = rest.rpartition(":")
                return stops.RunTo(filename, int(line))
            case "detach":
                return stops.Detach()
            case "quit":
                return stops.Quit(now=True)
        return None

    def do(self, verb: str, rest: str, stop: stops.Stop) -> str:
        debugger, frame = self.debugger, self.stack[self.selected].frame
        number, _, argument = rest.partition(" ")
        match verb:
            case "break" | "tbreak" | "log" | "trap" | "catch" | "watch":
                made = debugger.add(spec(verb, rest), frame)
                return " ".join(filter(None, [f"{made.number} {made.places}", made.note, made.pending]))
            case "ignore":
                debugger.set_ignore(int(number), int(argument))
            case "condition":
                debugger.set_condition(int(number), argument or None)
            case "enable":
                debugger.enable(int(number))
            case "disable":
                debugger.disable(int(number))
            case "clear":
                debugger.remove(int(number))
            case "mycode":
                debugger.mycode.enabled = rest == "on"
            case "jump":
                stop.jump(int(rest))
            case "up" | "down":
                self.select((1 if verb == "up" else -1) * int(rest or 1))
                return self.stack[self.selected].function
            case "type" if evaluate.is_expression(rest) != "expression":
                with debugger.evaluating(stop):
                    evaluate.execute(rest, frame, {})
            case "p" | "type":
                with debugger.evaluating(stop):
                    return values.summary(evaluate.evaluate(evaluate.dollar(rest), frame, self.dollars(stop)))
            case "set":
                with debugger.evaluating(stop):
                    evaluate.execute(rest, frame, {})
            case _:
                raise ValueError(f"no step {verb!r}")
        return ""

    def dollars(self, stop: stops.Stop) -> dict[str, object]:
        return {"_lowdb_ret": stop.value, "_lowdb_exc": stop.exception}

    def select(self, count: int) -> None:
        shown = [i for i, info in enumerate(self.stack) if not info.hidden or i in (0, self.selected)]
        at = shown.index(self.selected) + count
        self.selected = shown[max(0, min(at, len(shown) - 1))]


def main() -> None:
    """What `lowdb` does (cli.py), with another front end."""
    inward, outward, options, name, *args = sys.argv[1:]
    del sys.path[0]  # tests/, which the program does not see
    script = Script(int(inward), int(outward))
    debugger = script.debugger = Debugger(script)
    for key, value in json.loads(options).items():
        setattr(debugger.options, key, value)
    program = targets.find(name, args)
    program.compile()
    debugger.start()
    forks.watch(lambda: debugger)
    signal.signal(signal.SIGINT, lambda number, frame: debugger.interrupt(frame))
    program.prepare(BARE)
    lifetime.run(program, debugger)


if __name__ == "__main__":
    main()
