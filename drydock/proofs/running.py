"""Services started under proof, watched and probed until they are ready or the time is over, and removed."""

import http.client
import json
import platform
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import field, replace
from pathlib import Path
from typing import Any

from drydock import command, files
from drydock.builds.guarding import Limits
from drydock.engines.engine import Engine
from drydock.proofs.behaviour import Seen, troubles
from drydock.proofs.launching import NETWORK, Launch
from drydock.services import containers
from drydock.services.containers import Container, Standing
from drydock.services.startup import ESCAPE
from drydock.values import dataclass

POLL_SECONDS = 0.3
SETTLE_SECONDS = 3.0  # what has neither port nor health check must still run after this long
ANSWER_SECONDS = 10.0
TIMES = 2  # that a path is asked for: the first question may load the program and time out
LOG_LINES = "2000"


@dataclass(frozen=True)
class Probe:
    """What is asked of a service: its declared TCP ports, and paths on the first of them that answers.

    `waited` are the ports that must answer before the watching ends; None stands for all. `ends` is whether it is
    waited for its end, since it ended before the fixes too.
    """

    ports: tuple[int, ...] = ()
    paths: tuple[str, ...] = ("/",)
    waited: frozenset[int] | None = None
    ends: bool = False

    @property
    def awaited(self) -> frozenset[int]:
        return frozenset(self.ports) if self.waited is None else self.waited


@dataclass
class _Watch:
    """One start: the compose command line that names it, what was seen so far, addresses by container."""

    engine: Engine
    argv: tuple[str, ...]
    begun: float = field(default_factory=time.monotonic)
    open: dict[str, set[int]] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)


def reachable(engine: Engine) -> bool:
    """Whether containers can be reached by their own addresses from here: only where the engine is on this Linux."""
    return platform.system() == "Linux" and engine.host.startswith("unix:")


def watch(
    engine: Engine,
    launch: Launch,
    probes: Mapping[str, Probe],
    folder: Path,
    mark: str,
    seconds: float,
    limits: Limits | None = None,
) -> dict[str, Seen]:
    """Start the services, watch them for `seconds` at most, and remove them; what was seen, by service.

    They are removed as soon as they fill the engine's disk.
    """
    with _project(engine, launch, folder, mark) as started:
        limit = time.monotonic() + seconds
        up = command.run([*started.argv, "up", "--detach", "--no-build"], env=engine.environ, timeout=seconds)
        held = _held(started)
        full = ""
        while time.monotonic() < limit and up.ok and not full and not _settled(started, held, probes):
            time.sleep(POLL_SECONDS)
            full = limits.filled() if limits else ""
            held = _held(started)
        answers = {one.service: _answers(started, one, probes[one.service]) for one in held}
        held = _held(started)  # a question may have ended it
        why = full if up.ok else up.last_words
        seen = {name: _seen(started, name, held, probes[name], answers.get(name, {})) for name in launch.services}
        return {name: replace(one, said=full or one.said or why) for name, one in seen.items()}


@contextmanager
def _project(engine: Engine, launch: Launch, folder: Path, mark: str) -> Iterator[_Watch]:
    """The compose project, of which nothing is left afterwards, whatever happens."""
    path = folder / "proof.json"
    files.replace(path, json.dumps(launch.document))
    argv = ("docker", "compose", "--project-name", f"drydock-proof-{mark}", "--file", str(path))
    try:
        yield _Watch(engine, argv)
    finally:
        command.run([*argv, "down", "--volumes", "--timeout", "0"], env=engine.environ)
        path.unlink(missing_ok=True)


def _held(started: _Watch) -> tuple[Container, ...]:
    result = command.run([*started.argv, "ps", "--all", "--format", "json"], env=started.engine.environ)
    return containers.read(result.out) if result.ok else ()


def _settled(started: _Watch, held: Sequence[Container], probes: Mapping[str, Probe]) -> bool:
    """Whether nothing more is to be waited for; asks the ports that did not answer yet."""
    waits = [_waits(started, one, probes[one.service]) for one in held]
    return bool(held) and not any(waits)


def _waits(started: _Watch, one: Container, probe: Probe) -> bool:
    if one.standing is not Standing.READY:
        return one.standing is Standing.WAITING
    if probe.ends:
        return True
    is_open = started.open.setdefault(one.service, set())
    if reachable(started.engine):
        address = _address(started, one)
        is_open |= {port for port in probe.ports if port not in is_open and _answers_at(address, port)}
        if not is_open >= probe.awaited:
            return True
    sure = one.health or (probe.awaited and reachable(started.engine))
    return not sure and time.monotonic() - started.begun < SETTLE_SECONDS


def _address(started: _Watch, one: Container) -> str:
    """The address of a container within the network under proof; nothing starts it again, so it is asked for once."""
    if not started.addresses.get(one.name):
        started.addresses[one.name] = _asked_address(started.engine, one)
    return started.addresses[one.name]


def _asked_address(engine: Engine, one: Container) -> str:
    argv = ["docker", "container", "inspect", "--format", "{{json .NetworkSettings.Networks}}", one.name]
    result = command.run(argv, env=engine.environ)
    networks: Mapping[str, Any] = json.loads(result.out or "{}") if result.ok else {}
    found = [str(of["IPAddress"]) for name, of in networks.items() if name.endswith(f"_{NETWORK}")]
    return found[0] if found else ""


def _answers_at(address: str, port: int) -> bool:
    try:
        with socket.create_connection((address, port), timeout=1.0):
            return bool(address)
    except OSError:
        return False


def _answers(started: _Watch, one: Container, probe: Probe) -> dict[str, int]:
    """The status codes by `PORT PATH`, of each open port that speaks HTTP."""
    address, found = _address(started, one), dict[str, int]()
    for port in sorted(started.open.get(one.service, ())):
        for path in probe.paths:
            if status := status_of(address, port, path):
                found[f"{port} {path}"] = status
    return found


def status_of(address: str, port: int, path: str, seconds: float = ANSWER_SECONDS) -> int:
    """The status code, 0 where HTTP is not what is spoken there; who does not answer in time is asked once more."""
    for _ in range(TIMES):
        connection = http.client.HTTPConnection(address, port, timeout=seconds)
        try:
            connection.request("GET", path, headers={"Host": f"localhost:{port}"})
            return connection.getresponse().status
        except TimeoutError:
            continue
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()
    return 0


def _seen(started: _Watch, name: str, held: Sequence[Container], probe: Probe, answers: Mapping[str, int]) -> Seen:
    one = next((one for one in held if one.service == name), None)
    argv = [*started.argv, "logs", "--no-color", "--no-log-prefix", "--tail", LOG_LINES, name]
    log = ESCAPE.sub("", command.run(argv, env=started.engine.environ).out)
    said = next((line.strip()[:200] for line in reversed(log.splitlines()) if line.strip()), "")
    if one is None:
        return Seen(name, "not there", said=said)
    is_open = started.open.get(name, set())
    ports = {port: port in is_open for port in probe.ports} if reachable(started.engine) else {}
    return Seen(name, one.state, one.code, one.health, ports, answers, troubles(log), said)
