"""Two commands timed pair by pair in one run, so that what else the machine does falls on both."""

import shlex
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from drydock.command import Result
from drydock.text import table

WARM_UPS = 2


@dataclass(frozen=True)
class Pairs:
    """Seconds of the bare command and of ours, taken in turns; `allowed` is how much more ours may take."""

    name: str
    title: str
    bare: tuple[float, ...]
    ours: tuple[float, ...]
    allowed: float

    @property
    def differences(self) -> list[float]:
        return [ours - bare for bare, ours in zip(self.bare, self.ours, strict=True)]

    @property
    def is_held(self) -> bool:
        return median(self.differences) <= self.allowed


def measure(
    name: str,
    title: str,
    bare: Callable[[], Result],
    ours: Callable[[], Result],
    count: int,
    *,
    allowed: float,
    bare_fails: bool = False,
) -> Pairs:
    """Take `count` pairs; which of the two comes first changes, so that neither profits from the order."""
    times: tuple[list[float], list[float]] = ([], [])
    both = ((0, bare, bare_fails), (1, ours, False))
    for number in range(count + WARM_UPS):
        for at, run, may_fail in both if number % 2 else both[::-1]:
            began = time.perf_counter()
            result = run()
            seconds = time.perf_counter() - began
            if not (result.ok or may_fail):
                raise SystemExit(f"{shlex.join(result.argv)}: {result.last_words}")
            if number >= WARM_UPS:
                times[at].append(round(seconds, 4))
    return Pairs(name, title, tuple(times[0]), tuple(times[1]), allowed)


def as_table(found: Sequence[Pairs]) -> str:
    """Medians, and the median difference with its smallest and largest value."""
    header = ("what", "bare", "ours", "more", "from", "to", "ratio", "allowed", "")
    rows = []
    for pairs in found:
        more, bare, ours = pairs.differences, median(pairs.bare), median(pairs.ours)
        figures = [f"{value:.3f} s" for value in (bare, ours, median(more), min(more), max(more))]
        verdict = "held" if pairs.is_held else "NOT held"
        rows.append((pairs.title, *figures, f"{ours / bare:.2f}", f"{pairs.allowed:.2f} s", verdict))
    return table(header, rows, right=range(1, 8))
