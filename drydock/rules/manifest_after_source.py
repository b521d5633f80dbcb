"""Packages are installed after the source was copied: every edit of the source installs them all again.

A step runs again when something before it changed. What decides which packages are installed is a file or two; copied
first and alone, they let the install come from the cache until one of them changes. This is worth the whole time of the
install at every edit of the source. Found is a COPY of everything, and one of a part of the source where the install
is known to read nothing of that.

The fix is safe: it copies the manifests where the source was copied, and the source after the install. It is declined
where the install wants the source (hooks, `-e .`, local packages, workspaces), where other steps stand between that may
want it, and where `node_modules` of the machine would be copied over what was installed.

Bad:

    FROM python:3.12-slim
    WORKDIR /srv
    COPY . .
    RUN pip install -r requirements.txt
    CMD ["python", "app.py"]
    --- requirements.txt
    flask
    --- app.py
    --- .dockerignore
    .git

Bad (Node):

    FROM node:22-slim
    WORKDIR /srv
    COPY . .
    RUN npm ci
    --- package.json
    {"name": "app"}
    --- package-lock.json
    {"lockfileVersion": 3, "packages": {"": {"name": "app"}}}
    --- .dockerignore
    node_modules

Bad (a part of the source):

    FROM node:22-slim
    WORKDIR /srv
    # The program
    COPY src ./src
    COPY package.json package-lock.json ./
    RUN npm ci
    --- package.json
    {"name": "app"}
    --- package-lock.json
    {"lockfileVersion": 3, "packages": {"": {"name": "app"}}}
    --- src/server.js

Good:

    FROM python:3.12-slim
    WORKDIR /srv
    COPY requirements.txt ./
    RUN pip install -r requirements.txt
    COPY . .
    CMD ["python", "app.py"]
    --- requirements.txt
    flask
"""

from collections.abc import Iterator

from drydock.audit import copies, early, reorder
from drydock.audit.buildfile import Spot
from drydock.audit.finding import Found, Severity, mend
from drydock.audit.rule import each_instruction, rule


def check(spot: Spot) -> Iterator[Found]:
    if spot.one.flag("from"):
        return
    if not copies.is_whole(spot):
        yield from _in_part(spot)
        return
    late = reorder.late_installs(spot)
    if not late:
        return
    message = "the source is copied before the packages are installed, so every edit installs them again"
    edits, declined = reorder.source_last(spot, late)
    yield spot.found(message, mend(spot.source, *edits) if edits else None, declined=declined)


def _in_part(spot: Spot) -> Iterator[Found]:
    """A finding for all early copies of a stage, at the first of them."""
    found = early.of(spot)
    if found is not None:
        what = " and ".join(found.sources)
        message = f"{what}: copied before the packages are installed, so every edit of that installs them again"
        yield spot.found(message, mend(spot.source, *early.edits(found)))


RULE = rule(__name__, __doc__, Severity.WARNING, each_instruction(check, "COPY", "ADD"))
