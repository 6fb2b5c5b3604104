"""Runs a program through the target runner, with a debugger that never stops: `undebugged.py [-m] name arguments`."""

import json
import os
import sys
from types import SimpleNamespace

BARE = frozenset(sys.modules)
if not sys.flags.safe_path:
    del sys.path[0]

from lowdb.engine import lifetime, targets  # noqa: E402


class Debugger:
    """Notes what it is told in the file that UNDEBUGGED_LOG names."""

    running = True
    options = SimpleNamespace(post_mortem=True)

    def note(self, *words):
        if log := os.environ.get("UNDEBUGGED_LOG"):
            with open(log, "a") as file:
                file.write(json.dumps(words) + "\n")

    def program(self, code):
        self.note("program", code.co_filename)

    def start_at(self, code):
        self.note("start", code.co_name)

    def post_mortem(self, error, traceback):
        lines = []
        while traceback is not None:
            lines.append(traceback.tb_frame.f_code.co_name)
            traceback = traceback.tb_next
        self.note("post mortem", type(error).__name__, lines)

    def notify(self, notice):
        self.note("notice", notice.text, getattr(notice, "status", None))

    def close(self):
        self.note("close")
        self.running = False


def main():
    arguments = sys.argv[1:]
    module = arguments[:1] == ["-m"]
    name, *arguments = arguments[1:] if module else arguments
    try:
        program = targets.find(name, arguments, module=module)
        program.compile()
    except targets.CannotRun as error:
        print(f"{sys.executable}: {error}", file=sys.stderr)
        sys.exit(error.status)
    except targets.NotPython:
        os.execv(sys.executable, [sys.executable, name, *arguments])
    program.prepare(BARE)
    lifetime.run(program, Debugger())


if __name__ == "__main__":
    main()
