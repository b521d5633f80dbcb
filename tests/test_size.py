"""`inv size` with a docker that answers as told and layers that the ledger knows."""

import json
import os
import platform
from pathlib import Path
from typing import Any

import pytest

from drydock import config
from drydock.commands import size
from drydock.config import Config, Image
from drydock.engines.engine import Engine, Origin
from drydock.errors import Misuse, NotReady
from drydock.events import silent
from drydock.measures import evidence, ledger
from drydock.measures.build import Build
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


def recorded(repository: Config, **words: Any) -> None:
    build = Build(
        image="backend",
        tag="backend:local",
        started="2026-01-02T03:04:05+00:00",
        commit=None,
        dirty=False,
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
        **words,
    )
    layers = (Layer(BASE, 70_000_000, 30_000_000), Layer(OWN, 5_000_000, 2_000_000))
    ledger.append(repository, (build,), layers)


def weighed(repository: Config, docker: Any) -> size.Report:
    entries = [held("backend:local", BASE, OWN), held(STANDIN["reference"], BASE)]
    docker.says("image", "inspect", out=json.dumps(entries))
    return size.weigh(repository, answering(repository), [image(repository)], silent)


def test_an_image_is_split_into_base_and_own_part(repository: Config, docker: Any) -> None:
    recorded(repository)
    weight = weighed(repository, docker).weights[0]
    assert (weight.disk_bytes, weight.pull_bytes, weight.layers) == (75_000_000, 32_000_000, 2)
    assert (weight.base_bytes, weight.own_bytes) == (70_000_000, 5_000_000)
    assert weight.seconds == 4.5


def test_layers_that_are_known_are_not_read_again(repository: Config, docker: Any) -> None:
    recorded(repository)
    weighed(repository, docker)
    assert [call[:2] for call in docker.calls] == [["image", "inspect"]]


def test_a_stand_in_is_said_in_text_and_document(repository: Config, docker: Any) -> None:
    recorded(repository)
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
    recorded(repository)
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
    recorded(repository)
    report = size.saved(repository, answering(repository), weighed(repository, docker), "x")
    again = size.compared(report, "x", evidence.load(repository.root, "x")["images"])
    assert {change.percent for change in again.changes} == {0.0}
    assert "against x:" in again.text()


def test_a_capture_can_be_shown_in_a_document(repository: Config, docker: Any) -> None:
    recorded(repository)
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
        pytest.param('{"schema": 1, "kind": "before-after", "images": {}}', "no sizes of one state", id="another kind"),
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
        size.run(repository, services=(), save="", against="x", tell=silent)
    assert docker.calls == []


def test_without_an_engine_the_machine_is_not_ready(tmp_path: Path) -> None:
    environ = {**os.environ, "DOCKER_HOST": f"unix://{tmp_path}/nobody.sock"}
    with pytest.raises(NotReady):
        size.run(config.load(tmp_path, environ), services=(), save="", against="", tell=silent)


def test_figures_are_shown_even_if_they_cannot_be_remembered(repository: Config) -> None:
    (repository.root / ".drydock").write_text("a file where the folder should be")
    told: list[Any] = []
    size.remember(repository, [Layer(OWN, 1, 1)], told.append)
    assert [note.warning for note in told] == [True]


def test_a_service_that_is_not_there_is_named_with_those_that_are(repository: Config) -> None:
    with pytest.raises(Misuse) as caught:
        size.chosen([image(repository)], ["swimmer"])
    assert caught.value.message == "swimmer is no service that is built here"
    assert caught.value.remedy == "one of: backend"
