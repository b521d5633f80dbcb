"""A capture of kind "dashboard" as text: scripts and axe page by page, and how smooth a large overview stays. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from statistics import median
from typing import Any

from drydock.text import human_bytes

Document = Mapping[str, Any]
Row = tuple[str, ...]
SMOOTH = 50.0  # ms: a task that takes longer is a long one, and a frame that does is seen to be missing


def pages(document: Document) -> tuple[Row, list[Row]]:
    """Header and rows: each page with its scripts as they are and compressed, and what axe found by impact."""
    rows: list[Row] = []
    for one in document["pages"]:
        light = one["gzip_bytes"] < document["allowed_bytes"]
        found = [str(count) for count in one["axe"].values()]
        sizes = (human_bytes(one["bytes"]), human_bytes(one["gzip_bytes"]))
        rows.append((one["page"], str(one["scripts"]), *sizes, "held" if light else "not held", *found))
    allowed = f"under {human_bytes(document['allowed_bytes'])}"
    impacts = [f"axe: {impact}" for impact in document["pages"][0]["axe"]]
    return ("page", "scripts", "bytes", "compressed", allowed, *impacts), rows


def overview(document: Document) -> tuple[Row, list[Row]]:
    """Header and rows: what loading and scrolling a large overview takes, the median run first."""
    runs = document["overview"]["runs"]
    return ("the overview, large", "median", "smallest", "largest"), [*_figures(runs)]


def told(document: Document) -> str:
    """What the overview showed."""
    one = document["overview"]
    return f"The overview held {one['images']:,} images and {one['builds']:,} builds, in {len(one['runs'])} runs."


def _figures(runs: Iterable[Mapping[str, Any]]) -> Iterator[Row]:
    seen = [*runs]
    yield _row("loading: processor time of the page", [one["load_cpu_ms"] for one in seen], _time)
    yield _row("loading: longest task", [max(one["load_long_ms"], default=0) for one in seen], _time)
    yield _row("scrolling: frames", [len(one["frames_ms"]) for one in seen], _count)
    yield _row("scrolling: a frame, median", [median(one["frames_ms"]) for one in seen], _time)
    yield _row("scrolling: a frame, longest", [max(one["frames_ms"]) for one in seen], _time)
    yield _row(f"scrolling: frames over {SMOOTH:.0f} ms", [_slow(one["frames_ms"]) for one in seen], _count)
    yield _row("scrolling: processor time of a frame", [one["cpu_ms_per_frame"] for one in seen], _time)
    yield _row(f"scrolling: tasks over {SMOOTH:.0f} ms", [len(one["scroll_long_ms"]) for one in seen], _count)
    yield _row("scrolling: longest task", [max(one["scroll_long_ms"], default=0) for one in seen], _time)


def _row(what: str, figures: list[float], shown: Any) -> Row:
    return (what, *map(shown, (median(figures), min(figures), max(figures))))


def _slow(frames: Iterable[float]) -> int:
    return sum(one > SMOOTH for one in frames)


def _time(figure: float) -> str:
    """A time in ms; none was seen where it is 0, since browsers tell of tasks only from fifty on."""
    return f"{figure:.1f} ms" if figure else "none"


def _count(figure: float) -> str:
    return f"{figure:g}"
