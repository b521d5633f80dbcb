"""One build, and two side by side."""

import sqlite3
from collections.abc import Callable

import pytest
from filling import insert
from flask.testing import FlaskClient

from app.comparison import paired

Write = Callable[..., None]


def test_a_build_has_its_steps_its_critical_path_and_why_it_ran(client: FlaskClient, full: sqlite3.Connection) -> None:
    told = client.get("/api/v1/builds/2").json
    assert [step["inputs"] for step in told["detail"]] == [[], [0], [0, 1]]
    assert [step["critical"] for step in told["detail"]] == [True, False, True]
    assert (told["critical_seconds"], told["previous"], told["next"]) == (1.0, 1, 3)
    assert (told["detail"][2]["error"], told["detail"][2]["log"]) == ("exit code 1", "no space")
    assert told["why"]["words"].startswith("backend: line 75")
    assert told["why"].keys() == {"words", "line", "instruction", "against", "after", "notes"}


def test_neighbours_are_of_the_same_image(client: FlaskClient, write: Write) -> None:
    for image in ("backend", "frontend", "backend"):
        write(image=image)
    told = [client.get(f"/api/v1/builds/{number}").json for number in (1, 2, 3)]
    assert [(one["previous"], one["next"]) for one in told] == [(None, 3), (None, None), (1, None)]


def test_a_build_without_a_recorded_cause_has_none(client: FlaskClient, write: Write, db: sqlite3.Connection) -> None:
    write()
    assert client.get("/api/v1/builds/1").json["why"] is None
    insert(db, "grounds", {"build_id": 1, "why": None})
    assert client.get("/api/v1/builds/1").json["why"] is None


def test_two_builds_are_compared(client: FlaskClient, full: sqlite3.Connection) -> None:
    told = client.get("/api/v1/compare?before=1&after=3").json
    assert (told["before"]["id"], told["after"]["id"], told["is_taken_apart"]) == (1, 3, True)
    assert [(step["instruction"], bool(step["before"]), bool(step["after"])) for step in told["steps"]] == [
        ("COPY 0 /", True, True),
        ("COPY 1 /", True, False),
        ("COPY 2 /", True, False),
        ("COPY 3 /", False, True),
        ("COPY 6 /", False, True),
    ]
    assert [(layer["before_bytes"], layer["after_bytes"]) for layer in told["layers"]] == [(1000, 3000)] * 3
    (part,) = told["parts"]
    assert (part["name"], part["delta_bytes"]) == ("flask", 200)
    assert part["before"] == {"version": "1.0", "disk_bytes": 100}


def test_no_package_is_called_gone_because_one_image_was_not_read_whole(
    client: FlaskClient, full: sqlite3.Connection
) -> None:
    full.execute("UPDATE images SET wasted_bytes = NULL WHERE digest = (SELECT digest FROM builds WHERE id = 3)")
    told = client.get("/api/v1/compare?before=1&after=3").json
    assert (told["is_taken_apart"], told["parts"]) == (False, [])
    assert told["layers"]


def test_a_build_that_made_no_image_is_compared_by_its_steps(client: FlaskClient, full: sqlite3.Connection) -> None:
    told = client.get("/api/v1/compare?before=1&after=2").json
    assert (told["is_taken_apart"], told["layers"], told["parts"]) == (False, [], [])
    assert told["steps"]


def test_the_largest_differences_come_first_and_two_hundred_of_them(
    client: FlaskClient, full: sqlite3.Connection
) -> None:
    full.execute("BEGIN")
    for number in range(250):
        part = {"kind": "npm", "name": f"p{number}", "version": "1", "disk_bytes": number + 1000, "base": 0}
        insert(full, "image_parts", {"digest": "sha256:3", "position": 10 + number, **part})
    full.execute("COMMIT")
    parts = client.get("/api/v1/compare?before=1&after=3").json["parts"]
    assert (len(parts), parts[0]["name"], parts[0]["before"]) == (200, "p249", None)


@pytest.mark.parametrize("address", ["/api/v1/builds/9", "/api/v1/compare?before=1&after=9"])
def test_a_build_that_is_not_there_is_not_found(client: FlaskClient, full: sqlite3.Connection, address: str) -> None:
    answer = client.get(address)
    assert (answer.status_code, answer.json["detail"]) == (404, "there is no build 9")


@pytest.mark.parametrize(
    ("before", "after", "pairs"),
    [
        pytest.param("ab", "ab", ["aa", "bb"], id="alike"),
        pytest.param("abc", "ac", ["aa", "b-", "cc"], id="what is gone stays in its place"),
        pytest.param("bc", "abc", ["-a", "bb", "cc"], id="what is new"),
        pytest.param("ab", "ba", ["bb", "aa"], id="in the order of the second"),
        pytest.param("aa", "aaa", ["aa", "aa", "-a"], id="the same more than once"),
        pytest.param("xya", "a", ["x-", "y-", "aa"], id="gone from the beginning"),
    ],
)
def test_entries_are_paired(before: str, after: str, pairs: list[str]) -> None:
    assert ["".join(side or "-" for side in pair) for pair in paired(before, after, str)] == pairs
