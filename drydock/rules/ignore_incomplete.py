"""An ignore file leaves visible what tools make: history, packages, bytecode, environments, build output.

What is visible is sent where a step copies its folder, is part of that step's cache key, and lies in the image for
another platform. A step then runs again although no source changed.

Only what belongs to this context is missed: bytecode where there is Python, packages where a step installs Node's,
build output that git ignores as well. The fix is safe: it adds a line for each, at the end, or at the top where lines
take something back in; never for what a Dockerfile copies by name or, without a build step, might take from the host,
and not for `.git` where the build asks git for a version.

Bad:

    FROM python:3.12-slim
    COPY . .
    --- .dockerignore
    README.md
    --- app/main.py
    --- requirements.txt

Good:

    FROM python:3.12-slim
    COPY . .
    --- .dockerignore
    .git
    **/__pycache__
    **/.venv
    **/venv
    --- app/main.py
    --- requirements.txt

Good (a list of what may be seen):

    FROM python:3.12-slim
    COPY . .
    --- .dockerignore
    *
    !main.py
    --- main.py
"""

import posixpath
from collections.abc import Iterator, Sequence

from drydock.audit import copies, hiding, made
from drydock.audit.buildfile import BuildFile
from drydock.audit.context import Context
from drydock.audit.finding import Found, Severity, mend
from drydock.audit.ignorefile import IgnoreFile
from drydock.audit.manifests import package
from drydock.audit.repository import Repository
from drydock.audit.rule import rule

PROJECTS = ("requirements.txt", "pyproject.toml", "setup.py", "Pipfile")
OUTPUT = ("dist", "build", "out", ".next", ".svelte-kit", ".nuxt", ".output")


def check(repository: Repository) -> Iterator[Found]:
    by_file = hiding.users(repository)
    for file in repository.ignorefiles:
        users = by_file.get(file.path, ())
        if users and not any(hiding.named(users)):
            continue  # nothing of the context is taken
        lines = dict.fromkeys(line for context in file.contexts for line in _lines(repository, file, context, users))
        if lines:
            message = f"what tools make is visible: {', '.join(lines)}"
            yield file.found(1, message, mend(file.source, hiding.add(file, tuple(lines))))


def _lines(repository: Repository, file: IgnoreFile, context: Context, users: Sequence[BuildFile]) -> Iterator[str]:
    sources = tuple(hiding.named(users))
    for name, line in _wished(repository, context, users):
        if not hiding.is_wanted(name, sources) and not any(_is_about(words, name) for _, words, _ in file.lines):
            yield line


def _is_about(words: str, name: str) -> bool:
    """Whether a line is about that name already, wherever it holds."""
    return posixpath.basename(words.lstrip("!").rstrip("/")) == name


def _wished(repository: Repository, context: Context, users: Sequence[BuildFile]) -> Iterator[tuple[str, str]]:
    """Names that can be seen and should not be, each with its line."""
    visible = tuple(context.files())
    spots = [spot for user in users for spot in user.spots("RUN")]

    def is_seen(path: str) -> bool:
        return not context.ignore.matches(path)

    if (not context.folder or context.has(".git")) and is_seen(".git") and not hiding.asks_git(context, users):
        yield ".git", ".git"
    folders = {posixpath.dirname(path) for path in visible if path.endswith(".py")}
    if any(is_seen(posixpath.join(one, "__pycache__")) and is_seen(f"{one}/x.pyc".lstrip("/")) for one in folders):
        yield "__pycache__", "**/__pycache__"
    if any(install.manager in made.BUILDERS for spot in spots for install in spot.installs):
        packages = [posixpath.dirname(path) for path in visible if posixpath.basename(path) == "package.json"]
        if any(is_seen(posixpath.join(one, made.NODE_MODULES)) for one in packages):
            yield made.NODE_MODULES, "**/node_modules"
    if any(name in visible for name in PROJECTS) and is_seen(".venv") and is_seen("venv"):
        yield ".venv", "**/.venv"
        if not any(path.startswith("venv/") for path in visible):
            yield "venv", "**/venv"
    if _is_built(context, users):
        for name in OUTPUT:
            path = context.path(name)
            held = any(f"/{name}/" in f"/{one}" for one in visible)
            if is_seen(name) and not held and hiding.is_unversioned(repository, path):
                yield name, f"**/{name}"


def _is_built(context: Context, users: Sequence[BuildFile]) -> bool:
    """Whether there is output to be made, and the host's is not what a build takes."""
    scripts = package(context).get("scripts")
    if not isinstance(scripts, dict) or "build" not in scripts:
        return False
    builds = any(one.is_work for user in users for stage in user.file.stages for one in made.of(user, stage))
    return builds or not any(copies.is_whole(spot) for user in users for spot in user.spots("COPY", "ADD"))


RULE = rule(__name__, __doc__, Severity.WARNING, check)
