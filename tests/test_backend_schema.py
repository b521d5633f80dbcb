"""The backend's own tests write a ledger of their own; it must be the ledger that the builder writes."""

import sqlite3
from contextlib import closing
from pathlib import Path

from drydock.measures import schema

BACKEND = Path(__file__).resolve().parents[1] / "backend"


def columns(script: str) -> tuple[int, list[tuple[object, ...]]]:
    """The version of a schema, and name, type, nullness and key of each column of its builds."""
    with closing(sqlite3.connect(":memory:")) as db:
        db.executescript(script)
        (version,) = db.execute("PRAGMA user_version").fetchone()
        return version, [row[1:] for row in db.execute("PRAGMA table_info(builds)")]


def test_the_backend_is_tested_on_the_builders_schema() -> None:
    theirs = columns((BACKEND / "tests" / "schema.sql").read_text(encoding="utf-8"))
    assert theirs == columns(f"PRAGMA user_version = {schema.SCHEMA_VERSION};{schema.SCHEMA}")
