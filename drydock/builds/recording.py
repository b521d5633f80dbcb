"""What was built, weighed and written to the ledger, all images of a run at once."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from drydock.bases import bases
from drydock.bases.bases import Base
from drydock.builds import buildcache, stepsizes
from drydock.builds.built import Built
from drydock.builds.meanwhile import Found
from drydock.builds.report import Result
from drydock.builds.scales import UNWEIGHED, Scales, origin, weigh
from drydock.causes import explaining
from drydock.causes.cause import Why
from drydock.causes.finding import Past
from drydock.config import Config
from drydock.dockerfile import Dockerfile
from drydock.engines import endpoint
from drydock.engines.engine import Engine
from drydock.events import Note, Tell
from drydock.measures import ledger, oci, stages
from drydock.measures.build import Build, Step
from drydock.measures.revision import Revision

PATIENCE = 5.0  # seconds: the engine counts new records of its cache when it is asked


def record(
    config: Config,
    engine: Engine,
    built: Sequence[Built],
    files: Mapping[str, Dockerfile],
    known: Found,
    seconds: float,
    scenario: str,
    tell: Tell,
) -> tuple[Result, ...]:
    """Weigh what was built and append it to the ledger in one transaction; gives each with the build before it.

    Where grounds were gathered, it is found out why anything ran again.
    """
    started = (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat(timespec="milliseconds")
    scales = weigh(config, engine, built, files, known.present, tell)
    before = {image: explaining.look_back(config, image, scenario, one.grounds) for image, one in known.grounds.items()}
    detail = _detail(config, engine, built, scales, files, known, before)
    results = [
        Result(
            build=_build(one, engine, scales, detail[one.image.name], known.revision, started, scenario),
            before=ledger.latest(config, one.image.name, scenario=scenario),
            base_bytes=_base_bytes(one, scales),
            log=one.log,
            why=_why(config, one, known, before),
        )
        for one in built
    ]
    if known.trouble:
        tell(Note(f"why a step runs again cannot be told of this build: {known.trouble}", warning=True))
    kept = {
        result.build.image: explaining.keep(known.grounds[result.build.image], result.why)
        for result in results
        if result.why
    }
    weighed = [one.layer for one in scales.measured.read]
    ledger.append(config, [result.build for result in results], weighed, scales.taken_apart, kept)
    return tuple(results)


def _why(config: Config, one: Built, known: Found, before: Mapping[str, Sequence[Past]]) -> Why | None:
    image = one.image.name
    grounds = known.grounds.get(image)
    if grounds is None:
        return None
    return explaining.explain(config, image, before[image], one.steps, grounds, one.missed)


def _build(
    one: Built,
    engine: Engine,
    scales: Scales,
    detail: tuple[Step, ...],
    at: Revision,
    started: str,
    scenario: str,
) -> Build:
    here = scales.present.get(one.image.tag) if one.done else None
    size = scales.measured.sizes.get(one.image.tag, UNWEIGHED) if one.done else UNWEIGHED
    return Build(
        image=one.image.name,
        tag=one.image.tag,
        started=started,
        commit=at.commit,
        dirty=at.dirty,
        platform=here.platform if here else ",".join(one.image.platforms or engine.platforms[:1]),
        scenario=scenario,
        engine=engine.title,
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
        detail=detail,
    )


def _detail(
    config: Config,
    engine: Engine,
    built: Sequence[Built],
    scales: Scales,
    files: Mapping[str, Dockerfile],
    known: Found,
    before: Mapping[str, Sequence[Past]],
) -> dict[str, tuple[Step, ...]]:
    """The steps of each image with their bytes: from its layers, else from an earlier build, else from the cache."""
    found = {one.image.name: _measured(one, scales, files.get(one.image.name)) for one in built}
    for image, past in before.items():
        if image in found:
            found[image] = explaining.recall(config, past, found[image], known.grounds[image])
    told = [one for one in built if one.began and any(map(stepsizes.is_unweighed, found[one.image.name]))]
    if engine.driver != "docker" or not told:  # another driver's cache is not the engine's to list
        return found
    # Without a version in the path: Docker 26 breaks off its own answer in the form of API 1.42.
    body = endpoint.ask(engine.host, "/system/df?type=build-cache", seconds=PATIENCE)
    records = buildcache.read(body or b"")
    for one in told:
        image, began = one.image.name, one.began or 0.0
        found[image] = stepsizes.sized(found[image], records, files.get(image), began, one.veil)
    return found


def _measured(one: Built, scales: Scales, file: Dockerfile | None) -> tuple[Step, ...]:
    """The steps, those whose layers are in the image with their unpacked bytes."""
    here, base = scales.present.get(one.image.tag), scales.base(one)
    if not one.done or here is None or file is None or (base is None and one.bases):
        return one.steps
    own = here.diff_ids[len(base.diff_ids) if base else 0 :]
    sizes = dict(zip(stages.lines(origin(one, file), len(own)), own, strict=False))
    weights = scales.measured.weights
    layers = [weights.get(sizes.get(step.line or 0, "")) for step in one.steps]
    return tuple(
        replace(step, bytes=layer.disk_bytes) if layer else step for step, layer in zip(one.steps, layers, strict=True)
    )


def _base_bytes(one: Built, scales: Scales) -> int | None:
    here, base = scales.present.get(one.image.tag), scales.base(one)
    if here is None or base is None:
        return None
    return oci.based(UNWEIGHED, here, (base,), scales.measured.weights).base_bytes


def _base(base: Base) -> dict[str, str]:
    fields = {"name": base.name, "reference": base.reference, "origin": base.origin.value, "digest": base.digest}
    return fields | ({"note": base.note} if base.note else {})
