"""What builds take after edits: saved runs with their medians and spread."""

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from app.ledger import reports
from app.ledger.documents import Scenarios, Timed, Variant
from app.ledger.reading import Ledger
from app.ledger.reports import Report

PLAN, BASELINE = "plan", "baseline"
SOURCE_EDIT = "source edit"


@dataclass(frozen=True)
class Scenario:
    """Seconds of each run, and of the steps how many there are and how many ran, in the run that had most of them."""

    scenario: str
    seconds: tuple[float, ...]
    median: float
    low: float
    high: float
    ran: int
    steps: int


@dataclass(frozen=True)
class Image:
    """One variant of an image: what it weighs, and what its builds took."""

    image: str
    variant: str
    disk_bytes: int | None
    pull_bytes: int | None
    own_bytes: int | None
    scenarios: tuple[Scenario, ...]


@dataclass(frozen=True)
class Saved:
    """One saved run, and what it was measured on."""

    name: str
    made: str
    command: str
    machine: str
    commit: str | None
    dirty: bool
    runs: int
    standin: bool
    images: tuple[Image, ...]


def listed(ledger: Ledger) -> tuple[Saved, ...]:
    """Each saved run, the newest first."""
    return tuple(_saved(report) for report in reports.scenarios(ledger))


def reruns(ledger: Ledger) -> dict[str, int]:
    """By image how many steps ran after a source edit, in the newest saved run that has it."""
    found: dict[str, int] = {}
    for report in reports.scenarios(ledger):
        for name, variants in report.body.images.items():
            edited = variants[PLAN].scenarios.get(SOURCE_EDIT) if PLAN in variants else None
            if edited and edited.steps:
                found.setdefault(name, edited.ran)
    return found


def _saved(report: Report[Scenarios]) -> Saved:
    told = {**vars(report.body), "images": tuple(_images(report.body))}
    return Saved(name=report.name, made=report.made, **told)


def _images(told: Scenarios) -> Iterator[Image]:
    for name, variants in told.images.items():
        for which in (PLAN, BASELINE):
            if which in variants:
                held = variants[which]
                yield Image(name, which, held.disk_bytes, held.pull_bytes, held.own_bytes, _timings(held))


def _timings(held: Variant) -> tuple[Scenario, ...]:
    return tuple(_timing(name, timed) for name, timed in held.scenarios.items() if timed.seconds)


def _timing(name: str, timed: Timed) -> Scenario:
    seconds = timed.seconds
    total = max((len(run) for run in timed.steps), default=0)
    return Scenario(name, seconds, median(seconds), min(seconds), max(seconds), timed.ran, total)
