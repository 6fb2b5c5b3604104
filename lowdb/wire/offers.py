"""The one table of what lowdb offers to an editor: capabilities, exception filters, launch and attach options.

The adapter answers `initialize` from it and checks options against it; the debuggee reads its defaults from it.
"""

from __future__ import annotations

from typing import Any, Final

EXCEPTION_FILTERS: Final[list[dict[str, Any]]] = [
    {
        "filter": "raised",
        "label": "Raised exceptions",
        "description": "Stop where an exception is raised, caught or not.",
        "default": False,
        "supportsCondition": True,
        "conditionDescription": "types: ValueError, shop.Error · or an expression with $exc",
    },
    {
        "filter": "uncaught",
        "label": "Uncaught exceptions",
        "description": "Stop where an exception was raised that nobody caught.",
        "default": True,
        "supportsCondition": True,
        "conditionDescription": "types: ValueError, shop.Error · or an expression with $exc",
    },
    {
        "filter": "userUnhandled",
        "label": "Exceptions that leave your code",
        "description": "Stop where an exception goes from your own code into a library's that called it.",
        "default": False,
        "supportsCondition": True,
        "conditionDescription": "types: ValueError, shop.Error · or an expression with $exc",
    },
]

CAPABILITIES: Final[dict[str, Any]] = {
    "supportsConfigurationDoneRequest": True,
    "supportsConditionalBreakpoints": True,
    "supportsHitConditionalBreakpoints": True,
    "supportsLogPoints": True,
    "supportsFunctionBreakpoints": True,
    "supportsDataBreakpoints": True,
    "supportsBreakpointLocationsRequest": True,
    "supportsEvaluateForHovers": True,
    "supportsClipboardContext": True,
    "supportsValueFormattingOptions": True,
    "supportsSetVariable": True,
    "supportsSetExpression": True,
    "supportsCompletionsRequest": True,
    "completionTriggerCharacters": [".", "["],
    "supportsExceptionInfoRequest": True,
    "supportsExceptionFilterOptions": True,
    "supportsExceptionOptions": True,
    "supportsDelayedStackTraceLoading": True,
    "supportsGotoTargetsRequest": True,
    "supportsStepInTargetsRequest": True,
    "supportsSteppingGranularity": True,
    "supportsDisassembleRequest": True,
    "supportsSingleThreadExecutionRequests": True,
    "supportsCancelRequest": True,
    "supportsModulesRequest": True,
    "supportsLoadedSourcesRequest": True,
    "supportsTerminateRequest": True,
    "supportTerminateDebuggee": True,
    "supportSuspendDebuggee": True,
    "supportsRestartRequest": True,
    "supportsANSIStyling": True,
    "exceptionBreakpointFilters": EXCEPTION_FILTERS,
}
"""The body of the answer to `initialize`. What is not built does not stand here."""


class Option:
    """One option of `launch` or `attach`."""

    __slots__ = ("choices", "default", "kind", "requests", "text")

    def __init__(
        self, kind: str, text: str, default: Any = None, requests: str = "launch", choices: tuple[str, ...] = ()
    ) -> None:
        self.kind: Final = kind
        """One of KINDS: what its value must be."""
        self.text: Final = text
        """What it is for: the reference page and editors show it."""
        self.default: Final = default
        self.requests: Final = tuple(requests.split())
        self.choices: Final = choices


KINDS: Final = {
    "string": "a string",
    "strings": "a list of strings",
    "command": "a string or a list of strings",
    "boolean": "true or false",
    "integer": "a whole number",
    "process": "the number of a process",
    "environment": "an object of strings, null for a variable to be removed",
    "objects": "a list of objects",
    "object": "an object",
    "address": 'an object {"host": a name, "port": a number}',
}

_BOTH: Final = "launch attach"

OPTIONS: Final[dict[str, Option]] = {
    "program": Option("string", "The script, directory or zip file to run."),
    "module": Option("string", "The module to run, as `python -m` does."),
    "code": Option("command", "Source text to run, as `python -c` does; a list is its lines."),
    "args": Option("command", "The program's arguments; one string is split as a shell would.", []),
    "cwd": Option("string", "Where the program starts.", None),
    "env": Option("environment", "Variables that are set for the program; null removes one.", {}),
    "python": Option("command", "The interpreter, 3.12 or newer, and its first arguments. lowdb need not be there."),
    "pythonArgs": Option("command", "Further arguments of the interpreter, before the program.", []),
    "console": Option(
        "string",
        "Where the program's input and output are.",
        "internalConsole",
        choices=("internalConsole", "integratedTerminal", "externalTerminal"),
    ),
    "stopOnEntry": Option("boolean", "Stop before the first line of the program.", False),
    "noDebug": Option("boolean", "Run without a debugger.", False),
    "justMyCode": Option("boolean", "Step through your own code only, not libraries'.", True, _BOTH),
    "showReturnValue": Option("boolean", "Show what a function returned after a step.", True, _BOTH),
    "subProcess": Option("boolean", "Give each child process that runs Python a session, too.", True, _BOTH),
    "pathMappings": Option(
        "objects", 'Where files lie: {"localRoot": for the editor, "remoteRoot": for the program}.', [], _BOTH
    ),
    "rules": Option(
        "objects",
        'What is your own code, the last rule that fits wins: {"path": a glob, "include": true or false}.',
        [],
        _BOTH,
    ),
    "exceptions": Option(
        "strings",
        "Exception filters that are on where the editor sets none: raised, uncaught, userUnhandled.",
        [],
        _BOTH,
    ),
    "logFile": Option("string", "A file for the journal of the session, for a bug report.", None, _BOTH),
    "token": Option("string", "What `lowdb --dap --listen` has shown, where it listens outside loopback.", None, _BOTH),
    "listen": Option("address", "Where to wait for a program that is started with `lowdb --connect`.", None, "attach"),
    "connect": Option(
        "address", "Where a program waits in `lowdb.listen()`; with `token` if it wants one.", None, "attach"
    ),
    "processId": Option(
        "process", "A program that runs already, on this machine, under CPython 3.14 or newer.", None, "attach"
    ),
}

EDITORS: Final = frozenset(
    {"name", "type", "request", "preLaunchTask", "postDebugTask", "presentation", "internalConsoleOptions"}
    | {"serverReadyAction", "suppressMultipleSessionWarning", "debugServer", "windows", "linux", "osx", "restart"}
)
"""What editors send of their own configuration among the options; also everything that begins with `__`."""

OTHERS: Final = frozenset(
    {"redirectOutput", "django", "jinja", "pyramid", "gevent", "sudo", "purpose", "autoReload", "debugOptions"}
    | {"variablePresentation", "workspaceFolder", "steppingResumesAllThreads", "guiEventLoop", "onTerminate"}
    | {"debugAdapterPath", "debugLauncherPath", "logToFile", "envFile"}
)
"""Options of debugpy's that have no meaning here: passed over with a word, so that its configurations can be tried."""


def option(arguments: dict[str, Any], name: str) -> Any:
    """The value of an option in `arguments`, or its default. Raises KeyError where there is no such option."""
    default = OPTIONS[name].default
    value = arguments.get(name)
    return default if value is None else value


ADAPTER_REQUESTS: Final[dict[str, str]] = {
    "initialize": "What lowdb offers.",
    "launch": "Start a program and wait for `configurationDone`; answered when its interpreter runs.",
    "attach": "Reach a program that waits in `lowdb.listen()`, or any by its process id, or wait for one from "
    "`lowdb --connect`.",
    "restart": "End the program and start it again, with new launch arguments if there are any; then `initialized`.",
    "terminate": "KeyboardInterrupt in the main thread, and after two seconds, or when asked again, the end by force. "
    "Answered when the program has ended.",
    "disconnect": "End the program and all that it started; one that was attached to runs on. The other way round "
    "with `terminateDebuggee`. With `suspendDebuggee` a program that has stopped and has called `lowdb.listen()` stays "
    "so until an editor attaches again. Answered after `terminated`.",
}
"""The requests that the adapter serves itself, with their text in the reference; all others are the debuggee's."""
