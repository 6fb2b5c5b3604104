"""lowdb's engine under a front end that answers at once and shows nothing: `drive.py MODE LINE PROGRAM ARG…`."""

from __future__ import annotations

import json
import sys
from time import process_time

from lowdb.cli import BARE
from lowdb.engine import lifetime, stops, targets
from lowdb.engine.breakpoints import Spec
from lowdb.engine.debugger import Debugger

mode, line, program, *arguments = sys.argv[1:]
MOST = 30_000


class AtOnce:
    """Goes where the mode says, at once."""

    def __init__(self) -> None:
        self.stops = 0
        self.said = ""
        self.begun = 0.0

    def on_stop(self, stop: stops.Stop) -> stops.Resume:
        if stop.reason is stops.Reason.START:
            return stops.Continue()
        self.stops += 1
        if mode == "steps":
            if self.stops == 1:
                self.begun = process_time()
            if self.stops == MOST:
                taken = process_time() - self.begun
                sys.stderr.write("\n@steps " + json.dumps(MOST / taken) + "\n")
                return stops.Quit(now=True)
            return stops.Next()
        if stop.reason is stops.Reason.BREAKPOINT:
            return {"over": stops.Next, "tower": stops.StepIn, "inside": stops.StepIn}.get(mode, stops.StepOut)()
        if mode == "tower" and stop.reason is stops.Reason.STEP and stop.finished is None:
            return stops.StepOut()
        if mode == "inside" and stop.frame.f_code.co_name == "climb":
            return stops.Next()
        return stops.Continue()

    def on_notice(self, notice: stops.Notice) -> None:
        if isinstance(notice, stops.Problem):
            raise notice.error
        self.said = notice.text


found = targets.find(program, arguments, module=False)
found.compile()
debugger = Debugger(front := AtOnce())
debugger.start()
specs = {
    "when": Spec(location=f"{program}:{line}", condition="i == -1"),
    "ignore": Spec(location=f"{program}:{line}", ignore=1 << 60),
    "log": Spec(location=f"{program}:{line}", log="{i} {total}"),
}
debugger.add(specs.get(mode) or Spec(location=f"{program}:{line}", temporary=mode == "steps"))
found.prepare(BARE)
lifetime.run(found, debugger)
