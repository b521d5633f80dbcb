"""A workflow's token may do more than its steps need.

Whatever runs in a job, an action that was taken over or a script of a package, has the token's permissions. Without
`permissions` they are what the repository's settings give by default, often to write everything. Begin with
`permissions: {}` and give each job what it uses.

A permission to write counts as unneeded where no step is seen to push, release or use the token, and where no action is
used that might. The fix writes what checking out needs. It is not safe by itself, since it is known by the words of the
steps alone; where one of them might write, it is declined.

Bad:

    --- .github/workflows/ci.yml
    on: push
    permissions: write-all
    jobs:
      test:
        runs-on: ubuntu-24.04
        steps:
          - run: npm test

Bad (nothing is said):

    --- .github/workflows/ci.yml
    on: push
    jobs:
      test:
        runs-on: ubuntu-24.04
        steps:
          - run: npm test

Bad (nothing is pushed):

    --- .github/workflows/ci.yml
    on: push
    jobs:
      test:
        runs-on: ubuntu-24.04
        permissions:
          contents: write
        steps:
          - run: npm test

Good:

    --- .github/workflows/ci.yml
    on: push
    permissions: {}
    jobs:
      release:
        runs-on: ubuntu-24.04
        permissions:
          contents: write # to release
        steps:
          - run: gh release create "$TAG"
"""

from collections.abc import Iterator

from drydock.audit import trust
from drydock.audit.finding import Found, Severity, mend
from drydock.audit.rule import each_workflow, rule
from drydock.audit.source import Edit
from drydock.audit.workflowfile import Job, WorkflowFile, WorkStep
from drydock.audit.yamltree import Node, Shape

NEEDED = "contents: read"
UNSURE = "some of its steps may write: which permissions they need, only you know"


def check(file: WorkflowFile) -> Iterator[Found]:
    top = file.root.get("permissions")
    steps = tuple(step for _, step in file.steps)
    called = any(job.node.get("uses") is not None for job in file.jobs)
    if top is None and not _is_called(file) and any(job.node.get("permissions") is None for job in file.jobs):
        yield _missing(file, steps, called)
    places: list[tuple[Node | None, tuple[WorkStep, ...], bool]] = [(top, steps, called)]
    places += [(job.node.get("permissions"), job.steps, _calls(job)) for job in file.jobs]
    for node, some, calls in places:
        if node is not None:
            yield from _wide(file, node, some, calls)


def _is_called(file: WorkflowFile) -> bool:
    """Whether only other workflows start it, whose permissions it has."""
    node = file.root.get("on")
    names = [key.text for key, _ in node.entries()] if node is not None else []
    return [*names, *(node.words() if node is not None else ())] == ["workflow_call"]


def _calls(job: Job) -> bool:
    return job.node.get("uses") is not None


def _missing(file: WorkflowFile, steps: tuple[WorkStep, ...], called: bool) -> Found:
    jobs = file.root.key("jobs") or file.root
    message = "nothing says what the token may do: the repository's settings decide"
    if called or not trust.is_harmless(file, steps) or file.root.flow:
        return file.found(jobs, message, declined=UNSURE)
    edit = Edit(jobs.start, jobs.start, f"permissions:\n  {NEEDED}\n\n")
    return file.found(jobs, message, mend(file.source, edit, safe=False))


def _wide(file: WorkflowFile, node: Node, steps: tuple[WorkStep, ...], calls: bool) -> Iterator[Found]:
    harmless = trust.is_harmless(file, steps) and not calls
    if node.shape is Shape.SCALAR and node.text == "write-all":
        line = file.source.text[file.source.line_start(file.source.place(node.start)[0]) :]
        indent = " " * (len(line) - len(line.lstrip(" ")) + 2)
        start = len(file.source.text[: node.start].rstrip(" "))
        edit = Edit(start, node.end, f"\n{indent}{NEEDED}") if harmless else None
        fix = mend(file.source, edit, safe=False) if edit else None
        yield file.found(node, "every permission is given", fix, declined="" if edit else UNSURE)
    for key, value in node.entries() if harmless else ():
        if key.text in ("contents", "packages") and value.text == "write":
            edit = Edit(value.start, value.end, "read")
            message = f"{key.text} may be written, though no step is seen to do so"
            yield file.found(key, message, mend(file.source, edit, safe=False))


RULE = rule(__name__, __doc__, Severity.WARNING, each_workflow(check))
