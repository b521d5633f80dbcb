"""Scratch copies of what images are built from: as they are, and as they were before the plan."""

import hashlib
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from drydock import git
from drydock.config import Config, Image
from drydock.errors import Misuse
from drydock.scenarios import wishes
from drydock.values import dataclass

PLAN, BASELINE = "plan", "baseline"
SKIPPED = shutil.ignore_patterns(".git", ".drydock", ".venv", "node_modules", "__pycache__")


@dataclass(frozen=True)
class Copy:
    """One variant of all images, below a folder of its own; their tags are no one else's."""

    variant: str
    root: Path
    images: tuple[Image, ...]

    def image(self, name: str) -> Image:
        """The image of that name."""
        return next(image for image in self.images if image.name == name)


def make(config: Config, images: Sequence[Image], variant: str, into: Path, mark: str) -> Copy:
    """Copy what the images are built from: what git knows of it, and what is new and not ignored.

    `mark` keeps the tags apart from those of another run. Raises Misuse where the baseline has no Dockerfile.
    """
    root = into / variant
    return Copy(variant, root, tuple(_image(config, image, variant, root, mark) for image in images))


def baseline(config: Config, image: Image) -> Path:
    """The Dockerfile of an image as it was before the plan; Misuse where there is none."""
    named = wishes.of(config.settings, image.name).baseline
    place = config.root / named
    for path in (place, place / f"{image.name}.Dockerfile", place / image.name / "Dockerfile"):
        if path.is_file():
            return path
    raise Misuse(
        f"{named} holds no Dockerfile of {image.name}",
        remedy=f"write {named}/{image.name}.Dockerfile, or name another as baseline in [tool.drydock.bench]",
    )


def _image(config: Config, image: Image, variant: str, root: Path, mark: str) -> Image:
    place = root / image.name
    context, contexts = place / "context", dict[str, str]()
    copy_folder(image.context, context, config.environ)
    source = image.dockerfile
    if variant == BASELINE:
        source = baseline(config, image)
    else:
        contexts = {name: _context(name, value, image, place, config) for name, value in image.contexts.items()}
    inside = source.is_relative_to(image.context)
    target = context / source.relative_to(image.context) if inside else place / "Dockerfile"
    _copy_dockerfile(source, target)
    return replace(
        image,
        context=context,
        dockerfile=target,
        contexts=contexts,
        target=image.target if variant == PLAN else None,
        tag=f"drydock-bench/{plain(image.name)}:{variant}-{mark}",
        tags=(),
        cache_from=(),
        cache_to=(),
    )


def plain(name: str) -> str:
    """A name of small letters, digits and single dashes; where others would come out alike, it ends in a digest."""
    short = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "image"
    return short if short == name else f"{short}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def _copy_dockerfile(source: Path, target: Path) -> None:
    """The Dockerfile, which git may not know, and the ignore file that bears its name."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        shutil.copyfile(source, target)
    except OSError as error:
        raise Misuse(f"{source} cannot be read: {error.strerror}", remedy="mend the Dockerfile's path") from error
    ignore = source.with_name(f"{source.name}.dockerignore")
    if ignore.is_file():
        shutil.copyfile(ignore, target.with_name(f"{target.name}.dockerignore"))


def _context(name: str, value: str, image: Image, place: Path, config: Config) -> str:
    """Where a named context is to be found: a folder is copied, whatever else stays what it is."""
    path = Path(value)
    if not path.is_absolute():
        return value
    if path.is_relative_to(image.context):
        return str(place / "context" / path.relative_to(image.context))
    target = place / "contexts" / plain(name)
    copy_folder(path, target, config.environ)
    return str(target)


def copy_folder(source: Path, target: Path, environ: Mapping[str, str]) -> None:
    """Copy what git would take of a folder; outside of git all of it, but for what tools leave there."""
    listed = git.listed(source, environ, "ls-files", "-z", "--cached", "--others", "--exclude-standard", ".")
    target.mkdir(parents=True, exist_ok=True)
    if listed is None:
        shutil.copytree(source, target, symlinks=True, ignore=SKIPPED, dirs_exist_ok=True)
        return
    for name in listed:
        one = source / name
        if one.is_symlink() or one.is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(one, target / name, follow_symlinks=False)
