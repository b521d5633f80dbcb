"""A ledger as months of work leave it: builds of several images, and reports of every kind; the same each time.

`python -m tests.seeding PATH --images 4 --builds 300` makes PATH, a file that ends in .db, or PATH/.drydock/ledger.db.
"""

import argparse
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from drydock import config
from drydock.causes import grounds
from drydock.causes.cause import Cause, Kind, Why
from drydock.causes.grounds import Grounds
from drydock.config import Config
from drydock.measures import ledger, reports
from drydock.measures.anatomy import Anatomy
from drydock.measures.bodies import Kept
from drydock.measures.build import Build, Step
from tests import seeding_images, seeding_reports
from tests.seeding_images import State, Subject, digest

NEWEST = datetime(2026, 6, 1, 12, tzinfo=UTC)
APART = timedelta(minutes=37)
EXPLAINED = 100  # newest runs that have a cause; those before them are written many at once
BATCH = 500  # runs in one transaction
COMMITS_APART = 5  # runs
LOG = """\
> frontend@0.1.0 build
> vite build

vite v7.1.2 building SSR bundle for production...
transforming...
✓ 214 modules transformed.
x Build failed in 2.41s
error during build:
src/routes/+page.svelte (12:4): Unexpected token
file: /srv/src/routes/+page.svelte:12:4

10: <script lang="ts">
11:   let { data } = $props();
12:   let = data.images;
        ^
13: </script>"""


def seed(settings: Config, *, images: int = 4, builds: int = 300) -> None:
    """Write `builds` builds of `images` images, a run of all images at a time, and the reports of the last of them.

    In the newest run the second image fails with a log; in the others so does one in forty builds of a Node image.
    """
    chance, named = random.Random(20260102), seeding_images.subjects(images)
    runs = max(1, -(-builds // images))
    states, batch, made = dict.fromkeys(named, State()), list[Build](), dict[str, Anatomy]()
    for run in range(runs):
        is_last = run == runs - 1
        present = named[: builds - run * images]
        for subject in present:
            before = states[subject]
            states[subject] = now = seeding_images.changed(before, chance, is_first=run == 0)
            one = _build(subject, now, run, runs, chance, failed=_fails(present, subject, is_last, chance))
            batch.append(one)
            if one.outcome == "done" and one.digest:
                made.setdefault(one.digest, seeding_images.anatomy(subject, now))
        if run >= runs - EXPLAINED or len(batch) >= BATCH * images:
            rested = {one.image: _kept(one, run, images) for one in batch} if run >= runs - EXPLAINED else None
            ledger.append(settings, batch, taken_apart=made, grounds=rested)
            batch, made = [], {}
    for kind, name, body in seeding_reports.bodies(settings, [one.name for one in named]):
        reports.put(settings, kind, body, name=name, made=NEWEST.isoformat(timespec="seconds"))


def _fails(present: Sequence[Subject], subject: Subject, is_last: bool, chance: random.Random) -> bool:
    if is_last:
        return subject is present[min(1, len(present) - 1)]
    return not subject.is_python and chance.random() < 1 / 40


def _build(subject: Subject, state: State, run: int, runs: int, chance: random.Random, *, failed: bool) -> Build:
    detail = tuple(_failing(_steps(subject, state, chance)) if failed else _steps(subject, state, chance))
    scenario = "dev" if run % 29 == 28 and not failed and run < runs - 1 else "build"
    sizes = seeding_images.sizes(subject, state)
    ran = sum(step.seconds for step in detail)
    return Build(
        image=subject.name,
        tag=f"drydock/{subject.name}:local",
        started=(NEWEST - APART * (runs - 1 - run)).isoformat(timespec="milliseconds"),
        commit=digest("commit", str(run // COMMITS_APART))[:40],
        dirty=run % COMMITS_APART != 0,
        platform="linux/amd64",
        engine="26.1.5+dfsg1",
        store="overlay2",
        bases=(_base(subject),),
        standin=True,
        outcome="failed" if failed else "done",
        seconds=round(0.2 + ran, 3),
        steps=len(detail),
        cached=sum(step.cached for step in detail),
        context_bytes=0 if state.ran < 0 else chance.randrange(2_000, 400_000),
        pull_bytes=None if failed else sum(map(seeding_images.packed, sizes)),
        disk_bytes=None if failed else sum(sizes),
        layers=None if failed else len(sizes),
        digest=None if failed else f"sha256:{digest(subject.name, str(state.version))}",
        scenario=scenario,
        export_seconds=None if failed else round(0.05 + 0.02 * ran, 3),
        detail=detail,
    )


def _base(subject: Subject) -> dict[str, str]:
    return {
        "name": subject.base,
        "reference": f"drydock/base-{subject.base.replace(':', '-')}:local",
        "origin": "standin",
        "digest": f"sha256:{digest('base', subject.base)}",
        "note": "built from packages",
    }


def _steps(subject: Subject, state: State, chance: random.Random) -> Iterator[Step]:
    """The steps of a build, of which those from the first that ran are not cached; each waits for the one before."""
    began = 0.1
    for at, (stage, instruction, line, seconds, size) in enumerate(subject.steps):
        is_cached = state.ran < 0 or at < state.ran
        took = 0.0 if is_cached else round(seconds * chance.uniform(0.85, 1.25), 3)
        inputs = (at - 1,) if at else ()
        yield Step(
            subject.name, stage, instruction, line, round(began, 3), took, is_cached, size, None, not is_cached, inputs
        )
        began += took


def _failing(steps: Iterator[Step]) -> Iterator[Step]:
    """The steps up to the last but two, which fails."""
    found = list(steps)[:-2]
    yield from found[:-1]
    last = found[-1]
    error = f'process "/bin/sh -c {last.instruction.removeprefix("RUN ")}" did not complete successfully: exit code: 1'
    yield replace(last, cached=False, seconds=2.6, bytes=None, error=error, critical=True, log=LOG)


def _kept(build: Build, run: int, images: int) -> Kept:
    """Why a build ran what it ran, of the step that ran first."""
    first = next((step for step in build.detail if not step.cached), None)
    why = Why(build.image)
    if first:
        name = "requirements.txt" if "pip install" in first.instruction else "src/routes/+page.svelte"
        changed = Cause(Kind.FILE, name, "changed", line=first.line)
        after = sum(not step.cached for step in build.detail) - 1
        against = max(1, (run - 1) * images + 1)
        why = Why(build.image, first.stage, first.line, first.instruction, changed, None, against, after)
    key = digest("grounds", build.image)
    return Kept(key, {key: grounds.write(Grounds("seeded", "seeded", ()))}, (), why.document())


def main(words: Sequence[str] | None = None) -> int:
    """Seed a ledger where there is none."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("path", type=Path, help="a file that ends in .db, or the folder of a repository")
    parser.add_argument("--images", type=int, default=4, help="how many images (default: 4)")
    parser.add_argument("--builds", type=int, default=300, help="how many builds of them together (default: 300)")
    asked = parser.parse_args(words)
    if asked.images < 1 or asked.builds < 1:
        parser.error("--images and --builds take whole numbers from 1 on")
    target = asked.path if asked.path.suffix == ".db" else asked.path / ".drydock" / "ledger.db"
    if target.exists():
        parser.error(f"{target} is there already")
    with tempfile.TemporaryDirectory(prefix="drydock-seed-") as folder:
        settings = config.load(Path(folder), {"DRYDOCK_HOME": str(Path(folder) / "home")})
        seed(settings, images=asked.images, builds=asked.builds)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(settings.ledger, target)
    sys.stdout.write(f"{target}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
