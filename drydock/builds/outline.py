"""Where each step of a build stands in its Dockerfile. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from drydock import ancestry
from drydock.builds.vertex import Place
from drydock.dockerfile import Dockerfile, Stage
from drydock.measures.build import Step

RUNS = frozenset({"RUN", "COPY", "ADD", "WORKDIR"})  # what BuildKit makes a step of; the rest is metadata


def line(place: Place, file: Dockerfile, based: frozenset[str]) -> int | None:
    """The line of a step. `based` names the stages in which BuildKit counts the base as the first step.

    What a base triggers (ONBUILD) runs before a stage's own instructions and has no line: None.
    """
    stage = _stage(place, file)
    if stage is None:
        return None
    if place.is_base:
        return stage.opening.line
    lines = [one.line for one in stage.instructions if one.keyword in RUNS]
    position = place.index - (1 if place.stage in based else 0)
    triggered = place.count - (1 if _is_external(stage, file) else 0) - len(lines)
    own = position - triggered - 1
    return lines[own] if triggered >= 0 and 0 <= own < len(lines) else None


def placed(steps: Sequence[tuple[Step, Place]], file: Dockerfile, based: frozenset[str]) -> tuple[Step, ...]:
    """The steps with their lines and the names of their stages, in the order of the Dockerfile."""
    found = []
    for step, place in steps:
        stage = _stage(place, file)
        name = stage.name if stage and stage.name else step.stage
        found.append(replace(step, line=line(place, file, based), stage=name))
    order = sorted(range(len(found)), key=lambda i: (found[i].line is None, found[i].line or 0, found[i].started))
    at = {old: new for new, old in enumerate(order)}
    return tuple(replace(found[i], inputs=tuple(sorted(at[one] for one in found[i].inputs))) for i in order)


def _stage(place: Place, file: Dockerfile) -> Stage | None:
    """BuildKit calls a stage by its name, else `stage-` and its number."""
    number = place.stage.removeprefix("stage-")
    return file.stage(place.stage) or (file.stage(number) if number != place.stage else None)


def _is_external(stage: Stage, file: Dockerfile) -> bool:
    return stage.base != "scratch" and not ancestry.lineage(file, stage, {})[1:]
