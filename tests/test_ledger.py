"""The ledger: all of a run or nothing, readable by all, clear about what is wrong with it."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from drydock import config
from drydock.config import Config
from drydock.errors import Misuse, NotReady
from drydock.measures import layers, ledger
from drydock.measures.build import Build, Step
from drydock.measures.layers import Layer

PROJECT = Path(__file__).resolve().parents[1]


@pytest.fixture
def repository(tmp_path: Path) -> Config:
    (tmp_path / "repo").mkdir()
    return config.load(tmp_path / "repo", os.environ)


def build(image: str = "web", **words: Any) -> Build:
    steps = words.pop("detail", (Step(image, "app", "RUN make", 3, 0.5, 2.0, False),))
    return Build(
        **{
            "image": image,
            "tag": f"{image}:local",
            "started": "2026-01-01T00:00:00+00:00",
            "commit": "abc",
            "dirty": True,
            "platform": "linux/amd64",
            "engine": "26.1.5",
            "store": "overlay2",
            "bases": ({"name": "python:3", "reference": "r", "origin": "standin", "digest": "d"},),
            "standin": True,
            "outcome": "done",
            "seconds": 2.5,
            "steps": len(steps),
            "cached": 0,
            "context_bytes": 10,
            "pull_bytes": 1,
            "disk_bytes": 2,
            "layers": 3,
            "digest": "sha256:x",
            "detail": steps,
            **words,
        }
    )


MAKE = ("web", "app", "RUN make")


def ran(seconds: float, cached: bool = False, **words: Any) -> Build:
    image, stage, instruction = MAKE
    return build(detail=(Step(image, stage, instruction, 3, 0.0, seconds, cached),), cached=int(cached), **words)


def test_what_is_appended_is_read_back(repository: Config) -> None:
    one = build(
        detail=(
            Step("web", "app", "RUN a", 1, 0.0, 1.0, True),
            Step("web", "app", "RUN b", None, 1.0, 0.5, False, 7, "e", True, (0,), "said\nthis"),
        ),
        export_seconds=0.25,
    )
    ledger.append(repository, [one])
    found = ledger.latest(repository, "web")
    assert found is not None
    assert ledger.steps(repository, found) == one.detail
    assert replace(found, id=0, detail=one.detail) == one


def test_nothing_was_recorded_yet(repository: Config) -> None:
    assert ledger.latest(repository, "web") is None
    assert ledger.recent(repository) == ()
    assert ledger.shipped(repository, "web") == ()
    assert ledger.images(repository) == ()
    assert ledger.expected(repository, ["web"]) == {}
    assert ledger.layers(repository, ["sha256:1"]) == {}
    assert not repository.state.exists()


def test_the_latest_is_of_that_image_and_scenario_and_was_done(repository: Config) -> None:
    ledger.append(repository, [build(seconds=1.0), build("api"), build(scenario="cold"), build(outcome="failed")])
    found = ledger.latest(repository, "web")
    assert found is not None
    assert found.seconds == 1.0
    assert [one.outcome for one in ledger.recent(repository, image="web")] == ["failed", "done", "done"]
    assert len(ledger.recent(repository, limit=2)) == 2


def test_what_shipped_is_told_once_for_each_image_newest_first(repository: Config) -> None:
    days: list[dict[str, Any]] = [
        {"digest": "a", "commit": "c1", "dirty": False},
        {"digest": "b", "commit": "c2", "dirty": False},
        {"digest": "a", "commit": "c2"},
        {"digest": "c", "outcome": "failed"},
        {"digest": "d", "scenario": "target test"},
        {"digest": None},
    ]
    made = [build(started=f"2026-01-0{day}T00:00:00+00:00", **words) for day, words in enumerate(days, start=1)]
    ledger.append(repository, [*made, build("api")])
    assert [one.id for one in ledger.shipped(repository, "web", limit=9)] == [3, 2]
    assert [one.id for one in ledger.shipped(repository, "web")] == [3]
    assert [one.id for one in ledger.shipped(repository, "web", other_than="a")] == [2]
    assert [one.id for one in ledger.shipped(repository, "web", commit="c1")] == [1]
    assert [one.id for one in ledger.shipped(repository, "web", commit="c2")] == [2], "the newer one was not clean"
    assert sorted(ledger.images(repository)) == ["api", "web"]


def test_what_began_later_is_newer_whatever_was_written_first(repository: Config) -> None:
    later, earlier = "2026-01-02T00:00:00.000+00:00", "2026-01-01T00:00:00.000+00:00"
    ledger.append(repository, [build(started=later, seconds=1.0), build(started=earlier, seconds=9.0)])
    assert [one.seconds for one in ledger.recent(repository)] == [1.0, 9.0]
    found = ledger.latest(repository, "web")
    assert found is not None
    assert found.seconds == 1.0


def test_a_step_is_expected_to_take_the_median_of_the_times_it_ran(repository: Config) -> None:
    ledger.append(repository, [ran(1.0), ran(3.0), ran(20.0), ran(0.0, cached=True)])
    assert ledger.expected(repository, ["web", "api"]) == {MAKE: 3.0}


def test_builds_with_nothing_to_do_make_nobody_forget_what_a_step_takes(repository: Config) -> None:
    ledger.append(repository, [ran(3.0), *(ran(0.0, cached=True) for _ in range(ledger.RECENT))])
    assert ledger.expected(repository, ["web"]) == {MAKE: 3.0}


def test_other_scenarios_say_nothing_of_an_ordinary_build_and_it_of_all(repository: Config) -> None:
    ledger.append(repository, [ran(3.0), ran(9.0, scenario="cold"), ran(5.0, scenario="dev")])
    assert ledger.expected(repository, ["web"]) == {MAKE: 3.0}
    assert ledger.expected(repository, ["web"], scenario="dev") == {MAKE: 4.0}


def test_layers_are_known_here_and_in_other_repositories(repository: Config, tmp_path: Path) -> None:
    ledger.append(repository, [], [Layer("sha256:1", 10, 5)])
    (tmp_path / "other").mkdir()
    other = config.load(tmp_path / "other", os.environ)
    assert ledger.layers(repository, ["sha256:1", "sha256:2"]) == {"sha256:1": Layer("sha256:1", 10, 5)}
    assert ledger.layers(other, ["sha256:1"]) == {"sha256:1": Layer("sha256:1", 10, 5)}


def test_a_broken_list_of_shared_layers_is_as_good_as_none(repository: Config) -> None:
    layers.remember(repository, [Layer("sha256:1", 10, 5)])
    (repository.home / "layers.json").write_text("[1")
    assert layers.recall(repository) == {}


def test_all_can_read_it_whatever_the_umask(repository: Config) -> None:
    before = os.umask(0o077)
    try:
        ledger.append(repository, [build()])
    finally:
        os.umask(before)
    assert repository.ledger.stat().st_mode & 0o777 == 0o644
    assert repository.state.stat().st_mode & 0o777 == 0o755
    with sqlite3.connect(repository.ledger) as base:
        assert base.execute("PRAGMA journal_mode").fetchone() == ("delete",)


def test_one_build_that_cannot_be_written_takes_the_whole_run_back(repository: Config) -> None:
    ledger.append(repository, [build()])
    with pytest.raises(Misuse):
        ledger.append(repository, [build("api"), build("bad", outcome=None)])
    assert [one.image for one in ledger.recent(repository)] == ["web"]


def test_a_kill_in_the_middle_of_a_write_leaves_nothing_of_it(repository: Config) -> None:
    ledger.append(repository, [build()])
    script = """
import os, sqlite3, sys
base = sqlite3.connect(sys.argv[1], isolation_level=None)
base.execute("PRAGMA cache_spill = 1")
base.execute("PRAGMA cache_size = 1")
base.execute("BEGIN IMMEDIATE")
for number in range(5000):
    base.execute("INSERT INTO layers VALUES (?, 1, 1)", (str(number) * 50,))
os.kill(os.getpid(), 9)
"""
    ended = subprocess.run([sys.executable, "-c", script, str(repository.ledger)], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert (repository.state / "ledger.db-journal").exists()  # the write had reached the file
    assert [one.image for one in ledger.recent(repository)] == ["web"]  # a reader takes it back
    assert not (repository.state / "ledger.db-journal").exists()
    ledger.append(repository, [build("api")])
    assert [one.image for one in ledger.recent(repository)] == ["api", "web"]
    assert ledger.layers(repository, ["1" * 50]) == {}


def test_a_ledger_that_was_only_touched_is_filled(repository: Config) -> None:
    repository.state.mkdir()
    repository.ledger.touch()  # what a kill leaves right after the file was made
    assert ledger.latest(repository, "web") is None
    ledger.append(repository, [build()])
    assert ledger.latest(repository, "web") is not None


def test_builds_at_the_same_time_are_all_kept(repository: Config) -> None:
    script = """
import os, sys
from pathlib import Path
from drydock import config
from drydock.measures import ledger
from tests.test_ledger import build
settings = config.load(Path(sys.argv[1]), os.environ)
for _ in range(10):
    ledger.append(settings, [build(sys.argv[2])])
"""
    environ = {**os.environ, "PYTHONPATH": str(PROJECT)}
    argv = [sys.executable, "-c", script, str(repository.root)]
    children = [subprocess.Popen([*argv, name], env=environ, cwd=PROJECT) for name in ("web", "api", "db")]
    assert [child.wait() for child in children] == [0, 0, 0]
    assert len(ledger.recent(repository, limit=100)) == 30


def test_a_newer_ledger_is_left_alone(repository: Config) -> None:
    ledger.append(repository, [build()])
    with sqlite3.connect(repository.ledger) as base:
        base.execute("PRAGMA user_version = 99")
    with pytest.raises(Misuse, match="newer") as caught:
        ledger.check(repository)
    assert "update" in caught.value.remedy
    with pytest.raises(Misuse, match="newer"):
        ledger.append(repository, [build()])


@pytest.mark.parametrize(
    "content", [b"this is no database at all, but it is long enough", b"SQLite format 3\0" + b"\xff" * 5000]
)
def test_a_damaged_ledger_is_named_with_what_mends_it(repository: Config, content: bytes) -> None:
    repository.state.mkdir()
    repository.ledger.write_bytes(content)
    with pytest.raises(Misuse, match=r"ledger\.db") as caught:
        ledger.check(repository)
    assert caught.value.remedy.startswith("mv ")
    with pytest.raises(Misuse, match=r"ledger\.db"):
        ledger.latest(repository, "web")
    assert repository.ledger.read_bytes() == content


@pytest.fixture
def sealed(repository: Config) -> Iterator[Config]:
    """A repository in which no file can be made: a file is where the folder should be."""
    repository.state.write_text("")
    yield repository
    repository.state.unlink()


def test_a_folder_that_takes_no_files_is_the_machine_s_fault(sealed: Config) -> None:
    with pytest.raises(NotReady) as caught:
        ledger.append(sealed, [build()])
    assert caught.value.code == 3
    assert caught.value.remedy


def test_a_check_makes_nothing(repository: Config) -> None:
    ledger.check(repository)
    assert not repository.state.exists()
    ledger.append(repository, [build()])
    before = repository.ledger.read_bytes()
    ledger.check(repository)
    assert repository.ledger.read_bytes() == before
