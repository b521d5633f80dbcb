"""Variables from files outside of the repository reach no service under proof."""

import json
from pathlib import Path
from typing import Any

import pytest

from drydock import config
from drydock.proofs import foreign

from .conftest import FakeDocker

RESOLVED = {"A": "1", "B": "2", "KEPT": "outside"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "kept.env").write_text("KEPT=outside\n")
    root = tmp_path / "shop"
    root.mkdir()
    (root / "own.env").write_text("B=2\n")
    (root / "link.env").symlink_to("../kept.env")
    (root / "compose.yaml").write_text("services: {web: {env_file: own.env}}")
    return root


def without(root: Path, docker: FakeDocker, named: dict[str, Any]) -> tuple[dict[str, str], list[str]]:
    docker.says("compose", out=json.dumps({"services": {"web": named}}))
    here = config.load(root, docker.environ)
    model, said = foreign.without({"services": {"web": {"environment": RESOLVED}}}, here, docker.environ)
    return model["services"]["web"]["environment"], said


@pytest.mark.parametrize("path", ["{root}/../kept.env", "/etc/os-release", "{root}/link.env", "{root}/${{HOME}}/x.env"])
def test_a_file_outside_gives_nothing_and_what_else_is_there_stays(root: Path, docker: FakeDocker, path: str) -> None:
    files = [{"path": path.format(root=root)}, {"path": f"{root}/own.env"}]
    kept, said = without(root, docker, {"env_file": files, "environment": ["A=1"]})
    assert kept == {"A": "1", "B": "2"}
    assert [one.startswith("web: its env_file ") for one in said] == [True]


@pytest.mark.parametrize("environment", [["A=${A}"], {"A": "1"}], ids=["list", "table"])
def test_files_of_the_repository_are_as_they_are(root: Path, docker: FakeDocker, environment: Any) -> None:
    named = {"env_file": [{"path": f"{root}/own.env"}], "environment": environment}
    assert without(root, docker, named) == (RESOLVED, [])


def test_where_compose_does_not_say_nothing_is_kept(root: Path, docker: FakeDocker) -> None:
    docker.says("compose", code=1)
    here = config.load(root, docker.environ)
    model, said = foreign.without({"services": {"web": {"environment": RESOLVED}}}, here, docker.environ)
    assert model["services"]["web"]["environment"] == {}
    assert said == ["web: its environment is left out: compose does not say where it is from"]


def test_without_an_env_file_compose_is_not_asked_again(root: Path, docker: FakeDocker) -> None:
    (root / "compose.yaml").write_text("services: {web: {}}")
    here = config.load(root, docker.environ)
    model = {"services": {"web": {"environment": RESOLVED}}}
    assert foreign.without(model, here, docker.environ) == (model, [])
    assert docker.calls == []
