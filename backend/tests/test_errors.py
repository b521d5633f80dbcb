"""Every error is a problem document that says what to do, and nothing of the inside."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app


def test_an_unknown_address_is_not_found(client: FlaskClient) -> None:
    answer = client.get("/nowhere")
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert answer.json.keys() == {"type", "title", "status", "detail"}
    assert (answer.json["type"], answer.json["title"], answer.json["status"]) == ("about:blank", "Not Found", 404)


def test_a_redirect_is_no_error(client: FlaskClient) -> None:
    assert client.get("/api//health").status_code == 308


@pytest.mark.parametrize("page", ["/api/health", "/api/v1/images", "/api/v1/builds"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nothing_can_be_written(client: FlaskClient, page: str, method: str) -> None:
    answer = client.open(page, method=method)
    assert (answer.status_code, answer.mimetype) == (405, "application/problem+json")
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        pytest.param("limit=0", "limit", id="too few"),
        pytest.param("limit=501", "limit", id="too many"),
        pytest.param("limit=-1", "limit", id="negative"),
        pytest.param("limit=", "limit", id="no number"),
        pytest.param("limit=ten", "limit", id="a word"),
        pytest.param("limit=1.0", "limit", id="a fraction"),
        pytest.param("limit=%201", "limit", id="a blank"),
        pytest.param("limit=%C2%B2", "limit", id="a superscript, which is a digit to Python"),
        pytest.param("limit=" + "9" * 5000, "limit", id="longer than Python turns into a number"),
        pytest.param("limit=1&limit=2", "limit", id="given twice"),
        pytest.param("image=", "image", id="an empty name"),
        pytest.param("image=" + "x" * 256, "image", id="a long name"),
        pytest.param("imgae=backend", "imgae", id="a misspelt parameter"),
    ],
)
def test_a_wrong_parameter_is_named(client: FlaskClient, query: str, field: str) -> None:
    answer = client.get(f"/api/v1/builds?{query}")
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert answer.json["field"] == field
    assert answer.json["detail"].startswith(f"{field}: ")


def test_what_takes_no_parameter_takes_none(client: FlaskClient) -> None:
    assert client.get("/api/v1/doctor?limit=3").json["field"] == "limit"


def test_a_long_parameter_name_is_not_given_back_whole(client: FlaskClient) -> None:
    assert len(client.get("/api/v1/images?" + "x" * 5000).data) < 400


@pytest.fixture
def broken() -> FlaskClient:
    """Asks an application with a bug in one of its pages."""
    app: Flask = create_app({})

    @app.get("/bug")
    def bug() -> str:
        raise RuntimeError("the inside")

    return app.test_client()


def test_a_bug_shows_nothing_of_itself_to_the_caller(broken: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    answer = broken.get("/bug")
    assert (answer.status_code, answer.mimetype) == (500, "application/problem+json")
    assert b"inside" not in answer.data
    assert b"Traceback" not in answer.data
    assert "the inside" in caplog.text, "the log must keep the traceback"
