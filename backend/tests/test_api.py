"""What the service answers when all is well."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient

Write = Callable[..., None]

BUILD_FIELDS = [
    *("id", "image", "tag", "started", "commit", "dirty", "platform", "scenario", "engine", "store", "bases"),
    *("standin", "outcome", "seconds", "steps", "cached"),
    *("context_bytes", "pull_bytes", "disk_bytes", "layers", "digest", "export_seconds"),
]


def test_health_says_ready_once_there_is_a_build(client: FlaskClient, write: Write) -> None:
    write()
    answer = client.get("/api/health")
    assert (answer.status_code, answer.json) == (200, {"status": "ok", "ledger": "ready"})


def test_a_build_is_given_with_every_field_in_order(client: FlaskClient, write: Write) -> None:
    write()
    (build,) = client.get("/api/v1/builds").json["builds"]
    assert list(build) == BUILD_FIELDS
    assert build["commit"].startswith("0123")
    assert (build["dirty"], build["standin"]) == (False, False)
    assert build["bases"][0]["name"] == "python:3.12-slim"
    assert (build["seconds"], build["disk_bytes"]) == (1.25, 130_000_000)


def test_a_failed_build_has_no_sizes(client: FlaskClient, write: Write) -> None:
    write(outcome="failed", pull_bytes=None, disk_bytes=None, layers=None, digest=None, commit_id=None, dirty=1)
    (build,) = client.get("/api/v1/builds").json["builds"]
    assert [build[name] for name in ("pull_bytes", "disk_bytes", "layers", "digest", "commit")] == [None] * 5
    assert build["dirty"] is True


def test_builds_come_newest_first_and_fifty_at_a_time(client: FlaskClient, write: Write) -> None:
    for number in range(60):
        write(steps=number)
    steps = [build["steps"] for build in client.get("/api/v1/builds").json["builds"]]
    assert steps == list(range(59, 9, -1))


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        pytest.param("?image=backend", [3, 1], id="one image"),
        pytest.param("?limit=1", [3], id="a limit"),
        pytest.param("?image=backend&limit=1", [3], id="both"),
        pytest.param("?limit=500", [3, 2, 1], id="the highest limit"),
        pytest.param("?image=nobody", [], id="an image never built"),
        pytest.param("?image=' OR 1=1 --", [], id="SQL is only a name"),
    ],
)
def test_builds_are_narrowed(client: FlaskClient, write: Write, query: str, ids: list[int]) -> None:
    for image in ("backend", "frontend", "backend"):
        write(image=image)
    assert [build["id"] for build in client.get(f"/api/v1/builds{query}").json["builds"]] == ids


def test_images_come_by_name_with_their_count_and_newest_build(client: FlaskClient, write: Write) -> None:
    for image, steps in (("frontend", 1), ("backend", 2), ("frontend", 3)):
        write(image=image, steps=steps)
    found = client.get("/api/v1/images").json["images"]
    assert [(image["name"], image["builds"], image["latest"]["steps"]) for image in found] == [
        ("backend", 1, 2),
        ("frontend", 2, 3),
    ]


OTHERS = [{"scenario": "target test"}, {"scenario": "dev"}, {"scenario": "cold"}]


@pytest.mark.parametrize("other", OTHERS, ids=lambda other: other["scenario"])
def test_only_ordinary_builds_are_the_latest(client: FlaskClient, write: Write, other: dict[str, str]) -> None:
    write(image="never-shipped", **other)
    write(steps=1)
    write(steps=2, **other)
    (image,) = client.get("/api/v1/images").json["images"]
    assert (image["name"], image["builds"], image["latest"]["steps"], image["failed"]) == ("backend", 2, 1, None)


def test_a_failed_build_is_told_beside_the_latest_until_one_is_done(client: FlaskClient, write: Write) -> None:
    told = []
    for outcome in ("failed", "done", "failed", "done"):
        write(outcome=outcome)
        (image,) = client.get("/api/v1/images").json["images"]
        told.append([image[key] and image[key]["id"] for key in ("latest", "failed")])
    assert told == [[None, 1], [2, None], [2, 3], [4, None]]


def test_what_began_later_is_newer_whatever_was_written_first(client: FlaskClient, write: Write) -> None:
    for started, outcome in (("02", "done"), ("01", "done"), ("03", "failed"), ("01", "failed")):
        write(started=f"2026-01-{started}T00:00:00.000+00:00", outcome=outcome)
    (image,) = client.get("/api/v1/images").json["images"]
    assert (image["latest"]["id"], image["failed"]["id"]) == (1, 3)
    assert [build["id"] for build in client.get("/api/v1/builds").json["builds"]] == [3, 1, 4, 2]


def test_a_build_is_seen_as_soon_as_it_is_written(client: FlaskClient, write: Write) -> None:
    for seen in range(3):
        assert len(client.get("/api/v1/builds").json["builds"]) == seen
        write()


def test_reading_leaves_the_ledger_and_its_folder_alone(client: FlaskClient, write: Write, path: Path) -> None:
    write()
    before = path.read_bytes()
    client.get("/api/v1/images")
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_build_is_read_while_the_next_is_being_written(
    client: FlaskClient, write: Write, db: sqlite3.Connection
) -> None:
    write()
    db.execute("BEGIN IMMEDIATE")
    db.execute("DELETE FROM builds")
    assert len(client.get("/api/v1/builds").json["builds"]) == 1
