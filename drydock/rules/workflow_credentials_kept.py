"""A checkout leaves its token in `.git/config`, where every later step and every artifact can read it.

`persist-credentials: false` takes it out. Only steps that talk to the remote, such as `git push`, need it.

The fix is not safe by itself where later steps run scripts, which may use git unseen; it is safe where they do not. It
is declined where a step of the job uses git, or an action that might.

Bad:

    --- .github/workflows/ci.yml
    on: push
    jobs:
      build:
        runs-on: ubuntu-24.04
        steps:
          - uses: actions/checkout@v6 # the newest
          - run: npm test

Bad (inputs are there):

    --- .github/workflows/ci.yml
    on: push
    jobs:
      build:
        runs-on: ubuntu-24.04
        steps:
          - name: Check out
            uses: actions/checkout@v6
            with:
              fetch-depth: 0

Good:

    --- .github/workflows/ci.yml
    on: push
    jobs:
      build:
        runs-on: ubuntu-24.04
        steps:
          - uses: actions/checkout@v6
            with:
              persist-credentials: false
"""

from collections.abc import Iterator

from drydock.audit import trust
from drydock.audit.finding import Found, Severity, mend
from drydock.audit.rule import each_workflow, rule
from drydock.audit.source import Edit
from drydock.audit.workflowfile import Job, WorkflowFile, WorkStep

INPUT = "persist-credentials"


def check(file: WorkflowFile) -> Iterator[Found]:
    for job, step in file.steps:
        if step.uses is None or step.action != "actions/checkout" or step.given(INPUT) == "false":
            continue
        later = job.steps[step.index + 1 :]
        edit, declined = _edit(file, job, step)
        is_safe = not trust.text(later)
        fix = mend(file.source, edit, safe=is_safe) if edit and not declined else None
        yield file.found(
            step.uses, f"{job.name} keeps the token of its checkout in .git/config", fix, declined=declined
        )


def _edit(file: WorkflowFile, job: Job, step: WorkStep) -> tuple[Edit | None, str]:
    if other := trust.unknown(job.steps):
        return None, f"{other} may use it"
    if trust.GIT.search(trust.text(job.steps)):
        return None, "a step of the job uses git"
    if step.version.startswith("v1"):
        return None, "that version of the action has no such input"
    given, key, text = step.node.get("with"), step.node.key("uses"), file.source.text
    if step.node.flow or key is None or step.uses is None or step.uses.start < step.node.start:
        return None, "it is written in a form that cannot be added to"
    value = step.node.get("with", INPUT)
    if value is not None:
        return (Edit(value.start, value.end, "false"), "") if value.text == "true" else (None, "a variable decides")
    if given is None:
        indent = " " * (file.source.place(key.start)[1] - 1)
        end = text.find("\n", step.uses.end)
        at = len(text) if end < 0 else end - (text[end - 1] == "\r")
        return Edit(at, at, f"\n{indent}with:\n{indent}  {INPUT}: false"), ""
    if given.flow or not given.pairs or given.start < step.node.start or given.anchor:
        return None, "its inputs are written in a form that cannot be added to"
    first = given.pairs[0][0]
    return Edit(first.start, first.start, f"{INPUT}: false\n{' ' * (file.source.place(first.start)[1] - 1)}"), ""


RULE = rule(__name__, __doc__, Severity.NOTE, each_workflow(check))
