"""What a build tells while it goes on: steps that end, what they print, warnings, how far each image is. Pure."""

from drydock.measures.build import Step
from drydock.values import dataclass


@dataclass(frozen=True)
class Finished:
    """A step ended."""

    step: Step


@dataclass(frozen=True)
class Output:
    """Lines that a running step printed, and when, in seconds since the epoch; 0 where the engine does not tell."""

    image: str
    stage: str
    lines: tuple[str, ...]
    at: float = 0.0


@dataclass(frozen=True)
class Warned:
    """The engine warns about a Dockerfile, or found no cache where one was to be imported."""

    text: str


@dataclass(frozen=True)
class Running:
    """How far one image is: its current step, steps seen, done and from the cache, and seconds expected in all.

    `expected` is None where earlier builds say nothing; `over` marks an image that is exported.
    """

    image: str
    step: str
    total: int
    done: int
    cached: int
    expected: float | None
    over: bool


@dataclass(frozen=True)
class Snapshot:
    """How far every image is, `elapsed` seconds after the build began."""

    images: tuple[Running, ...]
    elapsed: float
