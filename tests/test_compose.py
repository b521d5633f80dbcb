"""The compose project through a docker that answers as told."""

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from drydock import command, config
from drydock.config import Config
from drydock.errors import Misuse, NotReady
from drydock.services import compose

TEXT = "services:\n  web:\n    build: {context: web, args: {A: '${COLOUR:-red}', BARE: }}\n"


def answer(context: Path) -> str:
    return json.dumps({"name": "shop", "services": {"web": {"build": {"context": str(context)}}}})


@pytest.fixture
def repository(tmp_path: Path, docker: Any) -> Config:
    (tmp_path / "repo").mkdir()
    (tmp_path / "repo" / "compose.yaml").write_text(TEXT)
    docker.says("compose", out=answer(tmp_path / "repo" / "web"))
    return config.load(tmp_path / "repo", os.environ)


def ask(repository: Config, **changes: str) -> compose.Project:
    environ: Mapping[str, str] = {**repository.environ, **changes}
    return compose.load(replace(repository, environ=environ), environ)


def test_the_model_is_asked_for_once(repository: Config, docker: Any) -> None:
    first, second = ask(repository), ask(repository)
    assert first == second
    assert first.images[0].context == repository.root / "web"
    assert docker.calls == [["compose", "-f", str(repository.compose), "config", "--format", "json"]]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("compose.yaml", TEXT + "# edited\n", id="the compose file"),
        pytest.param(".env", "A=1\n", id="the root's .env"),
        pytest.param("compose.override.yaml", "services: {}\n", id="an override that appears"),
    ],
)
def test_an_edited_input_is_asked_for_again(repository: Config, docker: Any, name: str, text: str) -> None:
    ask(repository)
    (repository.root / name).write_text(text)
    ask(repository)
    assert len(docker.calls) == 2


@pytest.mark.parametrize(
    ("variable", "calls"), [("COLOUR", 2), ("BARE", 2), ("COMPOSE_PROFILES", 2), ("SOMETHING_ELSE", 1)]
)
def test_only_variables_that_may_be_used_count(repository: Config, docker: Any, variable: str, calls: int) -> None:
    ask(repository)
    ask(repository, **{variable: "new"})
    assert len(docker.calls) == calls


@pytest.mark.parametrize("word", ["include: [other.yaml]", "x: {extends: {file: o}}", "env_file: a.env"])
def test_a_file_that_pulls_in_others_is_always_asked_for(repository: Config, docker: Any, word: str) -> None:
    (repository.root / "compose.yaml").write_text(TEXT + word)
    ask(repository)
    ask(repository)
    assert len(docker.calls) == 2


def test_what_is_remembered_is_for_the_owner_only(repository: Config) -> None:
    ask(repository)
    assert (repository.state / "compose.json").stat().st_mode & 0o077 == 0


def test_a_dry_run_remembers_nothing(repository: Config) -> None:
    with command.dry_run(True):
        assert ask(repository).name == "shop"
    assert not repository.state.exists()


def test_what_is_remembered_may_be_broken(repository: Config, docker: Any) -> None:
    ask(repository)
    (repository.state / "compose.json").write_text('{"key": 1')
    assert ask(repository).name == "shop"
    assert len(docker.calls) == 2


def test_what_compose_says_of_a_broken_file_is_told_with_its_name(repository: Config, docker: Any) -> None:
    docker.says("compose", "-f", err="yaml: line 2: did not find expected node content\n", code=15)
    with pytest.raises(Misuse, match=r"compose\.yaml: yaml: line 2: did not find") as caught:
        ask(repository)
    assert caught.value.code == 2


def test_a_compose_that_is_killed_says_nothing_of_the_file(repository: Config, docker: Any) -> None:
    docker.says("compose", "-f", code=-9)
    with pytest.raises(NotReady, match="docker compose config: ended by signal 9"):
        compose.images(repository, repository.environ)


def test_nothing_to_build_is_wrong_use(repository: Config, docker: Any) -> None:
    docker.says("compose", "-f", out='{"name": "shop", "services": {"db": {"image": "x"}}}')
    with pytest.raises(Misuse, match="is built here"):
        compose.images(repository, repository.environ)


def test_without_a_compose_file_the_dockerfiles_are_the_images(tmp_path: Path) -> None:
    empty = config.load(tmp_path, os.environ)
    with pytest.raises(Misuse, match="nothing to build"):
        compose.images(empty, empty.environ)
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    assert len(compose.images(empty, empty.environ)) == 1


def test_the_command_line_names_override_env_and_development_file(repository: Config) -> None:
    for name in ("compose.override.yaml", "compose.dev.yaml", ".env"):
        (repository.root / name).write_text("")
    root = repository.root
    assert compose.argv(repository, "up", dev=True) == [
        *("docker", "compose", "-f", f"{root}/compose.yaml", "-f", f"{root}/compose.override.yaml"),
        *("-f", f"{root}/compose.dev.yaml", "--env-file", f"{root}/.env", "up"),
    ]


def test_the_project_has_the_name_that_compose_gives(repository: Config) -> None:
    assert compose.project(repository) == "shop"
