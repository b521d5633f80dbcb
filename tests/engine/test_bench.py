"""`inv bench` on the real engine: what runs again after which edit, planted regressions, and nothing left behind."""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from drydock import config, events
from drydock.commands import bench, build
from drydock.config import Config
from drydock.measures import ledger, reports
from drydock.measures.reports import Kind
from drydock.scenarios import regressions

from .conftest import Docker

# An installer in nature: it reads a lock file, keeps what it fetched in a cache mount, and fetching takes its time.
GOOD = """\
FROM python:3.12-slim AS builder
WORKDIR /work
COPY requirements.txt .
RUN --mount=type=cache,target=/fetched,id={id} mkdir -p /packages \\
 && grep -v '#' requirements.txt | while read name; do \\
      [ -e "/fetched/$name" ] || { sleep 0.4; touch "/fetched/$name"; }; touch "/packages/$name"; done

FROM python:3.12-slim
COPY --from=builder /packages /packages
COPY app /srv/app
"""
FILES = {"requirements.txt": "".join(f"p{at}==1\n" for at in range(6)), "app/__init__.py": "A = 1\n", "notes.md": "n\n"}
FIXED = "RUN printf 'p0==1\\np1==1\\n' > requirements.txt\n"
PLANTED = {  # what is written in the place of what, and what is said of it at the least
    "source copied before install": ({"COPY requirements.txt .": "COPY . ."}, {"steps", "wide copy"}),
    "a lost cache mount": (
        {"--mount=type=cache,target=/fetched,id={id} mkdir": "mkdir /fetched && mkdir"},
        {"cache mount"},
    ),
    "a lost lock file": ({"COPY requirements.txt .\n": FIXED}, {"lock file"}),
    "a lock file that ships, and from which nothing is installed": (
        {"COPY requirements.txt .\n": FIXED, "COPY app": "COPY requirements.txt /srv/\nCOPY app"},
        {"stale"},
    ),
    "an over-wide COPY": ({"COPY app /srv/app": "COPY . /srv"}, {"wide copy"}),
}
ONLY = ("no-op", "source edit", "dependency edit", "ignore-file edit")


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, docker: Docker) -> Config:
    """The repository of the fixture, on the engine of these tests; its installer's mount is no one else's."""
    docker.base("python:3.12-slim")
    root = tmp_path_factory.mktemp("shop")
    _write(root, GOOD, root.name)
    return config.load(root, os.environ)


@pytest.fixture(scope="module")
def clean(settings: Config) -> Mapping[str, Any]:
    """A capture of the repository as it should be."""
    return timed(settings, 3)


def test_after_an_edit_only_what_reads_the_edited_file_runs_again(clean: Mapping[str, Any]) -> None:
    ran = {name: set(_ran(clean, name)) for name in ONLY}
    install = next(one for one in ran["dependency edit"] if one.startswith("RUN"))
    ran["dependency edit"].discard("COPY --from=builder /packages /packages")  # cached where the packages are the same
    assert ran == {
        "no-op": set(),
        "source edit": {"COPY app /srv/app"},
        "dependency edit": {"COPY requirements.txt .", install, "COPY app /srv/app"},
        "ignore-file edit": set(),
    }


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_regression_is_flagged(settings: Config, clean: Mapping[str, Any], name: str) -> None:
    flags(settings, clean, name, times=1)


def flags(settings: Config, clean: Mapping[str, Any], name: str, times: int) -> None:
    changes, kinds = PLANTED[name]
    text = GOOD
    for before, after in changes.items():
        assert before in text
        text = text.replace(before, after)
    try:
        _write(settings.root, text, settings.root.name)
        for _ in range(times):
            found = regressions.find(clean, timed(settings, 1))
            assert {one.kind for one in found} >= kinds, found
    finally:
        _write(settings.root, GOOD, settings.root.name)


def test_cold_runs_every_run_and_keeps_the_mounts(settings: Config) -> None:
    capture = timed(settings, 1, "cold")
    (steps,) = scenarios_of(capture)["cold"]["steps"]
    assert all(not step["cached"] for step in steps if step["instruction"].startswith("RUN"))
    assert scenarios_of(capture)["cold"]["seconds"][0] < 2.4, "six packages were fetched again, so the mount was empty"


def test_the_image_that_the_repository_itself_made_stays(settings: Config, docker: Docker) -> None:
    build.run(settings, build.Request(), events.silent)
    made = f"{settings.root.name}:local"
    try:
        timed(settings, 1, "no-op")  # of a copy that is the same, so the image is
        assert made in docker("image", "inspect", made)
    finally:
        docker("image", "rm", made)


def test_the_working_tree_and_the_recorded_builds_stay_as_they_are(settings: Config) -> None:
    def state() -> tuple[Mapping[Path, bytes], object]:
        kept = [path for path in settings.root.rglob("*") if path.is_file() and path != settings.ledger]
        return {path: path.read_bytes() for path in kept}, ledger.detailed(
            settings, ledger.recent(settings, limit=None)
        )

    build.run(settings, build.Request(), events.silent)
    before = state()
    timed(settings, 1)
    assert state() == before
    assert reports.get(settings, Kind.SCENARIOS, "latest") is not None


def _write(root: Path, dockerfile: str, mount: str) -> None:
    for name, text in {
        **FILES,
        "Dockerfile": dockerfile.replace("{id}", mount).replace("{{", "{").replace("}}", "}"),
    }.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")


def timed(settings: Config, runs: int, *scenarios: str) -> Mapping[str, Any]:
    report = bench.run(settings, bench.Request(scenarios=scenarios or ONLY, runs=runs), events.silent)
    document: Mapping[str, Any] = json.loads(json.dumps(report.capture))
    return document


def scenarios_of(capture: Mapping[str, Any]) -> Mapping[str, Any]:
    (image,) = capture["images"].values()
    scenarios: Mapping[str, Any] = image["plan"]["scenarios"]
    return scenarios


def _ran(capture: Mapping[str, Any], scenario: str) -> Iterator[str]:
    for run in scenarios_of(capture)[scenario]["steps"]:
        yield from (step["instruction"] for step in run if not step["cached"])
