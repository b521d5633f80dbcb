"""Builders that are chosen by name: another engine, where Docker's own driver is behind one, or one of buildx."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from drydock import command
from drydock.config import Config
from drydock.engines import docker_config, drivers, engine
from drydock.engines.engine import Engine
from drydock.errors import Misuse, NotReady
from drydock.values import dataclass

ANSWER_SECONDS = 20.0
VARIABLE = "BUILDX_BUILDER"
NONE = "default"  # the builder that every engine brings along
RUNNING = "running"


@dataclass(frozen=True)
class Builder:
    """What `docker buildx inspect` says of a builder; of several nodes, those that run say what it can do.

    `buildkit` is the version, empty where none runs or where it does not tell (what Debian builds does not).
    """

    name: str
    driver: str
    endpoint: str
    runs: bool
    buildkit: str
    platforms: tuple[str, ...]


def named(config: Config, flag: str = "") -> tuple[str, str]:
    """The builder that is chosen, and by what: the flag, BUILDX_BUILDER, `builder` in `[tool.drydock]`; else none."""
    if flag:
        return flag, "--builder"
    if name := config.environ.get(VARIABLE):
        return name, VARIABLE
    name = config.settings.get("builder", "")
    if not isinstance(name, str):
        raise Misuse("builder in [tool.drydock] is no name", remedy='write it as builder = "NAME"')
    return name, "builder in [tool.drydock]" if name else ""


def choose(config: Config, flag: str, here: Callable[[], Engine]) -> tuple[Engine, str]:
    """The engine as the chosen builder makes it, and the builder's name there; without one, the engine that is `here`.

    A builder that is a Docker context is the engine there: what it builds stays there, so that engine is the one to ask
    for bases and results too, and none is needed here. Raises Misuse for a name that nobody bears, NotReady for a
    builder that does not answer and that no build starts.
    """
    name, where = named(config, flag)
    if is_context(config, name):
        other = engine.find(there(config, name))
        # One that is reached by DOCKER_HOST is the default there; buildx takes another context by its name alone.
        return replace(other, builder=f"context {name}"), NONE if "DOCKER_HOST" in other.environ else name
    found = here()
    if not name:
        return found, ""
    seen = ask(name, found.environ, ANSWER_SECONDS)
    if seen is None:
        remedy = "docker buildx ls, or docker buildx create"
        raise Misuse(f"{where} {name}: there is no such builder, only {', '.join(_names(found))}", remedy=remedy)
    if problem := unanswering(seen):
        raise NotReady(problem, remedy=f"start the BuildKit there, or inv build --builder {NONE}")
    if seen.driver == drivers.ENGINE:
        return found, name
    title = f"builder {name} ({seen.driver})"
    environ = {**found.environ, VARIABLE: name}  # for everything that builds on this engine, by whatever way
    return replace(found, driver=seen.driver, platforms=seen.platforms, environ=environ, builder=title), name


def ask(name: str, environ: Mapping[str, str], seconds: float) -> Builder | None:
    """What there is to know of a builder, without starting it; None where there is no such.

    Raises NotReady where there is no answer within `seconds`.
    """
    told = command.run(["docker", "buildx", "inspect", name], env=environ, timeout=seconds)
    if told.code == command.NO_ANSWER:
        said = f"the builder {name} does not answer within {seconds:g} s"
        raise NotReady(said, remedy=f"see that its BuildKit runs, or inv build --builder {NONE}")
    return read(told.out)


def read(told: str) -> Builder | None:
    """The output of `docker buildx inspect`. Pure."""
    head, _, nodes = told.partition("\nNodes:\n")
    about, rest = _fields(head), _fields(nodes)
    if "Name" not in about:
        return None
    platforms = [one.strip().rstrip("*") for said in rest.get("Platforms", []) for one in said.split(",")]
    version = next((one for name in ("BuildKit version", "BuildKit", "Buildkit") for one in rest.get(name, [])), "")
    return Builder(
        name=about["Name"][0],
        driver=next(iter(about.get("Driver", [])), ""),
        endpoint=", ".join(rest.get("Endpoint", [])),
        runs=RUNNING in rest.get("Status", []),
        buildkit="" if version.startswith("v0.0.0") else version,
        platforms=tuple(dict.fromkeys(filter(None, platforms))),
    )


def is_context(config: Config, name: str) -> bool:
    """Whether a builder is a Docker context, and so the engine there: buildx makes none of a name that one bears."""
    return name not in ("", NONE) and docker_config.context_host(config.environ, name) is not None


def there(config: Config, context: str) -> Config:
    """The configuration that leads to the engine of a Docker context."""
    others = {name: value for name, value in config.environ.items() if name not in ("DOCKER_HOST", VARIABLE)}
    return replace(config, environ={**others, "DOCKER_CONTEXT": context})


def unanswering(builder: Builder) -> str:
    """Why a builder cannot be used; empty if it can, or may be after a build has started it."""
    if builder.runs or builder.driver in (drivers.ENGINE, *drivers.STARTED):
        return ""
    return f"the builder {builder.name} ({builder.driver}) does not answer at {builder.endpoint}"


def _fields(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r"^(\w[\w ]*):[ \t]+(.+?)[ \t]*$", text, re.MULTILINE):
        found.setdefault(name, []).append(value)
    return found


def _names(found: Engine) -> list[str]:
    """Builders as `docker buildx ls` lists them; their nodes follow, set in."""
    listed = command.run(["docker", "buildx", "ls"], env=found.environ, timeout=ANSWER_SECONDS).out.splitlines()[1:]
    return [line.split()[0].rstrip("*") for line in listed if line.strip() and not line.startswith(" ")]
