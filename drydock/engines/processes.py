"""Processes of this machine, read from /proc: whose they are, and how they are ended."""

import os
import select
import signal
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from drydock import command

PROC = Path("/proc")


def mentioning(path: str) -> dict[int, str]:
    """Process id -> program name, of every process with an argument or flag that begins with `path`; never this one.

    A shell in whose script the path stands somewhere is none of them, nor is a process that sees other files there.
    """
    found = {}
    for pid in _pids():
        with suppress(OSError):
            argv = (PROC / str(pid) / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
            named = any(argument.startswith(path) or f"={path}" in argument for argument in argv)
            if argv[0] and named and pid != os.getpid() and _same_files(pid):
                found[pid] = Path(argv[0]).name
    return found


def carrying(variable: str) -> set[int]:
    """The ids of processes that were started with `NAME=VALUE` in their environment; never this one's.

    Those of other users are not seen, and none is where there is no /proc.
    """
    found, wanted = set[int](), variable.encode()
    for pid in _pids():
        with suppress(OSError):
            if pid != os.getpid() and wanted in (PROC / str(pid) / "environ").read_bytes().split(b"\0"):
                found.add(pid)
    return found


def _same_files(pid: int) -> bool:
    """Whether a process sees the files that we see: not one in a container or a chroot. Unknown counts as yes."""
    theirs, ours = PROC / str(pid), PROC / "self"
    try:
        return all((theirs / view).readlink() == (ours / view).readlink() for view in ("ns/mnt", "root"))
    except PermissionError:
        return True


def children(pids: Iterable[int]) -> set[int]:
    """What these processes started and still lead."""
    wanted, led = set(pids), _led()
    return {child for parent in wanted for child in led.get(parent, ())}


def with_descendants(pids: Iterable[int]) -> set[int]:
    """These processes, and all that they started and still lead."""
    led = _led()
    found: set[int] = set()
    todo = list(pids)
    while todo:
        pid = todo.pop()
        if pid not in found:
            found.add(pid)
            todo += led.get(pid, [])
    return found


def _led() -> dict[int, list[int]]:
    """The processes that each process leads."""
    found: dict[int, list[int]] = {}
    for pid in _pids():
        with suppress(OSError, ValueError, IndexError):
            stat = (PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
            found.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(pid)
    return found


def interrupt(pids: Iterable[int]) -> None:
    """Do to our own processes what Ctrl-C on a terminal does."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGINT)


def end(pids: Iterable[int], seconds: float, elevate: Sequence[str], env: command.Environ) -> None:
    """Ask processes to end, and after `seconds` kill those that still run."""
    left = set(pids)
    _signal(left, signal.SIGTERM, elevate, env)
    left = wait(left, seconds)
    if left:
        _signal(left, signal.SIGKILL, elevate, env)
        wait(left, 5)


def wait(pids: Iterable[int], seconds: float) -> set[int]:
    """Wait up to `seconds` until the processes are gone; give back those that are not."""
    until = time.monotonic() + seconds
    left = set()
    for pid in pids:
        try:
            handle = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        try:
            ready, _, _ = select.select([handle], [], [], max(0.0, until - time.monotonic()))
            if not ready:
                left.add(pid)
        finally:
            os.close(handle)
    return left


def _signal(pids: Iterable[int], number: signal.Signals, elevate: Sequence[str], env: command.Environ) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue
        except PermissionError:
            argv = [
                "sh",
                "-c",
                'kill -"$1" "$2"',
                "sh",
                str(int(number)),
                str(pid),
            ]  # a program kill may be missing; the shell has its own
            command.run([*elevate, *argv], env=env, timeout=10)


def _pids() -> list[int]:
    try:
        return [int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit()]
    except OSError:
        return []
