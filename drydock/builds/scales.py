"""What the images of a build weigh and are made of; nothing is read again that is known."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from drydock.builds.built import Built
from drydock.config import Config
from drydock.dockerfile import Dockerfile
from drydock.engines.engine import Engine
from drydock.events import Phase, Tell
from drydock.measures import anatomies, contents, ledger, oci
from drydock.measures.anatomy import Anatomy
from drydock.measures.dissection import dissect
from drydock.measures.oci import Measured, Present, Size
from drydock.measures.stages import Origin
from drydock.values import dataclass

UNWEIGHED = Size(None, None)


@dataclass(frozen=True)
class Scales:
    """What the engine holds of images and bases by reference, what came of weighing, and what images are made of."""

    present: Mapping[str, Present]
    measured: Measured
    taken_apart: Mapping[str, Anatomy]

    def base(self, one: Built) -> Present | None:
        """The base of an image, if it is known."""
        here = self.present.get(one.image.tag)
        under = [self.present[base.reference] for base in one.bases if base.reference in self.present]
        return oci.under(here, under) if one.done and here else None


def weigh(
    config: Config,
    engine: Engine,
    built: Sequence[Built],
    files: Mapping[str, Dockerfile],
    early: Mapping[str, Present],
    tell: Tell,
) -> Scales:
    """Weigh what was built, and take apart what was not yet; `early` is what is known of images already."""
    done = [one for one in built if one.done]
    tags = [one.image.tag for one in done]
    references = [base.reference for one in done for base in one.bases]
    # An image that came out as it was needs no second look.
    same = all(
        one.digest and tag in early and early[tag].digest == one.digest for one, tag in zip(done, tags, strict=True)
    )
    present = early if same else oci.inspect(engine, [*tags, *references])
    images = [present[tag] for tag in tags if tag in present]
    stored = anatomies.weights(config, (image.digest for image in images))
    known = ledger.layers(config, {diff_id for image in present.values() for diff_id in image.diff_ids})
    known = {diff_id: layer for kept in stored.values() for diff_id, layer in kept.items()} | known
    began, weighing = time.monotonic(), list[str]()

    def begin(what: str) -> None:
        weighing.append(what)
        tell(Phase("weigh", what))

    measured = oci.measure(engine, images, known, begin)
    contents.remember(config, (one.contents for one in measured.read))
    scales = Scales(present, measured, {})
    new = [one for one in done if one.image.tag in present and present[one.image.tag].digest not in stored]
    taken_apart = _taken_apart(config, engine, new, files, scales)
    if weighing:
        tell(Phase("weigh", weighing[0], time.monotonic() - began))
    return replace(scales, taken_apart=taken_apart)


def _taken_apart(
    config: Config, engine: Engine, built: Sequence[Built], files: Mapping[str, Dockerfile], scales: Scales
) -> dict[str, Anatomy]:
    """What images are made of, by digest; nothing of those that could not be weighed."""
    found = dict[str, Anatomy]()
    for one in built:
        here, came = scales.present[one.image.tag], origin(one, files.get(one.image.name))
        if scales.measured.sizes[here.reference] != UNWEIGHED:
            found[here.digest] = dissect(config, engine, here, scales.base(one), scales.measured, came)
    return found


def origin(one: Built, file: Dockerfile | None) -> Origin:
    """Where the layers of an image come from."""
    return Origin(file, one.image.target, one.image.args, one.image.contexts)
