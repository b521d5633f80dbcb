"""What the images weigh and how long they took to build: shown, captured, compared with a capture."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from drydock.config import Config, Image
from drydock.engines import engine
from drydock.engines.engine import Engine
from drydock.errors import Misuse, NotReady, Problem
from drydock.events import Note, Phase, Tell
from drydock.measures import capture, evidence, ledger, oci, weights
from drydock.measures.build import Build
from drydock.measures.layers import Layer
from drydock.measures.weights import Change, Weight
from drydock.services import compose


@dataclass(frozen=True)
class Report:
    """What each image weighs, the bases underneath, where it was saved, and how it differs from a capture."""

    weights: tuple[Weight, ...]
    bases: tuple[Mapping[str, str], ...]
    saved: str | None = None
    against: str | None = None
    changes: tuple[Change, ...] = ()

    code = 0

    def document(self) -> dict[str, Any]:
        """The report as plain data; bytes and seconds are raw."""
        compared = {"name": self.against, "changes": [{**asdict(c), "percent": c.percent} for c in self.changes]}
        return {
            "images": [asdict(weight) for weight in self.weights],
            "bases": list(self.bases),
            "standin": any(base["origin"] == "standin" for base in self.bases),
            "saved": self.saved,
            "against": compared if self.against else None,
        }

    def text(self) -> str:
        """The table, what it rests on, the difference, and where it was saved."""
        parts = [weights.show(self.weights)]
        if self.document()["standin"]:
            parts.append(
                "A stand-in is built from packages, since no registry answered; the official image differs in size."
            )
        if self.against:
            parts.append(f"against {self.against}:\n{weights.show_changes(self.changes)}")
        if self.saved:
            parts.append(f"written: {self.saved}")
        return "\n\n".join(parts)


def run(config: Config, *, services: tuple[str, ...], save: str, against: str, tell: Tell) -> Report:
    """Weigh the images that are built; with `save`, write a capture; with `against`, compare with one.

    Figures come from the layers, each weighed once and remembered in the ledger. Raises Misuse for an unknown service
    or capture, NotReady without an engine or for an image that is not built.
    """
    then = _captured(config, against) if against else None
    evidence.checked(save or "unnamed")
    found = engine.find(config, buildx=False)
    images = chosen(compose.images(config, found.environ), services)
    report = weigh(config, found, images, tell)
    if then is not None:
        report = compared(report, against, [image for image in then if not services or image["name"] in services])
    return saved(config, found, report, save) if save else report


def compared(report: Report, name: str, then: Sequence[Mapping[str, Any]]) -> Report:
    """The report with how it differs from the images of the capture `name`."""
    return replace(report, against=name, changes=weights.changes(then, report.weights))


def saved(config: Config, found: Engine, report: Report, name: str) -> Report:
    """The report after it was written as the capture `name`, raw figures and what they rest on."""
    head = capture.header(config, found, kind="size", command=f"inv size --save {name}", bases=report.bases)
    path = evidence.save(config.root, name, {**head, "images": report.document()["images"]})
    return replace(report, saved=path.relative_to(config.root).as_posix())


def weigh(config: Config, found: Engine, images: Sequence[Image], tell: Tell) -> Report:
    """What the images weigh, with the bases and seconds of their last recorded builds."""
    builds = {image.name: ledger.latest(config, image.name) for image in images}
    bases = {base["name"]: base for build in builds.values() if build for base in build.bases}
    present = oci.inspect(found, [*(image.tag for image in images), *(base["reference"] for base in bases.values())])
    _require(images, present)
    built = [present[image.tag] for image in images]
    known = ledger.layers(config, [diff_id for one in built for diff_id in one.diff_ids])
    sizes, fresh = oci.measure(found, built, known, lambda what: tell(Phase("weigh", what)))
    remember(config, fresh, tell)
    known |= {layer.diff_id: layer for layer in fresh}
    under = [present[base["reference"]] for base in bases.values() if base["reference"] in present]
    split = [oci.based(sizes[one.reference], one, under, known, found.store) for one in built]
    rows = zip(images, built, split, strict=True)
    return Report(tuple(_weight(*row, builds[row[0].name]) for row in rows), tuple(bases.values()))


def _require(images: Sequence[Image], present: Mapping[str, oci.Present]) -> None:
    if missing := [image.name for image in images if image.tag not in present]:
        services = "".join(f" --service {name}" for name in missing)
        raise NotReady(f"not built yet, or removed: {', '.join(missing)}", remedy=f"inv build{services}")


def _captured(config: Config, name: str) -> Sequence[Mapping[str, Any]]:
    document = evidence.load(config.root, name)
    if document["kind"] != "size":
        raise Misuse(f"the capture {name} holds no sizes of one state", remedy="name one that inv size --save wrote")
    images: Sequence[Mapping[str, Any]] = document["images"]
    return images


def chosen(images: Sequence[Image], services: Sequence[str]) -> tuple[Image, ...]:
    """Those of the images that the services name, all if none is named; an unknown one is Misuse."""
    names = [image.name for image in images]
    if unknown := [name for name in services if name not in names]:
        raise Misuse(f"{', '.join(unknown)} is no service that is built here", remedy=f"one of: {', '.join(names)}")
    return tuple(image for image in images if not services or image.name in services)


def remember(config: Config, fresh: Sequence[Layer], tell: Tell) -> None:
    """Keep what was weighed; a folder that cannot be written costs time at the next call, not this answer."""
    if not fresh:
        return
    try:
        ledger.append(config, (), fresh)
    except Problem as problem:
        tell(Note(f"sizes of layers are not remembered: {problem.message}", warning=True))


def _weight(image: Image, one: oci.Present, size: oci.Size, build: Build | None) -> Weight:
    known = size.disk_bytes is not None and size.base_bytes is not None
    bases = build.bases if build else ()
    return Weight(
        name=image.name,
        tag=image.tag,
        disk_bytes=size.disk_bytes,
        pull_bytes=size.pull_bytes,
        base_bytes=size.base_bytes,
        own_bytes=(size.disk_bytes or 0) - (size.base_bytes or 0) if known else None,
        layers=len(one.diff_ids),
        seconds=build.seconds if build else None,
        bases=tuple(base["name"] + (" (stand-in)" if base["origin"] == "standin" else "") for base in bases),
    )
