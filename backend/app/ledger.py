"""The ledger, read only: the one module that knows its tables."""

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

VERSIONS = (1, 2, 3, 4)  # of the schema, kept in the file as SQLite's user_version; what is read here is alike in all
PATIENCE_SECONDS = 1.0  # a writer holds the lock for milliseconds; longer means it is stuck

COLUMNS = """builds.id, image, tag, started, commit_id AS "commit", dirty, platform, scenario, engine, store, bases,
    standin, outcome, seconds, steps, cached, context_bytes, pull_bytes, disk_bytes, layers, digest"""


class Unreadable(Exception):
    """The ledger is there and cannot be read now; the message says why. `passing` is true where a retry may help."""

    def __init__(self, message: str, *, passing: bool = False) -> None:
        super().__init__(message)
        self.passing = passing


class State(StrEnum):
    """How the ledger was found."""

    READY = "ready"
    EMPTY = "empty"
    MISSING = "missing"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Build:
    """One build as it was measured. Sizes are bytes and times are seconds; None is what a failed build has not."""

    id: int
    image: str
    tag: str
    started: str
    commit: str | None
    dirty: bool
    platform: str
    scenario: str
    engine: str
    store: str
    bases: list[dict[str, Any]]
    standin: bool
    outcome: str
    seconds: float
    steps: int
    cached: int
    context_bytes: int
    pull_bytes: int | None
    disk_bytes: int | None
    layers: int | None
    digest: str | None


@dataclass(frozen=True)
class Image:
    """One image: its name, how many of its builds were measured, and what the ordinary ones among them came to.

    `latest` is the newest ordinary build that was done; `failed` the newest of all ordinary ones, if that failed. At
    least one of them is there. Ordinary is neither a test target nor development nor a benchmark.
    """

    name: str
    builds: int
    latest: Build | None
    failed: Build | None


def state(path: Path) -> State:
    """Whether the ledger can be read, and holds anything."""
    try:
        rows = _rows(path, "SELECT 1 FROM builds LIMIT 1")
    except Unreadable:
        return State.UNREADABLE
    if rows is None:
        return State.MISSING
    return State.READY if rows else State.EMPTY


def builds(path: Path, *, image: str | None, limit: int) -> list[Build]:
    """The newest `limit` builds, of one image or of all, newest first; none where there is no ledger yet."""
    where, values = ("", [limit]) if image is None else ("WHERE image = ?", [image, limit])
    # Only constants are put together here: what was asked for goes in as a value.
    rows = _rows(path, f"SELECT {COLUMNS} FROM builds {where} ORDER BY started DESC, builds.id DESC LIMIT ?", values)  # noqa: S608
    return [_build(row) for row in rows or ()]


def images(path: Path) -> list[Image]:
    """Every image that had an ordinary build, by name."""
    newest = "OVER (PARTITION BY image, {} ORDER BY started DESC, id DESC)"
    ordered = f"""SELECT *, count(*) OVER (PARTITION BY image) AS counted,
        row_number() {newest.format("scenario = 'build'")} AS nth,
        row_number() {newest.format("scenario = 'build', outcome = 'done'")} AS nth_alike FROM builds"""  # noqa: S608  constants
    sql = f"""SELECT counted, {COLUMNS} FROM ({ordered}) AS builds
        WHERE scenario = 'build' AND (nth = 1 OR (nth_alike = 1 AND outcome = 'done')) ORDER BY image"""  # noqa: S608
    counts: dict[str, int] = {}
    ordinary: dict[tuple[str, bool], Build] = {}
    for row in _rows(path, sql) or ():
        build = _build(row)
        counts[build.image] = row["counted"]
        ordinary[build.image, build.outcome == "done"] = build
    return [Image(name, n, ordinary.get((name, True)), ordinary.get((name, False))) for name, n in counts.items()]


def _rows(path: Path, sql: str, values: list[Any] | None = None) -> list[sqlite3.Row] | None:
    """What a query gives in one read transaction of its own, or None where there is no file.

    The file is opened read only, so no query can ever change a measurement or leave a journal beside it.
    """
    try:
        path.stat()
        with closing(sqlite3.connect(_address(path), uri=True, timeout=PATIENCE_SECONDS, isolation_level=None)) as db:
            db.row_factory = sqlite3.Row
            db.execute("BEGIN")
            return db.execute(sql, values or []).fetchall() if _is_written(db) else []
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Unreadable(f"the ledger cannot be opened: {error.strerror}") from error
    except sqlite3.DatabaseError as error:
        why, passing = _reason(error)
        raise Unreadable(f"the ledger cannot be read: {why}", passing=passing) from error


def _reason(error: sqlite3.DatabaseError) -> tuple[str, bool]:
    """Why SQLite gave up, and whether asking again may help. Errors of Python's own layer carry no code."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    if code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return "a writer holds its lock", True
    if code == sqlite3.SQLITE_READONLY_ROLLBACK:
        return "a writer was interrupted; the next build mends it", False
    return f"it is damaged or no ledger ({error})", False


def _address(path: Path) -> str:
    return path.absolute().as_uri() + "?mode=ro"


def _is_written(db: sqlite3.Connection) -> bool:
    """False for a file without tables, which a writer may be about to fill; a schema we do not know is refused."""
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version in VERSIONS:
        return True
    if version == 0 and db.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is None:
        return False
    raise Unreadable(f"the ledger has schema {version}, this service reads schema {VERSIONS[-1]}")


def _build(row: sqlite3.Row) -> Build:
    values = {name: row[name] for name in Build.__dataclass_fields__}
    values |= {"bases": _bases(row), "dirty": bool(row["dirty"]), "standin": bool(row["standin"])}
    return Build(**values)


def _bases(row: sqlite3.Row) -> list[dict[str, Any]]:
    try:
        bases = json.loads(row["bases"])
    except (TypeError, ValueError):
        bases = None
    if not isinstance(bases, list):
        raise Unreadable(f"the ledger cannot be read: the bases of build {row['id']} are no JSON list")
    return bases
