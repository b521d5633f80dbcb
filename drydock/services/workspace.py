"""What lies around the containers: folders they mount, and the volumes that `inv up --dev` keys to the lock files."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from drydock import command
from drydock.config import Config, Image
from drydock.engines.engine import Engine
from drydock.errors import NotReady
from drydock.services import compose, containers

VARIABLE = "DRYDOCK_LOCK"  # the development file puts it into the names of its volumes
LABEL = "dev.drydock.lock"  # and into this label, so that old ones are found
LOCKS = (
    "package-lock.json",
    "npm-shrinkwrap.json",
    "yarn.lock",
    "pnpm-lock.yaml",
    "bun.lock",
    "requirements*.txt",
    "poetry.lock",
    "uv.lock",
    "Pipfile.lock",
    "Gemfile.lock",
    "composer.lock",
)


def other_clones(engine: Engine, project: str, own: Path) -> set[str]:
    """The folders, other than `own`, from which containers of this compose project were started."""
    label = "com.docker.compose.project"
    argv = ["docker", "ps", "--all", "--filter", f"label={label}={project}"]
    argv += ["--format", f'{{{{.Label "{label}.working_dir"}}}}']
    return set(command.run(argv, env=engine.environ).out.splitlines()) - {"", str(own)}


def lock_key(images: Iterable[Image]) -> str:
    """A hash of what decides which packages an image holds: the lock files of its context, and its Dockerfile."""
    digest = hashlib.sha256()
    for image in images:
        locks = sorted({path for pattern in LOCKS for path in image.context.glob(pattern)})
        for path in [image.dockerfile, *locks]:
            content = path.read_bytes() if path.is_file() else b"-"
            digest.update(f"{image.name}\0{path.name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:12]


def keyed(config: Config, engine: Engine) -> tuple[Config, Engine]:
    """Both with the key of the repository's lock files in their environment, for compose to fill its variables from."""
    key = lock_key(compose.images(config, engine.environ))
    return replace(config, environ={**config.environ, VARIABLE: key}), with_key(engine, key)


def with_key(engine: Engine, key: str) -> Engine:
    """The engine with a key in the environment of its tools."""
    return replace(engine, environ={**engine.environ, VARIABLE: key})


def prepare(config: Config, model: Mapping[str, Any]) -> None:
    """Make the folders that the services mount, as this user: Docker would make them as root.

    The state folder is read by services that run as a user of their own, so everyone may read it.
    """
    if command.is_dry():
        return
    state, places = config.state, [Path(place) for place in containers.mountpoints(model)]
    try:
        for folder in [state, *(place for place in places if place.is_relative_to(config.root))]:
            folder.mkdir(parents=True, exist_ok=True)
        mode = state.stat().st_mode & 0o777
        if mode | 0o055 != mode:
            state.chmod(mode | 0o055)
    except OSError as error:
        raise NotReady(
            f"{error.filename} cannot be made ready: {error.strerror}", remedy=f"make {config.root} writable"
        ) from error


def forget_old(engine: Engine, project: str) -> None:
    """Remove the volumes that were keyed to earlier lock files."""
    current = engine.environ.get(VARIABLE, "")
    _remove(engine, [name for name, key in _volumes(engine, project) if key and key != current])


def forget_all(engine: Engine, project: str) -> None:
    """Remove every named volume of the project."""
    _remove(engine, [name for name, _ in _volumes(engine, project)])


def _volumes(engine: Engine, project: str) -> list[tuple[str, str]]:
    """Name and key (empty if it has none) of the project's volumes."""
    shown = '{{.Name}}\t{{.Label "' + LABEL + '"}}'
    filters = ["--filter", f"label=com.docker.compose.project={project}"]
    result = command.run(["docker", "volume", "ls", *filters, "--format", shown], env=engine.environ)
    return [(name, key) for name, _, key in (line.partition("\t") for line in result.out.splitlines())]


def _remove(engine: Engine, names: list[str]) -> None:
    """Remove volumes; one that is still in use stays, and goes the next time."""
    if names:
        command.run(["docker", "volume", "rm", *names], env=engine.environ, changes=True)
