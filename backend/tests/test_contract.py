"""What openapi.json promises, held against what the code answers: the two cannot part."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from filling import age
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

import app
from app import create_app

DOCUMENT: dict[str, Any] = json.loads(Path(app.__file__).with_name("openapi.json").read_text(encoding="utf-8"))
ASKED = {  # a question for each path, with everything that can be asked
    "/api/health": "",
    "/api/v1/openapi.json": "",
    "/api/v1/images": "?limit=1",
    "/api/v1/images/{name}": "backend?build=1",
    "/api/v1/builds": "?image=backend&scenario=build&outcome=done&limit=1",
    "/api/v1/builds/{id}": "2",
    "/api/v1/compare": "?before=1&after=3",
    "/api/v1/scenarios": "",
    "/api/v1/findings": "?severity=note&path=backend/Dockerfile&image=backend",
    "/api/v1/proofs": "",
    "/api/v1/doctor": "",
    "/api/v1/running": "",
}
FORGED = "an answer to the same question"  # said of a cursor whose form is right
LIMITED = [
    pytest.param(path, parameter, id=f"{path} {parameter['name']}")
    for path, operations in DOCUMENT["paths"].items()
    for parameter in operations["get"].get("parameters", ())
]


def address(route: str, words: str) -> str:
    return route.partition("{")[0] + words


def holds(answer: TestResponse, route: str) -> None:
    """Hold an answer against what the document says of it."""
    response = DOCUMENT["paths"][route]["get"]["responses"][str(answer.status_code)]
    name = response.get("$ref", "").rpartition("/")[2]
    ((kind, content),) = (DOCUMENT["components"]["responses"][name] if name else response)["content"].items()
    assert answer.mimetype == kind
    schema = {**content["schema"], "components": DOCUMENT["components"]}
    Draft202012Validator(schema).validate(answer.json)


def test_every_path_of_the_document_is_served_and_no_other() -> None:
    rules = {rule.rule.replace("<", "{").replace(">", "}") for rule in create_app({}).url_map.iter_rules()}
    assert rules == set(DOCUMENT["paths"]) == set(ASKED)


def objects(schema: object) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        if "properties" in schema and isinstance(schema.get("type"), str):
            yield schema
        for inner in schema.values():
            yield from objects(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from objects(inner)


def test_every_answer_is_closed() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    found = [schema for name, schema in schemas.items() if name != "Problem" for schema in objects(schema)]
    assert len(found) > 30
    assert all(one["additionalProperties"] is False and one["required"] == list(one["properties"]) for one in found)


@pytest.mark.parametrize("route", ASKED)
@pytest.mark.parametrize("version", [1, 2, 3, 4])
def test_answers_are_what_is_promised_whatever_version_wrote_the_ledger(
    client: FlaskClient, full: sqlite3.Connection, version: int, route: str
) -> None:
    age(full, version)
    for words in {ASKED[route], ASKED[route].partition("?")[0]} - ({""} if route.endswith("compare") else set()):
        answer = client.get(address(route, words))
        assert answer.status_code == 200
        holds(answer, route)


@pytest.mark.parametrize("route", ASKED)
def test_an_empty_ledger_gives_answers_of_the_same_form(client: FlaskClient, route: str) -> None:
    answer = client.get(address(route, ASKED[route]))
    needs = "{" in route or route.endswith("compare")
    assert answer.status_code == (404 if needs else 200)
    holds(answer, route)


@pytest.mark.parametrize("route", ASKED)
def test_a_ledger_that_cannot_be_read_is_a_problem_of_those_that_read_it(
    client: FlaskClient, path: Path, route: str
) -> None:
    path.write_bytes(b"no ledger " * 1000)
    answer = client.get(address(route, ASKED[route]))
    assert (answer.status_code == 503) == ("503" in DOCUMENT["paths"][route]["get"]["responses"])
    holds(answer, route)


def beyond(schema: dict[str, Any]) -> Iterator[str]:
    """Values just outside the limits of a parameter."""
    if schema["type"] == "integer":
        yield from (str(schema["minimum"] - 1), str(schema["maximum"] + 1), "1.5", "x", "9" * 5000)
    elif "enum" in schema:
        yield from ("", schema["enum"][0].upper(), "nothing known")
    else:
        yield from ("", "x" * (schema["maxLength"] + 1), *(["%C3%A4"] if "pattern" in schema else []))


def within(schema: dict[str, Any]) -> Iterator[str]:
    """Values just inside them."""
    if schema["type"] == "integer":
        yield from (str(schema["minimum"]), str(schema["maximum"]))
    else:
        yield from schema.get("enum") or ("x", "x" * schema["maxLength"])


def asked_with(route: str, parameter: dict[str, Any], value: str) -> str:
    if parameter["in"] == "path":
        return address(route, value)
    others = {"/api/v1/images/{name}": "backend", "/api/v1/compare": ""}.get(route, "")
    rest = "".join(f"&{name}=1" for name in ("before", "after") if "compare" in route and name != parameter["name"])
    return f"{address(route, others)}?{parameter['name']}={value}{rest}"


@pytest.mark.parametrize(("route", "parameter"), LIMITED)
def test_a_parameter_beyond_its_limits_is_named(client: FlaskClient, route: str, parameter: dict[str, Any]) -> None:
    for value in beyond(parameter["schema"]):
        if parameter["in"] == "path" and not value:
            continue  # that is another address
        answer = client.get(asked_with(route, parameter, value))
        assert (answer.status_code, answer.json.get("field")) == (400, parameter["name"]), value[:20]
        assert FORGED not in answer.json["detail"], value[:20]
        holds(answer, route)


@pytest.mark.parametrize(("route", "parameter"), LIMITED)
def test_a_parameter_within_its_limits_is_taken(
    client: FlaskClient, full: sqlite3.Connection, route: str, parameter: dict[str, Any]
) -> None:
    for value in within(parameter["schema"]):
        answer = client.get(asked_with(route, parameter, value))
        is_forged = parameter["name"] == "cursor"
        assert answer.status_code in ((400,) if is_forged else (200, 404)), value[:20]
        assert (FORGED in answer.json.get("detail", "")) == is_forged, value[:20]


@pytest.mark.parametrize("route", ASKED)
def test_an_unknown_or_doubled_parameter_is_named(client: FlaskClient, route: str) -> None:
    words = ASKED[route]
    joined = "&" if "?" in words else "?"
    assert client.get(f"{address(route, words)}{joined}nonsense=1").json["field"] == "nonsense"
    if "?" in words:
        name = words.partition("?")[2].partition("=")[0]
        assert client.get(f"{address(route, words)}&{name}=1").json["field"] == name


def test_what_must_be_given_is_asked_for(client: FlaskClient) -> None:
    assert client.get("/api/v1/compare?before=1").json["field"] == "after"


def test_the_document_is_served_as_it_is(client: FlaskClient) -> None:
    assert client.get("/api/v1/openapi.json").json == DOCUMENT
