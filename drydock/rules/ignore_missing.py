"""A build context has no ignore file: everything that lies in the folder can be sent and copied.

With `COPY . .` the history, the editor's settings and what tools made on this machine go into the image and into the
cache key of that step: it runs again although no source changed. An ignore file counts at the root of the context.

The fix is safe: it writes one that hides only what git, editors and tools make by themselves, nothing that a Dockerfile
copies by name, no `node_modules` where no step installs it, no `.git` where the build asks git for a version.

Bad:

    FROM python:3.12-slim
    COPY . .
    CMD ["python", "app.py"]
    --- app.py

Good:

    FROM python:3.12-slim
    COPY . .
    CMD ["python", "app.py"]
    --- app.py
    --- .dockerignore
    .git

Good (single files are copied):

    FROM python:3.12-slim
    COPY app.py .
    --- app.py
"""

import posixpath
from collections.abc import Iterator, Sequence

from drydock.audit import hiding
from drydock.audit.buildfile import BuildFile, Spot
from drydock.audit.context import Context
from drydock.audit.finding import Found, Severity, write
from drydock.audit.installs import NPM, PNPM, YARN
from drydock.audit.repository import Repository
from drydock.audit.rule import rule

HISTORY = (".git",)
PACKAGES = ("**/node_modules",)
ALWAYS = (
    *("**/__pycache__", "**/*.py[cod]", ".venv", "venv", ".tox", ".nox"),
    *(".pytest_cache", ".mypy_cache", ".ruff_cache", ".coverage", "htmlcov", ".hypothesis"),
    *(".idea", ".vscode", "**/.DS_Store", ".drydock"),
)


def check(repository: Repository) -> Iterator[Found]:
    for file in repository.buildfiles:
        for context in file.contexts:
            wide = [spot for spot in file.spots("COPY", "ADD") if _is_wide(spot, context)]
            if wide and not context.ignored_by:
                path = posixpath.join(context.folder, ".dockerignore")
                text = "\n".join(_lines(context, repository.built_in(context.folder))) + "\n"
                yield wide[0].found(f"no ignore file: {path} is not there", write(path, text))


def _is_wide(spot: Spot, context: Context) -> bool:
    """Whether it takes a whole folder."""
    return any(one == "." or context.path(one) in context.tree.folders for one in spot.context_sources)


def _lines(context: Context, files: Sequence[BuildFile]) -> Iterator[str]:
    """The lines that hide nothing that is wanted."""
    named = [source for file in files for spot in file.spots("COPY", "ADD") for source in spot.context_sources]
    installs = {install.manager for file in files for spot in file.spots("RUN") for install in spot.installs}
    lines = [] if hiding.asks_git(context, files) else [*HISTORY]
    if installs & {NPM, YARN, PNPM} or not context.has("package.json"):
        lines += PACKAGES
    for line in (*lines, *ALWAYS):
        name = line.removeprefix("**/")
        if not any(name in source.split("/") or (name[0] == "*" and ".pyc" in source) for source in named):
            yield line


RULE = rule(__name__, __doc__, Severity.WARNING, check)
