"""`build --changed` after random edits, held against full builds."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from drydock import config
from drydock.engines import engine
from tests.engine import edited
from tests.engine.edited import Repository


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Repository]:
    found = engine.find(config.load(Path(), os.environ))
    made = edited.make(tmp_path_factory.mktemp("changed"), found.environ)
    try:
        yield made
    finally:
        made.forget()


def test_what_is_left_out_comes_out_as_it_was(repository: Repository) -> None:
    assert edited.hold(repository, rounds=8, seed=1)


def test_an_image_that_is_gone_from_the_engine_is_built_and_so_is_what_stands_on_it(repository: Repository) -> None:
    repository.build()
    edited.EDITS["pruned"](repository, "low", "")
    report = repository.build(changed=True)
    assert [one.image for one in report.choices if one.built] == ["low", "upper"]
    assert [one.why for one in report.choices if one.image == "upper"] == [
        f"it is built upon low: drydock-changed/{repository.name}-low:local is not in the engine"
    ]


def test_nothing_to_build_is_a_sentence_and_no_build(repository: Repository) -> None:
    repository.build()
    report = repository.build(changed=True)
    assert (report.code, report.results) == (0, ())
    assert report.text().endswith("nothing to build: all 4 images are as they were")
