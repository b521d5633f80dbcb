"""What comes over the network or goes out to it: base images, registry, certificates, ports."""

from collections.abc import Iterable, Mapping, Sequence

from drydock.bases.recipes import STANDIN, familiar, tagged
from drydock.checks import Verdict, fail, ok, warn


def bases(named: Sequence[str], here: Iterable[str] | None) -> Verdict:
    """`named` are the bases that the Dockerfiles name, `here` the names of the engine's images, None without engine."""
    if not named:
        return ok("bases", "no Dockerfile names one")
    if here is None:
        return warn("bases", f"{', '.join(named)}: not known while no engine answers")
    images = set(here)
    seen = ", ".join(f"{name} {_standing(name, images)}" for name in named)
    if missing(named, images):
        return warn("bases", seen, "inv build gets them", can_fix=True)
    return ok("bases", seen)


def missing(named: Iterable[str], here: Iterable[str]) -> tuple[str, ...]:
    """The bases that are neither there under their own name nor as a stand-in."""
    images = set(here)
    return tuple(name for name in named if _standing(name, images) == "missing")


def registry(name: str, problem: str, *, needed: bool) -> Verdict:
    """`name` is the base that a registry was asked for, `problem` why none answered; `needed` if one is missing."""
    if not name:
        return ok("registry", "none is needed")
    if not problem:
        return ok("registry", f"answers for {name}")
    serves = "stand-ins will be built from packages" if needed else "the bases that are here serve"
    return warn("registry", f"no answer for {name}: {problem}; {serves}", "check the network, or configure a mirror")


def certificates(bundles: Mapping[str, str | int]) -> Verdict:
    """Variable -> how many certificates the bundle it names holds, or what is wrong with it."""
    bad = {name: story for name, story in bundles.items() if isinstance(story, str)}
    if bad:
        name, story = next(iter(bad.items()))
        return fail("certificates", f"{name} names {story}", f"unset {name}, or name a PEM bundle")
    if not bundles:
        return ok("certificates", "no bundle is named; the system's own applies")
    return ok("certificates", f"{max(int(count) for count in bundles.values())} in the bundle of {', '.join(bundles)}")


def ports(held: Sequence[tuple[int, str, str | None]]) -> Verdict:
    """Each port as number, the service that wants it, and who holds it (None if it is free or already ours)."""
    taken = [f"{number} (for {service}) is held by {owner}" for number, service, owner in held if owner]
    if taken:
        return fail("ports", "; ".join(taken), "stop it, or choose another port in .env")
    return ok("ports", ", ".join(f"{number} {service}" for number, service, _ in held) or "none is published")


def unknown(check: str) -> Verdict:
    """Without a compose model nobody knows which images are built, on what, and which ports are wanted."""
    return warn(check, "not known while the compose file cannot be read")


def _standing(name: str, images: set[str]) -> str:
    full = tagged(familiar(name))
    if full in images:
        return "present"
    return "stand-in" if STANDIN + full in images else "missing"
