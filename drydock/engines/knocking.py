"""A first word with what should be an engine, over a unix socket, TCP or TLS; and what came back. Starts no process."""

import socket
import time
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from drydock.values import dataclass

if TYPE_CHECKING:
    from drydock.engines.tls import Keys

HEAD_LIMIT = 16_000  # bytes; what has no end of its headers by then is no engine
PING = "/_ping"
PORT, TLS_PORT = 2375, 2376
PATIENCE = 3.0  # seconds until an engine counts as silent
PIPE_BUSY = 231  # Windows' number for a pipe of which no end is free


class Answer(Enum):
    """What comes back where an engine should be."""

    YES = "answers"
    NO = "does not answer"
    DENIED = "permission denied"
    SILENT = "takes the connection and says nothing"
    STRANGE = "is no Docker engine"
    UNTRUSTED = "is not trusted"


@dataclass(frozen=True)
class Knock:
    """The answer, and what says more of it, such as a status; empty where there is nothing to add."""

    answer: Answer
    words: str = ""


def knock(host: str, keys: "Keys | None" = None, *, seconds: float = PATIENCE) -> Knock:
    """Ask what listens at `host` for Docker's own ping, and wait at most `seconds` in all.

    Of a named pipe only the existence is looked at, and ssh is believed: what leads there only ssh itself knows.
    """
    address = urlsplit(host)
    if address.scheme == "npipe":
        return _pipe(pipe(host))
    if address.scheme == "ssh":
        return Knock(Answer.YES)
    try:
        return _judged(exchange(host, PING, keys, seconds=seconds, whole=False))
    except TimeoutError:
        return Knock(Answer.SILENT, f"for {seconds:g} s")
    except OSError as error:
        return _refused(error, keys)
    except ValueError:
        return Knock(Answer.NO)


def exchange(host: str, path: str, keys: "Keys | None" = None, *, seconds: float, whole: bool = True) -> bytes:
    """What comes back to a GET of `path`: all of it, or, unless `whole`, the headers and what came with them.

    OSError (TimeoutError, ssl.SSLError among them) where nobody answers in time; ValueError for an address of no kind
    that is known here.
    """
    until = time.monotonic() + seconds
    with _connected(host, keys, until) as stream:
        stream.sendall(greeting(path))
        said = b""
        while found := _next(stream, until):
            said += found
            if not whole and (b"\r\n\r\n" in said or len(said) > HEAD_LIMIT):
                break
        return said


def greeting(path: str) -> bytes:
    """What asks for a path: in HTTP 1.0 the answer comes in one piece and ends with the connection. Pure."""
    return f"GET {path} HTTP/1.0\r\nHost: docker\r\n\r\n".encode()


def is_well(said: bytes) -> bool:
    """Whether an answer has the status 200. Pure."""
    return b" 200 " in said.split(b"\r\n")[0] + b" "


def pipe(host: str) -> str:
    """The path of a named pipe as Windows spells it, from an address such as npipe:////./pipe/docker_engine. Pure."""
    return host.removeprefix("npipe://").replace("/", "\\")


def _pipe(path: str) -> Knock:
    """Whether a named pipe is there; one that is busy with others is."""
    try:
        return Knock(Answer.YES if Path(path).exists() else Answer.NO)
    except OSError as error:
        if getattr(error, "winerror", None) == PIPE_BUSY:
            return Knock(Answer.YES)
        return Knock(Answer.DENIED if isinstance(error, PermissionError) else Answer.NO)


def _next(stream: socket.socket, until: float) -> bytes:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    stream.settimeout(left)
    return stream.recv(65536)


def _connected(host: str, keys: "Keys | None", until: float) -> socket.socket:
    address = urlsplit(host)
    left = max(until - time.monotonic(), 0.01)
    match address.scheme:
        case "unix" if hasattr(socket, "AF_UNIX"):  # Python for Windows has none
            stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                stream.settimeout(left)
                stream.connect(address.path)
            except BaseException:
                stream.close()
                raise
            return stream
        case "tcp" | "http" | "https":
            name = address.hostname or ""
            try:
                stream = socket.create_connection((name, address.port or (TLS_PORT if keys else PORT)), left)
            except TimeoutError as error:
                raise ConnectionRefusedError("nobody takes the connection") from error
            return _secured(stream, keys, name) if keys else stream
    raise ValueError(f"{host} is no address of an engine")


def _secured(stream: socket.socket, keys: "Keys", name: str) -> socket.socket:
    from drydock.engines import tls  # slow to load, and most engines speak no TLS

    try:
        return tls.context_for(keys).wrap_socket(stream, server_hostname=name)
    except BaseException:
        stream.close()
        raise


def _judged(said: bytes) -> Knock:
    head, _, body = said.partition(b"\r\n\r\n")
    if is_well(head) and (b"api-version:" in head.lower() or body in (b"OK", b"")):
        return Knock(Answer.YES)
    status = head.split(b"\r\n")[0].decode("latin-1")
    if not status:
        return Knock(Answer.NO)
    return Knock(Answer.STRANGE, status.partition(" ")[2] if status.startswith("HTTP/") else "it speaks no HTTP")


def _refused(error: OSError, keys: "Keys | None") -> Knock:
    """Nobody there, or TLS that did not come about: why, is found by a handshake that is made for it."""
    if isinstance(error, ConnectionRefusedError) or keys is None:
        return Knock(Answer.DENIED if isinstance(error, PermissionError) else Answer.NO)
    return Knock(Answer.UNTRUSTED, str(error))
