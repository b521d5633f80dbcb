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
Limit = tuple[str, str, str, bool]  # what, measured, wanted, whether it is held
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
PEERS = ("compose", "bake")
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
    well = _well(tools[name])
    lost = len(tools[name]) - len(well)
    failed = f"; {lost} of {len(tools[name])} failed" if lost else ""
    if not well:
        return f"failed {lost} of {lost} times"
    words = spread(Spread(tuple(run["seconds"] for run in well)))
    if name not in (OURS, "planning", "hashing", "why"):
        pairs = [(own["seconds"], other["seconds"]) for own, other in _paired(tools[OURS], tools[name])]
        if pairs:
            times = Spread(tuple(other / own for own, other in pairs))
            words += f", {times.median:.1f} times ours ({times.smallest:.1f} to {times.largest:.1f})"
    return words + failed


def _paired(ours: Runs, others: Runs) -> Iterator[Runs]:
    """The turns in which neither failed."""
    return (pair for pair in zip(ours, others, strict=True) if not any(run["failed"] for run in pair))


def _well(runs: Runs) -> Runs:
    return [run for run in runs if not run["failed"]]


def _fitted(growth: Sequence[Document], scenario: str) -> Iterator[Row]:
    for name, title in TITLES.items():
        points = [point for one in growth if (point := _point(one, scenario, name))]
        if len(points) > 1:
            start, rise = line(points)
            most = max(run["memory"] for one in growth for run in _well(one[scenario].get(name, ())))
            yield title, SCENARIOS[scenario], human_seconds(max(start, 0)), f"{1000 * rise:.1f} ms", human_bytes(most)


def _point(one: Document, scenario: str, name: str) -> tuple[float, float] | None:
    seconds = [run["seconds"] for run in _well(one[scenario].get(name, ()))]
    return (one["services"], median(seconds)) if seconds else None


def _full(one: Document) -> Row:
    full = one["full"]
    return str(one["services"]), human_seconds(full["seconds"]), human_seconds(full["busy"]), f"{_filled(one):.0%}"


def _filled(one: Document) -> float:
    full = one["full"]
    return float(full["busy"] / (full["seconds"] * full["cores"]))


def _limits(growth: Sequence[Document]) -> Iterator[Limit]:
    last = growth[-1]
    at = f"at {last['services']} services"
    for scenario, title in SCENARIOS.items():
        yield from _largest(last, scenario, f"{TITLES[OURS]}, {title}")
        for tool in LINEAR:
            if (over := _over(growth, scenario, tool)) is not None:
                name = f"{TITLES[tool]}, {title}, {at} over the line through the smaller ones"
                yield name, f"{over:.2f}", f"under {BENT:.2f}", over < BENT
    filled = _filled(last)
    yield f"a full build {at}, of all cores", f"{filled:.0%}", f"{FILLED:.0%} or more", filled >= FILLED
    failed = sum(run["failed"] for one in growth for run in _ours(one))
    yield "runs of ours that failed", str(failed), "0", failed == 0


def _largest(last: Document, scenario: str, name: str) -> Iterator[Limit]:
    """What ours takes in the largest repository; nothing where all its runs failed, which is counted apart."""
    if not (runs := _well(last[scenario][OURS])):
        return
    at = f"at {last['services']} services"
    seconds, memory = median(run["seconds"] for run in runs), max(run["memory"] for run in runs)
    if scenario == "no-op":
        yield f"{name}, {at}", f"{seconds:.2f} s", f"under {SECONDS:.0f} s", seconds < SECONDS
    yield f"{name}, memory {at}", human_bytes(memory), f"under {human_bytes(MEMORY)}", memory < MEMORY


def _ours(one: Document) -> Iterator[Mapping[str, Any]]:
    """Every run of ours in a repository, whether held against another tool or not."""
    return (run for scenario in SCENARIOS for name, runs in one[scenario].items() if name not in PEERS for run in runs)


def _over(growth: Sequence[Document], scenario: str, tool: str) -> float | None:
    """What the largest repository takes, over the straight line through the smaller ones; None without either."""
    *smaller, last = (_point(one, scenario, tool) for one in growth)
    points = [*filter(None, smaller)]
    if last is None or len(points) < 2:
        return None
    services, seconds = last
    start, rise = line(points)
    return seconds / (start + rise * services)
