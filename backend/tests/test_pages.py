"""Pages of long lists: nothing twice, nothing left out, whatever is added meanwhile."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

Write = Callable[..., None]


def pages(client: FlaskClient, address: str, key: str) -> Iterator[list[Any]]:
    mark = ""
    while mark is not None:
        answer = client.get(f"{address}{mark and f'&cursor={mark}'}").json
        yield answer[key]
        mark = answer["next"]


def test_pages_hold_every_build_once_in_order(client: FlaskClient, write: Write) -> None:
    for number in range(11):
        write(started=f"2026-01-02T00:00:0{number % 3}Z")
    whole = [one["id"] for one in client.get("/api/v1/builds").json["builds"]]
    found = [[one["id"] for one in page] for page in pages(client, "/api/v1/builds?limit=3", "builds")]
    assert [number for page in found for number in page] == whole
    assert [len(page) for page in found] == [3, 3, 3, 2]


def test_a_full_last_page_has_none_behind_it(client: FlaskClient, write: Write) -> None:
    for _ in range(4):
        write()
    assert [len(page) for page in pages(client, "/api/v1/builds?limit=2", "builds")] == [2, 2]


def test_builds_that_are_added_meanwhile_move_nothing(client: FlaskClient, write: Write) -> None:
    for number in range(6):
        write(started=f"2026-01-02T00:00:0{number}Z")
    found = []
    for page in pages(client, "/api/v1/builds?limit=2", "builds"):
        found += [one["id"] for one in page]
        write(started="2026-02-01T00:00:00Z")
    assert found == [6, 5, 4, 3, 2, 1]


def test_filters_hold_on_every_page(client: FlaskClient, write: Write) -> None:
    for number in range(12):
        write(image=("backend", "frontend")[number % 2], scenario=("build", "cold")[number // 6])
    asked = "/api/v1/builds?image=backend&scenario=cold&outcome=done&limit=1"
    assert [one["id"] for page in pages(client, asked, "builds") for one in page] == [11, 9, 7]


def test_images_come_in_pages_by_name(client: FlaskClient, write: Write) -> None:
    names = ["a", "b", "c", "é", "ü" * 255]
    for name in names:
        write(image=name)
    write(image="aa", scenario="cold")  # never shipped
    assert [one["name"] for page in pages(client, "/api/v1/images?limit=1", "images") for one in page] == names


@pytest.mark.parametrize(
    "forge",
    [
        pytest.param(lambda mark: mark[:-1], id="cut off"),
        pytest.param(lambda mark: mark[1:], id="without its begin"),
        pytest.param(lambda mark: mark + "AAAA", id="with something behind"),
        pytest.param(lambda mark: mark.swapcase(), id="in other letters"),
        pytest.param(lambda _: "A", id="no base64"),
        pytest.param(lambda _: "x" * 2048, id="as long as can be"),
    ],
)
@pytest.mark.parametrize("address", ["/api/v1/builds?limit=1", "/api/v1/images?limit=1"])
def test_a_forged_cursor_is_named(client: FlaskClient, write: Write, address: str, forge: Callable[[str], str]) -> None:
    for image in ("a", "b"):
        write(image=image)
    mark = client.get(address).json["next"]
    assert client.get(f"{address}&cursor={mark}").status_code == 200
    answer = client.get(f"{address}&cursor={forge(mark)}")
    assert (answer.status_code, answer.json["field"]) == (400, "cursor")


def test_a_cursor_fits_its_own_question_alone(client: FlaskClient, write: Write) -> None:
    for _ in range(3):
        write()
    mark = client.get("/api/v1/builds?limit=1").json["next"]
    assert client.get(f"/api/v1/builds?limit=2&cursor={mark}").status_code == 200, "the number may change"
    for other in ("/api/v1/builds?image=backend&", "/api/v1/builds?outcome=done&", "/api/v1/images?"):
        assert client.get(f"{other}cursor={mark}").json["field"] == "cursor"
