"""Docker itself: client, engine, permission, BuildKit, plugins, builder and image store."""

import shlex
from collections.abc import Sequence

from drydock.checks import Verdict, fail, late, ok, unknown, warn
from drydock.engines.builders import Builder
from drydock.engines.drivers import ENGINE
from drydock.engines.missing import MEND, Cause
from drydock.engines.probe import release

BUILDKIT_FLOOR = (0, 10)  # what the oldest engine brings along that is new enough
BELOW = ("client", "config.json", "engine", "buildx")  # what a builder rests on
SLOW_STORES = {"vfs": "copies every layer whole", "devicemapper": "is no longer supported"}
EXPLAINED = {
    Cause.CLIENT: ("client",),
    Cause.CONFIG: ("config.json",),
    Cause.LATE: ("config.json",),  # the client reads all of it, however long that takes
    Cause.PERMISSION: ("permission",),
    Cause.DAEMON: ("disk",),  # an engine does not come up where it cannot write
    Cause.STOPPED: ("disk",),
}


def client(path: str | None, version: str) -> Verdict:
    """`version` is what the client says of itself."""
    if path is None:
        return fail("client", "docker is not installed", MEND, can_fix=True)
    return ok("client", f"docker {version}".strip())


def daemon(version: str, where: str) -> Verdict:
    """An engine that answers, and how it was found."""
    return ok("engine", f"{version} ({where})")


def no_daemon(story: str, remedy: str, *, can_fix: bool, cause: Cause = Cause.SETTINGS) -> Verdict:
    """No engine that can be used, and why."""
    return fail("engine", story, remedy, can_fix=can_fix, rests=EXPLAINED.get(cause, ()))


def permission(answers: bool, denied: str, remedy: str) -> Verdict:
    """`denied` says what the user may not open; it is empty where that was not the trouble."""
    if denied:
        return fail("permission", denied, remedy)
    return ok("permission", "this user may use the engine") if answers else unknown("permission", "engine")


def buildkit(version: str) -> Verdict:
    """`version` is the engine's, empty where none answers; the engines that are new enough all have it built in."""
    return ok("BuildKit", f"built into engine {version}") if version else unknown("BuildKit", "engine")


def plugin(
    name: str, version: str | None, floor: tuple[int, int], *, own: str = "", there: str = "", seconds: float = 0.0
) -> Verdict:
    """A plugin of the client: `version` as it prints it, empty where docker finds none that runs, None if too late.

    `there` is the file that docker would take, `own` the same if it is the user's: no package replaces that.
    """
    if version is None:
        return late(name, f"docker {name}", seconds)
    wanted = f"{floor[0]}.{floor[1]} or later is needed"
    away = f"rm {shlex.quote(own)}" if own else ""
    if not version:
        story = f"{there} is there, but docker cannot run it" if there else "not installed"
        return fail(name, f"{story} ({wanted})", away or MEND, can_fix=not own, rests=("client", "config.json"))
    if release(version) < floor:
        where = f", from {own}, which goes before all others" if own else ""
        return fail(name, f"{version} is too old{where} ({wanted})", away or MEND, can_fix=not own)
    return ok(name, version.removeprefix("v"))


def store(driver: str, kind: str) -> Verdict:
    """The builder's driver and the engine's image store; both empty where no engine answers."""
    if not kind:
        return unknown("store", "engine")
    seen = f"builder {driver or 'docker'}, image store {kind}"
    if kind in SLOW_STORES:
        return warn("store", f"{seen}: it {SLOW_STORES[kind]}", "set storage-driver to overlay2 in daemon.json")
    return ok("store", seen)


def unnamed(driver: str) -> Verdict:
    """No builder is chosen by name: `driver` is that of buildx's current one, empty where it does not answer."""
    if driver == ENGINE:
        return ok("builder", "none is chosen: the engine builds")
    if driver:
        return ok("builder", f"the current one of buildx, {driver}")
    return fail("builder", "the current one of buildx does not answer", "docker buildx use default", rests=BELOW)


def builder(seen: Builder, exporters: Sequence[str]) -> Verdict:
    """The builder that is chosen by name, with the kinds of cache that it exports."""
    about = f"{seen.name} ({seen.driver})"
    if not seen.runs:
        bootstrap = f"docker buildx inspect --bootstrap {seen.name}"
        return warn("builder", f"{about} does not run: a build starts it", bootstrap)
    if seen.buildkit and release(seen.buildkit) < BUILDKIT_FLOOR:
        wanted = f"{BUILDKIT_FLOOR[0]}.{BUILDKIT_FLOOR[1]} or later is needed"
        return fail("builder", f"{about}: BuildKit {seen.buildkit} is too old ({wanted})", "renew it where it runs")
    version = f"BuildKit {seen.buildkit}" if seen.buildkit else "BuildKit of unknown version"
    caches, platforms = ", ".join(exporters), ", ".join(seen.platforms)
    return ok("builder", f"{about}, {version}; exports caches {caches}; builds {platforms}")


def no_builder(story: str, remedy: str) -> Verdict:
    """The builder that is chosen cannot be used, and why."""
    return fail("builder", story, remedy, rests=BELOW)
