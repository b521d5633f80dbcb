"""What Drydock adds to a build with nothing to do, and to the list of tasks; pair by pair in one run.

Run it on a quiet machine, after `inv build`: python bench/noop.py --pairs 15
"""

import argparse
import json
import os
import shlex
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench import pairs  # noqa: E402
from bench.pairs import Pairs  # noqa: E402
from drydock import command, config  # noqa: E402
from drydock.config import Config  # noqa: E402
from drydock.engines import engine  # noqa: E402
from drydock.measures import capture, evidence, ledger  # noqa: E402
from drydock.services import compose  # noqa: E402

INVOKE = [sys.executable, "-m", "invoke"]


def main(words: Sequence[str] | None = None) -> int:
    """Measure both pairs and show them; 1 if either takes longer than allowed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--pairs", type=int, default=15, help="how many pairs to take of each (default: 15)")
    parser.add_argument("--json", action="store_true", help="print the raw figures as one document")
    parser.add_argument("--save", default="", help="write the raw figures to docs/measurements under this name")
    asked = parser.parse_args(words)
    evidence.checked(asked.save or "unnamed")
    with tempfile.TemporaryDirectory(prefix="drydock-bench-") as folder:
        found = [build(asked.pairs, Path(folder)), listing(asked.pairs, Path(folder))]
    sys.stdout.write((as_json(found) if asked.json else pairs.as_table(found)) + "\n")
    if asked.save:
        save(config.load(ROOT, os.environ), asked.save, found)
    return 0 if all(one.is_held for one in found) else 1


def build(count: int, folder: Path) -> Pairs:
    """`inv build` with nothing to do, against the very bake that `inv --dry build` shows."""
    settings = config.load(ROOT, os.environ)
    environ = engine.find(settings).environ
    shown = command.run([*INVOKE, "--dry", "build"], env=settings.environ, cwd=ROOT)
    line, _, document = shown.err[shown.err.index("$ ") + 2 :].partition("\n")
    argv = [word.replace("metadata.json", str(folder / "metadata.json")) for word in shlex.split(line)]
    return pairs.measure(
        "build",
        "a build with nothing to do",
        lambda: command.run(argv, env=environ, cwd=ROOT, stdin=document),
        lambda: command.run([*INVOKE, "build"], env=settings.environ, cwd=ROOT),
        count,
        allowed=0.4,
    )


def listing(count: int, folder: Path) -> Pairs:
    """`inv --list` here, against Invoke with an empty tasks file (which it answers with 1: there are no tasks)."""
    (folder / "tasks.py").touch()
    argv = [*INVOKE, "--list"]
    return pairs.measure(
        "list",
        "the list of tasks",
        lambda: command.run(argv, env=os.environ, cwd=folder),
        lambda: command.run(argv, env=os.environ, cwd=ROOT),
        count,
        allowed=0.15,
        bare_fails=True,
    )


def save(settings: Config, name: str, found: Sequence[Pairs]) -> None:
    """Write the raw seconds as a capture, with what they rest on."""
    engine_ = engine.find(settings)
    built = [ledger.latest(settings, image.name) for image in compose.images(settings, engine_.environ)]
    bases = {base["name"]: base for one in built if one for base in one.bases}
    count = len(found[0].bare)
    line = f"python bench/noop.py --pairs {count} --save {name}"
    head = capture.header(settings, engine_, kind="pairs", command=line, bases=list(bases.values()))
    evidence.save(ROOT, name, {**head, "runs": count, "pairs": [asdict(one) for one in found]})


def as_json(found: Sequence[Pairs]) -> str:
    """The raw seconds and the medians."""
    return json.dumps(
        [{**asdict(one), "more": median(one.differences), "held": one.is_held} for one in found], indent=2
    )


if __name__ == "__main__":
    sys.exit(main())
