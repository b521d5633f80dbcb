"""Faults on the way out: proxies, names, certificates, hosts of packages, and bases that nobody has."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.engine.faults import servers
from tests.engine.faults.machine import Fault, Injection, Machine

REFUSES = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"
WANTS_LOGIN = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
SERVES = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


@contextmanager
def index(machine: Machine, *, expired: bool = False) -> Iterator[str]:
    """A host of packages on loopback, over TLS, which pip's settings name and whose CA the bundle holds."""
    right = machine.authorities[0]
    keys = servers.Keys(*(right.expired if expired else right.server))
    with servers.listening(servers.says(SERVES), keys=keys) as address:
        host = f"localhost:{address.rpartition(':')[2]}"
        machine.environ |= {"PIP_INDEX_URL": f"https://user:secret@{host}/simple", "PIP_CERT": str(right.ca)}
        yield host


def behind(talk: servers.Talk | None) -> Injection:
    """Packages are asked for through a proxy that talks so; without, nobody listens there."""

    @contextmanager
    def inject(machine: Machine) -> Iterator[None]:
        with index(machine), servers.listening(talk or servers.silent) as address:
            where = address if talk else f"127.0.0.1:{servers.dead()}"
            machine.environ["HTTPS_PROXY"] = f"http://{where}"
            yield

    return inject


@contextmanager
def builds_proxy(machine: Machine) -> Iterator[None]:
    entry = {"httpsProxy": f"http://127.0.0.1:{servers.dead()}"}
    machine.settings.write_text(json.dumps({"proxies": {"default": entry}}))
    yield


@contextmanager
def no_proxy_at_all(machine: Machine) -> Iterator[None]:
    machine.environ["HTTP_PROXY"] = "http://:nonsense"
    yield


@contextmanager
def engines_proxy(machine: Machine) -> Iterator[None]:
    where = f"http://127.0.0.1:{servers.dead()}"
    talk = servers.relay(
        machine.socket, lambda said: said.update(HttpsProxy=where) if "DockerRootDir" in said else None
    )
    with servers.listening(talk, machine.folder / "relay.sock") as address:
        machine.environ["DOCKER_HOST"] = address
        yield


def names(server: str, *, listens: bool) -> Injection:
    """The only name server is at a loopback address, where nobody listens, or somebody who never answers."""

    @contextmanager
    def inject(machine: Machine) -> Iterator[None]:
        (machine.folder / "resolv.conf").write_text(f"nameserver {server}\n")
        machine.environ["PIP_INDEX_URL"] = "https://packages.example/simple"
        machine.apart = True
        real = Path("/etc/resolv.conf").resolve()
        machine.before.append(f"mount --bind {machine.folder}/resolv.conf {real}")
        if not listens:
            yield
            return
        with servers.deaf_names(server):
            yield

    return inject


def bundle(content: str | None) -> Injection:
    """PIP_CERT names a file that holds this; None: no file."""

    @contextmanager
    def inject(machine: Machine) -> Iterator[None]:
        path = machine.folder / "bundle.pem"
        if content is not None:
            path.write_text(content)
        machine.environ["PIP_CERT"] = str(path)
        yield

    return inject


@contextmanager
def wrong_authority(machine: Machine) -> Iterator[None]:
    with index(machine):
        machine.environ["PIP_CERT"] = str(machine.authorities[1].ca)
        yield


@contextmanager
def out_of_date(machine: Machine) -> Iterator[None]:
    with index(machine, expired=True):
        yield


@contextmanager
def no_packages(machine: Machine) -> Iterator[None]:
    machine.environ["PIP_INDEX_URL"] = f"https://127.0.0.1:{servers.dead()}/simple"
    yield


@contextmanager
def no_base(machine: Machine) -> Iterator[None]:
    machine.write("app/Dockerfile", "FROM registry.invalid/nobody/knows:1\n")
    yield


FAULTS = (
    Fault(
        "a proxy that refuses the connection",
        behind(None),
        "proxy",
        "HTTPS_PROXY .* refuses: connection refused",
        "^unset HTTPS_PROXY",
    ),
    Fault(
        "a proxy that refuses the host",
        behind(servers.says(REFUSES)),
        "proxy",
        "the way to localhost:.*403 Forbidden",
        "^unset HTTPS_PROXY",
    ),
    Fault(
        "a proxy that wants a login", behind(servers.says(WANTS_LOGIN)), "proxy", "407 Proxy Auth", "name and password"
    ),
    Fault(
        "a proxy for builds that is not there",
        builds_proxy,
        "proxy",
        "proxies.default.httpsProxy",
        "mend proxies.default",
    ),
    Fault("an engine whose proxy is not there", engines_proxy, "proxy", "the engine's HttpsProxy", "daemon.json"),
    Fault("a proxy's address that is none", no_proxy_at_all, "proxy", "HTTP_PROXY is no address", "unset HTTP_PROXY"),
    Fault(
        "no name server is there",
        names("127.0.0.9", listens=False),
        "names",
        "no name server answers",
        "resolv.conf",
        root=True,
    ),
    Fault(
        "the name server never answers",
        names("127.0.0.8", listens=True),
        "names",
        "no name server answers",
        "resolv.conf",
        root=True,
    ),
    Fault(
        "a bundle that is not there",
        bundle(None),
        "certificates",
        "PIP_CERT names .*No such file",
        "^unset PIP_CERT",
        mended="remedy",
    ),
    Fault(
        "a bundle that holds no certificate",
        bundle("no PEM\n"),
        "certificates",
        "no certificate in PEM",
        "^unset PIP_CERT",
        mended="remedy",
    ),
    Fault(
        "a bundle with the wrong CA",
        wrong_authority,
        "certificates",
        "PIP_CERT does not vouch for localhost:",
        "add the CA",
    ),
    Fault(
        "a host whose certificate is out of date", out_of_date, "certificates", "out of date", "set the clock, or renew"
    ),
    Fault(
        "the host of packages is not there",
        no_packages,
        "packages",
        "PIP_INDEX_URL names, does not answer",
        "mend it in PIP_INDEX_URL",
    ),
    Fault(
        "a base that nobody has",
        no_base,
        "registry",
        "no answer for registry.invalid.*no stand-in",
        "mend its name in FROM",
    ),
)
