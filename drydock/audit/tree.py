"""The files of a repository: names found in one walk that follows no link, contents read when they are asked for."""

import os
from collections.abc import Callable, Mapping
from dataclasses import field, replace
from functools import cached_property
from pathlib import Path

from drydock.measures.advice import PRODUCTS
from drydock.values import dataclass

LARGEST = 1_000_000  # bytes of a file that is read
MOST = 500_000  # entries that are walked
CLOSED = frozenset(PRODUCTS) - {"Dockerfile", ".dockerignore"}  # made by tools: seen, never entered


@dataclass(frozen=True)
class Tree:
    """Paths below the root, with "/" between: sizes of files in bytes, folders, links; `load` reads a file.

    `held` remembers what was read, in all versions of a tree: a file that others write meanwhile stays one text.
    `is_cut` says that there is more than MOST, left out here.
    `changed` holds texts in place of what is on disk, so that a fix can be judged before it is written.
    """

    files: Mapping[str, int]
    folders: frozenset[str]
    links: frozenset[str]
    load: Callable[[str], bytes]
    changed: Mapping[str, bytes] = field(default_factory=dict)
    is_cut: bool = False
    held: dict[str, bytes] = field(default_factory=dict, repr=False, compare=False)

    def read(self, path: str) -> bytes:
        """The bytes of a file; OSError where it cannot be read or is larger than LARGEST."""
        if path in self.changed:
            return self.changed[path]
        if self.files.get(path, 0) > LARGEST:
            raise OSError(f"larger than {LARGEST // 1000} kB")
        if path not in self.held:
            self.held[path] = self.load(path)
        return self.held[path]

    def with_changed(self, contents: Mapping[str, bytes]) -> "Tree":
        """The same tree with other contents for some files, or with new ones."""
        sizes = {path: len(data) for path, data in contents.items()}
        return replace(self, files={**self.files, **sizes}, changed={**self.changed, **contents})

    def has(self, path: str) -> bool:
        """Whether there is anything at that path."""
        return path in self.files or path in self.folders or path in self.links

    def below(self, folder: str) -> tuple[str, ...]:
        """Everything below a folder ("" is the root), sorted."""
        from bisect import bisect_left

        if not folder:
            return self._sorted
        first = bisect_left(self._sorted, f"{folder}/")
        last = bisect_left(self._sorted, f"{folder}0")  # the sign after the slash
        return self._sorted[first:last]

    @cached_property
    def _sorted(self) -> tuple[str, ...]:
        return tuple(sorted((*self.files, *self.folders, *self.links)))


def of(contents: Mapping[str, str | bytes]) -> Tree:
    """A tree that is on no disk."""
    held = {path: text.encode() if isinstance(text, str) else text for path, text in contents.items()}
    folders = {path.rsplit("/", depth)[0] for path in held for depth in range(1, path.count("/") + 1)}
    return Tree({path: len(data) for path, data in held.items()}, frozenset(folders), frozenset(), held.__getitem__)


def walk(root: Path) -> Tree:
    """Everything below `root`; what tools make is seen but not entered, links are not followed."""
    files, folders, links = dict[str, int](), set[str](), set[str]()
    waiting = [""]
    while waiting and len(files) + len(folders) < MOST:
        folder = waiting.pop()
        for item in _listed(root / folder):
            path = f"{folder}/{item.name}" if folder else item.name
            try:
                if item.is_symlink():
                    links.add(path)
                elif item.is_dir(follow_symlinks=False):
                    folders.add(path)
                    waiting += [path] if item.name not in CLOSED else []
                elif item.is_file(follow_symlinks=False):
                    files[path] = item.stat(follow_symlinks=False).st_size
            except OSError:
                continue  # gone since it was listed
    found = frozenset(folders), frozenset(links)
    return Tree(files, *found, lambda path: (root / path).read_bytes(), is_cut=bool(waiting))


def _listed(folder: Path) -> list["os.DirEntry[str]"]:
    try:
        with os.scandir(folder) as found:
            return list(found)
    except OSError:
        return []
