"""Two captures of scenarios: what became worse between them. Pure.

Steps, mounts, lock files and what lines ask for are facts, so any difference counts. Seconds count only where both
captures come from the same class of machine, and only beyond the spread of either.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from drydock.measures import timings
from drydock.measures.timings import NO_OP, Document, Spread, Timing
from drydock.text import human_seconds, shortened
from drydock.values import dataclass

WARM = (NO_OP, "source edit", "dependency edit", "ignore-file edit")  # scenarios in which few steps should run
LOCKED = "dependency edit"
FEWEST = 3  # runs of both, for seconds to count
SLOWER = 1.25  # how many times as long
MORE_SECONDS = 0.5  # and by how much
MOUNT = re.compile(r"--mount=(?=\S*type=cache)\S*?(?:target|dst|destination)=([^,\s]+)")
SAME = ("machine", "store")
WIDTH = 70
RULE = (
    f"Seconds count from {FEWEST} runs on, on the same class of machine: the fastest run now is slower than the slowest"
    f" then by more than both spreads, the median by {SLOWER - 1:.0%} and {MORE_SECONDS} s."
)


@dataclass(frozen=True)
class Regression:
    """Something that became worse: of which image, in which scenario (empty where it is true of every build)."""

    image: str
    scenario: str
    kind: str
    what: str

    def text(self) -> str:
        """One line."""
        return f"{self.image}{f', {self.scenario}' if self.scenario else ''}: {self.what}"


def find(before: Document, after: Document) -> tuple[Regression, ...]:
    """What became worse in the plan's images that both captures hold."""
    timed = all(before.get(key) == after.get(key) for key in SAME)
    found: list[Regression] = []
    for image, variants in after["images"].items():
        old = before["images"].get(image, {}).get("plan")
        new = variants.get("plan")
        if old and new:
            found += _reads(image, old, new)
            found += _mounts(image, before, after)
            for scenario in new["scenarios"]:
                pair = [timings.find(document, image, "plan", scenario) for document in (before, after)]
                if pair[0] and pair[1]:
                    found += _steps(pair[0], pair[1])
                    found += _seconds(pair[0], pair[1]) if timed else []
    return tuple(found)


def _reads(image: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Regression]:
    """Lock files that the build does not read any more, and lines that ask for more than any line did."""
    for path in old.get("locks", ()):
        if path not in new.get("locks", ()):
            yield Regression(image, "", "lock file", f"the build does not read {path} any more")
    then = old.get("asks", ())
    for path in new.get("asks", ()):
        below = [one for one in then if one != path and _holds(path, one)]
        if path not in then and below:
            named = "the whole context" if path == "/" else path
            yield Regression(image, "", "wide copy", f"a line asks for {named}, where {', '.join(below)} was enough")


def _holds(folder: str, path: str) -> bool:
    return path.startswith(folder.rstrip("/") + "/")


def _mounts(image: str, before: Document, after: Document) -> Iterator[Regression]:
    """Cache mounts that no RUN has any more."""
    then, now = (_mounted(document["images"][image]["plan"]) for document in (before, after))
    for target in sorted(then - now):
        yield Regression(image, "", "cache mount", f"no RUN keeps {target} in a cache mount any more")


def _mounted(held: Mapping[str, Any]) -> set[str]:
    runs = (run for one in held["scenarios"].values() for run in one.get("steps", ()))
    return {target for run in runs for step in run for target in MOUNT.findall(step["instruction"])}


def _steps(old: Timing, new: Timing) -> Iterator[Regression]:
    """Steps that run again where fewer did, and an installing step that a dependency edit does not reach any more."""
    if old.scenario not in WARM or not old.steps or not new.steps:
        return
    then, now = _always(old), _always(new)
    known = {(step["stage"], timings.bare(step["instruction"])) for run in old.steps for step in run}
    more = [key for key in now if key not in then and key in known]
    if more or len(now) > len(then):
        more = more or [key for key in now if key not in then]
        named = ", ".join(f"{stage}: {shortened(words, WIDTH)}" for stage, words in more)
        yield Regression(
            new.image, new.scenario, "steps", f"runs again: {named} ({len(now)} steps, {len(then)} before)"
        )
    elif new.scenario == LOCKED and (lost := [key for key in then if key not in now and key[1].startswith("RUN ")]):
        held = {(step["stage"], timings.bare(step["instruction"])) for run in new.steps for step in run}
        for stage, words in (key for key in lost if key in held):
            yield Regression(
                new.image, new.scenario, "stale", f"does not run any more: {stage}: {shortened(words, WIDTH)}"
            )


def _always(timing: Timing) -> list[tuple[str, str]]:
    """The steps that ran in more than half of the runs, by stage and bare instruction."""
    counted: Counter[tuple[str, str]] = Counter()
    for run in timing.steps:
        ran = [step for step in run if not step["cached"]]
        counted.update(list(dict.fromkeys((step["stage"], timings.bare(step["instruction"])) for step in ran)))
    return [key for key, times in counted.items() if 2 * times > len(timing.steps)]


def _seconds(old: Timing, new: Timing) -> Iterator[Regression]:
    then, now = old.spread, new.spread
    if is_slower(then, now):
        words = f"takes {human_seconds(now.median)}, {human_seconds(then.median)} before"
        yield Regression(new.image, new.scenario, "seconds", words)


def is_slower(then: Spread, now: Spread) -> bool:
    """Whether runs became slower by RULE."""
    if min(len(then.seconds), len(now.seconds)) < FEWEST:
        return False
    apart = now.smallest - then.largest > then.width + now.width
    return apart and now.median > SLOWER * then.median and now.median - then.median > MORE_SECONDS
