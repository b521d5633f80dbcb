"""A workflow uses an action by a tag or branch: whoever can move that can run what they like with your token.

A tag is moved by whoever holds the action's repository, or takes it over. A full commit cannot be moved; with the
version behind it as a comment it stays readable, and bots that raise versions keep both in step.

Actions of the repository itself need no pin. There is no fix: which commit a tag meant is a question to the network.

Bad:

    --- .github/workflows/ci.yml
    on: push
    jobs:
      build:
        runs-on: ubuntu-24.04
        steps:
          - uses: actions/checkout@v6
      call:
        uses: example/workflows/.github/workflows/build.yml@main

Good:

    --- .github/workflows/ci.yml
    on: push
    jobs:
      build:
        runs-on: ubuntu-24.04
        steps:
          - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2
          - uses: ./.github/actions/own
      call:
        uses: ./.github/workflows/build.yml
"""

import re
from collections.abc import Iterator

from drydock.audit.finding import Found, Severity
from drydock.audit.rule import each_workflow, rule
from drydock.audit.workflowfile import WorkflowFile
from drydock.audit.yamltree import Node

COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}", re.IGNORECASE)


def check(file: WorkflowFile) -> Iterator[Found]:
    for job in file.jobs:
        for node in (job.node.get("uses"), *(step.uses for step in job.steps)):
            if node is not None and _moves(node):
                yield file.found(node, f"what {node.text} is can be changed by others")


def _moves(node: Node) -> bool:
    if node.text.startswith(("./", "../", "$")) or "${{" in node.text or not node.text:
        return False
    if node.text.startswith("docker://"):
        return "@sha256:" not in node.text
    return not COMMIT.fullmatch(node.text.rpartition("@")[2])


RULE = rule(__name__, __doc__, Severity.WARNING, each_workflow(check))
