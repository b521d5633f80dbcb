"""The file of the ledger: how it is found, opened and read, whatever state it is in."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from app import shapes

VERSIONS = (1, 2, 3, 4)  # of the schema, kept in the file as SQLite's user_version
PATIENCE_SECONDS = 1.0  # a writer holds the lock for milliseconds; longer means it is stuck
ADDED = {"export_seconds": 2, "critical": 2, "inputs": 2, "log": 4}  # columns since the first version
TABLES = {"images": 3, "grounds": 3, "reports": 4}  # tables since
REMEMBERED = 256  # many builds tell their bases in the same words
HEAD_BYTES = 28  # the last four of them count the transactions that changed the file

T = TypeVar("T")
Row = dict[str, Any]


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
class Ledger:
    """A ledger within one read transaction; `version` is that of its schema, 0 where it has no tables yet.

    `db` is None where there is no file: that reads as an empty one. Two of the same `identity` hold the same.
    """

    db: sqlite3.Connection | None = field(compare=False)
    version: int
    identity: str

    def rows(self, sql: str, *values: Any) -> list[Row]:
        """What a query gives, by the names of its columns; nothing from a ledger without tables."""
        if self.db is None or not self.version:
            return []
        found = self.db.execute(sql, values)
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found]

    def each(self, sql: str, *values: Any) -> Iterator[tuple[Any, ...]]:
        """What a query gives, row by row, read as far as it is asked for."""
        return iter(()) if self.db is None or not self.version else self.db.execute(sql, values)

    def has(self, table: str) -> bool:
        """Whether a table that not every version has is there."""
        return self.version >= TABLES[table]

    def columns(self, *names: str) -> str:
        """Columns for a query, NULL in the place of one that this version has not."""
        return ", ".join(name if ADDED.get(name, 1) <= self.version else f"NULL AS {name}" for name in names)


@contextmanager
def reading(path: Path) -> Iterator[Ledger]:
    """Open the ledger for one read transaction; Unreadable says what is wrong.

    The file is opened read only, so no query can ever change a measurement or leave a journal beside it.
    """
    known = identity(path)  # before anything is read: should the file change between, this belongs to an older one
    try:
        path.stat()
    except FileNotFoundError:
        yield Ledger(None, 0, known)
        return
    except OSError as error:
        raise Unreadable(f"the ledger cannot be opened: {error.strerror}") from error
    try:
        with closing(sqlite3.connect(_address(path), uri=True, timeout=PATIENCE_SECONDS, isolation_level=None)) as db:
            db.execute("BEGIN")
            yield Ledger(db, _version(db), known)
    except sqlite3.DatabaseError as error:
        why, passing = _reason(error)
        raise Unreadable(f"the ledger cannot be read: {why}", passing=passing) from error


def state(path: Path) -> State:
    """Whether the ledger can be read, and holds anything."""
    try:
        with reading(path) as ledger:
            if ledger.db is None:
                return State.MISSING
            return State.READY if any(ledger.each("SELECT 1 FROM builds LIMIT 1")) else State.EMPTY
    except Unreadable:
        return State.UNREADABLE


def identity(path: Path) -> str:
    """What changes whenever the file does, without a query: its place, size, time, and SQLite's own count of changes.

    The count tells two changes apart that fall into one tick of the file system's clock.
    """
    try:
        stat = path.stat()
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as error:
        return f"none {error.errno}"
    return f"{stat.st_dev} {stat.st_ino} {stat.st_size} {stat.st_mtime_ns} {head[-4:].hex()}"


def parsed(kind: type[T], text: object, what: str) -> T:
    """A value of `kind` from the JSON in a column; `what` names it for Unreadable."""
    hashable: Any = kind
    try:
        value: T = _parsed(hashable, text)
    except (TypeError, ValueError, RecursionError) as error:
        raise _damaged(what, error) from error
    return value


@lru_cache(maxsize=REMEMBERED)
def _parsed(kind: Any, text: Any) -> Any:
    return shapes.read(kind, json.loads(text))


def shaped(kind: type[T], plain: object, what: str) -> T:
    """A value of `kind`; `what` names it for Unreadable."""
    try:
        return shapes.read(kind, plain)
    except shapes.Misshapen as error:
        raise _damaged(what, error) from error


def _damaged(what: str, error: Exception) -> Unreadable:
    return Unreadable(f"the ledger cannot be read: damage in {what} ({error})")


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


def _version(db: sqlite3.Connection) -> int:
    """0 for a file without tables, which a writer may be about to fill; a schema we do not know is refused."""
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version in VERSIONS:
        return int(version)
    if version == 0 and db.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is None:
        return 0
    raise Unreadable(f"the ledger has schema {version}, this service reads schema {VERSIONS[-1]}")
