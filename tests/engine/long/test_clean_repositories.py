"""The clean repositories on a real engine: they build, start as an ordinary user, and say that they are well."""

import json
import sys
import time
import tomllib
import urllib.request
from pathlib import Path

import pytest
from pip._internal.models.index import PyPI  # the index that is asked where nobody names another

from drydock import command
from tests.defects import loader
from tests.engine.conftest import Docker
from tests.repositories import PROJECT

SECONDS = 60.0


def services(folder: Path) -> str:
    """Where the compose file of a repository lies."""
    (path,) = (one for one in folder.rglob("compose.yml"))
    return path.relative_to(folder).as_posix()


@pytest.mark.parametrize("name", loader.names())
def test_a_clean_repository_builds_and_every_service_becomes_healthy(docker: Docker, tmp_path: Path, name: str) -> None:
    if name in loader.NOT_ON_STANDINS and docker.base("python:3.12-slim") != "python:3.12-slim":
        pytest.skip(loader.NOT_ON_STANDINS[name])
    if name in loader.INDEX_WITH_JSON and not gives_releases_as_json(name):
        pytest.skip(loader.INDEX_WITH_JSON[name])
    folder = loader.write(loader.clean(name), tmp_path / name)
    with (folder / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(f'\n[tool.drydock]\ncompose = "{services(folder)}"\n')
    argv = [sys.executable, "-m", "drydock", "build", "--root", str(folder), "--json"]
    built = command.run(argv, env={**docker.found.environ, **loader.ASKED_FOR}, cwd=PROJECT, timeout=900)
    assert built.ok, built.err[-4000:]
    for image in json.loads(built.out)["images"]:
        assert health(docker, image["digest"]) == "healthy"


def gives_releases_as_json(name: str) -> bool:
    """Whether the package index answers what poetry asks of the first package that the repository locks."""
    locked = tomllib.loads(loader.clean(name)["poetry.lock"].decode())["package"][0]
    url = f"{PyPI.pypi_url}/{locked['name']}/{locked['version']}/json"
    try:
        with urllib.request.urlopen(url, timeout=SECONDS):  # noqa: S310  pip's own constant
            return True
    except OSError:
        return False


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
