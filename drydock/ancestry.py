"""What the stages of a Dockerfile rest on: their arguments, their bases, stages below, images from outside. Pure."""

from collections.abc import Collection, Iterator, Mapping

from drydock.dockerfile import Dockerfile, Instruction, Stage
from drydock.errors import Misuse
from drydock.values import dataclass

PREDEFINED = frozenset(side + part for side in ("BUILD", "TARGET") for part in ("PLATFORM", "OS", "ARCH", "VARIANT"))


@dataclass(frozen=True)
class External:
    """An image that the file takes from outside, and where it asks for it."""

    name: str
    line: int


def arguments(
    file: Dockerfile, one: Instruction, known: Mapping[str, str], given: Mapping[str, str], outer: Mapping[str, str]
) -> dict[str, str]:
    """What an ARG sets: the build argument of that name, else its default, else what stands before the first FROM.

    `known` are the variables in force, `outer` the ARGs before the first FROM.
    """
    found = dict[str, str]()
    for name, default in one.settings():
        if name in given or (default is None and name in outer):
            found[name] = given.get(name, outer.get(name, ""))
        elif default is not None:
            found[name] = file.filled(default, {**known, **found}, one.line)
    return found


def global_args(file: Dockerfile, given: Mapping[str, str]) -> dict[str, str]:
    """The ARGs that FROM may use: those declared before it, with `given` over their defaults, and the platform's."""
    known = {name: value for name, value in given.items() if name in PREDEFINED}
    for one in file.preamble:
        known |= arguments(file, one, known, given, {})
    return known


def base_name(file: Dockerfile, stage: Stage, given: Mapping[str, str]) -> str:
    """What its FROM names once the ARGs before the first FROM are filled in; empty raises Misuse."""
    known, line = global_args(file, given) if "$" in stage.base else {}, stage.opening.line
    name = file.filled(stage.base, known, line)
    if not name:
        remedy = "give its ARG a default, or pass the build argument"
        raise Misuse(f"{file.path}:{line}: {stage.base} is empty", remedy=remedy)
    return name


def lineage(
    file: Dockerfile, stage: Stage, given: Mapping[str, str], contexts: Collection[str] = ()
) -> tuple[Stage, ...]:
    """A stage and those of the file that it rests on, itself first.

    It ends at an image from outside, at a named context, and at a FROM that cannot be read.
    """
    replaced, found = {name.lower() for name in contexts}, [stage]
    while True:
        try:
            base = base_name(file, found[-1], given)
        except Misuse:
            return tuple(found)
        below = file.earlier(found[-1], base)
        if below is None or base.lower() in replaced:
            return tuple(found)
        found.append(below)


def needs(file: Dockerfile, stage: Stage, given: Mapping[str, str]) -> Iterator[External]:
    """What a stage is made of: its base, then every `COPY --from` and `RUN --mount=from=`: stages and images alike."""
    yield External(base_name(file, stage, given), stage.opening.line)
    for one in stage.instructions[1:]:
        yield from (External(name, one.line) for name in one.senders())


def reachable(
    file: Dockerfile,
    target: str | None = None,
    given: Mapping[str, str] | None = None,
    contexts: Mapping[str, str] | None = None,
) -> tuple[tuple[Stage, ...], tuple[External, ...]]:
    """The stages that BuildKit would build for `target` (default: the last), and the images they take from outside.

    Stages come in the order of the file, images in the order of first need. A named context of that name replaces
    a stage or an image; `scratch` is no image.
    """
    goal = file.goal(target)
    if goal is None:
        raise Misuse(f"{file.path} has no stage {target}", remedy="name one of its stages as the target")
    replaced = {name.lower() for name in contexts or ()}
    seen, outside, waiting = {goal.index}, dict[str, External](), [goal]
    while waiting:
        stage = waiting.pop(0)
        for need in needs(file, stage, given or {}):
            if need.name.lower() in replaced or need.name == "scratch":
                continue
            earlier = file.earlier(stage, need.name, numbered=need.line != stage.opening.line)
            if earlier is None:
                outside.setdefault(need.name, need)
            elif earlier.index not in seen:
                seen.add(earlier.index)
                waiting.append(earlier)
    return tuple(stage for stage in file.stages if stage.index in seen), tuple(outside.values())
