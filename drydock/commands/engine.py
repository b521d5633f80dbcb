"""`inv engine`: show the engine in use and what it can do; start, stop or remove the private one."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from drydock import command, consent
from drydock.config import Config
from drydock.engines import engine as engines
from drydock.engines import packages, place, provision
from drydock.errors import Misuse, NotReady
from drydock.events import Note, Tell
from drydock.text import human_bytes
from drydock.values import dataclass


@dataclass(frozen=True)
class Report:
    """The engine in use, and what of the private one is on this machine."""

    engine: engines.Engine | None
    missing: str
    remedy: str
    data_bytes: int | None
    log: str
    pid: int | None
    added: packages.Added
    way: str = ""  # what to type so that plain docker reaches it, where it does not yet
    code: int = 0

    def document(self) -> dict[str, Any]:
        seen = self.engine
        fields: dict[str, Any] = {}
        if seen is not None:
            names = ("host", "version", "api", "buildkit", "buildx", "compose", "store", "driver", "data_root")
            fields = {name: getattr(seen, name) for name in names}
            fields |= {"origin": seen.origin.name.lower(), "platforms": list(seen.platforms)}
            fields |= {"cache_exporters": list(seen.cache_exporters)}
        private = {"pid": self.pid, "log": self.log, "added": asdict(self.added)}
        why = {"missing": self.missing, "remedy": self.remedy} if seen is None else {"data_bytes": self.data_bytes}
        return {**fields, **why, "plain_docker": self.way or None, "private": private}

    def text(self) -> str:
        seen = self.engine
        if seen is None:
            return f"{self.missing}\nremedy: {self.remedy}"
        rows = [
            ("engine", f"Docker {seen.version} (API {seen.api}), {seen.origin.value}"),
            ("address", seen.host),
            ("buildx", f"{seen.buildx}, driver {seen.driver}"),
            ("compose", seen.compose or "missing"),
            ("image store", seen.store),
            ("platforms", ", ".join(seen.platforms)),
            ("cache exporters", ", ".join(seen.cache_exporters)),
            ("data", seen.data_root + (f" ({human_bytes(self.data_bytes)})" if self.data_bytes is not None else "")),
        ]
        if self.way:
            rows.append(("plain docker", self.way))
        if self.pid is not None:
            rows += [("log", self.log), ("process", str(self.pid))]
        if self.added.files:
            rows.append(("added files", ", ".join(self.added.files)))
        if self.added.packages:
            rows.append(("added packages", ", ".join(self.added.packages)))
        width = max(len(name) for name, _ in rows)
        return "\n".join(f"{name.ljust(width)}  {value}" for name, value in rows)


@dataclass(frozen=True)
class Line:
    """One line, for a shell or for the eye."""

    line: str
    fields: dict[str, Any]
    code: int = 0

    def document(self) -> dict[str, Any]:
        return self.fields

    def text(self) -> str:
        return self.line


def run(
    config: Config,
    *,
    env: bool = False,
    start: bool = False,
    stop: bool = False,
    purge: bool = False,
    tell: Tell,
) -> Report | Line:
    """Show the engine, print its export line, or act on the private one; only one of these at a time."""
    if sum((env, start, stop, purge)) > 1:
        raise Misuse("--env, --start, --stop and --purge exclude each other", remedy="give one of them")
    if purge:
        return _purge(config, tell)
    if stop:
        return _stop(config, tell)
    if start:
        return _start(config, tell)
    if env:
        host = engines.find(config, buildx=False).host
        return Line(f"export DOCKER_HOST={host}", {"DOCKER_HOST": host})
    return _show(config)


def _show(config: Config) -> Report:
    from drydock.engines import contexts, daemon

    here, pid, added = place.of(config), daemon.pid(config), packages.added(config)
    try:
        seen = engines.find(config, buildx=False)
    except NotReady as problem:
        return Report(None, problem.message, problem.remedy, None, str(here.log), pid, added, code=problem.code)
    way = contexts.way(config) if seen.origin is engines.Origin.PRIVATE else ""
    return Report(seen, "", "", _size(config, Path(seen.data_root)), str(here.log), pid, added, way)


def _start(config: Config, tell: Tell) -> Report:
    if not provision.installed(config):
        missing = engines.NoEngine(engines.Cause.DAEMON, "dockerd is not installed", remedy="inv engine --start --yes")
        provision.fetch(config, missing, tell)
    provision.allow(config, "starting a private engine", tell)
    provision.private(config, tell)
    return _show(config)


def _stop(config: Config, tell: Tell) -> Line:
    from drydock.engines import daemon

    if daemon.pid(config) is not None:
        provision.allow(config, "stopping the private engine", tell)
    stopped = daemon.stop(config, tell)
    if command.is_dry():
        return Line("nothing is stopped: this run is dry", {"stopped": False})
    return Line("stopped" if stopped else "the private engine does not run", {"stopped": stopped})


def _purge(config: Config, tell: Tell) -> Line:
    from drydock.engines import contexts, daemon, leftovers

    here, added = place.of(config), packages.added(config)
    size = _size(config, here.data)
    for note in _what(here, size, added):
        tell(Note(note))
    if not command.is_dry() and not consent.ask(config, "Remove all this?", tell):
        raise NotReady("nothing was removed", remedy="inv engine --purge --yes")
    provision.allow(replace(config, yes=True), "removing it", tell)
    daemon.stop(config, tell)
    contexts.withdraw(config)
    if not command.is_dry():
        leftovers.remove_data(here, place.environ(config))
    packages.take_back(config, tell)
    if command.is_dry():
        return Line("nothing is removed: this run is dry", {"removed": None})
    return Line("removed", {"removed": {"data": str(here.data), "bytes": size, **asdict(added)}})


def _what(here: place.Place, size: int | None, added: packages.Added) -> list[str]:
    weight = f" ({human_bytes(size)})" if size is not None else ""
    notes = [f"{here.data}: images, containers, volumes and build cache{weight}"]
    notes += [f"added to apt: {path}" for path in added.files]
    if added.packages:
        notes.append(f"packages: {', '.join(added.packages)}")
    return notes


def _size(config: Config, folder: Path) -> int | None:
    """Bytes on disk, mounted layers not counted twice; None where the folder cannot be read from here."""
    env = place.environ(config)
    if not folder.is_dir() or command.find("du", env) is None:
        return None
    result = command.run(["du", "-sxk", str(folder)], env=env, timeout=60)
    return int(result.out.split()[0]) * 1024 if result.ok else None
