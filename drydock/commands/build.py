"""Build all images at once, weigh what was built, and keep it in the ledger."""

import re
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from drydock import baking, bases, buildx, command, compose, dockerfile, engine, faults, ledger, oci, outline, revision
from drydock.bases import Base
from drydock.baking import Run
from drydock.buildreport import Report, Result, standins
from drydock.config import Config, Image
from drydock.dockerfile import Dockerfile
from drydock.engine import Engine
from drydock.errors import Misuse
from drydock.events import Phase, Tell
from drydock.revision import Revision

CA = re.compile(r"--mount=\S*\bid=ca\b")


@dataclass(frozen=True)
class Request:
    """What is asked of one build; empty words leave it to the compose file."""

    services: tuple[str, ...] = ()
    buildkit: bool = True
    target: str = ""
    pull: bool = False
    builder: str = ""
    platforms: tuple[str, ...] = ()
    push: bool = False
    cache_from: tuple[str, ...] = ()
    cache_to: tuple[str, ...] = ()
    scenario: str = "build"


@dataclass(frozen=True)
class Plan:
    """What is known before anything is built: every image, those that are asked for, their files, what replaces bases."""

    images: tuple[Image, ...]
    chosen: tuple[Image, ...]
    files: Mapping[str, Dockerfile]
    bases: Mapping[str, tuple[Base, ...]]


def run(config: Config, request: Request, tell: Tell) -> Report:
    """Build the images asked for, all of them by default.

    A step that fails gives a report with code 4. Raises Misuse for a wrong request, compose file or Dockerfile, and
    NotReady where the engine or a base image is missing, or the engine ends in the middle.
    """
    ledger.check(config)
    found = engine.ensure(config, tell)
    images = compose.images(config, found.environ)
    chosen = _chosen(images, request.services)
    files = {image.name: _parsed(config, image, request.target) for image in images}
    if not request.buildkit:
        from drydock.commands import classic

        return classic.run(config, found, chosen, files, request.target, tell)
    plan = Plan(images, chosen, files, _bases(config, found, chosen, files, request, tell))
    options = _options(config, found, plan, request)
    document = buildx.bake(images, options, {image.name for image in chosen})
    if command.is_dry():
        baking.show(document, options, tell)
        return Report((), 0.0)
    names = buildx.targets(images)
    targets = {names[image.name]: image.name for image in chosen}
    reading = _Reading(config)
    expected = ledger.expected(config, targets.values())
    baked = baking.run(found, config.root, document, options, targets, expected, tell)
    trouble = faults.explain(config, found, baked, plan.files, {image.name: image for image in chosen})
    results = _record(config, found, plan, baked, reading.revision(), request, tell)
    notes = standins([result.build for result in results])
    if trouble:
        tell(trouble)
        return Report(results, baked.seconds, notes, code=4)
    return Report(results, baked.seconds, notes)


class _Reading:
    """The revision, read while the images are built."""

    def __init__(self, config: Config) -> None:
        self._found = Revision(None, False)
        self._thread = threading.Thread(target=self._read, args=(config,), daemon=True)
        self._thread.start()

    def _read(self, config: Config) -> None:
        self._found = revision.read(config)

    def revision(self) -> Revision:
        self._thread.join()
        return self._found


def _chosen(images: Sequence[Image], services: Sequence[str]) -> tuple[Image, ...]:
    names = [image.name for image in images]
    for service in services:
        if service not in names:
            raise Misuse(f"no image {service} is built here", remedy=f"use one of: {', '.join(names)}")
    return tuple(image for image in images if not services or image.name in services)


def _parsed(config: Config, image: Image, target: str) -> Dockerfile:
    shown = faults.shown(config, image.dockerfile)
    try:
        text = image.dockerfile.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise Misuse(f"{shown}: {reason}", remedy=f"write the Dockerfile of {image.name}") from error
    file = dockerfile.parse(text, shown)
    if target and file.stage(target) is None:
        known = ", ".join(stage.name or str(stage.index) for stage in file.stages)
        raise Misuse(f"{shown} has no stage {target}", remedy=f"use one of: {known}; or choose with --service")
    return file


def _bases(
    config: Config,
    found: Engine,
    chosen: Sequence[Image],
    files: Mapping[str, Dockerfile],
    request: Request,
    tell: Tell,
) -> dict[str, tuple[Base, ...]]:
    """The bases of each image. A Dockerfile that mounts the CA itself gets a base without it; another one cannot
    reach a package index behind a re-signing proxy unless its base trusts the CA."""
    aimed = {image.name: faults.aimed(image, request.target) for image in chosen}
    given = buildx.ca_bundle(config.environ) is not None
    trusting = {image.name: given and not CA.search(files[image.name].text) for image in chosen}
    resolved: dict[str, tuple[Base, ...]] = {}
    for flavour in sorted(set(trusting.values())):
        group = [aimed[image.name] for image in chosen if trusting[image.name] is flavour]
        names = bases.named(group)
        had = bases.resolve(config, found, names, tell, trusting=flavour, pull=request.pull)
        for image in group:
            own = set(bases.named([image]))
            resolved[image.name] = tuple(base for base in had if base.name in own)
    return resolved


def _options(config: Config, found: Engine, plan: Plan, request: Request) -> buildx.Options:
    if request.push:
        for image in plan.chosen:
            bases.may_push(plan.bases[image.name], image.tag)
    remote = bool(request.builder) or found.driver != "docker"
    platforms = request.platforms
    if len(platforms) > 1 and not remote and found.store != "containerd":
        raise Misuse("this engine builds for one platform at a time", remedy="give --builder, or one --platform")
    bundle = buildx.ca_bundle(config.environ)
    return buildx.Options(
        target=request.target,
        builder=request.builder,
        platforms=platforms,
        push=request.push,
        attest=request.push and (remote or found.store == "containerd"),
        cache_from=request.cache_from,
        cache_to=request.cache_to,
        bases={name: {base.name: base.reference for base in had} for name, had in plan.bases.items()},
        secrets={"ca": f"src={bundle}"} if bundle and Path(bundle).is_file() else {},
        proxies=buildx.proxies(config.environ),
    )


def _record(
    config: Config, found: Engine, plan: Plan, baked: Run, at: Revision, request: Request, tell: Tell
) -> tuple[Result, ...]:
    """Weigh what was built and write all of it to the ledger at once; what was only cancelled is not recorded."""
    broken = baked.progress.broken() if baked.code else None
    done = [image for image in plan.chosen if not baked.code or baked.progress.is_exported(image.name)]
    failed = [image for image in plan.chosen if broken and image.name == broken.step.image and image not in done]
    present, sizes, fresh, known = _weigh(config, found, plan, done, tell)
    under = [present[base.reference] for had in plan.bases.values() for base in had if base.reference in present]
    started = (datetime.now(UTC) - timedelta(seconds=baked.seconds)).isoformat(timespec="milliseconds")
    results = []
    for image in (*done, *failed):
        here, size = present.get(image.tag), sizes.get(image.tag, oci.Size(None, None))
        if here:
            size = oci.based(size, here, under, known, found.store)
        progress = baked.progress
        steps = outline.placed(progress.steps(image.name), plan.files[image.name], progress.based(image.name))
        used = plan.bases[image.name]
        build = ledger.Build(
            image=image.name,
            tag=image.tag,
            started=started,
            commit=at.commit,
            dirty=at.dirty,
            platform=here.platform if here else ",".join(request.platforms or found.platforms[:1]),
            engine=found.version,
            store=found.store,
            bases=tuple(_base(base) for base in used),
            standin=any(base.origin is bases.Origin.STANDIN for base in used),
            outcome="done" if image in done else "failed",
            seconds=progress.seconds(image.name),
            steps=len(steps),
            cached=sum(step.cached for step in steps),
            context_bytes=progress.context_bytes(image.name),
            pull_bytes=size.pull_bytes,
            disk_bytes=size.disk_bytes,
            layers=len(here.diff_ids) if here else None,
            digest=baked.digests.get(image.name) or (here.digest if here else None),
            scenario=request.scenario,
            detail=steps,
        )
        before = ledger.latest(config, image.name, scenario=request.scenario)
        log = broken.log if broken and image in failed else ()
        results.append(Result(build, before, size.base_bytes, log))
    ledger.append(config, [result.build for result in results], fresh)
    return tuple(results)


def _weigh(
    config: Config, found: Engine, plan: Plan, done: Sequence[Image], tell: Tell
) -> tuple[dict[str, oci.Present], dict[str, oci.Size], tuple[ledger.Layer, ...], dict[str, ledger.Layer]]:
    """What the engine holds of images and bases, the sizes of the images, layers weighed now, and all that are known."""
    tags = [image.tag for image in done]
    references = [base.reference for image in done for base in plan.bases[image.name]]
    present = oci.inspect(found, [*tags, *references]) if done else {}
    known = ledger.layers(config, _diff_ids(present.values()))
    began = time.monotonic()
    weighing = list[str]()

    def begin(what: str) -> None:
        weighing.append(what)
        tell(Phase("weigh", what))

    sizes, fresh = oci.measure(found, [present[tag] for tag in tags if tag in present], known, begin)
    if weighing:
        tell(Phase("weigh", ", ".join(weighing), time.monotonic() - began))
    return present, sizes, fresh, known | {layer.diff_id: layer for layer in fresh}


def _diff_ids(images: Iterable[oci.Present]) -> set[str]:
    return {diff_id for image in images for diff_id in image.diff_ids}


def _base(base: Base) -> dict[str, str]:
    return {
        "name": base.name,
        "reference": base.reference,
        "origin": base.origin.value,
        "digest": base.digest or "",
    }
