"""A workflow builds images and leaves it to the engine whether BuildKit does it.

Engines before 23 build with the old builder, which knows no cache mounts and stops at `--mount`. `DOCKER_BUILDKIT=1`
says what the Dockerfile was written for; where BuildKit is the default it changes nothing.

The fix is safe: it puts the variable into the workflow's own `env`. It is declined where `env` is written in a form
that cannot be added to. A builder that docker/setup-buildx-action makes is BuildKit already, as is `docker buildx`.

Bad:

    --- .github/workflows/ci.yml
    on: push
    jobs:
      image:
        runs-on: ubuntu-24.04
        steps:
          - run: docker build --tag app .

Bad (there is an env already):

    --- .github/workflows/ci.yml
    on: push
    env:
      LANG: C  # as here
    jobs:
      image:
        runs-on: ubuntu-24.04
        steps:
          - run: |
              docker compose build
              docker compose up --detach

Good:

    --- .github/workflows/ci.yml
    on: push
    jobs:
      image:
        runs-on: ubuntu-24.04
        env:
          DOCKER_BUILDKIT: "1"
        steps:
          - run: docker build --tag app .
      other:
        runs-on: ubuntu-24.04
        steps:
          - uses: docker/setup-buildx-action@v3
          - run: docker buildx build --tag other .
"""

from collections.abc import Iterator

from drydock.audit import ciimages, entries
from drydock.audit.ciimages import CiImage
from drydock.audit.finding import Found, Severity, mend
from drydock.audit.repository import Repository
from drydock.audit.rule import rule
from drydock.audit.source import Edit
from drydock.audit.workflowfile import WorkflowFile
from drydock.audit.yamltree import Shape

NAME = "DOCKER_BUILDKIT"


def check(repository: Repository) -> Iterator[Found]:
    for file in repository.workflows:
        said = set[int]()
        for image in ciimages.of(repository, file):
            if image.step.action or image.node.start in said or _is_said(image):
                continue
            said.add(image.node.start)
            edit = _edit(file)
            declined = "" if edit else "its env is written in a form that cannot be added to"
            message = f"{image.job.name} leaves it to the engine whether BuildKit builds"
            yield file.found(image.node, message, mend(file.source, edit) if edit else None, declined=declined)


def _is_said(image: CiImage) -> bool:
    """Whether a variable, a builder or the command itself says it; on Windows there is no BuildKit."""
    nodes = (image.file.root, image.job.node, image.step.node)
    if any(node.get("env", NAME) is not None for node in nodes):
        return True
    before = image.job.before(image.step)
    made = any("buildx" in one.action or one.action.startswith("./") for one in before)
    text = "\n".join(one.run.text for one in (*before, image.step) if one.run is not None)
    runner = entries.text(image.job.node.get("runs-on"))
    return made or NAME in text or "buildx" in text or "windows" in runner


def _edit(file: WorkflowFile) -> Edit | None:
    env, jobs = file.root.get("env"), file.root.key("jobs")
    if env is None:
        if jobs is None or file.root.flow:
            return None
        return Edit(jobs.start, jobs.start, f'env:\n  {NAME}: "1"\n\n')
    if env.shape is not Shape.MAPPING or env.flow or not env.pairs or env.anchor:
        return None
    first = env.pairs[0][0]
    indent = " " * (file.source.place(first.start)[1] - 1)
    return Edit(first.start, first.start, f'{NAME}: "1"\n{indent}')


RULE = rule(__name__, __doc__, Severity.NOTE, check)
