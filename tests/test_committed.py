"""Captures of the repository, taken into its ledger."""

import os
from pathlib import Path
from typing import Any

import pytest

from drydock import config
from drydock.config import Config
from drydock.events import Event, Note, silent
from drydock.measures import committed, evidence, reports
from drydock.measures.reports import Kind

OLD, NEW = "2026-01-01T00:00:00+00:00", "2026-01-02T00:00:00+00:00"


@pytest.fixture
def repository(tmp_path: Path) -> Config:
    (tmp_path / ".drydock").mkdir()
    return config.load(tmp_path, os.environ)


def save(repository: Config, name: str, **words: Any) -> None:
    evidence.save(repository.root, name, {"schema": 1, "kind": "scenarios", "date": OLD, **words})


def test_scenarios_and_proofs_are_taken_in_and_others_not(repository: Config) -> None:
    save(repository, "one")
    save(repository, "two", kind="proof", reason="at https://app:planted@host")
    save(repository, "three", kind="size")
    committed.record(repository, silent)
    assert reports.dates(repository) == {("scenarios", "one"): OLD, ("proof", "two"): OLD}
    kept = reports.get(repository, Kind.PROOF, "two")
    assert kept is not None
    assert (kept.body["diff"], kept.body["reason"]) == ("", "at https://$LOGIN@host")


@pytest.mark.parametrize(
    ("there", "runs"),
    [
        pytest.param(OLD, 1, id="the ledger has an older one"),
        pytest.param(NEW, 2, id="the ledger has the same"),
        pytest.param("2026-01-03T00:00:00+00:00", 2, id="the ledger has a newer one"),
    ],
)
def test_the_newer_one_stays(repository: Config, there: str, runs: int) -> None:
    reports.put(repository, Kind.SCENARIOS, {"runs": 2}, name="one", made=there)
    before = repository.ledger.read_bytes()
    save(repository, "one", date=NEW, runs=1)
    committed.record(repository, silent)
    kept = reports.get(repository, Kind.SCENARIOS, "one")
    assert kept is not None
    assert kept.body["runs"] == runs
    assert (repository.ledger.read_bytes() == before) is (runs == 2)  # nothing is written where nothing is newer


def test_a_broken_capture_is_one_warning(repository: Config) -> None:
    save(repository, "one")
    (evidence.folder(repository.root) / "two.json").write_text("{")
    told = list[Event]()
    committed.record(repository, told.append)
    (note,) = told
    assert isinstance(note, Note)
    assert note.warning
    assert "two.json" in note.text
    assert ("scenarios", "one") in reports.dates(repository)


def test_a_repository_without_captures_has_none(repository: Config) -> None:
    committed.record(repository, silent)
    assert not repository.ledger.exists()
