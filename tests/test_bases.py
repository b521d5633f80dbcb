"""Base images: what is here is used, what cannot be had is replaced, and no more is asked than needed."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from drydock import command
from drydock.bases import bases, outside, registries, standins
from drydock.bases.bases import Base, Origin
from drydock.bases.recipes import LABEL, RECIPE_LABEL
from drydock.config import Config, Image
from drydock.engines.endpoint import Origin as EngineOrigin
from drydock.engines.engine import Engine
from drydock.errors import Misuse, NotReady
from drydock.events import silent

if TYPE_CHECKING:
    from tests.conftest import FakeDocker


@pytest.fixture
def config(tmp_path: Path, docker: FakeDocker) -> Config:
    return Config(tmp_path, docker.environ, {}, None, tmp_path / "home")


@pytest.fixture
def engine(docker: FakeDocker) -> Engine:
    return Engine(
        "unix:///x", EngineOrigin.PRIVATE, "26", "1.45", True, "0.13", "2.26", "overlay2", "docker", (), docker.environ
    )


def listed(*names: str, labels: dict[str, str] | None = None, digest: str = "") -> dict[str, Any]:
    digests = [f"{names[0].rpartition(':')[0]}@{digest}"] if digest else []
    return {"Id": "sha256:id", "RepoTags": names, "RepoDigests": digests, "Config": {"Labels": labels}}


def holds(docker: FakeDocker, *images: dict[str, Any]) -> None:
    docker.says("image", "inspect", out=json.dumps(images), code=1)


def standin(config: Config, name: str) -> dict[str, Any]:
    recipe = standins.recipe(config, name)
    assert recipe
    return listed(recipe.reference, labels={LABEL: "made here", RECIPE_LABEL: recipe.key})


@pytest.fixture
def registry() -> Iterator[str]:
    """A registry on loopback that answers and holds nothing."""

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_an_image_that_is_here_costs_one_question(config: Config, engine: Engine, docker: FakeDocker) -> None:
    holds(docker, listed("python:3.12-slim", digest="sha256:abc"))
    assert bases.resolve(config, engine, ["python:3.12-slim"], silent) == (
        Base("python:3.12-slim", "python:3.12-slim", Origin.PRESENT, "sha256:abc"),
    )
    assert len(docker.calls) == 1


@pytest.mark.parametrize(
    ("asked", "tag"),
    [
        ("python", "python:latest"),
        ("reg.example/library/python:3", "python:3"),
        ("reg.example/a/b:1", "reg.example/a/b:1"),
    ],
    ids=["no tag is latest", "the long name of an official image", "another registry"],
)
def test_an_image_is_known_by_the_name_the_engine_gives_it(
    config: Config, engine: Engine, docker: FakeDocker, asked: str, tag: str
) -> None:
    holds(docker, listed(tag))
    [base] = bases.resolve(config, engine, [asked], silent)
    assert (base.origin, base.reference) == (Origin.PRESENT, asked)


def test_a_standin_is_used_without_asking_while_the_registry_was_silent(
    config: Config, engine: Engine, docker: FakeDocker
) -> None:
    holds(docker, standin(config, "debian:trixie-slim"))
    registries.remember(config.home, "", silent=True)
    [base] = bases.resolve(config, engine, ["debian:trixie-slim"], silent)
    assert (base.origin, base.reference) == (Origin.STANDIN, "drydock-standin/debian:trixie-slim")
    assert "made here" in base.note
    assert [call[:2] for call in docker.calls] == [["image", "inspect"]]


def test_a_standin_gives_way_to_the_real_image(config: Config, engine: Engine, docker: FakeDocker) -> None:
    holds(docker, standin(config, "debian:trixie-slim"), listed("debian:trixie-slim"))
    registries.remember(config.home, "", silent=True)
    assert bases.resolve(config, engine, ["debian:trixie-slim"], silent)[0].origin is Origin.PRESENT


def test_a_standin_under_the_name_itself_is_not_taken_for_the_real_image(
    config: Config, engine: Engine, docker: FakeDocker
) -> None:
    own = standin(config, "debian:trixie-slim")
    own["RepoTags"] = [*own["RepoTags"], "debian:trixie-slim"]
    holds(docker, own)
    registries.remember(config.home, "", silent=True)
    assert bases.resolve(config, engine, ["debian:trixie-slim"], silent)[0].origin is Origin.STANDIN


def test_an_image_built_here_on_a_standin_serves_and_says_so(
    config: Config, engine: Engine, docker: FakeDocker
) -> None:
    holds(docker, listed("acme/base:local", labels={LABEL: "made here"}))
    assert bases.resolve(config, engine, ["acme/base:local"], silent) == (
        Base("acme/base:local", "acme/base:local", Origin.STANDIN, "sha256:id", "made here"),
    )


def test_a_standin_that_comes_from_a_mirror_says_so(
    tmp_path: Path, config: Config, engine: Engine, docker: FakeDocker
) -> None:
    mirrored = Config(tmp_path, config.environ, {"mirrors": ["127.0.0.1:5000"]}, None, config.home)
    holds(docker, listed("127.0.0.1:5000/library/python:3", labels={LABEL: "made here"}))
    [base] = bases.resolve(mirrored, engine, ["python:3"], silent)
    assert (base.origin, base.reference) == (Origin.STANDIN, "127.0.0.1:5000/library/python:3")


def test_asking_to_pull_asks_a_silent_registry_again(config: Config, engine: Engine, docker: FakeDocker) -> None:
    holds(docker, standin(config, "debian:trixie-slim"))
    docker.says("pull", err="no such host", code=1)
    docker.says("info", out="")
    registries.remember(config.home, "", silent=True)
    [base] = bases.resolve(config, engine, ["debian:trixie-slim"], silent, pull=True)
    assert base.origin is Origin.STANDIN
    assert ["pull", "debian:trixie-slim"] in docker.calls


def test_a_silent_registry_is_remembered_after_the_first_question(
    config: Config, engine: Engine, docker: FakeDocker
) -> None:
    holds(docker, standin(config, "debian:trixie-slim"))
    docker.says("pull", err="no such host", code=1)
    docker.says("info", out="")
    for _ in range(2):
        bases.resolve(config, engine, ["debian:trixie-slim"], silent)
    assert [call[0] for call in docker.calls].count("pull") == 1


def test_a_dry_run_asks_no_registry_and_takes_none_for_silent(
    config: Config, engine: Engine, docker: FakeDocker, capsys: pytest.CaptureFixture[str]
) -> None:
    holds(docker, standin(config, "debian:trixie-slim"))
    with command.dry_run(True):
        bases.resolve(config, engine, ["debian:trixie-slim"], silent)
    assert "$ docker pull debian:trixie-slim" in capsys.readouterr().err
    assert not registries.fell_silent(config.home, "")


def test_an_image_that_is_here_stays_when_nobody_answers_the_pull(
    config: Config, engine: Engine, docker: FakeDocker
) -> None:
    holds(docker, listed("alpine:3"))
    docker.says("pull", code=1)
    docker.says("info", out="")
    [base] = bases.resolve(config, engine, ["alpine:3"], silent, pull=True)
    assert (base.origin, base.note) == (Origin.PRESENT, "kept: no registry answers")


def test_an_image_without_standin_that_nobody_has_is_not_ready(
    config: Config, engine: Engine, docker: FakeDocker
) -> None:
    holds(docker)
    docker.says("pull", err="no such host", code=1)
    docker.says("info", out="")
    with pytest.raises(NotReady, match="alpine:3 is not here, no registry answers") as caught:
        bases.resolve(config, engine, ["alpine:3"], silent)
    assert caught.value.remedy


def test_a_registry_that_answers_no_is_believed(
    config: Config, engine: Engine, docker: FakeDocker, registry: str
) -> None:
    name = f"{registry}/library/python:3.99"
    holds(docker)
    docker.says("pull", err="Error response from daemon: manifest unknown", code=1)
    with pytest.raises(NotReady, match="manifest unknown"):
        bases.resolve(config, engine, [name], silent)


def test_a_mirror_is_asked_before_the_registry(
    tmp_path: Path, config: Config, engine: Engine, docker: FakeDocker
) -> None:
    mirrored = Config(tmp_path, config.environ, {"mirrors": ["mirror.example/hub"]}, None, config.home)
    holds(docker)
    docker.says("pull", "mirror.example/hub/library/python:3.12-slim", out="3.12-slim: Pulling from library/python\n")
    [base] = bases.resolve(mirrored, engine, ["python:3.12-slim"], silent)
    assert (base.origin, base.reference) == (Origin.MIRROR, "mirror.example/hub/library/python:3.12-slim")
    assert [call[1] for call in docker.calls if call[0] == "pull"] == [base.reference]


@pytest.mark.parametrize("mirrors", ["one", [1], [""]], ids=["a word", "a number", "empty"])
def test_mirrors_are_a_list_of_names(tmp_path: Path, config: Config, engine: Engine, mirrors: object) -> None:
    wrong = Config(tmp_path, config.environ, {"mirrors": mirrors}, None, config.home)
    with pytest.raises(Misuse, match="mirrors"):
        bases.resolve(wrong, engine, ["python:3"], silent)


def test_no_base_no_question(config: Config, engine: Engine, docker: FakeDocker) -> None:
    assert bases.resolve(config, engine, [], silent) == ()
    assert docker.calls == []


def test_named_bases_are_those_in_use(tmp_path: Path) -> None:
    path = tmp_path / "Dockerfile"
    path.write_text("ARG V=3.12\nFROM python:$V AS a\nFROM a AS b\nCOPY --from=tests . .\nFROM alpine\n")
    first = Image("x", tmp_path, path, "x", target="b", contexts={"tests": "."})
    second = Image("y", tmp_path, path, "y", target="a", args={"V": "3.11"})
    assert outside.named([first, second]) == ("python:3.12", "python:3.11")
    assert outside.named([Image("z", tmp_path, path, "z")]) == ("alpine",)


def test_a_missing_dockerfile_is_named(tmp_path: Path) -> None:
    with pytest.raises(Misuse, match="Dockerfile cannot be read"):
        outside.named([Image("x", tmp_path, tmp_path / "Dockerfile", "x")])


@pytest.mark.parametrize("tag", ["localhost:5000/a", "127.0.0.1/a:1", "127.0.0.1:5000/a", "[::1]:5000/a"])
def test_a_standin_may_go_to_a_registry_on_loopback(tag: str) -> None:
    bases.may_push([Base("b:1", "drydock-standin/b:1", Origin.STANDIN, "")], tag)


@pytest.mark.parametrize("tag", ["a", "team/a:1", "reg.example/a", "127.0.0.1.example/a", "localhost.example:5000/a"])
def test_a_standin_may_go_nowhere_else(tag: str) -> None:
    with pytest.raises(Misuse, match=r"must not leave this machine"):
        bases.may_push([Base("b:1", "drydock-standin/b:1", Origin.STANDIN, "")], tag)
    bases.may_push([Base("b:1", "b:1", Origin.PRESENT, "")], tag)
