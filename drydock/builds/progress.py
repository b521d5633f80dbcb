"""BuildKit's events as steps: what each instruction took, what came from the cache, what failed and why. Pure."""

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from drydock.builds import critical, printed
from drydock.builds.told import Finished, Output, Running, Snapshot, Warned
from drydock.builds.vertex import Place, Vertex, merged, moment, place
from drydock.causes.veil import Veil
from drydock.measures.build import Step
from drydock.values import dataclass

IMPORT = "importing cache manifest from "
EXPORTS = ("exporting cache to ", "exporting to GitHub Actions Cache")
TO = re.compile(r"exporting (cache )?to ")
CANCELLED = "context canceled"
CONTEXT = ("load build context", "load from client")
TAIL_LINES = 30
TAIL_BYTES = 16_384

Expected = Mapping[tuple[str, str, str], float]  # seconds by image, stage and instruction


@dataclass(frozen=True)
class Broken:
    """The step at which a build failed, with the last lines of what it printed; its own `log` has more of them."""

    step: Step
    place: Place
    log: tuple[str, ...]


class Progress:
    """Everything BuildKit has told so far. `targets` maps the bake targets that are built to the images they make.

    BuildKit tells instructions with their variables filled in: `veil` hides the values that look secret.
    """

    def __init__(self, targets: Mapping[str, str], veil: Veil | None = None) -> None:
        self._targets, self._veil = targets, veil or Veil()
        self._vertexes: dict[tuple[str, str], Vertex] = {}  # by digest and image
        self._moved: dict[tuple[str, str], int] = {}  # by digest and what is moved
        self._logs: dict[str, str] = {}  # whole lines, by digest
        self._unfinished: dict[str, tuple[bytes, float]] = {}  # a last line that may go on, and when it was printed
        self._warned: set[str] = set()
        self._told: set[Place] = set()
        self._began: float | None = None
        self._now = 0.0

    def absorb(self, event: Mapping[str, Any]) -> Iterator[Finished | Output | Warned]:
        """Take one event in; gives what became of it that is worth telling."""
        for raw in event.get("vertexes") or ():
            yield from self._vertex(raw)
        for raw in event.get("statuses") or ():
            self._moved[raw.get("vertex", ""), raw.get("id", "")] = int(raw.get("current") or 0)
        for raw in event.get("logs") or ():
            yield from self._log(raw)
        over = {known for (known, _), vertex in self._vertexes.items() if vertex.completed is not None}
        for digest in [one for one in self._unfinished if one in over]:
            rest, when = self._unfinished.pop(digest)
            yield from self._printed(digest, rest, when)
        for raw in event.get("warnings") or ():
            text = self._veil.hide(base64.b64decode(raw.get("short") or "").decode("utf-8", "replace"))
            if text and text not in self._warned:
                self._warned.add(text)
                yield Warned(text)

    def steps(self, image: str) -> tuple[tuple[Step, Place], ...]:
        """The steps of an image that ended, in the order they began, and where each stands; lines are not known yet."""
        ended = [v for v in merged(self._of(image)) if v.completed is not None]
        links = critical.linked(self._vertexes, image, [v.place for v in ended])
        broken = self.broken()
        logs = {broken.place: broken.step.log} if broken else {}
        return tuple(
            (replace(self._step(v), inputs=inputs, critical=longest, log=logs.get(v.place)), v.place)
            for v, (inputs, longest) in zip(ended, links, strict=True)
        )

    def based(self, image: str) -> frozenset[str]:
        """The stages whose base takes the first position, as it does unless a named context replaced it."""
        return frozenset(v.place.stage for v in self._of(image) if v.place.is_base)

    @property
    def began(self) -> float | None:
        """When the engine did the first thing, in seconds since the epoch by its own clock."""
        return self._began

    def seconds(self, image: str) -> float:
        """From the first thing the engine did for an image to the last."""
        starts = [v.started for v in self._of(image) if v.started is not None]
        ends = [v.completed for v in self._of(image) if v.completed is not None]
        return max(0.0, max(ends) - min(starts)) if starts and ends else 0.0

    def export_seconds(self, image: str) -> float | None:
        """How long the engine took to write an image, with its layers and its cache; None if it never came to that."""
        exports = [v for v in self._of(image) if v.place.text.startswith("exporting ")]
        return sum(v.seconds for v in exports) if exports else None

    def cache_seconds(self, image: str) -> tuple[float | None, float | None]:
        """How long the engine took to export caches of an image, and to import some; None where it did not.

        Layers of an import are fetched where they are needed: while that goes on, the step that they are of is running,
        and then told to be cached.
        """
        of = self._of(image)
        exports = [v.seconds for v in of if v.place.text.startswith(EXPORTS)]
        imports = [v.seconds for v in of if v.place.text.startswith(IMPORT) and not v.error]
        fetched = [v.lasted for v in of if v.cached] if imports else []
        return sum(exports) if exports else None, sum([*imports, *fetched]) if imports else None

    def unimported(self, image: str) -> tuple[str, ...]:
        """The caches that were to be imported for an image and were not there."""
        found = [v for v in self._of(image) if v.error and v.place.text.startswith(IMPORT)]
        return tuple(v.place.text.removeprefix(IMPORT) for v in found)

    def imported(self, image: str) -> tuple[str, ...]:
        """The caches that came for an image. Only what they know came: layers are fetched where a step needs them."""
        found = [v for v in self._of(image) if v.completed and not v.error and v.place.text.startswith(IMPORT)]
        return tuple(v.place.text.removeprefix(IMPORT) for v in found)

    def unexported(self) -> tuple[tuple[str, str], ...]:
        """The images whose cache was not exported, each with where to and why."""
        found = [v for v in self._vertexes.values() if v.error and v.place.text.startswith(EXPORTS)]
        return tuple((v.place.image, f"{TO.sub('', v.place.text, count=1)}: {v.error}") for v in found)

    def context_bytes(self, image: str) -> int:
        """Bytes sent to the engine for an image: its context and its named contexts, without what the engine had."""
        sent = {digest for (digest, whose), v in self._vertexes.items() if whose == image and v.place.text in CONTEXT}
        return sum(size for (digest, _), size in self._moved.items() if digest in sent)

    def is_exported(self, image: str) -> bool:
        """Whether the image was written to the end."""
        exports = [v for v in self._of(image) if v.place.text.startswith("exporting to ")]
        return bool(exports) and all(v.completed is not None and not v.error for v in exports)

    def broken(self) -> Broken | None:
        """The first vertex that failed by itself; what is cancelled because of it may end before it.

        A cache that cannot be imported is none: no build fails for want of it.
        """
        steps = self._vertexes.items()
        failed = [(digest, v) for (digest, _), v in steps if v.error and not v.place.text.startswith(IMPORT)]
        if not failed:
            return None
        digest, vertex = min(failed, key=lambda item: (_is_cancelled(item[1]), item[1].completed or self._now))
        rest, _ = self._unfinished.get(digest, (b"", 0.0))
        output = self._veil.hide(self._logs.get(digest, "") + rest.decode("utf-8", "replace"))
        step = replace(self._step(vertex), log=printed.kept(output, self._veil))
        return Broken(step, vertex.place, tuple(output.splitlines()[-TAIL_LINES:]))

    def snapshot(self, expected: Expected) -> Snapshot:
        """How far every image is; `expected` is what the steps took in earlier builds."""
        return Snapshot(tuple(self._running(image, expected) for image in self._targets.values()), self._elapsed())

    def _running(self, image: str, expected: Expected) -> Running:
        steps = merged(self._of(image))
        busy = [v for v in self._of(image) if v.spans and v.completed is None]
        left = [v for v in steps if v.completed is None]
        known = [
            max(0.0, seconds - (self._now - (v.started or self._now)))
            for v in left
            if (seconds := expected.get((image, v.place.stage, v.place.text))) is not None
        ]
        return Running(
            image=image,
            step=_shown(busy[-1].place) if busy else "",
            total=len(steps),
            done=len(steps) - len(left),
            cached=sum(v.cached for v in steps if v.completed is not None),
            expected=self._elapsed() + sum(known) if known else None,
            over=self.is_exported(image),
        )

    def _vertex(self, raw: Mapping[str, Any]) -> Iterator[Finished | Warned]:
        if raw.get("error"):
            raw = {**raw, "error": self._veil.hide(str(raw["error"]))}
        at = place(str(raw.get("name") or ""), self._targets)
        at = replace(at, text=self._veil.hide(at.text))
        vertex = self._vertexes.setdefault((str(raw.get("digest") or ""), at.image), Vertex(at))
        if raw.get("error") and not vertex.error and at.text.startswith(IMPORT):
            yield Warned(f"{at.image}: no cache came from {at.text.removeprefix(IMPORT)}: {raw['error']}")
        vertex.absorb(raw)
        if vertex.started is not None:
            self._began = min(self._began or vertex.started, vertex.started)
            self._now = max(self._now, vertex.completed or vertex.started)
        if at.image and at.is_step and at not in self._told and vertex.completed is not None:
            self._told.add(at)
            yield Finished(self._step(vertex))

    def _log(self, raw: Mapping[str, Any]) -> Iterator[Output]:
        """Take in what a step printed, up to its last line that is whole: a secret may come in two events."""
        digest, when = str(raw.get("vertex") or ""), moment(raw.get("timestamp")) or 0.0
        rest, _ = self._unfinished.pop(digest, (b"", 0.0))
        data = rest + base64.b64decode(raw.get("data") or "")
        end = max(data.rfind(sign) for sign in (b"\n", b"\r")) + 1
        if data[end:]:
            self._unfinished[digest] = data[end:], when
        if end:
            yield from self._printed(digest, data[:end], when)

    def _printed(self, digest: str, data: bytes, when: float) -> Iterator[Output]:
        text = self._veil.hide(data.decode("utf-8", "replace"))
        self._logs[digest] = (self._logs.get(digest, "") + text)[-TAIL_BYTES:]
        for (known, _), vertex in self._vertexes.items():
            if known == digest:
                yield Output(vertex.place.image, vertex.place.stage, tuple(text.splitlines()), when)
                return  # images that share a step share its words

    def _elapsed(self) -> float:
        return max(0.0, self._now - self._began) if self._began is not None else 0.0

    def _of(self, image: str) -> list[Vertex]:
        return [vertex for (_, whose), vertex in self._vertexes.items() if whose == image]

    def _step(self, v: Vertex) -> Step:
        began, started = self._began or 0.0, v.started or self._began or 0.0
        return Step(
            image=v.place.image,
            stage=v.place.stage,
            instruction=v.place.text,
            line=None,
            started=max(0.0, started - began),
            seconds=v.seconds,
            cached=v.cached,
            error=v.error,
        )


def _is_cancelled(v: Vertex) -> bool:
    return (v.error or "").endswith(CANCELLED)


def _shown(at: Place) -> str:
    return f"{at.stage}: {at.text}" if at.is_step else at.text
