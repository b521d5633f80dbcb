"""An ignore file counts for no build: it lies beside the context's root, or another one wins over it.

BuildKit reads `<Dockerfile>.dockerignore` beside the Dockerfile, else `.dockerignore` at the root of the context, and
never one above or below it. A dead file gives the feeling that something is left out which is sent and copied.

Only where compose files, workflows and scripts name the contexts can this be told; where a context is guessed, nothing
is said of files that it might have meant.

There is no fix: whether the file moves or goes, only you know.

Bad:

    --- .dockerignore
    node_modules
    --- compose.yml
    services:
      web:
        build: web
    --- web/Dockerfile
    FROM node:22-slim

Bad (another one wins):

    FROM node:22-slim
    --- .dockerignore
    node_modules
    --- Dockerfile.dockerignore
    .git
    --- compose.yml
    services:
      web:
        build: .

Good:

    --- web/.dockerignore
    node_modules
    --- compose.yml
    services:
      web:
        build: web
    --- web/Dockerfile
    FROM node:22-slim
"""

import posixpath
import re
from collections.abc import Iterator

from drydock.audit import ciimages, scripting
from drydock.audit.composefile import filled, joined
from drydock.audit.finding import Found, Severity
from drydock.audit.ignorefile import IgnoreFile
from drydock.audit.repository import Repository
from drydock.audit.rule import rule
from drydock.audit.yamltree import Shape

BUILDS = re.compile(r"\bdocker (buildx |image )?(build|bake)\b|\bpodman build\b|\bbuildah\b|\bkaniko\b")
NAME = ".dockerignore"


def check(repository: Repository) -> Iterator[Found]:
    dead = [file for file in repository.ignorefiles if not file.contexts]
    if not dead or not repository.buildfiles:
        return
    folders, builder = set(_folders(repository)), scripting.reader(repository, BUILDS)
    for file in dead:
        folder, own = posixpath.dirname(file.path), posixpath.basename(file.path) != NAME
        winner = _winner(repository, file)
        if winner:
            yield file.found(1, f"{winner} counts in its place")
        elif own and file.path.removesuffix(NAME) in repository.tree.files:
            continue  # its Dockerfile is there, but cannot be read
        elif folder not in folders and not builder and not _may_count(repository, folder):
            yield file.found(1, "no build reads it: it lies at the root of no context")


def _winner(repository: Repository, file: IgnoreFile) -> str:
    """The ignore file that all builds of this one's folder read instead."""
    folder = posixpath.dirname(file.path)
    contexts = [context for one in repository.buildfiles for context in one.contexts if context.folder == folder]
    winners = {context.ignored_by for context in contexts}
    return winners.pop() if posixpath.basename(file.path) == NAME and len(winners) == 1 and contexts else ""


def _folders(repository: Repository) -> Iterator[str]:
    """Contexts that are named beside those of Dockerfiles: by workflows, or as additional contexts."""
    for workflow in repository.workflows:
        yield from (one.folder for one in ciimages.of(repository, workflow) if one.folder is not None)
    for file in repository.composefiles:
        for service in file.services:
            node = service.get("build", "additional_contexts")
            values = [value.text for _, value in node.entries() if value.shape is Shape.SCALAR] if node else []
            values += [word.partition("=")[2] for word in node.words()] if node else []
            base = posixpath.dirname(file.path)
            yield from (found for value in values if (found := joined(base, filled(value))) is not None)
            context = service.get("build", "context") or service.get("build")
            if context is not None and context.shape is Shape.SCALAR:
                yield joined(base, filled(context.text)) or ""


def _may_count(repository: Repository, folder: str) -> bool:
    """Whether a Dockerfile, the context of which is only guessed, might be built in that folder."""
    guessed = [one for one in repository.buildfiles if not all(context.sure for context in one.contexts)]
    return any(f"{one.path}/".startswith(f"{folder}/" if folder else "") for one in guessed)


RULE = rule(__name__, __doc__, Severity.WARNING, check)
