"""The plan of a build, and where only what changed is asked for, the plan of that with the reasons."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from drydock.bases import bases, outside
from drydock.builds import buildx, plan, since_build, since_commit
from drydock.builds.plan import Plan
from drydock.builds.selection import Choice
from drydock.causes import gathering
from drydock.causes.gathering import Gathered
from drydock.causes.whole import Orders
from drydock.config import Config, Image
from drydock.engines.engine import Engine
from drydock.events import Tell
from drydock.services import choice
from drydock.values import dataclass


@dataclass(frozen=True)
class Narrowed:
    """A plan, None where there is nothing to build; why each image is in it or not, and what was gathered for that."""

    plan: Plan | None
    choices: tuple[Choice, ...]
    gathered: Mapping[str, Gathered] | None = None


def by_build(
    config: Config,
    engine: Engine,
    made: Plan,
    scenario: str,
    orders: Orders,
    *,
    builder: str = "",
    platforms: Sequence[str] = (),
) -> Narrowed:
    """The plan of those images that would come out otherwise than they are recorded and in the engine."""
    needed = buildx.upon(made.images, made.chosen)
    found = gathering.gather(
        config, engine, needed, made.files, made.bases, builder=builder, platforms=platforms, orders=orders
    )
    wanted = [image.name for image in made.chosen]
    choices = since_build.choose(config, engine, needed, found, wanted, scenario)
    names = {one.image for one in choices if one.built}
    kept = replace(made, chosen=tuple(image for image in made.chosen if image.name in names))
    return Narrowed(kept if names else None, choices, found)


def by_commit(
    config: Config,
    engine: Engine,
    images: Sequence[Image],
    ref: str,
    orders: Orders,
    tell: Tell,
    *,
    services: Sequence[str] = (),
    target: str = "",
    pull: bool = False,
    platforms: Sequence[str] = (),
) -> Narrowed:
    """The plan of those images that a commit would give otherwise; bases are only asked for where they are needed."""
    aimed = [plan.aimed(image, target) for image in images]
    chosen = choice.among(aimed, services, "build")
    needed = buildx.upon(aimed, chosen)
    files = {image.name: plan.parsed(config, image) for image in needed}
    here = bases.here(engine, {image.name: outside.of(image, files[image.name]) for image in needed})
    wanted = [image.name for image in chosen]
    choices = since_commit.choose(config, engine, needed, files, wanted, ref, orders, platforms, here)
    names = [one.image for one in choices if one.built]
    if not names:
        return Narrowed(None, choices)
    return Narrowed(plan.make(config, engine, images, tell, services=names, target=target, pull=pull), choices)
