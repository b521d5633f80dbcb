"""What changed since a commit: each image as it is decided now, held against the same repository as it was then."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace
from pathlib import Path

from drydock.bases.bases import Base
from drydock.builds import checkout, plan, selection
from drydock.builds.buildx import EPOCH
from drydock.builds.checkout import Checkout
from drydock.builds.selection import Choice
from drydock.causes import changes, gathering, hashes, manifest
from drydock.causes.gathering import Gathered
from drydock.causes.grounds import Grounds
from drydock.causes.manifest import Manifest
from drydock.causes.whole import Orders
from drydock.config import Config, Image, load
from drydock.dockerfile import Dockerfile
from drydock.engines.engine import Engine
from drydock.errors import Problem
from drydock.services import compose
from drydock.values import dataclass

NEEDED = frozenset(("PATH", "HOME"))  # of every process; DOCKER_ and COMPOSE_ ones are asked for by compose itself
POINTER = b"version https://git-lfs.github.com/spec/"


@dataclass(frozen=True)
class Then:
    """The repository as it was: what decided each image, and those whose settings come from the environment.

    `trouble` says why nothing can be told of any image.
    """

    gathered: Mapping[str, Gathered] = field(default_factory=dict)
    swayed: frozenset[str] = frozenset()
    trouble: str = ""


def choose(
    config: Config,
    engine: Engine,
    images: Sequence[Image],
    files: Mapping[str, Dockerfile],
    wanted: Sequence[str],
    ref: str,
    orders: Orders,
    platforms: Sequence[str],
    bases: Mapping[str, Sequence[Base]],
) -> tuple[Choice, ...]:
    """The wanted images, each built unless git knows all that decides it, and that it is as it was at `ref`.

    Raises Misuse for a commit that is not there; where the history is cut off, everything is built.
    """
    known = hashes.load(config.state / "hashes.json", hashes.key(config.state / "key"))
    now = gathering.collect(engine, images, files, bases, known, orders, platforms=platforms)
    hashes.save(config.state / "hashes.json", known)
    with checkout.of(config, ref) as there:
        then = _then(config, engine, there, replace(known, folders={}, seen={}), orders, platforms)

        def reason(image: Image) -> str:
            here = now[image.name]
            if unknown := there.trouble or then.trouble or next(_unknown(config, image, here, there, then), ""):
                return unknown
            if image.name not in then.gathered:
                return f"there was no such image at {ref}"
            before = then.gathered[image.name]
            return _different(here, before) if here.bodies()[0] != before.bodies()[0] else ""

        return selection.choose(images, reason, lambda _: f"nothing changed since {ref}", wanted)


def _then(
    config: Config, engine: Engine, there: Checkout, known: hashes.Hashes, orders: Orders, platforms: Sequence[str]
) -> Then:
    """What decided the images of the other tree, as if it were built here and now."""
    if there.trouble:
        return Then()
    try:
        given = load(config.root, {}).environ
        outer = {name: value for name, value in config.environ.items() if given.get(name) != value}
        if not (there.root / ".env").is_file():  # what git does not know is part of the environment
            outer = dict(config.environ)
        before = load(there.root, outer)
        images = compose.images(before, _led(before.environ, engine))
        files = {image.name: plan.parsed(before, image) for image in images}
        swayed = _swayed(before, images, engine, set(outer))
        orders = replace(orders, root=there.root)
        bases: dict[str, tuple[Base, ...]] = {image.name: () for image in images}
        gathered = gathering.collect(engine, images, files, bases, known, orders, platforms=platforms)
    except Problem as problem:
        words = problem.message.replace(f"{there.root}/", "").replace(str(there.root), "the repository")
        return Then(trouble=f"what it was at {there.ref} cannot be read: {words}")
    return Then(gathered, swayed)


def _led(environ: Mapping[str, str], engine: Engine) -> dict[str, str]:
    """An environment that leads Docker's tools to this engine."""
    return {**environ, **{name: value for name, value in engine.environ.items() if name.startswith("DOCKER_")}}


def _swayed(before: Config, images: Sequence[Image], engine: Engine, outer: set[str]) -> frozenset[str]:
    """The images whose build section has a value from the environment: what that was then, nobody knows."""
    if before.compose is None:
        return frozenset()
    everything = frozenset(image.name for image in images)
    text = "\n".join(path.read_text("utf-8", "replace") for path in compose.compose_files(before))
    words = outer if compose.BORROWED.search(text) else outer & set(compose.WORD.findall(text))
    needed = {name for name in words if name in NEEDED or name.startswith(("DOCKER_", "COMPOSE_"))}
    if any(re.search(rf"\$\{{?{name}\b", text) for name in needed):
        return everything
    if not (words := words - needed):
        return frozenset()
    less = replace(before, environ={name: value for name, value in before.environ.items() if name not in words})
    try:
        bare = compose.images(less, _led(less.environ, engine))
    except Problem:
        return everything
    return frozenset(image.name for image in images if image not in bare)


def _unknown(config: Config, image: Image, here: Gathered, there: Checkout, then: Then) -> Iterator[str]:
    """What decides an image that git does not know."""
    yield from here.untold
    if before := then.gathered.get(image.name):
        yield from before.untold
    if image.name in then.swayed:
        yield f"its build section has values from the environment, which {there.ref} does not tell"
    if config.environ.get(EPOCH):
        yield f"{EPOCH} is set, and {there.ref} does not tell what it was"
    for folder in (image.dockerfile.parent, *(tree.root for _, tree, _ in here.walked)):
        if not folder.resolve().is_relative_to(there.top) and folder != config.state / "inline":
            yield f"{folder} lies outside the repository"
    for name, tree, _ in here.walked:
        reads = [path for step in here.grounds.steps for context, path in step.reads if context == name]
        for path in there.submodules:
            place = there.top / path
            if tree.root.is_relative_to(place) or (
                place.is_relative_to(tree.root) and manifest.chosen([place.relative_to(tree.root).as_posix()], reads)
            ):
                yield f"{path} is a submodule, which is not read at {there.ref}"


def _different(here: Gathered, before: Gathered) -> str:
    def files(of: Grounds, name: str) -> Manifest | None:
        return (here if of is here.grounds else before).files.get(name)

    for name, tree, _ in before.walked:
        for path, one in before.files.get(name, {}).items():
            if one.kind == "file" and here.files.get(name, {}).get(path) != one and _is_pointer(tree.root / path):
                return f"{path} is kept by Git LFS, so what it held is not in the history"
    return changes.words(here.grounds, before.grounds, files)


def _is_pointer(path: Path) -> bool:
    """Whether a file only says where Git LFS keeps its content."""
    with path.open("rb") as stream:
        return stream.read(len(POINTER)) == POINTER
