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
from drydock.engines import docker_config, engine
from drydock.engines.engine import Engine, NoEngine
from drydock.errors import Problem
from drydock.services import compose
from drydock.values import dataclass

ANSWER_SECONDS = 1.5


@dataclass(frozen=True)
class Facts:
    """What several checks need: the engine or why there is none, the compose model or why not, bases and images."""

    config: Config
    engine: Engine | None
    no_engine: NoEngine | None
    model: Mapping[str, Any]
    no_model: Problem | None
    bases: tuple[str, ...]
    images: tuple[str, ...]

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
        found, problem = _engine(config)
        facts = Facts(config, found, problem, *model.result(), named.result(), ())
        listed = facts.ask("docker", "image", "ls", "--format", "{{.Repository}}:{{.Tag}}") if found else ""
    return replace(facts, images=tuple(listed.splitlines()))


def _engine(config: Config) -> tuple[Engine | None, NoEngine | None]:
    try:  # the plugins have checks of their own
        return engine.find(replace(config, compose=None), buildx=False), None
    except NoEngine as problem:
        return None, problem


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
