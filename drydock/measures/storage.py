"""The ledger's file: opened to read or to write, brought to this version, and what is wrong with it in one line."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from drydock.errors import Misuse, NotReady, Problem
from drydock.measures.schema import MIGRATIONS, SCHEMA, SCHEMA_VERSION

BUSY_SECONDS = 30.0
DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def check(path: Path, root: Path, *, seconds: float = BUSY_SECONDS) -> None:
    """Raise now what a write would raise later: a damaged ledger, a newer one, a folder that takes no writes.

    `seconds` is how long another writer is waited for.
    """
    with explained(path):
        if path.exists():
            with closing(sqlite3.connect(path, timeout=seconds, isolation_level=None)) as base:
                base.execute("BEGIN IMMEDIATE")
                version(base, path)
                base.execute("ROLLBACK")
            return
        folder = path.parent if path.parent.exists() else root
        if not os.access(folder, os.W_OK):
            raise NotReady(f"{folder} cannot be written", remedy=f"make {folder} writable")


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection | None]:
    """One read transaction on the ledger of this version or an older one, or None where nothing was recorded yet.

    The file is opened so that what a killed writer left half can be taken back; no query can change a thing.
    """
    with explained(path):
        if not path.exists() or not path.stat().st_size:
            yield None
            return
        address = f"{path.absolute().as_uri()}?mode=rw"
        with closing(sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS, isolation_level=None)) as base:
            base.execute("PRAGMA query_only = ON")
            base.execute("BEGIN")
            yield base if version(base, path) else None


@contextmanager
def writing(path: Path) -> Iterator[sqlite3.Connection]:
    """One transaction on the ledger, which is made or brought to this version within it, if need be.

    The file is readable by all, since a container's user reads it.
    """
    with explained(path):
        if not path.exists():
            open_folder(path.parent)
            path.touch(mode=0o644)
            path.chmod(0o644)  # whatever the umask says
        with closing(sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)) as base:
            base.execute("BEGIN IMMEDIATE")
            try:
                _bring_up(base, path)
                yield base
                base.execute("COMMIT")
            except BaseException:
                if base.in_transaction:
                    base.execute("ROLLBACK")
                raise


def open_folder(folder: Path) -> None:
    """Make the folder of records, which a container's user reads; whatever the umask says."""
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    folder.chmod(0o755)


def version(base: sqlite3.Connection, path: Path) -> int:
    """The version of the tables, 0 where there are none yet; Misuse for a newer one, and for tables of others."""
    found = int(base.execute("PRAGMA user_version").fetchone()[0])
    if found > SCHEMA_VERSION:
        raise Misuse(f"{path} was written by a newer Drydock", remedy="update drydock-toolkit, or move the file away")
    if found < 0 or (not found and base.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()):
        raise Misuse(f"{path} is no ledger of Drydock", remedy=f"mv {path} {path}.other")
    return found


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Say in one line what SQLite and the system say of the file."""
    try:
        yield
    except sqlite3.Error as error:
        raise _problem(path, error) from error
    except OSError as error:
        raise NotReady(f"{path} cannot be written: {error.strerror}", remedy=f"make {path.parent} writable") from error


def damaged(path: Path, why: object) -> Misuse:
    """The problem of a ledger that holds what nobody wrote."""
    return Misuse(f"{path} is damaged: {why}", remedy=f"mv {path} {path}.broken")


def _bring_up(base: sqlite3.Connection, path: Path) -> None:
    found = version(base, path)
    if found == SCHEMA_VERSION:
        return
    scripts = [MIGRATIONS[old] for old in range(found, SCHEMA_VERSION)] if found else [SCHEMA]
    for statement in (one for script in scripts for one in _statements(script)):
        base.execute(statement)
    base.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _statements(script: str) -> Iterator[str]:
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _problem(path: Path, error: sqlite3.Error) -> Problem:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF  # no code: Python cannot read a value
    if code in DAMAGED:
        return damaged(path, error)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return NotReady(f"{path} is held by another build", remedy="wait for it to end, then try again")
    if isinstance(error, sqlite3.OperationalError) and code != sqlite3.SQLITE_ERROR:
        return NotReady(f"{path} cannot be used: {error}", remedy=f"make {path.parent} writable, or free disk space")
    return Misuse(f"{path} is no ledger of Drydock: {error}", remedy=f"mv {path} {path}.broken")
