"""What is known before anything is built: the images, their Dockerfiles, and what takes the place of their bases."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from drydock import dockerfile
from drydock.bases import bases, layouts, outside
from drydock.bases.bases import Base
from drydock.builds import buildx
from drydock.causes import mounted, reading
from drydock.causes.veil import Veil
from drydock.command import Environ
from drydock.config import Config, Image
from drydock.dockerfile import Dockerfile
from drydock.engines import drivers
from drydock.engines.engine import Engine
from drydock.errors import Misuse
from drydock.events import Tell
from drydock.services import choice
from drydock.values import dataclass

CA_MOUNT = re.compile(r"--mount=\S*\bid=ca\b")


@dataclass(frozen=True)
class Plan:
    """Every image, those that are asked for, and for each of those, and what they are built upon, its parsed Dockerfile
    and its bases.
    """

    images: tuple[Image, ...]
    chosen: tuple[Image, ...]
    files: Mapping[str, Dockerfile]
    bases: Mapping[str, tuple[Base, ...]]

    def targets(self) -> dict[str, str]:
        """The image of each bake target that is built."""
        names = buildx.targets(self.images)
        return {names[image.name]: image.name for image in self.chosen}

    def veil(self, environ: Environ) -> Veil:
        """Over whatever looks secret among what the images are given, are built with or write down."""
        return reading.veil(self.images, self.files, mounted.values(self.images, environ))


def make(
    config: Config,
    engine: Engine,
    images: Sequence[Image],
    tell: Tell,
    *,
    services: Sequence[str] = (),
    target: str = "",
    pull: bool = False,
) -> Plan:
    """Choose among `images`, read their Dockerfiles and find their bases.

    Raises Misuse for an unknown service or target and for a Dockerfile that cannot be read, NotReady for a base that
    cannot be had.
    """
    every = [aimed(image, target) for image in images]
    chosen = choice.among(every, services, "build")
    needed = buildx.upon(every, chosen)
    files = {image.name: parsed(config, image) for image in needed}
    return Plan(tuple(every), chosen, files, _bases(config, engine, needed, files, tell, pull))


def options(config: Config, engine: Engine, made: Plan, tell: Tell) -> buildx.Options:
    """What every build of the plan is given: what takes the place of bases, the machine's own CA, its proxies."""
    bundle = buildx.ca_bundle(config.environ)
    folders: Mapping[str, str] = {}
    if engine.driver != drivers.ENGINE:  # it does not see the engine's images
        folders = layouts.contexts(config, engine, (base for had in made.bases.values() for base in had), tell)
    return buildx.Options(
        bases={
            name: {base.name: folders.get(base.reference, base.reference) for base in had}
            for name, had in made.bases.items()
        },
        secrets={"ca": f"src={bundle}"} if bundle and Path(bundle).is_file() else {},
        proxies=buildx.proxies(config.environ),
    )


def aimed(image: Image, target: str) -> Image:
    """The image that ends at another stage has a tag of its own: what ships is never overwritten by a test stage."""
    if not target or target == image.target:
        return image
    return replace(image, target=target, tag=f"{image.tag}-{target}", tags=())


def shown(config: Config, path: Path) -> str:
    """A path as people read it: from the root where it lies below."""
    return path.relative_to(config.root).as_posix() if path.is_relative_to(config.root) else str(path)


def parsed(config: Config, image: Image) -> Dockerfile:
    """The Dockerfile of an image; Misuse where it cannot be read or has no such target."""
    name = shown(config, image.dockerfile)
    try:
        text = image.dockerfile.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise Misuse(f"{name}: {reason}", remedy=f"write the Dockerfile of {image.name}") from error
    file = dockerfile.parse(text, name)
    if image.target and file.stage(image.target) is None:
        known = ", ".join(stage.label for stage in file.stages)
        raise Misuse(
            f"{name} has no stage {image.target}, only {known}", remedy="inv build --service NAME --target STAGE"
        )
    return file


def _bases(
    config: Config,
    engine: Engine,
    chosen: Sequence[Image],
    files: Mapping[str, Dockerfile],
    tell: Tell,
    pull: bool,
) -> dict[str, tuple[Base, ...]]:
    """The bases of each image.

    A Dockerfile that mounts the CA secret gets bases without the CA. Any other one was written without knowing of
    it: behind a proxy that signs again, it can only install anything on a base that trusts the CA itself.
    """
    given = buildx.ca_bundle(config.environ) is not None
    trusting = {image.name: given and not CA_MOUNT.search(files[image.name].text) for image in chosen}
    taken = {image.name: outside.of(image, files[image.name]) for image in chosen}
    found: dict[str, tuple[Base, ...]] = {}
    for flavour in sorted(set(trusting.values())):
        group = [image.name for image in chosen if trusting[image.name] is flavour]
        names = tuple(dict.fromkeys(name for image in group for name in taken[image]))
        had = bases.resolve(config, engine, names, tell, trusting=flavour, pull=pull)
        for image in group:
            found[image] = tuple(base for base in had if base.name in taken[image])
    return found
