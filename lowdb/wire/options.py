"""Whether what an editor gave with `launch` or `attach` is what the table of options says; if not, which and why."""

from __future__ import annotations

from typing import Any

from lowdb.wire.offers import EDITORS, KINDS, OPTIONS, OTHERS, Option


def check_options(request: str, arguments: Any) -> str | None:
    """What is wrong with the arguments of `launch` or `attach`: one line that names the option; None where nothing."""
    if type(arguments) is not dict:
        return f"{request}: the arguments are not an object"
    for name, value in arguments.items():
        known = OPTIONS.get(name)
        if known is None or request not in known.requests:
            if name in EDITORS or name in OTHERS or name.startswith("__"):
                continue
            return f"{request}: no option {name!r}" + _guess(name, request)
        if value is None:
            continue
        if not _fits(known, value):
            return f"{request}: option {name!r} must be {_wanted(known)}, not {_shown(value)}"
    return _together(request, arguments)


def _together(request: str, arguments: dict[str, Any]) -> str | None:
    names: tuple[str, ...] = (
        ("program", "module", "code") if request == "launch" else ("connect", "listen", "processId")
    )
    names = tuple(name for name in names if name in OPTIONS)
    given = [name for name in names if arguments.get(name) is not None]
    if len(given) == 1:
        if arguments[given[0]] in ("", []):
            return f"{request}: option {given[0]!r} is empty"
        return None
    words = ", ".join(repr(name) for name in names)
    if not given:
        return f"{request}: which program? give one of {words}" if request == "launch" else f"{request}: give {words}"
    return f"{request}: {' and '.join(map(repr, given))} exclude each other"


def _fits(known: Option, value: Any) -> bool:
    match known.kind:
        case "string":
            return type(value) is str and "\0" not in value and (not known.choices or value in known.choices)
        case "boolean":
            return type(value) is bool
        case "integer":
            return type(value) is int
        case "process":  # editors that let one pick it give a string
            return type(value) is int or (type(value) is str and value.isascii() and value.isdecimal())
        case "strings":
            return _strings(value)
        case "command":
            return (type(value) is str and "\0" not in value) or _strings(value)
        case "environment":
            return type(value) is dict and all(
                (text is None or type(text) is str)
                and name
                and "=" not in name
                and "\0" not in name
                and "\0" not in (text or "")
                for name, text in value.items()
            )
        case "objects":
            return type(value) is list and all(type(item) is dict for item in value)
        case "address":
            return (
                type(value) is dict
                and type(value.get("port")) is int
                and 0 <= value["port"] < 65536
                and type(value.get("host", "")) is str
                and type(value.get("token", "")) is str
            )
    return type(value) is dict


def _strings(value: Any) -> bool:
    return type(value) is list and all(type(item) is str and "\0" not in item for item in value)


def _wanted(known: Option) -> str:
    if known.choices:
        return "one of " + ", ".join(map(repr, known.choices))
    return KINDS[known.kind]


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _guess(name: str, request: str) -> str:
    """` (did you mean …?)` where another option is spelt nearly so, or belongs to the other request."""
    if name in OPTIONS:
        return f"; it is one of {' and '.join(OPTIONS[name].requests)}"
    plain = name.lower().replace("_", "").replace("-", "")
    best = min(
        (known for known, option in OPTIONS.items() if request in option.requests),
        key=lambda known: _distance(plain, known.lower()),
    )
    return f" (did you mean {best!r}?)" if _distance(plain, best.lower()) <= max(1, len(plain) // 3) else ""


def _distance(a: str, b: str) -> int:
    """How many letters must be changed, put in or left out."""
    row = list(range(len(b) + 1))
    for i, letter in enumerate(a, 1):
        before, row[0] = row[0], i
        for j, other in enumerate(b, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (letter != other))
    return row[-1]
