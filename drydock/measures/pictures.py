"""Captures as pictures: sizes and times before and after, and the steps of one build. Pure."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from drydock.documents import plots, terminal, waterfall
from drydock.documents.plots import Pair, Runs
from drydock.documents.terminal import Printed
from drydock.documents.waterfall import Bar
from drydock.errors import Misuse
from drydock.measures import evidence
from drydock.values import dataclass

Value = TypeVar("Value")
SIZES = (("disk_bytes", "unpacked"), ("pull_bytes", "to pull"), ("own_bytes", "own part"))


@dataclass(frozen=True)
class Picture:
    """An SVG with what it says to those who do not see it."""

    svg: str
    alternative: str


def sizes(document: Mapping[str, Any], words: Sequence[str]) -> Picture:
    """What each image weighs before and after; `words` name images, all if there are none."""
    pairs = [
        Pair(name, title, image.get("baseline", {}).get(key), image["plan"][key])
        for name, image in _images(document, words)
        for key, title in SIZES
        if image["plan"].get(key) is not None
    ]
    title = "What the images weigh"
    return _made(plots.sizes(title, caption(document), _some(pairs)), title, plots.described(pairs))


def times(document: Mapping[str, Any], words: Sequence[str]) -> Picture:
    """What builds take before and after, for each image and scenario; `words` name images, all if there are none."""
    found = []
    for name, image in _images(document, words):
        before = seconds(image.get("baseline", {}))
        for scenario, after in seconds(image["plan"]).items():
            found.append(Runs(name, scenario, tuple(before.get(scenario, ())), tuple(after)))
    if not words and "plan" in (both := document.get("together", {})):
        old, new = (tuple(both.get(variant, {}).get("seconds", ())) for variant in ("baseline", "plan"))
        found.append(Runs("all images", "both at once", old, new))
    title = "What builds take, on a logarithmic axis"
    return _made(plots.times(title, caption(document), _some(found)), title, plots.described(found))


def steps(document: Mapping[str, Any], words: Sequence[str]) -> Picture:
    """The steps of the median run of one image's scenario, given as image, scenario and, if not `plan`, the variant."""
    if len(words) not in (2, 3):
        raise Misuse(
            "the steps of a build need an image and a scenario", remedy="such as: steps NAME frontend source-edit"
        )
    (name, image), *_ = _images(document, words[:1])
    variant = words[2] if len(words) == 3 else "plan"
    known = image.get(variant, {}).get("scenarios", {})
    scenario = next((key for key in known if words[1] in (key, key.replace(" ", "-"))), None)
    if scenario is None or not known[scenario].get("steps"):
        recorded = ", ".join(key.replace(" ", "-") for key, value in known.items() if value.get("steps")) or "none"
        raise Misuse(
            f"the capture holds no steps of {name}, {words[1]}, {variant} (known: {recorded})",
            remedy="capture them with inv bench --save NAME",
        )
    runs = known[scenario]
    bars = [
        Bar(step["stage"], step["instruction"], step["started"], step["seconds"], step["cached"], step["critical"])
        for step in runs["steps"][middle(runs["seconds"])]
    ]
    title = f"The steps of {name}, {scenario}"
    title += " before" if variant == "baseline" else ""
    return _made(
        waterfall.waterfall(title, caption(document, "the median one"), _some(bars)), title, waterfall.described(bars)
    )


def screen(document: Mapping[str, Any], words: Sequence[str]) -> Picture:
    """What the captured commands printed, as a picture of a terminal."""
    if words or "commands" not in document:
        raise Misuse(f"a capture of kind {document['kind']} holds no terminal", remedy="python bench/picture.py")
    printed = [Printed(one["line"], one["out"]) for one in document["commands"]]
    title = f"A terminal: {', then '.join(one.line for one in printed)}"
    return Picture(terminal.terminal(title, caption(document), _some(printed)), title)


PICTURES: Mapping[str, Callable[[Mapping[str, Any], Sequence[str]], Picture]] = {
    "sizes": sizes,
    "times": times,
    "steps": steps,
    "terminal": screen,
}


def seconds(variant: Mapping[str, Any]) -> Mapping[str, Sequence[float]]:
    """The runs of each scenario of one variant."""
    return {name: scenario["seconds"] for name, scenario in variant.get("scenarios", {}).items()}


def middle(runs: Sequence[float]) -> int:
    """Which of the runs is the median one; of two in the middle, the faster."""
    return sorted(range(len(runs)), key=lambda i: (runs[i], i))[(len(runs) - 1) // 2]


def caption(document: Mapping[str, Any], what: str = "median") -> str:
    """When and on what it was measured, in one line; `what` is shown of the runs, where there were several."""
    runs = f"{what} of {document['runs']} runs, " if document.get("runs", 1) > 1 else ""
    under = "; bases are stand-ins" if any(base["origin"] == "standin" for base in document["bases"]) else ""
    on = f"{document['machine']}, engine {document['versions']['engine']}"
    return f"{document['date'][:10]}, {runs}{on}{under}; evidence {evidence.digest(document)}"


def _images(document: Mapping[str, Any], words: Sequence[str]) -> list[tuple[str, Mapping[str, Any]]]:
    images = document.get("images")
    if not isinstance(images, Mapping) or not all("plan" in image for image in images.values()):
        raise Misuse(f"a capture of kind {document['kind']} cannot be drawn", remedy="name one of before and after")
    if unknown := [word for word in words if word not in images]:
        raise Misuse(f"the capture has no image {', '.join(unknown)}", remedy=f"use one of: {', '.join(images)}")
    return [(name, image) for name, image in images.items() if not words or name in words]


def _some(values: list[Value]) -> list[Value]:
    if not values:
        raise Misuse("the capture holds nothing to draw here", remedy="measure again with this Drydock")
    return values


def _made(svg: str, title: str, described: str) -> Picture:
    return Picture(svg, f"{title}. {described}")
