"""What `lowdb --dap` offers: the capabilities, exception filters, launch and attach options. One table for both sides.

What is not here is not built.
"""

from __future__ import annotations

from typing import Any, Final

FILTERS: Final[list[dict[str, Any]]] = [
    {
        "filter": "raised",
        "label": "Raised exceptions",
        "description": "Stops where an exception is raised, caught later or not, once for each.",
        "default": False,
        "supportsCondition": True,
        "conditionDescription": "Types: ValueError, shop.PricingError · or an expression over $exc",
    },
    {
        "filter": "uncaught",
        "label": "Uncaught exceptions",
        "description": "Stops where an exception was raised that ends the program or a thread. Costs nothing.",
        "default": True,
        "supportsCondition": True,
        "conditionDescription": "Types: ValueError, shop.PricingError · or an expression over $exc",
    },
    {
        "filter": "userUnhandled",
        "label": "User-uncaught exceptions",
        "description": "Stops where an exception leaves your own code for a library's that may catch it.",
        "default": False,
        "supportsCondition": True,
        "conditionDescription": "Types: ValueError, shop.PricingError · or an expression over $exc",
    },
]

CAPABILITIES: Final[dict[str, Any]] = {
    "supportsConfigurationDoneRequest": True,
    "supportsFunctionBreakpoints": True,
    "supportsConditionalBreakpoints": True,
    "supportsHitConditionalBreakpoints": True,
    "supportsLogPoints": True,
    "supportsEvaluateForHovers": True,
    "exceptionBreakpointFilters": FILTERS,
    "supportsExceptionFilterOptions": True,
    "supportsExceptionOptions": True,
    "supportsExceptionInfoRequest": True,
    "supportsSetVariable": True,
    "supportsSetExpression": True,
    "supportsGotoTargetsRequest": True,
    "supportsStepInTargetsRequest": True,
    "supportsModulesRequest": True,
    "supportsLoadedSourcesRequest": True,
    "supportsBreakpointLocationsRequest": True,
    "supportsDelayedStackTraceLoading": True,
    "supportsValueFormattingOptions": True,
    "supportsClipboardContext": True,
    "supportsCancelRequest": True,
    "supportsTerminateThreadsRequest": True,
    "supportsSingleThreadExecutionRequests": True,
    "supportsTerminateRequest": True,
    "supportsRestartRequest": True,
    "supportTerminateDebuggee": True,
    "supportsANSIStyling": True,
}

CONSOLES: Final = ("internalConsole", "integratedTerminal", "externalTerminal")

LAUNCH: Final[dict[str, tuple[str, str]]] = {
    "program": ("string", "The script, directory or zip file to run."),
    "module": ("string", "The module to run, as `python -m` does."),
    "code": ("string or strings", "Python source to run, as `python -c` does; a list is its lines."),
    "args": ("strings or string", "The program's arguments; a string is split as a shell does."),
    "cwd": ("string", "The working directory; default: the adapter's."),
    "env": ("environment", "Environment variables to set; null takes one away."),
    "python": ("string or strings", "The interpreter, as a command; default: the adapter's own."),
    "pythonArgs": ("strings", "Options for the interpreter: -X dev, -W error, -O."),
    "console": ("console", "internalConsole (default), integratedTerminal or externalTerminal."),
    "stopOnEntry": ("boolean", "Stop before the program's first line; default false."),
    "justMyCode": ("boolean", "Steps keep to your own code, not the library's; default true."),
    "rules": (
        "rules",
        "What is your own: a list of {path or module: GLOB, include: true or false}; the last one wins.",
    ),
    "showReturnValue": ("boolean", "Show what a function returned after a step out of it; default true."),
    "subProcess": ("boolean", "Debug child processes, too, each as a session of its own; default true."),
    "noDebug": ("boolean", "Run without debugging: nothing stops."),
    "pathMappings": ("mappings", "A list of {localRoot, remoteRoot}: the editor's directory and the program's."),
    "exceptions": ("strings", "Exception filters to switch on where the editor sets none: raised, uncaught, …"),
    "logFile": ("string", "A journal of this session, for bug reports."),
}
"""Option -> its type in words and one line of help."""

ATTACH: Final[dict[str, tuple[str, str]]] = {
    "processId": ("number", "The process to attach to (Python 3.14 on)."),
    "connect": ("address", "{host, port} of a program that waits in lowdb.listen()."),
    "listen": ("address", "{host, port} to wait at for a program started with lowdb --connect."),
    **{
        name: LAUNCH[name]
        for name in ("justMyCode", "rules", "showReturnValue", "subProcess", "pathMappings", "exceptions", "logFile")
    },
}

_COMMON: Final = frozenset({"name", "type", "request", "presentation", "preLaunchTask", "postDebugTask"})
"""What editors leave in: theirs, and passed over. So is whatever begins with two underscores."""
_THEIRS: Final = frozenset({"internalConsoleOptions", "serverReadyAction", "suppressMultipleSessionWarning"})


def complaint(request: str, arguments: object) -> str | None:
    """Say what is wrong with the arguments of `launch` or `attach`, naming the option; None where nothing is."""
    if type(arguments) is not dict:
        return f"{request} needs its arguments as an object"
    table = LAUNCH if request == "launch" else ATTACH
    for name, value in arguments.items():
        if name in _COMMON or name in _THEIRS or name.startswith("__") or (name == "restart"):
            continue
        if name == "noDebug" and request == "attach":
            continue
        if name not in table:
            return f"{request}: there is no option {name!r}{_guess(name, table)}"
        wrong = _wrong(table[name][0], value)
        if wrong:
            return f"{request}: option {name!r} {wrong}"
    if request == "launch":
        given = [name for name in ("program", "module", "code") if arguments.get(name)]
        if not given:
            return "launch: which program? one of the options program, module and code is needed"
        if len(given) > 1:
            return f"launch: {' and '.join(given)} are given, but only one of program, module and code can run"
    return None


def _wrong(kind: str, value: object) -> str | None:
    strings = type(value) is list and all(type(item) is str for item in value)
    match kind:
        case "string":
            return None if type(value) is str else f"is a string, not {_shown(value)}"
        case "boolean":
            return None if type(value) is bool else f"is true or false, not {_shown(value)}"
        case "number":
            return None if type(value) is int else f"is a number, not {_shown(value)}"
        case "strings":
            return None if strings else f"is a list of strings, not {_shown(value)}"
        case "string or strings" | "strings or string":
            return None if strings or type(value) is str else f"is a string or a list of strings, not {_shown(value)}"
        case "console":
            return None if value in CONSOLES else f"is one of {', '.join(CONSOLES)}, not {_shown(value)}"
        case "environment":
            ok = type(value) is dict and all(item is None or type(item) is str for item in value.values())
            return None if ok else f"is an object of strings (null takes a variable away), not {_shown(value)}"
        case "mappings":
            return (
                None
                if _objects(value, {"localRoot", "remoteRoot"})
                else (f"is a list of {{localRoot, remoteRoot}}, not {_shown(value)}")
            )
        case "rules":
            return _wrong_rules(value)
        case _:  # address
            return _wrong_address(value)


def _objects(value: object, keys: set[str]) -> bool:
    return type(value) is list and all(
        type(item) is dict and set(item) == keys and all(type(part) is str for part in item.values()) for item in value
    )


def _wrong_rules(value: object) -> str | None:
    for rule in value if type(value) is list else [None]:
        if type(rule) is not dict or type(rule.get("include")) is not bool:
            return f"is a list of {{path or module, include}}, not {_shown(value)}"
        if type(rule.get("path", rule.get("module"))) is not str:
            return f"has a rule without path or module: {_shown(rule)}"
    return None


def _wrong_address(value: object) -> str | None:
    if type(value) is dict and value.keys() <= {"host", "port"}:
        port, host = value.get("port"), value.get("host", "127.0.0.1")
        if type(port) is int and 0 <= port < 65536 and type(host) is str:
            return None
    return f"is {{host, port}}, not {_shown(value)}"


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"


def _guess(name: str, table: dict[str, tuple[str, str]]) -> str:
    """The option that was probably meant: the same letters, or one edit away."""
    plain = name.lower().replace("_", "").replace("-", "")
    for known in table:
        if _near(plain, known.lower()):
            return f" (did you mean {known!r}?)"
    return ""


def _near(one: str, other: str) -> bool:
    if one == other:
        return True
    if abs(len(one) - len(other)) > 1 or min(len(one), len(other)) < 3:
        return False
    at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    tails = ((at + 1, at + 1), (at + 1, at), (at, at + 1))
    if any(one[i:] == other[j:] for i, j in tails):
        return True
    return one[at : at + 2] == other[at : at + 2][::-1] and one[at + 2 :] == other[at + 2 :]
