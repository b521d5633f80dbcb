"""A machine of its own for kills: a private engine, a home and a folder for temporary files, and what is left there."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from drydock import command, config, files
from drydock.builds import running
from drydock.engines import daemon, place, processes, scratch
from drydock.engines.engine import Engine

ROOT = Path(__file__).resolve().parents[2]
BASE = "python:3.12-slim"
NETWORKS = {"bridge", "host", "none"}
STANDIN = "drydock-standin"
CLIENTS = ("docker", "git")  # and Docker's plugins, whose names begin like that
SECONDS = 120.0  # that one command may take; nothing here takes a tenth of it


@dataclass(frozen=True)
class Machine:
    """Below `folder`: the home `h`, temporary files `t`, and the repositories; `environ` leads all tools there."""

    folder: Path
    environ: Mapping[str, str]

    @property
    def home(self) -> Path:
        return self.folder / "h"

    @property
    def temporary(self) -> Path:
        return self.folder / "t"

    @property
    def config(self) -> config.Config:
        return config.load(self.folder, self.environ)

    def start(self, words: tuple[str, ...], root: Path) -> "subprocess.Popen[str]":
        """One command of Drydock on a repository, out of reach of Ctrl-C; what it says comes on stderr."""
        argv = [sys.executable, "-m", "drydock", *words, "--root", str(root)]
        quiet = subprocess.DEVNULL
        return subprocess.Popen(  # noqa: S603
            argv,
            env=dict(self.environ),
            cwd=root,
            stdin=quiet,
            stdout=quiet,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def docker(self, *words: str) -> list[str]:
        """The words that docker prints; it must succeed."""
        result = command.run(["docker", *words], env=self.environ, timeout=SECONDS)
        if not result.ok:
            raise RuntimeError(f"docker {' '.join(words)}: {result.last_words}")
        return result.out.split()

    def daemons(self) -> set[int]:
        """The processes of the engine itself; what it started for containers lives on without it."""
        running_here = processes.mentioning(str(place.of(self.config).exec))
        return {pid for pid, program in running_here.items() if program in ("dockerd", "containerd")}

    def clients(self, pid: int) -> set[int]:
        """The tools that a command runs just now."""
        found = set[int]()
        for one in processes.with_descendants({pid}) - {pid}:
            try:
                name = Path(f"/proc/{one}/comm").read_text(encoding="utf-8").strip()
            except OSError:
                continue
            if name.startswith(CLIENTS) and not name.startswith("dockerd"):
                found.add(one)
        return found

    def images(self) -> set[str]:
        """All but stand-ins for base images: one is made anew where the question whether it is there was killed."""
        told = self.docker("image", "ls", "--all", "--no-trunc", "--format={{.Repository}}={{.ID}}")
        return {one.partition("=")[2] for one in told if not one.startswith(STANDIN)}

    def left(self, root: Path, *, in_engine: bool) -> list[str]:
        """All that a command may leave on this machine or beside its repository and that is nobody's any more."""
        return [*self._files(root), *self._processes(), *(self._objects() if in_engine else ())]

    def _files(self, root: Path) -> Iterator[str]:
        yield from (f"temporary: {path.name}" for path in self.temporary.iterdir())
        yield from (f"record: {path.name}" for path in self.home.glob(f"{scratch.RUNS}/*"))
        yield from (f"engine: {path.name}" for path in self.home.glob("bench-*"))
        for folder in (root, self.home):
            for top, folders, names in os.walk(folder):
                folders[:] = [name for name in folders if Path(top, name) != place.of(self.config).folder]
                yield from (f"unfinished: {name}" for name in names if files.is_unfinished(name))
        yield from (f"journal: {path.name}" for path in root.glob(".drydock/*-journal"))
        for entry in running.read(root / ".drydock" / running.FILE):
            if not Path(f"/proc/{entry['pid']}").exists():
                yield f"running: {entry['pid']}"

    def _processes(self) -> Iterator[str]:
        for one in Path("/proc").iterdir():
            if not one.name.isdigit():
                continue
            try:
                environ = (one / "environ").read_bytes().split(b"\0")
                name = (one / "comm").read_text(encoding="utf-8").strip()
            except OSError:
                continue
            if f"DRYDOCK_HOME={self.home}".encode() in environ and any(
                each.startswith(f"{scratch.VARIABLE}=".encode()) for each in environ
            ):
                yield f"process: {name}"

    def _objects(self) -> Iterator[str]:
        yield from (f"container: {one}" for one in self.docker("container", "ls", "--all", "--format={{.Names}}"))
        names = set(self.docker("network", "ls", "--format={{.Name}}"))
        yield from (f"network: {one}" for one in sorted(names - NETWORKS))
        yield from (f"volume: {one}" for one in self.docker("volume", "ls", "--quiet"))
        ours = [f"--filter=reference=drydock-{kind}/*" for kind in ("bench", "proof")]
        yield from (f"image: {one}" for one in self.docker("image", "ls", "--format={{.Repository}}:{{.Tag}}", *ours))


@contextmanager
def made(folder: Path, settings: config.Config, found: Engine, base: str) -> Iterator[Machine]:
    """A machine whose engine holds the base image `base` of the engine `found`; it is gone in the end.

    A `pyproject.toml` that lies in `folder` already says how its engine is set up.
    """
    own = ("DOCKER_", "DRYDOCK_", "BUILDX_", "GITHUB_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(own) and name != "CI"}
    home = folder / "h"
    environ = {
        **kept,
        **{"DRYDOCK_HOME": str(home), "DOCKER_CONFIG": str(folder / "c"), "TMPDIR": str(folder / "t")},
        **{"DOCKER_HOST": f"unix://{home}/engine/docker.sock", "DRYDOCK_YES": "1", "PYTHONPATH": str(ROOT)},
    }
    machine = Machine(folder, environ)
    for one in (home, machine.temporary):
        one.mkdir(exist_ok=True)
    if (bases := settings.home / "bases").exists():
        (home / "bases").symlink_to(bases)
    try:
        daemon.start(machine.config, lambda _: None)
        with command.start(["docker", "image", "save", base], env=found.environ) as child:
            loaded = subprocess.run(
                ["docker", "image", "load", "--quiet"],  # noqa: S607
                env=dict(environ),
                stdin=child.stdout,
                capture_output=True,
                check=False,
            )
        if loaded.returncode:
            raise RuntimeError(loaded.stderr.decode())
        yield machine
    finally:
        (home / "bases").unlink(missing_ok=True)
        scratch.end_engine(machine.config)
