"""The files of an application: what COPY took from the context, found again in the image by its content. Pure."""

import hashlib
import re
import tarfile
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import IO

from drydock.proofs.settings import Difference
from drydock.values import dataclass

CHUNK = 1 << 16  # bytes: at each header tarfile copies what it has read ahead
FOREIGN = re.compile(  # packages have their own comparison; the rest is what the kernel and tools leave
    r"(?:^|/)(?:site-packages|dist-packages|node_modules|__pycache__|\.git|\.cache|\.npm)/|^(?:proc|sys|dev|tmp|var/(?:lib|cache|log)|usr/(?:lib|share|include))/"
)

Digests = Mapping[str, str]


@dataclass(frozen=True)
class Context:
    """What a build could copy: digests of the files below the context by path, and which of them the build can see."""

    digests: Digests
    visible: frozenset[str]

    @property
    def by_content(self) -> Mapping[str, frozenset[str]]:
        """The paths of each content."""
        found = dict[str, set[str]]()
        for path, digest in self.digests.items():
            found.setdefault(digest, set()).add(path)
        return {digest: frozenset(paths) for digest, paths in found.items()}


def digests(root: Path, paths: Collection[str]) -> Digests:
    """The SHA-256 of files below a folder, by path; what cannot be read, or is empty, is left out."""
    found = {}
    for path in paths:
        try:
            with (root / path).open("rb") as stream:
                digest = _digest(stream)
        except OSError:
            continue
        if digest:
            found[path] = digest
    return found


def shipped(archive: IO[bytes], sizes: Collection[int]) -> dict[str, str]:
    """The SHA-256 of the files of an exported container that may come from the context: they have one of `sizes`."""
    found = {}
    with tarfile.open(fileobj=archive, mode="r|", bufsize=CHUNK) as members:
        for member in members:
            if member.isreg() and member.size in sizes and not FOREIGN.search(member.name):
                stream = members.extractfile(member)
                if stream and (digest := _digest(stream)):
                    found[member.name] = digest
    return found


def compare(
    before: Digests, after: Digests, was: Context, now: Context, changed: Collection[str]
) -> tuple[Difference, ...]:
    """What became of the files that were copied; `changed` are paths of the context that the fixes write.

    A file that the build no longer sees is told as a hidden file.
    """
    known, found = was.by_content, []
    for path, digest in sorted(before.items()):
        sources = known.get(digest, frozenset())
        if not sources or sources <= set(changed) or after.get(path) == digest:
            continue
        hidden = not sources & now.visible
        what = "another" if path in after else "missing"
        found.append(Difference(f"{'hidden file' if hidden else 'file'} /{path}", "copied", what))
    return tuple(found)


def _digest(stream: IO[bytes]) -> str:
    """The digest of what a stream holds; empty for nothing at all, of which every image has many."""
    digest, size = hashlib.sha256(), 0
    while data := stream.read(CHUNK):
        digest.update(data)
        size += len(data)
    return digest.hexdigest() if size else ""
