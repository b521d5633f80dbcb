"""Manifests: the files that the steps of a build read from one context, and what is different between two. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum

from drydock.causes.veil import Seal
from drydock.measures import ignore
from drydock.measures.asked import EVERYTHING
from drydock.values import dataclass

WILD = re.compile(r"[*?\[\\]")


class Change(Enum):
    """What became of a file."""

    ADDED = "added"
    REMOVED = "removed"
    CONTENT = "content"
    MODE = "mode"
    KIND = "kind"
    TARGET = "target"  # of a link
    RENAMED = "renamed"


@dataclass(frozen=True)
class File:
    """One entry as BuildKit sees it: its path, kind, permissions (files only), and a hash of content or link target."""

    path: str
    kind: str
    mode: int
    hash: str


@dataclass(frozen=True)
class Difference:
    """A path and what became of it; `was` is what a renamed file was called before."""

    path: str
    change: Change
    was: str = ""


Manifest = Mapping[str, File]


def write(files: Iterable[File]) -> bytes:
    """Files as bytes, the same for the same files; paths may hold anything but NUL."""
    return "\0".join(f"{one.kind} {one.mode:o} {one.hash} {one.path}" for one in files).encode(
        "utf-8", "surrogateescape"
    )


def read(body: bytes) -> Manifest:
    """Files from bytes, by path, in their order; ValueError for what `write` has not written."""
    found = {}
    for line in body.decode("utf-8", "surrogateescape").split("\0") if body else ():
        kind, mode, digest, path = line.split(" ", 3)
        found[path] = File(path, kind, int(mode, 8), digest)
    return found


def chosen(paths: Iterable[str], wanted: Sequence[str]) -> list[str]:
    """Those of `paths` that lie at or below a wanted one, wildcards followed; "/" is all of them."""
    names = [one.strip("/") or "." for one in wanted]
    if EVERYTHING in wanted or "." in names:
        return list(paths)
    plain = {one for one in names if not WILD.search(one)}
    below = tuple(f"{one}/" for one in plain)
    wild = ignore.of(one for one in names if WILD.search(one))
    return [path for path in paths if path in plain or path.startswith(below) or _is_met(wild, path)]


def part(reads: Iterable[tuple[str, str]], context: str, files: Manifest) -> Manifest:
    """What a step that reads these (context, path) reads of one context."""
    return {path: files[path] for path in chosen(files, [path for name, path in reads if name == context])}


def seal(files: Iterable[File], seal: Seal) -> str:
    """One hash over files: the same where every one of them is."""
    return seal.of(write(files))


def differences(before: Manifest, after: Manifest) -> tuple[Difference, ...]:
    """What is different: renamed files first, then changed, added and removed ones, each by path."""
    added = [after[path] for path in sorted(after.keys() - before.keys())]
    removed = {(one.hash, one.kind): one.path for one in map(before.get, sorted(before.keys() - after.keys())) if one}
    moved = [Difference(one.path, Change.RENAMED, removed.pop(key)) for one in added if (key := _same(one)) in removed]
    taken = {one.path for one in moved} | {one.was for one in moved}
    changed = [(path, _change(before[path], after[path])) for path in sorted(before.keys() & after.keys())]
    return (
        *moved,
        *(Difference(path, change) for path, change in changed if change),
        *(Difference(one.path, Change.ADDED) for one in added if one.path not in taken),
        *(Difference(path, Change.REMOVED) for path in sorted(before.keys() - after.keys()) if path not in taken),
    )


def _same(one: File) -> tuple[str, str]:
    return (one.hash, one.kind) if one.kind == "file" else ("", one.path)


def _is_met(wild: ignore.Ignore, path: str) -> bool:
    return bool(wild.patterns) and wild.matches(path)


def _change(before: File, after: File) -> Change | None:
    if before == after:
        return None
    if before.kind != after.kind:
        return Change.KIND
    if before.hash != after.hash:
        return Change.TARGET if after.kind == "link" else Change.CONTENT
    return Change.MODE
