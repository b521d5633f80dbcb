"""Finding an engine: Docker's order, the right error for what is missing, and no process the second time."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from drydock import config, events
from drydock.config import Config
from drydock.engines import endpoint, engine, place
from drydock.engines.engine import Cause, NoEngine, Origin

VERSION = {"Client": {"Version": "28.0.0"}, "Server": {"Version": "26.1.5+dfsg1", "ApiVersion": "1.45"}}
Listen = Callable[[Path], str]
INSPECTED = "Name:   default\nDriver: docker\n\nNodes:\nName:      default\nPlatforms: linux/amd64*, linux/386\n"


@pytest.fixture
def machine(short: Path, docker: Any, monkeypatch: pytest.MonkeyPatch) -> Config:
    """A machine with a docker client and both plugins, and no engine."""
    monkeypatch.setattr(endpoint, "DEFAULT_SOCKET", f"unix://{short}/default.sock")
    answer(docker)
    root = short / "repository"
    root.mkdir()
    environ = {**docker.environ, "DRYDOCK_HOME": str(short / "h"), "DOCKER_CONFIG": str(short / "settings")}
    return config.load(root, environ)


def answer(docker: Any, *, buildx: str = "0.13.1+ds1", compose: str = "2.26.1-4", version: str = "26.1.5") -> None:
    (docker.folder / "answers").write_text("")
    server = {**VERSION["Server"], "Version": version}
    plugins = [{"Name": "buildx", "Version": buildx}, {"Name": "compose", "Version": compose}]
    about = {
        "Driver": "overlay2",
        "DriverStatus": [["Backing Filesystem", "extfs"]],
        "DockerRootDir": "/data",
        "ClientInfo": {"Plugins": [plugin for plugin in plugins if plugin["Version"]]},
    }
    docker.says("version", out=json.dumps({**VERSION, "Server": server}))
    docker.says("info", out=json.dumps(about))
    docker.says("buildx", "inspect", out=INSPECTED)


def with_compose(machine: Config) -> Config:
    return replace(machine, compose=machine.root / "compose.yaml")


def settings(machine: Config, text: str) -> None:
    folder = Path(machine.environ["DOCKER_CONFIG"])
    folder.mkdir()
    (folder / "config.json").write_text(text)


def context(machine: Config, name: str, host: str) -> None:
    import hashlib

    folder = Path(machine.environ["DOCKER_CONFIG"], "contexts", "meta", hashlib.sha256(name.encode()).hexdigest())
    folder.mkdir(parents=True)
    (folder / "meta.json").write_text(json.dumps({"Name": name, "Endpoints": {"docker": {"Host": host}}}))


def environ(machine: Config, **values: str) -> Config:
    return replace(machine, environ={**machine.environ, **values})


def failure(machine: Config) -> NoEngine:
    with pytest.raises(NoEngine) as caught:
        engine.find(machine)
    assert caught.value.code == 3
    assert caught.value.remedy
    assert "\n" not in caught.value.message
    return caught.value


def test_docker_host_comes_first(machine: Config, listen: Listen, short: Path) -> None:
    listen(short / "default.sock")
    host = listen(short / "other.sock")
    found = engine.find(environ(machine, DOCKER_HOST=host))
    assert (found.host, found.origin) == (host, Origin.ENVIRONMENT)


def test_the_context_comes_before_the_default_socket(machine: Config, listen: Listen, short: Path) -> None:
    listen(short / "default.sock")
    host = listen(short / "context.sock")
    context(machine, "remote", host)
    found = engine.find(environ(machine, DOCKER_CONTEXT="remote"))
    assert (found.host, found.origin) == (host, Origin.CONTEXT)
    (Path(machine.environ["DOCKER_CONFIG"]) / "config.json").write_text('{"currentContext": "remote"}')
    assert engine.find(machine).origin is Origin.CONTEXT


def test_the_default_socket_comes_before_the_private_engine(machine: Config, listen: Listen, short: Path) -> None:
    listen(place.of(machine).socket)
    assert engine.find(machine).origin is Origin.PRIVATE
    listen(short / "default.sock")
    assert engine.find(machine).origin is Origin.DEFAULT


def test_children_reach_the_engine_that_was_found(machine: Config, listen: Listen, short: Path) -> None:
    host = listen(short / "context.sock")
    context(machine, "remote", host)
    children = engine.find(environ(machine, DOCKER_CONTEXT="remote")).environ
    assert children["DOCKER_HOST"] == host
    assert "DOCKER_CONTEXT" not in children


def test_a_context_over_ssh_is_handed_on_by_name() -> None:
    far = endpoint.Endpoint("ssh://box", Origin.CONTEXT, "box")
    assert far.environ({"DOCKER_HOST": "unix:///x"}) == {"DOCKER_CONTEXT": "box"}


def test_what_an_engine_can_do_is_known(machine: Config, listen: Listen, short: Path) -> None:
    listen(short / "default.sock")
    found = engine.find(machine)
    assert (found.version, found.api, found.buildx, found.compose) == ("26.1.5", "1.45", "0.13.1+ds1", "2.26.1-4")
    assert (found.store, found.driver, found.platforms) == ("overlay2", "docker", ("linux/amd64", "linux/386"))
    assert found.buildkit
    assert found.cache_exporters == ("inline",)


def test_a_second_find_starts_no_process(machine: Config, docker: Any, listen: Listen, short: Path) -> None:
    listen(short / "default.sock")
    first = engine.find(machine)
    calls = len(docker.calls)
    assert calls == 3
    assert engine.find(machine) == first
    assert len(docker.calls) == calls


def test_the_chosen_builder_counts_and_not_when_buildx_wrote_it_down(
    machine: Config, docker: Any, listen: Listen, short: Path
) -> None:
    listen(short / "default.sock")
    current = Path(machine.environ["DOCKER_CONFIG"], "buildx", "current")
    current.parent.mkdir(parents=True)
    for text, calls in (("one", 3), ("one", 3), ("two", 6)):
        current.unlink(missing_ok=True)  # buildx puts a new file in its place each time it runs
        current.write_text(text)
        engine.find(machine)
        assert len(docker.calls) == calls


def test_a_new_client_is_asked_again(machine: Config, docker: Any, listen: Listen, short: Path) -> None:
    listen(short / "default.sock")
    engine.find(machine)
    answer(docker, version="27.0.0")
    os.utime(docker.folder / "docker", (1, 1))
    assert engine.find(machine).version == "27.0.0"


def test_a_dead_socket_is_noticed_though_its_abilities_are_known(machine: Config, listen: Listen, short: Path) -> None:
    listen(short / "default.sock")
    found = engine.find(machine)
    (short / "default.sock").unlink()
    assert not engine.alive(found)
    assert failure(machine).cause is Cause.DAEMON


def test_a_broken_memory_is_only_forgotten(machine: Config, listen: Listen, short: Path) -> None:
    listen(short / "default.sock")
    (machine.home).mkdir()
    (machine.home / "probe.json").write_text("[1, {")
    assert engine.find(machine).version == "26.1.5"


def test_no_engine_at_all_names_what_mends_it(machine: Config) -> None:
    problem = failure(machine)
    assert (problem.cause, problem.remedy) == (Cause.DAEMON, "inv doctor --fix")


def test_a_private_engine_that_was_stopped_is_to_be_started_not_installed(machine: Config) -> None:
    place.of(machine).data.mkdir(parents=True)
    missing = failure(machine)
    assert (missing.cause, missing.remedy) == (Cause.STOPPED, "inv engine --start")


def test_docker_host_that_points_nowhere_is_no_reason_to_look_elsewhere(
    machine: Config, listen: Listen, short: Path
) -> None:
    listen(short / "default.sock")
    problem = failure(environ(machine, DOCKER_HOST=f"unix://{short}/nothing.sock"))
    assert problem.cause is Cause.SETTINGS
    assert "DOCKER_HOST" in problem.message
    assert "unset DOCKER_HOST" in problem.remedy


def test_docker_host_that_names_the_stopped_private_engine_leads_to_its_start(machine: Config) -> None:
    problem = failure(environ(machine, DOCKER_HOST=place.address(machine)))
    assert (problem.cause, problem.remedy) == (Cause.STOPPED, "inv engine --start")


def test_an_unknown_context_is_named(machine: Config) -> None:
    problem = failure(environ(machine, DOCKER_CONTEXT="gone"))
    assert "context gone does not exist" in problem.message


def test_broken_settings_of_docker_are_named_with_their_line(machine: Config) -> None:
    settings(machine, '{\n  "auths": {},\n}')
    problem = failure(machine)
    assert problem.cause is Cause.CONFIG
    assert "config.json:3:1 is not valid JSON" in problem.message


def test_a_hung_engine_is_silent(machine: Config, short: Path) -> None:
    import socket

    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(short / "hung.sock"))
        silent.listen()
        assert endpoint.ping(f"unix://{short}/hung.sock", seconds=0.05) is endpoint.Answer.SILENT
        assert endpoint.ask(f"unix://{short}/hung.sock", "/x", seconds=0.05) is None


def test_the_api_is_asked_on_the_socket_alone(listen: Listen, short: Path) -> None:
    assert endpoint.ask(listen(short / "an.sock"), "/x", seconds=5) == b"OK"
    assert endpoint.ask(f"unix://{short}/none.sock", "/x", seconds=5) is None
    assert endpoint.ask("tcp://127.0.0.1:1", "/x", seconds=5) is None


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may open every socket")
def test_a_socket_of_somebody_else_is_a_matter_of_permission(machine: Config, listen: Listen, short: Path) -> None:
    listen(short / "default.sock")
    (short / "default.sock").chmod(0)
    problem = failure(machine)
    assert problem.cause is Cause.PERMISSION
    assert "usermod -aG docker" in problem.remedy


@pytest.mark.parametrize(
    ("tools", "cause", "said"),
    [
        ({"buildx": ""}, Cause.BUILDX, "buildx is not installed"),
        ({"buildx": "v0.12.1"}, Cause.BUILDX, "buildx v0.12.1 is too old"),
        ({"compose": ""}, Cause.COMPOSE, "compose is not installed"),
        ({"compose": "v2.19.3-desktop.1"}, Cause.COMPOSE, "compose v2.19.3-desktop.1 is too old"),
        ({"version": "20.10.24+dfsg1"}, Cause.ENGINE, "engine 20.10.24+dfsg1 is too old"),
    ],
    ids=["no buildx", "old buildx", "no compose", "old compose", "an engine without named contexts"],
)
def test_what_is_missing_or_too_old_is_named(
    machine: Config, docker: Any, listen: Listen, short: Path, tools: dict[str, str], cause: Cause, said: str
) -> None:
    listen(short / "default.sock")
    answer(docker, **tools)
    problem = failure(with_compose(machine))
    assert problem.cause is cause
    assert said in problem.message


def test_compose_is_not_asked_of_a_repository_without_a_compose_file(
    machine: Config, docker: Any, listen: Listen, short: Path
) -> None:
    listen(short / "default.sock")
    answer(docker, compose="")
    assert engine.find(machine).compose == ""


def test_a_machine_without_docker_says_so(machine: Config, listen: Listen, short: Path) -> None:
    listen(short / "default.sock")
    problem = failure(environ(machine, PATH=str(short)))
    assert (problem.cause, problem.message) == (Cause.CLIENT, "docker is not installed")


def test_without_consent_and_without_a_terminal_nothing_is_installed(machine: Config, docker: Any) -> None:
    told: list[object] = []
    with pytest.raises(NoEngine) as caught:
        engine.ensure(machine, told.append)
    assert caught.value.code == 3
    assert told == []
    assert docker.calls == []
    assert not machine.home.exists()


def test_what_cannot_be_mended_here_is_not_tried_with_consent_either(machine: Config) -> None:
    with pytest.raises(NoEngine, match="DOCKER_HOST points at"):
        engine.ensure(replace(environ(machine, DOCKER_HOST="unix:///nowhere.sock"), yes=True), events.silent)


@pytest.mark.parametrize("host", ["localhost:2375", "unix://", "tcp//box", "tcp://box:port"])
def test_a_docker_host_that_is_no_address_is_named(machine: Config, host: str) -> None:
    problem = failure(environ(machine, DOCKER_HOST=host))
    assert problem.message == f"DOCKER_HOST is {host}, which is no address of an engine"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        pytest.param(b"HTTP/1.0 404 Not Found\r\n\r\n", "which is no Docker engine: 404 Not Found", id="a web server"),
        pytest.param(b"220 mail\r\n", "which is no Docker engine: it speaks no HTTP", id="a mail server"),
        pytest.param(b"", "where no engine answers", id="one that hangs up"),
    ],
)
def test_what_answers_and_is_no_engine_is_told_apart(machine: Config, short: Path, answer: bytes, words: str) -> None:
    import socket
    import threading

    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(short / "odd.sock"))
        server.listen()

        def serve() -> None:
            link, _ = server.accept()
            with link:
                link.recv(4096)
                link.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        problem = failure(environ(machine, DOCKER_HOST=f"unix://{short}/odd.sock"))
        thread.join(5)
    assert problem.message.endswith(words)
    assert problem.remedy.startswith("unset DOCKER_HOST")


def test_keys_that_are_missing_are_named(machine: Config, short: Path) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        host = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        variables = {"DOCKER_HOST": host, "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(short)}
        problem = failure(environ(machine, **variables))
    assert problem.message.endswith(f"refuses: there is no {short}/ca.pem")
