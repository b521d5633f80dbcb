"""What builds rested on, in the ledger: each body once by its digest, and dropped when no recent build rests on it."""

import json
import sqlite3
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

from drydock.config import Config
from drydock.measures.storage import damaged, reading
from drydock.values import dataclass

# Builds of an image and scenario whose grounds are kept, counted in grounds that differ: a build that changed nothing
# pushes none of them out. What is said of older builds stays, only what it was found from is dropped.
KEPT = 20


@dataclass(frozen=True)
class Kept:
    """What one build rested on: the digest of its grounds, bodies by digest as they are, why it ran as plain data."""

    digest: str
    bodies: Mapping[str, bytes]
    manifests: tuple[str, ...]
    why: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Earlier:
    """An earlier build that has grounds: whether it was done, else which steps (stage and line) it came through."""

    id: int
    body: bytes
    done: bool
    steps: frozenset[tuple[str, int | None]]


@dataclass(frozen=True)
class Last:
    """The last build of an image: when it began (RFC 3339, UTC), what it made, and the digest of what it rested on."""

    started: str
    digest: str | None
    grounds: str


def insert(base: sqlite3.Connection, number: int, kept: Kept) -> None:
    """Write what a build rested on, within the transaction that writes the build."""
    there = base.execute("SELECT 1 FROM bodies WHERE digest = ?", (kept.digest,)).fetchone()
    why = None if kept.why is None else json.dumps(kept.why, separators=(",", ":"))
    base.execute("INSERT INTO grounds VALUES (?, ?, ?)", (number, kept.digest, why))
    if there:
        return
    for digest, body in kept.bodies.items():
        if not base.execute("SELECT 1 FROM bodies WHERE digest = ?", (digest,)).fetchone():
            base.execute("INSERT INTO bodies VALUES (?, ?)", (digest, zlib.compress(body, 1)))
    base.executemany("INSERT OR IGNORE INTO manifests VALUES (?, ?)", [(kept.digest, one) for one in kept.manifests])
    _drop(base, number)


def earlier(config: Config, image: str, scenario: str) -> tuple[Earlier, ...]:
    """The builds of an image and scenario whose grounds are kept, newest first, one for each that differ."""
    query = """SELECT id, outcome, body FROM bodies JOIN (
        SELECT id, max(started) AS started, outcome, grounds.digest FROM builds JOIN grounds ON build_id = id
        WHERE image = ? AND scenario = ? AND grounds.digest NOT NULL
        GROUP BY grounds.digest, outcome ORDER BY 2 DESC, 1 DESC LIMIT ?)
        USING (digest) ORDER BY started DESC, id DESC"""
    steps = "SELECT stage, line FROM steps WHERE build_id = ? AND error IS NULL"
    with reading(config.ledger) as base:
        if base is None or not _has(base):
            return ()
        return tuple(
            Earlier(
                id=number,
                body=_unpacked(config, body),
                done=outcome == "done",
                steps=frozenset(base.execute(steps, (number,))) if outcome != "done" else frozenset(),
            )
            for number, outcome, body in base.execute(query, (image, scenario, 2 * KEPT))
        )


def last(config: Config, images: Iterable[str], scenario: str) -> dict[str, Last]:
    """The last build of each image that was done and whose grounds are kept, in this scenario."""
    query = (
        "SELECT started, builds.digest, grounds.digest FROM builds JOIN grounds ON build_id = id WHERE image = ?"
        " AND scenario = ? AND outcome = 'done' AND grounds.digest NOT NULL ORDER BY started DESC, id DESC LIMIT 1"
    )
    with reading(config.ledger) as base:
        if base is None or not _has(base):
            return {}
        found = {image: base.execute(query, (image, scenario)).fetchone() for image in images}
    return {image: Last(*row) for image, row in found.items() if row}


def find(config: Config, digest: str) -> bytes | None:
    """A body by its digest: grounds or a manifest; None where it was dropped."""
    with reading(config.ledger) as base:
        if base is None or not _has(base):
            return None
        found = base.execute("SELECT body FROM bodies WHERE digest = ?", (digest,)).fetchone()
    return _unpacked(config, found[0]) if found else None


def why(config: Config, number: int) -> Mapping[str, Any] | None:
    """What was found out of why a build ran what it ran; None where nothing was recorded."""
    with reading(config.ledger) as base:
        if base is None or not _has(base):
            return None
        found = base.execute("SELECT why FROM grounds WHERE build_id = ?", (number,)).fetchone()
    if not found or found[0] is None:
        return None
    try:
        told = json.loads(found[0])
    except (TypeError, ValueError) as error:
        raise damaged(config.ledger, error) from error
    if not isinstance(told, dict):
        raise damaged(config.ledger, f"no cause of build {number}")
    return told


def _drop(base: sqlite3.Connection, number: int) -> None:
    """Forget the grounds of builds beyond those that are kept, then each body that nothing names any more."""
    image, scenario = base.execute("SELECT image, scenario FROM builds WHERE id = ?", (number,)).fetchone()
    recent = (
        "SELECT grounds.digest FROM grounds JOIN builds ON id = build_id WHERE image = ? AND scenario = ?"
        " AND grounds.digest NOT NULL GROUP BY grounds.digest ORDER BY max(started) DESC, max(id) DESC LIMIT ?"
    )
    base.execute(
        "UPDATE grounds SET digest = NULL WHERE digest NOT NULL AND build_id IN"  # noqa: S608  constants only
        f" (SELECT id FROM builds WHERE image = ? AND scenario = ?) AND digest NOT IN ({recent})",
        (image, scenario, image, scenario, KEPT),
    )
    used = "SELECT digest FROM grounds WHERE digest NOT NULL"
    base.execute(f"DELETE FROM manifests WHERE grounds NOT IN ({used})")  # noqa: S608
    base.execute(f"DELETE FROM bodies WHERE digest NOT IN ({used} UNION SELECT manifest FROM manifests)")  # noqa: S608


def _has(base: sqlite3.Connection) -> bool:
    """A ledger of an older version has no such tables."""
    return base.execute("SELECT 1 FROM sqlite_master WHERE name = 'grounds'").fetchone() is not None


def _unpacked(config: Config, body: bytes) -> bytes:
    try:
        return zlib.decompress(body)
    except (TypeError, zlib.error) as error:
        raise damaged(config.ledger, error) from error
