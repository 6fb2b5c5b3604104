"""The door "dap" of the scenarios: steps as an editor makes them, through a debuggee's DAP server.

An editor's step out of a function lands at the call, in the middle of the caller's line; the scenarios tell where the
terminal's lands, at the caller's next line: the door goes on by one more `next` there, as a person would.
"""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from typing import Any

from tests.dap.inside import Inside
from tests.dap_client import Late, Refused
from tests.scenario import Ended, Seen

CLAUSES = re.compile(r"\s+(?=(?:if|hits|every)\b)")
FILTERS = {"raised": "raised", "uncaught": "uncaught", "user": "userUnhandled"}


class Untold(Exception):
    """This step cannot be told to an editor's debugger: DAP has no such thing."""


class DapDoor:
    """A debuggee, and what an editor would send to it."""

    def __init__(self, program: Path, args: tuple[str, ...], options: dict[str, object]) -> None:
        if options:
            raise Untold(f"the options {options}")
        self.client = Inside(stdin=True)
        self.client.strict = False  # tests/dap checks every message; here it would only cost time
        self.process = self.client.debuggee
        self.program = program
        self.args = list(args)
        self.lines: dict[str, list[dict[str, Any]]] = {}
        self.functions: list[dict[str, Any]] = []
        self.filters: list[dict[str, Any]] = [{"filterId": "uncaught"}]
        self.numbers: list[int] = []
        """DAP's ids by the scenario's numbers: the exception breakpoint at 0 is ours."""
        self.thread = 1
        self.selected = 0
        self.frames: list[dict[str, Any]] = []

    def first(self) -> Seen | Ended:
        try:
            self.client.launch(self.program, args=self.args, stopOnEntry=True, filters=["uncaught"])
        except (Late, BrokenPipeError):
            return self._ended()
        return self._stop()

    def close(self) -> None:
        self.client.kill()

    # --- what resumes nothing

    def ask(self, verb: str, rest: str) -> tuple[bool, str]:
        try:
            return self._ask(verb, rest)
        except Refused as refused:
            return False, str(refused)

    def _ask(self, verb: str, rest: str) -> tuple[bool, str]:
        match verb:
            case "break" | "log" | "trap" | "tbreak":
                return self._break(verb, rest)
            case "catch":
                return self._catch(rest)
            case "clear" | "condition":
                return self._change(verb, rest)
            case "jump":
                return self._jump(int(rest))
            case "up" | "down":
                shown = [i for i, frame in enumerate(self._stack()) if not self._hidden(frame) or i == 0]
                at = shown.index(self.selected) + (1 if verb == "up" else -1) * int(rest or 1)
                self.selected = shown[max(0, min(at, len(shown) - 1))]
                return True, self.frames[self.selected]["name"]
            case "p":
                return True, self.client.evaluate(rest, self._frame(), context="watch")
            case "set" | "type":
                return True, self.client.evaluate(rest, self._frame(), context="repl")
        raise Untold(verb)

    @staticmethod
    def _hidden(frame: dict[str, Any]) -> bool:
        return frame.get("presentationHint") == "subtle"

    def _break(self, verb: str, rest: str) -> tuple[bool, str]:
        point: dict[str, Any] = {}
        if verb == "log":
            rest, _, text = rest.partition(" ")
            point["logMessage"] = text.strip('"')
        head, *clauses = CLAUSES.split(rest, maxsplit=1)
        while clauses:
            word, _, clause = clauses.pop().partition(" ")
            if word == "if":
                point["condition"] = clause
                break
            clause, *clauses = CLAUSES.split(clause, maxsplit=1)
            point["hitCondition"] = f"%{clause}" if word == "every" else clause
        if head.endswith(" once"):
            verb, head = "tbreak", head.removesuffix(" once")
        if re.search(r"\s", head):
            raise Untold(f"{verb} {rest}")
        if verb == "tbreak":  # an editor takes it off itself when it was hit
            point["made"] = {"temporary": True}
        if verb != "trap" and re.search(r":\d+$", head):
            filename, _, line = head.rpartition(":")
            path = os.path.abspath(filename)
            self.lines.setdefault(path, []).append({"line": int(line), **point})
            return self._answer(self._send_lines(path))
        if re.match(r"\d", head):
            raise Untold(f"{verb} {rest}")
        self.functions.append({"name": f"trap:{head}" if verb == "trap" else head, **point})
        return self._answer(self._send_functions())

    def _answer(self, made: dict[str, Any]) -> tuple[bool, str]:
        text = f"{made.get('line', '')} {made.get('message', '')}"
        if "id" not in made:
            for table in (*self.lines.values(), self.functions):
                if table and table[-1].get("made") is made:
                    table.pop()
            return False, text
        self.numbers.append(made["id"])
        return True, text

    def _send_lines(self, path: str) -> dict[str, Any]:
        asked = self.lines[path]
        plain = [{key: value for key, value in one.items() if key != "made"} for one in asked]
        found = self.client.request("setBreakpoints", source={"path": path}, breakpoints=plain)["breakpoints"]
        for one, made in zip(asked, found, strict=True):
            one["made"] = {**one.get("made", {}), **made}
        return asked[-1]["made"] if asked else {}

    def _send_functions(self) -> dict[str, Any]:
        plain = [{key: value for key, value in one.items() if key != "made"} for one in self.functions]
        found = self.client.request("setFunctionBreakpoints", breakpoints=plain)["breakpoints"]
        for one, made in zip(self.functions, found, strict=True):
            one["made"] = {**one.get("made", {}), **made}
        return self.functions[-1]["made"] if self.functions else {}

    def _catch(self, rest: str) -> tuple[bool, str]:
        head, *clause = re.split(r"\s*\bif\b\s*", rest, maxsplit=1)
        words = head.split()
        kinds = [FILTERS[word] for word in words if word in FILTERS] or ["raised"]
        types = [word for word in words if word not in FILTERS]
        if clause and types:
            raise Untold(f"catch {rest}")
        option: dict[str, Any] = {"filterId": kinds[0]}
        if types or clause:
            option["condition"] = clause[0] if clause else types[0]
        self.filters.append(option)
        found = self.client.request("setExceptionBreakpoints", filters=[], filterOptions=self.filters)["breakpoints"]
        self.numbers.append(0)
        return found[-1]["verified"], found[-1].get("message", "")

    def _change(self, verb: str, rest: str) -> tuple[bool, str]:
        number, _, text = rest.partition(" ")
        wanted = self.numbers[int(number) - 1]
        for path, table in self.lines.items():
            for one in list(table):
                if one["made"].get("id") != wanted:
                    continue
                if verb == "clear":
                    table.remove(one)
                    self._send_lines(path)
                    return True, ""
                one.pop("condition", None)
                if text:
                    one["condition"] = text
                self._send_lines(path)
                self.numbers[int(number) - 1] = one["made"].get("id", 0)
                return one["made"]["verified"], one["made"].get("message", "")
        for one in list(self.functions):
            if one["made"]["id"] == wanted and verb == "clear":
                self.functions.remove(one)
                self._send_functions()
                return True, ""
        raise Untold(f"{verb} {rest}")

    def _jump(self, line: int) -> tuple[bool, str]:
        path = self._stack()[0]["source"]["path"]
        targets = self.client.request("gotoTargets", source={"path": path}, line=line)["targets"]
        self.client.request("goto", threadId=self.thread, targetId=targets[0]["id"])
        self.client.stopped("goto")
        self.frames = []
        return True, ""

    def _stack(self) -> list[dict[str, Any]]:
        if not self.frames:
            self.frames = self.client.stack(self.thread)
        return self.frames

    def _frame(self) -> int:
        number: int = self._stack()[self.selected]["id"]
        return number

    # --- what resumes

    def resume(self, verb: str, rest: str) -> Seen | Ended:
        client = self.client
        if verb == "end":
            for path in self.lines:
                client.breakpoints(path, [])
            client.request("setFunctionBreakpoints", breakpoints=[])
            client.request("setExceptionBreakpoints", filters=[])
            client.go(self.thread)
            return self._ended()
        if self.selected or verb in {"until", "to", "quit", "step!", "finish"}:
            raise Untold(verb)
        if verb == "detach":
            client.tell("detach")
            return self._ended()
        if verb == "step" and rest:
            targets = client.request("stepInTargets", frameId=self._frame())["targets"]
            names = [target["id"] for target in targets if target["label"].rpartition(".")[2] == rest]
            if not names:
                raise Untold(f"step {rest}")
            client.request("stepIn", threadId=self.thread, targetId=names[0])
        else:
            command = {"next": "next", "step": "stepIn"}.get(verb, "continue")
            client.request(command, threadId=self.thread)
        if verb == "interrupt":
            interrupt_later(self)
        seen = self._stop()
        came_from = seen.detail if isinstance(seen, Seen) and seen.reason == "step" else ""
        if verb in {"next", "step"} and isinstance(seen, Seen) and seen.reason == "step" and self._within_a_line():
            client.request("next" if verb == "next" else "stepIn", threadId=self.thread)
            after = self._stop()
            if isinstance(after, Seen) and after.reason == "step" and not after.detail:
                after = Seen(after.filename, after.line, after.function, after.reason, came_from, after.text)
            return after
        return seen

    def _within_a_line(self) -> bool:
        """Whether the stop is right after a call: only at a line's begin can an editor go elsewhere."""
        source, line = self._stack()[0]["source"], self._stack()[0]["line"]
        answer = self.client.answer(self.client.send("gotoTargets", {"source": source, "line": line}))
        return not answer["success"] and "stopped at a line" in answer["message"]

    def said(self) -> str:
        """What the program and its log points said."""
        return self.process.out + self.client.outputs("console")

    def _stop(self) -> Seen | Ended:
        client = self.client
        client._until(
            lambda: True if client.ended or any(one["event"] == "stopped" for one in client.events) else None, "stop"
        )
        if not any(one["event"] == "stopped" for one in client.events):
            return self._ended()
        body = client.stopped()
        self.thread, self.selected, self.frames = body["threadId"], 0, []
        frame = self._stack()[0]
        reason, detail = body["reason"], ""
        hits = [self.numbers.index(one) + 1 for one in body.get("hitBreakpointIds", ()) if one in self.numbers]
        text = body.get("text", "")
        self._drop_temporary(body.get("hitBreakpointIds", ()))
        match reason:
            case "entry":
                reason = "start"
            case "breakpoint" | "function breakpoint":
                reason, detail = "breakpoint", ", ".join(map(str, hits))
                if " returns " in body.get("text", "") and "returns" in body.get("description", ""):
                    reason, detail = "returns", text.partition(" returns ")[2]
                elif "leaves" in body.get("description", ""):
                    reason, detail = "unwinds", text.partition(":")[0]
            case "exception":
                reason = re.match(r"Paused on (\S+) exception", body["description"])[1]  # type: ignore[index]
                detail = text.partition(":")[0]
            case "step":
                detail = re.sub(r"( raised \w+):.*", r"\1", text)
        name = frame["name"].rpartition(".")[2]
        path = frame["source"].get("path", frame["source"]["name"])
        return Seen(path, frame["line"], name, reason, detail, f" {text}" if text else "")

    def _drop_temporary(self, hit: Any) -> None:
        for path, table in self.lines.items():
            for one in [one for one in table if one["made"].get("temporary") and one["made"].get("id") in hit]:
                table.remove(one)
                self._send_lines(path)
        for one in list(self.functions):
            if one["made"].get("temporary") and one["made"].get("id") in hit:
                self.functions.remove(one)
                self._send_functions()

    def _ended(self) -> Ended:
        self.client._until(lambda: True if self.client.ended else None, "end")
        return Ended(self.process.wait().status)


def interrupt_later(door: DapDoor) -> None:
    """What an editor does for Ctrl-C: pause."""
    door.process.expect("blocking\n")
    time.sleep(0.3)
    door.client.request("pause", threadId=door.thread)
