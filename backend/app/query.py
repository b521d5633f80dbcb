"""What a request asks for, read once and within the limits that the OpenAPI document sets."""

import re
from collections.abc import Mapping
from typing import Any

from flask import request

from app import document
from app.problems import Refused

Value = int | str | None


def asked(operation: str) -> dict[str, Any]:
    """Every parameter of an operation by its name, None where it is not given and has no default; else Refused."""
    known = document.parameters(operation)
    for name, values in request.args.lists():
        if name not in known or known[name]["in"] != "query":
            names = [one for one, parameter in known.items() if parameter["in"] == "query"]
            allowed = f"known here: {', '.join(names)}" if names else "none is known here"
            raise Refused(name, f"there is no such parameter; {allowed}")
        if len(values) > 1:
            raise Refused(name, "give it once")
    return {name: _value(name, parameter) for name, parameter in known.items()}


def _value(name: str, parameter: Mapping[str, Any]) -> Value:
    schema = parameter["schema"]
    given = (request.view_args or {}).get(name) if parameter["in"] == "path" else request.args.get(name)
    if given is None:
        if parameter.get("required"):
            raise Refused(name, "it is missing")
        default: Value = schema.get("default")
        return default
    return _number(name, given, schema) if schema["type"] == "integer" else _text(name, given, schema)


def _number(name: str, text: str, schema: Mapping[str, Any]) -> int:
    """A whole number within its limits, in ASCII digits."""
    least, most = schema["minimum"], schema["maximum"]
    # The length first: turning a very long text into a number takes time, and fails past some thousand digits.
    is_number = len(text) <= len(str(most)) and text.isascii() and text.isdigit()
    if not is_number or not least <= int(text) <= most:
        raise Refused(name, f"give a whole number from {least} to {most}")
    return int(text)


def _text(name: str, text: str, schema: Mapping[str, Any]) -> str:
    if words := schema.get("enum"):
        if text not in words:
            raise Refused(name, f"give one of: {', '.join(words)}")
        return text
    least, most = schema["minLength"], schema["maxLength"]
    if not least <= len(text) <= most:
        raise Refused(name, f"give {least} to {most} characters")
    if "pattern" in schema and not re.fullmatch(schema["pattern"].strip("^$"), text, re.ASCII):
        raise Refused(name, "give one that an answer held as `next`")
    return text
