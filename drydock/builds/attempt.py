"""One run of bake for some images, once more without a cache that spoils it, and what came of each."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from drydock.builds import baking, buildx, faults, outline
from drydock.builds.baking import Run
from drydock.builds.built import Built
from drydock.builds.plan import Plan
from drydock.causes.veil import Veil
from drydock.config import Config
from drydock.engines import scratch
from drydock.engines.engine import Engine
from drydock.events import Note, Tell, Trouble
from drydock.measures import ledger


def build(
    config: Config,
    found: Engine,
    made: Plan,
    document: Mapping[str, Any],
    options: buildx.Options,
    scenario: str,
    tell: Tell,
    veil: Veil,
) -> tuple[list[Built], Trouble | None]:
    """Build the chosen images of a plan as the bake file `document` says; once more without a cache that spoils it.

    Gives those that were built or failed, and what to tell of that. Builds of the same `scenario` say how long each
    step may take. Raises what `faults.explain` raises.
    """
    targets = made.targets()
    expected = ledger.expected(config, targets.values(), scenario=scenario)
    with scratch.opened(config, found, "build", tell, only_folder=True) as place:
        bake = partial(baking.run, place.engine, config.root, options=options, targets=targets, expected=expected)
        bake = partial(bake, tell=tell, veil=veil, scratch=place.folder)
        baked, missed = bake(document), list[str]()
        reason, key = faults.spoiled(found, baked, targets.values(), wished=not options.cache_to)
        if key:
            tell(Note(f"{reason}; built again without {key}", warning=True))
            missed = [name for image in targets.values() for name in baked.progress.imported(image)]
            baked = bake(buildx.without(document, key))
    trouble = faults.explain(config, found, baked, made.files, tell)
    if not trouble:
        for image, reason in baked.progress.unexported():
            tell(Note(f"{image}: its cache was not exported to {reason}", warning=True))
    return _built(made, baked, veil, missed), trouble


def _built(made: Plan, baked: Run, veil: Veil, missed: Sequence[str]) -> list[Built]:
    """What came of each image; one that was only cancelled because another failed is left out."""
    progress = baked.progress
    broken = progress.broken() if baked.code else None
    built = []
    for image in made.chosen:
        done = not baked.code or progress.is_exported(image.name)
        failed = broken is not None and broken.step.image == image.name and not done
        if not done and not failed:
            continue
        steps, took = progress.steps(image.name), progress.cache_seconds(image.name)
        built.append(
            Built(
                image=image,
                bases=made.bases[image.name],
                done=done,
                seconds=progress.seconds(image.name),
                steps=outline.placed(steps, made.files[image.name], progress.based(image.name)),
                context_bytes=progress.context_bytes(image.name),
                export_seconds=progress.export_seconds(image.name),
                cache_seconds=took[0],
                import_seconds=took[1],
                missed=(*progress.unimported(image.name), *missed),
                digest=baked.digests.get(image.name),
                log=broken.log if broken and failed else (),
                began=progress.began,
                veil=veil,
            )
        )
    return built
