"""A pattern of the ignore file holds at the root of the context alone, and misses the same name in folders below.

In `.gitignore` a bare `__pycache__` means every folder of that name; in an ignore file of Docker it means the one at
the root, where there is none. `**/__pycache__` means all of them.

Only patterns are found for which such a folder is there or will be: bytecode beside nested Python, packages beside a
nested package.json. The fix is safe: what it hides in addition is made by tools. It is declined where a Dockerfile
copies something of that name, or installs no packages itself, and is not safe for settings that git keeps.

Bad:

    FROM python:3.12-slim
    COPY . .
    --- .dockerignore
    .git
    __pycache__/
    --- app/main.py

Bad (packages):

    FROM node:22-slim
    COPY . .
    RUN npm ci
    --- .dockerignore
    /node_modules
    --- package.json
    --- widgets/package.json

Good:

    FROM python:3.12-slim
    COPY . .
    --- .dockerignore
    **/__pycache__
    node_modules
    --- app/main.py
    --- package.json
"""

import posixpath
from collections.abc import Iterator, Sequence

from drydock.audit import hiding, made
from drydock.audit.buildfile import BuildFile
from drydock.audit.context import Context
from drydock.audit.finding import Found, Severity, mend
from drydock.audit.repository import Repository
from drydock.audit.rule import rule
from drydock.audit.source import Edit

BYTECODE = ("__pycache__", "*.pyc", "*.pyo", "*.py[cod]", "*.py[co]")
OTHERS = (".env", ".venv", "venv", ".DS_Store", ".pytest_cache", ".mypy_cache", ".ruff_cache")


def check(repository: Repository) -> Iterator[Found]:
    by_file = hiding.users(repository)
    for file in repository.ignorefiles:
        for number, words, pattern in file.lines:
            missed = next((path for one in file.contexts if (path := _missed(one, pattern.path))), "")
            if not pattern.back and missed:
                message = f"{words} does not mean {missed}"
                declined = _why_not(by_file.get(file.path, ()), pattern.path)
                start = file.source.line_start(number)
                at = start + file.source.text[start:].index(words)
                safe = pattern.path != ".env" or hiding.is_unversioned(repository, missed)
                edit = Edit(at, at + words.startswith("/"), "**/")
                yield file.found(
                    number, message, None if declined else mend(file.source, edit, safe=safe), declined=declined
                )


def _missed(context: Context, name: str) -> str:
    """A path below the context's root that the pattern misses; "" where there is none that would be expected."""
    if name in BYTECODE:
        near, made_of = ".py", name.replace("[cod]", "c").replace("[co]", "c").replace("*", "main")
    elif name == made.NODE_MODULES:
        near, made_of = "/package.json", name
    elif name in OTHERS:
        near, made_of = f"/{name}", name
    else:
        return ""
    for path in context.tree.below(context.folder):
        inside = path[len(context.folder) + 1 :] if context.folder else path
        if "/" in inside and inside.endswith(near) and not any(part in OTHERS for part in inside.split("/")[:-1]):
            found = posixpath.join(posixpath.dirname(inside), made_of)
            if not context.ignore.matches(posixpath.dirname(inside)) and not context.ignore.matches(found):
                return found
    return ""


def _why_not(users: Sequence[BuildFile], name: str) -> str:
    if hiding.is_wanted(name, tuple(hiding.named(users))):
        return "a Dockerfile copies something of that name"
    spots = (spot for user in users for spot in user.spots("RUN"))
    if name == made.NODE_MODULES and not any(one.manager in made.BUILDERS for spot in spots for one in spot.installs):
        return "no step of the build installs the packages, so that they may come from the host"
    return ""


RULE = rule(__name__, __doc__, Severity.NOTE, check)
