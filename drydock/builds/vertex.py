"""One vertex of BuildKit's graph, and what its name says: `[backend linux/amd64 builder 2/4] RUN make`. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import datetime
from typing import Any

from drydock.values import dataclass

NAME = re.compile(r"\[(?P<head>[^\]]*)\] ?(?P<text>.*)", re.DOTALL)
COUNT = re.compile(r"(\d+)/(\d+)")


@dataclass(frozen=True)
class Place:
    """What a vertex is for: an image, and for a step its platform, stage, position in the stage and their count."""

    image: str
    text: str
    platform: str = ""
    stage: str = ""
    index: int = 0
    count: int = 0

    @property
    def is_step(self) -> bool:
        """Whether this is an instruction that runs; a FROM is none, since a base may be there without one."""
        return self.index > 0 and not self.is_base

    @property
    def is_base(self) -> bool:
        return self.index > 0 and self.text.startswith("FROM ")


@dataclass
class Vertex:
    """What has been told of a vertex so far; `spans` holds when it started, again and again, and when that ended."""

    place: Place
    spans: dict[float, float | None] = field(default_factory=dict)
    cached: bool = False
    error: str | None = None
    inputs: set[str] = field(default_factory=set)  # digests of what it waits for

    @property
    def started(self) -> float | None:
        return min(self.spans, default=None)

    @property
    def completed(self) -> float | None:
        ends = [end for end in self.spans.values() if end is not None]
        return max(ends) if ends and len(ends) == len(self.spans) else None

    @property
    def seconds(self) -> float:
        return 0.0 if self.cached else self.lasted

    @property
    def lasted(self) -> float:
        """How long it was worked on, even if its result came from the cache."""
        return sum(end - start for start, end in self.spans.items() if end is not None)

    def absorb(self, raw: Mapping[str, Any]) -> None:
        """Take in what an event says of this vertex."""
        if started := moment(raw.get("started")):
            self.spans[started] = moment(raw.get("completed")) or self.spans.get(started)
        self.cached = self.cached or bool(raw.get("cached"))
        self.error = str(raw["error"]) if raw.get("error") else self.error
        self.inputs.update(map(str, raw.get("inputs") or ()))


def place(name: str, targets: Mapping[str, str]) -> Place:
    """Read the name of a vertex. `targets` maps bake targets to images: with one only, names carry no target."""
    match = NAME.match(name)
    words = match["head"].split() if match else []
    text = match["text"] if match else name
    image = "" if len(targets) > 1 else next(iter(targets.values()), "")
    if len(targets) > 1 and words and words[0] in targets:
        image = targets[words.pop(0)]
    position = COUNT.fullmatch(words[-1]) if words else None
    if not position:
        return Place(image, text)
    platforms = [word for word in words[:-1] if "/" in word]
    stages = [word for word in words[:-1] if "/" not in word]
    return Place(
        image,
        text,
        platform=platforms[0] if platforms else "",
        stage=stages[0] if stages else "stage-0",
        index=int(position[1]),
        count=int(position[2]),
    )


def merged(vertexes: Iterable[Vertex]) -> list[Vertex]:
    """The steps among vertexes, each once, in the order they began.

    Where two images share work, BuildKit tells of one step under several digests: what ran for either, ran.
    """
    steps: dict[tuple[str, str, str, int], Vertex] = {}
    for vertex in vertexes:
        at = vertex.place
        if not at.is_step:
            continue
        known = steps.get(key := (at.image, at.platform, at.stage, at.index))
        steps[key] = _union(known, vertex) if known else vertex
    return sorted(steps.values(), key=lambda v: (v.started or float("inf"), v.place.index))


def moment(text: str | None) -> float | None:
    """Seconds since the epoch of an RFC 3339 time."""
    return datetime.fromisoformat(text).timestamp() if text else None


def _union(one: Vertex, other: Vertex) -> Vertex:
    ended = [v for v in (one, other) if v.spans]
    ran = [v for v in ended if not v.cached] or ended or [one]
    spans = {start: end for v in ran for start, end in v.spans.items()}
    return Vertex(
        one.place,
        spans,
        all(v.cached for v in ended) and bool(ended),
        one.error or other.error,
        one.inputs | other.inputs,
    )
