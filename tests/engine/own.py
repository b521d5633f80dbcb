"""Engines of these tests' own, each with a home and a root apart, and Drydock as a user runs it there."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drydock import config
from drydock.engines import scratch
from tests.repositories import PROJECT

ROOM = 6_000_000_000  # bytes


@dataclass(frozen=True)
class Own:
    """A private engine in a home of its own, and Drydock as a user runs it there, in any repository."""

    home: Path
    environ: Mapping[str, str]

    def run(self, root: Path, *words: str, **changes: str) -> "subprocess.CompletedProcess[str]":
        argv = [sys.executable, "-m", "drydock", *words, "--root", str(root)]
        environ = {**self.environ, **changes}
        return subprocess.run(argv, env=environ, capture_output=True, text=True, timeout=200, check=False, cwd=root)

    def build(self, root: Path, *words: str, **changes: str) -> dict[str, Any]:
        """The one image of a build that must succeed."""
        ended = self.run(root, "build", "--json", *words, **changes)
        assert ended.returncode == 0, ended.stderr
        image: dict[str, Any] = json.loads(ended.stdout)["images"][0]
        return image

    def docker(self, *words: str) -> str:
        """What plain docker prints on this engine; it must succeed."""
        argv = ["docker", *words]
        ended = subprocess.run(argv, env=self.environ, capture_output=True, text=True, timeout=60, check=False)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    def forget(self, built: Mapping[str, Any]) -> None:
        """Leave nothing of a build; overlay2 would ask a dead registry for each layer, again and again."""
        self.docker("image", "rm", built["tag"])
        self.docker("builder", "prune", "--all", "--force")

    def clear(self) -> None:
        """Leave nothing at all: no image, no base, no step."""
        self.docker("image", "prune", "--all", "--force")
        self.docker("builder", "prune", "--all", "--force")
        assert self.docker("image", "ls", "--all", "--quiet") == ""

    def refuses(self, root: Path, *words: str, **changes: str) -> str:
        """The one line with which a build is refused before it begins."""
        said = self.fails(root, 2, *words, **changes)
        assert not (root / ".drydock" / "ledger.db").exists()
        return said

    def fails(self, root: Path, code: int, *words: str, **changes: str) -> str:
        """The one line with which a build ends, beside its remedy."""
        ended = self.run(root, "build", *words, **changes)
        errors = [line for line in ended.stderr.splitlines() if line.startswith("error: ")]
        assert (ended.returncode, len(errors), ended.stderr.count("remedy: ")) == (code, 1, 1), ended.stderr
        assert "Traceback" not in ended.stderr
        return errors[0]


def repository(folder: Path, dockerfile: str, image: str) -> Path:
    """A repository of one image, `app`, whose steps are never in a cache from before."""
    made = folder / "a repository"
    made.mkdir()
    (made / "Dockerfile").write_text(dockerfile)
    (made / "lock").write_text(f"{folder}\n")
    (made / "source").write_text("one\n")
    names(made, image)
    return made


def names(root: Path, image: str, **build: Any) -> None:
    """Name that image otherwise, and say how it is built."""
    service = {"build": {"context": ".", **build}, "image": image}
    (root / "compose.yaml").write_text(json.dumps({"services": {"app": service}}))


@contextmanager
def spacious() -> Iterator[Path]:
    """A folder for an engine that is gone in the end: in memory, where enough of it is free.

    BuildKit syncs every snapshot to disk, which for such an engine is for nothing.
    """
    memory = Path("/dev/shm")  # noqa: S108
    has_room = memory.is_dir() and shutil.disk_usage(memory).free > ROOM
    with tempfile.TemporaryDirectory(
        prefix="dd", dir=memory if has_room else None, ignore_cleanup_errors=True
    ) as folder:
        yield Path(folder).resolve()


def started(folder: Path, store: str) -> Iterator[Own]:
    """A private engine with what the shared home knows of bases and layers; whatever happens, it is gone in the end."""
    shared = config.load(PROJECT, os.environ).home
    home, root = folder / "h", folder / "r"
    home.mkdir(parents=True)
    root.mkdir()
    (home / "bases").symlink_to(shared / "bases")
    for name in ("layers.json", "silent-registries.json"):
        if (shared / name).exists():
            shutil.copy(shared / name, home / name)
    (root / "pyproject.toml").write_text(f'[tool.drydock.engine]\nstore = "{store}"\n')
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DOCKER_", "DRYDOCK_"))}
    places = {"DRYDOCK_HOME": str(home), "DOCKER_CONFIG": str(folder / "c"), "PYTHONPATH": str(PROJECT)}
    environ = {**kept, **places, "NO_COLOR": "1", "DOCKER_HOST": f"unix://{home}/engine/docker.sock"}
    own = Own(home, environ)
    try:
        ended = own.run(root, "engine", "--start", "--yes")
        assert ended.returncode == 0, ended.stderr
        yield own
    finally:
        (home / "bases").unlink()  # they are the shared home's
        scratch.end_engine(config.load(root, environ))
