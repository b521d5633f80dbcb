"""Machines with nothing wrong: the doctor must be at ease with each."""

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from tests.engine.faults import network, servers
from tests.engine.faults.engines import make_context
from tests.engine.faults.machine import PYTHON, Machine

BASED = "FROM python:3.12-slim\nCOPY note.txt /\n"
FRONT = """\
FROM python:3.12-slim
COPY package.json package-lock.json ./
RUN npm ci
COPY start.sh /
ENTRYPOINT ["/start.sh"]
"""


@contextmanager
def plain(machine: Machine) -> Iterator[None]:
    """The engine in use, a base that is here or has a stand-in, an empty config.json."""
    machine.write("app/Dockerfile", BASED)
    machine.settings.write_text("")
    yield


@contextmanager
def context_over_tls(machine: Machine) -> Iterator[None]:
    """A Docker context leads to the engine over TLS, with a certificate for the client too."""
    right = machine.authorities[0]
    keys = servers.Keys(*right.server, clients=right.ca)
    with servers.listening(servers.relay(machine.socket), keys=keys) as address:
        words = f"host=tcp://localhost:{address.rpartition(':')[2]}"
        words += f",ca={right.ca},cert={right.folder / 'cert.pem'},key={right.folder / 'key.pem'}"
        make_context(machine, words)
        yield


@contextmanager
def proxy_and_bundle(machine: Machine) -> Iterator[None]:
    """Somebody's repository that adopted Drydock, behind a proxy that works, with a bundle that vouches."""
    machine.write("app/Dockerfile", FRONT)
    machine.write("app/package.json", "{}")
    machine.write("app/package-lock.json", json.dumps({"packages": {}}))
    machine.write("app/start.sh", "#!/bin/sh\nexec true\n")
    machine.write(".env", "NAME='a value'\n# a comment\n")
    adopt = [PYTHON, "-m", "drydock", "adopt", "--root", str(machine.root)]
    subprocess.run(adopt, env=machine.environ, check=True, capture_output=True)
    with network.index(machine), servers.listening(servers.proxy) as address:
        machine.environ["HTTPS_PROXY"] = f"http://{address}"
        yield


MACHINES: dict[str, Callable[[Machine], AbstractContextManager[None]]] = {
    "the engine in use": plain,
    "a context over TLS": context_over_tls,
    "a proxy that works and a bundle that vouches": proxy_and_bundle,
}
