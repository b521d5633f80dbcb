"""Archives of stand-ins in the user's home: which there are, which of them still serve, and removing the others."""

import json
import tarfile
from collections.abc import Callable
from pathlib import Path

from drydock import command, files
from drydock.bases import debian
from drydock.bases.recipes import Recipe
from drydock.config import Config
from drydock.errors import NotReady
from drydock.values import dataclass

RecipeOf = Callable[[str], Recipe | None]


@dataclass(frozen=True)
class Archive:
    """A file on the shelf: what it holds, its bytes, and whether no recipe of this machine leads to it any more."""

    path: Path
    holds: str
    size: int
    superseded: bool


def shelf(config: Config) -> Path:
    """The folder of the archives; the engines of a user share it."""
    return config.home / "bases"


def write(environ: command.Environ, reference: str, archive: Path) -> None:
    """Write an image to its archive, whole or not at all; earlier archives of the same image go."""
    fresh = archive.with_suffix(".part")
    saved = command.run(["docker", "save", "--output", str(fresh), reference], env=environ)
    if not saved.ok:
        fresh.unlink(missing_ok=True)
        raise NotReady(f"{archive} cannot be written: {saved.last_words}", remedy="free disk space")
    fresh.replace(archive)
    for other in archive.parent.glob("*.tar"):
        if other != archive and _held(other) == reference:
            other.unlink(missing_ok=True)


def listed(config: Config, recipe_of: RecipeOf) -> tuple[Archive, ...]:
    """Every archive; `recipe_of` gives the recipe by which a stand-in, named by its tag, would be made now.

    Root file systems serve as long as one of the archives that serve was made from them.
    """
    kept, roots = [], set()
    found = sorted(shelf(config).glob("*.tar"))
    for path in (path for path in found if not path.name.startswith("root-")):
        reference = _held(path)
        recipe = recipe_of(reference) if reference else None
        serves = recipe is not None and recipe.key == path.stem
        if recipe is not None and serves:
            roots.add(debian.root_name(recipe.suite, recipe.packages))
        kept.append(Archive(path, reference or "damaged", path.stat().st_size, not serves))
    for path in (path for path in found if path.name.startswith("root-")):
        kept.append(Archive(path, "packages of Debian", path.stat().st_size, path.name not in roots))
    for path in sorted(shelf(config).glob("*.part")):
        kept.append(Archive(path, "half written", path.stat().st_size, True))
    return tuple(kept)


def prune(config: Config, recipe_of: RecipeOf) -> int:
    """Remove the archives that are superseded; returns their bytes."""
    gone = [archive for archive in listed(config, recipe_of) if archive.superseded]
    if not command.is_dry():
        for archive in gone:
            with files.locked(archive.path.with_suffix(".lock")):  # whoever makes or loads it comes first
                archive.path.unlink(missing_ok=True)
    return sum(archive.size for archive in gone)


def _held(path: Path) -> str:
    """The tag of the image in an archive; empty where it cannot be read."""
    try:
        with tarfile.open(path) as archive:
            manifest = archive.extractfile("manifest.json")
            return str(json.load(manifest)[0]["RepoTags"][0]) if manifest else ""
    except (OSError, tarfile.TarError, ValueError, LookupError, TypeError):
        return ""
