"""Builds of repositories of more and more services, beside compose and bare bake, in turns in one run.

Run it on a quiet machine: python bench/services.py --rounds 3 --save services
"""

import argparse
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench import monorepo  # noqa: E402
from drydock import command, config, events  # noqa: E402
from drydock.bases import bases  # noqa: E402
from drydock.builds import buildx, plan  # noqa: E402
from drydock.config import Config  # noqa: E402
from drydock.engines import engine  # noqa: E402
from drydock.engines.engine import Engine  # noqa: E402
from drydock.measures import capture, evidence, services_tables  # noqa: E402
from drydock.services import compose  # noqa: E402
from drydock.text import table  # noqa: E402

COUNTS = (10, 50, 100, 200)
BASE = "python:3.12-slim"
OURS = (sys.executable, "-m", "drydock")
EDITED = Path("services/service-001/app/part_0.py")
IDLE = 0.05  # seconds of processor in a second of an engine that has nothing to do
PATIENCE = 120  # seconds
TRIES = 3  # a peer that fails to build everything once, so that all is there, is tried so often


@dataclass(frozen=True)
class Run:
    """A whole process: seconds on the clock and of processor, bytes of its largest process, whether it failed."""

    seconds: float
    cpu: float
    memory: int
    failed: bool


@dataclass(frozen=True)
class Repository:
    """A made-up repository of so many services, with the command lines of all tools for it."""

    root: Path
    count: int
    environ: Mapping[str, str]
    bake: str

    def ours(self, *words: str) -> Run:
        return timed((*OURS, *words, "--root", str(self.root)), self.environ, self.root)

    def compose(self) -> Run:
        return timed(("docker", "compose", "-f", "peer.yml", "build", "--quiet"), self.environ, self.root)

    def baked(self) -> Run:
        return timed(("docker", "buildx", "bake", "--progress=quiet", "-f", "-"), self.environ, self.root, self.bake)

    def forget(self) -> None:
        """All files have to be read and hashed again."""
        (self.root / ".drydock" / "hashes.json").unlink()

    def edit(self) -> None:
        with (self.root / EDITED).open("a") as stream:
            stream.write(f"# {time.time_ns()}\n")


def main(words: Sequence[str] | None = None) -> int:
    """Measure all, show it, keep it if asked; 1 if something is slower or larger than it may be."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rounds", type=int, default=3, help="how often each command takes its turn (default: 3)")
    parser.add_argument("--counts", type=int, nargs="+", default=COUNTS, help="how many services, from few to many")
    parser.add_argument(
        "--keep", default="", help="a folder for the figures of each count: what is there is not taken again"
    )
    parser.add_argument("--save", default="", help="write the capture to docs/measurements under this name")
    asked = parser.parse_args(words)
    evidence.checked(asked.save or "unnamed")
    settings = config.load(ROOT, os.environ)
    found = engine.find(settings)
    (base,) = bases.resolve(settings, found, (BASE,), events.silent, trusting=is_trusting(settings))
    with tempfile.TemporaryDirectory(prefix="drydock-services-") as folder:
        parts = Path(asked.keep or folder)
        parts.mkdir(parents=True, exist_ok=True)
        for count in asked.counts:
            if not (parts / f"{count}.json").is_file():
                one = measure(Path(folder), count, found, base.reference, asked.rounds)
                (parts / f"{count}.json").write_text(json.dumps(one))
        growth = [json.loads((parts / f"{count}.json").read_text()) for count in asked.counts]
    document = {"growth": growth}
    for part in services_tables.parts(document):
        sys.stdout.write(f"{table(part.header, part.rows, right=range(1, len(part.header)))}\n\n")
    if asked.save:
        line = f"python bench/services.py --rounds {asked.rounds} --save {asked.save}"
        origin = {"name": base.name, "reference": base.reference, "origin": base.origin.value, "note": base.note}
        head = capture.header(settings, found, kind="services", command=line, bases=[origin])
        evidence.save(ROOT, asked.save, {**head, "runs": asked.rounds, **document})
    return 0 if services_tables.is_held(document) else 1


def is_trusting(settings: Config) -> bool:
    """Whether a Dockerfile that knows nothing of this machine's authorities gets a base that does."""
    return buildx.ca_bundle(settings.environ) is not None


def measure(folder: Path, count: int, found: Engine, base: str, rounds: int) -> dict[str, Any]:
    """A repository of so many services: built for the first time by ours, then all commands in turns."""
    repository = made(folder, count, found, base)
    try:
        busy, first = engine_seconds(found), repository.ours("build", "--quiet")
        if first.failed:
            raise SystemExit(f"a repository of {count} services cannot be built")
        full = {"seconds": first.seconds, "busy": round(engine_seconds(found) - busy + first.cpu, 3)}
        for peer in (repository.compose, repository.baked):
            next((True for _ in range(TRIES) if not peer().failed), False)
        noop: dict[str, Callable[[], Run]] = {
            "changed": lambda: repository.ours("build", "--changed"),
            "planning": lambda: repository.ours("--dry", "build", "--changed"),
            "hashing": after(repository.forget, lambda: repository.ours("--dry", "build", "--changed")),
            "why": lambda: repository.ours("why"),
            "build": lambda: repository.ours("build"),
            "compose": repository.compose,
            "bake": repository.baked,
        }
        edited = {name: after(repository.edit, noop[name]) for name in ("changed", "compose", "bake")}
        return {
            "services": count,
            "full": {**full, "cores": os.cpu_count() or 1},
            "no-op": turns(noop, rounds, found, f"{count} services, nothing to do"),
            "edited": turns(edited, rounds, found, f"{count} services, one edited"),
        }
    finally:
        names = [f"{tag}/service-{number:03}:local" for tag in ("shop", "peer", "bare") for number in range(count)]
        command.run(["docker", "image", "rm", "--force", *names], env=found.environ)
        shutil.rmtree(repository.root)


def after(edit: Callable[[], None], run: Callable[[], Run]) -> Callable[[], Run]:
    def both() -> Run:
        edit()
        return run()

    return both


def made(folder: Path, count: int, found: Engine, base: str) -> Repository:
    """Write the services, the same for compose with the base and tags of its own, and the bake file of ours."""
    root = folder / f"shop-{count}"
    for path, text in monorepo.buildable(count, salt=str(time.time_ns())).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    peer = (
        (root / "compose.yml").read_text().replace("image: shop/", "image: peer/").replace("name: shop", "name: peer")
    )
    context = f"        shared: shared\n        {BASE}: docker-image://{base}\n" if base != BASE else ""
    (root / "peer.yml").write_text(peer.replace("        shared: shared\n", context or "        shared: shared\n"))
    environ = {**found.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    own = config.load(root, environ)
    planned = plan.make(own, found, compose.images(own, environ), events.silent)
    shutil.rmtree(root / ".drydock", ignore_errors=True)
    document = buildx.bake(planned.images, plan.options(own, found, planned, events.silent))
    return Repository(root, count, environ, json.dumps(document).replace('"shop/', '"bare/'))


def turns(
    tools: Mapping[str, Callable[[], Run]], rounds: int, found: Engine, words: str
) -> dict[str, list[dict[str, Any]]]:
    """Each tool in its turn, the order turned round each time; none begins on what another left the engine to do."""
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in tools}
    for number in range(rounds):
        for name in [*tools] if number % 2 else [*tools][::-1]:
            rest(found)
            runs[name].append(asdict(tools[name]()))
        sys.stderr.write(f"{words}, {number + 1} of {rounds}\n")
    return runs


def timed(argv: Sequence[str], environ: Mapping[str, str], cwd: Path, stdin: str = "") -> Run:
    """Run a process to its end."""
    with tempfile.TemporaryFile() as given:
        given.write(stdin.encode())
        given.seek(0)
        began = time.perf_counter()
        with subprocess.Popen(  # noqa: S603
            [*argv], env=environ, cwd=cwd, stdin=given, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            _, status, used = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - began
            process.returncode = os.waitstatus_to_exitcode(status)
    return Run(
        round(seconds, 4), round(used.ru_utime + used.ru_stime, 4), used.ru_maxrss * 1024, process.returncode != 0
    )


def rest(found: Engine) -> None:
    """Wait until the engine has nothing to do: what a failed build left behind goes on in it for a while."""
    for _ in range(PATIENCE):
        before = engine_seconds(found)
        time.sleep(1)
        if engine_seconds(found) - before < IDLE:
            return


def engine_seconds(found: Engine) -> float:
    """Processor time that the engine behind a socket has spent, with all that it ran and that is over."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stream:
        stream.connect(found.host.removeprefix("unix://"))
        (pid,) = struct.unpack("i8x", stream.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    sys.exit(main())
