"""One image and the list of them: limits, trend, what it is made of."""

import sqlite3
from collections.abc import Callable
from typing import Any

import pytest
from filling import BUDGETS, report
from flask.testing import FlaskClient

Write = Callable[..., None]


def first(client: FlaskClient) -> dict[str, Any]:
    (image,) = client.get("/api/v1/images").json["images"]
    return dict(image)


@pytest.mark.parametrize(
    ("sizes", "wanted"),
    [
        pytest.param([1], [1], id="one build"),
        pytest.param([1, 1, 1], [1, 3], id="the first, and the newest although it changed nothing"),
        pytest.param([1, 2, 2, 3], [1, 2, 4], id="those that changed the size"),
        pytest.param([1, 2, 1], [1, 2, 3], id="and those that changed it back"),
        pytest.param([*range(30), 29], list(range(12, 32)), id="the last twenty"),
    ],
)
def test_the_trend_holds_what_changed_the_size(
    client: FlaskClient, write: Write, sizes: list[int], wanted: list[int]
) -> None:
    for size in sizes:
        write(disk_bytes=size)
        write(image="other", disk_bytes=7)
    images = client.get("/api/v1/images").json["images"]
    (mine,) = [one for one in images if one["name"] == "backend"]
    assert [point["build"] for point in mine["trend"]] == [2 * number - 1 for number in wanted]


def test_builds_that_failed_or_were_no_ordinary_ones_are_no_points(client: FlaskClient, write: Write) -> None:
    write()
    write(outcome="failed", disk_bytes=None, pull_bytes=None)
    write(scenario="cold", disk_bytes=9)
    assert [point["build"] for point in first(client)["trend"]] == [1]
    assert [point["build"] for point in client.get("/api/v1/images/backend").json["history"]] == [1]


def test_limits_are_held_against_the_newest_build(client: FlaskClient, full: sqlite3.Connection) -> None:
    told = [(one["figure"], one["now"], one["state"]) for one in first(client)["limits"]]
    assert told == [
        ("pull", 50_000_000, "ok"),
        ("disk", 130_003_000, "warn"),
        ("own", 6000, "fail"),
        ("growth", 2000, "ok"),
        ("source-edit-steps", 1, "ok"),
    ]


def test_a_figure_that_nobody_knows_has_no_verdict(client: FlaskClient, write: Write, db: sqlite3.Connection) -> None:
    write(digest=None)
    report(db, "budgets", "", BUDGETS)
    told = {one["figure"]: (one["now"], one["state"]) for one in first(client)["limits"]}
    assert told["own"] == told["growth"] == told["source-edit-steps"] == (None, "unknown")


def test_growth_may_be_against_the_image_before(client: FlaskClient, full: sqlite3.Connection) -> None:
    report(full, "budgets", "", {"backend": [{"figure": "growth", "soft": 1, "hard": None, "against": "last"}]})
    (limit,) = first(client)["limits"]
    assert (limit["now"], limit["state"], limit["against"]) == (2000, "warn", "last")


def test_what_is_open_and_the_build_to_compare_with_are_told(client: FlaskClient, full: sqlite3.Connection) -> None:
    image = first(client)
    assert image["findings"] == {"error": 1, "warning": 0, "note": 1}
    assert (image["main"]["branch"], image["main"]["build"]["id"]) == ("main", 1)
    full.execute("DELETE FROM reports")
    assert (first(client)["findings"], first(client)["main"]) == (None, None)


def test_a_build_of_the_main_branch_that_is_gone_is_not_told(client: FlaskClient, full: sqlite3.Connection) -> None:
    report(full, "main", "", {"branch": "main", "builds": {"backend": 77}})
    assert first(client)["main"] is None


def test_an_image_is_shown_in_its_layers_and_parts(client: FlaskClient, full: sqlite3.Connection) -> None:
    image = client.get("/api/v1/images/backend").json
    assert image["build"]["id"] == 3
    assert [layer["base"] for layer in image["layers"]] == [True, False, False]
    assert (image["base_bytes"], image["own_bytes"], image["wasted_bytes"]) == (3000, 6000, 1000)
    assert [part["name"] for part in image["parts"]] == ["flask", "libc6", "other files"]
    assert [point["build"] for point in image["history"]] == [1, 3]


def test_an_image_is_shown_at_another_of_its_builds(client: FlaskClient, full: sqlite3.Connection) -> None:
    assert client.get("/api/v1/images/backend?build=1").json["own_bytes"] == 2000
    failed = client.get("/api/v1/images/backend?build=2").json
    assert (failed["build"]["outcome"], failed["layers"], failed["parts"]) == ("failed", None, None)


def test_parts_are_unknown_where_not_all_layers_were_read(client: FlaskClient, full: sqlite3.Connection) -> None:
    full.execute("UPDATE images SET wasted_bytes = NULL")
    image = client.get("/api/v1/images/backend").json
    assert (len(image["layers"]), image["parts"], image["wasted_bytes"]) == (3, None, None)


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("nobody", id="a name never built"),
        pytest.param("backend?build=9", id="a build that is not there"),
        pytest.param("backend?build=4", id="a build of another image"),
        pytest.param("bench-only", id="an image that never shipped"),
    ],
)
def test_what_is_not_there_is_not_found(
    client: FlaskClient, full: sqlite3.Connection, write: Write, address: str
) -> None:
    write(image="frontend")
    write(image="bench-only", scenario="cold")
    answer = client.get(f"/api/v1/images/{address}")
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
