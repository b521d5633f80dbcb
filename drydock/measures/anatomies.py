"""What images are made of, in the ledger: stored once for each digest, so that nobody has to ask an engine again."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any

from drydock.config import Config
from drydock.measures.anatomy import Anatomy, Kind, Part, Share
from drydock.measures.layers import Layer
from drydock.measures.schema import WEIGHTS_SINCE
from drydock.measures.storage import damaged, reading, version

LAYER = tuple(field.name for field in fields(Share))
PART = tuple(field.name for field in fields(Part))


def insert(base: sqlite3.Connection, digest: str, anatomy: Anatomy) -> None:
    """Write what the image of this digest is made of, in place of what is there, within a transaction of the caller."""
    for table in ("images", "image_layers", "image_parts"):
        base.execute(f"DELETE FROM {table} WHERE digest = ?", (digest,))  # noqa: S608  names only
    base.execute("INSERT INTO images (digest, wasted_bytes) VALUES (?, ?)", (digest, anatomy.wasted_bytes))
    for table, names, rows in (("image_layers", LAYER, anatomy.layers), ("image_parts", PART, anatomy.parts)):
        marks = ", ".join("?" * (len(names) + 2))
        base.executemany(
            f"INSERT INTO {table} (digest, position, {', '.join(names)}) VALUES ({marks})",  # noqa: S608  names only
            [(digest, i, *(getattr(row, name) for name in names)) for i, row in enumerate(rows)],
        )


def find(config: Config, digest: str | None) -> Anatomy | None:
    """What the image of this digest is made of, or None where that was never stored."""
    with reading(config.ledger) as base:
        if base is None or version(base, config.ledger) < WEIGHTS_SINCE:
            return None
        head = base.execute("SELECT wasted_bytes FROM images WHERE digest = ?", (digest,)).fetchone()
        if head is None:
            return None
        shares = [Share(**{**row, "base": bool(row["base"])}) for row in _rows(base, "image_layers", LAYER, digest)]
        try:
            parts = [_part(row) for row in _rows(base, "image_parts", PART, digest)]
        except ValueError as error:
            raise damaged(config.ledger, error) from error
        return Anatomy(tuple(shares), tuple(parts), head[0])


def _part(row: dict[str, Any]) -> Part:
    return Part(**{**row, "kind": Kind(row["kind"]), "base": bool(row["base"])})


def weights(config: Config, digests: Iterable[str]) -> dict[str, dict[str, Layer]]:
    """What the layers of those of the images that are stored weigh, as a build took it: by digest, then by diff id."""
    wanted = sorted(set(digests))
    marks = ", ".join("?" * len(wanted))
    query = f"SELECT digest, diff_id, disk_bytes, pull_bytes FROM image_layers WHERE digest IN ({marks})"  # noqa: S608
    found: dict[str, dict[str, Layer]] = {}
    with reading(config.ledger) as base:
        if base is None or version(base, config.ledger) < WEIGHTS_SINCE:
            return {}
        for digest, *row in base.execute(query, wanted):
            found.setdefault(digest, {})[row[0]] = Layer(*row)
    return found


def _rows(base: sqlite3.Connection, table: str, names: Sequence[str], digest: str | None) -> list[dict[str, Any]]:
    query = f"SELECT {', '.join(names)} FROM {table} WHERE digest = ? ORDER BY position"  # noqa: S608  names only
    return [dict(zip(names, row, strict=True)) for row in base.execute(query, (digest,))]
