"""Who has an answer already gets none, and the ledger is not asked for it."""

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app import create_app

Write = Callable[..., None]

PAGES = ("/api/v1/images", "/api/v1/builds?limit=2", "/api/v1/scenarios", "/api/health", "/api/v1/running")


@pytest.mark.parametrize("page", PAGES)
def test_an_answer_that_is_known_is_not_sent_again(client: FlaskClient, write: Write, page: str) -> None:
    write()
    tag = client.get(page).headers["ETag"]
    again = client.get(page, headers={"If-None-Match": tag})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    assert again.headers["Cache-Control"] == "no-cache"
    assert client.get(page, headers={"If-None-Match": f'"other", W/{tag}'}).status_code == 304
    assert client.get(page, headers={"If-None-Match": '"other"'}).status_code == 200
    assert client.get(page, headers={"If-None-Match": "*"}).status_code == 304


def test_not_sending_it_asks_the_ledger_nothing(client: FlaskClient, write: Write, db: sqlite3.Connection) -> None:
    write()
    tag = client.get("/api/v1/images").headers["ETag"]
    db.execute("BEGIN EXCLUSIVE")
    assert client.get("/api/v1/images").status_code == 503
    assert client.get("/api/v1/images", headers={"If-None-Match": tag}).status_code == 304


def test_a_new_build_makes_a_new_tag_even_within_one_tick_of_the_clock(
    client: FlaskClient, write: Write, path: Path
) -> None:
    tags = set()
    for number in range(5):
        write()
        os.utime(path, ns=(1, 1))
        answer = client.get("/api/v1/builds?limit=1")
        assert answer.json["builds"][0]["id"] == number + 1
        tags.add(answer.headers["ETag"])
    assert len(tags) == 5


def test_each_question_has_a_tag_of_its_own(client: FlaskClient, write: Write) -> None:
    write()
    pages = ("/api/v1/builds", "/api/v1/builds?limit=1", "/api/v1/builds?limit=2", "/api/v1/images")
    assert len({client.get(page).headers["ETag"] for page in pages}) == len(pages)


def test_a_ledger_that_comes_or_goes_changes_the_tag(client: FlaskClient, path: Path, write: Write) -> None:
    write()
    held = client.get("/api/v1/builds").headers["ETag"]
    path.unlink()
    gone = client.get("/api/v1/builds", headers={"If-None-Match": held})
    assert (gone.status_code, gone.json) == (200, {"builds": [], "next": None})


def test_a_wrong_question_is_refused_whatever_tag_comes_with_it(client: FlaskClient) -> None:
    assert client.get("/api/v1/builds?limit=0", headers={"If-None-Match": "*"}).status_code == 400


def test_what_is_not_there_is_not_unchanged(client: FlaskClient, write: Write) -> None:
    write()
    assert client.get("/api/v1/builds/7", headers={"If-None-Match": "*"}).status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_head_gives_the_headers_alone(client: FlaskClient, write: Write, page: str) -> None:
    write()
    whole, head = client.get(page), client.head(page)
    assert (head.status_code, head.data) == (200, b"")
    for name in ("ETag", "Content-Type", "Content-Length"):
        assert head.headers[name] == whole.headers[name]


def test_the_front_end_may_send_and_read_tags() -> None:
    origin = "http://localhost:5173"
    client = create_app({}).test_client()
    ask = {"Origin": origin, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "if-none-match"}
    assert client.options("/api/v1/images", headers=ask).headers["Access-Control-Allow-Headers"] == "If-None-Match"
    answer = client.get("/api/v1/images", headers={"Origin": origin})
    assert answer.headers["Access-Control-Expose-Headers"] == "ETag"
