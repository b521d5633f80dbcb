"""What compose says of services, read."""

import json
from pathlib import PurePath
from typing import Any

import pytest

from drydock.services import containers
from drydock.services.containers import Container, Port, Standing


def row(**words: Any) -> dict[str, Any]:
    """One object of `docker compose ps --format json`."""
    return {"Service": "web", "Name": "p-web-1", "State": "running", "Health": "", "ExitCode": 0, **words}


@pytest.mark.parametrize(
    ("state", "health", "code", "standing", "words"),
    [
        pytest.param("running", "healthy", 0, Standing.READY, "healthy", id="its health check passes"),
        pytest.param("running", "", 0, Standing.READY, "running", id="no health check: running is all one knows"),
        pytest.param("running", "starting", 0, Standing.WAITING, "starting", id="its health is not known yet"),
        pytest.param("running", "unhealthy", 0, Standing.FAILED, "unhealthy", id="its health check failed too often"),
        pytest.param("exited", "", 0, Standing.DONE, "done", id="a one-shot that did its work"),
        pytest.param("exited", "", 3, Standing.FAILED, "exited with 3", id="a one-shot that did not"),
        pytest.param("exited", "unhealthy", 137, Standing.FAILED, "exited with 137", id="killed"),
        pytest.param("created", "", 0, Standing.WAITING, "created", id="waits for another service"),
        pytest.param("restarting", "", 1, Standing.WAITING, "restarting", id="may yet come up"),
        pytest.param("dead", "", 0, Standing.FAILED, "dead", id="the engine could not remove it"),
    ],
)
def test_a_container_stands_where_state_health_and_exit_code_say(
    state: str, health: str, code: int, standing: Standing, words: str
) -> None:
    one = Container("web", "p-web-1", state, health, code)
    assert (one.standing, one.words) == (standing, words)


def test_one_object_a_line_and_one_array_read_alike() -> None:
    rows = [row(), row(Service="db", Name="p-db-1", Publishers=None)]
    lines = "\n".join(json.dumps(one) for one in rows) + "\n"
    assert containers.read(lines) == containers.read(json.dumps(rows))
    assert [one.service for one in containers.read(lines)] == ["db", "web"]


def test_no_container_is_no_error() -> None:
    assert containers.read("") == () == containers.read("[]\n")


def test_a_port_published_on_both_families_is_one_address() -> None:
    port = {"TargetPort": 80, "PublishedPort": 8080, "Protocol": "tcp"}
    text = json.dumps(row(Publishers=[{"URL": "0.0.0.0", **port}, {"URL": "::", **port}]))  # noqa: S104
    (one,) = containers.read(text)
    assert [port.address for port in one.ports] == ["localhost:8080"]


def test_a_port_that_is_only_exposed_has_no_address() -> None:
    publishers = [{"URL": "", "TargetPort": 80, "PublishedPort": 0, "Protocol": "tcp"}]
    assert containers.read(json.dumps(row(Publishers=publishers)))[0].ports == ()


@pytest.mark.parametrize(
    ("host", "address"),
    [("127.0.0.1", "localhost:80"), ("", "localhost:80"), ("10.0.0.9", "10.0.0.9:80"), ("fd00::9", "[fd00::9]:80")],
)
def test_an_address_is_what_a_browser_takes(host: str, address: str) -> None:
    assert Port("web", host, 80, 80).address == address


def test_only_ports_with_a_number_can_be_checked_beforehand() -> None:
    ports = [
        {"published": "5001", "host_ip": "127.0.0.1", "target": 5000, "protocol": "tcp"},
        {"published": "6000-6010", "target": 6000, "protocol": "tcp"},
        {"published": "0", "target": 7000, "protocol": "tcp"},
        {"target": 8000, "protocol": "tcp"},
    ]
    model = {"name": "p", "services": {"web": {"ports": ports}, "db": {}}}
    assert containers.published(model) == (Port("web", "127.0.0.1", 5001, 5000),)


def test_an_image_without_a_name_is_named_by_compose() -> None:
    services = {"a": {"build": {}, "image": "x/a:1"}, "b": {"build": {}}, "c": {"image": "postgres"}}
    assert containers.built({"name": "p", "services": services}) == ("x/a:1", "p-b")


def test_a_volume_inside_a_mounted_folder_needs_a_folder_there() -> None:
    volumes = [
        {"type": "bind", "source": "/w/frontend", "target": "/srv"},
        {"type": "volume", "source": "modules", "target": "/srv/node_modules"},
        {"type": "volume", "source": "other", "target": "/data"},
    ]
    model = {"name": "p", "services": {"web": {"volumes": volumes}}}
    assert containers.mountpoints(model) == (PurePath("/w/frontend/node_modules"),)
