"""Requests about the session: configuration, cancel, sources, modules, and what is refused with a reason."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from lowdb.dap.registry import EITHER, Refused, optional, request, wanted
from lowdb.program.mycode import is_lowdb
from lowdb.program.paths import canonical

if TYPE_CHECKING:
    from lowdb.dap.halt import Halt, Job
    from lowdb.dap.server import Server

    type Body = dict[str, Any]


@request("configurationDone")
def configuration_done(server: Server, job: Job, halt: Halt | None) -> None:
    """The breakpoints are set: the program begins."""
    job.then = server.configured


@request("cancel")
def cancel(server: Server, job: Job, halt: Halt | None) -> None:
    """End a request that waits or evaluates, by `requestId` or `progressId`; that one is answered with an error."""
    number = job.arguments.get("requestId")
    progress = job.arguments.get("progressId")
    if number is None and type(progress) is str and progress.removeprefix("evaluation ").isdecimal():
        number = int(progress.removeprefix("evaluation "))
    if type(number) is not int:
        raise Refused("cancel which request? requestId is missing")
    waiting = halt.waiting.get(number) if halt is not None else None
    if waiting is not None:
        waiting.cancelled = True
        return
    server.limiter.cancel(number, "cancelled")


@request("source", EITHER)
def source(server: Server, job: Job, halt: Halt | None) -> Body:
    """The text of code without a file that the client could open: `<string>`, a member of a zip file, a cell."""
    arguments = job.arguments
    found: Body = optional(arguments, "source", {})
    number = optional(arguments, "sourceReference", 0)
    if number and not found.get("sourceReference"):
        found = {**found, "sourceReference": number}
    return {"content": server.origins.text(found), "mimeType": "text/x-python"}


@request("modules", EITHER)
def modules(server: Server, job: Job, halt: Halt | None) -> Body:
    """The modules that are loaded, by `startModule` and `moduleCount`."""
    start, count = optional(job.arguments, "startModule", 0), optional(job.arguments, "moduleCount", 0)
    found = []
    for name, module in sorted(sys.modules.copy().items()):
        if type(module) is not ModuleType or name == "lowdb" or name.startswith("lowdb."):
            continue
        space = module.__dict__
        made: Body = {"id": name, "name": name}
        file = space.get("__file__")
        if type(file) is str:
            made["path"] = server.client.path_out(canonical(file))
            made["isUserCode"] = server.debugger.mycode.is_mine(file)
        version = space.get("__version__")
        if type(version) is str:
            made["version"] = version
        package = space.get("__package__")
        if type(package) is str and package:
            made["package"] = package
        found.append({key: value for key, value in made.items() if key != "package"})
    return {"modules": found[start : start + count if count > 0 else None], "totalModules": len(found)}


@request("loadedSources", EITHER)
def loaded_sources(server: Server, job: Job, halt: Halt | None) -> Body:
    """The Python files of the loaded modules, the user's own first."""
    files: dict[str, str] = {}
    for module in list(sys.modules.values()):
        file = module.__dict__.get("__file__") if type(module) is ModuleType else None
        if type(file) is str and file.endswith((".py", ".pyw")) and not is_lowdb(file):
            files.setdefault(canonical(file), file)
    mine = server.debugger.mycode.is_mine
    return {
        "sources": [server.origins.describe(file) for file in sorted(files.values(), key=lambda f: (not mine(f), f))]
    }


@request("terminateThreads")
def terminate_threads(server: Server, job: Job, halt: Halt | None) -> None:
    """Refused: Python cannot end a thread from outside without leaving its locks held."""
    wanted(job.arguments, "threadIds", list)
    raise Refused(
        "Python cannot end a thread from outside: its locks would stay held and its `finally` blocks undone. "
        "Raise an exception in it instead (pause it, then evaluate), or terminate the program"
    )
