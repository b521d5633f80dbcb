"""Axes: where a value stands, and which values are worth a line. Pure."""

import math

from drydock.values import dataclass

MOST_TICKS = 10  # words side by side below a picture


@dataclass(frozen=True)
class Axis:
    """Values from `low` to `high` over `width` points from `left`; on a log axis equal lengths are equal ratios."""

    low: float
    high: float
    left: float
    width: float
    ticks: tuple[float, ...]
    is_log: bool = False

    def at(self, value: float) -> float:
        """The place of a value; what lies outside stands at the end."""
        value = min(max(value, self.low), self.high)
        if self.is_log:
            share = math.log10(value / self.low) / math.log10(self.high / self.low)
        else:
            share = (value - self.low) / (self.high - self.low)
        return self.left + self.width * share


def linear(most: float, left: float, width: float) -> Axis:
    """From nothing to at least `most`, with a handful of lines at round values."""
    most = most if most > 1e-9 else 1.0
    step = next(value for value in _rounds(most / 100, most) if most / value <= 5)
    count = math.ceil(most / step)
    return Axis(0.0, step * count, left, width, tuple(step * i for i in range(count + 1)))


def log(least: float, most: float, left: float, width: float) -> Axis:
    """From a round value at or below `least` (more than 0) to one at or above `most`, with lines at round values."""
    ticks = _rounds(least, most)
    if len(ticks) > MOST_TICKS:
        ticks = [tick for tick in ticks if f"{tick:e}".startswith("1.0")]
        ticks = [
            *([] if ticks[0] <= least else [ticks[0] / 10]),
            *ticks,
            *([] if ticks[-1] >= most else [ticks[-1] * 10]),
        ]
    return Axis(ticks[0], ticks[-1], left, width, tuple(ticks), is_log=True)


def _rounds(low: float, high: float) -> list[float]:
    """1, 2 and 5 times powers of ten: from the last at or below `low` to the first at or above `high`, two at least."""
    first, last = math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 1
    values = [float(f"{digit}e{power}") for power in range(first, last + 1) for digit in (1, 2, 5)]
    start = max(i for i, value in enumerate(values) if value <= low)
    end = min(i for i, value in enumerate(values) if value >= high)
    return values[start : max(end, start + 1) + 1]
