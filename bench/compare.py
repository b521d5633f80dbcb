"""Both images before and after the plan, pair by pair on scratch copies, into docs/measurements/before-after.json.

Run it on a quiet machine: python bench/compare.py --runs 3
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

import edits  # noqa: E402
import scratch  # noqa: E402

from drydock import command, config  # noqa: E402
from drydock.engines import engine  # noqa: E402
from drydock.measures import capture, evidence, ledger  # noqa: E402
from drydock.services import compose  # noqa: E402

SIZES = ("disk_bytes", "pull_bytes", "base_bytes", "own_bytes", "layers")


def main(words: Sequence[str] | None = None) -> None:
    """Measure, write the capture, and show it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--runs", type=int, default=3, help="how often each pair is measured (default: 3)")
    parser.add_argument("--save", default="before-after", help="name of the capture (default: before-after)")
    parser.add_argument("--service", action="append", default=[], help="only this image; repeat for several")
    asked = parser.parse_args(words)
    settings = config.load(ROOT, os.environ)
    found = engine.find(settings)
    images = [i for i in compose.images(settings, found.environ) if not asked.service or i.name in asked.service]
    with tempfile.TemporaryDirectory(prefix="drydock-bench-") as folder:
        copies = {
            image.name: [scratch.make(ROOT, image, v, Path(folder), found.environ) for v in scratch.VARIANTS]
            for image in images
        }
        try:
            measured = measure(copies, asked.runs, found.environ)
        finally:
            clear(copies, found.environ)
    line = f"python bench/compare.py --runs {asked.runs}"
    head = capture.header(settings, found, kind="before-after", command=line, bases=measured.pop("bases"))
    path = evidence.save(ROOT, asked.save, {**head, "runs": asked.runs, "images": measured})
    say(evidence.markdown(evidence.load(ROOT, asked.save)))
    say(f"\nwritten: {path.relative_to(ROOT)}")


def measure(copies: Mapping[str, list[scratch.Copy]], runs: int, environ: Mapping[str, str]) -> dict[str, Any]:
    """Every scenario of every image, both variants in turns, then the sizes; with the bases they rest on."""
    out: dict[str, Any] = {}
    bases: dict[str, Any] = {}
    for name, pair in copies.items():
        seconds: dict[str, dict[str, list[float]]] = {copy.variant: {} for copy in pair}
        for scenario, copy, took in timings(pair, runs, environ):
            seconds[copy.variant].setdefault(scenario, []).append(took)
            say(f"{name:10} {scenario:12} {copy.variant:9} {took:7.2f} s")
        out[name] = {}
        for copy in pair:
            size = drydock("size", copy.root, environ)
            bases |= {base["name"]: base for base in size["bases"]}
            weight = size["images"][0]
            out[name][copy.variant] = {"seconds": seconds[copy.variant], **{key: weight[key] for key in SIZES}}
    return {**out, "bases": list(bases.values())}


def timings(
    pair: Sequence[scratch.Copy], runs: int, environ: Mapping[str, str]
) -> Iterator[tuple[str, scratch.Copy, float]]:
    """Scenario, copy and seconds; who goes first changes from run to run, so that neither profits from the order."""
    written = {copy.variant: copy.dockerfile.read_text(encoding="utf-8") for copy in pair}
    for run in range(runs):
        number = time.time_ns()  # a number never used before, or an earlier measurement would be found in the cache
        turn = list(pair) if run % 2 == 0 else list(reversed(pair))
        for copy in turn:
            copy.dockerfile.write_text(edits.cold(written[copy.variant], number), encoding="utf-8")
            yield "cold", copy, build(copy, environ)
        for copy in turn:
            yield "no-op", copy, build(copy, environ)
        for copy in turn:
            edits.source(copy.context, number)
            yield "source edit", copy, build(copy, environ)


def build(copy: scratch.Copy, environ: Mapping[str, str]) -> float:
    """Build one copy and return the seconds that BuildKit took, as Drydock records them."""
    return float(drydock("build", copy.root, environ)["images"][0]["seconds"])


def clear(copies: Mapping[str, list[scratch.Copy]], environ: Mapping[str, str]) -> None:
    """Remove every image that the scratch ledgers know; what the build cache holds is left to its own limit."""
    for copy in (copy for pair in copies.values() for copy in pair):
        settings = config.load(copy.root, environ)
        for digest in {build.digest for build in ledger.recent(settings, limit=1000) if build.digest}:
            command.run(["docker", "image", "rm", "--force", digest], env=environ)


def drydock(verb: str, root: Path, environ: Mapping[str, str]) -> Any:
    """Run one of our own tasks as people do, and read its document."""
    argv = [sys.executable, "-m", "drydock", verb, "--root", str(root), "--json"]
    result = command.run(argv, env=environ, cwd=ROOT)
    if not result.ok:
        raise SystemExit(f"drydock {verb} failed in {root}:\n{result.err}")
    return json.loads(result.out)


def say(text: str) -> None:
    """A line of progress or of the result."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
