"""How fast the audit is: beside hadolint and tally on the same Dockerfiles, and on repositories of many services.

Run it on a quiet machine: python bench/auditing.py --save audit
"""

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench import monorepo, peers  # noqa: E402
from drydock import config, dockerfile  # noqa: E402
from drydock.audit import tree  # noqa: E402
from drydock.audit.repository import Repository  # noqa: E402
from drydock.engines import engine  # noqa: E402
from drydock.errors import Misuse  # noqa: E402
from drydock.measures import audit_tables, capture, evidence  # noqa: E402
from drydock.text import table  # noqa: E402
from tests.defects import loader, tables  # noqa: E402

DOCKERFILES = 126
LEAST_LINES = 12  # of an ordinary Dockerfile
WARM_UPS = 2
COUNTS = (125, 250, 500)
OURS = (sys.executable, "-m", "drydock", "audit")


@dataclass(frozen=True)
class Run:
    """A whole process: seconds on the clock, seconds of processor, bytes of memory at most."""

    seconds: float
    cpu: float
    memory: int


def main(words: Sequence[str] | None = None) -> int:
    """Measure all, show it, keep it if asked; 1 if something is slower or larger than it may be."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--pairs", type=int, default=15, help="how often each tool reads the Dockerfiles (default: 15)")
    parser.add_argument("--runs", type=int, default=3, help="how often each number of services (default: 3)")
    parser.add_argument("--tools", default="", help="folder that holds, or gets, the tools (default: a temporary one)")
    parser.add_argument("--save", default="", help="write the capture to docs/measurements under this name")
    asked = parser.parse_args(words)
    evidence.checked(asked.save or "unnamed")
    settings = config.load(ROOT, os.environ)
    found = engine.find(settings)
    with tempfile.TemporaryDirectory(prefix="drydock-audit-") as name:
        folder = Path(name)
        tools = peers.install(Path(asked.tools).resolve() if asked.tools else folder / "tools", settings.environ)
        document = {**beside(tools, folder / "files", asked.pairs), **growing(folder, asked.runs)}
        versions = peers.versions(tools, folder, ["hadolint", "tally"])
    for part in audit_tables.parts(document):
        say(f"{table(part.header, part.rows, right=range(1, len(part.header)))}\n")
    if asked.save:
        line = f"python bench/auditing.py --pairs {asked.pairs} --runs {asked.runs} --save {asked.save}"
        head = capture.header(settings, found, kind="audit", command=line, bases=[])
        head["versions"] = {**head["versions"], **versions}
        evidence.save(ROOT, asked.save, {**head, **document})
    return 0 if audit_tables.is_held(document) else 1


def beside(tools: peers.Tools, folder: Path, count: int) -> dict[str, Any]:
    """Each tool in one process on the same Dockerfiles, in turns, the order turned round each time."""
    texts = ordinary()
    paths = [folder / f"{number:03}" / "Dockerfile" for number in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.parent.mkdir(parents=True)
        path.write_bytes(text)
    read = [file.source.path for file in Repository(tree.walk(folder)).buildfiles]
    if read != [path.relative_to(folder).as_posix() for path in paths]:
        raise SystemExit("the audit does not read the files that the other tools read")
    commands: dict[str, Sequence[str | Path]] = {
        "drydock": (*OURS, "--root", folder),
        "hadolint": (tools.folder / "bin" / "hadolint", "--no-fail", *paths),
        "tally": (binary(tools), "lint", "--no-config", "--slow-checks=off", *paths),
    }
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    for number in range(count + WARM_UPS):
        for name in [*commands] if number % 2 else [*commands][::-1]:
            ran = timed(commands[name], tools.environ, folder)
            if number >= WARM_UPS:
                runs[name].append(ran)
    lines = [text.count(b"\n") for text in texts]
    files = {"count": len(texts), "lines": sum(lines), "median": median(lines)}
    return {"files": files, "tools": {name: [asdict(one) for one in had] for name, had in runs.items()}}


def ordinary() -> list[bytes]:
    """Distinct Dockerfiles of tests/defects that can be read and are of ordinary size; which ones, no speed decides."""
    cases = [*map(loader.clean, loader.names()), *map(loader.files, (*tables.DEFECTS, *tables.TRAPS))]
    texts = {text for files in cases for path, text in files.items() if Path(path).name == "Dockerfile"}
    return sorted(filter(is_ordinary, texts), key=lambda text: hashlib.sha256(text).digest())[:DOCKERFILES]


def is_ordinary(text: bytes) -> bool:
    """Whether it has a few lines at least, and all of them can be read."""
    try:
        dockerfile.parse(text.decode())
    except (Misuse, UnicodeError):
        return False
    return text.count(b"\n") >= LEAST_LINES


def binary(tools: peers.Tools) -> Path:
    """The program itself, which the wheel starts from a Python script."""
    return next(tools.folder.glob("lib/python*/site-packages/tally_cli/bin/*/tally"))


def growing(folder: Path, runs: int) -> dict[str, Any]:
    """Audit, and audit with safe fixing, of repositories of more and more services; a fresh copy for each fixing."""
    growth = []
    for count in COUNTS:
        files = {path: text.encode() for path, text in monorepo.of(count).items()}
        root = loader.write(files, folder / f"audit-{count}")
        audits = [timed((*OURS, "--root", root), os.environ, folder) for _ in range(runs)]
        fixes = []
        for number in range(runs):
            root = loader.write(files, folder / f"fix-{count}-{number}")
            fixes.append(timed((*OURS, "--fix", "--diff", "--root", root), os.environ, folder))
        say(f"{count} services", progress=True)
        growth.append({"services": count, "audit": [*map(asdict, audits)], "fix": [*map(asdict, fixes)]})
    return {"growth": growth}


def timed(argv: Sequence[str | Path], environ: Mapping[str, str], cwd: Path) -> Run:
    """Run a process to its end; findings are no failure, anything else is.

    Python keeps the bytecode it makes, in a warm-up, as pip does of what it installs.
    """
    env = {**environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    began = time.perf_counter()
    with subprocess.Popen(  # noqa: S603
        list(map(str, argv)), env=env, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        raise SystemExit(f"{argv[0]} ended with {process.returncode}")
    return Run(round(seconds, 4), round(used.ru_utime + used.ru_stime, 4), used.ru_maxrss * 1024)


def say(text: str, *, progress: bool = False) -> None:
    """A line of the result, or of progress."""
    stream = sys.stderr if progress else sys.stdout
    stream.write(text + "\n")
    stream.flush()


if __name__ == "__main__":
    sys.exit(main())
