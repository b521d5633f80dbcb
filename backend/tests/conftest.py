"""A ledger to write to, and the application that reads it."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from filling import BUILD, REPORTS, fill, insert, report
from flask.testing import FlaskClient

from app import create_app

SCHEMA = Path(__file__).with_name("schema.sql").read_text(encoding="utf-8")

Write = Callable[..., None]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the ledger lies; the folder's name needs quoting in a file address."""
    folder = tmp_path / "a ledger? 100%#1"
    folder.mkdir()
    return folder / "ledger.db"


@pytest.fixture
def db(path: Path) -> Iterator[sqlite3.Connection]:
    """A writer's connection to a ledger without builds."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript(SCHEMA)
        yield connection


@pytest.fixture
def write(db: sqlite3.Connection) -> Write:
    """Add one build to the ledger; words change it."""

    return lambda **changes: insert(db, "builds", BUILD | changes)


@pytest.fixture
def full(db: sqlite3.Connection) -> sqlite3.Connection:
    """A ledger with something of everything: three builds, the second failed, and a report of each kind."""
    db.execute("BEGIN")
    for number in (1, 2, 3):
        fill(db, number)
    for kind, name, body in REPORTS:
        report(db, kind, name, body)
    db.execute("COMMIT")
    return db


@pytest.fixture
def client(path: Path) -> FlaskClient:
    """Asks an application that reads this test's ledger."""
    return create_app({"DRYDOCK_LEDGER": str(path), "FRONTEND_ORIGIN": "http://front.example:5173"}).test_client()
