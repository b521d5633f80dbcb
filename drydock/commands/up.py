"""Start the services and say where they are; stop them, list them, read their logs, enter them."""

import re
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from drydock import command
from drydock.config import Config
from drydock.engines import builders, engine
from drydock.engines.engine import Engine
from drydock.errors import Failed, Misuse, NotReady
from drydock.events import Event, Note, Phase, Tell
from drydock.measures import committed
from drydock.services import choice, compose, containers, ports, startup, workspace
from drydock.services.containers import Container, Port, Standing
from drydock.text import table
from drydock.values import dataclass

PATIENCE = 1.0  # seconds that records may take before it is said what is waited for


@dataclass(frozen=True)
class Report:
    """The services of the project, which of their ports speak HTTP, and what was built before they were started."""

    project: str
    containers: tuple[Container, ...]
    web: frozenset[Port] = frozenset()
    built: str | None = None
    code: int = 0

    def document(self) -> dict[str, Any]:
        return {
            "project": self.project,
            "services": [
                {
                    "service": one.service,
                    "container": one.name,
                    "state": one.state,
                    "health": one.health or None,
                    "code": one.code if one.standing in (Standing.DONE, Standing.FAILED) else None,
                    "addresses": self._addresses(one),
                }
                for one in self.containers
            ],
        }

    def text(self) -> str:
        if not self.containers:
            return "no service is there; inv up starts them" if self.built is None else self.built
        rows = [[one.service, one.words, " ".join(self._addresses(one))] for one in self.containers]
        listed = table(["service", "state", "address"], rows)
        return f"{self.built}\n\n{listed}" if self.built else listed

    def _addresses(self, one: Container) -> list[str]:
        return [f"http://{port.address}" if port in self.web else port.address for port in one.ports]


def run(config: Config, *, dev: bool, build: bool, timeout: int, tell: Tell) -> Report:
    """Build, check the ports, start everything and wait until it is healthy; audit the repository meanwhile.

    Exit code 3 for a port that is held, naming who holds it; 4 for a build or a service that fails.
    """
    compose.compose_files(config, dev=dev)  # the cheapest thing that can be wrong
    found = engine.ensure(config, tell)
    if dev:
        config, found = workspace.keyed(config, found)
    model = compose.model(config, found.environ, dev=dev)
    require_ports(config, found, model)
    project, built = str(model["name"]), ""
    if build:
        code, built = _build(config, dev=dev, tell=tell)
        if code:
            return Report(project, (), built=built, code=code)
    else:
        require_images(found, model)
    workspace.prepare(config, model)
    for folder in workspace.other_clones(found, project, config.compose.parent if config.compose else config.root):
        tell(Note(f"the services of {folder} are replaced: set COMPOSE_PROJECT_NAME to keep both", warning=True))
    argv = compose.argv(config, "up", "--detach", "--no-build", "--remove-orphans", dev=dev)
    if command.is_dry():
        command.show(argv)
        return Report(project, (), built=built)
    with _recording(config, tell):
        seen = startup.follow(config, found, argv, timeout=timeout, tell=tell)
    if dev:
        workspace.forget_old(found, project)
    return _report(project, seen, built or None)


@contextmanager
def _recording(config: Config, tell: Tell) -> Iterator[None]:
    """While the services start, bring up to date what the dashboard shows beside builds: findings, captures, parts."""
    from drydock.commands import audit, size

    told = list[Event]()

    def record() -> None:
        audit.note(config, tell=told.append, today=date.today())
        committed.record(config, told.append)
        size.note(config, tell=told.append)

    thread = threading.Thread(target=record, daemon=True)
    thread.start()
    try:
        yield
    finally:
        thread.join(PATIENCE)
        if thread.is_alive():
            tell(Phase("weigh", "new images are taken apart"))
        thread.join()
        for event in told:
            tell(event)


def ps(config: Config) -> Report:
    """The services of this project as they are now."""
    found = engine.find(config)
    return _report(compose.project(config), startup.status(config, found))


def restart(config: Config, *, services: Sequence[str], tell: Tell) -> int:
    """Restart services and wait until they are healthy again."""
    found = engine.find(config)
    _require_known(config, found, services, "restart")
    argv = compose.argv(config, "restart", *services)
    if command.is_dry():
        command.show(argv)
        return 0
    if not startup.status(config, found):
        raise NotReady("no service is there", remedy="inv up")
    startup.follow(config, found, argv, timeout=120, tell=tell)
    return 0


def down(config: Config, *, volumes: bool, tell: Tell) -> int:
    """Stop and remove the containers and the network of this project, and with `volumes` its named volumes."""
    found = engine.find(config)
    began = time.monotonic()
    words = ["down", "--remove-orphans", *(["--volumes"] if volumes else [])]
    result = command.run(compose.argv(config, *words), env=found.environ, cwd=config.root, changes=True)
    if not result.ok:
        raise Failed(f"docker compose down: {result.last_words}", remedy="inv ps")
    if volumes:  # also those that only the development file names
        workspace.forget_all(found, compose.project(config))
    if not command.is_dry():
        tell(Phase("down", "containers and networks are removed", time.monotonic() - began))
    return 0


def logs(config: Config, *, services: Sequence[str], follow: bool, lines: int, show: Callable[[str], bool]) -> int:
    """Show what the services print: on the user's own terminal as it is, elsewhere plain, until nobody wants more.

    `show` takes a piece of text and says whether more is wanted.
    """
    found = engine.find(config)
    _require_known(config, found, services, "logs")
    words = ["logs", "--tail", str(lines), *(["--follow"] if follow else []), *services]
    if sys.stdout.isatty():
        return _passed(command.interact(compose.argv(config, *words), env=found.environ, cwd=config.root))
    argv = compose.argv(config, "--ansi", "never", *words)  # which leaves a code before each line nonetheless
    with command.start(argv, env=found.environ, cwd=config.root, stderr=None) as child:
        for line in child.stdout or ():
            if not show(startup.ESCAPE.sub("", line.decode("utf-8", "replace"))):
                return 0
        return _passed(child.wait())


def shell(config: Config, *, service: str) -> int:
    """Open a shell in the running container of a service; the exit code is the shell's own."""
    found = engine.find(config)
    running = [one.service for one in startup.status(config, found) if one.state == "running"]
    _require_known(config, found, [service] if service else [], "shell")
    if not service and len(running) > 1:
        raise Misuse("more than one service runs", remedy=f"inv shell --service {running[0]}")
    if not running or (service and service not in running):
        raise NotReady(f"{service or 'no service'} {'does not run' if service else 'runs'}", remedy="inv up")
    best = "if command -v bash >/dev/null; then exec bash; else exec sh; fi"
    words = ["exec", *([] if sys.stdin.isatty() else ["-T"]), service or running[0], "sh", "-c", best]
    return command.interact(compose.argv(config, *words), env=found.environ, cwd=config.root, changes=True)


def _build(config: Config, *, dev: bool, tell: Tell) -> tuple[int, str]:
    """Build all images; exit code and text of the report."""
    from drydock.commands import build

    report = build.run(config, build.Request(dev=dev, builder=builder(config, tell)), tell=tell)
    return report.code, report.text()


def builder(config: Config, tell: Tell) -> str:
    """What builds for services that start here: the one that is chosen, unless its images would stay elsewhere."""
    name, where = builders.named(config)
    if not builders.is_context(config, name):
        return ""
    tell(Note(f"{where} ({name}) is another engine, and the services start here: they are built here as well"))
    return builders.NONE


def require_images(found: Engine, model: Mapping[str, Any]) -> None:
    """Raise NotReady unless every image that the services build has been built."""
    names = containers.built(model)
    if names and not command.run(["docker", "image", "inspect", *names], env=found.environ).ok:
        raise NotReady(f"not built yet: one of {', '.join(names)}", remedy="inv up without --no-build, or inv build")


def require_ports(config: Config, found: Engine, model: Mapping[str, Any]) -> None:
    """Raise NotReady if something other than this project holds a port it publishes."""
    if not found.host.startswith(("unix:", "npipe:")):
        return  # the ports are another machine's
    for port in containers.published(model):
        holder = ports.holder(found.environ, port.host, port.published, port.protocol, str(model["name"]))
        if holder is None:
            continue
        raise NotReady(
            f"port {port.published}, wanted by {port.service}, is held by {holder}", remedy=_other(config, port)
        )


def _other(config: Config, port: Port) -> str:
    """How to free a port; names the variable that moves it, if the compose file has one for it."""
    text = config.compose.read_text(encoding="utf-8") if config.compose else ""
    if named := re.search(r"\$\{(\w+):?-" + str(port.published) + r"\}", text):
        return f"stop it, or choose another port: {named[1]}={port.published + 10000} inv up"
    return "stop it, or publish another port in the compose file"


def _require_known(config: Config, found: Engine, services: Sequence[str], task: str) -> None:
    if services:
        known = compose.model(config, found.environ).get("services") or {}
        choice.chosen([*known], services, task, kind="service")


def _report(project: str, seen: tuple[Container, ...], built: str | None = None) -> Report:
    published = [port for one in seen if one.standing is Standing.READY for port in one.ports if port.protocol == "tcp"]
    web = frozenset(port for port in published if ports.speaks_http(port.host or "127.0.0.1", port.published))
    return Report(project, seen, web, built)


def _passed(code: int) -> int:
    if code:
        raise Failed(f"docker compose ended with {code}", remedy="inv ps")
    return 0
