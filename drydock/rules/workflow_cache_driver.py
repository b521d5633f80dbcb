"""A build exports its cache with the builder inside the engine, which cannot: the step fails, or keeps nothing.

`cache-to` with `type=gha`, `registry` or `local` needs a builder of its own, as docker/setup-buildx-action makes it
(driver `docker-container`); the built-in one (driver `docker`) writes inline caches only, unless the engine keeps its
images in containerd's store.

Steps count only where nothing before them may have made a builder, and where none is named.

There is no fix: which builder the job should have, only you know.

Bad:

    --- .github/workflows/ci.yml
    on: push
    jobs:
      image:
        runs-on: ubuntu-24.04
        steps:
          - uses: docker/build-push-action@v6
            with:
              context: .
              cache-from: type=gha
              cache-to: type=gha,mode=max

Good:

    --- .github/workflows/ci.yml
    on: push
    jobs:
      image:
        runs-on: ubuntu-24.04
        steps:
          - uses: docker/setup-buildx-action@v3
          - uses: docker/build-push-action@v6
            with:
              context: .
              cache-to: type=gha,mode=max
      inline:
        runs-on: ubuntu-24.04
        steps:
          - uses: docker/build-push-action@v6
            with:
              cache-to: type=inline
"""

import re
from collections.abc import Iterator

from drydock.audit import ciimages, trust
from drydock.audit.finding import Found, Severity
from drydock.audit.rule import each_workflow, rule
from drydock.audit.workflowfile import Job, WorkflowFile, WorkStep

EXPORT = re.compile(r"\btype=(gha|registry|local|s3|azblob)\b")
SETUP = "docker/setup-buildx-action"


def check(file: WorkflowFile) -> Iterator[Found]:
    for job, step in file.steps:
        if step.uses is None or step.action != ciimages.ACTION or step.given("builder") is not None:
            continue
        kind = EXPORT.search(step.given("cache-to") or "")
        if kind and not _may_have_builder(file, job, step):
            yield file.found(step.uses, f"the engine's own builder cannot export a cache of type {kind[1]}")


def _may_have_builder(file: WorkflowFile, job: Job, step: WorkStep) -> bool:
    runner, before = job.node.get("runs-on"), job.before(step)
    if any(node.get("env", "BUILDX_BUILDER") is not None for node in (file.root, job.node, step.node)):
        return True
    if runner is None or not all(re.match(r"ubuntu-|\$\{\{ *matrix", word) for word in runner.words()):
        return True  # a machine that somebody else has set up
    made = [one for one in before if one.action == SETUP]
    if made:
        return made[-1].given("driver") != "docker"
    return (
        bool(trust.unknown(before))
        or any(one.action == "docker/setup-docker-action" for one in before)
        or ("buildx" in trust.text(before) or "containerd" in trust.text(before))
    )


RULE = rule(__name__, __doc__, Severity.ERROR, each_workflow(check))
