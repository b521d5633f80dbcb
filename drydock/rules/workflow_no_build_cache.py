"""A workflow builds an image without a build cache: every run builds everything from nothing.

A runner begins empty. Unless a build imports a cache and exports one (`cache-from`, `cache-to`), each push installs all
packages again, which is most of the time that the job takes.

The fix writes GitHub's own cache (`type=gha`) into steps of docker/build-push-action behind docker/setup-buildx-action,
with a scope for each image where the workflow builds several. It is not safe by itself: it uses the repository's cache
space. For builds in scripts it is declined: what reads and writes the cache there, only you know.

Bad:

    --- .github/workflows/ci.yml
    on: push
    jobs:
      build:
        runs-on: ubuntu-latest
        steps:
          - uses: actions/checkout@v6
          - uses: docker/setup-buildx-action@v4
          - uses: docker/build-push-action@v6
            with:
              context: .
              tags: app:latest  # the newest

Good:

    --- .github/workflows/ci.yml
    on: push
    jobs:
      build:
        runs-on: ubuntu-latest
        steps:
          - uses: docker/setup-buildx-action@v4
          - uses: docker/build-push-action@v6
            with:
              context: .
              cache-from: type=gha
              cache-to: type=gha,mode=max
"""

import posixpath
from collections.abc import Iterator

from drydock.audit import shell
from drydock.audit.finding import Found, Severity, mend
from drydock.audit.rule import each_workflow, rule
from drydock.audit.source import Edit
from drydock.audit.workflowfile import Job, WorkflowFile, WorkStep
from drydock.audit.yamltree import Shape

ACTION = "docker/build-push-action"
SETUP = "docker/setup-buildx-action"
FLAGS = ("--cache-from", "--cache-to")


def check(file: WorkflowFile) -> Iterator[Found]:
    for job, step in file.steps:
        if step.uses is not None and step.action == ACTION:
            missing = [name for name in ("cache-from", "cache-to") if step.given(name) is None]
            if missing and "no-cache" not in _inputs(step):
                edits, declined = _edits(file, job, step, missing)
                fix = mend(file.source, *edits, safe=False) if edits else None
                yield file.found(step.uses, f"this build has no {' and no '.join(missing)}", fix, declined=declined)
        elif step.run is not None and step.run.shape is Shape.SCALAR and _builds(step.run.text):
            message = "this script builds images without a build cache"
            yield file.found(step.run, message, declined="how a script keeps its cache, only you know")


def _inputs(step: WorkStep) -> set[str]:
    node = step.node.get("with")
    return {key.text for key, _ in node.entries()} if node is not None else set()


def _builds(script: str) -> bool:
    """Whether it calls docker build, and no cache is named anywhere in it."""
    if "docker" not in script or any(flag in script for flag in FLAGS):
        return False
    lines = [command.line for command in shell.script(script)]
    return any(line.startswith(("docker build ", "docker buildx build ", "docker image build ")) for line in lines)


def _edits(file: WorkflowFile, job: Job, step: WorkStep, missing: list[str]) -> tuple[tuple[Edit, ...], str]:
    node = step.node.get("with")
    if len(missing) == 1:
        return (), "one of the two is there: what belongs to it, only you know"
    if node is None or node.flow or not node.pairs or node.start < step.node.start:
        return (), "its inputs are written in a form that cannot be added to"
    if not any(one.action == SETUP for one in job.before(step)):
        return (), f"the engine's own builder cannot export a cache: {SETUP} has to come before"
    builds = [one for _, one in file.steps if one.action == ACTION]
    scope = f",scope={_scope(step, builds)}" if builds[1:] else ""
    indent = " " * (file.source.place(node.pairs[0][0].start)[1] - 1)
    end = file.source.text.find("\n", node.end)
    at = len(file.source.text) if end < 0 else end - (file.source.newline == "\r\n")
    lines = {"cache-from": f"type=gha{scope}", "cache-to": f"type=gha,mode=max{scope}"}
    return (Edit(at, at, "".join(f"\n{indent}{name}: {lines[name]}" for name in missing)),), ""


def _scope(step: WorkStep, builds: list[WorkStep]) -> str:
    """A word for the image: its context or Dockerfile where that tells it apart, else job and number."""
    for name in ("context", "file", "target"):
        words = [posixpath.basename((one.given(name) or "").rstrip("/.")) for one in builds]
        own = posixpath.basename((step.given(name) or "").rstrip("/."))
        if own and words.count(own) == 1 and own.replace("-", "").replace("_", "").replace(".", "").isalnum():
            return own
    return f"{step.job}-{step.index}"


RULE = rule(__name__, __doc__, Severity.WARNING, each_workflow(check))
