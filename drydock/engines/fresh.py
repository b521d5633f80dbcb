"""Throwaway engines: a private daemon of its own with nothing in it but base images, ended and removed afterwards."""

import platform
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from drydock import command
from drydock.config import Config
from drydock.engines import daemon, engine, packages, place, provision, scratch
from drydock.engines.engine import Engine
from drydock.errors import NotReady
from drydock.events import silent

OWN = ("DOCKER_HOST", "DOCKER_CONTEXT", "BUILDX_BUILDER")


def unable(config: Config) -> str:
    """Why no throwaway engine can be started here; empty if one can."""
    if platform.system() != "Linux":
        return "a throwaway engine runs on Linux only"
    if not provision.installed(config):
        return "dockerd is not installed"
    if place.elevation() and not packages.sudo(config):
        return "starting a throwaway engine needs root"
    return ""


def save_bases(found: Engine, references: Sequence[str], into: Path) -> Path | None:
    """Write base images to an archive, from which every fresh engine gets them; images from nothing need none."""
    archive = into / "bases.tar"
    if not references:
        return None
    saved = command.run(["docker", "image", "save", "--output", str(archive), *references], env=found.environ)
    if not saved.ok:
        raise NotReady(f"base images cannot be saved: {saved.last_words}", remedy="free disk space")
    return archive


@contextmanager
def started(config: Config, store: str, archive: Path | None, mark: str) -> Iterator[tuple[Config, Engine]]:
    """An engine that holds the images of an archive, if any, and nothing else; with the configuration that leads to it.

    Its data lie beside those of the private engine, so on the same disk. It is gone afterwards, whatever happens: where
    this process is killed, the next one knows it by the mark of the scratch folder.
    """
    config.home.mkdir(parents=True, exist_ok=True)
    home = Path(tempfile.mkdtemp(prefix=f"bench-{mark}-", dir=config.home))
    table = config.settings.get("engine", {})
    own = replace(config, home=home, settings={**config.settings, "engine": {**table, "store": store}})
    try:
        daemon.start(own, silent)
        there = replace(config, environ=_environ(config.environ, place.address(own)))
        if archive:
            _load(there, archive)
        yield there, engine.find(there)
    finally:
        scratch.end_engine(own)


def _load(there: Config, archive: Path) -> None:
    loaded = command.run(["docker", "load", "--quiet", "--input", str(archive)], env=there.environ)
    if not loaded.ok:
        raise NotReady(f"base images cannot be loaded: {loaded.last_words}", remedy="free disk space")


def _environ(environ: Mapping[str, str], address: str) -> dict[str, str]:
    kept = {name: value for name, value in environ.items() if name not in OWN}
    return {**kept, "DOCKER_HOST": address}
