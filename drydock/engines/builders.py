"""Builders that are asked for by name: another engine, where Docker's own driver is behind one, or one of buildx."""

import re
from dataclasses import replace

from drydock import command
from drydock.config import Config
from drydock.engines import engine, probe
from drydock.engines.engine import Engine
from drydock.errors import Misuse

ANSWER_SECONDS = 20.0


def choose(config: Config, found: Engine, name: str) -> tuple[Engine, str]:
    """The engine as the named builder makes it, and the builder's name there; without a name, BUILDX_BUILDER's.

    A builder of Docker's own driver is a Docker context: what it builds stays in the engine there, so that engine is
    the one to ask for bases and results too. Raises Misuse for a name that nobody bears.
    """
    name = name or config.environ.get("BUILDX_BUILDER", "")
    if not name:
        return found, ""
    argv = ["docker", "buildx", "inspect", name]
    told = command.run(argv, env=found.environ, timeout=ANSWER_SECONDS)
    fields = dict(re.findall(r"^(\w+):\s+(.+?)\s*$", told.out, re.MULTILINE))
    if not fields.get("Driver"):
        known = ", ".join(_names(found))
        raise Misuse(f"there is no builder {name}, only {known}", remedy="docker buildx ls, or docker buildx create")
    driver = fields["Driver"]
    if driver == "docker" and name != "default":
        others = {k: v for k, v in config.environ.items() if k not in ("DOCKER_HOST", "BUILDX_BUILDER")}
        return engine.find(replace(config, environ={**others, "DOCKER_CONTEXT": name})), "default"
    platforms = [one.strip().rstrip("*") for one in fields.get("Platforms", "").split(",")]
    chosen = replace(
        found,
        driver=driver,
        platforms=tuple(filter(None, platforms)),
        cache_exporters=probe.exporters(driver, found.store),
        cache_importers=probe.importers(driver, found.store),
    )
    return chosen, name


def _names(found: Engine) -> list[str]:
    """Builders as `docker buildx ls` lists them; their nodes follow, set in."""
    listed = command.run(["docker", "buildx", "ls"], env=found.environ, timeout=ANSWER_SECONDS).out.splitlines()[1:]
    return [line.split()[0].rstrip("*") for line in listed if line.strip() and not line.startswith(" ")]
