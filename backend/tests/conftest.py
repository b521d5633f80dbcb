"""A ledger to write to, and the application that reads it."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app import create_app

SCHEMA = Path(__file__).with_name("schema.sql").read_text(encoding="utf-8")

BASE = {"name": "python:3.12-slim", "reference": "python:3.12-slim", "origin": "pulled", "digest": "sha256:ba5e"}
BUILD: dict[str, object] = {
    "started": "2026-01-02T03:04:05Z",
    "image": "backend",
    "tag": "drydock/backend:local",
    "commit_id": "0123456789abcdef0123456789abcdef01234567",
    "dirty": 0,
    "platform": "linux/amd64",
    "scenario": "build",
    "engine": "26.1.5",
    "store": "overlay2",
    "bases": json.dumps([BASE]),
    "standin": 0,
    "outcome": "done",
    "seconds": 1.25,
    "steps": 9,
    "cached": 7,
    "context_bytes": 4096,
    "pull_bytes": 50_000_000,
    "disk_bytes": 130_000_000,
    "layers": 6,
    "digest": "sha256:c0ffee",
}

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

    def add(**changes: object) -> None:
        row = BUILD | changes
        marks = ", ".join("?" * len(row))
        db.execute(f"INSERT INTO builds ({', '.join(row)}) VALUES ({marks})", tuple(row.values()))  # noqa: S608

    return add


@pytest.fixture
def client(path: Path) -> FlaskClient:
    """Asks an application that reads this test's ledger."""
    return create_app({"DRYDOCK_LEDGER": str(path), "FRONTEND_ORIGIN": "http://front.example:5173"}).test_client()
