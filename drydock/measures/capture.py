"""What every capture begins with: the command, the versions, the date, the class of machine, and what it rests on."""

import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from drydock import __version__
from drydock.config import Config
from drydock.engines.engine import Engine
from drydock.measures import evidence, machine, revision


def header(
    config: Config, engine: Engine, *, kind: str, command: str, bases: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """The head of a capture as plain data; the raw figures follow it. It names no host, no user and no path.

    `command` is the line that measures this again; `bases` are {name, origin} of every base image underneath.
    """
    state = revision.read(config)
    return {
        "schema": evidence.SCHEMA,
        "kind": kind,
        "command": command,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine.describe(),
        "versions": {
            "drydock": __version__,
            "engine": engine.version,
            "buildx": engine.buildx,
            "python": platform.python_version(),
        },
        "store": engine.store,
        "commit": state.commit,
        "dirty": state.dirty,
        "standin": any(base["origin"] == "standin" for base in bases),
        "bases": [{"name": base["name"], "origin": base["origin"]} for base in bases],
    }
