"""Build every image twice, each time from nothing, and say which files come out otherwise."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from drydock import command
from drydock.builds import epoch, plan
from drydock.builds.plan import Plan
from drydock.causes.veil import Veil
from drydock.config import Config
from drydock.engines import engine, fresh, scratch
from drydock.engines.engine import Engine
from drydock.errors import NotReady
from drydock.events import Note, Phase, Tell
from drydock.measures import capture, evidence, revision
from drydock.services import compose
from drydock.text import shortened
from drydock.values import dataclass
from drydock.verification import archive, difference, rebuilding
from drydock.verification.difference import Difference

SHOWN = 20  # differences of one image that are listed; --json gives all
WIDTH = 100  # of an instruction
TURNS = ("first", "second")


@dataclass(frozen=True)
class Verified:
    """One image for one platform: the digests of both builds, its layers, and what is different."""

    image: str
    platform: str
    digests: tuple[str, str]
    layers: int
    differences: tuple[Difference, ...]


@dataclass(frozen=True)
class Report:
    """What came of it. Code 1 where an image came out otherwise."""

    epoch: int
    images: tuple[Verified, ...]

    @property
    def code(self) -> int:
        return 1 if any(one.differences for one in self.images) else 0

    def document(self) -> dict[str, Any]:
        return {"epoch": self.epoch, "images": [asdict(one) for one in self.images]}

    def text(self) -> str:
        return "\n".join(line for one in self.images for line in _lines(one))


def run(config: Config, *, services: Sequence[str], save: str, tell: Tell) -> Report:
    """Build twice on engines that hold nothing but base images, dated like the commit, and compare.

    With `save`, what came of it is a capture of kind "verification". A dry run shows the build and begins none. Raises
    NotReady where no throwaway engine can be started, Failed where the build fails.
    """
    if save:
        evidence.checked(save)
    if why := fresh.unable(config):
        raise NotReady(why, remedy="run this on Linux as root, where inv doctor is content")
    found = engine.ensure(config, tell)
    made = plan.make(config, found, compose.images(config, found.environ), tell, services=services)
    if revision.read(config).dirty:
        tell(Note("the work tree is not as the commit; it is verified as it is, and dated like the commit"))
    at = epoch.of(config)
    if command.is_dry():
        tell(Note(f"twice, each time on an engine of its own, dated {epoch.shown(at)}:"))
        rebuilding.show(config, found, made, at, Path("archives"), tell, made.veil(config.environ))
        return Report(at, ())
    report = Report(at, tuple(_verified(config, found, made, at, tell)))
    if save:
        document = _capture(config, found, made, line(services, save), report)
        tell(Note(f"written to {evidence.save(config.root, save, document).relative_to(config.root)}"))
    return report


def line(services: Sequence[str], save: str) -> str:
    """The command that verifies the same again."""
    return " ".join(["inv verify", *(f"--service {name}" for name in services), f"--save {save}"])


def _verified(config: Config, found: Engine, made: Plan, at: int, tell: Tell) -> list[Verified]:
    references = sorted({base.reference for had in made.bases.values() for base in had})
    veil = made.veil(config.environ)
    with scratch.opened(config, found, "verify", tell) as place:
        bases = fresh.save_bases(place.engine, references, place.folder)
        builds = list[Mapping[str, Path]]()
        for turn in TURNS:
            tell(Phase("verify", f"the {turn} build, on an engine of its own, dated {epoch.shown(at)}"))
            builds.append(rebuilding.build(config, made, bases, at, place, turn, tell, veil))
        tell(Phase("verify", "comparing"))
        return [one for image in made.chosen for one in _compared(image.name, builds, veil)]


def _compared(image: str, builds: Sequence[Mapping[str, Path]], veil: Veil) -> list[Verified]:
    first, second = (archive.read(built[image]) for built in builds)
    verified = []
    for one, other in zip(first, second, strict=True):
        found = difference.between(one, other, archive.entries)
        hidden = tuple(replace(each, where=veil.hide(each.where)) for each in found)
        verified.append(Verified(image, one.platform, (one.digest, other.digest), len(one.layers), hidden))
    return verified


def _lines(one: Verified) -> list[str]:
    if not one.differences:
        return [f"{one.image}: the same in both builds, {one.layers} layers, {one.digests[0]}"]
    many = "1 difference" if len(one.differences) == 1 else f"{len(one.differences)} differences"
    lines = [f"{one.image}: {many} between {one.digests[0]} and {one.digests[1]}"]
    where = ""
    for each in one.differences[:SHOWN]:
        if each.where != where:
            where = each.where
            lines.append(f"  {shortened(where, WIDTH)}")
        lines.append(f"    {each.words()}")
    if (left := len(one.differences) - SHOWN) > 0:
        lines.append(f"  and {left} more; inv verify --json gives all")
    return lines


def _capture(config: Config, found: Engine, made: Plan, command: str, report: Report) -> dict[str, Any]:
    had = [{"name": base.name, "origin": base.origin.value} for bases in made.bases.values() for base in bases]
    bases = list({base["name"]: base for base in had}.values())
    head = capture.header(config, found, kind="verification", command=command, bases=bases)
    return {**head, "store": rebuilding.STORE, **report.document()}
