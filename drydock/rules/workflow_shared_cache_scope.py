"""Several images share one cache scope: each build overwrites what the one before has kept.

`type=gha` keeps one cache for each scope, and the scope is `buildkit` where none is named. Two images that write to the
same one throw out each other's layers at every run, so that both build from nothing. The same holds for one `ref` of
`type=registry`, and for a matrix of images whose scope does not name the member.

The fix is safe: it gives each image after the first a scope of its own, named after its context, in `cache-from` and in
`cache-to`. It is declined where these hold more than one cache, or variables.

Bad:

    --- .github/workflows/ci.yml
    on: push
    jobs:
      images:
        runs-on: ubuntu-24.04
        steps:
          - uses: docker/setup-buildx-action@v3
          - uses: docker/build-push-action@v6
            with:
              context: api
              cache-from: type=gha
              cache-to: type=gha,mode=max
          - uses: docker/build-push-action@v6
            with:
              context: web
              cache-from: type=gha
              cache-to: type=gha,mode=max  # all stages

Bad (a matrix):

    --- .github/workflows/ci.yml
    on: push
    jobs:
      images:
        runs-on: ubuntu-24.04
        strategy:
          matrix:
            image: [api, web]
        steps:
          - uses: docker/setup-buildx-action@v3
          - uses: docker/build-push-action@v6
            with:
              context: ${{ matrix.image }}
              cache-to: type=gha,mode=max

Good:

    --- .github/workflows/ci.yml
    on: push
    jobs:
      images:
        runs-on: ubuntu-24.04
        steps:
          - uses: docker/build-push-action@v6
            with:
              context: api
              cache-to: type=gha,mode=max,scope=api
          - uses: docker/build-push-action@v6
            with:
              context: web
              cache-to: type=gha,mode=max,scope=web
"""

import posixpath
import re
from collections.abc import Iterator

from drydock.audit import ciimages
from drydock.audit.finding import Found, Severity, mend
from drydock.audit.repository import Repository
from drydock.audit.rule import rule
from drydock.audit.source import Edit
from drydock.audit.workflowfile import WorkflowFile, WorkStep
from drydock.audit.yamltree import Node

INPUTS = ("cache-from", "cache-to")
NAMED = re.compile(r"(?<=scope=)[^,\s]+")
PLAIN = re.compile(r"[\w./-]+")


def check(repository: Repository) -> Iterator[Found]:
    first = dict[tuple[str, str], tuple[str, ...]]()
    taken = {scope for file in repository.workflows for _, step in file.steps for _, scope in _scopes(step)}
    for file in repository.workflows:
        for _, step in file.steps:
            if step.action != ciimages.ACTION or step.uses is None:
                continue
            what = tuple(step.given(name) or "" for name in ("context", "file", "target"))
            for kind, scope in _scopes(step):
                if _is_matrix(what) and "matrix." not in scope:
                    message = "every member of the matrix writes to the same cache"
                    yield file.found(
                        step.uses, message, declined="which of its words tells images apart, only you know"
                    )
                elif "${{" not in " ".join(what) and first.setdefault((kind, scope), what) != what:
                    message = f"{what[0] or 'this image'} shares the cache {scope} with {first[kind, scope][0]}"
                    edits, declined = _edits(file, step, kind, what, taken)
                    fix = mend(file.source, *edits) if edits else None
                    yield file.found(step.node, message, fix, declined=declined)


def _is_matrix(what: tuple[str, ...]) -> bool:
    return any("${{ matrix." in word or "${{matrix." in word for word in what)


def _scopes(step: WorkStep) -> Iterator[tuple[str, str]]:
    """Kind and name of each cache that a step writes."""
    for line in (step.given("cache-to") or "").splitlines():
        options = dict(word.strip().partition("=")[::2] for word in line.split(","))
        if options.get("type") == "gha":
            yield "gha", options.get("scope", "buildkit")
        elif options.get("type") == "registry" and "ref" in options:
            yield "registry", options["ref"]


def _edits(
    file: WorkflowFile, step: WorkStep, kind: str, what: tuple[str, ...], taken: set[str]
) -> tuple[tuple[Edit, ...], str]:
    if kind != "gha":
        return (), "where another cache should be kept, only you know"
    names = [posixpath.basename(what[0].rstrip("/.")), *(posixpath.basename(word) for word in (what[2], what[1]))]
    words = ["-".join(word for word in (names[0], name) if word) for name in ("", *names[1:])]
    free = next((word for word in words if PLAIN.fullmatch(word) and word not in taken), "")
    found = [_edit(file, step.node.get("with", name), free) for name in INPUTS if step.given(name) is not None]
    if not free or any(edit is None for edit in found):
        return (), "the caches are written in a form in which a scope cannot be set"
    return tuple(edit for edit in found if edit), ""


def _edit(file: WorkflowFile, node: Node | None, name: str) -> Edit | None:
    """Another scope in a value that is written in one line and holds one cache."""
    raw = file.source.text[node.start : node.end] if node is not None else ""
    if node is None or "\n" in raw or "${{" in raw or raw.strip("'\"") != node.text or "type=gha" not in raw:
        return None
    named = NAMED.search(raw.rstrip("'\""))
    if named:
        return Edit(node.start + named.start(), node.start + named.end(), name)
    end = node.end - (raw[-1] in "'\"")
    return Edit(end, end, f",scope={name}")


RULE = rule(__name__, __doc__, Severity.WARNING, check)
