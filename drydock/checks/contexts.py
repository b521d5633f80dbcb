"""The Dockerfiles of images and the contexts they are built in, each looked at once, as far as the doctor needs it."""

import os
import posixpath
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from pathlib import Path

from drydock import ancestry, dockerfile
from drydock.bases import outside
from drydock.checks.lockfiles import NAMES
from drydock.config import Image
from drydock.dockerfile import Instruction, Stage
from drydock.errors import Misuse
from drydock.measures import inputs
from drydock.measures.advice import PRODUCTS
from drydock.measures.ignore import Ignore
from drydock.values import dataclass

MOST = 20_000  # entries of a context that are looked at
LOOK_SECONDS = 1.0  # for all contexts
HEAD = 256  # bytes of a file that tell whether it is a script
SCRIPTS = ("", ".sh", ".bash", ".ksh", ".zsh")
UNTOLD = re.compile(r"[$*?\[\"'\\]")  # what a COPY takes cannot be told from such a word alone


@dataclass(frozen=True)
class Listing:
    """A context as far as it matters here, paths from its root.

    Manifests and locks that a build sees, those that are ignored, and scripts whose first line ends as on Windows.
    """

    manifests: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()
    scripts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Seen:
    """An image: its Dockerfile, as `file` names it, and its context.

    `problem` says why the Dockerfile cannot be used; then nothing else is known. `lost` are line and source of each
    COPY of what is not there.
    """

    image: Image
    file: str
    problem: Misuse | None = None
    stages: tuple[Stage, ...] = ()
    bases: tuple[str, ...] = ()
    listing: Listing = field(default_factory=Listing)
    lost: tuple[tuple[int, str], ...] = ()


def look(images: Iterable[Image], inlines: Mapping[str, str], seconds: float = LOOK_SECONDS) -> tuple[Seen, ...]:
    """Look at the Dockerfiles of images, `inlines` where compose holds them, and once at each context.

    What of the contexts was not reached within `seconds` is not looked at.
    """
    until = time.monotonic() + seconds
    known: dict[tuple[Path, Path | None], Listing] = {}
    return tuple(_look(image, inlines.get(image.name), known, until) for image in images)


def _look(image: Image, inline: str | None, known: dict[tuple[Path, Path | None], Listing], until: float) -> Seen:
    name = str(image.dockerfile) if inline is None else f"the Dockerfile of {image.name}"
    if not image.context.is_dir():
        remedy = f"mend the build section of {image.name}"
        return Seen(image, name, Misuse(f"{image.name}: the context {image.context} is no folder", remedy=remedy))
    try:
        text = image.dockerfile.read_text(encoding="utf-8") if inline is None else inline
        file = dockerfile.parse(text, name)
        stages, taken = ancestry.reachable(file, image.target, outside.arguments(image), image.contexts)
        place = image.context, inputs.ignore_file(image.context, image.dockerfile)
        listing = known.get(place) or _listed(place[0], inputs.rules(place[1]), until)
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no UTF-8"
        remedy = f"write it, or mend the build section of {image.name}"
        return Seen(image, name, Misuse(f"{image.name}: {name} cannot be read: {why}", remedy=remedy))
    except Misuse as problem:
        return Seen(image, name, problem)
    known[place] = listing
    named = tuple(one.name for one in taken)
    return Seen(image, name, None, stages, named, listing, tuple(_lost(image.context, stages)))


def _listed(context: Path, rules: Ignore, until: float) -> Listing:
    manifests, hidden, scripts = set[str](), set[str](), list[str]()
    for path, may_run in _files(context, rules, until):
        name = posixpath.basename(path)
        if name in NAMES:
            (hidden if rules.matches(path) else manifests).add(path)
        elif (may_run or posixpath.splitext(name)[1] in SCRIPTS) and not rules.matches(path):
            scripts += [path] if _has_wrong_ends(context / path) else []
    return Listing(frozenset(manifests), frozenset(hidden), tuple(sorted(scripts)))


def _lost(context: Path, stages: Sequence[Stage]) -> Iterator[tuple[int, str]]:
    """Sources of COPY and ADD that are written out and not there."""
    for each in (each for stage in stages for each in stage.instructions if _takes_context(each)):
        for source in each.sources():
            if not UNTOLD.search(source) and not os.path.lexists(context / source.lstrip("/")):
                yield each.line, posixpath.normpath(source.lstrip("/"))


def _takes_context(one: Instruction) -> bool:
    return one.keyword in ("COPY", "ADD") and one.flag("from") is None


def _files(context: Path, rules: Ignore, until: float) -> Iterator[tuple[str, bool]]:
    """Files of a context, and whether they may be executed. No link, product of a tool or ignored folder is entered."""
    waiting, left = [""], MOST
    while waiting and left > 0 and time.monotonic() < until:
        folder = waiting.pop()
        for item in _entries(context / folder):
            left -= 1
            path = f"{folder}/{item.name}" if folder else item.name
            try:
                if item.is_dir(follow_symlinks=False):
                    entered = item.name not in PRODUCTS and (not rules.matches(path) or rules.takes_back_below(path))
                    waiting += [path] if entered else []
                elif item.is_file(follow_symlinks=False):
                    yield path, bool(item.stat(follow_symlinks=False).st_mode & 0o111)
            except OSError:
                continue  # gone since it was listed


def _entries(folder: Path) -> list["os.DirEntry[str]"]:
    try:
        with os.scandir(folder) as found:
            return sorted(found, key=lambda item: item.name)
    except OSError:
        return []


def _has_wrong_ends(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            line = stream.read(HEAD).split(b"\n")[0]
    except OSError:
        return False
    return line.startswith(b"#!") and line.endswith(b"\r")
