"""Faults of config.json: broken, not to be read, with helpers that are missing, and hostile."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager

from tests.engine.faults.machine import Fault, Injection, Machine

ESCAPES = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202egnp.exe"
MEND = "(mend|move) .*config.json"


def holding(content: str | bytes, *, host: bool = True) -> Injection:
    """config.json holds this; without `host` the engine is chosen by it alone."""

    @contextmanager
    def inject(machine: Machine) -> Iterator[None]:
        machine.settings.write_bytes(content.encode() if isinstance(content, str) else content)
        if not host:
            del machine.environ["DOCKER_HOST"]
        yield

    return inject


@contextmanager
def folder(machine: Machine) -> Iterator[None]:
    machine.settings.mkdir()
    yield


@contextmanager
def pipe(machine: Machine) -> Iterator[None]:
    os.mkfifo(machine.settings)
    yield


def fault(name: str, content: object, seen: str, remedy: str, *, state: str = "fail", host: bool = True) -> Fault:
    text = content if isinstance(content, str | bytes) else json.dumps(content)
    return Fault(name, holding(text, host=host), "config.json", seen, remedy, state)


FAULTS = (
    fault("config.json is broken", '{\n  "auths": {,\n}', r"config\.json:2:13 is not valid JSON", MEND),
    fault(
        "config.json is broken, and chooses the engine", "{", r"config\.json:1:2 is not valid JSON", MEND, host=False
    ),
    fault("config.json is not UTF-8", '{"a": "é"}'.encode("utf-16"), "no UTF-8", "as UTF-8"),
    Fault("config.json is a folder", folder, "config.json", "is no file", "^mv ", mended="remedy"),
    Fault("config.json is a pipe", pipe, "config.json", "is no file", "^mv ", mended="remedy"),
    fault("the credential helper is missing", {"credsStore": "gone"}, "docker-credential-gone", "remove credsStore"),
    fault(
        "a registry's credential helper is missing",
        {"credHelpers": {"registry.example": "gone"}},
        "docker-credential-gone, for registry.example",
        "remove it from credHelpers",
        state="warn",
    ),
    fault("a list where a text belongs", {"credsStore": ["a"]}, "credsStore in .* is no text", MEND),
    fault("a text where an object belongs", {"proxies": "none"}, "proxies in .* is no object", MEND),
    fault("config.json is huge", '{"auths": {' + " " * 30_000_000 + "}}", "larger than 1 MB", MEND),
    fault("config.json is nested without end", '{"a":' * 200_000, "nested too deeply", MEND),
    fault(
        "signs that a terminal obeys, in a helper", {"credsStore": ESCAPES}, r"credential-\\x1b\]0;owned", "credsStore"
    ),
    fault(
        "signs that a terminal obeys, in a registry",
        {"credHelpers": {ESCAPES: "gone"}},
        r"for \\x1b\]0;owned",
        "credHelpers",
        state="warn",
    ),
    fault("a NUL in a helper", {"credsStore": "a\0b"}, r"credential-a\\x00b", "credsStore"),
    fault("half a character in a helper", '{"credsStore": "\\ud800"}', r"credential-\\ud800", "credsStore"),
    Fault(
        "signs that a terminal obeys, in a context",
        holding(json.dumps({"currentContext": ESCAPES}), host=False),
        "engine",
        r"context \\x1b\]0;owned.* does not exist",
        "docker context use default",
    ),
)
