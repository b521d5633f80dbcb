"""Of the installs that could have a cache mount and have none: which get one in safe mode, and why others do not."""

from collections.abc import Iterator
from dataclasses import dataclass

from bench.safe.cases import Case
from drydock.audit import mounts
from drydock.audit.buildfile import Spot
from drydock.audit.installs import APT, YARN, Install
from drydock.audit.repository import Repository

RULE = "install-without-cache-mount"
UNTOLD = "no finding tells of it"


@dataclass(frozen=True)
class Bare:
    """An install without a cache mount: where, with what, whether safe mode gives it one, and why not."""

    defect: str
    path: str
    line: int
    manager: str
    given: bool
    reason: str = ""


def bare(case: Case) -> Iterator[Bare]:
    """The installs of a defect that could have a mount and have none. Fixes leave installs in their order."""
    found, after = _installs(case.found), _installs(case.fixed.repository)
    if [one.manager.name for _, one in found] != [one.manager.name for _, one in after]:
        raise ValueError(f"{case.defect.id}: its installs are others after fixing")
    reasons = {(one.path, one.line): one.declined for one in case.fixed.left if one.code == RULE}
    for (spot, install), (then, now) in zip(found, after, strict=True):
        if not _lacks(spot, install) or _cannot(spot, install):
            continue
        given = not _lacks(then, now)
        why = "" if given else reasons.get((then.file.path, then.one.line), UNTOLD)
        yield Bare(case.defect.id, spot.file.path, spot.one.line, install.manager.name, given, why)


def _installs(repository: Repository) -> list[tuple[Spot, Install]]:
    return [
        (spot, install) for file in repository.buildfiles for spot in file.spots("RUN") for install in spot.installs
    ]


def _lacks(spot: Spot, install: Install) -> bool:
    """Whether what it downloads is lost with the step; apt's lists count with its packages."""
    where = mounts.place(spot, install)
    if where.unknown:
        return not any(target.endswith(install.manager.home_cache) for target in mounts.targets(spot))
    lacking = [folder for folder in where.targets if not mounts.covered(spot, folder)]
    return bool(lacking) and not (install.manager is APT and lacking == ["/var/lib/apt/lists"])


def _cannot(spot: Spot, install: Install) -> bool:
    """What no mount can serve: Windows, a frontend from before mounts, and a Yarn that runs packages from its cache.

    Everything else counts: RUN in exec form, ordinary users, installs that are told to keep no cache.
    """
    if mounts.is_windows(spot) or mounts.OLD_SYNTAX.match(spot.source.text):
        return True
    return install.manager is YARN and mounts.runs_from_cache(spot)
