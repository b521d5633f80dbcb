"""Values that source files give a name, limits and versions, so that a document can quote them; never run. Pure."""

import ast
import json
import operator
import re
import tomllib
from collections.abc import Callable
from typing import Any

from drydock.errors import Misuse
from drydock.text import human_bytes

OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.LShift: operator.lshift,
}
UNITS: dict[str, Callable[[Any], str]] = {
    "bytes": human_bytes,
    "KiB": lambda value: f"{value / 2**10:g} KiB",
    "MiB": lambda value: f"{value / 2**20:g} MiB",
    "s": lambda value: f"{value:g} s",
}


def shown(source: str, path: str, name: str, unit: str = "") -> str:
    """The value that `source` gives to `name`, as text; `unit` is one of UNITS and says what the number counts.

    In TOML and JSON a name is a path with dots; elsewhere a line `NAME = value`. `(0, 13)` and `>=0.13` are 0.13.
    A name that is not there, or a value that is no constant, raises Misuse.
    """
    value = _in_table(source, path, name) if path.endswith((".toml", ".json")) else _assigned(source, path, name)
    if unit:
        if unit not in UNITS or not isinstance(value, int | float):
            raise Misuse(f"{name} in {path} cannot be shown in {unit}", remedy=f"use one of: {', '.join(UNITS)}")
        return UNITS[unit](value)
    if isinstance(value, tuple):
        return ".".join(str(part) for part in value)
    return str(value).removeprefix(">=")


def _in_table(source: str, path: str, name: str) -> Any:
    try:
        value: Any = tomllib.loads(source) if path.endswith(".toml") else json.loads(source)
    except ValueError as error:
        raise Misuse(f"{path} cannot be read: {error}", remedy=f"mend {path}") from error
    for key in name.split("."):
        if not isinstance(value, dict) or key not in value:
            raise _unknown(path, name)
        value = value[key]
    if not isinstance(value, str | int | float):
        raise Misuse(f"{name} in {path} is no single value", remedy="name a value below it")
    return value


def _assigned(source: str, path: str, name: str) -> Any:
    start = rf"^[ \t]*(?:(?:export|const|let|ARG|ENV) )*{re.escape(name)}(?:: *[^=\n]+)?"
    line = re.search(rf"{start} *=(?!=) *(?P<value>[^;#\n]+)", source, re.MULTILINE)
    if line is None:
        raise _unknown(path, name)
    try:
        return _value(ast.parse(line["value"].strip(), mode="eval").body)
    except (SyntaxError, ValueError) as error:
        raise Misuse(f"{name} in {path} is no constant: {line['value'].strip()}", remedy="name one that is") from error


def _value(node: ast.expr) -> Any:
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        return OPERATORS[type(node.op)](_value(node.left), _value(node.right))
    return ast.literal_eval(node)


def _unknown(path: str, name: str) -> Misuse:
    return Misuse(f"{path} gives no value to {name}", remedy="name a constant of that file")
