"""What a repository gets when it adopts Drydock: texts of files that are not there yet, and one table. Pure."""

import re
import tomllib
from collections.abc import Mapping
from typing import Any

from drydock.audit import source
from drydock.audit.composefile import Build
from drydock.audit.repository import Repository
from drydock.audit.source import Source
from drydock.errors import Misuse

TABLE = "drydock"
ASKED = re.compile(r"https?://(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])(?::\d+)?(/[\w./-]+)")
TASKS = '''\
"""Invoke's face of this repository: the tasks of Drydock. `invoke --list` shows them."""

from pathlib import Path

from drydock.tasks import namespace

namespace.configure({"drydock": {"root": str(Path(__file__).parent)}})

__all__ = ["namespace"]
'''
SESSIONS = '''\
"""What has to hold for the images, the same here and in CI: `nox` runs it."""

import nox


@nox.session
def audit(session: nox.Session) -> None:
    """Find what makes builds slow, images big or containers fragile."""
    session.install("drydock-toolkit")
    session.run("drydock", "audit")


@nox.session(default=False)
def images(session: nox.Session) -> None:
    """Build all images and show what they weigh."""
    session.install("drydock-toolkit")
    session.run("drydock", "build")
    session.run("drydock", "size")
'''
STATE = "*\n"  # the state folder hides itself from git
NEW: Mapping[str, str] = {"tasks.py": TASKS, "noxfile.py": SESSIONS, ".drydock/.gitignore": STATE}


def compose_file(repository: Repository) -> str:
    """The compose file to name: that with the most images of those that are complete, the highest of equals; or ""."""
    files = [one for one in repository.composefiles if one.builds and not one.is_override]
    ordered = sorted(files, key=lambda one: (-len(one.builds), one.path.count("/"), one.path))
    return ordered[0].path if ordered else ""


def probes(repository: Repository, compose: str) -> dict[str, tuple[str, ...]]:
    """The HTTP paths that the health checks of images ask for, by image."""
    file = repository.composefile(compose)
    if file is None:
        return {}
    found = {}
    for build in file.builds:
        service = file.service(build.service)
        check = service.get("healthcheck", "test") if service else None
        words = " ".join(check.words()) if check else _own_check(repository, build)
        if paths := tuple(dict.fromkeys(ASKED.findall(words))):
            found[build.service] = paths
    return found


def table(compose: str, asked: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    """The table `[tool.drydock]` that says this."""
    images = {name: {"probe": list(paths)} for name, paths in asked.items()}
    return {**({"compose": compose} if compose else {}), **({"images": images} if images else {})}


def pyproject(before: bytes | None, wanted: Mapping[str, Any]) -> bytes | None:
    """The file with the table at its end, all else as it was; None where it has one already, or there is none to add.

    Raises Misuse for a file that is no TOML, or is written in a way that takes no further table.
    """
    import tomlkit

    try:
        held = source.read("pyproject.toml", before or b"")
        known = tomllib.loads(held.text)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Misuse(f"pyproject.toml cannot be read: {error}", remedy="mend pyproject.toml") from error
    if TABLE in known.get("tool", {}):
        return None
    document = tomlkit.document()
    document["tool"] = {TABLE: dict(wanted)}
    added = tomlkit.dumps(document) if wanted else f"[tool.{TABLE}]\n"
    gap = "" if not held.text else "\n" if held.text.endswith("\n") else "\n\n"
    text = held.text + (gap + added).replace("\n", held.newline)
    try:
        fits = tomllib.loads(text) == {**known, "tool": {**known.get("tool", {}), TABLE: dict(wanted)}}
    except tomllib.TOMLDecodeError:
        fits = False
    if not fits:
        raise Misuse("pyproject.toml takes no further table", remedy=f"add by hand: {' / '.join(added.split())}")
    return Source(held.path, text, held.encoding, held.mark).data


def _own_check(repository: Repository, build: Build) -> str:
    """What the Dockerfile of an image has as its health check."""
    file = repository.buildfile(build.dockerfile)
    end = file.result(build.target) if file else None
    return end.healthcheck.text if end and end.healthcheck else ""
