"""The images that workflows build: by an action, by `docker build`, by compose; in scripts as well. Pure."""

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from itertools import pairwise

from drydock.audit import entries, scripting, shell
from drydock.audit.composefile import joined
from drydock.audit.repository import Repository
from drydock.audit.shell import Command
from drydock.audit.workflowfile import Job, WorkflowFile, WorkStep
from drydock.audit.yamltree import Node, Shape
from drydock.values import dataclass

ACTION = "docker/build-push-action"
BAKE = re.compile(r"docker/bake-action|\bbuildx bake\b")
VALUED = frozenset(
    {"-t", "--tag", "-f", "--file", "--target", "--build-arg", "--build-context", "--cache-from", "--cache-to"}
    | {"--platform", "--output", "-o", "--label", "--secret", "--ssh", "--network", "--progress", "--builder"}
    | {"--iidfile", "--metadata-file", "--add-host", "--allow", "--annotation", "--memory", "-m", "--shm-size"}
    | {"--ulimit", "--no-cache-filter", "--provenance", "--sbom", "--attest", "--cgroup-parent"}
)


@dataclass(frozen=True)
class CiImage:
    """An image that a step builds; `folder` is None where it cannot be told.

    `compose` is the compose file, or its folder, where compose builds all of it; `node` is what says it.
    """

    file: WorkflowFile
    job: Job
    step: WorkStep
    node: Node
    folder: str | None
    dockerfile: str
    target: str = ""
    args: Mapping[str, str] = field(default_factory=dict)
    flags: frozenset[str] = frozenset()
    compose: str | None = None


def of(repository: Repository, file: WorkflowFile) -> Iterator[CiImage]:
    """What a workflow builds, in its order."""
    for job, step in file.steps:
        yield from of_step(repository, file, job, step)


def of_step(repository: Repository, file: WorkflowFile, job: Job, step: WorkStep) -> Iterator[CiImage]:
    """What one step builds."""
    if step.action == ACTION and step.uses is not None:
        yield _action(file, job, step)
    elif step.run is not None and step.run.shape is Shape.SCALAR:
        base = entries.text(step.node.get("working-directory")) or _default(file, job)
        for text in scripting.scripts(repository, step):
            for command in shell.script(text):
                if (found := _command(file, job, step, command, base)) is not None:
                    yield found


def builds(command: Command) -> str:
    """ "docker" or "compose" where a command builds images, "" where it does not."""
    words = [word.text for word in command.words]
    if command.program == "docker" and words[1:2] == ["compose"]:
        words = words[1:]
    elif command.program != "docker-compose":
        is_build = words[1:2] == ["build"] or words[1:3] in (["buildx", "build"], ["image", "build"], ["buildx", "b"])
        return "docker" if command.program == "docker" and is_build else ""
    verbs = [word for word in words[1:] if word in ("build", "up", "run", "create")]
    return "compose" if verbs and (verbs[0] == "build" or "--build" in words) else ""


def _default(file: WorkflowFile, job: Job) -> str:
    return entries.text(job.node.get("defaults", "run", "working-directory")) or entries.text(
        file.root.get("defaults", "run", "working-directory")
    )


def _action(file: WorkflowFile, job: Job, step: WorkStep) -> CiImage:
    context, named = step.given("context"), step.given("file") or ""
    folder = joined("", context) if context is not None and "${{" not in context else None
    dockerfile = joined("", named) if named and "${{" not in named else None
    if not named and folder is not None:
        dockerfile = posixpath.join(folder, "Dockerfile")
    lines = [line.partition("=") for line in (step.given("build-args") or "").splitlines() if "=" in line]
    args = {name.strip(): value.strip() for name, _, value in lines}
    given = step.node.get("with")
    flags = frozenset(key.text for key, _ in given.entries()) if given is not None else frozenset[str]()
    node = step.uses or step.node
    return CiImage(file, job, step, node, folder, dockerfile or "", step.given("target") or "", args, flags)


def _command(file: WorkflowFile, job: Job, step: WorkStep, command: Command, base: str) -> CiImage | None:
    kind, node = builds(command), step.run or step.node
    words = [word.text for word in command.words]
    if kind == "compose":
        named = [following for word, following in pairwise(words) if word in ("-f", "--file")]
        return CiImage(file, job, step, node, None, "", compose=joined(base, named[0]) if named else joined(base, "."))
    if kind != "docker":
        return None
    options, rest = _options(words[words.index("build") + 1 if "build" in words else 3 :])
    exact = all(word.exact for word in command.words)
    folder = joined(base, rest[-1]) if rest and "$" not in rest[-1] + base else None
    named = options.get("--file", [""])
    dockerfile = joined(base, named[-1]) if named[-1] else posixpath.join(folder or "", "Dockerfile")
    pairs = [word.partition("=") for word in options.get("--build-arg", [])]
    args = {name: value for name, sign, value in pairs if sign}
    target = options.get("--target", [""])[-1]
    folder = folder if exact or not any("$" in word for word in (*named, target)) else None
    return CiImage(file, job, step, node, folder, dockerfile or "", target, args, frozenset(options))


def _options(words: list[str]) -> tuple[dict[str, list[str]], list[str]]:
    """Options with their values, and what is no option."""
    short = {"-f": "--file", "-t": "--tag", "-o": "--output"}
    options, rest, waiting = dict[str, list[str]](), list[str](), ""
    for word in words:
        name, sign, value = word.partition("=")
        if waiting:
            options.setdefault(short.get(waiting, waiting), []).append(word)
            waiting = ""
        elif word.startswith("-") and word != "-":
            if sign:
                options.setdefault(short.get(name, name), []).append(value)
            elif word in VALUED:
                waiting = word
            else:
                options.setdefault(word, [])
        else:
            rest.append(word)
    return options, rest
