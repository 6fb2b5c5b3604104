"""The protocol's own JSON schema, and a validator for the part of JSON Schema that it uses.

Stricter than the schema in one point: a property that it does not know is a fault, for it is misspelt.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tests.processes import ROOT

TYPES: dict[str, Any] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "object": dict,
    "array": list,
    "null": type(None),
}


class Invalid(AssertionError):
    """A message is not what the schema says; the text names the place in it."""


@cache
def definitions() -> dict[str, Any]:
    """The definitions of the schema: of ../shared, or the older one that debugpy carries."""
    path = ROOT.parent / "shared" / "dap" / "debugAdapterProtocol.json"
    if not path.is_file():
        spec = find_spec("debugpy")
        assert spec is not None, "neither ../shared nor debugpy: there is no schema"
        assert spec.origin is not None
        (path,) = Path(spec.origin).parent.rglob("debugProtocol.json")
    return json.loads(path.read_text(encoding="utf-8"))["definitions"]


@cache
def flat(name: str) -> dict[str, Any]:
    """A definition with those that it is built on (`allOf`) merged into it."""
    return merged(definitions()[name])


def merged(schema: dict[str, Any]) -> dict[str, Any]:
    if "allOf" not in schema:
        return schema
    result: dict[str, Any] = {"type": "object", "properties": {}, "required": []}
    for part in schema["allOf"]:
        part = flat(part["$ref"].rpartition("/")[2]) if "$ref" in part else part
        for key, value in part.get("properties", {}).items():
            before = result["properties"].get(key, {})
            result["properties"][key] = {**before, **value} if "$ref" not in value else value
        result["required"] += part.get("required", [])
    return result


def validate(name: str, value: Any, *, strict: bool = True) -> None:
    """Raises Invalid where `value` is not what definition `name` says."""
    check(flat(name), value, name, strict)


def check(schema: dict[str, Any], value: Any, where: str, strict: bool) -> None:
    if "$ref" in schema:
        schema = flat(schema["$ref"].rpartition("/")[2])
    schema = merged(schema)
    if "oneOf" in schema:
        faults = []
        for part in schema["oneOf"]:
            try:
                check(part, value, where, strict)
            except Invalid as fault:
                faults.append(str(fault))
            else:
                return
        raise Invalid(f"{where}: fits none of {faults}")
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(isinstance(value, TYPES[k]) and (k == "boolean" or value is not True) for k in kinds):
        raise Invalid(f"{where}: {value!r:.200} is not {' or '.join(kinds)}")
    if "enum" in schema and value not in schema["enum"]:
        raise Invalid(f"{where}: {value!r:.200} is none of {schema['enum']}")
    if type(value) is int and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        raise Invalid(f"{where}: {value} is out of range")
    if isinstance(value, list):
        for index, item in enumerate(value):
            check(schema.get("items", {}), item, f"{where}[{index}]", strict)
    if isinstance(value, dict) and ("properties" in schema or "additionalProperties" in schema):
        known = schema.get("properties", {})
        for key in schema.get("required", []):
            if key not in value:
                raise Invalid(f"{where}: {key!r} is missing in {value!r:.300}")
        for key, item in value.items():
            if key in known:
                check(known[key], item, f"{where}.{key}", strict)
            elif isinstance(schema.get("additionalProperties"), dict):
                check(schema["additionalProperties"], item, f"{where}.{key}", strict)
            elif strict and known:
                raise Invalid(f"{where}: {key!r} is not in the protocol")


def definition_of(message: dict[str, Any]) -> str:
    """The name of the definition that `message` has to fit."""
    kind = message.get("type")
    if kind == "response" and message.get("success") is False:
        return "ErrorResponse"
    word = message.get("event" if kind == "event" else "command")
    if kind not in ("event", "request", "response") or not isinstance(word, str) or not word:
        raise Invalid(f"not a message of the protocol: {message!r:.300}")
    name = word[0].upper() + word[1:] + kind.capitalize()
    if name not in definitions():
        raise Invalid(f"no {kind} {word!r} in the protocol")
    return name
