"""The machine: clock, Python, Node, git."""

import shlex

from drydock.checks import Verdict, fail, ok, warn
from drydock.text import human_seconds

SKEW_SECONDS = 30.0
PAST_SECONDS = 300.0
NODE_FLOOR = (20, 19)


def clock(now: float, newest: float, apart: float | None) -> Verdict:
    """The clock and the newest thing known to be past, in seconds since the epoch; how far the engine's clock is on.

    A clock in the past breaks certificates and package signatures; one apart from the engine's breaks cache times.
    """
    remedy = "set the clock, for instance with timedatectl set-ntp true"
    if newest - now > PAST_SECONDS:
        return fail("clock", f"{human_seconds(newest - now)} behind what this repository already holds", remedy)
    if apart is not None and abs(apart) > SKEW_SECONDS:
        where = "ahead of" if apart < 0 else "behind"
        return warn("clock", f"{human_seconds(abs(apart))} {where} the engine's", remedy)
    return ok("clock", "plausible" if apart is None else "plausible, as the engine's")


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


def git(version: str, *, repository: bool, refused: str = "", root: str = "") -> Verdict:
    """git on the PATH, empty where there is none; `refused` is what it says of a repository that it will not read."""
    if not version:
        return warn("git", "not installed; builds are recorded without their commit", "install git")
    if refused:
        remedy = f"git config --global --add safe.directory {shlex.quote(root)}"
        return warn("git", f"{version} does not read this repository: {refused}", remedy)
    if not repository:
        return warn(
            "git", f"{version}, but this folder is no repository: builds are recorded without commit", "git init"
        )
    return ok("git", version)
