"""What the reports of commands say, as values."""

from dataclasses import dataclass
from typing import Annotated, Literal

from app.shapes import Under
from app.veil import hide

Cached = Annotated[bool, Under("cached")]


@dataclass(frozen=True)
class Fix:
    """A fix as a diff."""

    safe: bool
    diff: Annotated[str, hide]


@dataclass(frozen=True)
class Finding:
    """What a rule found; `declined` says why it is not fixed."""

    code: str
    severity: Literal["error", "warning", "note"]
    path: str
    line: int
    column: int
    message: Annotated[str, hide]
    images: tuple[str, ...]
    fix: Fix | None = None
    declined: str | None = None


@dataclass(frozen=True)
class Audit:
    """What the last audit found."""

    commit: str | None
    dirty: bool
    fails_from: str | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Check:
    """One verdict on the machine."""

    check: str
    state: Literal["ok", "warn", "fail"]
    seen: Annotated[str, hide]
    remedy: str | None
    can_fix: bool


@dataclass(frozen=True)
class Doctor:
    """The verdicts on the machine, and the exit code they gave."""

    code: int
    checks: tuple[Check, ...]


@dataclass(frozen=True)
class Budget:
    """A limit: bytes, or a number of steps; `against` is what growth is measured against."""

    figure: Literal["pull", "disk", "own", "growth", "source-edit-steps"]
    soft: float | None
    hard: float | None
    against: str


@dataclass(frozen=True)
class Main:
    """The builds that a change is compared with, by image."""

    branch: str
    builds: dict[str, int]


@dataclass(frozen=True)
class Timed:
    """Seconds of each run of a scenario, and of each of its steps whether it came from the cache."""

    seconds: tuple[float, ...]
    steps: tuple[tuple[Cached, ...], ...] = ()

    @property
    def ran(self) -> int:
        """How many steps ran, in the run that had most of them."""
        return max((sum(not cached for cached in run) for run in self.steps), default=0)


@dataclass(frozen=True)
class Variant:
    """An image as it is, or as it was before it was optimised: what it weighs, and its scenarios."""

    scenarios: dict[str, Timed]
    disk_bytes: int | None = None
    pull_bytes: int | None = None
    own_bytes: int | None = None


@dataclass(frozen=True)
class Scenarios:
    """A capture of timed builds, by image and variant."""

    command: str
    machine: str
    images: dict[str, dict[str, Variant]]
    commit: str | None = None
    dirty: bool = False
    standin: bool = False
    runs: int = 0


@dataclass(frozen=True)
class Kept:
    """A finding whose fix was kept."""

    code: str
    path: str
    message: str
    line: int | None = None


@dataclass(frozen=True)
class Refused:
    """A finding whose fix was not, and why."""

    code: str
    path: str
    message: str
    reason: str
    line: int | None = None


@dataclass(frozen=True)
class Change:
    """A figure before and after, in words; `better` is None where the difference means nothing."""

    what: str
    before: str
    after: str
    better: bool | None


@dataclass(frozen=True)
class Changed:
    """What changed of an image."""

    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Proof:
    """What came of a proof."""

    level: str
    images: dict[str, Changed]
    kept: tuple[Kept, ...]
    taken_back: tuple[Refused, ...]
    not_tried: tuple[Refused, ...]
    unestablished: tuple[str, ...]
    commit: str | None = None
    dirty: bool = False
    diff: Annotated[str, hide] = ""
