"""Who may read the answers."""

import pytest
from click import UsageError
from flask.testing import FlaskClient

from app import create_app

FRONTEND = "http://front.example:5173"


@pytest.mark.parametrize("page", ["/api/health", "/api/v1/builds", "/api/v1/builds?limit=0", "/nowhere"])
def test_the_front_end_may_read_answers_and_errors(client: FlaskClient, page: str) -> None:
    answer = client.get(page, headers={"Origin": FRONTEND})
    assert answer.headers["Access-Control-Allow-Origin"] == FRONTEND
    assert "Origin" in answer.headers["Vary"]


@pytest.mark.parametrize(
    "origin", ["http://front.example", "https://front.example:5173", "http://evil.example", "null", "*", ""]
)
def test_no_other_origin_may(client: FlaskClient, origin: str) -> None:
    for answer in (client.get("/api/health", headers={"Origin": origin}), client.get("/api/health")):
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert "Origin" in answer.headers["Vary"]


def test_a_preflight_is_answered_for_the_front_end_alone(client: FlaskClient) -> None:
    ask = {"Access-Control-Request-Method": "GET"}
    ours = client.options("/api/v1/builds", headers={"Origin": FRONTEND, **ask})
    assert (ours.status_code, ours.headers["Access-Control-Allow-Methods"]) == (200, "GET, HEAD, OPTIONS")
    other = client.options("/api/v1/builds", headers={"Origin": "http://evil.example", **ask})
    assert "Access-Control-Allow-Methods" not in other.headers


@pytest.mark.parametrize("page", ["/api/health", "/nowhere"])
def test_a_browser_is_told_to_run_and_guess_nothing(client: FlaskClient, page: str) -> None:
    headers = client.get(page).headers
    assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    ("given", "origin"),
    [
        pytest.param("", "http://localhost:5173", id="empty means the default"),
        pytest.param("http://Front.Example:80/", "http://front.example:80", id="as a browser writes it"),
        pytest.param("https://[::1]:5173", "https://[::1]:5173", id="an address of IPv6"),
    ],
)
def test_an_origin_is_taken_as_a_browser_writes_it(given: str, origin: str) -> None:
    client = create_app({"FRONTEND_ORIGIN": given}).test_client()
    answer = client.get("/nowhere", headers={"Origin": origin})
    assert answer.headers["Access-Control-Allow-Origin"] == origin


@pytest.mark.parametrize("given", ["*", "null", "localhost:5173", "http://", "ftp://a", "http://a/b", "http://a:b"])
def test_what_is_no_origin_stops_the_start(given: str) -> None:
    with pytest.raises(UsageError, match="FRONTEND_ORIGIN"):
        create_app({"FRONTEND_ORIGIN": given})
