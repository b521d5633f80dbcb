"""What recording why steps run again adds to a build with nothing to do, and how it grows with the number of files.

Run it on a quiet machine, after `inv build`: python bench/recording.py --pairs 15
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench import pairs  # noqa: E402
from bench.pairs import Pairs  # noqa: E402
from drydock import command, config, dockerfile  # noqa: E402
from drydock.causes import explaining, gathering  # noqa: E402
from drydock.causes.gathering import Gathered  # noqa: E402
from drydock.config import Config, Image  # noqa: E402
from drydock.engines import engine  # noqa: E402
from drydock.engines.engine import Engine  # noqa: E402
from drydock.measures import capture, evidence, ledger  # noqa: E402
from drydock.measures.build import Build  # noqa: E402
from drydock.text import table  # noqa: E402

ALLOWED_SECONDS = 0.3
COUNTS = (1_000, 10_000, 50_000)
PER_FOLDER = 50
TEXT = "FROM scratch\nCOPY . /all\n"
SETTLED_SECONDS = 2.1  # a file younger than that is not remembered
BARE = "import sys; from drydock.causes import gathering; gathering.gather = lambda *a, **k: {}; "
BUILD = "from drydock.program import main; sys.argv = ['drydock', 'build']; main()"


@dataclass(frozen=True)
class Growth:
    """Seconds for one number of files, a value for each run.

    `cold` hashes every file, `warm` remembers them; `keep` explains and writes where nothing changed, `edit` where one
    file did, with the gathering before it; `bytes` is what the ledger grew by at the edit.
    """

    files: int
    cold: tuple[float, ...]
    warm: tuple[float, ...]
    keep: tuple[float, ...]
    edit: tuple[float, ...]
    bytes: int


def main(words: Sequence[str] | None = None) -> int:
    """Measure both and show them; 1 if a build takes longer by more than is allowed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--pairs", type=int, default=15, help="how many pairs of builds (default: 15)")
    parser.add_argument("--runs", type=int, default=5, help="how often each number of files (default: 5)")
    parser.add_argument("--save", default="", help="write docs/measurements/NAME.json")
    asked = parser.parse_args(words)
    settings = config.load(ROOT, os.environ)
    found = engine.find(settings)
    taken = builds(settings, asked.pairs)
    with tempfile.TemporaryDirectory(prefix="drydock-bench-") as folder:
        growth = [grow(found, Path(folder), count, asked.runs) for count in COUNTS]
    say(as_table(taken, growth))
    if asked.save:
        line = f"python bench/recording.py --pairs {asked.pairs} --runs {asked.runs}"
        bases = list(ledger.recent(settings, limit=1)[0].bases)
        head = capture.header(settings, found, kind="recording", command=line, bases=bases)
        path = evidence.save(
            ROOT, asked.save, {**head, "pairs": [asdict(taken)], "growth": [asdict(one) for one in growth]}
        )
        say(f"\nwritten: {path.relative_to(ROOT)}")
    return 0 if taken.is_held else 1


def builds(settings: Config, count: int) -> Pairs:
    """The same build in a process of its own, with what is recorded left out and with it."""

    def run(lines: str) -> command.Result:
        return command.run([sys.executable, "-c", lines], env=settings.environ, cwd=ROOT)

    return pairs.measure(
        "build",
        "a build with nothing to do",
        lambda: run(BARE + BUILD),
        lambda: run("import sys; " + BUILD),
        count,
        allowed=ALLOWED_SECONDS,
    )


def grow(found: Engine, folder: Path, count: int, runs: int) -> Growth:
    """Gather, explain and write for one COPY of so many files; nothing is built."""
    root = folder / str(count)
    for number in range(count):
        path = root / "web" / f"{number // PER_FOLDER}" / f"{number}.txt"
        if number % PER_FOLDER == 0:
            path.parent.mkdir(parents=True)
        path.write_text(f"{number}\n" * 20)
    (root / "web" / "Dockerfile").write_text(TEXT)
    settings = config.load(root, found.environ)
    time.sleep(SETTLED_SECONDS)
    times: dict[str, list[float]] = {"cold": [], "warm": [], "keep": [], "edit": []}
    before = 0
    for number in range(runs):
        (settings.state / "hashes.json").unlink(missing_ok=True)
        times["cold"].append(timed(lambda: gather(settings, found))[0])
        seconds, gathered = timed(lambda: gather(settings, found))
        times["warm"].append(seconds)
        keep(settings, gathered)
        times["keep"].append(timed(partial(keep, settings, gathered))[0])
        (root / "web" / "0" / "0.txt").write_text(f"edited {number}\n")
        before = settings.ledger.stat().st_size
        times["edit"].append(timed(lambda: keep(settings, gather(settings, found)))[0])
    size = settings.ledger.stat().st_size - before
    shutil.rmtree(root)
    say(f"{count} files")
    return Growth(count, **{name: tuple(values) for name, values in times.items()}, bytes=size)


def gather(settings: Config, found: Engine) -> Gathered:
    context = settings.root / "web"
    image = Image("web", context, context / "Dockerfile", "web:bench")
    return gathering.gather(settings, found, [image], {"web": dockerfile.parse(TEXT)}, {"web": ()})["web"]


def keep(settings: Config, gathered: Gathered) -> None:
    """Find out why, and write it with a build that ran nothing."""
    before = explaining.look_back(settings, "web", "build", gathered.grounds)
    why = explaining.explain(settings, "web", before, [], gathered)
    started = f"2026-01-01T00:00:00.{time.monotonic_ns()}+00:00"
    build = Build("web", "", started, None, False, "", "", "", (), False, "done", 0.0, 0, 0, 0)
    ledger.append(settings, [build], grounds={"web": explaining.keep(gathered, why)})


def timed(run: Any) -> tuple[float, Any]:
    began = time.perf_counter()
    result = run()
    return time.perf_counter() - began, result


def as_table(taken: Pairs, growth: Sequence[Growth]) -> str:
    """Medians; of the pairs the median difference too, with its smallest and largest value."""
    names = ("cold", "warm", "keep", "edit")
    rows = [
        (
            str(one.files),
            *(f"{median(getattr(one, name)):.3f} s" for name in names),
            f"{1e6 * median(one.cold) / one.files:.1f} µs",
            f"{1e6 * median(one.warm) / one.files:.1f} µs",
            f"{one.bytes / 1e6:.2f} MB",
        )
        for one in growth
    ]
    head = ("files", *names, "cold per file", "warm per file", "ledger")
    return f"{pairs.as_table([taken])}\n\n{table(head, rows, right=range(8))}"


def say(text: str) -> None:
    """A line of progress or of the result."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
