"""Build all images at once, weigh what was built, and keep it in the ledger."""

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from drydock import command
from drydock.builds import (
    accounts,
    archives,
    attempt,
    baking,
    buildx,
    caches,
    epoch,
    hints,
    narrowing,
    plan,
    recording,
    refusals,
    running,
    selection,
)
from drydock.builds.built import Built
from drydock.builds.meanwhile import Meanwhile
from drydock.builds.narrowing import Narrowed
from drydock.builds.plan import Plan
from drydock.builds.report import Report, standins
from drydock.causes.whole import Orders
from drydock.config import Config, Image
from drydock.engines import builders, docker_config, engine
from drydock.engines.engine import Engine
from drydock.errors import Misuse
from drydock.events import Note, Tell, Trouble
from drydock.measures import ledger, yardsticks
from drydock.services import compose
from drydock.values import dataclass


@dataclass(frozen=True)
class Request:
    """What is asked of one build; what is empty is left to the compose file. `dev` counts its development file in.

    `changed` leaves out what is recorded to be as it was; `since` names the commit that is compared with instead.
    """

    services: tuple[str, ...] = ()
    buildkit: bool = True
    target: str = ""
    pull: bool = False
    builder: str = ""
    platforms: tuple[str, ...] = ()
    push: bool = False
    cache_from: tuple[str, ...] = ()
    cache_to: tuple[str, ...] = ()
    dev: bool = False
    archives: Path | None = None
    provenance: bool = False
    sbom: bool = False
    changed: bool = False
    since: str = ""

    @property
    def scenario(self) -> str:
        """What the ledger keeps it as: only an ordinary build says what an image ships and takes."""
        return f"target {self.target}" if self.target else "dev" if self.dev else "build"

    def modern(self) -> tuple[tuple[str, bool], ...]:
        """The flags that only BuildKit can follow, and whether each is given."""
        return (
            ("--push", self.push),
            ("--builder", bool(self.builder)),
            ("--platform", bool(self.platforms)),
            ("--cache-from", bool(self.cache_from)),
            ("--cache-to", bool(self.cache_to)),
            ("--oci", self.archives is not None),
            ("--provenance", self.provenance),
            ("--sbom", self.sbom),
            ("--changed", self.changed),
        )


def run(config: Config, request: Request, tell: Tell) -> Report:
    """Build the images asked for, all of them by default.

    A step that fails gives a report with code 4. Raises Misuse for a wrong request, compose file or Dockerfile, and
    NotReady where the engine or a base image is missing, or the engine ends in the middle.
    """
    _check(request)
    ledger.check(config)
    docker_config.settings(config.environ)  # docker itself only mutters over a broken one, and then finds no login
    found, request = engaged(config, request, tell)
    return of(config, found, compose.images(config, found.environ, dev=request.dev), request, tell)


def engaged(config: Config, request: Request, tell: Tell) -> tuple[Engine, Request]:
    """The engine that builds what is asked for, and the request with the builder that is used there."""
    if not request.buildkit:  # the classic builder is always the engine's
        return engine.ensure(config, tell), request
    found, builder = builders.choose(config, request.builder, lambda: engine.ensure(config, tell))
    return found, replace(request, builder=builder)


def of(config: Config, found: Engine, images: Sequence[Image], request: Request, tell: Tell) -> Report:
    """Build those of the images that are asked for, on an engine that is there, and record them."""
    opened, orders = time.time_ns(), _orders(config, request)
    narrowed = _narrowed(config, found, images, request, orders, tell)
    made = narrowed.plan
    if made is None:
        return Report((), 0.0, choices=narrowed.choices)
    if request.changed:
        tell(Note(selection.summary(narrowed.choices)))
    meanwhile = Meanwhile(
        config,
        found,
        made,
        orders,
        builder=request.builder,
        platforms=request.platforms,
        buildkit=request.buildkit,
        began=opened,
        gathered=narrowed.gathered,
    )
    with running.shown(config, [image.name for image in made.chosen], tell) as watched:
        began = time.monotonic()
        if request.buildkit:
            built, trouble = _bake(config, found, made, request, watched)
        else:
            built, trouble = _classic(config, found, made, watched)
        seconds = time.monotonic() - began
        if command.is_dry():
            return Report((), 0.0, choices=narrowed.choices)
        known = meanwhile.found()
        flags = (request.cache_from, request.cache_to)
        spent = accounts.spent(config, built, known, request.scenario, flags)
        results = recording.record(config, found, built, made.files, known, seconds, request.scenario, watched)
    yardsticks.record(config, [image.name for image in made.images], known.standing, tell)
    if trouble:
        tell(trouble)
    said = accounts.settle(config, spent, ordered=any(flags), tell=tell) if spent else ()
    notes = (*said, *standins([result.build for result in results]))
    return Report(results, seconds, notes, code=4 if trouble else 0, choices=narrowed.choices)


def _check(request: Request) -> None:
    if request.since and not request.changed:
        remedy = f"inv build --changed --since {request.since}"
        raise Misuse("--since only means something with --changed", remedy=remedy)
    if request.changed and request.archives and not request.since:
        remedy = f"inv build --oci {request.archives}, or with --changed --since REF as well"
        raise Misuse("--oci writes an archive of each image, and --changed leaves some out", remedy=remedy)
    for flag, asked in request.modern():
        if asked and not request.buildkit:
            raise Misuse(f"{flag} needs BuildKit", remedy=f"inv build --buildkit {flag} …")


def _orders(config: Config, request: Request) -> Orders:
    output = ["push" if request.push else "engine", *(["archives"] if request.archives else [])]
    attested = [name for name in ("provenance", "sbom") if getattr(request, name)]
    dated = config.environ.get(buildx.EPOCH, "")  # buildx hands it to every build
    return Orders(config.root, ", ".join([*output, *attested]), request.cache_to, dated)


def _narrowed(
    config: Config, found: Engine, images: Sequence[Image], request: Request, orders: Orders, tell: Tell
) -> Narrowed:
    """The plan of what is asked for, without what is as it was where that is asked for."""
    words: dict[str, Any] = {"services": request.services, "target": request.target, "pull": request.pull}
    if request.since:
        return narrowing.by_commit(
            config, found, images, request.since, orders, tell, platforms=request.platforms, **words
        )
    made = plan.make(config, found, images, tell, **words)
    if not request.changed:
        return Narrowed(made, ())
    builder, platforms = request.builder, request.platforms
    return narrowing.by_build(config, found, made, request.scenario, orders, builder=builder, platforms=platforms)


def _bake(
    config: Config, found: Engine, made: Plan, request: Request, tell: Tell
) -> tuple[list[Built], Trouble | None]:
    hinted = hints.read(
        config.environ,
        config.settings,
        lambda entry: caches.unable(entry, found.cache_importers, "import"),
        lambda entry: refusals.no_export(entry, made.chosen, made.bases, found),
    )
    for reason in hinted.left_out:
        tell(Note(reason))
    options = _options(config, found, made, request, tell)
    refusals.check(options, made.chosen, made.bases, found)
    made = _able(hints.applied(made, hinted), options, found, tell)
    if not (options.cache_from or options.cache_to):
        made = accounts.sparing(config, made, tell)
    veil = made.veil(config.environ)
    built, trouble = list[Built](), None
    with archives.arriving(request.archives) as apart:
        for group in buildx.groups(made.chosen):
            document = buildx.bake(made.images, replace(options, archives=apart), {image.name for image in group})
            if command.is_dry():
                baking.show(document, options, tell, veil)
                continue
            one, trouble = attempt.build(
                config, found, replace(made, chosen=group), document, options, request.scenario, tell, veil
            )
            built += one
            if trouble:
                break
        if apart and request.archives and not trouble and not command.is_dry():
            for path in archives.arrive(apart, request.archives):
                tell(Note(f"{path} is dated {epoch.shown(options.epoch)}"))
    order = [image.name for image in made.chosen]
    return sorted(built, key=lambda one: order.index(one.image.name)), trouble


def _able(made: Plan, options: buildx.Options, found: Engine, tell: Tell) -> Plan:
    """The plan without those caches that this builder cannot use, unless flags replace them."""
    fitting = {image.name: refusals.without(image, made.bases, found) for image in made.chosen}
    for image in made.chosen:
        if not (options.cache_from and options.cache_to):
            for reason in fitting[image.name][1]:
                tell(Note(reason, warning=True))
    images = tuple(fitting[image.name][0] if image.name in fitting else image for image in made.images)
    return replace(made, images=images, chosen=tuple(fitting[image.name][0] for image in made.chosen))


def _classic(config: Config, found: Engine, made: Plan, tell: Tell) -> tuple[list[Built], Trouble | None]:
    from drydock.builds import classic  # seldom asked for

    return classic.run(config, found, made, tell)


def _options(config: Config, found: Engine, made: Plan, request: Request, tell: Tell) -> buildx.Options:
    return replace(
        plan.options(config, found, made, tell),
        builder=request.builder,
        platforms=request.platforms,
        push=request.push,
        archives=request.archives,
        epoch=epoch.of(config) if request.archives else 0,
        provenance=request.provenance,
        sbom=request.sbom,
        scanner=str(config.settings.get("sbom_scanner", "")),
        cache_from=request.cache_from,
        cache_to=request.cache_to,
    )
