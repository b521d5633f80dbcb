"""Which images under proof the fix of a finding can change, and which of their files it writes."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from drydock.audit.finding import Finding, Identity
from drydock.config import Config, Image
from drydock.measures import inputs
from drydock.services import compose


def concerned(config: Config, root: Path, images: Sequence[Image], finding: Finding) -> frozenset[str]:
    """The images of a copy at `root` that it concerns: all of them where it changes the compose file in use."""
    paths = finding.fix.paths if finding.fix else frozenset[str]()
    if paths & _compose_paths(config):
        return frozenset(image.name for image in images)
    return frozenset(image.name for image in images if paths & _own_paths(root, image))


def codes(
    names: Iterable[str], mended: Iterable[Finding], touched: Mapping[Identity, frozenset[str]]
) -> dict[str, tuple[str, ...]]:
    """The rules whose fixes concern each image."""
    found: dict[str, tuple[str, ...]] = dict.fromkeys(names, ())
    for one in mended:
        for name in touched.get(one.identity, ()):
            found[name] = (*found[name], one.code)
    return found


def changed(root: Path, images: Iterable[Image], paths: Iterable[str]) -> dict[str, frozenset[str]]:
    """For each image of a copy: those of the paths below its root that lie below the context, from there."""
    full = [root / path for path in paths]
    return {
        image.name: frozenset(
            path.relative_to(image.context).as_posix() for path in full if path.is_relative_to(image.context)
        )
        for image in images
    }


def _own_paths(root: Path, image: Image) -> set[str]:
    """The Dockerfile of an image, and the ignore files that count for it or would."""
    own = image.dockerfile.with_name(f"{image.dockerfile.name}.dockerignore")
    counts = inputs.ignore_file(image.context, image.dockerfile)
    paths = [image.dockerfile, own, image.context / ".dockerignore", *([counts] if counts else [])]
    return {path.relative_to(root).as_posix() for path in paths if path.is_relative_to(root)}


def _compose_paths(config: Config) -> set[str]:
    paths = compose.compose_files(config) if config.compose else ()
    return {path.relative_to(config.root).as_posix() for path in paths if path.is_relative_to(config.root)}
