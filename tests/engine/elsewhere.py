"""Places to build at beside the engine in use: a BuildKit that stands alone, and an engine behind TLS."""

import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from drydock.engines import endpoint, leftovers

PATIENCE = 60.0  # seconds
UPGRADE = b"POST /grpc HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
NEW = ("-newkey=ec", "-pkeyopt=ec_paramgen_curve:P-256", "-nodes")
WAYS = {
    "server": "subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth\n",
    "client": "extendedKeyUsage=clientAuth\n",
}


@contextmanager
def buildkit(host: str) -> Iterator[str]:
    """The BuildKit within an engine, spoken to as a buildkitd is: its API on a port, with no Docker around it.

    Debian has no package of buildkitd. An engine hands out the same API behind an upgrade of HTTP, which this
    does for each connection. Gives the address for `docker buildx create --driver remote`.
    """
    front = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        with suppress(OSError):
            while True:
                client, _ = front.accept()
                threading.Thread(target=_bridge, args=(client, host.removeprefix("unix://")), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"tcp://127.0.0.1:{front.getsockname()[1]}"
    finally:
        with suppress(OSError):
            front.shutdown(socket.SHUT_RDWR)
        front.close()


def _bridge(client: socket.socket, path: str) -> None:
    with client, socket.socket(socket.AF_UNIX) as engine, suppress(OSError):
        engine.connect(path)
        engine.sendall(UPGRADE)
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += engine.recv(1)
        back = threading.Thread(target=_pass_on, args=(engine, client), daemon=True)
        back.start()
        _pass_on(client, engine)
        back.join()


def _pass_on(source: socket.socket, to: socket.socket) -> None:
    with suppress(OSError):
        while chunk := source.recv(1 << 16):
            to.sendall(chunk)
    with suppress(OSError):
        to.shutdown(socket.SHUT_WR)


@dataclass(frozen=True)
class Authority:
    """A certificate authority made for one test, and what it signs; `openssl` does the work."""

    folder: Path

    @classmethod
    def made(cls, folder: Path) -> "Authority":
        folder.mkdir(parents=True)
        _openssl(folder, "req", "-x509", *NEW, "-days=2", "-subj=/CN=authority", "-keyout=ca-key.pem", "-out=ca.pem")
        return cls(folder)

    def sign(self, way: str, folder: Path, *, days: int = 2) -> Path:
        """A folder with ca.pem, cert.pem and key.pem for a `server` or a `client`; expired where `days` is below 0."""
        folder.mkdir(parents=True)
        shutil.copy(self.folder / "ca.pem", folder / "ca.pem")
        (folder / "ext").write_text(WAYS[way])
        _openssl(folder, "req", *NEW, f"-subj=/CN={way}", "-keyout=key.pem", "-out=csr")
        by = (f"-CA={self.folder}/ca.pem", f"-CAkey={self.folder}/ca-key.pem", "-CAcreateserial")
        _openssl(folder, "x509", "-req", "-in=csr", *by, f"-days={days}", "-extfile=ext", "-out=cert.pem")
        return folder


def _openssl(folder: Path, verb: str, *words: str) -> None:
    split = [part for word in words for part in word.split("=", 1)]
    subprocess.run(["openssl", verb, *split], cwd=folder, check=True, capture_output=True)


@contextmanager
def secured(folder: Path, keys: Path) -> Iterator[str]:
    """An engine that listens on loopback alone, to those whom its authority vouches for; it has no bridge.

    So it needs nothing of the machine's firewall; what is built there does without a network.
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    known = {"data-root": folder / "d", "exec-root": folder / "x", "pidfile": folder / "pid"}
    shields = {"tlscacert": keys / "ca.pem", "tlscert": keys / "cert.pem", "tlskey": keys / "key.pem"}
    apart = ("--bridge=none", "--iptables=false", "--ip-forward=false", "--ip-masq=false")
    flags = [f"--{name}={path}" for name, path in {**known, **shields}.items()]
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "log").open("wb") as log:
        argv = ["dockerd", "--tlsverify", f"--host=tcp://127.0.0.1:{port}", *apart, *flags]
        environ = {**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"}
        child = subprocess.Popen(argv, env=environ, stdout=log, stderr=log)
    try:
        until = time.monotonic() + PATIENCE
        while endpoint.ping(f"tcp://127.0.0.1:{port}") is endpoint.Answer.NO:  # without keys it says no more than that
            assert child.poll() is None, (folder / "log").read_text()[-2000:]
            assert time.monotonic() < until, (folder / "log").read_text()[-2000:]
            time.sleep(0.05)
        yield f"tcp://127.0.0.1:{port}"
    finally:
        child.terminate()
        child.wait(timeout=60)
        for mount in leftovers.mounts_below(Path("/proc/self/mountinfo").read_text(), str(folder)):
            subprocess.run(["umount", mount], check=True)
