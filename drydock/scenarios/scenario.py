"""The scenarios that are timed, and what each of them is. Pure."""

from collections.abc import Iterable
from enum import Enum

from drydock.errors import Misuse


class Scenario(Enum):
    """A state of engine and context in which a build is timed; the value is its name in flags, captures, documents."""

    PRISTINE = "pristine"
    COLD = "cold"
    NO_OP = "no-op"
    SOURCE = "source edit"
    DEPENDENCY = "dependency edit"
    IGNORE = "ignore-file edit"
    IMPORTED = "imported cache"
    TOGETHER = "both at once"

    @property
    def is_fresh(self) -> bool:
        """Whether every run takes an engine of its own, which holds nothing but the base images."""
        return self in (Scenario.PRISTINE, Scenario.IMPORTED)

    @property
    def is_edit(self) -> bool:
        """Whether a file of the context is edited before the build."""
        return self in (Scenario.SOURCE, Scenario.DEPENDENCY, Scenario.IGNORE)


MEANING = {
    Scenario.PRISTINE: "a fresh engine: no layer, no cache mount, only the base images",
    Scenario.COLD: "every RUN sees a new build argument, and the source is edited; cache mounts are warm",
    Scenario.NO_OP: "the same build once more, nothing changed",
    Scenario.SOURCE: "a harmless line is added to a source file that the build reads",
    Scenario.DEPENDENCY: "small packages are added to the lock file, in changing versions that cache mounts hold",
    Scenario.IGNORE: "a line that hides nothing is added to the ignore file",
    Scenario.IMPORTED: "a fresh engine that imports the cache an earlier build exported to a folder",
    Scenario.TOGETHER: "all images in one cold build, to be held against each of them alone",
}


def chosen(names: Iterable[str]) -> tuple[Scenario, ...]:
    """The scenarios of these names, in their order here, all if none is named; a dash may stand for a blank."""
    known = {_plain(scenario.value): scenario for scenario in Scenario}
    found = set()
    for name in names:
        if _plain(name) not in known:
            words = ", ".join(scenario.value for scenario in Scenario)
            raise Misuse(f"there is no scenario {name}, only {words}", remedy='inv bench --scenario "source edit"')
        found.add(known[_plain(name)])
    return tuple(scenario for scenario in Scenario if not found or scenario in found)


def _plain(name: str) -> str:
    return name.strip().lower().replace("-", " ")
