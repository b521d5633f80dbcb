"""Scratch copies of what images are built from: as they are, and as they were before they were optimised."""

import hashlib
import os
import re
import shutil
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from drydock import git
from drydock.config import Config, Image
from drydock.errors import Misuse, NotReady
from drydock.scenarios import wishes
from drydock.text import human_bytes
from drydock.values import dataclass

PLAN, BASELINE = "plan", "baseline"
SKIPPED = frozenset({".git", ".drydock", ".venv", "node_modules", "__pycache__"})
LARGEST = 8_000_000_000  # bytes of one scratch copy
MOST = 500_000  # files in it
HIDE = "ignore in git what no build needs"
NO_LINK = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)  # nor wait for who writes into a pipe


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
    """The Dockerfile of an image as it was before it was optimised; Misuse where there is none."""
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
    if not source.is_file():
        raise Misuse(f"{source} is no ordinary file", remedy="mend the Dockerfile's path")
    if target.is_symlink():
        target.unlink()  # else it would be written where the link leads
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
    """Copy what git would take of a folder; outside of git all of it, but for what tools leave there.

    Links stay links, and nothing is read or written through one; pipes, sockets and devices are left out. Misuse where
    more is there than a scratch copy takes.
    """
    listed = git.listed(source, environ, "ls-files", "-z", "--cached", "--others", "--exclude-standard", ".")
    names = sorted(_walked(source) if listed is None else listed)
    target.mkdir(parents=True, exist_ok=True)
    _check(source, names, target)
    behind: dict[str, bool] = {}
    for name in names:
        if not _is_behind_link(source, name, behind):
            _copy_one(source / name, target / name)


def _walked(source: Path) -> Iterator[str]:
    """What lies below a folder, empty folders too, without what is SKIPPED; no link is followed."""
    for top, folders, files in os.walk(source):
        folders[:] = [name for name in folders if name not in SKIPPED]
        for name in (*folders, *(one for one in files if one not in SKIPPED)):
            yield (Path(top) / name).relative_to(source).as_posix()


def _check(source: Path, names: Sequence[str], target: Path) -> None:
    """Raise Misuse for more files or bytes than are copied: a copy is a help, and must fill no disk."""
    sizes = dict[str, int]()
    for name in names:
        with suppress(OSError):
            seen = (source / name).lstat()
            sizes[name] = seen.st_size if stat.S_ISREG(seen.st_mode) else 0
    limit = min(LARGEST, shutil.disk_usage(target).free // 2)
    if len(names) > MOST:
        raise Misuse(f"{len(names)} files are too many for a scratch copy ({MOST} at most)", remedy=HIDE)
    if (total := sum(sizes.values())) > limit:
        largest = max(sizes, key=lambda name: sizes[name])
        told = f"{human_bytes(total)}, {human_bytes(sizes[largest])} of it {largest!r}"
        raise Misuse(f"too much for a scratch copy ({human_bytes(limit)} at most): {told}", remedy=HIDE)


def _is_behind_link(source: Path, name: str, known: dict[str, bool]) -> bool:
    """Whether a folder on the way to a name is a link: git may list what lay there before."""
    folder = name.rpartition("/")[0]
    if not folder:
        return False
    if folder not in known:
        known[folder] = (source / folder).is_symlink() or _is_behind_link(source, folder, known)
    return known[folder]


def _copy_one(source: Path, target: Path) -> None:
    """Copy a file, link or folder as it is now; what is something else now, or gone, is left out."""
    try:
        seen = source.lstat()
        target.parent.mkdir(parents=True, exist_ok=True)
        if stat.S_ISLNK(seen.st_mode):
            target.symlink_to(source.readlink())
        elif stat.S_ISDIR(seen.st_mode):
            target.mkdir(exist_ok=True)
            target.chmod(stat.S_IMODE(seen.st_mode) | 0o700)
        elif stat.S_ISREG(seen.st_mode):
            _copy_file(source, target)
    except FileNotFoundError:
        return
    except OSError as error:
        raise NotReady(f"{source} cannot be copied: {error.strerror}", remedy=f"make it readable, or {HIDE}") from error


def _copy_file(source: Path, target: Path) -> None:
    """Copy as many bytes as the file has when it is opened, if it is a file then."""
    with os.fdopen(os.open(source, os.O_RDONLY | NO_LINK), "rb") as given:
        seen = os.fstat(given.fileno())
        if not stat.S_ISREG(seen.st_mode):
            return
        with target.open("xb") as taken:
            left = seen.st_size
            while data := given.read(min(left, 1 << 20)):
                taken.write(data)
                left -= len(data)
    target.chmod(stat.S_IMODE(seen.st_mode))
    os.utime(target, ns=(seen.st_atime_ns, seen.st_mtime_ns))
