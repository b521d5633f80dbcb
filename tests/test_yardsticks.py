"""What builds are held against, in the ledger: written when it is another, and no build fails for it."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from drydock import config
from drydock.config import Config
from drydock.events import Event, Note, silent
from drydock.measures import ledger, reports, yardsticks
from drydock.measures.reports import Kind
from tests.test_ledger import build

LIMITS = {"web": {"budget": {"disk": "125 MB", "growth": {"soft": 500}, "source-edit-steps": 2}}, "api": {}}


@pytest.fixture
def repository(tmp_path: Path) -> Config:
    found = replace(config.load(tmp_path, os.environ), settings={"images": LIMITS})
    for commit, image, dirty in (("left", "web", False), ("left", "api", False), ("tip", "web", True)):
        ledger.append(found, [build(image, commit=commit, dirty=dirty)])
    return found


def body(repository: Config, kind: Kind) -> Any:
    found = reports.get(repository, kind)
    return found and found.body


def test_limits_are_kept_as_they_are_set(repository: Config) -> None:
    yardsticks.record(repository, ["web", "api"], (), silent)
    assert body(repository, Kind.BUDGETS) == {
        "web": [
            {"figure": "disk", "soft": None, "hard": 125_000_000, "against": ""},
            {"figure": "growth", "soft": 500, "hard": None, "against": "main"},
            {"figure": "source-edit-steps", "soft": None, "hard": 2, "against": ""},
        ]
    }
    assert body(repository, Kind.MAIN) is None  # there is none, and there never was


def test_the_builds_of_main_are_those_that_a_check_of_sizes_takes(repository: Config) -> None:
    yardsticks.record(repository, ["web", "api"], ("tip", "left"), silent)
    assert body(repository, Kind.MAIN) == {"branch": "main", "builds": {"web": 1, "api": 2}}
    ledger.append(repository, [build(commit="tip", dirty=False), build(commit="tip", dirty=False, outcome="failed")])
    ledger.append(repository, [build(commit="tip", dirty=False, scenario="dev")])
    yardsticks.record(repository, ["web", "api"], ("tip", "left"), silent)
    assert body(repository, Kind.MAIN) == {"branch": "main", "builds": {"web": 4}}
    yardsticks.record(repository, ["web", "api"], ("newer",), silent)
    assert body(repository, Kind.MAIN) == {"branch": "main", "builds": {}}


def test_what_is_as_it_was_is_not_written_again(repository: Config) -> None:
    yardsticks.record(repository, ["web"], ("left",), silent)
    before = repository.ledger.read_bytes()
    yardsticks.record(repository, ["web"], ("left",), silent)
    assert repository.ledger.read_bytes() == before
    yardsticks.record(replace(repository, settings={}), ["web"], ("left",), silent)
    assert body(repository, Kind.BUDGETS) == {}


def test_a_budget_that_cannot_be_read_is_one_warning(repository: Config) -> None:
    told = list[Event]()
    spoilt = replace(repository, settings={"images": {"web": {"budget": {"disk": "much"}}}})
    yardsticks.record(spoilt, ["web"], (), told.append)
    (note,) = told
    assert isinstance(note, Note)
    assert note.warning
    assert "disk" in note.text
