"""Faults of a private engine that is started, stopped, killed and starved: its data lie on a small file system."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from drydock import config, events
from drydock.config import Config
from drydock.engines import daemon, place, processes
from tests.engine.faults import healthy, servers
from tests.engine.faults.machine import PYTHON, Fault, Injection, Machine

FAMILY = "private engine"
ROOM = "size=8G,nr_inodes=1M"
CONTAINERD = '[tool.drydock.engine]\nfeatures = { "containerd-snapshotter" = true }\n'


def settings(machine: Machine) -> Config:
    return config.load(machine.root, machine.environ)


def data(machine: Machine) -> Path:
    return place.of(settings(machine)).data


def drydock(machine: Machine, *words: str, **changes: str) -> None:
    """Run `drydock words…`, which must go well."""
    argv = [PYTHON, "-m", "drydock", *words, "--root", str(machine.root)]
    environ = {**machine.environ, **changes}
    ended = subprocess.run(argv, env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr


def remount(machine: Machine, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", str(data(machine).resolve())], check=True)


@contextmanager
def owning(machine: Machine, folder: Path) -> Iterator[Machine]:
    """The machine with a private engine of its own, below `folder`, on a file system whose size can be changed."""
    home = folder / "h"
    environ = {**machine.environ, "DRYDOCK_HOME": str(home), "DOCKER_HOST": f"unix://{home}/engine/docker.sock"}
    own = replace(machine, environ=environ, socket=environ["DOCKER_HOST"])
    small = folder / "small"
    small.mkdir()
    data(own).parent.mkdir(parents=True)
    data(own).symlink_to(small)  # what is mounted below the engine's own folder, it takes away when it is stopped
    subprocess.run(["mount", "-t", "tmpfs", "-o", ROOM, "tmpfs", str(small)], check=True)
    try:
        yield own
    finally:
        daemon.stop(settings(own), events.silent)
        while subprocess.run(["mountpoint", "--quiet", str(small)], check=False).returncode == 0:
            subprocess.run(["umount", str(small)], check=True)  # a daemon that was killed leaves one over ours


def running(change: Injection) -> Injection:
    """The engine runs; then comes a change."""

    @contextmanager
    def inject(machine: Machine) -> Iterator[None]:
        drydock(machine, "engine", "--start")
        with change(machine):
            yield

    return inject


@contextmanager
def nothing(machine: Machine) -> Iterator[None]:
    yield


@contextmanager
def stopped(machine: Machine) -> Iterator[None]:
    drydock(machine, "engine", "--stop")
    yield


def signalled(number: signal.Signals) -> Injection:
    """The daemon gets a signal, as from a crash or a debugger."""

    @contextmanager
    def inject(machine: Machine) -> Iterator[None]:
        pid = daemon.pid(settings(machine))
        assert pid is not None
        os.kill(pid, number)
        if number is signal.SIGKILL:
            assert processes.wait([pid], 10) == set()
        yield

    return inject


@contextmanager
def full(machine: Machine) -> Iterator[None]:
    remount(machine, "size=64M")
    filler = data(machine) / "filler"
    with filler.open("wb") as stream:
        subprocess.run(["head", "-c", "128M", "/dev/zero"], stdout=stream, stderr=subprocess.DEVNULL, check=False)
    try:
        yield
    finally:
        filler.unlink()
        remount(machine, ROOM)


def narrowed(options: str) -> Injection:
    """The file system of the data gets these options for a while."""

    @contextmanager
    def inject(machine: Machine) -> Iterator[None]:
        remount(machine, options)
        try:
            yield
        finally:
            remount(machine, f"rw,{ROOM}")

    return inject


def both(first: Injection, second: Injection) -> Injection:
    @contextmanager
    def inject(machine: Machine) -> Iterator[None]:
        with first(machine), second(machine):
            yield

    return inject


@contextmanager
def started_behind_proxy(machine: Machine) -> Iterator[None]:
    drydock(machine, "engine", "--stop")
    drydock(machine, "engine", "--start", HTTPS_PROXY=f"http://127.0.0.1:{servers.dead()}")
    try:
        yield
    finally:
        drydock(machine, "engine", "--stop")


@contextmanager
def containerd_over_tls(machine: Machine) -> Iterator[None]:
    """An engine with the containerd image store, through a Docker context over TLS."""
    pyproject = machine.write("pyproject.toml", CONTAINERD)
    drydock(machine, "engine", "--stop")
    drydock(machine, "engine", "--start")
    with healthy.context_over_tls(machine):
        yield
    machine.environ["DOCKER_HOST"] = machine.socket
    pyproject.unlink()
    drydock(machine, "engine", "--stop")


START = "^inv engine --start$"
FULL = "0 B free in .*/(data|small), for the engine's data"
FAULTS = (
    Fault("the engine is stopped", running(stopped), "engine", "engine does not run", START, mended="fix", root=True),
    Fault(
        "the engine was killed",
        running(signalled(signal.SIGKILL)),
        "engine",
        "does not run",
        START,
        mended="remedy",
        root=True,
    ),
    Fault(
        "the engine hangs",
        running(signalled(signal.SIGSTOP)),
        "engine",
        "says nothing for",
        "^inv engine --stop && inv engine --start",
        mended="remedy",
        root=True,
    ),
    Fault("the engine's disk is full", running(full), "disk", FULL, "cache --prune", root=True),
    Fault(
        "the engine's disk is full, and it is stopped", both(stopped, full), "disk", FULL, "cache --prune", root=True
    ),
    Fault(
        "the engine's disk is nearly full",
        running(narrowed("size=3G")),
        "disk",
        "free in",
        "cache --prune",
        state="warn",
        root=True,
    ),
    Fault(
        "the engine's disk takes no more files",
        running(narrowed("nr_inodes=1k")),
        "disk",
        "more files only",
        "cache --prune",
        root=True,
    ),
    Fault(
        "the engine's data take no writes, and it is stopped",
        both(stopped, narrowed("ro")),
        "disk",
        "takes no writes",
        "^mount -o remount,rw",
        mended="remedy",
        root=True,
    ),
    Fault(
        "the engine was started behind a proxy that is gone",
        started_behind_proxy,
        "proxy",
        "the engine's HttpsProxy",
        "daemon.json",
        root=True,
    ),
)
MACHINES = {
    "a private engine with overlay2": running(nothing),
    "an engine with the containerd store, over TLS": containerd_over_tls,
}
