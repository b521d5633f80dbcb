"""`inv size` with a docker that answers as told and layers that the ledger knows."""

import json
import os
import platform
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from drydock import config
from drydock.commands import size
from drydock.config import Config, Image
from drydock.engines.engine import Engine, Origin
from drydock.errors import Misuse, NotReady
from drydock.events import silent
from drydock.measures import anatomies, anatomy, contents, earlier, evidence, ledger
from drydock.measures.anatomy import Kind, Part
from drydock.measures.build import Build
from drydock.measures.contents import Contents, Entry, Sort
from drydock.measures.earlier import Earlier
from drydock.measures.layers import Layer

BASE, OWN = "sha256:" + "a" * 64, "sha256:" + "b" * 64
STANDIN = {
    "name": "python:3.12-slim",
    "reference": "drydock-standin/python:3.12-slim",
    "origin": "standin",
    "digest": "",
}


@pytest.fixture
def repository(tmp_path: Path, docker: Any) -> Config:
    return config.load(tmp_path, docker.environ)


def answering(repository: Config) -> Engine:
    return Engine(
        host="unix:///x",
        origin=Origin.ENVIRONMENT,
        version="26.1.5",
        api="1.45",
        buildkit=True,
        buildx="0.13.1",
        compose="2.26.1",
        store="overlay2",
        driver="docker",
        platforms=("linux/amd64",),
        environ=repository.environ,
    )


def image(repository: Config, name: str = "backend") -> Image:
    return Image(name, repository.root, repository.root / "Dockerfile", f"{name}:local")


def held(reference: str, *diff_ids: str) -> dict[str, Any]:
    return {
        "Id": f"sha256:{reference}",
        "RepoTags": [reference],
        "Os": "linux",
        "Architecture": "amd64",
        "Size": 1,
        "RootFS": {"Layers": list(diff_ids)},
    }


HISTORY = [{"CreatedBy": "COPY blob /srv # buildkit", "Size": "5000000"}, {"CreatedBy": "ADD root.tar /", "Size": "1"}]
INSIDE = (
    Contents(BASE, (Entry("usr/bin/python", Sort.FILE, 70_000_000),)),
    Contents(OWN, (Entry("srv/blob", Sort.FILE, 5_000_000),)),
)


def recorded(repository: Config, docker: Any, **words: Any) -> None:
    contents.remember(repository, INSIDE)
    docker.says("image", "history", out="".join(json.dumps(line) + "\n" for line in HISTORY))
    record(repository, **words)


def record(repository: Config, **words: Any) -> None:
    values: dict[str, Any] = {"started": "2026-01-02T03:04:05+00:00", "commit": None, "dirty": False, **words}
    build = Build(
        image="backend",
        tag="backend:local",
        platform="linux/amd64",
        engine="26.1.5",
        store="overlay2",
        bases=(STANDIN,),
        standin=True,
        outcome="done",
        seconds=4.5,
        steps=3,
        cached=0,
        context_bytes=10,
        **values,
    )
    layers = (Layer(BASE, 70_000_000, 30_000_000), Layer(OWN, 5_000_000, 2_000_000))
    ledger.append(repository, (build,), layers)


def weighed(repository: Config, docker: Any) -> size.Report:
    entries = [held("backend:local", BASE, OWN), held(STANDIN["reference"], BASE)]
    docker.says("image", "inspect", out=json.dumps(entries))
    return size.weigh(repository, answering(repository), [image(repository)], silent)


def test_an_image_is_split_into_base_and_own_part(repository: Config, docker: Any) -> None:
    recorded(repository, docker)
    weight = weighed(repository, docker).weights[0]
    assert (weight.disk_bytes, weight.pull_bytes, weight.layers) == (75_000_000, 32_000_000, 2)
    assert (weight.base_bytes, weight.own_bytes) == (70_000_000, 5_000_000)
    assert weight.seconds == 4.5


def test_layers_that_are_known_are_not_read_again(repository: Config, docker: Any) -> None:
    recorded(repository, docker)
    weighed(repository, docker)
    assert [call[:2] for call in docker.calls] == [["image", "inspect"], ["image", "history"]]
    weighed(repository, docker)  # what the image is made of is in the ledger now
    assert [call[:2] for call in docker.calls[2:]] == [["image", "inspect"]]


def test_a_stand_in_is_said_in_text_and_document(repository: Config, docker: Any) -> None:
    recorded(repository, docker)
    report = weighed(repository, docker)
    assert "python:3.12-slim (stand-in)" in report.text()
    assert "the official image differs in size" in report.text()
    assert report.document()["standin"] is True


def test_an_image_that_is_not_built_is_named_with_the_command_that_builds_it(repository: Config, docker: Any) -> None:
    docker.says("image", "inspect", out="[]", err="No such image", code=1)
    with pytest.raises(NotReady) as caught:
        size.weigh(repository, answering(repository), [image(repository), image(repository, "other")], silent)
    assert caught.value.message == "not built yet, or removed: backend, other"
    assert caught.value.remedy == "inv build --service backend --service other"


def test_a_capture_holds_raw_figures_and_what_they_rest_on(repository: Config, docker: Any) -> None:
    recorded(repository, docker)
    report = size.saved(repository, answering(repository), weighed(repository, docker), "x")
    assert report.saved == "docs/measurements/x.json"
    kept = evidence.load(repository.root, "x")
    assert kept["images"][0]["disk_bytes"] == 75_000_000
    assert (kept["standin"], kept["store"], kept["versions"]["engine"]) == (True, "overlay2", "26.1.5")
    assert kept["bases"] == [{"name": "python:3.12-slim", "origin": "standin"}]
    assert (kept["command"], kept["commit"], kept["dirty"]) == ("inv size --save x", None, False)
    assert str(repository.root) not in json.dumps(kept)
    assert platform.node() not in json.dumps(kept)


def test_a_capture_compared_with_what_it_was_taken_from_differs_in_nothing(repository: Config, docker: Any) -> None:
    recorded(repository, docker)
    report = size.saved(repository, answering(repository), weighed(repository, docker), "x")
    again = size.compared(report, earlier.captured(repository, "x"))
    assert all(change.before == change.after is not None for change in again.changes)
    assert "against the capture x of " in again.text()


def test_a_capture_can_be_shown_in_a_document(repository: Config, docker: Any) -> None:
    recorded(repository, docker)
    size.saved(repository, answering(repository), weighed(repository, docker), "x")
    text = evidence.markdown(evidence.load(repository.root, "x"))
    assert "| backend | 75.0 MB | 32.0 MB | 70.0 MB | 5.0 MB | 2 | 4.50 s |" in text
    assert "python:3.12-slim is a stand-in" in text


@pytest.mark.parametrize("name", ["../x", "a/b", ".x", "", " "])
def test_a_name_that_is_no_file_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Misuse, match="no name for a capture"):
        evidence.save(tmp_path, name, {})
    assert list(tmp_path.rglob("*")) == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(None, "there is no capture x", id="none"),
        pytest.param("{", "is not valid JSON", id="cut short"),
        pytest.param("[]", "is not a capture", id="another document"),
        pytest.param('{"schema": 99, "images": []}', "is not a capture of schema", id="from a newer Drydock"),
        pytest.param('{"schema": 1, "kind": "before-after", "images": {}}', "is of another kind", id="another kind"),
        pytest.param(
            '{"schema": 1, "kind": "size", "images": [{"anatomy": {"layers": 1, "parts": []}}]}', "damaged", id="spoilt"
        ),
    ],
)
def test_a_capture_that_cannot_be_compared_with_is_named_before_anything_runs(
    repository: Config, docker: Any, content: str | None, said: str
) -> None:
    if content is not None:
        path = evidence.folder(repository.root) / "x.json"
        path.parent.mkdir(parents=True)
        path.write_text(content, encoding="utf-8")
    with pytest.raises(Misuse, match=said):
        size.run(repository, size.Request(against="x"), silent)
    assert docker.calls == []


def test_only_captures_of_sizes_are_offered_to_compare_with(repository: Config) -> None:
    for name, kind in (("plan", "size"), ("scenarios", "scenarios"), ("words", "recording")):
        evidence.save(repository.root, name, {"schema": 1, "kind": kind, "date": "2026-01-01", "images": []})
    for name, said in (("nope", "there is no capture nope"), ("words", "the capture words is of another kind")):
        with pytest.raises(Misuse) as caught:
            size.run(repository, size.Request(against=name), silent)
        assert caught.value.message == f"{said}; to compare with there are: plan"
        assert caught.value.remedy == "inv size --against plan"


def test_without_an_engine_the_machine_is_not_ready(tmp_path: Path) -> None:
    environ = {**os.environ, "DOCKER_HOST": f"unix://{tmp_path}/nobody.sock"}
    with pytest.raises(NotReady):
        size.run(config.load(tmp_path, environ), size.Request(), silent)


def test_figures_are_shown_even_if_they_cannot_be_remembered(repository: Config, docker: Any) -> None:
    recorded(repository, docker)
    told: list[Any] = []
    with closing(sqlite3.connect(repository.ledger)) as base:
        base.execute("CREATE TRIGGER full BEFORE INSERT ON images BEGIN SELECT RAISE(ABORT, 'no room'); END")
    docker.says(
        "image", "inspect", out=json.dumps([held("backend:local", BASE, OWN), held(STANDIN["reference"], BASE)])
    )
    report = size.weigh(repository, answering(repository), [image(repository)], told.append)
    assert report.weights[0].disk_bytes == 75_000_000
    assert [note.warning for note in told] == [True]


def test_an_image_is_taken_apart_and_captured_with_all_its_parts(repository: Config, docker: Any) -> None:
    recorded(repository, docker)
    report = weighed(repository, docker)
    kept = size.saved(repository, answering(repository), report, "x").images()[0]["anatomy"]
    assert kept["stages"] == [{"stage": "", "disk_bytes": 70_000_000}, {"stage": "unknown", "disk_bytes": 5_000_000}]
    assert [(part["name"], part["disk_bytes"], part["base"]) for part in kept["parts"]] == [
        ("usr/bin/python", 70_000_000, True),
        ("srv/blob", 5_000_000, False),
    ]
    assert anatomy.read(evidence.load(repository.root, "x")["images"][0]["anatomy"]) == report.apart["backend"]
    text = replace(report, top=1).text()
    assert "/usr/bin/python" in text
    assert "/srv/blob" not in text


def test_a_file_whose_name_is_not_utf8_is_recorded_and_captured_with_a_name_that_can_be_printed(
    repository: Config, docker: Any
) -> None:
    recorded(repository, docker)
    contents.remember(repository, [Contents(OWN, (Entry("srv/caf\udce9", Sort.FILE, 5_000_000),))])
    report = weighed(repository, docker)
    assert report.apart["backend"].parts[1].name == "srv/caf\\udce9"
    assert anatomies.find(repository, "sha256:backend:local") == report.apart["backend"]
    size.saved(repository, answering(repository), report, "x")
    assert anatomy.read(evidence.load(repository.root, "x")["images"][0]["anatomy"]) == report.apart["backend"]


def test_a_capture_of_old_can_be_compared_with_but_for_its_parts(repository: Config, docker: Any) -> None:
    recorded(repository, docker)
    report = weighed(repository, docker)
    old = {"name": "backend", "disk_bytes": 70_000_000, "pull_bytes": 1, "own_bytes": 0, "seconds": None, "layers": 1}
    again = size.compared(report, Earlier("x", (old,)))
    first = again.changes[0]
    assert (first.what, first.before, first.after) == ("unpacked", 70_000_000, 75_000_000)
    assert "what backend was made of then, or is made of now, is not known" in again.text()
    assert again.document()["against"]["growth"] == [{"image": "backend", "grown": None}]


def test_what_grew_is_named_the_largest_first(repository: Config, docker: Any) -> None:
    recorded(repository, docker)
    report = weighed(repository, docker)
    then = replace(report.apart["backend"], parts=(Part(Kind.FILE, "usr/bin/python", "", 69_000_000, base=True),))
    again = size.compared(report, Earlier("x", ({"name": "backend", "anatomy": anatomy.document(then)},)))
    grown = again.document()["against"]["growth"][0]["grown"]
    assert [(one["name"], one["bytes"]) for one in grown] == [("srv/blob", 5_000_000), ("usr/bin/python", 1_000_000)]
    assert "+5.0 MB" in again.text()


def test_where_the_parts_of_now_are_unknown_nothing_is_said_to_be_gone(repository: Config, docker: Any) -> None:
    recorded(repository, docker)
    report = weighed(repository, docker)
    then = Earlier("x", ({"name": "backend", "anatomy": anatomy.document(report.apart["backend"])},))
    unread = replace(report.apart["backend"], parts=(), wasted_bytes=None)
    again = size.compared(replace(report, apart={"backend": unread}), then)
    assert again.document()["against"]["growth"] == [{"image": "backend", "grown": None}]
    assert "is not known" in again.text()


def test_an_image_of_which_nothing_earlier_is_recorded_is_not_called_new(repository: Config, docker: Any) -> None:
    recorded(repository, docker)
    again = size.compared(weighed(repository, docker), Earlier("x", (), missing=("backend",)))
    assert again.changes == ()
    assert "backend: no such build is recorded" in again.text()


def commit(root: Path) -> str:
    git = ["git", "-C", str(root), "-c", "user.name=n", "-c", "user.email=e"]
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "x"], check=True)
    return subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def branched(repository: Config) -> tuple[Config, str, str]:
    """The repository on a branch; with the commits of where it left main, and of main now."""
    git = ["git", "-C", str(repository.root)]
    subprocess.run([*git, "init", "-q", "-b", "main"], check=True)
    left = commit(repository.root)
    subprocess.run([*git, "checkout", "-q", "-b", "mine"], check=True)
    subprocess.run([*git, "checkout", "-q", "main"], check=True)
    tip = commit(repository.root)
    subprocess.run([*git, "checkout", "-q", "mine"], check=True)
    return repository, left, tip


def unknown(build: Build) -> None:
    """Nobody knows what the image of a build was made of."""


def test_main_is_the_newest_clean_build_of_its_commit_else_of_where_the_branch_left_it(
    branched: tuple[Config, str, str],
) -> None:
    repository, left, tip = branched
    with pytest.raises(NotReady, match=f"no build of {tip[:12]} or {left[:12]} .* is recorded, and no capture main"):
        earlier.main(repository, ["backend"], unknown)
    record(repository, commit=left, digest="sha256:1", disk_bytes=1)
    record(repository, commit=left, digest="sha256:2", disk_bytes=2, started="2026-01-03T00:00:00+00:00")
    record(repository, commit=tip, digest="sha256:3", disk_bytes=3, dirty=True)
    found = earlier.main(repository, ["backend"], unknown)
    assert found.images[0]["disk_bytes"] == 2
    assert found.label == f"the commit where this branch left main ({left[:12]}): backend build 2 of 2026-01-03 00:00"
    record(repository, commit=tip, digest="sha256:4", disk_bytes=4)
    found = earlier.main(repository, ["backend"], unknown)
    assert (found.images[0]["disk_bytes"], found.label[:4]) == (4, "main")


def test_main_is_a_capture_where_no_build_of_it_is_recorded(repository: Config) -> None:
    with pytest.raises(NotReady, match="there is no branch main, and no capture main"):
        earlier.main(repository, ["backend"], unknown)
    evidence.save(
        repository.root, "main", {"schema": 1, "kind": "size", "date": "2026-02-03T", "images": [{"name": "b"}]}
    )
    assert earlier.main(repository, ["backend"], unknown) == Earlier("the capture main of 2026-02-03", ({"name": "b"},))


def test_last_is_the_newest_build_that_made_another_image(repository: Config) -> None:
    with pytest.raises(NotReady, match="no earlier build of another image is recorded"):
        earlier.last(repository, {"backend": "sha256:now"}, unknown)
    for day, digest in enumerate(["old", "before", "now", "now"], start=1):
        record(repository, digest=f"sha256:{digest}", disk_bytes=day, started=f"2026-01-0{day}T03:04:05+00:00")
    record(repository, digest="sha256:test", scenario="target test", started="2026-01-05T00:00:00+00:00")
    found = earlier.last(repository, {"backend": "sha256:now", "frontend": "sha256:f"}, unknown)
    assert found.missing == ("frontend",)
    assert [one["disk_bytes"] for one in found.images] == [2]
    assert found.label == "the image before: backend build 2 of 2026-01-02 03:04"


def test_a_capture_cannot_be_named_as_the_image_before(repository: Config) -> None:
    with pytest.raises(Misuse, match="no capture can be named last"):
        size.run(repository, size.Request(save="last"), silent)
