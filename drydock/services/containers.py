"""What `docker compose ps` and the resolved compose model say of services, ports and mounts. Pure."""

import json
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from pathlib import PurePath
from typing import Any

from drydock.values import dataclass

EVERYWHERE = ("", "0.0.0.0", "::", "127.0.0.1", "::1")  # noqa: S104 - compared with, never bound


class Standing(Enum):
    """Where a container is on its way to being useful; DONE is a one-shot that ended with 0."""

    READY = "ready"
    DONE = "done"
    WAITING = "waiting"
    FAILED = "failed"


@dataclass(frozen=True)
class Port:
    """A published port: the address and number on this machine, the number inside the container."""

    service: str
    host: str
    published: int
    target: int
    protocol: str = "tcp"

    @property
    def address(self) -> str:
        """Host and port as a browser takes them; loopback and wildcard are both localhost."""
        if self.host in EVERYWHERE:
            return f"localhost:{self.published}"
        return f"[{self.host}]:{self.published}" if ":" in self.host else f"{self.host}:{self.published}"


@dataclass(frozen=True)
class Container:
    """One container of a compose project; `health` is empty where the image has no health check."""

    service: str
    name: str
    state: str
    health: str
    code: int
    ports: tuple[Port, ...] = ()

    @property
    def standing(self) -> Standing:
        match self.state, self.health:
            case "exited", _:
                return Standing.DONE if self.code == 0 else Standing.FAILED
            case "dead", _:
                return Standing.FAILED
            case "running", "unhealthy":
                return Standing.FAILED
            case "running", "healthy" | "":
                return Standing.READY
            case _:
                return Standing.WAITING

    @property
    def words(self) -> str:
        """State in plain words: healthy, starting, running, done, exited with 3, restarting."""
        if self.state == "running":
            return self.health or "running"
        if self.state == "exited":
            return "done" if self.code == 0 else f"exited with {self.code}"
        return self.state


def read(text: str) -> tuple[Container, ...]:
    """Containers from `docker compose ps --all --format json`: an array up to compose 2.20, later one object a line."""
    text = text.strip()
    rows = json.loads(text) if text.startswith("[") else [json.loads(line) for line in text.splitlines() if line]
    return tuple(sorted((_container(row) for row in rows), key=lambda one: (one.service, one.name)))


def published(model: Mapping[str, Any]) -> tuple[Port, ...]:
    """The ports that a resolved model asks for by number; ranges and ports left to Docker are not among them."""
    return tuple(
        Port(name, str(port.get("host_ip") or ""), int(port["published"]), int(port["target"]), port["protocol"])
        for name, service in _services(model)
        for port in service.get("ports") or ()
        if str(port.get("published") or "").isdigit() and int(port["published"])
    )


def built(model: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of the images that the services of a model build."""
    return tuple(
        str(service.get("image") or f"{model['name']}-{name}")
        for name, service in _services(model)
        if "build" in service
    )


def mountpoints(model: Mapping[str, Any]) -> tuple[PurePath, ...]:
    """Folders of this machine on which a volume is mounted inside a mounted folder.

    Where one is missing Docker makes it, as root; in a read-only mount it cannot, and the container does not start.
    """
    return tuple(
        PurePath(folder["source"], PurePath(volume["target"]).relative_to(folder["target"]))
        for _, service in _services(model)
        for folder in _mounts(service, "bind")
        for volume in [*_mounts(service, "volume"), *_mounts(service, "tmpfs")]
        if PurePath(volume["target"]).is_relative_to(folder["target"]) and volume["target"] != folder["target"]
    )


def _services(model: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield from (model.get("services") or {}).items()


def _mounts(service: Mapping[str, Any], kind: str) -> Sequence[Mapping[str, Any]]:
    return [mount for mount in service.get("volumes") or () if mount.get("type") == kind]


def _container(row: Mapping[str, Any]) -> Container:
    service = str(row["Service"])
    ports = {  # Docker names one port twice when it is published on IPv4 and on IPv6
        (port["PublishedPort"], port["Protocol"]): Port(
            service, port.get("URL", ""), port["PublishedPort"], port["TargetPort"], port["Protocol"]
        )
        for port in row.get("Publishers") or ()
        if port.get("PublishedPort")
    }
    return Container(
        service,
        str(row["Name"]),
        str(row["State"]),
        str(row.get("Health") or ""),
        int(row["ExitCode"]),
        tuple(ports.values()),
    )
