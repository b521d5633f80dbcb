"""Two builds, step by step: which steps are only in one, which came from the cache, what took longer. Pure."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from drydock.measures.build import Build, Step
from drydock.text import human_bytes, human_seconds, shortened, table
from drydock.values import dataclass

WIDTH = 60  # columns of an instruction
FIGURES = ("seconds", "export_seconds", "steps", "cached", "context_bytes", "disk_bytes", "pull_bytes", "layers")
FACTS = ("image", "scenario", "outcome", "started", "commit", "dirty", "platform", "engine", "store", "standin")


@dataclass(frozen=True)
class Pair:
    """One step of two builds; None where a build has it not."""

    before: Step | None
    after: Step | None

    @property
    def step(self) -> Step:
        """The step itself, whichever build has it."""
        found = self.after or self.before
        if found is None:
            raise ValueError("a pair of nothing")
        return found

    @property
    def change(self) -> float:
        """By how many seconds the step took longer."""
        return (self.after.seconds if self.after else 0.0) - (self.before.seconds if self.before else 0.0)

    @property
    def words(self) -> str:
        """What is different; empty where only seconds may be."""
        if self.before is None or self.after is None:
            return "new" if self.before is None else "gone"
        if self.before.cached != self.after.cached:
            return "from the cache" if self.after.cached else "ran again"
        if (self.before.error is None) != (self.after.error is None):
            return "failed" if self.after.error else "mended"
        known = self.before.bytes is not None and self.after.bytes is not None
        return "other size" if known and self.before.bytes != self.after.bytes else ""


@dataclass(frozen=True)
class Comparison:
    """Two builds with their steps in pairs, the differences first."""

    before: Build
    after: Build
    pairs: tuple[Pair, ...]

    def document(self) -> dict[str, Any]:
        """Both builds and each pair of steps as plain data; `change` is what came after less what was before."""
        figures = {name: (getattr(self.before, name), getattr(self.after, name)) for name in FIGURES}
        return {
            "before": _facts(self.before),
            "after": _facts(self.after),
            "change": {name: None if None in both else round(both[1] - both[0], 3) for name, both in figures.items()},
            "steps": [_pair(pair) for pair in self.pairs],
        }

    def text(self) -> str:
        """What is said of the builds, then the steps, with a mark on those of the critical path."""
        names = (f"build {self.before.id}", f"build {self.after.id}")
        rows = [(name.replace("_", " "), *_shown(self.before, self.after, name)) for name in (*FACTS, *FIGURES)]
        parts = [table(("", *names, "change"), rows, right=(1, 2, 3))]
        if self.pairs:
            steps = [_row(pair) for pair in self.pairs]
            parts.append(table(("stage", "instruction", *names, "change", ""), steps, right=(2, 3, 4)))
        if any(step.critical for pair in self.pairs for step in (pair.before, pair.after) if step):
            parts.append(
                "* on the critical path: the chain of steps, each waiting for the one before, that took longest"
            )
        return "\n\n".join(parts)


def compare(before: Build, after: Build) -> Comparison:
    """Match the steps by stage and instruction; those that stand there twice by their order."""
    then, now = _numbered(before.detail), _numbered(after.detail)
    pairs = [Pair(then.get(key), now.get(key)) for key in {**now, **then}]
    return Comparison(before, after, tuple(sorted(pairs, key=_rank)))


def _numbered(steps: Iterable[Step]) -> dict[tuple[str, str, int], Step]:
    seen: Counter[tuple[str, str]] = Counter()
    found = {}
    for step in steps:
        key = step.stage, step.instruction
        found[*key, seen[key]] = step
        seen[key] += 1
    return found


def _rank(pair: Pair) -> tuple[int, float]:
    """Differences first, then what ran in both, the largest change of seconds first; what was cached in both last."""
    ran = not pair.step.cached
    return 0 if pair.words else 1 if ran else 2, -abs(pair.change)


def _facts(build: Build) -> dict[str, Any]:
    bases = [dict(base) for base in build.bases]
    names = ("id", "tag", *FACTS, *FIGURES, "digest")
    return {**{name: getattr(build, name) for name in names}, "bases": bases}


def _pair(pair: Pair) -> dict[str, Any]:
    names = ("line", "seconds", "cached", "bytes", "critical", "error")
    sides = {
        side: {name: getattr(step, name) for name in names} if step else None
        for side, step in (("before", pair.before), ("after", pair.after))
    }
    difference = {"difference": pair.words or None, "change": round(pair.change, 3)}
    return {"stage": pair.step.stage, "instruction": pair.step.instruction, **difference, **sides}


def _row(pair: Pair) -> tuple[str, ...]:
    cells = tuple(_cell(step) for step in (pair.before, pair.after))
    change = "" if abs(pair.change) < 0.005 else _signed(pair.change, human_seconds(abs(pair.change)))
    return (pair.step.stage, shortened(pair.step.instruction, WIDTH), *cells, change, pair.words)


def _cell(step: Step | None) -> str:
    if step is None:
        return "-"
    weight = "" if step.bytes is None else f", {human_bytes(step.bytes)}"
    return ("cached" if step.cached else human_seconds(step.seconds)) + weight + (" *" if step.critical else "  ")


def _shown(before: Build, after: Build, name: str) -> tuple[str, str, str]:
    one, other = getattr(before, name), getattr(after, name)
    shown = _value(name, one), _value(name, other)
    if one == other:
        return (*shown, "")
    if name not in FIGURES or one is None or other is None:
        return (*shown, "other")
    return (*shown, _signed(other - one, _value(name, abs(other - one))))


def _value(name: str, value: Any) -> str:
    if value is None:
        return "unknown"
    if name.endswith("bytes"):
        return human_bytes(value)
    if name.endswith("seconds"):
        return human_seconds(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name == "started":
        return str(value)[:19].replace("T", " ")
    return str(value)[:12] if name == "commit" else str(value)


def _signed(difference: float, words: str) -> str:
    return f"{'+' if difference > 0 else '-'}{words}"
