"""`inv bench` with a docker that answers as told: what is built in which order, what is kept, and what is refused."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from drydock import config
from drydock.commands import bench
from drydock.config import Config
from drydock.errors import Failed, Misuse
from drydock.events import Event, Phase, silent
from drydock.measures import evidence, reports, timings
from drydock.measures.reports import Kind

from .conftest import FakeDocker

EXAMPLE = Path(__file__).parent / "captures" / "scenarios.json"
DOCKERFILE = "FROM scratch\nCOPY requirements.txt /\nCOPY app /app\n"
VERSION = {"Server": {"Version": "26.1.5", "ApiVersion": "1.45"}}
INFO = {
    "Driver": "overlay2",
    "DriverStatus": [],
    "ClientInfo": {"Plugins": [{"Name": "buildx", "Version": "v0.13.1"}, {"Name": "compose", "Version": "2.26.1"}]},
}


def vertex(name: str, second: int, *, cached: bool) -> dict[str, Any]:
    times = {key: f"2026-01-01T00:00:{at:02d}Z" for key, at in (("started", second), ("completed", second + 1))}
    return {"digest": f"sha256:{name}", "name": name, "cached": cached, **times}


def events(*, cached: bool) -> str:
    log = {"vertex": "sha256:[2/2] COPY app /app", "data": base64.b64encode(b"> vite build\nbuilt in 500ms\n").decode()}
    told = [
        {"vertexes": [vertex("[1/2] COPY requirements.txt /", 0, cached=True)]},
        {"vertexes": [vertex("[2/2] COPY app /app", 1, cached=cached)]},
        {"logs": [{**log, "timestamp": "2026-01-01T00:00:01.5Z"}]},
        {"vertexes": [vertex("exporting to image", 2, cached=False)]},
    ]
    return "\n".join(map(json.dumps, told))


@pytest.fixture
def repository(tmp_path: Path, short: Path, docker: FakeDocker, listen: Callable[[Path], str]) -> Config:
    """A repository without compose file on an engine that says what it is told."""
    root = tmp_path / "shop"
    for name, text in {"Dockerfile": DOCKERFILE, "requirements.txt": "flask\n", "app/__init__.py": "A = 1\n"}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    (root / "infra/baseline").mkdir(parents=True)
    (root / "infra/baseline/shop.Dockerfile").write_text("FROM scratch\nCOPY . /\n", encoding="utf-8")
    docker.says("version", out=json.dumps(VERSION))
    docker.says("info", out=json.dumps(INFO))
    docker.says("buildx", "inspect", out="Driver: docker\nPlatforms: linux/amd64\n")
    docker.says("buildx", "bake", err=events(cached=False))
    docker.says("image", "inspect", out="[]", code=1)
    docker.says("image", "rm")
    environ = {**docker.environ, "DOCKER_HOST": listen(short / "s"), "DRYDOCK_HOME": str(tmp_path / "home")}
    return config.load(root, environ)


ENGINE_ONLY = ("no-op", "source edit", "dependency edit", "ignore-file edit", "cold")


def test_every_scenario_is_built_as_often_as_asked_and_variants_take_turns(repository: Config) -> None:
    told: list[Event] = []
    request = bench.Request(scenarios=ENGINE_ONLY, runs=2, baseline=True)
    report = bench.run(repository, request, told.append)
    lines = [event.detail for event in told if isinstance(event, Phase) and event.seconds is not None]
    assert len(lines) == 2 * 5 * 2
    assert lines[0] == "run 1 of 2: shop, cold, plan"
    assert lines[1] == "run 1 of 2: shop, cold, baseline"
    assert lines[10] == "run 2 of 2: shop, cold, baseline"
    for variant in report.capture["images"]["shop"].values():
        assert set(variant["scenarios"]) == set(ENGINE_ONLY)
        assert all(one["seconds"] == [3.0, 3.0] for one in variant["scenarios"].values())


def test_the_capture_holds_steps_what_is_read_and_what_was_edited(repository: Config) -> None:
    report = bench.run(repository, bench.Request(scenarios=("source-edit",), runs=1, save="now"), silent)
    held = evidence.load(repository.root, "now")["images"]["shop"]["plan"]
    assert report.saved == "docs/measurements/now.json"
    assert held["asks"] == ["/app", "/requirements.txt"]
    assert held["locks"] == ["requirements.txt"]
    assert held["edits"]["source edit"] == "app/__init__.py: a line is added"
    first, second = held["scenarios"]["source edit"]["steps"][0]
    assert (first["cached"], second["cached"], second["line"]) == (True, False, 3)
    assert held["scenarios"]["source edit"]["bundler_says"] == [0.5]
    assert report.document()["command"] == "inv bench --scenario source-edit --runs 1 --save now"


def test_the_ledger_keeps_the_newest_capture_of_each_name_where_there_is_one(repository: Config) -> None:
    asked = bench.Request(scenarios=("no-op",), runs=1)
    bench.run(repository, asked, silent)
    assert not repository.state.exists()
    repository.state.mkdir()
    report = bench.run(repository, asked, silent)
    bench.run(repository, replace(asked, save="now"), silent)
    assert set(reports.dates(repository)) == {("scenarios", "latest"), ("scenarios", "now")}
    kept = reports.get(repository, Kind.SCENARIOS, "latest")
    assert kept is not None
    assert (kept.body, kept.made) == (json.loads(json.dumps(report.capture)), report.capture["date"])
    saved = reports.get(repository, Kind.SCENARIOS, "now")
    assert saved is not None
    assert saved.body == evidence.load(repository.root, "now")


def test_captures_can_be_kept_with_those_of_the_repository_around(repository: Config) -> None:
    settings = {"bench": {"captures": ".."}}
    around = replace(repository, settings=settings)
    report = bench.run(around, bench.Request(scenarios=("no-op",), runs=1, save="small"), silent)
    capture = evidence.load(repository.root.parent, "small")
    assert report.saved == "docs/measurements/small.json"
    assert capture["command"] == "inv bench --root shop --scenario no-op --runs 1 --save small"


def test_the_images_are_removed_and_the_work_tree_stays(repository: Config, docker: FakeDocker) -> None:
    before = {path: path.read_bytes() for path in repository.root.rglob("*") if path.is_file()}
    docker.says("image", "ls", out="drydock-bench/shop:plan-mark\n")
    bench.run(repository, bench.Request(scenarios=("no-op",), runs=1), silent)
    assert {path: path.read_bytes() for path in repository.root.rglob("*") if path.is_file()} == before
    assert [call[2:] for call in docker.calls if call[:2] == ["image", "rm"]] == [["drydock-bench/shop:plan-mark"]]


def test_a_copy_that_does_not_build_ends_it_and_is_removed(repository: Config, docker: FakeDocker) -> None:
    failed = {**vertex("[2/2] COPY app /app", 1, cached=False), "error": "no such file"}
    docker.says("buildx", "bake", err=json.dumps({"vertexes": [failed]}), code=1)
    with pytest.raises(Failed, match="the plan of shop does not build on a scratch copy"):
        bench.run(repository, bench.Request(scenarios=("no-op",), runs=1), silent)
    assert ["image", "ls"] in [call[:2] for call in docker.calls]


def test_what_became_worse_is_named_with_exit_code_one(repository: Config, docker: FakeDocker) -> None:
    docker.says("buildx", "bake", err=events(cached=True))
    bench.run(repository, bench.Request(scenarios=("no-op",), runs=1, save="then"), silent)
    docker.says("buildx", "bake", err=events(cached=False))
    report = bench.run(repository, bench.Request(scenarios=("no-op",), runs=1, against="then"), silent)
    assert report.code == 1
    assert "fail  shop, no-op: runs again: stage-0: COPY app /app (1 steps, 0 before)" in report.text()
    assert report.document()["against"]["regressions"][0]["kind"] == "steps"
    same = bench.run(repository, bench.Request(scenarios=("no-op",), runs=1, save="now", against="then"), silent)
    again = bench.run(repository, bench.Request(scenarios=("no-op",), runs=1, against="now"), silent)
    assert (same.code, again.code) == (1, 0)
    assert "ok    nothing became worse" in again.text()


def test_what_cannot_be_timed_is_left_out_with_a_sentence(repository: Config) -> None:
    (repository.root / "requirements.txt").rename(repository.root / "wishes.txt")
    (repository.root / "Dockerfile").write_text("FROM scratch\nCOPY wishes.txt /\nCOPY app /app\n")
    report = bench.run(
        repository, bench.Request(scenarios=("both at once", "dependency edit", "no-op"), runs=1), silent
    )
    assert report.capture["notes"] == [
        "dependency edit of shop is left out: the build reads no file fit for it; "
        "[tool.drydock.images.shop] can name one as dependency",
        "both at once is left out: there is one image only",
    ]


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (bench.Request(scenarios=("warm",)), "there is no scenario warm"),
        (bench.Request(services=("web",)), "no service that is built here is called web"),
        (bench.Request(against="gone"), "there is no capture gone"),
        (bench.Request(save="../x"), "is no name for a capture"),
    ],
)
def test_what_is_asked_wrongly_is_refused_before_anything_is_built(
    repository: Config, docker: FakeDocker, request_: bench.Request, words: str
) -> None:
    with pytest.raises(Misuse, match=words):
        bench.run(repository, request_, silent)
    assert not any(call[:2] == ["buildx", "bake"] for call in docker.calls)


def test_a_capture_of_something_else_is_nothing_to_compare_with(repository: Config) -> None:
    evidence.save(repository.root, "sizes", {"schema": 1, "kind": "size", "images": []})
    with pytest.raises(Misuse, match="sizes is of another kind; there is none to compare with yet"):
        bench.run(repository, bench.Request(against="sizes"), silent)


def test_the_report_shows_ratios_what_follows_and_the_steps() -> None:
    capture = json.loads(EXAMPLE.read_text(encoding="utf-8"))
    capture["images"]["api"]["plan"]["scenarios"]["cold"]["seconds"] = [3.0, 3.0, 3.1, 3.0, 9.0]
    text = bench.Report(capture).text()
    assert "after / before" in text
    assert "source edit, over the bundler's own time" in text
    assert "app: COPY --link app /srv/app" in text
    assert "api, plan, cold: outliers are run 5 (9.00 s)" in text
    assert timings.RULE in text
    assert "imported cache is left out" in text
