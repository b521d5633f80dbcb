"""The machine: disk space, clock, Python, Node, git."""

from drydock.checks import Verdict, fail, ok, warn
from drydock.text import human_bytes, human_seconds

LOW_DISK = 5_000_000_000
NO_DISK = 1_000_000_000
SKEW_SECONDS = 30.0
PAST_SECONDS = 300.0
NODE_FLOOR = (20, 19)


def disk(where: str, free: int) -> Verdict:
    """`free` is in bytes, on the file system that holds the engine's data."""
    seen = f"{human_bytes(free)} free in {where}"
    remedy = "inv cache --prune, or free some space"
    if free < NO_DISK:
        return fail("disk", f"{seen}; a build needs more", remedy)
    return warn("disk", seen, remedy) if free < LOW_DISK else ok("disk", seen)


def clock(now: float, newest: float, engine: float | None) -> Verdict:
    """Seconds since the epoch: this machine's clock, the newest thing known to be past, the engine's clock.

    A clock in the past breaks certificates and package signatures; one apart from the engine's breaks cache times.
    """
    remedy = "set the clock, for instance with timedatectl set-ntp true"
    if newest - now > PAST_SECONDS:
        return fail("clock", f"{human_seconds(newest - now)} behind what this repository already holds", remedy)
    if engine is not None and abs(engine - now) > SKEW_SECONDS:
        return warn("clock", f"{human_seconds(abs(engine - now))} apart from the engine's", remedy)
    return ok("clock", "plausible" if engine is None else "plausible, as the engine's")


def python(version: str, *, own: bool) -> Verdict:
    """The interpreter that runs Drydock; `own` if it runs in the repository's own environment."""
    return ok("python", f"{version} in an environment of this repository" if own else version)


def node(version: str) -> Verdict:
    """Node on the PATH, empty where there is none: only lint and the front end's unit tests need one, and bring it."""
    if not version:
        return ok("node", "none on PATH; nox brings its own")
    parts = version.lstrip("v").split(".")
    found = tuple(int(part) for part in parts[:2] if part.isdigit())
    if found < NODE_FLOOR:
        return ok("node", f"{version} on PATH is too old for the front end; nox brings its own")
    return ok("node", version)


def git(version: str, *, repository: bool) -> Verdict:
    """git on the PATH, empty where there is none."""
    if not version:
        return warn("git", "not installed; builds are recorded without their commit", "install git")
    if not repository:
        return warn(
            "git", f"{version}, but this folder is no repository: builds are recorded without commit", "git init"
        )
    return ok("git", version)
