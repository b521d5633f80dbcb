"""Measurements in SQLite: append, read, compare. Rollback journal, so a read-only mount can be read."""

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import fields
from pathlib import Path
from statistics import median
from typing import Any

from drydock.config import Config
from drydock.errors import Misuse, NotReady, Problem
from drydock.measures.build import Build, Step
from drydock.measures.layers import Layer, recall, remember
from drydock.measures.schema import SCHEMA, SCHEMA_VERSION

BUSY_SECONDS = 30.0
RECENT = 20  # builds of an image in which something ran say what its next one will take
DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


COLUMNS = tuple(field.name for field in fields(Build) if field.name not in ("detail", "id"))
STORED = tuple("commit_id" if name == "commit" else name for name in COLUMNS)


def check(config: Config) -> None:
    """Raise now what a write would raise later: a damaged ledger, a newer one, a folder that takes no writes."""
    path = config.ledger
    with _explained(path):
        if path.exists():
            with closing(sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)) as base:
                base.execute("BEGIN IMMEDIATE")
                _version(base, path)
                base.execute("ROLLBACK")
            return
        folder = path.parent if path.parent.exists() else config.root
        if not os.access(folder, os.W_OK):
            raise NotReady(f"{folder} cannot be written", remedy=f"make {folder} writable")


def append(config: Config, builds: Sequence[Build], weighed: Iterable[Layer] = ()) -> None:
    """Write builds with their steps, and layers that were weighed, in one transaction: all of it is kept or nothing."""
    fresh = tuple(weighed)
    with _writing(config.ledger) as base:
        for build in builds:
            _insert(base, build)
        base.executemany(
            "INSERT OR IGNORE INTO layers VALUES (?, ?, ?)",
            [(layer.diff_id, layer.disk_bytes, layer.pull_bytes) for layer in fresh],
        )
    remember(config, fresh)


def latest(config: Config, image: str, *, scenario: str = "build") -> Build | None:
    """The last build of an image that was done, without its steps."""
    rows = _select(config, "image = ? AND scenario = ? AND outcome = 'done'", (image, scenario), 1)
    return rows[0] if rows else None


def recent(config: Config, *, image: str = "", limit: int = 20) -> tuple[Build, ...]:
    """The last builds, newest first, done or failed, of one image or of all, without their steps."""
    return _select(config, "image = ?", (image,), limit) if image else _select(config, "1", (), limit)


def steps(config: Config, build: Build) -> tuple[Step, ...]:
    """The steps of a build read from the ledger."""
    query = (
        "SELECT stage, instruction, line, started, seconds, cached, bytes, error FROM steps"
        " WHERE build_id = ? ORDER BY position"
    )
    with _reading(config.ledger) as base:
        rows = base.execute(query, (build.id,)).fetchall() if base else []
    return tuple(
        Step(build.image, stage, instruction, line, started, seconds, bool(cached), size, error)
        for stage, instruction, line, started, seconds, cached, size, error in rows
    )


def expected(config: Config, images: Iterable[str], *, scenario: str = "build") -> dict[tuple[str, str, str], float]:
    """Median seconds of each step that ran in the last builds, by image, stage and instruction.

    Ordinary builds count beside those of the scenario: what both build takes both as long.
    """
    query = (
        "SELECT stage, instruction, seconds FROM steps WHERE cached = 0 AND error IS NULL AND build_id IN"
        " (SELECT id FROM builds WHERE image = ? AND scenario IN ('build', ?) AND cached < steps"
        " ORDER BY id DESC LIMIT ?)"
    )
    seen: dict[tuple[str, str, str], list[float]] = {}
    with _reading(config.ledger) as base:
        if base is None:
            return {}
        for image in images:
            for stage, instruction, seconds in base.execute(query, (image, scenario, RECENT)):
                seen.setdefault((image, stage, instruction), []).append(seconds)
    return {key: median(values) for key, values in seen.items()}


def layers(config: Config, diff_ids: Iterable[str]) -> dict[str, Layer]:
    """Those of the layers that were weighed before, here or in another repository, by diff id."""
    wanted = sorted(set(diff_ids))
    marks = ", ".join("?" * len(wanted))
    with _reading(config.ledger) as base:
        query = f"SELECT diff_id, disk_bytes, pull_bytes FROM layers WHERE diff_id IN ({marks})"  # noqa: S608  marks only
        rows = base.execute(query, wanted).fetchall() if base else []
    found = {row[0]: Layer(*row) for row in rows}
    if len(found) == len(wanted):
        return found
    shared = recall(config)
    return found | {diff_id: shared[diff_id] for diff_id in wanted if diff_id not in found and diff_id in shared}


def _insert(base: sqlite3.Connection, build: Build) -> None:
    values: list[Any] = [getattr(build, name) for name in COLUMNS]
    values[COLUMNS.index("bases")] = json.dumps([dict(entry) for entry in build.bases])
    marks = ", ".join("?" * len(COLUMNS))
    cursor = base.execute(f"INSERT INTO builds ({', '.join(STORED)}) VALUES ({marks})", values)  # noqa: S608  names only
    base.executemany(
        "INSERT INTO steps VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (cursor.lastrowid, i, s.stage, s.instruction, s.line, s.started, s.seconds, s.cached, s.bytes, s.error)
            for i, s in enumerate(build.detail)
        ],
    )


def _select(config: Config, where: str, values: tuple[str, ...], limit: int) -> tuple[Build, ...]:
    query = f"SELECT id, {', '.join(STORED)} FROM builds WHERE {where} ORDER BY id DESC LIMIT ?"  # noqa: S608  no input
    with _reading(config.ledger) as base:
        rows = base.execute(query, (*values, limit)).fetchall() if base else []
    return tuple(_build(row) for row in rows)


def _build(row: tuple[Any, ...]) -> Build:
    values = dict(zip(COLUMNS, row[1:], strict=True))
    flags = {name: bool(values[name]) for name in ("dirty", "standin")}
    return Build(**{**values, **flags, "bases": tuple(json.loads(values["bases"])), "id": row[0]})


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection | None]:
    """A connection that cannot write, or None where nothing was recorded yet."""
    with _explained(path):
        if not path.exists() or not path.stat().st_size:
            yield None
            return
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=BUSY_SECONDS)) as base:
            yield base if _version(base, path) else None


@contextmanager
def _writing(path: Path) -> Iterator[sqlite3.Connection]:
    """One transaction on the ledger, which is made if need be: readable by all, since a container's user reads it."""
    with _explained(path):
        if not path.exists():
            path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
            path.touch(mode=0o644)
            path.parent.chmod(0o755)  # whatever the umask says
            path.chmod(0o644)
        with closing(sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)) as base:
            base.execute("BEGIN IMMEDIATE")
            try:
                if not _version(base, path):
                    for statement in _statements(SCHEMA):
                        base.execute(statement)
                    base.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
                yield base
                base.execute("COMMIT")
            except BaseException:
                if base.in_transaction:
                    base.execute("ROLLBACK")
                raise


def _version(base: sqlite3.Connection, path: Path) -> int:
    version = int(base.execute("PRAGMA user_version").fetchone()[0])
    if version > SCHEMA_VERSION:
        raise Misuse(f"{path} was written by a newer Drydock", remedy="update drydock-toolkit, or move the file away")
    return version


def _statements(script: str) -> Iterator[str]:
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise _problem(path, error) from error
    except OSError as error:
        raise NotReady(f"{path} cannot be written: {error.strerror}", remedy=f"make {path.parent} writable") from error


def _problem(path: Path, error: sqlite3.Error) -> Problem:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the low byte; the rest tells variants apart
    if code in DAMAGED:
        return Misuse(f"{path} is damaged: {error}", remedy=f"mv {path} {path}.broken")
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return NotReady(f"{path} is held by another build", remedy="wait for it to end, then try again")
    if isinstance(error, sqlite3.OperationalError) and code != sqlite3.SQLITE_ERROR:
        return NotReady(f"{path} cannot be used: {error}", remedy=f"make {path.parent} writable, or free disk space")
    return Misuse(f"{path} is no ledger of Drydock: {error}", remedy=f"mv {path} {path}.broken")
