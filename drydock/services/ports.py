"""Whether a port of this machine is free, and which container or process holds it."""

import errno
import http.client
import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from drydock import command

LISTENING = {"tcp": "0A", "udp": "07"}  # the kernel's numbers, as /proc/net shows them
KINDS = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}


def is_free(host: str, port: int, protocol: str = "tcp") -> bool:
    """Whether an engine could publish here: tried by binding, the way the engine does it.

    A port that only root may bind counts as free unless something listens on it.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, KINDS.get(protocol, socket.SOCK_STREAM)) as probe:
        if os.name == "posix" and protocol == "tcp":  # elsewhere it would let two listeners share a port
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            return not _inodes(port, protocol)
        except OSError as error:
            return error.errno != errno.EADDRINUSE
    return True


def owner(port: int, protocol: str = "tcp") -> str:
    """Who holds a port, such as "python3 (process 4711)"; says so where the system does not tell."""
    inodes = _inodes(port, protocol)
    for process in _processes():
        if inodes & _sockets(process):
            return f"{_name(process)} (process {process.name})"
    return "a process of another user" if inodes else "an unknown process"


def holder(
    environ: command.Environ, host: str, port: int, protocol: str, project: str, *, seconds: float | None = None
) -> str | None:
    """Who keeps the engine on this machine from publishing here: a container, else a process.

    `seconds` is how long the engine may take to say which containers publish the port.
    None where the port is free, or held by a container of the compose project itself.
    """
    if is_free(host, port, protocol):
        return None
    shown = '{{.Names}}\t{{.Label "com.docker.compose.project"}}'
    argv = ["docker", "ps", "--filter", f"publish={port}/{protocol}", "--format", shown]
    for line in command.run(argv, env=environ, timeout=seconds).out.splitlines():
        name, _, theirs = line.partition("\t")
        if theirs == project:
            return None
        return f"the container {name}" + (f" of the project {theirs}" if theirs else "")
    return owner(port, protocol)


def speaks_http(host: str, port: int, *, seconds: float = 2.0) -> bool:
    """Whether something answers HTTP here, whatever the answer is."""
    connection = http.client.HTTPConnection(host, port, timeout=seconds)
    try:
        connection.request("GET", "/")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def listeners(table: str, port: int, state: str) -> set[str]:
    """The socket inodes in the text of /proc/net/tcp or its like that listen on a port. Pure."""
    rows = (line.split() for line in table.splitlines()[1:])
    return {row[9] for row in rows if len(row) > 9 and row[3] == state and int(row[1].rpartition(":")[2], 16) == port}


def _inodes(port: int, protocol: str) -> set[str]:
    found: set[str] = set()
    for version in ("", "6"):
        try:
            table = Path(f"/proc/net/{protocol}{version}").read_text(encoding="ascii")
        except OSError:
            continue  # no such table on this system
        found |= listeners(table, port, LISTENING.get(protocol, ""))
    return found


def _processes() -> Iterator[Path]:
    folder = Path("/proc")
    if folder.is_dir():
        yield from (path for path in folder.iterdir() if path.name.isdigit())


def _sockets(process: Path) -> set[str]:
    found = set()
    with suppress(OSError):  # another user's process, or one that has just ended
        for handle in (process / "fd").iterdir():
            with suppress(OSError):  # closed meanwhile
                target = str(handle.readlink())
                if target.startswith("socket:["):
                    found.add(target[8:-1])
    return found


def _name(process: Path) -> str:
    try:
        words = (process / "cmdline").read_bytes().split(b"\0")
        return Path(os.fsdecode(words[0])).name or (process / "comm").read_text().strip()
    except OSError:
        return "a process"
