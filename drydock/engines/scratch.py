"""What one command makes outside of the repository: its scratch folder and mark; the next one removes what is left."""

import json
import os
import shutil
import stat
import tempfile
import time
import uuid
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import field, replace
from pathlib import Path
from typing import Any

from drydock import command, files
from drydock.config import Config
from drydock.engines import place, processes
from drydock.engines.engine import Engine
from drydock.errors import Problem
from drydock.events import Phase, Tell
from drydock.values import dataclass

LABEL = "drydock.run"  # on containers and networks, with the mark
VARIABLE = "DRYDOCK_RUN"  # in the environment of what is started, with the mark
RUNS = "runs"  # in the home: one record for each command at work, held as long as it lives
PATIENCE = 60.0  # seconds for one answer of the engine
TRIES = 10  # to remove the home of an engine: what it ran may write there for a moment after its end
BREATH = 0.2  # seconds between two


@dataclass
class Scratch:
    """The place of one command: `mark` is in the names of its images, `engine` is how it starts what it can lose."""

    mark: str
    folder: Path
    engine: Engine
    digests: set[str] = field(default_factory=set)
    _record: int | None = None

    def took(self, digests: Collection[str]) -> None:
        """Write down images that were made: once another has their tag, nothing else tells whose they are."""
        new = sorted(set(digests) - self.digests)
        self.digests.update(new)
        if self._record is not None and new:
            os.write(self._record, "".join(f"{one}\n" for one in new).encode())

    @contextmanager
    def making(self, tags: Collection[str]) -> Iterator[None]:
        """Within this block images are built under these tags; where it fails, what was made all the same is noted."""
        try:
            yield
        except Problem:  # the engine may have made the image and only its client is gone
            told = _docker(self.engine, "image", "inspect", "--format={{.Id}}", *tags)
            self.took(told.out.split())
            raise


@contextmanager
def opened(config: Config, engine: Engine, kind: str, tell: Tell, *, only_folder: bool = False) -> Iterator[Scratch]:
    """A scratch folder and a mark; what was made under them is gone in the end, however the block ends.

    First of all goes what commands left that were killed. A record in the home lets the next command do the same to
    this one; a home that cannot be written leaves it without one. With `only_folder`, nothing of it is in the engine.
    """
    sweep(config, engine, tell)
    mark, folder, record = _begin(config, kind, "" if only_folder else engine.host)
    there = replace(engine, environ={**engine.environ, VARIABLE: mark})
    scratch = Scratch(mark, folder, there, _record=record)
    try:
        yield scratch
    finally:
        _remove_folder(folder)
        done = only_folder or discard(engine, mark, scratch.digests)
        _end(config.home / RUNS / mark, record, forget=done)  # else the next command tries again


@contextmanager
def folder(config: Config, kind: str, *, within: Path | None = None) -> Iterator[Path]:
    """A scratch folder alone, for what needs no engine; the next command that has one removes it after a kill.

    It lies `within` a folder, by default the one for temporary files.
    """
    mark, made, record = _begin(config, kind, "", within)
    try:
        yield made
    finally:
        _remove_folder(made)
        _end(config.home / RUNS / mark, record)


def sweep(config: Config, engine: Engine, tell: Tell) -> None:
    """Remove what commands left that were killed: files half written, folders, processes, containers, images, engines.

    What belongs to another engine than this one stays until that is in use; what a living process holds is not touched.
    On a dry run all of it stays.
    """
    if command.is_dry():
        return
    files.sweep(config.state)
    files.sweep(config.home)
    with suppress(OSError):
        for folder in [one for one in config.home.iterdir() if one.is_dir() and not one.is_symlink()]:
            files.sweep(folder)
    with suppress(OSError):
        for path in sorted((config.home / RUNS).iterdir()):
            with suppress(OSError):
                _take_over(config, engine, path, tell)


def discard(engine: Engine, mark: str, digests: Collection[str]) -> bool:
    """Remove containers, networks and images of a mark, and images of these digests that nobody gave another name.

    A copy without edits makes the very image that the repository made: that one stays. Whether all of it is gone.
    """
    labelled = f"label={LABEL}={mark}"
    containers = _listed(engine, "container", "ls", "--all", "--quiet", "--filter", labelled)
    done = _remove(engine, "container", "rm", "--force", "--volumes", named=containers)
    networks = _listed(engine, "network", "ls", "--quiet", "--filter", labelled)
    done &= _remove(engine, "network", "rm", named=networks)
    form = "{{.Repository}}:{{.Tag}}"
    tags = _listed(engine, "image", "ls", f"--format={form}", f"--filter=reference=drydock-*/*:*-{mark}")
    done &= _remove(engine, "image", "rm", named=tags)
    if digests:
        told = _docker(engine, "image", "inspect", *sorted(digests))
        seen = json.loads(told.out or "[]") if told.code >= 0 else []  # of one that was killed, nothing is known
        nameless = [str(one["Id"]) for one in seen if not one.get("RepoTags")]
        done &= told.code >= 0 and _remove(engine, "image", "rm", named=nameless)
    return done and None not in (containers, networks, tags)


def end_engine(config: Config) -> None:
    """End the private engine of a home and remove both; for homes that were made for one engine."""
    from drydock.engines import daemon, leftovers
    from drydock.events import silent

    daemon.stop(config, silent)
    here = place.of(config)
    leftovers.remove_data(here, place.environ(config))
    if here.run != here.folder:
        with suppress(OSError):
            here.run.rmdir()
    for _ in range(TRIES):
        shutil.rmtree(config.home, ignore_errors=True)
        if not config.home.exists():
            return
        time.sleep(BREATH)


def _begin(config: Config, kind: str, host: str, within: Path | None = None) -> tuple[str, Path, int | None]:
    """A new mark, a folder that bears it, and the record of both; `host` is the engine that has things of it."""
    mark = uuid.uuid4().hex[:12]
    folder = (within or Path(tempfile.gettempdir())).resolve() / f"drydock-{kind}-{mark}"
    record = _record(config.home / RUNS / mark, {"folder": str(folder), "host": host})
    folder.mkdir(mode=0o700)
    return mark, folder, record


def _record(path: Path, told: dict[str, Any]) -> int | None:
    """Write the record and hold it; None where the home takes none."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        record = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        files.hold(record)
        os.write(record, f"{json.dumps(told)}\n".encode())
    except OSError:
        return None
    return record


def _end(path: Path, record: int | None, *, forget: bool = True) -> None:
    """Let go of a record that was begun, and remove it."""
    if record is not None:
        if forget:
            path.unlink(missing_ok=True)
        os.close(record)


def _take_over(config: Config, engine: Engine, path: Path, tell: Tell) -> None:
    """Remove what a record speaks of, and it, if its process is gone."""
    record = os.open(path, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
    try:
        if not files.hold(record):
            return
        mark, (told, digests) = path.name, _read(path)
        tell(Phase("clean", "removing what a killed command left"))
        processes.end(processes.carrying(f"{VARIABLE}={mark}"), 1.0, place.elevation(), place.environ(config))
        for home in config.home.glob(f"bench-{mark}-*"):
            end_engine(replace(config, home=home))
        if told.get("folder"):
            _remove_folder(Path(told["folder"]))
        host = told.get("host", engine.host)
        if not host or (host == engine.host and discard(engine, mark, digests)):
            path.unlink()
    finally:
        os.close(record)


def _read(path: Path) -> tuple[dict[str, Any], list[str]]:
    """What a record says, and the digests in it; a kill may have left it without its end."""
    first, *digests = path.read_text(encoding="utf-8", errors="replace").split("\n")
    try:
        told = json.loads(first)
    except ValueError:
        return {}, []
    return told if isinstance(told, dict) else {}, [one for one in digests[:-1] if one]


def _remove_folder(folder: Path) -> None:
    """Remove a scratch folder of ours, and nothing else that bears such a name."""
    with suppress(OSError):
        seen = folder.lstat()
        if folder.name.startswith("drydock-") and stat.S_ISDIR(seen.st_mode) and seen.st_uid in (place.user(), -1):
            shutil.rmtree(folder, ignore_errors=True)


def _listed(engine: Engine, *words: str) -> list[str] | None:
    """The lines that docker prints; None where it fails."""
    result = _docker(engine, *words)
    return result.out.split() if result.ok else None


def _remove(engine: Engine, *words: str, named: Sequence[str] | None) -> bool:
    return not named or _docker(engine, *words, *named).ok


def _docker(engine: Engine, *words: str) -> command.Result:
    return command.run(["docker", *words], env=engine.environ, timeout=PATIENCE)
