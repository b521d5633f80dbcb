"""Both services, and small ones made to misbehave, started and stopped on the real engine."""

import json
import os
import re
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from drydock import command, config
from drydock.services import compose
from tests.repositories import PROJECT, Repository, becomes, copied, free_port, get

HEALTHY = "[CMD, python3, -c, \"import http.client as h; h.HTTPConnection('127.0.0.1', 8000).request('GET', '/')\"]"
WEB = f"""\
  web:
    image: {{base}}
    init: true
    command: [python3, -m, http.server, "8000"]
    ports: ["127.0.0.1:${{{{WEB_PORT:-{{port}}}}}}:8000"]
    healthcheck: {{{{test: {HEALTHY}, interval: 1s}}}}
"""
ONCE = """\
  once:
    image: {base}
    command: [python3, -c, "{code}"]
"""


def left_of(docker: Any, project: str) -> list[str]:
    """Containers and networks that carry a project's name."""
    label = f"label=com.docker.compose.project={project}"
    return [*docker("ps", "-aq", "--filter", label).split(), *docker("network", "ls", "-q", "--filter", label).split()]


@pytest.fixture
def small(tmp_path: Path, docker: Any, unique: Callable[[str], str]) -> Iterator[Callable[..., Repository]]:
    """Makes a small repository of services on the Python base."""
    made: list[Repository] = []

    def make(*services: str, **words: object) -> Repository:
        project, root = unique("up"), tmp_path / f"repository {len(made)}"
        root.mkdir()
        filled = {"base": docker.base("python:3.12-slim"), "port": free_port(), **words}
        text = "".join(service.format(**filled) for service in services)
        (root / "compose.yml").write_text(f"name: {project}\nservices:\n{text}")
        made.append(Repository(root, docker.found.environ, project))
        return made[-1]

    yield make
    for one in made:
        docker("compose", "-p", one.project, "down", "--volumes", "--timeout", "1")


def test_up_waits_for_health_and_a_one_shot_that_ends_with_0_is_done(small: Callable[..., Repository]) -> None:
    repository = small(WEB, ONCE, code="pass")
    result = repository("up", "--no-build")
    assert result.code == 0, result.err
    services = repository.services()
    assert services["web"]["health"] == "healthy"
    assert services["once"]["code"] == 0
    (address,) = services["web"]["addresses"]
    assert address.startswith("http://localhost:")
    assert address in result.out
    assert get(int(address.rpartition(":")[2]), "/")[0] == 200


def test_a_second_up_starts_nothing_anew(small: Callable[..., Repository], docker: Any) -> None:
    repository = small(WEB)
    repository("up", "--no-build")
    before = left_of(docker, repository.project)
    assert repository("up", "--no-build").code == 0
    assert left_of(docker, repository.project) == before


def test_down_leaves_no_container_and_no_network(small: Callable[..., Repository], docker: Any) -> None:
    repository = small(WEB, ONCE, code="pass")
    repository("up", "--no-build")
    assert left_of(docker, repository.project)
    assert repository("down").code == 0
    assert left_of(docker, repository.project) == []


def test_an_unhealthy_service_gives_4_and_its_last_lines(small: Callable[..., Repository]) -> None:
    sick = """\
  sick:
    image: {base}
    init: true
    command: [sh, -c, "echo I feel ill; exec sleep 60"]
    healthcheck: {{test: [CMD-SHELL, "echo too hot; exit 1"], interval: 500ms, retries: 2}}
"""
    result = small(sick)("up", "--no-build")
    assert result.code == 4
    assert "  | I feel ill" in result.err
    assert "too hot" in result.err
    assert "error: sick is unhealthy" in result.err


def test_a_one_shot_that_fails_gives_4_and_its_code(small: Callable[..., Repository]) -> None:
    result = small(ONCE, code="print('no luck'); raise SystemExit(7)")("up", "--no-build")
    assert result.code == 4
    assert "  | no luck" in result.err
    assert "error: once exited with 7" in result.err


def test_a_service_without_health_check_that_dies_at_once_is_noticed(small: Callable[..., Repository]) -> None:
    result = small(ONCE, code="import time; time.sleep(0.6); raise SystemExit(9)")("up", "--no-build")
    assert result.code == 4
    assert "once exited with 9" in result.err


def test_the_time_to_wait_is_limited(small: Callable[..., Repository]) -> None:
    slow = WEB.replace("interval: 1s", "interval: 300s")
    result = small(slow)("up", "--no-build", "--timeout", "2")
    assert result.code == 4
    assert re.search("error: after 2 s web is (created|starting)", result.err)


def test_a_port_held_by_a_process_is_named_before_anything_starts(
    small: Callable[..., Repository], docker: Any
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        repository = small(WEB, port=port)
        result = repository("up", "--no-build")
    assert result.code == 3
    assert f"port {port}, wanted by web, is held by" in result.err
    assert f"(process {os.getpid()})" in result.err
    assert "WEB_PORT=" in result.err
    assert left_of(docker, repository.project) == []


def test_a_port_held_by_another_projects_container_is_named(small: Callable[..., Repository]) -> None:
    port = free_port()
    first, second = small(WEB, port=port), small(WEB, port=port)
    assert first("up", "--no-build").code == 0
    result = second("up", "--no-build")
    assert result.code == 3
    assert f"the container {first.project}-web-1 of the project {first.project}" in result.err


def test_an_interrupted_up_says_what_is_there(small: Callable[..., Repository]) -> None:
    repository = small(WEB.replace("interval: 1s", "interval: 300s"))
    argv = repository.argv("up", "--no-build")
    with subprocess.Popen(argv, cwd=PROJECT, env=dict(repository.environ), stderr=subprocess.PIPE, text=True) as child:
        assert child.stderr is not None
        told = ""
        while (line := child.stderr.readline()) and "web starting" not in line:
            told += line
        child.send_signal(signal.SIGINT)
        told += child.stderr.read()
    assert child.returncode == 130
    assert re.search(r"web starting; drydock down --root .* removes what is there", told)
    assert "Traceback" not in told


def test_restart_waits_for_health_again(small: Callable[..., Repository], docker: Any) -> None:
    repository = small(WEB)
    repository("up", "--no-build")
    started = ["inspect", "--format", "{{.State.StartedAt}}", f"{repository.project}-web-1"]
    before = docker(*started)
    assert repository("restart", "--service", "web").code == 0
    assert docker(*started) != before
    assert repository.services()["web"]["health"] == "healthy"


def test_the_shell_is_in_the_container_and_its_exit_code_is_ours(small: Callable[..., Repository]) -> None:
    repository = small(WEB)
    assert repository("shell").code == 3
    repository("up", "--no-build")
    result = repository("shell", "--service", "web", stdin="test -f /.dockerenv && echo inside; exit 7\n")
    assert (result.code, result.out) == (7, "inside\n")


def test_logs_are_what_the_service_printed(small: Callable[..., Repository]) -> None:
    repository = small(ONCE, code="print('well done')")
    repository("up", "--no-build")
    assert "well done" in repository("logs", "--service", "once").out
    wrong = repository("logs", "--service", "twice")
    assert (wrong.code, "there is once" in wrong.err) == (2, True)


def test_a_broken_compose_file_is_wrong_configuration(small: Callable[..., Repository]) -> None:
    repository = small(WEB)
    (repository.root / "compose.yml").write_text("services: [broken\n")
    result = repository("up", "--no-build")
    assert result.code == 2
    assert "compose.yml" in result.err
    assert "remedy: " in result.err


def test_a_lock_edit_gets_fresh_volumes_and_the_old_ones_go(small: Callable[..., Repository], docker: Any) -> None:
    repository = small(WEB)
    root = repository.root
    (root / "Dockerfile").write_text("FROM python:3.12-slim\nRUN mkdir /modules && echo 1 > /modules/one\n")
    text = (root / "compose.yml").read_text()
    (root / "compose.yml").write_text(re.sub(r"image: .*", f"image: {repository.project}\n    build: .", text))
    (root / "compose.dev.yml").write_text(
        "services:\n  web:\n    volumes: ['modules:/modules']\n    labels: {dev.drydock.lock: '${DRYDOCK_LOCK:?}'}\n"
        "volumes:\n  modules:\n    name: ${COMPOSE_PROJECT_NAME}_${DRYDOCK_LOCK:?}\n"
        "    labels: {dev.drydock.lock: '${DRYDOCK_LOCK:?}'}\n"
    )
    volumes = ["volume", "ls", "-q", "--filter", f"label=com.docker.compose.project={repository.project}"]
    (root / "package-lock.json").write_text("1")
    assert repository("up", "--dev").code == 0
    first = docker(*volumes).split()
    (root / "package-lock.json").write_text("2")
    assert repository("up", "--dev").code == 0
    second = docker(*volumes).split()
    assert (len(first), len(second), set(first) & set(second)) == (1, 1, set())
    assert repository("down", "--volumes").code == 0
    assert docker(*volumes) == ""
    docker("image", "rm", repository.project)


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory, docker: Any, unique: Callable[[str], str]) -> Iterator[Repository]:
    """A copy of this project, with a project name and ports of its own."""
    repository = copied(tmp_path_factory.mktemp("a clone") / "drydock", docker.found.environ, unique("clone"))
    yield repository
    docker("compose", "-p", repository.project, "down", "--volumes", "--timeout", "1")


def test_both_services_answer_on_their_published_ports(clone: Repository) -> None:
    result = clone("up", "--timeout", "300")
    assert result.code == 0, result.err
    status, body = get(clone.port("BACKEND_PORT"), "/api/health")
    assert (status, json.loads(body)) == (200, {"status": "ok", "ledger": "ready"})
    status, body = get(clone.port("BACKEND_PORT"), "/api/v1/images")
    assert {image["name"] for image in json.loads(body)["images"]} == {"backend", "frontend"}
    status, body = get(clone.port("FRONTEND_PORT"), "/")
    assert status == 200
    assert "Drydock" in body
    assert f"http://localhost:{clone.port('BACKEND_PORT')}" in body, "the page must know where the API is"
    assert f"http://localhost:{clone.port('FRONTEND_PORT')}" in result.out


def test_plain_compose_finds_nothing_to_change_after_up(clone: Repository, docker: Any) -> None:
    assert clone("up", "--timeout", "300").code == 0
    before = left_of(docker, clone.project)
    plain = command.run(["docker", "compose", "up", "-d"], env=clone.environ, cwd=clone.root / "infra", timeout=300)
    assert plain.ok, plain.err
    assert left_of(docker, clone.project) == before


def test_a_service_can_write_neither_its_root_nor_the_ledger_and_has_no_capability(clone: Repository) -> None:
    assert clone("up", "--timeout", "300").code == 0
    for service in ("backend", "frontend"):
        script = "touch /x; touch /data/x; grep -E 'CapEff|NoNewPrivs' /proc/self/status; id -u\n"
        result = clone("shell", "--service", service, stdin=script)
        lines = result.out.split()
        assert lines[:4] == ["CapEff:", "0000000000000000", "NoNewPrivs:", "1"]
        assert lines[4] != "0"
        assert result.err.count("touch: ") == 2


def test_a_source_edit_shows_in_dev_without_an_image_build(clone: Repository, docker: Any) -> None:
    result = clone("up", "--dev", "--timeout", "300")
    assert result.code == 0, result.err
    created = ["image", "inspect", "--format", "{{.Id}}", "drydock/backend:local", "drydock/frontend:dev"]
    before = docker(*created)
    page = clone.root / "frontend" / "src" / "routes" / "+page.svelte"
    page.write_text(re.sub(r"<title>.*?</title>", "<title>edited just now</title>", page.read_text()))
    assert becomes(lambda: "<title>edited just now</title>" in get(clone.port("FRONTEND_PORT"), "/")[1])
    factory = clone.root / "backend" / "app" / "__init__.py"
    edit = "    app.add_url_rule('/edited', view_func=lambda: 'just now')\n    return app\n"
    factory.write_text(factory.read_text().replace("    return app\n", edit))
    assert becomes(lambda: get(clone.port("BACKEND_PORT"), "/edited") == (200, "just now"))
    assert docker(*created) == before


def model(docker: Any, environ: Mapping[str, str], *, dev: bool = False) -> Mapping[str, Any]:
    """The compose model of this project with the defaults of whoever sets nothing."""
    own = {"BACKEND_PORT", "FRONTEND_PORT", "FRONTEND_ORIGIN", "PUBLIC_API_BASE_URL", "COMPOSE_PROJECT_NAME"}
    bare = {name: value for name, value in docker.found.environ.items() if name not in own}
    settings = replace(config.load(PROJECT, bare), environ={**bare, **environ})
    return compose.model(settings, settings.environ, dev=dev)


def test_the_defaults_are_those_of_the_plan_and_of_the_example(docker: Any) -> None:
    plain = model(docker, {})
    published = {
        name: [f"{port['host_ip']}:{port['published']}->{port['target']}" for port in service["ports"]]
        for name, service in plain["services"].items()
    }
    assert published == {"backend": ["127.0.0.1:5001->5000"], "frontend": ["127.0.0.1:5173->5173"]}
    lines = (PROJECT / ".env.example").read_text().splitlines()
    example = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert model(docker, example) == plain


@pytest.mark.parametrize("dev", [False, True])
def test_no_command_installs_anything(docker: Any, dev: bool) -> None:
    for service in model(docker, {}, dev=dev)["services"].values():
        assert "install" not in json.dumps([service.get("command"), service.get("entrypoint")])
        assert " ci" not in json.dumps(service.get("command"))
