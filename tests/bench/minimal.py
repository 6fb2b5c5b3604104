"""The practical limit: the least that a debugger can do with sys.monitoring, written by hand for one program each.

minimal.py MODE LINE PROGRAM ARG…     (LINE of PROGRAM; FILE:LINE for another file)
"""

from __future__ import annotations

import os
import runpy
import sys
from types import CodeType

mon = sys.monitoring
E = mon.events
TOOL = mon.DEBUGGER_ID
mode, place, program, *arguments = sys.argv[1:]
filename, _, number = place.rpartition(":")
filename, line = os.path.realpath(filename or program), int(number)
frame_of = sys._getframe
left = [1 << 60]
condition = compile("i == -1", "<condition>", "eval")
message = compile("f'{i} {total}'", "<message>", "eval")
said = [""]


def all_of(code: CodeType):
    yield code
    for constant in code.co_consts:
        if type(constant) is CodeType:
            yield from all_of(constant)


def find(code: CodeType):
    """The code objects that hold the line."""
    for inner in all_of(code):
        if line in {at for _, _, at in inner.co_lines()} and inner.co_name != "<module>":
            yield inner


def never(code, at):
    return None if at == line else mon.DISABLE


def when(code, at):
    if at != line:
        return mon.DISABLE
    frame = frame_of(1)
    if eval(condition, frame.f_globals, frame.f_locals):
        raise AssertionError
    return None


def ignore(code, at):
    if at != line:
        return mon.DISABLE
    if left[0] > 0:
        left[0] -= 1
        return None
    raise AssertionError


def log(code, at):
    if at != line:
        return mon.DISABLE
    frame = frame_of(1)
    said[0] = eval(message, frame.f_globals, frame.f_locals)
    return None


def over(code, at):
    """A step over the line: stop at the frame's next line."""
    frame = frame_of(1)
    if at == line:
        stepping.append(frame)
    elif stepping and stepping[0] is frame:
        stepping.clear()


def finish(code, at):
    """Run to the end of the frame that is at the line: by the end of its caller, which costs the callee nothing."""
    if at != line:
        return mon.DISABLE
    caller = frame_of(1).f_back
    mon.set_local_events(TOOL, code, 0)
    stepping[:] = [caller, code]
    mon.set_local_events(TOOL, caller.f_code, E.PY_RETURN)
    return None


def landed(code, offset, value):
    if stepping and frame_of(1) is stepping[0]:
        mon.set_local_events(TOOL, code, 0)
        mon.set_local_events(TOOL, stepping[1], E.LINE)


def steps(code, at):
    """Every line of the frame is a stop."""
    stepping.append(frame_of(1))
    stepping.pop()


def raised(code, offset, exception):
    if type(exception) is ZeroDivisionError:
        raise AssertionError


def left_frame(code, offset, value):
    said[0] = ""


stepping: list = []
callbacks = {"never": never, "when": when, "ignore": ignore, "log": log, "over": over, "finish": finish, "steps": steps}


def arm(code: CodeType) -> None:
    for inner in find(code):
        mon.set_local_events(TOOL, inner, E.LINE)


def started(code, offset):
    """Discovery: the code of the file as it comes."""
    if os.path.realpath(code.co_filename) == filename:
        arm(code)
    return mon.DISABLE


mon.use_tool_id(TOOL, "minimal")
if mode in callbacks:
    mon.register_callback(TOOL, E.LINE, callbacks[mode])
    if mode == "finish":
        mon.register_callback(TOOL, E.PY_RETURN, landed)
    mon.use_tool_id(4, "discovery")
    mon.register_callback(4, E.PY_START, started)
    mon.set_events(4, E.PY_START)
elif mode == "raised":
    mon.register_callback(TOOL, E.RAISE, raised)
    mon.set_events(TOOL, E.RAISE)
elif mode == "trap":
    mon.use_tool_id(4, "discovery")
    mon.register_callback(TOOL, E.PY_RETURN, left_frame)
    mon.register_callback(TOOL, E.PY_UNWIND, left_frame)

    def started(code, offset):
        if os.path.realpath(code.co_filename) == filename:
            for inner in find(code):
                if sys.version_info >= (3, 15):
                    mon.set_local_events(TOOL, inner, E.PY_RETURN | E.PY_UNWIND)
                else:
                    mon.set_local_events(TOOL, inner, E.PY_RETURN)
                    mon.set_events(TOOL, E.PY_UNWIND)
        return mon.DISABLE

    mon.register_callback(4, E.PY_START, started)
    mon.set_events(4, E.PY_START)

sys.argv = [program, *arguments]
sys.path[0] = os.path.dirname(os.path.abspath(program))
if mode == "start":
    sys.stdout.write("> stop\n(minimal) ")
    sys.stdout.flush()
    sys.stdin.readline()
runpy.run_path(program, run_name="__main__")
