"""What a build context holds: the files its ignore file leaves visible, found in one walk that follows no link."""

import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from pathlib import Path

from drydock.errors import Misuse
from drydock.measures import ignore
from drydock.measures.ignore import Ignore, State
from drydock.values import dataclass


class Kind(Enum):
    """What an entry is."""

    FILE = "file"
    FOLDER = "folder"
    LINK = "link"
    OTHER = "other"  # a socket, a pipe, a device: told to the engine, without content


@dataclass(frozen=True)
class Entry:
    """One entry: its path below the context, bytes of content, what a link says, and the file behind several names.

    `kept` is False for a folder that is left out itself and was entered since a `!` line may reach below. `mode` and
    `modified` (nanoseconds) are as on disk, and so is `stamp`: time of change (nanoseconds) and inode.
    """

    path: str
    kind: Kind
    size: int = 0
    target: str = ""
    shared: int = 0
    mode: int = 0
    modified: int = 0
    kept: bool = True
    stamp: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Tree:
    """The visible entries of a context in the engine's order, and sentences on what could not be read or sent."""

    root: Path
    entries: tuple[Entry, ...]
    notes: tuple[str, ...] = ()


def ignore_file(context: Path, dockerfile: Path | None) -> Path | None:
    """The ignore file that counts: the one named after the Dockerfile, else the one at the root of the context."""
    named = [dockerfile.with_name(f"{dockerfile.name}.dockerignore")] if dockerfile else []
    return next((path for path in (*named, context / ".dockerignore") if path.is_file()), None)


def rules(path: Path | None) -> Ignore:
    """What an ignore file says; nothing is ignored where there is none. Misuse for one that cannot be read."""
    if path is None:
        return Ignore()
    try:
        return ignore.parse(path.read_text(encoding="utf-8", errors="surrogateescape"), str(path))
    except OSError as error:
        raise Misuse(f"{path} cannot be read: {error.strerror}", remedy=f"make {path.name} readable") from error


def walk(root: Path, rules: Ignore) -> Tree:
    """Every entry that the rules leave visible. Folders left out are not entered unless a `!` line may reach below."""
    notes: list[str] = []
    found = tuple(_below(root, rules, notes))
    return Tree(root, chosen(found, (one for one in found if one.kept)), tuple(notes))


def chosen(entries: Iterable[Entry], wanted: Iterable[Entry]) -> tuple[Entry, ...]:
    """The wanted ones among `entries`, in their order, with the folders they lie in."""
    paths = set()
    for entry in wanted:
        path = entry.path
        while path and path not in paths:
            paths.add(path)
            path = path.rpartition("/")[0]
    return tuple(entry for entry in entries if entry.path in paths)


def asked(tree: Tree, paths: Iterable[str] | None) -> tuple[Entry, ...]:
    """The entries that the engine is sent where a build asks for `paths` (links followed); None asks for all."""
    if paths is None:
        return tree.entries
    wanted, states, only = [], dict[str, State](), ignore.of(paths)
    for entry in tree.entries:
        matched, state = only.judge(entry.path, states.get(entry.path.rpartition("/")[0]))
        if entry.kind is Kind.FOLDER:
            states[entry.path] = state
        if matched and entry.kept:
            wanted.append(entry)
    return chosen(tree.entries, wanted)


def files(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The files among entries."""
    return tuple(entry for entry in entries if entry.kind is Kind.FILE)


def _below(root: Path, rules: Ignore, notes: list[str]) -> Iterator[Entry]:
    """A stack instead of recursion: no tree is too deep."""
    stack = [_listed(root, "", None, notes)]
    while stack:
        try:
            item, path, above = next(stack[-1])
        except StopIteration:
            stack.pop()
            continue
        left_out, state = rules.judge(path, above)
        is_folder = item.is_dir(follow_symlinks=False)
        if left_out and not (is_folder and rules.takes_back_below(path)):
            continue
        if (entry := _entry(item, path, not left_out, notes)) is not None:
            yield entry
        if is_folder:
            stack.append(_listed(root, path, state, notes))


def _listed(root: Path, folder: str, state: State, notes: list[str]) -> Iterator[tuple["os.DirEntry[str]", str, State]]:
    try:
        with os.scandir(root / folder) as found:
            items = sorted(found, key=lambda item: item.name)
    except OSError as error:
        notes.append(f"{shown(folder or '.')}: {error.strerror}, so a build fails where it asks for it")
        return
    for item in items:
        yield item, f"{folder}/{item.name}" if folder else item.name, state


def _entry(item: "os.DirEntry[str]", path: str, kept: bool, notes: list[str]) -> Entry | None:
    try:
        info = item.stat(follow_symlinks=False)
        target = os.readlink(item.path) if item.is_symlink() else ""  # noqa: PTH115 - as written
    except OSError as error:
        notes.append(f"{shown(path)}: {error.strerror}")
        return None
    kinds: Mapping[int, Kind] = {stat.S_IFREG: Kind.FILE, stat.S_IFDIR: Kind.FOLDER, stat.S_IFLNK: Kind.LINK}
    kind = kinds.get(stat.S_IFMT(info.st_mode), Kind.OTHER)
    if kind is Kind.OTHER:
        notes.append(
            f"{shown(path)}: a {'socket' if stat.S_ISSOCK(info.st_mode) else 'pipe or device'}, which has no content"
        )
    elif kind is Kind.FILE and not os.access(item.path, os.R_OK):
        notes.append(f"{shown(path)}: cannot be read, so a build fails where it asks for it")
    size = 0 if kind in (Kind.FOLDER, Kind.OTHER) else info.st_size
    shared = info.st_ino if kind is Kind.FILE and info.st_nlink > 1 else 0
    stamp = info.st_ctime_ns, info.st_ino
    return Entry(path, kind, size, target, shared, info.st_mode, info.st_mtime_ns, kept, stamp)


def shown(path: str) -> str:
    """A path as it can be printed: what is no character, or would move the cursor, is written out."""
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in path)
