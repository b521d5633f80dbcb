"""The table and the document of a build."""

import re
from dataclasses import replace
from typing import Any

import pytest

from drydock.builds.report import HEADER, Report, Result, standins
from drydock.measures.build import Build, Step
from tests.test_ledger import build


def result(**words: Any) -> Result:
    return Result(build(disk_bytes=120_000_000, pull_bytes=None), base_bytes=100_000_000, **words)


def before(**words: Any) -> Build:
    return replace(build(disk_bytes=119_000_000), **words)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (result(), "first build"),
        (result(before=before()), "same image"),
        (result(before=before(digest="sha256:old")), "new image, +1.0 MB"),
        (result(before=before(digest="sha256:old", disk_bytes=121_000_000)), "new image, -1.0 MB"),
        (result(before=before(digest="sha256:old", disk_bytes=None)), "new image"),
        (Result(build(outcome="failed"), before()), "failed"),
    ],
)
def test_the_change_since_the_last_build_is_said_in_words(found: Result, words: str) -> None:
    assert found.change == words


def test_the_table_has_a_row_for_each_image_and_says_what_is_not_known() -> None:
    header, row, note = Report((result(),), 3.0, notes=("a note",)).text().splitlines()
    assert re.split(r" {2,}", header) == [*HEADER]
    assert re.split(r" {2,}", row) == ["web", "1", "0", "2.50 s", "120 MB", "20.0 MB", "unknown", "first build"]
    assert note == "a note"
    assert Report((), 0.0).text() == ""


def test_the_document_has_every_step_with_its_line_and_the_sizes() -> None:
    step = Step("web", "app", "RUN make", 3, 0.12345, 2.0, False)
    document = Report((Result(build(detail=(step,)), before(), 1, ("last",)),), 3.21987, code=4).document()
    (image,) = document["images"]
    assert (document["outcome"], document["seconds"]) == ("failed", 3.22)
    assert image["steps"] == [
        {
            **{"stage": "app", "instruction": "RUN make", "line": 3, "started": 0.123},
            **{"seconds": 2.0, "cached": False, "bytes": None, "error": None},
            **{"critical": False, "inputs": ()},
        }
    ]
    assert (image["disk_bytes"], image["pull_bytes"], image["base_bytes"], image["own_bytes"]) == (2, 1, 1, 1)
    assert image["previous"]["disk_bytes"] == 119_000_000
    assert image["log"] == ["last"]


def test_every_stand_in_is_named_once_with_the_images_that_rest_on_it() -> None:
    assert standins([build(), build("api"), build("db", bases=()), build("bad", outcome="failed")]) == (
        "web and api rest on a stand-in for python:3: its sizes are not those of the official image",
    )


def test_quiet_gives_the_tags_of_what_was_built() -> None:
    assert Report((result(), Result(build("bad", outcome="failed"))), 1.0).names() == "web:local"
