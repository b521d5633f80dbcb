"""A ledger as months of work leave it: builds of several images, and reports of every kind; the same each time.

`python -m tests.seeding PATH --images 4 --builds 300` makes PATH, a file that ends in .db, or PATH/.drydock/ledger.db.
"""

import argparse
import hashlib
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from drydock import config
from drydock.causes import grounds
from drydock.causes.cause import Cause, Kind, Why
from drydock.causes.grounds import Grounds
from drydock.config import Config
from drydock.measures import ledger, reports
from drydock.measures.anatomy import REST, Anatomy, Part, Share
from drydock.measures.anatomy import Kind as Sort
from drydock.measures.bodies import Kept
from drydock.measures.build import Build, Step
from tests import seeding_reports

NEWEST = datetime(2026, 6, 1, 12, tzinfo=UTC)
APART = timedelta(minutes=37)
EXPLAINED = 100  # newest runs that have a cause; those before them are written many at once
BATCH = 500  # runs in one transaction
NAMES = ("backend", "frontend", "worker", "gateway", "scheduler", "mailer", "search", "reports")
COMMITS_APART = 5  # runs
BASE_LAYERS = 4

PYTHON = (
    ("builder", "WORKDIR /build", 11, 0.1, 0),
    ("builder", "RUN python3 -m venv --without-pip /opt/venv", 14, 1.9, 1_200_000),
    ("builder", "RUN --mount=type=cache,target=/root/.cache/pip pip install -r requirements.txt", 28, 9.5, 31_000_000),
    ("app", "WORKDIR /srv", 72, 0.1, 0),
    ("app", "COPY --from=builder --link /opt /opt", 73, 0.4, 32_200_000),
    ("app", "COPY --link app /srv/app", 75, 0.1, 190_000),
)
NODE = (
    ("deps", "WORKDIR /srv", 10, 0.1, 0),
    ("deps", "COPY package.json package-lock.json ./", 11, 0.1, 240_000),
    ("deps", "RUN --mount=type=cache,target=/root/.npm npm ci", 15, 14.0, 148_000_000),
    ("builder", "COPY . .", 22, 0.2, 410_000),
    ("builder", "RUN npm run build", 25, 6.4, 5_300_000),
    ("runtime", "COPY --link --from=deps /srv/node_modules node_modules", 40, 0.9, 12_400_000),
    ("runtime", "COPY --link --from=builder /srv/build build", 41, 0.2, 5_300_000),
)
PIP = ("flask", "werkzeug", "jinja2", "click", "markupsafe", "itsdangerous", "blinker", "numpy", "pandas", "requests")
NPM = ("svelte", "@sveltejs/kit", "vite", "esbuild", "rollup", "devalue", "cookie", "esm-env", "kleur", "sirv")
APT = ("libc6", "libssl3", "perl-base", "coreutils", "bash", "tar", "dpkg", "libsystemd0", "zlib1g", "ca-certificates")
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


@dataclass(frozen=True)
class Subject:
    """An image to seed: its name, what it is made of, and how large its base is."""

    name: str
    steps: tuple[tuple[str, str, int, float, int], ...]
    base: str
    base_bytes: int

    @property
    def is_python(self) -> bool:
        return self.steps is PYTHON

    @property
    def shipped(self) -> str:
        """The stage that is the image."""
        return self.steps[-1][0]


@dataclass(frozen=True)
class State:
    """What an image is at one time: how often it changed, and the bytes by which it grew since."""

    version: int = 0
    grown: int = 0
    ran: int = 0  # the first step that ran to make it


def subjects(count: int) -> tuple[Subject, ...]:
    """The images, Python and Node in turns."""
    names = [*NAMES, *(f"service-{number}" for number in range(len(NAMES) + 1, count + 1))][:count]
    node, python = ("node:20-alpine", 196_175_402), ("python:3.12-slim", 114_947_213)
    return tuple(
        Subject(name, NODE if at % 2 else PYTHON, *(node if at % 2 else python)) for at, name in enumerate(names)
    )


def seed(settings: Config, *, images: int = 4, builds: int = 300) -> None:
    """Write `builds` builds of `images` images, a run of all images at a time, and the reports of the last of them.

    In the newest run the second image fails with a log; so does one in forty of the others, in some run.
    """
    chance, named = random.Random(20260102), subjects(images)
    runs = max(1, -(-builds // images))
    states, batch, made = dict.fromkeys(named, State()), list[Build](), dict[str, Anatomy]()
    for run in range(runs):
        is_last = run == runs - 1
        present = named[: builds - run * images]
        for subject in present:
            before = states[subject]
            states[subject] = now = _next(before, chance, is_first=run == 0)
            one = _build(subject, now, run, runs, chance, failed=_fails(present, subject, is_last, chance))
            batch.append(one)
            if one.outcome == "done" and one.digest:
                made.setdefault(one.digest, _anatomy(subject, now))
        if run >= runs - EXPLAINED or len(batch) >= BATCH * images:
            rested = {one.image: _kept(one, run, images) for one in batch} if run >= runs - EXPLAINED else None
            ledger.append(settings, batch, taken_apart=made, grounds=rested)
            batch, made = [], {}
    for kind, name, body in seeding_reports.bodies(settings, [one.name for one in named]):
        reports.put(settings, kind, body, name=name, made=NEWEST.isoformat(timespec="seconds"))


def _next(state: State, chance: random.Random, *, is_first: bool) -> State:
    """Most builds change nothing; some a source, few the dependencies."""
    at = chance.random()
    if is_first:
        return State(1, 0, 1)
    if at < 0.7:
        return replace(state, ran=-1)
    if at < 0.95:
        return State(state.version + 1, max(0, state.grown + chance.randrange(-2_000, 6_000)), 3)
    return State(state.version + 1, max(0, state.grown + chance.randrange(-250_000, 600_000)), 1)


def _fails(present: Sequence[Subject], subject: Subject, is_last: bool, chance: random.Random) -> bool:
    if is_last:
        return subject is present[min(1, len(present) - 1)]
    return not subject.is_python and chance.random() < 1 / 40


def _build(subject: Subject, state: State, run: int, runs: int, chance: random.Random, *, failed: bool) -> Build:
    detail = tuple(_failing(_steps(subject, state, chance)) if failed else _steps(subject, state, chance))
    scenario = "dev" if run % 29 == 28 and not failed and run < runs - 1 else "build"
    commit = _digest("commit", str(run // COMMITS_APART))[:40]
    sizes = _sizes(subject, state)
    ran = sum(step.seconds for step in detail)
    return Build(
        image=subject.name,
        tag=f"drydock/{subject.name}:local",
        started=(NEWEST - APART * (runs - 1 - run)).isoformat(timespec="milliseconds"),
        commit=commit,
        dirty=run % COMMITS_APART != 0,
        platform="linux/amd64",
        engine="26.1.5+dfsg1",
        store="overlay2",
        bases=(
            {
                "name": subject.base,
                "reference": f"drydock/base-{subject.base.replace(':', '-')}:local",
                "origin": "standin",
                "digest": f"sha256:{_digest('base', subject.base)}",
                "note": "built from packages",
            },
        ),
        standin=True,
        outcome="failed" if failed else "done",
        seconds=round(0.2 + ran, 3),
        steps=len(detail),
        cached=sum(step.cached for step in detail),
        context_bytes=0 if state.ran < 0 else chance.randrange(2_000, 400_000),
        pull_bytes=None if failed else sum(map(_packed, sizes)),
        disk_bytes=None if failed else sum(sizes),
        layers=None if failed else len(sizes),
        digest=None if failed else f"sha256:{_digest(subject.name, str(state.version))}",
        scenario=scenario,
        export_seconds=None if failed else round(0.05 + 0.02 * ran, 3),
        detail=detail,
    )


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


def _shipped(subject: Subject) -> Iterator[tuple[str, str, int, float, int]]:
    return (one for one in subject.steps if one[0] == subject.shipped and one[4])


def _anatomy(subject: Subject, state: State) -> Anatomy:
    """Layers of the base and of the image's own steps, and the parts that these sum to."""
    sizes = _sizes(subject, state)
    layers = [
        Share(f"sha256:{_digest(subject.base, str(at))}", "", "", size, _packed(size), base=True)
        for at, size in enumerate(sizes[:BASE_LAYERS])
    ]
    parts = [*_parts(Sort.APT, APT, subject.base_bytes, "", base=True)]
    for at, (stage, instruction, line, *_) in enumerate(_shipped(subject)):
        size = sizes[BASE_LAYERS + at]
        version = str(state.version) if at else str(state.grown)
        name = f"sha256:{_digest(subject.name, instruction, version)}"
        layers.append(Share(name, instruction, stage, size, _packed(size), base=False, line=line))
        if at:
            parts.append(Part(Sort.FILE, f"srv/{stage}/bundle", "", size, base=False))
        else:
            kind, names = (Sort.PIP, PIP) if subject.is_python else (Sort.NPM, NPM)
            parts += _parts(kind, names, size, str(state.grown // 100_000), base=False)
    return Anatomy(tuple(layers), tuple(sorted(parts, key=lambda one: -one.disk_bytes)), 0)


def _sizes(subject: Subject, state: State) -> list[int]:
    """Bytes of each layer, those of the base first; what an image grew by is in its packages."""
    quarter, rest = divmod(subject.base_bytes, BASE_LAYERS)
    own = [size for *_, size in _shipped(subject)]
    return [quarter + rest, *[quarter] * (BASE_LAYERS - 1), own[0] + state.grown, *own[1:]]


def _packed(size: int) -> int:
    return size * 37 // 100


def _parts(kind: Sort, names: Sequence[str], size: int, version: str, *, base: bool) -> Iterator[Part]:
    """Packages, each half as large as the one before it, and what is left of `size` as other files."""
    left = size
    for at, name in enumerate(names):
        share = left // 3
        left -= share
        yield Part(kind, name, f"{at}.{version or 4}.2", share, base)
    yield Part(Sort.REST, REST, "", left, base)


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
    digest = _digest("grounds", build.image)
    return Kept(digest, {digest: grounds.write(Grounds("seeded", "seeded", ()))}, (), why.document())


def _digest(*words: str) -> str:
    return hashlib.sha256("\0".join(words).encode()).hexdigest()


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
