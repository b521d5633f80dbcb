"""The builder from before BuildKit: why a Dockerfile cannot be built by it, and its output as steps."""

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace

from drydock import ancestry, command
from drydock.builds import buildx, printed
from drydock.builds.built import Built
from drydock.builds.outline import RUNS
from drydock.builds.plan import Plan
from drydock.builds.progress import TAIL_LINES
from drydock.builds.told import Finished, Output
from drydock.causes.veil import Veil
from drydock.command import MERGED, PIPE
from drydock.config import Config, Image
from drydock.dockerfile import Dockerfile, Instruction, Stage
from drydock.engines.engine import Engine
from drydock.errors import Misuse
from drydock.events import Tell, Trouble
from drydock.measures.build import Step
from drydock.text import read_bytes

MODERN_FLAGS = {
    "RUN": ("mount", "network", "security"),
    "COPY": ("link", "chmod", "parents", "exclude"),
    "ADD": ("link", "chmod", "checksum", "keep-git-dir", "exclude"),
}
STEP = re.compile(r"Step (\d+)/\d+ : ")
CONTEXT = re.compile(r"Sending build context to Docker daemon\s+([\d.]+[kMG]?B)")
CACHED = " ---> Using cache"


def refuse(plan: Plan) -> None:
    """Raise Misuse if any image of the plan needs BuildKit, naming the first place and how many more there are."""
    reasons = [reason for image in plan.chosen for reason in needs(image, plan.files[image.name])]
    if reasons:
        more = f", and {len(reasons) - 1} more" if len(reasons) > 1 else ""
        raise Misuse(f"BuildKit is needed: {reasons[0]}{more}", remedy="inv build --buildkit")


def needs(image: Image, file: Dockerfile) -> Iterator[str]:
    """Everything in an image that the classic builder does not know, as `file:line: what`. Pure."""
    stages, _ = ancestry.reachable(file, image.target, image.args, image.contexts)
    for one in (one for stage in stages for one in stage.instructions):
        used = [f"--{name}" for name in MODERN_FLAGS.get(one.keyword, ()) if one.flag(name) is not None]
        if one.heredocs:
            used.append("a here-document")
        yield from (f"{file.path}:{one.line}: {one.keyword} with {what}" for what in used)
    for what, asked in (("named contexts", image.contexts), ("secrets", image.secrets), ("ssh", image.ssh)):
        if asked:
            yield f"{image.name} is built with {what}"


def substituted(image: Image, file: Dockerfile, references: Mapping[str, str]) -> str:
    """The Dockerfile with other references in the place of bases: this builder has no named contexts. Pure."""
    text = file.text
    edits: list[tuple[Instruction, str, str]] = []
    for stage in file.stages:
        if (name := ancestry.base_name(file, stage, image.args)) in references:
            edits.append((stage.opening, stage.base, references[name]))
        for one in stage.instructions:
            if (name := one.flag("from") or "") in references:
                edits.append((one, f"--from={name}", f"--from={references[name]}"))
    for one, old, new in reversed(edits):
        text = text[: one.start] + one.text.replace(old, new, 1) + text[one.end :]
    return text


def argv(image: Image) -> list[str]:
    """The command line; the Dockerfile comes on stdin, and no container of a failed step stays with its arguments."""
    line = ["docker", "build", "--file=-", "--force-rm", f"--tag={image.tag}"]
    line += [f"--target={image.target}"] if image.target else []
    line += [f"--tag={tag}" for tag in image.tags]
    line += [f"--build-arg={name}={value}" for name, value in image.args.items()]
    line += [f"--label={name}={value}" for name, value in image.labels.items()]
    line += [f"--network={image.network}"] if image.network else []
    return [*line, str(image.context)]


def run(config: Config, engine: Engine, plan: Plan, tell: Tell) -> tuple[list[Built], Trouble | None]:
    """Build the chosen images one after the other, until one fails; Misuse where one needs BuildKit."""
    refuse(plan)
    veil = plan.veil(config.environ)
    built = list[Built]()
    for image in plan.chosen:
        if command.is_dry():
            command.show([veil.hide(word) for word in argv(image)])
            continue
        one, trouble = build(engine, plan, image, buildx.proxies(config.environ), tell, veil)
        built.append(one)
        if trouble:
            return built, trouble
    return built, None


def build(
    engine: Engine, plan: Plan, image: Image, proxies: tuple[str, ...], tell: Tell, veil: Veil
) -> tuple[Built, Trouble | None]:
    """Build one image without BuildKit; a failed build comes with what went wrong. `veil` hides what looks secret."""
    file, bases = plan.files[image.name], plan.bases[image.name]
    text = substituted(image, file, {base.name: base.reference for base in bases if base.reference != base.name})
    line = argv(image)
    line[-1:-1] = [f"--build-arg={name}" for name in proxies]
    environ = {**engine.environ, "DOCKER_BUILDKIT": "0"}
    began, lines, steps = time.monotonic(), list[str](), list[Step]()
    context = 0
    with command.start(line, env=environ, stdin=PIPE, stderr=MERGED) as child:
        command.feed(child, text.encode())
        for said in (veil.hide(raw.decode("utf-8", "replace").rstrip("\r\n")) for raw in child.stdout or ()):
            lines = [*lines[1 - TAIL_LINES :], said]
            _follow(steps, image, file, said, time.monotonic() - began, tell)
            if match := CONTEXT.match(said):
                context = read_bytes(match[1])
        code = child.wait()
    seconds = time.monotonic() - began
    _end(steps, seconds, tell)
    steps = [replace(step, instruction=veil.hide(step.instruction)) for step in steps]
    ran = tuple(step for step in steps if step.instruction.split(" ", 1)[0] in RUNS)
    if not code:
        return Built(image, bases, True, seconds, ran, context), None
    last = steps[-1] if steps else None
    if ran and ran[-1] is last:
        ran = (*ran[:-1], replace(last, log=printed.kept("\n".join(lines), veil)))
    where = f"{file.path}:{last.line}: {' '.join(last.instruction.split())}" if last else file.path
    trouble = Trouble(f"{image.name}: {where}: {lines[-1] if lines else code}", f"mend {file.path}", tuple(lines))
    return Built(image, bases, False, seconds, ran, context, log=tuple(lines)), trouble


def _follow(steps: list[Step], image: Image, file: Dockerfile, said: str, now: float, tell: Tell) -> None:
    """Take in a line of output: a step begins, comes from the cache, or prints something."""
    if match := STEP.match(said):
        _end(steps, now, tell)
        one = file.instructions[int(match[1]) - 1]
        steps.append(Step(image.name, _stage(file, one), one.joined, one.line, now, 0.0, False))
    elif steps and said == CACHED:
        steps[-1] = replace(steps[-1], cached=True)
    elif steps:
        tell(Output(image.name, steps[-1].stage, (said,)))


def _end(steps: list[Step], now: float, tell: Tell) -> None:
    if steps:
        last = steps[-1]
        steps[-1] = replace(last, seconds=0.0 if last.cached else now - last.started)
        tell(Finished(steps[-1]))


def _stage(file: Dockerfile, one: Instruction) -> str:
    holding: list[Stage] = [stage for stage in file.stages if one in stage.instructions]
    return holding[0].title if holding else ""
