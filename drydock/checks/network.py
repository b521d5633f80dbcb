"""What images rest on and what they publish: base images, the registry they come from, ports, the project's name."""

from collections.abc import Iterable, Sequence

from drydock.bases.recipes import STANDIN, familiar, tagged
from drydock.checks import Verdict, fail, ok, unknown, warn


def bases(named: Sequence[str], here: Iterable[str] | None) -> Verdict:
    """`named` are the bases that the Dockerfiles name, `here` the names of the engine's images, None without engine."""
    if not named:
        return ok("bases", "no Dockerfile names one")
    if here is None:
        return unknown("bases", "engine")
    images = set(here)
    seen = ", ".join(f"{name} {_standing(name, images)}" for name in named)
    if missing(named, images):
        return warn("bases", seen, "inv build gets them", can_fix=True, rests=("registry",))
    return ok("bases", seen)


def missing(named: Iterable[str], here: Iterable[str]) -> tuple[str, ...]:
    """The bases that are neither there under their own name nor as a stand-in."""
    images = set(here)
    return tuple(name for name in named if _standing(name, images) == "missing")


def registry(name: str, problem: str, *, replaceable: bool = True) -> Verdict:
    """`name` is the missing base that a registry was asked for, empty where none is; `problem` why none answered.

    `replaceable` says whether a stand-in can be made for it.
    """
    if not name:
        return ok("registry", "none is needed: the bases are here")
    if not problem:
        return ok("registry", f"answers for {name}")
    story = f"no answer for {name}: {problem}"
    remedy = "check the network, or configure a mirror"
    rests = ("names", "proxy", "certificates", "config.json")
    if not replaceable:
        return fail("registry", f"{story}; it has no stand-in", f"mend its name in FROM, or {remedy}", rests=rests)
    return warn("registry", f"{story}; stand-ins will be built from packages", remedy, rests=rests)


def ports(held: Sequence[tuple[int, str, str | None]]) -> Verdict:
    """Each port as number, the service that wants it, and who holds it (None if it is free or already ours)."""
    taken = [f"{number} (for {service}) is held by {owner}" for number, service, owner in held if owner]
    if taken:
        return fail("ports", "; ".join(taken), "stop it, or choose another port in .env")
    return ok("ports", ", ".join(f"{number} {service}" for number, service, _ in held) or "none is published")


def project(name: str, own: str, elsewhere: Iterable[tuple[str, str]], gone: Iterable[str] = ()) -> Verdict:
    """The compose project's name, its folder, and (container, folder) of what else bears that name.

    `gone` are those of the folders that are not there any more: what moved away left its containers behind.
    """
    others: dict[str, list[str]] = {}
    for container, folder in elsewhere:
        if folder and folder != own:
            others.setdefault(folder, []).append(container)
    if not others:
        return ok("project", f"{name} is this folder's alone" if name else "there is none")
    folder, containers = next(iter(others.items()))
    if folder in set(gone):
        story = f"{name} was also a project of {folder}, which is gone and left {', '.join(containers)}"
        return warn("project", story, f"docker rm --force {' '.join(containers)}")
    story = f"{name} is also the project of {folder}, with {', '.join(containers)}: inv up would take those over"
    return fail("project", story, f"export COMPOSE_PROJECT_NAME={name}-2, or write another name: into the compose file")


def _standing(name: str, images: set[str]) -> str:
    full = tagged(familiar(name))
    if full in images:
        return "present"
    return "stand-in" if STANDIN + full in images else "missing"
