"""What a private engine that was killed leaves behind: processes, sockets, pid files, mounts. Cleared away here."""

import re
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from drydock import command
from drydock.engines import processes
from drydock.engines.missing import Cause, NoEngine
from drydock.engines.place import Place, elevation

MOUNTS = Path("/proc/self/mountinfo")
STATE = ("containerd.pid", "containerd.sock", "containerd.sock.ttrpc", "containerd-debug.sock")
GRACE_SECONDS = 3.0
ESCAPED = re.compile(r"\\(\d{3})")


def clear(here: Place, env: Mapping[str, str], *, containers: bool = False) -> None:
    """End what a dead engine left running and remove its sockets and pid files.

    Those files name process ids that may by now belong to somebody else, so the next engine must not see them.
    With `containers`, running containers and their mounts go as well; else the next engine takes care of them.
    """
    orphans = processes.mentioning(str(here.exec))
    own = {pid for pid, program in orphans.items() if containers or not program.startswith("containerd-shim")}
    processes.end(processes.with_descendants(own) if containers else own, GRACE_SECONDS, elevation(), env)
    for path in (here.socket, here.pidfile, *(here.exec / "containerd" / name for name in STATE)):
        _remove(path, env)
    if containers:
        _unmount(here, env)


def remove_data(here: Place, env: Mapping[str, str]) -> None:
    """Remove everything that the engine stored. Mounts below are taken down first, never followed.

    Raises NoEngine where one stays: a volume may be a folder of the user's own, mounted there.
    """
    _unmount(here, env)
    if left := _mounted(here):
        raise NoEngine(
            Cause.SETTINGS, f"{left[0]} is still mounted, so no data was removed", remedy=f"umount {left[0]}"
        )
    for path in (here.data, here.exec):
        if elevation():
            command.run([*elevation(), "rm", "-rf", "--one-file-system", str(path)], env=env)
        else:
            shutil.rmtree(path, ignore_errors=True)
    for path in (here.log, here.log.with_suffix(".log.1"), here.settings):
        _remove(path, env)


def mounts_below(mountinfo: str, folder: str) -> list[str]:
    """The mount points in or below `folder`, last mounted first; `mountinfo` is that file of /proc. Pure."""
    points = [ESCAPED.sub(lambda match: chr(int(match[1], 8)), line.split(" ")[4]) for line in mountinfo.splitlines()]
    return [point for point in reversed(points) if point == folder or point.startswith(folder + "/")]


def _mounted(here: Place) -> list[str]:
    table = MOUNTS.read_text(encoding="utf-8") if MOUNTS.exists() else ""
    return [point for folder in {here.folder, here.run} for point in mounts_below(table, str(folder))]


def _unmount(here: Place, env: Mapping[str, str]) -> None:
    for point in _mounted(here):
        command.run([*elevation(), "umount", "-l", point], env=env, timeout=30)


def _remove(path: Path, env: Mapping[str, str]) -> None:
    try:
        path.unlink(missing_ok=True)
    except PermissionError:
        with suppress(OSError):
            command.run([*elevation(), "rm", "-f", str(path)], env=env, timeout=10)
