"""What several of the doctor's checks need to know of the machine, found once and in parallel."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from drydock import command
from drydock.bases import bases
from drydock.checks import client
from drydock.config import Config
from drydock.engines import builders, docker_config, engine
from drydock.engines.builders import Builder
from drydock.engines.engine import Engine, NoEngine
from drydock.errors import Misuse, NotReady, Problem
from drydock.services import compose
from drydock.values import dataclass

ANSWER_SECONDS = 1.5
BUILDER_SECONDS = 1.0  # it may be elsewhere, and the doctor does not wait


@dataclass(frozen=True)
class Chosen:
    """The builder that is chosen by name, with the image store of the engine that it is, or why it cannot be used."""

    builder: Builder | None = None
    store: str = ""
    problem: Problem | None = None


@dataclass(frozen=True)
class Facts:
    """What several checks need: the engine or why there is none, the compose model or why not, bases and images.

    `chosen` is the builder that is asked for by name.
    """

    config: Config
    engine: Engine | None
    no_engine: NoEngine | None
    model: Mapping[str, Any]
    no_model: Problem | None
    bases: tuple[str, ...]
    images: tuple[str, ...]
    chosen: Chosen

    @property
    def environ(self) -> Mapping[str, str]:
        return self.engine.environ if self.engine else self.config.environ

    @property
    def local(self) -> bool:
        """Whether the engine publishes ports and keeps its data on this machine."""
        return self.engine is None or self.engine.host.startswith(("unix:", "npipe:"))

    def ask(self, *argv: str) -> str:
        """What a command prints, without the newline; empty if it is missing, fails, or takes too long."""
        if command.find(argv[0], self.environ) is None:
            return ""
        result = command.run(argv, env=self.environ, timeout=ANSWER_SECONDS)
        return result.out.strip() if result.ok else ""


def gather(config: Config) -> Facts:
    """Find what several checks need, in parallel."""
    with ThreadPoolExecutor() as pool:
        model = pool.submit(_model, config)
        named = pool.submit(_bases, config)
        chosen = pool.submit(_chosen, config)
        found, problem = _engine(config)
        facts = Facts(config, found, problem, *model.result(), named.result(), (), chosen.result())
        listed = facts.ask("docker", "image", "ls", "--format", "{{.Repository}}:{{.Tag}}") if found else ""
    return replace(facts, images=tuple(listed.splitlines()))


def _engine(config: Config) -> tuple[Engine | None, NoEngine | None]:
    try:  # the plugins have checks of their own
        return engine.find(replace(config, compose=None), buildx=False, patience=BUILDER_SECONDS), None
    except NoEngine as problem:
        return None, problem


def _chosen(config: Config) -> Chosen:
    try:
        name, where = builders.named(config)
        return _inspected(config, name, where) if name else Chosen()
    except Problem as problem:
        return Chosen(problem=problem)


def _inspected(config: Config, name: str, where: str) -> Chosen:
    if command.find("docker", config.environ) is None:
        return Chosen()  # another check says so
    if builders.is_context(config, name):
        there = engine.find(replace(builders.there(config, name), compose=None), patience=BUILDER_SECONDS)
        return Chosen(Builder(name, there.driver, there.host, True, "", there.platforms), there.store)
    seen = builders.ask(name, config.environ, BUILDER_SECONDS)
    if seen is None:
        remedy = f"docker buildx create --name {name}"
        raise Misuse(f"{where} names {name}, and there is no such builder", remedy=remedy)
    if problem := builders.unanswering(seen):
        raise NotReady(problem, remedy="start the BuildKit there, or docker buildx create another one")
    return Chosen(seen)


def _model(config: Config) -> tuple[Mapping[str, Any], Problem | None]:
    try:
        return (compose.model(config, config.environ) if config.compose else {}), None
    except Problem as problem:
        return {}, problem


def _bases(config: Config) -> tuple[str, ...]:
    try:
        return bases.named(compose.images(config, config.environ))
    except Problem:
        return ()  # the check of the compose file says why


def client_settings_path(config: Config) -> Path:
    """Where Docker's client keeps its settings."""
    return docker_config.settings_folder(config.environ) / client.CONFIG


def text(path: Path) -> str | None:
    """The text of a file, None where there is none. What is no UTF-8 is replaced, so that the check can name it."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return None
