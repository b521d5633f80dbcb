"""Before and after as pictures: sizes as bars, times on a log axis with every run and the spread. Pure."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from statistics import median
from typing import TypeVar

from drydock.documents import axes, svg
from drydock.documents.axes import Axis
from drydock.text import human_bytes, human_seconds, ratio
from drydock.values import dataclass

WIDTH = 820.0
LEFT = 150.0  # where values begin; the names stand before it
RIGHT = 130.0  # left free for what a bar or a run says
TOP = 74.0
HEADING, ROW, GAP = 26.0, 40.0, 8.0
LEAST = 0.001  # seconds; a log axis has no nothing


@dataclass(frozen=True)
class Pair:
    """What was measured once before (None where it was not) and once after: bytes of an image."""

    group: str
    name: str
    before: float | None
    after: float


@dataclass(frozen=True)
class Runs:
    """What was measured in several runs, seconds each; `before` is empty where there was no before."""

    group: str
    name: str
    before: tuple[float, ...]
    after: tuple[float, ...]


Row = TypeVar("Row", bound=Pair | Runs)


def sizes(title: str, caption: str, pairs: Sequence[Pair]) -> str:
    """Bars from nothing, before above after, each with its size; behind after, in brackets, after / before."""
    axis = axes.linear(max(max(pair.before or 0, pair.after) for pair in pairs), LEFT, WIDTH - LEFT - RIGHT)

    def marks(pair: Pair, y: float) -> Iterator[str]:
        rows = [("before", pair.before, y), ("after", pair.after, y + 17)]
        for kind, size, top in rows:
            if size is None:
                continue
            share = f"  ({ratio(pair.after, pair.before)})" if kind == "after" and pair.before else ""
            yield svg.rect(axis.left, top, axis.at(size) - axis.left, 14, kind)
            yield svg.text(axis.at(size) + 6, top + 11, human_bytes(size) + share, "ink value")

    return _chart(title, caption, described(pairs), pairs, axis, human_bytes, marks)


def times(title: str, caption: str, found: Sequence[Runs]) -> str:
    """A mark at each median on a line from the fastest to the slowest run, with every run as a dot, on a log axis."""
    every = [max(second, LEAST) for runs in found for second in (*runs.before, *runs.after)]
    axis = axes.log(min(every), max(every), LEFT, WIDTH - LEFT - RIGHT)

    def marks(runs: Runs, y: float) -> Iterator[str]:
        for kind, seconds, middle in (("before", runs.before, y + 7), ("after", runs.after, y + 24)):
            if not seconds:
                continue
            share = f"  ({ratio(median(runs.after), median(runs.before))})" if kind == "after" and runs.before else ""
            first, last = axis.at(min(seconds)), axis.at(max(seconds))
            yield svg.line(first, middle, last, middle, f"{kind}-line")
            yield from (svg.line(end, middle - 4, end, middle + 4, f"{kind}-line") for end in (first, last))
            yield from (svg.dot(axis.at(second), middle, 2.5, f"{kind} run") for second in seconds)
            yield (svg.diamond if kind == "before" else svg.dot)(axis.at(median(seconds)), middle, 5, kind)
            yield svg.text(last + 9, middle + 4, human_seconds(median(seconds)) + share, "ink value")

    return _chart(title, caption, described(found), found, axis, lambda tick: f"{tick:g} s", marks)


def described(found: Sequence[Pair] | Sequence[Runs]) -> str:
    """The figures of a picture in one sentence, for those who do not see it."""
    said = []
    for one in found:
        if isinstance(one, Pair):
            before, after = "" if one.before is None else human_bytes(one.before), human_bytes(one.after)
        else:
            before = human_seconds(median(one.before)) if one.before else ""
            after = human_seconds(median(one.after))
        said.append(f"{one.group}, {one.name}: {f'{before} before, {after} after' if before else after}")
    return "; ".join(said) + "."


def _chart(
    title: str,
    caption: str,
    description: str,
    found: Sequence[Row],
    axis: Axis,
    shown: Callable[[float], str],
    marks: Callable[[Row, float], Iterator[str]],
) -> str:
    """Names to the left under the image they belong to, the axis below, the legend above."""
    out: list[str] = []
    y = TOP
    for group, rows in groupby(found, key=lambda row: row.group):
        out.append(svg.text(16, y + 14, group, "ink strong"))
        y += HEADING
        for row in rows:
            out += [svg.text(axis.left - 10, y + 20, row.name, "ink end"), *marks(row, y)]
            y += ROW
        y += GAP
    lines = [svg.line(axis.at(tick), TOP + 4, axis.at(tick), y, "grid") for tick in axis.ticks]
    words = [svg.text(axis.at(tick), y + 17, shown(tick), "faint small middle") for tick in axis.ticks]
    head = _head(title, both=any(row.before for row in found))
    foot = svg.text(16, y + 42, caption, "faint small")
    return svg.picture(title, description, WIDTH, y + 56, [*head, *lines, *out, *words, foot])


def _head(title: str, *, both: bool) -> list[str]:
    """The title, and what the marks mean where there are two kinds."""
    out = [svg.text(16, 28, title, "ink title")]
    if both:
        out += [svg.diamond(22, 47, 5, "before"), svg.text(32, 51, "before", "ink small")]
        out += [svg.dot(84, 47, 5, "after"), svg.text(94, 51, "after, with after / before in brackets", "ink small")]
    return out
