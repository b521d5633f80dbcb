"""Debian's docker-registry on loopback, and a way to cut it off before a request of one's choice.

Where it is not on PATH, its package is fetched from the machine's own archives and unpacked below DRYDOCK_HOME; nothing
is installed. Where that cannot be either (no apt), the small registry of these tests takes its place.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from drydock import config
from tests.engine import registry

PACKAGE = "docker-registry"
SETTINGS = """\
version: 0.1
log: {{level: error}}
storage: {{filesystem: {{rootdirectory: {folder}}}}}
http: {{addr: 127.0.0.1:{port}}}
"""


def program() -> str | None:
    """The path of docker-registry: on PATH, or unpacked from its package; None on a machine without apt."""
    if found := shutil.which(PACKAGE):
        return found
    folder = config.home(os.environ) / "tests" / PACKAGE
    unpacked = folder / "usr" / "bin" / PACKAGE
    if not unpacked.exists() and shutil.which("apt-get") and shutil.which("dpkg-deb"):
        fresh = folder.with_suffix(f".{os.getpid()}")
        fresh.mkdir(parents=True)
        subprocess.run(["apt-get", "download", "-q", PACKAGE], cwd=fresh, capture_output=True, check=True)
        (package,) = fresh.glob("*.deb")
        subprocess.run(["dpkg-deb", "-x", package, fresh], check=True)
        package.unlink()
        shutil.rmtree(folder, ignore_errors=True)
        fresh.rename(folder)
    return str(unpacked) if unpacked.exists() else None


class Real:
    """docker-registry as a process; what it holds is read from its disk, also after its end."""

    def __init__(self, folder: Path, program: str) -> None:
        self.root = folder / "kept" / "docker" / "registry" / "v2"
        folder.mkdir(parents=True, exist_ok=True)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])
        settings = folder / "registry.yml"
        settings.write_text(SETTINGS.format(folder=folder / "kept", port=self.port))
        environ = {**os.environ, "OTEL_TRACES_EXPORTER": "none"}
        quiet = subprocess.DEVNULL
        self.child = subprocess.Popen([program, "serve", settings], env=environ, stdout=quiet, stderr=quiet)
        for _ in range(500):
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return
            time.sleep(0.02)
        raise AssertionError(f"docker-registry does not come up: {self.child.poll()}")

    def end(self) -> None:
        self.child.kill()
        self.child.wait()

    def tags(self) -> dict[str, str]:
        top, found = self.root / "repositories", dict[str, str]()
        for link in top.glob("**/_manifests/tags/*/current/link"):
            found[f"{link.parents[4].relative_to(top)}:{link.parents[1].name}"] = link.read_text().strip()
        return found

    def blob(self, digest: str) -> bytes | None:
        bare = digest.removeprefix("sha256:")
        path = self.root / "blobs" / "sha256" / bare[:2] / bare / "data"
        return path.read_bytes() if path.exists() else None


class Small:
    """The registry that these tests bring along, in the same form."""

    def __init__(self) -> None:
        self.serving = registry.serving()
        self.registry = self.serving.__enter__()
        self.port = int(self.registry.host.rpartition(":")[2])

    def end(self) -> None:
        self.serving.__exit__(None, None, None)

    def tags(self) -> dict[str, str]:
        by_body = {body: name for (_, name), (_, body) in self.registry.manifests.items() if name.startswith("sha256:")}
        named = {key: body for key, (_, body) in self.registry.manifests.items() if not key[1].startswith("sha256:")}
        return {f"{name}:{tag}": by_body[body] for (name, tag), body in named.items()}

    def blob(self, digest: str) -> bytes | None:
        bodies = {name: body for (_, name), (_, body) in self.registry.manifests.items()}
        return self.registry.blobs.get(digest) or bodies.get(digest)


class Distribution:
    """A registry that others reach through a relay, which reads along and can act before a request gets there."""

    def __init__(self, behind: Real | Small) -> None:
        self.behind, self.is_real = behind, isinstance(behind, Real)
        self.requests = list[str]()
        self.acted = threading.Event()
        self._before: tuple[re.Pattern[bytes], Callable[[], None]] | None = None
        self._front = socket.create_server(("127.0.0.1", 0))
        self._ended = False
        self.host = f"127.0.0.1:{self._front.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def before(self, request: str, act: Callable[[], None] | None = None) -> None:
        """Before the first request whose line fits (`PUT /v2/.*/manifests/`), end the registry for good, or `act`."""
        self._before = re.compile(rb"^" + request.encode(), re.MULTILINE), act or self.end

    def lacking(self) -> list[str]:
        """What a tag leads to and is not there: a manifest, a configuration, a layer."""
        waiting, missing = list(self.behind.tags().values()), list[str]()
        while waiting:
            data = self.behind.blob(digest := waiting.pop())
            if data is None:
                missing.append(digest)
                continue
            with suppress(ValueError):  # a layer is no JSON
                document = json.loads(data)
                parts = [*document.get("manifests", ()), *document.get("layers", ()), document.get("config")]
                waiting += [part["digest"] for part in parts if isinstance(part, dict) and "digest" in part]
        return missing

    def end(self) -> None:
        if not self._ended:
            self._ended = True
            with suppress(OSError):
                self._front.shutdown(socket.SHUT_RDWR)  # wakes who waits there, and lets go of the port
            self._front.close()
            self.behind.end()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._front.accept()
                threading.Thread(target=self._relay, args=(client,), daemon=True).start()

    def _relay(self, client: socket.socket) -> None:
        with client, suppress(OSError), socket.create_connection(("127.0.0.1", self.behind.port)) as behind:
            threading.Thread(target=_pass_on, args=(behind, client), daemon=True).start()
            while chunk := client.recv(1 << 16):
                self.requests += [line.decode() for line in re.findall(rb"^[A-Z]+ /v2/\S+", chunk, re.MULTILINE)]
                if self._before and self._before[0].search(chunk):
                    _, act = self._before
                    self._before = None
                    act()
                    self.acted.set()
                if self._ended:
                    return
                behind.sendall(chunk)


def _pass_on(source: socket.socket, to: socket.socket) -> None:
    with suppress(OSError):
        while chunk := source.recv(1 << 16):
            to.sendall(chunk)
    with suppress(OSError):
        to.shutdown(socket.SHUT_RDWR)


@contextmanager
def serving(folder: Path) -> Iterator[Distribution]:
    """A registry whose content lies below `folder`, answering until the block is left or something ends it."""
    found = program()
    made = Distribution(Real(folder, found) if found else Small())
    try:
        yield made
    finally:
        made.end()
