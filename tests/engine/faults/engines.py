"""Faults of the engine: gone, silent, something else, too old, closed to this user, not trusted, led to wrongly."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.engine.faults import servers
from tests.engine.faults.machine import Fault, Injection, Machine

NOBODY = 65534
# An ordinary user who may read what is root's, since the interpreter may be: writing is what is refused.
ORDINARY = (
    *("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"),
    *("--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search"),
)


def led_to(host: str) -> Injection:
    """DOCKER_HOST names an address; PORT in it becomes one on which nobody listens."""

    @contextmanager
    def inject(machine: Machine) -> Iterator[None]:
        machine.environ["DOCKER_HOST"] = host.replace("PORT", str(servers.dead())).replace(
            "FOLDER", str(machine.folder)
        )
        yield

    return inject


def answered(talk: servers.Talk) -> Injection:
    """At the address in DOCKER_HOST something listens that talks so."""

    @contextmanager
    def inject(machine: Machine) -> Iterator[None]:
        with servers.listening(talk) as address:
            machine.environ["DOCKER_HOST"] = f"tcp://{address}"
            yield

    return inject


@contextmanager
def hung(machine: Machine) -> Iterator[None]:
    with servers.listening(servers.silent, machine.folder / "hung.sock") as address:
        machine.environ["DOCKER_HOST"] = address
        yield


def relayed(change: servers.Change | None = None, hold: str = "") -> Injection:
    """The real engine, through a relay that alters what it says of itself or keeps back some answers."""

    @contextmanager
    def inject(machine: Machine) -> Iterator[None]:
        talk = servers.relay(machine.socket, change, hold)
        with servers.listening(talk, machine.folder / "relay.sock") as address:
            machine.environ["DOCKER_HOST"] = address
            yield

    return inject


def aged(document: dict[str, Any]) -> None:
    """An engine of a release long gone."""
    if "ApiVersion" in document:
        document |= {"Version": "20.10.24", "ApiVersion": "1.41", "MinAPIVersion": "1.12"}
        document.pop("Components", None)


def closed(mode: int, group: int) -> Injection:
    """A socket of the engine that this user may not open."""

    @contextmanager
    def inject(machine: Machine) -> Iterator[None]:
        path = machine.folder / "closed.sock"
        with servers.listening(servers.relay(machine.socket), path) as address:
            for place in (machine.folder, *machine.folder.rglob("*")):
                os.chown(place, NOBODY, NOBODY, follow_symlinks=False)
            os.chown(path, 0, group)
            path.chmod(mode)
            machine.environ["DOCKER_HOST"] = address
            machine.manner = ORDINARY
            yield

    return inject


@contextmanager
def none_at_all(machine: Machine) -> Iterator[None]:
    del machine.environ["DOCKER_HOST"]
    machine.apart = True
    machine.before.append("mount -t tmpfs tmpfs /run")  # hides the default socket, where this machine has one
    yield


def in_context(ca: int, *, client: bool = True, dead: bool = False) -> Injection:
    """A Docker context over TLS that holds the CA of that number (0 is right), with a client's certificate or none."""

    @contextmanager
    def inject(machine: Machine) -> Iterator[None]:
        right = machine.authorities[0]
        keys = servers.Keys(*right.server, clients=right.ca)
        with servers.listening(servers.relay(machine.socket), keys=keys) as address:
            port = servers.dead() if dead else int(address.rpartition(":")[2])
            words = f"host=tcp://localhost:{port},ca={machine.authorities[ca].ca}"
            if client:
                words += f",cert={right.folder / 'cert.pem'},key={right.folder / 'key.pem'}"
            make_context(machine, words)
            yield

    return inject


def make_context(machine: Machine, words: str) -> None:
    """Make a Docker context and use it."""
    del machine.environ["DOCKER_HOST"]
    for argv in (["create", "far", "--docker", words], ["use", "far"]):
        ended = subprocess.run(["docker", "context", *argv], env=machine.environ, capture_output=True, check=False)
        assert ended.returncode == 0, ended.stderr


@contextmanager
def keyless(machine: Machine) -> Iterator[None]:
    right = machine.authorities[0]
    with servers.listening(servers.relay(machine.socket), keys=servers.Keys(*right.server)) as address:
        machine.environ |= {"DOCKER_HOST": f"tcp://{address}", "DOCKER_TLS_VERIFY": "1"}
        machine.environ["DOCKER_CERT_PATH"] = str(machine.folder / "keys")
        yield


@contextmanager
def plain_to_tls(machine: Machine) -> Iterator[None]:
    right = machine.authorities[0]
    with servers.listening(servers.relay(machine.socket), keys=servers.Keys(*right.server)) as address:
        machine.environ["DOCKER_HOST"] = f"tcp://{address}"
        yield


@contextmanager
def unknown_context(machine: Machine) -> Iterator[None]:
    del machine.environ["DOCKER_HOST"]
    machine.settings.write_text(json.dumps({"currentContext": "gone"}))
    yield


@contextmanager
def unknown_context_in_environment(machine: Machine) -> Iterator[None]:
    del machine.environ["DOCKER_HOST"]
    machine.environ["DOCKER_CONTEXT"] = "gone"
    yield


AWAY = r"^unset DOCKER_HOST, or start that engine$"
FAULTS = (
    Fault("no engine runs at all", none_at_all, "engine", "no Docker engine runs", "doctor --fix", root=True),
    Fault(
        "DOCKER_HOST names a socket that is not there", led_to("unix://FOLDER/none.sock"), "engine", "none.sock", AWAY
    ),
    Fault("DOCKER_HOST names a port on which nobody listens", led_to("tcp://127.0.0.1:PORT"), "engine", "tcp://", AWAY),
    Fault(
        "DOCKER_HOST lacks its scheme",
        led_to("localhost:2375"),
        "engine",
        "localhost:2375, which is no address",
        "unix:///PATH or tcp://HOST:PORT",
    ),
    Fault(
        "DOCKER_HOST leads over ssh to nobody",
        led_to("ssh://nobody@127.0.0.1:PORT"),
        "engine",
        "ssh://",
        "docker version",
    ),
    Fault("a socket that never answers", hung, "engine", "says nothing for", "start it again, or unset DOCKER_HOST"),
    Fault("a port that never answers", answered(servers.silent), "engine", "says nothing for", "unset DOCKER_HOST"),
    Fault(
        "an engine that answers a ping and then hangs",
        relayed(hold=r"/(info|version)$"),
        "engine",
        "answers a ping, and then: no answer within",
        "end that engine and start it again",
    ),
    Fault(
        "a web server where the engine should be",
        answered(servers.says(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")),
        "engine",
        "is no Docker engine: 404 Not Found",
        "^unset DOCKER_HOST$",
    ),
    Fault(
        "a mail server where the engine should be",
        answered(servers.says(b"220 mail ready\r\n")),
        "engine",
        "is no Docker engine: it speaks no HTTP",
        "^unset DOCKER_HOST$",
    ),
    Fault(
        "an engine of an old release", relayed(aged), "engine", r"20\.10\.24 is too old", "use another engine, or renew"
    ),
    Fault(
        "a socket that is root's alone",
        closed(0o600, 0),
        "permission",
        "may not open .*closed.sock",
        r'^sudo chown "\$USER" .*closed.sock',
        root=True,
    ),
    Fault(
        "a socket of a group that this user is not in",
        closed(0o660, 1),
        "permission",
        "may not open .*closed.sock",
        r'^sudo usermod -aG \w+ "\$USER"',
        root=True,
    ),
    Fault(
        "a context with the wrong CA",
        in_context(1),
        "engine",
        "its certificate is not signed by the CA of the context far",
        "give the context far the CA that signed it",
    ),
    Fault(
        "a context without the client's certificate",
        in_context(0, client=False),
        "engine",
        "(it does not take the certificate of the context far|TLS does not come about)",
        "(give the context far a certificate|docker context use default)",
    ),
    Fault(
        "a context whose engine is gone",
        in_context(0, dead=True),
        "engine",
        "context far points at .* where no engine answers",
        "^docker context use default",
    ),
    Fault(
        "a context that does not exist",
        unknown_context,
        "engine",
        "context gone does not exist",
        "docker context use default",
    ),
    Fault(
        "DOCKER_CONTEXT names one that does not exist",
        unknown_context_in_environment,
        "engine",
        "context gone does not exist",
        "^unset DOCKER_CONTEXT$",
    ),
    Fault(
        "TLS is asked for and the keys are not there", keyless, "engine", r"there is no .*ca\.pem", "DOCKER_CERT_PATH"
    ),
    Fault(
        "an engine that speaks TLS, asked without",
        plain_to_tls,
        "engine",
        "it speaks TLS alone, and no keys are named",
        "docker context create NAME",
    ),
)
