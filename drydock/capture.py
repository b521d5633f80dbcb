"""What every capture begins with: the command, the versions, the date, the class of machine, and what it rests on."""

import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from drydock import __version__, evidence, machine
from drydock import command as process
from drydock.config import Config
from drydock.engine import Engine


def header(
    config: Config, engine: Engine, *, kind: str, command: str, bases: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """The head of a capture as plain data; the raw figures follow it. It names no host, no user and no path.

    `command` is the line that measures this again; `bases` are {name, origin} of every base image underneath.
    """
    commit, dirty = _commit(config)
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
        "commit": commit,
        "dirty": dirty,
        "standin": any(base["origin"] == "standin" for base in bases),
        "bases": [{"name": base["name"], "origin": base["origin"]} for base in bases],
    }


def _commit(config: Config) -> tuple[str | None, bool]:
    """The commit of the work tree and whether it differs; (None, False) outside git."""
    if process.find("git", config.environ) is None:
        return None, False
    head = process.run(["git", "rev-parse", "HEAD"], env=config.environ, cwd=config.root)
    if not head.ok:
        return None, False
    status = process.run(["git", "status", "--porcelain"], env=config.environ, cwd=config.root)
    return head.out.strip(), bool(status.out.strip())
