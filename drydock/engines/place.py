"""Where the private engine lives, and who may act on it."""

import os
from pathlib import Path

from drydock.config import Config
from drydock.values import dataclass

SOCKET_LIMIT = 107  # bytes in the path of a unix socket
LONGEST_SOCKET = "/exec/containerd/containerd-debug.sock.ttrpc"
SBIN = os.pathsep.join(("/usr/local/sbin", "/usr/sbin", "/sbin"))


@dataclass(frozen=True)
class Place:
    """Where the private engine lives: `folder` holds what stays, `run` the sockets and what dies with it."""

    folder: Path
    run: Path

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "dockerd.log"

    @property
    def settings(self) -> Path:
        return self.folder / "daemon.json"

    @property
    def exec(self) -> Path:
        return self.run / "exec"

    @property
    def socket(self) -> Path:
        return self.run / "docker.sock"

    @property
    def pidfile(self) -> Path:
        return self.run / "docker.pid"


def of(config: Config) -> Place:
    """The folders of the private engine. A home too deep for the path of a socket gets a short run folder."""
    folder = config.home / "engine"
    if len(os.fsencode(str(folder) + LONGEST_SOCKET)) <= SOCKET_LIMIT:
        return Place(folder, folder)
    import hashlib

    short = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    return Place(folder, (Path("/run") if user() == 0 else Path(f"/run/user/{user()}")) / f"drydock-{short}")


def address(config: Config) -> str:
    """The private engine's address, whether it runs or not."""
    return f"unix://{of(config).socket}"


def was_used(config: Config) -> bool:
    """Whether a private engine was started before and not removed since: who agreed to it then is not asked again."""
    return of(config).data.is_dir()


def user() -> int:
    """The user's id; 0 is root. -1 where the system has none."""
    return os.getuid() if hasattr(os, "getuid") else -1


def elevation() -> tuple[str, ...]:
    """What to put before a command that only root may run: nothing for root, else sudo without a question."""
    return () if user() == 0 else ("sudo", "-n", "--")


def environ(config: Config) -> dict[str, str]:
    """The environment of administrative commands: an ordinary user's PATH often lacks the folders of such tools."""
    return {**config.environ, "PATH": f"{config.environ.get('PATH', os.defpath)}{os.pathsep}{SBIN}"}
