"""The clean repositories on a real engine: they build, start as an ordinary user, and say that they are well."""

import json
import sys
import time
from pathlib import Path

import pytest

from drydock import command
from tests.defects import loader
from tests.engine.conftest import PROJECT, Docker

SECONDS = 60.0


def services(folder: Path) -> str:
    """Where the compose file of a repository lies."""
    (path,) = (one for one in folder.rglob("compose.yml"))
    return path.relative_to(folder).as_posix()


@pytest.mark.parametrize("name", loader.names())
def test_a_clean_repository_builds_and_every_service_becomes_healthy(docker: Docker, tmp_path: Path, name: str) -> None:
    if name in loader.NOT_ON_STANDINS and docker.base("python:3.12-slim") != "python:3.12-slim":
        pytest.skip(loader.NOT_ON_STANDINS[name])
    folder = loader.write(loader.clean(name), tmp_path / name)
    with (folder / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(f'\n[tool.drydock]\ncompose = "{services(folder)}"\n')
    argv = [sys.executable, "-m", "drydock", "build", "--root", str(folder), "--json"]
    built = command.run(argv, env={**docker.found.environ, **loader.ASKED_FOR}, cwd=PROJECT, timeout=900)
    if name in loader.INDEX_WITH_JSON and not built.ok:
        pytest.skip(loader.INDEX_WITH_JSON[name])
    assert built.ok, built.err[-4000:]
    for image in json.loads(built.out)["images"]:
        assert health(docker, image["digest"]) == "healthy"


def health(docker: Docker, image: str) -> str:
    """What the health check of a container of this image says in the end."""
    words = [word for name, value in loader.ASKED_FOR.items() for word in ("--env", f"{name}={value}")]
    container = docker("run", "--detach", *words, image).strip()
    try:
        until = time.monotonic() + SECONDS
        while (state := json.loads(docker("inspect", container))[0]["State"])["Running"]:
            if state["Health"]["Status"] != "starting" or time.monotonic() > until:
                break
            time.sleep(0.5)
        return str(state["Health"]["Status"])
    finally:
        docker("rm", "--force", container)
