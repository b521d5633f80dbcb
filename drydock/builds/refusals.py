"""What is asked of a build that cannot be done here: refused, or left out, before anything is built. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from drydock.bases import bases
from drydock.bases.bases import Base, Origin
from drydock.builds import caches
from drydock.builds.buildx import Options
from drydock.config import Image
from drydock.engines import drivers
from drydock.engines.engine import Engine
from drydock.errors import Misuse

CONTAINERD = 'use the containerd image store (store = "containerd" in [tool.drydock.engine]), or --builder'
Bases = Mapping[str, Sequence[Base]]


def check(options: Options, images: Sequence[Image], had: Bases, engine: Engine) -> None:
    """Raise Misuse for a platform, a push or a cache that this engine and these bases do not allow."""
    _platforms(options, images, had, engine)
    _outputs(options, engine)
    for image in images:
        if options.push:
            for tag in (image.tag, *image.tags):
                bases.may_push(had[image.name], tag)
    for entry in options.cache_from:
        caches.demand("--cache-from", entry, "import")
        _order("--cache-from", entry, caches.unable(entry, engine.cache_importers, "import"), engine)
    for entry in options.cache_to:
        caches.demand("--cache-to", entry, "export")
        _order("--cache-to", entry, no_export(entry, images, had, engine), engine)


def without(image: Image, had: Bases, engine: Engine) -> tuple[Image, tuple[str, ...]]:
    """The image without the caches that its compose file names and this builder cannot use, and why.

    A compose file is written for more than one machine; so there, a cache is a wish and no order. Raises Misuse for
    what no builder could take.
    """
    for entry in image.cache_from:
        caches.demand(f"cache_from of {image.name} in the compose file:", entry, "import")
    for entry in image.cache_to:
        caches.demand(f"cache_to of {image.name} in the compose file:", entry, "export")
    imports = {entry: caches.unable(entry, engine.cache_importers, "import") for entry in image.cache_from}
    exports = {entry: no_export(entry, [image], had, engine) for entry in image.cache_to}
    said = [
        f"{image.name} leaves out the cache {caches.shown(entry)}: {why}"
        for entry, why in (imports | exports).items()
        if why
    ]
    kept = replace(
        image,
        cache_from=tuple(entry for entry, why in imports.items() if not why),
        cache_to=tuple(caches.forgiving(entry) for entry, why in exports.items() if not why),
    )
    return kept, tuple(said)


def no_export(entry: str, images: Sequence[Image], had: Bases, engine: Engine) -> str:
    """Why a cache of these images cannot be exported so; empty if it can."""
    reasons = [caches.unable(entry, engine.cache_exporters, "export"), caches.shared(entry, len(images))]
    resting = _standins({image.name: had[image.name] for image in images})
    if resting and caches.leaves(entry):
        reasons.append(f"it would hold what rests on a stand-in for {resting[0]}, which must not leave this machine")
    return next(filter(None, reasons), "")


def _order(flag: str, entry: str, reason: str, engine: Engine) -> None:
    if not reason:
        return
    remedy = f"leave {flag} away, or mend what it says"
    if not engine.roomy and reason.startswith("this builder"):
        remedy = CONTAINERD
    raise Misuse(f"{flag} {caches.shown(entry)}: {reason}", remedy=remedy)


def _outputs(options: Options, engine: Engine) -> None:
    """Archives and attestations need more than the engine's own store of old; and attestations a place to go."""
    attested = [f"--{what}" for what in ("provenance", "sbom") if getattr(options, what)]
    if attested and not (options.push or options.archives):
        remedy = f"inv build {attested[0]} --push, or --oci FOLDER"
        raise Misuse(f"{attested[0]}: an image that stays in the engine carries no attestation", remedy=remedy)
    asked = [*(["--oci"] if options.archives else []), *attested]
    if asked and not engine.roomy:
        raise Misuse(f"{asked[0]}: this engine's image store cannot do that", remedy=CONTAINERD)


def _platforms(options: Options, images: Sequence[Image], had: Bases, engine: Engine) -> None:
    for image in images:
        wanted = options.platforms or image.platforms
        if len(wanted) > 1 and not engine.roomy:
            raise Misuse("this engine builds for one platform at a time", remedy="give --builder, or one --platform")
        if len(wanted) > 1 and engine.driver != drivers.ENGINE and not options.push:
            raise Misuse(
                f"what {engine.driver} builds for several platforms can only be pushed",
                remedy="add --push, or give one --platform",
            )
        foreign = [one for one in wanted if one not in engine.platforms]
        if foreign and (resting := _standins({image.name: had[image.name]})):
            raise Misuse(
                f"the stand-in for {resting[0]} is for {engine.platforms[0]} only, not for {foreign[0]}",
                remedy=f"give --platform {engine.platforms[0]}, or make a registry reachable",
            )


def _standins(had: Bases) -> list[str]:
    return [base.name for several in had.values() for base in several if base.origin is Origin.STANDIN]
