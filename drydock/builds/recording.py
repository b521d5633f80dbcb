"""What was built, weighed and written to the ledger, all images of a run at once."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from drydock.bases import bases
from drydock.bases.bases import Base
from drydock.builds.meanwhile import Found
from drydock.builds.report import Result
from drydock.config import Config, Image
from drydock.engines.engine import Engine
from drydock.events import Phase, Tell
from drydock.measures import ledger, oci
from drydock.measures.build import Build, Step
from drydock.measures.layers import Layer
from drydock.measures.oci import Present, Size
from drydock.measures.revision import Revision


@dataclass(frozen=True)
class Built:
    """One image as the builder left it; `log` is what the failed step printed last."""

    image: Image
    bases: tuple[Base, ...]
    done: bool
    seconds: float
    steps: tuple[Step, ...]
    context_bytes: int
    digest: str | None = None
    log: tuple[str, ...] = ()
    export_seconds: float | None = None


@dataclass(frozen=True)
class Weights:
    """What the engine holds of images and bases by reference, the sizes of images, and every layer that is known."""

    present: Mapping[str, Present]
    sizes: Mapping[str, Size]
    known: Mapping[str, Layer]
    fresh: tuple[Layer, ...]


def record(
    config: Config,
    engine: Engine,
    built: Sequence[Built],
    known: Found,
    seconds: float,
    scenario: str,
    tell: Tell,
) -> tuple[Result, ...]:
    """Weigh what was built and append it to the ledger in one transaction; gives each with the build before it."""
    started = (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat(timespec="milliseconds")
    weights = _weigh(config, engine, built, known.present, tell)
    results = [
        Result(
            build=_build(one, engine, weights, known.revision, started, scenario),
            before=ledger.latest(config, one.image.name, scenario=scenario),
            base_bytes=_base_bytes(one, engine, weights),
            log=one.log,
        )
        for one in built
    ]
    ledger.append(config, [result.build for result in results], weights.fresh)
    return tuple(results)


def _build(one: Built, engine: Engine, weights: Weights, at: Revision, started: str, scenario: str) -> Build:
    here = weights.present.get(one.image.tag) if one.done else None
    size = weights.sizes.get(one.image.tag, Size(None, None)) if one.done else Size(None, None)
    return Build(
        image=one.image.name,
        tag=one.image.tag,
        started=started,
        commit=at.commit,
        dirty=at.dirty,
        platform=here.platform if here else ",".join(one.image.platforms or engine.platforms[:1]),
        scenario=scenario,
        engine=engine.version,
        store=engine.store,
        bases=tuple(_base(base) for base in one.bases),
        standin=any(base.origin is bases.Origin.STANDIN for base in one.bases),
        outcome="done" if one.done else "failed",
        seconds=one.seconds,
        steps=len(one.steps),
        cached=sum(step.cached for step in one.steps),
        context_bytes=one.context_bytes,
        export_seconds=one.export_seconds,
        pull_bytes=size.pull_bytes,
        disk_bytes=size.disk_bytes,
        layers=len(here.diff_ids) if here else None,
        digest=one.digest or (here.digest if here else None),
        detail=one.steps,
    )


def _base_bytes(one: Built, engine: Engine, weights: Weights) -> int | None:
    here, size = weights.present.get(one.image.tag), weights.sizes.get(one.image.tag)
    if not one.done or here is None or size is None:
        return None
    under = [weights.present[base.reference] for base in one.bases if base.reference in weights.present]
    return oci.based(size, here, under, weights.known, engine.store).base_bytes


def _weigh(config: Config, engine: Engine, built: Sequence[Built], early: Mapping[str, Present], tell: Tell) -> Weights:
    done = [one for one in built if one.done]
    tags = [one.image.tag for one in done]
    references = [base.reference for one in done for base in one.bases]
    # An image that came out as it was needs no second look.
    same = all(
        one.digest and tag in early and early[tag].digest == one.digest for one, tag in zip(done, tags, strict=True)
    )
    present = early if same else oci.inspect(engine, [*tags, *references])
    known = ledger.layers(config, {diff_id for image in present.values() for diff_id in image.diff_ids})
    began, weighing = time.monotonic(), list[str]()

    def begin(what: str) -> None:
        weighing.append(what)
        tell(Phase("weigh", what))

    sizes, fresh = oci.measure(engine, [present[tag] for tag in tags if tag in present], known, begin)
    if weighing:
        tell(Phase("weigh", weighing[0], time.monotonic() - began))
    return Weights(present, sizes, known | {layer.diff_id: layer for layer in fresh}, fresh)


def _base(base: Base) -> dict[str, str]:
    fields = {"name": base.name, "reference": base.reference, "origin": base.origin.value, "digest": base.digest}
    return fields | ({"note": base.note} if base.note else {})
