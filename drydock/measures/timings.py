"""Repeated builds of scenarios, as a capture holds them: spreads, outliers, steps that ran. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Any

from drydock.values import dataclass

NO_OP, SOURCE, COLD = "no-op", "source edit", "cold"
FEWEST = 5  # runs from which on an outlier can be told
FAR = 3.5  # how far from the median, in units of the median distance scaled to a standard deviation
SCALE = 0.6745
NOTICEABLE = 0.05  # of the median: what is nearer is no outlier, however steady the others are
FLAGS = re.compile(r"^(\w+)((?:\s+--[a-z]\S*)+)\s+")
RULE = (
    f"An outlier, told from {FEWEST} runs on, lies further from the median than {FAR} times the median distance "
    f"divided by {SCALE}, and by more than {NOTICEABLE:.0%} of the median. It stays in the figures."
)

Document = Mapping[str, Any]
Raw = Mapping[str, Any]


@dataclass(frozen=True)
class Spread:
    """Seconds of repeated runs, in their order."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        return median(self.seconds)

    @property
    def smallest(self) -> float:
        return min(self.seconds)

    @property
    def largest(self) -> float:
        return max(self.seconds)

    @property
    def width(self) -> float:
        """From the smallest to the largest."""
        return self.largest - self.smallest

    @property
    def outliers(self) -> tuple[int, ...]:
        """Which runs, from 1 on, are outliers by RULE."""
        middle = self.median
        away = [abs(one - middle) for one in self.seconds]
        limit = max(FAR * median(away) / SCALE, NOTICEABLE * middle)
        return tuple(at for at, one in enumerate(away, 1) if one > limit) if len(away) >= FEWEST else ()


@dataclass(frozen=True)
class Ran:
    """A step that ran in `times` of the runs, and the median seconds it then took."""

    stage: str
    instruction: str
    times: int
    seconds: float


@dataclass(frozen=True)
class Timing:
    """One scenario of one variant of an image: seconds and steps of each run.

    `bundler` is how long the bundler's process took, run by run; empty where there is none.
    """

    image: str
    variant: str
    scenario: str
    spread: Spread
    steps: tuple[tuple[Raw, ...], ...]
    bundler: tuple[float, ...] = ()

    @property
    def ran(self) -> tuple[Ran, ...]:
        """The steps that ran in any run, in the order of the Dockerfile."""
        took: dict[tuple[str, str], list[float]] = {}
        for run in self.steps:
            for step in run:
                if not step["cached"]:
                    took.setdefault((step["stage"], step["instruction"]), []).append(step["seconds"])
        order = list(dict.fromkeys((step["stage"], step["instruction"]) for run in self.steps for step in run))
        return tuple(Ran(*key, len(took[key]), median(took[key])) for key in order if key in took)

    @property
    def again(self) -> float:
        """How many steps ran: the median over the runs."""
        return median([sum(not step["cached"] for step in run) for run in self.steps]) if self.steps else 0

    @property
    def total(self) -> int:
        """How many steps the build has."""
        return max((len(run) for run in self.steps), default=0)


def each(document: Document) -> Iterator[Timing]:
    """Every timing of a capture, image by image and scenario by scenario, with its variants beside each other."""
    for image, variants in document["images"].items():
        names = dict.fromkeys(name for variant in variants.values() for name in variant["scenarios"])
        for scenario in names:
            for variant, held in variants.items():
                if scenario in held["scenarios"]:
                    yield timing(image, variant, scenario, held["scenarios"][scenario])


def timing(image: str, variant: str, scenario: str, raw: Raw) -> Timing:
    """One timing from its raw form."""
    steps = tuple(tuple(run) for run in raw.get("steps", ()))
    bundler = tuple(raw.get("bundler", ()))
    return Timing(image, variant, scenario, Spread(tuple(raw["seconds"])), steps, bundler)


def find(document: Document, image: str, variant: str, scenario: str) -> Timing | None:
    """One timing of a capture, if it has it."""
    raw = document["images"].get(image, {}).get(variant, {}).get("scenarios", {}).get(scenario)
    return timing(image, variant, scenario, raw) if raw else None


def bare(instruction: str) -> str:
    """An instruction without its flags: what it does, however its mounts are written."""
    return " ".join(FLAGS.sub(r"\1 ", instruction).split())


def over_nothing(document: Document, image: str, variant: str) -> float | None:
    """By how many seconds a build after a source edit takes longer than one with nothing to do; of the medians."""
    edited, idle = (find(document, image, variant, name) for name in (SOURCE, NO_OP))
    return edited.spread.median - idle.spread.median if edited and idle else None


def over_bundler(document: Document, image: str, variant: str) -> float | None:
    """By how many seconds a build after a source edit takes longer than its bundler; the median over the runs."""
    edited = find(document, image, variant, SOURCE)
    if edited is None or not edited.bundler:
        return None
    return median([whole - own for whole, own in zip(edited.spread.seconds, edited.bundler, strict=True)])


def together(document: Document, variant: str) -> float | None:
    """What building all images at once takes, in units of the slowest of them alone; of the medians."""
    at_once: Sequence[float] = document.get("together", {}).get(variant, {}).get("seconds", ())
    alone = [found.spread.median for image in document["images"] if (found := find(document, image, variant, COLD))]
    return median(at_once) / max(alone) if at_once and alone else None
