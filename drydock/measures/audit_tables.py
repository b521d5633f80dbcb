"""A capture of kind "audit" as rows of text: the audit beside other tools, and on repositories that grow. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Any

from drydock.measures.scenario_tables import spread
from drydock.measures.timings import Spread
from drydock.text import human_bytes
from drydock.values import dataclass

Document = Mapping[str, Any]
Row = tuple[str, ...]
OURS, PEER = "drydock", "hadolint"
TIMES = 3.0  # how often our time must go into the peer's, at least
SECONDS = 5.0  # of the largest repository, at most
MEMORY = 150_000_000  # bytes, at most
BENT = 1.25  # how far the time of a service may grow from the smallest repository to the largest


@dataclass(frozen=True)
class Part:
    """One table."""

    header: Row
    rows: Sequence[Row]


def parts(document: Document) -> Iterator[Part]:
    """The tables: tools on the same files, what grows with the services, and what is held."""
    yield Part(("tool", "wall time", "in units of ours", "processor time", "in units of ours"), [*_tools(document)])
    header = ("services", "audit", "a service", "memory at most", "audit with safe fixing", "a service", "at most")
    yield Part(header, [*map(_grown, document["growth"])])
    rows = [(what, seen, allowed, "held" if held else "not held") for what, seen, allowed, held in _limits(document)]
    yield Part(("what", "measured", "wanted", ""), rows)


def told(document: Document) -> str:
    """Which files the tools read."""
    files = document["files"]
    lines = f"{files['lines']:,} lines, {files['median']:g} in the median one"
    return f"{files['count']} distinct Dockerfiles with {lines}, read by each tool in one process."


def is_held(document: Document) -> bool:
    """Whether all limits are."""
    return all(held for *_, held in _limits(document))


def _tools(document: Document) -> Iterator[Row]:
    ours = document["tools"][OURS]
    for name, runs in document["tools"].items():
        cells = []
        for what in ("seconds", "cpu"):
            shares = Spread(tuple(other[what] / own[what] for own, other in zip(ours, runs, strict=True)))
            several = f"{shares.median:.2f} ({shares.smallest:.2f} to {shares.largest:.2f})"
            cells += [_seconds(runs, what), "" if name == OURS else several]
        yield (name, *cells)


def _grown(one: Mapping[str, Any]) -> Row:
    cells = []
    for what in ("audit", "fix"):
        runs = one[what]
        each = f"{1000 * _middle(runs) / one['services']:.1f} ms"
        cells += [_seconds(runs, "seconds"), each, human_bytes(max(run["memory"] for run in runs))]
    return (str(one["services"]), *cells)


def _limits(document: Document) -> Iterator[tuple[str, str, str, bool]]:
    tools, first, last = document["tools"], document["growth"][0], document["growth"][-1]
    for what, title in (("seconds", "wall time"), ("cpu", "processor time")):
        times = median(other[what] / own[what] for own, other in zip(tools[OURS], tools[PEER], strict=True))
        yield f"{PEER}, {title} in units of ours", f"{times:.2f}", f"{TIMES:.0f} or more", times >= TIMES
    seconds, memory = _middle(last["audit"]), max(run["memory"] for run in last["audit"])
    name = f"audit of {last['services']} services"
    yield name, f"{seconds:.2f} s", f"under {SECONDS:.0f} s", seconds < SECONDS
    yield f"{name}, memory", human_bytes(memory), f"under {human_bytes(MEMORY)}", memory < MEMORY
    for what, title in (("audit", "audit"), ("fix", "audit with safe fixing")):
        bent = (_middle(last[what]) / last["services"]) / (_middle(first[what]) / first["services"])
        title = f"{title}, a service of {last['services']} over one of {first['services']}"
        yield title, f"{bent:.2f}", f"under {BENT:.2f}", bent < BENT


def _seconds(runs: Sequence[Mapping[str, Any]], what: str) -> str:
    return spread(Spread(tuple(run[what] for run in runs)))


def _middle(runs: Sequence[Mapping[str, Any]]) -> float:
    return median([float(run["seconds"]) for run in runs])
