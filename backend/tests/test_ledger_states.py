"""A ledger that is not there, not filled, or not readable."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient

Write = Callable[..., None]

PAGES = ("/api/v1/images", "/api/v1/builds")


def ledger_is(client: FlaskClient) -> str:
    answer = client.get("/api/health")
    assert answer.status_code == 200
    assert answer.json["status"] == "ok"
    return str(answer.json["ledger"])


def assert_empty_answers(client: FlaskClient) -> None:
    assert client.get("/api/v1/images").json == {"images": [], "next": None}
    assert client.get("/api/v1/builds").json == {"builds": [], "next": None}


def assert_refused(client: FlaskClient, word: str) -> None:
    assert ledger_is(client) == "unreadable"
    for page in PAGES:
        answer = client.get(page)
        assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
        assert word in answer.json["detail"]


def test_without_a_ledger_the_answers_are_empty_and_none_is_made(client: FlaskClient, path: Path) -> None:
    assert ledger_is(client) == "missing"
    assert_empty_answers(client)
    assert not path.exists()


@pytest.mark.usefixtures("db")
def test_a_ledger_without_builds_is_empty(client: FlaskClient) -> None:
    assert ledger_is(client) == "empty"
    assert_empty_answers(client)


def test_a_file_of_no_bytes_is_empty(client: FlaskClient, path: Path) -> None:
    path.touch()
    assert ledger_is(client) == "empty"
    assert_empty_answers(client)


def test_a_locked_ledger_is_said_and_may_be_asked_again(client: FlaskClient, db: sqlite3.Connection) -> None:
    db.execute("BEGIN EXCLUSIVE")
    answer = client.get("/api/v1/builds")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert "lock" in answer.json["detail"]
    db.execute("ROLLBACK")
    assert client.get("/api/v1/builds").status_code == 200


def test_a_ledger_whose_writer_was_killed_waits_for_the_next_build(
    client: FlaskClient, path: Path, write: Write
) -> None:
    write()
    killed = (
        "import os, sqlite3, sys\n"
        "db = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "db.execute('PRAGMA cache_size = 1')\n"  # so that pages reach the file before the commit
        "db.execute('BEGIN')\n"
        "db.execute('CREATE TABLE more (text)')\n"
        "db.executemany('INSERT INTO more VALUES (?)', [('x' * 3000,)] * 200)\n"
        "os._exit(9)\n"
    )
    assert subprocess.run([sys.executable, "-c", killed, path], check=False).returncode == 9  # noqa: S603
    assert_refused(client, "interrupted")
    write(image="mended")
    assert len(client.get("/api/v1/builds").json["builds"]) == 2


@pytest.mark.parametrize("version", [pytest.param(5, id="newer"), pytest.param(-1, id="nonsense")])
def test_another_schema_is_refused_by_number(client: FlaskClient, db: sqlite3.Connection, version: int) -> None:
    db.execute(f"PRAGMA user_version = {version}")
    assert_refused(client, f"schema {version}")


def test_somebody_elses_database_is_refused(client: FlaskClient, path: Path) -> None:
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE songs (title TEXT)")
    other.close()
    assert_refused(client, "schema 0")


def test_a_text_file_is_refused(client: FlaskClient, path: Path) -> None:
    path.write_text("this is no database, only words that take up more than a page header of room. " * 20)
    assert_refused(client, "damaged")


def test_a_cut_off_ledger_is_refused(client: FlaskClient, write: Write, db: sqlite3.Connection, path: Path) -> None:
    for _ in range(50):
        write()
    db.close()
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)
    answer = client.get("/api/v1/builds")
    assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")


def test_a_ledger_that_lost_its_table_is_refused(client: FlaskClient, db: sqlite3.Connection) -> None:
    db.execute("DROP TABLE builds")
    assert_refused(client, "damaged")


def test_a_folder_in_its_place_is_refused(client: FlaskClient, path: Path) -> None:
    path.mkdir()
    assert_refused(client, "damaged")


def test_a_path_through_a_file_is_refused(path: Path) -> None:
    from app import create_app

    path.touch()
    assert_refused(create_app({"DRYDOCK_LEDGER": str(path / "ledger.db")}).test_client(), "opened")


@pytest.mark.parametrize(
    "bases", [pytest.param("[", id="cut off"), pytest.param("{}", id="no list"), pytest.param(b"\xff", id="no text")]
)
def test_bases_that_are_no_list_are_refused(client: FlaskClient, write: Write, bases: str | bytes) -> None:
    write(bases=bases)
    answer = client.get("/api/v1/builds")
    assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
    assert "build 1" in answer.json["detail"]
