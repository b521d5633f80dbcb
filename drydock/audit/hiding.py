"""What an ignore file may hide without taking something away that a build wants. Pure."""

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from drydock.audit.buildfile import BuildFile
from drydock.audit.context import Context
from drydock.audit.ignorefile import IgnoreFile
from drydock.audit.repository import Repository
from drydock.audit.source import Edit

ASKS_GIT = re.compile(r"\bgit\b|\.git\b|setuptools[_-]scm|versioneer|hatch-vcs|dunamai|pbr\b|git-rev|poetry-dynamic")
MANIFESTS = ("pyproject.toml", "setup.py", "setup.cfg", "package.json", "Makefile")
WILD = frozenset("*?[")


def users(repository: Repository) -> Mapping[str, tuple[BuildFile, ...]]:
    """By ignore file: the Dockerfiles for which it counts."""
    found: dict[str, tuple[BuildFile, ...]] = {}
    for one in repository.buildfiles:
        for path in {context.ignored_by for context in one.contexts}:
            found[path] = (*found.get(path, ()), one)
    return found


def named(files: Sequence[BuildFile]) -> Iterator[str]:
    """What Dockerfiles take out of their context: sources of COPY and ADD, and of bind mounts."""
    for file in files:
        for spot in file.spots("COPY", "ADD", "RUN"):
            yield from spot.context_sources
            if spot.one.keyword == "RUN":
                yield from (
                    posixpath.normpath(mount.get("source", mount.get("src", ".")).lstrip("/") or ".")
                    for mount in spot.one.mounts()
                    if mount["type"] == "bind" and "from" not in mount
                )


def is_wanted(name: str, sources: Sequence[str]) -> bool:
    """Whether a source names this file or folder (a name or a pattern of names), or something in it."""
    for source in sources:
        for part in source.split("/"):
            if part not in ("", ".", "*", "**") and (fnmatchcase(part, name) or _may_mean(part, name)):
                return True
    return False


def _may_mean(part: str, name: str) -> bool:
    return bool(WILD & set(part)) and fnmatchcase(name.replace("*", "x"), part) and part not in ("*", "**")


def asks_git(context: Context, files: Sequence[BuildFile]) -> bool:
    """Whether a build may want its history."""
    texts = [file.source.text for file in files]
    texts += [text.text for name in MANIFESTS if (text := context.read(name))]
    return any(ASKS_GIT.search(text) for text in texts)


def is_unversioned(repository: Repository, path: str) -> bool:
    """Whether git ignores a path, by the `.gitignore` at the root or in a folder above it."""
    folder, verdict = path, False
    while folder:
        folder = posixpath.dirname(folder)
        text = repository.read(posixpath.join(folder, ".gitignore"))
        inside = path[len(folder) + 1 :] if folder else path
        for line in (words.strip() for words in text.text.splitlines()) if text else ():
            if line and line[0] not in "#!":
                verdict = verdict or _git_matches(line.rstrip("/"), inside)
            elif line.startswith("!") and _git_matches(line[1:].rstrip("/"), inside):
                return False
    return verdict


def _git_matches(line: str, inside: str) -> bool:
    line = line.removeprefix("**/")
    if "/" in line:
        return inside == line.lstrip("/") or inside.startswith(line.lstrip("/") + "/")
    return any(fnmatchcase(part, line) for part in inside.split("/"))


def add(file: IgnoreFile, lines: Sequence[str]) -> Edit:
    """The edit that adds lines: at the end, or before everything where lines take something back in."""
    text = file.source.text
    if any(pattern.back for _, _, pattern in file.lines):
        return Edit(0, 0, "".join(f"{line}\n" for line in lines))
    start = "" if not text or text.endswith("\n") else "\n"
    return Edit(len(text), len(text), start + "".join(f"{line}\n" for line in lines))
