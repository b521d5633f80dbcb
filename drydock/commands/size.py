"""What the images weigh and how long they took to build: shown, captured, compared with a capture."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, field, replace
from typing import Any

from drydock import command
from drydock.builds import plan
from drydock.config import Config, Image
from drydock.dockerfile import Dockerfile
from drydock.engines import engine
from drydock.engines.engine import Engine
from drydock.errors import Misuse, NotReady, Problem
from drydock.events import Note, Tell
from drydock.measures import anatomies, anatomy, capture, dissection, earlier, evidence, ledger, oci, weights
from drydock.measures.anatomy import Anatomy
from drydock.measures.build import Build
from drydock.measures.earlier import Earlier
from drydock.measures.growth import Grown, growth
from drydock.measures.stages import Origin
from drydock.measures.weights import Change, Weight
from drydock.services import choice, compose
from drydock.values import dataclass

NAMED = 10  # of what grew, unless --top says how many


@dataclass(frozen=True)
class Request:
    """What is asked for: a capture to write, what to compare with, how many of the largest to show."""

    services: tuple[str, ...] = ()
    save: str = ""
    against: str = ""
    top: int = 0


@dataclass(frozen=True)
class Growth:
    """What an image grew by, largest first; None where what it was made of then, or is now, is not known."""

    image: str
    grown: tuple[Grown, ...] | None


@dataclass(frozen=True)
class Report:
    """What each image weighs and is made of, the bases underneath, where it was saved, how it differs from before."""

    weights: tuple[Weight, ...]
    bases: tuple[Mapping[str, str], ...]
    apart: Mapping[str, Anatomy] = field(default_factory=dict)
    saved: str | None = None
    against: str | None = None
    missing: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    growths: tuple[Growth, ...] = ()
    top: int = 0

    code = 0

    def images(self) -> list[dict[str, Any]]:
        """Each image as plain data, as captures hold it."""
        apart = {name: anatomy.document(one) for name, one in self.apart.items()}
        return [{**asdict(weight), "anatomy": apart.get(weight.name)} for weight in self.weights]

    def document(self) -> dict[str, Any]:
        """The report as plain data; bytes and seconds are raw."""
        compared = {
            "name": self.against,
            "missing": list(self.missing),
            "changes": [{**asdict(change), "percent": change.percent} for change in self.changes],
            "growth": [_plain(growth) for growth in self.growths],
        }
        return {
            "images": self.images(),
            "bases": list(self.bases),
            "standin": self._is_standin,
            "saved": self.saved,
            "against": compared if self.against else None,
        }

    def text(self) -> str:
        """The table, what it rests on, the largest of all, the difference, and where it was saved."""
        parts = [weights.show(self.weights)]
        if self._is_standin:
            parts.append(
                "A stand-in is built from packages, since no registry answered; the official image differs in size."
            )
        if self.top:
            parts += [weights.show_largest(name, one, self.top) for name, one in self.apart.items()]
        if self.against:
            parts.append(f"against {self.against}:\n{weights.show_changes(self.changes)}")
            parts += [_told(growth, self.top or NAMED) for growth in self.growths]
            parts += [f"{name}: no such build is recorded" for name in self.missing]
        if self.saved:
            parts.append(f"written: {self.saved}")
        return "\n\n".join(parts)

    @property
    def _is_standin(self) -> bool:
        return any(base["origin"] == "standin" for base in self.bases)


def _plain(growth: Growth) -> dict[str, Any]:
    grown = None if growth.grown is None else [{**asdict(one), "bytes": one.bytes} for one in growth.grown]
    return {"image": growth.image, "grown": grown}


def _told(growth: Growth, count: int) -> str:
    if growth.grown is None:
        return f"what {growth.image} was made of then, or is made of now, is not known: that was not recorded"
    if not growth.grown:
        return f"{growth.image}: no package and no file differs in size"
    return weights.show_growth(growth.image, growth.grown, count)


def run(config: Config, request: Request, tell: Tell) -> Report:
    """Weigh the images that are built, write a capture, compare with what was before, as it is asked for.

    Figures come from the layers, each read once and remembered. Raises Misuse for an unknown service or capture,
    NotReady without an engine, for an image that is not built, and where there is nothing to compare with.
    """
    against = request.against
    then = earlier.captured(config, against) if against and against not in (earlier.LAST, earlier.MAIN) else None
    if evidence.checked(request.save or "unnamed") == earlier.LAST:
        raise Misuse(f"no capture can be named {request.save}: it is the image before", remedy="choose another name")
    found = engine.find(config, buildx=False)
    images = choice.among(compose.images(config, found.environ), request.services, "size")
    report = replace(weigh(config, found, images, tell), top=request.top)
    if against:
        then = then or before(config, found, images, against, recalled(config, found, tell))
        names = {image.name for image in images} if request.services else {one["name"] for one in then.images}
        then = replace(then, images=tuple(one for one in then.images if one["name"] in names))
        report = compared(report, then)
    return saved(config, found, report, request.save) if request.save else report


def note(config: Config, *, tell: Tell) -> None:
    """Take apart the images that never were, for the ledger alone; nothing that hinders it is more than a warning."""
    if not config.state.is_dir():
        return
    try:
        found = engine.find(config, buildx=False)
        weigh(config, found, compose.images(config, found.environ), lambda _: None)
    except Problem as problem:
        tell(Note(f"the images are not taken apart: {problem.message}; {problem.remedy}", warning=True))


def compared(report: Report, then: Earlier) -> Report:
    """The report with how it differs from an earlier state."""
    before = {image["name"]: anatomy.read(image.get("anatomy")) for image in then.images}
    growths = [
        Growth(image, growth(old.parts, now.parts) if old and old.is_whole and now.is_whole else None)
        for image, old in before.items()
        if (now := report.apart.get(image))
    ]
    comparable = [weight for weight in report.weights if weight.name not in then.missing]
    changes = weights.changes(then.images, comparable)
    return replace(report, against=then.label, missing=then.missing, changes=changes, growths=tuple(growths))


def saved(config: Config, found: Engine, report: Report, name: str) -> Report:
    """The report after it was written as the capture `name`, raw figures and what they rest on; as it is if dry."""
    head = capture.header(config, found, kind="size", command=f"inv size --save {name}", bases=report.bases)
    path = evidence.save(config.root, name, {**head, "images": report.images()})
    return report if command.is_dry() else replace(report, saved=path.relative_to(config.root).as_posix())


def weigh(config: Config, found: Engine, images: Sequence[Image], tell: Tell) -> Report:
    """What the images weigh and are made of, with the bases and seconds of their last recorded builds."""
    builds = {image.name: ledger.latest(config, image.name) for image in images}
    bases = {base["name"]: base for build in builds.values() if build for base in build.bases}
    present = oci.inspect(found, [*(image.tag for image in images), *(base["reference"] for base in bases.values())])
    _require(images, present)
    built = [present[image.tag] for image in images]
    under = [present[base["reference"]] for base in bases.values() if base["reference"] in present]
    origins = {image.tag: Origin(_file(config, image), image.target, image.args, image.contexts) for image in images}
    measured, apart = dissection.known(config, found, built, under, origins, tell)
    split = [oci.based(measured.sizes[one.reference], one, under, measured.weights) for one in built]
    rows = zip(images, split, strict=True)
    return Report(
        tuple(_weight(image, size, apart[image.tag], builds[image.name]) for image, size in rows),
        tuple(bases.values()),
        {image.name: apart[image.tag] for image in images},
    )


def _file(config: Config, image: Image) -> Dockerfile | None:
    try:
        return plan.parsed(config, image)
    except Problem:
        return None  # sizes need no Dockerfile; only where a layer comes from is then as the image tells it


def recalled(config: Config, found: Engine, tell: Tell) -> earlier.Apart:
    """Tells what the image of a recorded build is made of, from the ledger or from the engine if it still has it."""

    def apart(build: Build) -> Anatomy | None:
        kept = anatomies.find(config, build.digest)
        if (kept and kept.is_whole) or not build.digest:
            return kept
        there = oci.inspect(found, [build.digest, *(base["reference"] for base in build.bases)])
        if (image := there.pop(build.digest, None)) is None:
            return kept
        return dissection.known(config, found, [image], list(there.values()), {}, tell)[1][image.reference]

    return apart


def before(config: Config, found: Engine, images: Sequence[Image], against: str, apart: earlier.Apart) -> Earlier:
    """The images as they were at the newest build of main, or before they became what they are now (last)."""
    if against == earlier.MAIN:
        return earlier.main(config, [image.name for image in images], apart)
    here = oci.inspect(found, [image.tag for image in images])
    return earlier.last(config, {image.name: here[image.tag].digest for image in images}, apart)


def _require(images: Sequence[Image], present: Mapping[str, oci.Present]) -> None:
    if missing := [image.name for image in images if image.tag not in present]:
        services = "".join(f" --service {name}" for name in missing)
        raise NotReady(f"not built yet, or removed: {', '.join(missing)}", remedy=f"inv build{services}")


def _weight(image: Image, size: oci.Size, apart: Anatomy, build: Build | None) -> Weight:
    bases = build.bases if build else ()
    return Weight(
        name=image.name,
        tag=image.tag,
        disk_bytes=size.disk_bytes,
        pull_bytes=size.pull_bytes,
        base_bytes=size.base_bytes,
        own_bytes=size.own_bytes,
        layers=len(apart.layers),
        seconds=build.seconds if build else None,
        bases=tuple(base["name"] + (" (stand-in)" if base["origin"] == "standin" else "") for base in bases),
        wasted_bytes=apart.wasted_bytes,
    )
