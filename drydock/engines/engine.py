"""The engine in use: find it, know what it can do, and where there is none, get one with the user's consent."""

from collections.abc import Mapping

from drydock.config import Config
from drydock.engines import drivers, endpoint, knocking, place, probe
from drydock.engines.endpoint import Origin
from drydock.engines.missing import MEND, Cause, NoEngine
from drydock.events import Tell
from drydock.values import dataclass

__all__ = ["Cause", "Engine", "NoEngine", "Origin", "alive", "ensure", "find", "last_words"]

ENGINE_FLOOR = (23, 0)  # its own Dockerfile frontend knows cache, secret and bind mounts, heredocs, named contexts
BUILDX_FLOOR = (0, 13)
COMPOSE_FLOOR = (2, 20)
MENDABLE = {Cause.CLIENT, Cause.DAEMON, Cause.STOPPED, Cause.BUILDX, Cause.COMPOSE, Cause.ENGINE}


@dataclass(frozen=True)
class Engine:
    """An engine that answers, and what it can do.

    `store` is overlay2, containerd, or the name of another storage driver; `driver` is the driver of the builder in
    use; `environ` is the whole environment for Docker's tools, so that they reach this engine and no other.
    """

    host: str
    origin: Origin
    version: str
    api: str
    buildkit: bool
    buildx: str
    compose: str
    store: str
    driver: str
    platforms: tuple[str, ...]
    environ: Mapping[str, str]
    data_root: str = ""
    builder: str = ""  # what was chosen in place of the engine's own builder, as people call it

    @property
    def title(self) -> str:
        """What the ledger calls it: the version, and what was chosen in its place."""
        return f"{self.version}, {self.builder}" if self.builder else self.version

    @property
    def roomy(self) -> bool:
        """Whether the builder in use exports caches, builds for several platforms and keeps attestations."""
        return drivers.roomy(self.driver, self.store)

    @property
    def cache_exporters(self) -> tuple[str, ...]:
        return drivers.exporters(self.driver, self.store)

    @property
    def cache_importers(self) -> tuple[str, ...]:
        return drivers.importers(self.driver, self.store)


def find(config: Config, *, buildx: bool = True, patience: float | None = None) -> Engine:
    """The engine Docker itself would use, else the private one.

    Raises NoEngine (exit 3) where there is none, or where engine, buildx or compose are missing or too old; compose
    counts only for a repository with a compose file, buildx only as long as `buildx` is true. An engine may
    stay silent for `patience` seconds, and for as long again when it is asked what it is; a builder elsewhere that does
    not answer by then has no driver.
    """
    was_used = place.was_used(config)
    silent = knocking.PATIENCE if patience is None else patience
    where = endpoint.locate(config.environ, place.address(config), was_used=was_used, seconds=silent)
    kept = config.home / "probe.json"
    abilities = probe.ask(where, config.environ, kept, patience=patience or probe.ANSWER_SECONDS)
    ours = where.origin in (Origin.DEFAULT, Origin.PRIVATE)  # an engine elsewhere cannot be mended from here
    _require("engine", Cause.ENGINE if ours else Cause.SETTINGS, abilities.version, ENGINE_FLOOR)
    if buildx:
        _require("buildx", Cause.BUILDX, abilities.buildx, BUILDX_FLOOR)
    if config.compose is not None:
        _require("compose", Cause.COMPOSE, abilities.compose, COMPOSE_FLOOR)
    return Engine(
        host=where.host,
        origin=where.origin,
        version=abilities.version,
        api=abilities.api,
        buildkit=bool(abilities.buildx),
        buildx=abilities.buildx,
        compose=abilities.compose,
        store=abilities.store,
        driver=abilities.driver,
        platforms=abilities.platforms,
        environ=where.environ(config.environ),
        data_root=abilities.data_root,
    )


def ensure(config: Config, tell: Tell) -> Engine:
    """The engine that is there; else, with consent, install what is missing and start one.

    Consent is `config.yes`, or an answer on a terminal. Without it nothing is installed and NoEngine is raised,
    with the remedy.
    """
    try:
        return find(config)
    except NoEngine as problem:
        if problem.cause not in MENDABLE:
            raise
        from drydock.engines import provision

        provision.mend(config, problem, tell)
    return find(config)


def alive(engine: Engine) -> bool:
    """Whether the engine still answers; starts no process. Over TLS, that somebody is there must do."""
    return endpoint.ping(engine.host) in (endpoint.Answer.YES, endpoint.Answer.STRANGE)


def last_words(config: Config) -> str:
    """The last lines of the private engine's log that matter; empty where there is no log."""
    from drydock.engines import daemon

    return daemon.last_words(config)


def _require(name: str, cause: Cause, version: str, floor: tuple[int, int]) -> None:
    wanted = f"{floor[0]}.{floor[1]} or later is needed"
    if not version:
        raise NoEngine(cause, f"docker {name} is not installed ({wanted})", remedy=MEND)
    if probe.release(version) < floor:
        remedy = MEND if cause in MENDABLE else f"use another engine, or renew it: {wanted}"
        raise NoEngine(cause, f"docker {name} {version} is too old ({wanted})", remedy=remedy)
