"""Reports in the ledger: the newest of each kind and name, whole or not at all, of bounded size."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from drydock import command, config
from drydock.config import Config
from drydock.errors import Misuse
from drydock.events import Event, Note, silent
from drydock.measures import ledger, reports
from drydock.measures.reports import Kind, Report
from tests.test_ledger import build


@pytest.fixture
def repository(tmp_path: Path) -> Config:
    (tmp_path / "repo" / ".drydock").mkdir(parents=True)
    return config.load(tmp_path / "repo", os.environ)


def test_the_newest_of_each_kind_and_name_is_kept(repository: Config) -> None:
    reports.put(repository, Kind.SCENARIOS, {"runs": 1}, name="a", made="2026-01-01T00:00:00+00:00")
    reports.put(repository, Kind.SCENARIOS, {"runs": 2}, name="b", made="2026-01-01T00:00:00+00:00")
    reports.put(repository, Kind.SCENARIOS, {"runs": 3}, name="a", made="2026-01-02T00:00:00+00:00")
    assert reports.get(repository, Kind.SCENARIOS, "a") == Report(
        Kind.SCENARIOS, "a", "2026-01-02T00:00:00+00:00", {"runs": 3}
    )
    assert reports.get(repository, Kind.PROOF, "a") is None
    assert reports.dates(repository) == {
        ("scenarios", "a"): "2026-01-02T00:00:00+00:00",
        ("scenarios", "b"): "2026-01-01T00:00:00+00:00",
    }


def test_builds_and_reports_stand_side_by_side(repository: Config) -> None:
    ledger.append(repository, [build()])
    reports.put(repository, Kind.DOCTOR, {"code": 0})
    assert len(ledger.recent(repository)) == 1
    found = reports.get(repository, Kind.DOCTOR)
    assert found is not None
    assert found.made.endswith("+00:00")


def test_nothing_was_recorded_yet(repository: Config) -> None:
    assert reports.get(repository, Kind.AUDIT) is None
    assert reports.dates(repository) == {}
    assert not repository.ledger.exists()


def test_a_body_that_is_too_large_is_refused_and_the_one_before_it_stays(repository: Config) -> None:
    reports.put(repository, Kind.AUDIT, {"findings": []})
    with pytest.raises(Misuse, match="too large") as caught:
        reports.put(repository, Kind.AUDIT, {"findings": ["ä" * (reports.MOST_BYTES // 2)]})
    assert "\n" not in caught.value.message
    found = reports.get(repository, Kind.AUDIT)
    assert found is not None
    assert found.body == {"findings": []}


@pytest.mark.parametrize("body", ["[", "3", "null"])
def test_a_report_that_nobody_wrote_so_is_named_with_a_remedy(repository: Config, body: str) -> None:
    reports.put(repository, Kind.AUDIT, {})
    with closing(sqlite3.connect(repository.ledger)) as base, base:
        base.execute("UPDATE reports SET body = ?", (body,))
    with pytest.raises(Misuse, match="damaged"):
        reports.get(repository, Kind.AUDIT)


def test_where_nothing_was_ever_recorded_no_folder_is_made(tmp_path: Path) -> None:
    found = config.load(tmp_path, os.environ)
    reports.record(found, Kind.DOCTOR, {"code": 0}, silent)
    assert not found.state.exists()


def test_a_dry_run_records_nothing(repository: Config) -> None:
    with command.dry_run(True):
        reports.record(repository, Kind.DOCTOR, {"code": 0}, silent)
    assert not repository.ledger.exists()


def test_a_ledger_that_cannot_be_written_is_one_warning(repository: Config) -> None:
    repository.ledger.write_bytes(b"this is no database at all, but it is long enough")
    told = list[Event]()
    reports.record(repository, Kind.DOCTOR, {"code": 0}, told.append)
    (note,) = told
    assert isinstance(note, Note)
    assert note.warning
    assert "mv " in note.text
    assert "\n" not in note.text
