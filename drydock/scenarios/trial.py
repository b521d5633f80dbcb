"""One build of a scratch copy: how long the engine took, which steps ran, and what the bundler said of itself."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from drydock.builds import baking, buildx, faults, outline, plan
from drydock.builds.guarding import Limits
from drydock.builds.told import Output
from drydock.config import Config
from drydock.engines.engine import Engine
from drydock.errors import Failed
from drydock.events import Event, Note, Tell, silent
from drydock.measures.build import Step
from drydock.scenarios.copies import Copy
from drydock.scenarios.wishes import Wishes
from drydock.values import dataclass

STEP = ("stage", "instruction", "line", "cached", "started", "seconds", "critical")


@dataclass(frozen=True)
class Trial:
    """What came of one build.

    `seconds` are the engine's own: from the first thing it did to the last, for all images of the build. `steps` and
    `digests` are by image, `output` the lines that steps printed with their seconds since the epoch, `bases` what it
    was built on.
    """

    seconds: float
    steps: Mapping[str, tuple[Step, ...]]
    digests: Mapping[str, str]
    output: tuple[tuple[str, float], ...]
    bases: tuple[Mapping[str, str], ...]

    def raw(self, image: str) -> list[dict[str, Any]]:
        """The steps of an image as they are saved."""
        return [_plain(step) for step in self.steps[image]]


def build(
    config: Config,
    engine: Engine,
    copy: Copy,
    names: Sequence[str],
    tell: Tell = silent,
    *,
    cache_from: tuple[str, ...] = (),
    cache_to: tuple[str, ...] = (),
    limits: Limits | None = None,
) -> Trial:
    """Build images of a copy at once. Nothing is recorded: a trial is no build of the repository.

    Raises Failed, after the last words of the step were told, where the build fails, and where it exceeds `limits`.
    """
    here = replace(config, root=copy.root, compose=None)
    made = plan.make(here, engine, copy.images, silent, services=names)
    options = replace(plan.options(here, engine, made, tell), cache_from=cache_from, cache_to=cache_to)
    document = buildx.bake(made.images, options, set(names))
    output: list[tuple[str, float]] = []

    def hear(event: Event) -> None:
        if isinstance(event, Output):
            output.extend((line, event.at) for line in event.lines)
        elif cache_from and isinstance(event, Note) and event.warning:  # such as that no cache came
            tell(event)

    veil = made.veil(config.environ)
    run = baking.run(engine, copy.root, document, options, made.targets(), {}, hear, veil, copy.root.parent, limits)
    if run.ended:
        raise Failed(f"the build of {', '.join(names)} was ended: {run.ended}", remedy="mend the step that never ends")
    if trouble := faults.explain(here, engine, run, made.files, tell):
        tell(trouble)
        raise Failed(
            f"the {copy.variant} of {', '.join(names)} does not build on a scratch copy",
            remedy="inv build, and see what the step above misses: git must know it, or not ignore it",
        )
    progress = run.progress
    return Trial(
        seconds=progress.snapshot({}).elapsed,
        steps={name: outline.placed(progress.steps(name), made.files[name], progress.based(name)) for name in names},
        digests=run.digests,
        output=tuple(output),
        bases=tuple(
            {"name": base.name, "reference": base.reference, "origin": base.origin.value}
            for name in names
            for base in made.bases[name]
        ),
    )


def bundler(output: Sequence[tuple[str, float]], wishes: Wishes) -> float | None:
    """How long the bundler's process took, in seconds: from the line that announces its command to its last words.

    None where no line announces one, or none says that it is done. Pure.
    """
    begins = [at for line, at in output if re.search(wishes.bundler, line)]
    ends = [at for line, at in output if re.search(wishes.built, line)]
    return max(ends) - min(begins) if begins and ends and max(ends) >= min(begins) else None


def said(output: Sequence[tuple[str, float]], wishes: Wishes) -> float | None:
    """How long the bundler says that it took, in seconds; None where it says nothing. Pure.

    A bundler may run another within itself: what they say is laid out in time, and what overlaps counts once.
    """
    spans = []
    for line, at in output:
        if match := re.search(wishes.built, line):
            took = float(match[1]) / (1000 if match[2] == "ms" else 1)
            spans.append((at - took, at))
    spans.sort()
    total = 0.0
    for number, (start, end) in enumerate(spans):
        before = max((other for _, other in spans[:number]), default=start)
        total += max(0.0, end - max(start, before))
    return total if spans else None


def _plain(step: Step) -> dict[str, Any]:
    fields = {name: getattr(step, name) for name in STEP}
    return {**fields, "started": round(step.started, 3), "seconds": round(step.seconds, 3)}
