"""Hashes of what files hold, remembered for as long as the file system says that nothing was written to them."""

import hashlib
import json
import os
import stat
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import field
from pathlib import Path
from typing import Any

from drydock import files
from drydock.causes.manifest import File
from drydock.causes.veil import Seal
from drydock.errors import NotReady
from drydock.measures.inputs import Entry, Kind, Tree
from drydock.values import dataclass

VERSION = 1
BLOCK = 1 << 20
# A file written within this time of being read may be written once more with the same stamp, as coarse as file
# systems keep them: its hash is used and not remembered. git knows such files as racily clean.
RACY_NANOSECONDS = 2_000_000_000

Known = dict[str, list[Any]]  # by path: size, modified, changed, inode, hash


@dataclass
class Hashes:
    """The hashes known of each folder, made with one key; `is_new` once there is something to keep.

    `seen` are the paths of each folder that was read: what else is known of it is gone.
    """

    seal: Seal
    folders: dict[str, Known] = field(default_factory=dict)
    seen: dict[str, set[str]] = field(default_factory=dict)
    is_new: bool = False
    unread: list[str] = field(default_factory=list)

    def read(self, tree: Tree, entries: Iterable[Entry]) -> list[File]:
        """The entries of a tree as BuildKit sees them, in their order; `unread` tells of files that cannot be read."""
        known = self.folders.setdefault(str(tree.root), {})
        self.seen.setdefault(str(tree.root), set()).update(one.path for one in tree.entries)
        return [self._file(tree.root, entry, known) for entry in entries]

    def forget(self) -> None:
        """Drop what is known of files and folders that are gone."""
        for folder, paths in self.seen.items():
            for path in self.folders[folder].keys() - paths:
                del self.folders[folder][path]
                self.is_new = True
        for folder in [one for one in self.folders if one not in self.seen and not Path(one).is_dir()]:
            del self.folders[folder]
            self.is_new = True

    def _file(self, root: Path, entry: Entry, known: Known) -> File:
        if entry.kind is not Kind.FILE:
            # BuildKit takes no notice of a folder whose mode alone is other, nor of any link's.
            return File(entry.path, entry.kind.value, 0, self.seal.of(entry.target) if entry.target else "-")
        mode, marks = stat.S_IMODE(entry.mode), [entry.size, entry.modified, *entry.stamp]
        had = known.get(entry.path)
        if had and had[:4] == marks:
            return File(entry.path, entry.kind.value, mode, had[4])
        self.is_new = known.pop(entry.path, None) is not None or self.is_new
        now = time.time_ns()
        try:
            digest = self._hash(root / entry.path)
        except OSError as error:
            self.unread.append(f"{entry.path}: {error.strerror}")
            return File(entry.path, entry.kind.value, mode, "?")
        if max(entry.modified, entry.stamp[0]) < now - RACY_NANOSECONDS:
            known[entry.path] = [*marks, digest]
            self.is_new = True
        return File(entry.path, entry.kind.value, mode, digest)

    def _hash(self, path: Path) -> str:
        digest = hashlib.blake2b(digest_size=16, key=self.seal.key)
        with path.open("rb", buffering=0) as stream:
            while block := stream.read(BLOCK):
                digest.update(block)
        return digest.hexdigest()


def load(path: Path, seal: Seal) -> Hashes:
    """What was kept, or nothing where it is not to be used: missing, broken, or made with another key."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8", errors="surrogatepass"))
        if kept["version"] == VERSION and kept["key"] == seal.name:
            return Hashes(seal, {folder: dict(known) for folder, known in kept["folders"].items()})
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        pass
    return Hashes(seal)


def save(path: Path, known: Hashes) -> None:
    """Keep what is new, for the owner alone. What cannot be kept is found again."""
    known.forget()
    if not known.is_new:
        return
    document = {"version": VERSION, "key": known.seal.name, "folders": known.folders}
    with suppress(NotReady, OSError):
        if not path.exists():
            path.touch(mode=0o600)
        files.replace(path, json.dumps(document, separators=(",", ":")))


def key(path: Path) -> Seal:
    """The key of this repository, made once, readable by its owner alone; NotReady where it cannot be kept."""
    try:
        found = _held(path)
        if found is None:
            path.parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileExistsError):  # another build was first
                _make(path)
            found = _held(path)
    except OSError as error:
        raise NotReady(f"{path} cannot be used: {error.strerror}", remedy=f"make {path.parent} writable") from error
    if found is None:
        raise NotReady(f"{path} holds no key", remedy=f"rm {path}")
    return Seal(found)


def _held(path: Path) -> bytes | None:
    try:
        found = path.read_bytes()
    except FileNotFoundError:
        return None
    return found if len(found) == 32 else None


def _make(path: Path) -> None:
    """Whole or not at all, and never over a key that is there."""
    import secrets  # once in the life of a repository

    made = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    binary = getattr(os, "O_BINARY", 0)  # else Windows would take a byte of the key for the end of a line
    handle = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL | binary, 0o600)
    try:
        os.write(handle, secrets.token_bytes(32))
        os.close(handle)
        os.link(made, path)
    finally:
        made.unlink(missing_ok=True)
