"""Scripts of the repository: who calls what, and where a word of a workflow's script stands in the file. Pure."""

import posixpath
import re

from drydock.audit.repository import Repository
from drydock.audit.source import Source
from drydock.audit.workflowfile import WorkStep
from drydock.audit.yamltree import Node

SCRIPT = re.compile(
    r".*\.(sh|bash|mk)|(GNU)?[Mm]akefile|[Jj]ustfile|Taskfile\.ya?ml|tasks\.py|package\.json|Jenkinsfile"
)
CALLED = re.compile(r"^(?:\./|(?:ba|da|a)?sh\s+(?:-\w+\s+)*(?:\./)?)([\w./-]+)[ \t]*$", re.MULTILINE)
COMMENT = re.compile(r"^\s*(#|//).*$", re.MULTILINE)


def reader(repository: Repository, words: re.Pattern[str]) -> str:
    """The first script or workflow with these words outside of comments, by its path; "" where there is none."""
    paths = [one for one in sorted(repository.tree.files) if SCRIPT.fullmatch(posixpath.basename(one))]
    paths += [file.path for file in repository.workflows]
    if ".gitlab-ci.yml" in repository.tree.files:
        paths.append(".gitlab-ci.yml")
    found = ((path, repository.read(path)) for path in paths)
    return next((path for path, text in found if text and words.search(COMMENT.sub("", text.text))), "")


def scripts(repository: Repository, step: WorkStep) -> tuple[str, ...]:
    """What a step runs: its own script, and those of the repository that it calls by path, without further words."""
    if step.run is None:
        return ()
    own = step.run.text
    called = [repository.read(posixpath.normpath(path)) for path in CALLED.findall(own)]
    return (own, *(text.text for text in called if text and not text.text.startswith("#!/usr/bin/env python")))


def place(source: Source, node: Node, offset: int) -> int | None:
    """Where a character of a scalar stands in the file; None where the way it is written hides that."""
    raw = source.text[node.start : node.end]
    if raw == node.text:
        return node.start + offset
    if raw[1:-1] == node.text and raw[0] in "'\"":
        return node.start + 1 + offset
    return _place_in_block(raw, node, offset) if raw[0] == "|" else None


def _place_in_block(raw: str, node: Node, offset: int) -> int | None:
    """Line by line: those of a literal block are those of the file behind their indent."""
    header, *lines = raw.split("\n")
    wanted = node.text[:offset].count("\n")
    column = offset - (node.text.rfind("\n", 0, offset) + 1)
    words = node.text.split("\n")[wanted]
    if wanted >= len(lines) or not lines[wanted].rstrip("\r").endswith(words):
        return None
    indent = len(lines[wanted].rstrip("\r")) - len(words)
    return node.start + len(header) + 1 + sum(len(line) + 1 for line in lines[:wanted]) + indent + column
