"""A seeded ledger is one that the package itself reads, and the same each time."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from drydock import config
from drydock.config import Config
from drydock.measures import anatomies, bodies, budgets, ledger, reports
from drydock.measures.reports import Kind
from tests import seeding


@pytest.fixture
def seeded(tmp_path: Path) -> Config:
    """A repository with 61 builds of four images: the last run has one image only."""
    found = config.load(tmp_path, os.environ)
    seeding.seed(found, images=4, builds=61)
    return found


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as base:
        return list(base.iterdump())


def test_what_was_seeded_is_read_back(seeded: Config) -> None:
    builds = ledger.detailed(seeded, ledger.recent(seeded, limit=None))
    assert len(builds) == 61
    assert {one.image for one in builds} == {"backend", "frontend", "worker", "gateway"}
    assert [one.started for one in builds] == sorted((one.started for one in builds), reverse=True)
    for one in builds:
        assert (len(one.detail), sum(step.cached for step in one.detail)) == (one.steps, one.cached)
    for one in (one for one in builds if one.outcome == "done"):
        anatomy = anatomies.find(seeded, one.digest)
        assert anatomy is not None
        assert sum(layer.disk_bytes for layer in anatomy.layers) == one.disk_bytes
        assert sum(layer.pull_bytes for layer in anatomy.layers) == one.pull_bytes
        assert sum(part.disk_bytes for part in anatomy.parts) == one.disk_bytes
        assert len(anatomy.layers) == one.layers
    assert any(bodies.why(seeded, one.id) for one in builds)


def test_the_newest_build_of_an_image_failed_with_a_log(seeded: Config) -> None:
    newest = ledger.recent(seeded, limit=1)[0]
    (failed,) = (step for step in ledger.steps(seeded, newest) if step.error)
    assert newest.outcome == "failed"
    assert failed.log is not None
    assert not failed.cached


def test_every_kind_of_report_is_there(seeded: Config) -> None:
    there = reports.dates(seeded)
    assert {kind for kind, _ in there} == set(Kind)
    for kind, name in there:
        assert reports.get(seeded, Kind(kind), name) is not None


def test_limits_are_kept_and_exceeded(tmp_path: Path) -> None:
    found = config.load(tmp_path, os.environ)
    seeding.seed(found, images=4, builds=40)
    kept = reports.get(found, Kind.BUDGETS)
    assert kept is not None
    states = set()
    for name, limits in kept.body.items():
        newest = ledger.latest(found, name)
        assert newest is not None
        (disk,) = (one for one in limits if one["figure"] == "disk")
        limit = budgets.Limit(budgets.Figure.DISK, disk["soft"], disk["hard"])
        states.add(budgets.Judgement(name, limit, newest.disk_bytes).state)
    assert states == {budgets.State.OK, budgets.State.SOFT, budgets.State.HARD}


@pytest.mark.parametrize("images", [1, 10])
def test_seeding_twice_gives_the_same_ledger(tmp_path: Path, images: int) -> None:
    paths = [tmp_path / f"{name}.db" for name in "ab"]
    for path in paths:
        assert seeding.main([str(path), "--images", str(images), "--builds", "25"]) == 0
    assert dump(paths[0]) == dump(paths[1])


def test_a_ledger_that_is_there_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / ".drydock").mkdir()
    (tmp_path / ".drydock" / "ledger.db").write_text("mine")
    with pytest.raises(SystemExit):
        seeding.main([str(tmp_path)])
    assert (tmp_path / ".drydock" / "ledger.db").read_text() == "mine"
