"""A capture of kind "services" as rows of text: builds of repositories that grow, beside compose and bake. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from statistics import mean, median
from typing import Any

from drydock.measures.scenario_tables import spread
from drydock.measures.timings import Spread
from drydock.text import human_bytes, human_seconds
from drydock.values import dataclass

Document = Mapping[str, Any]
Row = tuple[str, ...]
Runs = Sequence[Mapping[str, Any]]
OURS, PLAIN = "changed", "build"
TITLES = {
    OURS: "`inv build --changed`",
    "planning": "`inv --dry build --changed`",
    "hashing": "the same, all files hashed",
    "why": "`inv why`",
    PLAIN: "`inv build`",
    "compose": "`docker compose build`",
    "bake": "`docker buildx bake`",
}
LINEAR = (OURS, "planning", "hashing")  # what grows by the line
SCENARIOS = {"no-op": "nothing to do", "edited": "one service edited"}
SECONDS = 3.0  # of `--changed` with nothing to do in the largest repository, at most
MEMORY = 200_000_000  # bytes, at most
BENT = 1.5  # how far the largest repository may lie above the line through the smaller ones
FILLED = 0.8  # of all cores, at least, in a full build of the largest repository, planning and weighing counted in


@dataclass(frozen=True)
class Part:
    """One table."""

    header: Row
    rows: Sequence[Row]


def parts(document: Document) -> Iterator[Part]:
    """Seconds in each scenario, what one more service costs, how full builds fill the cores, and what is held."""
    growth = document["growth"]
    for scenario, title in SCENARIOS.items():
        yield Part((f"services, {title}", *_titles(growth, scenario)), [_timed(one, scenario) for one in growth])
    header = ("command", "scenario", "at once", "for each service", "memory at most")
    yield Part(header, [row for scenario in SCENARIOS for row in _fitted(growth, scenario)])
    yield Part(
        ("services, all steps run", "wall time", "processor time of engine and client", "of all cores"),
        [*map(_full, growth)],
    )
    rows = [(what, seen, allowed, "held" if held else "not held") for what, seen, allowed, held in _limits(growth)]
    yield Part(("what", "measured", "wanted", ""), rows)


def is_held(document: Document) -> bool:
    """Whether all limits are."""
    return all(held for *_, held in _limits(document["growth"]))


def line(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The straight line closest to points (least squares): its value at 0, and what it rises by for each 1."""
    middle, level = mean(x for x, _ in points), mean(y for _, y in points)
    width = sum((x - middle) ** 2 for x, _ in points)
    rise = sum((x - middle) * (y - level) for x, y in points) / width
    return level - rise * middle, rise


def _titles(growth: Sequence[Document], scenario: str) -> Row:
    return tuple(title for name, title in TITLES.items() if name in growth[0][scenario])


def _timed(one: Document, scenario: str) -> Row:
    tools = one[scenario]
    return (str(one["services"]), *(_cell(tools, name) for name in TITLES if name in tools))


def _cell(tools: Mapping[str, Runs], name: str) -> str:
    """Seconds; of what is held against ours also how often ours goes into it, turn by turn."""
    well = [run for run in tools[name] if not run["failed"]]
    lost = len(tools[name]) - len(well)
    failed = f"; {lost} of {len(tools[name])} failed" if lost else ""
    if not well:
        return f"failed {lost} of {lost} times"
    words = spread(Spread(tuple(run["seconds"] for run in well)))
    if name not in (OURS, "planning", "hashing", "why"):
        pairs = zip(tools[OURS], tools[name], strict=True)
        times = Spread(tuple(other["seconds"] / own["seconds"] for own, other in pairs if not other["failed"]))
        words += f", {times.median:.1f} times ours ({times.smallest:.1f} to {times.largest:.1f})"
    return words + failed


def _fitted(growth: Sequence[Document], scenario: str) -> Iterator[Row]:
    for name, title in TITLES.items():
        points = [point for one in growth if (point := _point(one, scenario, name))]
        if len(points) > 1:
            start, rise = line(points)
            most = max(run["memory"] for one in growth for run in one[scenario][name])
            yield title, SCENARIOS[scenario], human_seconds(max(start, 0)), f"{1000 * rise:.1f} ms", human_bytes(most)


def _point(one: Document, scenario: str, name: str) -> tuple[float, float] | None:
    seconds = [run["seconds"] for run in one[scenario].get(name, ()) if not run["failed"]]
    return (one["services"], median(seconds)) if seconds else None


def _full(one: Document) -> Row:
    full = one["full"]
    return str(one["services"]), human_seconds(full["seconds"]), human_seconds(full["busy"]), f"{_filled(one):.0%}"


def _filled(one: Document) -> float:
    full = one["full"]
    return float(full["busy"] / (full["seconds"] * full["cores"]))


def _limits(growth: Sequence[Document]) -> Iterator[tuple[str, str, str, bool]]:
    last = growth[-1]
    at = f"at {last['services']} services"
    for scenario, title in SCENARIOS.items():
        runs = last[scenario][OURS]
        seconds, memory = median(run["seconds"] for run in runs), max(run["memory"] for run in runs)
        if scenario == "no-op":
            yield f"{TITLES[OURS]}, {title}, {at}", f"{seconds:.2f} s", f"under {SECONDS:.0f} s", seconds < SECONDS
        name = f"{TITLES[OURS]}, {title}, memory {at}"
        yield name, human_bytes(memory), f"under {human_bytes(MEMORY)}", memory < MEMORY
        for tool in LINEAR:
            points = [point for one in growth if (point := _point(one, scenario, tool))]
            if len(points) > 2:
                over = _over(points)
                name = f"{TITLES[tool]}, {title}, {at} over the line through the smaller ones"
                yield name, f"{over:.2f}", f"under {BENT:.2f}", over < BENT
    filled = _filled(last)
    yield f"a full build {at}, of all cores", f"{filled:.0%}", f"{FILLED:.0%} or more", filled >= FILLED


def _over(points: Sequence[tuple[float, float]]) -> float:
    """What the largest repository takes, over the straight line through the smaller ones."""
    *smaller, (services, seconds) = points
    start, rise = line(smaller)
    return seconds / (start + rise * services)
