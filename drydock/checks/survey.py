"""What several of the doctor's checks need to know of the machine: each asked for once, all of it side by side."""

import json
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from drydock import command
from drydock.checks import client, contexts, patience, ways
from drydock.checks.contexts import Seen
from drydock.checks.ways import Reached, Telling
from drydock.config import Config, Image
from drydock.engines import builders, docker_config, endpoint, engine
from drydock.engines.builders import Builder
from drydock.engines.engine import Engine, NoEngine
from drydock.errors import Misuse, NotReady, Problem
from drydock.services import compose
from drydock.services import model as services
from drydock.values import dataclass

ANSWER_SECONDS = 1.5  # for a tool
ENGINE_SECONDS = 1.2  # for an engine: to be there, and then to say what it is
BUILDER_SECONDS = 1.0  # it may be elsewhere, and the doctor does not wait
NOWHERE = "npipe:////./pipe/nowhere" if sys.platform == "win32" else "unix:///nowhere"
THREADS = 12
Model = Mapping[str, Any]
Finding = Future[tuple[Engine | None, NoEngine | None]]
Modelling = Future[tuple[Model, Problem | None]]
Building = Future[tuple[tuple[Image, ...], Problem | None]]


@dataclass(frozen=True)
class Chosen:
    """The builder that is chosen by name, with the image store of the engine that it is, or why it cannot be used."""

    builder: Builder | None = None
    store: str = ""
    problem: Problem | None = None


@dataclass(frozen=True)
class Facts:
    """What several checks need, as answers that may still be on their way: who asks for one waits for that one alone.

    `factor` says how much longer than usual they may take, `without` is the environment for questions that need no
    engine. `finding` is the engine or why there is none, `choosing` the builder that is asked for by name, `modelling`
    the compose model or why not, `building` the images to build or why not, `listing` the names of the engine's images,
    `telling` what the engine says of itself and when, `opening` the contexts, `reaching` the hosts and proxies that
    were tried, and who named what is no proxy.
    """

    config: Config
    factor: float
    without: Mapping[str, str]
    finding: Finding
    choosing: Future[Chosen]
    modelling: Modelling
    building: Building
    listing: Future[tuple[str, ...]]
    telling: Telling
    opening: Future[tuple[Seen, ...]]
    reaching: Future[Reached]

    @property
    def engine(self) -> Engine | None:
        return self.finding.result()[0]

    @property
    def no_engine(self) -> NoEngine | None:
        return self.finding.result()[1]

    @property
    def model(self) -> Model:
        return self.modelling.result()[0]

    @property
    def no_model(self) -> Problem | None:
        return self.modelling.result()[1]

    @property
    def images(self) -> tuple[str, ...]:
        return self.listing.result()

    @property
    def bases(self) -> tuple[str, ...]:
        """The bases of those images whose Dockerfiles can be read: another check is about the rest."""
        return tuple(dict.fromkeys(name for one in self.opening.result() for name in one.bases))

    @property
    def environ(self) -> Mapping[str, str]:
        return self.engine.environ if self.engine else self.config.environ

    @property
    def local(self) -> bool:
        """Whether the engine publishes ports and keeps its data on this machine."""
        return self.engine is None or self.engine.host.startswith(("unix:", "npipe:"))

    @property
    def seconds(self) -> float:
        """How long a tool may take to answer."""
        return ANSWER_SECONDS * self.factor

    def ask(self, *argv: str) -> str:
        """What a command prints, without the newline; empty if it is missing, fails, or takes too long."""
        return _said(argv, self.environ, self.seconds) or ""

    def ask_client(self, *argv: str) -> str | None:
        """The same of a command that needs no engine, whichever is chosen; None if it takes too long."""
        return _said(argv, self.without, self.seconds)


@contextmanager
def survey(config: Config) -> Iterator[Facts]:
    """Ask for all that several checks need."""
    factor, environ = patience.factor(), config.environ
    if trouble := _unread(config):  # the client would read them all the same, however long that takes
        environ = {**environ, "DOCKER_CONFIG": str(config.home / "none")}
    without = _engineless(environ)
    with ThreadPoolExecutor(THREADS) as pool:
        finding = pool.submit(_engine, config, factor, trouble)
        choosing = pool.submit(_chosen, config, BUILDER_SECONDS * factor, trouble)
        modelling = pool.submit(_model, config, without, factor)
        building = pool.submit(_images, config, modelling)
        telling = pool.submit(_told, finding, factor)
        listing = pool.submit(_listed, finding, factor)
        opening = pool.submit(_opened, building, modelling, factor)
        reached = pool.submit(ways.try_all, config, pool, telling, factor)
        yield Facts(config, factor, without, finding, choosing, modelling, building, listing, telling, opening, reached)


def _unread(config: Config) -> NoEngine | None:
    """Why Docker's settings are none that anybody should read; None where they can be read, be they right or wrong."""
    try:
        docker_config.read(client_settings_path(config))
    except NoEngine as problem:
        return problem
    return None


def _engineless(environ: Mapping[str, str]) -> dict[str, str]:
    """An environment for what needs no engine, but would greet one that it is led to, and wait for the answer.

    No context is looked for either, and no keys, which may be missing.
    """
    kept = {name: value for name, value in environ.items() if not name.startswith(("DOCKER_CONTEXT", "DOCKER_TLS"))}
    return {**kept, "DOCKER_HOST": NOWHERE}


def _said(argv: tuple[str, ...], environ: Mapping[str, str], seconds: float) -> str | None:
    if command.find(argv[0], environ) is None:
        return ""
    result = command.run(argv, env=environ, timeout=seconds)
    return None if result.code == command.NO_ANSWER else result.out.strip() if result.ok else ""


def _engine(config: Config, factor: float, trouble: NoEngine | None) -> tuple[Engine | None, NoEngine | None]:
    if trouble:
        return None, trouble
    try:  # the plugins have checks of their own
        return engine.find(replace(config, compose=None), buildx=False, patience=ENGINE_SECONDS * factor), None
    except NoEngine as problem:
        return None, problem


def _chosen(config: Config, seconds: float, trouble: NoEngine | None) -> Chosen:
    if trouble:
        return Chosen(problem=trouble)
    try:
        name, where = builders.named(config)
        return _inspected(config, name, where, seconds) if name else Chosen()
    except Problem as problem:
        return Chosen(problem=problem)


def _inspected(config: Config, name: str, where: str, seconds: float) -> Chosen:
    if command.find("docker", config.environ) is None:
        return Chosen()  # another check says so
    if builders.is_context(config, name):
        there = engine.find(replace(builders.there(config, name), compose=None), patience=seconds)
        return Chosen(Builder(name, there.driver, there.host, True, "", there.platforms), there.store)
    seen = builders.ask(name, config.environ, seconds)
    if seen is None:
        remedy = f"docker buildx create --name {name}"
        raise Misuse(f"{where} names {name}, and there is no such builder", remedy=remedy)
    if problem := builders.unanswering(seen):
        raise NotReady(problem, remedy="start the BuildKit there, or docker buildx create another one")
    return Chosen(seen)


def _model(config: Config, environ: Mapping[str, str], factor: float) -> tuple[Model, Problem | None]:
    if config.compose is None:
        return {}, None
    try:
        return compose.model(config, environ, seconds=ANSWER_SECONDS * factor), None
    except Problem as problem:
        return {}, problem


def _images(config: Config, modelling: Modelling) -> tuple[tuple[Image, ...], Problem | None]:
    model = modelling.result()[0]
    try:
        found = services.found(config.root) if config.compose is None else ()
        return found or (services.images(model, config.state) if model else ()), None
    except Problem as problem:
        return (), problem


def _told(finding: Finding, factor: float) -> tuple[Mapping[str, Any], float]:
    """What the engine says of itself, and when: by its socket, or, where that is elsewhere, by the client."""
    found, seconds = finding.result()[0], ANSWER_SECONDS * factor
    text: str | bytes | None = None
    if found:
        text = endpoint.ask(found.host, "/info", seconds=seconds)
        text = text or _said(("docker", "info", "--format", "{{json .}}"), found.environ, seconds)
    now = time.time()
    try:
        told = json.loads(text or "{}")
    except ValueError:
        told = {}
    return (told if isinstance(told, dict) else {}), now


def _listed(finding: Finding, factor: float) -> tuple[str, ...]:
    found = finding.result()[0]
    argv = ("docker", "image", "ls", "--format", "{{.Repository}}:{{.Tag}}")
    return tuple((_said(argv, found.environ, ANSWER_SECONDS * factor) or "").splitlines()) if found else ()


def _opened(building: Building, modelling: Modelling, factor: float) -> tuple[Seen, ...]:
    inlines = services.inlines(modelling.result()[0])
    return contexts.look(building.result()[0], inlines, contexts.LOOK_SECONDS * factor)


def client_settings_path(config: Config) -> Path:
    """Where Docker's client keeps its settings."""
    return docker_config.settings_folder(config.environ) / client.CONFIG


def text(path: Path) -> str | None:
    """The text of a file, None where there is none. What is no UTF-8 is replaced, so that the check can name it."""
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else None
