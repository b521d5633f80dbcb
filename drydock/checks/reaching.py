"""Reaching a host as an installer would: its name, the proxy, the connection, its certificate; and where that ended."""

import base64
import socket
import threading
import time
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Any

from drydock.checks.hosts import Host, Proxy
from drydock.values import dataclass

REACH_SECONDS = 1.2
CONNECT_LIMIT = 8192


class End(Enum):
    """How far it went."""

    NO_RESOLVER = "no name server answers"
    NO_NAME = "there is no such name"
    NO_PROXY = "the proxy does not do it"
    NO_ANSWER = "nobody answers"
    NO_TRUST = "the certificate is not trusted"
    THERE = "it answers"


@dataclass(frozen=True)
class Reach:
    """What was tried, and how it ended: `asked` is the name that was resolved, `bundle` who named the CAs."""

    host: Host | None
    proxy: Proxy | None
    end: End
    words: str = ""
    bundle: str = ""

    @property
    def asked(self) -> str:
        return self.proxy.name if self.proxy else self.host.name if self.host else ""


def reach(host: Host | None, proxy: Proxy | None, environ: Mapping[str, str], seconds: float = REACH_SECONDS) -> Reach:
    """Go as far as a TLS handshake with `host`, through `proxy` if there is one; without a host, to the proxy alone."""
    until = time.monotonic() + seconds
    first = proxy or host
    if first is None:
        raise ValueError("neither a host nor a proxy")
    places, fault = _resolved(first.name, first.port, seconds)
    if fault is not None:
        return Reach(host, proxy, fault)
    bundle = next((name for name in host.bundles if Path(environ.get(name) or "/").is_file()), "") if host else ""
    try:
        stream = _connected(places, until)
    except OSError as error:
        words = error.strerror or "no answer in time"
        return Reach(host, proxy, End.NO_PROXY if proxy else End.NO_ANSWER, words.lower())
    with stream:
        if host is None:
            return Reach(host, proxy, End.THERE)
        try:
            if proxy and host.tls and (refused := _tunnelled(stream, proxy, host, until)):
                return Reach(host, proxy, End.NO_PROXY, refused)
        except OSError as error:
            return Reach(host, proxy, End.NO_PROXY, (error.strerror or "no answer in time").lower())
        if host.tls:
            end, words = _trusted(stream, host, Path(environ[bundle]) if bundle else None, until)
            return Reach(host, proxy, end, words, bundle)
    return Reach(host, proxy, End.THERE)


def _resolved(name: str, port: int, seconds: float) -> tuple[list[Any], End | None]:
    """The addresses of a name. A resolver cannot be interrupted, so it is asked in a thread that may be left behind."""
    answer: list[Any] = []

    def ask() -> None:
        try:
            answer.append(socket.getaddrinfo(name, port, type=socket.SOCK_STREAM))
        except OSError as error:
            answer.append(error)
        except UnicodeError:
            answer.append(socket.gaierror(socket.EAI_NONAME, "no name"))

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(seconds)
    if not answer:
        return [], End.NO_RESOLVER
    if isinstance(answer[0], OSError):
        return [], End.NO_RESOLVER if answer[0].errno == socket.EAI_AGAIN else End.NO_NAME
    return list(answer[0]), None


def _connected(places: list[Any], until: float) -> socket.socket:
    last: OSError = TimeoutError()
    for family, kind, protocol, _, address in places:
        stream = socket.socket(family, kind, protocol)
        try:
            stream.settimeout(max(until - time.monotonic(), 0.05))
            stream.connect(address)
        except OSError as error:
            stream.close()
            last = error
        else:
            return stream
    raise last


def _tunnelled(stream: socket.socket, proxy: Proxy, host: Host, until: float) -> str:
    """Ask a proxy for a way to a host; what it says instead of 200, empty where it opens one."""
    stream.settimeout(max(until - time.monotonic(), 0.05))
    login = base64.b64encode(proxy.login.encode()).decode()
    known = f"Proxy-Authorization: Basic {login}\r\n" if login else ""
    stream.sendall(f"CONNECT {host.address} HTTP/1.1\r\nHost: {host.address}\r\n{known}\r\n".encode())
    said = b""
    while b"\r\n\r\n" not in said and len(said) < CONNECT_LIMIT:
        found = stream.recv(1)  # what comes behind the headers is the host's
        if not found:
            break
        said += found
    status = said.split(b"\r\n")[0].decode("latin-1").partition(" ")[2]
    return "" if status.startswith("200") else status or "it ends the connection"


def _trusted(stream: socket.socket, host: Host, bundle: Path | None, until: float) -> tuple[End, str]:
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        if bundle:
            context.load_verify_locations(cafile=bundle)
        if bundle is None or "NODE_EXTRA_CA_CERTS" in host.bundles:  # Node adds to what the system trusts
            context.load_default_certs()
        stream.settimeout(max(until - time.monotonic(), 0.05))
        with context.wrap_socket(stream, server_hostname=host.name):
            return End.THERE, ""
    except ssl.SSLCertVerificationError as error:
        return End.NO_TRUST, error.verify_message
    except ssl.SSLError as error:
        return End.NO_ANSWER, (error.reason or "no TLS").replace("_", " ").lower()
    except OSError as error:
        return End.NO_ANSWER, (error.strerror or "no answer in time").lower()
