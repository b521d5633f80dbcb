"""Whole commands from their words to their exit code, on a machine whose docker is a fake one."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from drydock import config
from drydock.config import Config
from drydock.measures import contents, ledger
from drydock.measures.contents import Contents
from drydock.measures.layers import Layer
from drydock.program import program

DOCKERFILE = "FROM python:3.12-slim\nCOPY a /a\nRUN make\n"
MOUNTING = "FROM python:3.12-slim AS app\nRUN --mount=type=secret,id=ca make\n"
LAYERS = [Layer("sha256:1", 20_000_000, 8_000_000), Layer("sha256:2", 10_000_000, 4_000_000)]
PLUGINS = [{"Name": "buildx", "Version": "0.13.1"}, {"Name": "compose", "Version": "2.26.1"}]
CACHE = """\
ID:\t\tm1
Size:\t\t98.34MB
Description:\tcached mount /root/.cache from exec /bin/sh -c make with id "//root/.cache"
Type:\t\texec.cachemount

ID:\t\tl1
Size:\t\t3MB
Description:\tmount / from exec /bin/sh -c make
Type:\t\tregular
"""


def vertex(digest: str, name: str, start: int, end: int, **more: Any) -> str:
    when = {"started": f"2026-01-01T00:00:{start:02}Z", "completed": f"2026-01-01T00:00:{end:02}Z"}
    return json.dumps({"vertexes": [{"digest": digest, "name": name, **when, **more}]}) + "\n"


COPIED = vertex("0", "[stage-0 1/3] FROM python:3.12-slim", 0, 1, cached=True) + vertex(
    "1", "[stage-0 2/3] COPY a /a", 1, 1, cached=True
)
EXPORTED = vertex("3", "exporting to image", 3, 4)
BUILT = COPIED + vertex("2", "[stage-0 3/3] RUN make", 1, 3) + EXPORTED
LINE = json.dumps({"logs": [{"vertex": "2", "data": "bm8gcnVsZQo="}]}) + "\n"  # "no rule"
BROKEN = COPIED + vertex("2", "[stage-0 3/3] RUN make", 1, 3, error="exit code: 2") + LINE


def entry(name: str, *layers: str) -> dict[str, Any]:
    return {
        "Id": f"sha256:{name}",
        "RepoTags": [name],
        "RepoDigests": [],
        "Config": {"Labels": None},
        "Os": "linux",
        "Architecture": "amd64",
        "Size": 30_000_000,
        "RootFS": {"Layers": list(layers)},
    }


Words = Callable[..., int]


@pytest.fixture
def repository(tmp_path: Path, short: Path, listen: Callable[[Path], str], docker: Any, monkeypatch: Any) -> Path:
    """A repository with one Dockerfile, its base image and an engine."""
    root = tmp_path / "shop"
    root.mkdir()
    (root / "Dockerfile").write_text(DOCKERFILE)
    (root / "a").touch()
    docker.says("version", out=json.dumps({"Server": {"Version": "26.1.5", "ApiVersion": "1.45"}}))
    docker.says("info", out=json.dumps({"Driver": "overlay2", "ClientInfo": {"Plugins": PLUGINS}}))
    docker.says("buildx", "inspect", out="Driver: docker\nPlatforms: linux/amd64\n")
    images = [entry("python:3.12-slim", "sha256:1"), entry("shop:local", "sha256:1", "sha256:2")]
    docker.says("image", "inspect", out=json.dumps(images))
    docker.says("buildx", "du", out=CACHE)
    docker.says("buildx", "prune")
    ledger.append(Config(root, {}, {}, None, tmp_path), [], LAYERS)
    monkeypatch.setenv("DOCKER_HOST", listen(short / "socket"))
    for name in ("SSL_CERT_FILE", "PIP_CERT", "NODE_EXTRA_CA_CERTS"):
        monkeypatch.delenv(name, raising=False)
    return root


@pytest.fixture
def drydock(repository: Path) -> Words:
    return lambda *words: program().code(["drydock", *words, "--root", str(repository)])


def document(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_a_build_is_shown_and_kept(
    repository: Path, drydock: Words, docker: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    docker.says("buildx", "bake", err=BUILT)
    assert drydock("build", "--json") == 0
    (image,) = document(capsys)["images"]
    steps = [(step["instruction"], step["line"], step["cached"]) for step in image["steps"]]
    assert steps == [("COPY a /a", 2, True), ("RUN make", 3, False)]
    kept = ledger.latest(Config(repository, {}, {}, None, repository), image["name"])
    assert kept is not None
    assert (kept.outcome, kept.steps, kept.cached) == ("done", 2, 1)


def test_the_context_of_an_image_is_shown(repository: Path, drydock: Words, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "b").write_text("not asked for")
    assert drydock("context", "--json") == 0
    (context,) = document(capsys)["contexts"]
    assert (context["visible"]["files"], context["asked"]["files"]) == (4, 1)  # the ledger too
    assert drydock("context", "--service", "none") == 2


def test_a_build_that_fails_is_4_and_shows_line_and_last_words(
    drydock: Words, docker: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    docker.says("buildx", "bake", err=BROKEN + "ERROR: failed to solve\n", code=1)
    assert drydock("build") == 4
    said = capsys.readouterr().err
    assert "no rule" in said
    assert "Dockerfile:3" in said


def test_a_dry_build_shows_command_and_bake_file(
    drydock: Words, docker: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert drydock("--dry", "build", "--cache-from", "type=local,src=x") == 0
    said = capsys.readouterr().err
    assert "$ docker buildx bake" in said
    assert "type=local,src=x" in said
    assert not any(words[:2] == ["buildx", "bake"] for words in docker.calls)


def test_a_cache_hint_that_cannot_be_followed_is_told_and_the_build_goes_on(
    drydock: Words, docker: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRYDOCK_CACHE_TO", "type=gha")
    docker.says("buildx", "bake", err=BUILT)
    assert drydock("build") == 0
    assert "leaves out type=gha: this builder exports no gha cache" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        pytest.param(
            ["--service", "none"], 2, "no service that is built here is called none", id="a service that is not there"
        ),
        pytest.param(["--target", "none"], 2, "has no stage none", id="a stage that is not there"),
        pytest.param(["--platform", "a", "--platform", "b"], 2, "one platform at a time", id="two platforms at once"),
    ],
)
def test_what_cannot_be_built_is_said_before_anything_is(
    drydock: Words, docker: Any, capsys: pytest.CaptureFixture[str], words: list[str], code: int, message: str
) -> None:
    assert drydock("build", *words) == code
    assert message in capsys.readouterr().err
    assert not any(call[:2] == ["buildx", "bake"] for call in docker.calls)


@pytest.mark.parametrize("task", ["build", "size", "size --check", "context", "bench", "prove", "why", "builds"])
def test_a_service_that_is_not_there_is_told_in_the_same_words_by_every_task(
    repository: Path, drydock: Words, capsys: pytest.CaptureFixture[str], task: str
) -> None:
    assert drydock(*task.split(), "--service", "nope") == 2
    error, remedy = capsys.readouterr().err.splitlines()[-2:]
    assert error == "error: no service that is built here is called nope: there is shop"
    name, *flags = task.split()
    assert remedy == " ".join([f"remedy: inv {name} --root {repository}", *flags, "--service shop"])


@pytest.mark.parametrize("task", ["logs", "shell", "restart"])
def test_a_service_that_compose_does_not_know_is_told_in_the_same_words(
    repository: Path, drydock: Words, docker: Any, capsys: pytest.CaptureFixture[str], task: str
) -> None:
    docker.says("compose", out=json.dumps({"name": "p", "services": {"web": {}, "database": {}}}))
    docker.says("compose", "-f", str(repository / "compose.yml"), "ps", out="")
    (repository / "compose.yml").write_text("services: {}\n")
    assert drydock(task, "--service", "wbe") == 2
    error, remedy = capsys.readouterr().err.splitlines()[-2:]
    assert error == "error: no service is called wbe: there are web, database"
    assert remedy == f"remedy: inv {task} --root {repository} --service web"


@pytest.mark.parametrize("task", ["why", "builds"])
def test_a_service_that_was_never_built_is_another_matter(
    drydock: Words, capsys: pytest.CaptureFixture[str], task: str
) -> None:
    assert drydock(task, "--service", "shop") == 2
    assert capsys.readouterr().err.startswith("error: no build of shop is recorded\nremedy: inv build ")


@pytest.mark.parametrize("content", [None, b"\xff"], ids=["missing", "no text"])
def test_a_dockerfile_that_cannot_be_read_is_named(
    repository: Path, drydock: Words, docker: Any, capsys: pytest.CaptureFixture[str], content: bytes | None
) -> None:
    model = {"name": "p", "services": {"web": {"build": {"context": str(repository), "dockerfile": "Gone"}}}}
    docker.says("compose", out=json.dumps(model))
    (repository / "compose.yml").write_text("services: {}\n")
    if content is not None:
        (repository / "Gone").write_bytes(content)
    assert drydock("build") == 2
    assert "error: Gone: " in capsys.readouterr().err


def test_buildkit_is_needed_for_what_only_buildkit_knows(
    repository: Path, drydock: Words, capsys: pytest.CaptureFixture[str]
) -> None:
    (repository / "Dockerfile").write_text(MOUNTING)
    assert drydock("build", "--no-buildkit") == 2
    said = capsys.readouterr().err
    assert "BuildKit is needed: Dockerfile:2: RUN with --mount" in said


def test_without_buildkit_a_dry_build_shows_the_classic_command(
    drydock: Words, capsys: pytest.CaptureFixture[str]
) -> None:
    assert drydock("--dry", "build", "--no-buildkit") == 0
    assert "$ docker build " in capsys.readouterr().err


def test_a_stage_for_tests_never_overwrites_what_ships(
    repository: Path, drydock: Words, docker: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    (repository / "Dockerfile").write_text(MOUNTING)
    assert drydock("--dry", "build", "--target", "app") == 0
    assert "-app" in capsys.readouterr().err


def test_what_an_image_is_built_upon_gets_its_base_as_well(
    repository: Path, drydock: Words, docker: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    (repository / "pyproject.toml").write_text('[tool.drydock]\nmirrors = ["mirror.example"]\n')
    docker.says("image", "inspect", out=json.dumps([entry("mirror.example/library/python:3.12-slim", "sha256:1")]))
    (repository / "Upper").write_text("FROM low\n")
    low = {"build": {"context": str(repository)}}
    upper = {"context": str(repository), "dockerfile": "Upper", "additional_contexts": {"low": "service:low"}}
    model = {"name": "p", "services": {"low": low, "upper": {"build": upper}}}
    docker.says("compose", out=json.dumps(model))
    (repository / "compose.yml").write_text("services: {}\n")
    assert drydock("--dry", "build", "--service", "upper") == 0
    said = capsys.readouterr().err
    targets = json.loads(said[said.index("{") :])["target"]
    reference = "docker-image://mirror.example/library/python:3.12-slim"
    assert targets["low"]["contexts"] == {"python:3.12-slim": reference}


def test_what_was_built_is_left_out_the_next_time_and_the_reason_is_told(
    repository: Path, drydock: Words, docker: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    docker.says("buildx", "bake", err=BUILT)
    held = [entry("shop:local", "sha256:1", "sha256:2"), entry("python:3.12-slim", "sha256:1")]
    docker.says("image", "inspect", out=json.dumps(held))
    assert drydock("build", "--changed", "--json") == 0
    first = document(capsys)["choices"]
    assert [(one["what"], one["why"]) for one in first] == [("build", "there is no record of a build of it")]
    assert drydock("build", "--changed") == 0
    assert "nothing to build: the image is as it was" in capsys.readouterr().out
    (repository / "a").write_text("edited")
    assert drydock("--dry", "build", "--changed", "--json") == 0
    assert [one["why"] for one in document(capsys)["choices"]] == ["a changed"]
    assert sum(words[:2] == ["buildx", "bake"] for words in docker.calls) == 1


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("--since", "HEAD"), id="since what, where nothing is left out"),
        pytest.param(("--changed", "--no-buildkit"), id="nothing is recorded of the classic builder"),
        pytest.param(("--changed", "--oci", "archives"), id="an archive of each image"),
        pytest.param(("--changed", "--since", "HEAD"), id="outside of git"),
    ],
)
def test_what_cannot_be_left_out_is_wrong_use(
    drydock: Words, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert drydock("build", *words) == 2
    assert "remedy: " in capsys.readouterr().err


def test_the_cache_is_shown_by_image(drydock: Words, capsys: pytest.CaptureFixture[str]) -> None:
    assert drydock("cache", "--json") == 0
    shown = document(capsys)
    assert shown["bytes"] == {"mount": 98_340_000, "layer": 3_000_000, "context": 0, "base": 0, "all": 101_340_000}
    assert drydock("cache") == 0
    assert "total 101 MB: mounts 98.3 MB, layers 3.0 MB" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "pruned"),
    [
        pytest.param([], ["--all"], id="everything"),
        pytest.param(["--keep", "2GB"], ["--keep-storage", "2000000000"], id="down to a size"),
    ],
)
def test_the_cache_is_trimmed(
    drydock: Words, docker: Any, capsys: pytest.CaptureFixture[str], words: list[str], pruned: list[str]
) -> None:
    assert drydock("cache", "--prune", *words) == 0
    assert ["buildx", "prune", "--force", *pruned] in docker.calls
    assert "freed 0 B" in capsys.readouterr().out


@pytest.mark.parametrize("words", [["--keep", "2GB"], ["--prune", "--keep", "much"]], ids=["no --prune", "no size"])
def test_a_limit_that_makes_no_sense_is_wrong_use(drydock: Words, words: list[str]) -> None:
    assert drydock("cache", *words) == 2


@pytest.mark.parametrize("verb", ["du", "prune"])
def test_a_cache_that_cannot_be_reached_is_4(
    drydock: Words, docker: Any, capsys: pytest.CaptureFixture[str], verb: str
) -> None:
    docker.says("buildx", verb, err="no builder\n", code=1)
    assert drydock("cache", "--prune") == 4
    assert "no builder" in capsys.readouterr().err


def test_sizes_are_weighed_from_the_layers(
    repository: Path, drydock: Words, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = config.load(repository, os.environ)
    contents.remember(settings, [Contents(f"sha256:{number}", ()) for number in (1, 2)])
    assert drydock("size", "--json") == 0
    (image,) = document(capsys)["images"]
    assert (image["disk_bytes"], image["pull_bytes"]) == (30_000_000, 12_000_000)


def test_the_engine_in_use_is_shown(drydock: Words, capsys: pytest.CaptureFixture[str]) -> None:
    assert drydock("engine") == 0
    assert "Docker 26.1.5" in capsys.readouterr().out
    assert drydock("engine", "--env") == 0
    assert capsys.readouterr().out.startswith("export DOCKER_HOST=unix://")
    assert drydock("engine", "--start", "--stop") == 2


@pytest.mark.parametrize(
    "words",
    [["build"], ["up"], ["down"], ["logs"], ["ps"], ["restart"], ["shell"], ["size"], ["cache"], ["ci"], ["engine"]],
    ids=" ".join,
)
def test_without_an_engine_every_verb_is_3_with_a_remedy(
    tmp_path: Path, docker: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nowhere")
    (tmp_path / ".github" / "workflows").mkdir(parents=True)
    (tmp_path / ".github" / "workflows" / "ci.yml").write_text("jobs: {}\n")
    (tmp_path / "compose.yml").write_text("services: {}\n")
    assert program().code(["drydock", *words, "--root", str(tmp_path)]) == 3
    shown = capsys.readouterr()
    assert "remedy: " in shown.out + shown.err


def test_documents_without_blocks_are_up_to_date(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "README.md").write_text("# Nothing is generated here\n")
    assert program().code(["drydock", "docs", "--check", "--root", str(tmp_path)]) == 0


def test_an_audit_as_json_is_asked_for_in_two_ways(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "Dockerfile").write_text("FROM python\n")
    told = []
    for words in (["--json"], ["--format", "json"], ["--json", "--format", "json"]):
        assert program().code(["drydock", "audit", *words, "--root", str(tmp_path)]) == 1
        told.append(document(capsys))
    assert told[0]["findings"]
    assert told[0] == told[1] == told[2]


@pytest.mark.parametrize("words", [("audit", "sarif"), ("audit", "github"), ("prove", "markdown")])
def test_two_formats_at_once_are_wrong_use(
    tmp_path: Path, words: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    task, format = words
    assert program().code(["drydock", task, "--json", "--format", format, "--root", str(tmp_path)]) == 2
    said = capsys.readouterr()
    assert f"--json and --format {format}" in said.err
    assert not said.out


def test_the_doctor_is_asked_for_one_document(drydock: Words, capsys: pytest.CaptureFixture[str]) -> None:
    assert drydock("doctor", "--json") in (0, 3)
    assert document(capsys)
