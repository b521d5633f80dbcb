"""Where an engine can be reached: Docker's own order, then the private one; and whether it answers."""

import socket
import sys
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from urllib.parse import urlsplit

from drydock.engines.docker_config import context_host, settings
from drydock.engines.missing import MEND, START, Cause, NoEngine
from drydock.values import dataclass

DEFAULT_PIPE = "npipe:////./pipe/docker_engine"
DEFAULT_SOCKET = "unix:///var/run/docker.sock"
PIPE_BUSY = 231  # Windows' number for a pipe of which no end is free


class Origin(Enum):
    """How an engine was found."""

    ENVIRONMENT = "DOCKER_HOST"
    CONTEXT = "context"
    DEFAULT = "default socket"
    PRIVATE = "private"


class Answer(Enum):
    """What a socket says."""

    YES = "answers"
    NO = "does not answer"
    DENIED = "permission denied"


@dataclass(frozen=True)
class Endpoint:
    """A place where an engine should be; `context` is the Docker context that names it, if one does."""

    host: str
    origin: Origin
    context: str | None = None

    def environ(self, environ: Mapping[str, str]) -> dict[str, str]:
        """The environment that leads Docker's tools here.

        A context over TLS or ssh holds more than an address, so it is named; a plain socket goes by DOCKER_HOST.
        """
        children = {name: value for name, value in environ.items() if name != "DOCKER_CONTEXT"}
        if self.context and not self.host.startswith("unix:"):
            children.pop("DOCKER_HOST", None)
            return {**children, "DOCKER_CONTEXT": self.context}
        return {**children, "DOCKER_HOST": self.host}


def locate(environ: Mapping[str, str], private: str, *, was_used: bool = False) -> Endpoint:
    """The endpoint Docker would use, else the private socket `private` (an address such as unix:///…).

    `was_used` says whether a private engine was started before: where none answers, it is the one that is missed.
    Raises NoEngine where the one that was asked for does not answer, or where there is none at all.
    """
    named = _named(environ, private)
    if named is not None:
        _require(named)
        return named
    default = Endpoint(_default(environ), Origin.DEFAULT)
    own = Endpoint(private, Origin.PRIVATE)
    said = ping(default.host)
    if said is Answer.YES:
        return default
    if ping(own.host) is Answer.YES:
        return own
    if said is Answer.DENIED:
        raise _denied(default.host)
    if was_used:
        raise _stopped()
    raise NoEngine(Cause.DAEMON, "no Docker engine runs on this machine", remedy=MEND)


def _default(environ: Mapping[str, str]) -> str:
    """Where Docker's own client looks; on macOS, Docker Desktop may have been told to make only the user's socket."""
    if sys.platform == "win32":
        return DEFAULT_PIPE
    own = Path(environ.get("HOME") or Path.home()) / ".docker" / "run" / "docker.sock"
    if sys.platform == "darwin" and own.exists() and not Path(DEFAULT_SOCKET.removeprefix("unix://")).exists():
        return f"unix://{own}"
    return DEFAULT_SOCKET


def _named(environ: Mapping[str, str], private: str) -> Endpoint | None:
    if host := environ.get("DOCKER_HOST"):
        return Endpoint(host, Origin.PRIVATE if host == private else Origin.ENVIRONMENT)
    name = environ.get("DOCKER_CONTEXT") or str(settings(environ).get("currentContext") or "default")
    if name == "default":
        return None
    host = context_host(environ, name)
    if host is None:
        raise NoEngine(Cause.SETTINGS, f"the Docker context {name} does not exist", remedy="docker context use default")
    return Endpoint(host, Origin.PRIVATE if host == private else Origin.CONTEXT, name)


def _require(endpoint: Endpoint) -> None:
    said = ping(endpoint.host)
    if said is Answer.YES:
        return
    if said is Answer.DENIED:
        raise _denied(endpoint.host)
    if endpoint.origin is Origin.PRIVATE:
        raise _stopped()
    if endpoint.origin is Origin.CONTEXT:
        where, remedy = f"the Docker context {endpoint.context}", "docker context use default, or start that engine"
    else:
        where, remedy = "DOCKER_HOST", "unset DOCKER_HOST, or start that engine"
    raise NoEngine(Cause.SETTINGS, f"{where} points at {endpoint.host}, where no engine answers", remedy=remedy)


def _stopped() -> NoEngine:
    return NoEngine(Cause.STOPPED, "the private engine does not run", remedy=START)


def _denied(host: str) -> NoEngine:
    windows = sys.platform == "win32"
    join = 'net localgroup docker-users "%USERNAME%" /add' if windows else 'sudo usermod -aG docker "$USER"'
    return NoEngine(
        Cause.PERMISSION,
        f"this user may not open {host.removeprefix('unix://').removeprefix('npipe://')}",
        remedy=f"{join}, then log out and in again",
    )


def ping(host: str, *, seconds: float = 3.0) -> Answer:
    """Ask whether an engine answers at `host`; starts no process.

    A unix socket is asked with Docker's own ping, so that a hung engine counts as none; of other addresses only
    the connection is tried, and ssh is believed.
    """
    address = urlsplit(host)
    try:
        match address.scheme:
            case "unix" if hasattr(socket, "AF_UNIX"):  # Python for Windows has none
                return _ping_unix(address.path, seconds)
            case "tcp" | "http" | "https":
                with socket.create_connection((address.hostname or "", address.port or 2375), seconds):
                    return Answer.YES
            case "npipe":
                return _ping_pipe(pipe(host))
            case "ssh":
                return Answer.YES
    except PermissionError:
        return Answer.DENIED
    except (OSError, ValueError):
        return Answer.NO
    return Answer.NO


def ask(host: str, path: str, *, seconds: float) -> bytes | None:
    """The body of what the engine's API says to a GET of `path` (without a version of the API); starts no process.

    None where it refuses or stays silent for `seconds`, and where `host` is no unix socket: what leads to others (keys,
    ssh) is known to Docker's own client.
    """
    address = urlsplit(host)
    if address.scheme != "unix" or not hasattr(socket, "AF_UNIX"):
        return None
    try:
        with _request(address.path, path, seconds) as stream, stream.makefile("rb") as answer:
            head, _, body = answer.read().partition(b"\r\n\r\n")
    except OSError:
        return None
    return body if _is_well(head) else None


def pipe(host: str) -> str:
    """The path of a named pipe as Windows spells it, from an address such as npipe:////./pipe/docker_engine. Pure."""
    return host.removeprefix("npipe://").replace("/", "\\")


def _ping_pipe(path: str) -> Answer:
    """Whether a named pipe is there; one that is busy with others is."""
    try:
        return Answer.YES if Path(path).exists() else Answer.NO
    except OSError as error:
        if getattr(error, "winerror", None) == PIPE_BUSY:
            return Answer.YES
        raise


def _ping_unix(path: str, seconds: float) -> Answer:
    with _request(path, "/_ping", seconds) as stream:
        return Answer.YES if _is_well(stream.recv(64)) else Answer.NO


def _request(socket_path: str, path: str, seconds: float) -> socket.socket:
    """A connection on which a GET was sent; in HTTP 1.0 the answer comes in one piece and ends with it."""
    stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        stream.settimeout(seconds)
        stream.connect(socket_path)
        stream.sendall(f"GET {path} HTTP/1.0\r\nHost: docker\r\n\r\n".encode())
    except OSError:
        stream.close()
        raise
    return stream


def _is_well(head: bytes) -> bool:
    return b" 200 " in head.split(b"\r\n")[0]
