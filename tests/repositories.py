"""Repositories whose services tests start: Drydock's tasks on one, and a copy of this project with ports of its own."""

import http.client
import json
import shutil
import socket
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drydock import command

PROJECT = Path(__file__).resolve().parents[1]
NOT_COPIED = shutil.ignore_patterns("node_modules", ".svelte-kit", "build", "__pycache__", ".*_cache")


@dataclass(frozen=True)
class Repository:
    """A repository with a compose file, and Drydock's tasks on it."""

    root: Path
    environ: Mapping[str, str]
    project: str

    def __call__(self, *words: str, stdin: str | None = None) -> command.Result:
        return command.run(self.argv(*words), env=self.environ, cwd=PROJECT, stdin=stdin, timeout=600)

    def argv(self, *words: str) -> list[str]:
        """The command line of a task."""
        return [sys.executable, "-m", "drydock", words[0], "--root", str(self.root), *words[1:]]

    def services(self) -> dict[str, Any]:
        """What `ps --json` says, by service."""
        return {one["service"]: one for one in json.loads(self("ps", "--json").out)["services"]}

    def port(self, name: str) -> int:
        """The port that the environment gives a name, such as BACKEND_PORT."""
        return int(self.environ[name])


def copied(root: Path, environ: Mapping[str, str], project: str) -> Repository:
    """Copy what makes both services to `root`; they get `project` as their name and ports that are free."""
    for folder in ("backend", "frontend"):
        shutil.copytree(PROJECT / folder, root / folder, ignore=NOT_COPIED)
    (root / "infra").mkdir()
    for path in ("pyproject.toml", "infra/docker-compose.yml", "infra/docker-compose.dev.yml"):
        shutil.copy(PROJECT / path, root / path)
    ports = {name: str(free_port()) for name in ("BACKEND_PORT", "FRONTEND_PORT")}
    return Repository(root, {**environ, **ports, "COMPOSE_PROJECT_NAME": project}, project)


def free_port() -> int:
    """A port that is free just now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def get(port: int, path: str) -> tuple[int, str]:
    """Status and body of an HTTP answer; 0 where there is none."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    except (OSError, http.client.HTTPException):
        return 0, ""
    finally:
        connection.close()


def becomes(look: Callable[[], bool], seconds: float = 60) -> bool:
    """Whether something comes true in time."""
    until = time.monotonic() + seconds
    while not look():
        if time.monotonic() > until:
            return False
    return True
