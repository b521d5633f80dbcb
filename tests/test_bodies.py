"""What builds rested on, in the ledger: once each, dropped when nothing rests on it; and `inv why` over it."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from drydock import config
from drydock.causes.cause import Cause, Kind, Why
from drydock.commands import why
from drydock.config import Config
from drydock.errors import Misuse
from drydock.measures import bodies, ledger
from drydock.measures.bodies import Kept
from tests.test_ledger import build
from tests.test_migration import FIRST

WHY = Why("web", "app", 3, "RUN make", Cause(Kind.FILE, "lock", "content"), None, 1, 2, notes=("a note",))


@pytest.fixture
def repository(tmp_path: Path) -> Config:
    (tmp_path / "repo").mkdir()
    return config.load(tmp_path / "repo", {})


def keep(repository: Config, grounds: str, *manifests: str, day: int = 1, **words: Any) -> None:
    """Record a build with these grounds, on a day of January."""
    held = {grounds: f"grounds {grounds}".encode(), **{one: one.encode() for one in manifests}}
    kept = Kept(grounds, held, manifests, WHY.document())
    one = build(started=f"2026-01-{day:02}T00:00:00+00:00", **words)
    ledger.append(repository, [one], grounds={one.image: kept})


def there(repository: Config) -> set[str]:
    with closing(sqlite3.connect(repository.ledger)) as base:
        return {digest for (digest,) in base.execute("SELECT digest FROM bodies")}


def test_what_is_alike_is_kept_once(repository: Config) -> None:
    for day in (1, 2, 3):
        keep(repository, "g", "m", day=day)
    assert there(repository) == {"g", "m"}
    (one,) = bodies.earlier(repository, "web", "build")
    assert (one.id, one.body, one.done) == (3, b"grounds g", True)
    assert bodies.find(repository, "m") == b"m"


def test_earlier_builds_are_those_of_the_image_and_scenario_newest_first(repository: Config) -> None:
    keep(repository, "old")
    keep(repository, "new", day=2)
    keep(repository, "other", scenario="target test")
    keep(repository, "api", image="api")
    assert [one.body for one in bodies.earlier(repository, "web", "build")] == [b"grounds new", b"grounds old"]


def test_a_failed_build_says_what_it_came_through(repository: Config) -> None:
    keep(repository, "g", outcome="failed")
    (one,) = bodies.earlier(repository, "web", "build")
    assert not one.done
    assert one.steps == frozenset({("app", 3)})


def test_old_bodies_do_not_pile_up(repository: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "KEPT", 2)
    keep(repository, "api", "shared", image="api")
    for day in range(1, 6):
        keep(repository, f"g{day}", f"m{day}", "shared", day=day)
        keep(repository, f"g{day}", f"m{day}", "shared", day=day)
    assert there(repository) == {"g4", "m4", "g5", "m5", "shared", "api"}
    assert bodies.why(repository, 2) == WHY.document()  # what was found stays
    assert bodies.find(repository, "m1") is None


def test_a_ledger_of_an_older_version_has_none(repository: Config) -> None:
    repository.state.mkdir()
    with closing(sqlite3.connect(repository.ledger)) as base:
        base.executescript(FIRST)
    assert bodies.earlier(repository, "web", "build") == ()
    assert bodies.why(repository, 7) is None
    assert bodies.find(repository, "m") is None
    keep(repository, "g", "m", day=2)
    assert there(repository) == {"g", "m"}


def test_why_tells_of_the_last_build_of_each_image(repository: Config) -> None:
    keep(repository, "g")
    keep(repository, "h", day=2)
    ledger.append(repository, [build("api")])
    report = why.run(repository)
    assert report.text() == (
        "api: nothing is recorded of why: it was imported, or built without BuildKit or by an older Drydock\n"
        "web: line 3, RUN make, ran again: lock changed\n"
        "  build 2, compared with build 1, 2 more steps ran behind it\n"
        "  a note"
    )
    assert [one["id"] for one in report.document()["builds"]] == [3, 2]
    assert why.run(repository, build="1").document()["builds"][0]["why"]["cause"]["kind"] == "file"
    assert why.run(repository, services=["web"]).document()["builds"][0]["image"] == "web"


def test_nothing_recorded_is_said(repository: Config) -> None:
    assert why.run(repository).text() == "no build is recorded yet: inv build"


@pytest.mark.parametrize("words", [{"build": "7"}, {"build": "x"}, {"build": "9" * 30}, {"services": ["none"]}])
def test_what_is_not_there_is_one_line_with_a_remedy(repository: Config, words: dict[str, Any]) -> None:
    ledger.append(repository, [build()])
    with pytest.raises(Misuse) as caught:
        why.run(repository, **words)
    assert caught.value.remedy


@pytest.mark.parametrize(
    "change",
    [
        pytest.param("UPDATE grounds SET why = '{'", id="no JSON"),
        pytest.param("UPDATE grounds SET why = '[]'", id="no object"),
        pytest.param("UPDATE grounds SET why = '{}'", id="no cause"),
    ],
)
def test_a_damaged_cause_is_one_line_with_a_remedy(repository: Config, change: str) -> None:
    keep(repository, "g")
    with closing(sqlite3.connect(repository.ledger)) as base:
        base.execute(change)
        base.commit()
    with pytest.raises(Misuse, match="damaged"):
        why.run(repository)


def test_a_damaged_body_is_one_line_with_a_remedy(repository: Config) -> None:
    keep(repository, "g", "m")
    with closing(sqlite3.connect(repository.ledger)) as base:
        base.execute("UPDATE bodies SET body = x'00'")
        base.commit()
    for question in (lambda: bodies.earlier(repository, "web", "build"), lambda: bodies.find(repository, "m")):
        with pytest.raises(Misuse, match="damaged"):
            question()
