"""One build of images on an engine that holds nothing but their bases, as OCI archives."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from drydock.builds import baking, buildx, faults, plan
from drydock.builds.plan import Plan
from drydock.causes.veil import Veil
from drydock.config import Config
from drydock.engines import fresh
from drydock.engines.engine import Engine
from drydock.engines.scratch import Scratch
from drydock.errors import Failed
from drydock.events import Tell, silent

STORE = "containerd"  # the store of Docker's own that gives OCI archives and dates their files


def build(
    config: Config, made: Plan, bases: Path | None, epoch: int, place: Scratch, turn: str, tell: Tell, veil: Veil
) -> Mapping[str, Path]:
    """Build the chosen images from nothing into the folder `turn` of the scratch folder; gives the archive of each.

    `bases` is the archive of `fresh.save_bases`. Raises Failed, after the last words of the step were told, where the
    build fails, and NotReady where the engine does not start.
    """
    into = place.folder / turn
    into.mkdir()
    targets = made.targets()
    with fresh.started(config, STORE, bases, place.mark) as (there, engine):
        document, options = _order(there, engine, made, into, epoch, tell)
        run = baking.run(engine, config.root, document, options, targets, {}, silent, veil, place.folder)
        if trouble := faults.explain(there, engine, run, made.files, tell):
            tell(trouble)
            raise Failed("what does not build cannot be verified", remedy="inv build")
    return {image: buildx.archive(into, target) for target, image in targets.items()}


def show(config: Config, found: Engine, made: Plan, epoch: int, into: Path, tell: Tell, veil: Veil) -> None:
    """Show the command and the bake file of such a build, with the engine that is there in place of its own."""
    baking.show(*_order(config, found, made, into, epoch, tell), tell, veil)


def _order(
    config: Config, engine: Engine, made: Plan, into: Path, epoch: int, tell: Tell
) -> tuple[dict[str, Any], buildx.Options]:
    """The bake file of such a build, and what it is started with."""
    options = replace(plan.options(config, engine, made, tell), load=False, archives=into, epoch=epoch)
    return buildx.bake(made.images, options, {image.name for image in made.chosen}), options
