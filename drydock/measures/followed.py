"""Paths that a build asks for, with the links on the way: BuildKit sends a link and what it leads to."""

import os
import posixpath
import re
from collections.abc import Iterable
from pathlib import Path

from drydock.measures import ignore

WILD = re.compile(r"[*?\[\\]")
LIMIT = 10_000  # links that lead to ever longer paths end here


def follow(root: Path, paths: Iterable[str]) -> tuple[str, ...] | None:
    """The paths below the context that are asked for, links followed within it; None where that is all of it."""
    found: dict[str, None] = {}
    waiting = [path.strip("/") for path in paths]
    while waiting and len(found) < LIMIT:
        path = waiting.pop()
        current, rest = "", path or "."
        while rest:
            part, _, rest = rest.partition("/")
            current = posixpath.normpath(posixpath.join(current, part))
            targets = _targets(root, current)
            if (not rest or targets) and current in found:
                break
            if targets or not rest:
                found[current] = None
            if targets:
                waiting += [posixpath.normpath("/" + posixpath.join(one, rest)).strip("/") for one in targets]
                break
    return None if "." in found else tuple(sorted(found))


def _targets(root: Path, path: str) -> list[str]:
    """Where the link at a path leads, from the root of the context; with a wildcard, where all that match lead."""
    folder, _, name = path.rpartition("/")
    if not WILD.search(name):
        return _target(root, path)
    try:
        names = sorted(item.name for item in (root / folder).iterdir())
        wanted = ignore.pattern(name)
    except (OSError, ValueError, re.error):
        return []
    return [
        target for one in names if wanted.regex.fullmatch(one) for target in _target(root, posixpath.join(folder, one))
    ]


def _target(root: Path, path: str) -> list[str]:
    try:
        link = os.readlink(root / path)  # noqa: PTH115 - as written, which Path would tidy
    except (OSError, ValueError):
        return []
    return [posixpath.normpath(posixpath.join("/", posixpath.dirname(path), link)).lstrip("/")]
