"""The doctor on the real engine."""

import json
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from drydock import command

PROJECT = Path(__file__).resolve().parents[2]
CHECKS = {
    *("client", "config.json", "DOCKER_BUILDKIT", "disk", "home", "permission", "engine", "BuildKit", "buildx"),
    *("compose", "store", "builder", "clock", "names", "proxy", "certificates", "packages", "ledger", ".env"),
    *("compose file", "project", "Dockerfiles", "lock files", "line ends", "bases", "registry", "ports"),
    *("python", "node", "git"),
}


def doctor(root: Path, environ: Mapping[str, str]) -> tuple[int, dict[str, dict[str, Any]]]:
    """Exit code, and verdicts by check, of `drydock doctor --json`."""
    argv = [sys.executable, "-m", "drydock", "doctor", "--json", "--root", str(root)]
    result = command.run(argv, env=environ, cwd=PROJECT, timeout=60)
    document = json.loads(result.out)
    assert document["code"] == result.code
    return result.code, {one["check"]: one for one in document["checks"]}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one service that publishes a port."""
    text = 'name: doctored\nservices:\n  web:\n    image: web\n    ports: ["127.0.0.1:${PORT:?}:80"]\n'
    (tmp_path / "compose.yml").write_text(text)
    return tmp_path


def test_every_check_has_a_verdict_and_the_engine_is_well(docker: Any) -> None:
    _, found = doctor(PROJECT, docker.found.environ)
    assert set(found) == CHECKS
    well = {"client", "engine", "permission", "BuildKit", "buildx", "compose", "store", "compose file", "clock", "disk"}
    assert {name for name in well if found[name]["state"] == "ok"} == well


def test_a_held_port_fails_and_names_who_holds_it(docker: Any, repository: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        code, found = doctor(repository, {**docker.found.environ, "PORT": str(port)})
    assert code == 3
    assert f"{port} (for web) is held by" in found["ports"]["seen"]
    code, found = doctor(repository, {**docker.found.environ, "PORT": str(port)})
    assert (code, found["ports"]["state"]) == (0, "ok")


def test_a_broken_compose_file_is_named_and_leaves_the_other_checks_alone(docker: Any, repository: Path) -> None:
    (repository / "compose.yml").write_text("services: [\n")
    code, found = doctor(repository, docker.found.environ)
    assert (code, found["compose file"]["state"], found["engine"]["state"]) == (3, "fail", "ok")


def test_broken_settings_of_the_client_are_named_with_their_line(docker: Any, repository: Path) -> None:
    folder = repository / "docker-config"
    folder.mkdir()
    (folder / "config.json").write_text('{\n  "auths": {,\n}')
    code, found = doctor(repository, {**docker.found.environ, "PORT": "1", "DOCKER_CONFIG": str(folder)})
    assert code == 3
    assert "config.json:2:" in found["config.json"]["seen"]


def test_a_bundle_that_is_none_is_named_with_its_variable(docker: Any, repository: Path) -> None:
    bundle = repository / "bundle.pem"
    bundle.write_text("no certificate\n")
    code, found = doctor(repository, {**docker.found.environ, "PORT": "1", "PIP_CERT": str(bundle)})
    assert code == 3
    assert found["certificates"]["seen"] == f"PIP_CERT names {bundle}, which holds no certificate in PEM form"


def test_an_engine_that_does_not_answer_fails_with_a_remedy(docker: Any, repository: Path) -> None:
    nowhere = f"unix://{repository}/none.sock"
    code, found = doctor(repository, {**docker.found.environ, "PORT": "1", "DOCKER_HOST": nowhere})
    assert code == 3
    assert found["engine"]["state"] == "fail"
    assert found["engine"]["remedy"]
    assert {name for name in ("client", "buildx", "compose") if found[name]["state"] == "ok"} == {
        "client",
        "buildx",
        "compose",
    }
