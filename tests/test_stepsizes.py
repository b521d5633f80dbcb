"""Steps held against the records of the engine's cache: whose bytes they are, and where nobody can tell."""

import json
from dataclasses import replace
from typing import Any

import pytest

from drydock import dockerfile
from drydock.builds import buildcache, stepsizes
from drydock.builds.buildcache import Kind, Record
from drydock.causes.veil import Veil
from drydock.measures.build import Step

BEGAN = 1_767_225_600.0  # 2026-01-01T00:00:00Z
FILE = dockerfile.parse(
    "FROM python:3 AS builder\n"  # 1
    "RUN --mount=type=cache,target=/c make  $NAME \\\n"  # 2
    "    all\n"
    "RUN <<EOF\n"  # 4
    "one\n"
    "two\n"
    "EOF\n"
    'RUN ["make", "it"]\n'  # 8
    "COPY a /$TOKEN/\n"  # 9
    "RUN true\n"  # 10
)
VEIL = Veil({"hunter2": "TOKEN"})
MAKE = "RUN --mount=type=cache,target=/c make web all"


def step(text: str, line: int | None, started: float = 1.0, **words: Any) -> Step:
    return Step("web", "builder", text, line, started, 2.0, **{"cached": False, **words})


def record(what: str, size: int = 7, created: float = 2.0, kind: Kind = Kind.LAYER) -> Record:
    return Record(f"{what} {size} {created}", kind, what, size, created=BEGAN + created)


def sized(one: Step, *records: Record) -> int | None:
    (found,) = stepsizes.sized([one], records, FILE, BEGAN, VEIL)
    assert replace(found, bytes=None) == replace(one, bytes=None)
    return found.bytes


@pytest.mark.parametrize(
    ("one", "what"),
    [
        pytest.param(step(MAKE, 2), "make  $NAME     all", id="a RUN, by its command as written"),
        pytest.param(step("RUN <<EOF (one...)", 4), "one\ntwo\n", id="a RUN of a here-document, by its lines"),
        pytest.param(step('RUN ["make", "it"]', 8), "make it", id="a RUN without a shell"),
        pytest.param(step("RUN true", 10), "/bin/bash -o pipefail -c true", id="a RUN in another shell"),
        pytest.param(step("COPY a /$TOKEN/", 9), "COPY a /hunter2/", id="a COPY, though its text is hidden"),
        pytest.param(step("LINK COPY a /$TOKEN/", 9), "COPY a /hunter2/", id="a linked COPY, by the layer it links"),
        pytest.param(step("RUN triggered", None), "triggered", id="what a base triggers, by what was told"),
    ],
)
def test_a_step_that_ran_has_the_bytes_of_its_record(one: Step, what: str) -> None:
    assert sized(one, record(what), record("something else", 9)) == 7


@pytest.mark.parametrize(
    ("one", "records"),
    [
        pytest.param(step(MAKE, 2), [], id="no record"),
        pytest.param(step(MAKE, 2), [record("make $NAME all", created=-60)], id="a record of an earlier build"),
        pytest.param(step(MAKE, 2), [record("make $NAME all", created=90)], id="a record of a later build"),
        pytest.param(step(MAKE, 2), [record("make $NAME all", kind=Kind.MOUNT)], id="what the cache mount holds"),
        pytest.param(step("RUN true", 10), [record("rm -r x && true")], id="a command that only ends alike"),
        pytest.param(step("RUN true", 10), [record("true", 1), record("true", 2)], id="two that fit, of two sizes"),
        pytest.param(step("RUN true", 10, cached=True), [record("true")], id="a step from the cache"),
        pytest.param(step("RUN true", 10, error="exit code: 1"), [record("true")], id="a step that failed"),
    ],
)
def test_where_nobody_can_tell_the_bytes_are_not_known(one: Step, records: list[Record]) -> None:
    assert sized(one, *records) is None


def test_what_the_image_told_stays() -> None:
    assert sized(step("RUN true", 10, bytes=5), record("true")) == 5


def test_of_equal_texts_the_time_tells_which_is_whose() -> None:
    found = stepsizes.sized(
        [step("RUN true", 10), step("RUN true", 10, started=20.0)],
        [record("true", 1, 2.0), record("true", 2, 21.0)],
        FILE,
        BEGAN,
        VEIL,
    )
    assert [one.bytes for one in found] == [1, 2]


def test_records_are_read_from_what_the_engine_answers() -> None:
    entry = {
        "ID": "l1",
        " Parents": ["p"],  # as engines of this time write it
        "Type": "regular",
        "Description": "[builder  5/10] COPY a.txt /x/",
        "InUse": False,
        "Shared": True,
        "Size": 162504,
        "CreatedAt": "2026-01-01T00:00:01.500000124Z",
        "LastUsedAt": None,
        "UsageCount": 1,
    }
    (found,) = buildcache.read(json.dumps({"LayersSize": 0, "BuildCache": [entry]}).encode())
    assert found == Record("l1", Kind.LAYER, "COPY a.txt /x/", 162504, shared=True, created=BEGAN + 1.5)


@pytest.mark.parametrize(
    "body",
    [b"", b"page not found", b'{"message": "no"}', b'{"BuildCache": null}', b'{"BuildCache": [{"ID": "x"}]}', b"[]"],
    ids=["nothing", "no JSON", "a refusal", "an empty cache", "records of another kind", "another document"],
)
def test_from_any_other_answer_no_record_is_read(body: bytes) -> None:
    assert buildcache.read(body) == ()
