"""Where things are written: room on each file system, whether it takes writes, and the records of the repository."""

import os
import shlex
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from drydock.checks import Verdict, fail, ok, warn
from drydock.text import human_bytes
from drydock.values import dataclass

LOW_DISK = 5_000_000_000
NO_DISK = 1_000_000_000
FEW_BYTES = 20_000_000  # where no images are kept
FEW_FILES = 2_000


@dataclass(frozen=True)
class Space:
    """A file system, named after a folder on it and what is kept there.

    `free` is in bytes, `files` how many more fit (None: no limit), `sealed` that it takes no writes, `images` that
    images are kept there, which take more.
    """

    what: str
    folder: str
    free: int
    files: int | None = None
    sealed: bool = False
    images: bool = False


def spaces(places: Iterable[tuple[str, Path, bool]]) -> Iterator[Space]:
    """Each file system once, named after the first of (what, folder, images) that lies on it."""
    seen = set[int]()
    for what, folder, images in places:
        there = next(path for path in (folder, *folder.parents) if path.exists())
        if (device := there.stat().st_dev) in seen:
            continue
        seen.add(device)
        if not hasattr(os, "statvfs"):  # Windows
            import shutil

            yield Space(what, str(there), shutil.disk_usage(there).free, images=images)
            continue
        told = os.statvfs(there)
        files = told.f_favail if told.f_files else None
        sealed = bool(told.f_flag & os.ST_RDONLY)
        yield Space(what, str(there), told.f_bavail * told.f_frsize, files, sealed, images)


def disk(found: Sequence[Space]) -> Verdict:
    """Whether everything that is written finds room."""
    for one in found:
        if one.sealed:
            remedy = f"mount -o remount,rw {shlex.quote(one.folder)}, and see in dmesg what sealed it"
            return fail("disk", f"{one.folder}, for {one.what}, is on a file system that takes no writes", remedy)
    for one in found:
        seen = f"{human_bytes(one.free)} free in {one.folder}, for {one.what}"
        remedy = "inv cache --prune, or free some space" if one.images else f"free some space in {one.folder}"
        if one.free < (NO_DISK if one.images else FEW_BYTES):
            return fail("disk", f"{seen}; a build needs more", remedy)
        if one.files is not None and one.files < FEW_FILES:
            return fail("disk", f"{one.folder}, for {one.what}, has room for {one.files} more files only", remedy)
    for one in found:
        if one.images and one.free < LOW_DISK:
            remedy = "inv cache --prune, or free some space"
            return warn("disk", f"{human_bytes(one.free)} free in {one.folder}, for {one.what}", remedy)
    return ok("disk", ", ".join(f"{human_bytes(one.free)} free in {one.folder}" for one in found[:1]) or "not known")


def home(folder: Path, *, writable: bool) -> Verdict:
    """The user's own state: the private engine, stand-ins, what was found out."""
    if writable:
        return ok("home", str(folder))
    return fail("home", f"{folder} cannot be written", "name another folder in DRYDOCK_HOME", rests=("disk",))


def ledger(path: Path, problem: str, remedy: str) -> Verdict:
    """The records of the repository: `problem` is what a write would end with."""
    if problem:
        return fail("ledger", problem, remedy, rests=("disk",))
    return ok("ledger", "can be written" if path.exists() else "there is none yet; the first build makes it")
