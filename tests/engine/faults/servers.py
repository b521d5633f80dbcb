"""What listens on loopback in place of an engine, a proxy, a host of packages or a name server."""

import json
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

Talk = Callable[[socket.socket], None]
Change = Callable[[dict[str, Any]], None]
HELLO = b"\x16"  # how TLS begins
PLAIN = b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"  # as engines say it
PATIENCE = 20.0  # seconds for which a connection is kept


@dataclass(frozen=True)
class Keys:
    """TLS of a server: its certificate and key, and the authority that clients have to be signed by, if any."""

    certificate: Path
    key: Path
    clients: Path | None = None


@contextmanager
def listening(talk: Talk, path: Path | None = None, keys: Keys | None = None) -> Iterator[str]:
    """Hand each connection to `talk`, in a thread of its own; gives the address, without a scheme if it is TCP."""
    if path is None:
        server = socket.create_server(("127.0.0.1", 0))
        address = f"127.0.0.1:{server.getsockname()[1]}"
    else:
        server = socket.socket(socket.AF_UNIX)
        server.bind(str(path))
        server.listen(64)
        address = f"unix://{path}"
    context = _context(keys) if keys else None

    def serve(link: socket.socket) -> None:
        with suppress(OSError), link:
            link.settimeout(PATIENCE)
            if context and link.recv(1, socket.MSG_PEEK) != HELLO:
                link.recv(65536)
                link.sendall(PLAIN)
                return
            if context:
                link = context.wrap_socket(link, server_side=True)
            with link:
                talk(link)

    def accept() -> None:
        while True:
            try:
                link, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(link,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield address
    finally:
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
        server.close()


def _context(keys: Keys) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*(keys.certificate, keys.key))
    if keys.clients:
        context.load_verify_locations(cafile=keys.clients)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def dead() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def says(answer: bytes) -> Talk:
    """Hears a request, gives always the same answer and hangs up."""

    def talk(link: socket.socket) -> None:
        head(link)
        link.sendall(answer)

    return talk


def silent(link: socket.socket) -> None:
    """Takes whatever comes and never says a word."""
    while link.recv(4096):
        pass


def head(link: socket.socket) -> bytes:
    """The first lines of a request, up to the empty one and no further."""
    said = b""
    while b"\r\n\r\n" not in said and (found := link.recv(1)):
        said += found
    return said


def proxy(link: socket.socket) -> None:
    """A proxy that does its work: a way for CONNECT, and nothing else."""
    host, _, port = head(link).split()[1].decode().rpartition(":")
    with socket.create_connection((host, int(port)), PATIENCE) as beyond:
        link.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        pipe(link, beyond)


def pipe(one: socket.socket, other: socket.socket) -> None:
    """Carry bytes both ways until a side hangs up."""

    def carry(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        with suppress(OSError):
            target.shutdown(socket.SHUT_WR)

    back = threading.Thread(target=carry, args=(other, one), daemon=True)
    back.start()
    carry(one, other)
    back.join()


def relay(engine: str, change: Change | None = None, hold: str = "") -> Talk:
    """The real engine behind another address; `change` alters what it says of itself, `hold` is never answered.

    With either, each connection carries one request, so that none slips by unseen.
    """

    def talk(link: socket.socket) -> None:
        asked = head(link)
        if hold and re.search(hold, asked.split()[1].decode()):
            silent(link)
            return
        with socket.socket(socket.AF_UNIX) as beyond:
            beyond.connect(urlsplit(engine).path)
            if (change is None and not hold) or b"upgrade:" in asked.lower():
                beyond.sendall(asked)
                pipe(link, beyond)
                return
            words = [line for line in asked.split(b"\r\n") if line and not line.lower().startswith(b"connection:")]
            beyond.sendall(b"\r\n".join([*words, b"Connection: close", b"", b""]))
            link.sendall(_changed(_all(beyond), change or (lambda _: None)))

    return talk


def _all(link: socket.socket) -> bytes:
    said = b""
    while found := link.recv(65536):
        said += found
    return said


def _changed(answer: bytes, change: Change) -> bytes:
    """An answer of an engine with another body, if it is an object; the length is told anew."""
    lines, _, body = answer.partition(b"\r\n\r\n")
    kept = [line for line in lines.split(b"\r\n") if not line.lower().startswith((b"content-length", b"transfer-"))]
    if b"chunked" in lines.lower():
        body = b"".join(re.split(rb"(?:^|\r\n)[0-9a-f]+\r\n", body))
    try:
        document = json.loads(body)
    except ValueError:
        document = None
    if isinstance(document, dict):
        change(document)
        body = json.dumps(document).encode()
    return b"\r\n".join([*kept, b"Content-Length: %d" % len(body), b"", body])


@contextmanager
def deaf_names(address: str) -> Iterator[None]:
    """A name server that hears and never answers, on the one port where these are asked."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind((address, 53))
        yield
