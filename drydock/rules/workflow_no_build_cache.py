"""A workflow builds an image without a build cache: every run builds everything from nothing.

A runner begins empty. Unless a build imports a cache and exports one (`cache-from`, `cache-to`), each push installs all
packages again, which is most of the time that the job takes.

The fix writes GitHub's own cache (`type=gha`) into steps of docker/build-push-action behind docker/setup-buildx-action,
with a scope for each image where the workflow builds several. It is not safe by itself: it uses the repository's cache
space. For builds in scripts, by docker or by compose, it is declined: what reads and writes the cache there, only you
know. Scripts on a runner of your own are left alone, as its engine keeps what it has built.

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

Bad (by compose):

    --- .github/workflows/ci.yml
    on: push
    jobs:
      build:
        runs-on: ubuntu-latest
        steps:
          - run: docker compose build
    --- compose.yml
    services:
      web:
        build: .
    --- Dockerfile
    FROM python:3.12-slim

Good (by compose):

    --- .github/workflows/ci.yml
    on: push
    jobs:
      build:
        runs-on: ubuntu-latest
        steps:
          - run: docker compose build
    --- compose.yml
    services:
      web:
        build:
          context: .
          cache_from: [type=gha]
          cache_to: [type=gha]

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
from collections import Counter
from collections.abc import Iterator, Mapping

from drydock.audit import ciimages, shell
from drydock.audit.ciimages import ACTION
from drydock.audit.finding import Found, Severity, mend
from drydock.audit.repository import Repository
from drydock.audit.rule import rule
from drydock.audit.source import Edit
from drydock.audit.workflowfile import Job, WorkflowFile, WorkStep
from drydock.audit.yamltree import Shape

SETUP = "docker/setup-buildx-action"
FLAGS = ("--cache-from", "--cache-to")
TELLING = ("context", "file", "target")


def check(repository: Repository) -> Iterator[Found]:
    for file in repository.workflows:
        yield from _of(repository, file)


def _of(repository: Repository, file: WorkflowFile) -> Iterator[Found]:
    builds = [one for _, one in file.steps if one.action == ACTION]
    words = {name: Counter(_word(one, name) for one in builds) for name in TELLING} if builds[1:] else {}
    for job, step in file.steps:
        if step.uses is not None and step.action == ACTION:
            missing = [name for name in ("cache-from", "cache-to") if step.given(name) is None]
            if missing and "no-cache" not in _inputs(step):
                edits, declined = _edits(file, job, step, missing, words)
                fix = mend(file.source, *edits, safe=False) if edits else None
                yield file.found(step.uses, f"this build has no {' and no '.join(missing)}", fix, declined=declined)
        elif step.run is not None and not _is_own(job) and _builds_in_script(repository, file, job, step):
            message = "this script builds images without a build cache"
            yield file.found(step.run, message, declined="how a script keeps its cache, only you know")


def _inputs(step: WorkStep) -> set[str]:
    node = step.node.get("with")
    return {key.text for key, _ in node.entries()} if node is not None else set()


def _is_own(job: Job) -> bool:
    """Whether it runs on a machine that stays."""
    runner = job.node.get("runs-on")
    return runner is not None and "self-hosted" in runner.words()


def _builds_in_script(repository: Repository, file: WorkflowFile, job: Job, step: WorkStep) -> bool:
    """Whether a script calls docker build or has compose build, and no cache is named anywhere."""
    if step.run is None or step.run.shape is not Shape.SCALAR:
        return False
    script = step.run.text
    if "docker" not in script or any(flag in script for flag in FLAGS):
        return False
    kinds = {ciimages.builds(command) for command in shell.script(script)}
    composed = [one.compose for one in ciimages.of_step(repository, file, job, step) if one.compose is not None]
    return "docker" in kinds or any(_is_uncached(repository, path) for path in composed)


def _is_uncached(repository: Repository, path: str) -> bool:
    """Whether a compose file (or those of a folder) builds images, and says of none where its cache is."""
    files = [one for one in repository.composefiles if path in (one.path, posixpath.dirname(one.path))]
    nodes = [node for one in files for service in one.services if (node := service.get("build")) is not None]
    return bool(nodes) and not any(node.get(name) for node in nodes for name in ("cache_from", "cache_to"))


def _edits(
    file: WorkflowFile, job: Job, step: WorkStep, missing: list[str], words: Mapping[str, Counter[str]]
) -> tuple[tuple[Edit, ...], str]:
    """The edits, or why there are none; `words` are those of all builds of the file, where there are several."""
    node = step.node.get("with")
    if len(missing) == 1:
        return (), "one of the two is there: what belongs to it, only you know"
    if node is None or node.flow or not node.pairs or node.start < step.node.start:
        return (), "its inputs are written in a form that cannot be added to"
    if not any(one.action == SETUP for one in job.before(step)):
        return (), f"the engine's own builder cannot export a cache: {SETUP} has to come before"
    scope = f",scope={_scope(step, words)}" if words else ""
    indent = " " * (file.source.place(node.pairs[0][0].start)[1] - 1)
    end = file.source.text.find("\n", node.end)
    at = len(file.source.text) if end < 0 else end - (file.source.newline == "\r\n")
    lines = {"cache-from": f"type=gha{scope}", "cache-to": f"type=gha,mode=max{scope}"}
    return (Edit(at, at, "".join(f"\n{indent}{name}: {lines[name]}" for name in missing)),), ""


def _scope(step: WorkStep, words: Mapping[str, Counter[str]]) -> str:
    """A word for the image: its context or Dockerfile where that tells it apart, else job and number."""
    for name, times in words.items():
        own = _word(step, name)
        if own and times[own] == 1 and own.replace("-", "").replace("_", "").replace(".", "").isalnum():
            return own
    return f"{step.job}-{step.index}"


def _word(step: WorkStep, name: str) -> str:
    return posixpath.basename((step.given(name) or "").rstrip("/."))


RULE = rule(__name__, __doc__, Severity.WARNING, check)
