"""Whether cache mounts that are carried from one engine to the next save more than carrying them takes.

Cache mounts are emptied, as they are on a new engine, or taken out of a build into an archive and put in again; then an
edit of the lock makes the install step run. Run it on a quiet machine, as root: python bench/mounts.py --runs 3
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from drydock import command, config  # noqa: E402
from drydock.bases import bases, outside  # noqa: E402
from drydock.config import Config  # noqa: E402
from drydock.engines import engine, fresh, scratch  # noqa: E402
from drydock.engines.engine import Engine  # noqa: E402
from drydock.events import silent  # noqa: E402
from drydock.measures import asked, capture, evidence, mount_tables  # noqa: E402
from drydock.measures.build import Step  # noqa: E402
from drydock.scenarios import copies, packages, subjects, trial  # noqa: E402
from drydock.scenarios.copies import PLAN, Copy  # noqa: E402
from drydock.scenarios.rounds import Subject  # noqa: E402
from drydock.scenarios.scenario import Scenario  # noqa: E402
from drydock.services import compose  # noqa: E402
from drydock.text import table  # noqa: E402

EDITS = (Scenario.SOURCE, Scenario.DEPENDENCY)
OUT = """FROM {base} AS mount
ARG NOW
RUN --mount=type=cache,target={target} tar --create --file=/mount.tar --directory={target} .
FROM scratch
COPY --from=mount /mount.tar /
"""
IN = """FROM {base}
ARG NOW
RUN --mount=type=cache,target={target} --mount=type=bind,target=/from \\
    tar --extract --file=/from/mount.tar --directory={target}
"""


def main(words: Sequence[str] | None = None) -> int:
    """Measure each image that has a cache mount, and show what was carried and what it saved."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--runs", type=int, default=3, help="how often each is timed (default: 3)")
    parser.add_argument("--save", default="", help="write docs/measurements/NAME.json")
    given = parser.parse_args(words)
    settings = config.load(ROOT, os.environ)
    found = engine.find(settings)
    images, under = compose.images(settings, found.environ), dict[str, Any]()
    with scratch.opened(settings, found, "bench", silent) as place:
        root = place.folder
        copy = copies.make(settings, images, PLAN, root, place.mark)
        names = [image.name for image in images]
        (subject,) = subjects.make(settings, [copy], names, EDITS, asked.platform(found.platforms), [])
        had = bases.resolve(settings, found, outside.named(images), silent)
        under = {base.name: {"name": base.name, "origin": base.origin.value} for base in had}
        archive = fresh.save_bases(found, [base.reference for base in had], root)
        with fresh.started(settings, found.store, archive, place.mark) as (there, beside):
            taken = {name: Carrying(there, beside, subject, name, root).measure(given.runs) for name in names}
    line = f"python bench/mounts.py --runs {given.runs}"
    head = capture.header(settings, found, kind="mounts", command=line, bases=list(under.values()))
    document = {**head, "runs": given.runs, "images": taken}
    sys.stdout.write(table(*mount_tables.rows(document)) + "\n")
    if given.save:
        sys.stdout.write(f"written: {evidence.save(ROOT, given.save, document).relative_to(ROOT)}\n")
    return 0


class Carrying:
    """One image on an engine of its own: its one cache mount is emptied, taken out and put in.

    What needs the mount is timed alone: the stage that installs, and there the step with the mount.
    """

    def __init__(self, settings: Config, found: Engine, subject: Subject, name: str, root: Path) -> None:
        self._settings, self._found, self._subject, self._name = settings, found, subject, name
        self._image = subject.copy.image(name)
        self._folder = root / "carried" / name
        (base,) = bases.resolve(settings, found, outside.named([self._image]), silent)
        self._words = {"base": base.reference, "target": self._target()}

    def measure(self, runs: int) -> dict[str, Any]:
        """Seconds by what was done, one for each run; bytes of the archive; whether a source edit installs again."""
        times: dict[str, list[float]] = {"export": [], "import": [], "empty": [], "carried": []}
        sizes = list[int]()
        self._build(self._subject.copy)
        self._edit(Scenario.SOURCE)
        source = self._build(self._subject.copy)
        stage = self._only(source)
        for version in range(packages.VERSIONS):  # all that dependency edits add is in the mount then
            self._edit(Scenario.DEPENDENCY, version)
            self._build(stage)
        for _ in range(runs):
            times["export"].append(timed(lambda: self._helper(OUT, f"--output=type=local,dest={self._folder}")))
            sizes.append((self._folder / "mount.tar").stat().st_size)
            self._empty()
            self._edit(Scenario.DEPENDENCY)
            times["empty"].append(self._build(stage).seconds)
            self._empty()
            times["import"].append(timed(lambda: self._helper(IN, "--output=type=cacheonly")))
            self._edit(Scenario.DEPENDENCY)
            times["carried"].append(self._build(stage).seconds)
        return {"target": self._words["target"], "bytes": sizes, "source": not source.cached, "seconds": times}

    def _only(self, step: Step) -> Copy:
        """A copy whose image ends at the stage of a step."""
        image = replace(self._image, target=step.stage)
        return replace(self._subject.copy, images=(image,))

    def _target(self) -> str:
        file = self._image.dockerfile.read_text(encoding="utf-8")
        return next(word for word in file.replace(",", " ").split() if word.startswith("target=/root")).partition("=")[
            2
        ]

    def _edit(self, scenario: Scenario, version: int | None = None) -> None:
        self._subject.edits[self._name][scenario].apply(self._image.context, time.time_ns(), version)

    def _build(self, copy: Copy) -> Step:
        """The step with the mount, as it was built."""
        made = trial.build(self._settings, self._found, copy, (self._name,))
        return next(step for step in made.steps[self._name] if "type=cache" in step.instruction)

    def _helper(self, text: str, output: str) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        argv = ["buildx", "build", f"--build-arg=NOW={time.time_ns()}", "--file=-", output, str(self._folder)]
        self._docker(argv, text.format(**self._words))

    def _empty(self) -> None:
        self._docker(["buildx", "prune", "--force", "--all", "--filter=type=exec.cachemount"])

    def _docker(self, words: Sequence[str], text: str = "") -> None:
        done = command.run(["docker", *words], env=self._found.environ, stdin=text)
        if not done.ok:
            raise SystemExit(f"docker {' '.join(words)}: {done.err[-2000:]}")


def timed(act: Callable[[], object]) -> float:
    began = time.monotonic()
    act()
    return time.monotonic() - began


if __name__ == "__main__":
    sys.exit(main())
