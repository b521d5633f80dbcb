"""A ledger to write to, and the application that reads it."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from filling import BUILD, REPORTS, fill, insert, report
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

import app
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


@pytest.fixture(scope="session")
def document() -> dict[str, Any]:
    """The OpenAPI document that lies beside the code."""
    return dict(json.loads(Path(app.__file__).with_name("openapi.json").read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def holds(document: dict[str, Any]) -> Callable[[TestResponse, str], None]:
    """Holds an answer against what the document says of the operation at this path."""

    def check(answer: TestResponse, path: str) -> None:
        responses = document["paths"][path]["get"]["responses"]
        response = responses[str(answer.status_code)]
        name = response.get("$ref", "").rpartition("/")[2]
        response = document["components"]["responses"][name] if name else response
        ((kind, content),) = response["content"].items()
        assert answer.mimetype == kind
        schema = {**content["schema"], "components": document["components"]}
        Draft202012Validator(schema).validate(answer.json)

    return check


@pytest.fixture
def client(path: Path) -> FlaskClient:
    """Asks an application that reads this test's ledger."""
    return create_app({"DRYDOCK_LEDGER": str(path), "FRONTEND_ORIGIN": "http://front.example:5173"}).test_client()
