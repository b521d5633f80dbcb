"""A workflow calls `docker-compose`, the first Compose, which is no longer maintained nor on GitHub's runners.

`docker compose` is its successor and takes the same words. Runners of today answer the old name with "not found".

The fix is safe: it writes the new name in its place. It is declined where the job installs the old one itself, names
containers as the old one did (`app_web_1`), runs on a machine or in a container of its own, or where the words stand in
a form in which they cannot be found again.

Bad:

    --- .github/workflows/ci.yml
    on: push
    jobs:
      up:
        runs-on: ubuntu-24.04
        steps:
          - run: |
              # docker-compose as ever
              sudo docker-compose -f docker-compose.yml up -d && docker-compose ps

Good:

    --- .github/workflows/ci.yml
    on: push
    jobs:
      up:
        runs-on: ubuntu-24.04
        steps:
          - run: docker compose -f docker-compose.yml up -d
          - run: cat docker-compose.yml
"""

import re
from collections.abc import Iterator

from drydock.audit import scripting, shell, trust
from drydock.audit.finding import Found, Severity, mend
from drydock.audit.rule import each_workflow, rule
from drydock.audit.source import Edit
from drydock.audit.workflowfile import Job, WorkflowFile, WorkStep
from drydock.audit.yamltree import Shape

OLD = "docker-compose"
NESTED = re.compile(r"(?:\$\(|`)\s*(?:sudo\s+)?(docker-compose)(?=\s)")
INSTALLS = re.compile(r"(install|curl|wget|ln|mv|chmod)\b.*docker-compose(?![\w.-]*\.ya?ml)")
CONTAINER = re.compile(r"\b[a-z][a-z0-9-]*_[a-z][a-z0-9-]*_\d+\b")


def check(file: WorkflowFile) -> Iterator[Found]:
    for job, step in file.steps:
        if step.run is None or step.run.shape is not Shape.SCALAR or OLD not in step.run.text:
            continue
        places = sorted(_places(step.run.text))
        if not places:
            continue
        edits, declined = _edits(file, job, step, places)
        fix = mend(file.source, *edits) if edits else None
        yield file.found(
            step.run, f"{job.name} calls docker-compose, which runners no longer have", fix, declined=declined
        )


def _places(text: str) -> set[int]:
    """Where the program is called: not where it is a file's name, or only asked for."""
    found = {match.start(1) for match in NESTED.finditer(text)}
    for command in shell.script(text):
        first = command.words[0]
        if first.text == OLD and command.wrapper != "command" and first.end - first.start == len(OLD):
            found.add(first.start)
    return {at for at in found if text.startswith(OLD, at)}


def _edits(file: WorkflowFile, job: Job, step: WorkStep, places: list[int]) -> tuple[tuple[Edit, ...], str]:
    runner, text = job.node.get("runs-on"), trust.text(one for _, one in file.steps)
    if job.node.get("container") is not None or "self-hosted" in (runner.words() if runner is not None else ()):
        return (), "it runs on a machine or in a container of its own, which may have the old one alone"
    if INSTALLS.search(text) or "setup-docker-compose" in file.source.text or "setup-compose" in file.source.text:
        return (), "the workflow installs the old one itself"
    if CONTAINER.search(text):
        return (), "containers are named as the old one did"
    starts = [scripting.place(file.source, step.run, at) for at in places] if step.run is not None else []
    found = [at for at in starts if at is not None and file.source.text.startswith(OLD, at)]
    if len(found) != len(places):
        return (), "the script is written in a form in which the words cannot be found again"
    return tuple(Edit(at, at + len(OLD), "docker compose") for at in found), ""


RULE = rule(__name__, __doc__, Severity.WARNING, each_workflow(check))
