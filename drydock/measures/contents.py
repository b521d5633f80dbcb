"""What is in a layer: its entries, and what package managers wrote down there. Kept by diff id, never read twice.

A layer never changes, so what was read of it serves every image and repository of this machine. Of files nothing is
kept but their names and sizes, and names and versions of packages.
"""

import gzip
import json
from collections.abc import Iterable, Sequence
from dataclasses import astuple
from enum import StrEnum
from pathlib import Path
from typing import Any

from drydock import files
from drydock.config import Config
from drydock.errors import NotReady
from drydock.values import dataclass

FORMAT = 1
PACKING = 6  # gzip level: what is kept of ten thousand files takes some hundred kilobytes


class Sort(StrEnum):
    """What an entry is; `HARD` is one more name of a file of the same layer, `OTHER` a device or a pipe."""

    FILE = "f"
    FOLDER = "d"
    LINK = "l"
    HARD = "h"
    OTHER = "o"


@dataclass(frozen=True)
class Entry:
    """One entry of a layer: path from the root without a slash, bytes of a file, what a link points to.

    Whiteouts are entries whose name begins with `.wh.`, as the layer has them.
    """

    path: str
    sort: Sort
    size: int = 0
    target: str = ""


@dataclass(frozen=True)
class Record:
    """What the file at `path` tells of packages: names and versions, and the paths from the root that are theirs."""

    path: str
    packages: tuple[tuple[str, str], ...]
    paths: tuple[str, ...] = ()


@dataclass(frozen=True)
class Contents:
    """What is in one layer, in the order of its archive."""

    diff_id: str
    entries: tuple[Entry, ...]
    records: tuple[Record, ...] = ()


def recall(config: Config, diff_id: str) -> Contents | None:
    """What is in this layer, or None where it was never read here or what was kept cannot be used."""
    try:
        kept = json.loads(gzip.decompress(_file(config, diff_id).read_bytes()))
        if kept["format"] != FORMAT:
            return None
        return _read(diff_id, kept)
    except (OSError, EOFError, ValueError, TypeError, KeyError, AttributeError):
        return None


def is_kept(config: Config, diff_id: str) -> bool:
    """Whether there is something to recall, without a look into it."""
    return _file(config, diff_id).is_file()


def remember(config: Config, read: Iterable[Contents]) -> None:
    """Keep what was read. Where the home takes no writes it is read again at the next question."""
    for one in read:
        document = {
            "format": FORMAT,
            "entries": [_short(astuple(entry)) for entry in one.entries],
            "records": [astuple(record) for record in one.records],
        }
        packed = gzip.compress(json.dumps(document, separators=(",", ":")).encode(), PACKING, mtime=0)
        try:
            files.replace(_file(config, one.diff_id), packed)
        except NotReady:
            return


def _short(values: tuple[Any, ...]) -> Sequence[Any]:
    """The values without those at the end that say nothing."""
    end = len(values)
    while not values[end - 1]:
        end -= 1
    return values[:end]


def _read(diff_id: str, kept: Any) -> Contents:
    entries = tuple(Entry(path, Sort(sort), *rest) for path, sort, *rest in kept["entries"])
    records = tuple(
        Record(path, tuple((name, version) for name, version in packages), tuple(paths))
        for path, packages, paths in kept["records"]
    )
    return Contents(diff_id, entries, records)


def _file(config: Config, diff_id: str) -> Path:
    return config.home / "contents" / f"{diff_id.removeprefix('sha256:')}.json.gz"
