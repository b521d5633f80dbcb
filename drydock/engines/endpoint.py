"""Where an engine can be reached: Docker's own order, then the private one; and whether it answers."""

import os
import shlex
import sys
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from drydock.engines import knocking
from drydock.engines.docker_config import context_host, settings
from drydock.engines.knocking import PATIENCE, Answer, Knock, knock
from drydock.engines.missing import MEND, START, Cause, NoEngine
from drydock.values import dataclass

if TYPE_CHECKING:
    from drydock.engines.tls import Keys

__all__ = ["Answer", "Endpoint", "Origin", "ask", "locate", "ping"]

DEFAULT_PIPE = "npipe:////./pipe/docker_engine"
DEFAULT_SOCKET = "unix:///var/run/docker.sock"
SCHEMES = ("unix", "tcp", "http", "https", "ssh", "npipe")


class Origin(Enum):
    """How an engine was found."""

    ENVIRONMENT = "DOCKER_HOST"
    CONTEXT = "context"
    DEFAULT = "default socket"
    PRIVATE = "private"


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


def locate(environ: Mapping[str, str], private: str, *, was_used: bool = False, seconds: float = PATIENCE) -> Endpoint:
    """The endpoint Docker would use, else the private socket `private` (an address such as unix:///…).

    `was_used` says whether a private engine was started before: where none answers, it is the one that is missed.
    `seconds` is how long an engine may stay silent. Raises NoEngine where the one that was asked for does not answer,
    or where there is none at all.
    """
    named = _named(environ, private)
    if named is not None:
        said = knock(named.host, _keys(named, environ), seconds=seconds)
        if said.answer is not Answer.YES:
            raise _unfit(named, said, environ)
        return named
    usual = Endpoint(_default(environ), Origin.DEFAULT)
    own = Endpoint(private, Origin.PRIVATE)
    said = knock(usual.host, seconds=seconds)
    if said.answer is Answer.YES:
        return usual
    answer = knock(own.host, seconds=seconds)
    if answer.answer is Answer.YES:
        return own
    if answer.answer is not Answer.NO:
        raise _unfit(own, answer, environ)
    if said.answer is not Answer.NO:
        raise _unfit(usual, said, environ)
    if was_used:
        raise _unfit(own, answer, environ)
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
        _require_address(host)
        if host == private:
            return Endpoint(host, Origin.PRIVATE)
        return Endpoint(host, Origin.ENVIRONMENT)
    name = environ.get("DOCKER_CONTEXT") or str(settings(environ).get("currentContext") or "default")
    if name == "default":
        return None
    known = context_host(environ, name)
    if known is None:
        remedy = "unset DOCKER_CONTEXT" if environ.get("DOCKER_CONTEXT") else "docker context use default"
        raise NoEngine(Cause.SETTINGS, f"the Docker context {name} does not exist", remedy=remedy)
    return Endpoint(known, Origin.PRIVATE if known == private else Origin.CONTEXT, name)


def _require_address(host: str) -> None:
    try:
        address = urlsplit(host)
        known = address.scheme in SCHEMES and bool(address.path if address.scheme == "unix" else address.netloc + host)
        _ = address.port
    except ValueError:
        known = False
    if not known:
        raise NoEngine(
            Cause.SETTINGS,
            f"DOCKER_HOST is {host}, which is no address of an engine",
            remedy="unset DOCKER_HOST, or write it as unix:///PATH or tcp://HOST:PORT",
        )


def _is_tcp(endpoint: Endpoint) -> bool:
    return urlsplit(endpoint.host).scheme in ("tcp", "http", "https")


def _keys(endpoint: Endpoint, environ: Mapping[str, str]) -> "Keys | None":
    if not _is_tcp(endpoint):
        return None
    from drydock.engines import tls  # slow to load, and most engines are on a socket

    return tls.keys(endpoint, environ)


def _unfit(endpoint: Endpoint, said: Knock, environ: Mapping[str, str]) -> NoEngine:
    """Why what was found at an endpoint is no engine to use, and what to do about it there."""
    host = endpoint.host
    if said.answer is Answer.DENIED:
        return _denied(host)
    where, way_out = _whose(endpoint)
    if said.answer in (Answer.UNTRUSTED, Answer.STRANGE) and _is_tcp(endpoint):
        from drydock.engines import tls

        if found := tls.refusal(endpoint, environ):
            return NoEngine(Cause.SETTINGS, f"the engine at {host} refuses: {found[0]}", remedy=found[1])
    if said.answer is Answer.UNTRUSTED:
        remedy = f"see what listens there, or {way_out}"
        return NoEngine(Cause.SETTINGS, f"{where}, with which TLS does not come about: {said.words}", remedy=remedy)
    if said.answer is Answer.STRANGE:
        return NoEngine(Cause.SETTINGS, f"{where}, which is no Docker engine: {said.words}", remedy=way_out)
    if said.answer is Answer.SILENT:
        remedy = f"end it and start it again, or {way_out}" if way_out else "inv engine --stop && inv engine --start"
        return NoEngine(
            Cause.SETTINGS, f"{where}, which takes a connection and says nothing {said.words}", remedy=remedy
        )
    if endpoint.origin is Origin.PRIVATE:
        return NoEngine(Cause.STOPPED, "the private engine does not run", remedy=START)
    remedy = f"{way_out}, or start that engine"
    return NoEngine(Cause.SETTINGS, f"{where}, where no engine answers", remedy=remedy)


def _whose(endpoint: Endpoint) -> tuple[str, str]:
    """What leads to an endpoint, and how to be led elsewhere; empty for the private engine, which is nobody else's."""
    if endpoint.origin is Origin.PRIVATE:
        return f"the private engine is to be at {endpoint.host}", ""
    if endpoint.context:
        return f"the Docker context {endpoint.context} points at {endpoint.host}", "docker context use default"
    if endpoint.origin is Origin.DEFAULT:
        return f"Docker's default socket is {endpoint.host}", "name another engine in DOCKER_HOST"
    return f"DOCKER_HOST points at {endpoint.host}", "unset DOCKER_HOST"


def _denied(host: str) -> NoEngine:
    path = host.removeprefix("unix://").removeprefix("npipe://")
    return NoEngine(Cause.PERMISSION, f"this user may not open {path}", remedy=_admission(Path(path)))


def _admission(path: Path) -> str:
    """What lets this user open a socket or a pipe: its own bits, or the group that may."""
    if sys.platform == "win32":
        return 'net localgroup docker-users "%USERNAME%" /add, then log out and in again'
    import grp
    import stat

    try:
        seen = path.stat()
        group = grp.getgrgid(seen.st_gid).gr_name
    except (OSError, KeyError):
        return 'sudo usermod -aG docker "$USER", then log out and in again'
    if seen.st_uid == os.geteuid():
        return f"chmod u+rw {shlex.quote(str(path))}"
    if seen.st_mode & stat.S_IWGRP and group != "root":
        return f'sudo usermod -aG {group} "$USER", then log out and in again'
    return f'sudo chown "$USER" {shlex.quote(str(path))}, or start an engine of your own: {START}'


def ping(host: str, *, seconds: float = PATIENCE) -> Answer:
    """Ask whether an engine answers at `host`, without the keys of TLS; starts no process."""
    return knock(host, seconds=seconds).answer


def ask(host: str, path: str, *, seconds: float) -> bytes | None:
    """The body of what the engine's API says to a GET of `path` (without a version of the API); starts no process.

    None where it refuses or stays silent for `seconds`, and where `host` is no unix socket: what leads to others (keys,
    ssh) is known to Docker's own client.
    """
    if urlsplit(host).scheme != "unix":
        return None
    try:
        head, _, body = knocking.exchange(host, path, seconds=seconds).partition(b"\r\n\r\n")
    except (OSError, ValueError):
        return None
    return body if knocking.is_well(head) else None
