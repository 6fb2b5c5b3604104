"""Writes docs/reference/dap.md: `python -m lowdb.dap.reference`. All of it comes from the tables that are served."""

from __future__ import annotations

import sys
from inspect import cleandoc
from typing import Final

from lowdb.dap.registry import ANYWHERE, REQUESTS, STOPPED
from lowdb.dap.server import SERVES
from lowdb.wire.offers import ADAPTER_REQUESTS, CAPABILITIES, EXCEPTION_FILTERS, KINDS, OPTIONS, Option

HEAD: Final = """\
# The Debug Adapter Protocol

This page is generated from lowdb's own tables (`python -m lowdb.dap.reference > docs/reference/dap.md`).

`lowdb --dap` speaks the [Debug Adapter Protocol](https://microsoft.github.io/debug-adapter-protocol/) on stdin and
stdout. How to set up an editor: [editors](../how-to/editors.md).
"""

END: Final = """\
## How a program's end is told

`output` with a line of category `console`, then `exited`, then `terminated`; whatever the program wrote comes before.
The exit code is the one that a shell shows: 128 + the number of the signal where a signal ended the program.
"""


def page() -> str:
    """The whole page."""
    assert SERVES  # the handlers are registered by being imported
    parts = [HEAD]
    for request in ("launch", "attach"):
        parts += [f"## Options of `{request}`\n", *_options(request)]
    parts += [
        "What an editor adds of its own (`name`, `type`, `request`, `presentation`, …, and all that begins with `__`)",
        "is passed over. Any other name, and a value of the wrong kind, is an error that names the option.\n",
        "## Exception filters\n",
        "| filter | default | |\n|---|---|---|",
    ]
    parts += [
        f"| `{each['filter']}` | {'on' if each['default'] else 'off'} | {each['description']} |"
        for each in EXCEPTION_FILTERS
    ]
    parts += ["\nA filter's condition: " + EXCEPTION_FILTERS[0]["conditionDescription"] + ".\n"]
    parts += ["## Requests\n", "Every request is answered; one that is not listed here with an error that says so.\n"]
    parts += ["| request | when | |\n|---|---|---|"]
    served = {name: ("any time", text) for name, text in ADAPTER_REQUESTS.items()}
    for name, handler in REQUESTS.items():
        when = {ANYWHERE: "any time", STOPPED: "stopped"}.get(handler.where, "any time")
        served[name] = (when, " ".join(cleandoc(handler.help).split("\n\n")[0].split()))
    parts += [f"| `{name}` | {when} | {_cell(text)} |" for name, (when, text) in sorted(served.items())]
    parts += ["\n## Capabilities\n"]
    parts += [
        f"- `{name}`" + ("" if value is True else f": {_shown(value)}") for name, value in sorted(CAPABILITIES.items())
    ]
    return "\n".join([*parts, "", END])


def _options(request: str) -> list[str]:
    rows = ["| option | what it must be | default | |\n|---|---|---|---|"]
    for name, option in OPTIONS.items():
        if request in option.requests:
            rows.append(f"| `{name}` | {_kind(option)} | {_default(option)} | {_cell(option.text)} |")
    return [*rows, ""]


def _kind(option: Option) -> str:
    if option.choices:
        return ", ".join(f"`{choice}`" for choice in option.choices)
    return KINDS[option.kind]


def _default(option: Option) -> str:
    if option.default in (None, [], {}):
        return ""
    return "`" + {True: "true", False: "false"}.get(option.default, str(option.default)) + "`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _shown(value: object) -> str:
    if type(value) is list and value and type(value[0]) is dict and "filter" in value[0]:
        return "see above"
    if type(value) is list:
        return ", ".join(f"`{each}`" for each in value)
    return f"`{value}`"


if __name__ == "__main__":
    sys.stdout.write(page())
