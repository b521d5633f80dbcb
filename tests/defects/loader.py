"""Clean repositories from their bundles, and on disk as git repositories, with defects or without."""

import functools
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from tests.defects.values import Defect, Files, Trap, applied

BUNDLES = Path(__file__).parent / "repositories"
MARK = "=== "
"""How the line begins that names the file below it."""

NOT_ON_STANDINS = {
    "native": "psycopg2 is compiled, and the stand-in of a slim Python holds no headers, unlike the official image",
}
"""Clean repositories that build on official bases, but not on stand-ins."""
INDEX_WITH_JSON = {"django": "poetry asks the package index for each release as JSON, which not every mirror answers"}
"""Clean repositories that need more of a package index than pip does."""
ASKED_FOR = {"POSTGRES_PASSWORD": "tried", "SHOP_SECRET_KEY": "tried"}
"""The variables that their compose files ask for, with values."""


def names() -> list[str]:
    """The clean repositories."""
    return sorted(path.stem for path in BUNDLES.glob("*.txt"))


@functools.cache
def clean(name: str) -> Mapping[str, bytes]:
    """The files of a clean repository."""
    found: dict[str, list[str]] = {}
    path = ""
    for line in (BUNDLES / f"{name}.txt").read_text(encoding="utf-8").splitlines(keepends=True):
        if line.startswith(MARK):
            path = line.removeprefix(MARK).strip()
            found[path] = []
        else:
            found[path].append(line)
    return MappingProxyType({path: "".join(lines).encode() for path, lines in found.items()})


def files(case: Defect | Trap) -> Files:
    """The files of its repository with the defect or the trap in them."""
    return applied(clean(case.repository), case.changes)


def write(content: Mapping[str, bytes], folder: Path, *, git: bool = True) -> Path:
    """Put files into a new folder and, as somebody would, everything that .gitignore does not name into git."""
    for path, data in content.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    if git:
        identity = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.org", "-c", "core.autocrlf=false"]
        quick = ["-c", "gc.auto=0", "-c", "core.fsync=none", "-c", "commit.gpgSign=false"]
        for words in (
            ["init", "--quiet", "--template="],
            ["add", "--all"],
            ["commit", "--quiet", "--message=As it is"],
        ):
            subprocess.run(["git", *identity, *quick, *words], cwd=folder, check=True, env=_alone())
    return folder


def _alone() -> dict[str, str]:
    """The environment without what ties git to another repository or to somebody's settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {**kept, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
