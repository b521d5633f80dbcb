"""The backend's own tests write a ledger of their own; it must be the ledger that the builder writes.

What its README says of the API must be what openapi.json says.
"""

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

from drydock.measures import schema

BACKEND = Path(__file__).resolve().parents[1] / "backend"
ROW = re.compile(r"\| `GET (?P<path>[^`?]+)` \|(?P<parameters>[^|]*)\|")


def tables(script: str) -> tuple[int, dict[str, list[tuple[object, ...]]]]:
    """The version of a schema; by table name, type, nullness and key of each column, by index its columns."""
    with closing(sqlite3.connect(":memory:")) as db:
        db.executescript(script)
        (version,) = db.execute("PRAGMA user_version").fetchone()
        found = db.execute("SELECT type, name FROM sqlite_master WHERE sql NOT NULL").fetchall()
        return version, {name: db.execute(f"PRAGMA {kind}_info({name})").fetchall() for kind, name in found}


def test_the_backend_is_tested_on_the_builders_schema() -> None:
    theirs = tables((BACKEND / "tests" / "schema.sql").read_text(encoding="utf-8"))
    assert theirs == tables(f"PRAGMA user_version = {schema.SCHEMA_VERSION};{schema.SCHEMA}")


def test_the_readme_names_every_path_with_its_parameters() -> None:
    document = json.loads((BACKEND / "app" / "openapi.json").read_text(encoding="utf-8"))
    promised = {
        path: [one["name"] for one in operations["get"].get("parameters", ()) if one["in"] == "query"]
        for path, operations in document["paths"].items()
    }
    text = (BACKEND / "README.md").read_text(encoding="utf-8")
    told = {row["path"]: re.findall(r"`(\w+)`", row["parameters"]) for row in ROW.finditer(text)}
    assert told == promised
