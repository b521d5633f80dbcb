"""The steps of a build as a waterfall: when each began, how long it took, what came from the cache. Pure."""

import re
from collections.abc import Sequence

from drydock.documents import axes, svg
from drydock.text import human_seconds, shortened
from drydock.values import dataclass

WIDTH = 820.0
LEFT = 372.0  # where time begins; stage and instruction stand before it
RIGHT = 76.0
TOP = 78.0
ROW = 20.0
NAME = 50  # signs of a fixed width that fit before LEFT

OPTIONS = re.compile(r"^(RUN)(?: --\w+=\S+| \w+=\S+)+ ")


@dataclass(frozen=True)
class Bar:
    """A step: seconds after the build began, and seconds it took; `critical` if it decided how long the build took."""

    stage: str
    instruction: str
    started: float
    seconds: float
    cached: bool
    critical: bool


def waterfall(title: str, caption: str, bars: Sequence[Bar]) -> str:
    """A row for each step in order of its start: cached ones muted, the critical path in another colour and marked."""
    ordered = sorted(bars, key=lambda bar: (bar.started, bar.started + bar.seconds))
    axis = axes.linear(max(bar.started + bar.seconds for bar in ordered), LEFT, WIDTH - LEFT - RIGHT)
    end = TOP + ROW * len(ordered)
    out = [svg.line(axis.at(tick), TOP - 6, axis.at(tick), end + 2, "grid") for tick in axis.ticks]
    for number, bar in enumerate(ordered):
        y = TOP + ROW * number
        kind = "muted" if bar.cached else "before" if bar.critical else "after"
        stop = axis.at(bar.started + bar.seconds)
        out.append(svg.text(28, y + 12, name(bar), "faint code" if bar.cached else "ink code"))
        out.append(svg.rect(axis.at(bar.started), y + 2, stop - axis.at(bar.started), 12, kind))
        out.append(svg.text(stop + 6, y + 12, took(bar), "faint value" if bar.cached else "ink value"))
        if bar.critical:
            out.append(svg.diamond(19, y + 8, 4, "before"))
    out += [svg.text(axis.at(tick), end + 18, f"{tick:g} s", "faint small middle") for tick in axis.ticks]
    out.append(svg.text(16, end + 42, caption, "faint small"))
    return svg.picture(title, described(bars), WIDTH, end + 56, [*_head(title), *out])


def described(bars: Sequence[Bar]) -> str:
    """What the picture shows, in one sentence: how many steps, and those that decided how long it took."""
    cached = sum(bar.cached for bar in bars)
    path = [f"{name(bar)} ({took(bar)})" for bar in bars if bar.critical]
    last = f" The critical path: {', then '.join(path)}." if path else ""
    return f"{len(bars)} steps, {cached} of them from the cache.{last}"


def name(bar: Bar) -> str:
    """Stage and instruction, cut to what fits; the mounts and variables of a RUN stand before what it runs."""
    said = OPTIONS.sub(r"\1 ", bar.instruction)
    return shortened(f"{bar.stage}: {said}" if bar.stage else said, NAME)


def took(bar: Bar) -> str:
    """Seconds, or that nothing ran."""
    return "cached" if bar.cached else human_seconds(bar.seconds)


def _head(title: str) -> list[str]:
    return [
        svg.text(16, 28, title, "ink title"),
        svg.diamond(22, 47, 5, "before"),
        svg.text(32, 51, "on the critical path", "ink small"),
        svg.rect(150, 42, 18, 10, "after"),
        svg.text(174, 51, "ran beside it", "ink small"),
        svg.rect(258, 42, 18, 10, "muted"),
        svg.text(282, 51, "from the cache", "ink small"),
    ]
