"""Public repositories as bench/public.toml names them: fetched with git, audited, held against what people judged."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drydock import command
from drydock.audit.finding import Finding
from drydock.errors import NotReady

HOST = "https://github.com"
REGISTRY = re.compile(r"(?<![\w./-])[\w-]+(\.[\w-]+)+/(?=[\w./-]+[:@])")  # of an image with a tag


@dataclass(frozen=True)
class Judged:
    """A finding that a person held against the files, and found to be wrong."""

    code: str
    path: str
    line: int
    reason: str


@dataclass(frozen=True)
class Place:
    """A repository at a commit, or a folder of it; `build` is whether it is proven too, or audited alone."""

    name: str
    commit: str
    folder: str = ""
    build: bool = True
    false: tuple[Judged, ...] = ()

    @property
    def title(self) -> str:
        """How it is named in tables."""
        return "/".join(filter(None, (self.name, self.folder)))


def read(path: Path) -> tuple[Place, ...]:
    """The repositories of a table, in its order."""
    held = tomllib.loads(path.read_text(encoding="utf-8"))
    return tuple(
        Place(**{**one, "false": tuple(Judged(**wrong) for wrong in one.get("false", ()))})
        for one in held["repository"]
    )


def fetch(place: Place, into: Path, source: Path | None, environ: Mapping[str, str]) -> Path:
    """The work tree of its commit below `into`, fetched once; from a folder of git directories where one is given.

    Such a directory is named OWNER+NAME, or is `repo` below that; what it lacks of large files is missing. Raises
    NotReady where git cannot have the commit.
    """
    tree = into / place.name
    if not tree.exists():
        tree.mkdir(parents=True)
        where = address(place.name, source)
        near = [["clone", "--quiet", "--shared", "--no-checkout", where, "."]]
        far = [["init", "--quiet"], ["fetch", "--quiet", "--depth=1", where, place.commit]]
        for words in (*(near if source else far), ["checkout", "--quiet", "--detach", place.commit]):
            result = command.run(["git", *words], env=environ, cwd=tree)
            if not result.ok:
                raise NotReady(f"{place.name} cannot be fetched: {result.last_words}", remedy="--from FOLDER")
    return tree / place.folder


def address(name: str, source: Path | None) -> str:
    """Where git finds a repository."""
    if source is None:
        return f"{HOST}/{name}"
    folder = source / name.replace("/", "+")
    return str(folder / "repo" if (folder / "repo").is_dir() else folder)


def unhosted(value: Any) -> Any:
    """Plain data in which images are named without their registries: which these are says nothing here."""
    if isinstance(value, str):
        return REGISTRY.sub("", value)
    if isinstance(value, Mapping):
        return {key: unhosted(one) for key, one in value.items()}
    return [unhosted(one) for one in value] if isinstance(value, list | tuple) else value


def counted(place: Place, findings: Iterable[Finding]) -> dict[str, Any]:
    """How many findings there are, and which of them were judged false and are still found."""
    found = [(one.code, one.path, one.line) for one in findings]
    false = [one for one in place.false if (one.code, one.path, one.line) in found]
    return {
        "findings": len(found),
        "false": [f"{one.code} {one.path}:{one.line}: {one.reason}" for one in false],
        "mended": len(place.false) - len(false),
    }
